"""Tasks done per second: ``python benchmarks/stages.py [--cases 20] [--databases sqlite postgresql]``.

Cases of 79 parallel tasks and their join, as one 一件事 has them. *Single*: one task a command, one transaction and one
hash-chained event each. *Batched*: all open tasks of a case in one command. Both without rights (the row writes and the
event) and through the action (rights and gate judged as well). Beside them the floor: the same rows by hand-written SQL,
no model, no gate, no right. Every join is checked to have opened once, and every chain to hold.

What a figure survives: SQLite as we run it (WAL, ``synchronous=NORMAL``) survives a killed process, and a power loss may take
the last commits; ``FULL`` survives a power loss too. The throw-away PostgreSQL here runs without fsync: it survives a killed
client and nothing else. Writes ``results/stages.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import installation
import record

WIDTH, MOST_SINGLE, MOST_BATCHED = 79, 1250.0, 200.0
SURVIVES = {"sqlite": "a killed process; a power loss may take the last commits", "sqlite_full": "a killed process and a power loss", "postgresql": "a killed client (fsync is off here)"}


def flow() -> Any:
    """79 tasks and the one that waits for them all."""
    from diguan.kernel.stages import document, shelf

    names = [f"t{number}" for number in range(WIDTH)]
    lines = [f"  - {{id: {name}, title: {name}}}" for name in names] + [f"  - {{id: join, title: join, after: [{', '.join(names)}], final: true}}"]
    text = "id: bench\ntitle: bench\nsubject: bench_case\ntasks:\n" + "\n".join(lines) + "\n"
    return document.parse(text.encode(), "bench.yaml", shelf.names())


def measure(database: str, cases: int) -> dict[str, Any]:
    """Microseconds a task, by way of doing it."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.db import connection

        if database == "sqlite_full":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=FULL")
        by, found = installation.people([installation.uscc(1)])["officer"], flow()
        ways = {"single": (_single, _bare), "single with rights": (_single, _action), "batched": (_batched, _bare), "batched with rights": (_batched, _action)}
        line: dict[str, Any] = {"cases": cases, "tasks": cases * WIDTH, "survives": SURVIVES[database]}
        for name, (chunks, deed) in ways.items():
            line[name] = _timed(name, found, by, cases, chunks, deed)
        return line | {"floor": _floor(cases)}


Chunks = Callable[[list[Any]], Iterator[list[Any]]]


def _single(ticks: list[Any]) -> Iterator[list[Any]]:
    yield from ([tick] for tick in ticks)


def _batched(ticks: list[Any]) -> Iterator[list[Any]]:
    yield ticks


def _bare(course: Any, ticks: list[Any], by: Any) -> None:
    from django.db import transaction

    from diguan.kernel import clocks, events
    from diguan.kernel.stages.actions import moves

    with transaction.atomic():
        moves.finish(course, ticks, by, clocks.today(), "")
        events.append(course, "tasks_completed", by=by, after={"done": [tick.task.key for tick in ticks]})


def _action(course: Any, ticks: list[Any], by: Any) -> None:
    from diguan.kernel.stages import actions

    actions.complete_tasks(course=course, ticks=ticks, by=by)


def _timed(name: str, found: Any, by: Any, cases: int, chunks: Chunks, deed: Callable[..., None]) -> dict[str, Any]:
    from django.db import transaction

    from diguan.kernel import clocks
    from diguan.kernel.stages.actions import About, Tick, moves
    from diguan.kernel.stages.models import Course, Task

    courses = []
    for number in range(cases + 1):
        with transaction.atomic():
            courses.append(moves.start(found, About("bench_case", f"{name} {number}", "bench"), by, clocks.today(), ""))
    work = [(course, [Tick(task, 1) for task in Task.objects.filter(course=course, state="open").order_by("id")]) for course in courses]
    spare, *work = work  # the first one warms up
    seconds = worked = 0.0
    for course, ticks in (spare, *work):
        course = Course.objects.select_related("frozen").get(pk=course.pk)
        begun, used = time.perf_counter(), time.process_time()
        for part in chunks(ticks):
            deed(course, part, by)
        if course != spare[0]:
            seconds, worked = seconds + time.perf_counter() - begun, worked + time.process_time() - used
    _check([course for course, _ticks in work])
    return _rate(seconds / (cases * WIDTH), worked / (cases * WIDTH))


def _rate(each: float, worked: float) -> dict[str, Any]:
    """Wall time, and the time this process itself worked: on a busy box the second says more."""
    return {"us_per_task": round(each * 1e6, 1), "own_us_per_task": round(worked * 1e6, 1), "tasks_per_second": round(1 / each)}


def _check(courses: list[Any]) -> None:
    from diguan.kernel import events
    from diguan.kernel.stages.models import Task

    for course in courses:
        rows = Task.objects.filter(course=course)
        assert rows.filter(state="done").count() == WIDTH
        assert list(rows.filter(key="join").values_list("state", "waiting", "version")) == [("open", 0, 2)]
        assert events.verify(course) == []


def _floor(cases: int) -> dict[str, Any]:
    """The same by hand: one transaction a task, a conditional UPDATE, the counter, one hash-chained row."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE floor_task (id integer PRIMARY KEY, kase integer, state varchar(10), waiting integer, version integer)")
        cursor.execute("CREATE TABLE floor_event (kase integer, seq integer, body text, hash varchar(64), PRIMARY KEY (kase, seq))")
        rows = [(kase * 100 + number, kase, "open", 0, 1) for kase in range(cases) for number in range(WIDTH)]
        cursor.executemany("INSERT INTO floor_task VALUES (%s, %s, %s, %s, %s)", rows + [(kase * 100 + 99, kase, "waiting", WIDTH, 1) for kase in range(cases)])
    begun, used = time.perf_counter(), time.process_time()
    for number, kase, *_rest in rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE floor_task SET state = 'done', version = 2 WHERE id = %s AND version = 1 AND state = 'open'", [number])
            assert cursor.rowcount == 1
            cursor.execute("UPDATE floor_task SET waiting = waiting - 1, state = CASE WHEN waiting = 1 THEN 'open' ELSE state END WHERE id = %s", [kase * 100 + 99])
            cursor.execute("SELECT seq, hash FROM floor_event WHERE kase = %s ORDER BY seq DESC LIMIT 1", [kase])
            seq, last = cursor.fetchone() or (0, "")
            body = json.dumps({"done": number})
            cursor.execute("INSERT INTO floor_event VALUES (%s, %s, %s, %s)", [kase, seq + 1, body, hashlib.sha256((last + body).encode()).hexdigest()])
    return _rate((time.perf_counter() - begun) / len(rows), (time.process_time() - used) / len(rows))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--databases", nargs="+", default=list(SURVIVES), choices=list(SURVIVES))
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.cases), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--cases", given.cases)
    for name, line in found.items():
        print(f"{name:>11}: " + ", ".join(f"{way} {line[way]['tasks_per_second']}/s (own {line[way]['own_us_per_task']} µs)" for way in line if isinstance(line[way], dict)), flush=True)
    goals = [record.goal(f"a task done without rights, {way}, on {name} (survives {line['survives']}), µs", line[way]["us_per_task"], most)
             for name, line in found.items() for way, most in (("single", MOST_SINGLE), ("batched", MOST_BATCHED))]
    record.write("stages", goals, given.results, width=WIDTH, databases=found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
