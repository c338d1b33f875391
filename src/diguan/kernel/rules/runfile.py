"""A match over a dataset, and its files: the same inputs give the same bytes, and a kill leaves all or nothing."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import diguan
from diguan.kernel.periods import Day
from diguan.kernel.rules import scalar, tree
from diguan.kernel.rules.dataset import Dataset

SCHEMA = pa.schema([
    ("run_id", pa.string()), ("policy_id", pa.string()), ("policy_version", pa.string()), ("enterprise_id", pa.string()),
    ("status", pa.int8()), ("code", pa.int64()), ("n_false", pa.int8()), ("n_unknown", pa.int8()),
    ("amount_fen", pa.int64()), ("amount_unknown", pa.bool_()),
])


@dataclass
class Totals:
    """One policy over all enterprises. Money counts the entitled only; ``first_false`` by clause, in order."""

    id: str
    version: str
    eligible: int = 0
    ineligible: int = 0
    unknown: int = 0
    near_miss: int = 0
    amount_fen: int = 0
    amount_unknown: int = 0
    undecided_amount_fen: int = 0
    first_false: list[int] = field(default_factory=list)
    still_unknown: list[int] = field(default_factory=list)

    def add(self, policy: tree.Policy, verdict: scalar.Verdict) -> None:
        """Count one enterprise."""
        word = tree.STATUS_WORDS[verdict.status]
        setattr(self, word, getattr(self, word) + 1)
        self.near_miss += scalar.near_miss(policy, verdict) is not None
        if verdict.status == tree.ELIGIBLE:
            self.amount_fen += verdict.amount_fen or 0
            self.amount_unknown += verdict.amount_unknown
        elif verdict.status == tree.UNDECIDED:
            self.undecided_amount_fen += verdict.amount_fen or 0
        undecided = False
        for index, finding in enumerate(verdict.findings):
            if finding.verdict == tree.FALSE:
                self.first_false[index] += 1
                break
            undecided = undecided or finding.verdict == tree.UNKNOWN
            self.still_unknown[index] += undecided


@dataclass(frozen=True)
class Outcome:
    """What a match gives: the run's name, its rows in key order, the totals of every policy."""

    run_id: str
    manifest: Mapping[str, Any]
    rows: pa.Table
    totals: tuple[Totals, ...]


def manifest_of(policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day, known_at: str | None) -> dict[str, Any]:
    """Everything the result depends on."""
    return {"kind": "match", "as_of": as_of.isoformat(), "known_at": known_at, "code": diguan.__version__,
            "policies": {policy.id: policy.version for policy in policies}, "data": dict(sorted(dataset.sources.items()))}


def name_of(manifest: Mapping[str, Any]) -> str:
    """The run's name: the hash of its manifest."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def match(policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day, known_at: str | None = None) -> Outcome:
    """Judge every enterprise under every policy."""
    policies = sorted(policies, key=lambda policy: policy.id)
    manifest = manifest_of(policies, dataset, as_of, known_at)
    run_id = name_of(manifest)
    totals = {p.id: Totals(p.id, p.version, first_false=[0] * len(p.clauses), still_unknown=[0] * len(p.clauses)) for p in policies}
    found: dict[str, list[tuple[Any, ...]]] = {policy.id: [] for policy in policies}
    running = [policy for policy in policies if policy.in_force(as_of)]
    for subject in dataset.ids:
        facts = dataset.subject_facts(subject)
        for policy in running:
            verdict = scalar.judge(policy, facts, as_of)
            totals[policy.id].add(policy, verdict)
            if (verdict.amount_fen or 0) >= 2**63:
                raise AmountTooLarge(f"{policy.id} {subject}: {verdict.amount_fen} 分")
            if verdict.status != tree.INELIGIBLE or (verdict.n_false == 1 and not verdict.n_unknown):
                found[policy.id].append(_row(run_id, policy, subject, verdict))
    rows = [row for policy in policies for row in found[policy.id]]
    columns = zip(*rows, strict=True) if rows else [[] for _ in SCHEMA]
    table = pa.table([pa.array(list(column), kind.type) for column, kind in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
    return Outcome(run_id, manifest, table, tuple(totals[policy.id] for policy in policies))


class AmountTooLarge(ValueError):
    """An amount that no 64-bit integer of fen holds."""


def _row(run_id: str, policy: tree.Policy, subject: str, verdict: scalar.Verdict) -> tuple[Any, ...]:
    return (run_id, policy.id, policy.version, subject, verdict.status, verdict.code, verdict.n_false, verdict.n_unknown,
            verdict.amount_fen, verdict.amount_unknown)


def write(outcome: Outcome, folder: Path) -> str:
    """Write the run into ``folder``: all of it or nothing. Returns the sha256 of ``match.parquet``."""
    return _publish(folder, _files(outcome))


def copy(run: Path, folder: Path) -> str:
    """Write a finished run into another folder as :func:`write` does."""
    return _publish(folder, ((name, functools.partial(shutil.copyfile, run / name)) for name in ("match.parquet", "run.json")))


def _publish(folder: Path, parts: Iterable[tuple[str, Callable[[Path], Any]]]) -> str:
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in parts:
            content(aside / name)
            _sync(aside / name)
        _sync(aside)
        _replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _sync(folder.parent)
    return hashlib.sha256((folder / "match.parquet").read_bytes()).hexdigest()


def _files(outcome: Outcome) -> Iterator[tuple[str, Any]]:
    totals = [asdict(total) for total in outcome.totals]
    document = json.dumps({"run_id": outcome.run_id, **outcome.manifest, "totals": totals}, ensure_ascii=False, indent=1, sort_keys=True)
    yield "match.parquet", lambda path: pq.write_table(outcome.rows, path, compression="zstd")
    yield "run.json", lambda path: path.write_text(document + "\n", "utf-8")


def _replace(aside: Path, folder: Path) -> None:
    """A folder cannot be renamed over one that holds files: there ``run.json`` goes first and comes last.

    A folder without ``run.json`` holds no run, so a kill in between leaves the old run, none, or the new one.
    """
    if not folder.exists():
        aside.rename(folder)
        return
    (folder / "run.json").unlink(missing_ok=True)
    _sync(folder)
    for name in ("match.parquet", "run.json"):
        (aside / name).replace(folder / name)
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
