"""The list that goes to the treasury, accounts in full, and the sheet in which its answer comes back: one file serves both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from diguan.kernel import money
from diguan.kernel.lists import files
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.sheets import guard
from diguan.kernel.sheets.check import Checked
from diguan.kernel.sheets.declare import Column, RecordSheet, Sheet, heading_key
from diguan.kernel.sheets.reader import Read, Row, cells_of
from diguan.policies.actions import results
from diguan.policies.actions.results import Answer, Told
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import PaymentLine, PaymentOrder, PaymentResult, ResultState
from diguan.policies.queries import ledgers, payments

HEADINGS = ("付款通知号", "明细号", "收款户名", "收款账号", "开户行", "应付金额（元）", "企业名称", "统一社会信用代码", "结果", "支付金额（元）", "支付日期", "凭证号", "退回原因")
_WORDS = {"已支付": "paid", "支付成功": "paid", "成功": "paid", "部分支付": "part", "已退回": "returned", "退回": "returned", "银行退回": "returned", "失败": "returned"}


def table(order: PaymentOrder, lines: Sequence[PaymentLine]) -> list[list[Any]]:
    """The rows of the list under its headings; the treasury fills in the last five columns."""
    rows = [[order.number, row.pk, row.payee, row.account, row.bank, files.value("money", row.amount_fen), row.claim.enterprise.name, row.claim.enterprise.uscc, None, None,
             None, None, None] for row in lines]
    return [list(HEADINGS), *rows]


def treasury_file(order: PaymentOrder, by: str) -> bytes:
    """The workbook for the treasury."""
    lines, settled = _waiting(list(order.lines.select_related("claim__enterprise").order_by("id")))
    about = [(_("付款通知"), order.number), (_("笔数"), str(len(lines))), (_("合计"), f"{money.exact(sum(row.amount_fen for row in lines))} 元"),
             (_("审批"), f"{order.approved_by} · {order.approved_at:%Y-%m-%d}"), (_("回填"), _("付完后填好结果、支付金额、支付日期、凭证号、退回原因，原样交回，按“国库支付结果”导入；没有结果的行先空着")), (_("导出"), by)]
    if settled:
        about.insert(3, (_("不再列出"), _("{n} 笔已付清或已退回").format(n=settled)))
    return files.xlsx(table(order, lines), order.number, about)


def _waiting(lines: list[PaymentLine]) -> tuple[list[PaymentLine], int]:
    """The lines with something still to be paid, and how many are left out: a list taken again pays nobody twice. Where none waits, all of them, as the record."""
    sums = ledgers.line_sums(row.pk for row in lines)
    open_ = [row for row in lines if not sums[row.pk].ordered or sums[row.pk].ordered > sums[row.pk].paid]
    return (open_, len(lines) - len(open_)) if open_ else (lines, 0)


# ── the answer ───────────────────────────────────────────────────────────────
SHEET = Sheet(
    name="treasury_answers", title={"zh": "国库支付结果", "en": "Answers of the treasury"}, source="ledger", key="line", subject="payment_line",
    columns=(
        Column("order", "text", ("付款通知号", "通知号"), title={"zh": "付款通知号", "en": "Payment order"}),
        Column("line", "number", ("明细号", "明细编号"), required=True, filled=True, title={"zh": "明细号", "en": "Line"}),
        Column("account", "text", ("收款账号", "账号"), title={"zh": "收款账号", "en": "Account"}),
        Column("outcome", "choice", ("结果", "支付结果", "状态"), required=True, title={"zh": "结果", "en": "Outcome"},
               choices={heading_key(word): name for word, name in _WORDS.items()}),
        Column("fen", "money", ("支付金额", "实付金额", "支付金额（元）"), unit="元", required=True, title={"zh": "支付金额", "en": "Amount"}),
        Column("day", "date", ("支付日期", "支付或退回日期", "日期"), required=True, title={"zh": "支付日期", "en": "Day"}),
        Column("number", "text", ("凭证号", "支付凭证号"), required=True, title={"zh": "凭证号", "en": "Voucher"}),
        Column("reason", "text", ("退回原因", "原因"), title={"zh": "退回原因", "en": "Reason"}),
    ))
_NEEDED = ("outcome", "fen", "day", "number")
"""What an answer says; a row with none of it (nor a reason) is one the treasury has not answered yet."""


class _Known:
    """What is known of the lines a file names, for the person who brings it; grows as its rows are read."""

    def __init__(self, read: Read, by: Any) -> None:
        keys = sorted({int(row.values["line"]) for row in read.rows if isinstance(row.values.get("line"), int)})
        mine = set(payments.orders(by).values_list("pk", flat=True))
        self.lines: dict[int, PaymentLine] = {}
        for part in chunks(keys):
            self.lines |= {row.pk: row for row in PaymentLine.objects.filter(pk__in=part, order__in=mine).select_related("order", "claim")}
        self.sums, self.waiting = ledgers.line_sums(self.lines), ledgers.waiting_of(self.lines)
        rows = PaymentResult.objects.filter(line__in=list(self.lines)).exclude(state=ResultState.REJECTED).values_list("key", "fen")
        self.there = dict(rows)
        self.seen: dict[str, Row] = {}


def preview(read: Read, *, by: Any) -> Checked:
    """Every row is checked against its line and the rows before it; what is entered already is counted as the same. Writes nothing.

    Raises:
        guard.SheetRefused: the file has no rows.
    """
    if not read.rows and not read.errors:
        raise guard.refuse("表头下面没有数据行", "there are no rows below the headings")
    rows = [row for row in read.rows if any(row.raw(name) for name in (*_NEEDED, "reason"))]
    if read.rows and not rows:
        raise guard.refuse("没有一行填了结果：填好付了的、退回的再导入，其余空着", "no row is filled in: fill in what was paid or returned, and leave the rest empty")
    _fill(read, rows)
    known = _Known(read, by)
    answers = [one for row in rows if not row.broken and (one := _answer(read, row, known)) is not None]
    new = [one for one in answers if results.key_of(one.line, one.told) not in known.there]
    ordered = list(cells_of(read))
    errors = [one for one in ordered if not one.warning]
    return Checked(read, errors=errors, warnings=[one for one in ordered if one.warning], payload=[] if errors else answers,
                   changes={"new": len(new), "changed": 0, "same": len(answers) - len(new), "gone": 0}, notes=_notes(new, len(read.rows) - len(rows)))


def _notes(new: Sequence[Answer], empty: int) -> list[Message]:
    said = [Message("入库后都是“待复核”，由另一个人复核才入账", "all of it waits until another person books it")] if new else []
    return [*said, Message(f"{empty} 行还没填结果，没有读", f"{empty} rows are not filled in yet and were not read")] if empty else said


def _fill(read: Read, rows: Sequence[Row]) -> None:
    """A row that was begun is filled in whole."""
    for row in rows:
        for name in _NEEDED:
            if row.values.get(name) is None and not row.raw(name):
                column = SHEET.column(name)
                read.report(row, name, Message(f"“{column.label()}”不能为空", f"“{column.label('en')}” must be filled"))


def _answer(read: Read, row: Row, known: _Known) -> Answer | None:
    """What a row says; None where something in it is wrong, which is then reported at its cell."""
    line = known.lines.get(row.values["line"])
    if line is None:
        read.report(row, "line", Message("没有这个明细号，或不归您管；请用付款清单里的明细号", "there is no such line, or not yours; use those of the list"))
        return None
    told = _told(row)
    _names(read, row, line)
    _twin(read, row, known, results.key_of(line.pk, told))
    if not row.broken and results.key_of(line.pk, told) not in known.there:
        _check(read, row, line, told, known)
    return None if row.broken else Answer(line.pk, told)


def _told(row: Row) -> Told:
    day = row.values["day"]
    outcome = "returned" if row.values["outcome"] == "returned" else "paid"
    return Told(outcome, int(row.values["fen"]), day if isinstance(day, dt.date) else dt.date.min, str(row.values["number"]), str(row.values.get("reason") or ""))


def _names(read: Read, row: Row, line: PaymentLine) -> None:
    """The number of the order and the account, where the file has them, are those of the line."""
    said = row.values
    if said.get("order") and heading_key(said["order"]) != heading_key(line.order.number):
        read.report(row, "order", Message(f"明细 {line.pk} 属于 {line.order.number}", f"line {line.pk} is of {line.order.number}"))
    if said.get("account") and "".join(str(said["account"]).split()) != line.account:
        read.report(row, "account", Message("账号和付款通知上的不同", "the account is not the one of the order"))


def _twin(read: Read, row: Row, known: _Known, key: str) -> None:
    first = known.seen.setdefault(key, row)
    if first is not row:
        read.report(row, "number", Message(f"和第 {first.number} 行是同一张凭证的同一笔", f"the same voucher and line as row {first.number}"))
    if key in known.there and known.there[key] != row.values["fen"]:
        read.report(row, "fen", Message(f"这张凭证已登记，金额是 {money.exact(known.there[key])} 元", f"this voucher is entered already, with {money.exact(known.there[key])} yuan"))


_COLUMNS = {"line": "line", "fen": "fen", "day": "day", "number": "number", "reason": "reason"}


def _check(read: Read, row: Row, line: PaymentLine, told: Told, known: _Known) -> None:
    sums, waiting = known.sums[line.pk], known.waiting.get(line.pk, 0)
    wrong = results.problem(line, told, waiting, sums)
    if wrong:
        read.report(row, _COLUMNS[wrong[0]], Message(wrong[1], wrong[2]))
        return
    _whole(read, row, told, _open(line, sums, waiting))
    known.waiting[line.pk] = waiting + told.fen


def _open(line: PaymentLine, sums: Sums, waiting: int) -> int:
    return sums.ordered - sums.paid - waiting if line.live else 0


def _whole(read: Read, row: Row, told: Told, open_: int) -> None:
    """“Paid” means the whole of it: a smaller amount has to be called a part."""
    if row.values["outcome"] == "paid" and told.fen != open_:
        read.report(row, "fen", Message(f"结果写的是已支付，应付还有 {money.exact(open_)} 元；只付了一部分请写“部分支付”", f"it says paid, yet {money.exact(open_)} yuan are open; a part is “部分支付”"))


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the rows; another person books them."""
    results.import_results(answers=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=results.RECORD)
