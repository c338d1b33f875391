"""Writes of trips: planned, changed, under way, closed or cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action, told_of, write_at
from diguan.outreach.actions.told import CONFLICT, Values, refuse
from diguan.outreach.models import CallState, Trip, TripCity, TripMember, TripState
from diguan.outreach.queries import rights, trips

FIELDS = ("title", "purpose", "agenda", "from_day", "to_day", "expected_results", "expected_visits", "expected_firms", "expected_leads", "budget_fen", "leaves", "back")
MOST_DAYS, MOST_MEMBERS = 30, 20


@action(permission=rights.CHANGE, event="trip_planned")
def plan_trip(*, values: Values, leader: Person, members: Sequence[Person] = (), cities: Sequence[str] = (), by: Person) -> Done[Trip]:
    """Plan a trip; it belongs to the unit of whoever does it.

    Args:
        values: what ``FIELDS`` names.
        leader: who leads it.
        members: who goes along besides.
        cities: codes of the places it goes to, in order.
        by: who plans it.

    Raises:
        Refusal: ``invalid``, ``bad_days``, ``no_city``, ``no_team`` (field named).
    """
    told = _told(values)
    _team(leader, members)
    _places(cities)
    row = Trip.objects.create(**told, leader=leader, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    _write_team(row, leader, members, cities)
    return Done(row, after=_said(told, cities))


@action(permission=rights.CHANGE, event="trip_changed", on="trip")
def change_trip(*, trip: Trip, version: int, values: Values, leader: Person, members: Sequence[Person] = (), cities: Sequence[str] = (), by: Person) -> Done[Trip]:
    """Change a trip that is not closed, as somebody saw it at ``version``.

    Raises:
        Refusal: as :func:`plan_trip`; ``trip_closed``; ``days_in_use``: calls lie on days that would go; ``conflict``.
    """
    _open(trip)
    told = _told(values)
    _team(leader, members)
    _places(cities)
    length = (told["to_day"] - told["from_day"]).days + 1
    if trip.calls.filter(day__gte=length).exists():
        raise refuse("days_in_use", "后面几天已经排了拜访，先把它们挪开再缩短", "calls are planned on the last days: move them before the trip is shortened", "to_day")
    before = _said({name: getattr(trip, name) for name in FIELDS}, [city.region for city in trip.cities.all()])
    write_at(trip, version, {**told, "leader": leader}, by=by, taken=CONFLICT)
    trip.members.all().delete()
    trip.cities.all().delete()
    _write_team(trip, leader, members, cities)
    return Done(Trip.objects.get(pk=trip.pk), before=before, after=_said(told, cities))


@action(permission=rights.CHANGE, event="trip_started", on="trip")
def start_trip(*, trip: Trip, version: int, by: Person) -> Done[Trip]:
    """Say that the team has set out.

    Raises:
        Refusal: ``not_planned``, ``too_early``: before its first day; ``conflict``.
    """
    if trip.state != TripState.PLANNED:
        raise refuse("not_planned", f"现在是“{trip.get_state_display()}”，不能出发", "only a planned trip sets out")
    if clocks.today() < trip.from_day:
        raise refuse("too_early", f"{trip.from_day} 才出发；要提前走请先改日期", f"it sets out on {trip.from_day}; change the day first")
    write_at(trip, version, {"state": TripState.UNDER_WAY}, by=by, taken=CONFLICT)
    return Done(Trip.objects.get(pk=trip.pk), before={"state": TripState.PLANNED}, after={"state": TripState.UNDER_WAY})


@action(permission=rights.CHANGE, event="trip_closed", on="trip")
def close_trip(*, trip: Trip, version: int, summary: str, by: Person) -> Done[Trip]:
    """Close a trip that is under way, saying what came of it. Every call is made or dropped, every expense decided.

    Raises:
        Refusal: ``not_under_way``, ``calls_open``, ``expenses_open``, ``invalid``, ``conflict``.
    """
    if trip.state != TripState.UNDER_WAY:
        raise refuse("not_under_way", f"现在是“{trip.get_state_display()}”，不能结束", "only a trip under way is closed")
    open_ = trips.still_planned(trip)
    if open_:
        raise refuse("calls_open", f"还有 {open_} 个拜访没有记：去了的写走访记录，没去的写原因", f"{open_} calls are open: write down those made, say why others were not")
    if trip.expenses.filter(state="waiting").exists():
        raise refuse("expenses_open", "还有超限额的费用等审批", "expenses above their limit still wait for approval")
    told = told_of(Trip, {"summary": summary}, ("summary",))
    if not told["summary"]:
        raise refuse("invalid", "写一两句总结", "say in a sentence or two what came of it", "summary")
    write_at(trip, version, {"state": TripState.CLOSED, **told}, by=by, taken=CONFLICT)
    return Done(Trip.objects.get(pk=trip.pk), before={"state": TripState.UNDER_WAY}, after={"state": TripState.CLOSED, **told})


@action(permission=rights.CHANGE, event="trip_cancelled", on="trip")
def cancel_trip(*, trip: Trip, version: int, reason: str, by: Person) -> Done[Trip]:
    """Cancel a trip that has not set out.

    Raises:
        Refusal: ``not_planned``, ``invalid`` (no reason), ``conflict``.
    """
    if trip.state != TripState.PLANNED:
        raise refuse("not_planned", f"现在是“{trip.get_state_display()}”，不能取消", "only a planned trip is cancelled")
    if len(reason.strip()) < 2:
        raise refuse("invalid", "写明为什么不去了", "say why", "reason")
    trip.calls.filter(state=CallState.PLANNED).update(state=CallState.DROPPED, why_dropped=reason.strip()[:200], changed_by=by, changed_at=clocks.now())
    write_at(trip, version, {"state": TripState.CANCELLED, "summary": reason.strip()[:500]}, by=by, taken=CONFLICT)
    return Done(Trip.objects.get(pk=trip.pk), before={"state": TripState.PLANNED}, after={"state": TripState.CANCELLED})


def _open(trip: Trip) -> None:
    if not trip.open:
        raise refuse("trip_closed", f"这次外出{trip.get_state_display()}，不能再改", "this trip is over: it cannot be changed")


def _told(values: Values) -> dict[str, Any]:
    plain = {"leaves": 510, "back": 1110}
    told = told_of(Trip, {**values, **{name: values.get(name) or usual for name, usual in plain.items()}}, FIELDS)
    if told["to_day"] < told["from_day"]:
        raise refuse("bad_days", "返回不能早于出发", "it cannot return before it sets out", "to_day")
    if told["to_day"] - told["from_day"] >= dt.timedelta(days=MOST_DAYS):
        raise refuse("bad_days", f"最多 {MOST_DAYS} 天；更长的分成几次", f"{MOST_DAYS} days at most; split a longer one", "to_day")
    if told["leaves"] >= told["back"] or told["back"] > 1440:
        raise refuse("bad_days", "每天回来要晚于出门", "a day's return is after its start", "back")
    if told["budget_fen"] is not None and not 0 <= told["budget_fen"] <= 10**12:
        raise refuse("invalid", "预算不能是负数，也不能太大；请核对单位", "a budget is not negative, and not that large: check the unit", "budget_fen")
    return told


def _team(leader: Person, members: Sequence[Person]) -> None:
    may_lead = rights.holders(rights.VIEW).filter(pk__in=[leader.pk, *(one.pk for one in members)]).values_list("pk", flat=True)
    if leader.pk not in may_lead:
        raise refuse("no_team", f"{leader.name} 没有在岗的招商岗位，不能带队", f"{leader.name} holds no post that leads trips", "leader")
    strange = [one.name for one in members if one.pk not in may_lead]
    if strange:
        raise refuse("no_team", f"{'、'.join(strange)} 没有在岗的招商岗位", f"{', '.join(strange)}: no current post for this", "members")
    if len(members) > MOST_MEMBERS:
        raise refuse("no_team", f"最多 {MOST_MEMBERS} 人", f"{MOST_MEMBERS} people at most", "members")


def _places(cities: Sequence[str]) -> None:
    known = {code for code, _name in trips.destinations()}
    if not cities:
        raise refuse("no_city", "至少选一个目的地", "name at least one place to go to", "cities")
    odd = [code for code in cities if code not in known]
    if odd:
        raise refuse("no_city", f"没有这个目的地：{'、'.join(odd)}", f"no such place: {', '.join(odd)}", "cities")


def _write_team(row: Trip, leader: Person, members: Sequence[Person], cities: Sequence[str]) -> None:
    TripMember.objects.bulk_create(TripMember(trip=row, person=one) for one in dict.fromkeys(members) if one.pk != leader.pk)
    TripCity.objects.bulk_create(TripCity(trip=row, at=at, region=code) for at, code in enumerate(dict.fromkeys(cities)))


def _said(told: Values, cities: Sequence[str]) -> dict[str, Any]:
    return {**{name: told[name] for name in FIELDS}, "cities": list(cities)}
