"""Lines of a measure folded by period and part: the figure is what its rows come to, so it cannot be anything else."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from diguan.indicators.engine import spread, tables
from diguan.indicators.engine.tables import ALL, MILLION, PARTIAL, RUNNING, UNKNOWN, WHOLE, Numbers, Part, Table
from diguan.kernel import periods

if TYPE_CHECKING:
    from diguan.kernel.measures import Line

_ADDED = ("sum", "share", "mean_share")
"""Folds of which a part less another is a figure of the rest."""
Chosen = npt.NDArray[np.bool_]
_ALWAYS, _EVER = dt.date.min.toordinal(), dt.date.max.toordinal()


@dataclass(frozen=True)
class Lines:
    """Lines by column. ``num`` and ``of`` are 0 where ``known`` or ``shared`` is not set; ``keys`` number the records."""

    on: Numbers
    until: Numbers
    num: Numbers
    known: Numbers
    of: Numbers
    shared: Numbers
    keys: Numbers
    dated: Numbers
    groups: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.on)


def by_column(lines: Sequence[Line], groups: Sequence[str]) -> Lines:
    """Lines as the fold reads them."""
    numbers: dict[str, int] = {}

    def column(values: Sequence[int]) -> Numbers:
        return np.array(values, np.int64)

    return Lines(
        column([_ALWAYS if one.on is None else one.on.toordinal() for one in lines]), column([_EVER if one.until is None else one.until.toordinal() for one in lines]),
        column([one.num or 0 for one in lines]), column([one.num is not None for one in lines]), column([one.of or 0 for one in lines]), column([one.of is not None for one in lines]),
        column([numbers.setdefault(one.key, len(numbers)) for one in lines]), column([one.on is not None for one in lines]),
        {name: [one.groups.get(name, "") for one in lines] for name in groups})


@dataclass(frozen=True)
class Seats:
    """Which part each line is in: ``at`` has a row a line, a column for the whole and one for each breakdown."""

    parts: tuple[Part, ...]
    at: Numbers

    def many(self, rows: Numbers) -> Numbers:
        """How many of these lines are in each part."""
        return np.bincount(self.at[rows].ravel(), minlength=len(self.parts))

    def sums(self, rows: Numbers, values: Numbers) -> Numbers:
        """What these lines' values come to in each part."""
        found = np.zeros(len(self.parts), np.int64)
        np.add.at(found, self.at[rows].ravel(), np.repeat(values[rows], self.at.shape[1]))
        return found

    def seen(self, rows: Numbers, numbers: Numbers) -> npt.NDArray[np.bool_]:
        """Which numbers these lines bring to which part: a row a number."""
        found = np.zeros((int(numbers.max(initial=-1)) + 1, len(self.parts)), np.bool_)
        found[numbers[rows][:, None], self.at[rows]] = True
        return found

    def different(self, rows: Numbers, numbers: Numbers) -> Numbers:
        """How many different numbers these lines bring to each part."""
        return np.count_nonzero(self.seen(rows, numbers), axis=0)


def within(lines: Lines, span: str, first: dt.date, last: dt.date) -> Chosen:
    """Which lines count in a span from ``first`` to ``last``. A state counts what has begun and not ended by its day."""
    if span == "day":
        return (lines.on <= last.toordinal()) & (lines.until >= last.toordinal())
    return (lines.on >= first.toordinal()) & (lines.on <= last.toordinal()) & (lines.dated == 1)


def of_lines(lines: Lines, where: Sequence[tuple[str, Sequence[str]]], by: Sequence[str], fold: str, span: str, spans: Mapping[str, tuple[dt.date, dt.date]], as_of: dt.date, *, firms: bool,
             each: str = "") -> Table:
    """Lines folded over spans (first and last day of each), up to ``as_of`` at most: a period that ends later still runs. ``each`` names the breakdown whose parts ``kinds`` counts."""
    placed, kept = Seats(*tables.places(lines.groups, by, len(lines))), tables.passing(lines.groups, where, len(lines))
    shape = (len(spans), len(placed.parts))
    num, den, records, told, expected = (np.zeros(shape, np.int64) for _ in range(5))
    state = np.full(shape, WHOLE, np.int8)
    folded = functools.partial(_kinds, numbered(lines.groups[each])) if each else _FOLDS[fold]

    def taken(span: str, first: dt.date, last: dt.date) -> bytes:
        return np.flatnonzero(kept & within(lines, span, first, last)).tobytes()

    @functools.cache
    def figures(taken: bytes) -> tuple[Numbers, ...]:  # the same lines come to the same: a state that did not change is folded once
        rows = np.frombuffer(taken, np.int64)
        return *folded(lines, rows, placed), placed.different(rows, lines.keys), placed.many(rows[lines.known[rows] == 1]), placed.many(rows)

    @functools.cache
    def veiled(taken: bytes) -> Chosen:  # a month is in many spans
        return _veil(lines, np.frombuffer(taken, np.int64), placed, fold)

    # Before its first record a register was not kept, and one without any never was: nobody told, which is not zero.
    began = int(lines.on[lines.dated == 1].min(initial=_EVER)) if lines.dated.any() or not len(lines) else _ALWAYS
    for row, (first, last) in enumerate(spans.values()):
        if first > as_of or (span != "day" and last.toordinal() < began):
            state[row] = UNKNOWN
            continue
        num[row], den[row], records[row], told[row], expected[row] = figures(taken(span, first, min(last, as_of)))
        if span == "day" and fold == "sum":  # a state that no record tells is unknown; only what is counted can be none
            den[row] = np.where(expected[row] > 0, den[row], 0)
        state[row] = np.where(den[row] <= 0, UNKNOWN, np.where(told[row] < expected[row], PARTIAL, RUNNING if last > as_of else WHOLE))
        if firms:
            state[row] = tables.hide(state[row], np.any([veiled(taken(*each)) for each in _steps(fold, span, first, min(last, as_of))], axis=0))
    return Table(tuple(spans), placed.parts, num, np.where(den > 0, den, 1), records, told, expected, state)


def _steps(fold: str, span: str, first: dt.date, last: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """A span and, of what adds up over several months, each of them: two spans that part in one month would tell what the month does not."""
    months = periods.within(first, periods.of_day(last, "month").end, "month") if fold in _ADDED and span not in ("day", "month") else ()
    return [(span, first, last), *(("month", month.start, min(month.end, last)) for month in months)]


def _veil(lines: Lines, rows: Numbers, placed: Seats, fold: str) -> Chosen:
    """Which parts are of too few firms: a firm counts that has a line which the fold reads."""
    told = lines.known * lines.shared if fold in ("share", "mean_share") else lines.known
    counted = placed.seen(rows[told[rows] == 1], lines.keys).astype(np.float64)  # numbers of firms are exact in it, and it multiplies many times faster
    return tables.veil(placed.parts, placed.different(rows, lines.keys), (counted.T @ counted).astype(np.int64), nested=fold in _ADDED)


def _sum(lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
    return placed.sums(rows, lines.num), _ones(placed)


def _ones(placed: Seats) -> Numbers:
    return np.ones(len(placed.parts), np.int64)


def _count(_lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
    return placed.many(rows), _ones(placed)


def _keys(lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
    return placed.different(rows, lines.keys), _ones(placed)


def numbered(words: Sequence[str]) -> Numbers:
    """A number for each word, the same for the same one; -1 where nobody told.

    >>> numbered(["甲", "", "乙", "甲"]).tolist()
    [0, -1, 1, 0]
    """
    known: dict[str, int] = {}
    return np.array([known.setdefault(word, len(known)) if word else -1 for word in words], np.int64)


def _kinds(kinds: Numbers, _lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
    """How many different parts of a breakdown the lines fall into; a line of none counts as none."""
    return placed.different(rows[kinds[rows] >= 0], kinds), _ones(placed)


def _share(lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
    """Sum over sum: every unit counts the same."""
    whole = rows[(lines.known * lines.shared)[rows] == 1]
    return placed.sums(whole, lines.num), placed.sums(whole, lines.of)


def _mean_share(lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
    """The mean of the lines' own shares, in millionths: every line counts the same; a line of nothing has no share."""
    whole = rows[(lines.known * lines.shared * (lines.of > 0))[rows] == 1]
    return placed.sums(whole, lines.num * MILLION // np.where(lines.of > 0, lines.of, 1)), placed.many(whole) * MILLION


def _rank(percent: int) -> Callable[[Lines, Numbers, Seats], tuple[Numbers, Numbers]]:
    """The line so many percent keep to; of no line there is none, which is not zero."""
    def fold(lines: Lines, rows: Numbers, placed: Seats) -> tuple[Numbers, Numbers]:
        told = rows[lines.known[rows] == 1]
        told = told[np.argsort(lines.num[told], kind="stable")]
        found = [spread.nearest(lines.num[told[(placed.at[told] == part).any(axis=1)]], percent) for part in range(len(placed.parts))]
        return np.array([one or 0 for one in found], np.int64), np.array([one is not None for one in found], np.int64)

    return fold


_FOLDS = {"sum": _sum, "count": _count, "distinct": _keys, "share": _share, "mean_share": _mean_share, "p50": _rank(50), "p90": _rank(90)}
__all__ = ["ALL", "Lines", "Part", "by_column", "of_lines", "within"]
