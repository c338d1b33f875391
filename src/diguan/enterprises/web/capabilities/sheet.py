"""The sheet in which claims come and go: one row a claim, a column for every detail of every kind.

A row fills the columns of its own kind and leaves the others empty. An empty cell tells nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.queries import misnamed, subject_names
from diguan.enterprises.queries.capabilities import Entry, Plan
from diguan.kernel.messages import Message
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import Column, RecordSheet, Sheet, headed
from diguan.kernel.sheets.reader import Read, Row


def _detail(column: Column) -> Column:
    """A detail as a column of the file: needed only by its own kind; words, shares and countries are read by the register itself."""
    plain = column.type in ("number", "date") and column.unit != "%"
    return replace(column, type=column.type if plain else "text", required=False, choices={}, unit=column.unit if plain else "")


SHEET = Sheet(
    name="capabilities", title={"zh": "企业能力名册", "en": "Capability register"}, source="registry",
    columns=(
        headed("uscc", "统一社会信用代码 信用代码 社会信用代码 税号", "Credit code", "uscc", required=True),
        headed("enterprise", "企业名称 单位名称 公司名称", "Enterprise"),
        headed("kind", "能力类别 类别", "Kind of claim", required=True, filled=True),
        headed("name", "名称 能力名称 产品名称 项目名称", "Name", required=True, filled=True),
        *map(_detail, kinds.COLUMNS.values()),
        headed("issuer", "出具单位 发证机关 证明单位", "Issuer", required=True, filled=True),
        headed("document", "文号或证书号 文号 证书号 证书编号", "Document or certificate number"),
        headed("issued", "出具日期 发证日期", "Issued", "date", required=True, filled=True),
        headed("valid_until", "有效期至 有效期 到期日期", "Valid until", "date"),
    ),
)


def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, and what the file would change; writes nothing."""
    rows: dict[tuple[str, str, str], Row] = {}
    entries = [entry for row in read.rows if (entry := _entry(read, row, rows)) is not None]
    plan = register.plan(by, entries)
    for entry in entries:
        if entry.uscc in plan.beyond:
            read.report(rows[entry.identity], "uscc", Message("企业库里没有这家企业，或不归您管；请先登记企业", "this enterprise is not registered, or not yours; register it first"))
    _names(read, rows)
    _warn(read, rows, plan)
    return of_records(read, changes=plan.counts, notes=[*unread(read), *_notes(plan)], payload=plan)


def _entry(read: Read, row: Row, rows: dict[tuple[str, str, str], Row]) -> Entry | None:
    """What a row claims; None where something in it is wrong, which is then reported at its cell."""
    if row.broken:
        return None
    told = {name: value for name, value in row.values.items() if value not in (None, "") and name not in ("uscc", "enterprise", "kind")}
    values, wrong = actions.checked(str(row.values.get("kind") or ""), told)
    for column, message in wrong.items():
        read.report(row, column, message)
    if wrong:
        return None
    kind, key = values.pop("kind"), values.pop("key")
    entry = Entry(row.values["uscc"], kind, key, {name: value for name, value in values.items() if value not in (None, "")})
    twin = rows.setdefault(entry.identity, row)
    if twin is not row:
        read.report(row, "name", Message(f"和第 {twin.number} 行是同一条", f"the same claim as row {twin.number}"))
        return None
    return entry


def _names(read: Read, rows: dict[tuple[str, str, str], Row]) -> None:
    """A name that is not the enterprise's: the code may be another firm's."""
    known = subject_names({uscc for uscc, _kind, _key in rows})
    for (uscc, _kind, _key), row in rows.items():
        if odd := misnamed(str(row.values.get("enterprise") or ""), known.get(uscc, frozenset())):
            read.report(row, "enterprise", odd, warning=True)


def _warn(read: Read, rows: dict[tuple[str, str, str], Row], plan: Plan) -> None:
    for before, entry in plan.changed:
        if before.state == "verified":
            read.report(rows[entry.identity], "name", Message("这一条已核实过；改了要重新核实", "it was verified; changed, it waits for verification again"), warning=True)
    for before in plan.same:
        if before.state in ("rejected", "withdrawn"):
            read.report(rows[(before.enterprise.uscc, before.kind, before.key)], "name", Message(
                f"这一条已{'驳回' if before.state == 'rejected' else '撤回'}（{before.decision}），原样再报不会改变",
                f"it was {before.state} ({before.decision}); told again unchanged it stays so"), warning=True)


def _notes(plan: Plan) -> Iterator[Message]:
    if plan.new or plan.changed:
        yield Message("入库后都是“待核实”，由另一个人核实之后才计数", "all of it waits for verification by another person before it counts")


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the file whole."""
    actions.import_capabilities(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=register.IMPORT)
