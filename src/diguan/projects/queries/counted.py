"""What counts of all agreements (``engine/counting.py``), on any day and as it was known at any moment; who is a returnee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from diguan.kernel import access, remember
from diguan.kernel.access.models import Person
from diguan.projects.engine import counting
from diguan.projects.models import Agreement, AgreementKind, CheckState, Project, ReturneeClaim, TwinRuling
from diguan.projects.queries.agreements import LIVE, VERIFY
from diguan.projects.queries.projects import VIEW as VIEW_PROJECT


def book(as_of: dt.date, known_at: dt.datetime | None = None) -> counting.Book:
    """Every agreement signed by a day with what of it counts. Over all projects, since a twin may be anybody's: cut it to what a person may see."""
    return remember.while_reading(("projects.counted", as_of, known_at), lambda: _book(as_of, known_at))


def _book(as_of: dt.date, known_at: dt.datetime | None) -> counting.Book:
    places = [counting.Place(*row) for row in Project.objects.order_by().values_list("id", "kind", "extends", "node", "name_key", "investor_uscc", "core_key")]
    columns = ("id", "project", "kind", "signed_on", "amount_fen", "total_fen", "replaces", "counterparty_uscc", "counterparty_core", "state", "verified_at", "voided_at")
    rows = [counting.Signed(*row) for row in Agreement.objects.filter(signed_on__lte=as_of).order_by().values_list(*columns)]
    return counting.count(places, counting.standing(rows, as_of, known_at), apart(known_at))


def apart(known_at: dt.datetime | None = None) -> list[frozenset[int]]:
    """Pairs of projects that were proved to be two."""
    rows = _standing(TwinRuling.objects.all(), known_at)
    return [frozenset(pair) for pair in rows.order_by().values_list("first", "second")]


def _standing(rows: QuerySet[Any], known_at: dt.datetime | None) -> QuerySet[Any]:
    """The verified ones, as it was known at a moment; what was taken back later stood then."""
    if known_at is None:
        return rows.filter(state=CheckState.VERIFIED)
    return rows.filter(Q(state=CheckState.VERIFIED) | Q(state=CheckState.VOID, changed_at__gt=known_at), verified_at__lte=known_at)


def returnees(known_at: dt.datetime | None = None) -> frozenset[int]:
    """The projects proved to be returnees', unless another investor has come in since the proof."""
    later = Agreement.objects.filter(Q(project=OuterRef("project")) | Q(replaces__project=OuterRef("project")), kind=AgreementKind.REPLACEMENT, state=CheckState.VERIFIED, verified_at__gt=OuterRef("verified_at"))
    rows = _standing(ReturneeClaim.objects.all(), known_at).exclude(Exists(later.filter(verified_at__lte=known_at) if known_at is not None else later))
    return frozenset(rows.order_by().values_list("project", flat=True))


def claim_of(project: Project) -> ReturneeClaim | None:
    """The claim of a project that holds or waits."""
    return ReturneeClaim.objects.filter(project=project, state__in=LIVE).select_related("entered_by", "verified_by", "proof").first()


def claim(person: Person, number: int) -> ReturneeClaim | None:
    """One claim; None where there is none for this person."""
    return access.visible(ReturneeClaim.objects.all(), person, VIEW_PROJECT).select_related("project", "proof").filter(pk=number).first()


def rulings_on(projects: Collection[int]) -> QuerySet[TwinRuling]:
    """Rulings on any of these projects that hold or wait."""
    return TwinRuling.objects.filter(Q(first__in=projects) | Q(second__in=projects), state__in=LIVE).select_related("first", "second", "entered_by", "proof").order_by("-id")


def ruling(person: Person, number: int) -> TwinRuling | None:
    """One ruling; None where there is none for this person."""
    rows = access.visible(TwinRuling.objects.all(), person, "projects.view_agreement")
    return rows.select_related("first", "second", "entered_by", "proof").filter(pk=number).first()


def rulings_to_verify(person: Person) -> QuerySet[TwinRuling]:
    """Rulings that wait for this person: another entered them."""
    return access.visible(TwinRuling.objects.filter(state=CheckState.ENTERED).exclude(entered_by=person), person, VERIFY).select_related("first", "second", "entered_by").order_by("id")


def claims_to_verify(person: Person) -> QuerySet[ReturneeClaim]:
    """Claims of returnees that wait for this person: another entered them."""
    return access.visible(ReturneeClaim.objects.filter(state=CheckState.ENTERED).exclude(entered_by=person), person, VERIFY).select_related("project", "entered_by").order_by("id")
