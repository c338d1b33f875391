"""The shortest plan of one case under its order and its staff, with a certificate; and a fair plan of many cases at once.

**Time.** Whole numbers of *slots*; a slot is half a working day (``per_day=2``, the usual) or a whole one. A task takes all
its slots without a break and, from first to last, ``staff`` people of its unit. That is stricter than life, where an
officer has several files on the desk: the plan promises no more than the staff can hold.

**Certificate.** :func:`shortest` first plans greedily and compares with :func:`bound`, which needs no solver: the longest
way through the order, or a unit's whole work shared by its people. Where the two meet, the plan is proven and nothing
heavier is loaded. Else CP-SAT (OR-Tools, Apache-2.0) starts from the greedy plan and either proves its plan the shortest,
or stops and says the best bound it has and the gap. It runs with one worker, a fixed seed and a limit counted in its own
deterministic seconds, so the same question gives the same plan on every machine; only when the wall clock had to end it
(``cut == "clock"``) may another machine get further.

**Visits.** Tasks that name the same ``visit`` may be done in one visit on site: those that start in the same slot are one.
The length comes first; of the shortest plans the one with the fewest visits is taken, and both are proven together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from diguan.kernel.messages import Message
from diguan.services.engine.edges import BenchRefused, Pair, Reach, in_order

MOST_SLOTS = 10_000
"""Slots of one task at most, twenty years in half days: more is a slip of the unit."""
MOST_TASKS = 2_000
"""Tasks of one case at most."""
SECONDS = 10.0
"""Deterministic seconds given to the solver unless told otherwise; the wall clock ends it at three times that (at one second at least)."""


@dataclass(frozen=True)
class Task:
    """One task: its length in slots, the unit whose people do it (none: nobody's time is taken), how many of them."""

    id: str
    slots: int
    unit: str = ""
    staff: int = 1
    visit: str = ""


@dataclass(frozen=True)
class Problem:
    """Tasks, what must come before what, and how many people a unit has; a unit that is not named has no limit."""

    tasks: tuple[Task, ...]
    pairs: tuple[Pair, ...] = ()
    staff: Mapping[str, int] = field(default_factory=dict)
    per_day: int = 2


@dataclass(frozen=True)
class Bound:
    """No plan is shorter than ``slots``; ``unit`` is whose work says so, empty where it is the longest way through the order."""

    slots: int
    unit: str = ""

    def text(self) -> Message:
        if self.unit:
            return Message(f"“{self.unit}”的工作量分给现有人手，也要这么久", f"the work of {self.unit}, shared by its people, takes as long")
        return Message("先后关系里最长的一条路就要这么久", "the longest way through the order takes as long")


@dataclass(frozen=True)
class Link:
    """One station of the critical path; ``by`` says what it waited for: ``start``, ``order``, ``staff`` or ``visit``."""

    id: str
    by: str


@dataclass(frozen=True)
class Schedule:
    """A plan. ``starts`` in slots from 0, one a task, in the order of the tasks.

    ``bound`` is what no plan can go below; ``proven`` when the plan has reached it and its visits are the fewest of the
    shortest plans. ``method`` is ``greedy`` or ``cp-sat``, ``cut`` what ended the solver before a proof (``effort`` or
    ``clock``). ``critical`` is a chain of tasks without a gap from the beginning to the end.
    """

    problem: Problem
    starts: tuple[int, ...]
    bound: int
    visits: int
    proven: bool
    method: str
    cut: str = ""
    critical: tuple[Link, ...] = ()

    @property
    def slots(self) -> int:
        return max(start + task.slots for start, task in zip(self.starts, self.problem.tasks, strict=True))

    @property
    def days(self) -> float:
        """Length in working days, half days as .5."""
        return self.slots / self.problem.per_day

    @property
    def gap(self) -> float:
        """How much of the length is unproven, 0 to 1."""
        return (self.slots - self.bound) / self.slots

    def text(self) -> Message:
        """The certificate in one sentence."""
        if self.proven:
            return Message(f"{_days(self.days)} 个工作日，已证明不能更短。", f"{_days(self.days)} working days, proven to be the shortest.")
        best = _days(self.bound / self.problem.per_day)
        if self.bound == self.slots:
            return Message(f"{_days(self.days)} 个工作日，已证明不能更短；现场次数 {self.visits} 未证明最少。", f"{_days(self.days)} working days, proven to be the shortest; {self.visits} visits not proven to be the fewest.")
        return Message(f"{_days(self.days)} 个工作日；只证明了不少于 {best} 个，差距 {self.gap:.1%}。", f"{_days(self.days)} working days; proven only that no plan is below {best}, a gap of {self.gap:.1%}.")


def _days(days: float) -> str:
    return f"{days:g}"


def checked(problem: Problem) -> Problem:
    """The problem, when it can be planned at all.

    Raises:
        BenchRefused: ``no_activities``, ``twice``, ``unknown_activity``, ``self_edge``, ``cycle``, ``slots``, ``staff``,
            ``capacity``, ``per_day`` or ``too_many``.

    >>> checked(Problem((Task("a", 0),)))
    Traceback (most recent call last):
    diguan.services.engine.edges.BenchRefused: 环节“a”的时长应为 1 到 10000 的整数，现为 0 / the length of a must be a whole number from 1 to 10000, not 0
    """
    if problem.per_day not in (1, 2):
        raise BenchRefused("per_day", f"时间单位只能是整天（1）或半天（2），现为 {problem.per_day}", f"a slot is a day (1) or half a day (2), not {problem.per_day}")
    if len(problem.tasks) > MOST_TASKS:
        raise BenchRefused("too_many", f"一个流程至多 {MOST_TASKS} 个环节，现有 {len(problem.tasks)} 个", f"a flow has at most {MOST_TASKS} tasks; this one has {len(problem.tasks)}")
    in_order([task.id for task in problem.tasks], problem.pairs)
    for unit, people in problem.staff.items():
        if not whole(people) or people < 1:
            raise BenchRefused("capacity", f"“{unit}”的人手应为不小于 1 的整数，现为 {people}；没有人手就办不成", f"the staff of {unit} must be a whole number from 1, not {people}: nobody could do the work", [unit])
    for task in problem.tasks:
        _task(task, problem.staff)
    return problem


def whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _task(task: Task, staff: Mapping[str, int]) -> None:
    if not whole(task.slots) or not 1 <= task.slots <= MOST_SLOTS:
        raise BenchRefused("slots", f"环节“{task.id}”的时长应为 1 到 {MOST_SLOTS} 的整数，现为 {task.slots}", f"the length of {task.id} must be a whole number from 1 to {MOST_SLOTS}, not {task.slots}", [task.id])
    if not whole(task.staff) or task.staff < 1:
        raise BenchRefused("staff", f"环节“{task.id}”的人手应为不小于 1 的整数，现为 {task.staff}", f"{task.id} must take a whole number of people from 1, not {task.staff}", [task.id])
    if task.unit in staff and task.staff > staff[task.unit]:
        raise BenchRefused("capacity", f"环节“{task.id}”要 {task.staff} 人，“{task.unit}”只有 {staff[task.unit]} 人", f"{task.id} needs {task.staff} people, {task.unit} has {staff[task.unit]}", [task.id, task.unit])


class Net:
    """A problem in numbers: who comes before and after whom, and how far each task is from the beginning and the end."""

    def __init__(self, problem: Problem) -> None:
        names = [task.id for task in problem.tasks]
        number = {name: at for at, name in enumerate(names)}
        self.problem, self.slots = problem, [task.slots for task in problem.tasks]
        reach = Reach(names, problem.pairs)
        self.order = [number[name] for name in reach.order]
        self.befores: list[list[int]] = [[number[one] for one in befores] for befores in reach.nearest().values()]
        self.afters: list[list[int]] = [[] for _ in names]
        for at, befores in enumerate(self.befores):
            for one in befores:
                self.afters[one].append(at)
        self.head, self.tail = [0] * len(names), [0] * len(names)
        for at in self.order:
            self.head[at] = max((self.head[one] + self.slots[one] for one in self.befores[at]), default=0)
        for at in reversed(self.order):
            self.tail[at] = max((self.tail[one] + self.slots[one] for one in self.afters[at]), default=0)

    def held(self) -> dict[str, list[int]]:
        """For every unit with a limit its tasks."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, task in enumerate(self.problem.tasks):
            if task.unit in self.problem.staff:
                found[task.unit].append(at)
        return found

    def bound(self) -> Bound:
        best = Bound(max(head + slots + tail for head, slots, tail in zip(self.head, self.slots, self.tail, strict=True)))
        for unit, found in sorted(self.held().items()):
            here = self._work(found, self.problem.staff[unit])
            if here > best.slots:
                best = Bound(here, unit)
        return best

    def _work(self, found: Sequence[int], people: int) -> int:
        """Any tasks of a unit cannot start before their earliest and leave their shortest way to the end: take the worst set of one."""
        best = 0
        for head in {self.head[at] for at in found}:
            late = [at for at in found if self.head[at] >= head]
            for tail in {self.tail[at] for at in late}:
                both = [at for at in late if self.tail[at] >= tail]
                work = sum(self.slots[at] * self.problem.tasks[at].staff for at in both)
                best = max(best, head + -(-work // people) + tail)
        return best


def bound(problem: Problem) -> Bound:
    """What no plan can go below, found without a solver.

    Raises:
        BenchRefused: as :func:`checked`.

    >>> bound(Problem((Task("a", 2, "卫健局"), Task("b", 3, "卫健局")), staff={"卫健局": 1}))
    Bound(slots=5, unit='卫健局')
    """
    return Net(checked(problem)).bound()


class Desk:
    """How many people of one unit are busy in every slot."""

    def __init__(self, people: int) -> None:
        self.people, self.busy = people, np.zeros(64, dtype=np.int64)

    def first(self, ready: int, slots: int, staff: int) -> int:
        """The earliest slot from ``ready`` on at which so many people are free for so long."""
        full = np.flatnonzero(self.busy[ready:] > self.people - staff) + ready
        if not len(full) or full[0] >= ready + slots:
            return ready
        gaps = np.flatnonzero(np.diff(full) > slots)
        return int(full[gaps[0]] if len(gaps) else full[-1]) + 1

    def take(self, start: int, slots: int, staff: int) -> None:
        while start + slots > len(self.busy):
            self.busy = np.concatenate([self.busy, np.zeros_like(self.busy)])
        self.busy[start:start + slots] += staff


def _greedy(net: Net, order: Iterable[int]) -> list[int]:
    """Every task, in an order that keeps the edges, at the earliest slot where its people are free."""
    problem = net.problem
    free = {unit: Desk(people) for unit, people in problem.staff.items()}
    starts = [0] * len(problem.tasks)
    for at in order:
        task = problem.tasks[at]
        start = max((starts[one] + net.slots[one] for one in net.befores[at]), default=0)
        if task.unit in free:
            start = free[task.unit].first(start, task.slots, task.staff)
            free[task.unit].take(start, task.slots, task.staff)
        starts[at] = start
    return starts


def urgent(net: Net) -> list[int]:
    """Tasks with the longest way to the end first, as far as the order lets them."""
    waiting = [len(befores) for befores in net.befores]
    open_, found = {at for at, count in enumerate(waiting) if not count}, []
    while open_:
        at = min(open_, key=lambda one: (-net.tail[one] - net.slots[one], one))
        open_.discard(at)
        found.append(at)
        for after in net.afters[at]:
            waiting[after] -= 1
            if not waiting[after]:
                open_.add(after)
    return found


def _visits(problem: Problem, starts: Sequence[int]) -> int:
    return len({(task.visit, start) for task, start in zip(problem.tasks, starts, strict=True) if task.visit})


def shortest(problem: Problem, *, seconds: float = SECONDS, seed: int = 0, workers: int = 1) -> Schedule:
    """The shortest plan, and of the shortest the one with the fewest visits.

    Args:
        problem: what is to be planned.
        seconds: deterministic seconds for the solver, 0.01 or more; what it has then is returned with its bound.
        seed: another seed may give another plan of the same length.
        workers: more than one may be quicker and gives up that the same question gives the same plan.

    Raises:
        BenchRefused: as :func:`checked`.

    >>> found = shortest(Problem((Task("a", 2, "u"), Task("b", 2, "u"), Task("c", 1)), (("a", "c"),), {"u": 1}))
    >>> found.starts, found.days, found.proven, [link.id for link in found.critical]
    ((0, 2, 2), 2.0, True, ['a', 'b'])
    """
    net = Net(checked(problem))
    low, starts = net.bound().slots, _greedy(net, urgent(net))
    visits = _visits(problem, starts)
    if max(start + slots for start, slots in zip(starts, net.slots, strict=True)) == low and visits <= len({task.visit for task in problem.tasks if task.visit}):
        return _told(net, Schedule(problem, tuple(starts), low, visits, proven=True, method="greedy"))
    from diguan.services.engine import solver

    answer = solver.solve(solver.Question(problem.tasks, net.befores, net.head, net.tail, problem.staff, low, starts), seconds=max(seconds, 0.01), seed=seed, workers=workers)
    return _told(net, Schedule(problem, tuple(answer.starts), answer.bound, _visits(problem, answer.starts), answer.proven, "cp-sat", answer.cut))


def _told(net: Net, found: Schedule) -> Schedule:
    """The plan pulled to the left, with its critical path."""
    starts = _pulled(net, found.starts)
    return replace(found, starts=tuple(starts), visits=_visits(found.problem, starts), critical=_critical(net, starts))


def _pulled(net: Net, starts: Sequence[int]) -> list[int]:
    """Every task as early as those before it in the plan let it; tasks of one visit move together. Nothing gets later."""
    desks, found = {unit: Desk(people) for unit, people in net.problem.staff.items()}, list(starts)
    place = {at: rank for rank, at in enumerate(net.order)}
    done: set[int] = set()
    for at in sorted(range(len(found)), key=lambda one: (starts[one], place[one])):
        if at not in done:
            along = _along(net, starts, at)
            ready = max((found[one] + net.slots[one] for each in along for one in net.befores[each]), default=0)
            while not _fits(net, desks, along, ready):
                ready += 1
            for each in along:
                found[each] = ready
            done.update(along)
    return found


def _along(net: Net, starts: Sequence[int], at: int) -> list[int]:
    """The tasks of one visit, the task itself first."""
    visit = net.problem.tasks[at].visit
    return [at, *(one for one, task in enumerate(net.problem.tasks) if one != at and visit and task.visit == visit and starts[one] == starts[at])]


def _fits(net: Net, desks: Mapping[str, Desk], along: Sequence[int], start: int) -> bool:
    """Take the people of all tasks from this slot on, or of none."""
    taken: list[Task] = []
    for at in along:
        task = net.problem.tasks[at]
        if task.unit in desks:
            if desks[task.unit].first(start, task.slots, task.staff) != start:
                for each in taken:
                    desks[each.unit].take(start, each.slots, -each.staff)
                return False
            desks[task.unit].take(start, task.slots, task.staff)
            taken.append(task)
    return True


def _critical(net: Net, starts: Sequence[int]) -> tuple[Link, ...]:
    """Back from the task that ends last, each time to one that ends where the last one found starts."""
    ends = [start + slots for start, slots in zip(starts, net.slots, strict=True)]
    at, found = max(range(len(ends)), key=lambda one: (ends[one], -one)), []
    while starts[at]:
        by, before = _held_by(net, starts, ends, at)
        found.append(Link(net.problem.tasks[at].id, by))
        at = before
    return tuple(reversed([*found, Link(net.problem.tasks[at].id, "start")]))


def _held_by(net: Net, starts: Sequence[int], ends: Sequence[int], at: int) -> tuple[str, int]:
    """Of what the order puts before it, else of those whose people it waited for; a visit waits for all who come along."""
    tasks = net.problem.tasks
    for each in _along(net, starts, at):
        units = [one for one, task in enumerate(tasks) if task.unit == tasks[each].unit and task.unit in net.problem.staff]
        for by, candidates in (("order", net.befores[each]), ("staff", units)):
            for one in candidates:
                if ends[one] == starts[at]:
                    return (by if each == at else "visit"), one
    raise AssertionError("a plan pulled to the left has no gap")


def broken(schedule: Schedule) -> tuple[Message, ...]:
    """What a plan breaks of its order and its staff, looked up by counting; empty for every plan of ours (a test holds it)."""
    problem, found = schedule.problem, []
    start = {task.id: at for task, at in zip(problem.tasks, schedule.starts, strict=True)}
    task_of = {task.id: task for task in problem.tasks}
    for before, after in problem.pairs:
        if start[before] + task_of[before].slots > start[after]:
            found.append(Message(f"“{after}”早于“{before}”办完", f"{after} starts before {before} ends"))
    changes: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for task in problem.tasks:
        changes[task.unit][start[task.id]] += task.staff
        changes[task.unit][start[task.id] + task.slots] -= task.staff
    for unit, people in problem.staff.items():
        busy = 0
        for slot in sorted(changes[unit]):
            busy += changes[unit][slot]
            if busy > people:
                found.append(Message(f"第 {slot + 1} 格“{unit}”要 {busy} 人，只有 {people} 人", f"slot {slot + 1}: {unit} needs {busy} people and has {people}"))
    return tuple(found)
