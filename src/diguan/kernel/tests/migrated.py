"""An SQLite database of today's schema, made by its migrations once and copied: each test process had made it anew, eight seconds of work.

It is kept in the system's temporary folder under a digest of every migration; one more migration is another database.
What runs `migrate` on a copy finds nothing to do, and does it.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django

import diguan

MAKE = "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0); from django.db import connections; connections.close_all()"
MOST = 8
"""So many are kept: those of a few checkouts side by side."""


@functools.cache
def database() -> Path:
    """The file; made here where nobody has yet."""
    kept = Path(tempfile.gettempdir()) / f"diguan-migrated-{os.getuid()}"
    kept.mkdir(mode=0o700, exist_ok=True)
    found = kept / f"{_digest()}.sqlite3"
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            _make(found)
            for old in sorted(kept.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-MOST]:
                old.unlink()
        os.utime(found)
    return found


def into(data: Path) -> Path:
    """A data folder whose database stands at today's schema."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(database(), data / "db.sqlite3")
    return data


def _make(found: Path) -> None:
    with tempfile.TemporaryDirectory(dir=found.parent) as folder:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DIGUAN_", "DJANGO_"))}
        subprocess.run([sys.executable, "-W", "ignore", "-c", MAKE], check=True,
                       env={**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "DIGUAN_DATA": folder, "DJANGO_SETTINGS_MODULE": "diguan.site.settings"})
        (Path(folder) / "db.sqlite3").replace(found)


def _digest() -> str:
    made = hashlib.sha256(django.get_version().encode())
    root = Path(diguan.__file__).parent
    for path in sorted(root.glob("*/migrations/*.py")):
        made.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return made.hexdigest()[:20]
