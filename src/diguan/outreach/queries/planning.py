"""A trip as the planner takes it, and its plan as it would go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from diguan.chains.models import TargetFirm
from diguan.chains.queries import target_board
from diguan.chains.queries import targets as register
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.outreach.engine import planner, travel
from diguan.outreach.models import Call, CallState, Place, TravelTime, Trip
from diguan.outreach.queries import terms


@dataclass(frozen=True)
class Ground:
    """What a trip's plan is made of: calls in the order of the task's visits, the task, and how each way is known."""

    calls: tuple[Call, ...]
    task: planner.Task
    ways: tuple[tuple[travel.Way, ...], ...]
    by: travel.Assumption

    @property
    def how(self) -> dict[str, int]:
        """How many ways between two different places are known in which manner."""
        found: dict[str, int] = {}
        for at, row in enumerate(self.ways):
            for to, one in enumerate(row):
                if at < to:
                    found[one.how] = found.get(one.how, 0) + 1
        return found


@dataclass(frozen=True)
class DayPlan:
    """One day of the plan: its date and how it would go; lines are (call, stop)."""

    number: int
    date: dt.date
    route: planner.Route
    lines: tuple[tuple[Call, planner.Stop], ...] = field(default=())


def places(person: Person) -> list[Place]:
    """All places, by name."""
    return list(access.visible(Place.objects.all(), person, Place.view_permission or "").order_by("name_key", "id")) if access.may(person, Place.view_permission or "") else []


def ground(row: Trip, calls: Sequence[Call]) -> Ground:
    """The trip's calls that are still to be made, with their ways; the base is the last place, the unknown one where none is named."""
    open_ = tuple(call for call in calls if call.state == CallState.PLANNED)
    spots = [_spot(call.place, -call.pk) for call in open_] + [_spot(row.base, 0)]
    by = terms.assumption(row.from_day)
    keys = [spot.key for spot in spots if spot.key > 0]
    table = {(one.origin_id, one.target_id): one.minutes for one in TravelTime.objects.filter(origin__in=keys, target__in=keys)}
    ways = travel.matrix(spots, table, by)
    days = tuple(planner.Day(row.leaves, row.back, len(open_), len(open_)) for _day in range(row.days))
    visits = tuple(planner.Visit(call.worth, call.minutes, tuple(None if day in call.shut_days else (call.opens, call.closes) for day in range(row.days))) for call in open_)
    return Ground(open_, planner.Task(visits, days, tuple(tuple(one.minutes for one in line) for line in ways)), ways, by)


def _spot(place: Place | None, otherwise: int) -> travel.Spot:
    return travel.Spot(place.pk, place.lat_e6, place.lon_e6) if place else travel.Spot(otherwise)


def orders(found: Ground, days: int) -> list[list[int]]:
    """The visits of each day as the calls have them; a call outside the trip's days is in none."""
    order: list[list[int]] = [[] for _day in range(days)]
    for number in sorted((at for at, call in enumerate(found.calls) if call.day is not None and call.day < days), key=lambda at: (found.calls[at].at or 0, found.calls[at].pk)):
        order[found.calls[number].day or 0].append(number)
    return order


def day_plans(row: Trip, found: Ground) -> list[DayPlan]:
    """How the plan would go, day by day, what breaks named at its stop."""
    plans = []
    for day, order in enumerate(orders(found, row.days)):
        gone = planner.route(found.task, day, order)
        plans.append(DayPlan(day, row.from_day + dt.timedelta(days=day), gone, tuple((found.calls[stop.visit], stop) for stop in gone.stops)))
    return plans


def candidates(person: Person, row: Trip) -> list[tuple[TargetFirm, int]]:
    """Target firms this trip does not call on yet, best first, each with its score in thousandths; none for who may not see them."""
    if not access.may(person, register.VIEW):
        return []
    there = set(row.calls.exclude(target=None).values_list("target_id", flat=True))
    regions = {city.region[:2] for city in row.cities.all()}
    board = target_board.board(person)
    lines = [(line.firm, score_of(board, line)) for line in board.lines if line.firm.pk not in there and line.firm.approach != "dropped"]
    near = [pair for pair in lines if pair[0].region[:2] in regions]
    return (near or lines)[:100]


def score_of(board: target_board.Board, line: target_board.Line) -> int:
    """A firm's score in thousandths; 0 where it is not ranked."""
    return round(1000 * float(board.scores.score[line.at])) if board.scores is not None and line.at is not None else 0


def minutes(text: str) -> int | None:
    """Minutes from midnight of a time like 9:30; None where it is none.

    >>> minutes("9:30"), minutes("24:00"), minutes("25:00")
    (570, 1440, None)
    """
    hour, _colon, minute = text.strip().replace("：", ":").partition(":")
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        return None
    found = int(hour) * 60 + int(minute)
    return found if int(minute) < 60 and found <= 1440 else None


def clock(of: int) -> str:
    """A time of day; past midnight it says so many days on.

    >>> clock(570), clock(1500)
    ('09:30', '01:00 +1')
    """
    days, left = divmod(of, 1440)
    return f"{left // 60:02d}:{left % 60:02d}" + (f" +{days}" if days else "")


