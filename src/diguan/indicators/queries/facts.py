"""Facts of enterprises summed by classes of firms alike: one pass over all rows, by the compiled expression that Spark reads too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diguan.indicators.engine.tables import Classes, Cube
from diguan.indicators.queries import register
from diguan.kernel import packs
from diguan.kernel.facts import projections, store
from diguan.kernel.facts.models import Batch
from diguan.kernel.rules import adapter
from diguan.kernel.rules.reading import literal

SUBJECT = "enterprise"
TOLD = {"subject": "string", "subject_id": "string", "fact": "string", "period": "string", "state": "string", "num": "int64"}
FIRMS = {"subject_id": "string", "class": "int32"}


@dataclass(frozen=True)
class Cubes:
    """What was told of each fact, and the classes of firms it is told by."""

    classes: Classes
    of: Mapping[str, Cube]


def summed(facts: Any, firms: Any, names: Collection[str]) -> Any:
    """The expression: by fact, period and class the sum, how many firms were told of and of how many it is above zero."""
    kept = facts.filter((facts.subject == SUBJECT) & (facts.state == "value") & facts.fact.isin(sorted(names)) & facts.num.notnull())
    joined = kept.join(firms, "subject_id")
    return joined.group_by(["fact", "period", "class"]).aggregate(num=joined.num.sum(), told=joined.count(), positive=(joined.num > 0).sum())


Summing = Callable[[str, Path, pa.Table], pa.Table]
"""An engine that answers a query over ``told`` (a Parquet file) and ``firms``."""


def cubes(delivered: Sequence[Batch], names: Collection[str], attributes: Collection[str], summing: Summing | None = None) -> Cubes:
    """What these batches (oldest first) say of facts, by classes of firms that are alike in the attributes (their last words)."""
    found = [row for row in delivered if row.subject == SUBJECT]
    if not found:
        return Cubes(Classes(np.zeros(0, np.int64), {name: [] for name in attributes}), {})
    path = projections.projection(found, packs.catalogue()) / projections.FACTS
    firms, classes = classed(path, sorted(attributes))
    whole = {(fact, period.text) for fact, period in store.covered(found).periods}
    return Cubes(classes, by_fact(_rows(path, firms, names, summing), names, len(classes.sizes), whole))


def classed(path: Path, attributes: Sequence[str]) -> tuple[pa.Table, Classes]:
    """Every firm with the number of its class, and the classes."""
    specs = register.attributes()
    listed = "".join(f", coalesce(max({specs[name].stored_as}) FILTER (WHERE fact = {literal(register.ATTRIBUTE + name)} AND state = 'value')::VARCHAR, '') AS \"{name}\"" for name in attributes)
    with adapter.Session() as session:
        wide = session.arrow(f"SELECT subject_id{listed} FROM read_parquet({literal(str(path))}) WHERE subject = '{SUBJECT}' AND period = 'all' GROUP BY subject_id ORDER BY subject_id")
    columns = [[_cut(name, value) for value in wide.column(name).to_pylist()] for name in attributes]
    kinds = list(zip(*columns, strict=True)) if columns else [()] * len(wide)
    order = {kind: at for at, kind in enumerate(sorted(set(kinds)))}
    numbers = np.array([order[kind] for kind in kinds], np.int32)
    values = {name: [kind[at] for kind in order] for at, name in enumerate(attributes)}
    return pa.table({"subject_id": wide.column("subject_id"), "class": pa.array(numbers)}), Classes(np.bincount(numbers, minlength=len(order)).astype(np.int64), values)


def _cut(name: str, value: str) -> str:
    """Industries are cut by their division, the first two digits."""
    return value[:2] if name == "industry" else value


def _rows(path: Path, firms: pa.Table, names: Collection[str], summing: Summing | None) -> pa.Table:
    if not names:
        return pa.table({"fact": pa.array([], pa.string()), "period": pa.array([], pa.string()), "class": pa.array([], pa.int32()), "num": pa.array([], pa.int64()), "told": pa.array([], pa.int64()), "positive": pa.array([], pa.int64())})
    expression = summed(adapter.table("told", TOLD), adapter.table("firms", FIRMS), names)
    return summing(adapter.sql(expression, "pyspark"), path, firms) if summing else duckdb_sums(adapter.sql(expression), path, firms)


def duckdb_sums(query: str, path: Path, firms: pa.Table) -> pa.Table:
    """The answer of a query over ``told`` and ``firms`` in a DuckDB of this thread."""
    with adapter.Session() as session:
        session.make("firms", "SELECT * FROM given", given=firms)
        return session.arrow(f"WITH told AS (SELECT subject, subject_id, fact, period, state, num FROM read_parquet({literal(str(path))})) {query}")


def by_fact(rows: pa.Table, names: Collection[str], classes: int, whole: Collection[tuple[str, str]]) -> dict[str, Cube]:
    """The answer of the expression as one cube a fact; periods that a delivery is complete for are there even where nobody has anything."""
    catalogue = packs.catalogue()
    return {name: _cube(rows.filter(pc.equal(rows.column("fact"), name)), classes, {text for fact, text in whole if fact == name}, catalogue[name].period) for name in names}


def _cube(rows: pa.Table, classes: int, whole: Collection[str], step: str) -> Cube:
    told = rows.column("period").to_pylist()
    kept = sorted(text for text in {*told, *whole} if _kind(text) == step)
    place = {text: at for at, text in enumerate(kept)}
    at = np.array([place.get(text, -1) for text in told], np.int64)
    made = Cube(tuple(kept), np.array([text in whole for text in kept], np.bool_), *(np.zeros((len(kept), classes), np.int64) for _ in range(3)))
    number = rows.column("class").to_numpy()
    for name in ("num", "told", "positive"):
        getattr(made, name)[at[at >= 0], number[at >= 0]] = rows.column(name).cast(pa.int64()).to_numpy()[at >= 0]
    return made


def _kind(text: str) -> str:
    return {4: "year", 7: "quarter" if "Q" in text else "month"}.get(len(text), "")
