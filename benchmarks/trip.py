"""A trip of 40 firms over 5 days: ``python benchmarks/trip.py [--seeds 10] [--firms 40] [--days 5]``.

How long until a plan stands with its bound, how far apart the two are, and how much worth a greedy plan leaves behind. Firms are drawn from a seed within 90 by 60 km, a third closed at noon or in the
afternoon, 15 % shut on any day, visits of 60 to 120 minutes at 45 km/h; ``short`` are the same with visits of half an hour, whose routes are too many to write out, so that the search over arcs is measured
as well. Each in a process of its own, OR-Tools loaded within the time. Writes ``results/trip.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from pathlib import Path
from typing import Any

import record

from diguan.outreach.engine import planner
from diguan.outreach.engine.planner import Day, Task, Visit

LONG, SHORT = (60, 90, 120), (30,)
HOURS = ((0.15, None), (0.35, (540, 720)), (0.5, (840, 1050)), (1.0, (540, 1050)))


def task(firms: int, days: int, seed: int, minutes: tuple[int, ...]) -> Task:
    """Firms drawn from a seed around one hotel."""
    draw = random.Random(seed)
    spots = [(draw.uniform(0, 90), draw.uniform(0, 60)) for _each in range(firms + 1)]
    ways = tuple(tuple(0 if one is other else 10 + int(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5 * 1.3 * 60 / 45) for other in spots) for one in spots)
    visits = []
    for _each in range(firms):
        windows = tuple(next(window for share, window in HOURS if chance <= share) for chance in (draw.random() for _day in range(days)))
        visits.append(Visit(draw.randint(200, 950), draw.choice(minutes), windows))
    return Task(tuple(visits), tuple(Day(510, 1110, firms, firms) for _day in range(days)), ways)


def measure(firms: str, days: str, seed: str, kind: str) -> dict[str, Any]:
    """What the child does."""
    of = task(int(firms), int(days), int(seed), SHORT if kind == "short" else LONG)
    cpu, begun = time.process_time(), time.perf_counter()
    found = planner.propose(of)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    holds = planner.feasible(of, found.orders) and found.greedy_value <= found.value <= found.bound
    return {"seed": int(seed), "kind": kind, "firms": int(firms), "days": int(days), "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3), "value": found.value, "bound": found.bound, "greedy": found.greedy_value,
            "proven": found.proven, "visited": sum(map(len, found.orders)), "gap_percent": round(100 * (found.bound - found.value) / max(found.bound, 1), 2), "over_greedy_percent": round(100 * (found.value - found.greedy_value) / max(found.greedy_value, 1), 2),
            "holds": holds, "peak_mib": round(record.peak())}


def main() -> int:
    """Measure, say, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--firms", type=int, default=40)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=4, metavar=("FIRMS", "DAYS", "SEED", "KIND"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(*given.measure)))
        return 0
    busy, found = round(os.getloadavg()[0], 2), []
    for kind, seeds in (("long", given.seeds), ("short", max(1, given.seeds // 3))):
        for seed in range(seeds):
            found.append(record.child(__file__, "--measure", given.firms, given.days, seed, kind))
            one = found[-1]
            print(f"{kind} {seed:>3}: {one['seconds']:.2f} s ({one['cpu_seconds']:.2f} CPU), {one['visited']} visits worth {one['value']}, bound {one['bound']} ({'proven' if one['proven'] else str(one['gap_percent']) + ' %'}), greedy {one['greedy']}", flush=True)
    long = [one for one in found if one["kind"] == "long"]
    goals = [record.goal(f"a trip of {given.firms} firms over {given.days} days, the slowest of {len(long)}, seconds", max(one["seconds"] for one in long), 10),
             record.goal("the same, the widest distance from the bound, per cent", max(one["gap_percent"] for one in long), 5)]
    short = [one for one in found if one["kind"] == "short"]
    goals.append(record.goal("visits of half an hour (searched over arcs), the slowest, seconds", max(one["seconds"] for one in short), 10))
    record.write("trip", goals, given.results, busy_at_start=busy, lines=found)
    return 0 if all(one["holds"] for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
