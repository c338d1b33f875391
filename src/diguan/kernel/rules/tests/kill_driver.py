"""Run by ``test_kill``: one match over another's result, each time killed one step later; tells what was left.

Every statement of the engine, flush, rename and file written is a step. The match runs in a forked child that sends
itself SIGKILL at its step; the parent then looks at the folder as a new process would.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq

from diguan.kernel.rules import adapter, runfile, sets  # noqa: F401 (imported before the fork, so that a child starts at once)
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.data import dataset
from diguan.kernel.tests.killing import dies_at

OLD, NEW = dt.date(2026, 6, 29), dt.date(2026, 6, 30)


def main() -> None:
    work = Path(sys.argv[1])
    results = []
    for over in (True, False):
        for step in range(200):
            out = work / f"{over}-{step}" / "out"
            out.parent.mkdir()
            child = os.fork()
            if child == 0:
                run(out, step, over=over)
            status = os.waitpid(child, 0)[1]
            results.append({"step": step, "over": over, "killed": os.WIFSIGNALED(status), "left": left(out)})
            shutil.rmtree(out.parent)
            if not os.WIFSIGNALED(status):
                break
    print(json.dumps(results))


def run(out: Path, step: int, *, over: bool) -> None:
    """In the child: match and write, dying at the step; leaves with 0 when it got through."""
    data: Dataset = dataset(out.parent, [build.TAX], [(who, build.TAX, "2025-01", 5) for who in "ABC"])
    policy = build.policy(build.over(build.TAX, "all", "latest", ">", 0))
    if over:
        runfile.write(runfile.match([policy], data, OLD), out)
    put = dies_at(step)
    for place, name in ((os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "unlink"), (Path, "write_text"), (pq, "write_table"),
                        (adapter.Session, "make"), (adapter.Session, "rows"), (adapter.Session, "arrow")):
        put(place, name)
    runfile.write(runfile.match([policy], data, NEW), out)
    os._exit(0)


def left(out: Path) -> str:
    """What a reader finds: ``none``, or the day of a run whose two files are of one run; else ``mixed``."""
    if not (out / "run.json").exists():
        return "none"
    told = json.loads((out / "run.json").read_text("utf-8"))
    runs = set(pq.read_table(out / "match.parquet").column("run_id").to_pylist())
    return told["as_of"] if runs == {told["run_id"]} else "mixed"


if __name__ == "__main__":
    main()
