"""One database a process; what a connection makes is its own."""

from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from diguan.kernel import duck

SOURCES = Path(duck.__file__).parents[1]


def test_connections_share_a_database_and_see_nothing_of_each_other() -> None:
    with duck.open_private() as one, duck.open_private() as other:
        one.register("given", pa.table({"a": [1]}))
        one.execute("CREATE TEMP TABLE made AS SELECT a FROM given")
        one.execute("CREATE TEMP MACRO doubled(a) AS a * 2")
        for query in ("FROM given", "FROM made", "SELECT doubled(1)"):
            with pytest.raises(duckdb.CatalogException):
                other.execute(query)
        assert one.execute("SELECT doubled(a) FROM made").fetchall() == [(2,)]


def test_what_a_closed_connection_made_is_gone() -> None:
    with duck.open_private() as one:
        one.execute("CREATE TEMP TABLE made AS SELECT 1 AS a")
    with duck.open_private() as other, pytest.raises(duckdb.CatalogException):
        other.execute("FROM made")


def test_eight_threads_get_their_own_rows() -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(20):
            with duck.open_private() as db:
                db.execute(f"CREATE TEMP TABLE mine AS SELECT {number} AS who, {turn} AS turn FROM range(500)")
                if (found := db.execute("SELECT DISTINCT who, turn FROM mine").fetchall()) != [(number, turn)]:
                    wrong.append(found)

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_child_opens_a_database_of_its_own() -> None:
    duck.open_private().close()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(duck.open_private().execute("SELECT sum(range) FROM range(100000)").fetchall()).encode())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert json.loads(os.read(reading, 100)) == [[4999950000]]


def test_a_database_that_answers_nobody_any_more_is_opened_anew() -> None:
    duck.open_private().close()
    assert duck._process.database is not None
    duck._process.database.close()
    with duck.open_private() as db:
        assert db.execute("SELECT 1").fetchall() == [(1,)]


def test_nothing_is_made_that_other_connections_would_see() -> None:
    lasting = re.compile(r"CREATE (OR REPLACE )?(TABLE|VIEW|MACRO|SCHEMA|SEQUENCE|TYPE)|create_function\(|INSTALL |ATTACH ")
    found = [f"{path.relative_to(SOURCES)}: {line.strip()}" for path in sorted(SOURCES.rglob("*.py")) if "tests" not in path.parts
             for line in path.read_text("utf-8").splitlines() if lasting.search(line)]
    assert found == []
