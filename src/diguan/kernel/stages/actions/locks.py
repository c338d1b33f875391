"""The locks: conditional UPDATEs whose row count is checked. SQLite knows no ``select_for_update``; this serves both databases."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.refusals import Refusal
from diguan.kernel.rows import Prepared
from diguan.kernel.stages import queries
from diguan.kernel.stages.models import Course, Task, TaskState
from diguan.kernel.stages.refusals import ChangedMeanwhile, OneOfMany, no
from diguan.kernel.stages.tree import ACTIVE

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

_STATE_WORDS = {"waiting": "not begun", "open": "open", "done": "done", "skipped": "not needed", "returned": "sent back", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Tick:
    """A task to be done, as it was read."""

    task: Task
    version: int


def lock(course: Course) -> None:
    """Queue behind whoever moves the same course now; refused where its status holds it up.

    Raises:
        Refusal: ``held``.
    """
    lock_all([course])


def lock_all(courses: Sequence[Course]) -> None:
    """As :func:`lock`, of several at once; in the order of their ids, so that two commands that overlap never wait for each other.

    Raises:
        Refusal: ``held``; of several, the one that is held is named.
    """
    for keys in chunks(sorted(course.pk for course in courses)):
        if len(courses) > 1:  # an UPDATE of several rows locks them in no order; SQLite's writers queue anyway
            list(Course.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
        moved = _MOVE.change(keys[0]) if len(keys) == 1 else Course.objects.filter(pk__in=keys, status=ACTIVE).update(moves=F("moves") + 1)
        if moved != len(keys):
            raise _held([course for course in courses if course.pk in set(keys)])


def _held(courses: Sequence[Course]) -> Refusal:
    """The refusal that says which status the first of these that does not move has."""
    now = dict(Course.objects.filter(pk__in=[course.pk for course in courses]).values_list("pk", "status"))
    course = next(course for course in courses if now[course.pk] != ACTIVE)
    status = now[course.pk]
    title = course.tree.status[status].label if status in course.tree.status else lambda language="zh": status
    name = course.title if len(courses) > 1 else ""
    return no("held", f"{name}现在是“{title()}”，不能往下办", f"{name or 'it'} is “{title('en')}” now and does not move")


def take(ticks: Sequence[Tick], by: Person, state: str, *, named: bool = False) -> None:
    """Close open tasks as they were read, all or none; ``named``: of several, the refusal says which one it was.

    Raises:
        ChangedMeanwhile: one of them is not as it was read.
    """
    now = clocks.now()
    if len(ticks) == 1:
        if not _TAKE.change(ticks[0].task.pk, ticks[0].version, state, ticks[0].version + 1, now, by.pk):
            raise changed(ticks, TaskState.OPEN, named=named)
        return
    for version, count in Counter(tick.version for tick in ticks).items():
        closed = sum(Task.objects.filter(pk__in=keys, version=version, state=TaskState.OPEN).update(
            state=state, version=version + 1, closed_at=now, closed_by=by) for keys in chunks([tick.task.pk for tick in ticks if tick.version == version]))
        if closed != count:
            raise changed([tick for tick in ticks if tick.version == version], TaskState.OPEN, named=named)


def changed(ticks: Sequence[Tick], state: str, *, named: bool = False) -> Refusal:
    """The refusal that names the first of these that is not as it was read. (What this transaction closed itself is one version on.)"""
    rows = Task.objects.in_bulk([tick.task.pk for tick in ticks])
    now = [(tick, rows[tick.task.pk]) for tick in ticks]
    tick, row = next(((tick, row) for tick, row in now if row.state == state or row.version != tick.version + 1), now[0])
    told = queries.last_deed(row)
    zh, en = (f"，{told.zh}", f", {told.en}") if told else ("", "")
    why = ChangedMeanwhile(tick.version, row.version, Message(f"{TaskState(row.state).label}{zh}", f"{_STATE_WORDS[row.state]}{en}"))
    return OneOfMany(tick.task, why) if named else why


_MOVE = Prepared(lambda key: (Course.objects.filter(pk=key, status=ACTIVE), {"moves": F("moves") + 1}), 900_001)
_TAKE = Prepared(lambda key, version, state, after, now, by: (
    Task.objects.filter(pk=key, version=version, state=TaskState.OPEN), {"state": state, "version": after, "closed_at": now, "closed_by_id": by}),
    900_001, 900_002, "a state", 900_003, dt.datetime(1949, 10, 1, 1, tzinfo=dt.UTC), 900_004)


def renew(tick: Tick) -> None:
    """Bump the version of an open task as it was read.

    Raises:
        ChangedMeanwhile: it is not as it was read.
    """
    if not Task.objects.filter(pk=tick.task.pk, version=tick.version, state=TaskState.OPEN).update(version=F("version") + 1):
        raise changed([tick], tick.task.state)
