"""Taking a plan of a pack in: its tasks and targets become the county's own, each with an office and a person who answers for it."""

from __future__ import annotations

from collections.abc import Mapping

from diguan.indicators.actions import goals, plans
from diguan.indicators.actions.parts import refuse
from diguan.indicators.models import Plan, Task
from diguan.indicators.queries.planfile import PackedPlan, PackedTarget
from diguan.indicators.queries.plans import MANAGE
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, action


@action(permission=MANAGE, event="plan_taken_in")
def take_plan(*, packed: PackedPlan, owners: Mapping[str, Person], by: Person) -> Done[Plan]:
    """Take a plan of a pack in, whole or not at all.

    Args:
        packed: as ``queries/planfile.py`` reads it.
        owners: who carries out what an office answers for, by the office's code.
        by: who takes it in.

    Raises:
        Refusal: ``no_owner``: an office of the plan is not there, or nobody was named for it; and those of :func:`plans.make_plan`, :func:`plans.set_task`, :func:`goals.set_target`.
    """
    row = plans.made({"code": packed.code, "kind": packed.kind, "name": packed.name, "source": packed.source}, packed.year, packed.provisional, by)
    there = {unit.code: unit for unit in Unit.objects.filter(active=True)}
    tasks = {one.number: plans.put(row, plans.Line(one.number, one.text, _unit(there, one.unit), owners.get(one.unit), one.due_on, one.section), by) for one in packed.tasks}
    for one in packed.targets:
        goals.put(row, _wanted(one), _unit(there, one.unit), owners.get(one.unit), _task(tasks, one), packed.year, by)
    return Done(row, after={"code": packed.code, "tasks": len(tasks), "targets": len(packed.targets), "source": packed.source, "provisional": packed.provisional})


def _unit(there: Mapping[str, Unit], code: str) -> Unit:
    if code not in there:
        raise refuse("no_owner", f"单位表里没有 {code}，没有单位负责的任务和目标不能下达", f"there is no office {code}: what nobody answers for is not set", "owner_unit")
    return there[code]


def _task(tasks: Mapping[int, Task], one: PackedTarget) -> Task | None:
    return tasks[one.task] if one.task else None


def _wanted(one: PackedTarget) -> goals.Wanted:
    return goals.Wanted(indicator=one.indicator, title=one.title, value=one.value, unit=one.measured_in, due_on=one.due_on, source=one.source, direction=one.direction, dim=one.dim, group=one.group, weight=one.weight,
                        awaits=one.awaits, provisional=one.provisional)
