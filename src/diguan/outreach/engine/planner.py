"""Which firms to visit on which day in which order: the orienteering problem with time windows over several days.

A visit is worth something, takes so many minutes and must begin and end while the firm is open that day. Each day leaves a place and
comes back to one within its hours. Minutes are counted from midnight; values are whole numbers. OR-Tools answers the best plan it finds
and a bound that no plan can pass (:mod:`diguan.outreach.engine.solver`); a greedy plan stands beside it. The same task gives the same
plan. Vansteenwegen, Souffriau and Van Oudheusden (2011), The orienteering problem: a survey, EJOR 209.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EFFORT = 4.0
"""The solver's deterministic time, the same on every machine; some seconds of wall time."""
CLOSED, FAR, FULL = "closed", "far", "full"
"""Why a visit is left out: its hours on no day are long enough; even alone it cannot be reached and left in time; there was no room beside visits worth more."""
Window = tuple[int, int]
Order = tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """One firm: what a visit is worth, how long it takes, and when it is open each day (None: closed)."""

    value: int
    minutes: int
    windows: tuple[Window | None, ...]


@dataclass(frozen=True)
class Day:
    """One day: leaves the place ``start`` at ``leaves`` and is at ``end`` by ``back``; places are rows of the travel matrix."""

    leaves: int
    back: int
    start: int
    end: int


@dataclass(frozen=True)
class Task:
    """Visits are the first rows of ``travel`` (minutes from row to column), hotels and stations the rows after them.

    Raises:
        ValueError: the parts do not fit together.
    """

    visits: tuple[Visit, ...]
    days: tuple[Day, ...]
    travel: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.travel)
        if any(len(row) != size or min(row) < 0 for row in self.travel) or size < len(self.visits):
            raise ValueError("travel is a square of minutes, visits first")
        if any(one.value < 0 or one.minutes < 1 or len(one.windows) != len(self.days) for one in self.visits):
            raise ValueError("a visit has a value, minutes, and a window or None for each day")
        if any(not (0 <= one.start < size and 0 <= one.end < size and one.leaves < one.back) for one in self.days):
            raise ValueError("a day leaves before it is back, from and to a place of the matrix")


@dataclass(frozen=True)
class Stop:
    """A visit in a plan and when it begins; ``late`` minutes beyond its closing, 0 where it keeps its hours; ``closed`` that day altogether."""

    visit: int
    arrives: int
    begins: int
    ends: int
    late: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Route:
    """One day as it would go: its stops at their earliest, when it is back, and how many minutes too late that is."""

    stops: tuple[Stop, ...]
    back: int
    over: int
    travelled: int

    @property
    def holds(self) -> bool:
        """Whether nothing breaks."""
        return self.over == 0 and not any(stop.late or stop.closed for stop in self.stops)


@dataclass(frozen=True)
class Found:
    """What was found: orders of visits by day, their value, what no plan can pass, and the greedy plan beside it."""

    orders: tuple[Order, ...]
    value: int
    bound: int
    greedy: tuple[Order, ...]
    greedy_value: int
    proven: bool


def route(task: Task, day: int, order: Sequence[int]) -> Route:
    """How a day goes when its visits are made in this order, each as early as it can be; hours that break are named, not refused.

    >>> one = Visit(5, 60, ((540, 660),))
    >>> route(Task((one,), (Day(480, 1080, 1, 1),), ((0, 30), (30, 0))), 0, (0,))
    Route(stops=(Stop(visit=0, arrives=510, begins=540, ends=600, late=0, closed=False),), back=630, over=0, travelled=60)
    """
    plan, at, now, gone, stops = task.days[day], task.days[day].start, task.days[day].leaves, 0, []
    for number in order:
        visit, step = task.visits[number], task.travel[at][number]
        arrives = now + step
        window = visit.windows[day]
        begins = max(arrives, window[0]) if window else arrives
        now = begins + visit.minutes
        stops.append(Stop(number, arrives, begins, now, max(0, now - window[1]) if window else 0, window is None))
        at, gone = number, gone + step
    step = task.travel[at][plan.end]
    return Route(tuple(stops), now + step, max(0, now + step - plan.back), gone + step)


def value_of(task: Task, orders: Sequence[Sequence[int]]) -> int:
    """What the visits of a plan are worth together."""
    return sum(task.visits[number].value for order in orders for number in order)


def feasible(task: Task, orders: Sequence[Sequence[int]]) -> bool:
    """Whether a plan keeps every window and day and makes no visit twice."""
    made = [number for order in orders for number in order]
    return len(made) == len(set(made)) and all(route(task, day, order).holds for day, order in enumerate(orders))


def greedy(task: Task) -> tuple[Order, ...]:
    """A plan by insertion: again and again the visit that adds most value for each minute it adds, where it fits."""
    orders: list[Order] = [() for _day in task.days]
    ends = [task.days[day].leaves for day in range(len(task.days))]
    left = {number for number, visit in enumerate(task.visits) if visit.value > 0}
    while True:
        best: tuple[float, int, int, Order, int] | None = None
        for number in sorted(left):
            for day, order, back in _insertions(task, orders, number):
                gain = task.visits[number].value / (back - ends[day] + 1)
                if best is None or gain > best[0]:
                    best = (gain, number, day, order, back)
        if best is None:
            return tuple(orders)
        _gain, number, day, order, ends[day] = best
        orders[day] = order
        left.discard(number)


def _insertions(task: Task, orders: Sequence[Order], number: int) -> Iterator[tuple[int, Order, int]]:
    """Where a visit fits: the day, its order with it, and when that day is then back."""
    for day, order in enumerate(orders):
        if task.visits[number].windows[day] is None:
            continue
        for at in range(len(order) + 1):
            longer = (*order[:at], number, *order[at:])
            found = route(task, day, longer)
            if found.holds:
                yield day, longer, found.back


def left_out(task: Task, orders: Sequence[Sequence[int]]) -> dict[int, str]:
    """Why each visit that a plan does not make is left out.

    >>> shut = Visit(5, 60, (None,))
    >>> left_out(Task((shut,), (Day(480, 1080, 1, 1),), ((0, 30), (30, 0))), ((),))
    {0: 'closed'}
    """
    made = {number for order in orders for number in order}
    return {number: _why(task, number) for number in range(len(task.visits)) if number not in made}


def _why(task: Task, number: int) -> str:
    visit = task.visits[number]
    if not any(window and window[1] - window[0] >= visit.minutes for window in visit.windows):
        return CLOSED
    return FULL if any(alone(task, number, day) for day in range(len(task.days))) else FAR


def alone(task: Task, number: int, day: int) -> bool:
    return task.visits[number].windows[day] is not None and route(task, day, (number,)).holds


def propose(task: Task, effort: float = EFFORT) -> Found:
    """The best plan found, with a bound no plan can pass; never worse than the greedy one.

    Args:
        task: what there is to visit.
        effort: how long the solver may work, in its own deterministic time.
    """
    first = greedy(task)
    worth, can = value_of(task, first), [number for number in range(len(task.visits)) if any(alone(task, number, day) for day in range(len(task.days)))]
    most = sum(task.visits[number].value for number in can)
    if worth == most:  # everything that can be visited is: no solver is needed to prove it
        return Found(first, worth, most, first, worth, proven=True)
    from diguan.outreach.engine import solver  # loading OR-Tools takes a second that a plan without it need not pay

    orders, bound, proven = solver.solve(task, can, first, effort)
    value = value_of(task, orders)
    if value < worth or not feasible(task, orders):
        orders, value = first, worth
    bound = max(value, min(bound, most))
    return Found(orders, value, bound, first, worth, proven=proven or value == bound)
