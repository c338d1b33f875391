"""The cockpit and its relatives over the demo county: ``python benchmarks/cockpit.py [--demo FOLDER] [--county FIRMS] [--rounds 30]``.

Server time of each page through the whole stack, for the leader, everything read from the last snapshot; the first request of the process is told apart.
The peer does what a screen without snapshots does: it works every figure out anew from the deliveries and records before it can show one. Both must give the
same figures. Writes ``results/cockpit.json``.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import record

MOST = 200.0
PAGES = {"cockpit": "/indicators/cockpit/", "big screen": "/indicators/cockpit/?kiosk=1", "investment": "/indicators/cockpit/investment/", "timer": "/indicators/timer/", "dispatch sheet": "/projects/dispatch/"}


def measure(data: Path, made: int, rounds: int) -> dict[str, Any]:
    """Milliseconds by page, and of all figures worked out anew; ``made`` 0 takes the folder as it is."""
    installation.start(data)
    if made:
        installation.county(made, 24, 4)
    from django.test import Client

    from diguan.indicators.actions.snapshots import take_snapshot
    from diguan.indicators.queries import compute, register, snapshots
    from diguan.kernel.facts import runs
    from diguan.site import wsgi  # noqa: F401 (makes this process one that serves pages)
    from diguan.site.demo import accounts

    if made and (clerk := accounts.person("clerk")):
        take_snapshot(by=clerk)
    leader, run = accounts.person("leader"), snapshots.current()
    assert run is not None
    assert leader is not None
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(leader)
    first = {name: _timed(client, path) for name, path in PAGES.items()}
    pages = {name: record.percentiles([_timed(client, path) for _turn in range(rounds)]) for name, path in PAGES.items()}

    def anew() -> list[Any]:  # records as they were when it was taken: what a delivery told last may be earlier
        known = register.book()
        return list(zip(*compute.cells(compute.read(runs.told(run), run.as_of, run.known_at, compute.lines_of(run.as_of, run.created_at, known), known)).to_pydict().values(), strict=True))

    spent, again = list[float](), list[Any]()
    for _turn in range(3):
        begun = time.perf_counter()
        again = anew()
        spent.append(time.perf_counter() - begun)
    kept = [dataclasses.astuple(cell) for cells in snapshots.all_cells(run).values() for cell in cells.values()]
    assert sorted(again, key=str) == sorted(kept, key=str), "other figures"
    return {"figures": len(kept), "first_ms": {name: round(seconds * 1000, 1) for name, seconds in first.items()}, "pages": pages, "anew": record.percentiles(spent)}


def _timed(client: Any, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    spent = time.perf_counter() - begun
    assert answer.status_code == 200, answer.status_code
    return spent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", type=Path, help="folder of a demo county; made where it is not there")
    parser.add_argument("--county", type=int, default=0, help="a synthetic county of so many firms in place of the demo")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        data = Path(folder) / "county"
        found = measure(data if given.county else given.demo or installation.demo(data), given.county, given.rounds)
    for name, spent in found["pages"].items():
        print(f"{name:>16}: first {found['first_ms'][name]:.0f} ms, then p50 {spent['p50_ms']:.0f}, p95 {spent['p95_ms']:.0f} ms", flush=True)
    print(f"every figure anew: p50 {found['anew']['p50_ms']:.0f} ms")
    record.write("cockpit", [record.goal(f"{name} from a snapshot, p95, ms", spent["p95_ms"], MOST) for name, spent in found["pages"].items()], given.results, **found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
