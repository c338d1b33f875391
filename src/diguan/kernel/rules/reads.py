"""What one enterprise's facts say of a read: prepared once for a day, asked of each enterprise once, whatever the policies.

``design: rules §4``, to the letter. Every number is exact: rows are added up in storage units, and a value is a
fraction in the fact's display unit.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.periods import Day, Period
from diguan.kernel.rules import tree, windows
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN
from diguan.kernel.rules.windows import Window

Stored = int | str
VALUE, ABSENT, UNTOLD, PART = "value", "absent", "unknown", "part"
_END = attrgetter("end")


class Coverage(Protocol):
    """What every subject's data are complete for."""

    def gaps(self, fact: str, window: Window, kind: str) -> Sequence[Period]: ...
    def touches(self, fact: str, window: Window) -> bool: ...


class Row(NamedTuple):
    """One dated row; ``value`` in storage units, None where it says absent."""

    start: Day
    end: Day
    value: Stored | None


class Finding(NamedTuple):
    """One clause: verdict, and where there is one number to show, what was observed (display units)."""

    verdict: int
    observed: Fraction | str | None = None


BARE = (Finding(TRUE), Finding(FALSE), Finding(UNKNOWN))
"""By verdict, the finding that shows nothing."""


class Seen:
    """What a read gives. A ``PART`` is the known part of a total or extreme that is not fully covered.

    ``top`` and ``bottom`` are the value's numerator and denominator, where it is a number: comparing goes by them.
    ``some`` says of a part whether any value row is known. ``findings`` holds, by verdict, what a comparison of it finds.
    """

    __slots__ = ("bottom", "findings", "some", "state", "top", "value")

    def __init__(self, state: str, value: Fraction | str | None = None, *, some: bool = False) -> None:
        self.state, self.value, self.some = state, value, some
        self.top, self.bottom = (value.numerator, value.denominator) if isinstance(value, Fraction) else (0, 1)
        self.findings = BARE if state != VALUE or value is None else (Finding(TRUE, value), Finding(FALSE, value), Finding(UNKNOWN, value))


_ABSENT, _UNTOLD, _THERE, _EMPTY = Seen(ABSENT), Seen(UNTOLD), Seen(VALUE), Seen(PART)


@dataclass(frozen=True)
class SubjectFacts:
    """What is known of one enterprise. ``absent`` names the attributes known not to exist."""

    attributes: Mapping[str, Stored]
    rows: Mapping[str, Sequence[Row]]
    coverage: Coverage
    absent: frozenset[str] = frozenset()
    scales: Mapping[str, int] = field(default_factory=dict)
    memo: dict[Callable[..., Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What prepared reads and nested conditions gave, shared by every policy judged over this enterprise; the facts above never change."""
    _sorted: dict[str, tuple[list[Row], list[Day]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def scale(self, fact: FactSpec) -> int:
        """Storage units in one display unit; 1 for what is no quantity."""
        return self.scales.get(fact.name, fact.scale) if fact.numeric else 1

    def inside(self, fact: FactSpec, window: Window, as_of: Day) -> list[Row]:
        """The rows that lie wholly in the window and end by ``as_of``, in order of their ends."""
        found = self._sorted.get(fact.name)
        if found is None:
            rows = sorted(self.rows.get(fact.name, ()), key=_END)
            found = self._sorted[fact.name] = (rows, [row.end for row in rows])
        rows, ends = found
        start = window.start
        return [row for row in rows[bisect_left(ends, start):bisect_right(ends, min(window.end, as_of))] if row.start >= start]

    def open_periods(self, fact: FactSpec, window: Window, as_of: Day) -> list[Period]:
        """The periods of the window that neither coverage nor a row of this enterprise reports on; none: it is covered."""
        gaps = self.coverage.gaps(fact.name, window, fact.period)
        if not gaps or window.empty:
            return []
        fills = [row for row in self.rows.get(fact.name, ())
                 if row.end <= as_of and not (fact.period == "day" and row.value is not None)]
        return [part for part in gaps if not any(row.start <= part.start and part.end <= row.end for row in fills)]


Reader = Callable[[SubjectFacts], Seen]


def see(source: tree.Source, facts: SubjectFacts, as_of: Day) -> Seen:
    """What a read or ratio gives for this enterprise on this day."""
    return reader(source, as_of)(facts)


@functools.lru_cache(maxsize=4096)
def reader(source: tree.Source, as_of: Day) -> Reader:
    """A read made ready for a day: its window is worked out now, and each enterprise is asked once."""
    read = _ratio(source, as_of) if isinstance(source, tree.Ratio) else _reader(source, as_of)

    def remembered(facts: SubjectFacts) -> Seen:
        found: Seen | None = facts.memo.get(remembered)
        if found is None:
            found = facts.memo[remembered] = read(facts)
        return found
    return remembered


def untold(source: tree.Source, facts: SubjectFacts, as_of: Day) -> dict[FactSpec, list[Period]]:
    """Of each fact a read asks for, the periods nobody has told us of, oldest first; none for an attribute."""
    if source.window is None:
        return {fact: [] for fact in source.facts if fact.name not in facts.attributes and fact.name not in facts.absent}
    found: dict[FactSpec, list[Period]] = {}
    for fact in source.facts:
        window = windows.resolve(source.window, fact.period, as_of)
        spans = [windows.year_earlier(window), window] if isinstance(source, tree.Read) and source.agg == "growth" else [window]
        open_ = [part for span in spans for part in facts.open_periods(fact, span, as_of)]
        if open_:
            found[fact] = open_
    return found


def _reader(read: tree.Read, as_of: Day) -> Reader:
    fact = read.fact
    if read.window is None:
        return functools.partial(_attribute, fact)
    window = windows.resolve(read.window, fact.period, as_of)
    if read.agg == "growth":
        return functools.partial(_growth, fact, window, windows.year_earlier(window), as_of)
    if read.agg == "latest":
        return functools.partial(_latest, fact, window, as_of)
    if read.agg in ("sum", "count"):
        return functools.partial(_total, fact, read.agg, window, as_of)
    return functools.partial(_extreme, fact, {"max": max, "min": min}.get(read.agg or ""), window, as_of)


def _attribute(fact: FactSpec, facts: SubjectFacts) -> Seen:
    value = facts.attributes.get(fact.name)
    if value is not None:
        return Seen(VALUE, _shown(value, fact, facts))
    return _ABSENT if fact.name in facts.absent else _UNTOLD


def _shown(value: Stored, fact: FactSpec, facts: SubjectFacts) -> Fraction | str:
    return value if isinstance(value, str) else Fraction(value, facts.scale(fact))


def _total(fact: FactSpec, agg: str, window: Window, as_of: Day, facts: SubjectFacts) -> Seen:
    found: list[Any] = [row.value for row in facts.inside(fact, window, as_of) if row.value is not None]
    total = Fraction(sum(found), facts.scale(fact)) if agg == "sum" else Fraction(len(found))
    if not facts.open_periods(fact, window, as_of):
        return Seen(VALUE, total)
    return Seen(PART, total if agg == "count" or fact.non_negative else None, some=bool(found))


def _extreme(fact: FactSpec, extreme: Callable[[list[Any]], Stored] | None, window: Window, as_of: Day, facts: SubjectFacts) -> Seen:
    """The highest or lowest value; without ``extreme`` whether there is any."""
    found = [row.value for row in facts.inside(fact, window, as_of) if row.value is not None]
    covered = not facts.open_periods(fact, window, as_of)
    if extreme is None:
        return _THERE if found else _ABSENT if covered else _UNTOLD
    if not found:
        return _ABSENT if covered else _EMPTY
    return Seen(VALUE if covered else PART, _shown(extreme(found), fact, facts), some=True)


def _latest(fact: FactSpec, window: Window, as_of: Day, facts: SubjectFacts) -> Seen:
    rows = facts.inside(fact, window, as_of)
    if not rows:
        # A longer absent row speaks of the window without lying in it: that too is coverage.
        told = any(row.value is None and row.end <= as_of and window.touches(row.start, row.end) for row in facts.rows.get(fact.name, ()))
        return _ABSENT if told or facts.coverage.touches(fact.name, window) else _UNTOLD
    found: list[Any] = [row.value for row in rows if row.end == rows[-1].end and row.value is not None]
    return Seen(VALUE, _shown(max(found), fact, facts)) if found else _ABSENT


def _growth(fact: FactSpec, window: Window, earlier: Window, as_of: Day, facts: SubjectFacts) -> Seen:
    now, before = (_total(fact, "sum", each, as_of, facts) for each in (window, earlier))
    return _quotient(now, before, 1)


def _ratio(of: tree.Ratio, as_of: Day) -> Reader:
    a, b = (reader(side, as_of) for side in of.sides)
    return lambda facts: _quotient(a(facts), b(facts), 0)


def _quotient(a: Seen, b: Seen, less: int) -> Seen:
    """``a / b − less``; nothing where b is known and not above 0."""
    if b.state == VALUE and b.top <= 0:
        return _ABSENT
    if a.state != VALUE or b.state != VALUE:
        return _UNTOLD
    return Seen(VALUE, Fraction(a.top * b.bottom, a.bottom * b.top) - less)
