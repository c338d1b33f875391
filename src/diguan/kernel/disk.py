"""What must outlive a power cut."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def flush(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def secret(path: Path, text: str) -> str:
    """What a file that only we may read holds; where it is not there yet, ``text`` is written first.

    Two processes may do so at once: it is written aside and linked into place, so that the first wins and both read the same.
    """
    if not path.exists():
        handle, aside = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        Path(aside).unlink()
        flush(path.parent)
    return path.read_text(encoding="ascii").strip()
