"""What counts as contracted investment and as a new project, and why the rest does not (三明 counting rules, domain.md §2.5 [P45]).

One fold over verified agreements in the order of their signing. Each project counts once, at its first contract; frameworks never; added
investment only by what the whole is more than before; a changed investor takes the place of the first; an upgrade adds nothing; the same
project under a second number counts nothing until somebody has proved that they are two. Every row that does not count says why.
Amounts are fen, days are days of signing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

FRAMEWORK, CONTRACT, SUPPLEMENT, REPLACEMENT, AMENDMENT = "framework", "contract", "supplement", "replacement", "amendment"
NEW, ADDED, UPGRADED = "new", "added", "upgraded"
ENTERED, VERIFIED, REJECTED, VOID = "entered", "verified", "rejected", "void"

COUNTED, INCREMENT = "", "increment"
"""Counted: the first contract whole, or what the whole is more than before."""
NOT_SIGNED_CONTRACT, RESIGNED, REPLACED, AMENDED, UPGRADE, NO_BASE, NO_INCREASE, TWIN, SAME_INVESTOR, UNVERIFIED, WAS_REJECTED, WAS_VOID = (
    "framework", "resigned", "replaced", "amended", "upgrade", "no_base", "no_increase", "twin", "same_investor", "unverified", "rejected", "void")
REASONS = (COUNTED, INCREMENT, NOT_SIGNED_CONTRACT, RESIGNED, REPLACED, AMENDED, UPGRADE, NO_BASE, NO_INCREASE, TWIN, SAME_INVESTOR, UNVERIFIED, WAS_REJECTED, WAS_VOID)
_STATES = {ENTERED: UNVERIFIED, REJECTED: WAS_REJECTED, VOID: WAS_VOID}


@dataclass(frozen=True)
class Place:
    """A project as counting sees it. ``name`` is its name's key, ``node`` empty where none is told."""

    id: int
    kind: str = NEW
    extends: int | None = None
    node: str = ""
    name: str = ""
    uscc: str = ""
    core: str = ""


@dataclass(frozen=True)
class Signed:
    """An agreement as counting sees it. ``fen`` is what it says, None where it says no amount; ``total_fen`` the whole after an added investment.

    ``replaces`` is the agreement whose place it takes. ``verified_at`` and ``voided_at`` say from when it was known.
    """

    id: int
    project: int
    kind: str
    on: dt.date
    fen: int | None = None
    total_fen: int | None = None
    replaces: int | None = None
    uscc: str = ""
    core: str = ""
    state: str = VERIFIED
    verified_at: dt.datetime | None = None
    voided_at: dt.datetime | None = None


@dataclass(frozen=True)
class Line:
    """One agreement and what of it counts. ``other`` is the project it is a twin of or adds to; ``cut_by`` the later agreement that lowered it."""

    agreement: int
    project: int
    on: dt.date
    kind: str
    said: int | None
    fen: int
    reason: str
    other: int | None = None
    cut_by: int | None = None

    @property
    def counts(self) -> bool:
        """Whether any of it counts."""
        return self.reason in (COUNTED, INCREMENT)


@dataclass(frozen=True)
class Book:
    """Every agreement with what counts of it, in the order of signing; ``firsts`` are the new projects with the day they count at."""

    lines: tuple[Line, ...]
    firsts: Mapping[int, dt.date]

    def within(self, start: dt.date | None = None, end: dt.date | None = None, projects: Collection[int] | None = None) -> Book:
        """What was signed between two days, ends included, of some projects. What counts was worked out before, over all of them."""

        def wanted(project: int, day: dt.date) -> bool:
            return (start is None or day >= start) and (end is None or day <= end) and (projects is None or project in projects)

        return Book(tuple(line for line in self.lines if wanted(line.project, line.on)), {key: day for key, day in self.firsts.items() if wanted(key, day)})

    @property
    def fen(self) -> int:
        """Contracted investment (合同引资额)."""
        return sum(line.fen for line in self.lines)

    @property
    def left_out(self) -> tuple[Line, ...]:
        """The rows that do not count, each with its reason."""
        return tuple(line for line in self.lines if not line.counts)

    def by_project(self) -> dict[int, int]:
        """What counts of each project, in fen."""
        found: dict[int, int] = {}
        for line in self.lines:
            if line.counts:
                found[line.project] = found.get(line.project, 0) + line.fen
        return found


def standing(rows: Iterable[Signed], as_of: dt.date, known_at: dt.datetime | None = None) -> list[Signed]:
    """The rows signed by a day, as they were known at a moment (None: now).

    >>> row = Signed(1, 1, CONTRACT, dt.date(2025, 3, 1), 100, verified_at=dt.datetime(2025, 3, 9))
    >>> [one.state for one in standing([row], dt.date(2025, 3, 31), dt.datetime(2025, 3, 5))], standing([row], dt.date(2025, 2, 28))
    (['entered'], [])
    """
    return [replace(row, state=_state(row, known_at)) for row in rows if row.on <= as_of]


def _state(row: Signed, known_at: dt.datetime | None) -> str:
    if known_at is None:
        return row.state
    if row.voided_at is not None and row.voided_at > known_at:
        return VERIFIED if row.verified_at is not None and row.verified_at <= known_at else ENTERED
    if row.state == VERIFIED and (row.verified_at is None or row.verified_at > known_at):
        return ENTERED
    return row.state


@dataclass
class _Family:
    """A project and what adds to it. ``parts`` are the places of its counted lines; ``out`` why nothing of it counts, and of which project it is a twin."""

    root: int
    node: str
    name: str
    usccs: set[str]
    cores: set[str]
    first_fen: int = 0
    parts: list[int] = field(default_factory=list)
    signed: bool = False
    out: tuple[str, int] | None = None

    @property
    def keys(self) -> list[tuple[str, str]]:
        """What another family must share with it to be looked at."""
        return [*(("uscc", one) for one in self.usccs), *(("core", one) for one in self.cores), *([("name", self.name)] if self.name else [])]


def count(projects: Iterable[Place], signed: Iterable[Signed], apart: Collection[frozenset[int]] = ()) -> Book:
    """Count.

    Args:
        projects: all of them: a twin is found wherever it stands.
        signed: their agreements as they stand (:func:`standing`).
        apart: pairs of projects that were proved to be two.

    >>> places = [Place(1), Place(2, UPGRADED, 1)]
    >>> day = dt.date(2025, 5, 1)
    >>> book = count(places, [Signed(1, 1, FRAMEWORK, day, 900), Signed(2, 1, CONTRACT, day, 100), Signed(3, 1, CONTRACT, day, 100), Signed(4, 2, CONTRACT, day, 50)])
    >>> book.fen, len(book.firsts), [line.reason for line in book.left_out]
    (100, 1, ['framework', 'resigned', 'upgrade'])
    """
    fold = _Fold({place.id: place for place in projects}, frozenset(apart))
    for row in sorted(signed, key=lambda row: (row.on, row.id)):
        fold.take(row)
    return Book(tuple(fold.lines), fold.firsts)


class _Fold:
    """The state of the fold: families by their first project, lines so far."""

    def __init__(self, places: Mapping[int, Place], apart: frozenset[frozenset[int]]) -> None:
        self.places, self.apart = places, apart
        self.families: dict[int, _Family] = {}
        self.alike: dict[tuple[str, str], dict[int, _Family]] = {}
        self.moved: dict[int, int] = {}
        self.project_of: dict[int, int] = {}
        self.lines: list[Line] = []
        self.firsts: dict[int, dt.date] = {}

    def take(self, row: Signed) -> None:
        """Judge the next agreement."""
        self.project_of[row.id] = row.project
        reason = self._plain(row)
        if reason:
            self._line(row, 0, reason)
            return
        family = self._family(row)
        if family.out is not None:
            self._line(row, 0, family.out[0], other=family.out[1])
        elif not family.signed:
            self._first(row, family)
        else:
            self._again(row, family)

    def _plain(self, row: Signed) -> str:
        """What can be said of a row by itself."""
        if row.state != VERIFIED:
            return _STATES[row.state]
        if row.kind == FRAMEWORK:
            return NOT_SIGNED_CONTRACT
        if self.places[row.project].kind == UPGRADED:
            return UPGRADE
        return AMENDED if row.kind == AMENDMENT and row.fen is None else ""

    def _family(self, row: Signed) -> _Family:
        """The family of an agreement; one that replaces another project's agreement joins that one's."""
        if row.kind == REPLACEMENT and row.replaces in self.project_of:
            old, new = self._root(self.project_of[row.replaces]), self._root(row.project)
            if old != new and not (new in self.families and self.families[new].signed):
                self.moved[new] = old
        root = self._root(row.project)
        place = self.places[root]
        found = self.families.setdefault(root, _Family(root, place.node, place.name, set(), set()))
        for one in (self.places[row.project], row):
            found.usccs |= {one.uscc} - {""}
            found.cores |= {one.core} - {""}
        if found.signed:
            self._index(found)
        return found

    def _index(self, family: _Family) -> None:
        for key in family.keys:
            self.alike.setdefault(key, {})[family.root] = family

    def _root(self, project: int) -> int:
        seen: set[int] = set()
        while project not in seen:
            seen.add(project)
            place = self.places[project]
            if project in self.moved:
                project = self.moved[project]
            elif place.kind != NEW and place.extends is not None and place.extends in self.places:
                project = place.extends
        return project

    def _first(self, row: Signed, family: _Family) -> None:
        """The first signing of a family: a contract of its first project, and of no project that is counted already."""
        if row.kind != CONTRACT or row.project != family.root or self.places[row.project].kind != NEW:
            self._line(row, 0, NO_BASE)
            return
        family.first_fen = row.fen or 0
        family.out = self._twin_of(family)
        if family.out is not None:
            self._line(row, 0, family.out[0], other=family.out[1])
            return
        family.signed = True
        self._index(family)
        self.firsts[row.project] = row.on
        family.parts.append(self._line(row, row.fen or 0, COUNTED))

    def _twin_of(self, family: _Family) -> tuple[str, int] | None:
        near = {root: other for key in family.keys for root, other in self.alike.get(key, {}).items()}
        for other in (near[root] for root in sorted(near)):
            if other is family or frozenset((family.root, other.root)) in self.apart:
                continue
            if reason := _alike(family, other):
                return reason, other.root
        return None

    def _again(self, row: Signed, family: _Family) -> None:
        """What is signed after the first contract."""
        if row.kind == SUPPLEMENT or (row.kind == CONTRACT and row.project != family.root and self.places[row.project].kind == ADDED):
            self._add(row, family)
            return
        if row.kind in (REPLACEMENT, AMENDMENT):
            self._lower(row, family)
        reason = {REPLACEMENT: REPLACED, AMENDMENT: AMENDED}.get(row.kind, RESIGNED)
        self._line(row, 0, reason, other=family.root)

    def _add(self, row: Signed, family: _Family) -> None:
        """Only what the whole is more than before; without the whole nothing can be said of it."""
        before = sum(self.lines[part].fen for part in family.parts)
        more = min(row.fen or 0, max((row.total_fen or 0) - before, 0))
        if more <= 0:
            self._line(row, 0, NO_INCREASE, other=family.root)
            return
        family.parts.append(self._line(row, more, INCREMENT, other=family.root))

    def _lower(self, row: Signed, family: _Family) -> None:
        """A new investor or an amendment may lower the whole, never raise it; what was added last is cut first. Of an addition it lowers that addition alone."""
        alone = self.places[row.project].kind == ADDED
        parts = [part for part in family.parts if not alone or self.lines[part].project == row.project]
        excess = sum(self.lines[part].fen for part in parts) - (row.fen or 0)  # an amendment without an amount has not come this far
        for part in reversed(parts):
            if excess <= 0:
                return
            line = self.lines[part]
            cut = min(line.fen, excess)
            excess -= cut
            self.lines[part] = replace(line, fen=line.fen - cut, cut_by=row.id)

    def _line(self, row: Signed, fen: int, reason: str, other: int | None = None) -> int:
        self.lines.append(Line(row.id, row.project, row.on, row.kind, row.fen, fen, reason, other))
        return len(self.lines) - 1


def _alike(one: _Family, other: _Family) -> str:
    """Whether two are the same project under two numbers: one investor (or one name) and one amount at nodes that do not differ; or surely one investor at one node."""
    if one.node and other.node and one.node != other.node:
        return ""
    core = bool(one.cores & other.cores)
    same = bool(one.usccs & other.usccs) or (core and not (one.usccs and other.usccs))
    named = bool(one.name) and one.name == other.name
    if one.first_fen == other.first_fen and (same or core or named):
        return TWIN
    return SAME_INVESTOR if same else ""
