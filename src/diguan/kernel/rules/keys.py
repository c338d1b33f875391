"""Subjects, facts and periods become small numbers: what every way of reading a dataset ends in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.duck import Engine
from diguan.kernel.periods import Period
from diguan.kernel.rules.dataset import ROWS, Key


def number_subjects(engine: Engine, ids: Sequence[str]) -> None:
    """Make the table ``firms``: each id with its place among them."""
    engine.run("CREATE TEMP TABLE firms AS SELECT * FROM numbered", numbered=pa.table(
        {"uscc": pa.array(ids, pa.string()), "ent": pa.array(range(len(ids)), pa.int32())}))


def number_keys(spans: Mapping[tuple[str, str, bool], Period], catalogue: Catalogue) -> tuple[Key, ...]:
    """The keys that occur, numbered by fact and time."""
    distinct = sorted({(fact, period.end, period.start, value) for (fact, _, value), period in spans.items()})
    return tuple(Key(2 * at + value, fact, start, end, value) for at, (fact, end, start, value) in enumerate(distinct))


def number_rows(engine: Engine, keys: Sequence[Key], spans: Mapping[tuple[str, str, bool], Period]) -> pa.Table:
    """Credit codes and periods become numbers; of several rows of one key the greatest value is marked."""
    number = {(key.fact, key.start, key.end, key.value): key.number for key in keys}
    named = [(fact, text, value, number[fact, period.start, period.end, value], period.kind, period.start, period.end)
             for (fact, text, value), period in spans.items()]
    columns: list[Sequence[Any]] = list(zip(*named, strict=True)) if named else [[]] * 7
    types = [pa.string(), pa.string(), pa.bool_(), pa.int32(), pa.string(), pa.date32(), pa.date32()]
    names = ["fact", "period", "value", "key", "kind", "first", "last"]
    engine.run("CREATE TEMP TABLE named AS SELECT * FROM spelled", spelled=pa.table(
        {name: pa.array(list(column), kind) for name, column, kind in zip(names, columns, types, strict=True)}))
    engine.run("CREATE TEMP TABLE numbered_rows AS SELECT line, ent, fact, key, kind, value, first, last, CASE WHEN value THEN num END AS num, "
               "CASE WHEN value THEN text END AS text FROM told JOIN firms USING (uscc) JOIN named USING (fact, period, value)")
    return engine.arrow(
        "WITH many AS (SELECT line, row_number() OVER (PARTITION BY ent, key ORDER BY num DESC, text DESC, line) = 1 AS top "
        "FROM numbered_rows WHERE kind = 'day') "
        "SELECT ent, key, num, text, coalesce(top, true) AS top FROM numbered_rows LEFT JOIN many USING (line) ORDER BY ent, key, line",
    ).cast(ROWS)


def by_fact(coverage: Iterable[tuple[str, Period]]) -> dict[str, tuple[Period, ...]]:
    """The periods of each fact, each once."""
    covered: dict[str, list[Period]] = {}
    for fact, period in coverage:
        covered.setdefault(fact, []).append(period)
    return {fact: tuple(dict.fromkeys(periods)) for fact, periods in covered.items()}
