"""The file that goes out for text messages or a provincial portal, and the sheet in which its receipts come back."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from diguan.kernel import access, clocks
from diguan.kernel.lists import files
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions, queries
from diguan.kernel.notices.models import Channel, Dispatch, Notice
from diguan.kernel.notices.queries import Due
from diguan.kernel.records import chunks
from diguan.kernel.sheets import check, guard
from diguan.kernel.sheets.check import Checked
from diguan.kernel.sheets.declare import Column, RecordSheet, Sheet, heading_key
from diguan.kernel.sheets.reader import Read, Row, cells_of

HEADINGS = ("通知编号", "手机号", "内容", "企业名称", "统一社会信用代码")
_DONE = {"成功": "delivered", "已送达": "delivered", "送达": "delivered", "delivered": "delivered", "success": "delivered", "ok": "delivered"}
_FAILED = {"失败": "failed", "未送达": "failed", "没有送到": "failed", "failed": "failed", "failure": "failed"}
MOST_REASON = 200
LEEWAY = dt.timedelta(days=1)  # the platform's clock need not be ours
EARLIEST = 2000


def table(due: Sequence[Due]) -> list[list[Any]]:
    """The rows of an outbox file under its headings, which are Chinese whatever the page's language: programs read them."""
    return [list(HEADINGS), *([each.notice.pk, each.phone, each.notice.text, each.notice.addressee, each.notice.uscc] for each in due)]


def outbox_file(due: Sequence[Due], number: int, kind: str, by: str) -> tuple[bytes, str]:
    """The file and its media type; ``kind`` is xlsx or csv."""
    if kind == "csv":
        return files.csv_text(table(due)), files.CSV
    about = [(_("名单"), _("待发短信，第 {n} 批").format(n=number)), (_("行数"), str(len(due))),
             (_("回执"), _("发完后把每条的编号、状态、时间、没送到的原因交回，按“通知回执”导入")), (_("导出"), by)]
    return files.xlsx(table(due), _("待发短信"), about), files.XLSX


# ── receipts ─────────────────────────────────────────────────────────────────
def _instant(text: str) -> dt.datetime | None:
    """An instant as receipts write it, in the county's time; a day alone is its beginning."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("/", "-").replace(".", "-")
    try:
        found = dt.datetime.fromisoformat(plain)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=clocks.COUNTY_TIME)


def _wrong_instant(text: str) -> Message | None:
    found = _instant(text)
    if found is None:
        return Message(f"“{text}”不是时间；请写成 2026-10-31 09:30", f"“{text}” is no time; write 2026-10-31 09:30")
    now = clocks.now() + LEEWAY
    if not EARLIEST <= found.year <= now.year or found > now:
        return Message(f"“{text}”不会是回执的时间：还没到，或太早", f"“{text}” cannot be the time of a receipt: it is yet to come, or too early")
    return None


SHEET = Sheet(
    name="notice_receipts", title={"zh": "通知回执", "en": "Receipts of notices"}, source="messages", key="notice", subject="notice",
    columns=(
        Column("notice", "number", ("通知编号", "编号", "消息编号"), required=True, filled=True, title={"zh": "通知编号", "en": "Notice"}),
        Column("status", "choice", ("状态", "发送状态", "回执状态"), required=True, filled=True, title={"zh": "状态", "en": "Status"},
               choices={heading_key(word): state for word, state in {**_DONE, **_FAILED}.items()}),
        Column("at", "text", ("时间", "回执时间", "送达时间"), required=True, filled=True, title={"zh": "时间", "en": "Time"}, check=_wrong_instant),
        Column("reason", "text", ("原因", "失败原因", "说明"), title={"zh": "原因", "en": "Reason"}),
    ))


def preview(read: Read, *, by: Any) -> Checked:
    """Every receipt must be of a notice that was handed over and not answered for yet, once; a failure says why.

    Raises:
        guard.SheetRefused: the file has no rows.
    """
    if not read.rows and not read.errors:
        raise guard.refuse("表头下面没有数据行", "there are no rows below the headings")
    check.duplicates(read)
    numbers = [row.values["notice"] for row in read.rows if row.values.get("notice") is not None]
    waiting, known = actions.waiting_for_receipt(by, numbers), _known(by, numbers)
    for row in read.rows:
        _check(read, row, waiting, known)
    ordered = list(cells_of(read))
    errors = [error for error in ordered if not error.warning]
    receipts = [] if errors else [_receipt(row) for row in read.rows]
    return Checked(read, errors=errors, warnings=[error for error in ordered if error.warning], payload=receipts,
                   changes={"new": len(receipts), "changed": 0, "same": 0, "gone": 0})


def _known(person: Any, numbers: Sequence[int]) -> dict[int, str]:
    """Of these numbers the notices the person's right reaches, with how far each has come by file; empty where it never went that way."""
    found: dict[int, str] = {}
    for part in chunks(numbers):
        found |= dict.fromkeys(access.visible(Notice.objects.all(), person, queries.RECEIPT).filter(pk__in=part).values_list("pk", flat=True), "")
        ways = Dispatch.objects.filter(notice__in=part, channel=Channel.FILE)
        found |= {notice: state for notice, state in ways.values_list("notice_id", "state") if notice in found}
    return found


_SAID = {
    "queued": Message("这条通知还没有交出过，不会有回执", "this notice was never handed over; it can have no receipt"),
    "skipped": Message("这条通知没有交出过：企业已在网页上看过，或已撤回", "this notice was never handed over: it was read on the page, or withdrawn"),
    "": Message("这条通知不发短信，不会有回执", "this notice goes out by no message; it can have no receipt"),
}
_AGAIN = Message("这条通知的回执已经入库", "the receipt of this notice is in already")
_UNKNOWN = Message("没有这个编号的通知；请用交出文件里的编号", "there is no notice of this number; use those of the file handed over")


def _check(read: Read, row: Row, waiting: set[int], known: dict[int, str]) -> None:
    number, reason = row.values.get("notice"), row.values.get("reason") or ""
    if number is not None and number not in waiting:
        read.report(row, "notice", _SAID.get(known[number], _AGAIN) if number in known else _UNKNOWN)
    if row.values.get("status") == "failed" and not reason:
        read.report(row, "reason", Message("没有送到的要写原因", "a failure must say why"))
    if len(reason) > MOST_REASON:
        read.report(row, "reason", Message(f"原因最多 {MOST_REASON} 字", f"a reason has at most {MOST_REASON} characters"))


def _receipt(row: Row) -> actions.Receipt:
    at = _instant(row.values["at"])
    assert at is not None  # the column's check has read it
    return actions.Receipt(row.values["notice"], row.values["status"] == "delivered", at, row.values.get("reason") or "")


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Write the receipts; there is no batch, the notices themselves keep them."""
    actions.import_receipts(receipts=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=queries.RECEIPT)
