"""The event-log half of the re-engineering bench, beside pm4py on the same XES: ``python benchmarks/mining.py [--events 8500 250000]``.

Logs are made by a seeded generator: some twenty executions a case with parallel branches, corrections that come back, several
units. Three shapes: *pairs* (a start and a completion each), *completions* alone, and *wide* (79 matters side by side in each case).
Ours is the file read and **everything** the bench shows: directly-follows graph with times, variants, rework, waiting against
working, handovers, late cases, the order of every two activities, and every case held against the plan the generator walks by.
pm4py reads the same file and answers what both can: graph, variants, first and last activities; those are compared one by one.
It is AGPL, lives in an environment of its own (``make peers``) and is never part of Diguan. Last, a XES of ``--large`` MB is read:
time and memory. Writes ``results/mining.json``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import peers
import record

from diguan.services.engine import conformance, flowgraph, orders, readers, worktime

HERE = Path(__file__).parent
ZONE = dt.timezone(dt.timedelta(hours=8))
SHAPES = ("pairs", "completions", "wide")
UNITS = [f"部门{number}" for number in range(12)]
STEPS = [f"环节{number:02d}" for number in range(18)]
BRANCHES = [range(4, 8), range(8, 11), range(11, 15)]
MATTERS = [f"事项{number:02d}" for number in range(79)]
HOURS, LIMIT = [(510, 720), (870, 1050)], 5 * 390 * 60
SUPPORT = 20
Step = tuple[str, int, int, int]


def walk(dice: random.Random) -> list[Step]:
    """One case: acceptance, checks with corrections, three branches side by side, decision; (activity, unit, start, end) in seconds."""
    at, steps = 0, list[Step]()

    def do(number: int, at: int) -> int:
        start = at + dice.randrange(600, 90_000)
        end = start + dice.randrange(300, 20_000)
        steps.append((STEPS[number], number % len(UNITS), start, end))
        return end

    for number in range(3):
        at = do(number, at)
    while dice.random() < 0.25:
        at = do(3, at)
        at = do(2, at)
    joined = []
    for branch in BRANCHES:
        reached = at
        for number in branch:
            if number != 9 or dice.random() < 0.6:
                reached = do(number, reached)
        joined.append(reached)
    at = max(joined)
    for number in (15, 16, 17):
        at = do(number, at)
    return steps


def wide(dice: random.Random) -> list[Step]:
    """One case of 79 matters side by side, each chained to the one ten before it."""
    ends, steps = list[int](), list[Step]()
    for number, matter in enumerate(MATTERS):
        start = (ends[number - 10] if number >= 10 else 0) + dice.randrange(600, 200_000)
        ends.append(start + dice.randrange(300, 50_000))
        steps.append((matter, number % len(UNITS), start, ends[-1]))
    return steps


def plan(shape: str) -> conformance.Plan:
    """The partial order the generator walks by."""
    if shape == "wide":
        return conformance.plan_of(MATTERS, [(MATTERS[number - 10], MATTERS[number]) for number in range(10, len(MATTERS))])
    chains = [range(3), *([2, *branch, 15] for branch in BRANCHES), range(15, 18)]
    edges = [(STEPS[before], STEPS[after]) for chain in chains for before, after in itertools.pairwise(chain)]
    return conformance.plan_of(STEPS, edges, [STEPS[3], STEPS[9]])


def write(path: Path, shape: str, events: int, megabytes: int = 0) -> int:
    """A log of so many events (a case more or less), or of so many MB; how many it has. In a case no two instants are equal."""
    dice, case, done = random.Random(20261126), 0, 0
    begin = dt.datetime(2025, 1, 2, 9, tzinfo=ZONE)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">\n')
        while file.tell() < megabytes << 20 if megabytes else done < events:
            case, opened = case + 1, begin + dt.timedelta(seconds=dice.randrange(300 * 86_400))
            file.write(f'<trace>\n<string key="concept:name" value="HY2025-{case:07d}"/>\n')
            moments = [(end if kind == "complete" else start, kind, name, unit) for name, unit, start, end in (wide if shape == "wide" else walk)(dice)
                       for kind in (("complete",) if shape == "completions" else ("start", "complete"))]
            for number, (at, kind, name, unit) in enumerate(sorted(moments)):
                moment = opened + dt.timedelta(seconds=at, microseconds=number)
                file.write(f'<event><string key="concept:name" value="{name}"/><date key="time:timestamp" value="{moment.isoformat(timespec="microseconds")}"/>'
                           f'<string key="lifecycle:transition" value="{kind}"/><string key="org:resource" value="办理人{unit * 7 + case % 7}"/><string key="org:group" value="{UNITS[unit]}"/></event>\n')
            file.write("</trace>\n")
            done += len(moments)
        file.write("</log>\n")
    return done


def clocked(found: dict[str, float], name: str, work: Any) -> Any:
    begun = time.perf_counter()
    result = work()
    found[name] = round(time.perf_counter() - begun, 3)
    return result


def ours(path: Path, shape: str, answers: Path) -> dict[str, Any]:
    """Everything, in this process, piece by piece; what pm4py can answer too goes into ``answers``."""
    record.peak(reset=True)
    cpu, parts = time.process_time(), dict[str, float]()
    with path.open("rb") as file:
        reading = clocked(parts, "read", lambda: readers.read_log(file, ZONE))
    log = reading.log
    first, last = worktime.days_of(log.end, ZONE)
    clock = worktime.working_seconds(lambda day: day.weekday() < 5, HOURS, ZONE, first - dt.timedelta(days=30), last)
    graph = clocked(parts, "directly_follows", lambda: flowgraph.directly_follows(log, clock))
    ways = clocked(parts, "variants", lambda: flowgraph.variants(log))
    clocked(parts, "rework", lambda: flowgraph.rework(log, clock))
    spent = clocked(parts, "times", lambda: flowgraph.times(log, clock))
    clocked(parts, "work_by_activity", lambda: flowgraph.work_by_activity(log, clock))
    clocked(parts, "handovers", lambda: flowgraph.handovers(log, clock))
    late = clocked(parts, "late", lambda: flowgraph.late(log, clock, LIMIT))
    pairs = clocked(parts, "orders", lambda: orders.orders(log, SUPPORT))
    bones = clocked(parts, "skeleton", lambda: orders.skeleton(log, pairs))
    held = clocked(parts, "conformance", lambda: conformance.check(log, plan(shape)))
    cpu = time.process_time() - cpu
    answers.write_text(json.dumps({"graph": sorted((arc.before, arc.after, arc.count) for arc in graph.arcs), "variants": sorted((list(way.activities), way.count) for way in ways),
                                   "starts": sorted(graph.starts.items()), "ends": sorted(graph.ends.items())}), "utf-8")
    return {"seconds": round(sum(parts.values()), 3), "cpu_seconds": round(cpu, 3), "peak_mib": round(record.peak()), "parts": parts, "events": reading.events, "used": reading.used,
            "executions": len(log), "cases": len(log.cases), "variants": len(ways), "arcs": len(graph.arcs), "late": len(late.late), "working_share": round(float(spent.working.sum() / spent.whole.sum()), 4),
            "strict": sum(each.kind == orders.STRICT for each in pairs), "free": sum(each.kind == orders.FREE for each in pairs), "skeleton": len(bones), "edge_fitness": round(held.edge_fitness, 4), "fitting_share": round(held.fitting_share, 4)}


def large(path: Path) -> dict[str, Any]:
    """A large file read, nothing else."""
    record.peak(reset=True)
    before, begun = record.peak(), time.perf_counter()
    with path.open("rb") as file:
        reading = readers.read_log(file, ZONE)
    return {"megabytes": path.stat().st_size >> 20, "events": reading.events, "seconds": round(time.perf_counter() - begun, 1), "peak_mib": round(record.peak()), "before_mib": round(before)}


def compare(folder: Path, shape: str, events: int, python: Path | None) -> dict[str, Any]:
    """One log by both."""
    path = folder / f"{shape}.xes"
    written = write(path, shape, events)
    found: dict[str, Any] = {"shape": shape, "events": written, "megabytes": round(path.stat().st_size / 2**20, 1), "ours": record.child(__file__, "--measure", path, shape, folder / "ours.json")}
    if python:
        theirs = peers.peer(python, "peer_pm4py", path, folder / "pm4py.json")  # type: ignore[arg-type]
        mine, other = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("ours", "pm4py"))
        found["pm4py"] = theirs | {"same": {name: mine[name] == other[name] for name in mine}}
        parts = found["ours"]["parts"]
        found["ours_to_pm4py"] = {"read": round(parts["read"] / theirs["parts"]["read"], 3),
                                  "graph_variants_ends": round((parts["directly_follows"] + parts["variants"]) / theirs["parts"]["analysed"], 3)}
    path.unlink()
    return found


def told(one: dict[str, Any]) -> None:
    """One line a log."""
    mine, theirs = one["ours"], one.get("pm4py")
    beside = ""
    if theirs:
        differ = [name for name, same in theirs["same"].items() if not same]
        beside = f"; pm4py {theirs['seconds']:.2f} s, {theirs['peak_mib']} MiB for graph, variants, ends: {'DIFFERENT ' + ', '.join(differ) if differ else 'same'}"
    print(f"{one['shape']:>12} {one['events']:>8} events, {one['megabytes']} MB: ours {mine['seconds']:.2f} s, {mine['peak_mib']} MiB{beside}", flush=True)


def goals(found: list[dict[str, Any]], big: dict[str, Any] | None) -> list[dict[str, Any]]:
    said = [record.goal(f"read and everything shown, {one['events']} events ({one['shape']}), seconds", one["ours"]["seconds"], 1 if one["events"] < 10_000 else 10)
            for one in found]
    return said + ([record.goal(f"memory to read a XES of {big['megabytes']} MB, MiB", big["peak_mib"] - big["before_mib"], big["megabytes"])] if big else [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[8_500, 250_000])
    parser.add_argument("--large", type=int, default=500, help="MB of a XES that is only read; 0 for none")
    parser.add_argument("--peers", type=Path, default=peers.PEERS, help="Python of the peers' environment, made by make peers")
    parser.add_argument("--without-peers", action="store_true", help="only what needs no other environment")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=3, metavar=("FILE", "SHAPE", "ANSWERS"), help=argparse.SUPPRESS)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(ours(Path(given.measure[0]), given.measure[1], Path(given.measure[2]))))
        return 0
    if given.read:
        print(json.dumps(large(given.read)))
        return 0
    python = None if given.without_peers else given.peers
    if python and not python.exists():
        print(f"no environment of the peers at {python}: run make peers first, or --without-peers")
        return 2
    found, big = [], None
    with tempfile.TemporaryDirectory(prefix="diguan-mining-") as name:
        folder = Path(name)
        for events in given.events:
            for shape in SHAPES:
                found.append(compare(folder, shape, events, python))
                told(found[-1])
        if given.large:
            write(folder / "large.xes", "pairs", 0, given.large)
            big = record.child(__file__, "--read", folder / "large.xes")
            print(f"       large {big['events']:>8} events, {big['megabytes']} MB: read in {big['seconds']} s, {big['peak_mib'] - big['before_mib']} MiB", flush=True)
    version = subprocess.run([str(python), "-c", "from importlib.metadata import version; print(version('pm4py'))"], capture_output=True, text=True, check=True).stdout.strip() if python else None
    record.write("mining", goals(found, big), given.results, pm4py=version, support=SUPPORT, runs=found, large=big)
    return 0 if all(all(one["pm4py"]["same"].values()) for one in found if "pm4py" in one) else 1


if __name__ == "__main__":
    sys.exit(main())
