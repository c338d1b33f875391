"""The bench of process re-engineering: plans of 79 tasks proven the shortest, and 10,000 × 79 simulated days.

``python benchmarks/planning.py [--flows 40] [--tasks 79] [--runs 10000] [--plain 300]`` plans seeded flows under ten
bureaus' staff, half of them with visits that may be joined, one process, one worker. Beside each plan the same question as a
textbook puts it to the same solver, without our bound, greedy start and shortcut; both must find the same length. The
simulation stands beside a plain loop over the first runs; both must give the same days. Loading the solver is told apart: it
is paid once a process, and only when a plan needs it. Writes ``results/planning.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

import record

from diguan.services.engine.days import Flow, Step, simulate
from diguan.services.engine.plan import Problem, Task, broken, shortest
from diguan.services.engine.spells import Spell
from diguan.services.tests.plain_days import plain

UNITS, TEXTBOOK_SECONDS = 10, 10


def problem(seed: int, count: int, *, visits: bool) -> Problem:
    """Tasks of half a day to five days in ten units of one to three people, three pairs in a hundred bound, one task in ten on a site visit."""
    dice = random.Random(seed)
    tasks = tuple(Task(f"t{at}", dice.choice([1, 1, 2, 2, 3, 4, 6, 10]), f"u{dice.randrange(UNITS)}", 1, dice.choice("xy") if visits and dice.random() < 0.1 else "") for at in range(count))
    pairs = tuple((f"t{one}", f"t{other}") for one in range(count) for other in range(one + 1, count) if dice.random() < 0.03)
    return Problem(tasks, pairs, {f"u{unit}": dice.choice([1, 1, 2, 3]) for unit in range(UNITS)})


def flow(seed: int, count: int) -> Flow:
    """Steps with observed waits, triangular work and gathering, trips, and all four changes at work."""
    dice = random.Random(seed)
    def triangle(most: int) -> Spell:
        return Spell.triangular(*sorted(dice.randrange(most) for _ in range(3)))
    steps = tuple(Step(f"t{at}", triangle(400), f"u{dice.randrange(UNITS)}", Spell.observed(dice.randrange(900) for _ in range(200)), triangle(200), Spell.observed([1, 1, 2]), Spell.fixed(dice.randrange(2)),
                       wait_left=dice.choice([50, 100]), dropped=dice.random() < 0.05) for at in range(count))
    pairs = tuple((f"t{one}", f"t{other}") for one in range(count) for other in range(one + 1, count) if dice.random() < 0.03)
    return Flow(steps, pairs, {f"u{unit}": 2 for unit in range(UNITS)}, {f"u{unit}": dice.choice([1, 2, 3]) for unit in range(UNITS)})


def textbook(found: Problem) -> int:
    """The shortest length as a textbook asks for it, -1 where it found no proof in time; visits left out, since they do not change it."""
    from ortools.sat.python import cp_model

    model, horizon = cp_model.CpModel(), sum(task.slots for task in found.tasks)
    start = {task.id: model.new_int_var(0, horizon, "") for task in found.tasks}
    length, slots = model.new_int_var(0, horizon, ""), {task.id: task.slots for task in found.tasks}
    for task in found.tasks:
        model.add(start[task.id] + task.slots <= length)
    for before, after in found.pairs:
        model.add(start[before] + slots[before] <= start[after])
    for unit, people in found.staff.items():
        mine = [task for task in found.tasks if task.unit == unit]
        model.add_cumulative([model.new_fixed_size_interval_var(start[task.id], task.slots, "") for task in mine], [task.staff for task in mine], people)
    model.minimize(length)
    search = cp_model.CpSolver()
    search.parameters.num_workers, search.parameters.max_time_in_seconds = 1, TEXTBOOK_SECONDS
    return int(search.objective_value) if search.solve(model) == cp_model.OPTIMAL else -1


def plans(flows: int, tasks: int) -> dict[str, Any]:
    """Seconds of every plan, ours and the textbook's, after the solver was loaded."""
    begun = time.perf_counter()
    from ortools.sat.python import cp_model  # noqa: F401 - loading is what is timed

    line: dict[str, Any] = {"load_solver_seconds": round(time.perf_counter() - begun, 3), "load_solver_peak_mib": round(record.peak()), "flows": flows, "tasks": tasks}
    for name, visits in (("plain", False), ("visits", True)):
        ours, theirs, unproven, different, shortcut, open_ = [], [], 0, [], 0, 0
        for seed in range(flows):
            asked = problem(seed, tasks, visits=visits)
            begun = time.perf_counter()
            found = shortest(asked)
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            length = textbook(asked)
            theirs.append(time.perf_counter() - begun)
            unproven += not found.proven
            shortcut += found.method == "greedy"
            open_ += length == -1
            if broken(found) or (found.proven and length not in (-1, found.slots)):
                different.append(seed)
        line[name] = {"longest_seconds": round(max(ours), 4), "median_seconds": round(statistics.median(ours), 4), "unproven": unproven, "proven_without_solver": shortcut, "different": different,
                      "textbook_longest_seconds": round(max(theirs), 4), "textbook_median_seconds": round(statistics.median(theirs), 4), "textbook_unproven": open_}
    return line


def simulation(tasks: int, runs: int, few: int) -> dict[str, Any]:
    """Seconds of a whole simulation (16 flows from one draw, causes included), five times; the plain loop over as many runs as asked."""
    asked, seconds, digests = flow(1, tasks), [], set()
    record.peak(reset=True)
    for _ in range(5):
        begun = time.perf_counter()
        found = simulate(asked, seed=20261031, runs=runs)
        seconds.append(time.perf_counter() - begun)
        digests.add(found.digest)
    peak = round(record.peak())
    begun = time.perf_counter()
    before, after = plain(asked, 20261031, few)
    slow = time.perf_counter() - begun
    short = simulate(asked, seed=20261031, runs=few)
    old, new = found.spreads
    return {"tasks": tasks, "runs": runs, "longest_seconds": round(max(seconds), 4), "median_seconds": round(statistics.median(seconds), 4), "peak_mib": peak,
            "same_bytes": len(digests) == 1, "digest": found.digest, "days_before": vars(old), "days_after": vars(new),
            "mean_of_ratios": found.time.mean_of_ratios, "ratio_of_sums": found.time.ratio_of_sums, "causes_days": {cause: round(float(part), 3) for cause, part in found.causes.items()},
            "plain_runs": few, "plain_seconds_per_10000_runs": round(slow / few * 10_000, 1), "same_as_plain": (short.before.tolist(), short.after.tolist()) == (before, after)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flows", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=79)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--plain", type=int, default=300, help="runs of the plain loop")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", choices=("plans", "simulation"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(plans(given.flows, given.tasks) if given.measure == "plans" else simulation(given.tasks, given.runs, given.plain)))
        return 0
    planned = record.child(__file__, "--measure", "plans", "--flows", given.flows, "--tasks", given.tasks)
    drawn = record.child(__file__, "--measure", "simulation", "--tasks", given.tasks, "--runs", given.runs, "--plain", given.plain)
    for name in ("plain", "visits"):
        one = planned[name]
        print(f"{planned['flows']} plans of {planned['tasks']} tasks ({name}): {one['median_seconds'] * 1000:.0f} ms median, {one['longest_seconds'] * 1000:.0f} ms longest, {one['unproven']} unproven, "
              f"{one['proven_without_solver']} without the solver; textbook {one['textbook_median_seconds'] * 1000:.0f} ms median, {one['textbook_longest_seconds'] * 1000:.0f} ms longest, {one['textbook_unproven']} unproven"
              f"{'; DIFFERENT ' + str(one['different']) if one['different'] else ''}", flush=True)
    print(f"{drawn['runs']} × {drawn['tasks']} simulated: {drawn['median_seconds']:.3f} s median, {drawn['longest_seconds']:.3f} s longest, {drawn['peak_mib']} MiB; a plain loop {drawn['plain_seconds_per_10000_runs']} s for 10,000"
          f"{'' if drawn['same_bytes'] and drawn['same_as_plain'] else '; DIFFERENT'}", flush=True)
    goals = [record.goal(f"a plan of {planned['tasks']} tasks under staff, longest of {planned['flows']}, seconds", planned["plain"]["longest_seconds"], 0.2),
             record.goal(f"a plan of {planned['tasks']} tasks under staff with joint visits, longest of {planned['flows']}, seconds", planned["visits"]["longest_seconds"], 0.2),
             record.goal("plans not proven the shortest", planned["plain"]["unproven"] + planned["visits"]["unproven"], 0),
             record.goal(f"{drawn['runs']} runs of {drawn['tasks']} steps with causes, longest of 5, seconds", drawn["longest_seconds"], 0.5)]
    record.write("planning", goals, given.results, plans=planned, simulation=drawn)
    return 1 if planned["plain"]["different"] or planned["visits"]["different"] or not drawn["same_bytes"] or not drawn["same_as_plain"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
