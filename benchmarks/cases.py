"""Steps of cases a second: ``python benchmarks/cases.py [--cases 20] [--databases sqlite sqlite_full postgresql]``.

Cases of a life event of 79 tasks (``casework.py``): 77 matters in eight lanes of eight offices, carried through by a clerk of each office
by the actions that pages call; rights, gate, clock, passage and hash-chained Event are in every figure, and so is reading what is open.
*Single*: ``finish_matter``, a transaction a step. *Batched*: ``finish_matters``, an office ticks its matter off in up to a hundred cases, each
with its own right, gate, clocks, Event and link. Beside them the floor: the same rows' least by hand-written SQL. SpiffWorkflow walks the same
graph (in memory, no rights, no clock, no log, no database) and has to be ready for the same tasks after each step.

*Races*: eight processes reach for the same tasks of the same cases in different orders; every completion and every join is counted. *Kills*:
a process that carries cases on is killed (SIGKILL) at a random instant, over and over; what it had reported done is looked for afterwards,
and every row held against the chain of its case. What a figure survives is said beside it. Writes ``results/cases.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import casework
import installation
import peers
import record
import stages

HERE = Path(__file__).parent
SINGLE, BATCHED, AT_ONCE, PROCESSES = 800, 5_000, 100, 8


def measure(database: str, cases: int) -> dict[str, Any]:
    """Both ways, the floor, the race and the kills on the database that is set."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.db import connection

        if database == "sqlite_full":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=FULL")
        there = casework.county()
        line: dict[str, Any] = {"cases": cases, "survives": stages.SURVIVES[database], "floor": stages._floor(cases)}
        for name, way in (("single", _single), ("batched", _batched)):
            way(casework.open_cases(there, 2), there)  # warms up
            rows = casework.open_cases(there, cases)
            begun, used = time.perf_counter(), time.process_time()
            order = way(rows, there)
            line[name] = stages._rate((time.perf_counter() - begun) / len(order), (time.process_time() - used) / len(order)) | {"steps": len(order)}
            line[name]["own_to_floor"] = round(line[name]["own_us_per_task"] / line["floor"]["own_us_per_task"], 1)
            check(rows)
        if database != "sqlite_full":
            line |= {"race": race(there, 4), "kills": kills(there, 12)}
        return line


def _open(course: int) -> list[Any]:
    from diguan.kernel.stages.models import Task

    return list(Task.objects.filter(course=course, state="open", key__startswith="m").select_related("course__frozen").defer("course__frozen__text").order_by("id"))


def _single(rows: list[Any], there: casework.County) -> list[str]:
    from diguan.services.actions import cases

    done = []
    for row in rows:
        while tasks := _open(row.course_id):
            for task in tasks:
                cases.finish_matter(task=task, version=task.version, by=there.clerk(task.key))
                done.append(task.key)
    return done


def _batched(rows: list[Any], there: casework.County) -> list[str]:
    from diguan.kernel.stages.actions import Tick
    from diguan.kernel.stages.models import Task
    from diguan.services.actions import cases

    done = []
    for number in range(casework.MATTERS):
        for first in range(0, len(rows), AT_ONCE):
            tasks = Task.objects.filter(course__in=[row.course_id for row in rows[first:first + AT_ONCE]], key=casework.key(number)).select_related("course__frozen").defer("course__frozen__text")
            ticks = [Tick(task, task.version) for task in tasks]
            cases.finish_matters(ticks=ticks, by=there.clerk(casework.key(number)))
            done += [tick.task.key for tick in ticks]
    return done


def check(rows: list[Any]) -> None:
    """Every matter done once, the delivery open once, every Event there, every chain holds."""
    from diguan.kernel import events
    from diguan.kernel.stages.models import Passage, Task

    for row in rows:
        tasks = dict(Task.objects.filter(course=row.course_id).values_list("key", "state"))
        assert sum(state == "done" for state in tasks.values()) == casework.TASKS - 1, tasks
        assert list(Task.objects.filter(course=row.course_id, key="case_delivered").values_list("state", "waiting", "version")) == [("open", 0, 2)]
        assert Passage.objects.filter(course=row.course_id, kind="done").count() == casework.TASKS - 1
        assert events.Event.objects.filter(root_type="services.case", root_id=row.pk, verb="case_matter_done").count() == casework.MATTERS
        assert events.verify(row) == []


# ── many at once ─────────────────────────────────────────────────────────────
def _worker(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(HERE / "case_worker.py"), *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def race(there: casework.County, count: int) -> dict[str, Any]:
    """Eight processes reach for every matter of the same cases, each in an order of its own; all matters side by side, so that all queue at one join."""
    rows = casework.open_cases(there, count, casework.WIDE)
    running = [_worker("race", number, *[row.course_id for row in rows]) for number in range(PROCESSES)]
    for one in running:
        assert one.stdout
        assert one.stdout.readline().strip() == "ready"
    begun = time.perf_counter()
    for one in running:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [json.loads(one.communicate(timeout=900)[0].splitlines()[-1]) for one in running]
    seconds, codes = time.perf_counter() - begun, [code for one in answers for code in one]
    wanted = count * casework.MATTERS
    assert codes.count("done") == wanted, codes.count("done")
    assert codes.count("changed_meanwhile") == PROCESSES * wanted - wanted
    assert set(codes) <= {"done", "changed_meanwhile", "locked"}
    check(rows)
    return {"processes": PROCESSES, "attempts": len(codes), "completions": wanted, "joins": count, "joins_fired_twice": 0, "waited_too_long": codes.count("locked"), "seconds": round(seconds, 2), "attempts_per_second": round(len(codes) / seconds)}


def kills(there: casework.County, rounds: int) -> dict[str, Any]:
    """Kill a process while it works; what it told before is there, nothing is half written, and somebody else can go on."""
    from diguan.kernel.stages.models import Task

    rows, dice, told, over = casework.open_cases(there, 3), random.Random(11), list[int](), 0
    for turn in range(rounds):
        one = _worker("work", "batched" if turn % 3 == 2 else "single", *[row.course_id for row in rows])
        assert one.stdout
        assert one.stdout.readline().strip() == "ready"
        time.sleep(dice.uniform(0.02, 1.0))
        one.kill()
        told += [int(line) for line in one.stdout.read().split("\n")[:-1] if line]  # a line without its end was never acknowledged
        one.wait()
        done = set(Task.objects.filter(course__in=[row.course_id for row in rows], state="done").values_list("pk", flat=True))
        assert set(told) <= done, f"lost: {sorted(set(told) - done)}"
        over += half_written(rows)
    beyond = len(done) - len(rows) - len(set(told))  # done, but killed before it was told
    return {"kills": rounds, "acknowledged": len(set(told)), "lost": 0, "done_and_not_told": beyond, "half_written": over}


def half_written(rows: list[Any]) -> int:
    """Rows that do not agree with one another: a task done without its passage, Event or stopped clock, or one that opened without its clock."""
    from diguan.kernel import events
    from diguan.kernel.stages.models import ClockEntry, Passage, Task

    wrong = 0
    for row in rows:
        tasks = list(Task.objects.filter(course=row.course_id))
        done = sorted(task.key for task in tasks if task.state == "done" and task.key.startswith("m"))
        wrong += done != sorted(Passage.objects.filter(course=row.course_id, kind="done", source__startswith="m").values_list("source", flat=True))
        wrong += done != sorted(event.after["matter"] for event in events.Event.objects.filter(root_type="services.case", root_id=row.pk, verb="case_matter_done"))
        wrong += len(done) != ClockEntry.objects.filter(task__course=row.course_id, task__key__startswith="m", kind="stop").count()
        wrong += sum(task.state != "waiting" for task in tasks) != ClockEntry.objects.filter(task__course=row.course_id, kind="start").count()
        states = {task.key: task.state for task in tasks}
        wrong += sum(task.waiting != sum(states[name] != "done" for name in casework.before(casework.LANES)[task.key]) for task in tasks if task.state == "waiting")
        wrong += len(events.verify(row))
    return wrong


# ── beside SpiffWorkflow ─────────────────────────────────────────────────────
def beside(python: Path, cases: int, folder: Path) -> dict[str, Any]:
    """The same graphs walked by SpiffWorkflow; what is ready after each step is compared."""
    found: dict[str, Any] = {}
    for shape in (casework.LANES, casework.WIDE):
        graph = folder / f"{shape}.json"
        graph.write_text(json.dumps({"before": casework.before(shape), "cases": cases}), "utf-8")
        theirs = peers.peer(python, "peer_spiff", graph, folder / f"{shape}-spiff.json")  # type: ignore[arg-type]
        ours = record.child(__file__, "--walk", shape, folder / f"{shape}-ours.json")
        same = json.loads((folder / f"{shape}-spiff.json").read_text("utf-8")) == json.loads((folder / f"{shape}-ours.json").read_text("utf-8"))
        found[shape] = theirs | {"same": same, "steps_compared": ours["steps"]}
    return found


def walk(shape: str, answers: Path) -> dict[str, Any]:
    """One case of ours to its end by the actions, and what was ready after each step."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from diguan.kernel.stages.actions import Tick, moves
        from diguan.kernel.stages.models import Task
        from diguan.services.actions import cases

        there = casework.county()
        (row,) = casework.open_cases(there, 1, shape, accepted=False)
        order: list[tuple[str, list[str]]] = []
        while tasks := list(Task.objects.filter(course=row.course_id, state="open").select_related("course__frozen").defer("course__frozen__text").order_by("key")[:1]):
            task = tasks[0]
            if task.key == "case_accepted":
                from django.db import transaction
                with transaction.atomic():
                    moves.finish(task.course, [Tick(task, task.version)], there.officer, row.day, "")
            elif task.key == "case_delivered":
                cases.deliver(task=task, version=task.version, by=there.officer)
            else:
                cases.finish_matter(task=task, version=task.version, by=there.clerk(task.key))
            order.append((task.key, sorted(Task.objects.filter(course=row.course_id, state="open").values_list("key", flat=True))))
        answers.write_text(json.dumps(order), "utf-8")
        return {"steps": len(order)}


def goals(found: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    said = []
    for name, line in found.items():
        said += [record.goal(f"a step of a case, {way}, rights and Event included, on {name} (survives {line['survives']}), µs", line[way]["us_per_task"], 1e6 / rate) for way, rate in (("single", SINGLE), ("batched", BATCHED))]
        if "kills" in line:
            said.append(record.goal(f"acknowledged steps lost and rows half written in {line['kills']['kills']} kills on {name}", line["kills"]["lost"] + line["kills"]["half_written"], 0))
            said.append(record.goal(f"joins that fired twice or never, {PROCESSES} processes racing, on {name}", line["race"]["joins_fired_twice"], 0))
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--peer-cases", type=int, default=1_000)
    parser.add_argument("--databases", nargs="+", default=list(stages.SURVIVES), choices=list(stages.SURVIVES))
    parser.add_argument("--peers", type=Path, default=peers.PEERS, help="Python of the peers' environment, made by make peers")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--walk", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure or given.walk:
        print(json.dumps(walk(given.walk[0], Path(given.walk[1])) if given.walk else measure(given.measure, given.cases), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--cases", given.cases)
    for name, line in found.items():
        print(f"{name:>11}: " + ", ".join(f"{way} {line[way]['tasks_per_second']}/s (own {line[way]['own_us_per_task']} µs, {line[way].get('own_to_floor', 1)} floors)" for way in ("single", "batched", "floor")), line.get("race", ""), line.get("kills", ""), flush=True)
    spiff: dict[str, Any] = {}
    if not given.without_peers:
        with tempfile.TemporaryDirectory(prefix="diguan-bench-") as name:
            spiff = beside(given.peers, given.peer_cases, Path(name))
        for shape, one in spiff.items():
            print(f"{shape:>11}: SpiffWorkflow {one['us_per_task']} CPU µs a step in memory; {'same' if one['same'] else 'DIFFERENT'} after each of {one['steps_compared']} steps", flush=True)
    record.write("cases", goals(found), given.results, tasks=casework.TASKS, databases=found, spiffworkflow=spiff)
    return 0 if all(one["same"] for one in spiff.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
