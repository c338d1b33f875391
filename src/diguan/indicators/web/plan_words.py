"""Words and addresses of plans, tasks, targets and tables."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.indicators.engine import figures
from diguan.indicators.engine.ranks import Place
from diguan.indicators.models import NoteState, ProgressNote, Target, Task
from diguan.indicators.queries import cultivation, goals, plans
from diguan.indicators.queries.goals import Standing
from diguan.kernel import clocks
from diguan.kernel.shell import language

STANDINGS = {plans.LATE: ("bad", gettext_lazy("逾期")), plans.SOON_DUE: ("warn", gettext_lazy("快到期")), plans.WAITING: ("mute", gettext_lazy("等核实")), plans.OPEN: ("accent", gettext_lazy("在办")),
             plans.DONE: ("ok", gettext_lazy("已完成")), plans.DROPPED: ("mute", gettext_lazy("不再办"))}
GOALS = {goals.MET: ("ok", gettext_lazy("已达到")), goals.SHORT: ("warn", gettext_lazy("还没达到")), goals.NO_ROWS: ("unknown", gettext_lazy("还没有记录")), goals.UNTOLD: ("unknown", gettext_lazy("没有数据")),
         goals.OTHER_UNIT: ("bad", gettext_lazy("单位不同")), goals.HIDDEN: ("mute", gettext_lazy("看不到"))}
NOTES = {NoteState.ENTERED: ("mute", NoteState.ENTERED.label), NoteState.VERIFIED: ("ok", NoteState.VERIFIED.label), NoteState.REJECTED: ("bad", NoteState.REJECTED.label)}
NEARNESS = {cultivation.READY: ("ok", gettext_lazy("条件都符合")), cultivation.ASK: ("unknown", gettext_lazy("值得问")), cultivation.NEAR: ("warn", gettext_lazy("差一条")), cultivation.SHORT: ("mute", gettext_lazy("差几条"))}


def task_status(row: Task) -> tuple[str, Any]:
    """How a task stands today."""
    return STANDINGS[plans.standing(row, clocks.today(), plans.soon_day())]


def goal_status(one: Standing) -> tuple[str, Any]:
    """How a target stands; one that is not reached after its day is late."""
    if one.state == goals.SHORT and one.row.due_on < clocks.today():
        return "bad", _("到期没达到")
    return GOALS[one.state]


def note_status(row: ProgressNote) -> tuple[str, Any]:
    """How a note stands; one without a file has nothing to be verified."""
    return ("mute", _("没有佐证")) if row.proof_id is None and row.state == NoteState.ENTERED else NOTES[NoteState(row.state)]


def value_words(row: Target) -> str:
    """A target in words: 不低于 150 户."""
    return f"{row.get_direction_display()} {figures.words(row.unit, goals.value_of(row)).text(language())}"


def found_words(one: Standing) -> str:
    """What there is; empty where nothing is told."""
    return "" if one.found is None or one.one is None else figures.words(one.one.unit, one.found).text(language())


def place_words(place: Place, count: int) -> str:
    """A place as far as it is certain: 第 1 位, 并列第 2 位, 第 2–4 位（差别在误差内）."""
    if place.certain:
        return _("第 {n} 位，共 {total}").format(n=place.best, total=count)
    if place.tied and (place.best, place.worst) == (place.printed, place.printed + place.tied):
        return _("并列第 {n} 位，共 {total}").format(n=place.printed, total=count)
    return _("第 {a}–{b} 位（差别在误差内），共 {total}").format(a=place.best, b=place.worst, total=count)


def place_status(place: Place) -> tuple[str, Any]:
    """Whether a place is certain."""
    return ("ok", _("位次确定")) if place.certain else ("unknown", _("并列")) if place.tied else ("unknown", _("误差内分不出"))


def plan_address(number: int) -> str:
    """Where a plan's page is."""
    return reverse("indicators:plan", args=[number])


def task_address(row: Task) -> str:
    """Where a task's page is."""
    return reverse("indicators:task", args=[row.pk])


def tasks_address(plan: int, standing: str = plans.KEPT) -> str:
    """Where a plan's tasks of a standing are."""
    return f"{reverse('indicators:tasks')}?{urlencode({'plan': str(plan), 'standing': standing})}"


def target_address(row: Target) -> str:
    """Where a target's page is."""
    return reverse("indicators:target", args=[row.pk])


def tabs() -> list[tuple[str, Any, str]]:
    """The tabs of plans, tasks and targets."""
    return [("plans", _("方案一览"), reverse("indicators:plans")), ("tasks", _("任务一览"), reverse("indicators:tasks")), ("targets", _("目标一览"), reverse("indicators:targets"))]
