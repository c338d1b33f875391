"""Writes of a trip's plan: proposed by the planner, taken over, moved by hand; places and ways it reckons with."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, told_of, write_at
from diguan.kernel.messages import Message
from diguan.outreach.actions.told import CONFLICT, Values, refuse
from diguan.outreach.engine import planner
from diguan.outreach.models import Call, CallState, Place, TravelTime, Trip, TripPlan
from diguan.outreach.queries import planning, rights, trips

UP, DOWN, EARLIER, LATER, OUT, IN = "up", "down", "earlier", "later", "out", "in"
MOVES = (UP, DOWN, EARLIER, LATER, OUT, IN)
PLACE_FIELDS = ("name", "address", "region", "lat_e6", "lon_e6")
MOST_WAYS = 2_000


@action(permission=rights.CHANGE, event="plan_proposed", on="trip")
def propose_plan(*, trip: Trip, by: Person) -> Done[Trip]:
    """Work out which calls to make on which day in which order; the proposal is kept and changes nothing yet.

    Raises:
        Refusal: ``trip_closed``, ``nothing_to_plan``.
    """
    _open(trip)
    ground = planning.ground(trip, trips.calls_of(trip))
    if not ground.calls:
        raise refuse("nothing_to_plan", "先加几个要拜访的对象", "add somebody to call on first")
    found = planner.propose(ground.task)
    stops = [[ground.calls[stop.visit].pk, day, stop.begins] for day, order in enumerate(found.orders) for stop in planner.route(ground.task, day, order).stops]
    left = [[ground.calls[number].pk, why] for number, why in sorted(planner.left_out(ground.task, found.orders).items())]
    TripPlan.objects.create(trip=trip, made_by=by, value=found.value, bound=found.bound, greedy_value=found.greedy_value, greedy_stops=sum(map(len, found.greedy)),
                            proven=found.proven, stops=stops, left=left, ways=ground.how)
    return Done(trip, after={"value": found.value, "bound": found.bound, "greedy": found.greedy_value, "stops": len(stops), "left": len(left)})


@action(permission=rights.CHANGE, event="plan_taken", on="trip")
def take_plan(*, trip: Trip, plan: TripPlan, version: int, by: Person) -> Done[Trip]:
    """Put the calls where a proposal has them; calls that have been made or dropped since are left where they are.

    Raises:
        Refusal: ``trip_closed``, ``other_trip``, ``conflict``: somebody planned first.
    """
    _open(trip)
    if plan.trip_id != trip.pk or any(day >= trip.days for _call, day, _begins in plan.stops):
        raise refuse("other_trip", "这份排程和现在的日期对不上，请重新排一次", "this proposal does not fit the trip as it is now: have it worked out again")
    write_at(trip, version, {}, by=by, taken=CONFLICT)
    now = clocks.now()
    _planned(trip).update(day=None, at=None, version=F("version") + 1, changed_at=now, changed_by=by)
    for at, (call, day, _begins) in enumerate(plan.stops):
        _planned(trip).filter(pk=call).update(day=day, at=at, changed_at=now, changed_by=by)
    return Done(Trip.objects.get(pk=trip.pk), after={"plan": plan.pk, "stops": len(plan.stops)})


@action(permission=rights.CHANGE, event="call_moved", on="call")
def move_call(*, call: Call, version: int, how: str, by: Person) -> Done[Trip]:
    """Move a call by hand: up or down within its day, a day earlier or later, out of the plan or into its first day. What then breaks is shown, not refused.

    Args:
        call: the one to move.
        version: of the trip, as somebody saw the plan.
        how: one of ``MOVES``.
        by: who moves it.

    Raises:
        Refusal: ``trip_closed``, ``call_over``, ``cannot_move``, ``conflict``.
    """
    trip = call.trip
    _open(trip)
    if call.state != CallState.PLANNED:
        raise refuse("call_over", f"这个拜访{call.get_state_display()}，不能再挪", "this call is over: it cannot be moved")
    write_at(trip, version, {}, by=by, taken=CONFLICT)
    days = _days(trip)
    day, at = _moved(days, call, how)
    for numbered, order in enumerate(days):
        for place, key in enumerate(order):
            _planned(trip).filter(pk=key).update(day=numbered, at=place)
    if day is None:
        _planned(trip).filter(pk=call.pk).update(day=None, at=None)
    return Done(Trip.objects.get(pk=trip.pk), before={"call": call.pk, "day": call.day, "at": call.at}, after={"call": call.pk, "day": day, "at": at})


def _days(trip: Trip) -> list[list[int]]:
    days: list[list[int]] = [[] for _day in range(trip.days)]
    for key, day in _planned(trip).filter(day__isnull=False).order_by("day", "at", "pk").values_list("pk", "day"):
        days[min(day or 0, trip.days - 1)].append(key)
    return days


def _moved(days: list[list[int]], call: Call, how: str) -> tuple[int | None, int | None]:
    """Where it then is; the days are changed in place.

    Raises:
        Refusal: ``cannot_move``.
    """
    day = call.day
    if how == IN and day is None:
        days[0].append(call.pk)
        return 0, len(days[0]) - 1
    if day is None or how not in MOVES or how == IN:
        raise refuse("cannot_move", "它不在排程里，或不能这样挪", "it is not in the plan, or cannot be moved so")
    order = days[day]
    at = order.index(call.pk)
    to_day, to_at = day + {EARLIER: -1, LATER: 1}.get(how, 0), at + {UP: -1, DOWN: 1}.get(how, 0)
    if not 0 <= to_day < len(days) or (to_day == day and not 0 <= to_at < len(order)):
        raise refuse("cannot_move", "已经在头上了，不能再挪", "it is at the end already")
    order.remove(call.pk)
    if how == OUT:
        return None, None
    if to_day != day:
        to_at = len(days[to_day])
    days[to_day].insert(to_at, call.pk)
    return to_day, to_at


def _planned(trip: Trip):  # type: ignore[no-untyped-def]
    return Call.objects.filter(trip=trip, state=CallState.PLANNED)


def _open(trip: Trip) -> None:
    if not trip.open:
        raise refuse("trip_closed", f"这次外出{trip.get_state_display()}，不能再排", "this trip is over: its plan cannot be changed")


# ── places and ways ──────────────────────────────────────────────────────────
@action(permission=rights.CHANGE, event="place_kept")
def keep_place(*, values: Values, by: Person) -> Done[Place]:
    """Keep a place by its name; told again, it is what was told last.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    told = told_of(Place, values, PLACE_FIELDS)
    if (told["lat_e6"] is None) != (told["lon_e6"] is None):
        raise refuse("invalid", "经度和纬度要么都填，要么都不填", "latitude and longitude are told together or not at all", "lat_e6")
    if told["lat_e6"] is not None and not (-90_000_000 <= told["lat_e6"] <= 90_000_000 and -180_000_000 <= told["lon_e6"] <= 180_000_000):
        raise refuse("invalid", "经纬度超出范围", "no such latitude or longitude", "lat_e6")
    if told["region"] and told["region"] not in packs.codes().regions:
        raise refuse("invalid", "没有这个行政区划代码", "no such region code", "region")
    row, _made = Place.objects.update_or_create(name_key=name_key(told["name"]), defaults={**told, "changed_by": by, "changed_at": clocks.now()},
                                               create_defaults={**told, "owner_unit_id": access.unit_of(by), "created_by": by, "changed_by": by})
    return Done(row, after=told)


@dataclass(frozen=True)
class Way:
    """One line of a table: from, to, minutes."""

    line: int
    origin: str
    target: str
    minutes: int


def read_ways(text: str) -> list[Way]:
    """A table of ways as it was pasted: from, to, minutes, a line each; commas or tabs; a heading is skipped.

    Raises:
        Refusal: ``invalid`` with a sentence for each bad line; ``too_many``.
    """
    plain = text.replace("，", ",").replace("\t", ",")
    found, wrong = [], []
    for line, cells in enumerate(csv.reader(io.StringIO(plain)), 1):
        parts = [cell.strip() for cell in cells]
        if not any(parts) or (line == 1 and len(parts) >= 3 and not parts[2].isdigit() and "分" in parts[2]):
            continue
        minutes = int(parts[2]) if len(parts) == 3 and parts[2].isascii() and parts[2].isdigit() and len(parts[2]) < 6 else 0
        if len(parts) != 3 or not 1 <= minutes <= 2880 or not parts[0] or not parts[1] or name_key(parts[0]) == name_key(parts[1]):
            wrong.append(Message(f"第 {line} 行：要写两个不同的地点和 1 到 2880 的分钟数", f"line {line}: two different places and 1 to 2880 minutes"))
            continue
        found.append(Way(line, parts[0][:100], parts[1][:100], minutes))
    if wrong:
        raise Refusal("invalid", wrong[:20], "ways")
    if not found or len(found) > MOST_WAYS:
        raise refuse("too_many" if found else "invalid", f"一次 1 到 {MOST_WAYS} 行", f"1 to {MOST_WAYS} lines at a time", "ways")
    return found


@action(permission=rights.CHANGE, event="ways_told")
def tell_ways(*, ways: Sequence[Way], source: str, by: Person) -> Done[Place]:
    """Take a table of ways whole or not at all; places nobody knew are kept by their names, a way told again is what was told last.

    Raises:
        Refusal: ``invalid``: no source, or no way.
    """
    told = told_of(TravelTime, {"source": source}, ("source",))
    if not ways:
        raise refuse("invalid", "没有路程", "no way is told", "ways")
    unit, now = access.unit_of(by), clocks.now()
    with transaction.atomic():
        keys = {name_key(name): name for way in ways for name in (way.origin, way.target)}
        there = {row.name_key: row for row in Place.objects.filter(name_key__in=list(keys))}
        for key, name in keys.items():
            if key not in there:
                there[key] = Place.objects.create(name=name, name_key=key, owner_unit_id=unit, created_by=by, changed_by=by)
        for way in ways:
            TravelTime.objects.update_or_create(
                origin=there[name_key(way.origin)], target=there[name_key(way.target)], defaults={"minutes": way.minutes, **told, "changed_by": by, "changed_at": now},
                create_defaults={"minutes": way.minutes, **told, "owner_unit_id": unit, "created_by": by, "changed_by": by})
    return Done(there[name_key(ways[0].origin)], after={"ways": len(ways), **told})


@action(permission=rights.CHANGE, event="trip_base_set", on="trip")
def set_base(*, trip: Trip, version: int, base: Place | None, by: Person) -> Done[Trip]:
    """Say where the team leaves from in the morning and comes back to: a hotel or a station; None: not known.

    Raises:
        Refusal: ``trip_closed``, ``conflict``.
    """
    _open(trip)
    write_at(trip, version, {"base": base}, by=by, taken=CONFLICT)
    return Done(Trip.objects.get(pk=trip.pk), after={"base": base.pk if base else None})
