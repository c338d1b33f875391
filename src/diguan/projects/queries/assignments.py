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
from diguan.kernel.stages.models import Passage
from diguan.projects.models import Assignment, Lead, Measure, Project
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


@counter(Measure.PROJECTS)
def _projects(unit: Unit, year: int) -> Done:
    return Done(Project.objects.filter(opened_on__range=_span(year), owner_unit__path__startswith=unit.path).count(), "projects:assignment_rows")


def signed_of(unit: Unit, year: int) -> QuerySet[Project]:
    """Projects of an office that first came to their contract in a year."""
    came = Passage.objects.filter(course__subject_kind="project", target="contract", day__range=_span(year)).values("course")
    before = Passage.objects.filter(course__subject_kind="project", target="contract", day__lt=dt.date(year, 1, 1)).values("course")
    return Project.objects.filter(course__in=came, owner_unit__path__startswith=unit.path).exclude(course__in=before)


@counter(Measure.SIGNED)
def _signed(unit: Unit, year: int) -> Done:
    return Done(signed_of(unit, year).count(), "projects:assignment_rows")


def contracted_of(unit: Unit, year: int) -> dict[int, int]:
    """What counts as contracted in a year for each project of an office, in fen."""
    first, last = _span(year)
    return counted.book(min(last, clocks.today())).within(first, last, _of(unit)).by_project()


@counter(Measure.CONTRACTED)
def _contracted(unit: Unit, year: int) -> Done:
    return Done(sum(contracted_of(unit, year).values()), "projects:assignment_rows")


def arrived_of(unit: Unit, year: int) -> dict[int, int]:
    """What arrived in a year for each project of an office, in fen: verified and not reversed."""
    first, last = _span(year)
    return funds.by_project(_of(unit), min(last, clocks.today()), since=first)


@counter(Measure.ARRIVED)
def _arrived(unit: Unit, year: int) -> Done:
    return Done(sum(arrived_of(unit, year).values()), "projects:assignment_rows")


def _of(unit: Unit) -> frozenset[int]:
    return frozenset(Project.objects.filter(owner_unit__path__startswith=unit.path).order_by().values_list("pk", flat=True))


def fen_of(row: Assignment) -> dict[int, int] | None:
    """What each project brings to a task in money, in fen; None where the task counts projects."""
    by = {Measure.CONTRACTED: contracted_of, Measure.ARRIVED: arrived_of}.get(Measure(row.measure))
    return by(row.unit, row.year) if by else None


def rows_of(person: Person, row: Assignment) -> QuerySet[Project]:
    """The projects behind a number of a task, as far as the person may see them."""
    fen = fen_of(row)
    if fen is not None:
        found = Project.objects.filter(pk__in=sorted(key for key, part in fen.items() if part))
    elif row.measure == Measure.SIGNED:
        found = signed_of(row.unit, row.year)
    else:
        found = Project.objects.filter(opened_on__range=_span(row.year), owner_unit__path__startswith=row.unit.path)
    return access.visible(found, person, "projects.view_project").select_related("owner_unit").order_by("id")
