"""The sheet of rankings: a row a county of a list and period. Figures are kept as they are printed, digits and all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from diguan.indicators.actions import rankings as actions
from diguan.indicators.actions.rankings import Entry, Peer
from diguan.indicators.engine import ranks
from diguan.indicators.queries.rankings import IMPORT
from diguan.kernel.messages import Message
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed, heading_key
from diguan.kernel.sheets.reader import ABSENT, Read, Row

_ORDERS = {"越高越靠前": "more", "从高到低": "more", "高": "more", "越低越靠前": "less", "从低到高": "less", "低": "less"}
SHEET = Sheet(
    name="rankings", title={"zh": "县域排名", "en": "Rankings of counties"}, source="rankings", key="county", subject="county",
    columns=(
        headed("title", "榜单 指标 榜单名称", "List", required=True, filled=True),
        headed("period", "期间 年月 年份", "Period", required=True, filled=True),
        headed("county", "县市区 县市 区县", "County", required=True, filled=True),
        headed("value", "数值 数", "Value", required=True, filled=True),
        headed("unit", "计量单位 单位", "Unit", required=True),
        headed("source", "来源 发布单位 出处", "Source", required=True, filled=True),
        headed("band", "误差 修订幅度", "Error"),
        headed("order", "排序", "Order", "choice", choices={heading_key(word): value for word, value in _ORDERS.items()}),
        headed("example", "示例", "Example", "bool"),
    ))
_SAME = ("unit", "source", "order", "example")


def preview(read: Read, *, by: Any) -> Checked:
    """Errors by cell, and which tables the file holds; writes nothing."""
    tables: dict[tuple[str, str], list[tuple[Row, Peer]]] = {}
    for row in read.rows:
        if (peer := _peer(read, row)) is not None:
            tables.setdefault((_text(row, "title"), _period(row)), []).append((row, peer))
    entries = [_entry(read, key, rows) for key, rows in tables.items()]
    return of_records(read, changes={"new": len(entries), "changed": 0, "same": 0}, notes=unread(read), payload=tuple(entries))


def _peer(read: Read, row: Row) -> Peer | None:
    if row.broken:
        return None
    printed, band = row.raw("value").strip(), row.raw("band").strip()
    if ranks.read(printed) is None:
        read.report(row, "value", Message("不是数字；没有公布的就不要这一行", "no number; leave out a county whose figure was not published"))
        return None
    error: Decimal | None = ranks.read(band.lstrip("±")) if band else None
    if band and error is None:
        read.report(row, "band", Message("误差写数字，没有就空着", "an error is a number, or left empty"))
        return None
    return Peer(_text(row, "county"), printed, error)


def _entry(read: Read, key: tuple[str, str], rows: list[tuple[Row, Peer]]) -> Entry:
    """One table of the file; what does not hold together is reported at its cells."""
    first = rows[0][0]
    for row, _peer_of in rows[1:]:
        for name in _SAME:
            if row.values.get(name) != first.values.get(name):
                read.report(row, name, Message(f"和同一榜单第 {first.number} 行不一样", f"differs from row {first.number} of the same list"))
    seen: dict[str, Row] = {}
    for row, peer in rows:
        twin = seen.setdefault(peer.county, row)
        if twin is not row:
            read.report(row, "county", Message(f"和第 {twin.number} 行是同一个县", f"the same county as row {twin.number}"))
    entry = Entry(key[0], key[1], _text(first, "unit"), first.values.get("order") != "less", _text(first, "source"), bool(first.values.get("example")) and first.values.get("example") is not ABSENT, tuple(peer for _row, peer in rows))
    wrong = actions.problem(entry)
    if wrong is not None and not any(row.broken for row, _peer_of in rows):
        read.report(first, wrong[0], wrong[1])
    return entry


def _period(row: Row) -> str:
    """2026 or 2026-08, also where the cell is a month as Excel writes it."""
    text = _text(row, "period").replace("年", "-").replace("月", "").rstrip("-")
    year, _, month = text.partition("-")
    return f"{year}-{month.zfill(2)}" if month.isdigit() else text


def _text(row: Row, name: str) -> str:
    value = row.values.get(name)
    return "" if value in (None, ABSENT) else str(value).strip()


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Keep the tables of the file, all or nothing."""
    actions.import_rankings(entries=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=IMPORT)
"""Registered by ``apps.ready``."""
