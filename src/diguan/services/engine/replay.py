"""What last year's cases would have taken under another order: counterfactual replay. Pure, numpy.

Each case keeps its own times: for every activity it went through, how long it waited and how long it was worked on. Under
the new order an activity begins to wait when those it is bound to have ended, and the case ends with its last activity.
An activity that a case did not go through takes no time and passes the order on. Nothing is drawn and nothing is assumed
about other cases.

**What this leaves out, on purpose.** Waits stay as they were (or, where told, what is left of them in per cent): that
several activities then wait at once may lengthen queues, which :mod:`diguan.services.engine.days` and a plan under staff
limits show and this does not. An activity done several times counts with all its times together.

**Who gets slower.** A case that really ran some activities side by side, or against an edge, may take longer under the new
order. Such cases are listed with the chain that makes them long. ``before`` is what the case took as it was observed; where
nobody observed that, its times one after the other, which no order can exceed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.services.engine.edges import BenchRefused, Pair, Reach
from diguan.services.engine.reduction import Reduction, reduction

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
MOST = 2**40
"""The longest single time, in whatever unit: two thousand such times still fit 64 bits."""
MOST_CELLS = 50_000_000


@dataclass(frozen=True, eq=False)
class Actuals:
    """The times of finished cases, one row a case and one column an activity, in any one whole unit (ticks, minutes).

    ``done`` tells what a case went through; ``work`` and ``wait`` are 0 elsewhere. ``before`` is what each case took in all.
    """

    cases: tuple[str, ...]
    activities: tuple[str, ...]
    work: Ints
    wait: Ints
    done: Flags
    before: Ints


@dataclass(frozen=True)
class Time:
    """One activity of one case: how long it waited, how long it was worked on."""

    case: str
    activity: str
    work: int
    wait: int = 0


def actuals_of(times: Iterable[Time], took: Mapping[str, int] | None = None) -> Actuals:
    """Gather times into rows, in the order of cases and activities by name; the same activity of a case is added up.

    Args:
        times: in any order.
        took: what each case took as observed; a case that is not named took its times one after the other.

    Raises:
        BenchRefused: ``no_cases``, ``time`` for one below 0 or beyond :data:`MOST`, ``unknown_case`` in ``took``, ``too_many``.
    """
    found = list(times)
    cases, activities = sorted({one.case for one in found}), sorted({one.activity for one in found})
    shape = table(len(cases), len(activities))
    row, column = {name: at for at, name in enumerate(cases)}, {name: at for at, name in enumerate(activities)}
    for one in found:
        _time(one.work, one)
        _time(one.wait, one)
    at = (np.array([row[one.case] for one in found]), np.array([column[one.activity] for one in found]))
    work, wait = (np.zeros(shape, dtype=np.int64) for _ in range(2))
    np.add.at(work, at, np.array([one.work for one in found], dtype=np.int64))
    np.add.at(wait, at, np.array([one.wait for one in found], dtype=np.int64))
    done = np.zeros(work.shape, dtype=np.bool_)
    done[at] = True
    before = work.sum(axis=1) + wait.sum(axis=1)
    for case, length in (took or {}).items():
        if case not in row:
            raise BenchRefused("unknown_case", f"案件“{case}”没有任何环节", f"the case {case} has no activity", [case])
        _time(length, Time(case, "", 0))
        before[row[case]] = length
    return Actuals(tuple(cases), tuple(activities), work, wait, done, before)


def table(cases: int, activities: int) -> tuple[int, int]:
    """The shape of a table of cases by activities, when it can be held.

    Raises:
        BenchRefused: ``no_cases``, ``too_many``.
    """
    if not cases:
        raise BenchRefused("no_cases", "日志里没有办完的案件", "the log has no finished case")
    if cases * activities > MOST_CELLS:
        raise BenchRefused("too_many", f"案件数乘环节数至多 {MOST_CELLS}，现为 {cases * activities}", f"cases times activities may be {MOST_CELLS} at most, not {cases * activities}")
    return cases, activities


def _time(value: int, about: Time) -> None:
    if not 0 <= value <= MOST:
        name = f"{about.case} {about.activity}".strip()
        raise BenchRefused("time", f"“{name}”的时间应在 0 到 {MOST} 之间，现为 {value}", f"a time of {name} must lie from 0 to {MOST}, not {value}", [about.case, about.activity])


@dataclass(frozen=True)
class Slower:
    """A case that would take longer: by how much, and the activities that make it long."""

    case: str
    before: int
    after: int
    chain: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Replay:
    """One entry a case, in the unit of the times. ``outside`` are activities the new order does not know, kept as they were."""

    actuals: Actuals
    before: Ints
    after: Ints
    slower: tuple[Slower, ...]
    faster: int
    same: int
    outside: tuple[str, ...]

    @property
    def reduction(self) -> Reduction:
        return reduction(self.before, self.after)


def replay(actuals: Actuals, activities: Sequence[str], pairs: Iterable[Pair], *, wait_left: Mapping[str, int] | None = None, keep_outside: bool = False) -> Replay:
    """Every case under the new order.

    Args:
        actuals: what the cases took.
        activities: those of the new order; a case need not go through all.
        pairs: what must come before what in it.
        wait_left: how much of an activity's wait is left, in per cent; all of it where not named.
        keep_outside: an activity the order does not know is done after everything else, instead of being refused.

    Raises:
        BenchRefused: ``no_activities``, ``twice``, ``unknown_activity``, ``self_edge``, ``cycle`` for the order; ``outside``
            for activities of the log that it does not know; ``wait_left``.

    >>> log = actuals_of([Time("1", "a", 10, 5), Time("1", "b", 20), Time("2", "a", 10)], {"2": 8})
    >>> found = replay(log, ["a", "b"], [])
    >>> found.before.tolist(), found.after.tolist(), found.slower
    ([35, 8], [20, 10], (Slower(case='2', before=8, after=10, chain=('a',)),))
    """
    reach = Reach(activities, pairs)
    order, befores = reach.order, reach.nearest()
    outside = tuple(name for name in actuals.activities if name not in set(activities))
    if outside and not keep_outside:
        raise BenchRefused("outside", f"日志里有新流程没有的环节：{'、'.join(outside[:5])}" + ("等" if len(outside) > 5 else ""),
                           f"the log has activities the new order does not know: {', '.join(outside[:5])}" + (" and more" if len(outside) > 5 else ""), outside)
    spans = _spans(actuals, activities, wait_left or {})
    ends = _ends(actuals, order, befores, spans)
    rest = sum((spans[name] for name in outside), np.zeros(len(actuals.cases), dtype=np.int64))
    longest = np.max([ends[name] for name in order], axis=0)
    after = longest + rest
    slower = []
    for case in np.flatnonzero(after > actuals.before):
        chain = _chain(int(case), order, befores, ends, spans)
        slower.append(Slower(actuals.cases[case], int(actuals.before[case]), int(after[case]), (*chain, *(name for name in outside if spans[name][case]))))
    return Replay(actuals, actuals.before, after, tuple(sorted(slower, key=lambda one: (one.before - one.after, one.case))), int((after < actuals.before).sum()), int((after == actuals.before).sum()), outside)


def _spans(actuals: Actuals, activities: Sequence[str], wait_left: Mapping[str, int]) -> dict[str, Ints]:
    """For every activity its whole time in each case, 0 where a case did not go through it."""
    for name, left in wait_left.items():
        if name not in set(activities):
            raise BenchRefused("unknown_activity", f"“{name}”不是这个流程的环节", f"{name} is no activity of this flow", [name])
        if not 0 <= left <= 100:
            raise BenchRefused("wait_left", f"环节“{name}”剩下的等待应为 0 到 100（%），现为 {left}", f"what is left of the wait of {name} must lie from 0 to 100 per cent, not {left}", [name])
    column = {name: at for at, name in enumerate(actuals.activities)}
    none = np.zeros(len(actuals.cases), dtype=np.int64)
    return {name: actuals.work[:, column[name]] + actuals.wait[:, column[name]] * wait_left.get(name, 100) // 100 if name in column else none
            for name in dict.fromkeys([*activities, *actuals.activities])}


def _ends(actuals: Actuals, order: Sequence[str], befores: Mapping[str, Sequence[str]], spans: Mapping[str, Ints]) -> dict[str, Ints]:
    ends: dict[str, Ints] = {}
    for name in order:
        start = np.zeros(len(actuals.cases), dtype=np.int64)
        for before in befores[name]:
            np.maximum(start, ends[before], out=start)
        ends[name] = start + spans[name]
    return ends


def _chain(case: int, order: Sequence[str], befores: Mapping[str, Sequence[str]], ends: Mapping[str, Ints], spans: Mapping[str, Ints]) -> tuple[str, ...]:
    """The activities, one waiting for the other, that make a case as long as it is; those that took no time left out."""
    at: str | None = max(order, key=lambda name: ends[name][case])
    found: list[str] = []
    while at is not None:
        if spans[at][case]:
            found.append(at)
        start = ends[at][case] - spans[at][case]
        at = next((before for before in befores[at] if start and ends[before][case] == start), None)
    return tuple(reversed(found))
