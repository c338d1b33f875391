"""Tasks of graphs are done or left out: of one course, or of many at once by a few statements for all of them.

Each task is judged as if it were alone. The courses are locked first, in the order of their ids, so that two commands that overlap
queue and never wait for each other; what is read after that nobody else changes until the transaction ends.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q

from diguan.kernel import clocks, packs
from diguan.kernel.records import chunks
from diguan.kernel.refusals import Refusal
from diguan.kernel.rows import Prepared, insert_rows
from diguan.kernel.stages import queries
from diguan.kernel.stages.actions import ledger, locks
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.gates import Answer
from diguan.kernel.stages.models import ClockEntry, Course, Passage, Task, TaskState
from diguan.kernel.stages.refusals import OneOfMany, no, opened
from diguan.kernel.stages.tree import GRAPH

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

DONE, SKIPPED = "done", "skipped"
Work = tuple[Course, Sequence[Tick]]


@dataclass(frozen=True)
class _Waiting:
    """A task that waited for some that are done now: it opens, or waits for so many fewer."""

    id: int
    key: str
    course: Course
    fewer: int
    opens: bool


def finish(course: Course, ticks: Sequence[Tick], by: Person, day: dt.date, reason: str, *, skip: bool = False, rights: frozenset[str] = frozenset()) -> None:
    """Do (or skip) tasks of one course, all or none; the tasks that waited for them alone open. ``rights`` as in :func:`finish_all`.

    Raises:
        GateClosed: something is missing for one of them.
        ChangedMeanwhile: one of them is not as it was read.
        Refusal: ``not_optional``, ``no_way``, ``held``, ``bad_day``.
    """
    _finish([(course, ticks)], by, day, reason, skip, rights)


def finish_all(works: Sequence[Work], by: Person, day: dt.date, reason: str, *, rights: frozenset[str] = frozenset()) -> None:
    """Do tasks of many courses, all or none.

    Args:
        works: each course once, with its tasks.
        by: who does them.
        day: when they were done.
        reason: goes into every passage.
        rights: those the caller has judged to reach every one of these tasks, in this transaction: gates do not ask for them again.

    Raises:
        OneOfMany: as :func:`finish`, with the task named that stood in the way.
        Refusal: ``no_way``, ``held``.
    """
    _finish(works, by, day, reason, False, rights, named=True)


def _finish(works: Sequence[Work], by: Person, day: dt.date, reason: str, skip: bool, rights: frozenset[str], named: bool = False) -> None:
    for course, ticks in works:
        _check(course, ticks, skip)
    courses, all_ticks = {course.pk: course for course, _ticks in works}, [tick for _course, ticks in works for tick in ticks]
    locks.lock_all(list(courses.values()))
    tasks = [tick.task for tick in all_ticks]
    for task in tasks:
        task.course = courses[task.course_id]
    entries = ledger.entries_of_all(tasks)
    judged = {} if skip else _judged(tasks, by, day, queries.Known(rights, entries))
    locks.take(all_ticks, by, TaskState.SKIPPED if skip else TaskState.DONE, named=named)  # who comes late is told so, not what the gate says by now
    seen, stops = dict[int, dict[str, str]](), list[ClockEntry]()
    for task in tasks:
        try:
            seen[task.pk] = opened(judged[task.pk]) if judged else {}
            stops += ledger.stops_of(task, entries, by, day)
        except Refusal as refusal:
            raise (OneOfMany(task, refusal) if named else refusal) from None
    insert_rows([Passage(course_id=task.course_id, task_id=task.pk, kind=SKIPPED if skip else DONE, source=task.key, day=day, by_id=by.pk, reason=reason[:500], judged=seen[task.pk]) for task in tasks])
    insert_rows(stops + _fire(works, by, day))
    _end(works)


def _check(course: Course, ticks: Sequence[Tick], skip: bool) -> None:
    if course.tree.shape != GRAPH or any(tick.task.course_id != course.pk for tick in ticks) or len({tick.task.pk for tick in ticks}) != len(ticks) or not ticks:
        raise no("no_way", "这些环节不在这一件里", "these are no tasks of this course")
    if skip and not all(course.tree.step[tick.task.key].optional for tick in ticks):
        raise no("not_optional", "只有可选的环节能免办", "only optional tasks can be left out")


def _judged(tasks: Sequence[Task], by: Person, day: dt.date, known: queries.Known) -> dict[int, Answer]:
    """What each task's gate says. Where a gate asks for nothing but rights that were judged and its clock, tasks whose clocks are alike get one answer."""
    found, same = dict[int, Answer](), dict[object, Answer]()
    for task in tasks:
        gate = task.course.tree.step[task.key].gate
        alone = gate.facts or gate.evidence or gate.verifier_not_doer or gate.waiver or not known.rights.issuperset(gate.roles)
        key = task.pk if alone else (id(gate), tuple(known.entries.get((task.pk, task.key), ())))
        if key not in same:
            same[key] = queries.answer(task.course, task, gate, task.key, by, day, known)
        found[task.pk] = same[key]
    return found


# ── what waited for them ─────────────────────────────────────────────────────
def _fire(works: Sequence[Work], by: Person, day: dt.date) -> list[ClockEntry]:
    """What waited for these alone opens, once: its row still waits only the first time. The rest counts down. Answers with the clocks that begin."""
    fallen = {course.pk: Counter(name for tick in ticks for name in course.tree.successors[tick.task.key]) for course, ticks in works}
    if not any(fallen.values()) or _counted_down(works, fallen):
        return []
    rows = _waiting({course.pk: course for course, _ticks in works}, fallen)
    for fewer in {row.fewer for row in rows if not row.opens}:
        _must([row for row in rows if not row.opens and row.fewer == fewer], Q(waiting__gt=fewer), waiting=F("waiting") - fewer)
    calendar, starts, alike = packs.calendar(), list[ClockEntry](), defaultdict[tuple[int, dt.date | None], list[_Waiting]](list)
    for row in rows:
        if row.opens:
            terms = row.course.tree.terms[row.key]
            starts += ledger.starts_of(row.id, terms, by, day)
            alike[row.fewer, ledger.first_due(terms, day, calendar)].append(row)
    now = clocks.now()
    for (fewer, due), those in alike.items():
        if len(those) == 1 and _OPENS.change(those[0].id, fewer, now, due, calendar.version if due else ""):
            continue
        _must(those, Q(waiting=fewer), state=TaskState.OPEN, waiting=0, version=F("version") + 1, opened_at=now, due=due, calendar=calendar.version if due else "")
    return starts


def _counted_down(works: Sequence[Work], fallen: Mapping[int, Counter[str]]) -> bool:
    """Of one join, most often some are still to come: then one UPDATE is all there is to do."""
    if len(works) != 1:
        return False
    course = works[0][0]
    (name, count), *others = fallen[course.pk].items()
    if others or len(course.tree.step[name].after) <= count:
        return False
    return bool(Task.objects.filter(course=course, key=name, state=TaskState.WAITING, waiting__gt=count).update(waiting=F("waiting") - count))


def _waiting(courses: Mapping[int, Course], fallen: Mapping[int, Counter[str]]) -> list[_Waiting]:
    """The tasks that wait for what was done; read under the locks of their courses."""
    names = {name for found in fallen.values() for name in found}
    if len(courses) == len(names) == 1:
        return [_Waiting(number, name, courses[course], fallen[course][name], waiting == fallen[course][name]) for number, course, name, waiting in _WAITS.rows(*courses, *names)]
    rows = [row for part in chunks(list(courses)) for row in Task.objects.filter(course__in=part, key__in=names, state=TaskState.WAITING).order_by().values_list("id", "course_id", "key", "waiting")]
    return [_Waiting(number, name, courses[course], fallen[course][name], waiting == fallen[course][name]) for number, course, name, waiting in sorted(rows) if name in fallen[course]]


_WAITS = Prepared(lambda course, key: Task.objects.filter(course=course, key=key, state=TaskState.WAITING).order_by().values_list("id", "course_id", "key", "waiting"), 900_001, "a key")

_OPENS = Prepared(lambda key, fewer, now, due, calendar: (
    Task.objects.filter(pk=key, waiting=fewer, state=TaskState.WAITING),
    {"state": TaskState.OPEN, "waiting": 0, "version": F("version") + 1, "opened_at": now, "due": due, "calendar": calendar}),
    900_001, 30_002, dt.datetime(1949, 10, 1, 1, tzinfo=dt.UTC), dt.date(1949, 10, 1), "a calendar")


def _must(rows: Sequence[_Waiting], condition: Q, **values: object) -> None:
    """Change exactly these tasks, which still wait; one that does not would be a join that fired twice."""
    changed = sum(Task.objects.filter(condition, pk__in=[row.id for row in part], state=TaskState.WAITING).update(**values) for part in chunks(rows))
    assert changed == len(rows), f"{changed} of {len(rows)} tasks waited"


def _end(works: Sequence[Work]) -> None:
    """A course of which nothing is left to do has ended."""
    for course, ticks in works:
        last = any(not course.tree.successors[tick.task.key] for tick in ticks)
        if last and not Task.objects.filter(course=course, state__in=queries.OPEN_STATES).exists():
            course.ended_at = clocks.now()
            Course.objects.filter(pk=course.pk).update(ended_at=course.ended_at)
