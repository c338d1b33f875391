"""The only door to the wall clock.

``today`` is the day the county lives in: the setting ``DIGUAN_TODAY`` when given (the demo county
lives on 2026-10-31), otherwise the local date. ``now`` is the instant at which something was done
and is never faked: an audit trail with invented instants would be worthless.
Working days are counted on a calendar that the packs give (``packs.calendar``); a due date says how it came about.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

COUNTY_TIME = ZoneInfo("Asia/Shanghai")


def today() -> dt.date:
    """Return the day on which conditions, posts and delegations are judged by default.

    The engine alone runs without settings; it reads ``DIGUAN_TODAY`` from the environment.
    """
    fixed = str(getattr(settings, "DIGUAN_TODAY", "") or "") if settings.configured else os.environ.get("DIGUAN_TODAY", "")
    if fixed:
        return dt.date.fromisoformat(fixed)
    return dt.datetime.now(COUNTY_TIME).date()


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()


@dataclass(frozen=True)
class Calendar:
    """Working days: weekends are off, but for the announced days ``off`` and the announced working weekends ``work``.

    ``years`` are those whose notice is in; a day of any other year is worked out from weekends alone.
    """

    off: frozenset[dt.date] = frozenset()
    work: frozenset[dt.date] = frozenset()
    years: frozenset[int] = frozenset()

    def working(self, day: dt.date) -> bool:
        """Whether offices are open on that day."""
        return day in self.work or (day.weekday() < 5 and day not in self.off)


@dataclass(frozen=True)
class Due:
    """A due date with its derivation: ``days`` working days after ``start``, the day itself not counted.

    ``holidays`` are the weekdays off that were passed over, ``weekends`` the weekends worked; ``provisional`` where a year
    has no notice yet.
    """

    day: dt.date
    start: dt.date
    days: int
    provisional: bool
    holidays: tuple[dt.date, ...] = field(default=())
    weekends: tuple[dt.date, ...] = field(default=())


def due_after(start: dt.date, days: int, calendar: Calendar) -> Due:
    """The day by which something is due, so many working days after another day.

    >>> due_after(dt.date(2026, 11, 6), 1, Calendar()).day.isoformat()
    '2026-11-09'

    Raises:
        ValueError: fewer than one day.
    """
    if days < 1:
        raise ValueError("a term is at least one working day")
    day, left, holidays, weekends = start, days, [], []
    while left:
        day += dt.timedelta(days=1)
        if calendar.working(day):
            left -= 1
            if day.weekday() >= 5:
                weekends.append(day)
        elif day.weekday() < 5:
            holidays.append(day)
    unknown = not {start.year, day.year} <= calendar.years
    return Due(day, start, days, unknown, tuple(holidays), tuple(weekends))


def working_between(start: dt.date, end: dt.date, calendar: Calendar) -> tuple[int, bool]:
    """How many working days lie after ``start``, up to and with ``end``; and whether a year of them has no notice yet.

    >>> working_between(dt.date(2026, 11, 6), dt.date(2026, 11, 9), Calendar())
    (1, True)
    """
    days = (start + dt.timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(calendar.working(day) for day in days), not set(range(start.year, end.year + 1)) <= calendar.years
