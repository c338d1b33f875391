"""Where a figure stands at the year's end, from what the same county's past years were like. Every number here is an estimate 估计 and a float.

A flow (what adds up from January) is carried forward by *what share of the year had come by this month* in each earlier year; a level
(what stands at a day, a rate, a share) by the straight line of its months. Both give a prediction interval of 80 % by Student's t: with few
years it is wide, and with fewer than two whole years there is none. Source: any textbook of regression, e.g. Draper & Smith, *Applied
Regression Analysis*, 3rd ed., ch. 3 (prediction of a new observation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from diguan.kernel.messages import Message

LEAST_YEARS = 2
"""Whole years it takes: one year alone says nothing of how years differ."""
LEAST_MONTHS = 24
_T90 = (3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722, 1.3634, 1.3562, 1.3502, 1.3450, 1.3406, 1.3368, 1.3334, 1.3304, 1.3277, 1.3253, 1.3232, 1.3212, 1.3195, 1.3178, 1.3163, 1.3150, 1.3137, 1.3125,
        1.3114, 1.3104)
"""The 0.9 quantile of Student's t for 1, 2, … degrees of freedom: between it and its negative lie 80 %."""
_NORMAL90 = 1.2816


@dataclass(frozen=True)
class Forecast:
    """A figure at the year's end in the unit it was given in: what is likeliest, and between which bounds it comes to lie in four years of five."""

    low: float
    mid: float
    high: float
    based_on: Message


@dataclass(frozen=True)
class Cannot:
    """Why nothing is said of the year's end."""

    why: Message


def quantile(freedom: int) -> float:
    """The 0.9 quantile of Student's t.

    >>> quantile(1), quantile(22), quantile(500)
    (3.0777, 1.3212, 1.2816)
    """
    return _T90[freedom - 1] if freedom <= len(_T90) else _NORMAL90


def flow(done: float, month: int, past: Sequence[tuple[float, float]]) -> Forecast | Cannot:
    """The year's whole of what adds up from January.

    Args:
        done: what has come by the end of ``month`` of this year.
        month: 1 to 12.
        past: of each earlier whole year what had come by the end of the same month, and the whole year's.

    Returns:
        An interval that never lies below what has come already, where past years only grew; or why there is none.

    >>> flow(60, 6, [(50, 100), (45, 90)]).mid
    120.0
    >>> flow(60, 6, [(50, 100)]).why.en
    'a forecast takes at least 2 whole earlier years; there is 1'
    """
    if month == 12:
        return Forecast(done, done, done, Message("全年已完", "the year is over"))
    used = [(come, whole) for come, whole in past if come > 0 and whole > 0]
    if len(used) < LEAST_YEARS:
        return Cannot(_too_few(len(used)))
    if done <= 0:
        return Cannot(Message(f"今年到 {month} 月还没有，按占比推不出全年", f"nothing has come by month {month} of this year: no share of it leads to the whole"))
    factors = [whole / come for come, whole in used]
    mean, half = sum(factors) / len(factors), _half(factors)
    floor = done if all(factor >= 1 for factor in factors) else 0.0
    low, mid, high = (max(done * factor, floor) for factor in (mean - half, mean, mean + half))
    shares = [100 * come / whole for come, whole in used]
    return Forecast(low, mid, high, Message(f"按前 {len(used)} 年到 {month} 月占全年 {min(shares):.0f}%–{max(shares):.0f}% 推算", f"by month {month} of the {len(used)} years before {min(shares):.0f}–{max(shares):.0f} % of the year had come"))


def _half(factors: Sequence[float]) -> float:
    """Half the width of the 80 % prediction interval of one more of these."""
    count, mean = len(factors), sum(factors) / len(factors)
    spread = math.sqrt(sum((factor - mean) ** 2 for factor in factors) / (count - 1))
    return quantile(count - 1) * spread * math.sqrt(1 + 1 / count)


def level(points: Sequence[float | None], ahead: int, *, least: float = -math.inf, most: float = math.inf) -> Forecast | Cannot:
    """What stands at the year's end, from the months up to now.

    Args:
        points: month by month, oldest first, None where nothing is known; the last one is known.
        ahead: months from the last point to December; 0 says what stands.
        least: no such figure is below it (0 of a count).
        most: nor above it (100 of a share).

    Returns:
        The last value carried on by the line's slope, with the spread of the months about the line; or why there is none.

    >>> found = level([float(n) for n in range(24)], 2)
    >>> round(found.low, 6), found.mid, round(found.high, 6)
    (25.0, 25.0, 25.0)
    """
    known = [(place, value) for place, value in enumerate(points) if value is not None]
    if not known or points[-1] is None:
        return Cannot(Message("最近一个月没有数", "nothing is known of the last month"))
    last = known[-1][1]
    if ahead <= 0:
        return Forecast(last, last, last, Message("全年已完", "the year is over"))
    if len(known) < LEAST_MONTHS:
        return Cannot(Message(f"至少要有两个整年（{LEAST_MONTHS} 个月）的数才能估，现有 {len(known)} 个月", f"a forecast takes two whole years ({LEAST_MONTHS} months); there are {len(known)}"))
    slope, half = _line(known, len(points) - 1 + ahead)
    low, mid, high = (min(max(last + slope * ahead + way * half, least), most) for way in (-1, 0, 1))
    return Forecast(low, mid, high, Message(f"按近 {len(known)} 个月的走势推 {ahead} 个月", f"the line of the last {len(known)} months carried on for {ahead}"))


def _line(known: Sequence[tuple[int, float]], at: int) -> tuple[float, float]:
    """The slope of the straight line, and half its 80 % prediction interval at a place."""
    count = len(known)
    centre, mean = sum(place for place, _ in known) / count, sum(value for _, value in known) / count
    square = sum((place - centre) ** 2 for place, _ in known)
    slope = sum((place - centre) * (value - mean) for place, value in known) / square
    rest = sum((value - mean - slope * (place - centre)) ** 2 for place, value in known)
    return slope, quantile(count - 2) * math.sqrt(rest / (count - 2)) * math.sqrt(1 + 1 / count + (at - centre) ** 2 / square)


def _too_few(count: int) -> Message:
    return Message(f"至少要有 {LEAST_YEARS} 个整年的往年数才能估，现有 {count} 年", f"a forecast takes at least {LEAST_YEARS} whole earlier years; there is {count}" if count == 1 else f"a forecast takes at least {LEAST_YEARS} whole earlier years; there are {count}")
