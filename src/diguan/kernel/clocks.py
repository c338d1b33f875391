"""The only door to the wall clock.

``today`` is the day the county lives in: the setting ``DIGUAN_TODAY`` when given (the demo county
lives on 2026-10-31), otherwise the local date. ``now`` is the instant at which something was done
and is never faked: an audit trail with invented instants would be worthless.
Working days are counted on a calendar that the packs give (``packs.calendar``); a due date says how it came about.
A clock is a list of entries (start, pause, resume, extend, stop); where it stands is worked out from them, never kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from diguan.kernel.messages import Message

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

    @cached_property
    def version(self) -> str:
        """What tells one calendar from another: a due date that was kept names the one it was reckoned by."""
        said = repr((sorted(self.years), sorted(self.off), sorted(self.work)))
        return hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Due:
    """A due date with its derivation: ``days`` working days after ``start``, the day itself not counted.

    ``holidays`` are the weekdays off that were passed over, ``weekends`` the weekends worked, ``paused`` the spans left out
    (after the first day, up to and with the second); ``provisional`` where a year has no notice yet.
    """

    day: dt.date
    start: dt.date
    days: int
    provisional: bool
    holidays: tuple[dt.date, ...] = field(default=())
    weekends: tuple[dt.date, ...] = field(default=())
    paused: tuple[tuple[dt.date, dt.date], ...] = field(default=())


def due_after(start: dt.date, days: int, calendar: Calendar, paused: Sequence[tuple[dt.date, dt.date]] = ()) -> Due:
    """The day by which something is due, so many working days after another day; what lies in ``paused`` does not count.

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
        if any(first < day <= last for first, last in paused):
            continue
        if calendar.working(day):
            left -= 1
            if day.weekday() >= 5:
                weekends.append(day)
        elif day.weekday() < 5:
            holidays.append(day)
    unknown = not {start.year, day.year} <= calendar.years
    return Due(day, start, days, unknown, tuple(holidays), tuple(weekends), tuple(span for span in paused if span[0] < day))


def working_between(start: dt.date, end: dt.date, calendar: Calendar) -> tuple[int, bool]:
    """How many working days lie after ``start``, up to and with ``end``; and whether a year of them has no notice yet.

    >>> working_between(dt.date(2026, 11, 6), dt.date(2026, 11, 9), Calendar())
    (1, True)
    """
    return sum(calendar.working(day) for day in _days(start, end)), not set(range(start.year, end.year + 1)) <= calendar.years


START, PAUSE, RESUME, EXTEND, STOP = "start", "pause", "resume", "extend", "stop"
RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
_MAY_FOLLOW = {RUNNING: (PAUSE, EXTEND, STOP), PAUSED: (RESUME, EXTEND, STOP), STOPPED: ()}
_STATE_WORDS = {RUNNING: Message("在计时", "running"), PAUSED: Message("已暂停", "paused"), STOPPED: Message("已停止", "stopped")}


@dataclass(frozen=True)
class Entry:
    """One thing done to a clock. ``days`` are the working days it starts with or is extended by; ``basis`` the article."""

    kind: str
    day: dt.date
    days: int = 0
    basis: str = ""


@dataclass(frozen=True)
class Reading:
    """Where a clock stands. ``due`` is None while it is paused before it ran out; ``left`` are the days it then has left."""

    state: str
    due: Due | None
    left: int | None
    extended: int
    last: dt.date

    def late(self, day: dt.date) -> bool:
        """Whether it had run out before a day, or before it was stopped."""
        return self.due is not None and self.due.day < (self.last if self.state == STOPPED else day)


def read(entries: Sequence[Entry], calendar: Calendar) -> Reading:
    """Where a clock stands by its entries, the first of which starts it.

    A day on which it is paused still counts, the one on which it is resumed does not, as the day it starts does not.

    >>> day = dt.date(2026, 11, 9)
    >>> read([Entry(START, day, 3), Entry(PAUSE, dt.date(2026, 11, 10)), Entry(RESUME, dt.date(2026, 11, 16))], Calendar()).due.day.isoformat()
    '2026-11-18'
    """
    start, extended = entries[0], sum(entry.days for entry in entries if entry.kind == EXTEND)
    state = state_of(entries)
    spans, since = _pauses(entries)
    due = due_after(start.day, start.days + extended, calendar, spans)
    if since is not None and state != STOPPED and due.day > since:
        used = sum(calendar.working(day) for day in _days(start.day, since) if not any(first < day <= last for first, last in spans))
        return Reading(state, None, start.days + extended - used, extended, entries[-1].day)
    return Reading(state, due, None, extended, entries[-1].day)


def state_of(entries: Sequence[Entry]) -> str:
    """Running, paused or stopped."""
    turns = {START: RUNNING, PAUSE: PAUSED, RESUME: RUNNING, STOP: STOPPED}
    return next(turns[entry.kind] for entry in reversed(entries) if entry.kind in turns)


def why_not(entries: Sequence[Entry], kind: str, day: dt.date) -> Message | None:
    """Why this may not be done to the clock next; None if it may."""
    state = state_of(entries)
    if kind not in _MAY_FOLLOW[state]:
        return Message(f"时限{_STATE_WORDS[state].zh}，不能再办这一步", f"the clock is {_STATE_WORDS[state].en}: this cannot be done to it")
    if day < entries[-1].day:
        return Message(f"{day} 早于上一步的日子 {entries[-1].day}", f"{day} is before the day of the step before, {entries[-1].day}")
    return None


def _pauses(entries: Sequence[Entry]) -> tuple[tuple[tuple[dt.date, dt.date], ...], dt.date | None]:
    """The spans it was paused, and since when it is; a clock stopped while paused stays paused until that day."""
    spans, since = [], None
    for entry in entries:
        if entry.kind == PAUSE:
            since = entry.day
        elif entry.kind in (RESUME, STOP) and since is not None:
            spans.append((since, entry.day))
            since = None
    return tuple(spans), since


def _days(after: dt.date, until: dt.date) -> list[dt.date]:
    return [after + dt.timedelta(days=number) for number in range(1, (until - after).days + 1)]


def derivation(due: Due) -> Message:
    """How a due date came about, as a sentence."""
    zh, en = f"自 {due.start} 起（当天不算）{due.days} 个工作日", f"{due.days} working day{'' if due.days == 1 else 's'} after {due.start} (that day not counted)"
    for first, last in due.paused:
        zh, en = f"{zh}，{first} 至 {last} 暂停不计", f"{en}, paused from {first} to {last}"
    if due.holidays:
        zh, en = f"{zh}，放假 {len(due.holidays)} 天不计", f"{en}, {len(due.holidays)} weekdays off passed over"
    if due.weekends:
        zh, en = f"{zh}，周末上班 {len(due.weekends)} 天计入", f"{en}, {len(due.weekends)} weekend days worked counted"
    if due.provisional:
        zh, en = f"{zh}；这一年的放假通知还没有，日子是暂定的", f"{en}; the notice for that year is not in: the day is provisional"
    return Message(f"{zh}，到 {due.day}", f"{en}: {due.day}")
