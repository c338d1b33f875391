"""DuckDB over batch files: one connection per use, so no thread ever sees another's rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import duckdb

from diguan.kernel.duck import open_private
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Batch


@contextlib.contextmanager
def connect() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, closed at the end."""
    database = open_private()
    try:
        yield database
    finally:
        database.close()


def load(database: duckdb.DuckDBPyConnection, batches: Sequence[Batch]) -> None:
    """Make the view ``said``: every row of these batches with ``batch`` (rank, oldest 0), ``number`` and ``source``."""
    database.execute("CREATE TEMP TABLE delivered (file VARCHAR, batch INTEGER, number BIGINT, source VARCHAR, sha VARCHAR)")
    rows = [(str(files.batch_path(row.sha256)), rank, row.pk, row.source, row.sha256) for rank, row in enumerate(batches)]
    database.executemany("INSERT INTO delivered VALUES (?, ?, ?, ?, ?)", rows)
    # The file list is ours, made of digests; two batches may hold the same content and thus share a file.
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted({row[0] for row in rows}))
    database.execute(
        "CREATE TEMP VIEW said AS SELECT r.* EXCLUDE (filename), d.batch, d.number, d.source "
        f"FROM read_parquet([{listed}], filename = true) r JOIN delivered d ON d.file = r.filename")
