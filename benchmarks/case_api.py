"""Steps of cases a second through the API: ``python benchmarks/case_api.py [--cases 8] [--clients 4] [--databases sqlite postgresql]``.

A real server (``diguan serve``), clerks of eight offices with a token each, connections that stay open. *Single*: each step by a request of
its own with ``If-Match`` and ``Idempotency-Key``. *Batched*: an office's matter in all its cases by one request. Every answer is asserted; then
every task has to be done once, every Event there and every chain to hold (``cases.check``). Writes ``results/case_api.json``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import cases as steps
import casework
import installation
import load
import record
import stages

GOAL = 300


class Client:
    """One connection to the server."""

    def __init__(self, port: int) -> None:
        self.wire = http.client.HTTPConnection(load.HOST, port, timeout=60)

    def post(self, path: str, body: dict[str, Any], token: str, key: str, match: str = "") -> dict[str, Any]:
        """What is answered to a write, which has to succeed."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": key, **({"If-Match": match} if match else {})}
        self.wire.request("POST", f"/api{path}", json.dumps(body), headers)
        answer = self.wire.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        return dict(json.loads(said))


def tokens(there: casework.County) -> dict[int, str]:
    """A token of each clerk, by the office's place."""
    from diguan.kernel.access.tokens import actions, queries
    from diguan.kernel.clocks import today

    found = {}
    for place, person in enumerate(there.clerks):
        found[place] = queries.make()
        actions.issue_token(person=person, name="测速", last_day=today(), token=found[place], by=person)
    return found


def _tasks(rows: list[Any], number: int) -> list[Any]:
    from diguan.kernel.stages.models import Task

    return list(Task.objects.filter(course__in=[row.course_id for row in rows], key=casework.key(number)).select_related("course"))


def single(rows: list[Any], port: int, keys: dict[int, str], clients: int) -> int:
    """Every matter of every case by a request of its own, the clients side by side; answers how many."""
    lanes: SimpleQueue[tuple[Any, int]] = SimpleQueue()
    for row in rows:
        for lane in range(casework.OFFICES):
            lanes.put((row, lane))

    def work() -> None:
        client = Client(port)
        while True:
            try:
                row, lane = lanes.get_nowait()
            except Empty:
                return
            for number in range(lane, casework.MATTERS, casework.OFFICES):
                name = casework.key(number)  # its first version is 1; the one before it in its lane opened it, which makes it 2
                client.post(f"/cases/{row.pk}/steps/{name}/finish", {}, keys[lane], f"{row.pk}-{name}", f'"{2}"')

    _together(work, clients)
    return len(rows) * casework.MATTERS


def batched(rows: list[Any], port: int, keys: dict[int, str], clients: int) -> int:
    """An office's matter in all cases by one request; offices side by side, each in the order of its lane."""
    lanes: SimpleQueue[int] = SimpleQueue()
    for lane in range(casework.OFFICES):
        lanes.put(lane)

    def work() -> None:
        client = Client(port)
        while True:
            try:
                lane = lanes.get_nowait()
            except Empty:
                return
            for number in range(lane, casework.MATTERS, casework.OFFICES):
                read = [{"id": task.pk, "version": task.version} for task in _tasks(rows, number)]
                client.post("/case-steps/finish", {"steps": read}, keys[lane], f"many-{rows[0].pk}-{number}")

    _together(work, clients)
    return len(rows) * casework.MATTERS


def _together(work: Any, clients: int) -> None:
    wrong: list[BaseException] = []

    def safely() -> None:
        try:
            work()
        except BaseException as error:  # a thread's own error would be printed and lost
            wrong.append(error)

    threads = [threading.Thread(target=safely) for _n in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if wrong:
        raise wrong[0]


def measure(database: str, cases: int, clients: int, workers: int) -> dict[str, Any]:
    """Both ways on the database that is set."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        there = casework.county()
        keys, port = tokens(there), load.free_port()
        server = subprocess.Popen([*installation.CLI, "serve", "--port", str(port), "--workers", str(workers)], env={**installation.environment(Path(folder)), **({"PYTHONPATH": path} if (path := os.environ.get("PYTHONPATH")) else {})},
                                  stdout=subprocess.DEVNULL)
        line: dict[str, Any] = {"cases": cases, "clients": clients, "web_processes": workers, "survives": stages.SURVIVES[database]}
        try:
            load._wait(port, server)
            for name, way in (("single", single), ("batched", batched)):
                way(casework.open_cases(there, workers), port, keys, clients)  # warms up
                rows = casework.open_cases(there, cases)
                begun = time.perf_counter()
                count = way(rows, port, keys, clients)
                seconds = time.perf_counter() - begun
                steps.check(rows)
                line[name] = {"steps": count, "seconds": round(seconds, 2), "steps_per_second": round(count / seconds), "us_per_task": round(seconds / count * 1e6)}
        finally:
            server.terminate()
            server.wait(30)
        return line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.cases, given.clients, given.workers), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--cases", given.cases, "--clients", given.clients, "--workers", given.workers)
    for name, line in found.items():
        print(f"{name:>11}: " + ", ".join(f"{way} {line[way]['steps_per_second']}/s" for way in ("single", "batched")), flush=True)
    record.write("case_api", [record.goal(f"a step of a case through the API, {way}, on {name} (survives {line['survives']}), µs", line[way]["us_per_task"], 1e6 / GOAL)
                              for name, line in found.items() for way in ("single", "batched")], given.results, databases=found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
