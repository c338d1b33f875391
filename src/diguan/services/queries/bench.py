"""Reads of the re-engineering bench: who sees which study, what its log shows, what a better flow would take.

Logs are read from the file that was brought, kept by its content; what was worked out of one is remembered by the process
for as long as nothing it depends on changes: the file, its columns, the office hours and the calendar.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
from django.db.models import QuerySet

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.clocks import Calendar
from diguan.kernel.facts import files
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.services.engine import conformance, drawing, flowgraph, lifeevents, observed, orders, rewriting, worktime
from diguan.services.engine.conformance import Conformance
from diguan.services.engine.edges import Edge, Reach, unproven
from diguan.services.engine.eventlog import EventLog, LogRefused, Reading
from diguan.services.engine.observed import Observed
from diguan.services.engine.orders import Order
from diguan.services.engine.readers import Columns, read_log
from diguan.services.engine.redesign import Assumptions, Redesign
from diguan.services.engine.worktime import Worktime
from diguan.services.models import LifeEventVersion, Study, StudyEdge
from diguan.services.queries import contents
from diguan.services.queries import life_events as events

VIEW = "services.view_study"
RUN = "services.run_study"
REVIEW = "services.review_study"
OFFICE_HOURS = "08:30-12:00,14:30-17:30"
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


def visible_studies(person: Person) -> QuerySet[Study]:
    """What this person may see, newest first."""
    return access.visible(Study.objects.select_related("life_event", "upload", "published", "created_by"), person, VIEW).order_by("-id")


def find(person: Person, number: int) -> Study | None:
    """One study, if the person may see it."""
    return visible_studies(person).filter(pk=number).first()


def hours_of(text: str) -> tuple[tuple[int, int], ...]:
    """Office hours as minutes after midnight; none for an empty text: then every hour counts.

    Raises:
        LogRefused: they cannot be read, overlap or run backwards.

    >>> hours_of("08:30-12:00,14:30-17:30")
    ((510, 720), (870, 1050))
    """
    parts = [part.strip() for part in re.split("[,，、；;]", text.replace("：", ":").replace("—", "-").replace("–", "-")) if part.strip()]
    found = [_SPAN.fullmatch(part.replace(" ", "")) for part in parts]
    spans = tuple((int(one[1]) * 60 + int(one[2]), int(one[3]) * 60 + int(one[4])) for one in found if one)
    edges = [minute for span in spans for minute in span]
    if len(spans) != len(parts) or edges != sorted(set(edges)) or any(minute > 1440 for minute in edges):
        raise LogRefused(f"办公时间“{text}”读不懂，写成 {OFFICE_HOURS}", f"the office hours “{text}” cannot be read; write {OFFICE_HOURS}")
    return spans


# ── a log, read and looked at ────────────────────────────────────────────────
@functools.lru_cache(maxsize=3)
def _read(sha256: str, columns: Columns) -> Reading:
    path = files.upload_path(sha256)
    if not path.exists():
        raise LogRefused("日志文件不在了，请重新导入", "the file of the log is gone; import it again")
    with path.open("rb") as stream:
        return read(stream, columns)


def read(stream: BinaryIO, columns: Columns) -> Reading:
    """A log out of a stream, times without a zone taken as the county's.

    Raises:
        LogRefused: the file cannot be used; one sentence says why.
    """
    return read_log(stream, clocks.COUNTY_TIME, columns)


@dataclass(frozen=True, eq=False)
class Analysis:
    """A log with the clock it is measured by; each answer is worked out once."""

    reading: Reading
    hours: tuple[tuple[int, int], ...]
    calendar: Calendar
    support: int

    @property
    def log(self) -> EventLog:
        """The log."""
        return self.reading.log

    @property
    def day(self) -> int:
        """Seconds of a working day; of a day where every hour counts."""
        return sum(end - start for start, end in self.hours) * 60 if self.hours else 86_400

    @cached_property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day of the log."""
        return worktime.days_of(np.concatenate([self.log.start, self.log.end]), clocks.COUNTY_TIME)

    @cached_property
    def clock(self) -> Worktime:
        """Working seconds by the county's calendar."""
        return worktime.working_seconds(self.calendar.working, self.hours, clocks.COUNTY_TIME, *self.days) if self.hours else worktime.wall_clock

    @property
    def unannounced(self) -> list[int]:
        """Years of the log whose notice of holidays is not in: their working days are worked out from weekends alone."""
        return [year for year in range(self.days[0].year, self.days[1].year + 1) if year not in self.calendar.years] if self.hours else []

    @cached_property
    def observed(self) -> Observed:
        """Waiting, work, units, people."""
        return observed.observe(self.log, self.clock, self.day)

    @cached_property
    def graph(self) -> flowgraph.Graph:
        """What follows what."""
        return flowgraph.directly_follows(self.log, self.clock)

    @cached_property
    def drawing(self) -> drawing.Drawing:
        """Its picture."""
        return drawing.draw(self.graph, self.observed.activities)

    @cached_property
    def variants(self) -> tuple[flowgraph.Variant, ...]:
        """The ways cases went."""
        return flowgraph.variants(self.log)

    @cached_property
    def rework(self) -> tuple[flowgraph.Rework, ...]:
        """What was done again."""
        return flowgraph.rework(self.log, self.clock)

    @cached_property
    def times(self) -> flowgraph.Times:
        """Waiting against working time of each case."""
        return flowgraph.times(self.log, self.clock)

    @cached_property
    def work(self) -> tuple[flowgraph.Work, ...]:
        """Each activity's own time."""
        return flowgraph.work_by_activity(self.log, self.clock)

    @cached_property
    def handovers(self) -> flowgraph.Handovers:
        """Who hands over to whom."""
        return flowgraph.handovers(self.log, self.clock)

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """The order of every two activities."""
        return orders.orders(self.log, self.support)

    @cached_property
    def skeleton(self) -> tuple[Order, ...]:
        """The strict orders that say it all."""
        return orders.skeleton(self.log, self.orders)

    def late(self, days: int) -> flowgraph.Late:
        """Cases that took more working days than that."""
        return flowgraph.late(self.log, self.clock, days * self.day)

    def conformance(self, pairs: Iterable[tuple[str, str]], optional: Iterable[str]) -> Conformance:
        """The log held against an order of its activities."""
        return conformance.check(self.log, conformance.plan_of(self.log.activities, pairs, optional))


@functools.lru_cache(maxsize=3)
def _analysed(sha256: str, columns: Columns, hours: str, support: int, calendar: Calendar) -> Analysis:
    return Analysis(_read(sha256, columns), hours_of(hours), calendar, support)


def analysis(study: Study) -> Analysis:
    """What the log of a study shows.

    Raises:
        LogRefused: its file is gone.
    """
    return _analysed(study.upload.sha256, Columns(**study.columns), study.hours, study.support, packs.calendar())


# ── edges ────────────────────────────────────────────────────────────────────
def edges_of(study: Study) -> list[StudyEdge]:
    """Every order of a study with who judged and who reviewed it: those not judged yet first, then in the order in which they came."""
    rows = list(study.edges.select_related("by", "reviewer"))
    return sorted(rows, key=lambda row: (bool(row.kind), row.pk))


def told(rows: Iterable[StudyEdge]) -> tuple[Edge, ...]:
    """Rows as the engine takes them."""
    return tuple(Edge(row.before, row.after, row.kind, row.evidence, row.reviewer.name if row.reviewer else "") for row in rows)


def unseen(found: Analysis, rows: Sequence[tuple[str, str, str]]) -> list[Order]:
    """The strict orders of the log that nothing stands for yet: neither judged nor given by orders that stay, the nearest ones only.

    Once a habit is let go, what it kept in order by the way comes to light here, so that no law is lost with a habit.

    Args:
        found: the log.
        rows: (before, after, kind) of the orders there are.
    """
    names, judged = found.log.activities, {(before, after) for before, after, _ in rows}
    stays = [(before, after) for before, after, kind in rows if kind != lifeevents.HABIT]
    strict = {(one.before, one.after): one for one in found.orders if one.kind == orders.STRICT}
    try:
        reach = Reach(names, stays)
        open_ = [pair for pair in strict if pair not in judged and not reach.comes_before(*pair)]
        whole = Reach(names, [*stays, *open_])
    except ValueError:  # in a circle: strict orders of different cases may be
        return [one for one in found.skeleton if (one.before, one.after) not in judged]
    return [strict[pair] for pair in open_ if not whole.by_a_way(*pair)]


# ── a better flow ────────────────────────────────────────────────────────────
def assumptions(study: Study) -> Assumptions:
    """What is assumed of a study's new flow."""
    return _assumed(study.assumed)


def _assumed(said: Mapping[str, Any]) -> Assumptions:
    return Assumptions({unit: int(people) for unit, people in said.get("staff", {}).items()}, int(said.get("wait_left", 100)), int(said.get("share", 20)) / 100,
                       frozenset(said.get("dropped", ())), int(said.get("seed", 1)))


@functools.lru_cache(maxsize=8)
def _redesigned(found: Analysis, edges: tuple[Edge, ...], assumed: str) -> Redesign:
    return Redesign(found.observed, edges, _assumed(json.loads(assumed)))


def redesign(study: Study) -> Redesign:
    """The new flow of a study."""
    return _redesigned(analysis(study), told(edges_of(study)), json.dumps(study.assumed, sort_keys=True))


def digest(study: Study) -> str:
    """What the answers of a study depend on, as one SHA-256: log, columns, hours, orders, assumptions, calendar."""
    said = [study.upload.sha256, study.columns, study.hours, study.support, study.assumed, sorted((row.before, row.after, row.kind) for row in study.edges.all()), packs.calendar().version]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# ── its life event ───────────────────────────────────────────────────────────
def version_of(study: Study) -> LifeEventVersion | None:
    """The newest version of its life event, begun or not: what is published next follows that one."""
    return study.life_event.versions.first() if study.life_event else None


def titles(keys: Sequence[str]) -> dict[str, str]:
    """The names of matters by key, those in force today."""
    return {key: str(version.content["name"]) for key, version in contents(keys, clocks.today()).items()}


def matched(activities: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Which activity is which matter, where the log uses its name or its key.

    >>> matched(["企业设立登记", "现场勘查"], {"company_registration": "企业设立登记"})
    {'企业设立登记': 'company_registration'}
    """
    by_word = {**{key: key for key in names}, **{title: key for key, title in names.items()}}
    return {name: by_word[name] for name in activities if name in by_word}


def rewritten(study: Study, valid_from: dt.date) -> tuple[str, list[Message]]:
    """The document of the life event with what the study says, and what differs.

    Raises:
        Refusal: ``no_event``, ``unjudged``, ``not_reviewed``, ``same``.
    """
    old = version_of(study)
    document = events.document(old) if old else None
    if old is None or document is None:
        raise Refusal("no_event", [Message("这个实验没有对应一件事，或文件读不出来了；先在“方案”里对应", "the study is tied to no life event, or its document cannot be read")])
    rows = told(study.edges.select_related("reviewer"))
    if open_ := [row for row in rows if not row.kind]:
        raise Refusal("unjudged", [Message(f"还有 {len(open_)} 条先后没有判定", f"{len(open_)} orders are not judged")])
    if left := unproven(rows):
        raise Refusal("not_reviewed", [Message(f"还有 {len(left)} 条必须遵守的先后没有另一个人复核：{left[0].before} → {left[0].after}" + ("等" if len(left) > 1 else ""),
                                               f"{len(left)} orders that bind were not reviewed by somebody else: {left[0].before} → {left[0].after}")])
    found = analysis(study)
    said = rewriting.Said(study.names, rows, frozenset(assumptions(study).dropped), rewriting.medians(found.observed), len(found.log.cases), f"再造实验 {study.pk}（{study.upload.name}）")
    text, changes = rewriting.rewrite(old.text, document, said, valid_from)
    if not changes:
        raise Refusal("same", [Message("和现行的一版没有不同，不用发布", "nothing differs from the version in force")])
    return text, changes
