"""The lines that figures of matters and cases over months are folded from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Min

from diguan.kernel import packs, remember
from diguan.kernel.measures import Asked, Line, counted, part_names
from diguan.kernel.messages import Message
from diguan.services import queries
from diguan.services.models import Case, LifeEvent, LifeEventVersion, MatterVersion
from diguan.services.queries import case_counts, case_measures, cases, life_events
from diguan.services.queries.case_counts import Told

DAY = dt.timedelta(days=1)


# ── matters of life events ───────────────────────────────────────────────────
@counted("services.event_matter_lines", title=Message("整合进一件事的事项", "Matters of life events"), unit="项", permission=queries.VIEW, visible=queries.visible_matters, column="key", route="services:matter", groups=("event", "bureau"),
         definition=Message("在用的一件事里写到的、已发布的事项；几件事都有的事项，按项数时只算一次", "published matters named by life events in force; one that several of them name counts once where matters are counted"))
def event_matters(asked: Asked) -> Iterable[Line]:
    """One line a life event's version and matter, from the day both are in force."""
    rows = MatterVersion.objects.filter(published=True).order_by().values_list("matter__key", "matter__name", "matter__bureau").annotate(first=Min("valid_from"))
    known = {key: (name, bureau, first) for key, name, bureau, first in rows}
    keys = life_events.names_keys()
    for row in LifeEvent.objects.prefetch_related("versions", "retirements").order_by("id"):
        for version, until in _terms(row, asked.known_at):
            told = life_events.document(version, keys)
            for key in told.keys if told else ():
                if key in known:
                    name, bureau, first = known[key]
                    yield Line(key, name, 1, max(first, version.valid_from), until, groups={"event": str(row), "bureau": bureau})


@part_names("event")
def event_name(group: str, language: str) -> str:
    """A life event as its document calls it in another language."""
    return _titles().get(group, "") if language != "zh" else ""


def _titles() -> Mapping[str, str]:
    return remember.while_reading("services.event_titles", lambda: {told["zh"]: told.get("en", "") for told in LifeEvent.objects.values_list("title", flat=True)})


def _terms(row: LifeEvent, known_at: dt.datetime | None) -> Iterator[tuple[LifeEventVersion, dt.date | None]]:
    """The versions of a life event with the last day each is in force; None: still."""
    versions = sorted((one for one in row.versions.all() if known_at is None or one.published_at <= known_at), key=lambda one: (one.valid_from, one.number))
    for at, one in enumerate(versions):
        ends = [one.valid_to, *(each.valid_from - DAY for each in versions[at + 1:at + 2]), *(each.day - DAY for each in row.retirements.all() if one.number <= each.after)]
        yield one, min((day for day in ends if day is not None), default=None)


# ── cases held against the former way ────────────────────────────────────────
def _cut(asked: Asked, counts: Callable[[Told], bool], before: Callable[[Told], int | None], now: Callable[[Told], int]) -> Iterator[Line]:
    rows: Any = Case.objects.filter(day__lte=asked.as_of)
    if asked.known_at is not None:
        rows = rows.filter(created_at__lte=asked.known_at)
    for one in case_counts.told(rows.order_by("-id"), asked.as_of, packs.calendar()):
        was = before(one)
        if counts(one) and was is not None:
            yield Line(str(one.pk), f"{one.number} {one.title['zh']} {one.applicant}", was - now(one), one.ended, of=was, groups={"event": one.title["zh"]})


@counted("services.days_cut_lines", title=Message("天数压减", "Days cut"), unit="个工作日", permission=cases.VIEW, visible=cases.visible_cases, route="services:case", groups=("event",),
         definition=Message("送达的件比原来少用的工作日，占原来的；天数的算法同“办件的成效”，没有原来天数的件不算", "working days a case given out took less than before, of those before; days as in the measures of cases, cases without days before left out"))
def days_cut(asked: Asked) -> Iterable[Line]:
    """One line a case given out: days before less days now, of the days before."""
    return _cut(asked, case_measures.days_known, lambda one: one.days_before, lambda one: one.days)


@counted("services.trips_cut_lines", title=Message("跑动压减", "Trips cut"), unit="次", permission=cases.VIEW, visible=cases.visible_cases, route="services:case", groups=("event",),
         definition=Message("送达的件比原来少跑的次数，占原来的；次数的算法同“办件的成效”，没有原来次数的件不算", "trips a case given out took less than before, of those before; trips as in the measures of cases, cases without trips before left out"))
def trips_cut(asked: Asked) -> Iterable[Line]:
    """One line a case given out: trips before less trips now, of the trips before."""
    return _cut(asked, case_measures.trips_known, lambda one: one.trips_before, lambda one: one.trips)
