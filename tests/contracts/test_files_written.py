"""No Parquet file the product writes holds a floating point number: money and quantities are exact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contracts.world import build


def floats(folder: Path) -> list[str]:
    """Every floating column of every Parquet file below a folder."""
    return [f"{path.relative_to(folder)}: {column.name} is {column.type}" for path in sorted(folder.rglob("*.parquet"))
            for column in pq.read_schema(path) if _floating(column.type)]


def _floating(kind: pa.DataType) -> bool:
    if pa.types.is_nested(kind):
        return any(_floating(kind.field(at).type) for at in range(kind.num_fields))
    return bool(pa.types.is_floating(kind))


@pytest.mark.django_db
def test_no_file_of_an_import_a_projection_or_a_run_holds_a_float(settings: Any, tmp_path: Path) -> None:
    settings.DIGUAN_DATA = tmp_path
    build(tmp_path)
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.parquet")}
    assert written >= {"batches", "projections", "runs"}
    assert floats(tmp_path) == []


def test_a_planted_float_is_named(tmp_path: Path) -> None:
    kind = pa.list_(pa.struct([("rate", pa.float64())]))
    pq.write_table(pa.table({"fen": pa.array([1], pa.int64()), "rates": pa.array([[{"rate": 0.5}]], kind)}), tmp_path / "planted.parquet")
    assert len(floats(tmp_path)) == 1
