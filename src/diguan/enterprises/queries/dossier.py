"""What the dossier of one enterprise (一企一档) shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from diguan.enterprises import engine, queries
from diguan.enterprises.models import NONE_WORD, Capability, Contact, Enterprise, Title
from diguan.kernel import access, clocks, packs, periods, phones, places
from diguan.kernel.access.models import Person
from diguan.kernel.events import Event, EventSubject, key_of
from diguan.kernel.facts import series
from diguan.kernel.facts.series import FactSeries
from diguan.kernel.timelines import Line, of

CLAIMS = "enterprises.view_capability"
TREND = 12
MOST_EVENTS = 100
# The figures of the strip: a flow is added up over the year so far, a stock is taken at its last month.
FLOWS = ("revenue.sales", "tax.paid", "rd.expense")
STOCKS = ("jobs.headcount", "jobs.insured")


# ── identity ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Told:
    """A word of the register: its value, absent (the register says 无) or unknown; ``note`` is its code or the like."""

    state: str
    text: str = ""
    note: str = ""


def word(text: str, note: str = "") -> Told:
    """A word of the register as it stands."""
    if text == NONE_WORD:
        return Told("absent")
    return Told("value", text, note) if text else Told("unknown")


def region(code: str) -> Told:
    """A region by its name, the code beside it."""
    return word(packs.codes().regions.get(code, code), code)


def industry(code: str) -> Told:
    """An industry by its name; code and section beside it."""
    section = places.section_of(code) if code and places.industry_well_formed(code) else None
    return word(packs.codes().industries.get(code, code), " ".join(filter(None, [section, code])))


def held_titles(row: Enterprise, day: dt.date | None = None) -> list[Title]:
    """The titles held on a day (default: today), as prefetched."""
    day = day or clocks.today()
    return [title for title in row.titles.all() if title.holds(day)]


# ── contacts ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Shown:
    """A contact as this person sees it: the number masked."""

    contact: Contact
    phone: str
    views: int


def contacts(person: Person, row: Enterprise) -> list[Shown] | None:
    """The contacts with their numbers masked; None where the person may not see contacts."""
    if not access.may(person, queries.VIEW_CONTACT, row):
        return None
    found = row.contacts.prefetch_related("views")
    return [Shown(one, phones.masked(one.phone), len(one.views.all())) for one in found]


def contact(person: Person, row: Enterprise, number: int) -> Contact | None:
    """One contact of the enterprise, None where there is none for this person."""
    if not access.may(person, queries.VIEW_CONTACT, row):
        return None
    return row.contacts.filter(pk=number).first()


# ── facts ────────────────────────────────────────────────────────────────────
def facts(person: Person, row: Enterprise) -> list[FactSeries] | None:
    """Every dated fact of the catalogue; None where the person may not see facts."""
    if not access.may(person, series.VIEW):
        return None
    return series.everything_of(person, row.uscc)


@dataclass(frozen=True)
class Figure:
    """One figure of the strip, in storage units; ``state`` is value, absent or unknown. ``change`` is in basis points.

    ``kind`` is flow or stock; a flow's ``gaps`` counts months of the stretch nobody told us of.
    """

    fact: FactSeries
    kind: str
    state: str = "unknown"
    num: int | None = None
    first: str = ""
    last: str = ""
    change: int | None = None
    gaps: int = 0
    source: str = ""


def figures(found: Iterable[FactSeries]) -> list[Figure]:
    """The figures of the strip, of those facts the catalogue knows."""
    by_name = {one.spec.name: one for one in found}
    flows = [_flow(by_name[name]) for name in FLOWS if name in by_name]
    stocks = [_stock(by_name[name]) for name in STOCKS if name in by_name]
    return [*flows, *stocks]


def _months(one: FactSeries) -> dict[str, int | None]:
    """Number by month; a month known to hold nothing counts as 0."""
    known: dict[str, int | None] = dict.fromkeys(one.whole, 0)
    known |= {point.period: point.used.num if point.used.state == "value" else 0 for point in one.points}
    return {period: num for period, num in known.items() if periods.parse(period).kind == "month"}


def _flow(one: FactSeries) -> Figure:
    found = engine.year_so_far({month: num for month, num in _months(one).items() if num is not None})
    if found is None or not one.points:
        return Figure(one, "flow", one.standing.state)
    return Figure(one, "flow", "value", found.total, found.first, found.last, found.change, found.gaps, _source(one))


def _stock(one: FactSeries) -> Figure:
    standing = one.standing
    if standing.state != "value" or standing.point is None:
        return Figure(one, "stock", standing.state)
    return Figure(one, "stock", "value", standing.point.used.num, standing.period, standing.period, source=_source(one))


def _source(one: FactSeries) -> str:
    return one.points[-1].used.source if one.points else ""


# ── timeline ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Happened:
    """One thing that happened to the enterprise; ``verb`` is an event's verb or ``delivered``."""

    at: dt.datetime
    verb: str
    who: str = ""
    reason: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def timeline(person: Person, row: Enterprise, found: Iterable[FactSeries] = ()) -> list[Happened]:
    """What was done to the register's entry and what arrived about it, newest first. Nothing about a person is in it."""
    own = [_happened(line) for line in of(person, row, limit=MOST_EVENTS) if line.root_type in (key_of(row)[0], Capability._meta.label_lower)]
    claims = _claims_imported(row) if access.may(person, CLAIMS) else ()
    return sorted([*own, *_imports(row), *claims, *_deliveries(found)], key=lambda each: each.at, reverse=True)[:MOST_EVENTS]


def claim_timeline(person: Person, row: Capability) -> list[Happened]:
    """What was done to one claim, newest first."""
    return [_happened(line) for line in of(person, row)]


def _happened(line: Line) -> Happened:
    return Happened(line.at, line.verb, line.actor, line.reason, line.before, line.after)


def _deliveries(found: Iterable[FactSeries]) -> Iterator[Happened]:
    """What each source delivered about it, one line a day: ``after`` holds first and last period and how many batches."""
    days: dict[tuple[str, dt.date], list[tuple[dt.datetime, int, str]]] = {}
    for one in found:
        for point in one.points:
            for told in point.told:
                if told.delivered_at:
                    day = told.delivered_at.astimezone(clocks.COUNTY_TIME).date()
                    days.setdefault((told.source, day), []).append((told.delivered_at, told.batch, point.period))
    for (source, _day), arrived in days.items():
        spoken = sorted(period for _at, _batch, period in arrived)
        batches = len({batch for _at, batch, _period in arrived})
        yield Happened(max(arrived)[0], "delivered", source, after={"first": spoken[0], "last": spoken[-1], "batches": batches})


def _about(row: Enterprise, verb: str) -> QuerySet[Event]:
    """Events of one kind on another row that name this enterprise, newest first."""
    kind, key = key_of(row)
    about = EventSubject.objects.filter(subject_type=kind, subject_id=key).values("event")
    return Event.objects.filter(pk__in=about, verb=verb).select_related("actor").order_by("-at", "-id")[:MOST_EVENTS]


def _claims_imported(row: Enterprise) -> list[Happened]:
    """Files of claims that named it: only which kinds of its own."""
    return [Happened(event.at, event.verb, event.actor.name if event.actor else "", event.reason, None, {"claims": event.after["claims"].get(row.uscc, [])})
            for event in _about(row, "capabilities_imported")]


def _imports(row: Enterprise) -> list[Happened]:
    """Imports that touched it: of each event only what it says of this enterprise."""
    return [Happened(
        event.at, "enterprises_imported" if row.uscc in event.after.get("changed", {}) else "enterprise_created", event.actor.name if event.actor else "", event.reason,
        event.before.get("changed", {}).get(row.uscc), event.after.get("changed", {}).get(row.uscc)) for event in _about(row, "enterprises_imported")]
