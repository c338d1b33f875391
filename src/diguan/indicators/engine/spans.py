"""The spans an indicator is told for: months, quarters, years, January to the month, and the state at a month's end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from diguan.kernel import periods


def months(as_of: dt.date, count: int) -> tuple[str, ...]:
    """The last months that had begun by a day, oldest first; the last may still run.

    >>> months(dt.date(2025, 9, 30), 3), months(dt.date(2025, 9, 29), 2)
    (('2025-07', '2025-08', '2025-09'), ('2025-08', '2025-09'))
    """
    first = as_of.replace(day=1)
    return tuple(f"{periods.add_months(first, -back):%Y-%m}" for back in reversed(range(count)))


def spelled(span: str, months: Sequence[str]) -> tuple[str, ...]:
    """The periods of a span that end in these months, each once, oldest first.

    >>> spelled("quarter", ["2025-05", "2025-06", "2025-07"]), spelled("to_date", ["2025-05"]), spelled("year", ["2024-12", "2025-01"])
    (('2025-Q2',), ('2025-05',), ('2024',))
    """
    if span == "quarter":
        return tuple(f"{month[:4]}-Q{int(month[5:]) // 3}" for month in months if int(month[5:]) % 3 == 0)
    if span == "year":
        return tuple(month[:4] for month in months if month[5:] == "12")
    return tuple(months)


def bounds(span: str, text: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period of a span; of a state its day twice.

    >>> [day.isoformat() for day in bounds("to_date", "2025-08")], bounds("day", "2025-02")[0].isoformat()
    (['2025-01-01', '2025-08-31'], '2025-02-28')
    """
    period = periods.parse(text)
    if span == "to_date":
        return period.start.replace(month=1), period.end
    return (period.end, period.end) if span == "day" else (period.start, period.end)


def before(span: str, text: str, change: str) -> str:
    """The period a change is held against.

    >>> before("to_date", "2025-08", "yoy"), before("month", "2025-01", "mom"), before("quarter", "2025-Q1", "mom"), before("year", "2025", "yoy")
    ('2024-08', '2024-12', '2024-Q4', '2024')
    """
    start = periods.parse(text).start
    back = 12 if change == "yoy" or span == "year" else 3 if span == "quarter" else 1
    earlier = periods.add_months(start, -back)
    if span == "year":
        return f"{earlier.year:04d}"
    return f"{earlier.year:04d}-Q{(earlier.month + 2) // 3}" if span == "quarter" else f"{earlier:%Y-%m}"


def parts(span: str, text: str, step: str) -> tuple[str, ...]:
    """The periods of a step (month, quarter, year) that make up one of a span.

    >>> parts("to_date", "2025-03", "month"), parts("year", "2025", "quarter")[-1], parts("month", "2025-03", "month")
    (('2025-01', '2025-02', '2025-03'), '2025-Q4', ('2025-03',))
    """
    first, last = bounds(span, text)
    first = first.replace(day=1)
    size = {"month": 1, "quarter": 3, "year": 12}[step]
    found, start = [], first.replace(month=(first.month - 1) // size * size + 1)
    while start <= last:
        found.append({"month": f"{start:%Y-%m}", "quarter": f"{start.year:04d}-Q{(start.month + 2) // 3}", "year": f"{start.year:04d}"}[step])
        start = periods.add_months(start, size)
    return tuple(found)
