"""Early warning of a chain: power, tax and jobs of one month beside the same month a year ago and the three months before.

Only firms that told both sides are compared, each from one source, so that neither a late delivery nor a new firm looks like
growth or decline; what nobody told is not zero. Months are counted: ``year * 12 + month - 1``. Values are whole numbers in storage units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

FLOW, STOCK = "flow", "stock"
KINDS = (FLOW, STOCK)
RED, YELLOW, CALM, UNCLEAR, UNJUDGED = "red", "yellow", "calm", "unclear", "unjudged"
"""All series fall; two do; fewer do; too little is told to say; the month is judged together with the one after it."""
BEFORE = 3
"""So many months before are the second yardstick."""
LEAST_FIRMS = 3
"""A figure of fewer firms than this would tell a single firm's business (statistical secrecy)."""

Told = Mapping[str, Mapping[int, int]]
"""What one firm told of one series: source → month → value; the source that comes first in the catalogue stands first."""


@dataclass(frozen=True)
class Line:
    """From where on a series falls: by this much against a year ago, and against the three months before, in basis points. ``stock``: a state at the month's end, no sum."""

    fact: str
    kind: str
    year_fall: int
    before_fall: int


@dataclass(frozen=True)
class Span:
    """The months judged together: mostly one; January and February where the Spring Festival moves between them."""

    months: tuple[int, ...]

    @property
    def a_year_ago(self) -> tuple[int, ...]:
        """The same months of the year before."""
        return tuple(month - 12 for month in self.months)

    @property
    def before(self) -> tuple[int, ...]:
        """The months just before."""
        return tuple(self.months[0] - back for back in range(BEFORE, 0, -1))


def span(month: int, joined: Collection[int] = ()) -> Span | None:
    """The months that are judged with this one; None where a later month is joined with it. ``joined``: calendar months, 1 to 12, that follow each other.

    >>> span(2026 * 12 + 1, (1, 2)).months == (2026 * 12, 2026 * 12 + 1), span(2026 * 12, (1, 2)), span(2026 * 12 + 4, (1, 2)).before[-1] - 2026 * 12
    (True, None, 3)
    """
    of_year = month % 12 + 1
    if of_year not in joined:
        return Span((month,))
    return Span(tuple(month - of_year + each for each in sorted(joined))) if of_year == max(joined) else None


@dataclass(frozen=True)
class Compared:
    """One series of one chain against one yardstick, on one scale; the firms behind it. ``told`` told the months judged, ``gone`` told the yardstick alone."""

    now: int = 0
    before: int = 0
    firms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    told: int = 0
    gone: tuple[str, ...] = ()

    @property
    def change(self) -> int | None:
        """In basis points, rounded to the nearest; None where there was nothing before.

        >>> Compared(95, 100, ("a",)).change, Compared(1, 0, ("a",)).change
        (-500, None)
        """
        if not self.firms or self.before <= 0:
            return None
        return (2 * (self.now - self.before) * 10_000 + self.before) // (2 * self.before)

    def falls(self, by: int) -> bool:
        """Whether it is lower, by these basis points or more."""
        return self.now < self.before and self.now * 10_000 <= self.before * (10_000 - by)


@dataclass(frozen=True)
class Series:
    """One series of one chain in one month: against the year before, and against the three months before. ``hidden``: too few firms, or they could be worked out from what is shown."""

    line: Line
    year: Compared
    before: Compared
    hidden: frozenset[str] = field(default_factory=frozenset)

    def shown(self, which: str) -> Compared | None:
        """``year`` or ``before``, unless it is hidden or nobody is behind it."""
        found: Compared = getattr(self, which)
        return found if found.firms and which not in self.hidden else None

    @property
    def falls(self) -> bool | None:
        """Whether it falls against both; one that rises is enough to say no, None where that cannot be said."""
        year, before = self.shown("year"), self.shown("before")
        said = [None if year is None else year.falls(self.line.year_fall), None if before is None else before.falls(self.line.before_fall)]
        return False if False in said else None if None in said else True


def level(falls: Sequence[bool | None]) -> str:
    """How far a chain is in trouble, by what is known: what is not known neither raises nor clears an alarm.

    >>> level([True, True, True]), level([True, True, None]), level([True, False, None]), level([True, None, None]), level([False, False, None])
    ('red', 'yellow', 'unclear', 'unclear', 'calm')
    """
    down, open_ = falls.count(True), falls.count(None)
    if down == len(falls):
        return RED
    if down >= 2:
        return YELLOW
    return UNCLEAR if down + open_ >= 2 else CALM


def compare(told: Mapping[str, Told], line: Line, months: Span, *, firms: Iterable[str]) -> Series:
    """One series of these firms. ``told``: firm → source → month → value; a firm that is not there told nothing."""
    mine = {firm: told.get(firm, {}) for firm in sorted(firms)}
    last = slice(-1, None) if line.kind == STOCK else slice(None)  # of a stock the last month says all
    now, a_year_ago = months.months[last], months.a_year_ago[last]
    # The mean of three months and the sum of one or two are brought to whole numbers on one scale.
    return Series(line, _compared(mine, now, a_year_ago, (1, 1)), _compared(mine, now, months.before, (BEFORE, len(now))))


def _compared(told: Mapping[str, Told], months: tuple[int, ...], others: tuple[int, ...], scales: tuple[int, int]) -> Compared:
    found = {firm: source for firm, sources in told.items() if (source := _first(sources, (*months, *others)))}
    now, before = (sum(told[firm][source][month] for firm, source in found.items() for month in side) for side in (months, others))
    present = {firm for firm, sources in told.items() if _first(sources, months)}
    gone = tuple(firm for firm, sources in told.items() if firm not in present and _first(sources, others))
    return Compared(now * scales[0], before * scales[1], tuple(found), tuple(dict.fromkeys(found.values())), len(present), gone)


def _first(sources: Told, months: Sequence[int]) -> str | None:
    """The first source that told every one of these months; two sources of one firm are never compared with each other."""
    return next((source for source, values in sources.items() if all(month in values for month in months)), None)


# ── statistical secrecy ──────────────────────────────────────────────────────
def hidden(cells: Mapping[str, Collection[str]], few: int = LEAST_FIRMS) -> set[str]:
    """Which figures are not to be shown, of figures that add up what these firms told; a firm may be in several.

    Besides those of fewer than ``few`` firms, one is hidden where the difference of two shown ones, or of one and the sum of shown ones that do not overlap
    inside it, would be the figure of fewer than ``few`` firms. Of several ways the one that hides the fewest firms is taken, the total (the largest) last.

    >>> sorted(hidden({"all": "abcdefgh", "one": "abc", "two": "def", "three": "gh"}))
    ['one', 'three']
    """
    sets = {key: frozenset(firms) for key, firms in cells.items()}
    gone = {key for key, firms in sets.items() if len(firms) < few}
    while True:
        shown = sorted((key for key in sets if key not in gone), key=lambda key: (len(sets[key]), key))
        leak = next((inner for outer in reversed(shown) for inner in _leaks(sets, outer, shown, few)), None)
        if leak is None:
            return gone
        gone.add(leak)


def _leaks(sets: Mapping[str, frozenset[str]], outer: str, shown: Sequence[str], few: int) -> list[str]:
    """The smallest shown cell inside ``outer`` that would have to go, where what is left of it could be worked out."""
    inside = [key for key in shown if key != outer and sets[key] < sets[outer]]
    for key in inside:
        if len(sets[outer] - sets[key]) < few:
            return [key]
    apart: list[str] = []
    rest = sets[outer]
    for key in reversed(inside):  # the largest first: what is left soonest is small
        if sets[key] <= rest:
            apart.append(key)
            rest -= sets[key]
    return [apart[-1]] if apart and 0 < len(rest) < few else []
