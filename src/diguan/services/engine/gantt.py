"""A plan as rows for a Gantt chart drawn on the server: where each bar starts and ends, what is critical, what it waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from diguan.kernel.messages import Message
from diguan.services.engine.plan import Schedule, Task

WAITS = {"start": Message("一开始就办", "from the beginning"), "order": Message("等前一环节", "waits for the activity before"),
         "staff": Message("等人手", "waits for people"), "visit": Message("等联合上门", "waits for the joint visit")}


@dataclass(frozen=True)
class Row:
    """One bar, in slots from 0, ``end`` exclusive; and the working days it touches, from 1, both included.

    ``slack`` is how many slots the task may be late by its order alone without the plan getting longer; a critical task
    may have some and still be critical, when people are what it waits for. ``by`` is a word of :data:`WAITS`, empty where
    the task is not critical. ``left`` and ``width`` are the bar in per mille of the plan's length.
    """

    id: str
    title: str
    unit: str
    start: int
    end: int
    first_day: int
    last_day: int
    critical: bool
    by: str
    slack: int
    left: int
    width: int


def rows(schedule: Schedule, titles: Mapping[str, str] | None = None) -> tuple[Row, ...]:
    """The rows in the order of their starts, of equal ones the critical first, then as the tasks were given.

    >>> from diguan.services.engine.plan import Problem, Task, shortest
    >>> [(row.id, row.first_day, row.last_day, row.critical, row.slack) for row in rows(shortest(Problem((Task("a", 4), Task("b", 1)))))]
    [('a', 1, 2, True, 0), ('b', 1, 1, False, 3)]
    """
    problem, whole = schedule.problem, schedule.slots
    by, slack = {link.id: link.by for link in schedule.critical}, _slack(schedule)
    def row(task: Task, start: int) -> Row:
        end = start + task.slots
        left = start * 1000 // whole
        return Row(task.id, (titles or {}).get(task.id, task.id), task.unit, start, end, start // problem.per_day + 1, (end - 1) // problem.per_day + 1,
                   task.id in by, by.get(task.id, ""), slack[task.id], left, max(1, end * 1000 // whole - left))
    found = [row(task, start) for task, start in zip(problem.tasks, schedule.starts, strict=True)]
    return tuple(sorted(found, key=lambda one: (one.start, not one.critical)))


def _slack(schedule: Schedule) -> dict[str, int]:
    """Latest end by the order alone less the end in the plan."""
    problem = schedule.problem
    start = {task.id: at for task, at in zip(problem.tasks, schedule.starts, strict=True)}
    slots = {task.id: task.slots for task in problem.tasks}
    latest = dict.fromkeys(start, schedule.slots)
    for before, after in sorted(problem.pairs, key=lambda pair: -start[pair[1]]):  # whoever starts last is settled first
        latest[before] = min(latest[before], latest[after] - slots[after])
    return {name: latest[name] - slots[name] - start[name] for name in start}


def capacity_steps(schedule: Schedule, unit: str) -> tuple[tuple[int, int], ...]:
    """How many people of a unit are busy, as (slot, people) where it changes; for a chart under the plan.

    >>> from diguan.services.engine.plan import Problem, shortest
    >>> capacity_steps(shortest(Problem((Task("a", 2, "u"), Task("b", 1, "u")))), "u")
    ((0, 2), (1, 1), (2, 0))
    """
    changes: dict[int, int] = defaultdict(int)
    for task, start in zip(schedule.problem.tasks, schedule.starts, strict=True):
        if task.unit == unit:
            changes[start] += task.staff
            changes[start + task.slots] -= task.staff
    busy = accumulate(changes[slot] for slot in sorted(changes))
    steps = [(-1, 0), *zip(sorted(changes), busy, strict=True)]
    return tuple(step for last, step in pairwise(steps) if step[1] != last[1])
