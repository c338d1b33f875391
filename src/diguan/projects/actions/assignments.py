"""Writes of promotion targets: set, changed, withdrawn."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.projects.actions.fields import MOST_FEN
from diguan.projects.models import Assignment, Measure
from diguan.projects.queries.assignments import SET

TAKEN = Message("没保存上：别人先改过，请重新打开再办", "Not saved: somebody changed it first; open it again")


@action(permission=SET, event="assignment_set")
def set_assignment(*, year: int, unit: Unit, measure: str, number: int, note: str, by: Person) -> Done[Assignment]:
    """Give an office a task of a year. ``number`` is fen where the measure is money.

    Raises:
        Refusal: ``invalid`` (field named), ``set_already``.
    """
    if measure not in Measure.values:
        raise Refusal("invalid", [Message("没有这种任务", "there is no such task")], "measure")
    if not clocks.today().year - 5 <= year <= clocks.today().year + 2:
        raise Refusal("invalid", [Message("年度应在近五年到后年之间", "the year lies between five years ago and the year after next")], "year")
    if not unit.active:
        raise Refusal("invalid", [Message("这个单位已经停用", "this office is no longer active")], "unit")
    _number(number)
    try:
        with transaction.atomic():
            row = Assignment.objects.create(year=year, unit=unit, measure=measure, number=number, note=note.strip()[:200], owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("set_already", [Message("这个单位今年已经有这项任务，请改那一条", "this office has such a task for the year; change that one")], "measure") from error
    access.require(by, SET, row)
    return Done(row, after={"year": year, "unit": unit.name, "measure": measure, "number": number}, related=[unit])


@action(permission=SET, event="assignment_changed", on="assignment")
def change_assignment(*, assignment: Assignment, version: int, number: int, note: str, reason: str, by: Person) -> Done[Assignment]:
    """Change a task's number, and why.

    Raises:
        Refusal: ``invalid`` (field named), ``conflict``.
    """
    _number(number)
    _reason(reason)
    before = {"number": assignment.number}
    write_at(assignment, version, {"number": number, "note": note.strip()[:200]}, by=by, taken=TAKEN)
    assignment.refresh_from_db()
    return Done(assignment, before=before, after={"number": number})


def _number(number: int) -> None:
    if not 0 < number <= MOST_FEN:
        raise Refusal("invalid", [Message("任务数要大于 0，也不能太大；请核对单位", "above 0 and not that large: check the unit")], "number")


def _reason(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message("请写为什么调整", "say why")], "reason")
