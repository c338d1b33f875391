"""The planner: windows are kept, nothing is visited twice, never worse than greedy, never above the bound, the same each time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diguan.outreach.engine import planner, solver
from diguan.outreach.engine.planner import Day, Task, Visit

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tasks(draw: st.DrawFn, most: int = 7) -> Task:
    """Up to seven visits over one or two days, some closed, some far."""
    count, days = draw(st.integers(1, most)), draw(st.integers(1, 2))
    places = [(draw(st.integers(0, 90)), draw(st.integers(0, 90))) for _each in range(count + 1)]
    ways = tuple(tuple(abs(one[0] - other[0]) + abs(one[1] - other[1]) for other in places) for one in places)
    windows = st.one_of(st.none(), st.tuples(st.integers(480, 700), st.integers(701, 1100)))
    visits = tuple(Visit(draw(st.integers(0, 50)), draw(st.integers(20, 200)), tuple(draw(windows) for _day in range(days))) for _each in range(count))
    return Task(visits, tuple(Day(500, 1080, count, count) for _day in range(days)), ways)


@QUICK
@given(tasks())
def test_a_plan_keeps_every_window_visits_nothing_twice_and_lies_between_greedy_and_bound(task: Task) -> None:
    found = planner.propose(task, effort=0.5)
    assert planner.feasible(task, found.orders)
    assert planner.feasible(task, found.greedy)
    assert planner.value_of(task, found.orders) == found.value
    assert found.greedy_value <= found.value <= found.bound
    assert not found.proven or found.value == found.bound
    assert set(planner.left_out(task, found.orders)) == set(range(len(task.visits))) - {number for order in found.orders for number in order}


@QUICK
@given(tasks(most=5))
def test_the_bound_holds_against_every_plan_there_is(task: Task) -> None:
    found = planner.propose(task, effort=0.5)
    best = 0
    for count in range(len(task.visits) + 1):
        for chosen in itertools.permutations(range(len(task.visits)), count):
            cuts = range(count + 1) if len(task.days) == 2 else (count,)
            for cut in cuts:
                orders = (chosen[:cut], chosen[cut:])[:len(task.days)]
                if planner.feasible(task, orders):
                    best = max(best, planner.value_of(task, orders))
    assert found.value <= best <= found.bound
    assert not found.proven or found.value == best


@QUICK
@given(tasks(most=5))
def test_arcs_say_the_same_as_routes_written_out(task: Task) -> None:
    first = planner.greedy(task)
    can = [number for number in range(len(task.visits)) if any(planner.alone(task, number, day) for day in range(len(task.days)))]
    if not can:
        return
    routes, arcs = solver.solve(task, can, first, 2.0), solver._by_arcs(task, can, first, 2.0)
    assert planner.feasible(task, arcs[0])
    assert arcs[1] >= planner.value_of(task, routes[0])
    if routes[2] and arcs[2]:
        assert planner.value_of(task, routes[0]) == planner.value_of(task, arcs[0])


def trap() -> Task:
    """Greedy takes the short visit beside the hotel and then cannot make the two far ones."""
    ways = ((0, 200, 205, 5), (200, 0, 10, 200), (205, 10, 0, 205), (5, 200, 205, 0))
    return Task((Visit(30, 60, ((480, 1080),)), Visit(60, 120, ((480, 1080),)), Visit(60, 120, ((480, 1080),))), (Day(400, 1060, 3, 3),), ways)


def test_the_solver_finds_what_greed_misses_and_proves_it() -> None:
    found = planner.propose(trap())
    assert (found.greedy_value, found.value, found.bound, found.proven) == (90, 120, 120, True)
    assert planner.left_out(trap(), found.orders) == {0: planner.FULL}


def test_the_same_task_gives_the_same_plan() -> None:
    assert planner.propose(trap()) == planner.propose(trap())


def test_a_closed_a_far_and_a_crowded_out_visit_say_so() -> None:
    ways = ((0, 1, 1, 1), (1, 0, 1, 700), (1, 1, 0, 1), (1, 700, 1, 0))
    task = Task((Visit(9, 60, (None,)), Visit(9, 60, ((480, 1080),)), Visit(9, 60, ((480, 500),))), (Day(480, 1080, 3, 3),), ways)
    assert planner.left_out(task, ((),)) == {0: planner.CLOSED, 1: planner.FAR, 2: planner.CLOSED}


def test_a_route_by_hand_names_what_breaks() -> None:
    ways = ((0, 30, 30), (30, 0, 30), (30, 30, 0))
    task = Task((Visit(1, 60, ((540, 620),)), Visit(1, 60, ((540, 620),))), (Day(480, 640, 2, 2),), ways)
    gone = planner.route(task, 0, (0, 1))
    assert [stop.late for stop in gone.stops] == [0, 70]
    assert (gone.over, gone.holds) == (80, False)


@pytest.mark.parametrize("change", [{"travel": ((0, 1),)}, {"visits": (Visit(1, 60, ()),)}, {"days": (Day(600, 500, 0, 0),)}, {"days": (Day(500, 600, 9, 0),)}])
def test_parts_that_do_not_fit_are_refused(change: dict[str, object]) -> None:
    whole: dict[str, object] = {"visits": (Visit(1, 60, ((500, 600),)),), "days": (Day(480, 640, 0, 0),), "travel": ((0,),)}
    with pytest.raises(ValueError, match=r"day|travel|visit"):
        Task(**{**whole, **change})  # type: ignore[arg-type]


def test_a_task_that_everything_fits_into_needs_no_solver() -> None:
    ways = ((0, 10), (10, 0))
    found = planner.propose(Task((Visit(7, 60, ((480, 1080),)),), (Day(480, 1080, 1, 1),), ways))
    assert (found.value, found.bound, found.proven, found.orders) == (7, 7, True, ((0,),))
