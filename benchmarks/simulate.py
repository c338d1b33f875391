"""One new policy simulated over everybody, beside the single-enterprise face in a loop, on the synthetic county of ``sql.py``.

``python benchmarks/simulate.py [--sizes 10000 100000 1000000] [--policies 9] [--most-one-by-one 10000]`` takes policies spread over
the fifty, each new to the process: compiled, judged over everybody, totalled, and its rows kept as a simulation keeps them, with town,
size, industry and cluster. The facts are in memory already, as for the second scenario of an afternoon; reading them is ``sql.py``'s and
``match.py``'s affair. Prints a table and writes ``results/simulate.json``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import county
import django
import installation
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import record

from diguan.kernel.rules import judged, sets, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.totals import Totals

WORDS = {"enterprise.town": [f"乡镇{number:02d}" for number in range(25)], "enterprise.size_class": ["大型", "中型", "小型", "微型"],
         "enterprise.industry": ["1311", "1953", "3812", "4030", "6511", "5112"], "enterprise.cluster": ["钟表", "表壳", "湘菜"]}


def grouped(data: Dataset) -> Dataset:
    """The county with what a simulation is broken down by; a twentieth is not known. Seeded."""
    dice, attributes = np.random.default_rng(20261126), data.attributes
    for fact, found in WORDS.items():
        words = np.array(found, dtype=object)[dice.integers(0, len(found), len(data.ids))]
        attributes = attributes.append_column(fact, pa.array(words, pa.string(), mask=dice.random(len(data.ids)) < 0.05))
    return dataclasses.replace(data, attributes=attributes)


def measure(count: int, most_policies: int, plain: bool) -> dict[str, Any]:
    """Each policy simulated once in this process, after one that is not counted; by the plain loop too where that is asked."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:  # the room's models want settings; no database is opened
        os.environ.update(installation.environment(Path(folder)))
        django.setup()
    from diguan.policies.queries.simulations import rows_of

    data, library = grouped(county.dataset(count)), county.library()
    chosen = library[1::max(1, len(library) // most_policies)][:most_policies]
    _once(library[0], data, rows_of)  # what a process pays once: loading Ibis and DuckDB
    before, found = record.peak(reset=True), [_once(policy, data, rows_of) for policy in chosen]
    wrong = [line["policy"] for line in found if not line["adds_up"]]
    if plain:
        wrong += _different(chosen, data)
    walls = [line["seconds"] for line in found]
    return {"enterprises": count, "policies": len(chosen), "median_seconds": round(statistics.median(walls), 3), "longest_seconds": max(walls),
            "median_cpu_seconds": round(statistics.median(line["cpu_seconds"] for line in found), 3), "peak_mib": round(record.peak()), "data_mib": round(before),
            "held_against_plain": plain, "wrong": sorted(set(wrong)), "each": found}


def _once(policy: tree.Policy, data: Dataset, rows_of: Callable[..., pa.Table]) -> dict[str, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    told = sets.judge([policy], data, county.AS_OF)[0]
    rows = rows_of("benchmark", 0, data, told.rows)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"policy": policy.id, "clauses": len(policy.clauses), "rows": len(rows), "seconds": round(wall, 3), "cpu_seconds": round(cpu, 3), "adds_up": _adds_up(rows, told.totals)}


def _adds_up(rows: pa.Table, totals: Totals) -> bool:
    """Whether the totals are the sums of the rows that are kept."""
    sums = [rows.filter(pc.equal(rows.column("status"), status)) for status in (tree.ELIGIBLE, tree.UNDECIDED)]
    told = [(len(part), pc.sum(part.column("amount_fen")).as_py() or 0) for part in sums]
    return told == [(totals.eligible, totals.amount_fen), (totals.unknown, totals.undecided_amount_fen)]


def _different(policies: Sequence[tree.Policy], data: Dataset) -> list[str]:
    """Policies of which a plain loop over the firms says something else."""
    columns = zip(policies, sets.judge(policies, data, county.AS_OF), judged.one_by_one(policies, data, county.AS_OF), strict=True)
    return [policy.id for policy, ours, plain in columns if (ours.totals, ours.rows) != (plain.totals, plain.rows)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--policies", type=int, default=9)
    parser.add_argument("--most-one-by-one", type=int, default=10_000)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=3, type=int, metavar=("COUNT", "POLICIES", "PLAIN"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure[0], given.measure[1], bool(given.measure[2]))))
        return 0
    found = []
    for count in given.sizes:
        line = record.child(__file__, "--measure", count, given.policies, int(count <= given.most_one_by_one))
        found.append(line)
        print(f"{count:>9} enterprises: one new policy {line['median_seconds']:.3f} s median, {line['longest_seconds']:.3f} s longest, {line['median_cpu_seconds']:.3f} CPU s, "
              f"{line['peak_mib']} MiB (data {line['data_mib']}){'; same as one by one' if line['held_against_plain'] else ''}{'; WRONG ' + ' '.join(line['wrong']) if line['wrong'] else ''}", flush=True)
    goals = [record.goal(f"one new policy over {found[-1]['enterprises']} firms, median of {found[-1]['policies']}, seconds", found[-1]["median_seconds"], 0.5)]
    record.write("simulate", goals, given.results, runs=found)
    return 1 if any(line["wrong"] for line in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
