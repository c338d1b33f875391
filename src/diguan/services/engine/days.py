"""How many working days and trips a flow takes, before and after, by drawing it ten thousand times. Pure, numpy.

**One draw, two flows.** For every step and run four even numbers are drawn: for gathering the materials, waiting, work and
trips. Before and after are worked out *from the same numbers* (common random numbers): what differs between them is the
flow, not luck. The numbers come from numpy's ``Generator(PCG64(seed))``, step after step as ``random((4, runs))``; all
values are whole (:mod:`diguan.services.engine.spells`), so the same seed gives the same bytes (:attr:`Simulation.digest`).

**Before** is one step after the other, in the order given: gather, hand in, wait, be worked on. **After**, four changes,
each of which can be switched on alone:

- ``merged``: all materials are gathered once, before the first step, in the time the longest of them takes; steps that
  are merged into others (``dropped``) fall away.
- ``parallel``: a step begins when those it is bound to have ended, instead of when the one before it in the list has.
- ``capacity``: ``staff_after`` people instead of ``staff_before``.
- ``waiting``: of each wait ``wait_left`` per cent remain (data shared instead of carried, files pushed instead of fetched).

**The parts add up.** What each change took away is its mean over all orders of making the changes
(:func:`~diguan.services.engine.reduction.shares`): 16 flows from the same numbers, and no remainder.

**What the staff are in this model**, and where it is rough:

1. A person is held for the work of a step, not for gathering and waiting; a unit works on at most as many steps of *this
   case* at once as it has people. A unit that is not named has no limit.
2. People take the steps in one order for all runs, that of the mean times at which they come in. A person may thus be
   kept for a step that comes late in a run: queues inside the case are never understated.
3. *Other* cases are not simulated: the queue they make is in the observed waits. Other staff shortens or lengthens those
   waits in proportion (half the people, twice the wait), which is right for a backlog that is worked off and understates
   what the last free person is worth.
4. Steps are drawn independently of one another. Where a slow case is slow everywhere, p90 is too near p50;
   :mod:`diguan.services.engine.replay` runs real cases, which have no such fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from diguan.kernel.messages import Message
from diguan.services.engine.edges import BenchRefused, Pair, Reach, in_order
from diguan.services.engine.reduction import Reduction, reduction, shares
from diguan.services.engine.spells import NOTHING, PER_DAY, Spell, Spread, Ticks, spread

MERGED, PARALLEL, CAPACITY, WAITING, VISITS = "merged", "parallel", "capacity", "waiting", "visits"
CAUSES = {MERGED: Message("材料和事项合并", "merged materials and matters"), PARALLEL: Message("并行办理", "parallel work"),
          CAPACITY: Message("人手变化", "capacity"), WAITING: Message("等待减少", "less waiting"), VISITS: Message("联合上门", "joint visits")}
TIME_CAUSES, TRIP_CAUSES = (MERGED, PARALLEL, CAPACITY, WAITING), (MERGED, VISITS)
MOST_CELLS = 8_000_000
"""Steps times runs at most: about 400 MB at the widest moment."""
MOST_STAFF = 10_000
_RUNS = 10_000
Changes = frozenset[str]


@dataclass(frozen=True)
class Step:
    """One step of a flow. Times in ticks of a hundredth of a working day, trips as they are.

    ``trips`` are those before; ``trips_after`` those that remain (the same where None). Steps that name the same ``visit``
    are visited together afterwards: of their trips only the most that one of them needs are made. ``wait_left`` is in per cent.
    """

    id: str
    work: Spell
    unit: str = ""
    wait: Spell = NOTHING
    gather: Spell = NOTHING
    trips: Spell = NOTHING
    trips_after: Spell | None = None
    visit: str = ""
    wait_left: int = 100
    dropped: bool = False


@dataclass(frozen=True)
class Flow:
    """Steps in the order they were done one after the other, what binds them, people of each unit before and after."""

    steps: tuple[Step, ...]
    pairs: tuple[Pair, ...] = ()
    staff_before: Mapping[str, int] = field(default_factory=dict)
    staff_after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Simulation:
    """One entry a run in every column; times in ticks.

    ``causes`` and ``trip_causes`` are what each change took away per run in the mean (days, trips): exact, and their sum is
    exactly the mean before less the mean after. A part below 0 made it longer.
    """

    seed: int
    before: Ticks
    after: Ticks
    trips_before: Ticks
    trips_after: Ticks
    causes: Mapping[str, Fraction]
    trip_causes: Mapping[str, Fraction]

    @property
    def spreads(self) -> tuple[Spread, Spread]:
        """Before and after, in working days."""
        return spread(self.before), spread(self.after)

    @property
    def time(self) -> Reduction:
        """By how much the time fell, over the runs."""
        return reduction(self.before, self.after)

    @property
    def trips(self) -> Reduction:
        """By how much the trips fell, over the runs."""
        return reduction(self.trips_before, self.trips_after)

    @property
    def digest(self) -> str:
        """SHA-256 of the four columns as little-endian 32-bit numbers: the same for the same flow, seed and runs."""
        columns = (self.before, self.after, self.trips_before, self.trips_after)
        return hashlib.sha256(b"".join(np.ascontiguousarray(column, dtype="<i4").tobytes() for column in columns)).hexdigest()


def checked(flow: Flow, runs: int = _RUNS) -> Flow:
    """The flow, when it can be simulated.

    Raises:
        BenchRefused: ``no_activities``, ``twice``, ``unknown_activity``, ``self_edge``, ``cycle``; ``order`` where the order
            before breaks an edge; ``all_dropped``, ``wait_left``, ``capacity``, ``runs`` or ``too_many``.
    """
    names = [step.id for step in flow.steps]
    in_order(names, flow.pairs)
    place = {name: at for at, name in enumerate(names)}
    for before, after in flow.pairs:
        if place[before] > place[after]:
            raise BenchRefused("order", f"原来的次序里“{after}”排在“{before}”前面，与必须的先后不符", f"in the order before, {after} stands ahead of {before}, against an edge that binds", [before, after])
    for step in flow.steps:
        if not 0 <= step.wait_left <= 100:
            raise BenchRefused("wait_left", f"环节“{step.id}”剩下的等待应为 0 到 100（%），现为 {step.wait_left}", f"what is left of the wait of {step.id} must lie from 0 to 100 per cent, not {step.wait_left}", [step.id])
    if all(step.dropped for step in flow.steps):
        raise BenchRefused("all_dropped", "新流程里没有任何环节", "the new flow has no step left")
    _staff(flow)
    _bounded(flow)
    if runs < 1:
        raise BenchRefused("runs", f"模拟次数应不小于 1，现为 {runs}", f"there must be at least 1 run, not {runs}")
    if runs * len(names) > MOST_CELLS:
        raise BenchRefused("too_many", f"环节数乘次数至多 {MOST_CELLS}，现为 {runs * len(names)}", f"steps times runs may be {MOST_CELLS} at most, not {runs * len(names)}")
    return flow


def _staff(flow: Flow) -> None:
    for staff in (flow.staff_before, flow.staff_after):
        for unit, people in staff.items():
            if isinstance(people, bool) or not isinstance(people, int) or not 1 <= people <= MOST_STAFF:
                raise BenchRefused("capacity", f"“{unit}”的人手应为 1 到 {MOST_STAFF} 的整数，现为 {people}", f"the staff of {unit} must be a whole number from 1 to {MOST_STAFF}, not {people}", [unit])


def _bounded(flow: Flow) -> None:
    """Every sum fits 32 bits, whatever the draws."""
    most = 0
    for step in flow.steps:
        over, under = _factor(flow, step, frozenset({CAPACITY}))
        most += step.gather.high + step.work.high + step.wait.high * max(over, under) // under
    if most >= 2**31:
        raise BenchRefused("too_long", f"全部环节最长合计 {most // PER_DAY} 个工作日，超出可算的范围，请检查时长的单位", f"all steps may take {most // PER_DAY} working days together, more than can be counted: check the unit")


def simulate(flow: Flow, *, seed: int, runs: int = _RUNS) -> Simulation:
    """Draw the flow so many times, before and after, and split what was won.

    Raises:
        BenchRefused: as :func:`checked`.

    >>> day = Spell.fixed(100)
    >>> found = simulate(Flow((Step("a", day, gather=day), Step("b", day, gather=day))), seed=1, runs=2)
    >>> found.before.tolist(), found.after.tolist(), {cause: str(part) for cause, part in found.causes.items() if part}
    ([400, 400], [200, 200], {'merged': '1/2', 'parallel': '3/2'})
    """
    cast = _Cast(checked(flow, runs), seed, runs)
    found: dict[Changes, Ticks] = {}
    def total(changes: Changes) -> int:
        found[changes] = cast.time(changes)
        return int(found[changes].sum(dtype=np.int64))
    causes = {cause: part / (runs * PER_DAY) for cause, part in shares(TIME_CAUSES, total).items()}
    trip_causes = {cause: part / runs for cause, part in shares(TRIP_CAUSES, lambda changes: int(cast.trips(changes).sum(dtype=np.int64))).items()}
    return Simulation(seed, found[frozenset()], found[frozenset(TIME_CAUSES)], cast.trips(frozenset()), cast.trips(frozenset(TRIP_CAUSES)), causes, trip_causes)


class _Cast:
    """The numbers drawn, one row a step and one column a run, and what any set of changes makes of them."""

    def __init__(self, flow: Flow, seed: int, runs: int) -> None:
        self.flow, self.runs = flow, runs
        shape = (len(flow.steps), runs)
        self.gather, self.wait, self.work, self.trips_old, self.trips_new = (np.empty(shape, dtype=np.int32) for _ in range(5))
        stream = np.random.Generator(np.random.PCG64(seed))
        for at, step in enumerate(flow.steps):
            draws = stream.random((4, runs))
            self.gather[at], self.wait[at], self.work[at] = step.gather.at(draws[0]), step.wait.at(draws[1]), step.work.at(draws[2])
            self.trips_old[at] = step.trips.at(draws[3])
            self.trips_new[at] = self.trips_old[at] if step.trips_after is None else step.trips_after.at(draws[3])
        self.nets = {merged: _Net(flow, merged=merged) for merged in (False, True)}
        self.waits: dict[Changes, Ticks] = {}

    def time(self, changes: Changes) -> Ticks:
        """Ticks from beginning to end of every run."""
        net, wait = self.nets[MERGED in changes], self._waits(changes & {CAPACITY, WAITING})
        gather = None if MERGED in changes else self.gather
        first = self.gather[net.steps].max(axis=0) if MERGED in changes else np.zeros(self.runs, dtype=np.int32)
        if PARALLEL in changes:
            return self._parallel(net, first, gather, wait, self.flow.staff_after if CAPACITY in changes else self.flow.staff_before)
        for at in net.steps:
            first += wait[at]
            first += self.work[at]
            if gather is not None:
                first += gather[at]
        return first

    def _waits(self, changes: Changes) -> Ticks:
        """Waits after the given changes; nothing is copied where no step's wait changes."""
        if changes not in self.waits:
            found = self.wait
            for at, step in enumerate(self.flow.steps):
                over, under = _factor(self.flow, step, changes)
                if over != under and (step.wait.high or step.wait.samples):
                    found = found.copy() if found is self.wait else found
                    found[at] = self.wait[at].astype(np.int64) * over // under
            self.waits[changes] = found
        return self.waits[changes]

    def _parallel(self, net: _Net, first: Ticks, gather: Ticks | None, wait: Ticks, staff: Mapping[str, int]) -> Ticks:
        ends: dict[int, Ticks] = {}
        people = {unit: _People(staff[unit], self.runs) for unit, count in net.counts.items() if count > staff.get(unit, count)}
        last = first.copy()
        for at in net.arrivals:
            start = first
            for before in net.befores[at]:
                start = np.maximum(start, ends[before])
            start = start + wait[at]
            if gather is not None:
                start += gather[at]
            desk = people.get(self.flow.steps[at].unit)
            ends[at] = start + self.work[at] if desk is None else desk.serve(start, self.work[at])
            np.maximum(last, ends[at], out=last)
        return last

    def trips(self, changes: Changes) -> Ticks:
        """Trips of every run."""
        net = self.nets[MERGED in changes]
        made = self.trips_new if MERGED in changes else self.trips_old
        total = np.zeros(self.runs, dtype=np.int32)
        groups: dict[str, list[int]] = {}
        for at in net.steps:
            visit = self.flow.steps[at].visit if VISITS in changes else ""
            groups.setdefault(f"v{visit}" if visit else f"s{at}", []).append(at)
        for found in groups.values():
            total += made[found].max(axis=0)
        return total


def _factor(flow: Flow, step: Step, changes: Changes) -> tuple[int, int]:
    over, under = (step.wait_left, 100) if WAITING in changes else (1, 1)
    if CAPACITY in changes and step.unit in flow.staff_before and step.unit in flow.staff_after:
        over, under = over * flow.staff_before[step.unit], under * flow.staff_after[step.unit]
    return over, under


class _People:
    """When the people of a unit are free, in every run: the first of them in the first row, and so on."""

    def __init__(self, count: int, runs: int) -> None:
        self.free = [np.zeros(runs, dtype=np.int32) for _ in range(count)]

    def serve(self, ready: Ticks, work: Ticks) -> Ticks:
        """Whoever is free first takes it; when it is done."""
        done = np.maximum(ready, self.free[0])
        done += work
        late = done
        for at, free in enumerate(self.free[1:]):  # put where it belongs among the others
            self.free[at], late = np.minimum(free, late), np.maximum(free, late)
        self.free[-1] = late
        return done


class _Net:
    """Which steps there are, what they wait for (through steps that fell away), how many each unit has."""

    def __init__(self, flow: Flow, *, merged: bool) -> None:
        names = [step.id for step in flow.steps]
        self.steps = [at for at, step in enumerate(flow.steps) if not (merged and step.dropped)]
        place = {name: at for at, name in enumerate(names)}
        near = Reach(names, flow.pairs).nearest_of([names[at] for at in self.steps])
        self.befores = {place[name]: [place[one] for one in befores] for name, befores in near.items()}
        self.counts: dict[str, int] = {}
        for at in self.steps:
            self.counts[flow.steps[at].unit] = self.counts.get(flow.steps[at].unit, 0) + 1
        self.arrivals = self._arrivals(flow, merged=merged)

    def _arrivals(self, flow: Flow, *, merged: bool) -> list[int]:
        """The steps in the order in which they come in when everything takes its mean time and nobody queues."""
        ends: dict[int, float] = {}
        comes: dict[int, float] = {}
        for at in self.steps:  # the order before keeps every edge
            step = flow.steps[at]
            comes[at] = max((ends[one] for one in self.befores[at]), default=0.0) + step.wait.mean + (0.0 if merged else step.gather.mean)
            ends[at] = comes[at] + step.work.mean
        depth = dict.fromkeys(self.steps, 0)
        for at in self.steps:
            depth[at] = max((depth[one] + 1 for one in self.befores[at]), default=0)
        return sorted(self.steps, key=lambda at: (comes[at], depth[at], at))


@dataclass(frozen=True)
class Across:
    """Several flows together: each flow's mean days and trips, weighted by its cases, reduced in both ways."""

    time: Reduction
    trips: Reduction
    causes: Mapping[str, Fraction]
    trip_causes: Mapping[str, Fraction]


def across(simulations: Sequence[Simulation], weights: Sequence[int] | None = None) -> Across:
    """Put the simulations of several flows, all of the same number of runs, beside one another.

    The ratios whose mean is taken are those of the flows (their sums over the runs), not of single runs. Causes are in days
    and trips over one case of each flow, or over ``weights`` cases.

    Raises:
        BenchRefused: ``lengths`` where none is given, or their runs differ.
    """
    if not simulations or len({len(one.before) for one in simulations}) > 1 or (weights is not None and len(weights) != len(simulations)):
        raise BenchRefused("lengths", "要放在一起的模拟应至少一个，次数相同，权重一一对应", "simulations to be put together must be at least one, of the same runs, with one weight each")
    heavy = [1] * len(simulations) if weights is None else list(weights)
    def sums(columns: Sequence[np.ndarray[Any, Any]]) -> list[int]:
        return [int(column.sum(dtype=np.int64)) for column in columns]
    def parts(found: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
        return {cause: sum((one[cause] * weight for one, weight in zip(found, heavy, strict=True)), Fraction()) for cause in found[0]}
    return Across(reduction(sums([one.before for one in simulations]), sums([one.after for one in simulations]), heavy),
                  reduction(sums([one.trips_before for one in simulations]), sums([one.trips_after for one in simulations]), heavy),
                  parts([one.causes for one in simulations]), parts([one.trip_causes for one in simulations]))
