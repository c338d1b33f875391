"""Datasets of a few rows for the tests here, made the way the site makes them: from batch files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from diguan.kernel import periods
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.rules import committed
from diguan.kernel.rules.dataset import Dataset

Told = tuple[str, FactSpec, str, int | str | None]
"""Enterprise, fact, period, and the value in storage units; None says absent."""
SCHEMA = pa.schema([("subject", pa.string()), ("subject_id", pa.string()), ("fact", pa.string()), ("period", pa.string()),
                    ("period_start", pa.date32()), ("period_end", pa.date32()), ("state", pa.string()), ("num", pa.int64()), ("text", pa.string())])


def batch(path: Path, told: Iterable[Told]) -> Path:
    """One batch file."""
    rows = []
    for who, fact, period, value in told:
        days = periods.parse(period)
        rows.append({"subject": "enterprise", "subject_id": who, "fact": fact.name, "period": period, "period_start": days.start,
                     "period_end": days.end, "state": "absent" if value is None else "value",
                     "num": value if isinstance(value, int) else None, "text": value if isinstance(value, str) else None})
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    return path


def dataset(folder: Path, facts: Sequence[FactSpec], told: Iterable[Told], *, covered: Mapping[FactSpec, str] | None = None,
            attributes: Mapping[str, Mapping[FactSpec, int | str | None]] | None = None) -> Dataset:
    """``covered`` names periods divided by spaces; enterprises are those of ``told`` and ``attributes``."""
    told, attributes = list(told), attributes or {}
    ids = sorted({who for who, *_ in told} | set(attributes))
    columns = {fact.name: pa.array([attributes.get(who, {}).get(fact) for who in ids], pa.string() if fact.stored_as == "text" else pa.int64())
               for fact in facts if fact.period == "none"}
    coverage = [(fact.name, periods.parse(word)) for fact, words in (covered or {}).items() for word in words.split()]
    return committed.read(facts=[batch(folder / "told.parquet", told)], attributes=pa.table({"subject_id": pa.array(ids, pa.string()), **columns}),
                                coverage=coverage, catalogue=Catalogue(facts))
