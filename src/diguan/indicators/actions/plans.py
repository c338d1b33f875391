"""Writes of plans and tasks: made, changed, handed over, dropped; a sheet of tasks comes in whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from diguan.indicators.actions.parts import CONFLICT, Values, a_year, answering, due, refuse
from diguan.indicators.models import Plan, PlanKind, Task, TaskState
from diguan.indicators.queries.plans import MANAGE
from diguan.kernel import access
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, action, told_of, write_at
from diguan.kernel.evidence.actions import said as reason_of
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import Visibility

PLAN_FIELDS = ("code", "kind", "name", "source")
TASK_FIELDS = ("section", "text")
_WHAT = Message("这项任务", "this task")


@action(permission=MANAGE, event="plan_made")
def make_plan(*, values: Values, year: int, provisional: bool = True, by: Person) -> Done[Plan]:
    """Make a plan: its kind, name, year and the document it comes from. Who may see plans may see that it exists; its tasks keep their own scope.

    Raises:
        Refusal: ``invalid`` (field named), ``code_taken``.
    """
    row = made(values, year, provisional, by)
    return Done(row, after={name: getattr(row, name) for name in (*PLAN_FIELDS, "year", "provisional")})


def made(values: Values, year: int, provisional: bool, by: Person) -> Plan:
    """A new plan, within an action of its caller.

    Raises:
        Refusal: as :func:`make_plan`.
    """
    told = told_of(Plan, values, PLAN_FIELDS)
    if told["kind"] not in PlanKind.values:
        raise refuse("invalid", "没有这一类方案", "there is no such kind of plan", "kind")
    try:
        with transaction.atomic():
            return Plan.objects.create(**told, year=a_year(year), provisional=provisional, visibility=Visibility.COUNTY, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise refuse("code_taken", "这个代号已经有方案了", "there is a plan of this code already", "code") from error


@action(permission=MANAGE, event="plan_changed", on="plan")
def change_plan(*, plan: Plan, version: int, name: str, source: str, provisional: bool, by: Person) -> Done[Plan]:
    """Mend a plan's name, its document, and whether anybody has held it against the official text.

    Raises:
        Refusal: ``invalid`` (field named), ``conflict``.
    """
    told = {**told_of(Plan, {"name": name, "source": source}, ("name", "source")), "provisional": provisional}
    write_at(plan, version, told, by=by, taken=CONFLICT)
    return Done(Plan.objects.get(pk=plan.pk), before={key: getattr(plan, key) for key in told}, after=told)


# ── tasks ────────────────────────────────────────────────────────────────────
@action(permission=MANAGE, event="task_set", on="plan")
def set_task(*, plan: Plan, number: int, values: Values, owner_unit: Unit | None, owner: Person | None, due_on: dt.date, by: Person) -> Done[Task]:
    """Put a task into a plan, with the office that answers for it, the person who carries it out, and its day.

    Raises:
        Refusal: ``no_owner``, ``not_in_post``, ``bad_day``, ``invalid`` (field named), ``number_taken``.
    """
    row = put(plan, Line(number, str(values.get("text") or ""), owner_unit, owner, due_on, str(values.get("section") or "")), by)
    return Done(row, after=_told(row), related=[plan])


@dataclass(frozen=True)
class Line:
    """One task as a sheet or a pack tells it."""

    number: int
    text: str
    owner_unit: Unit | None
    owner: Person | None
    due_on: dt.date
    section: str = ""


def put(plan: Plan, line: Line, by: Person) -> Task:
    """A new task of a plan, within an action of its caller.

    Raises:
        Refusal: as :func:`set_task`.
    """
    unit, owner = answering(line.owner_unit, line.owner, _WHAT)
    told = told_of(Task, {"text": line.text, "section": line.section}, TASK_FIELDS)
    if not 1 <= line.number <= 999:
        raise refuse("invalid", "序号应在 1 到 999 之间", "numbers run from 1 to 999", "number")
    day = due(line.due_on, plan.year)
    try:
        with transaction.atomic():
            return Task.objects.create(**told, plan=plan, number=line.number, owner=owner, due_on=day, owner_unit=unit, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise refuse("number_taken", f"这个方案里已经有第 {line.number} 项", f"this plan has a task {line.number} already", "number") from error


def _told(row: Task) -> dict[str, object]:
    return {"plan": row.plan_id, "number": row.number, "text": row.text, "section": row.section, "owner_unit": row.owner_unit_id, "owner": row.owner_id, "due_on": row.due_on}


@action(permission=MANAGE, event="task_changed", on="task")
def change_task(*, task: Task, version: int, values: Values, owner_unit: Unit | None, owner: Person | None, due_on: dt.date, reason: str, by: Person) -> Done[Task]:
    """Change an open task: its words, who answers for it, its day; why is kept. A later day is told of anew when it comes near.

    Raises:
        Refusal: ``over``, ``no_owner``, ``not_in_post``, ``bad_day``, ``invalid`` (field named), ``conflict``.
    """
    reason_of(reason)
    _open(task)
    unit, person = answering(owner_unit, owner, _WHAT)
    told = {**told_of(Task, values, TASK_FIELDS), "owner_unit": unit, "owner": person, "due_on": due(due_on, task.plan.year)}
    again = {"soon_told_on": None, "late_told_on": None} if due_on != task.due_on or person.pk != task.owner_id else {}
    write_at(task, version, {**told, **again}, by=by, taken=CONFLICT)
    row = Task.objects.select_related("plan").get(pk=task.pk)
    return Done(row, before=_told(task), after=_told(row), related=[task.plan])


@action(permission=MANAGE, event="task_dropped", on="task")
def drop_task(*, task: Task, version: int, reason: str, by: Person) -> Done[Task]:
    """Say that a task is not carried out any more, and why; it stays to be read.

    Raises:
        Refusal: ``over``, ``invalid`` without a reason, ``conflict``.
    """
    why = reason_of(reason)
    _open(task)
    write_at(task, version, {"state": TaskState.DROPPED, "dropped_why": why}, by=by, taken=CONFLICT)
    return Done(Task.objects.get(pk=task.pk), before={"state": task.state}, after={"state": TaskState.DROPPED}, related=[task.plan])


def _open(task: Task) -> None:
    if task.state != TaskState.OPEN:
        raise refuse("over", f"这项任务{task.get_state_display()}，不能再改", "this task is over and is not changed")


@action(permission=MANAGE, event="tasks_imported", on="upload")
def import_tasks(*, plan: Plan, lines: Sequence[Line], upload: Upload, by: Person) -> Done[Upload]:
    """Put the lines of a checked file into a plan, all or nothing.

    Raises:
        access.Forbidden: the plan is not within reach. Refusal: as :func:`set_task`.
    """
    access.require(by, MANAGE, plan)
    for line in lines:
        put(plan, line, by)
    return Done(upload, after={"file": upload.name, "plan": plan.code, "rows": len(lines)}, related=[plan])
