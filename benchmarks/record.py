"""What every benchmark shares: measuring a process, telling the machine, writing one result beside its goal."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results"
_PARTS = ("django", "duckdb", "granian", "ibis-framework", "pyarrow", "python-calamine")


def machine() -> dict[str, Any]:
    """Where and with what it was measured; ``busy`` is the load of the last minute before, a quiet box has about 0."""
    return {"processors": os.cpu_count(), "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "system": f"{platform.system()} {platform.machine()}", "python": platform.python_version(), "busy": round(os.getloadavg()[0], 2),
            **{name: version(name) for name in _PARTS}}


def commit() -> str:
    """The commit that was measured; ``+`` where files differed from it."""
    def ask(*words: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False).stdout.strip()
    return ask("rev-parse", "--short", "HEAD") + ("+" if ask("status", "--porcelain", "--", "src", "benchmarks/*.py") else "")


def goal(words: str, figure: float, most: float) -> dict[str, Any]:
    """A goal that a figure shall not pass; where it does, by how much."""
    return {"goal": words, "most": most, "figure": round(figure, 3), "met": figure <= most, **({} if figure <= most else {"over": f"{(figure / most - 1) * 100:.0f} %" if most else str(figure)})}


def write(name: str, goals: Sequence[dict[str, Any]], folder: Path | None = None, **found: Any) -> Path:
    """Write ``results/NAME.json`` and print how the goals stand."""
    path = (folder or RESULTS) / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    document = {"benchmark": name, "measured": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "commit": commit(),
                "machine": machine(), "goals": list(goals), **found}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for one in goals:
        print(f"  {'met   ' if one['met'] else 'MISSED'} {one['goal']}: {one['figure']} (at most {one['most']}{', over by ' + one['over'] if 'over' in one else ''})", flush=True)
    return path


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(seconds)
    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2)
    return {"p50_ms": at(0.50), "p95_ms": at(0.95), "p99_ms": at(0.99), "most_ms": round(ordered[-1] * 1000, 2), "count": len(ordered)}


def peak(*, reset: bool = False) -> float:
    """MiB at most in memory since the last reset; on Linux only a reset forgets what making the data took."""
    marks = Path("/proc/self/clear_refs")
    if reset and marks.exists():
        marks.write_text("5", "utf-8")
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line.split()[1] for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(script: str, *arguments: object, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a measurement in a process of its own; its last line is JSON.

    Raises:
        RuntimeError: it failed; its words are in the error.
    """
    done = subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise RuntimeError(f"{script} {arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
