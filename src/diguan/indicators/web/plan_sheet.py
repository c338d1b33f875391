"""The sheet of a plan's tasks: what a meeting agreed on comes in whole, each task with its office, its person and its day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from diguan.indicators.actions import plans as actions
from diguan.indicators.actions.parts import answering, due
from diguan.indicators.actions.plans import Line
from diguan.indicators.models import Plan, Task
from diguan.indicators.queries import plans
from diguan.kernel import access
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.messages import Message, nearest
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.check import Checked, of_records, unread
from diguan.kernel.sheets.declare import RecordSheet, Sheet, headed
from diguan.kernel.sheets.reader import ABSENT, Read, Row

_WHAT = Message("这一行", "this row")
_COLUMNS = {"owner_unit": "unit", "owner": "owner", "due_on": "due_on", "number": "number", "text": "text", "section": "section"}
SHEET = Sheet(
    name="plan_tasks", title={"zh": "方案任务表", "en": "Tasks of a plan"}, source="plans", key="plan", subject="plan",
    columns=(
        headed("plan", "方案 方案名 方案名称 方案代号", "Plan", required=True, filled=True),
        headed("number", "序号 编号", "Number", required=True, filled=True),
        headed("section", "所属行动 行动 类别", "Action"),
        headed("text", "任务 工作任务 措施 任务内容 措施内容", "Task", required=True, filled=True),
        headed("unit", "责任单位 牵头单位", "Office", required=True),
        headed("owner", "责任人 具体责任人", "Carried out by", required=True),
        headed("due_on", "完成时限 完成期限 时限", "Due by", "date", required=True, filled=True),
    ))


@dataclass(frozen=True)
class Payload:
    """What a file would put into which plan."""

    plan: Plan | None
    lines: tuple[Line, ...]


def preview(read: Read, *, by: Any) -> Checked:
    """Errors by cell, and how many tasks the file would set; writes nothing."""
    offices = {word: unit for unit in plans.units() for word in (unit.name, unit.code)}
    plan = _plan(read, by)
    numbers: dict[int, Row] = {}
    taken = set(Task.objects.filter(plan=plan).values_list("number", flat=True)) if plan else set()
    lines = [line for row in read.rows if plan and (line := _line(read, row, plan, offices, numbers, taken)) is not None]
    return of_records(read, changes={"new": len(lines), "changed": 0, "same": 0}, notes=unread(read), payload=Payload(plan, tuple(lines)))


def _plan(read: Read, by: Person) -> Plan | None:
    """The one plan the file is of, by its name or code; what names none or another is reported at its cell."""
    known = {word: row for row in access.visible(Plan.objects.order_by("id"), by, plans.MANAGE) for word in (row.name, row.code)}
    found: Plan | None = None
    for row in read.rows:
        text = _text(row, "plan")
        one = known.get(text)
        if one is None:
            near = nearest(text, known)
            read.report(row, "plan", Message(f"没有这个方案，或不归您管理{f'；最接近的是 {near}' if near else ''}", f"there is no such plan, or it is not yours to manage{f'; the nearest is {near}' if near else ''}"))
        elif found is not None and one.pk != found.pk:
            read.report(row, "plan", Message(f"一个文件只放一个方案的任务，前面是{found.name}", f"a file holds the tasks of one plan, before it was {found.name}"))
        found = found or one
    return found


def _line(read: Read, row: Row, plan: Plan, offices: dict[str, Unit], numbers: dict[int, Row], taken: set[int]) -> Line | None:
    """What a row tells; None where something in it is wrong, which is then reported at its cell."""
    number = _number(read, row, numbers, taken)
    unit = _unit(read, row, offices)
    if row.broken or number is None:
        return None
    try:
        owner = _owner(row, unit)
        answering(unit, owner, _WHAT)
        due(row.values["due_on"], plan.year)
    except Refusal as refusal:
        read.report(row, _COLUMNS.get(refusal.field, "text"), refusal.reasons[0])
        return None
    text, section = _text(row, "text"), _text(row, "section")
    if len(text) > 300 or len(section) > 60:
        read.report(row, "text" if len(text) > 300 else "section", Message("太长：任务最多 300 字，所属行动最多 60 字", "too long: a task has at most 300 characters, an action 60"))
        return None
    return Line(number, text, unit, owner, row.values["due_on"], section)


def _number(read: Read, row: Row, numbers: dict[int, Row], taken: set[int]) -> int | None:
    text = row.raw("number").strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 999):
        read.report(row, "number", Message("序号是 1 到 999 的整数", "a number is whole, from 1 to 999"))
        return None
    number = int(text)
    first = numbers.setdefault(number, row)
    if first is not row:
        read.report(row, "number", Message(f"和第 {first.number} 行的序号相同", f"the same number as row {first.number}"))
    if number in taken:
        read.report(row, "number", Message(f"方案里已经有第 {number} 项", f"the plan has a task {number} already"))
    return number


def _unit(read: Read, row: Row, offices: dict[str, Unit]) -> Unit | None:
    text = _text(row, "unit")
    if text and text not in offices:
        near = nearest(text, offices)
        read.report(row, "unit", Message(f"单位表里没有这个单位{f'；最接近的是 {near}' if near else ''}", f"there is no such office{f'; the nearest is {near}' if near else ''}"))
    return offices.get(text)


def _owner(row: Row, unit: Unit | None) -> Person | None:
    """Who is named, by name or login name, of those in post in the office.

    Raises:
        Refusal: two of them bear this name.
    """
    text = _text(row, "owner")
    if not text or unit is None:
        return None
    found = [person for person in plans.of_unit(unit) if text in (person.name, person.login_name)]
    if len(found) > 1:
        raise Refusal("twins", [Message(f"{unit.name}有 {len(found)} 个人叫这个名字，请写登录名", f"{len(found)} people of {unit.name} bear this name: write the login name")], field="owner")
    if not found:
        raise Refusal("not_in_post", [Message(f"{unit.name}没有这个能填进展的人", f"nobody of this name in {unit.name} may note progress")], field="owner")
    return found[0]


def _text(row: Row, name: str) -> str:
    value = row.values.get(name)
    return "" if value in (None, ABSENT) else str(value).strip()


def commit(checked: Checked, *, by: Any, upload: Any) -> None:
    """Set the tasks of the file, all or nothing."""
    payload: Payload = checked.payload
    assert payload.plan is not None  # a file that names none has errors and is not committed
    actions.import_tasks(plan=payload.plan, lines=payload.lines, upload=upload, by=by)


RECORD_SHEET = RecordSheet(SHEET, preview, commit, permission=plans.MANAGE)
"""Registered by ``apps.ready``."""
