"""How every DuckDB of this installation is opened: in memory, private to who opened it, bounded, and offline."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import duckdb

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
