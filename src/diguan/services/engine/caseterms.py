"""Days of cases: which colour a day has. Pure values in, values out."""

from __future__ import annotations

import datetime as dt

from diguan.kernel import clocks
from diguan.kernel.clocks import Calendar

YELLOW, RED = "yellow", "red"
MOST_YELLOW = 5
EXTENDED_BY = "行政许可法第四十二条第一款：二十日内不能作出决定的，经本行政机关负责人批准，可以延长十日，并应当将延长期限的理由告知申请人"
"""The basis the form of an extension begins with; for another matter its bureau names another."""


def yellow_days(term: int) -> int:
    """How many working days before its end a term is yellow: a fifth of it, one at least, five at most.

    >>> yellow_days(1), yellow_days(10), yellow_days(45)
    (1, 2, 5)
    """
    return min(MOST_YELLOW, max(1, term // 5))


def shade(due: dt.date | None, term: int, day: dt.date, calendar: Calendar) -> str:
    """``red`` once a day is over, ``yellow`` when few working days are left, else nothing; a paused term has no day and no colour.

    >>> friday, monday = dt.date(2026, 11, 6), dt.date(2026, 11, 9)
    >>> shade(monday, 5, friday, Calendar()), shade(monday, 5, dt.date(2026, 11, 5), Calendar()), shade(friday, 5, monday, Calendar())
    ('yellow', '', 'red')
    """
    if due is None:
        return ""
    if due < day:
        return RED
    return YELLOW if clocks.working_between(day, due, calendar)[0] <= yellow_days(term) else ""
