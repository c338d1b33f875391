"""pm4py (process mining in Python, AGPL): ``python peer_pm4py.py FILE ANSWERS`` in the peers' environment.

Reads the XES with its own reader and answers by its simplified interface, on completions: it counts every event as a step, so where a
log has starts too they are left out first, and that is not timed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import pm4py


def main(path: str, answers: str) -> None:
    warnings.simplefilter("ignore")
    cpu, begun = time.process_time(), time.perf_counter()
    frame = pm4py.read_xes(path, show_progress_bar=False)
    read = time.perf_counter() - begun
    if "lifecycle:transition" in frame.columns:
        frame = frame[frame["lifecycle:transition"] == "complete"]
    begun = time.perf_counter()
    graph, starts, ends = pm4py.discover_dfg(frame)
    variants = pm4py.get_variants(frame)
    analysed = time.perf_counter() - begun
    cpu = time.process_time() - cpu
    ways = [(list(way), count if isinstance(count, int) else len(count)) for way, count in variants.items()]
    Path(answers).write_text(json.dumps({"graph": sorted((*pair, int(count)) for pair, count in graph.items()), "variants": sorted((way, int(count)) for way, count in ways),
                                         "starts": sorted((name, int(count)) for name, count in starts.items()), "ends": sorted((name, int(count)) for name, count in ends.items())}), "utf-8")
    print(json.dumps({"seconds": round(read + analysed, 3), "cpu_seconds": round(cpu, 3), "parts": {"read": round(read, 3), "analysed": round(analysed, 3)},
                      "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
