"""What is counted of each case, from passages, clock entries and contacts; a few questions for all of them together."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from diguan.kernel import clocks
from diguan.kernel.clocks import PAUSE, RESUME, STOP, Calendar
from diguan.kernel.stages.models import ClockEntry, Course, Passage, Task, TaskState
from diguan.services.engine.caseflow import ACCEPT, CORRECTION, DELIVER
from diguan.services.models import Case, Touch, TouchKind

DONE = "done"
Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Told:
    """One case as the measures see it. Days are working days; ``ended`` is the day its results were given out, ``over`` whether it ended at all.

    ``days_before`` and ``trips_before`` are None where nobody told. ``month`` is that of its end, of its beginning while it is under way.
    ``bureaus`` are the ids of the offices that have a matter in it. ``desk`` is how many days the window took to accept it and to give it out.
    """

    pk: int
    number: str
    event: str
    title: Mapping[str, str]
    applicant: str
    day: dt.date
    ended: dt.date | None
    over: bool
    days: int
    own_days: int
    trips: int
    days_before: int | None
    trips_before: int | None
    late: bool
    corrected: bool
    online: bool
    stars: int | None
    bureaus: frozenset[int]
    version: int
    answers: tuple[tuple[str, str], ...]
    desk: tuple[int | None, int | None]
    provisional: bool

    @property
    def month(self) -> str:
        """2026-11."""
        return (self.ended or self.day).isoformat()[:7]


class Workdays:
    """Working days between two days, each pair counted once."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar, self.kept = calendar, dict[Span, tuple[int, bool]]()

    def between(self, start: dt.date, end: dt.date) -> tuple[int, bool]:
        """As :func:`clocks.working_between`; 0 where the end is before the start."""
        if end <= start:
            return 0, False
        if (start, end) not in self.kept:
            self.kept[start, end] = clocks.working_between(start, end, self.calendar)
        return self.kept[start, end]


def told(rows: QuerySet[Case], day: dt.date, calendar: Calendar) -> list[Told]:
    """These cases as they stand on a day, newest first."""
    done, waits, steps, contacts, count = _done(rows), _waits(rows, day), _steps(rows), _contacts(rows), Workdays(calendar)
    found = []
    fields = ("pk", "year", "day", "applicant", "answers", "days_before", "trips_before", "course", "owner_unit", "life_event", "life_event__life_event__key", "life_event__life_event__title",
              "course__ended_at", "rating__stars")
    for pk, year, begun, applicant, answers, days_before, trips_before, course, owner, version, event, title, ended_at, stars in rows.values_list(*fields):
        passed, tasks, kinds = done[course], steps[course], contacts[pk]
        ended = passed.get(DELIVER)
        last = max(begun, ended or day)
        days, provisional = count.between(begun, last)
        found.append(Told(
            pk, Case(pk=pk, year=year).number, event, title, applicant, begun, ended, ended_at is not None, days, days - sum(_within(span, begun, last, count) for span in waits[course]),
            kinds.count(TouchKind.VISIT), days_before or None, trips_before or None, any(_late(key, state, due, passed, day) for key, state, due, _unit in tasks),
            bool(waits[course]), bool(kinds) and kinds[0] == TouchKind.ONLINE, stars, frozenset(unit or owner for key, _state, _due, unit in tasks if key not in (ACCEPT, DELIVER)), version,
            tuple(sorted(answers.items())), _desk(begun, passed, count), provisional))
    return found


def _within(span: Span, begun: dt.date, last: dt.date, count: Workdays) -> int:
    """The working days of a wait that lie in the case's time."""
    return count.between(max(span[0], begun), min(span[1], last))[0]


def _late(key: str, state: str, due: dt.date | None, passed: Mapping[str, dt.date], day: dt.date) -> bool:
    ended = passed.get(key) if state == TaskState.DONE else day if state == TaskState.OPEN else None
    return due is not None and ended is not None and ended > due


def _desk(begun: dt.date, passed: Mapping[str, dt.date], count: Workdays) -> tuple[int | None, int | None]:
    accepted, ended = passed.get(ACCEPT), passed.get(DELIVER)
    last = max((at for key, at in passed.items() if key != DELIVER), default=None)
    return (count.between(begun, accepted)[0] if accepted else None, count.between(last, ended)[0] if ended and last else None)


def _courses(rows: QuerySet[Case]) -> QuerySet[Course]:
    return Course.objects.filter(pk__in=rows.order_by().values("course"))


def _done(rows: QuerySet[Case]) -> defaultdict[int, dict[str, dt.date]]:
    """Of each course the day on which each step was done."""
    found: defaultdict[int, dict[str, dt.date]] = defaultdict(dict)
    for course, key, at in Passage.objects.filter(course__in=_courses(rows), kind=DONE).order_by("id").values_list("course", "source", "day"):
        found[course][key] = at
    return found


def _steps(rows: QuerySet[Case]) -> defaultdict[int, list[tuple[str, str, dt.date | None, int | None]]]:
    found: defaultdict[int, list[tuple[str, str, dt.date | None, int | None]]] = defaultdict(list)
    for course, key, state, due, unit in Task.objects.filter(course__in=_courses(rows)).order_by("id").values_list("course", "key", "state", "due", "owner_unit"):
        found[course].append((key, state, due, unit))
    return found


def _contacts(rows: QuerySet[Case]) -> defaultdict[int, list[str]]:
    """Of each case its contacts' kinds, first to last."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for case, kind in Touch.objects.filter(case__in=rows.order_by().values("pk")).order_by("id").values_list("case", "kind"):
        found[case].append(kind)
    return found


def _waits(rows: QuerySet[Case], day: dt.date) -> defaultdict[int, list[Span]]:
    """Of each course the spans in which it waited for its applicant's correction: the day it was asked counts, the day it came does not."""
    found: defaultdict[int, list[Span]] = defaultdict(list)
    since: dict[int, dt.date] = {}
    entries = ClockEntry.objects.filter(task__course__in=_courses(rows), task__key=ACCEPT, target=ACCEPT, kind__in=(PAUSE, RESUME, STOP)).order_by("id")
    for course, kind, at, basis in entries.values_list("task__course", "kind", "day", "basis"):
        if kind == PAUSE and basis == CORRECTION:
            since[course] = at
        elif kind != PAUSE and course in since:
            found[course].append((since.pop(course), at))
    for course, at in since.items():
        found[course].append((at, max(at, day)))
    return found
