"""Reads committed batches into a :class:`~diguan.kernel.rules.dataset.Dataset`; their rows were checked when they were imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.duck import Engine
from diguan.kernel.periods import Period, parse
from diguan.kernel.rules.dataset import ROWS, Dataset, Key
from diguan.kernel.rules.keys import by_fact, number_keys, number_rows, number_subjects
from diguan.kernel.rules.reading import literal
from diguan.kernel.rules.windows import Coverage


def read(facts: Sequence[Path], attributes: pa.Table, *, coverage: Iterable[tuple[str, Period]], catalogue: Catalogue,
         sources: Mapping[str, str] | None = None, gaps: Coverage | None = None) -> Dataset:
    """Join committed batches, oldest first: the newest that names an enterprise, fact and period is the one heard.

    ``attributes`` has ``subject_id`` and columns named by the whole fact, in storage units.
    """
    ordered = attributes.sort_by("subject_id")
    ids = tuple(ordered.column("subject_id").to_pylist())
    wide = ordered.drop_columns(["subject_id"]).add_column(0, "ent", pa.array(range(len(ids)), pa.int32()))
    rows, keys = (ROWS.empty_table(), ()) if not facts else _batch_rows([str(path) for path in facts], ids, catalogue)
    return Dataset(ids=ids, attributes=wide, rows=rows, keys=keys, catalogue=catalogue, sources=dict(sources or {}), coverage=by_fact(coverage), gaps=gaps)


def _batch_rows(paths: Sequence[str], ids: Sequence[str], catalogue: Catalogue) -> tuple[pa.Table, tuple[Key, ...]]:
    # Values of attributes come as columns; that one is known not to exist comes as a row, as in a data folder.
    known = pa.table({"fact": pa.array(list(catalogue), pa.string()),
                      "dated": pa.array([spec.period != "none" for spec in catalogue.values()], pa.bool_())})
    order = pa.table({"filename": list(paths), "batch": pa.array(range(len(paths)), pa.int32())})
    with Engine() as engine:
        number_subjects(engine, ids)
        listed = ", ".join(literal(path) for path in paths)
        engine.run(
            "CREATE TEMP TABLE delivered AS SELECT batch, row_number() OVER () AS line, subject_id AS uscc, r.fact, period, "
            "period_start, period_end, state = 'value' AS value, num, text "
            f"FROM read_parquet([{listed}], filename = true, union_by_name = true) AS r JOIN orders USING (filename) "
            "JOIN known ON known.fact = r.fact AND (known.dated OR r.state = 'absent') JOIN firms ON firms.uscc = r.subject_id",
            orders=order, known=known)
        engine.run(_NEWEST)
        spans = {(fact, text, value): parse(text) for fact, text, value in
                 engine.rows("SELECT DISTINCT fact, period, value FROM told")}
        keys = number_keys(spans, catalogue)
        return number_rows(engine, keys, spans), keys


# An earlier batch's row is silenced by a later one's row of the same period, or of the other state on a shared day.
_NEWEST = """
CREATE TEMP TABLE told AS
WITH newest AS (SELECT *, max(batch) OVER (PARTITION BY uscc, fact, period) AS last FROM delivered),
     heard AS (SELECT * FROM newest WHERE batch = last)
SELECT line, uscc, fact, period, value, num, text FROM heard AS old
WHERE NOT EXISTS (SELECT 1 FROM heard AS new WHERE new.uscc = old.uscc AND new.fact = old.fact AND new.batch > old.batch
                  AND new.value <> old.value AND new.period_start <= old.period_end AND old.period_start <= new.period_end)
"""
