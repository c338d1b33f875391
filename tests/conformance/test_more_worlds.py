"""Worlds of any seed, with money up to the edge of 64 bits; and the same world by way of batch files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diguan.kernel import packs, periods
from diguan.kernel.rules import adapter, committed, document, judged, runfile, sets, tree
from diguan.kernel.rules import folder as folders
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.tests.data import SCHEMA
from tests.conformance import worlds
from tests.conformance.test_conformance import run, same
from tests.conformance.worlds import World

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

VAST = [0, 1, 100, 2**53, 2**53 + 1, 2**53 + 3, 2**59 + 1, 2**59 + 3, 2**62 - 1]
TOO_MUCH = 2**63


def written(folder: Path, seed: int) -> World:
    world = World(seed, enterprises=6, policies=4)
    world.write_data(folder)
    world.write_policies(folder / "policies", folder)
    return world


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(1000, 10**9))
@example(seed=64236478)  # a sixteenth clause that is a not of a not
def test_a_world_of_any_seed_is_judged_alike_by_three_judges(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        check(Path(name), written(Path(name), seed))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(1000, 10**9))
@example(seed=6923)  # a product of 39 digits
def test_money_at_the_edge_of_64_bits_is_judged_alike_or_refused_alike(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name, mock.patch.object(worlds, "MONEY", VAST):
        check(Path(name), written(Path(name), seed), vast=True)


def check(folder: Path, world: World, *, vast: bool = False) -> None:
    """Cell by cell against the naive judge; unless an amount is too large, which both faces then say."""
    dataset = folders.read(folder, packs.catalogue())
    loaded, problems = document.load_folder(folder / "policies", dataset.catalogue, packs.codes())
    assert not problems
    try:
        judged.one_by_one(loaded, dataset, world.as_of)
    except runfile.AmountTooLarge:
        with pytest.raises(runfile.AmountTooLarge):
            sets.judge(loaded, dataset, world.as_of)
        return
    if vast and _beyond_columns(loaded, dataset, world):
        return
    found = run(folder, folder / "policies", world.as_of, folder / "out")
    for policy, (wanted, got) in found.totals.items():
        assert got == wanted, policy
    for cell in found.cells:
        if cell.row is not None:
            code = sum({"T": 0, "F": 1, "U": 2}[letter] << 2 * at for at, letter in enumerate(cell.wanted.letters))
            assert (cell.row["status"], cell.row["code"], cell.row["amount_fen"], cell.row["amount_unknown"]) == (
                cell.wanted.status, code, cell.wanted.amount, cell.wanted.amount_unknown), cell.where
            assert cell.wanted.amount is None or cell.wanted.amount < TOO_MUCH


def _beyond_columns(loaded: list[tree.Policy], dataset: Dataset, world: World) -> bool:
    """Whether a product has more than 38 digits: columns then refuse, where numbers one by one have any length."""
    try:
        sets.judge(loaded, dataset, world.as_of)
    except runfile.AmountTooLarge as refused:
        if isinstance(refused.__cause__, adapter.TooLarge):
            return True
        raise
    return False


@pytest.mark.parametrize("seed", range(4))
def test_batch_files_give_the_same_answers_as_the_folder_they_came_from(seed: int, tmp_path: Path) -> None:
    world = written(tmp_path, seed)
    folder = folders.read(tmp_path, packs.catalogue())
    loaded, _ = document.load_folder(tmp_path / "policies", folder.catalogue, packs.codes())
    rows = [{"subject": "enterprise", "subject_id": who, "fact": fact, "period": text(key.start, key.end), "period_start": key.start,
             "period_end": key.end, "state": "value" if key.value else "absent",
             "num": value if isinstance(value, int) else None, "text": value if isinstance(value, str) else None}
            for who in folder.ids for fact, series in folder.series(who).items() for key, value in series]
    # Split in two deliveries by enterprise, the second with everything of half of them told twice.
    half = folder.ids[len(folder.ids) // 2]
    for name, part in (("old", [row for row in rows if row["subject_id"] <= half]), ("new", [row for row in rows if row["subject_id"] >= half])):
        pq.write_table(pa.Table.from_pylist(part, SCHEMA), tmp_path / f"{name}.parquet")
    attributes = folder.attributes.drop_columns(["ent"]).add_column(0, "subject_id", pa.array(folder.ids, pa.string()))
    batches = committed.read(
        facts=[tmp_path / "old.parquet", tmp_path / "new.parquet"], attributes=attributes, catalogue=folder.catalogue, sources=folder.sources,
        coverage=[(fact, period) for fact, found in folder.coverage.items() for period in found])
    assert batches.rows.num_rows == folder.rows.num_rows
    same(runfile.match(loaded, batches, world.as_of), runfile.match(loaded, folder, world.as_of, face=judged.one_by_one))


def text(start: periods.Day, end: periods.Day) -> str:
    return next(period.text for kind in periods.KINDS if ((period := periods.of_day(start, kind)).start, period.end) == (start, end))
