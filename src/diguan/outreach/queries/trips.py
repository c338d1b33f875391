"""Reads of trips: who sees which, what a trip expected and what came, what it cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet, Sum

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message
from diguan.outreach.models import (
    Call,
    CallState,
    Expense,
    ExpenseState,
    Invitation,
    Outcome,
    Party,
    Trip,
    TripState,
    VisitLog,
)
from diguan.outreach.queries import visits
from diguan.outreach.queries.rights import APPROVE, VIEW, VIEW_VISIT

MADE = (TripState.UNDER_WAY, TripState.CLOSED)
"""The trips that count."""
COUNTED = (ExpenseState.KEPT, ExpenseState.APPROVED)
"""The expenses that count."""


def visible_trips(person: Person) -> QuerySet[Trip]:
    """The trips this person may see, the latest first."""
    return access.visible(Trip.objects.all(), person, VIEW).select_related("leader", "owner_unit", "base").prefetch_related("cities").order_by("-from_day", "-id")


def trip(person: Person, number: int) -> Trip | None:
    """One by its number, None where there is none for this person."""
    return visible_trips(person).filter(pk=number).first()


def search(rows: QuerySet[Trip], text: str) -> QuerySet[Trip]:
    """Those of that name or purpose, or that call on somebody called so."""
    called = Call.objects.filter(name_key__contains=name_key(text)).values("trip")
    return rows.filter(Q(title__icontains=text) | Q(purpose__icontains=text) | Q(pk__in=called))


def in_province(rows: QuerySet[Trip], code: str) -> QuerySet[Trip]:
    """Those that go to a province."""
    return rows.filter(cities__region__startswith=code[:2]).distinct()


def provinces(person: Person) -> list[tuple[str, str]]:
    """Codes and names of the provinces that trips this person may see go to."""
    codes = visible_trips(person).order_by().values_list("cities__region", flat=True).distinct()
    return [(code, region_name(code)) for code in sorted({f"{code[:2]}0000" for code in codes if code})]


def on_trips_to(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Visits or invitations of trips that go to a province."""
    return rows.filter(trip__in=in_province(Trip.objects.order_by(), code).values("pk"))


def named(person: Person) -> list[tuple[str, str]]:
    """The trips this person may see, each with its day: several have one name."""
    return [(str(row.pk), f"{row.title} {row.from_day}") for row in visible_trips(person)[:200]]


def destinations() -> list[tuple[str, str]]:
    """Provinces and cities a trip may go to, the province's name before the city's."""
    regions = packs.codes().regions
    return [(code, name if code.endswith("0000") else f"{regions.get(code[:2] + '0000', '')} {name}".strip()) for code, name in regions.items() if code.endswith("00")]


def region_name(code: str) -> str:
    """A region as pages say it; the code where nobody named it."""
    return packs.codes().regions.get(code, code)


def cities_of(row: Trip) -> str:
    """Where it goes, in words."""
    return "、".join(region_name(city.region) for city in row.cities.all())


def calls_of(row: Trip) -> list[Call]:
    """Its calls, those in the plan first, in their order."""
    return list(row.calls.select_related("place", "target"))


def expenses_of(row: Trip) -> list[Expense]:
    """What was spent, whatever its state."""
    return list(row.expenses.select_related("created_by", "decided_by"))


def to_approve(person: Person) -> QuerySet[Expense]:
    """Expenses above their limit that wait for this person, who did not enter them."""
    trips = access.visible(Trip.objects.all(), person, APPROVE).order_by().values("pk")
    return Expense.objects.filter(state=ExpenseState.WAITING, trip__in=trips).exclude(created_by=person).select_related("trip").order_by("id")


# ── results against what was expected ────────────────────────────────────────
@dataclass(frozen=True)
class Result:
    """One figure: how many were expected (None: nobody said) and how many came; ``key`` opens the rows."""

    key: str
    expected: int | None
    came: int

    @property
    def short(self) -> int:
        """How many are missing; 0 where nothing was expected."""
        return max(0, (self.expected or 0) - self.came)


@dataclass(frozen=True)
class Results:
    """What one trip was for and what came of it: visits as written down, firms seen, those who want to go on, those invited; money in fen."""

    row: Trip
    visits: Sequence[VisitLog]
    invited: int
    spent_fen: int
    waiting_fen: int

    @cached_property
    def firms(self) -> list[VisitLog]:
        """One visit of each firm where somebody was met."""
        return list({one.name_key: one for one in self.visits if one.party == Party.FIRM and one.outcome != Outcome.ABSENT}.values())

    @cached_property
    def keen(self) -> list[VisitLog]:
        """One visit of each that wants to come or to go on: what may become a lead."""
        return list({one.name_key: one for one in self.visits if one.outcome in (Outcome.COMING, Outcome.KEEN)}.values())

    @property
    def lines(self) -> list[Result]:
        """The figures, expected beside came."""
        return [Result("visits", self.row.expected_visits, len(self.visits)), Result("firms", self.row.expected_firms, len(self.firms)), Result("leads", self.row.expected_leads, len(self.keen)), Result("invited", None, self.invited)]


def results(person: Person, row: Trip) -> Results:
    """What came of a trip, as far as this person may see it. Corrected entries count once, as corrected."""
    made = list(visits.current(visits.visible_visits(person)).filter(trip=row))
    sums = row.expenses.aggregate(spent=Sum("amount_fen", filter=Q(state__in=COUNTED)), waiting=Sum("amount_fen", filter=Q(state=ExpenseState.WAITING)))
    return Results(row, made, row.invitations.count(), sums["spent"] or 0, sums["waiting"] or 0)


# ── figures of many trips ────────────────────────────────────────────────────
@dataclass(frozen=True)
class Book:
    """The trips and visits a figure is of, as they stand on a day."""

    trips: tuple[Trip, ...]
    visits: tuple[VisitLog, ...]
    invited: tuple[Invitation, ...]
    as_of: dt.date
    known_at: dt.datetime | None = None


def book(person: Person, rows: QuerySet[Trip] | None = None) -> Book:
    """The trips this person may see, or some of them, with the visits made on them."""
    found = tuple(visible_trips(person) if rows is None else rows)
    made = tuple(visits.current(visits.visible_visits(person)).filter(trip__in=[row.pk for row in found]))
    invited = tuple(visits.visible_invitations(person).filter(trip__in=[row.pk for row in found]))
    return Book(found, made, invited, clocks.today(), max((row.changed_at for row in (*found, *made)), default=None))


@measure("outreach.trips", title=Message("外出招商", "Trips"), unit="次", permission=VIEW, rows=lambda person, of: [row for row in visible_trips(person) if row.pk in {one.pk for one in of.trips} and row.state != TripState.CANCELLED],
         definition=Message("已经出发或结束的外出算一次，计划中和取消的不算", "Trips under way or closed; planned and cancelled ones do not count"))
def trips_made(of: Book) -> int:
    """How many."""
    return sum(row.state in MADE for row in of.trips)


@measure("outreach.calls_made", title=Message("拜访商会和企业", "Chambers and firms called on"), unit="家", permission=VIEW, rows=lambda person, of: [one for one in visits.visible_visits(person) if one.pk in {each.pk for each in of.visits}],
         definition=Message("外出中有走访记录的商会和企业，同名的算一家；没见到人的不算", "Chambers and firms with a visit written down on a trip; one of the same name counts once, and where nobody was met none"))
def calls_made(of: Book) -> int:
    """How many different ones."""
    return len({one.name_key for one in of.visits if counts(one)})


def counts(one: VisitLog) -> bool:
    """Whether a visit was to a chamber or a firm and somebody was met."""
    return one.party != Party.OTHER and one.outcome != Outcome.ABSENT


@measure("outreach.provinces", title=Message("去过的省", "Provinces"), unit="个", permission=VIEW, rows=lambda person, of: [row for row in visible_trips(person) if row.pk in {one.pk for one in of.trips if one.state in MADE}],
         definition=Message("已经出发或结束的外出所到的省、自治区、直辖市，去过几次都算一个", "Provinces that trips under way or closed went to, each once"))
def provinces_reached(of: Book) -> int:
    """How many."""
    return len(province_codes(of))


def province_codes(of: Book) -> list[str]:
    """The provinces that trips under way or closed went to, by code."""
    return sorted({f"{city.region[:2]}0000" for row in of.trips if row.state in MADE for city in row.cities.all()})


@measure("outreach.invited", title=Message("邀请来县考察", "Invited to the county"), unit="家", permission=VIEW_VISIT, rows=lambda person, of: [one for one in visits.visible_invitations(person) if one.pk in {each.pk for each in of.invited}],
         definition=Message("外出中邀请来县考察的企业和商会，同名的算一家；来没来过都算", "Firms and chambers invited on a trip, one of the same name once, whether they came or not"))
def invited(of: Book) -> int:
    """How many different ones."""
    return len({name_key(one.name) for one in of.invited})


def still_planned(row: Trip) -> int:
    """How many calls of a trip nobody has made or dropped."""
    return row.calls.filter(state=CallState.PLANNED).count()
