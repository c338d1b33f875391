"""Both faces of the engine against the naive judge, cell by cell, over seeded random worlds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from diguan.kernel import packs
from diguan.kernel.rules import document, explain, folder, judged, runfile
from tests.conformance import plain, reference
from tests.conformance.reference import Judgement
from tests.conformance.worlds import STATUS, World

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

WORKED = Path(__file__).resolve().parents[3] / "shared" / "data" / "rules"
SEEDS = range(16)
BITS = {"T": 0, "F": 1, "U": 2}
WORDS = {"true": "T", "false": "F", "unknown": "U"}


@dataclass(frozen=True)
class Cell:
    """One enterprise under one policy, as the naive judge and as the engine's two faces see it."""

    where: str
    wanted: Judgement
    row: dict[str, Any] | None
    explained: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One run of one folder on one day."""

    cells: list[Cell]
    totals: dict[str, tuple[dict[str, int], dict[str, int]]]


def run(data: Path, policies: Path, as_of: dt.date, out: Path) -> Run:
    dataset = folder.read(data, packs.catalogue())
    loaded, problems = document.load_folder(policies, dataset.catalogue, packs.codes())
    assert not problems
    outcome = runfile.match(loaded, dataset, as_of)
    same(outcome, runfile.match(loaded, dataset, as_of, face=judged.one_by_one))
    runfile.write(outcome, out)
    found = {line.id: line for line in outcome.totals}
    rows = {(row["policy_id"], row["enterprise_id"]): row for row in pq.read_table(out / "match.parquet").to_pylist()}
    subjects = plain.read_folder(data)
    cells, totals = [], {}
    for policy in loaded:
        plain_policy = yaml.safe_load((policies / f"{policy.id}.yaml").read_text(encoding="utf-8"))
        answers = {}
        if reference.in_force(plain_policy, as_of):
            answers = {uscc: reference.judge(plain_policy, subject, as_of) for uscc, subject in subjects.items()}
        wanted = reference.totals(answers.values())
        totals[policy.id] = (wanted, {key: getattr(found[policy.id], key) for key in wanted})
        cells += [Cell(f"{policy.id} {uscc} {as_of}", one, rows.pop((policy.id, uscc), None),
                       explain.explain(policy, dataset.subject_facts(uscc), as_of)) for uscc, one in answers.items()]
    assert not rows, "rows of policies not in force, or of nobody"
    return Run(cells, totals)


def same(sets: runfile.Outcome, one_by_one: runfile.Outcome) -> None:
    """The two faces of the engine, cell by cell: rows, counts, money, near misses and the funnel."""
    assert sets.totals == one_by_one.totals
    for found, wanted in zip(sets.rows.to_pylist(), one_by_one.rows.to_pylist(), strict=True):
        assert found == wanted
    assert sets.rows.equals(one_by_one.rows)
    assert sets.run_id == one_by_one.run_id


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    return list(worlds(tmp_path_factory))


def worlds(folders: pytest.TempPathFactory) -> Iterator[Run]:
    for seed in SEEDS:
        folder, world = folders.mktemp(f"world{seed}"), World(seed)
        world.write_data(folder)
        world.write_policies(folder / "policies", folder)
        yield run(folder, folder / "policies", world.as_of, folder / "out")


def cells(runs: list[Run]) -> Iterator[Cell]:
    return (cell for one in runs for cell in one.cells)


def test_totals_of_every_policy_equal_the_reference(runs: list[Run]) -> None:
    for one in runs:
        for policy, (wanted, found) in one.totals.items():
            assert found == wanted, policy


def test_every_row_of_a_match_equals_the_reference(runs: list[Run]) -> None:
    for cell in cells(runs):
        wanted, row = cell.wanted, cell.row
        one_short = wanted.letters.count("F") == 1 and "U" not in wanted.letters
        assert (row is not None) == (wanted.status != 0 or one_short), cell.where
        if row is not None:
            code = sum(BITS[letter] << 2 * at for at, letter in enumerate(wanted.letters))
            assert (row["status"], row["code"]) == (wanted.status, code), cell.where
            assert (row["amount_fen"], row["amount_unknown"]) == (wanted.amount, wanted.amount_unknown), cell.where
            assert (row["n_false"], row["n_unknown"]) == (
                wanted.letters.count("F"), wanted.letters.count("U")), cell.where


def test_every_explanation_equals_the_reference(runs: list[Run]) -> None:
    for cell in cells(runs):
        letters = "".join(WORDS[clause["verdict"]] for clause in cell.explained["clauses"])
        assert (cell.explained["status"], letters, cell.explained["amount_fen"]) == (
            STATUS[cell.wanted.status], cell.wanted.letters, cell.wanted.amount), cell.where


def test_a_near_miss_has_its_gap_explained_in_the_facts_unit(runs: list[Run]) -> None:
    seen = 0
    for cell in cells(runs):
        if cell.wanted.gap is not None:
            clause = cell.explained["clauses"][cell.wanted.letters.index("F")]
            assert clause["gap"] is not None, cell.where
            if clause["unit"] == "基点":
                assert abs(Fraction(clause["gap"]) - cell.wanted.gap * 10_000) < Fraction(1, 1000), cell.where
            elif clause["unit"] == "分" or (isinstance(clause["gap"], int) and cell.wanted.gap.denominator == 1):
                assert Fraction(clause["gap"]) == cell.wanted.gap, cell.where
            seen += 1
    assert seen > 20


def test_the_worlds_reach_every_answer(runs: list[Run]) -> None:
    found = {(letter, cell.wanted.status) for cell in cells(runs) for letter in cell.wanted.letters}
    assert {("T", 1), ("T", 0), ("F", 0), ("U", 0), ("U", 2), ("T", 2)} <= found
    assert sum(cell.wanted.amount_unknown for cell in cells(runs)) > 20
    assert any(cell.wanted.amount is not None and cell.wanted.amount > 2**53 for cell in cells(runs))


@pytest.mark.parametrize("day", ["2026-06-30", "2026-03-31"])
def test_the_worked_set_is_answered_cell_by_cell(day: str, tmp_path: Path) -> None:
    if not WORKED.is_dir():
        pytest.skip(f"no worked set beside the repository: {WORKED.name}")
    answers = json.loads((WORKED / "expected.json").read_text(encoding="utf-8"))
    found = {cell.where: cell for cell in run(WORKED, WORKED / "policies", dt.date.fromisoformat(day), tmp_path).cells}
    for policy, expected in answers["as_of"][day].items():
        for uscc, words in zip(answers["enterprises"], expected["cells"], strict=True):
            cell = found[f"{policy} {uscc} {day}"]
            assert cell.wanted.cell == words
            assert cell.explained["amount_fen"] == cell.wanted.amount
            assert "".join(WORDS[clause["verdict"]] for clause in cell.explained["clauses"]) == words.split()[1]
            assert cell.row is None or (cell.row["status"], cell.row["amount_fen"]) == (
                cell.wanted.status, cell.wanted.amount)
