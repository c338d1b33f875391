"""How every DuckDB of this installation is opened: in memory, bounded, offline, one database a process and a connection of its own for each use.

To open a database takes fifteen milliseconds of a processor, a connection to an open one a third of one. What a
connection makes is temporary and so its own: no other connection sees it, and it is gone when the connection is closed.
"""

from __future__ import annotations

import atexit
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


class _Process:
    """The database of this process, opened when it is first needed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.database: duckdb.DuckDBPyConnection | None = None
        self.spill: Path | None = None
        self.left: list[object] = []

    def forked(self) -> None:
        """A child has none of the threads of its parent's database: it leaves that one alone, not even closing it."""
        self.left.append(self.database)
        self.lock, self.database = threading.Lock(), None

    def connection(self) -> duckdb.DuckDBPyConnection:
        with self.lock:
            if self.database is not None:
                try:
                    return _quiet(self.database.cursor())
                except duckdb.Error:  # after a fault of its own a database answers nobody any more
                    self.database = None
            self.database = duckdb.connect(":memory:", config={
                "memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(self._spill()),
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
                "preserve_insertion_order": "true"})
            return _quiet(self.database.cursor())

    def close(self) -> None:
        """At the end of the process: left to the interpreter, DuckDB complains on stderr of what was not given back."""
        if self.database is not None:
            self.database.close()
            self.database = None

    def _spill(self) -> Path:
        """A name of its own: two processes that spill into one folder would write over each other."""
        folder = self.spill or Path(tempfile.gettempdir())
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"diguan-{secrets.token_hex(8)}"


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("SET enable_progress_bar = false")  # after two seconds it would print one among our own lines
    return connection


_process = _Process()
os.register_at_fork(after_in_child=_process.forked)
atexit.register(_process.close)


def spill_into(folder: Path) -> None:
    """Where what does not fit the memory goes from the next opening on; DuckDB makes its folder when it needs it and takes it away."""
    _process.spill = folder


def open_private() -> duckdb.DuckDBPyConnection:
    """A connection of its own: whoever uses it closes it, and makes nothing in it that is not ``TEMP``."""
    return _process.connection()


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
