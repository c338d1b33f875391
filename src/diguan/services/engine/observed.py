"""What a log says about each activity, in the units the bench plans with: working ticks of waiting and of work, units, people.

**Waiting** before an execution is from the latest completion in its case that came no later than its start; the first of a
case waited for nothing that the log knows. **Work** is from start to completion; where a log tells only when something was
done, the whole stretch counts as waiting, and :attr:`Observed.untimed` says how often that had to be assumed. Both are
counted on the working clock passed in and kept in ticks of a hundredth of a working day.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.services.engine import replay, spells
from diguan.services.engine.eventlog import NOBODY, EventLog, LogRefused
from diguan.services.engine.instants import Ints
from diguan.services.engine.replay import Actuals
from diguan.services.engine.spells import PER_DAY, Spell
from diguan.services.engine.worktime import Worktime

MOST_SAMPLES = 2_000
"""Observed values kept of one activity; of more, so many evenly spaced in their order."""


@dataclass(frozen=True, eq=False)
class Observed:
    """A log as the bench sees it.

    Attributes:
        activities: in the order in which cases usually come to them, by the mean place in a case, then by name.
        actuals: waiting and work of each activity in each case, in ticks; the same activity of a case added up.
        units: for each activity the unit that did it most often; only where the log tells units.
        people: for each unit how many different people the log names, at least one.
        shares: for each activity the share of cases that hold it.
        untimed: executions without a known start.
    """

    activities: tuple[str, ...]
    actuals: Actuals
    units: dict[str, str]
    people: dict[str, int]
    shares: dict[str, float]
    untimed: int

    def usual(self, share: float) -> tuple[str, ...]:
        """The activities that at least this share of cases hold; where none does, all."""
        return tuple(name for name in self.activities if self.shares[name] >= share) or self.activities

    def work(self, activity: str) -> Spell:
        """Its work per case; nothing where a case does without it."""
        return self._spell(self.actuals.work, activity)

    def wait(self, activity: str) -> Spell:
        """Its waiting per case."""
        return self._spell(self.actuals.wait, activity)

    def _spell(self, table: Ints, activity: str) -> Spell:
        values = np.sort(table[:, self.actuals.activities.index(activity)])
        if len(values) > MOST_SAMPLES:
            values = values[np.arange(MOST_SAMPLES) * len(values) // MOST_SAMPLES]
        return Spell.observed(values.tolist())

    def median(self, activity: str) -> int:
        """Median of waiting and work together among the cases that hold it, in ticks."""
        column = self.actuals.activities.index(activity)
        took = (self.actuals.work[:, column] + self.actuals.wait[:, column])[self.actuals.done[:, column]]
        return int(np.sort(took)[(len(took) - 1) // 2])

    def without(self, dropped: Collection[str]) -> Observed:
        """The same log had these activities fallen away; what each case took before stays as it was."""
        keep = [at for at, name in enumerate(self.actuals.activities) if name not in dropped]
        old = self.actuals
        actuals = Actuals(old.cases, tuple(old.activities[at] for at in keep), old.work[:, keep], old.wait[:, keep], old.done[:, keep], old.before)
        return Observed(tuple(name for name in self.activities if name not in dropped), actuals, self.units, self.people, self.shares, self.untimed)


def observe(log: EventLog, clock: Worktime, day: int) -> Observed:
    """Everything the bench plans with, out of a log.

    Args:
        log: the log.
        clock: the working clock.
        day: working seconds of a working day.

    Raises:
        LogRefused: the log holds nothing, or a spell beyond what can be counted.
        BenchRefused: more cases times activities than can be held.
    """
    if not len(log):
        raise LogRefused("日志里没有可用的事件", "the log holds no event that can be used")
    start, end = (_ticks(clock(at), day) for at in (log.start, log.end))  # instants are rounded, not spans: so the parts of a case add up to its whole
    work, wait = end - start, _waited(log, start, end)
    if max(int(work.max()), int(wait.max())) > spells.MOST:
        raise LogRefused(f"有环节超过 {spells.MOST // PER_DAY} 个工作日，时间可能写错了", f"an activity took more than {spells.MOST // PER_DAY} working days: a time may be wrong")
    shape = replay.table(len(log.cases), len(log.activities))
    totals = [np.zeros(shape, np.int64) for _ in range(2)]
    for table, column in zip(totals, (work, wait), strict=True):
        np.add.at(table, (log.case, log.activity), column)
    done = np.zeros(shape, np.bool_)
    done[log.case, log.activity] = True
    took = np.maximum.reduceat(end, log.offsets[:-1]) - np.minimum.reduceat(start, log.offsets[:-1])
    actuals = Actuals(log.cases, log.activities, totals[0], totals[1], done, took)
    return Observed(_usual_order(log), actuals, _units(log), _people(log), dict(zip(log.activities, done.mean(axis=0).tolist(), strict=True)), int((~log.timed).sum()))


def _ticks(seconds: Ints, day: int) -> Ints:
    return (seconds * PER_DAY + day // 2) // day


def _waited(log: EventLog, start: Ints, end: Ints) -> Ints:
    """Ticks between the latest completion before each start and that start. Rows of a case stand in order of completion."""
    step = int(max(end.max(), start.max()) - min(start.min(), end.min())) + 1
    low = min(int(start.min()), int(end.min()))
    case = log.case.astype(np.int64) * step
    begun, until = case + (start - low), case + (end - low)
    before = np.minimum(np.searchsorted(until, begun, side="right"), np.arange(len(log))) - 1
    known = before >= log.offsets[log.case]
    return np.where(known, np.maximum(start - end[np.maximum(before, 0)], 0), 0)


def _usual_order(log: EventLog) -> tuple[str, ...]:
    place = np.arange(len(log)) - log.offsets[log.case]
    whole = np.maximum(np.diff(log.offsets)[log.case] - 1, 1)
    counts = np.bincount(log.activity, minlength=len(log.activities))
    mean = np.bincount(log.activity, weights=place / whole, minlength=len(log.activities)) / counts
    return tuple(name for _, name in sorted(zip(mean.tolist(), log.activities, strict=True)))


def _units(log: EventLog) -> dict[str, str]:
    found = {}
    for code, name in enumerate(log.activities):
        units = log.unit[(log.activity == code) & (log.unit != NOBODY)]
        if len(units):
            found[name] = log.units[int(np.bincount(units).argmax())]
    return found


def _people(log: EventLog) -> dict[str, int]:
    """Different people of each unit; where nobody is named, one."""
    named: Any = (log.unit != NOBODY) & (log.resource != NOBODY)
    pairs = np.unique(log.unit[named].astype(np.int64) * max(len(log.resources), 1) + log.resource[named])
    counts = np.bincount(pairs // max(len(log.resources), 1), minlength=len(log.units)) if len(pairs) else np.zeros(len(log.units), np.int64)
    return {name: max(int(count), 1) for name, count in zip(log.units, counts.tolist(), strict=True)}
