"""The locks: conditional UPDATEs whose row count is checked. SQLite knows no ``select_for_update``; this serves both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.stages import queries
from diguan.kernel.stages.models import Course, Task, TaskState
from diguan.kernel.stages.refusals import ChangedMeanwhile, no
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
    if not Course.objects.filter(pk=course.pk, status=ACTIVE).update(moves=F("moves") + 1):
        status = Course.objects.filter(pk=course.pk).values_list("status", flat=True).get()
        title = course.tree.status[status].label if status in course.tree.status else lambda language="zh": status
        raise no("held", f"现在是“{title()}”，不能往下办", f"it is “{title('en')}” now and does not move")


def take(ticks: Sequence[Tick], by: Person, state: str) -> None:
    """Close open tasks as they were read, all or none.

    Raises:
        ChangedMeanwhile: one of them is not as it was read.
    """
    now = clocks.now()
    for version, count in Counter(tick.version for tick in ticks).items():
        closed = sum(Task.objects.filter(pk__in=keys, version=version, state=TaskState.OPEN).update(
            state=state, version=version + 1, closed_at=now, closed_by=by) for keys in chunks([tick.task.pk for tick in ticks if tick.version == version]))
        if closed != count:
            raise changed([tick for tick in ticks if tick.version == version], TaskState.OPEN)


def changed(ticks: Sequence[Tick], state: str) -> ChangedMeanwhile:
    """The refusal that names the first of these that is not as it was read. (What this transaction closed itself is one version on.)"""
    rows = Task.objects.in_bulk([tick.task.pk for tick in ticks])
    now = [(tick, rows[tick.task.pk]) for tick in ticks]
    tick, row = next(((tick, row) for tick, row in now if row.state == state or row.version != tick.version + 1), now[0])
    told = queries.last_deed(row)
    zh, en = (f"，{told.zh}", f", {told.en}") if told else ("", "")
    return ChangedMeanwhile(tick.version, row.version, Message(f"{TaskState(row.state).label}{zh}", f"{_STATE_WORDS[row.state]}{en}"))


def renew(tick: Tick) -> None:
    """Bump the version of an open task as it was read.

    Raises:
        ChangedMeanwhile: it is not as it was read.
    """
    if not Task.objects.filter(pk=tick.task.pk, version=tick.version, state=TaskState.OPEN).update(version=F("version") + 1):
        raise changed([tick], tick.task.state)
