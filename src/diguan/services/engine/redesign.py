"""From what a log shows and what officials know about its orders to a better flow: plan, simulation and replay together. Pure.

The order before is the usual one of the log, one activity after the other. The order after keeps every edge that binds
and every edge nobody has judged yet; only what a person called a habit is let go. Three answers are given beside one another,
since each leaves something out: the plan (one usual case, people held, with a certificate), the simulation (ten thousand drawn
cases, before and after from the same numbers) and the replay (last year's real cases, nothing drawn).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from diguan.services.engine import gantt
from diguan.services.engine.days import MOST_CELLS, Flow, Simulation, Step, simulate
from diguan.services.engine.edges import HABIT, LEGAL, BenchRefused, Edge, Freed, Pair, Reach, in_order, parallelise
from diguan.services.engine.observed import Observed
from diguan.services.engine.plan import Problem, Schedule, Task, shortest
from diguan.services.engine.replay import Replay, replay
from diguan.services.engine.spells import PER_DAY

PER_HALF_DAY = 2
RUNS = 10_000


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of the new flow.

    Attributes:
        staff: people of each unit afterwards; a unit that is not named keeps those of the log.
        wait_left: of each wait so many per cent are left.
        share: the plan is for the activities that at least this share of cases hold, 0 to 1.
        dropped: activities that fall away, since they are merged into others.
        seed: of the simulation.
    """

    staff: Mapping[str, int] = field(default_factory=dict)
    wait_left: int = 100
    share: float = 0.2
    dropped: frozenset[str] = frozenset()
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Redesign:
    """A flow under its assumptions; every answer is worked out when it is first asked for.

    ``edges`` are all of them; one of no kind is not judged yet and stays.

    Raises (each answer):
        BenchRefused: edges in a circle, nothing left, a number out of bounds; see the engines.
    """

    observed: Observed
    edges: Sequence[Edge]
    assumed: Assumptions

    @cached_property
    def kept(self) -> tuple[Pair, ...]:
        """The orders that stay: those that bind and those nobody has judged."""
        return tuple(edge.pair for edge in self.edges if edge.kind != HABIT)

    @cached_property
    def freed(self) -> Freed:
        """What parallelising does: see :func:`~diguan.services.engine.edges.parallelise`."""
        return parallelise([edge if edge.kind else Edge(edge.before, edge.after, LEGAL) for edge in self.edges], self.observed.activities)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The usual order, as far as the orders that stay allow it."""
        return in_order(self.observed.activities, self.kept)

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The activities of the new flow."""
        found = tuple(name for name in self.order if name not in self.assumed.dropped)
        if not found:
            raise BenchRefused("all_dropped", "新流程里没有任何环节", "the new flow has no activity left")
        return found

    def pairs(self, names: Sequence[str]) -> tuple[Pair, ...]:
        """The orders among some of the activities, passed on through those left out."""
        return tuple((before, after) for after, befores in Reach(self.order, self.kept).nearest_of(names).items() for before in befores)

    @property
    def staff(self) -> dict[str, int]:
        """People of each unit afterwards."""
        return {**self.observed.people, **{unit: people for unit, people in self.assumed.staff.items() if unit in self.observed.people}}

    @cached_property
    def schedule(self) -> Schedule:
        """The shortest plan of one usual case: each activity as long as the median case took for it, waiting included as far as it is left."""
        usual = set(self.observed.usual(self.assumed.share))
        names = [name for name in self.left if name in usual] or list(self.left)
        tasks = tuple(Task(name, self._slots(name), self.observed.units.get(name, "")) for name in names)
        return shortest(Problem(tasks, self.pairs(names), self.staff, PER_HALF_DAY))

    def _slots(self, name: str) -> int:
        """Half days, rounded up, one at least. Of the wait only what is left counts; of the median it is the same share."""
        work, wait = self.observed.work(name).mean, self.observed.wait(name).mean
        whole = work + wait
        left = 1.0 if not whole else (work + wait * self.assumed.wait_left / 100) / whole
        ticks = self.observed.median(name) * left
        return max(1, -int(-ticks * PER_HALF_DAY // PER_DAY))

    @property
    def sequential(self) -> int:
        """The same activities one after the other, in half days."""
        return sum(task.slots for task in self.schedule.problem.tasks)

    @cached_property
    def rows(self) -> tuple[gantt.Row, ...]:
        """The bars of the plan."""
        return gantt.rows(self.schedule)

    @cached_property
    def simulation(self) -> Simulation:
        """Before and after from the same draws; an activity a case did without takes nothing in as many draws."""
        steps = tuple(Step(name, self.observed.work(name), self.observed.units.get(name, ""), self.observed.wait(name), wait_left=self.assumed.wait_left, dropped=name in self.assumed.dropped)
                      for name in self.order)
        return simulate(Flow(steps, self.kept, self.observed.people, self.staff), seed=self.assumed.seed, runs=max(1, min(RUNS, MOST_CELLS // len(steps))))

    @cached_property
    def replay(self) -> Replay:
        """Last year's cases under the new order, in ticks."""
        found = self.observed.without(self.assumed.dropped)
        return replay(found.actuals, self.left, self.pairs(self.left), wait_left=dict.fromkeys(self.left, self.assumed.wait_left))
