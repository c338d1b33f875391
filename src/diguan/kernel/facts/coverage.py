"""What deliveries are complete for: the clerk's word, its default, and the county's matrix of months."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diguan.kernel import access, periods
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.facts import batches
from diguan.kernel.facts.models import Batch, Coverage
from diguan.kernel.facts.requests import queries

if TYPE_CHECKING:
    from diguan.kernel.sheets.declare import Sheet

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
COMPLETE, PARTIAL, MISSING = "complete", "partial", "missing"


@dataclass(frozen=True)
class Cell:
    """One fact in one period: complete, partial (delivered, not declared complete) or missing; and by which batches."""

    period: str
    state: str
    batches: tuple[int, ...] = ()


@dataclass(frozen=True)
class Line:
    """One fact over the periods of the matrix."""

    spec: FactSpec
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Expected:
    """What one source should have delivered for one period, by when, and what has come: the state and the largest batch.

    ``open`` names the facts for which no delivery was declared complete.
    """

    sheet: Sheet
    period: str
    due: dt.date
    state: str
    batch: int | None = None
    rows: int = 0
    open: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dispute:
    """In one period sources tell different values of a fact for ``count`` subjects; the first of ``sources`` is used."""

    fact: str
    period: str
    count: int
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What each source says of one subject: source to (state, num, text)."""

    subject_id: str
    values: Mapping[str, tuple[str, int | None, str | None]]


def declared(facts: Iterable[str], found: Iterable[periods.Period], asked: periods.Period | None,
             catalogue: Catalogue) -> list[tuple[str, str]]:
    """The coverage rows of a delivery said to be complete for these facts.

    A file asked for as a year is complete for every month in it that it holds; otherwise for its periods.
    """
    held = sorted({period.text for period in found})
    if not held and asked is not None:
        held = [asked.text]
    return [(fact, period) for fact in sorted(set(facts)) if fact in catalogue for period in held]


def months(today: dt.date, count: int = 12) -> list[str]:
    """The last whole months ended by a day, oldest first."""
    return ended(today, "month", count)


def ended(today: dt.date, kind: str, count: int) -> list[str]:
    """The last whole periods of a kind (month, quarter, year) ended by a day, oldest first."""
    first = periods.add_months(today.replace(day=1), -(count + 1) * _MONTHS[kind])
    return [period.text for period in periods.within(first, today, kind)][-count:]


def matrix(person: Person, catalogue: Catalogue, columns: Mapping[str, Sequence[str]]) -> dict[str, list[Line]]:
    """Fact by period, for each kind of period: what has come, and whether it was said to be complete.

    Args:
        person: who looks; an office sees the facts it delivers.
        catalogue: the facts there are.
        columns: the periods to look at, by kind (month, quarter, year).

    Raises:
        access.Forbidden: the person may not view batches.
    """
    access.require(person, batches.VIEW)
    own = queries.sources_of(person, batches.VIEW)
    visible = [row for row in batches.visible_batches() if not row.replaces_all]
    whole = _complete(visible)
    delivered = _delivered(visible, catalogue)
    return {kind: [Line(spec, tuple(_cell(spec.name, period, whole, delivered) for period in found))
                   for spec in catalogue.values() if spec.period == kind and (own is None or own & set(spec.sources))]
            for kind, found in columns.items()}


def _cell(fact: str, month: str, whole: dict[tuple[str, str], list[int]], delivered: dict[tuple[str, str], list[int]]) -> Cell:
    key = (fact, month)
    numbers = tuple(dict.fromkeys([*whole.get(key, ()), *delivered.get(key, ())]))
    return Cell(month, COMPLETE if key in whole else PARTIAL if key in delivered else MISSING, numbers)


def _complete(visible: Sequence[Batch]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    rows = Coverage.objects.filter(batch__in=[row.pk for row in visible]).order_by("-batch_id", "id")
    for fact, period, number in rows.values_list("fact", "period", "batch_id"):
        found.setdefault((fact, period), []).append(number)
    return found


def _delivered(visible: Sequence[Batch], catalogue: Catalogue) -> dict[tuple[str, str], list[int]]:
    from diguan.kernel.facts import duck

    if not visible:
        return {}
    found: dict[tuple[str, str], list[int]] = {}
    with duck.connect() as db:
        duck.load(db, visible)
        rows = db.execute("SELECT DISTINCT fact, period, number FROM said ORDER BY number DESC, fact, period").fetchall()
    for fact, period, number in rows:
        if fact in catalogue:
            found.setdefault((fact, period), []).append(number)
    return found


# ── what should have come ────────────────────────────────────────────────────
def expected(person: Person, sheets: Iterable[Sheet], columns: Mapping[str, Sequence[str]]) -> list[Expected]:
    """Each sheet's main source, period by period of the sheet's kind: what was due and what has come. An office sees its own.

    Args:
        person: who looks; only manifests are read.
        sheets: those of which some have a day by which they are due.
        columns: the periods to look at, by kind.

    Raises:
        access.Forbidden: the person may not view batches.
    """
    access.require(person, batches.VIEW)
    own = queries.sources_of(person, batches.VIEW)
    visible = batches.visible_batches()
    rows = Coverage.objects.filter(batch__in=[row.pk for row in visible], period__in=[period for found in columns.values() for period in found])
    whole = set(rows.values_list("fact", "period"))
    return [_expected(sheet, month, [row for row in visible if _delivers(row, sheet, month)], whole)
            for sheet in sheets if sheet.due_day and (own is None or sheet.source in own) for month in columns.get(sheet.period, ())]


def _expected(sheet: Sheet, month: str, came: Sequence[Batch], whole: set[tuple[str, str]]) -> Expected:
    due = due_of(sheet, month)
    if not came:
        return Expected(sheet, month, due, MISSING)
    left = tuple(fact for fact in sheet.complete if (fact, month) not in whole)
    largest = max(came, key=lambda row: (row.rows, row.pk))  # an answer about one firm is not the month's delivery
    return Expected(sheet, month, due, PARTIAL if left else COMPLETE, largest.pk, largest.rows, left)


def due_of(sheet: Sheet, period: str) -> dt.date:
    """The day by which a sheet with a ``due_day`` is to be delivered for a period."""
    return periods.add_months(periods.next_day(periods.parse(period).end), sheet.due_months - 1).replace(day=sheet.due_day)


def _delivers(row: Batch, sheet: Sheet, month: str) -> bool:
    if row.sheet != sheet.name or row.source != sheet.source:
        return False
    return batches.speaks_of(row, periods.parse(month))


# ── sources that tell different things ───────────────────────────────────────
_DISPUTED = """
SELECT fact, period, subject_id FROM read_parquet(?) WHERE current AND fact IN (SELECT unnest(?)) AND period IN (SELECT unnest(?))
GROUP BY fact, period, subject, subject_id
HAVING count(*) > 1 AND (min(state) <> max(state) OR min(num) <> max(num) OR min(text) <> max(text))
"""


def disputes(person: Person, catalogue: Catalogue, columns: Sequence[str]) -> list[Dispute]:
    """Facts of which two sources tell different values, by period, newest first.

    Raises:
        access.Forbidden: the person may not view facts of the whole county.
    """
    several = [name for name, spec in catalogue.items() if len(spec.sources) > 1]
    query = (f"SELECT fact, period, count(DISTINCT s.subject_id), list(DISTINCT s.source) FROM read_parquet(?) s "
             f"JOIN ({_DISPUTED}) d USING (fact, period, subject_id) WHERE s.current GROUP BY 1, 2 ORDER BY 2 DESC, 1")
    rows = _series(person, catalogue, query, several, columns, twice=True)
    return [Dispute(fact, period, count, tuple(source for source in catalogue[fact].sources if source in told)) for fact, period, count, told in rows]


def disputed(person: Person, catalogue: Catalogue, fact: str, period: str) -> list[Told]:
    """Every subject of which the sources tell different values, with what each says; by id.

    Raises:
        access.Forbidden: the person may not view facts of the whole county.
    """
    query = ("SELECT s.subject_id, s.source, s.state, s.num, s.text FROM read_parquet(?) s "
             f"JOIN ({_DISPUTED}) d USING (fact, period, subject_id) WHERE s.current ORDER BY s.subject_id, s.place")
    found: dict[str, dict[str, tuple[str, int | None, str | None]]] = {}
    for subject, source, *value in _series(person, catalogue, query, [fact], [period], twice=True):
        found.setdefault(subject, {})[source] = (value[0], value[1], value[2])
    return [Told(subject, values) for subject, values in found.items()]


def _series(person: Person, catalogue: Catalogue, query: str, facts: Sequence[str], columns: Sequence[str], *,
            twice: bool = False) -> list[tuple[Any, ...]]:
    from diguan.kernel.facts import projections

    access.require(person, batches.VIEW)
    access.require(person, "facts.view_fact")
    if access.scope(person, "facts.view_fact") is not access.Scope.COUNTY:
        raise access.Forbidden("facts.view_fact", title_of("facts.view_fact"))
    visible = batches.visible_batches()
    if not visible or not facts:
        return []
    path = str(projections.projection(visible, catalogue) / projections.SERIES)
    return list(_asked(path, query, tuple(facts), tuple(columns), twice))


@functools.lru_cache(maxsize=64)
def _asked(path: str, query: str, facts: tuple[str, ...], columns: tuple[str, ...], twice: bool) -> tuple[tuple[Any, ...], ...]:
    """A question to a projection, whose name says what is in it: the answer is kept. Rights are asked before."""
    from diguan.kernel.facts import duck

    with duck.connect() as db:
        return tuple(db.execute(query, [*([path] if twice else []), path, list(facts), list(columns)]).fetchall())
