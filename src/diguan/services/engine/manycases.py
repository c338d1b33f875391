"""A plan of many cases of the same flow at once, sharing the staff: greedy, beside an honest bound. Pure.

Three orders are tried and the best is kept: exact plans of thousands of tasks are nobody's need, since the next case changes
them. The bounds beside it are honest, not always tight: no case can be quicker than alone, no unit quicker than its work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.plan import MOST_SLOTS, Desk, Net, Problem, checked, urgent, whole

MOST_SHARED = 20_000
"""Tasks of all cases together, at most."""


@dataclass(frozen=True)
class Shared:
    """Many cases planned at once. ``starts[case, task]`` and ``ends[case]`` in slots, arrivals counted in.

    ``slots`` is when the last case ends, ``total`` the slots all cases take from arrival to end together; ``bound`` and
    ``total_bound`` are what no plan can go below. ``rule`` is the order that was best of those tried.
    """

    starts: np.ndarray[Any, np.dtype[np.int64]]
    ends: tuple[int, ...]
    slots: int
    total: int
    bound: int
    total_bound: int
    rule: str


def shared(problem: Problem, arrivals: Sequence[int]) -> Shared:
    """Plan the same flow for many cases that share the staff, case ``i`` arriving at slot ``arrivals[i]``.

    Three rules are tried: ``arrival`` (case after case, first come first served), ``urgent`` (of all cases the task with the
    longest way to the end) and ``turns`` (one task of each case after the other). The least total wins, then the earliest end.

    Raises:
        BenchRefused: as :func:`checked`; ``no_cases``, ``arrival`` or ``too_many`` for the cases.

    >>> from diguan.services.engine.plan import Task
    >>> found = shared(Problem((Task("a", 2, "u"), Task("b", 1)), (("a", "b"),), {"u": 1}), [0, 0])
    >>> found.ends, found.slots, found.bound, found.total, found.total_bound
    ((3, 5), 5, 5, 8, 8)
    """
    net = Net(checked(problem))
    _cases(problem, arrivals)
    alone, order = net.bound().slots, urgent(net)
    rules = {"arrival": [(case, at) for case in sorted(range(len(arrivals)), key=arrivals.__getitem__) for at in order],
             "turns": [(case, at) for at in order for case in sorted(range(len(arrivals)), key=arrivals.__getitem__)],
             "urgent": sorted(((case, at) for case in range(len(arrivals)) for at in order), key=lambda one: (arrivals[one[0]] - net.tail[one[1]] - net.slots[one[1]], one[0]))}
    best: tuple[int, int, str, np.ndarray[Any, np.dtype[np.int64]]] | None = None
    for rule, sequence in rules.items():
        starts = _placed(net, sequence, arrivals)
        ends = (starts + np.array(net.slots)).max(axis=1)
        told = (int(ends.sum() - sum(arrivals)), int(ends.max()), rule, starts)
        if best is None or told[:2] < best[:2]:
            best = told
    assert best is not None
    total, slots, rule, starts = best
    ends = tuple(int(end) for end in (starts + np.array(net.slots)).max(axis=1))
    return Shared(starts, ends, slots, total, _all_of(net, arrivals, alone), _sum_of(net, arrivals, alone), rule)


def _cases(problem: Problem, arrivals: Sequence[int]) -> None:
    if not arrivals:
        raise BenchRefused("no_cases", "没有案件", "there is no case")
    if len(arrivals) * len(problem.tasks) > MOST_SHARED:
        raise BenchRefused("too_many", f"一次至多排 {MOST_SHARED} 个环节，现有 {len(arrivals) * len(problem.tasks)} 个", f"at most {MOST_SHARED} tasks at once; these are {len(arrivals) * len(problem.tasks)}")
    if wrong := [arrival for arrival in arrivals if not whole(arrival) or not 0 <= arrival <= MOST_SLOTS]:
        raise BenchRefused("arrival", f"到达时间应为 0 到 {MOST_SLOTS} 的整数，现有 {wrong[0]}", f"an arrival must be a whole number from 0 to {MOST_SLOTS}, not {wrong[0]}")


def _placed(net: Net, sequence: Iterable[tuple[int, int]], arrivals: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    desks = {unit: Desk(people) for unit, people in net.problem.staff.items()}
    starts = np.zeros((len(arrivals), len(net.slots)), dtype=np.int64)
    for case, at in sequence:
        task = net.problem.tasks[at]
        start = max((int(starts[case, one]) + net.slots[one] for one in net.befores[at]), default=arrivals[case])
        if task.unit in desks:
            start = desks[task.unit].first(start, task.slots, task.staff)
            desks[task.unit].take(start, task.slots, task.staff)
        starts[case, at] = start
    return starts


def _all_of(net: Net, arrivals: Sequence[int], alone: int) -> int:
    """The last arrival's case alone, or any unit's work of all cases that arrive from some slot on."""
    best = max(arrivals) + alone
    for unit, found in net.held().items():
        work = sum(net.slots[at] * net.problem.tasks[at].staff for at in found)
        head, tail = min(net.head[at] for at in found), min(net.tail[at] for at in found)
        for rank, arrival in enumerate(sorted(arrivals, reverse=True), 1):
            best = max(best, arrival + head + -(-rank * work // net.problem.staff[unit]) + tail)
    return best


def _sum_of(net: Net, arrivals: Sequence[int], alone: int) -> int:
    """The case that ends as the k-th ends no earlier than the k-th to arrive could alone, nor before any unit has done the work of k cases."""
    ordered, first = sorted(arrivals), min(arrivals)
    ends = [arrival + alone for arrival in ordered]
    for unit, found in net.held().items():
        work = sum(net.slots[at] * net.problem.tasks[at].staff for at in found)
        head, tail = min(net.head[at] for at in found), min(net.tail[at] for at in found)
        ends = [max(end, first + head + -(-rank * work // net.problem.staff[unit]) + tail) for rank, end in enumerate(ends, 1)]
    return sum(ends) - sum(arrivals)
