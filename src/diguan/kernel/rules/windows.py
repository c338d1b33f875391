"""Period words → days, and which of those days nobody has reported on. ``design: rules §4``, to the letter.

A window is a closed range of days and may be empty (start after end): in January no whole month of
this year has ended yet. An empty window is covered, and sums to 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from diguan.kernel.messages import Message
from diguan.kernel.periods import (
    ALL,
    FIRST_DAY,
    Day,
    Period,
    add_months,
    next_day,
    of_day,
    previous_day,
    within,
)
from diguan.kernel.rules.tree import Word

WORDS = ("this_year", "previous_year", "year:n", "last_12_months", "previous_quarter", "all", "latest")
_YEAR = re.compile(r"year:\s*([+-]?\d{1,4})")
_NAMED = {"this_year": Word("year", 0), "previous_year": Word("year", -1), "last_12_months": Word("last_12_months"),
          "previous_quarter": Word("previous_quarter"), "all": Word("all"), "latest": Word("all")}
EARLIEST_YEAR = -100


class Window(NamedTuple):
    """The days a word means at one ``as_of``; ``whole`` marks the word ``all``, which only ``all`` covers."""

    start: Day
    end: Day
    whole: bool = False

    @property
    def empty(self) -> bool:
        return self.start > self.end

    def holds(self, start: Day, end: Day) -> bool:
        return self.start <= start and end <= self.end

    def touches(self, start: Day, end: Day) -> bool:
        return not self.empty and self.start <= end and start <= self.end


def parse_word(text: str) -> Word | None:
    """A period word; None if it is none. ``latest`` reads as ``all``: the aggregation says the rest.

    >>> parse_word("this_year").text, parse_word("year:-2").text, parse_word("year:1")
    ('year:0', 'year:-2', None)
    """
    found = _YEAR.fullmatch(text)
    if found is None:
        return _NAMED.get(text)
    years = int(found.group(1))
    return Word("year", years) if EARLIEST_YEAR <= years <= 0 else None


def cuts(word: Word, kind: str) -> Message | None:
    """Why the word cannot be asked of a fact of this kind: it would cut its periods."""
    if kind != "year" or word.name == "all" or (word.name == "year" and word.years < 0):
        return None
    return Message(f"年度数据不能按 {word.text} 取：会把一年切开", f"a yearly fact cannot be read over {word.text}: it cuts the year")


def resolve(word: Word, kind: str, as_of: Day) -> Window:
    """The days of a word for a fact of this kind.

    >>> [d.isoformat() for d in resolve(Word("last_12_months"), "quarter", Day(2026, 8, 15))[:2]]
    ['2025-07-01', '2026-06-30']
    """
    if word.name == "all":
        return Window(FIRST_DAY, as_of, whole=True)
    if word.name == "previous_quarter":
        quarter = of_day(previous_day(of_day(as_of, "quarter").start), "quarter")
        return Window(quarter.start, quarter.end)
    if word.name == "year" and word.years < 0:
        year = of_day(add_months(as_of, 12 * word.years), "year")
        return Window(year.start, year.end)
    end = last_ended(kind, as_of)
    if word.name == "year":
        return Window(Day(as_of.year, 1, 1), end)
    if kind == "day":
        return Window(next_day(add_months(as_of, -12)), end)
    return Window(add_months(next_day(end), -12), end)


def last_ended(kind: str, as_of: Day) -> Day:
    """The last day of the last whole period of the kind that has ended by ``as_of``."""
    period = of_day(as_of, kind)
    return period.end if period.end <= as_of else previous_day(period.start)


def year_earlier(window: Window) -> Window:
    """The window growth compares with: the same whole periods one year earlier.

    >>> [d.isoformat() for d in year_earlier(Window(Day(2024, 3, 1), Day(2025, 2, 28)))[:2]]
    ['2023-03-01', '2024-02-29']
    """
    return Window(add_months(window.start, -12), previous_day(add_months(next_day(window.end), -12)))


def uncovered(window: Window, kind: str, coverage: Iterable[Period]) -> list[Period]:
    """Every whole period of the fact's kind in the window that lies in no coverage period.

    Empty: covered, whatever the rows say. The word ``all`` is covered only by the coverage ``all``;
    its one missing period is then ``ALL`` itself, which no row fills.
    """
    periods = tuple(coverage)
    if window.whole:
        return [] if ALL in periods else [ALL]
    near = [period for period in periods if window.touches(period.start, period.end)]
    return [part for part in within(window.start, window.end, kind)
            if not any(period.contains(part) for period in near)]


class Coverage:
    """Which periods of which facts are complete for everybody; shared by all subjects, and remembers its gaps."""

    def __init__(self, periods: Mapping[str, Sequence[Period]]) -> None:
        self._periods = {fact: tuple(found) for fact, found in periods.items()}
        self._gaps: dict[tuple[str, Window, str], tuple[Period, ...]] = {}

    def of(self, fact: str) -> tuple[Period, ...]:
        return self._periods.get(fact, ())

    def gaps(self, fact: str, window: Window, kind: str) -> tuple[Period, ...]:
        """:func:`uncovered` of this fact, computed once."""
        key = (fact, window, kind)
        found = self._gaps.get(key)
        if found is None:
            found = self._gaps[key] = tuple(uncovered(window, kind, self.of(fact)))
        return found

    def touches(self, fact: str, window: Window) -> bool:
        """Whether any coverage of the fact shares a day with the window."""
        return any(window.touches(period.start, period.end) for period in self.of(fact))
