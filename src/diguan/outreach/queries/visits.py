"""Reads of visits, follow-ups, invitations and guests."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Unit
from diguan.outreach.models import Call, FollowState, FollowUp, Invitation, Party, SiteVisit, Trip, VisitLog
from diguan.outreach.queries.rights import LOG, VIEW, VIEW_VISIT
from diguan.projects.models import Measure
from diguan.projects.queries.assignments import Done, counter

WRITTEN = ("party", "name", "visited_on", "said", "outcome", "next_step", "trip", "call")
"""What a person writes down; the digest covers these."""


def visible_visits(person: Person) -> QuerySet[VisitLog]:
    """The visits this person may read, the latest first."""
    return access.visible(VisitLog.objects.select_related("trip", "created_by", "owner_unit"), person, VIEW_VISIT).order_by("-visited_on", "-id")


def visit(person: Person, number: int) -> VisitLog | None:
    """One by its number, None where there is none for this person."""
    return visible_visits(person).filter(pk=number).first()


def current(rows: QuerySet[VisitLog]) -> QuerySet[VisitLog]:
    """Those no later entry corrects."""
    return rows.filter(corrections=None)


def by_key(key: uuid.UUID) -> VisitLog | None:
    """The entry of a device's key, whoever wrote it: only the log itself asks, and tells nothing of another's."""
    return VisitLog.objects.filter(key=key).first()


def digest_of(told: Mapping[str, Any]) -> str:
    """SHA-256 of what was written, spaces at the ends aside; the same text gives the same digest on every device.

    >>> digest_of({"name": " 甲 ", "said": "谈了"}) == digest_of({"said": "谈了", "name": "甲"})
    True
    """
    plain = {name: str(getattr(told.get(name), "pk", told.get(name)) or "").strip().replace("\r\n", "\n") for name in WRITTEN}
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def search(rows: QuerySet[VisitLog], text: str) -> QuerySet[VisitLog]:
    """Those of somebody called so, or whose text says it."""
    return rows.filter(Q(name_key__contains=name_key(text)) | Q(said__icontains=text) | Q(next_step__icontains=text))


def open_trips(person: Person) -> list[Trip]:
    """The trips a visit may be written to: under way or lately closed, the person of the team or of the unit; the latest first."""
    rows = access.visible(Trip.objects.all(), person, LOG) | Trip.objects.filter(Q(leader=person) | Q(members__person=person))
    return list(rows.exclude(state="cancelled").distinct().order_by("-from_day", "-id")[:30])


def open_calls(person: Person) -> list[Call]:
    """The calls of these trips."""
    return list(Call.objects.filter(trip__in=[row.pk for row in open_trips(person)]).select_related("trip"))


# ── of one firm ──────────────────────────────────────────────────────────────
def made_to(person: Person, name: str) -> QuerySet[VisitLog]:
    """The visits this person may read to somebody of this name, the latest first."""
    return current(visible_visits(person)).filter(name_key=name_key(name))


def planned_to(person: Person, name: str) -> list[Call]:
    """The calls on somebody of this name that are still to be made, on trips this person may see."""
    trips = access.visible(Trip.objects.exclude(state__in=("closed", "cancelled")), person, VIEW).order_by().values("pk")
    return list(Call.objects.filter(trip__in=trips, name_key=name_key(name), state="planned").select_related("trip").order_by("trip__from_day", "id"))


# ── what an office did ───────────────────────────────────────────────────────
def units(person: Person) -> list[tuple[str, str]]:
    """The offices with a visit this person may read: key and name."""
    found = visible_visits(person).order_by().values_list("owner_unit", flat=True).distinct()
    return [(str(row.pk), row.name) for row in Unit.objects.filter(pk__in=found).order_by("path")]


def of_unit(rows: QuerySet[VisitLog], key: str) -> QuerySet[VisitLog]:
    """Those of an office and the offices below it."""
    found = Unit.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    return rows.filter(owner_unit__path__startswith=found.path) if found else rows.none()


def in_year(rows: QuerySet[VisitLog], year: str) -> QuerySet[VisitLog]:
    """Those of a year."""
    return rows.filter(visited_on__year=int(year)) if year.isascii() and year.isdigit() else rows.none()


def calls_away(rows: QuerySet[VisitLog]) -> QuerySet[VisitLog]:
    """Those made on a trip where somebody was met."""
    return current(rows).filter(trip__isnull=False).exclude(outcome="absent")


@counter(Measure.VISITS)
def _visits(unit: Unit, year: int) -> Done:
    made = calls_away(in_year(of_unit(VisitLog.objects.all(), str(unit.pk)), str(year)))
    return Done(made.count(), "outreach:visits", f"unit={unit.pk}&year={year}&away=1&met=1")


# ── follow-ups ───────────────────────────────────────────────────────────────
def visible_follow_ups(person: Person) -> QuerySet[FollowUp]:
    """Those this person may see, and their own whatever unit set them; the earliest due first."""
    rows = FollowUp.objects.select_related("owner", "visit", "trip", "owner_unit")
    if not access.may(person, VIEW_VISIT):
        return rows.none()
    return (access.visible(rows, person, VIEW_VISIT) | rows.filter(owner=person)).distinct().order_by("due_on", "id")


def follow_up(person: Person, number: int) -> FollowUp | None:
    """One by its number, None where there is none for this person."""
    return visible_follow_ups(person).filter(pk=number).first()


def overdue(rows: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    """Those whose day is past."""
    return rows.filter(state=FollowState.OPEN, due_on__lt=clocks.today())


def may_work_on(person: Person, row: FollowUp) -> bool:
    """Whether they may finish it or hand it over: who is to do it, and who keeps it."""
    return access.may(person, LOG) and (row.owner_id == person.pk or access.may(person, LOG, row))


# ── guests ───────────────────────────────────────────────────────────────────
def visible_invitations(person: Person) -> QuerySet[Invitation]:
    """The invitations this person may see, the latest first."""
    return access.visible(Invitation.objects.select_related("trip", "created_by", "owner_unit"), person, VIEW_VISIT).prefetch_related("site_visits__host").order_by("-invited_on", "-id")


def invitation(person: Person, number: int) -> Invitation | None:
    """One by its number, None where there is none for this person."""
    return visible_invitations(person).filter(pk=number).first()


def site_visit(person: Person, number: int) -> SiteVisit | None:
    """One by its number, None where there is none for this person."""
    return access.visible(SiteVisit.objects.select_related("invitation", "host"), person, VIEW_VISIT).filter(pk=number).first()


def coming(person: Person) -> QuerySet[SiteVisit]:
    """Guests this person is to receive, the earliest first."""
    return SiteVisit.objects.filter(host=person, state="planned").select_related("invitation").order_by("from_day", "id")


def chambers_reached(person: Person) -> list[dict[str, Any]]:
    """Chambers a visit was written down of: name, how often, the last day; by name."""
    found: dict[str, list[VisitLog]] = {}
    for one in current(visible_visits(person)).filter(party=Party.CHAMBER).exclude(outcome="absent").order_by("visited_on", "id"):
        found.setdefault(one.name_key, []).append(one)
    return [{"name": made[-1].name, "times": len(made), "last": made[-1].visited_on} for _key, made in sorted(found.items())]
