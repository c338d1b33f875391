"""The lines that figures of trips, visits and invitations over months are folded from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from diguan.kernel.measures import Asked, Line, counted
from diguan.kernel.messages import Message
from diguan.outreach.models import Invitation, Party, Trip, VisitLog
from diguan.outreach.queries import trips, visits
from diguan.outreach.queries.rights import VIEW, VIEW_VISIT

NOWHERE = ("",)
PARTIES: dict[str, str] = {Party.FIRM: "企业", Party.CHAMBER: "商会"}


def _told(rows: QuerySet[Any], known_at: dt.datetime | None) -> QuerySet[Any]:
    """Those that had been entered by then; what became of them since is as it is now."""
    return rows if known_at is None else rows.filter(created_at__lte=known_at)


@counted("outreach.trip_lines", title=Message("外出招商", "Trips"), unit="次", permission=VIEW, visible=trips.visible_trips, route="outreach:trip", groups=("province", "unit"),
         definition=Message("已经出发或结束的外出，在出发那天；去几个省就有几行，按次数时一次只算一次", "trips under way or closed, on the day they began; a line for each province they went to, one trip where trips are counted"))
def trips_made(asked: Asked) -> Iterable[Line]:
    """One line a trip and province."""
    for row in _told(Trip.objects.filter(state__in=trips.MADE), asked.known_at).select_related("owner_unit").prefetch_related("cities").order_by("id"):
        unit = row.owner_unit.name if row.owner_unit else ""
        codes = sorted({f"{city.region[:2]}0000" for city in row.cities.all()}) or NOWHERE
        for code in codes:
            yield Line(str(row.pk), row.title, 1, row.from_day, groups={"province": trips.region_name(code) if code else "", "unit": unit})


@counted("outreach.visit_lines", title=Message("拜访商会和企业", "Chambers and firms called on"), unit="家", permission=VIEW_VISIT, visible=visits.visible_visits, route="outreach:visit", groups=("party", "called"),
         definition=Message("外出中的走访记录，更正过的按更正后的；没见到人的和其他单位不算。家数按名称去重", "visits written down on trips, as corrected; not where nobody was met, nor other bodies. Counted by name, each once"))
def called_on(asked: Asked) -> Iterable[Line]:
    """One line a visit."""
    rows = visits.current(_told(VisitLog.objects.filter(trip__isnull=False), asked.known_at)).order_by("id")
    return [Line(str(one.pk), one.name, 1, one.visited_on, groups={"party": PARTIES[one.party], "called": one.name_key}) for one in rows if trips.counts(one)]


@counted("outreach.invitation_lines", title=Message("邀请客商", "Guests invited"), unit="家", permission=VIEW_VISIT, visible=visits.visible_invitations, route="outreach:guest", groups=("invited",),
         definition=Message("外出中邀请来县考察的企业和商会，在邀请那天，不论来没来。家数按名称去重", "firms and chambers asked on trips to come to the county, on the day of asking, whether they came or not. Counted by name, each once"))
def invited(asked: Asked) -> Iterable[Line]:
    """One line an invitation."""
    rows = _told(Invitation.objects.filter(trip__isnull=False), asked.known_at).order_by("id")
    return [Line(str(one.pk), one.name, 1, one.invited_on, groups={"invited": one.name_key}) for one in rows]
