"""The board of 2,000 projects: ``python benchmarks/board.py [--projects 2000] [--rounds 20] [--databases sqlite postgresql]``.

Server time of the page through the whole stack, for somebody who may move every project, with filters and one column whole; beside it the
board worked out a project after another, as one would first write it (the peer). Both must give the same columns, sums and cards.
The number of questions is asserted to be the same for a tenth of the projects. Writes ``results/board.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import record

MOST = 300.0
ASKED = ("", "?source=town", "?kind=new&status=active", "?q=测速", "?all=triage", "?stage=negotiating")
STAGES = ("triage", "negotiating", "site_visit", "framework", "contract", "registered", "sited", "construction", "production")


def fill(count: int, first: int = 0) -> Any:
    """So many projects spread over the stages; rows are made in bulk, as the actions leave them."""
    import datetime as dt

    from diguan.kernel import clocks
    from diguan.kernel.stages.models import Course, Passage, Task
    from diguan.kernel.tests.factories import person_factory, unit_factory
    from diguan.projects.models import LeadSource, Project
    from diguan.projects.tests.factories import project_factory

    by = person_factory("promotion_officer", unit_factory(f"测速单位{first}"))
    one, today, now = project_factory(by, name=f"测速样张{first}"), clocks.today(), clocks.now()
    assert one.course is not None
    unit, frozen = one.owner_unit_id, one.course.frozen_id
    courses = Course.objects.bulk_create([Course(flow="project", frozen_id=frozen, subject_kind="project", subject_id=f"b{first + n}", title=f"测速项目{n}", owner_unit_id=unit, created_by=by, changed_by=by)
                                          for n in range(count)], batch_size=500)
    sources = list(LeadSource.values)
    Project.objects.bulk_create([Project(
        number=f"测速-{first + n:06d}", name=f"测速项目{n}", name_key=f"测速项目{n}", investor=f"样例投资{n}", investor_key=f"样例投资{n}", core_key=f"样例{n}", source=sources[n % len(sources)], region="440300",
        planned_fen=None if n % 7 == 0 else n * 1_000_000, opened_on=today - dt.timedelta(days=n % 300), course=course, service_officer=by, owner_unit_id=unit, created_by=by, changed_by=by)
        for n, course in enumerate(courses)], batch_size=500)
    Task.objects.bulk_create([Task(course=course, key=STAGES[n % len(STAGES)], state="open", opened_at=now, owner_unit_id=unit) for n, course in enumerate(courses)], batch_size=500)
    Passage.objects.bulk_create([Passage(course=course, kind="passed", source="", target=STAGES[n % len(STAGES)], day=today - dt.timedelta(days=n % 200), by=by) for n, course in enumerate(courses)], batch_size=500)
    return by


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Milliseconds by address, and of the two ways to work it out, on the database that is set."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.db import connection, reset_queries
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from diguan.kernel import clocks
        from diguan.projects.queries import board, projects

        person = fill(count // 10)
        client, questions = Client(SERVER_NAME="127.0.0.1"), list[int]()
        client.force_login(person)
        _get(client, "")
        for more in (count - count // 10, 0):
            with CaptureQueriesContext(connection) as asked:
                _get(client, "")
            questions.append(len(asked))
            if more:
                fill(more, count)
        assert questions[0] == questions[1], questions
        reset_queries()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        seconds = {asked: [_timed(lambda asked=asked: _get(client, asked)) for _turn in range(rounds + 1)][1:] for asked in ASKED}
        seen, day = projects.visible_projects(person), clocks.today()
        fast = [_timed(lambda: board.board(person, seen, day)) for _turn in range(rounds)]
        slow = [_timed(lambda: board.board_slowly(person, seen, day)) for _turn in range(max(2, rounds // 5))]
        same = board.board(person, seen, day) == board.board_slowly(person, seen, day)
        return {"projects": board.board(person, seen, day).count, "questions": questions[0], "by_address": {asked: record.percentiles(found) for asked, found in seconds.items()},
                "all": record.percentiles([one for found in seconds.values() for one in found]), "worked_out": record.percentiles(fast), "row_by_row": record.percentiles(slow), "same": same}


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _get(client: Any, asked: str) -> None:
    answer = client.get(f"/projects/board/{asked}")
    assert answer.status_code == 200, (asked, answer.status_code)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--projects", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.projects, given.rounds), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--projects", given.projects, "--rounds", given.rounds)
    for name, line in found.items():
        print(f"{name:>11}: {line['projects']} projects, {line['questions']} questions; page p50 {line['all']['p50_ms']} ms, p95 {line['all']['p95_ms']} ms; "
              f"worked out {line['worked_out']['p50_ms']} ms, row by row {line['row_by_row']['p50_ms']} ms", flush=True)
    goals = [record.goal(f"p95 of the board of {line['projects']} projects on {name}, ms", line["all"]["p95_ms"], MOST) for name, line in found.items()]
    same = all(line["same"] for line in found.values())
    record.write("board", goals, given.results, same_as_row_by_row=same, databases=found)
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
