"""The timer across rooms 全程计时: signed → licensed → in production, project by project; the days of each leg are lines, so months and parts of them are indicators.

**Signed**: the day of the first contract, by the counting rules. **Licensed**: the day the licence of the project's firm was issued, which is the day of its
establishment (《市场主体登记管理条例》第二十一条), where that is not before the contract; of a firm that is older the day the project passed the gate “registered”.
Which of the two told it goes with the line. **In production**: the day it passed the gate of production.
Signing to licence is what the county promises, so it is counted in working days of its calendar; the other legs are durations and are counted in days.
A day before the contract cannot be: the leg is then not known, which is not zero.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from diguan.indicators.engine import spread, tables
from diguan.indicators.engine.spread import Spread
from diguan.indicators.queries import VIEW
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.measures import Asked, Line, counted, opened
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import Passage
from diguan.projects.models import Project
from diguan.projects.queries import counted as counting
from diguan.projects.queries.figures import GONE, PRODUCING
from diguan.projects.queries.projects import VIEW as VIEW_PROJECT
from diguan.projects.queries.projects import visible_projects

REGISTERED = "registered"
LICENCE, GATE, NOBODY = "licence", "gate", ""
"""Who told the day of the licence: the register of enterprises, the project's own gate, nobody."""
TO_LICENCE, TO_PRODUCTION, WHOLE = "signed_to_licensed", "licensed_to_production", "signed_to_production"
GROUPS = ("cluster", "source", "kind", "told_by")
SLOWEST = 12


@dataclass(frozen=True)
class Journey:
    """One signed project; ``ended``: lost or given up by the day that is asked of."""

    project: int
    name: str
    signed: dt.date
    licensed: dt.date | None
    told_by: str
    produced: dt.date | None
    ended: bool
    groups: Mapping[str, str]

    @cached_property
    def days(self) -> Mapping[str, int | None]:
        """How long each leg took, None where it is not over or not known."""
        between = working_days(self.signed, self.licensed) if self.licensed else None
        return {TO_LICENCE: between, TO_PRODUCTION: _days(self.licensed, self.produced), WHOLE: _days(self.signed, self.produced)}

    @property
    def open(self) -> bool:
        """Whether it still waits for production."""
        return not self.ended and self.produced is None

    def waits(self, leg: str) -> bool:
        """Whether it has this leg before it; licence to production only once it is licensed."""
        return not self.ended and self.days[leg] is None and (leg != TO_PRODUCTION or self.licensed is not None)


def working_days(start: dt.date, end: dt.date) -> int:
    """Working days after one day up to and with another, by the county's calendar."""
    return clocks.working_between(start, end, packs.calendar())[0]


def _days(start: dt.date | None, end: dt.date | None) -> int | None:
    return (end - start).days if start is not None and end is not None and end >= start else None


def journeys(as_of: dt.date, known_at: dt.datetime | None = None) -> list[Journey]:
    """Every signed project by a day, in order of signing. Asks no right: what is shown of it is narrowed by who shows it."""
    firsts = counting.book(as_of, known_at).firsts
    passed = _passed(as_of, known_at)
    rows = Project.objects.filter(pk__gte=min(firsts, default=0), pk__lte=max(firsts, default=0)).order_by("id")
    found = [_journey(one, firsts[one[0]], passed.get(one[0], {}), as_of) for one in rows.values_list("id", "name", "enterprise__established", "cluster", "source", "kind") if one[0] in firsts]
    return sorted(found, key=lambda one: (one.signed, one.project))


def _passed(as_of: dt.date, known_at: dt.datetime | None) -> dict[int, dict[str, dt.date]]:
    """The first day on which each project came to each stage that counts."""
    rows = Passage.objects.filter(course__project__isnull=False, target__in=(REGISTERED, *PRODUCING, *GONE), day__lte=as_of)
    rows = rows.filter(at__lte=known_at) if known_at is not None else rows
    found: dict[int, dict[str, dt.date]] = {}
    for project, target, day in rows.order_by("day", "id").values_list("course__project", "target", "day"):
        found.setdefault(project, {}).setdefault(target, day)
    return found


def _journey(row: tuple[Any, ...], signed: dt.date, passed: Mapping[str, dt.date], as_of: dt.date) -> Journey:
    number, name, established, cluster, source, kind = row
    licensed, told_by = _licensed(signed, established, passed.get(REGISTERED), as_of)
    produced = min((passed[stage] for stage in PRODUCING if stage in passed and passed[stage] >= signed), default=None)
    return Journey(number, name, signed, licensed, told_by, produced, any(stage in passed for stage in GONE),
                   {"cluster": cluster, "source": source, "kind": kind, "told_by": told_by})


def _licensed(signed: dt.date, established: dt.date | None, gate: dt.date | None, as_of: dt.date) -> tuple[dt.date | None, str]:
    if established is not None and signed <= established <= as_of:
        return established, LICENCE
    return (gate, GATE) if gate is not None and gate >= signed else (None, NOBODY)


# ── as lines ─────────────────────────────────────────────────────────────────
def _lines(leg: str, end: Callable[[Journey], dt.date | None], asked: Asked) -> Iterable[Line]:
    """One line a project whose leg is over, on the day it ended."""
    return [Line(str(one.project), one.name, one.days[leg], end(one), groups=one.groups) for one in journeys(asked.as_of, asked.known_at) if end(one) is not None and one.days[leg] is not None]


@counted("indicators.signed_to_licensed", title=Message("签约到领照", "From contract to licence"), unit="工作日", permission=VIEW_PROJECT, visible=visible_projects, route="projects:project", groups=GROUPS, firms=True,
         definition=Message("首次签订正式合同之后到项目公司营业执照签发那天的工作日（执照签发日就是成立日期；老企业按项目过“已注册”关口那天），在领照那天计",
                            "working days after the first contract up to the day the licence of the project's firm was issued (its day of establishment; of an older firm the day of the gate “registered”), on the day of the licence"))
def to_licence(asked: Asked) -> Iterable[Line]:
    """Working days: it is what the county promises."""
    return _lines(TO_LICENCE, lambda one: one.licensed, asked)


@counted("indicators.licensed_to_production", title=Message("领照到投产", "From licence to production"), unit="天", permission=VIEW_PROJECT, visible=visible_projects, route="projects:project", groups=GROUPS, firms=True,
         definition=Message("领照那天到过投产关口那天的自然日，在投产那天计", "days from the licence to the gate of production, on the day of production"))
def to_production(asked: Asked) -> Iterable[Line]:
    """Days as the calendar has them: it is a duration."""
    return _lines(TO_PRODUCTION, lambda one: one.produced, asked)


@counted("indicators.signed_to_production", title=Message("签约到投产", "From contract to production"), unit="天", permission=VIEW_PROJECT, visible=visible_projects, route="projects:project", groups=GROUPS, firms=True,
         definition=Message("首次签订正式合同那天到过投产关口那天的自然日，在投产那天计", "days from the first contract to the gate of production, on the day of production"))
def whole(asked: Asked) -> Iterable[Line]:
    """Days as the calendar has them: it is a duration."""
    return _lines(WHOLE, lambda one: one.produced, asked)


# ── as a page tells it ───────────────────────────────────────────────────────
@dataclass(frozen=True)
class Leg:
    """One leg: how its days are spread, how many took how long, and how many projects have it before them.

    ``kept``: no spread is told: of fewer than three, or the whole county's less the others' would tell of so few.
    """

    key: str
    title: Message
    unit: str
    done: Spread
    bins: tuple[tuple[int, int | None, int], ...]
    waiting: int
    kept: bool = False


@dataclass(frozen=True)
class Waiting:
    """A project that is not in production yet; ``row`` is it with where it stands, ``days`` how long ago it was signed."""

    row: Any
    journey: Journey
    days: int


@dataclass(frozen=True)
class Timer:
    """All legs on a day. ``told`` counts who told the day of the licence; ``hidden`` those of the slowest that the person may not see."""

    as_of: dt.date
    signed: int
    ended: int
    legs: tuple[Leg, ...]
    told: Mapping[str, int]
    slowest: tuple[Waiting, ...]
    hidden: int


LEGS: Mapping[str, tuple[Message, str, Sequence[int]]] = {
    TO_LICENCE: (Message("签约到领照", "Contract to licence"), "工作日", (0, 1, 2, 6, 11, 21)),
    TO_PRODUCTION: (Message("领照到投产", "Licence to production"), "天", (0, 31, 91, 181, 366)),
    WHOLE: (Message("签约到投产", "Contract to production"), "天", (0, 31, 91, 181, 366)),
}
"""Title, unit, and from which day on each bar counts."""


def may_see(person: Person) -> bool:
    """Whether this person may see the timer at all."""
    return access.may(person, VIEW) and access.may(person, VIEW_PROJECT)


def timer(person: Person, cluster: str = "") -> Timer:
    """The timer today, of one cluster or of all.

    Raises:
        access.Forbidden: they may see no indicators, or no projects.
    """
    access.require(person, VIEW)
    access.require(person, VIEW_PROJECT)
    day = clocks.today()
    every = journeys(day)
    found = [one for one in every if not cluster or one.groups["cluster"] == cluster]
    waiting = sorted((one for one in found if one.open), key=lambda one: (one.signed, one.project))
    seen = opened(person, "indicators.signed_to_production", [str(one.project) for one in waiting])
    shown = [Waiting(seen[str(one.project)], one, (day - one.signed).days) for one in waiting if str(one.project) in seen]
    told = {who: sum(one.told_by == who and one.licensed is not None for one in found) for who in (LICENCE, GATE)}
    return Timer(day, len(found), sum(one.ended and one.produced is None for one in found), tuple(_leg(key, found, kept=(("cluster", cluster) if cluster else tables.ALL) in _kept(key, every)) for key in LEGS), told, tuple(shown[:SLOWEST]), len(waiting) - len(shown))


def _kept(key: str, every: Sequence[Journey]) -> set[tables.Part]:
    """Of which clusters, or of all together, a leg's days are not told."""
    counts = Counter(one.groups["cluster"] for one in every if one.days[key] is not None)
    numbers = np.array([counts.total(), *counts.values()], np.int64)
    together = np.diag(numbers)
    together[0], together[:, 0] = numbers, numbers
    parts = (tables.ALL, *(("cluster", name) for name in counts))
    hidden = tables.veil(parts, numbers, together, nested=False)
    return {part for part, kept in zip(parts, hidden.tolist(), strict=True) if kept}


def _leg(key: str, found: Sequence[Journey], *, kept: bool) -> Leg:
    title, unit, edges = LEGS[key]
    done = [days for one in found if (days := one.days[key]) is not None]
    waiting = sum(one.waits(key) for one in found)
    if done and kept:
        return Leg(key, title, unit, Spread(len(done), None, None, None, None), (), waiting, kept=True)
    return Leg(key, title, unit, spread.of(done), tuple(spread.binned(done, edges)), waiting)


def clusters(person: Person) -> list[str]:
    """The clusters of the projects this person may see."""
    access.require(person, VIEW_PROJECT)
    return sorted(set(visible_projects(person).exclude(cluster="").order_by().values_list("cluster", flat=True)))


@dataclass(frozen=True)
class Entry:
    """A signed project with its days, as lists ask it."""

    row: Any
    journey: Journey

    @property
    def pk(self) -> int:
        """The project's."""
        return self.journey.project

    @property
    def state(self) -> str:
        """How far it came: produced, ended, or what it waits for."""
        if self.journey.produced:
            return "produced"
        return "ended" if self.journey.ended else "licensed" if self.journey.licensed else "signed"


def entries(person: Person) -> list[Entry]:
    """Every signed project this person may see, the longest ago first.

    Raises:
        access.Forbidden: they may see no indicators, or no projects.
    """
    access.require(person, VIEW)
    found = journeys(clocks.today())
    seen = opened(person, "indicators.signed_to_production", [str(one.project) for one in found])
    return [Entry(seen[str(one.project)], one) for one in found if str(one.project) in seen]
