"""Reads of promotion targets: what each office shall reach in a year beside what it did, counted from rows. In the order of offices, ranked by nothing.

What other files of this room and upper rooms count is told by a counter each declares (:func:`counter`); a measure nobody counts is not known, which is not 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Unit
from diguan.projects.models import Assignment, Lead, Measure, Project, ProjectKind
from diguan.projects.models.assignments import MONEY
from diguan.projects.queries import counted, funds

VIEW = "projects.view_assignment"
SET = "projects.set_assignment"


@dataclass(frozen=True)
class Done:
    """What an office reached: a number (fen where the measure is money) and the address of the rows behind it, empty where there is no list of them."""

    number: int
    url_name: str = ""
    query: str = ""


Counter = Callable[[Unit, int], Done]
_COUNTERS: dict[str, Counter] = {}
"""What counts a measure for an office (with those below it) in a year."""


def counter(measure: Measure) -> Callable[[Counter], Counter]:
    """Declare the function that counts a measure."""
    def declare(count: Counter) -> Counter:
        _COUNTERS[measure] = count
        return count
    return declare


@dataclass(frozen=True)
class Line:
    """One task with what was done; ``done`` None where nobody counts it yet."""

    row: Assignment
    done: Done | None

    @property
    def money(self) -> bool:
        """Whether its numbers are fen."""
        return self.row.measure in MONEY


def visible_assignments(person: Person) -> QuerySet[Assignment]:
    """The tasks a person may see, by office and measure."""
    return access.visible(Assignment.objects.all(), person, VIEW).select_related("unit").order_by("unit__path", "measure", "id")


def years(person: Person) -> list[int]:
    """The years that have tasks, and this one; the latest first."""
    return sorted({*visible_assignments(person).order_by().values_list("year", flat=True).distinct(), clocks.today().year}, reverse=True)


def lines(person: Person, year: int) -> list[Line]:
    """A year's tasks with what was done of each."""
    return [Line(row, count(row.unit, year) if (count := _COUNTERS.get(row.measure)) else None) for row in visible_assignments(person).filter(year=year)]


def units() -> QuerySet[Unit]:
    """The offices a task may be given to."""
    return Unit.objects.filter(active=True).order_by("path")


# ── what this file counts ────────────────────────────────────────────────────
def _span(year: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def leads_of(rows: QuerySet[Lead], unit: str, year: int) -> QuerySet[Lead]:
    """Leads an office brought in a year, duplicates left out; whoever follows them by now."""
    found = Unit.objects.filter(pk=int(unit)).first() if unit.isascii() and unit.isdigit() else None
    rows = rows.filter(came_on__range=_span(year), duplicate_of__isnull=True)
    return rows.filter(registered_unit__path__startswith=found.path) if found else rows.none()


@counter(Measure.LEADS)
def _leads(unit: Unit, year: int) -> Done:
    return Done(leads_of(Lead.objects.all(), str(unit.pk), year).count(), "projects:leads", f"brought={unit.pk}&year={year}")


def _projects_of(unit: Unit) -> QuerySet[Project]:
    return Project.objects.filter(owner_unit__path__startswith=unit.path)


def amounts_of(unit: Unit, year: int, measure: str) -> dict[int, int]:
    """By project of an office what counts for a measure in a year: fen where it is money, else 1. Signed and contracted follow the counting rules: each project once, at its first contract."""
    start, end = _span(year)
    if measure == Measure.PROJECTS:
        return dict.fromkeys(_projects_of(unit).filter(opened_on__range=(start, end), kind=ProjectKind.NEW).order_by().values_list("pk", flat=True), 1)
    keys = frozenset(_projects_of(unit).order_by().values_list("pk", flat=True))
    if measure == Measure.ARRIVED:
        return funds.by_project(keys, min(end, clocks.today()), since=start)
    book = counted.book(clocks.today()).within(start, end, keys)
    return dict.fromkeys(book.firsts, 1) if measure == Measure.SIGNED else book.by_project()


def _counted(measure: Measure) -> None:
    counter(measure)(lambda unit, year: Done(sum(amounts_of(unit, year, measure).values()), "projects:assignment_rows"))


for _measure in (Measure.PROJECTS, Measure.SIGNED, Measure.CONTRACTED, Measure.ARRIVED):
    _counted(_measure)


def rows_of(person: Person, row: Assignment) -> list[tuple[Project, int | None]]:
    """The projects behind a number of a task, as far as the person may see them, with what of each is in it where it is money."""
    found = amounts_of(row.unit, row.year, row.measure)
    seen = access.visible(_projects_of(row.unit), person, "projects.view_project").select_related("owner_unit").order_by("id")
    return [(one, found[one.pk] if row.measure in MONEY else None) for one in seen if one.pk in found]
