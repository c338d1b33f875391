"""pymrio (LGPL) and ecomplexity (MIT): ``python peer_regio.py FOLDER io|complexity|checked`` in the peers' environment.

Reads the arrays that ``regio.py`` left in the folder (``given.npz``), answers into ``theirs.npz``, and prints its times; the making of the data frames
both ask for is not timed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def times(work: Callable[[], Any], rounds: int) -> tuple[Any, dict[str, float]]:
    """What came out last, and what a round took: median and first, by the clock, and of the processor on average."""
    seconds, cpu = [], time.process_time()
    for _ in range(rounds):
        begun = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begun)
    cpu = (time.process_time() - cpu) / rounds
    return found, {"seconds": round(sorted(seconds)[rounds // 2], 6), "first_seconds": round(seconds[0], 6), "cpu_seconds": round(cpu, 6)}


def multipliers(given: Any) -> tuple[dict[str, Any], dict[str, float]]:
    """Coefficients, inverse and its column sums, as pymrio's users write them."""
    import pymrio

    names = [f"s{at}" for at in range(len(given["flows"]))]
    flows = pd.DataFrame(given["flows"], index=names, columns=names)
    output = pd.DataFrame({"indout": given["output"]}, index=names)
    found, took = times(lambda: pymrio.calc_L(pymrio.calc_A(flows, output)).sum(axis=0), int(given["rounds"]))
    return {"effect": found.to_numpy()}, took


def complexities(given: Any, check: bool) -> tuple[dict[str, Any], dict[str, float]]:
    """Everything of one year; its test of log-supermodularity, which is on by default, only where asked for."""
    from ecomplexity import ecomplexity

    counts = given["counts"]
    region, industry = np.indices(counts.shape)
    frame = pd.DataFrame({"year": 1, "region": region.ravel(), "industry": industry.ravel(), "value": counts.ravel()})
    words = {"time": "year", "loc": "region", "prod": "industry", "val": "value"}
    found, took = times(lambda: ecomplexity(frame, words, check_logsupermodularity=check, verbose=False), 1)
    found = found.sort_values(["region", "industry"])
    square = {name: found[name].to_numpy(dtype=float).reshape(counts.shape) for name in ("eci", "pci", "density", "mcp")}
    return {"eci": square["eci"][:, 0], "pci": square["pci"][0], "density": square["density"], "has": square["mcp"]}, took


def main(folder: str, what: str) -> None:
    warnings.simplefilter("ignore")
    given = np.load(Path(folder) / "given.npz")
    found, took = multipliers(given) if what == "io" else complexities(given, what == "checked")
    np.savez(Path(folder) / "theirs.npz", **found)
    print(json.dumps(took | {"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
