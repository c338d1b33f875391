"""Visible facts: of many deliveries and sources one value per subject, fact and period.

Within a source the latest committed delivery of a key wins. Between sources the catalogue's order of
``sources`` decides; what the others say is kept for the dossier. The outcome is a projection (see ``projections``).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from diguan.kernel import periods
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.facts import actions, batches, declare, duck, files, projections
from diguan.kernel.facts.declare import REGISTRY, Attribute
from diguan.kernel.facts.models import Batch, BatchState
from diguan.kernel.facts.projections import projection
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules import committed, few
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.windows import Coverage

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

LISTED = "enterprise.listed"
"""A reserved fact: one row for every subject of the register, so that one with nothing known is still judged."""
FEW = 64
"""So many subjects are read out of a projection one by one; more of them by a query."""


def export_records(rows: Iterable[Attribute], *, subjects: Iterable[str], by: Person, as_of: dt.date) -> list[Batch]:
    """What the rooms' records say of enterprises, each source's in a batch of its own, the register's first; a source with nothing to say says so."""
    told: dict[str, list[Attribute]] = {source: [] for source in (REGISTRY, *sorted(declare.sources().values()))}
    for row in rows:
        told[row.source].append(row)
    return [export_registry(kept, subjects=subjects if source == REGISTRY else (), by=by, as_of=as_of, source=source) for source, kept in told.items()]


def export_registry(rows: Iterable[Attribute], *, subjects: Iterable[str], by: Person, as_of: dt.date | None = None,
                    complete: Iterable[str] = (), subject: str = "enterprise", source: str = REGISTRY) -> Batch:
    """Write what the register says into a batch of source ``registry``; the same content is the same batch.

    Args:
        rows: attributes in storage units; an unknown one has no row.
        subjects: every id of the register, also those with nothing known.
        by: who starts the run; needs ``facts.export_registry`` unless nothing changed.
        as_of: the day the rows speak of; an export of an earlier day never takes the place of a later one.
        complete: facts for which a missing attribute means absent.
        subject: the kind of subject.
        source: another register's name, for what a room keeps itself.
    """
    known = [_attribute_row(subject, row) for row in rows]
    listed = [_attribute_row(subject, Attribute(each, LISTED, "value", 1)) for each in sorted(set(subjects))]
    sha256, period = files.write_batch([*known, *listed]), as_of.isoformat() if as_of else periods.ALL.text
    coverage = tuple((fact, "all") for fact in sorted(set(complete)))
    if (same := _same_export(subject, source, sha256, period, coverage)) is not None:
        return same
    staged = actions.Staged(
        source=source, sheet=REGISTRY, period=period, sha256=sha256, rows=len(listed) or len({row["subject_id"] for row in known}), facts=len(known), coverage=coverage,
        subject=subject, replaces_all=True, after=actions.newest(source))
    try:
        return actions.export_registry_batch(staged=staged, by=by)
    except Refusal:
        # Another run exported at the same time; what it wrote is as good as ours if it is the same.
        if (same := _same_export(subject, source, sha256, period, coverage)) is None:
            raise
        return same


def latest_export(subject: str, period: str = "", source: str = REGISTRY) -> Batch | None:
    """The register's export that counts now; with ``period`` the last one that speaks of that very day."""
    rows = Batch.objects.filter(source=source, sheet=REGISTRY, subject=subject, state=BatchState.COMMITTED)
    return (rows.filter(period=period) if period else rows).order_by("-period", "-committed_at", "-id").first()


def _same_export(subject: str, source: str, sha256: str, period: str, coverage: tuple[tuple[str, str], ...]) -> Batch | None:
    for last in (latest_export(subject, "", source), latest_export(subject, period, source)):
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
                 only: Collection[str] | None = None, facts: Collection[FactSpec] | None = None, attributes: pa.Table | None = None) -> Dataset:
    """What these batches say, oldest first, as the rules read it; with ``only`` of these subjects, with ``facts`` of these facts alone.

    ``attributes`` (``subject_id`` and one column a fact) stands in for what the register exported.
    """
    found = [row for row in delivered if row.subject == subject]
    everything, catalogue = catalogue, catalogue if facts is None else Catalogue(spec for spec in catalogue.values() if spec in facts)
    whole = covered(found)
    coverage = [(fact, period) for fact, period in whole.periods if fact in catalogue]
    given: dict[str, Any] = {"coverage": coverage, "catalogue": catalogue, "sources": sources_of(found), "gaps": whole.gaps}
    if not found:
        empty = pa.table({"subject_id": pa.array([], pa.string())})
        return committed.read([], empty if attributes is None else attributes, **given)
    path = projection(found, everything) / projections.FACTS
    if attributes is None and only is not None and len(only) <= FEW:
        return few.dataset(projections.rows_of(path, subject, only, few.COLUMNS), _attribute_specs(catalogue, subject), **given)
    wide = _attributes(path, subject, catalogue, only) if attributes is None else attributes
    return committed.read([path], wide, **given)


@dataclass(frozen=True)
class Covered:
    """What batches are complete for, and the gaps that leaves, which are worked out once for every subject."""

    periods: tuple[tuple[str, periods.Period], ...]
    gaps: Coverage


def covered(found: Sequence[Batch]) -> Covered:
    """What these batches are complete for."""
    return _covered(tuple((row.pk, row.sha256, row.committed_at) for row in found))


@functools.lru_cache(maxsize=8)
def _covered(found: tuple[tuple[int, str, dt.datetime | None], ...]) -> Covered:
    """Of batches named by number, content and instant: a committed batch never changes."""
    told = tuple((fact, periods.parse(period)) for fact, period in batches.coverage_of([number for number, *_ in found]))
    by_fact: dict[str, list[periods.Period]] = {}
    for fact, period in told:
        by_fact.setdefault(fact, []).append(period)
    return Covered(told, Coverage(by_fact))


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
    specs = _attribute_specs(catalogue, subject)
    columns = ", ".join(f"max({spec.stored_as}) FILTER (WHERE fact = '{spec.name}' AND state = 'value') AS \"{spec.name}\"" for spec in specs)
    with duck.connect() as db:
        table: pa.Table = db.sql(
            f"SELECT subject_id{', ' + columns if columns else ''} FROM read_parquet(?) WHERE subject = ? AND period = 'all' "
            f"{'' if only is None else 'AND subject_id IN (SELECT unnest(?)) '}GROUP BY subject_id ORDER BY subject_id",
            params=[str(path), subject, *([] if only is None else [sorted(only)])]).to_arrow_table()
    return table


def _attribute_specs(catalogue: Catalogue, subject: str) -> list[FactSpec]:
    return [spec for spec in catalogue.values() if spec.period == "none" and spec.subject == subject and not spec.by_standard]
