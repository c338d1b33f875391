"""What deliveries are complete for: the clerk's word, its default, and the county's matrix of months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diguan.kernel import access, clocks, periods
from diguan.kernel.access.models import Person
from diguan.kernel.facts import batches
from diguan.kernel.facts.catalogue import Catalogue, FactSpec
from diguan.kernel.facts.models import Batch, Coverage

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
    first = periods.add_months(today.replace(day=1), -count)
    return [period.text for period in periods.within(first, today, "month")][-count:]


def matrix(person: Person, catalogue: Catalogue, columns: Sequence[str] | None = None) -> list[Line]:
    """Fact by month: what has come, and whether it was said to be complete.

    Raises:
        access.Forbidden: the person may not view batches.
    """
    access.require(person, batches.VIEW)
    columns = list(columns or months(clocks.today()))
    visible = [row for row in batches.visible_batches() if not row.replaces_all]
    whole = _complete(visible)
    delivered = _delivered(visible, catalogue)
    return [Line(spec, tuple(_cell(spec.name, month, whole, delivered) for month in columns))
            for spec in catalogue.values() if spec.period == "month"]


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
