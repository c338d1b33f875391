"""What plans put on the work desk: my tasks that are late or soon due, my targets near their day, and notes that wait for me to verify them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.indicators.queries import goals, plans
from diguan.indicators.web import plan_words as words
from diguan.kernel import clocks
from diguan.kernel.declare import DeskItem
from diguan.kernel.shell import language
from diguan.kernel.templatetags.diguan import day

MOST = 5
NEAR = dt.timedelta(days=92)
"""A target whose day is so near is on the desk of who answers for it."""


def tasks(person: Any) -> Iterator[DeskItem]:
    """My tasks that are late or soon due; those that wait to be verified are with others."""
    mine = plans.visible_tasks(person).filter(owner=person)
    for standing, group, order in ((plans.LATE, "first", 20), (plans.SOON_DUE, "week", 35)):
        for row in plans.in_standing(mine, standing).order_by("due_on", "id")[:MOST]:
            kind, word = words.STANDINGS[standing]
            yield DeskItem(group, kind, word, row.text, _("{plan} 第 {n} 项，{day} 前完成").format(plan=row.plan.name, n=row.number, day=day(row.due_on)), "", words.task_address(row), _("填进展"), order)
    waiting = plans.in_standing(mine, plans.WAITING).count()
    if waiting:
        yield DeskItem("waiting", "mute", _("等核实"), ngettext("%(n)s 项任务您说完成了，等另一个人核实", "%(n)s 项任务您说完成了，等另一个人核实", waiting) % {"n": waiting}, "", "", f"{reverse('indicators:tasks')}?standing=waiting", _("看任务"), 60)


def targets(person: Any) -> Iterator[DeskItem]:
    """My targets that are not reached and whose day is near or past."""
    today = clocks.today()
    mine = plans.visible_targets(person).filter(owner=person, due_on__lte=today + NEAR, year__gte=today.year - 1).order_by("due_on", "id")[:MOST]
    for one in goals.standings(person, mine):
        if one.state == goals.SHORT:
            kind, word = words.goal_status(one)
            yield DeskItem("first" if one.row.due_on < today else "week", kind, word, one.row.title, one.gap.text(language()), "", words.target_address(one.row), _("看目标"), 40)


def verify(person: Any) -> Iterator[DeskItem]:
    """Notes with a file that others entered."""
    found = list(plans.to_verify(person)[:MOST])
    for row in found:
        yield DeskItem("week", "warn", _("待核实"), row.task.text, _("{day} 填的进展：{said}").format(day=day(row.on), said=row.said), "", words.task_address(row.task), _("去核实"), 48)
