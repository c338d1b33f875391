"""Snapshots of indicators: ``python benchmarks/indicators.py [--sizes 1259 50000] [--months 36] [--facts 60] [--no-spark]``.

A county of so many firms with monthly facts; 60 indicators of facts by four breakdowns, besides the shipped ones. Each size is a process of its own. It takes a
snapshot the first time in its process, from the deliveries on: what they say together (the projection) is made once whoever asks first and is told apart. The
peer is one plain SQL query for each indicator and breakdown over the same file, as one would first write it; every sum must be equal. On Spark the same
snapshot must have the same bytes. Writes ``results/indicators.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import record

SMALL, LARGE, ROWS = 5.0, 60.0, 50_000 * 36 * 60
MEMORY = 4096
BY = ("cluster", "town", "park", "industry")
FACT = "- {{name: bench.f{number:02}, type: money, unit: 元, period: month, non_negative: true, title: {{zh: 测速{number}, en: Bench {number}}}, sources: [tax_bureau]}}\n"
INDICATOR = """- code: bench.i{number:02}
  effective_from: 2020-01-01
  title: {{zh: 测速{number}, en: Bench {number}}}
  definition: {{zh: 测速, en: Bench}}
  scope: department
  owner: {{zh: 税务局, en: Tax bureau}}
  source: {{zh: 表, en: Sheet}}
  fact: {fact}
  by: [cluster, town, park, industry]
"""


def pack(folder: Path, facts: int) -> list[str]:
    """A pack that brings the facts up to so many and an indicator of each; answers with their names."""
    from diguan.kernel import packs

    known = [spec.name for spec in packs.catalogue().values() if spec.period == "month" and spec.stored_as == "num" and spec.sources and spec.subject == "enterprise"][:facts]
    made = [f"bench.f{number:02}" for number in range(facts - len(known))]
    folder.mkdir()
    (folder / "facts.yaml").write_text("".join(FACT.format(number=number) for number in range(len(made))), "utf-8")
    (folder / "indicators.yaml").write_text("".join(INDICATOR.format(number=at, fact=name) for at, name in enumerate([*known, *made])), "utf-8")
    return [*known, *made]


def measure(firms: int, months: int, facts: int, spark: bool) -> dict[str, Any]:
    """Seconds and memory of a first snapshot, of the peer, and whether both say the same."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as name:
        folder = Path(name)
        names = pack(folder / "pack", facts)
        os.environ["DIGUAN_PACKS"] = f"base,hengyang,{folder / 'pack'}"
        installation.start(folder)
        from diguan.indicators.actions.snapshots import take_snapshot
        from diguan.indicators.queries import snapshots
        from diguan.kernel import packs
        from diguan.kernel.facts import batches, projections

        codes = installation.register(firms)
        clerk = installation.people(codes[:2])["clerk"]
        rows = installation.deliver(codes, months, facts, clerk)
        begun = time.perf_counter()
        take_register(clerk)
        projections.projection([row for row in batches.visible_batches() if row.subject == "enterprise"], packs.catalogue())
        projected = time.perf_counter() - begun
        before, cpu, begun = record.peak(reset=True), time.process_time(), time.perf_counter()
        run = take_snapshot(by=clerk)
        wall, cpu, most = time.perf_counter() - begun, time.process_time() - cpu, record.peak()
        begun = time.perf_counter()
        plain = by_hand(names)
        peer = time.perf_counter() - begun
        cells = snapshots.all_cells(run)
        ours = {(code, dim, group, period): cell.num for (code, dim, group), each in cells.items() if code.startswith("bench.") for period, cell in each.items() if cell.num is not None}
        assert ours, "no figure at all"
        wrong = [key for key, num in ours.items() if plain.get(key) != num]
        assert not wrong, wrong[:5]
        found = {"firms": firms, "rows": rows, "cells": run.rows, "seconds": round(wall, 3), "cpu_seconds": round(cpu, 3), "peak_mib": round(most), "data_mib": round(before), "projection_seconds": round(projected, 2),
                 "peer_seconds": round(peer, 3), "compared": len(ours)}
        return {**found, **(on_spark(clerk, run) if spark else {})}


def take_register(clerk: Any) -> None:
    """The register says what it knows, as every snapshot begins."""
    from diguan.enterprises import queries
    from diguan.kernel import clocks
    from diguan.kernel.facts import store

    store.export_records(queries.attribute_rows(clocks.today()), subjects=queries.subject_ids(), by=clerk, as_of=clocks.today())


def by_hand(names: list[str]) -> dict[tuple[str, str, str, str], int]:
    """The peer: one query an indicator and breakdown, over the file that holds one value a key."""
    import duckdb
    from django.conf import settings

    from diguan.kernel import duck

    path = max((Path(settings.DIGUAN_DATA) / "projections").glob("*/facts.parquet"), key=lambda each: each.stat().st_mtime)
    found: dict[tuple[str, str, str, str], int] = {}
    db = duckdb.connect(config={"threads": duck.THREADS, "memory_limit": duck.MEMORY})
    db.execute(f"CREATE VIEW told AS SELECT * FROM read_parquet('{path}')")
    for dim in BY:
        cut = "substr(text, 1, 2)" if dim == "industry" else "text"
        db.execute(f"CREATE TABLE {dim} AS SELECT subject_id, max({cut}) AS grp FROM told WHERE fact = 'enterprise.{dim}' AND state = 'value' GROUP BY 1")
    for at, name in enumerate(names):
        code = f"bench.i{at:02}"
        for period, num in db.execute("SELECT period, sum(num) FROM told WHERE fact = ? AND state = 'value' GROUP BY 1", [name]).fetchall():
            found[code, "", "", period] = int(num)
        for dim in BY:
            for grp, period, num in db.execute(f"SELECT coalesce(grp, ''), period, sum(num) FROM told LEFT JOIN {dim} USING (subject_id) WHERE fact = ? AND state = 'value' GROUP BY 1, 2", [name]).fetchall():
                found[code, dim, grp, period] = int(num)
    return found


def on_spark(clerk: Any, run: Any) -> dict[str, Any]:
    """The same snapshot on Spark: its seconds, and whether its bytes are the same."""
    import shutil

    from diguan.indicators.actions.snapshots import take_snapshot
    from diguan.kernel.rules import spark

    digest = run.result_sha256
    try:
        engine = spark.summing()
    except spark.Unusable as missing:
        return {"spark": str(missing)}
    shutil.rmtree(run.folder)  # else it would be found and not computed again
    begun = time.perf_counter()
    again = take_snapshot(by=clerk, summing=engine)
    from diguan.kernel.rules import runfile

    same = runfile.digest_of(again.folder, runfile.files_of("snapshot")) == digest
    assert same, "Spark gives other bytes"
    return {"spark_seconds": round(time.perf_counter() - begun, 2), "spark_same": same}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_259, 50_000])
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--facts", type=int, default=60)
    parser.add_argument("--no-spark", action="store_true")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.months, given.facts, not given.no_spark), ensure_ascii=False))
        return 0
    more = ["--months", given.months, "--facts", given.facts, *(["--no-spark"] if given.no_spark else [])]
    found = [record.child(__file__, "--measure", size, *more) for size in given.sizes]
    for one in found:
        print(f"{one['firms']:>8} firms, {one['rows']:>11} rows: {one['seconds']:.2f} s, {one['peak_mib']} MiB; projection {one['projection_seconds']} s; one query each {one['peer_seconds']:.2f} s; Spark {one.get('spark_seconds', one.get('spark', '–'))}", flush=True)
    goals = []
    for one in found:
        large = one["rows"] >= ROWS
        goals.append(record.goal(f"snapshot of {given.facts} indicators, {given.months} months, 4 breakdowns, {one['firms']} firms, s", one["seconds"], LARGE if large else SMALL))
        goals += [record.goal(f"memory of a snapshot over {one['rows']} rows, MiB", one["peak_mib"], MEMORY)] if large else []
    record.write("indicators", goals, given.results, sizes=found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
