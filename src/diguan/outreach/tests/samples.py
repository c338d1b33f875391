"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.chains.tests.factories import target_factory
from diguan.outreach.actions import plans
from diguan.outreach.models import Expense, Invitation, Trip, VisitLog
from diguan.outreach.tests.factories import (
    call_factory,
    expense_factory,
    follow_up_factory,
    invitation_factory,
    site_visit_factory,
    trip_factory,
    visit_factory,
)


def _trip(world: Any) -> dict[str, Any]:
    """A trip of the chain officer's, with somebody to call on."""
    by = world.people["chain_officer"]
    found = Trip.objects.filter(leader=by, state="planned").first()
    if found is None:
        found = trip_factory(by)
        call_factory(found, by, contact_name="钱样本", contact_phone="13900000001")
    return {"number": found.pk}


def _call(world: Any) -> dict[str, Any]:
    trip = Trip.objects.get(pk=_trip(world)["number"])
    found = trip.calls.filter(state="planned").first()
    return {"number": (found or call_factory(trip, world.people["chain_officer"])).pk}


def _proposed(world: Any) -> dict[str, Any]:
    trip, by = Trip.objects.get(pk=_trip(world)["number"]), world.people["chain_officer"]
    if not trip.plans.exists():
        plans.propose_plan(trip=trip, by=by)
    return {"number": trip.pk, "plan": trip.plans.first().pk}  # type: ignore[union-attr]


def _planned(world: Any) -> dict[str, Any]:
    """A trip with a proposal."""
    return {"number": _proposed(world)["number"]}


def _targets(world: Any) -> dict[str, Any]:
    target_factory("杭州示例表带股份有限公司", region="330000")
    return _trip(world)


def _expense(world: Any) -> dict[str, Any]:
    trip = Trip.objects.get(pk=_trip(world)["number"])
    found = Expense.objects.filter(trip=trip).first()
    return {"number": trip.pk, "expense": (found or expense_factory(trip, world.people["chain_officer"], amount_fen=60_000, reason="展会期间没有别的房")).pk}


def _visit(world: Any) -> dict[str, Any]:
    found = VisitLog.objects.filter(created_by=world.people["chain_officer"], corrections=None).first()
    return {"number": (found or visit_factory(world.people["chain_officer"])).pk}


def _follow_up(world: Any) -> dict[str, Any]:
    visit = VisitLog.objects.get(pk=_visit(world)["number"])
    found = visit.follow_ups.filter(state="open").first()
    return {"number": (found or follow_up_factory(visit, by=world.people["chain_officer"])).pk}


def _guest(world: Any) -> dict[str, Any]:
    found = Invitation.objects.filter(created_by=world.people["chain_officer"]).first()
    return {"number": (found or invitation_factory(world.people["chain_officer"])).pk}


def _stay(world: Any) -> dict[str, Any]:
    invitation = Invitation.objects.get(pk=_guest(world)["number"])
    found = invitation.site_visits.first()
    return {"number": invitation.pk, "visit": (found or site_visit_factory(invitation, world.people["chain_officer"])).pk}


DEED, FILE, DATA = {"gives": "deed"}, {"gives": "file"}, {"gives": "data"}
SAMPLES: dict[str, Any] = {
    "outreach:trips": ("chain_officer", None),
    "outreach:new": ("chain_officer", None),
    "outreach:trip": ("chain_officer", _trip),
    "outreach:change": ("chain_officer", _trip),
    "outreach:start": ("chain_officer", _trip, DEED),
    "outreach:close": ("chain_officer", _trip, DEED),
    "outreach:cancel": ("chain_officer", _trip, DEED),
    "outreach:expense": ("chain_officer", _trip, DEED),
    "outreach:expense_decide": ("leader", _expense, DEED),
    "outreach:expense_reverse": ("chain_officer", _expense, DEED),
    "outreach:call_new": ("chain_officer", _trip),
    "outreach:targets": ("chain_officer", _targets),
    "outreach:plan": ("chain_officer", _planned),
    "outreach:propose": ("chain_officer", _trip, DEED),
    "outreach:take": ("chain_officer", _proposed, DEED),
    "outreach:base": ("chain_officer", _trip, DEED),
    "outreach:calendar": ("chain_officer", _trip, FILE),
    "outreach:booklet": ("chain_officer", _trip),
    "outreach:call_change": ("chain_officer", _call),
    "outreach:call_drop": ("chain_officer", _call),
    "outreach:call_reveal": ("chain_officer", _call, DEED),
    "outreach:call_move": ("chain_officer", _call, DEED),
    "outreach:places": ("chain_officer", None),
    "outreach:visits": ("chain_officer", None),
    "outreach:visit": ("chain_officer", _visit),
    "outreach:visit_correct": ("chain_officer", _visit),
    "outreach:visit_follow": ("chain_officer", _visit, DEED),
    "outreach:follow_ups": ("chain_officer", None),
    "outreach:follow_up": ("chain_officer", _follow_up),
    "outreach:follow_done": ("chain_officer", _follow_up, DEED),
    "outreach:hand_over": ("chain_officer", _follow_up, DEED),
    "outreach:guests": ("chain_officer", None),
    "outreach:guest_new": ("chain_officer", None),
    "outreach:guest": ("chain_officer", _guest),
    "outreach:guest_answer": ("chain_officer", _guest, DEED),
    "outreach:guest_plan": ("chain_officer", _guest, DEED),
    "outreach:guest_end": ("chain_officer", _stay, DEED),
    "outreach:chambers": ("chain_officer", None),
    "outreach:log": ("chain_officer", None),
    "outreach:log_who": ("chain_officer", None, DATA),
    "outreach:log_send": ("chain_officer", None, DEED),
    "outreach:log_worker": ("chain_officer", None, DATA),
}
