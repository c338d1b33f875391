"""Matching beside hand-written SQL on the same engine: ``python benchmarks/sql.py [--sizes 100000 1000000] [--times 1]``.

Fifty policies (357 clauses) over a synthetic county (``county.py``) by the set face and by the two hand-written forms
of ``hand_sql.py``, each in a process of its own with the same memory limit and threads; all three give the same rows
and totals (one digest), three-valued. Writes ``results/sql.json``. CPU seconds are compared: they hold on a shared box.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from typing import Any, Self

import county
import hand_sql
import pyarrow as pa
import pyarrow.parquet as pq
import record

from diguan.kernel import duck
from diguan.kernel.rules import runfile
from diguan.kernel.rules.judged import ROWS
from diguan.kernel.rules.totals import Totals

WAYS = ("ours", "wide", "joined")
MOST_RATIO, MOST_MEMORY, MOST_GROWTH = 1.2, 4096, 1.1


def ours(count: int) -> dict[str, Any]:
    """The set face, from the data as the rules read them to rows and totals."""
    library, data = county.library(), county.dataset(count)
    with Clock() as clock:
        outcome = runfile.match(library, data, county.AS_OF)
    return clock.told(outcome.rows.drop_columns(["run_id", "policy_version"]), outcome.totals)


def by_hand(form: str, count: int) -> dict[str, Any]:
    """One form of the hand-written SQL, from the same data in Arrow to the same rows and totals."""
    policies, firms, told = county.plain(), county.attributes(count), county.rows(count)
    names = pa.array([f"91430421MA{number:08d}" for number in range(count)], pa.string())
    with Clock() as clock:
        parts, totals = [], []
        with duck.open_private() as db:
            db.register("given_firms", firms)
            db.register("given_told", told)
            db.execute("CREATE TEMP TABLE firms AS SELECT * FROM given_firms")
            db.execute("CREATE TEMP TABLE told AS SELECT * FROM given_told")
            features, judged = hand_sql.statements(policies, form)
            for statement in features:
                db.execute(statement)
            for policy, (name, statement) in zip(policies, judged, strict=True):
                db.execute(statement)
                total = Totals(name, "1", first_false=[0] * len(policy.clauses), still_unknown=[0] * len(policy.clauses))
                for code, near, found, fen, unknown in db.execute(hand_sql.TOTALS).fetchall():
                    total.tally(code, near, found, fen, unknown)
                totals.append(total)
                rows = db.sql(hand_sql.SPARSE).to_arrow_table().cast(ROWS)
                parts.append(pa.table({"policy_id": pa.repeat(pa.scalar(name, pa.string()), len(rows)), "enterprise_id": names.take(rows["ent"].combine_chunks()),
                                       **{column: rows[column] for column in ROWS.names[1:]}}))
        table = pa.concat_tables(parts).combine_chunks()
    return clock.told(table, totals)


class Clock:
    """Seconds, CPU seconds and memory of a block; memory that making the data took is not counted but for what is still held."""

    def __enter__(self) -> Self:
        self.before = record.peak(reset=True)
        self.cpu, self.wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
        self.cpu, self.wall, self.most = time.process_time() - self.cpu, time.perf_counter() - self.wall, record.peak()

    def told(self, rows: pa.Table, totals: Any) -> dict[str, Any]:
        """The figures, and the digest of what was given."""
        sink = pa.BufferOutputStream()
        pq.write_table(rows.replace_schema_metadata(None), sink)
        said = json.dumps([vars(total) for total in totals], sort_keys=True).encode()
        return {"cpu_seconds": round(self.cpu, 3), "seconds": round(self.wall, 3), "peak_mib": round(self.most), "data_mib": round(self.before), "found": len(rows),
                "eligible": sum(total.eligible for total in totals), "undecided": sum(total.unknown for total in totals),
                "digest": hashlib.sha256(sink.getvalue().to_pybytes() + said).hexdigest()}


def measure(way: str, count: int) -> dict[str, Any]:
    """One way in this process."""
    return ours(count) if way == "ours" else by_hand(way, count)


def compare(count: int, times: int) -> dict[str, Any]:
    """All ways over one county, turn by turn; of several turns the fastest of each."""
    turns = [{way: record.child(__file__, "--measure", way, count) for way in WAYS} for _ in range(times)]
    best = {way: min((turn[way] for turn in turns), key=lambda found: found["cpu_seconds"]) for way in WAYS}
    faster = min(("wide", "joined"), key=lambda way: best[way]["cpu_seconds"])
    return {"enterprises": count, **best, "faster_form": faster, "same": len({turn[way]["digest"] for turn in turns for way in WAYS}) == 1,
            "ratio": round(best["ours"]["cpu_seconds"] / best[faster]["cpu_seconds"], 3),
            "ratio_of_seconds": round(best["ours"]["seconds"] / best[faster]["seconds"], 3)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--times", type=int, default=1, help="turns of every way; the fastest counts")
    parser.add_argument("--results", type=record.Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "COUNT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure[0], int(given.measure[1]))))
        return 0
    found = []
    for count in given.sizes:
        line = compare(count, given.times)
        found.append(line)
        told = "; ".join(f"{way} {line[way]['cpu_seconds']:.2f} CPU s ({line[way]['seconds']:.2f} s) {line[way]['peak_mib']} MiB" for way in WAYS)
        print(f"{count:>9} enterprises: {told}; {line['ratio']}× {line['faster_form']}, {'same rows and totals' if line['same'] else 'DIFFERENT'}", flush=True)
    last = found[-1]
    goals = [record.goal("CPU time, as a multiple of the faster hand-written form", last["ratio"], MOST_RATIO),
             record.goal("memory at most, MiB", last["ours"]["peak_mib"], MOST_MEMORY)]
    if len(found) > 1:
        growth = last["ours"]["cpu_seconds"] / found[0]["ours"]["cpu_seconds"] / (last["enterprises"] / found[0]["enterprises"])
        goals.append(record.goal("growth from the smallest size to the largest, as a multiple of linear", growth, MOST_GROWTH))
    record.write("sql", goals, given.results, policies=county.POLICIES, clauses=county.CLAUSES, rows_a_firm=county.ROWS_A_FIRM, as_of=county.AS_OF.isoformat(), runs=found)
    return 0 if all(line["same"] for line in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
