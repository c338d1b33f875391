"""A dataset of a few enterprises, made without a database: a page asks for one and waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.periods import ALL, Period, parse
from diguan.kernel.rules.dataset import ROWS, Dataset
from diguan.kernel.rules.keys import by_fact, number_keys
from diguan.kernel.rules.windows import Coverage

Told = Mapping[str, Any]
COLUMNS = ("subject_id", "fact", "period", "state", "num", "text")
"""What is read of a row; its days follow from its period."""


def dataset(told: Sequence[Told], attributes: Sequence[FactSpec], *, coverage: Iterable[tuple[str, Period]], catalogue: Catalogue,
            sources: Mapping[str, str] | None = None, gaps: Coverage | None = None) -> Dataset:
    """As :func:`~diguan.kernel.rules.committed.read` of one file, whose keys occur once: an enterprise is one the register speaks of."""
    ids = tuple(sorted({row["subject_id"] for row in told if row["period"] == ALL.text}))
    number = {each: at for at, each in enumerate(ids)}
    dated = {spec.name: spec.period != "none" for spec in catalogue.values()}
    kept = [row for row in told if row["subject_id"] in number and (kind := dated.get(row["fact"])) is not None and (kind or row["state"] == "absent")]
    spans = {(row["fact"], row["period"], row["state"] == "value"): parse(row["period"]) for row in kept}
    keys = number_keys(spans, catalogue)
    place = {(key.fact, key.start, key.end, key.value): key.number for key in keys}
    rows = []
    for row in kept:
        value = row["state"] == "value"
        span = spans[row["fact"], row["period"], value]
        rows.append((number[row["subject_id"]], place[row["fact"], span.start, span.end, value], *((row["num"], row["text"]) if value else (None, None)), True))
    rows.sort(key=lambda row: row[:2])
    columns = zip(*rows, strict=True) if rows else [()] * len(ROWS)
    long = pa.table([pa.array(list(column), field.type) for column, field in zip(columns, ROWS, strict=True)], schema=ROWS)
    return Dataset(ids=ids, attributes=_wide(told, attributes, number), rows=long, keys=keys, coverage=by_fact(coverage), catalogue=catalogue,
                   sources=dict(sources or {}), gaps=gaps)


def _wide(told: Sequence[Told], attributes: Sequence[FactSpec], number: Mapping[str, int]) -> pa.Table:
    """One row an enterprise and one column an attribute; of several values the greatest, as the query takes it."""
    column: dict[str, list[Any]] = {spec.name: [None] * len(number) for spec in attributes}
    stored = {spec.name: spec.stored_as for spec in attributes}
    for row in told:
        values = column.get(row["fact"])
        if values is not None and row["period"] == ALL.text and row["state"] == "value":
            at, value = number[row["subject_id"]], row[stored[row["fact"]]]
            values[at] = value if values[at] is None else max(values[at], value)
    kinds = {"num": pa.int64(), "text": pa.string()}
    return pa.table({"ent": pa.array(range(len(number)), pa.int32()),
                     **{name: pa.array(values, kinds[stored[name]]) for name, values in column.items()}})
