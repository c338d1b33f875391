"""Facts of enterprises summed by classes of firms alike: one pass over all rows, by the compiled expression that Spark reads too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diguan.indicators.engine.tables import MILLION, Classes, Cube
from diguan.indicators.queries import register
from diguan.kernel import packs
from diguan.kernel.duck import Engine
from diguan.kernel.facts import projections, store
from diguan.kernel.facts.models import Batch
from diguan.kernel.rules.reading import literal

if TYPE_CHECKING:
    from diguan.kernel.rules.adapter import Dialect

SUBJECT = "enterprise"
TOLD = {"subject": "string", "subject_id": "string", "fact": "string", "period": "string", "state": "string", "num": "int64"}
FIRMS = {"subject_id": "string", "class": "int32"}
STEPS = {"period": "string", "label": "string", "side": "int8"}


@dataclass(frozen=True)
class Pair:
    """Two facts and the spans over which firms' own ratios are asked: for each its periods of the top and of the bottom."""

    top: str
    bottom: str
    spans: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Both:
    """Of two facts and the firms told of both, by span: their own ratios in millionths of storage units summed up, and the sums of either."""

    ratio: Cube
    top: Cube
    bottom: Cube


@dataclass(frozen=True)
class Cubes:
    """What was told of each fact, and the classes of firms it is told by."""

    classes: Classes
    of: Mapping[str, Cube]
    both: Mapping[Pair, Both]


def summed(facts: Any, firms: Any, names: Collection[str]) -> Any:
    """The expression: by fact, period and class the sum, how many firms were told of and of how many it is above zero."""
    kept = facts.filter((facts.subject == SUBJECT) & (facts.state == "value") & facts.fact.isin(sorted(names)) & facts.num.notnull())
    joined = kept.join(firms, "subject_id")
    return joined.group_by(["fact", "period", "class"]).aggregate(num=joined.num.sum(), told=joined.count(), positive=(joined.num > 0).sum())


Summing: TypeAlias = "Callable[[Callable[[Dialect], str], Path, Mapping[str, pa.Table]], pa.Table]"
"""An engine that answers a query, given in its own words, over ``told`` (a Parquet file) and small tables by name."""
SUMS = pa.schema([("fact", pa.string()), ("period", pa.string()), ("class", pa.int32()), ("num", pa.int64()), ("told", pa.int64()), ("positive", pa.int64())])


def cubes(delivered: Sequence[Batch], names: Collection[str], attributes: Collection[str], pairs: Collection[Pair] = (), summing: Summing | None = None) -> Cubes:
    """What these batches (oldest first) say of facts, by classes of firms that are alike in the attributes (their last words)."""
    found = [row for row in delivered if row.subject == SUBJECT]
    if not found:
        return Cubes(Classes(np.zeros(0, np.int64), {name: [] for name in attributes}), {}, {})
    path = projections.projection(found, packs.catalogue()) / projections.FACTS
    firms, classes = classed(path, sorted(attributes))
    whole = {(fact, period.text) for fact, period in store.covered(found).periods}
    answer = summing or duckdb_sums
    return Cubes(classes, by_fact(_rows(answer, path, firms, names), names, len(classes.sizes), whole), {pair: _both(answer, path, firms, pair, len(classes.sizes), whole) for pair in pairs})


def classed(path: Path, attributes: Sequence[str]) -> tuple[pa.Table, Classes]:
    """Every firm with the number of its class, and the classes."""
    specs = register.attributes()
    listed = "".join(f", coalesce(max({specs[name].stored_as}) FILTER (WHERE fact = {literal(register.ATTRIBUTE + name)} AND state = 'value')::VARCHAR, '') AS \"{name}\"" for name in attributes)
    with Engine() as engine:
        wide = engine.arrow(f"SELECT subject_id{listed} FROM read_parquet({literal(str(path))}) WHERE subject = '{SUBJECT}' AND period = 'all' GROUP BY subject_id ORDER BY subject_id")
    columns = [[_cut(name, value) for value in wide.column(name).to_pylist()] for name in attributes]
    kinds = list(zip(*columns, strict=True)) if columns else [()] * len(wide)
    order = {kind: at for at, kind in enumerate(sorted(set(kinds)))}
    numbers = np.array([order[kind] for kind in kinds], np.int32)
    values = {name: [kind[at] for kind in order] for at, name in enumerate(attributes)}
    return pa.table({"subject_id": wide.column("subject_id"), "class": pa.array(numbers)}), Classes(np.bincount(numbers, minlength=len(order)).astype(np.int64), values)


def _cut(name: str, value: str) -> str:
    """Industries are cut by their division, the first two digits."""
    return value[:2] if name == "industry" else value


def _rows(answer: Summing, path: Path, firms: pa.Table, names: Collection[str]) -> pa.Table:
    if not names:
        return SUMS.empty_table()
    from diguan.kernel.rules import adapter  # Ibis takes a third of a second to import: only who compiles pays for it

    return answer(lambda dialect: adapter.sql(summed(adapter.table("told", TOLD), adapter.table("firms", FIRMS), names), dialect), path, {"firms": firms})


def _both(answer: Summing, path: Path, firms: pa.Table, pair: Pair, classes: int, whole: Collection[tuple[str, str]]) -> Both:
    rows = [(period, label, side) for label, *sides in pair.spans for side, steps in enumerate(sides) for period in steps]
    steps = pa.table([pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), (pa.string(), pa.string(), pa.int8()), strict=True)], names=list(STEPS)) if rows else None
    if steps is None:
        empty = Cube((), np.zeros(0, np.bool_), *(np.zeros((0, classes), np.int64) for _ in range(3)))
        return Both(empty, empty, empty)
    from diguan.kernel.rules import adapter  # as above

    told = answer(lambda dialect: adapter.sql(own_ratios(adapter.table("told", TOLD), adapter.table("firms", FIRMS), adapter.table("steps", STEPS), pair), dialect), path, {"firms": firms, "steps": steps})
    covered = {label for label, *sides in pair.spans if all((fact, period) in whole for fact, side in zip((pair.top, pair.bottom), sides, strict=True) for period in side)}
    labels = [label for label, *_sides in pair.spans]

    def cube(num: str, firms_told: str) -> Cube:
        return _cube(told.select(["period", "class", num, firms_told, firms_told]).rename_columns(["period", "class", "num", "told", "positive"]), classes, labels, covered)

    return Both(cube("ratio", "ratios"), cube("top", "both"), cube("bottom", "both"))


def own_ratios(facts: Any, firms: Any, steps: Any, pair: Pair) -> Any:
    """The expression: of the firms told of both, by label and class, the sum of their own ratios in millionths and how many have one, either sum, and how many they are."""
    kept = facts.filter((facts.subject == SUBJECT) & (facts.state == "value") & facts.num.notnull())

    def side(name: str, which: int) -> Any:
        dated = kept.filter(kept.fact == name).join(steps.filter(steps.side == which).select("period", "label"), "period")
        return dated.group_by(["subject_id", "label"]).aggregate(num=dated.num.sum())

    top, bottom = side(pair.top, 0), side(pair.bottom, 1).rename(of="num")
    both = top.join(bottom, ["subject_id", "label"])
    own = both.num.cast("float64") * MILLION / both["of"].nullif(0).cast("float64")  # of nothing there is no ratio
    ratios = both.select("subject_id", "label", "num", "of", ratio=own.floor().cast("int64")).join(firms, "subject_id")
    return ratios.group_by(["label", "class"]).aggregate(ratio=ratios.ratio.sum().fill_null(0), ratios=ratios.ratio.count(), top=ratios.num.sum(), bottom=ratios["of"].sum(), both=ratios.count()).rename(period="label")


def duckdb_sums(words: Callable[[Dialect], str], path: Path, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The answer of a query over ``told`` and small tables in a DuckDB of this thread."""
    with Engine() as engine:
        for name, rows in tables.items():
            engine.run(f'CREATE TEMP TABLE "{name}" AS SELECT * FROM given', given=rows)
        return engine.arrow(f"WITH told AS (SELECT subject, subject_id, fact, period, state, num FROM read_parquet({literal(str(path))})) SELECT * FROM ({words('duckdb')})")


def by_fact(rows: pa.Table, names: Collection[str], classes: int, whole: Collection[tuple[str, str]]) -> dict[str, Cube]:
    """The answer of the expression as one cube a fact; periods that a delivery is complete for are there even where nobody has anything."""
    catalogue = packs.catalogue()
    made = {}
    for name in names:
        told, covered = rows.filter(pc.equal(rows.column("fact"), name)), {text for fact, text in whole if fact == name}
        made[name] = _cube(told, classes, sorted(text for text in {*told.column("period").to_pylist(), *covered} if _kind(text) == catalogue[name].period), covered)
    return made


def _cube(rows: pa.Table, classes: int, kept: Sequence[str], covered: Collection[str]) -> Cube:
    place = {text: at for at, text in enumerate(kept)}
    at = np.array([place.get(text, -1) for text in rows.column("period").to_pylist()], np.int64)
    made = Cube(tuple(kept), np.array([text in covered for text in kept], np.bool_), *(np.zeros((len(kept), classes), np.int64) for _ in range(3)))
    number = rows.column("class").to_numpy()
    for name in ("num", "told", "positive"):
        getattr(made, name)[at[at >= 0], number[at >= 0]] = rows.column(name).cast(pa.int64()).to_numpy()[at >= 0]
    return made


def _kind(text: str) -> str:
    return {4: "year", 7: "quarter" if "Q" in text else "month"}.get(len(text), "")
