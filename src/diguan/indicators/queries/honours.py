"""Reads of the county's own honours, and the lines they are counted by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from diguan.indicators.models import Honour, HonourKind, HonourLevel
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.measures import Asked, Line, counted, part_choices
from diguan.kernel.messages import Message
from diguan.projects.models import CheckState

VIEW = "indicators.view_honour"
EXPORT = "indicators.export_honour"
ENTER = "indicators.enter_honour"
VERIFY = "indicators.verify_honour"
HOLDS, ENDED = "holds", "ended"
part_choices("honour_kind", HonourKind)
part_choices("honour_level", HonourLevel)


def visible_honours(person: Person) -> QuerySet[Honour]:
    """The honours this person may see, the newest first."""
    return access.visible(Honour.objects.select_related("entered_by", "verified_by", "owner_unit"), person, VIEW).order_by("-issued", "-id")


def honour(person: Person, number: int) -> Honour | None:
    """One of them; None where there is none for this person."""
    return visible_honours(person).select_related("proof").filter(pk=number).first()


def search(rows: QuerySet[Honour], text: str) -> QuerySet[Honour]:
    """By name, holder, issuer or document."""
    text = text.strip()
    return rows.filter(Q(name__icontains=text) | Q(holder__icontains=text) | Q(issuer__icontains=text) | Q(document__icontains=text))


def to_verify(person: Person) -> QuerySet[Honour]:
    """Those that wait and that this person may decide on: entered by others."""
    return access.visible(Honour.objects.all(), person, VERIFY).filter(state=CheckState.ENTERED).exclude(entered_by=person).order_by("id")


def standing(row: Honour, today: dt.date) -> str:
    """Its state on a day: the one kept, and of what was verified whether it holds or has ended."""
    if row.state != CheckState.VERIFIED:
        return str(row.state)
    return HOLDS if row.holds(today) else ENDED


def in_standing(rows: QuerySet[Honour], wanted: str) -> QuerySet[Honour]:
    """Those that stand so today."""
    if wanted not in (HOLDS, ENDED):
        return rows.filter(state=wanted)
    today = clocks.today()
    over = Q(valid_until__lt=today) | Q(withdrawn_on__lte=today)
    verified = rows.filter(state=CheckState.VERIFIED)
    return verified.filter(over) if wanted == ENDED else verified.exclude(pk__in=verified.filter(over).values("pk"))


@counted("indicators.honour_lines", title=Message("县级荣誉", "Honours of the county"), unit="项", permission=VIEW, visible=visible_honours, route="indicators:honour", groups=("honour_kind", "honour_level", "holder", "issuer", "honour"),
         definition=Message("县、园区和机构自己的荣誉、评价和认可，由录入人以外的人核实过，从授予那天起到有效期满或撤销前一天；企业的荣誉在能力名册里",
                            "honours, ratings and accreditations of the county, its parks and institutions, verified by another than who entered them, from their award to their last day; those of firms are in the capability register"))
def honour_lines(asked: Asked) -> Iterable[Line]:
    """One line an honour, as it was known: what was withdrawn or made void later stood then."""
    rows = Honour.objects.filter(verified_at__isnull=False).order_by("id")
    for row in rows if asked.known_at is None else rows.filter(verified_at__lte=asked.known_at):
        later = asked.known_at is not None and row.ended_at is not None and row.ended_at > asked.known_at
        if row.state == CheckState.VERIFIED or later:
            yield Line(str(row.pk), row.name, 1, row.issued, row.valid_until if later else row.last_day, groups={"honour_kind": row.kind, "honour_level": row.level, "holder": row.holder, "issuer": row.issuer, "honour": row.name})
