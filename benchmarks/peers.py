"""Beside what people would otherwise use: ``python benchmarks/peers.py [--sizes 10000 100000] [--peers .venv-peers/bin/python]``.

Fifty policies (357 clauses) over a synthetic county (``county.py``), from the same Parquet files: the set face, SQL by hand
(``hand_sql.py``), OpenFisca-Core, zen-engine, a loop in plain Python, and the floor (a fused loop in C). Each runs in a process of its
own; OpenFisca-Core and zen-engine in an environment of their own (``make peers``). What each gives is compared where it can express it.
Those that take firms one by one are asked of the first ``--sample`` firms and counted per firm. Writes ``results/peers.json``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import county
import floor
import peer_plan
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import record
import sql

from diguan.kernel.rules import runfile

HERE = Path(__file__).parent
PEERS = record.ROOT / ".venv-peers" / "bin" / "python"
CANNOT = {
    "openfisca": ["unknown: an empty cell is 0 or an Enum's default", "absent, different from unknown and from 0", "coverage: whether a period is told completely", "which clause failed, unless every clause is asked for",
                  "events of a day: counted beforehand", "the last row that was told (the last month stands for it)", "the least of the months that were told (a month not told is 0)", "whole numbers beyond 2^24 in float, 2^31 in int",
                  "near misses and their distance"],
    "zen": ["periods over dated rows: sums, counts and coverage are worked out beforehand and not counted", "unknown: null must be asked for in each expression, otherwise arithmetic stops",
            "many firms at once: one call a firm", "near misses and their distance"],
    "loop": ["nothing: it is written for these policies by hand, and is slow"],
    "sql": ["nothing: it is written for these policies and this engine by hand"],
    "floor": ["any other policy: the C is written for these fifty", "reasons, near misses, refusal of overflow"],
}


def ours(folder: Path) -> dict[str, Any]:
    """The set face, from Parquet to rows and totals."""
    library, data = county.library(), county.dataset(10)
    ids = tuple(f"91430421MA{number:08d}" for number in range(pq.read_metadata(folder / "attributes.parquet").num_rows))
    with sql.Clock() as clock:
        data = dataclasses.replace(data, ids=ids, attributes=pq.read_table(folder / "attributes.parquet"), rows=pq.read_table(folder / "numbered.parquet"))
        outcome = runfile.match(library, data, county.AS_OF)
    place = {policy.id: at for at, policy in enumerate(library)}
    rows = outcome.rows
    pq.write_table(pa.table({"policy": pa.array([place[name] for name in rows["policy_id"].to_pylist()], pa.int32()),
                             "ent": pc.cast(pc.utf8_slice_codeunits(rows["enterprise_id"], 10), pa.int32()), "code": rows["code"], "fen": rows["amount_fen"]}), folder / "ours.parquet")
    return clock.told(rows.drop_columns(["run_id", "policy_version"]), outcome.totals)


def lowest(folder: Path) -> dict[str, Any]:
    """The floor, from Parquet to who is kept; all pairs equal to ours."""
    kernel = floor.Kernel(json.loads((folder / "plan.json").read_text("utf-8")), folder)
    with sql.Clock() as clock:
        found = kernel.run(folder)
    cpu, wall, most = clock.cpu, clock.wall, clock.most
    return {"cpu_seconds": round(cpu, 4), "seconds": round(wall, 4), "peak_mib": round(most), "same": found.combine_chunks().equals(pq.read_table(folder / "ours.parquet").combine_chunks()), "compared": len(found)}


def peer(python: Path, name: str, folder: Path, count: int) -> dict[str, Any]:
    """A peer in its environment; its last line is JSON."""
    done = subprocess.run([str(python), str(HERE / f"{name}.py"), str(folder), str(count)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def same_cells(folder: Path, name: str, sample: int) -> dict[str, Any]:
    """Codes and fen of a peer that has three values, against ours: the same pairs are kept, and each is the same."""
    false, unknown = sum(4**at for at in range(31)), sum(2 * 4**at for at in range(31))
    cells = json.loads((folder / f"{name}.json").read_text("utf-8"))
    theirs = {(at, ent): (code, fen) for at, ent, code, fen in cells if not code & false or not code & ((code - 1) | unknown)}
    kept = {(row["policy"], row["ent"]): (row["code"], row["fen"]) for row in pq.read_table(folder / "ours.parquet", filters=[("ent", "<", sample)]).to_pylist()}
    wrong = sum(theirs.get(pair) != kept.get(pair) for pair in theirs.keys() | kept.keys())
    return {"compared": len(cells), "different": wrong, "same": not wrong}


def same_yes(folder: Path, sample: int) -> dict[str, Any]:
    """OpenFisca's yes or no, against entitled or not; and the yuan of those entitled, as far as float32 goes."""
    answers = json.loads((folder / "openfisca.json").read_text("utf-8"))
    sample = min(sample, len(answers[0][0]))
    ours = {(row["policy"], row["ent"]): row["fen"] for row in pq.read_table(folder / "ours.parquet", filters=[("ent", "<", sample), ("code", "=", 0)]).to_pylist()}
    yes = {(at, ent): fens[ent] for at, (entitled, fens) in enumerate(answers) for ent in range(sample) if entitled[ent]}
    known = {pair: fen for pair, fen in ours.items() if fen is not None and pair in yes}
    return {"compared": len(answers) * sample, "entitled": len(ours), "different": len(ours.keys() ^ yes.keys()), "same": ours.keys() == yes.keys(),
            "amounts_compared": len(known), "amounts_off_by_a_yuan_or_more": sum(abs(yes[pair] - fen) >= 100 for pair, fen in known.items())}


def compare(count: int, python: Path | None, sample: int) -> dict[str, Any]:
    """All ways over one county."""
    with tempfile.TemporaryDirectory(prefix="diguan-peers-") as name:
        folder = Path(name)
        peer_plan.write(folder, count)
        data = county.dataset(count)
        pq.write_table(data.attributes, folder / "attributes.parquet")
        pq.write_table(data.rows, folder / "numbered.parquet")
        del data
        sample = min(sample, count)
        found: dict[str, Any] = {"enterprises": count, "sample": sample, "ours": record.child(__file__, "--measure", "ours", folder)}
        found["floor"] = record.child(__file__, "--measure", "floor", folder)
        forms = {form: record.child(HERE / "sql.py", "--measure", form, count) for form in ("wide", "joined")}
        form = min(forms, key=lambda each: forms[each]["cpu_seconds"])
        found["sql"] = {**forms[form], "form": form, "same": forms[form]["digest"] == found["ours"]["digest"]}
        found["loop"] = peer(Path(sys.executable), "peer_loop", folder, sample) | same_cells(folder, "loop", sample)
        if python:
            found["openfisca"] = peer(python, "peer_openfisca", folder, count) | same_yes(folder, sample)
            found["zen"] = peer(python, "peer_zen", folder, sample) | same_cells(folder, "zen", sample)
    each = found["ours"]["cpu_seconds"] / count
    for way in ("floor", "sql", "loop", "openfisca", "zen"):
        if way in found:
            found[way]["ours_to_it"] = round(each / (found[way]["cpu_seconds"] / found[way].get("firms", count)), 5)
    return found


def versions(python: Path | None) -> dict[str, str]:
    """What the peers are."""
    if python is None:
        return {}
    asked = "import json; from importlib.metadata import version; print(json.dumps({name: version(name) for name in ('openfisca-core', 'zen-engine', 'numpy')}))"
    return dict(json.loads(subprocess.run([str(python), "-c", asked], capture_output=True, text=True, check=True).stdout))


def goals(last: dict[str, Any]) -> list[dict[str, Any]]:
    """The goals of one size: ours as a multiple of each."""
    wanted = [("floor", "CPU time, as a multiple of the floor (Parquet and a fused loop in C)", 5), ("openfisca", "CPU time, as a share of OpenFisca-Core's", 1 / 3), ("zen", "CPU time a firm, as a share of zen-engine's", 1 / 100)]
    return [record.goal(f"{words}, {last['enterprises']} firms", last[way]["ours_to_it"], round(most, 4)) for way, words, most in wanted if way in last]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--sample", type=int, default=2_000, help="firms asked of who takes them one by one")
    parser.add_argument("--peers", type=Path, default=PEERS, help="Python of the peers' environment, made by make peers")
    parser.add_argument("--without-peers", action="store_true", help="only what needs no other environment")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps({"ours": ours, "floor": lowest}[given.measure[0]](Path(given.measure[1]))))
        return 0
    python = None if given.without_peers else given.peers
    if python and not python.exists():
        print(f"no environment of the peers at {python}: run make peers first, or --without-peers")
        return 2
    found = []
    for count in given.sizes:
        begun = time.monotonic()
        line = compare(count, python, given.sample)
        found.append(line)
        print(f"{count:>9} firms in {time.monotonic() - begun:.0f} s: ours {line['ours']['cpu_seconds']:.2f} CPU s", flush=True)
        for way in ("floor", "sql", "openfisca", "zen", "loop"):
            if way in line:
                one = line[way]
                print(f"    {way:<10} {one['cpu_seconds']:>8.3f} CPU s for {one.get('firms', count)} firms; ours is {one['ours_to_it']:g} of it a firm; "
                      + ("same" if one["same"] else f"{one.get('different', '?')} of {one['compared']} DIFFERENT"), flush=True)
    record.write("peers", goals(found[-1]), given.results, policies=county.POLICIES, clauses=county.CLAUSES, as_of=county.AS_OF.isoformat(), peers=versions(python), cannot=CANNOT, runs=found)
    return 0 if all(line[way]["same"] for line in found for way in ("floor", "sql", "loop", "zen") if way in line) else 1


if __name__ == "__main__":
    raise SystemExit(main())
