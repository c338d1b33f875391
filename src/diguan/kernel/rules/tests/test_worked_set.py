"""The worked set that lies beside the project: every cell, both days. Skipped where it is absent."""

import datetime as dt
import json
from pathlib import Path

import pytest

from diguan.kernel import packs
from diguan.kernel.rules import document, folder, runfile, scalar
from diguan.kernel.rules.dataset import Dataset

FOLDER = Path(__file__).resolve().parents[6] / "shared" / "data" / "rules"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the worked set ../shared/data/rules is not here")


@pytest.fixture(scope="module")
def data() -> Dataset:
    return folder.read(FOLDER)


def policies(data):
    found, problems = document.load_folder(FOLDER / "policies", data.catalogue, packs.codes())
    assert not problems
    return {policy.id: policy for policy in found}


def cell(policy, facts, day):
    verdict = scalar.judge(policy, facts, day)
    letters = "".join("TFU"[finding.verdict] for finding in verdict.findings)
    money = "?" if verdict.amount_unknown else "-" if verdict.amount_fen is None else verdict.amount_fen
    return f"{verdict.status} {letters} {money}"


@pytest.mark.parametrize("day", sorted(json.loads((FOLDER / "expected.json").read_text("utf-8"))["as_of"]) if FOLDER.is_dir() else [])
def test_every_cell_of_the_worked_set_is_right(data, day):
    expected = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    known = policies(data)
    as_of = dt.date.fromisoformat(day)
    for policy_id, answers in expected["as_of"][day].items():
        policy = known[policy_id]
        assert policy.in_force(as_of) == answers["in_force"]
        assert [clause.id for clause in policy.clauses] == answers["clauses"]
        found = [cell(policy, data.subject_facts(uscc), as_of) for uscc in expected["enterprises"]] if answers["in_force"] else []
        assert found == (answers["cells"] if answers["in_force"] else [])


def test_a_run_counts_what_its_rows_say_and_writes_the_same_bytes_twice(data, tmp_path):
    known = list(policies(data).values())
    day = dt.date(2026, 6, 30)
    first = runfile.write(runfile.match(known, data, day), tmp_path / "a")
    second = runfile.write(runfile.match(known, data, day), tmp_path / "b")
    assert first == second
    outcome = runfile.match(known, data, day)
    rows = outcome.rows.to_pylist()
    for total in outcome.totals:
        mine = [row for row in rows if row["policy_id"] == total.id]
        assert total.eligible + total.ineligible + total.unknown == len(data.ids)
        assert sum(row["status"] == 1 for row in mine) == total.eligible
        assert sum(row["amount_fen"] or 0 for row in mine if row["status"] == 1) == total.amount_fen
