"""How every DuckDB of this installation is opened: in memory, private to who opened it, bounded, and offline."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

MEMORY = os.environ.get("DIGUAN_DUCKDB_MEMORY", "2GB")
THREADS = int(os.environ.get("DIGUAN_DUCKDB_THREADS", "2"))


def open_private(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database of its own: it cannot fetch extensions, and what does not fit its memory goes to ``spill``.

    Without a folder it is one of the system's temporary files; DuckDB makes it when it is needed and takes it away.
    """
    spill = spill or Path(tempfile.gettempdir()) / f"diguan-{secrets.token_hex(8)}"
    database = duckdb.connect(":memory:", config={
        "memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(spill),
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
        "preserve_insertion_order": "true"})
    database.execute("SET enable_progress_bar = false")  # after two seconds it would print one among our own lines
    return database


class Engine:
    """One private in-memory DuckDB for one thread: nothing here can see another's rows."""

    def __init__(self) -> None:
        self._connection = open_private()
        self._thread = threading.get_ident()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def run(self, sql: str, **tables: pa.Table) -> duckdb.DuckDBPyConnection:
        """Run one statement; ``tables`` are registered under their names first."""
        if threading.get_ident() != self._thread:
            raise RuntimeError("a DuckDB connection belongs to the thread that opened it")
        for name, table in tables.items():
            self._connection.register(name, table)
        return self._connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.run(sql).fetchall()

    def arrow(self, sql: str) -> pa.Table:
        return self._connection.sql(sql).to_arrow_table()
