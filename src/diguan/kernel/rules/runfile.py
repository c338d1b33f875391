"""A match over a dataset, and its files: the same inputs give the same bytes, and a kill leaves all or nothing."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import diguan
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.disk import flush
from diguan.kernel.periods import Day
from diguan.kernel.rules import standards, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.judged import Judged
from diguan.kernel.rules.totals import AmountTooLarge, Totals

__all__ = ["FILES", "SCHEMA", "AmountTooLarge", "Inputs", "Outcome", "Totals", "copy", "digest_of", "files_of", "fingerprint", "kept_of", "manifest_of", "match", "name_of", "partly", "publish",
           "write"]

SCHEMA = pa.schema([
    ("run_id", pa.string()), ("policy_id", pa.string()), ("policy_version", pa.string()), ("enterprise_id", pa.string()),
    ("status", pa.int8()), ("code", pa.int64()), ("n_false", pa.int8()), ("n_unknown", pa.int8()),
    ("amount_fen", pa.int64()), ("amount_unknown", pa.bool_()), ("near", pa.bool_()),
])

RUN = "run.json"
FILES = ("match.parquet", RUN)
Face = Callable[[Sequence[tree.Policy], Dataset, Day], Sequence[Judged]]


@dataclass(frozen=True)
class Outcome:
    """What a match gives: the run's name, its rows in key order, the totals of every policy."""

    run_id: str
    manifest: Mapping[str, Any]
    rows: pa.Table
    totals: tuple[Totals, ...]


def files_of(kind: str) -> tuple[str, str]:
    """The files of a run of a kind: its rows, and its manifest with the totals."""
    return (f"{kind}.parquet", RUN)


@dataclass(frozen=True)
class Inputs:
    """What a manifest says of a dataset, where the dataset itself need not be opened."""

    catalogue: Catalogue
    sources: Mapping[str, str]
    standards: Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """What an earlier run found of one policy whose text, facts and subjects are the same: its rows and totals."""

    rows: pa.Table
    totals: Totals


def manifest_of(policies: Sequence[tree.Policy], dataset: Dataset | Inputs, as_of: Day, known_at: str | None) -> dict[str, Any]:
    """Everything the result depends on; standards only where a policy reads what one tells."""
    told = {"standards": dict(sorted(dataset.standards.items()))} if dataset.standards else {}
    return {**told, "kind": "match", "as_of": as_of.isoformat(), "known_at": known_at, "code": diguan.__version__, "rules": fingerprint(),
            "policies": {policy.id: policy.digest for policy in policies}, "facts": {policy.id: standards.meaning(policy, dataset.catalogue, as_of) for policy in policies},
            "data": dict(sorted(dataset.sources.items()))}


@functools.cache
def fingerprint() -> str:
    """The digest of the engine's sources: another engine is another run."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*here.glob("*.py"), *(here.parent / name for name in ("periods.py", "units.py", "catalogue.py"))]):
        digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def name_of(manifest: Mapping[str, Any]) -> str:
    """The run's name: the hash of its manifest."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def match(policies: Sequence[tree.Policy], dataset: Dataset, as_of: Day, known_at: str | None = None, *, face: Face | None = None) -> Outcome:
    """Judge every enterprise under every policy, by the set face unless another is given.

    Raises:
        AmountTooLarge: an amount that 64 bits do not hold.
    """
    return partly(policies, dataset, as_of, manifest_of(_sorted(policies), dataset, as_of, known_at), {}, face=face)


def partly(policies: Sequence[tree.Policy], dataset: Dataset | None, as_of: Day, manifest: Mapping[str, Any], kept: Mapping[str, Kept], *,
           face: Face | None = None) -> Outcome:
    """What :func:`match` gives, byte for byte, where some policies are taken from an earlier run instead of being judged.

    Args:
        policies: all of them.
        dataset: what those not kept read of everybody; None where all are kept.
        as_of: day of judgement.
        manifest: everything the result depends on.
        kept: what is known of policies already, by id.
        face: how the others are judged.

    Raises:
        AmountTooLarge: an amount that 64 bits do not hold.
    """
    run_id, anew = name_of(manifest), [policy for policy in _sorted(policies) if policy.id not in kept]
    found = dict(zip((policy.id for policy in anew), (face or _sets())(anew, dataset, as_of), strict=True)) if anew and dataset else {}
    names = dataset.names if dataset else pa.array((), pa.string())
    rows, totals = [SCHEMA.empty_table()], []
    for policy in _sorted(policies):
        old = kept.get(policy.id)
        rows.append(_renamed(run_id, old.rows) if old else _rows(run_id, policy, found[policy.id].rows, names))
        totals.append(old.totals if old else found[policy.id].totals)
    return Outcome(run_id, manifest, pa.concat_tables(rows).combine_chunks(), tuple(totals))


def _sorted(policies: Sequence[tree.Policy]) -> list[tree.Policy]:
    return sorted(policies, key=lambda policy: policy.id)


def _sets() -> Face:
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import: only a run pays for it

    return sets.judge


def kept_of(folder: Path, names: Iterable[str]) -> dict[str, Kept]:
    """What a finished run says of these policies."""
    rows = pq.read_table(folder / FILES[0]).cast(SCHEMA)
    totals = {line["id"]: Totals(**line) for line in json.loads((folder / RUN).read_text("utf-8"))["totals"]}
    return {name: Kept(rows.filter(pc.equal(rows.column("policy_id"), name)), totals[name]) for name in names}


def _renamed(run_id: str, rows: pa.Table) -> pa.Table:
    return rows.set_column(0, SCHEMA.field(0), pa.repeat(pa.scalar(run_id, pa.string()), len(rows)))


def _rows(run_id: str, policy: tree.Policy, rows: pa.Table, names: pa.Array) -> pa.Table:
    ids = {"run_id": run_id, "policy_id": policy.id, "policy_version": policy.version}
    columns = [pa.repeat(pa.scalar(word, pa.string()), len(rows)) for word in ids.values()]
    columns.append(names.take(rows.column("ent").combine_chunks()))
    return pa.table([*columns, *(rows.column(name) for name in SCHEMA.names[4:])], schema=SCHEMA)


def write(outcome: Outcome, folder: Path) -> str:
    """Write the run into ``folder``: all of it or nothing. Returns its :func:`digest_of`."""
    return publish(folder, "match", outcome.run_id, outcome.manifest, [asdict(total) for total in outcome.totals], outcome.rows)


def copy(run: Path, folder: Path) -> str:
    """Write a finished run into another folder as :func:`write` does."""
    names = sorted((path.name for path in run.iterdir()), key=lambda name: (name == RUN, name))
    return _publish(folder, [(name, functools.partial(shutil.copyfile, run / name)) for name in names])


def publish(folder: Path, kind: str, run_id: str, manifest: Mapping[str, Any], totals: Sequence[Mapping[str, Any]], rows: pa.Table) -> str:
    """Write a run of any kind as :func:`write` does: rows and manifest, all of it or nothing. Returns its :func:`digest_of`."""
    document = json.dumps({"run_id": run_id, **manifest, "totals": list(totals)}, ensure_ascii=False, indent=1, sort_keys=True)
    return _publish(folder, [(files_of(kind)[0], lambda path: pq.write_table(rows, path, compression="zstd")),
                             (RUN, lambda path: path.write_text(document + "\n", "utf-8"))])


def _publish(folder: Path, parts: Sequence[tuple[str, Callable[[Path], Any]]]) -> str:
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in parts:
            content(aside / name)
            flush(aside / name)
        flush(aside)
        _replace(aside, folder, [name for name, _content in parts])
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    flush(folder.parent)
    return digest_of(folder, [name for name, _content in parts])


def digest_of(folder: Path, names: Sequence[str] = FILES) -> str:
    """The digest of a written run: of both its files."""
    parts = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _replace(aside: Path, folder: Path, names: Sequence[str]) -> None:
    """A folder cannot be renamed over one that holds files: there ``run.json`` goes first and comes last.

    A folder without ``run.json`` holds no run, so a kill in between leaves the old run, none, or the new one.
    """
    if not folder.exists():
        aside.rename(folder)
        return
    (folder / RUN).unlink(missing_ok=True)
    flush(folder)
    for name in names:
        (aside / name).replace(folder / name)
        flush(folder)
