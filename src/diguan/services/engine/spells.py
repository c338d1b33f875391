"""How long something takes when it does not always take the same: observed values, or least, usual and most. Pure.

Whole numbers throughout: time in *ticks* of a hundredth of a working day (about five minutes of an eight-hour day), trips
as they are. A spell turns evenly drawn numbers into values by its inverse distribution, so that a spell and its successor
fed with the same numbers are long together and short together (common random numbers).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.kernel.messages import Message
from diguan.services.engine.edges import BenchRefused

PER_DAY = 100
"""Ticks of a working day."""
MOST = 10_000 * PER_DAY
"""Ticks of one spell at most, forty working years: more is a slip of the unit."""
Ticks = np.ndarray[Any, np.dtype[np.int32]]
Draws = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Spell:
    """Either ``samples`` (sorted, each as likely as the other), or a triangle from ``low`` over ``usual`` to ``high``.

    Made by :meth:`fixed`, :meth:`triangular` and :meth:`observed`, which check.
    """

    low: int = 0
    usual: int = 0
    high: int = 0
    samples: tuple[int, ...] = ()

    @classmethod
    def fixed(cls, value: int) -> Spell:
        return cls.triangular(value, value, value)

    @classmethod
    def triangular(cls, low: int, usual: int, high: int) -> Spell:
        """Least, usual and most.

        Raises:
            BenchRefused: ``spell`` where they are not in order, below 0 or beyond :data:`MOST`.

        >>> Spell.triangular(5, 3, 9)
        Traceback (most recent call last):
        diguan.services.engine.edges.BenchRefused: 最短、通常、最长应依次不减，现为 5、3、9 / least, usual and most must not fall, these are 5, 3, 9
        """
        for value in (low, usual, high):
            _bounded(value)
        if not low <= usual <= high:
            raise BenchRefused("spell", f"最短、通常、最长应依次不减，现为 {low}、{usual}、{high}", f"least, usual and most must not fall, these are {low}, {usual}, {high}")
        return cls(low, usual, high)

    @classmethod
    def observed(cls, values: Iterable[int]) -> Spell:
        """What was seen, in any order.

        Raises:
            BenchRefused: ``no_samples``, or ``spell`` for a value below 0 or beyond :data:`MOST`.
        """
        found = tuple(sorted(values))
        if not found:
            raise BenchRefused("no_samples", "没有观测值，请改用最短、通常、最长", "nothing was observed; give least, usual and most instead")
        for value in (found[0], found[-1]):
            _bounded(value)
        return cls(found[0], found[(len(found) - 1) // 2], found[-1], found)

    @property
    def mean(self) -> float:
        return sum(self.samples) / len(self.samples) if self.samples else (self.low + self.usual + self.high) / 3

    def at(self, draws: Draws) -> Ticks:
        """Values for numbers from [0, 1), of the same shape; a larger number never gives a smaller value.

        >>> Spell.observed([30, 10, 20]).at(np.array([0.0, 0.4, 0.99])).tolist()
        [10, 20, 30]
        >>> Spell.triangular(0, 100, 200).at(np.array([0.0, 0.5, 0.999999])).tolist()
        [0, 100, 200]
        """
        if self.samples:
            seen = np.array(self.samples, dtype=np.int32)
            return seen[(draws * len(seen)).astype(np.int64)]
        wide = self.high - self.low
        if not wide:
            return np.full(draws.shape, self.low, dtype=np.int32)
        rising, falling = self.usual - self.low, self.high - self.usual
        value = np.where(draws * wide < rising, self.low + np.sqrt(draws * (wide * rising)), self.high - np.sqrt((1 - draws) * (wide * falling)))
        return np.rint(value).astype(np.int32)


NOTHING = Spell()
"""Takes no time, needs no trip."""


def ticks(days: float) -> int:
    """Working days as ticks, to the nearest.

    Raises:
        BenchRefused: ``days`` where it is no number, below 0 or beyond :data:`MOST`.

    >>> ticks(2.5)
    250
    """
    if not math.isfinite(days) or not 0 <= days <= MOST / PER_DAY:
        raise BenchRefused("days", f"工作日数应在 0 到 {MOST // PER_DAY} 之间，现为 {days}", f"working days must lie from 0 to {MOST // PER_DAY}, not {days}")
    return round(days * PER_DAY)


def _bounded(value: int) -> None:
    if not 0 <= value <= MOST:
        raise BenchRefused("spell", f"时长应在 0 到 {MOST // PER_DAY} 个工作日之间（{MOST} 格），现为 {value} 格", f"a spell must lie from 0 to {MOST // PER_DAY} working days ({MOST} ticks), not {value} ticks")


@dataclass(frozen=True)
class Spread:
    """Mean, median and the value nine of ten stay within (nearest rank), in working days."""

    mean: float
    p50: float
    p90: float

    def text(self) -> Message:
        return Message(f"一半在 {self.p50:g} 个工作日内，九成在 {self.p90:g} 个工作日内", f"half within {self.p50:g} working days, nine of ten within {self.p90:g}")


def spread(values: Ticks) -> Spread:
    """The spread of values in ticks.

    >>> spread(np.array([100, 200, 300, 400], dtype=np.int32))
    Spread(mean=2.5, p50=2.0, p90=4.0)
    """
    ranks = np.sort(values)
    def rank(tenths: int) -> float:
        return int(ranks[-(-tenths * len(ranks) // 10) - 1]) / PER_DAY
    return Spread(int(values.sum(dtype=np.int64)) / len(values) / PER_DAY, rank(5), rank(9))
