"""The clock entries of tasks: begin, stop and what is done to a running one; the due date kept for lists is reckoned anew each time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from diguan.kernel import clocks, packs
from diguan.kernel.clocks import EXTEND, START, STOP, STOPPED, Calendar, Entry
from diguan.kernel.records import chunks
from diguan.kernel.refusals import Refusal
from diguan.kernel.rows import Prepared, insert_rows
from diguan.kernel.stages import queries
from diguan.kernel.stages.actions import locks
from diguan.kernel.stages.models import ClockEntry, Course, Task, TaskState
from diguan.kernel.stages.refusals import no
from diguan.kernel.stages.tree import DUE, Term

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

Terms = Sequence[tuple[str, Term]]


def begin(course: Course, keys: Iterable[str], by: Person, day: dt.date) -> None:
    """Start the clocks of these tasks, as far as they are open and none has begun."""
    timed = [key for key in keys if course.tree.terms[key]]
    if not timed:
        return
    rows = list(Task.objects.filter(course=course, key__in=timed, state=TaskState.OPEN, clock_entries__isnull=True).order_by().values_list("id", "key"))
    insert_rows([entry for number, key in rows for entry in starts_of(number, course.tree.terms[key], by, day)])
    calendar = packs.calendar()
    dues = {number: first_due(course.tree.terms[key], day, calendar) for number, key in rows}
    for due in set(dues.values()):
        Task.objects.filter(pk__in=[number for number, each in dues.items() if each == due]).update(due=due, calendar=calendar.version)


def starts_of(task: int, terms: Terms, by: Person, day: dt.date) -> list[ClockEntry]:
    """The entries, not written yet, that start the clocks of a task that opens."""
    return [ClockEntry(task_id=task, target=target, kind=START, day=day, days=term.days, basis=term.basis[:300], by_id=by.pk) for target, term in terms]


def first_due(terms: Terms, day: dt.date, calendar: Calendar) -> dt.date | None:
    """The earliest day to be done by of clocks that start on a day."""
    days = min((term.days for _target, term in terms if term.kind == DUE), default=None)
    return None if days is None else clocks.due_after(day, days, calendar).day


def entries_of_all(tasks: Sequence[Task]) -> Mapping[tuple[int, str], list[Entry]]:
    """What was done to the clocks of these tasks, by task and step the clock leads to; tasks without a term are not asked for."""
    found: dict[tuple[int, str], list[Entry]] = {}
    for part in chunks([task.pk for task in tasks if task.course.tree.terms[task.key]]):
        rows = _ENTRIES.rows(part[0]) if len(part) == 1 else ClockEntry.objects.filter(task__in=part).order_by("id").values_list(*_ENTRY)
        for task, target, *entry in rows:
            found.setdefault((task, target), []).append(Entry(*entry))
    return found


_ENTRY = ("task_id", "target", "kind", "day", "days", "basis")
_ENTRIES = Prepared(lambda task: ClockEntry.objects.filter(task=task).order_by("id").values_list(*_ENTRY), 900_001)


def stop(course: Course, tasks: Sequence[Task], by: Person, day: dt.date) -> None:
    """Stop every clock of these tasks of one course that has not stopped.

    Raises:
        Refusal: ``bad_day``: the day is before something was done to the clock.
    """
    for task in tasks:
        task.course = course
    entries = entries_of_all(tasks)
    insert_rows([entry for task in tasks for entry in stops_of(task, entries, by, day)])


def stops_of(task: Task, entries: Mapping[tuple[int, str], list[Entry]], by: Person, day: dt.date) -> list[ClockEntry]:
    """The entries, not written yet, that stop the clocks of a task.

    Raises:
        Refusal: ``bad_day``: the day is before something was done to the clock.
    """
    return [ClockEntry(task_id=task.pk, target=target, kind=STOP, day=day, by_id=by.pk) for target, _term in task.course.tree.terms[task.key]
            if _stops(entries.get((task.pk, target), []), day)]


def _stops(entries: Sequence[Entry], day: dt.date) -> bool:
    if not entries or clocks.state_of(entries) == STOPPED:
        return False
    check(entries, STOP, day)
    return True


def check(entries: Sequence[Entry], kind: str, day: dt.date) -> None:
    """Let pass what may be done to a clock next.

    Raises:
        Refusal: ``no_clock`` or ``bad_day``.
    """
    if not entries:
        raise no("no_clock", "这一步没有时限", "there is no clock here")
    problem = clocks.why_not(entries, kind, day)
    if problem is not None:
        raise Refusal("bad_day", [problem], "day")


def term_of(task: Task, target: str) -> Term:
    """What the flow says of a clock.

    Raises:
        Refusal: ``no_clock``.
    """
    found = dict(task.course.tree.terms[task.key]).get(target)
    if found is None:
        raise no("no_clock", "这一步没有时限", "there is no clock here")
    return found


def add(task: Task, target: str, entry: Entry, version: int, by: Person, *, reason: str, asked_by: Person | None = None) -> None:
    """Do one thing to the clock of an open task, as it was read.

    Raises:
        ChangedMeanwhile: the task is not as it was read.
        Refusal: ``no_clock`` or ``bad_day``.
    """
    locks.lock(task.course)
    locks.renew(locks.Tick(task, version))
    check(queries.entries_of(task, target), entry.kind, entry.day)
    ClockEntry.objects.create(task=task, target=target, kind=entry.kind, day=entry.day, days=entry.days, basis=entry.basis[:300], reason=reason[:300],
                              asked_by=asked_by, by=by)
    keep_due(task)


def extended(task: Task, target: str) -> int:
    """By how many working days a clock has been extended already."""
    return sum(entry.days for entry in queries.entries_of(task, target) if entry.kind == EXTEND)


def keep_due(task: Task) -> tuple[dt.date | None, dt.date | None]:
    """Reckon the earliest day of the clocks to be done by, and keep it; answers with the one before and the one now."""
    calendar, days = packs.calendar(), []
    for target, term in task.course.tree.terms[task.key]:
        reading = queries.clock_of(task, target) if term.kind == DUE else None
        if reading is not None and reading.due is not None:
            days.append(reading.due.day)
    before, task.due, task.calendar = task.due, min(days, default=None), calendar.version
    Task.objects.filter(pk=task.pk).update(due=task.due, calendar=task.calendar)
    return before, task.due
