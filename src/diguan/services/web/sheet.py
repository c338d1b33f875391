"""The sheet of matters in the national columns: what goes out comes back as no change. An empty cell changes nothing, 无 empties a field."""

from __future__ import annotations

from typing import Any

from diguan.enterprises.engine import name_key
from diguan.kernel.messages import Message
from diguan.kernel.sheets.check import Checked, of_records
from diguan.kernel.sheets.declare import Column, RecordSheet, Sheet
from diguan.kernel.sheets.reader import ABSENT, Read, Row
from diguan.services import actions, queries
from diguan.services.engine import cells, fields, matters
from diguan.services.engine.matters import Known
from diguan.services.queries import Entry, Plan, shelf

NONE = "无"
OWN = ("key", "valid_from", "valid_to")


def _column(name: str, zh: str, en: str, kind: str = "text", synonyms: tuple[str, ...] = (), **more: Any) -> Column:
    return Column(name, kind, (zh, *synonyms), title={"zh": zh, "en": en}, **more)


SHEET = Sheet(
    name="matters", title={"zh": "政务服务事项", "en": "Matters"}, source="registry", key="name",
    columns=(
        _column("key", "事项标识", "Key", synonyms=("标识",)),
        *(_column(spec.name, spec.zh, spec.en, synonyms=spec.synonyms, required=spec.name == "name", filled=spec.name == "name") for spec in fields.SPECS),
        _column("valid_from", "计划生效日期", "Valid from", "date", ("启用日期", "生效日期")),
        _column("valid_to", "计划取消日期", "Valid until", "date", ("停用日期", "取消日期")),
    ),
)


def preview(read: Read, *, by: Any) -> Checked:
    """Errors and warnings by cell, and what the file would change; writes nothing."""
    known = shelf.known()
    rows: dict[str, Row] = {}
    told = [entry for row in read.rows if (entry := _entry(read, row, known, rows)) is not None]
    plan = queries.plan(by, told, queries.IMPORT)
    places = {entry.mark: row for entry, row in zip(told, rows.values(), strict=True)}
    for mark in sorted(plan.beyond):
        read.report(places[mark], "bureau", Message("这个事项或实施主体不归您管", "this matter or body is not yours"))
    for entry in plan.entries:
        _tell(read, places.get(entry.mark) or places.get(_first(entry, places)), entry, known)
    _missing(read, plan, places)
    return of_records(read, changes=plan.counts, notes=_notes(plan), payload=plan)


def _first(entry: Entry, places: dict[str, Row]) -> str:
    """The mark of the row an entry came from, where the library gave it its key."""
    return next(mark for mark in (entry.content["task_code"], f"{entry.content['bureau']} {name_key(entry.content['name'])}") if mark in places)


def _entry(read: Read, row: Row, known: Known, rows: dict[str, Row]) -> Entry | None:
    """What a row tells; None where something in it cannot be read, which is then reported at its cell."""
    content = {}
    for spec in fields.SPECS:
        value = row.values.get(spec.name)
        if value in (None, ""):
            continue
        if value is ABSENT or value == NONE:
            content[spec.name] = fields.blank()[spec.name]
            continue
        try:
            content[spec.name] = cells.read(spec, row.raw(spec.name), known)  # as it is written: its lines are its items
        except cells.Unreadable as wrong:
            read.report(row, spec.name, wrong.message)
    key = str(row.values.get("key") or "").strip()
    if key and not matters.KEY.fullmatch(key):
        read.report(row, "key", Message("标识只用小写字母、数字和下划线", "a key is made of lower-case letters, digits and _"))
    entry = Entry(key, content, *(day if (day := row.values.get(name)) is not ABSENT else None for name in ("valid_from", "valid_to")))
    twin = rows.setdefault(entry.mark, row)
    if twin is not row:
        read.report(row, "name", Message(f"和第 {twin.number} 行是同一个事项", f"the same matter as row {twin.number}"))
        return None
    if row.broken:
        rows.pop(entry.mark)
        return None
    return entry


def _tell(read: Read, row: Row | None, entry: Entry, known: Known) -> None:
    """What is wrong with a matter, at the cell of its field; advice is a warning."""
    if row is None:
        return
    for wrong in matters.problems(entry.content, known):
        read.report(row, wrong.field, wrong.message, warning=wrong.advice)
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        read.report(row, "valid_to", Message("取消日期在生效日期之前", "it ends before it begins"))


def _missing(read: Read, plan: Plan, places: dict[str, Row]) -> None:
    for row in places.values():
        if str(row.values.get("bureau") or "") in plan.missing_units:
            read.report(row, "bureau", Message("单位表里没有这个实施主体，入库后只有全县范围的人能改", "no such office; only people with a right over the whole county can change it"), warning=True)


def _notes(plan: Plan) -> list[Message]:
    notes = [Message("入库后都是草稿，由另一个人发布", "all of it comes in as drafts; another person publishes them")] if plan.new or plan.changed else []
    return notes + [_changes(was.content if was else {}, entry) for _row, was, entry in plan.changed[:8]]


def _changes(before: Any, entry: Entry) -> Message:
    found = [spec for spec, _was, _now in matters.differences(before, entry.content)]
    return Message(f"{entry.content['name']}：{'、'.join(spec.zh for spec in found)}", f"{entry.content['name']}: {', '.join(spec.en for spec in found)}")


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Enter the file whole, as drafts."""
    actions.import_matters(plan=checked.payload, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=queries.IMPORT)
