"""The one door of this room to OR-Tools: routes of a day written out where there are not too many, else arcs; a bound either way.

A day holds few visits, so all its routes can mostly be written out: of each set of visits the order that is done first. Choosing one
route a day with no visit twice is a set packing whose linear relaxation is nearly tight: its value is the bound, its reduced costs
throw out routes that cannot be in a better plan, and CP-SAT proves the rest. Where routes are too many, CP-SAT searches over arcs with
circuits, and its bound is looser; the page says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diguan.outreach.engine.planner import Order, Task, Window, alone, route, value_of

SEED = 20260801
MOST_LABELS = 150_000
"""So many partial routes are written out at most, over all days; a second or two."""
NEAREST = 1_500
"""So many routes are chosen among first."""
Answer = tuple[tuple[Order, ...], int, bool]
Columns = list[tuple[int, Order]]


def solve(task: Task, can: Sequence[int], first: Sequence[Order], effort: float) -> Answer:
    """A plan, what no plan passes, and whether the two meet.

    Args:
        task: what there is to visit.
        can: the visits that can be made at all.
        first: a plan that holds, to begin with.
        effort: CP-SAT's deterministic time at most.
    """
    columns = _columns(task, can)
    return _by_arcs(task, can, first, effort * 0.6) if columns is None else _by_routes(task, columns, first, effort)


# ── routes written out ───────────────────────────────────────────────────────
def _columns(task: Task, can: Sequence[int]) -> Columns | None:
    """Every route of every day as (day, order), of each set of visits the one that is back first; None where there are too many."""
    found: Columns = []
    same: dict[object, list[Order]] = {}
    left = MOST_LABELS
    for day, plan in enumerate(task.days):
        there = [number for number in can if alone(task, number, day)]
        key = (plan, tuple((number, task.visits[number].windows[day]) for number in there))
        if key not in same:
            written = _routes(task, there, day, left)
            if written is None:
                return None
            same[key], left = written[0], left - written[1]
        found += [(day, order) for order in same[key]]
    return found


def _routes(task: Task, there: Sequence[int], day: int, most: int) -> tuple[list[Order], int] | None:
    """The routes of one day and how many partial ones it took; of equal sets with the same last visit the earliest is kept."""
    spans = {number: _span(task, number, day) for number in there}
    layer: dict[tuple[int, int], tuple[int, Order]] = {(1 << number, number): (spans[number][0], (number,)) for number in there}
    best: dict[int, tuple[int, Order]] = {}
    count = 0
    while layer:
        count += len(layer)
        if count > most:
            return None
        longer: dict[tuple[int, int], tuple[int, Order]] = {}
        for (members, last), (begins, order) in layer.items():
            ends = begins + task.visits[last].minutes
            back = ends + task.travel[last][task.days[day].end]
            if members not in best or back < best[members][0]:
                best[members] = (back, order)
            for number in there:
                arrives = max(ends + task.travel[last][number], spans[number][0])
                if members >> number & 1 or arrives > spans[number][1]:
                    continue
                key = (members | 1 << number, number)
                if key not in longer or arrives < longer[key][0]:
                    longer[key] = (arrives, (*order, number))
        layer = longer
    return [order for _back, order in best.values()], count


def _by_routes(task: Task, columns: Columns, first: Sequence[Order], effort: float) -> Answer:
    """The set packing: its relaxation bounds it, what cannot be better is left away, CP-SAT chooses among the rest."""
    values = np.array([sum(task.visits[number].value for number in order) for _day, order in columns], dtype=float)
    bound, reduced = _relaxed(task, columns, values)
    most, orders, proven = int(bound + 1e-6), tuple(first), False
    by_promise = sorted((at for at in range(len(columns)) if values[at] > 0), key=lambda at: (reduced[at], at))
    for share, size in ((0.25, NEAREST), (0.75, len(columns))):  # those that lie nearest to the relaxed plan first: what they reach throws out the others
        gap = most - value_of(task, orders)
        kept = [at for at in by_promise[:size] if reduced[at] <= gap - 1 + 1e-6]
        if not kept:
            proven = True
            break
        better, proven, limit = _packed(task, [columns[at] for at in kept], orders, effort * share)
        orders = max(orders, better, key=lambda each: value_of(task, each))
        if size >= len(columns) or len(kept) < size:  # every route that a better plan could hold was there
            most = min(most, max(limit, value_of(task, orders)))
            break
        proven = False
    worth = value_of(task, orders)
    return orders, worth if proven else max(worth, most), proven or worth == most


def _relaxed(task: Task, columns: Columns, values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, np.ndarray[Any, np.dtype[np.float64]]]:
    """The value of the linear relaxation, and by how much each route falls short of its dual price."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    rows, at = [], []
    for number, (day, order) in enumerate(columns):
        rows += [*order, len(task.visits) + day]
        at += [number] * (len(order) + 1)
    shape = (len(task.visits) + len(task.days), len(columns))
    matrix = csr_array((np.ones(len(rows)), (rows, at)), shape=shape)
    answer = linprog(-values, A_ub=matrix, b_ub=np.ones(shape[0]), bounds=(0, None), method="highs-ds")
    price = np.maximum(0.0, -answer.ineqlin.marginals)
    reduced = matrix.T @ price - values
    # A bound that holds whatever the solver's tolerance: prices made feasible by what the worst column lacks, once a day.
    slack = max(0.0, -float(reduced.min())) * len(task.days)
    return float(price.sum()) + slack, reduced + slack


def _packed(task: Task, columns: Columns, first: Sequence[Order], effort: float) -> tuple[tuple[Order, ...], bool, int]:
    """The best choice among these routes that is better than the first plan, whether it is proven that there is none better, and what none passes."""
    from ortools.sat.python import cp_model

    model: Any = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _column in columns]
    groups: dict[int, list[Any]] = {}
    worth, begun = [value_of(task, (order,)) for _day, order in columns], {(day, frozenset(order)) for day, order in enumerate(first)}
    for one, (day, order) in zip(chosen, columns, strict=True):
        model.add_hint(one, (day, frozenset(order)) in begun)
        for group in (*order, -1 - day):
            groups.setdefault(group, []).append(one)
    for one in groups.values():
        model.add_at_most_one(one)
    total = cp_model.LinearExpr.weighted_sum(chosen, worth)
    model.add(total >= value_of(task, first) + 1)
    model.maximize(total)
    solver = _solver(effort)
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return tuple(first), True, value_of(task, first)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return tuple(first), False, sum(one.value for one in task.visits)
    orders: list[Order] = [() for _day in task.days]
    for one, (day, order) in zip(chosen, columns, strict=True):
        if solver.boolean_value(one):
            orders[day] = order
    return tuple(orders), status == cp_model.OPTIMAL, int(solver.best_objective_bound + 1e-6)


def _solver(effort: float) -> Any:
    from ortools.sat.python import cp_model

    solver: Any = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.max_deterministic_time = effort
    return solver


# ── arcs ─────────────────────────────────────────────────────────────────────
def _by_arcs(task: Task, can: Sequence[int], first: Sequence[Order], effort: float) -> Answer:
    """Where days hold too many visits to write out: one circuit a day over the visits that can be made, begin times, and the day's minutes as a sum beside them."""
    from ortools.sat.python import cp_model

    model: Any = cp_model.CpModel()
    made: dict[int, list[Any]] = {number: [] for number in can}
    hinted = {number: stop.begins for day, order in enumerate(first) for stop in route(task, day, order).stops for number in (stop.visit,)}
    arcs = [_day(model, task, [number for number in can if alone(task, number, day)], day, made, first[day], hinted) for day in range(len(task.days))]
    for on in made.values():
        model.add_at_most_one(on)
    model.maximize(sum(task.visits[number].value * one for number, on in made.items() for one in on))
    solver = _solver(effort)
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return tuple(first), sum(task.visits[number].value for number in can), False
    return tuple(_walk(solver, found) for found in arcs), int(solver.best_objective_bound + 1e-6), status == cp_model.OPTIMAL


def _day(model: Any, task: Task, there: Sequence[int], day: int, made: dict[int, list[Any]], hint: Order, hinted: dict[int, int]) -> dict[tuple[int, int], Any]:
    """The arcs of one day by (from, to), -1 where it begins and ends; what it makes is added to ``made``."""
    plan, base = task.days[day], -1
    begins, on, arcs = dict[int, Any](), dict[int, Any](), dict[tuple[int, int], Any]()
    for number in there:
        first, last = _span(task, number, day)
        begins[number], on[number] = model.new_int_var(first, last, f"t{day}.{number}"), model.new_bool_var(f"x{day}.{number}")
        made[number].append(on[number])
        model.add_hint(on[number], number in hint)
        model.add_hint(begins[number], hinted[number] if number in hint else first)
    steps = list(zip((base, *hint), (*hint, base), strict=True)) if hint else [(base, base)]
    circuit = [(0, 0, arcs.setdefault((base, base), model.new_bool_var(f"idle{day}")))]
    place = {number: at for at, number in enumerate(there, 1)}
    for number in there:
        circuit.append((place[number], place[number], ~on[number]))
        for one, other in ((base, number), (number, base), *((number, next_) for next_ in there if next_ != number and _follows(task, number, next_, day))):
            arcs[one, other] = arc = model.new_bool_var(f"a{day}.{one}.{other}")
            circuit.append((place.get(one, 0), place.get(other, 0), arc))
            if base not in (one, other):
                model.add(begins[other] >= begins[one] + task.visits[one].minutes + task.travel[one][other]).only_enforce_if(arc)
    for key, arc in arcs.items():
        model.add_hint(arc, key in steps)
    model.add_circuit(circuit)
    spent = [task.visits[number].minutes * on[number] for number in there]
    spent += [_minutes(task, day, *key) * arc for key, arc in arcs.items() if key != (base, base)]
    model.add(sum(spent) <= plan.back - plan.leaves)
    return arcs


def _span(task: Task, number: int, day: int) -> Window:
    """The earliest and latest begin of a visit on a day, by its hours and by the way from and to the day's ends."""
    visit, plan = task.visits[number], task.days[day]
    window = visit.windows[day]
    assert window is not None
    return max(window[0], plan.leaves + task.travel[plan.start][number]), min(window[1], plan.back - task.travel[number][plan.end]) - visit.minutes


def _follows(task: Task, one: int, other: int, day: int) -> bool:
    return _span(task, one, day)[0] + task.visits[one].minutes + task.travel[one][other] <= _span(task, other, day)[1]


def _minutes(task: Task, day: int, one: int, other: int) -> int:
    plan = task.days[day]
    return task.travel[plan.start if one < 0 else one][plan.end if other < 0 else other]


def _walk(solver: Any, arcs: dict[tuple[int, int], Any]) -> Order:
    following = {one: other for (one, other), arc in arcs.items() if solver.boolean_value(arc)}
    found, at = [], following.get(-1, -1)
    while at != -1:
        found.append(at)
        at = following[at]
    return tuple(found)
