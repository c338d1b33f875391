"""Spark beside DuckDB on one machine: ``python benchmarks/spark.py [--sizes 10000 100000] [--master local[2]]``.

Fifty policies (357 clauses) over a synthetic county (``county.py``), the same compiled expressions on both engines; each size in a
process of its own, Spark once cold and once more in the same session. The files of both runs must be the same bytes. Processor time is
that of Python and Java together. Writes ``results/spark.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import county
import record

from diguan.kernel.rules import runfile, spark

MOST_GROWTH = 1.1


def worked() -> float:
    """Processor seconds of this process and of those it started."""
    told: dict[int, tuple[int, float]] = {}
    tick = os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        told[int(path.parent.name)] = (int(fields[1]), (int(fields[11]) + int(fields[12])) / tick)
    mine = [os.getpid()]
    for pid in mine:
        mine += [child for child, (parent, _) in told.items() if parent == pid]
    return sum(told[pid][1] for pid in mine)


def match(data: Any, face: runfile.Face | None, folder: Path) -> dict[str, Any]:
    """One match with its files."""
    cpu, wall = worked(), time.perf_counter()
    outcome = runfile.match(county.library(), data, county.AS_OF, face=face)
    digest = runfile.write(outcome, folder)
    return {"cpu_seconds": round(worked() - cpu, 2), "seconds": round(time.perf_counter() - wall, 2), "found": len(outcome.rows), "digest": digest}


def measure(count: int, master: str) -> dict[str, Any]:
    """DuckDB, Spark cold (with its start), Spark again."""
    data = county.dataset(count)
    face = spark.face(master)
    with tempfile.TemporaryDirectory(prefix="diguan-spark-bench-") as name:
        return {way: match(data, asked, Path(name) / way) for way, asked in (("duckdb", None), ("spark_cold", face), ("spark", face))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--master", default=spark.MASTER)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=2, metavar=("COUNT", "MASTER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(int(given.measure[0]), given.measure[1])))
        return 0
    try:
        spark.check()
    except spark.Unusable as missing:
        print(missing)
        return 2
    found = []
    for count in given.sizes:
        line = record.child(__file__, "--measure", count, given.master)
        same = len({line[way]["digest"] for way in line}) == 1
        found.append({"enterprises": count, **line, "same": same})
        print(f"{count:>9} firms: " + "; ".join(f"{way} {line[way]['cpu_seconds']:.1f} CPU s ({line[way]['seconds']:.1f} s)" for way in line)
              + f"; {'same bytes' if same else 'DIFFERENT'}", flush=True)
    goals = [record.goal("runs on Spark whose files are not DuckDB's bytes", sum(not line["same"] for line in found), 0)]
    if len(found) > 1:
        first, last = found[0], found[-1]
        growth = last["spark"]["cpu_seconds"] / first["spark"]["cpu_seconds"] / (last["enterprises"] / first["enterprises"])
        goals.append(record.goal("growth of Spark from the smallest size to the largest, as a multiple of linear", growth, MOST_GROWTH))
    record.write("spark", goals, given.results, master=given.master, pyspark=version("pyspark"), java=spark.java_version(), policies=county.POLICIES, clauses=county.CLAUSES,
                 as_of=county.AS_OF.isoformat(), runs=found)
    return 0 if all(line["same"] for line in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
