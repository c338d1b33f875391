"""What the lives of policies put on the work desk: stages that wait on this person, the late first, and papers to verify."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import access, clocks
from diguan.kernel.declare import DeskItem
from diguan.kernel.shell import language
from diguan.kernel.stages.models import Task
from diguan.policies import queries
from diguan.policies.actions import life as actions
from diguan.policies.queries import life, life_view

SHOWN = 4


def items(person: Any) -> Iterator[DeskItem]:
    """The lines for this person."""
    if access.may(person, actions.MOVE):
        tasks = life_view.waiting_on(person, actions.MOVE)
        yield from (_task(task) for task in tasks[:SHOWN])
        if len(tasks) > SHOWN:
            words = ngettext("另有 {n} 份政策等您办", "另有 {n} 份政策等您办", len(tasks) - SHOWN).format(n=len(tasks) - SHOWN)
            yield DeskItem("week", "accent", _("政策全过程"), words, "", "", reverse("policies:lives"), _("看全部"), 26)
    yield from _papers(person)
    if access.may(person, actions.HOLD):
        yield from _over()


def _over() -> Iterator[DeskItem]:
    """Policies whose own last day has passed while their life goes on: somebody says that they have expired, with their claims."""
    known, today = queries.library().policies, clocks.today()
    over = [policy for name, stand in sorted(life.stands().items()) if (policy := known.get(name)) and stand.bars is None and not stand.ended
            and policy.in_force_to is not None and policy.in_force_to < today]
    for policy in over[:SHOWN]:
        yield DeskItem("week", "warn", _("政策已到期"), policy.label(language()), _("施行到 {day}，全过程还没有办失效").format(day=policy.in_force_to), policy.issuer,
                       reverse("policies:life", args=[policy.id]), _("去办"), 27)


def _task(task: Task) -> DeskItem:
    late = task.due is not None and task.due < clocks.today()
    to = _("、").join(task.course.tree.step[name].label(language()) for name in task.step.next)
    why = _("下一步：{step}").format(step=to)
    if task.due is not None:
        why = _("{why}；截止 {day}").format(why=why, day=task.due)
    return DeskItem("first" if late else "week", "bad" if late else "accent", _("政策已超期") if late else _("政策等您办"), task.course.title, why,
                    task.owner_unit.name if task.owner_unit else "", reverse("policies:life", args=[task.course.subject_id]), _("看还差什么"), 12 if late else 25)


def _papers(person: Any) -> Iterator[DeskItem]:
    found = life_view.to_verify(person)
    titles = life_view.titles(one.row.subject_id for one in found[:SHOWN])
    for one in found[:SHOWN]:
        title = one.entry.label(language()) if one.entry else one.row.entry
        yield DeskItem("week", "warn", _("材料待核实"), title, titles.get(one.row.subject_id, one.row.subject_id), one.row.entered_by.name, reverse("policies:life", args=[one.row.subject_id]), _("去核实"), 24)
