"""What a log shows of a process: what follows what, by which ways, what is done again, what waits, who hands over, what is late.

All times are whole working seconds on the clock passed in (``worktime.Worktime``: any calendar; ``wall_clock`` counts nights too).
Of n values the median is the ⌈n/2⌉-th smallest and p90 the ⌈0.9 n⌉-th: values that occurred, the same on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.services.engine.eventlog import NOBODY, EventLog, Flags
from diguan.services.engine.instants import Ints
from diguan.services.engine.worktime import Worktime


@dataclass(frozen=True)
class Spread:
    """A distribution: how many, median, p90, sum; seconds. All 0 of nothing."""

    count: int
    median: int
    p90: int
    total: int


@dataclass(frozen=True)
class Arc:
    """``after`` followed ``before`` at once in its case (in order of completion), so many times in so many cases.

    ``gap`` is from the completion of the one to the start of the other: waiting. Where the other began before that
    (``overlapping`` times) it counts as 0. Where the start of the other is not known (``untimed`` times) its work is in the gap.
    """

    before: str
    after: str
    count: int
    cases: int
    gap: Spread
    overlapping: int
    untimed: int


@dataclass(frozen=True)
class Graph:
    """The directly-follows graph, arcs by falling count, then by names; ``starts`` and ``ends`` say where cases begin and end."""

    arcs: tuple[Arc, ...]
    activities: dict[str, int]
    starts: dict[str, int]
    ends: dict[str, int]


def directly_follows(log: EventLog, clock: Worktime) -> Graph:
    """What follows what at once, with counts and waiting; names to counts of activities, first and last ones of cases."""
    size = len(log.activities)
    rows = _followed(log)
    before, after = log.activity[rows - 1].astype(np.int64), log.activity[rows].astype(np.int64)
    gap = clock(log.start[rows]) - clock(log.end[rows - 1])
    key = before * size + after
    groups = _Groups(key)
    cases = _distinct(groups.place, log.case[rows], len(log.cases))
    overlapping, untimed = groups.sums(log.start[rows] < log.end[rows - 1]), groups.sums(~log.timed[rows])
    spreads = groups.spreads(np.maximum(gap, 0))
    arcs = [Arc(log.activities[each // size], log.activities[each % size], spread.count, many, spread, over, less)
            for each, many, spread, over, less in zip(groups.keys.tolist(), cases, spreads, overlapping.tolist(), untimed.tolist(), strict=True)]
    arcs.sort(key=lambda arc: (-arc.count, arc.before, arc.after))
    return Graph(tuple(arcs), _counted(log, log.activity), _counted(log, log.activity[log.offsets[:-1]]), _counted(log, log.activity[log.offsets[1:] - 1]))


def _followed(log: EventLog) -> Ints:
    """The rows that have one before them in their case."""
    return np.flatnonzero(log.case[1:] == log.case[:-1]) + 1


def _counted(log: EventLog, codes: np.ndarray[Any, Any]) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(log.activities))
    return {name: count for name, count in zip(log.activities, counts.tolist(), strict=True) if count}


def _distinct(place: Ints, case: np.ndarray[Any, Any], cases: int) -> list[int]:
    """How many cases have each group; groups are numbered from 0 and none is empty."""
    pairs = np.unique(place * max(cases, 1) + case)
    return np.bincount(pairs // max(cases, 1)).tolist()


class _Groups:
    """Values by key: sorted once, then counted, added, spread."""

    def __init__(self, key: Ints) -> None:
        self.key = key
        self.keys, self.place, self.counts = np.unique(key, return_inverse=True, return_counts=True)
        self.first = np.concatenate(([0], np.cumsum(self.counts)[:-1])).astype(np.int64) if len(key) else np.zeros(0, np.int64)

    def sums(self, values: np.ndarray[Any, Any]) -> Ints:
        ordered = values.astype(np.int64)[np.argsort(self.place, kind="stable")]
        return np.asarray(np.add.reduceat(ordered, self.first)) if len(ordered) else ordered

    def spreads(self, values: Ints) -> list[Spread]:
        ordered = values[np.lexsort((values, self.place))]
        half, nine = (ordered[self.first + (self.counts * share + whole - 1) // whole - 1].tolist() for share, whole in ((1, 2), (9, 10)))
        return [Spread(*each) for each in zip(self.counts.tolist(), half, nine, self.sums(values).tolist(), strict=True)]


def spread_of(values: Ints) -> Spread:
    """The distribution of some seconds.

    >>> spread_of(np.arange(1, 11))
    Spread(count=10, median=5, p90=9, total=55)
    """
    return _Groups(np.zeros(len(values), np.int64)).spreads(values.astype(np.int64))[0] if len(values) else Spread(0, 0, 0, 0)


@dataclass(frozen=True)
class Variant:
    """One way through: its activities in order of completion, how many cases took it, their share, one of them."""

    activities: tuple[str, ...]
    count: int
    share: float
    case: str


def variants(log: EventLog) -> tuple[Variant, ...]:
    """The ways cases went, by falling count, then by the activities; their shares add up to 1. ``case`` is the first by its id."""
    ways: Counter[bytes] = Counter()
    first: dict[bytes, int] = {}
    data, width = log.activity.astype(np.int32).tobytes(), 4
    bounds = (log.offsets * width).tolist()
    for case in range(len(log.cases)):
        way = data[bounds[case]:bounds[case + 1]]
        ways[way] += 1
        first.setdefault(way, case)
    found = [Variant(tuple(log.activities[code] for code in np.frombuffer(way, np.int32).tolist()), count, count / len(log.cases), log.cases[first[way]])
             for way, count in ways.items()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.activities)))


@dataclass(frozen=True)
class Rework:
    """An activity done more than once in a case.

    Attributes:
        activity: its name.
        cases: in how many cases it was done at all.
        repeated: in how many more than once.
        extra: how many times beyond the first, all cases together.
        at_once: how many of these followed the same activity directly.
        returned: how many came back after something else was done: loops.
        seconds: working seconds from start to end of the extra times, as far as their starts are known.
        example: the first case, by its id, in which it was repeated.
    """

    activity: str
    cases: int
    repeated: int
    extra: int
    at_once: int
    returned: int
    seconds: int
    example: str


def rework(log: EventLog, clock: Worktime) -> tuple[Rework, ...]:
    """What was done again, most extra times first, then by name; only activities that were."""
    order = np.lexsort((np.arange(len(log)), log.activity, log.case))
    case, activity = log.case[order], log.activity[order]
    again = (case[1:] == case[:-1]) & (activity[1:] == activity[:-1])
    row, previous = order[1:][again], order[:-1][again]
    size = len(log.activities)
    done = np.bincount(activity[np.concatenate(([True], ~again))] if len(log) else activity, minlength=size)
    at_once = np.bincount(log.activity[row[row == previous + 1]], minlength=size)
    extra = np.bincount(log.activity[row], minlength=size)
    worked = np.where(log.timed[row], clock(log.end[row]) - clock(log.start[row]), 0)
    found = []
    for code, mine in _by_code(log.activity[row], size):
        if not len(mine):
            continue
        cases = np.unique(log.case[row[mine]])
        found.append(Rework(log.activities[code], int(done[code]), len(cases), int(extra[code]), int(at_once[code]), int(extra[code] - at_once[code]),
                            int(worked[mine].sum()), log.cases[int(cases[0])]))
    return tuple(sorted(found, key=lambda each: (-each.extra, each.activity)))


@dataclass(frozen=True)
class Times:
    """Of each case, in the log's order, working seconds; ``whole = working + waiting``.

    ``whole`` is from the first start to the last end. ``working`` is when at least one execution with a known start ran,
    parallel ones once. An execution whose start is not known counts as no work: ``untimed`` says how many a case has, and where
    there are any ``waiting`` is an upper bound.
    """

    whole: Ints
    working: Ints
    waiting: Ints
    untimed: Ints


def times(log: EventLog, clock: Worktime) -> Times:
    """Waiting against working time of each case."""
    if not len(log):
        nothing = np.zeros(0, np.int64)
        return Times(nothing, nothing, nothing, nothing)
    start, end = clock(log.start), clock(log.end)
    first, last = np.minimum.reduceat(start, log.offsets[:-1]), np.maximum.reduceat(end, log.offsets[:-1])
    order = np.lexsort((start, log.case))
    case, begun, until = log.case[order].astype(np.int64), start[order] - start.min(), end[order] - start.min()
    step = int(until.max()) + 1
    reached = np.maximum.accumulate(until + case * step) - case * step
    before = np.where(np.concatenate(([True], case[1:] != case[:-1])), 0, np.concatenate(([0], reached[:-1])))
    working = np.add.reduceat(np.maximum(until - np.maximum(begun, before), 0), log.offsets[:-1])
    whole = last - first
    return Times(whole, working, whole - working, np.add.reduceat((~log.timed).astype(np.int64), log.offsets[:-1]))


@dataclass(frozen=True)
class Work:
    """An activity's own time: ``work`` from start to end where the start is known, ``wait`` before it since the last completion in its case."""

    activity: str
    count: int
    work: Spread
    wait: Spread
    untimed: int


def work_by_activity(log: EventLog, clock: Worktime) -> tuple[Work, ...]:
    """Working and waiting of each activity, by name. Executions without a known start count in ``untimed`` and in neither time."""
    start, end = clock(log.start), clock(log.end)
    rows = np.arange(len(log))
    inside = np.concatenate(([False], log.case[1:] == log.case[:-1])) if len(log) else np.zeros(0, np.bool_)
    found = []
    for code, mine in _by_code(log.activity, len(log.activities)):
        timed = mine[log.timed[mine]]
        waited = timed[inside[timed]]
        found.append(Work(log.activities[code], len(mine), spread_of(end[timed] - start[timed]),
                          spread_of(np.maximum(start[waited] - end[rows[waited] - 1], 0)), len(mine) - len(timed)))
    return tuple(found)


def _by_code(codes: np.ndarray[Any, Any], size: int) -> list[tuple[int, Ints]]:
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(size + 1))
    return [(code, order[bounds[code]:bounds[code + 1]]) for code in range(size)]


@dataclass(frozen=True)
class Handover:
    """Work passed from one unit to another, so many times in so many cases, and the gap before it was taken up."""

    giver: str
    taker: str
    count: int
    cases: int
    gap: Spread


@dataclass(frozen=True)
class Handovers:
    """Handovers by falling count; ``inside`` followed within one unit; of ``unknown`` a side tells no unit."""

    handovers: tuple[Handover, ...]
    inside: int
    unknown: int


def handovers(log: EventLog, clock: Worktime) -> Handovers:
    """Who hands over to whom, between executions that follow one another directly."""
    rows = _followed(log)
    giver, taker = log.unit[rows - 1].astype(np.int64), log.unit[rows].astype(np.int64)
    known = (giver != NOBODY) & (taker != NOBODY)
    passed = known & (giver != taker)
    at, size = rows[passed], len(log.units)
    key = giver[passed] * size + taker[passed]
    groups = _Groups(key)
    cases = _distinct(groups.place, log.case[at], len(log.cases))
    spreads = groups.spreads(np.maximum(clock(log.start[at]) - clock(log.end[at - 1]), 0))
    found = [Handover(log.units[each // size], log.units[each % size], spread.count, many, spread)
             for each, many, spread in zip(groups.keys.tolist(), cases, spreads, strict=True)]
    found.sort(key=lambda each: (-each.count, each.giver, each.taker))
    return Handovers(tuple(found), int((known & (giver == taker)).sum()), int((~known).sum()))


@dataclass(frozen=True)
class Late:
    """Cases beyond their limit.

    Attributes:
        late: case ids that ended late, the latest first, with seconds over.
        open_late: the same of cases that have not ended and were beyond the limit when the log ends.
        judged: how many cases had a limit.
        ended: how many of those had ended.
        without: how many cases had none.
    """

    late: tuple[tuple[str, int], ...]
    open_late: tuple[tuple[str, int], ...]
    judged: int
    ended: int
    without: int


def late(log: EventLog, clock: Worktime, limit: int | Sequence[int | None], ending: Collection[str] | None = None) -> Late:
    """Which cases took longer than their limit, from first start to last end.

    Args:
        log: the log.
        clock: the working clock.
        limit: working seconds, for all cases or one for each in the log's order; None where a case has none.
        ending: activities with which a case is over; a case whose last activity is another is open and judged at the
            last instant of the log. None takes every case as ended.

    Raises:
        ValueError: limits below 0, or not one for each case.
    """
    limits = [limit] * len(log.cases) if isinstance(limit, int) else list(limit)
    if len(limits) != len(log.cases) or any(each is not None and each < 0 for each in limits):
        raise ValueError("there must be one limit of at least 0 seconds for each case")
    if not len(log):
        return Late((), (), 0, 0, 0)
    given = np.array([each is not None for each in limits])
    most = np.array([each or 0 for each in limits], np.int64)
    over: Flags = np.ones(len(log.cases), np.bool_)
    if ending is not None:
        over = np.array([name in set(ending) for name in log.activities])[log.activity[log.offsets[1:] - 1]]
    first = np.minimum.reduceat(clock(log.start), log.offsets[:-1])
    until = np.where(over, np.maximum.reduceat(clock(log.end), log.offsets[:-1]), clock(log.end.max()[None])[0])
    beyond = until - first - most

    def told(which: Flags) -> tuple[tuple[str, int], ...]:
        rows = np.flatnonzero(given & which & (beyond > 0)).tolist()
        return tuple(sorted(((log.cases[row], int(beyond[row])) for row in rows), key=lambda each: (-each[1], each[0])))

    return Late(told(over), told(~over), int(given.sum()), int((given & over).sum()), int((~given).sum()))
