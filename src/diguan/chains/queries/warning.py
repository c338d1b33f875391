"""Reads of the early warning 产业链预警: power, tax and jobs of each chain's firms in a month, and how far they fall.

Counts and changes are of the whole county and hide what would tell of few firms; firms by name are narrowed to who may see their facts.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from diguan.chains.engine import warning as engine
from diguan.chains.engine.warning import Compared, Series, Span
from diguan.chains.models import Coverage, CoverageState, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf, warning_terms
from diguan.chains.queries.warning_terms import Terms
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks, packs, periods
from diguan.kernel.access.models import Person, Post
from diguan.kernel.access.roles import roles
from diguan.kernel.facts import batches, projections, series
from diguan.kernel.records import chunks

VIEW = "chains.view_warning"
HEAR = "chains.hear_warning"
TOTAL = "all"
"""The key of all chains together; no chain has it."""
SHOWN = 12
"""So many months a table and its small pictures go back."""
WHICH = ("year", "before")


@dataclass(frozen=True, eq=False)
class Told:
    """What the chains' firms were told of: fact → firm → source → month → value, and which facts each month has."""

    facts: tuple[str, ...]
    values: Mapping[str, Mapping[str, engine.Told]]
    months: Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Watched:
    """One chain (or all of them) in one month."""

    key: str
    firms: int
    series: tuple[Series, ...]
    joined: bool = False

    @property
    def level(self) -> str:
        """How far it is in trouble."""
        return engine.UNJUDGED if self.joined else engine.level([one.falls for one in self.series])


@dataclass(frozen=True)
class Board:
    """Every chain in one month and in those before, oldest first; ``months`` may be asked for, the newest first.

    ``terms`` None: the packs have no thresholds for the month. ``whole``: all three series are in.
    """

    month: str
    months: tuple[str, ...]
    terms: Terms | None
    whole: bool
    past: Mapping[str, Mapping[str, Watched]]
    as_of: dt.date
    known_at: dt.datetime | None
    told: Told = field(repr=False)

    @property
    def chains(self) -> Sequence[Watched]:
        """The chains in the month, those in trouble first."""
        order = {level: at for at, level in enumerate((engine.RED, engine.YELLOW, engine.UNCLEAR, engine.CALM, engine.UNJUDGED))}
        return sorted((one for key, one in self.past.get(self.month, {}).items() if key != TOTAL), key=lambda one: order[one.level])

    @property
    def warned(self) -> Sequence[Watched]:
        """The chains in yellow or red."""
        return [one for one in self.chains if one.level in (engine.RED, engine.YELLOW)]

    def one(self, key: str, month: str = "") -> Watched | None:
        """A chain in a month; the board's own unless told otherwise."""
        return self.past.get(month or self.month, {}).get(key)


def board(person: Person, month: str = "", known_at: dt.datetime | None = None) -> Board | None:
    """The warning of a month, by default the last one that may be judged; None where that month has nothing.

    Raises:
        access.Forbidden: the person may not see warnings.
    """
    access.require(person, VIEW)
    return _board(month, known_at)


def _board(month: str, known_at: dt.datetime | None) -> Board | None:
    day = clocks.today()
    terms = warning_terms.in_force(day)
    members = _members()
    said = _told(tuple(terms.facts) if terms else (), tuple(sorted({firm for firms in members.values() for firm in firms})), day, known_at)
    months = _months(said, terms)
    if not months:
        return Board("", (), terms, False, {}, day, _known(known_at), said) if not month else None
    asked = _number(month) if month else _usual(said, months)
    if asked not in months:
        return None
    everybody = (*members.items(), (TOTAL, frozenset(firm for firms in members.values() for firm in firms)))
    past = {_text(at): _judged(said, everybody, at, warning_terms.in_force(last_day(at))) for at in range(asked - SHOWN + 1, asked + 1)}
    now = warning_terms.in_force(last_day(asked))
    return Board(_text(asked), tuple(_text(at) for at in sorted(months, reverse=True)), now, len(_delivered(said, asked)) == len(said.facts), past, day, _known(known_at), said)


# ── what was told ────────────────────────────────────────────────────────────
def _told(facts: tuple[str, ...], firms: tuple[str, ...], day: dt.date, known_at: dt.datetime | None) -> Told:
    found = [row for row in batches.visible_batches(known_at) if row.subject == "enterprise"]
    if not found or not facts:
        return Told(facts, {}, {})
    # The projection's name says which deliveries went in, so what is kept is never old.
    return _read(projections.projection(found, packs.catalogue()).name, facts, firms, day, known_at)


@functools.lru_cache(maxsize=4)
def _read(_name: str, facts: tuple[str, ...], firms: tuple[str, ...], day: dt.date, known_at: dt.datetime | None) -> Told:
    first = periods.add_months(day.replace(day=1), -(2 * SHOWN + 24))
    said: dict[str, dict[str, dict[str, dict[int, int]]]] = {}
    months: dict[int, set[str]] = defaultdict(set)
    for fact, by_firm in series.numbers(firms, facts, first, day, known_at).items():
        for firm, by_source in by_firm.items():
            for source, values in by_source.items():
                kept = {_number(period): value for period, value in values.items() if periods.parse(period).kind == "month"}
                said.setdefault(fact, {}).setdefault(firm, {})[source] = kept
                for month in kept:
                    months[month].add(fact)
    return Told(facts, said, {month: frozenset(found) for month, found in months.items()})


def _delivered(said: Told, month: int) -> frozenset[str]:
    return said.months.get(month, frozenset())


def _months(said: Told, terms: Terms | None) -> set[int]:
    """The months that two series or more were told of; of those joined with a later one the last alone."""
    joined = terms.joined if terms else ()
    return {month for month, facts in said.months.items() if len(facts) > 1 and engine.span(month, joined) is not None}


def _usual(said: Told, months: set[int]) -> int:
    """The last month with every series, unless it lies more than two months behind the last that may be judged at all."""
    last = max(months)
    return max((month for month in months if len(_delivered(said, month)) == len(said.facts) and last - month <= 2), default=last)


def _members() -> dict[str, frozenset[str]]:
    """The firms that make something at a chain's nodes, verified, closed ones too: what a closed firm no longer uses is a fall nobody should lose sight of."""
    rows = Coverage.objects.filter(state=CoverageState.VERIFIED, role=Role.MAKE).values_list("node", "enterprise__uscc")
    at: dict[str, set[str]] = defaultdict(set)
    for node, uscc in rows:
        at[node].add(uscc)
    return {chain.id: frozenset(uscc for node in chain.nodes for uscc in at.get(node.id, ())) for chain in shelf.chains().values()}


@functools.lru_cache(maxsize=64)
def _judged(said: Told, everybody: tuple[tuple[str, frozenset[str]], ...], month: int, terms: Terms | None) -> Mapping[str, Watched]:
    """Every chain and all together in one month; without thresholds in force nothing. Kept, since work desk and clock ask for it again and again."""
    if terms is None:
        return {}
    span = engine.span(month, terms.joined)
    if span is None:
        return {key: Watched(key, len(firms), (), True) for key, firms in everybody}
    by_line = [_line(said, line, span, dict(everybody), terms.least_firms) for line in terms.lines]
    return {key: Watched(key, len(firms), tuple(found[key] for found in by_line)) for key, firms in everybody}


def _line(said: Told, line: engine.Line, span: Span, members: Mapping[str, frozenset[str]], few: int) -> dict[str, Series]:
    found = {key: engine.compare(said.values.get(line.fact, {}), line, span, firms=firms) for key, firms in members.items()}
    hidden = {which: engine.hidden({key: getattr(one, which).firms for key, one in found.items() if getattr(one, which).firms}, few) for which in WHICH}
    return {key: replace(one, hidden=frozenset(which for which in WHICH if key in hidden[which])) for key, one in found.items()}


def _known(known_at: dt.datetime | None) -> dt.datetime | None:
    return max((row.committed_at for row in batches.visible_batches(known_at) if row.committed_at), default=None)


def _number(month: str) -> int:
    """A month as the engine counts it; one that is none is before all others."""
    try:
        start = periods.parse(month).start
    except periods.PeriodError:
        return -1
    return start.year * 12 + start.month - 1


def _text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def last_day(month: int) -> dt.date:
    """The last day of a month as the engine counts it."""
    return periods.month_end(dt.date(month // 12, month % 12 + 1, 1))


# ── the firms behind a figure ────────────────────────────────────────────────
@dataclass(frozen=True)
class Behind:
    """One firm behind a figure: its own values in storage units; ``now`` and ``before`` None: it told the yardstick alone."""

    enterprise: Enterprise
    source: str = ""
    now: int | None = None
    before: int | None = None
    change: int | None = None


@dataclass(frozen=True)
class Figure:
    """A figure with the firms behind it, the deepest fall first; ``beyond`` are further firms the person may not see."""

    month: str
    fact: str
    which: str
    compared: Compared
    firms: tuple[Behind, ...]
    beyond: int


def behind(person: Person, key: str, fact: str = "", which: str = "", month: str = "") -> Figure | None:
    """A figure and the firms behind it, as far as the person may see their facts and who stands where; None where there is no such figure or it is hidden.

    Raises:
        access.Forbidden: the person may not see warnings, facts of firms, or who stands where.
    """
    for permission in (series.VIEW, register.VIEW):
        access.require(person, permission)
    found = board(person, month)
    watched = found.one(key) if found else None
    one = next((one for one in watched.series if one.line.fact == fact or not fact), None) if watched else None
    shown = one.shown(which or WHICH[0]) if one and (which or WHICH[0]) in WHICH else None
    if found is None or one is None or shown is None:
        return None
    reach = access.visible(access.visible(Enterprise.objects.all(), person, "enterprises.view_enterprise"), person, series.VIEW)
    told = [*shown.firms, *shown.gone]
    rows = {row.uscc: row for part in chunks(told) for row in reach.filter(uscc__in=part)}
    lines = [_behind(rows[firm], one.line, which or WHICH[0], found) for firm in told if firm in rows]
    lines.sort(key=lambda each: (each.now is not None, each.change if each.change is not None else 0, each.enterprise.name_key))
    return Figure(found.month, one.line.fact, which or WHICH[0], shown, tuple(lines), len(told) - len(lines))


def _behind(row: Enterprise, line: engine.Line, which: str, found: Board) -> Behind:
    span = engine.span(_number(found.month), found.terms.joined if found.terms else ())
    assert span is not None  # a month that is not judged has no figures
    one: Compared = getattr(engine.compare(found.told.values.get(line.fact, {}), line, span, firms=[row.uscc]), which)
    scale = engine.BEFORE if which == "before" else 1
    return Behind(row, one.sources[0], one.now // scale, one.before // scale, one.change) if one.firms else Behind(row)


# ── who is told ──────────────────────────────────────────────────────────────
def listeners() -> list[Person]:
    """Who is told of warnings: whoever holds the right for the whole county today."""
    names = [name for name, role in roles().items() if role.permissions.get(HEAR) is access.Scope.COUNTY]
    return list(Person.objects.filter(pk__in=Post.objects.current().filter(role__in=names, person__is_active=True).values("person")).order_by("pk"))
