"""Runs every check of the project, one part after another, and says at the end what held and what was skipped.

``check.py`` runs all; ``check.py lint sqlite`` runs those parts. A part whose component is absent is skipped with its
reason; with ``CI=true`` it fails instead, for a check that did not run proves nothing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = [str(BIN / "pytest"), "-q", "-p", "no:cacheprovider"]
SPREAD = ["-n", "2", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 else []


@dataclass(frozen=True)
class Part:
    """One check: its name, its command, and why it cannot run here (``None`` when it can)."""

    name: str
    command: list[str]
    absent: Callable[[], str | None] = lambda: None


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
    PARTS.append(Part("browser", [*PYTEST, "-m", "browser", "tests/browser"], no_browser))


def run(part: Part, *, strict: bool) -> tuple[str, float]:
    """Runs one part. Returns its outcome in a word or a sentence, and its seconds."""
    print(f"\n── {part.name} " + "─" * (60 - len(part.name)), flush=True)
    begun = time.monotonic()
    reason = part.absent()
    if reason:
        return (f"FAILED: {reason}" if strict else f"skipped: {reason}"), 0.0
    environment = {name: value for name, value in os.environ.items() if name != "DIGUAN_DATABASE_URL"}
    code = subprocess.run(part.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    return ("ok" if code == 0 else f"FAILED (exit {code})"), time.monotonic() - begun


def main(wanted: list[str]) -> int:
    """Runs the wanted parts (all when none is named); 0 when none failed."""
    unknown = set(wanted) - {part.name for part in PARTS}
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; parts: {', '.join(part.name for part in PARTS)}", file=sys.stderr)
        return 2
    strict = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    outcomes = [(part.name, *run(part, strict=strict)) for part in PARTS if not wanted or part.name in wanted]
    print("\n── summary " + "─" * 53)
    for name, outcome, seconds in outcomes:
        print(f"{name:<11} {seconds:6.1f} s  {outcome}")
    return 1 if any(outcome.startswith("FAILED") for _, outcome, _ in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
