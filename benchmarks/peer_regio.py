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


def times(work: Callable[[], Any], rounds: int) -> tuple[Any, list[float]]:
    """What came out last, and each round's seconds."""
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begun)
    return found, seconds


def multipliers(given: Any) -> tuple[dict[str, Any], list[float]]:
    """Coefficients, inverse and its column sums, as pymrio's users write them."""
    import pymrio

    names = [f"s{at}" for at in range(len(given["flows"]))]
    flows = pd.DataFrame(given["flows"], index=names, columns=names)
    output = pd.DataFrame({"indout": given["output"]}, index=names)
    found, seconds = times(lambda: pymrio.calc_L(pymrio.calc_A(flows, output)).sum(axis=0), int(given["rounds"]))
    return {"effect": found.to_numpy()}, seconds


def complexities(given: Any, check: bool) -> tuple[dict[str, Any], list[float]]:
    """Everything of one year; its test of log-supermodularity, which is on by default, only where asked for."""
    from ecomplexity import ecomplexity

    counts = given["counts"]
    region, industry = np.indices(counts.shape)
    frame = pd.DataFrame({"year": 1, "region": region.ravel(), "industry": industry.ravel(), "value": counts.ravel()})
    words = {"time": "year", "loc": "region", "prod": "industry", "val": "value"}
    found, seconds = times(lambda: ecomplexity(frame, words, check_logsupermodularity=check, verbose=False), 1)
    found = found.sort_values(["region", "industry"])
    square = {name: found[name].to_numpy(dtype=float).reshape(counts.shape) for name in ("eci", "pci", "density", "mcp")}
    return {"eci": square["eci"][:, 0], "pci": square["pci"][0], "density": square["density"], "has": square["mcp"]}, seconds


def main(folder: str, what: str) -> None:
    warnings.simplefilter("ignore")
    given = np.load(Path(folder) / "given.npz")
    cpu = time.process_time()
    found, seconds = multipliers(given) if what == "io" else complexities(given, what == "checked")
    cpu = time.process_time() - cpu
    np.savez(Path(folder) / "theirs.npz", **found)
    print(json.dumps({"seconds": round(sorted(seconds)[len(seconds) // 2], 6), "first_seconds": round(seconds[0], 6), "cpu_seconds": round(cpu / len(seconds), 6),
                      "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
