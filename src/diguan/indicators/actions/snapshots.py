"""Taking a snapshot 快照: every indicator as of a day, computed outside any transaction and made known in one."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import time
from pathlib import Path
from typing import Any

import pyarrow as pa

import diguan
from diguan.enterprises.actions.told import delivered, last_word
from diguan.indicators import queries
from diguan.indicators.queries import compute, register, snapshots
from diguan.indicators.queries.facts import SUBJECT, Summing
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job, Running, enqueue_once, job
from diguan.kernel.measures import Line
from diguan.kernel.messages import Message
from diguan.kernel.rules import runfile

JOB = "indicators.take_snapshot"
FIRST = dt.date(2000, 1, 1)
"""No figure is asked for an earlier day."""


def take_snapshot(*, by: Person, as_of: dt.date | None = None, known_at: dt.datetime | None = None, summing: Summing | None = None) -> Run:
    """Compute every indicator and keep it: the same inputs are the same snapshot, byte for byte.

    Args:
        by: who takes it.
        as_of: the day it speaks of, today by default.
        known_at: last word counted; by default everything that is known, after the register has said what it knows now.
        summing: what sums the facts, DuckDB by default; every engine gives the same bytes, so a snapshot does not say which it was.

    Raises:
        access.Forbidden: the person may take none.
        Refusal: the day is still to come or long past, there is no indicator, or nothing is known of any enterprise.
        PackError: an indicator that cannot be used.
    """
    access.require(by, queries.SNAPSHOT)
    as_of, begun = _day(as_of), time.monotonic()
    known = register.book()
    if not known.versions:
        raise Refusal("no_indicators", [Message("数据包里没有指标", "no pack holds an indicator")])
    told = [row for row in delivered(by=by, as_of=as_of, known_at=known_at) if row.subject == SUBJECT]
    lines = compute.lines_of(as_of, known_at, known)
    rows = _rows_run(by, as_of, last_word(told, known_at), lines)
    inputs = _inputs(told, as_of, rows, known)
    run_id = runfile.name_of(inputs)
    found = runs.whole(snapshots.KIND, run_id)
    if found is not None:
        return found
    read = compute.read(told, as_of, known_at, lines, known, summing)
    manifest = runs.publish(snapshots.KIND, run_id, inputs, snapshots.refusals(known, as_of), compute.cells(read), of=rows, begun=begun)
    return record_snapshot(run_id=run_id, kind=snapshots.KIND, manifest=manifest, by=by)


def _day(as_of: dt.date | None) -> dt.date:
    """The day a snapshot speaks of: nothing can be known of a day to come."""
    today = clocks.today()
    if as_of is not None and not FIRST <= as_of <= today:
        raise Refusal("not_a_day", [Message(f"快照的日期要在 {FIRST} 到 {today} 之间", f"the day of a snapshot lies between {FIRST} and {today}")], field="as_of")
    return as_of or today


def _rows_run(by: Person, as_of: dt.date, known_at: dt.datetime, lines: dict[str, tuple[Line, ...]]) -> Run:
    """The lines behind the snapshot as a run of their own, so that no snapshot depends on rows that change."""
    flat = compute.flat_lines(lines)
    inputs = {"kind": snapshots.ROWS, "as_of": as_of.isoformat(), "known_at": known_at.isoformat(), "code": diguan.__version__, "content": digest(flat)}
    run_id = runfile.name_of(inputs)
    found = runs.whole(snapshots.ROWS, run_id)
    if found is not None:
        return found
    totals = [{"measure": name, "lines": len(each)} for name, each in lines.items()]
    began = time.monotonic()
    sha256 = runfile.publish(runs.runs_folder() / run_id, snapshots.ROWS, run_id, inputs, totals, flat)
    return record_snapshot(run_id=run_id, kind=snapshots.ROWS, by=by, manifest={"as_of": as_of, "known_at": known_at, "inputs": inputs, "rows": flat.num_rows, "result_sha256": sha256,
                                                                                "seconds": round(time.monotonic() - began, 3)})


def digest(flat: pa.Table) -> str:
    """Of a table's content, however it is cut into chunks."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, flat.schema) as stream:
        stream.write_table(flat.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def _inputs(told: list[Batch], as_of: dt.date, rows: Run, known: Any) -> dict[str, Any]:
    return {"kind": snapshots.KIND, "as_of": as_of.isoformat(), "known_at": rows.known_at.isoformat(), "code": diguan.__version__, "engine": fingerprint(), "months": compute.MONTHS, "rows": rows.run_id,
            "indicators": {one.name: one.digest for each in known.versions.values() for one in each}, "data": dict(sorted(store.sources_of(told).items()))}


@functools.cache
def fingerprint() -> str:
    """The digest of what folds: another engine is another snapshot."""
    room = Path(compute.__file__).parent.parent
    paths = sorted([*(room / "engine").glob("*.py"), room / "queries" / "compute.py", room / "queries" / "facts.py"])
    return hashlib.sha256("\n".join(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths).encode()).hexdigest()


@action(permission=queries.SNAPSHOT, event="snapshot_taken")
def record_snapshot(*, run_id: str, kind: str, manifest: dict[str, Any], by: Person) -> Done[Run]:
    """Make a finished snapshot, or the lines behind it, known; its files are durable already."""
    row = runs.record(run_id=run_id, kind=kind, manifest=manifest, by=by)
    return Done(row, after={"kind": kind, "as_of": str(row.as_of), "run": run_id})


def enqueue_snapshot(*, by: Person, as_of: dt.date | None = None) -> Job:
    """Ask for a snapshot in the background, of today where no day is given; one that waits already is that one.

    Raises:
        access.Forbidden: the person may take none.
        Refusal: the day is still to come or long past.
    """
    access.require(by, queries.SNAPSHOT)
    return enqueue_once(JOB, {"as_of": _day(as_of).isoformat()} if as_of else {}, by)


@job(JOB)
def snapshot_job(*, job: Running, by: Person, as_of: str = "", known_at: str = "") -> str:
    """:func:`take_snapshot` in the background; answers with its name."""
    return take_snapshot(by=by, as_of=dt.date.fromisoformat(as_of) if as_of else None, known_at=dt.datetime.fromisoformat(known_at) if known_at else None).run_id
