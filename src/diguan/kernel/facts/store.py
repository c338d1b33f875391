"""Visible facts: of many deliveries and sources one value per subject, fact and period.

Within a source the latest committed delivery of a key wins. Between sources the catalogue's order of
``sources`` decides; what the others say is kept for the dossier. The outcome is a projection: two Parquet
files named by the batches that went in, rebuilt at will.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from diguan.kernel import periods
from diguan.kernel.facts import actions, batches, duck, files
from diguan.kernel.facts.catalogue import Catalogue
from diguan.kernel.facts.declare import Attribute
from diguan.kernel.facts.models import Batch, BatchState
from diguan.kernel.refusals import Refusal

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person
    from diguan.kernel.rules.dataset import Dataset

REGISTRY = "registry"
LISTED = "enterprise.listed"
"""A reserved fact: one row for every subject of the register, so that one with nothing known is still judged."""
KEPT_PROJECTIONS = 8
_VERSION = 1
_RANKED = """
CREATE TEMP TABLE ranked AS
SELECT said.*, coalesce(p.place, 1000000) AS place,
       row_number() OVER (PARTITION BY subject, subject_id, said.fact, period, said.source ORDER BY batch DESC) = 1 AS current
FROM said LEFT JOIN priority p ON p.fact = said.fact AND p.source = said.source
"""
_CHOSEN = """
SELECT subject, subject_id, fact, period, period_start, period_end, state, num, text FROM ranked WHERE current
QUALIFY row_number() OVER (PARTITION BY subject, subject_id, fact, period ORDER BY place, batch DESC) = 1
ORDER BY subject, subject_id, fact, period_start, period
"""
_SERIES = """
SELECT *, current AND row_number() OVER (PARTITION BY subject, subject_id, fact, period ORDER BY current DESC, place, batch DESC) = 1
  AS chosen FROM ranked ORDER BY subject, subject_id, fact, period_start, period, place, batch DESC
"""


def projection(found: Sequence[Batch], catalogue: Catalogue) -> Path:
    """The folder with ``facts.parquet`` (one value a key) and ``series.parquet`` (every value told) of these batches."""
    order = [(fact, source, place) for fact, spec in sorted(catalogue.items()) for place, source in enumerate(spec.sources)]
    key = hashlib.sha256(json.dumps([_VERSION, [[row.pk, row.source, row.sha256] for row in found], order]).encode()).hexdigest()
    final = files.folder("projections") / key
    if (final / "series.parquet").exists():
        os.utime(final)
        return final
    draft = files.folder("projections") / f".{secrets.token_hex(8)}.tmp"
    draft.mkdir(parents=True)
    try:
        _project(found, order, draft)
        if not final.exists():
            draft.rename(final)
    except OSError:
        if not final.exists():  # another process finished the same projection first
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _prune(final)
    return final


def _project(found: Sequence[Batch], order: list[tuple[str, str, int]], folder: Path) -> None:
    with duck.connect() as db:
        duck.load(db, found)
        db.execute("CREATE TEMP TABLE priority (fact VARCHAR, source VARCHAR, place INTEGER)")
        if order:
            db.executemany("INSERT INTO priority VALUES (?, ?, ?)", order)
        db.execute(_RANKED)
        for name, query in (("facts", _CHOSEN), ("series", _SERIES)):
            db.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")


def _prune(kept: Path) -> None:
    """Keep the projections used last; one that is open stays readable to who has it open."""
    folders = [path for path in files.folder("projections").iterdir() if len(path.name) == 64]
    for path in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_PROJECTIONS:]:
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)


def export_registry(rows: Iterable[Attribute], *, subjects: Iterable[str], by: Person, as_of: dt.date | None = None,
                    complete: Iterable[str] = (), subject: str = "enterprise") -> Batch:
    """Write what the register says into a batch of source ``registry``; the same content is the same batch.

    Args:
        rows: attributes in storage units; an unknown one has no row.
        subjects: every id of the register, also those with nothing known.
        by: who starts the run; needs ``facts.export_registry`` unless nothing changed.
        as_of: the day the rows speak of; an export of an earlier day never takes the place of a later one.
        complete: facts for which a missing attribute means absent.
        subject: the kind of subject.
    """
    known = [_attribute_row(subject, row) for row in rows]
    listed = [_attribute_row(subject, Attribute(each, LISTED, "value", 1)) for each in sorted(set(subjects))]
    sha256, period = files.write_batch([*known, *listed]), as_of.isoformat() if as_of else periods.ALL.text
    coverage = tuple((fact, "all") for fact in sorted(set(complete)))
    if (same := _same_export(subject, sha256, period, coverage)) is not None:
        return same
    staged = actions.Staged(
        source=REGISTRY, sheet=REGISTRY, period=period, sha256=sha256, rows=len(listed), facts=len(known), coverage=coverage,
        subject=subject, replaces_all=True, after=actions.newest(REGISTRY))
    try:
        return actions.export_registry_batch(staged=staged, by=by)
    except Refusal:
        # Another run exported at the same time; what it wrote is as good as ours if it is the same.
        if (same := _same_export(subject, sha256, period, coverage)) is None:
            raise
        return same


def latest_export(subject: str, period: str = "") -> Batch | None:
    """The register's export that counts now; with ``period`` the last one that speaks of that very day."""
    rows = Batch.objects.filter(source=REGISTRY, subject=subject, state=BatchState.COMMITTED)
    return (rows.filter(period=period) if period else rows).order_by("-period", "-committed_at", "-id").first()


def _same_export(subject: str, sha256: str, period: str, coverage: tuple[tuple[str, str], ...]) -> Batch | None:
    for last in (latest_export(subject), latest_export(subject, period)):
        if last is not None and last.sha256 == sha256 and batches.coverage_of([last]) == sorted(coverage):
            return last
    return None


def _attribute_row(subject: str, row: Attribute) -> dict[str, Any]:
    number = row.value if isinstance(row.value, int) else None
    return {"subject": subject, "subject_id": row.subject_id, "fact": row.fact, "period": periods.ALL.text,
            "period_start": periods.ALL.start, "period_end": periods.ALL.end, "state": row.state,
            "num": None if number is None else int(number), "text": row.value if isinstance(row.value, str) else None}


def open_dataset(known_at: dt.datetime | None, catalogue: Catalogue, *, subject: str = "enterprise") -> Dataset:
    """Everything visible at an instant as the rules read it."""
    return open_batches(batches.visible_batches(known_at), catalogue, subject=subject)


def open_batches(delivered: Sequence[Batch], catalogue: Catalogue, *, subject: str = "enterprise",
                 only: Collection[str] | None = None, attributes: pa.Table | None = None) -> Dataset:
    """What these batches say, oldest first, as the rules read it; with ``only`` of these subjects alone.

    ``attributes`` (``subject_id`` and one column a fact) stands in for what the register exported.
    """
    from diguan.kernel.rules.dataset import Dataset

    found = [row for row in delivered if row.subject == subject]
    coverage = [(fact, periods.parse(period)) for fact, period in batches.coverage_of(found) if fact in catalogue]
    if not found:
        empty = pa.table({"subject_id": pa.array([], pa.string())})
        return Dataset.from_parquet(facts=[], attributes=empty if attributes is None else attributes, coverage=coverage, catalogue=catalogue, sources={})
    path = projection(found, catalogue) / "facts.parquet"
    wide = _attributes(path, subject, catalogue, only) if attributes is None else attributes
    return Dataset.from_parquet(facts=[path], attributes=wide, coverage=coverage, catalogue=catalogue, sources=sources_of(found))


def used_from(source: str, delivered: Sequence[Batch], catalogue: Catalogue, *, only: Collection[str],
              subject: str = "enterprise") -> Mapping[str, Mapping[str, frozenset[periods.Period]]]:
    """Of these subjects what one source told that is in use, since nobody before it has spoken: subject id → fact → periods."""
    found = [row for row in delivered if row.subject == subject]
    if not any(row.source == source for row in found):
        return {}
    with duck.connect() as db:
        rows = db.execute("SELECT subject_id, fact, period FROM read_parquet(?) WHERE chosen AND subject = ? AND source = ? AND subject_id IN (SELECT unnest(?))",
                          [str(projection(found, catalogue) / "series.parquet"), subject, source, sorted(only)]).fetchall()
    told: dict[str, dict[str, set[periods.Period]]] = {}
    for uscc, fact, period in rows:
        told.setdefault(uscc, {}).setdefault(fact, set()).add(periods.parse(period))
    return {uscc: {fact: frozenset(spans) for fact, spans in facts.items()} for uscc, facts in told.items()}


def sources_of(found: Sequence[Batch]) -> Mapping[str, str]:
    """Batches for a run's manifest: ``source/sheet/period#number`` to the digest of the content."""
    return {f"{row.source}/{row.sheet}/{row.period}#{row.pk}": row.sha256 for row in found}


def _attributes(path: Path, subject: str, catalogue: Catalogue, only: Collection[str] | None) -> pa.Table:
    """The wide relation: ``subject_id`` and one column for every fact without a period; null is nothing known."""
    specs = [spec for spec in catalogue.values() if spec.period == "none" and spec.subject == subject and not spec.by_standard]
    columns = ", ".join(f"max({spec.stored_as}) FILTER (WHERE fact = '{spec.name}' AND state = 'value') AS \"{spec.name}\"" for spec in specs)
    with duck.connect() as db:
        table: pa.Table = db.sql(
            f"SELECT subject_id{', ' + columns if columns else ''} FROM read_parquet(?) WHERE subject = ? AND period = 'all' "
            f"{'' if only is None else 'AND subject_id IN (SELECT unnest(?)) '}GROUP BY subject_id ORDER BY subject_id",
            params=[str(path), subject, *([] if only is None else [sorted(only)])]).to_arrow_table()
    return table
