"""Words of the pages of cases: colours of steps, whose turn it is, the lines of a case."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money
from diguan.kernel.evidence.queries import EXPIRED, HELD, WAITING
from diguan.kernel.shell import language
from diguan.kernel.stages.tree import ACTIVE
from diguan.services.engine.caseterms import YELLOW
from diguan.services.models import Case
from diguan.services.queries import case_terms as terms
from diguan.services.queries.cases import Ask, Line, View

STATES = {"waiting": ("mute", gettext_lazy("还没轮到")), "open": ("accent", gettext_lazy("在办")), "done": ("ok", gettext_lazy("已办结")), "skipped": ("mute", gettext_lazy("不需办理")),
          "cancelled": ("mute", gettext_lazy("已取消")), "returned": ("mute", gettext_lazy("已退回"))}
ASKS = {HELD: ("ok", gettext_lazy("已核实")), WAITING: ("warn", gettext_lazy("待核实")), EXPIRED: ("bad", gettext_lazy("已过期"))}


PROMISES = {"unverified": ("warn", gettext_lazy("告知承诺，待核查")), "holds": ("ok", gettext_lazy("告知承诺，核查属实")), "failed": ("bad", gettext_lazy("告知承诺不实，要交材料")),
            "declined": ("mute", gettext_lazy("不适用告知承诺，要交材料"))}


def status(view: View) -> tuple[str, str]:
    """Colour and word of where a case stands."""
    if view.ended:
        return ("ok", _("已办结")) if view.course.status == ACTIVE else ("mute", view.flow.status[view.course.status].label(language()))
    if view.waits_for_correction:
        return ("warn", _("等申请人补正"))
    if not view.accepted:
        return ("warn", _("待受理"))
    return ("bad", _("有事项超期")) if view.late else ("accent", _("办理中"))


def turn(view: View) -> str:
    """What happens next, and whose turn it is, for the applicant."""
    if view.ended:
        return _("全部办好了，结果在下面。") if view.course.status == ACTIVE else _("这一件没有办下去：{how}。").format(how=view.flow.status[view.course.status].label(language()))
    if view.waits_for_correction:
        return _("请补正下面列出的内容，交上来就接着办。")
    if not view.accepted:
        return _("窗口正在核对，五个工作日内受理，或一次告诉您要补什么。") if not view.to_give else _("还有要交的，交齐了就能受理。")
    if view.to_give:
        return _("各部门正在同时办；下面的材料要补交，交齐了才能发结果。")
    return _("各部门正在同时办，您不用跑。")


def lines(view: View) -> list[dict[str, Any]]:
    """The steps, each with its office, its day and who did it."""
    return [_line(view, one) for one in view.lines]


def _line(view: View, one: Line) -> dict[str, Any]:
    how = "\n".join(line.text(language()) for line in terms.derivation(one.task, view.clock(one.task), reasons=view.sight.does(one.task.key))) if one.state == "open" else ""
    soon = terms.shade_of(one.task, view.day) == YELLOW
    state = ("warn", _("时限暂停")) if one.paused else ("bad", _("已超期")) if one.late else ("warn", _("快到期")) if soon else STATES[one.state]
    waits = [view.flow.step[name].label(language()) for name in one.task.step.after if view.tasks[name].state in ("open", "waiting")] if one.state == "waiting" else []
    return {"line": one, "title": one.task.step.label(language()), "state": state, "due": one.task.due if one.state == "open" else None, "how": how,
            "who": one.passage.by.name if one.passage and one.passage.by else "", "day": one.passage.day if one.passage else None, "reason": one.passage.reason if one.passage and view.sight.does(one.task.key) else "", "waits": waits}


def ask(one: Ask) -> dict[str, Any]:
    """One thing asked, with what is held of it."""
    state = ("ok", _("县里已有")) if one.by_county else ASKS.get(one.held.state, ("mute", _("没交")))
    if one.promise is not None and not one.settled:
        state = PROMISES[one.promise.state] if one.held.state != WAITING else state
    return {"ask": one, "title": one.entry.label(language()), "state": state, "value": value(one), "row": one.held.row if one.held.state == WAITING else None}


def value(one: Ask) -> str:
    """What was filled in, as it is read; of what is personal nothing."""
    row, spec = one.held.row, one.entry.value
    if row is None or spec is None or one.entry.personal:
        return ""
    if row.num is None:
        return str(row.text)
    if spec.type == "money":
        return money.words(row.num, language())
    return (dt.date(1970, 1, 1) + dt.timedelta(days=row.num)).isoformat() if spec.type == "date" else f"{Fraction(row.num, spec.scale)}"


def title(case: Case) -> str:
    """The life event in the page's language."""
    told = case.life_event.life_event.title
    return str(told.get("zh" if language().startswith("zh") else "en") or told["zh"])
