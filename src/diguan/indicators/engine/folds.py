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


def chosen(lines: Lines, where: Sequence[tuple[str, Sequence[str]]], span: str, first: dt.date, last: dt.date) -> Numbers:
    """Which lines count in a span from ``first`` to ``last``: 1 or 0. A state counts what has begun and not ended by its day."""
    if span == "day":
        found = (lines.on <= last.toordinal()) & (lines.until >= last.toordinal())
    else:
        found = (lines.on >= first.toordinal()) & (lines.on <= last.toordinal()) & (lines.dated == 1)
    for name, values in where:
        found &= np.isin(np.array(lines.groups[name], dtype=object), list(values))
    return found.astype(np.int64)


def of_lines(lines: Lines, where: Sequence[tuple[str, Sequence[str]]], by: Sequence[str], fold: str, span: str, spans: Mapping[str, tuple[dt.date, dt.date]], as_of: dt.date, *, firms: bool,
             each: str = "") -> Table:
    """Lines folded over spans (first and last day of each), up to ``as_of`` at most: a period that ends later still runs. ``each`` names the breakdown whose parts ``kinds`` counts."""
    parts, inside = tables.columns(lines.groups, by, len(lines))
    shape = (len(spans), len(parts))
    num, den, records, told, expected = (np.zeros(shape, np.int64) for _ in range(5))
    state = np.full(shape, WHOLE, np.int8)
    folded = functools.partial(_kinds, numbered(lines.groups[each])) if each else _FOLDS[fold]
    veiled = functools.cache(functools.partial(_veil, lines, where, inside, parts, fold))  # a month is in many spans
    began = int(lines.on[lines.dated == 1].min(initial=_EVER)) if lines.dated.any() else _ALWAYS  # before its first record a register was not kept: nobody told, which is not zero
    for row, (first, last) in enumerate(spans.values()):
        if first > as_of or (span != "day" and last.toordinal() < began):
            state[row] = UNKNOWN
            continue
        taken = chosen(lines, where, span, first, min(last, as_of))[:, None] * inside
        num[row], den[row] = folded(lines, taken)
        records[row], told[row], expected[row] = _distinct(lines.keys, taken), (taken * lines.known[:, None]).sum(axis=0), taken.sum(axis=0)
        state[row] = np.where(den[row] <= 0, UNKNOWN, np.where(told[row] < expected[row], PARTIAL, RUNNING if last > as_of else WHOLE))
        if firms:
            state[row] = tables.hide(state[row], np.any([veiled(*each) for each in _steps(fold, span, first, min(last, as_of))], axis=0))
    return Table(tuple(spans), parts, num, np.where(den > 0, den, 1), records, told, expected, state)


def _steps(fold: str, span: str, first: dt.date, last: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """A span and, of what adds up over several months, each of them: two spans that part in one month would tell what the month does not."""
    months = periods.within(first, periods.of_day(last, "month").end, "month") if fold in _ADDED and span not in ("day", "month") else ()
    return [(span, first, last), *(("month", month.start, min(month.end, last)) for month in months)]


def _veil(lines: Lines, where: Sequence[tuple[str, Sequence[str]]], inside: Numbers, parts: Sequence[Part], fold: str, span: str, first: dt.date, last: dt.date) -> npt.NDArray[np.bool_]:
    """Which parts are of too few firms: a firm counts that has a line which the fold reads."""
    told = lines.known * lines.shared if fold in ("share", "mean_share") else lines.known
    taken = chosen(lines, where, span, first, last)[:, None] * inside
    counted = _of_firms(lines, taken * told[:, None])
    return tables.veil(parts, _distinct(lines.keys, taken), counted.T @ counted, nested=fold in _ADDED)


def _of_firms(lines: Lines, taken: Numbers) -> Numbers:
    """Which firm is in which part: a row a firm."""
    found = np.zeros((int(lines.keys.max(initial=-1)) + 1, taken.shape[1]), np.int64)
    rows, columns = np.nonzero(taken)
    found[lines.keys[rows], columns] = 1
    return found


def _distinct(keys: Numbers, taken: Numbers) -> Numbers:
    return np.array([len(np.unique(keys[taken[:, at] == 1])) for at in range(taken.shape[1])], np.int64)


def _sum(lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
    return lines.num @ taken, np.ones(taken.shape[1], np.int64)


def _count(lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
    return taken.sum(axis=0), np.ones(taken.shape[1], np.int64)


def _keys(lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
    return _distinct(lines.keys, taken), np.ones(taken.shape[1], np.int64)


def numbered(words: Sequence[str]) -> Numbers:
    """A number for each word, the same for the same one; -1 where nobody told.

    >>> numbered(["甲", "", "乙", "甲"]).tolist()
    [0, -1, 1, 0]
    """
    known: dict[str, int] = {}
    return np.array([known.setdefault(word, len(known)) if word else -1 for word in words], np.int64)


def _kinds(kinds: Numbers, _lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
    """How many different parts of a breakdown the lines fall into; a line of none counts as none."""
    return _distinct(kinds, taken * (kinds >= 0)[:, None]), np.ones(taken.shape[1], np.int64)


def _share(lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
    """Sum over sum: every unit counts the same."""
    whole = lines.known * lines.shared
    return (lines.num * whole) @ taken, (lines.of * whole) @ taken


def _mean_share(lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
    """The mean of the lines' own shares, in millionths: every line counts the same; a line of nothing has no share."""
    whole = lines.known * lines.shared * (lines.of > 0)
    each = np.where(whole == 1, lines.num * MILLION // np.where(lines.of > 0, lines.of, 1), 0)
    return each @ taken, (whole * MILLION) @ taken


def _rank(percent: int) -> Callable[[Lines, Numbers], tuple[Numbers, Numbers]]:
    """The line so many percent keep to; of no line there is none, which is not zero."""
    def fold(lines: Lines, taken: Numbers) -> tuple[Numbers, Numbers]:
        told = (taken == 1) & (lines.known == 1)[:, None]
        found = [spread.nearest(np.sort(lines.num[told[:, at]]).tolist(), percent) for at in range(taken.shape[1])]
        return np.array([one or 0 for one in found], np.int64), np.array([one is not None for one in found], np.int64)

    return fold


_FOLDS = {"sum": _sum, "count": _count, "distinct": _keys, "share": _share, "mean_share": _mean_share, "p50": _rank(50), "p90": _rank(90)}
__all__ = ["ALL", "Lines", "Part", "by_column", "chosen", "of_lines"]
