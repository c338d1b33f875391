"""Calendar periods as facts name them: 2026, 2026-Q1, 2026-08, 2026-08-31, and ``all``.

A period is a closed range of days. Nothing here reads the wall date.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from diguan.kernel.messages import Message

Day = dt.date

FIRST_DAY = Day(1, 1, 1)
LAST_DAY = Day(9999, 12, 31)
KINDS = ("year", "quarter", "month", "day")
_MONTHS_IN = {"year": 12, "quarter": 3, "month": 1}
_FORMS = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-?[Qq]([1-4])"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
}


class PeriodError(ValueError):
    """The text names no period."""


@dataclass(frozen=True, order=True)
class Period:
    """A closed range of days; ``kind`` is year, quarter, month, day or all."""

    start: Day
    end: Day
    kind: str

    @functools.cached_property
    def text(self) -> str:
        """The canonical spelling, which sorts by time within one kind."""
        if self.kind == "all":
            return "all"
        if self.kind == "year":
            return f"{self.start.year:04d}"
        if self.kind == "quarter":
            return f"{self.start.year:04d}-Q{(self.start.month + 2) // 3}"
        if self.kind == "month":
            return f"{self.start.year:04d}-{self.start.month:02d}"
        return self.start.isoformat()

    def __str__(self) -> str:
        return self.text

    def contains(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        return self.start <= other.end and other.start <= self.end


ALL = Period(FIRST_DAY, LAST_DAY, "all")


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Period:
    """Read a period.

    >>> parse("2026-Q1").end.isoformat(), parse("2026-08").kind, parse("all").text
    ('2026-03-31', 'month', 'all')

    Raises:
        PeriodError: the text is no period, or names a day that does not exist.
    """
    text = str(text).strip()
    if text == "all":
        return ALL
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found is None:
            continue
        numbers = [int(part) for part in found.groups()]
        if kind == "quarter":
            numbers[1] = numbers[1] * 3 - 2
        try:
            return of_day(Day(*[*numbers, 1, 1][:3]), kind)
        except ValueError:
            break
    raise PeriodError(text)


def of_day(day: Day, kind: str) -> Period:
    """The period of this kind that holds the day.

    >>> of_day(Day(2026, 8, 31), "quarter").text
    '2026-Q3'
    """
    if kind == "all":
        return ALL
    if kind == "day":
        return Period(day, day, "day")
    months = _MONTHS_IN[kind]
    first = (day.month - 1) // months * months + 1
    start = Day(day.year, first, 1)
    return Period(start, month_end(Day(day.year, first + months - 1, 1)), kind)


def month_end(day: Day) -> Day:
    """The last day of the day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: Day, months: int) -> Day:
    """Shift by months; a day that does not exist becomes the month's last day.

    >>> add_months(Day(2024, 2, 29), -12).isoformat()
    '2023-02-28'
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return Day(year, month + 1, min(day.day, last))


def next_day(day: Day) -> Day:
    return day + dt.timedelta(days=1)


def previous_day(day: Day) -> Day:
    return day - dt.timedelta(days=1)


def within(start: Day, end: Day, kind: str) -> Iterator[Period]:
    """Every whole period of the kind that lies in start..end, oldest first."""
    if start > end:
        return
    period = of_day(start, kind)
    if period.start < start:
        if period.end >= end:
            return
        period = of_day(next_day(period.end), kind)
    while period.end <= end:
        yield period
        if period.end == LAST_DAY:
            return
        period = of_day(next_day(period.end), kind)


def stretch(text: str) -> Period:
    """What a delivery speaks of: a period, or all from a first to a last, ``2026-01/2026-03``.

    >>> stretch("2026-01/2026-03").contains(parse("2026-02")), stretch("2026").contains(parse("2026-02"))
    (True, True)

    Raises:
        PeriodError: a part is no period.
    """
    first, _slash, last = text.partition("/")
    start, end = parse(first), parse(last or first)
    return Period(start.start, end.end, "span") if last else start


EARLIEST = Day(1990, 1, 1)
"""Nothing that is delivered speaks of a day before this one; such a date is a slip of the pen."""


def untimely(period: Period, today: Day) -> Message | None:
    """Why nobody can tell a figure of this period: it has not begun, or lies too far back; None where one can."""
    if period == ALL or EARLIEST <= period.start <= today:
        return None
    if period.start > today:
        return Message(f"{period.text} 还没有开始，不会有数；核对一下期间", f"{period.text} has not begun, there can be no figure; check the period")
    return Message(f"{period.text} 太早了，数据最早从 {EARLIEST.year} 年起；核对一下期间", f"{period.text} is too early, data begin in {EARLIEST.year}; check the period")
