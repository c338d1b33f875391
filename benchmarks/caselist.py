"""The list of a million cases: ``python benchmarks/caselist.py [--cases 1000000] [--rounds 12] [--databases sqlite postgresql]``.

Server time of the page through the whole stack for the window (every case), a bureau (those with a matter of its own, one in eight) and an
enterprise's agent, with filters, sorting and later pages. Rows are made by two statements in the database itself: a case has four tasks,
one in fifty is still under way. Every answer's status is asserted. Writes ``results/caselist.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import casework
import installation
import record

MOST = 150.0
ASKED = {"service": ("", "?page=2", "?page=40", "?state=open", "?state=ended&page=10", "?sort=-day", "?sort=day&page=3"),
         "bench1": ("", "?page=2", "?page=40", "?state=open", "?state=ended&page=10", "?sort=-day"), "agent": ("mine/",)}
SEARCHED = ("?q=91430421MA0000777", "?q=测速企业777")
KEYS = ("case_accepted", "m00", "m01", "case_delivered")


def fill(there: casework.County, count: int) -> None:
    """So many cases; the tasks of each belong to the window and two of the eight offices."""
    from django.db import connection

    (first,) = casework.open_cases(there, 1)
    units = [unit.pk for unit in there.units]
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    ended = "CASE WHEN i % 50 = 0 THEN NULL ELSE created_at END"
    unit = f"CASE i % 8 {' '.join(f'WHEN {at} THEN {each}' for at, each in enumerate(units))} END"
    code = "'91430421MA' || substr('0000000' || (i % 50000), -7) || 'X'" if connection.vendor == "sqlite" else "'91430421MA' || lpad((i % 50000)::text, 7, '0') || 'X'"
    day = "date('2023-01-01', '+' || (i / 1000) || ' days')" if connection.vendor == "sqlite" else "date '2023-01-01' + (i / 1000)::int"
    copy = ("kernel_course", "id, flow, frozen_id, subject_kind, subject_id, title, uscc, status, version, moves, ended_at, owner_unit_id, visibility, created_at, created_by_id, changed_at, changed_by_id",
            f"1000 + i, flow, frozen_id, subject_kind, 'b' || i, '测速企业' || i, {code}, status, version, moves, {ended}, owner_unit_id, visibility, created_at, created_by_id, changed_at, changed_by_id")
    case = ("services_case", "id, life_event_id, uscc, applicant, answers, matters, course_id, year, day, days_before, trips_before, version, owner_unit_id, visibility, created_at, created_by_id, changed_at, changed_by_id",
            f"1000 + i, life_event_id, {code}, '测速企业' || i, answers, matters, 1000 + i, year, {day}, 5, 1, 1, owner_unit_id, visibility, created_at, created_by_id, changed_at, changed_by_id")
    with connection.cursor() as cursor:
        for (table, columns, values), number in ((copy, first.course_id), (case, first.pk)):
            cursor.execute(f"INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM n, {table} AS t WHERE t.id = {number}")
        for name, owner in zip(KEYS, (first.owner_unit_id, unit, unit.replace("i % 8", "(i + 1) % 8"), first.owner_unit_id), strict=True):
            cursor.execute(f"INSERT INTO kernel_task (course_id, key, visit, state, waiting, version, owner_unit_id, calendar) {numbers} SELECT 1000 + i, '{name}', 1, 'done', 0, 2, {owner}, '' FROM n")
        cursor.execute("ANALYZE")


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Milliseconds by person and address, on the database that is set."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.test import Client

        from diguan.kernel.access.models import Person

        there, begun = casework.county(), time.perf_counter()
        fill(there, count)
        found: dict[str, Any] = {"cases": count, "made_in_seconds": round(time.perf_counter() - begun), "by_address": {}, "searched": {}}
        seconds = list[float]()
        for login, addresses in ASKED.items():
            client = Client(SERVER_NAME="127.0.0.1")
            client.force_login(Person.objects.get(login_name=login))
            for asked in (*addresses, *(SEARCHED if login == "service" else ())):
                taken, used = [], []
                for _turn in range(rounds + 1):
                    begun, cpu = time.perf_counter(), time.process_time()
                    answer = client.get(f"/services/{asked}" if asked == "mine/" else f"/services/cases/{asked}")
                    taken.append(time.perf_counter() - begun)
                    used.append(time.process_time() - cpu)
                    assert answer.status_code == 200, (login, asked, answer.status_code)
                one = record.percentiles(taken[1:]) | {"own_p50_ms": record.percentiles(used[1:])["p50_ms"]}
                found["searched" if asked in SEARCHED else "by_address"][f"{login} {asked}"] = one
                seconds += [] if asked in SEARCHED else taken[1:]
        return found | {"all": record.percentiles(seconds)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.cases, given.rounds), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--cases", given.cases, "--rounds", given.rounds)
    for name, line in found.items():
        print(f"{name:>11}: p50 {line['all']['p50_ms']} ms, p95 {line['all']['p95_ms']} ms, made in {line['made_in_seconds']} s", flush=True)
        for asked, one in {**line["by_address"], **line["searched"]}.items():
            print(f"             {asked:<28} p50 {one['p50_ms']:>8} p95 {one['p95_ms']:>8} own p50 {one['own_p50_ms']:>8}", flush=True)
    goals = [record.goal(f"p95 of the list of {line['cases']} cases on {name}, ms", line["all"]["p95_ms"], MOST) for name, line in found.items()]
    record.write("caselist", goals, given.results, databases=found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
