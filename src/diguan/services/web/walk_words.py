"""Words of the pages of walks and proposals: a step, what it took, two versions side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel.shell import language
from diguan.services.models import (
    LifeEventVersion,
    MatterVersion,
    Proposal,
    ProposalState,
    StepKind,
    Walk,
    WalkNote,
    WalkStep,
)
from diguan.services.queries import proposals
from diguan.services.queries.proposals import Side
from diguan.services.queries.walks import Totals
from diguan.services.web import words

STATES = {ProposalState.OPEN: "warn", ProposalState.ACCEPTED: "accent", ProposalState.REFUSED: "mute", ProposalState.DONE: "warn", ProposalState.VERIFIED: "ok"}


def event(version_: LifeEventVersion) -> str:
    """The life event in the page's language."""
    told = version_.life_event.title
    return str(told.get(language()) or told["zh"])


def event_version(one: LifeEventVersion) -> str:
    """A version of a life event by name and number."""
    return _("{name}，第 {n} 版").format(name=event(one), n=one.number)


def version(one: MatterVersion) -> str:
    """A version of a matter by name and number."""
    return _("{name}，第 {n} 版").format(name=one.content["name"], n=one.number)


def walk(one: Walk) -> str:
    """A walk by its day and who walked."""
    return _("{day} {who}走“{name}”（{role}）").format(day=one.day, who=one.created_by.name if one.created_by else "", name=event(one.life_event), role=one.get_role_display())


def walk_state(one: Walk) -> tuple[str, str]:
    """Whether it has ended."""
    return ("ok", _("走完了")) if one.closed else ("accent", _("在走"))


def title(step: WalkStep) -> str:
    """What a step is."""
    if step.matter is not None:
        return str(step.matter.content["name"])
    return _("交材料：{name}").format(name=words.meaning(step.entry)) if step.kind == StepKind.PAPER else str(step.get_kind_display())


def hint(step: WalkStep) -> str:
    """What somebody at a matter's step is promised."""
    if step.matter is None:
        return ""
    told = step.matter.content
    return " · ".join([told["bureau"], words.days(told["promised_days"]), words.visits(told["visits"]), _("第 {n} 版").format(n=step.matter.number)])


def step_state(step: WalkStep) -> tuple[str, str]:
    """Where one is with a step."""
    if step.done_at:
        return ("ok", _("办完了"))
    return ("accent", _("在这一步")) if step.arrived_at else ("mute", _("还没到"))


def minutes(number: int | None) -> str:
    """Minutes; what nobody counted is not zero."""
    return _("没有计") if number is None else ngettext("%(n)s 分钟", "%(n)s 分钟", number) % {"n": number}


def trips(number: int | None) -> str:
    """Trips, the same way."""
    return _("没有计") if number is None else ngettext("%(n)s 趟", "%(n)s 趟", number) % {"n": number}


def counted(told: Totals) -> list[tuple[Any, str, str]]:
    """The figures of a walk: label, figure, how many of the steps are behind it."""
    behind = _("{n} 个环节里 {m} 个计了")
    return [(_("一共用了"), minutes(told.minutes), behind.format(n=told.steps, m=told.timed)), (_("一共跑了"), trips(told.trips), behind.format(n=told.steps, m=told.tripped)),
            (_("办完的环节"), f"{told.done} / {told.steps}", "")]


def about(note: WalkNote) -> str:
    """Which version a note is about."""
    return version(note.matter) if note.matter else event_version(note.step.walk.life_event)


def state(row: Proposal) -> tuple[str, str]:
    """Colour and word of where a proposal stands."""
    if proposals.is_overdue(row):
        return ("bad", _("超期"))
    return (STATES[ProposalState(row.state)], str(row.get_state_display()))


_SIDES: tuple[tuple[Any, Callable[[Side], int | None], Callable[[int | None], str]], ...] = (
    (gettext_lazy("几个环节"), lambda side: side.steps, lambda n: _("没有写") if n is None else str(n)),
    (gettext_lazy("交的材料"), lambda side: side.papers, str), (gettext_lazy("填的字段"), lambda side: side.fields, str),
    (gettext_lazy("到现场次数"), lambda side: side.visits, lambda n: _("没有写") if n is None else words.visits(n)),
    (gettext_lazy("承诺办结时限"), lambda side: side.promised, lambda n: _("没有写") if n is None else words.days(n)),
    (gettext_lazy("法定办结时限"), lambda side: side.statutory, words.days))


def sides(before: Side | None, after: Side | None) -> list[tuple[Any, str, str, str]]:
    """The rows of before and after: label, both, and by how much it grew or shrank; nothing where a version cannot be read."""
    if before is None or after is None:
        return []
    return [(label, tell(read(before)), tell(read(after)), _grown(read(before), read(after))) for label, read, tell in _SIDES]


def _grown(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return "—"
    return _("没变") if before == after else f"+{after - before}" if after > before else f"−{before - after}"


def pairs(found: Iterable[tuple[WalkStep | None, WalkStep | None]]) -> list[dict[str, Any]]:
    """The rows of two walks side by side; a step that one of them did not have is told so."""
    return [{"title": title(one), "left": _took(left), "right": _took(right)} for left, right in found if (one := left or right)]


def _took(step: WalkStep | None) -> tuple[str, str]:
    return (minutes(step.took), trips(step.trips)) if step else (_("没有这一步"), "—")
