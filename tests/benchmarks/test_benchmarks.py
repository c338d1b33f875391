"""Every benchmark at a tiny size: both sides give the same, and the result says what a reader needs. Never how long it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
pytestmark = [pytest.mark.one_database, pytest.mark.slow]


def run(name, folder, *arguments):
    """The result of a benchmark that went well."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DIGUAN_", "DJANGO_"))}
    env["PYTHONPATH"] = str(ROOT / "src")
    done = subprocess.run([sys.executable, str(BENCHMARKS / f"{name}.py"), "--results", str(folder), *map(str, arguments)],
                          capture_output=True, text=True, env=env, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((folder / f"{name}.json").read_text("utf-8"))
    assert found["benchmark"] == name
    assert found["goals"]
    assert {"processors", "memory_gib", "python", "duckdb", "django", "busy"} <= found["machine"].keys()
    assert all({"goal", "most", "figure", "met"} <= goal.keys() for goal in found["goals"])
    assert all(("over" in goal) != goal["met"] for goal in found["goals"])
    return found


def test_the_set_face_and_both_forms_of_sql_give_the_same_rows_and_totals(tmp_path):
    found = run("sql", tmp_path, "--sizes", 400, 900)
    assert (found["policies"], found["clauses"]) == (50, 357)
    for line in found["runs"]:
        assert line["same"]
        assert len({line[way]["digest"] for way in ("ours", "wide", "joined")}) == 1
        assert line["ours"]["eligible"] > 0
        assert line["ours"]["undecided"] > 0


def test_floor_sql_and_the_plain_loop_give_what_the_set_face_gives(tmp_path):
    found = run("peers", tmp_path, "--sizes", 300, "--sample", 120, "--without-peers")
    line, = found["runs"]
    assert all(line[way]["same"] for way in ("floor", "sql", "loop"))
    assert (line["loop"]["compared"], line["floor"]["compared"]) == (120 * 50, line["ours"]["found"])
    assert {"openfisca", "zen"} <= found["cannot"].keys()


def test_event_logs_of_three_shapes_keep_to_the_plan_they_were_made_by(tmp_path):
    found = run("mining", tmp_path, "--events", 5_000, "--large", 1, "--without-peers")
    assert [line["shape"] for line in found["runs"]] == ["pairs", "completions", "wide"]
    for line in found["runs"]:
        mine = line["ours"]
        assert (mine["events"], mine["used"], mine["edge_fitness"], mine["fitting_share"]) == (line["events"], line["events"], 1, 1)
        assert min(mine["strict"], mine["free"], mine["arcs"]) > 0
    assert found["large"]["events"] > 3_000


def test_suppliers_counties_and_complexity_give_the_same_by_every_way(tmp_path):
    found = run("regio", tmp_path, "--sectors", 20, "--counties", 12, "--shapes", "40x25", "--firms", 900, "--transport", "10x20", "--enough", 0, "--without-peers")
    assert [(line["zipf"], line["duckdb"]["same"], line["duckdb"]["compared"] == line["ours"]["listed"] > 1000) for line in found["matching"]] == [(0.0, True, True), (0.8, True, True)]
    assert found["counties"][0]["same"]
    assert found["transport"][0]["every_pair"]["met"] >= found["transport"][0]["shortlists"]["met"] > 0
    assert "skipped" in found["tables"][0]["pymrio"]


def test_the_board_says_what_it_says_row_by_row(tmp_path):
    found = run("board", tmp_path, "--projects", 30, "--rounds", 1, "--databases", "sqlite")
    assert found["same_as_row_by_row"]
    assert found["databases"]["sqlite"]["projects"] >= 30


def test_every_way_of_looking_a_firm_up_is_measured_beside_a_scan(tmp_path):
    line = run("lookup", tmp_path, "--firms", 300, "--rounds", 1, "--databases", "sqlite")["databases"]["sqlite"]
    assert line["by_kind"].keys() == line["scan_by_kind"].keys()
    assert {"by code", "by telephone", "of nobody"} <= line["by_kind"].keys()


def test_a_trip_is_worth_as_much_as_the_greedy_one_and_no_more_than_its_bound(tmp_path):
    found = run("trip", tmp_path, "--firms", 8, "--days", 2, "--seeds", 1)
    assert found["lines"]
    assert all(line["greedy"] <= line["value"] <= line["bound"] for line in found["lines"])


def test_a_snapshot_says_what_one_query_each_says(tmp_path):
    found = run("indicators", tmp_path, "--sizes", 60, "--months", 6, "--facts", 3, "--no-spark")
    assert found["sizes"][0]["compared"] > 3 * 6 * 5


def test_pages_read_from_a_snapshot_hold_the_figures_worked_out_anew(tmp_path):
    found = run("cockpit", tmp_path, "--county", 40, "--rounds", 1)
    assert found["figures"] > 100
    assert found["pages"].keys() == found["first_ms"].keys() == {"cockpit", "big screen", "investment", "timer", "dispatch sheet"}


def test_columns_and_dictionaries_grant_the_same(tmp_path):
    found = run("allocation", tmp_path, "--sizes", 150, 300, "--policies", 20)
    assert [(line["same"], line["columns"]["granted"] == line["plain"]["granted"] > 100) for line in found["runs"]] == [(True, True)] * 2


def test_both_faces_give_the_same_bytes(tmp_path):
    found = run("match", tmp_path, "--sizes", 200, 300)
    assert [line["sets"]["digest"] == line["one_by_one"]["digest"] for line in found["runs"]] == [True, True]


def test_an_import_from_upload_to_dossier_holds_what_the_file_says(tmp_path):
    found = run("imports", tmp_path, "--rows", 60)
    assert found["same"]
    assert (found["rows"], found["columns"]) == (60, 30)
    assert found["steps"].keys() == {"upload", "preview", "commit", "visible in a dossier"}


def test_the_list_is_measured_on_every_kind_of_address(tmp_path):
    found = run("listing", tmp_path, "--enterprises", 120, "--rounds", 1, "--databases", "sqlite")
    line = found["databases"]["sqlite"]
    assert found["same_order_on_both"]
    assert len(line["by_address"]) == line["all"]["count"] > 10
    assert {"p50_ms", "p95_ms", "p99_ms"} <= line["all"].keys()


def test_every_task_is_done_once_by_every_way_and_each_figure_says_what_it_survives(tmp_path):
    found = run("stages", tmp_path, "--cases", 1, "--databases", "sqlite", "sqlite_full")
    assert found["databases"].keys() == {"sqlite", "sqlite_full"}
    for line in found["databases"].values():
        assert {"single", "single with rights", "batched", "batched with rights", "floor"} <= line.keys()
        assert (line["tasks"], "killed process" in line["survives"]) == (79, True)


def test_what_is_told_of_one_firm_is_what_the_match_wrote(tmp_path):
    found = run("dossier", tmp_path, "--only-county", "--county", 45, "--firms", 8)
    line = found["counties"]["large"]
    assert line["same_as_the_match"]
    assert (line["policies"], line["warm"]["count"], line["cold"]["count"]) == (200, 8, 8)


def test_a_load_of_reads_and_writes_has_no_errors_and_every_write_is_found(tmp_path):
    found = run("load", tmp_path, "--county", 30, "--seconds", 4, "--rate", 5, "--workers", 1, "--databases", "sqlite")
    line = found["databases"]["sqlite"]
    assert line["errors"] == 0, line["first_errors"]
    assert line["writes_found"] == line["writes_asked"]
    assert line["all"]["count"] == 20


def test_every_step_asked_of_the_server_is_done_once(tmp_path):
    found = run("case_api", tmp_path, "--cases", 1, "--clients", 2, "--workers", 1, "--databases", "sqlite")
    line = found["databases"]["sqlite"]
    assert {line[way]["steps"] for way in ("single", "batched")} == {77}


def test_the_table_of_the_page_says_what_the_result_files_say():
    code = "import sys; sys.path.insert(0, 'benchmarks'); import run_all; print(run_all.table() + run_all.END in run_all.PAGE.read_text('utf-8'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, check=True)
    assert done.stdout.strip() == "True"
