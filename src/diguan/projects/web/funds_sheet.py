"""The sheet of funds (到资台账): one row a payment; the project by its number. All of a file or nothing, each row still needs its slip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diguan.kernel import access
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import ABSENT, Read, Row
from diguan.projects.actions import funds
from diguan.projects.actions.funds import Entry, Said
from diguan.projects.models import FundKind, FundOrigin, Project
from diguan.projects.queries import funds as register

_KINDS = {"实缴注册资本": "capital", "注册资本": "capital", "实缴资本": "capital", "土地款": "land", "土地出让金": "land", "土地": "land", "建设结算款": "construction", "工程款": "construction", "建设结算": "construction",
          "设备发票": "equipment", "设备款": "equipment", "设备": "equipment", "其他": "other", **{kind.value: kind.value for kind in FundKind}}
_ORIGINS = {"县内": "county", "本县": "county", "省内县外": "province", "省内": "province", "省外": "other_province", "境外": "overseas", "外资": "overseas", **{one.value: one.value for one in FundOrigin}}

SHEET = Sheet(
    name="project_funds", title={"zh": "到资台账", "en": "Funds in place"}, source="promotion", key="project", subject="project",
    columns=(
        headed("project", "项目编号 编号", "Project", required=True, filled=True),
        headed("kind", "到资类别 类别 款项", "Kind", "choice", required=True, filled=True, choices={heading_key(word): value for word, value in _KINDS.items()}),
        headed("origin", "资金来源地 来源地", "Origin", "choice", required=True, filled=True, choices={heading_key(word): value for word, value in _ORIGINS.items()}),
        headed("payer", "付款方 付款单位 付款人", "Payer", required=True, filled=True),
        headed("payer_uscc", "付款方信用代码 统一社会信用代码 信用代码", "Payer's credit code", "uscc"),
        headed("paid_on", "付款日期 到资日期 日期", "Paid on", "date", required=True, filled=True),
        headed("amount_fen", "到资金额 金额", "Amount", "money", unit="万元", required=True, filled=True),
        headed("document", "凭证号 票据号 发票号", "Document", required=True, filled=True),
    ))


def preview(read: Read, *, by: Any) -> Checked:
    """Errors by cell and how many lines the file would enter; writes nothing."""
    known, twins = _projects(read, by), dict[tuple[Any, ...], Row]()
    entries = [entry for row in read.rows if (entry := _entry(read, row, known, twins, by)) is not None]
    notes = [Message("入库后都是“待核实”：逐笔补上凭证文件，由另一个人核实才计到资", "all of it waits: each line needs its slip, and another person to verify it, before it counts")] if entries else []
    return of_records(read, changes={"new": len(entries), "changed": 0, "same": 0}, notes=[*unread(read), *notes], payload=entries)


def _projects(read: Read, by: Any) -> Mapping[str, Project]:
    numbers = {str(row.values.get("project") or "").strip() for row in read.rows}
    return {row.number: row for row in access.visible(Project.objects.filter(number__in=numbers), by, register.ENTER)}


def _entry(read: Read, row: Row, known: Mapping[str, Project], twins: dict[tuple[Any, ...], Row], by: Any) -> Entry | None:
    """What a row tells; None where something in it is wrong, which is then reported at its cell."""
    if row.broken:
        return None
    told = {name: value for name, value in row.values.items() if value not in (None, "")}
    if told.get("amount_fen") is ABSENT:
        read.report(row, "amount_fen", Message("要写金额", "the amount is needed"))
        return None
    project = known.get(str(told.pop("project")).strip())
    if project is None:
        read.report(row, "project", Message("没有这个项目编号，或不归您录入", "there is no such project, or it is not yours"))
        return None
    said = Said(**{**told, "payer_uscc": str(told.get("payer_uscc", ""))})
    try:
        values = funds.checked(said)
    except Refusal as refusal:
        read.report(row, refusal.field, refusal.reasons[0])
        return None
    for mark in funds.marks_of(said.payer, said.payer_uscc):
        first = twins.setdefault((*mark, values["document_key"]), row)
        if first is not row:
            read.report(row, "document", Message(f"和第 {first.number} 行是同一张凭证", f"the same paper as row {first.number}"))
            return None
    if (other := funds.twin(values)) is not None:
        read.report(row, "document", funds.taken(other, by))
        return None
    return Entry(project.pk, said)


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the file whole."""
    funds.import_funds(entries=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=register.IMPORT)
