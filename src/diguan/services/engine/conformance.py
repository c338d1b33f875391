"""Does a log keep to a plan? A plan is a partial order: activities, and edges that say what must be done before what begins.

The check is linear, in the length of the log plus cases times the size of the plan: no search, no alignment. An edge ``a → b`` is,
in a case in which ``b`` was done,

- **kept** if the first ``b`` starts no earlier than the first ``a`` ends;
- **early** if it starts before that;
- **without** if ``a`` was never done, unless ``a`` is optional: then nothing is asked.

First executions count, as in ``orders``: what is done again later violates nothing. Apart from edges a case may lack a required
activity (**missing**) or hold one the plan does not know (**extra**).
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.kernel.messages import Message, nearest
from diguan.services.engine.eventlog import EventLog
from diguan.services.engine.instants import Ints

KEPT, EARLY, WITHOUT, UNASKED = range(4)
_CASES_AT_ONCE, _CELLS_AT_ONCE = 16_384, 8_000_000
_NEVER = np.iinfo(np.int64).max


class PlanRefused(ValueError):
    """A plan that is none; one sentence says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Message(zh, en)
        super().__init__(str(self.message))


@dataclass(frozen=True)
class Plan:
    """Activities and what must come before what; ``optional`` are those a case may do without."""

    activities: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    optional: frozenset[str] = frozenset()


def plan_of(activities: Iterable[str], edges: Iterable[tuple[str, str]], optional: Iterable[str] = ()) -> Plan:
    """A plan that holds together: its activities in the order given, its edges once each.

    Raises:
        PlanRefused: an activity named twice, an edge or option of an activity that is not in it, or a cycle, which is named.

    >>> plan_of(["a", "b"], [("a", "b"), ("b", "a")])
    Traceback (most recent call last):
    diguan.services.engine.conformance.PlanRefused: 先后成了圈：a → b → a / the order runs in a circle: a → b → a
    """
    names, arcs, free = tuple(activities), tuple(dict.fromkeys(edges)), frozenset(optional)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise PlanRefused(f"环节“{twice}”写了两次", f"the activity “{twice}” is named twice")
    for name in (*(end for arc in arcs for end in arc), *sorted(free)):
        if name not in names:
            like = nearest(name, names)
            raise PlanRefused(f"没有环节“{name}”{f'；是不是“{like}”？' if like else ''}", f"there is no activity “{name}”{f'; is it “{like}”?' if like else ''}")
    after: dict[str, list[str]] = {name: [] for name in names}
    for before, later in arcs:
        after[later].append(before)
    try:
        graphlib.TopologicalSorter(after).prepare()
    except graphlib.CycleError as error:
        ring = _turned(list(error.args[1]), names)
        raise PlanRefused(f"先后成了圈：{' → '.join(ring)}", f"the order runs in a circle: {' → '.join(ring)}") from error
    return Plan(names, arcs, free)


def _turned(ring: list[str], names: tuple[str, ...]) -> list[str]:
    """A circle told from the activity that stands first in the plan."""
    open_ring = ring[:-1]
    at = min(range(len(open_ring)), key=lambda each: names.index(open_ring[each]))
    return [*open_ring[at:], *open_ring[:at], open_ring[at]]


@dataclass(frozen=True)
class EdgeCheck:
    """An edge over all cases in which ``after`` was done; ``examples`` are the first cases that violate it, at most five."""

    before: str
    after: str
    kept: int
    early: int
    without: int
    examples: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share kept, of the cases in which it was asked; 1 where it never was."""
        asked = self.kept + self.early + self.without
        return self.kept / asked if asked else 1.0


@dataclass(frozen=True, eq=False)
class Conformance:
    """How a log keeps to a plan.

    Attributes:
        plan: the plan.
        cases: the case ids, in the log's order.
        edges: each edge of the plan, in its order.
        violations: rows of (case, edge, :data:`EARLY` or :data:`WITHOUT`), by case, then edge; numbers into ``cases`` and ``edges``.
        missing: rows of (case, activity): required and not done; numbers into ``cases`` and ``plan.activities``.
        extra: rows of (case, activity, times): done and not in the plan; numbers into ``cases`` and the log's activities.
        unplanned: activities of the log that the plan does not know, with executions.
        unseen: activities of the plan that the log never shows.
        edge_fitness: edges kept of edges asked, all cases together; 1 where none was asked.
        activity_fitness: required activities done of those required, all cases together; 1 where none is.
        planned_share: executions of planned activities of all executions; 1 of none.
        fitting_share: cases without any violation, lack or extra, of all cases; 1 of none.
    """

    plan: Plan
    cases: tuple[str, ...]
    edges: tuple[EdgeCheck, ...]
    violations: Ints
    missing: Ints
    extra: Ints
    unplanned: dict[str, int]
    unseen: tuple[str, ...]
    edge_fitness: float
    activity_fitness: float
    planned_share: float
    fitting_share: float

    def of_case(self, case: str, log: EventLog) -> list[Message]:
        """What one case did against the plan, in sentences; none if it fits.

        Raises:
            ValueError: no such case.
        """
        at = self.cases.index(case)
        told = []
        for _, edge, kind in self.violations[self.violations[:, 0] == at].tolist():
            one = self.edges[edge]
            told.append(Message(f"“{one.after}”在“{one.before}”完成之前就开始了", f"“{one.after}” began before “{one.before}” was done") if kind == EARLY
                        else Message(f"“{one.after}”办了，应在它之前的“{one.before}”没有办", f"“{one.after}” was done without “{one.before}” before it"))
        for _, activity in self.missing[self.missing[:, 0] == at].tolist():
            told.append(Message(f"缺“{self.plan.activities[activity]}”", f"“{self.plan.activities[activity]}” is missing"))
        for _, activity, count in self.extra[self.extra[:, 0] == at].tolist():
            told.append(Message(f"多出“{log.activities[activity]}”{count} 次", f"“{log.activities[activity]}” is not in the plan, done {count} times"))
        return told


def check(log: EventLog, plan: Plan) -> Conformance:
    """Hold every case of a log against a plan; see :class:`Conformance`."""
    place = {name: at for at, name in enumerate(plan.activities)}
    turn = np.array([place.get(name, -1) for name in log.activities], np.int64)
    planned = turn[log.activity] if len(log) else np.zeros(0, np.int64)
    edges = np.array([(place[before], place[after]) for before, after in plan.edges], np.int64).reshape(-1, 2)
    needed = np.array([name not in plan.optional for name in plan.activities], np.bool_)
    counts, wrong, missing = np.zeros((len(edges), 4), np.int64), [np.zeros((0, 3), np.int64)], [np.zeros((0, 2), np.int64)]
    size = max(1, min(_CASES_AT_ONCE, _CELLS_AT_ONCE // max(len(edges), len(plan.activities), 1)))
    for first in range(0, len(log.cases), size):
        starts, ends = _firsts(log, planned, len(plan.activities), first, min(first + size, len(log.cases)))
        found = _relations(starts, ends, edges, needed)
        for kind in range(4):
            counts[:, kind] += (found == kind).sum(axis=0)
        case, edge = np.nonzero((found == EARLY) | (found == WITHOUT))
        wrong.append(np.column_stack((case + first, edge, found[case, edge])))
        case, activity = np.nonzero((starts == _NEVER) & needed)
        missing.append(np.column_stack((case + first, activity)))
    return _told(log, plan, counts, np.concatenate(wrong), np.concatenate(missing), _extra(log, planned))


def _firsts(log: EventLog, planned: Ints, size: int, first: int, last: int) -> tuple[Ints, Ints]:
    """First start and first end of each planned activity in some cases; :data:`_NEVER` where it was not done."""
    rows = np.arange(log.offsets[first], log.offsets[last])
    rows = rows[planned[rows] >= 0]
    starts, ends = (np.full((last - first) * size, _NEVER) for _ in range(2))
    cell = (log.case[rows] - first) * size + planned[rows]
    order = np.argsort(cell, kind="stable")
    cells, at = np.unique(cell[order], return_index=True)
    if len(cells):
        starts[cells] = np.minimum.reduceat(log.start[rows][order], at)
        ends[cells] = np.minimum.reduceat(log.end[rows][order], at)
    return starts.reshape(last - first, size), ends.reshape(last - first, size)


def _relations(starts: Ints, ends: Ints, edges: Ints, needed: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Kept, early, without or unasked of each edge in each case."""
    before, after = edges.T
    done, began = ends[:, before], starts[:, after]
    absent = done == _NEVER
    found = np.where(absent, np.where(needed[before], WITHOUT, UNASKED), np.where(began >= done, KEPT, EARLY))
    return np.where(began == _NEVER, UNASKED, found).astype(np.int8)


def _extra(log: EventLog, planned: Ints) -> Ints:
    rows = np.flatnonzero(planned < 0)
    size = max(len(log.activities), 1)
    pairs, counts = np.unique(log.case[rows].astype(np.int64) * size + log.activity[rows], return_counts=True)
    return np.column_stack((pairs // size, pairs % size, counts)).astype(np.int64)


def _told(log: EventLog, plan: Plan, counts: Ints, wrong: Ints, missing: Ints, extra: Ints) -> Conformance:
    checks = []
    by_edge = wrong[np.argsort(wrong[:, 1], kind="stable")]
    begins = np.searchsorted(by_edge[:, 1], np.arange(len(plan.edges))).tolist()
    for (before, after), (kept, early, without, _), at in zip(plan.edges, counts.tolist(), begins, strict=True):
        examples = by_edge[at:at + min(early + without, 5), 0].tolist()
        checks.append(EdgeCheck(before, after, kept, early, without, tuple(log.cases[case] for case in examples)))
    executions = np.bincount(log.activity, minlength=len(log.activities)).tolist()
    unplanned = {name: count for name, count in zip(log.activities, executions, strict=True) if name not in plan.activities}
    required = len(log.cases) * len([name for name in plan.activities if name not in plan.optional])
    asked = int(counts[:, :UNASKED].sum())
    unfit = len(np.unique(np.concatenate((wrong[:, 0], missing[:, 0], extra[:, 0]))))
    return Conformance(plan, log.cases, tuple(checks), wrong, missing, extra, unplanned, tuple(name for name in plan.activities if name not in log.activities),
                       _share(int(counts[:, KEPT].sum()), asked), _share(required - len(missing), required), _share(len(log) - sum(unplanned.values()), len(log)),
                       _share(len(log.cases) - unfit, len(log.cases)))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
