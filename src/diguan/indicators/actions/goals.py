"""Writes of targets: set, changed, taken back. A target nobody answers for is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from diguan.indicators.actions.parts import CONFLICT, a_year, answering, due, refuse
from diguan.indicators.engine import figures, terms
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.models import Plan, Target, Task
from diguan.indicators.queries import register, snapshots
from diguan.indicators.queries.plans import MANAGE
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action, told_of, write_at
from diguan.kernel.evidence.actions import said as reason_of
from diguan.kernel.messages import Message, nearest

MOST = 10**17
WORDS = ("indicator", "dim", "group", "title", "direction", "unit", "source", "awaits")
_WHAT = Message("这个目标", "this target")


@dataclass(frozen=True)
class Wanted:
    """What shall be reached. ``value`` in storage units of ``unit``; ``awaits`` says what a code that no pack has yet waits for."""

    indicator: str
    title: str
    value: int
    unit: str
    due_on: dt.date
    source: str
    direction: str = "up"
    dim: str = ""
    group: str = ""
    weight: int = 1
    awaits: str = ""
    provisional: bool = True


@action(permission=MANAGE, event="target_set", on="plan")
def set_target(*, plan: Plan, wanted: Wanted, owner_unit: Unit | None, owner: Person | None, task: Task | None = None, year: int | None = None, by: Person) -> Done[Target]:
    """Set a target of a plan: what shall be reached, who answers for it, by when.

    Raises:
        Refusal: ``no_owner``: nobody answers for it; ``not_in_post``, ``no_indicator`` with the nearest code, ``not_comparable``, ``other_unit``,
            ``bad_day``, ``invalid`` (field named); ``taken``: the plan has this target already.
    """
    row = put(plan, wanted, owner_unit, owner, task, year, by)
    return Done(row, after=_told(row), related=[plan])


def put(plan: Plan, wanted: Wanted, owner_unit: Unit | None, owner: Person | None, task: Task | None, year: int | None, by: Person) -> Target:
    """A new target of a plan, within an action of its caller.

    Raises:
        Refusal: as :func:`set_target`.
    """
    values = _checked(wanted, plan.year if year is None else a_year(year), owner_unit, owner)
    if task is not None and task.plan_id != plan.pk:
        raise refuse("invalid", "这项任务不是这个方案的", "this task is of another plan", "task")
    try:
        with transaction.atomic():
            return Target.objects.create(**values, plan=plan, task=task, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise refuse("taken", "这个方案里已经有这个指标这一年的目标，请在那条上改", "the plan has a target of this indicator and year already: change that one", "indicator") from error


@action(permission=MANAGE, event="target_changed", on="target")
def change_target(*, target: Target, version: int, wanted: Wanted, owner_unit: Unit | None, owner: Person | None, reason: str, by: Person) -> Done[Target]:
    """Change a target, and say why.

    Raises:
        Refusal: as :func:`set_target`; ``conflict``, ``invalid`` without a reason.
    """
    reason_of(reason)
    values = _checked(wanted, target.year, owner_unit, owner)
    if (wanted.indicator, wanted.dim, wanted.group) != (target.indicator, target.dim, target.group):
        raise refuse("invalid", "换指标就另立一个目标，不在原来的上面改", "another indicator is another target: set it beside this one", "indicator")
    write_at(target, version, values, by=by, taken=CONFLICT)
    row = Target.objects.select_related("plan").get(pk=target.pk)
    return Done(row, before=_told(target), after=_told(row), related=[target.plan])


def _checked(wanted: Wanted, year: int, owner_unit: Unit | None, owner: Person | None) -> Mapping[str, Any]:
    unit, person = answering(owner_unit, owner, _WHAT)
    told = told_of(Target, {name: getattr(wanted, name) for name in WORDS}, WORDS)
    if told["direction"] not in ("up", "down"):
        raise refuse("invalid", "没有这个方向", "there is no such direction", "direction")
    if not 0 <= wanted.value <= MOST:
        raise refuse("invalid", "目标值不能是负数，也不能太大；请核对单位", "neither negative nor that large: check the unit", "value")
    if not 1 <= wanted.weight <= 100:
        raise refuse("invalid", "权重应在 1 到 100 之间", "a weight lies between 1 and 100", "weight")
    one = _indicator(wanted)
    if one is not None:
        _comparable(one, wanted)
    return {**told, "year": year, "value": wanted.value, "weight": wanted.weight, "owner_unit": unit, "owner": person, "due_on": due(wanted.due_on, year), "provisional": wanted.provisional}


def _indicator(wanted: Wanted) -> Indicator | None:
    """The indicator; None where none has this code yet and the target says what it waits for."""
    known = register.book()
    if wanted.indicator in known.versions:
        return known.newest(wanted.indicator)
    if wanted.awaits.strip():
        return None
    near = nearest(wanted.indicator, known.versions)
    raise Refusal("no_indicator", [Message(f"没有指标 {wanted.indicator}" + (f"，最接近的是 {near}" if near else "") + "；数据还没接入的，写明等什么",
                                           f"there is no indicator {wanted.indicator}" + (f", the nearest is {near}" if near else "") + "; where its data are still to come, say what it waits for")], field="indicator")


def _comparable(one: Indicator, wanted: Wanted) -> None:
    """Let pass an indicator that a year's target may be held against."""
    of = terms.source_of(one, register.book(), one.effective_from)
    if of.span in ("month", "quarter") and not one.is_share and of.fold != terms.LAST:
        raise refuse("not_comparable", f"{one.title.zh}是单月（季）的数，不能和全年目标比；请用从一月累计的指标", f"{one.title.en} is of one month or quarter and not held against a year's target: take one that adds up from January", "indicator")
    if not figures.alike(one.unit, wanted.unit):
        raise refuse("other_unit", f"{one.title.zh}的单位是{one.unit}，目标写的是{wanted.unit}", f"{one.title.en} is in {one.unit}, the target in {wanted.unit}", "unit")
    if bool(wanted.dim) != bool(wanted.group) or (wanted.dim and wanted.dim not in one.by):
        raise refuse("invalid", f"{one.title.zh}可以分到：{'、'.join(one.by) or '不分'}", f"{one.title.en} may be cut by: {', '.join(one.by) or 'nothing'}", "dim")
    run = snapshots.current() if wanted.dim else None
    known = snapshots.Figures(run, register.book(), snapshots.all_cells(run)).groups(one.code, wanted.dim) if run else []
    if known and wanted.group not in known:
        near = nearest(wanted.group, known, 0)
        raise refuse("no_part", f"{one.title.zh}的分组里没有 {wanted.group}，最接近的是 {near}", f"no part of {one.title.en} is called {wanted.group}; the nearest is {near}", "group")


@action(permission=MANAGE, event="target_taken_back", on="target")
def take_back_target(*, target: Target, version: int, reason: str, by: Person) -> Done[Target]:
    """Take a target back, and say why; it is shown no more and may be set anew.

    Raises:
        Refusal: ``over``, ``invalid`` without a reason, ``conflict``.
    """
    why = reason_of(reason)
    if target.dropped_why:
        raise refuse("over", "这个目标已经撤回", "this target was taken back already")
    write_at(target, version, {"dropped_why": why}, by=by, taken=CONFLICT)
    return Done(Target.objects.select_related("plan").get(pk=target.pk), before=_told(target), after={"dropped_why": why}, related=[target.plan])


def _told(row: Target) -> dict[str, Any]:
    return {"plan": row.plan_id, "indicator": row.indicator, "dim": row.dim, "group": row.group, "title": row.title, "year": row.year, "direction": row.direction, "value": row.value, "unit": row.unit, "weight": row.weight,
            "owner_unit": row.owner_unit_id, "owner": row.owner_id, "due_on": row.due_on, "provisional": row.provisional}
