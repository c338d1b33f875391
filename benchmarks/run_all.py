"""Every benchmark, one after another: ``python benchmarks/run_all.py [--only sql load] [--quick] [--demo FOLDER]``.

Writes ``results/*.json`` and the table of ``docs/scale.md``, which says what the result files say. The whole takes
about forty minutes on two processors, twenty of them the load; ``--quick`` is for a look (small sizes, 30 seconds of load), and
writes into ``results/quick`` without touching the table. ``--table`` writes the table anew from the files that are there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import record

HERE = Path(__file__).parent
PAGE = record.ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- written by benchmarks/run_all.py -->\n", "<!-- end -->\n"
ORDER = ("match", "sql", "peers", "spark", "simulate", "allocation", "dossier", "imports", "listing", "stages", "cases", "case_api", "caselist", "mining", "planning", "regio", "lookup", "board", "trip", "indicators", "cockpit", "load")
DEMO = {"dossier", "cockpit", "load"}
"""What is measured over the demo county."""
QUICK: dict[str, list[str]] = {"match": ["--sizes", "1000", "10000"], "sql": ["--sizes", "10000", "100000"], "peers": ["--sizes", "10000"], "spark": ["--sizes", "10000"], "simulate": ["--sizes", "10000"], "allocation": ["--sizes", "1000", "10000"], "dossier": ["--county", "5000", "--firms", "100"],
                               "imports": ["--rows", "5000"], "listing": ["--enterprises", "5000", "--rounds", "3"],
                               "stages": ["--cases", "3"], "cases": ["--cases", "4", "--peer-cases", "20"], "case_api": ["--cases", "4"], "caselist": ["--cases", "50000", "--rounds", "3"], "mining": ["--events", "8500", "--large", "20"], "planning": ["--flows", "8", "--plain", "50"], "regio": ["--sectors", "153", "--counties", "300", "--shapes", "226x785", "--firms", "5000", "--transport", "50x100"], "lookup": ["--firms", "20000", "--rounds", "3"], "board": ["--projects", "200", "--rounds", "3"], "trip": ["--seeds", "3"], "indicators": ["--sizes", "1259"], "cockpit": ["--rounds", "3"], "load": ["--seconds", "30"]}


def run(name: str, quick: bool, demo: Path, results: Path) -> int:
    """One benchmark; its exit code."""
    more = ["--demo", str(demo)] if name in DEMO else []
    print(f"── {name} ", "─" * 50, flush=True)
    begun = time.monotonic()
    done = subprocess.run([sys.executable, str(HERE / f"{name}.py"), "--results", str(results), *more, *(QUICK[name] if quick else [])], check=False)
    print(f"  {time.monotonic() - begun:.0f} s{'' if done.returncode == 0 else f', FAILED with {done.returncode}'}", flush=True)
    return done.returncode


def table() -> str:
    """The goals of every result file, as a table in Markdown."""
    lines = ["| benchmark | goal | measured | at most | |", "|---|---|---|---|---|"]
    for name in ORDER:
        path = record.RESULTS / f"{name}.json"
        found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        lines += [f"| [{name}](../benchmarks/results/{name}.json) | {one['goal']} | {one['figure']:g} | {one['most']:g} | {'met' if one['met'] else 'missed by ' + one['over']} |"
                  for one in found.get("goals", ())]
    return "\n".join(lines) + "\n" + _conditions()


def _conditions() -> str:
    """When and where each was measured; a box that was not idle is marked."""
    said = []
    for name in ORDER:
        path = record.RESULTS / f"{name}.json"
        found = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if "goals" in found:
            machine = found["machine"]
            busy = f", load average {machine['busy']} at its start" if machine["busy"] > 1 and name != "load" else ""
            said.append(f"{name} {found['measured'][:10]} at {found['commit']}{busy}")
    last = machine if said else {}
    return f"\nMeasured: {'; '.join(said)}.\nMachine: {last.get('processors')} processors, {last.get('memory_gib')} GiB, {last.get('system')}, Python {last.get('python')}, DuckDB {last.get('duckdb')}.\n"


def write_table() -> None:
    """Put the table into the page."""
    text = PAGE.read_text("utf-8")
    head, rest = text.split(BEGIN)
    PAGE.write_text(head + BEGIN + table() + END + rest.split(END)[1], "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=ORDER, default=ORDER)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table", action="store_true", help="only write the table of docs/scale.md")
    parser.add_argument("--demo", type=Path, help="a folder with the demo county on SQLite; made aside where none is given")
    given = parser.parse_args()
    if given.table:
        write_table()
        return 0
    results = record.RESULTS / "quick" if given.quick else record.RESULTS
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        needed = DEMO & set(given.only)
        demo = given.demo or (installation.demo(Path(folder) / "demo") if needed else Path(folder))
        codes = [run(name, given.quick, demo, results) for name in given.only]
    if not given.quick:
        write_table()
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
