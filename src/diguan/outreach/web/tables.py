"""The lists: columns, filters and what the search box finds, each in one declaration."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import access, clocks
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.measures import value
from diguan.outreach.models import (
    FollowState,
    FollowUp,
    GuestState,
    Invitation,
    Outcome,
    Party,
    Trip,
    TripState,
    VisitLog,
)
from diguan.outreach.queries import planning, rights, trips, visits

TRIP_STATUS = {"planned": "mute", "under_way": "accent", "closed": "ok", "cancelled": "mute"}
OUTCOME_STATUS = {"coming": "ok", "keen": "accent", "later": "mute", "no": "mute", "absent": "warn"}
GUEST_STATUS = {"asked": "warn", "accepted": "accent", "declined": "mute", "came": "ok"}


def address_of(row: Trip) -> str:
    """Where a trip is."""
    return reverse("outreach:trip", args=[row.pk])


def visit_address(row: VisitLog) -> str:
    """Where a visit is."""
    return reverse("outreach:visit", args=[row.pk])


def follow_address(row: FollowUp) -> str:
    """Where a follow-up is."""
    return reverse("outreach:follow_up", args=[row.pk])


def guest_address(row: Invitation) -> str:
    """Where an invitation is."""
    return reverse("outreach:guest", args=[row.pk])


def outcome_status(row: VisitLog) -> tuple[str, str]:
    """What came of a visit."""
    return OUTCOME_STATUS[row.outcome], row.get_outcome_display()


def follow_status(row: FollowUp) -> tuple[str, str]:
    """A follow-up's state; one whose day is past says so."""
    if row.state == FollowState.OPEN and row.due_on < clocks.today():
        return "bad", _("超期")
    return {"open": "accent", "done": "ok", "dropped": "mute"}[row.state], row.get_state_display()


TRIPS = ListPage(
    title=gettext_lazy("外出招商"), rows=trips.visible_trips, permission=rights.VIEW, export_permission=rights.EXPORT, file_name="trips", template="outreach/trips.html",
    columns=(
        Column("title", gettext_lazy("名称"), sort=True, link=address_of, head=True, note=trips.cities_of),
        Column("from_day", gettext_lazy("出发"), kind="day", sort=True),
        Column("to_day", gettext_lazy("返回"), kind="day", wide=True),
        Column("leader.name", gettext_lazy("带队")),
        Column("state", gettext_lazy("状态"), kind="status", value=lambda row: (TRIP_STATUS[row.state], row.get_state_display())),
        Column("owner_unit.name", gettext_lazy("归口单位"), wide=True),
        Column("purpose", gettext_lazy("目的"), in_file=True),
        Column("expected_visits", gettext_lazy("预期拜访（次）"), kind="number", in_file=True),
        Column("budget_fen", gettext_lazy("预算"), kind="money", in_file=True),
        Column("summary", gettext_lazy("总结"), in_file=True),
    ),
    filters=(
        Filter("q", gettext_lazy("名称、目的或拜访对象"), kind="search", apply=trips.search),
        Filter("state", gettext_lazy("状态"), choices=TripState.choices),
        Filter("province", gettext_lazy("去哪个省"), choices=trips.provinces, apply=trips.in_province),
        Filter("made", gettext_lazy("已经出发的"), kind="bool", apply=lambda rows, _value: rows.filter(state__in=("under_way", "closed"))),
        Filter("approve", gettext_lazy("有费用等审批"), kind="bool", apply=lambda rows, _value: rows.filter(pk__in=rows.filter(expenses__state="waiting").order_by().values("pk"))),
    ),
    empty=(gettext_lazy("还没有外出招商"), gettext_lazy("先计划一次：去哪里、谁去、拜访谁。")),
    about=[(gettext_lazy("口径"), gettext_lazy("一次是一个团队的一趟外出，往返日期都算在内"))])

VISITS = ListPage(
    title=gettext_lazy("走访记录"), rows=lambda person: visits.current(visits.visible_visits(person)), permission=rights.VIEW_VISIT, export_permission=rights.EXPORT_VISIT, file_name="visits", template="outreach/visits.html",
    columns=(
        Column("name", gettext_lazy("走访了谁"), sort="name_key", link=visit_address, head=True, note=lambda row: row.trip.title if row.trip else ""),
        Column("party", gettext_lazy("对象"), value=lambda row: row.get_party_display(), wide=True),
        Column("visited_on", gettext_lazy("日期"), kind="day", sort=True),
        Column("outcome", gettext_lazy("结果"), kind="status", value=outcome_status),
        Column("next_step", gettext_lazy("下一步"), nothing=gettext_lazy("没有写")),
        Column("by", gettext_lazy("谁去的"), value=lambda row: row.created_by.name if row.created_by else "", wide=True),
        Column("said", gettext_lazy("谈了什么"), in_file=True),
        Column("owner_unit.name", gettext_lazy("归口单位"), in_file=True),
    ),
    filters=(
        Filter("q", gettext_lazy("走访了谁、谈了什么"), kind="search", apply=visits.search),
        Filter("party", gettext_lazy("对象"), choices=Party.choices),
        Filter("outcome", gettext_lazy("结果"), choices=Outcome.choices),
        Filter("trip", gettext_lazy("哪次外出"), choices=trips.named, apply=lambda rows, value: rows.filter(trip=int(value))),
        Filter("met", gettext_lazy("见到了人的"), kind="bool", apply=lambda rows, _value: rows.exclude(outcome="absent")),
        Filter("keen", gettext_lazy("愿意来或接着谈的"), kind="bool", apply=lambda rows, _value: rows.filter(outcome__in=("coming", "keen"))),
        Filter("away", gettext_lazy("外出招商中的"), kind="bool", apply=lambda rows, _value: rows.filter(trip__isnull=False)),
        Filter("known", gettext_lazy("商会和企业"), kind="bool", apply=lambda rows, _value: rows.exclude(party="other")),
        Filter("province", gettext_lazy("外出去的省"), choices=trips.provinces, apply=trips.on_trips_to),
        Filter("unit", gettext_lazy("归口单位"), choices=visits.units, apply=visits.of_unit),
        Filter("year", gettext_lazy("年份"), choices=lambda person: [(str(day.year), str(day.year)) for day in visits.visible_visits(person).order_by().dates("visited_on", "year", order="DESC")], apply=visits.in_year),
    ),
    empty=(gettext_lazy("还没有走访记录"), gettext_lazy("走访回来写几句：谈了什么、下一步。没有网也能写。")))

FOLLOW_UPS = ListPage(
    title=gettext_lazy("跟进"), rows=visits.visible_follow_ups, permission=rights.VIEW_VISIT, export_permission=rights.EXPORT_VISIT, file_name="follow-ups", template="outreach/follow_ups.html",
    columns=(
        Column("what", gettext_lazy("做什么"), link=follow_address, head=True, note=lambda row: row.visit.name if row.visit else ""),
        Column("owner.name", gettext_lazy("谁办")),
        Column("due_on", gettext_lazy("最晚"), kind="day", sort=True),
        Column("state", gettext_lazy("状态"), kind="status", value=follow_status),
        Column("result", gettext_lazy("结果"), nothing=gettext_lazy("还没有")),
    ),
    filters=(
        Filter("state", gettext_lazy("状态"), choices=FollowState.choices),
        Filter("mine", gettext_lazy("谁办"), choices=lambda person: [(str(person.pk), gettext_lazy("我办的"))], apply=lambda rows, value: rows.filter(owner=int(value))),
        Filter("late", gettext_lazy("超期的"), kind="bool", apply=lambda rows, _value: visits.overdue(rows)),
    ),
    empty=(gettext_lazy("没有要跟进的"), gettext_lazy("在一份走访记录里定下一步。")))

GUESTS = ListPage(
    title=gettext_lazy("邀请和考察"), rows=visits.visible_invitations, permission=rights.VIEW_VISIT, export_permission=rights.EXPORT_VISIT, file_name="guests", template="outreach/guests.html",
    columns=(
        Column("name", gettext_lazy("邀请谁"), sort="name_key", link=guest_address, head=True, note=lambda row: row.trip.title if row.trip else ""),
        Column("party", gettext_lazy("对象"), value=lambda row: row.get_party_display(), wide=True),
        Column("invited_on", gettext_lazy("邀请日期"), kind="day", sort=True),
        Column("state", gettext_lazy("状态"), kind="status", value=lambda row: (GUEST_STATUS[row.state], row.get_state_display())),
        Column("come", gettext_lazy("考察日期"), kind="day", value=lambda row: next((one.from_day for one in row.site_visits.all() if one.state != "cancelled"), None), nothing=gettext_lazy("还没定")),
        Column("purpose", gettext_lazy("来看什么"), in_file=True),
        Column("outcome", gettext_lazy("考察结果"), value=lambda row: next((one.outcome for one in row.site_visits.all() if one.state == "done"), ""), in_file=True),
    ),
    filters=(
        Filter("q", gettext_lazy("邀请谁"), kind="search", fields=("name",)),
        Filter("state", gettext_lazy("状态"), choices=GuestState.choices),
        Filter("trip", gettext_lazy("哪次外出"), choices=trips.named, apply=lambda rows, value: rows.filter(trip=int(value))),
        Filter("away", gettext_lazy("外出中邀请的"), kind="bool", apply=lambda rows, _value: rows.filter(trip__isnull=False)),
        Filter("province", gettext_lazy("外出去的省"), choices=trips.provinces, apply=trips.on_trips_to),
    ),
    empty=(gettext_lazy("还没有邀请"), gettext_lazy("请愿意来看看的企业和商会来。")))

CHAMBERS = ListPage(
    title=gettext_lazy("走访过的商会"), rows=visits.chambers_reached, permission=rights.VIEW_VISIT, export_permission=rights.EXPORT_VISIT, file_name="chambers",
    columns=(
        Column("name", gettext_lazy("商会"), value=lambda row: row["name"], head=True, link=lambda row: f"{reverse('outreach:visits')}?{urlencode({'party': 'chamber', 'q': row['name']})}"),
        Column("times", gettext_lazy("走访次数"), kind="number", value=lambda row: row["times"]),
        Column("last", gettext_lazy("最近一次"), kind="day", value=lambda row: row["last"]),
    ),
    empty=(gettext_lazy("还没有走访过商会"),), about=[(gettext_lazy("口径"), gettext_lazy("有走访记录、见到了人的商会，同名的算一家"))])

PLACES = ListPage(
    title=gettext_lazy("地点和路程"), rows=planning.places, permission=rights.VIEW, template="outreach/places.html",
    columns=(
        Column("name", gettext_lazy("地点"), head=True, note=lambda row: row.address),
        Column("region", gettext_lazy("所在地"), value=lambda row: trips.region_name(row.region), nothing=gettext_lazy("没有填")),
        Column("known", gettext_lazy("坐标"), value=lambda row: f"{row.lat_e6 / 1e6:.4f}, {row.lon_e6 / 1e6:.4f}" if row.lat_e6 is not None else "", nothing=gettext_lazy("没有")),
    ),
    filters=(Filter("q", gettext_lazy("地点"), kind="search", fields=("name",)),),
    empty=(gettext_lazy("还没有地点"), gettext_lazy("登记拜访对象、住处和车站的地址，排行程时用。")))


NARROWS = ("province", "made", "page", "sort")
"""What may narrow the list of trips and be carried to the rows behind its figures."""


def tiles(person: Any, rows: Any, asked: Any) -> list[dict[str, Any]]:
    """The figures over the list of trips, of what is filtered; each opens its rows. None where a filter is on that the rows' pages do not have."""
    if any(text and name not in NARROWS for name, text in asked.items()):
        return []
    of, province = trips.book(person, rows), {"province": asked["province"]} if asked.get("province") else {}

    def one(label: str, name: str, unit: str, page: str, note: str = "", **more: str) -> dict[str, Any]:
        return {"label": label, "num": value(f"outreach.{name}", person, of).num, "unit": unit, "note": note, "url": f"{reverse(page)}?{urlencode({**more, **province})}"}
    found = [one(_("已经出发"), "trips", _("次"), "outreach:trips", made="1"),
             one(_("去过的省"), "provinces", _("个"), "outreach:trips", "、".join(trips.region_name(code) for code in trips.province_codes(of)), made="1")]
    if access.may(person, rights.VIEW_VISIT):
        found += [one(_("拜访商会和企业"), "calls_made", _("家"), "outreach:visits", away="1", met="1", known="1"), one(_("邀请来县"), "invited", _("家"), "outreach:guests", away="1")]
    return found


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = trips.search(trips.visible_trips(person), text)
    hits = [Hit(row.title, address_of(row), trips.cities_of(row)) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('outreach:trips')}?{urlencode({'q': text})}")
