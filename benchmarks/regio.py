"""The regional economy and its chains: ``python benchmarks/regio.py [--table FILE] [--without-peers]``.

Four questions, each at several sizes to see how time grows, each in a process of its own: multipliers of an input–output table from its flows (beside pymrio), of every
county of the nation, economic complexity with proximity and density (beside ecomplexity), and the ten best suppliers of every need (beside DuckDB's join on the same
rows; then how much goes from whom to whom, by HiGHS). What both say is compared. Tables are drawn from a seed but for the one that ``--table`` names, whose reading is not
timed. Linear algebra has one thread everywhere, the peers' too, DuckDB two: where other work wants the processors, threads that wait for one another take ten times
as long and say nothing about either side. The peers live in an environment of their own (``make peers``). Writes ``results/regio.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pairs
import record

from diguan.chains.engine import leontief, regional, tablefile
from diguan.chains.engine.basis import Basis
from diguan.chains.engine.complexity import complexity
from diguan.chains.engine.table import Table, without_imports

HERE = Path(__file__).parent
COUNTIES, SECTORS, NODES = 2978, 153, 2000

def table(sectors: int, path: Path | None) -> Table:
    """The one that was given where it has as many sectors, else one drawn: half its cells empty, inputs 20 to 80 % of output."""
    if path:
        content = path.read_bytes()
        given = without_imports(tablefile.read(path.name, content))
        if len(given) == sectors:
            return given
    draw = np.random.default_rng(sectors)
    a = draw.random((sectors, sectors)) * (draw.random((sectors, sectors)) < 0.5)
    a *= draw.uniform(0.2, 0.8, sectors) / np.maximum(a.sum(axis=0), 1e-9)
    output = draw.lognormal(8, 1.5, sectors)
    names = tuple(f"s{at}" for at in range(sectors))
    return Table(names, names, a * output, output, {}, {"total": output * (1 - a.sum(axis=0))}, Basis("drawn", 2020, "seed", "1", imports="domestic"))


def repeated(work: Callable[[], Any], enough: float) -> tuple[Any, dict[str, Any]]:
    """What came out last; the median of its times over so many seconds, the first apart, and how often."""
    seconds, cpu, begun = list[float](), time.process_time(), time.perf_counter()
    while not seconds or time.perf_counter() - begun < enough:
        at = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - at)
    cpu = (time.process_time() - cpu) / len(seconds)
    return found, {"seconds": round(sorted(seconds)[len(seconds) // 2], 6), "first_seconds": round(seconds[0], 6), "cpu_seconds": round(cpu, 6), "rounds": len(seconds)}


def io(folder: Path, enough: float, sectors: int, path: Path | None) -> dict[str, Any]:
    """Coefficients, factors and multipliers from flows and output; one shock more after that."""
    of = table(sectors, path)
    found, took = repeated(lambda: leontief.multipliers(leontief.model(of)), enough)
    model = leontief.model(of)
    shock = np.zeros(sectors)
    shock[0] = 1.0
    model.respond(shock)
    _response, one = repeated(lambda: model.respond(shock), enough)
    np.savez(folder / "given.npz", flows=of.flows, output=of.output, rounds=min(took["rounds"], 200))
    np.savez(folder / "ours.npz", effect=found.effect)
    return {"sectors": sectors, "table": of.basis.name, **took, "shock_seconds": one["seconds"], "peak_mib": round(record.peak())}


def counties(folder: Path, count: int, sectors: int, path: Path | None) -> dict[str, Any]:
    """Multipliers of so many counties at once; a sample is held against each by itself."""
    of = table(sectors, path)
    model, draw = leontief.model(of), np.random.default_rng(count)
    share = draw.lognormal(0, 1.5, (count, sectors)) * (draw.random((count, sectors)) < 0.7)
    locals_ = share / np.maximum(share.sum(axis=0), 1e-9) * of.output
    before = record.peak(reset=True)
    cpu, begun = time.process_time(), time.perf_counter()
    found = regional.every_county(model, locals_, of.output)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    sample = draw.choice(count, min(count, 20), replace=False)
    off = max(float(np.abs(found[at] - leontief.multipliers(regional.regionalise(model, regional.Region(locals_[at], of.output))).effect).max()) for at in sample)
    return {"counties": count, "sectors": sectors, "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3), "peak_mib": round(record.peak()), "data_mib": round(before), "sample": len(sample), "largest_difference": off, "same": off < 1e-9}


def complexities(folder: Path, enough: float, regions: int, industries: int) -> dict[str, Any]:
    """Counts of firms where a region's skill meets an industry's need; everything :func:`complexity` gives."""
    draw = np.random.default_rng(regions)
    skill, need = draw.random(regions), draw.random(industries)
    counts = draw.poisson(1 + 60 * np.exp(-6 * np.maximum(0, need[None, :] - skill[:, None])) * draw.random((regions, industries))).astype(float)
    before = record.peak(reset=True)
    found, took = repeated(lambda: complexity(counts), enough)
    most = record.peak()
    np.savez(folder / "given.npz", counts=counts)
    np.savez(folder / "ours.npz", eci=found.eci, pci=found.pci, density=found.density, has=found.has)
    return {"regions": regions, "industries": industries, **took, "peak_mib": round(most), "data_mib": round(before)}


PARTS: dict[str, Callable[..., dict[str, Any]]] = {"io": io, "counties": counties, "complexities": complexities, "pairs": pairs.ours, "joined": pairs.joined, "transport": pairs.transport}


def child(part: str, folder: Path, *arguments: object) -> dict[str, Any]:
    """One part in a process of its own."""
    return record.child(__file__, "--measure", part, folder, json.dumps(arguments, default=str))


def measure(part: str, folder: str, arguments: str) -> dict[str, Any]:
    """What the child does."""
    given = [Path(each) if isinstance(each, str) else each for each in json.loads(arguments)]
    return PARTS[part](Path(folder), *given)


def beside(python: Path | None, what: str, folder: Path, ours: dict[str, Any]) -> dict[str, Any]:
    """The peer on the same arrays, how far its answers lie from ours, and our processor time as a share of its (one thread each); or why it is skipped."""
    if python is None:
        return {"skipped": "no environment of the peers (make peers)"}
    import peers  # only here: children that measure import as little as they need

    try:
        theirs = peers.peer(python, "peer_regio", folder, what)  # type: ignore[arg-type]
    except RuntimeError as fault:
        return {"skipped": str(fault)[-500:]}
    mine, other = np.load(folder / "ours.npz"), np.load(folder / "theirs.npz")
    off = {name: float(np.nanmax(np.abs(standard(name, mine[name]) - standard(name, other[name])))) for name in other.files}
    gaps = sum(int((np.isnan(mine[name]) != np.isnan(other[name])).sum()) for name in other.files)
    return theirs | {"largest_difference": off, "known_to_one_alone": gaps, "same": max(off.values()) < 1e-9 and not gaps, "ours_to_theirs": round(ours["cpu_seconds"] / max(theirs["cpu_seconds"], 1e-6), 5)}


def standard(name: str, values: Any) -> Any:
    """Industries' complexity on a scale of its own: the peer puts it on the regions'."""
    values = np.asarray(values, dtype=float)
    return (values - np.nanmean(values)) / np.nanstd(values) if name == "pci" else values


def tables(given: argparse.Namespace, python: Path | None, folder: Path) -> list[dict[str, Any]]:
    found = []
    for sectors in given.sectors:
        line = {"ours": (ours := child("io", folder, given.enough, sectors, given.table)), "pymrio": beside(python, "io", folder, ours)}
        found.append(line)
        told(f"{sectors} sectors", ours, pymrio=line["pymrio"])
    return found


def nation(given: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    found = []
    for count in given.counties:
        found.append(child("counties", folder, count, given.sectors[0], given.table))
        told(f"{count} counties", found[-1])
    return found


def spaces(given: argparse.Namespace, python: Path | None, folder: Path) -> list[dict[str, Any]]:
    found = []
    for shape in given.shapes:
        ours = child("complexities", folder, given.enough, *map(int, shape.split("x")))
        line = {"ours": ours, "ecomplexity": beside(python, "complexity", folder, ours)}
        if given.check:
            line["ecomplexity_checked"] = beside(python, "checked", folder, ours)
        found.append(line)
        told(shape, ours, **{name: each for name, each in line.items() if name != "ours"})
    return found


def matches(given: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    found = []
    for firms, zipf in [(firms, 0.0) for firms in given.firms] + [(given.firms[-1], 0.8)]:
        ours = child("pairs", folder, firms, zipf, NODES)
        theirs = child("joined", folder, firms, zipf, NODES)
        found.append({"firms": firms, "zipf": zipf, "nodes": NODES, "ours": ours, "duckdb": theirs | {"ours_to_theirs": round(ours["cpu_seconds"] / max(theirs["cpu_seconds"], 1e-3), 4)}})
        told(f"{firms} firms, Zipf {zipf}, {ours['pairs']} pairs", ours, duckdb=found[-1]["duckdb"])
    return found


def told(what: str, ours: dict[str, Any], **theirs: dict[str, Any]) -> None:
    """One line for who waits."""
    beside = "".join(f"; {name} skipped: {each['skipped']}" if "skipped" in each else f"; {name} {each['seconds']:.4f} s, ours is {each['ours_to_theirs']:g} of its processor time, {'same' if each['same'] else 'DIFFERENT'}" for name, each in theirs.items())
    print(f"{what:>42}: {ours['seconds']:.4f} s, {ours['peak_mib']} MiB{beside}", flush=True)


def goals(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Those of the sizes that were measured."""
    first, nation_, space, even, skewed = found["tables"][0]["ours"], found["counties"][-1], found["complexity"][-1], found["matching"][-2], found["matching"][-1]
    shape, theirs = f"{space['ours']['regions']} × {space['ours']['industries']}", space["ecomplexity"]
    said = [record.goal(f"multipliers of {first['sectors']} sectors from flows and output, ms", first["seconds"] * 1000, 5),
            record.goal(f"multipliers of {nation_['counties']} counties by {nation_['sectors']} sectors, seconds", nation_["seconds"], 10),
            record.goal(f"complexity, proximity and density, {shape}, seconds", space["ours"]["seconds"], 2),
            record.goal("the same, MiB above its data", space["ours"]["peak_mib"] - space["ours"]["data_mib"], 512)]
    if "skipped" not in theirs:
        said += [record.goal("the same, CPU time as a share of ecomplexity's (its check off)", theirs["ours_to_theirs"], 0.02), record.goal("the same, largest difference from ecomplexity, in 1e-9", max(theirs["largest_difference"].values()) * 1e9, 1)]
    for one, name, most in ((even, "even", 2), (skewed, "Zipf 0.8", 15)):
        said.append(record.goal(f"ten best suppliers of every need, {one['firms']} firms, {name}, {one['ours']['pairs'] / 1e6:.1f} M pairs, seconds", one["ours"]["seconds"], most))
    return [*said, record.goal("the same, skewed, MiB at most", skewed["ours"]["peak_mib"], 2048)]


def sound(found: dict[str, list[dict[str, Any]]]) -> bool:
    """Every comparison that was made came out equal."""
    compared = [*found["counties"], *(line[name] for part in ("tables", "complexity", "matching") for line in found[part] for name in line if name in ("pymrio", "ecomplexity", "ecomplexity_checked", "duckdb"))]
    return all(each.get("same", True) for each in compared) and all(abs(line[name]["gap"]) < 1e-7 for line in found["transport"] for name in ("every_pair", "shortlists"))


def versions(python: Path | None) -> dict[str, str]:
    """What the peers are."""
    asked = "import json; from importlib.metadata import version; print(json.dumps({name: version(name) for name in ('pymrio', 'ecomplexity', 'numpy', 'pandas')}))"
    return dict(json.loads(subprocess.run([str(python), "-c", asked], capture_output=True, text=True, check=True).stdout)) if python else {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, help="an input–output table, CSV or the bureau's workbook, for the size it has")
    parser.add_argument("--sectors", type=int, nargs="+", default=[SECTORS, 500, 1000, 2000])
    parser.add_argument("--counties", type=int, nargs="+", default=[300, 1000, COUNTIES])
    parser.add_argument("--shapes", nargs="+", default=["226x785", "1000x1000", "3000x1000"], help="regions by industries")
    parser.add_argument("--firms", type=int, nargs="+", default=[5_000, 15_000, 50_000], help="even; the last by Zipf's law too")
    parser.add_argument("--transport", nargs="+", default=["50x100", "100x400", "300x1000"], help="suppliers by buyers of one node")
    parser.add_argument("--enough", type=float, default=1.0, help="seconds a short thing is repeated for")
    parser.add_argument("--threads", type=int, default=1, help="of linear algebra, ours and the peers'")
    parser.add_argument("--check", action="store_true", help="ecomplexity with the check it has on by default, as well")
    parser.add_argument("--peers", type=Path, default=record.ROOT / ".venv-peers" / "bin" / "python", help="Python of the peers' environment, made by make peers")
    parser.add_argument("--without-peers", action="store_true", help="only what needs no other environment")
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", nargs=3, metavar=("PART", "FOLDER", "ARGUMENTS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(*given.measure)))
        return 0
    os.environ["OPENBLAS_NUM_THREADS"] = str(given.threads)  # of all children
    python, busy = None if given.without_peers or not given.peers.exists() else given.peers, round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory(prefix="diguan-regio-") as name:
        folder = Path(name)
        found = {"tables": tables(given, python, folder), "counties": nation(given, folder), "complexity": spaces(given, python, folder), "matching": matches(given, folder)}
        found["transport"] = [child("transport", folder, *map(int, shape.split("x"))) for shape in given.transport]
        for line in found["transport"]:
            print(f"{line['suppliers']:>6} × {line['buyers']} transport: " + "; ".join(f"{name} {line[name]['pairs']} pairs {line[name]['seconds']:.3f} s, met {line[name]['met']}" for name in ("every_pair", "shortlists")), flush=True)
    record.write("regio", goals(found), given.results, busy_at_start=busy, threads=given.threads, peers=versions(python) or "skipped: no environment of the peers (make peers)", **found)
    return 0 if sound(found) else 1


if __name__ == "__main__":
    sys.exit(main())
