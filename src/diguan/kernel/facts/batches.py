"""Batches as they are read: which are visible at an instant, what a new delivery would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
from django.db.models import F, Q, QuerySet

from diguan.kernel import access, clocks, periods, remember
from diguan.kernel.factrow import SCHEMA
from diguan.kernel.facts import duck, files
from diguan.kernel.facts.models import IN_TURN, Batch, BatchState

if TYPE_CHECKING:
    import duckdb

    from diguan.kernel.access.models import Person

VIEW = "facts.view_batch"
IMPORT = "facts.import_batch"
SHOWN = 30
"""So many changes are shown to who looks a delivery over."""
_NONE = {"new": 0, "changed": 0, "same": 0, "gone": 0}
Key = tuple[str, str, str, str]
Value = tuple[str, int | None, str | None]
Wanted = tuple[str, str, str]
"""A subject's id, a fact, a period."""


class Change(NamedTuple):
    """What one key said and will say; None where there was or will be nothing."""

    kind: str
    key: Key
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class Compared:
    """What a delivery would change: how many keys are new, changed, same and gone, and the ``first`` of these changes.

    ``first`` holds what changed, then what is gone, in order of their keys, and what is new where it is as few as are
    shown. ``new`` are the rows not told before, ``gone`` rows that say of what is no longer named that there is none.
    """

    counts: Mapping[str, int]
    first: list[Change]
    new: pa.Table
    gone: pa.Table


def batches(person: Person) -> QuerySet[Batch]:
    """Every batch the person may see, newest first."""
    return access.visible(Batch.objects.all(), person, VIEW).order_by(F("committed_at").desc(nulls_last=True), "-id")


def batch(person: Person, number: int) -> Batch | None:
    """One batch, None where there is none for this person."""
    return batches(person).filter(pk=number).first()


def visible_batches(known_at: dt.datetime | None = None, as_of: dt.date | None = None) -> list[Batch]:
    """The batches that count at an instant (default: now) for a day (default: today), the registers' exports first, then oldest first.

    A batch counts if it was committed by then and not withdrawn by then; of a source that delivers
    everything each time (the registry) only the one that speaks of the last day up to ``as_of`` (its period), and
    of those the last: what was exported for a later day says nothing of this one. Only where nothing speaks of a
    day up to then, the first later one counts.
    """
    return list(remember.while_reading(("facts.batches", known_at, as_of), lambda: _visible(known_at, as_of)))


def _visible(known_at: dt.datetime | None, as_of: dt.date | None) -> list[Batch]:
    rows = every_batch(known_at)
    if known_at is None:
        rows = rows.filter(state=BatchState.COMMITTED)
    else:
        rows = rows.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=known_at))
    ordered = list(rows.order_by(*IN_TURN))
    day = (as_of or clocks.today()).isoformat()
    whole = [row for row in ordered if row.replaces_all]
    later = sorted((row for row in whole if _after(row, day)), key=lambda row: row.period, reverse=True)
    until = sorted((row for row in whole if not _after(row, day)), key=lambda row: row.period)  # stable: ties by commit
    last = {(row.source, row.sheet): row.pk for row in (*later, *until)}
    return [row for row in ordered if not row.replaces_all or last[row.source, row.sheet] == row.pk]


def _after(row: Batch, day: str) -> bool:
    return row.period != "all" and row.period > day


def every_batch(known_at: dt.datetime | None = None) -> QuerySet[Batch]:
    """Every delivery ever committed by an instant (default: now), withdrawn ones included."""
    rows = Batch.objects.exclude(state=BatchState.STAGED)
    return rows if known_at is None else rows.filter(committed_at__lte=known_at)


def speaks_of(row: Batch, period: periods.Period) -> bool:
    """Whether a period lies in what a batch was delivered for."""
    try:
        return periods.stretch(row.period).contains(period)
    except periods.PeriodError:
        return False


def coverage_of(found: Sequence[Batch | int]) -> list[tuple[str, str]]:
    """What these batches (or those of these numbers) are complete for: (fact, period), each once, in order."""
    from diguan.kernel.facts.models import Coverage

    rows = Coverage.objects.filter(batch__in=found)
    return sorted(set(rows.values_list("fact", "period")))


def same_file(source: str, sheet: str, upload_sha256: str) -> Batch | None:
    """The committed batch that came from the very same file, whatever period it was brought in for."""
    rows = Batch.objects.filter(state=BatchState.COMMITTED, source=source, sheet=sheet, upload_sha256=upload_sha256)
    return rows.order_by("id").first()


def previous(source: str, sheet: str, period: str) -> Batch | None:
    """The last committed delivery of the same source, sheet and period, which a new one corrects."""
    rows = Batch.objects.filter(state=BatchState.COMMITTED, source=source, sheet=sheet, period=period)
    return rows.order_by(F("committed_at").desc(nulls_last=True), "-id").first()


_TELLS = """
SELECT w.number, max(said.batch) FROM (SELECT unnest(?) AS number, unnest(?) AS subject_id, unnest(?) AS fact, unnest(?) AS first, unnest(?) AS last) w
JOIN said ON said.subject_id = w.subject_id AND said.fact = w.fact AND said.period_start <= w.first AND said.period_end >= w.last GROUP BY 1
"""


def tells(found: Sequence[Batch], wanted: Iterable[Wanted]) -> dict[Wanted, int]:
    """Of what is wanted, what these batches (oldest first) tell, with the number of the last that does.

    A value tells it, that there is none tells it, and so does a delivery that is complete for the fact and period.
    """
    asked = list(dict.fromkeys(wanted))
    if not found or not asked:
        return {}
    spans = [periods.parse(period) for _subject, _fact, period in asked]
    with duck.connect() as db:
        duck.load(db, found)
        rows = db.execute(_TELLS, [list(range(len(asked))), [key[0] for key in asked], [key[1] for key in asked],
                                   [span.start for span in spans], [span.end for span in spans]]).fetchall()
    told = {asked[number]: found[rank].pk for number, rank in rows}
    return _complete(found, [key for key in asked if key not in told]) | told


def _complete(found: Sequence[Batch], asked: Sequence[Wanted]) -> dict[Wanted, int]:
    """What is told by deliveries that are complete for a fact and a period: who is not in them has none."""
    from diguan.kernel.facts.models import Coverage

    told: dict[Wanted, int] = {}
    rows = Coverage.objects.filter(batch__in=[row.pk for row in found], fact__in={fact for _subject, fact, _period in asked})
    whole = [(number, fact, periods.parse(period)) for number, fact, period in rows.order_by("batch").values_list("batch", "fact", "period")]
    for key in asked:
        span = periods.parse(key[2])
        told.update((key, number) for number, fact, period in whole if fact == key[1] and period.contains(span))
    return told


_BEFORE = """
CREATE TEMP TABLE before AS SELECT * EXCLUDE (batch, number, source) FROM said
WHERE (fact, period) IN (SELECT fact, period FROM sent UNION SELECT fact, period FROM whole)
QUALIFY row_number() OVER (PARTITION BY subject, subject_id, fact, period ORDER BY batch DESC) = 1
"""
_COMPARED = """
CREATE TEMP TABLE compared AS
SELECT sent.*, CASE WHEN b.state IS NULL THEN 'new' WHEN (b.state, b.num, b.text) IS NOT DISTINCT FROM (sent.state, sent.num, sent.text) THEN 'same'
       ELSE 'changed' END AS kind, b.state AS state_before, b.num AS num_before, b.text AS text_before
FROM sent LEFT JOIN before b USING (subject, subject_id, fact, period)
UNION ALL
SELECT * REPLACE ('absent' AS state, NULL AS num, NULL AS text), 'gone', state, num, text
FROM before ANTI JOIN sent USING (subject, subject_id, fact, period) SEMI JOIN whole USING (fact, period) WHERE state = 'value'
"""
_OF_A_KIND = "SELECT * EXCLUDE (kind, state_before, num_before, text_before) FROM compared WHERE kind = ?"
_FIRST = """
SELECT kind, subject, subject_id, fact, period, state_before, num_before, text_before, state, num, text FROM compared
WHERE kind IN ('changed', 'gone') OR kind = 'new' AND ?
ORDER BY list_position(['changed', 'gone', 'new'], kind), subject, subject_id, fact, period LIMIT ?
"""


def compare(source: str, sent: pa.Table, complete: Collection[tuple[str, str]] = ()) -> Compared:
    """What committing these rows (``factrow.SCHEMA``) would change in what the source says.

    A key the source named before and this delivery does not is ``gone`` if the delivery is complete for its
    fact and period (it will be absent), and is left as it is otherwise.
    """
    found = [row for row in visible_batches() if row.source == source]
    with duck.connect() as db:
        db.register("sent", sent)
        db.register("whole", pa.table({"fact": pa.array([fact for fact, _period in complete], pa.string()),
                                       "period": pa.array([period for _fact, period in complete], pa.string())}))
        if found:
            duck.load(db, found)
            db.execute(_BEFORE)
        if not found or db.execute("SELECT count(*) FROM before").fetchone() == (0,):
            db.execute("CREATE TEMP VIEW compared AS SELECT *, 'new' AS kind, NULL AS state_before, NULL AS num_before, NULL AS text_before FROM sent")
            return Compared(_NONE | {"new": len(sent)}, _first(db, len(sent)), sent, SCHEMA.empty_table())
        db.execute(_COMPARED)
        counts = _NONE | dict(db.execute("SELECT kind, count(*) FROM compared GROUP BY kind").fetchall())
        new, gone = (db.sql(_OF_A_KIND, params=[kind]).to_arrow_table().cast(SCHEMA)
                     for kind in ("new", "gone"))
        return Compared(counts, _first(db, counts["new"]), new, gone)


def _first(db: duckdb.DuckDBPyConnection, new: int) -> list[Change]:
    rows = db.execute(_FIRST, [new <= SHOWN, SHOWN]).fetchall()
    return [Change(row[0], row[1:5], None if row[0] == "new" else row[5:8], None if row[0] == "gone" else row[8:]) for row in rows]


def content(person: Person, row: Batch, limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
    """Rows of a batch for a page; needs the right to view facts as well as the batch."""
    access.require(person, VIEW, record=row)
    access.require(person, "facts.view_fact")
    with duck.connect() as db:
        relation = db.execute("SELECT * FROM read_parquet(?) ORDER BY subject_id, fact, period_start LIMIT ? OFFSET ?",
                              [str(files.batch_path(row.sha256)), limit, offset])
        names = [column[0] for column in relation.description or ()]
        return [dict(zip(names, values, strict=True)) for values in relation.fetchall()]
