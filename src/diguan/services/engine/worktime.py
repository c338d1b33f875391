"""Working time, many instants at once: how many working seconds had passed at an instant.

Everything the bench counts in time (waiting, work, lateness) is a difference of two such positions, so any calendar
can be put in its place: a function from instants to seconds that never falls. :func:`wall_clock` counts every second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from diguan.services.engine.instants import DAY, SECOND, Ints, local

Worktime = Callable[[Ints], Ints]
"""Instants (microseconds since 1970 UTC) to working seconds since some fixed instant; never falling."""


def wall_clock(at: Ints) -> Ints:
    """Every second counts, nights and holidays too."""
    return at // SECOND


def working_seconds(working: Callable[[dt.date], bool], hours: Sequence[tuple[int, int]], zone: dt.tzinfo, first: dt.date, last: dt.date) -> Worktime:
    """A working clock: seconds inside the hours of working days.

    Args:
        working: whether offices are open on a day (``kernel.clocks.Calendar.working``); asked once for each day.
        hours: spans of a working day as minutes after midnight, in order, ``[(510, 720), (870, 1050)]`` for 8:30 to 12:00 and 14:30 to 17:30.
        zone: whose midnight it is.
        first: the first day that may be asked.
        last: the last one.

    Returns:
        A function in constant time for each instant. It raises ValueError for an instant outside the days.

    Raises:
        ValueError: hours that overlap, run backwards or leave the day; or ``last`` before ``first``.

    >>> clock = working_seconds(lambda day: day.weekday() < 5, [(540, 720)], dt.UTC, dt.date(2026, 11, 6), dt.date(2026, 11, 9))
    >>> friday, monday = (dt.datetime(2026, 11, day, 11, tzinfo=dt.UTC).timestamp() for day in (6, 9))
    >>> int(np.diff(clock(np.array([friday, monday]).astype(np.int64) * SECOND))[0] // 60)
    180
    """
    edges = [minute for span in hours for minute in span]
    if not edges or edges != sorted(edges) or edges[0] < 0 or edges[-1] > 1440:
        raise ValueError("hours must be spans within one day, in order and apart")
    if last < first:
        raise ValueError("the last day is before the first")
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    open_days = np.array([bool(working(day)) for day in days])
    before = np.concatenate(([0], np.cumsum(open_days)[:-1])).astype(np.int64)
    spans = [(start * 60, end * 60) for start, end in hours]
    a_day = sum(end - start for start, end in spans)
    origin = (first - dt.date(1970, 1, 1)).days

    def position(at: Ints) -> Ints:
        shown = local(at, zone)
        day = shown // DAY - origin
        if len(day) and (day.min() < 0 or day.max() >= len(days)):
            raise ValueError(f"an instant lies outside {first} to {last}")
        within = shown % DAY // SECOND
        inside: Ints = np.zeros(len(at), np.int64)
        for start, end in spans:
            inside += np.clip(within - start, 0, end - start)
        return before[day] * a_day + np.where(open_days[day], inside, 0)

    return position


def days_of(at: Ints, zone: dt.tzinfo) -> tuple[dt.date, dt.date]:
    """The first and the last local day of some instants, for :func:`working_seconds`.

    Raises:
        ValueError: there is no instant.
    """
    shown: Any = local(np.array([at.min(), at.max()]), zone) // DAY
    start = dt.date(1970, 1, 1)
    return start + dt.timedelta(days=int(shown[0])), start + dt.timedelta(days=int(shown[1]))
