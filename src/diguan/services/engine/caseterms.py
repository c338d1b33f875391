"""Days of cases: which colour a day has, and the words of a commitment. Pure values in, values out."""

from __future__ import annotations

import datetime as dt

from diguan.kernel import clocks
from diguan.kernel.clocks import Calendar
from diguan.kernel.messages import Message

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


def commitment(paper: Message, bureau: str, days: int) -> Message:
    """What an applicant promises instead of a paper. The Chinese words are what is kept; they have 400 characters at most."""
    return Message(
        f"本申请人已知晓办理本事项应当提交“{paper.zh}”，现以书面承诺代替提交：所述条件已经符合，填报内容真实、准确、完整；同意{bureau}在受理后 {days} 个工作日内核查，"
        "并愿意配合；承诺不实的，愿意承担由此产生的法律责任，包括依法撤销已作出的决定。本承诺系本申请人真实意思表示。",
        f"The applicant knows that “{paper.en}” is to be handed in, and promises instead that what it would prove is the case and that all that was filled in is true, exact and complete; {bureau} may check it within "
        f"{days} working days of acceptance; if it is not so, the applicant bears the legal consequences, up to the decision being revoked.")
