"""The set face beside the single-enterprise face in a loop, on synthetic enterprises in growing numbers.

``python benchmarks/match.py [--sizes 1000 10000 …] [--most-one-by-one 10000]`` judges the shipped policies over 30 months
of facts, each measurement in a process of its own; checks that both faces give the same bytes; prints a table and
writes ``results/match.json``. Ratios are within one run on one machine; seconds elsewhere mean little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import record

from diguan.kernel import packs, periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.rules import document, judged, runfile, sets, tree
from diguan.kernel.rules.dataset import Dataset, Key

AS_OF = dt.date(2026, 6, 30)
FACES = {"sets": sets.judge, "one by one": judged.one_by_one}
MONTHS = list(periods.within(dt.date(2024, 1, 1), AS_OF, "month"))
MONEY = [0, 99_999_99, 100_000_00, 1_000_000_00, 3_330_000_01, 5_000_000_00]


def policies() -> list[tree.Policy]:
    found: list[tree.Policy] = []
    for folder in packs.files("policies"):
        found += document.load_folder(folder, packs.catalogue(), packs.codes())[0]
    return found


def dataset(count: int, library: Sequence[tree.Policy]) -> Dataset:
    """Enterprises with a third of their months told, a few of them absent; coverage with holes. Seeded."""
    dice = np.random.default_rng(20260630)
    facts = sorted({fact.name: fact for policy in library for fact in policy.facts}.values(), key=lambda fact: fact.name)
    dated = [fact for fact in facts if fact.period != "none"]
    keys = tuple(Key(2 * at + value, fact.name, month.start, month.end, bool(value)) for at, (fact, month, value) in enumerate(
        (fact, month, value) for fact in dated for month in MONTHS for value in (0, 1)))
    attributes = {fact.name: attribute(fact, count, dice) for fact in facts if fact.period == "none"}
    coverage = {fact.name: tuple(month for place, month in enumerate(MONTHS) if (place + at) % 11 and at % 4 != 3)
                for at, fact in enumerate(dated)}
    coverage |= dict.fromkeys(list(attributes)[::2], (periods.ALL,))
    ids = tuple(f"91430421MA{number:08d}" for number in range(count))
    wide = pa.table({"ent": pa.array(np.arange(count, dtype=np.int32)), **attributes})
    return Dataset(ids=ids, attributes=wide, rows=rows(count, dated, keys, dice), keys=keys, coverage=coverage, catalogue=packs.catalogue())


def rows(count: int, dated: Sequence[FactSpec], keys: Sequence[Key], dice: np.random.Generator) -> pa.Table:
    found = []
    for at, fact in enumerate(dated):
        ent, month = np.nonzero(dice.random((count, len(MONTHS)), dtype=np.float32) < 0.35)
        value = dice.random(len(ent), dtype=np.float32) < 0.97
        number = np.array(MONEY)[dice.integers(0, len(MONEY), len(ent))] if fact.type == "money" else dice.integers(0, 60, len(ent))
        # A key's number is twice its place among all keys, and one more for a value.
        key = 2 * (2 * (at * len(MONTHS) + month) + value) + value
        found.append((ent.astype(np.int32), key.astype(np.int32), number, value))
    ent, key, number, value = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((key, ent))
    return pa.table({"ent": ent[order], "key": key[order], "num": pa.array(number[order], mask=~value[order]),
                     "text": pa.nulls(len(ent), pa.string()), "top": pa.array(np.ones(len(ent), dtype=bool))})


def attribute(fact: FactSpec, count: int, dice: np.random.Generator) -> pa.Array:
    gone = dice.random(count) < 0.05
    if fact.type in ("bool", "date"):
        return pa.array(dice.integers(0, 2, count) if fact.type == "bool" else dice.integers(15_000, 20_600, count), pa.int64(), mask=gone)
    words = {"region": ["430421"] * 9 + ["430422"], "industry": ["1311", "1953", "3812", "4030", "6511", "5112"]}
    return pa.array(np.array(words.get(fact.type, ["在产", "存续", "停产"]), dtype=object)[dice.integers(0, len(words.get(fact.type, "abc")), count)], pa.string(), mask=gone)


def measure(face: str, count: int) -> dict[str, Any]:
    """One match in this process: seconds, CPU seconds, memory before and at most, and the digest of what it gives."""
    library = policies()
    data = dataset(count, library)
    before = record.peak(reset=True)
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = runfile.match(library, data, AS_OF, face=FACES[face])
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    sink = pa.BufferOutputStream()
    pq.write_table(outcome.rows, sink)
    totals = json.dumps([vars(total) for total in outcome.totals], sort_keys=True).encode()
    return {"face": face, "enterprises": count, "rows": len(data.rows), "found": len(outcome.rows), "cpu_seconds": round(cpu, 3),
            "seconds": round(wall, 3), "peak_mib": round(record.peak()), "data_mib": round(before),
            "digest": hashlib.sha256(sink.getvalue().to_pybytes() + totals).hexdigest()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 300_000])
    parser.add_argument("--most-one-by-one", type=int, default=10_000)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=2, metavar=("FACE", "COUNT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure[0], int(given.measure[1]))))
        return 0
    found, wrong = [], 0
    for count in given.sizes:
        line = record.child(__file__, "--measure", "sets", count)
        peer = record.child(__file__, "--measure", "one by one", count) if count <= given.most_one_by_one else None
        wrong += peer is not None and peer["digest"] != line["digest"]
        before = found[-1]["sets"] if found else None
        growth = before and round(line["cpu_seconds"] / before["cpu_seconds"] / (count / before["enterprises"]), 3)
        ratio = peer and round(peer["cpu_seconds"] / line["cpu_seconds"], 1)
        found.append({"sets": line, "one_by_one": peer, "ratio": ratio, "growth_per_linear": growth})
        print(f"{count:>9} enterprises {line['rows']:>9} rows: sets {line['cpu_seconds']:>7.2f} CPU s, {line['peak_mib']:>6} MiB (data {line['data_mib']})"
              + (f"; one by one {peer['cpu_seconds']:.2f} CPU s = {ratio}×, {'same bytes' if peer['digest'] == line['digest'] else 'DIFFERENT'}" if peer else "")
              + (f"; growth {growth} × linear" if growth else ""), flush=True)
    growth = next((line["growth_per_linear"] for line in reversed(found) if line["growth_per_linear"]), None)
    goals = [record.goal("growth of the last step, as a multiple of linear", growth, 1.1)] if growth else []
    record.write("match", goals, given.results, policies=len(policies()), as_of=AS_OF.isoformat(), runs=found)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
