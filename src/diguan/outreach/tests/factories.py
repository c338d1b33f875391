"""Trips, calls and visits for tests: made by the actions, as in life."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory
from diguan.outreach.actions import calls, expenses, guests, trips, visits
from diguan.outreach.models import Call, Expense, FollowUp, Invitation, SiteVisit, Trip, VisitLog

_number = itertools.count(1)


def officer_factory(role: str = "promotion_officer", **more: Any) -> Person:
    """Somebody who plans trips and writes visits down."""
    return person_factory(role, **more)


def trip_factory(by: Person | None = None, *, started: bool = False, **told: Any) -> Trip:
    """A trip of three days to Hangzhou that begins today."""
    person = by or officer_factory()
    today = clocks.today()
    values = {"title": f"赴杭州敲门招商{next(_number)}", "purpose": "拜访钟表配套企业", "from_day": today, "to_day": today + dt.timedelta(days=2), **told}
    members, cities = values.pop("members", ()), values.pop("cities", ("330100",))
    row = trips.plan_trip(values=values, leader=values.pop("leader", person), members=members, cities=cities, by=person)
    return trips.start_trip(trip=row, version=row.version, by=person) if started else row


def call_factory(trip: Trip | None = None, by: Person | None = None, **told: Any) -> Call:
    """Somebody to call on."""
    row = trip or trip_factory(by)
    values = {"name": f"杭州示例机芯{next(_number)}有限公司", **told}
    target = values.pop("target", None)
    calls.add_call(trip=row, values=values, target=target, by=by or row.leader)
    return row.calls.select_related("trip", "place").latest("id")


def expense_factory(trip: Trip | None = None, by: Person | None = None, **told: Any) -> Expense:
    """Two nights of one person in Hangzhou, within the limit."""
    row = trip or trip_factory(by)
    values = {"kind": "lodging", "day": row.from_day, "region": "330100", "persons": 1, "days": 1, "amount_fen": 36_000, **told}
    expenses.enter_expense(trip=row, values=values, by=by or row.leader)
    return row.expenses.latest("id")


def told_visit(**told: Any) -> dict[str, Any]:
    """What a visit says."""
    return {"party": "firm", "name": "杭州示例机芯有限公司", "visited_on": clocks.today(), "said": "看了两条产线，想在内地找配套", "outcome": "keen", "next_step": "寄园区资料", "trip": None, "call": None, **told}


def visit_factory(by: Person | None = None, *, key: uuid.UUID | None = None, **told: Any) -> VisitLog:
    """One visit written down."""
    return visits.send_visit(key=key or uuid.uuid4(), values=told_visit(**told), by=by or officer_factory())[0]


def follow_up_factory(visit: VisitLog | None = None, owner: Person | None = None, by: Person | None = None, days: int = 3, what: str = "寄园区资料和标准厂房清单") -> FollowUp:
    """Something to do within three working days."""
    row = visit or visit_factory(by)
    person = by or row.created_by
    assert person is not None
    return visits.set_follow_up(visit=row, what=what, owner=owner or person, days=days, by=person)


def invitation_factory(by: Person | None = None, **told: Any) -> Invitation:
    """A firm asked to come."""
    values = {"party": "firm", "name": f"宁波演示控制板{next(_number)}有限公司", "purpose": "看标准厂房", "invited_on": clocks.today(), **told}
    trip = values.pop("trip", None)
    return guests.invite(values=values, trip=trip, by=by or officer_factory())


def site_visit_factory(invitation: Invitation | None = None, by: Person | None = None, **told: Any) -> SiteVisit:
    """They come today."""
    row = invitation or invitation_factory(by)
    person = by or row.created_by
    assert person is not None
    values = {"from_day": clocks.today(), "to_day": clocks.today(), "guests": 4, "itinerary": "钟表产业园、县展览馆", **told}
    guests.plan_site_visit(invitation=row, values=values, host=values.pop("host", person), by=person)
    return row.site_visits.latest("id")


def refused(code: str, deed: Callable[..., Any], **told: Any) -> Refusal:
    """The refusal of a deed, which has this code."""
    with pytest.raises(Refusal) as error:
        deed(**told)
    assert error.value.code == code, error.value
    return error.value
