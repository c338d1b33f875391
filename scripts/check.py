"""Runs every check of the project, one part after another (the browser beside PostgreSQL), and says at the end what held and what was skipped.

``check.py`` runs all; ``check.py lint sqlite`` runs those parts. A part whose component is absent is skipped with its
reason; with ``CI=true`` it fails instead, for a check that did not run proves nothing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = [str(BIN / "pytest"), "-q", "-p", "no:cacheprovider"]
SPREAD = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"] if (os.cpu_count() or 1) > 1 else []

UNSAID = {"DIGUAN_DATABASE_URL", "PYTHONDONTWRITEBYTECODE"}
"""What no part inherits: the county's own database, and the wish to compile every module anew in each of a hundred processes."""


@dataclass(frozen=True)
class Part:
    """One check: its name, its command, why it cannot run here (``None`` when it can), and whether it runs beside the one before.

    A browser waits much and works little: beside another part it fills the processors.
    """

    name: str
    command: list[str]
    absent: Callable[[], str | None] = lambda: None
    beside: bool = False


def no_postgres() -> str | None:
    """Why the PostgreSQL part cannot run."""
    spec = importlib.util.spec_from_file_location("postgres", ROOT / "scripts" / "postgres.py")
    assert spec is not None
    assert spec.loader is not None
    postgres = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(postgres)
    return None if postgres.server_programs() else "PostgreSQL server programs not found (Debian: apt-get install postgresql)"


def no_browser() -> str | None:
    """Why the browser part cannot run."""
    named = os.environ.get("DIGUAN_CHROMIUM", "")
    if named and Path(named).exists():
        return None
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return None
    return "Chromium not found (Debian: apt-get install chromium fonts-noto-cjk)"


PARTS = [
    Part("lint", [str(BIN / "ruff"), "check", "--quiet", "--no-cache"]),
    Part("types", [str(BIN / "mypy"), "--no-error-summary"]),
    Part("borders", [str(BIN / "lint-imports"), "--no-cache"]),
    Part("sqlite", [*PYTEST, *SPREAD, "-m", "not browser"]),
    Part(
        "postgresql",
        [sys.executable, "scripts/postgres.py", *PYTEST, *SPREAD, "-m", "not browser and not one_database"],
        no_postgres,
    ),
]
if any((ROOT / "tests" / "browser").glob("test_*.py")):  # the part arrives with the first page
    PARTS.append(Part("browser", [*PYTEST, "-m", "browser", "tests/browser"], no_browser, beside=True))


@dataclass
class Running:
    """A part that was started; ``log`` holds what it says until it is its turn to be shown."""

    part: Part
    begun: float
    process: subprocess.Popen[bytes] | None
    log: IO[bytes] | None = None
    reason: str = ""


def start(part: Part, *, hidden: bool) -> Running:
    """Starts one part, or says why it cannot run; with ``hidden`` it speaks into a file."""
    if not hidden:
        print(f"\n── {part.name} " + "─" * (60 - len(part.name)), flush=True)
    reason = part.absent() or ""
    if reason:
        return Running(part, time.monotonic(), None, reason=reason)
    environment = {name: value for name, value in os.environ.items() if name not in UNSAID}
    log = tempfile.TemporaryFile() if hidden else None  # noqa: SIM115 (read and closed once the part is done)
    process = subprocess.Popen(part.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return Running(part, time.monotonic(), process, log)


def finish(running: Running, *, strict: bool) -> tuple[str, str, float]:
    """Waits for a part. Returns its name, its outcome in a word or a sentence, and its seconds."""
    name = running.part.name
    if running.process is None:
        return name, f"FAILED: {running.reason}" if strict else f"skipped: {running.reason}", 0.0
    code = running.process.wait()
    seconds = time.monotonic() - running.begun
    if running.log is not None:
        print(f"\n── {name} " + "─" * (60 - len(name)), flush=True)
        running.log.seek(0)
        shutil.copyfileobj(running.log, sys.stdout.buffer)
        sys.stdout.flush()
    return name, "ok" if code == 0 else f"FAILED (exit {code})", seconds


def run(parts: Sequence[Part], *, strict: bool) -> list[tuple[str, str, float]]:
    """Runs parts one after another, those marked so beside the one before."""
    outcomes: list[tuple[str, str, float]] = []
    while parts:
        first, *rest = parts
        count = next((at for at, part in enumerate(rest) if not part.beside), len(rest))
        started = [start(first, hidden=False), *(start(part, hidden=True) for part in rest[:count])]
        outcomes += [finish(running, strict=strict) for running in started]
        parts = rest[count:]
    return outcomes


def main(wanted: list[str]) -> int:
    """Runs the wanted parts (all when none is named); 0 when none failed."""
    unknown = set(wanted) - {part.name for part in PARTS}
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; parts: {', '.join(part.name for part in PARTS)}", file=sys.stderr)
        return 2
    strict = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    outcomes = run([part for part in PARTS if not wanted or part.name in wanted], strict=strict)
    print("\n── summary " + "─" * 53)
    for name, outcome, seconds in outcomes:
        print(f"{name:<11} {seconds:6.1f} s  {outcome}")
    return 1 if any(outcome.startswith("FAILED") for _, outcome, _ in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
