"""A difference between two figures, split by its causes so that the parts add up to it exactly.

Everything is whole numbers in storage units. A figure is made of one to four totals (above and below, now and then); what happened to
the rows behind each total moves it by so much. The causes are taken one after the other, in :data:`ORDER`, and a part is by how much the
figure moves when its cause is added: of a sum the order makes no difference, of a ratio it does, and the parts add up either way.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from diguan.indicators.engine import terms
from diguan.indicators.engine.tables import MILLION

if TYPE_CHECKING:
    from diguan.kernel.measures import Line

DEFINITION, REGISTER, CORRECTED, ADDED, GONE, HIDDEN, PROGRAM = "definition", "register", "corrected", "added", "gone", "hidden", "program"
ORDER = (DEFINITION, REGISTER, CORRECTED, ADDED, GONE, HIDDEN, PROGRAM)
"""The old rows by another definition; a record that came into or left the filter; the same row with another value; rows that were not
there; rows that are no longer there; rows this person may not see, whatever their cause; another version of what folds."""
Pair = tuple[int, int]
"""A total: the number, and what it is a part of where the measure has shares (else 0)."""
NOTHING: Pair = (0, 0)


@dataclass(frozen=True)
class Moved:
    """One row that moved a total: by how much, and what it was and is worth (None: it was not there). ``step`` is the row's own period."""

    cause: str
    key: str
    by: Pair
    before: int | None = None
    after: int | None = None
    step: str = ""


def plus(one: Pair, other: Pair) -> Pair:
    """Both together."""
    return one[0] + other[0], one[1] + other[1]


def minus(one: Pair, other: Pair) -> Pair:
    """The difference."""
    return one[0] - other[0], one[1] - other[1]


# ── facts of firms ───────────────────────────────────────────────────────────
def of_firm(key: str, before: Mapping[str, int], after: Mapping[str, int], *, was_in: bool, is_in: bool, count: bool) -> list[Moved]:
    """What one firm moved: ``before`` and ``after`` by the fact's own periods, whether it was and is in the filter.

    >>> [(one.cause, one.by[0]) for one in of_firm("a", {"2025-07": 5, "2025-08": 2}, {"2025-08": 3, "2025-09": 4}, was_in=False, is_in=True, count=False)]
    [('register', 7), ('gone', -5), ('corrected', 1), ('added', 4)]
    >>> of_firm("a", {"2025-08": 2}, {"2025-08": 3}, was_in=True, is_in=True, count=True)
    []
    """
    found = []
    if was_in != is_in:
        worth = sum(_worth(num, count) for num in before.values())
        found.append(Moved(REGISTER, key, (worth if is_in else -worth, 0), worth if was_in else None, worth if is_in else None))
    if is_in:
        for step in sorted({*before, *after}):
            then, now = before.get(step), after.get(step)
            cause = ADDED if then is None else GONE if now is None else CORRECTED
            found.append(Moved(cause, key, (_worth(now, count) - _worth(then, count), 0), then, now, step))
    return [one for one in found if one.by[0]]


def _worth(num: int | None, count: bool) -> int:
    return int(num is not None and num > 0) if count else num or 0


# ── lines of records ─────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Counting:
    """Which lines count and for what: the filter, the fold, the span with its first day, and up to which day."""

    where: terms.Where
    fold: str
    span: str
    first: dt.date
    last: dt.date

    def counts(self, line: Line) -> bool:
        """Whether a line counts; a state counts what has begun and not ended by its day."""
        if self.span == "day":
            inside = (line.on is None or line.on <= self.last) and (line.until is None or line.until >= self.last)
        else:
            inside = line.on is not None and self.first <= line.on <= self.last
        return inside and all(line.groups.get(name, "") in values for name, values in self.where)

    def worth(self, lines: Sequence[Line]) -> Pair:
        """What the lines of one record come to."""
        taken = [line for line in lines if self.counts(line)]
        return _FOLDED[self.fold](taken)


def _sum(lines: Sequence[Line]) -> Pair:
    return sum(line.num or 0 for line in lines), 0


def _share(lines: Sequence[Line]) -> Pair:
    whole = [(line.num, line.of) for line in lines if line.num is not None and line.of is not None]
    return sum(num for num, _of in whole), sum(of for _num, of in whole)


def _mean_share(lines: Sequence[Line]) -> Pair:
    whole = [(line.num, line.of) for line in lines if line.num is not None and line.of is not None and line.of > 0]
    return sum(num * MILLION // of for num, of in whole), len(whole) * MILLION


_FOLDED = {terms.SUM: _sum, terms.COUNT: lambda lines: (len(lines), 0), terms.DISTINCT: lambda lines: (int(bool(lines)), 0), terms.SHARE: _share, terms.MEAN_SHARE: _mean_share}


def of_record(key: str, before: Sequence[Line], after: Sequence[Line], then: Counting, now: Counting) -> list[Moved]:
    """What one record moved: its lines as they were and are; ``then`` and ``now`` differ in the day up to which they count.

    The lines are brought from the one state to the other step by step, and each step is worth what it moves: other parts of breakdowns,
    other values, lines that are new, lines that are gone, and last the days that have passed.
    """
    pairs, gone, added = _matched(before, after)
    parts = [replace(old, groups=new.groups) for old, new in pairs]
    same = [new for _old, new in pairs]
    states = [then.worth(before), then.worth([*parts, *gone]), then.worth([*same, *gone]), then.worth([*same, *gone, *added]), then.worth([*same, *added]), now.worth(after)]
    moved = [minus(late, early) for early, late in itertools.pairwise(states)]
    causes = [REGISTER, CORRECTED, ADDED, GONE, ADDED if sum(moved[-1]) >= 0 else GONE]
    taken: dict[str, Pair] = {}
    for cause, by in zip(causes, moved, strict=True):
        taken[cause] = plus(taken.get(cause, NOTHING), by)
    was, is_now = [line for line in before if then.counts(line)], [line for line in after if now.counts(line)]
    shown = (states[0][0] if was else None, states[-1][0] if is_now else None)
    return [Moved(cause, key, by, *shown) for cause, by in taken.items() if by != NOTHING]


def _matched(before: Sequence[Line], after: Sequence[Line]) -> tuple[list[tuple[Line, Line]], list[Line], list[Line]]:
    """Lines of one record that are the same line, then those that are gone and added: first what is equal, then by the day, then by the value."""
    pairs: list[tuple[Line, Line]] = []
    old, new = list(before), list(after)
    for mark in (_whole, _day, _value):
        kept = []
        for line in old:
            at = next((at for at, each in enumerate(new) if mark(each) == mark(line)), None)
            if at is None:
                kept.append(line)
            else:
                pairs.append((line, new.pop(at)))
        old = kept
    return pairs, old, new


def _whole(line: Line) -> tuple[object, ...]:
    return line.num, line.on, line.until, line.of, tuple(sorted(line.groups.items()))


def _day(line: Line) -> object:
    return line.on


def _value(line: Line) -> tuple[object, ...]:
    return line.num, line.of


# ── the figure ───────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Shape:
    """How totals make a figure: a ``ratio`` is above over below, a ``change`` now against then, a ``share`` the total's own two numbers.

    The totals stand in the order above now, above then, below now, below then, as far as the figure has them.
    """

    ratio: bool = False
    change: bool = False
    share: bool = False

    def of(self, totals: Sequence[Pair]) -> Fraction | None:
        """The figure; None where it is divided by what is not above zero.

        >>> Shape(ratio=True).of([(1, 0), (3, 0)]), Shape(change=True).of([(3, 0), (2, 0)]), Shape(change=True).of([(3, 0), (0, 0)])
        (Fraction(1, 3), Fraction(1, 2), None)
        """
        found = [self._one(total) for total in totals]
        if self.ratio:
            half = len(found) // 2
            found = [_over(top, bottom) for top, bottom in zip(found[:half], found[half:], strict=True)]
        if not self.change:
            return found[0]
        now, then = found
        over = _over(now, then)
        return None if over is None else over - 1

    def _one(self, total: Pair) -> Fraction | None:
        if not self.share:
            return Fraction(total[0])
        return Fraction(*total) if total[1] > 0 else None


def _over(top: Fraction | None, bottom: Fraction | None) -> Fraction | None:
    return None if top is None or bottom is None or bottom <= 0 else top / bottom


@dataclass(frozen=True)
class Part:
    """By how much one cause moves the figure, and how many rows of it there are."""

    cause: str
    by: Fraction
    rows: int


def split(shape: Shape, before: Fraction, after: Fraction, totals: Sequence[Pair], moved: Sequence[Sequence[Moved]], *, redefined: bool) -> list[Part] | None:
    """The difference of two figures by its causes; None where it cannot be split, since on the way it would be divided by nothing.

    Args:
        shape: how the totals make the figure.
        before: the figure as it was.
        after: the figure as it is.
        totals: the old rows by the definition of now, a total a side.
        moved: the rows that moved each of these totals.
        redefined: whether the definition is another one; else what is left over is the program's.

    The parts add up to ``after`` less ``before``, always.
    """
    at = shape.of(totals)
    if at is None:
        return None
    parts = [Part(DEFINITION if redefined else PROGRAM, at - before, 0)]
    now = list(totals)
    for cause in ORDER[1:-1]:
        rows = [[one for one in each if one.cause == cause] for each in moved]
        for side, each in enumerate(rows):
            for one in each:
                now[side] = plus(now[side], one.by)
        late = shape.of(now)
        if late is None:
            return None
        parts.append(Part(cause, late - at, len({one.key for each in rows for one in each})))
        at = late
    parts.append(Part(PROGRAM, after - at, 0))
    return [one for one in parts if one.by or one.rows]
