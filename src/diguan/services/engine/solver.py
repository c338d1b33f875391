"""The one door to OR-Tools: a planning question as a CP-SAT model, and its answer with bound and status.

Only :func:`diguan.services.engine.plan.shortest` comes here, and only when a bound without a solver was not enough:
loading it costs about a second and 100 MB, which no page at rest should pay.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diguan.services.engine.plan import Task


@dataclass(frozen=True)
class Question:
    """Tasks, who must end before each (numbers), slots before and after each at least, staff, a bound, a plan that keeps all."""

    tasks: Sequence[Task]
    befores: Sequence[Sequence[int]]
    head: Sequence[int]
    tail: Sequence[int]
    staff: Mapping[str, int]
    low: int
    plan: Sequence[int]


@dataclass(frozen=True)
class Answer:
    """A plan never worse than the one given, what no plan goes below, whether it is proven, what ended the search."""

    starts: tuple[int, ...]
    bound: int
    proven: bool
    cut: str


def solve(question: Question, *, seconds: float, seed: int, workers: int) -> Answer:
    """Minimise length first, then visits; see :mod:`diguan.services.engine.plan` for what is promised."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    most = max(start + task.slots for start, task in zip(question.plan, question.tasks, strict=True))
    starts = [model.new_int_var(head, most - tail - task.slots, "") for task, head, tail in zip(question.tasks, question.head, question.tail, strict=True)]
    length = model.new_int_var(question.low, most, "")
    for at, task in enumerate(question.tasks):
        model.add(starts[at] + task.slots + question.tail[at] <= length)
        for before in question.befores[at]:
            model.add(starts[at] >= starts[before] + question.tasks[before].slots)
    _staff(model, question, starts)
    visits, heaviest = _visits(model, question, starts)
    model.minimize(length * (heaviest + 1) + sum(visits))
    for variable, start in zip(starts, question.plan, strict=True):
        model.add_hint(variable, start)
    model.add_hint(length, most)
    search = cp_model.CpSolver()
    search.parameters.random_seed, search.parameters.num_workers = seed, workers
    search.parameters.cp_model_probing_level = 0  # trying values beforehand took a third of the time and proved nothing sooner
    search.parameters.max_deterministic_time, search.parameters.max_time_in_seconds = seconds, max(1.0, 3 * seconds)
    status = search.solve(model)
    return _answer(question, search, status, starts, heaviest)


def _staff(model: Any, question: Question, starts: Sequence[Any]) -> None:
    units: dict[str, list[int]] = defaultdict(list)
    for at, task in enumerate(question.tasks):
        if task.unit in question.staff:
            units[task.unit].append(at)
    for unit, found in units.items():
        needs = [question.tasks[at].staff for at in found]
        if sum(needs) > question.staff[unit]:
            spans = [model.new_fixed_size_interval_var(starts[at], question.tasks[at].slots, "") for at in found]
            model.add_cumulative(spans, needs, question.staff[unit])


def _visits(model: Any, question: Question, starts: Sequence[Any]) -> tuple[list[Any], int]:
    """For every task with a visit: whether it opens one or joins one that an earlier task of the list opened."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, task in enumerate(question.tasks):
        if task.visit:
            groups[task.visit].append(at)
    opened: list[Any] = []
    for found in groups.values():
        opens = {at: model.new_bool_var("") for at in found}
        for place, at in enumerate(found):
            joins = []
            for host in found[:place]:
                join = model.new_bool_var("")
                model.add_implication(join, opens[host])
                model.add(starts[at] == starts[host]).only_enforce_if(join)
                joins.append(join)
            model.add_exactly_one([opens[at], *joins])
        opened += opens.values()
    return opened, len(opened)


def _answer(question: Question, search: Any, status: Any, starts: Sequence[Any], heaviest: int) -> Answer:
    from ortools.sat.python import cp_model

    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):  # the plan given keeps everything, so this means stopped at once
        return Answer(tuple(question.plan), question.low, proven=False, cut=_cut(search))
    found = tuple(search.value(variable) for variable in starts)
    proven = status == cp_model.OPTIMAL
    length = max(start + task.slots for start, task in zip(found, question.tasks, strict=True))
    low = length if proven else max(question.low, math.ceil((search.best_objective_bound - heaviest) / (heaviest + 1) - 1e-6))
    return Answer(found, min(low, length), proven, "" if proven else _cut(search))


def _cut(search: Any) -> str:
    return "clock" if search.wall_time >= search.parameters.max_time_in_seconds else "effort"
