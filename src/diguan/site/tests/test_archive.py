"""A backup is taken while people work: what is committed is in it, what is not is not."""

from __future__ import annotations

import contextlib
import sqlite3

from diguan.site import archive


def names(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return [name for name, in database.execute("SELECT name FROM people ORDER BY name")]


def test_a_copy_taken_in_the_middle_of_somebodys_writing_is_consistent(tmp_path):
    data, other = tmp_path / "data", tmp_path / "other"
    for folder in (data / "batches", other):
        folder.mkdir(parents=True)
    (data / "batches" / "a.parquet").write_text("rows")
    live = {"ENGINE": "django.db.backends.sqlite3", "NAME": data / "db.sqlite3"}
    with contextlib.closing(sqlite3.connect(live["NAME"], isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE people (name TEXT)")
        writer.execute("INSERT INTO people VALUES ('in')")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO people VALUES ('not yet')")
        assert archive.backup(tmp_path / "b.tgz", data, live, "2026-10-31T09:00:00+00:00", "1") == 1
        writer.execute("COMMIT")
    assert archive.restore(tmp_path / "b.tgz", other, {**live, "NAME": other / "db.sqlite3"})["version"] == "1"
    assert names(other / "db.sqlite3") == ["in"]
    assert names(live["NAME"]) == ["in", "not yet"]
    assert (other / "batches" / "a.parquet").read_text() == "rows"


def test_the_installations_own_policies_are_in_the_copy_and_half_written_ones_are_not(tmp_path):
    data, other = tmp_path / "data", tmp_path / "other"
    for folder in (data / "pack/policies/sources", other):
        folder.mkdir(parents=True)
    (data / "pack/policies/own.yaml").write_text("id: own\n")
    (data / "pack/policies/sources/own-1.txt").write_text("第一条")
    (data / "pack/policies/.x.part").write_text("id: ow")
    live = {"ENGINE": "django.db.backends.sqlite3", "NAME": data / "db.sqlite3"}
    sqlite3.connect(live["NAME"]).close()
    assert archive.backup(tmp_path / "b.tgz", data, live, "2026-10-31T09:00:00+00:00", "1") == 2
    archive.restore(tmp_path / "b.tgz", other, {**live, "NAME": other / "db.sqlite3"})
    assert (other / "pack/policies/own.yaml").read_text() == "id: own\n"
    assert (other / "pack/policies/sources/own-1.txt").read_text() == "第一条"
    assert not (other / "pack/policies/.x.part").exists()
