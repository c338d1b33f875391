"""Reads of obligations and performance checks: what is due, what is late, what a check came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet

from diguan.enterprises import engine as names
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.records import chunks
from diguan.projects.engine import fulfilment as engine
from diguan.projects.models import CheckState, Obligation, ObligationState, PerformanceCheck, Project, Side
from diguan.projects.queries.agreements import LIVE, VERIFY, VIEW
from diguan.projects.queries.projects import teller

SOON = 30
"""Days before an obligation falls due in which the desk speaks of it."""


def visible_obligations(person: Person) -> QuerySet[Obligation]:
    """The obligations of agreements that hold and that a person may see, what is due first before the rest."""
    rows = access.visible(Obligation.objects.filter(agreement__state__in=LIVE), person, VIEW)
    return rows.select_related("agreement__project", "claimed_by", "decided_by", "proof").order_by("due_on", "id")


def obligation(person: Person, number: int) -> Obligation | None:
    """One; None where there is none for this person."""
    return visible_obligations(person).filter(pk=number).first()


def search(rows: QuerySet[Obligation], text: str) -> QuerySet[Obligation]:
    """Those whose words or project hold the text."""
    return rows.filter(Q(text__contains=text.strip()) | Q(agreement__project__name_key__contains=names.name_key(text)) | Q(agreement__project__number__contains=text.strip()))


def late(rows: QuerySet[Obligation], day: dt.date | None = None) -> QuerySet[Obligation]:
    """Those whose day is past and that are neither met nor waived."""
    return rows.filter(state__in=(ObligationState.OPEN, ObligationState.CLAIMED), due_on__lt=day or clocks.today())


def due_soon(rows: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """Those that fall due within the next days and are still open."""
    day = clocks.today()
    return rows.filter(state=ObligationState.OPEN, due_on__range=(day, day + dt.timedelta(days=SOON)))


def to_verify(person: Person) -> QuerySet[Obligation]:
    """Those told to be met that wait for this person: another told so."""
    rows = Obligation.objects.filter(state=ObligationState.CLAIMED, agreement__state__in=LIVE).exclude(claimed_by=person)
    return access.visible(rows, person, VERIFY).order_by("due_on", "id")


def measurable(project: Project) -> QuerySet[Obligation]:
    """What the investor promised in figures, in agreements of a project that hold."""
    return Obligation.objects.filter(agreement__project=project, agreement__state__in=LIVE, side=Side.INVESTOR, target__isnull=False).select_related("agreement").order_by("due_on", "id")


def fulfilled(projects: Collection[int], as_of: dt.date, known_at: dt.datetime | None = None) -> frozenset[int]:
    """Of these projects those whose investor met, in time or late, everything that fell due by a day. One where nothing fell due is not among them."""
    found: dict[int, list[tuple[str, dt.date]]] = {}
    for part in chunks(sorted(projects)):
        rows = Obligation.objects.filter(agreement__project__in=part, agreement__state=CheckState.VERIFIED, side=Side.INVESTOR)
        for project, state, due, met, at in rows.order_by().values_list("agreement__project", "state", "due_on", "met_on", "decided_at"):
            known = known_at is None or (at is not None and at <= known_at)
            then = state if known and (state != ObligationState.MET or (met is not None and met <= as_of)) else ObligationState.OPEN
            found.setdefault(project, []).append((then, due))
    return frozenset(project for project, each in found.items() if engine.fulfilled(each, as_of))


# ── performance ──────────────────────────────────────────────────────────────
def checks_of(person: Person, project: Project) -> list[PerformanceCheck]:
    """The checks of a project, the last first, as far as the person may see them."""
    rows = access.visible(PerformanceCheck.objects.filter(project=project), person, VIEW)
    return list(rows.select_related("entered_by", "verified_by", "proof").prefetch_related("lines__obligation").order_by("-on", "-id"))


def check(person: Person, number: int) -> PerformanceCheck | None:
    """One check; None where there is none for this person."""
    return access.visible(PerformanceCheck.objects.all(), person, VIEW).select_related("project", "proof").filter(pk=number).first()


def verdict(row: PerformanceCheck) -> str:
    """What a check came to."""
    return engine.verdict((line.promised, line.measured) for line in row.lines.all())


def checks_to_verify(person: Person) -> QuerySet[PerformanceCheck]:
    """Checks that wait for this person: another entered them."""
    return access.visible(PerformanceCheck.objects.filter(state=CheckState.ENTERED).exclude(entered_by=person), person, VERIFY).select_related("project").order_by("id")


@teller
def _performance(row: Project, day: dt.date) -> dict[str, int | str]:
    """The last verified check by a day decides; before the first nobody knows."""
    last = PerformanceCheck.objects.filter(project=row, state=CheckState.VERIFIED, on__lte=day).order_by("-on", "-id").first()
    found = verdict(last) if last else engine.UNKNOWN
    return {} if found == engine.UNKNOWN else {"project.performance_met": int(found == engine.PASSED)}
