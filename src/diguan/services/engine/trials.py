"""A life event's former way and its new flow, drawn from the same seed, in the situations that occurred. Pure, on :mod:`days`.

**Before**: matter after matter in the old order, each for the days that the document says it took, drawn between half and one and a half times as long
(an assumption, told beside the result). **After**: what binds keeps its order, the rest runs side by side; of each matter's days its promise
remains (never more than before); the trips that remain are those the matter still asks for; and the window's acceptance and delivery, which
the former way had not, come on top. Where a promise or the visits of a matter are not known, nothing of it is taken away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from diguan.kernel.messages import Message
from diguan.services.engine import days
from diguan.services.engine.days import CAUSES, MERGED, PARALLEL, WAITING, Flow, Step
from diguan.services.engine.edges import BenchRefused, Pair
from diguan.services.engine.reduction import Reduction, reduction
from diguan.services.engine.spells import PER_DAY, Spell, Spread, Ticks

RUNS, SEED = 2_000, 20_260_101
LOW, HIGH = 50, 150
"""Per cent of a matter's former days that are drawn at least and at most."""
MOST_SEED = 2**32 - 1
DESK = "desk"
WORDS = {PARALLEL: CAUSES[PARALLEL], WAITING: Message("按承诺时限办", "promised limits kept"), MERGED: Message("不用再跑的", "trips no longer asked for"),
         DESK: Message("窗口受理和统一送达（加上的）", "acceptance and delivery by the window (added)")}


@dataclass(frozen=True)
class Part:
    """One matter: days and trips before, its promise in days and the visits it still asks for, None where not known."""

    id: str
    days_before: int
    trips_before: int
    promised: int | None
    visits: int | None


@dataclass(frozen=True)
class Situation:
    """The matters that some answers call for, in the old order, what binds them, and in how many cases these answers were given."""

    answers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    pairs: tuple[Pair, ...]
    cases: int = 1


@dataclass(frozen=True)
class Inputs:
    """All that a trial depends on. ``accept`` and ``deliver`` are what the window takes, in ticks; ``version`` names the document."""

    version: str
    situations: tuple[Situation, ...]
    accept: Spell
    deliver: Spell
    seed: int = SEED
    runs: int = RUNS

    @property
    def digest(self) -> str:
        """SHA-256 of all of it as JSON with sorted keys."""
        told = {**asdict(self), "spread": [LOW, HIGH]}
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Trial:
    """One entry a run of every situation in the columns, days in ticks; ``weights`` are the cases of each, ``cases`` all of them. ``causes`` per case, in days; ``trip_causes`` in trips.

    The causes' sum is exactly the mean before less the mean after; what was added is below 0.
    """

    before: Ticks
    after: Ticks
    trips_before: Ticks
    trips_after: Ticks
    weights: np.ndarray[Any, np.dtype[np.int64]]
    causes: Mapping[str, Fraction]
    trip_causes: Mapping[str, Fraction]
    cases: int

    @cached_property
    def spreads(self) -> tuple[Spread, Spread]:
        """Before and after, in working days."""
        return _spread(self.before, self.weights), _spread(self.after, self.weights)

    @cached_property
    def time(self) -> Reduction:
        """By how much the days fell, over the runs."""
        return reduction(self.before, self.after, self.weights.tolist())

    @cached_property
    def trips(self) -> Reduction:
        """By how much the trips fell."""
        return reduction(self.trips_before, self.trips_after, self.weights.tolist())

    @property
    def digest(self) -> str:
        """SHA-256 of the columns as little-endian 32-bit numbers: the same for the same inputs."""
        columns = (self.before, self.after, self.trips_before, self.trips_after, self.weights)
        return hashlib.sha256(b"".join(np.ascontiguousarray(column, dtype="<i4").tobytes() for column in columns)).hexdigest()


def trial(inputs: Inputs) -> Trial:
    """Draw it.

    Raises:
        BenchRefused: ``no_situation``, ``seed``, or as :func:`days.simulate`.

    >>> part = Part("a", 10, 2, 4, 0)
    >>> found = trial(Inputs("1", (Situation((), (part,), ()),), Spell(), Spell(), runs=100))
    >>> round(found.time.ratio_of_sums, 2), found.trips.ratio_of_sums
    (0.6, 1.0)
    """
    if not inputs.situations:
        raise BenchRefused("no_situation", "没有可模拟的情形", "there is no situation to simulate")
    if not 0 <= inputs.seed <= MOST_SEED:
        raise BenchRefused("seed", f"种子应在 0 到 {MOST_SEED} 之间，现为 {inputs.seed}", f"the seed must lie from 0 to {MOST_SEED}, not {inputs.seed}")
    return together([_one(situation, inputs) for situation in inputs.situations])


def together(trials: Sequence[Trial]) -> Trial:
    """Several as one, each case weighing the same.

    Raises:
        BenchRefused: ``no_situation``: there is none.
    """
    if not trials:
        raise BenchRefused("no_situation", "没有可模拟的情形", "there is no situation to simulate")
    cases = [one.cases for one in trials]
    joined = [np.concatenate([getattr(one, name) for one in trials]) for name in ("before", "after", "trips_before", "trips_after", "weights")]
    return Trial(joined[0], joined[1], joined[2], joined[3], joined[4], _mean([one.causes for one in trials], cases), _mean([one.trip_causes for one in trials], cases), sum(cases))


def _mean(found: Sequence[Mapping[str, Fraction]], cases: Sequence[int]) -> dict[str, Fraction]:
    whole = sum(cases)
    return {cause: sum((one[cause] * count for one, count in zip(found, cases, strict=True)), Fraction()) / whole for cause in found[0]}


def _one(situation: Situation, inputs: Inputs) -> Trial:
    found = days.simulate(flow(situation), seed=inputs.seed, runs=inputs.runs)
    draws = np.random.Generator(np.random.PCG64([inputs.seed, 1])).random((2, inputs.runs))
    desk = inputs.accept.at(draws[0]) + inputs.deliver.at(draws[1])
    causes = {cause: found.causes[cause] for cause in (PARALLEL, WAITING)}
    causes[DESK] = Fraction(-int(desk.sum(dtype=np.int64)), inputs.runs * PER_DAY)
    weights = np.full(inputs.runs, situation.cases, dtype=np.int64)
    return Trial(found.before, found.after + desk, found.trips_before, found.trips_after, weights, causes, {MERGED: found.trip_causes[MERGED]}, situation.cases)


def flow(situation: Situation) -> Flow:
    """The flow of a situation as :mod:`days` draws it.

    >>> flow(Situation((), (Part("a", 10, 2, 3, 0),), ())).steps[0].wait_left
    30
    """
    return Flow(tuple(_step(part) for part in situation.parts), situation.pairs)


def _step(part: Part) -> Step:
    took = part.days_before * PER_DAY
    left = 100 if part.promised is None or not part.days_before else min(100, round(100 * part.promised / part.days_before))
    after = part.trips_before if part.visits is None else part.visits
    return Step(part.id, Spell(), wait=Spell.triangular(took * LOW // 100, took, took * HIGH // 100), wait_left=left, trips=Spell.fixed(part.trips_before), trips_after=Spell.fixed(after))


def _spread(values: Ticks, weights: np.ndarray[Any, np.dtype[np.int64]]) -> Spread:
    order = np.argsort(values, kind="stable")
    reached, whole = np.cumsum(weights[order]), int(weights.sum())
    def rank(tenths: int) -> float:
        return int(values[order][np.searchsorted(reached, -(-tenths * whole // 10))]) / PER_DAY
    return Spread(int((values.astype(np.int64) * weights).sum()) / whole / PER_DAY, rank(5), rank(9))
