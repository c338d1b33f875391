"""Reads of cases: who sees which, what is still asked of the applicant, where each matter stands, what was saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.clocks import PAUSED, Reading
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.evidence.dictionary import Entry
from diguan.kernel.evidence.queries import HELD, WAITING, Holding, Piece
from diguan.kernel.rules.tree import TRUE
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import ClockEntry, Course, Passage, Task, TaskState
from diguan.kernel.stages.subjects import known_of
from diguan.kernel.stages.tree import ACTIVE, Flow
from diguan.services.engine import caseflow
from diguan.services.engine.caseflow import ACCEPT, CORRECTION, DELIVER, SUBJECT, Work
from diguan.services.models import Case, Commitment, LifeEvent, LifeEventVersion, TouchKind
from diguan.services.queries import case_help, units_named
from diguan.services.queries import case_terms as terms
from diguan.services.queries import life_events as events
from diguan.services.queries.case_sight import RESULT, VIEW, Sight, sight
from diguan.services.queries.life_events import Picture, Summary

__all__ = ["RESULT", "VIEW"]
OPEN = "services.open_case"
HANDLE = caseflow.HANDLE
RATE = "services.rate_case"
EXPORT = "services.export_case"


def visible_cases(person: Person) -> QuerySet[Case]:
    """What a person may see: an enterprise its own, an office its own and those in which it has a matter to do; newest first."""
    rows = Case.objects.select_related("life_event__life_event", "course__frozen", "owner_unit").defer("course__frozen__text").order_by("-id")
    reach = access.scope(person, VIEW)
    if reach is None:
        return rows.none()
    if reach is access.Scope.COUNTY:
        return rows
    own = access.visible(Case.objects.all(), person, VIEW).values("pk")
    helped = case_help.helped(person)
    if helped is not None and reach is access.Scope.OWN:
        return rows.filter(Q(pk__in=helped) | Q(pk__in=own))
    if access.scope(person, stages.VIEW) is None:
        return rows.filter(pk__in=own)
    if reach is access.Scope.OWN and access.usccs_of(person):  # few: found by their codes, not looked for among all
        mine = access.visible(Task.objects.filter(course__subject_kind=SUBJECT), person, stages.VIEW).order_by().values("course")
        return rows.filter(Q(pk__in=own) | Q(course__in=mine))
    # Asked of each case from the newest on, until the page is full: a list of all the office's tasks first would be longer than any page.
    has_own_step = Exists(access.visible(Task.objects.filter(course=OuterRef("course")), person, stages.VIEW).order_by())
    seen = Exists(access.visible(Case.objects.filter(pk=OuterRef("pk")), person, VIEW).order_by()) | has_own_step
    return rows.filter(seen if helped is None else seen | Q(pk__in=helped))


def by_state(rows: QuerySet[Case], state: str) -> QuerySet[Case]:
    """Those under way (``open``), which are few: found by their courses, not looked for among all; or those that have ended."""
    if state == "open":
        return rows.filter(course__in=Course.objects.filter(subject_kind=SUBJECT, ended_at__isnull=True).order_by().values("pk"))
    return rows.filter(course__ended_at__isnull=False)


def with_progress(rows: QuerySet[Case]) -> QuerySet[Case]:
    """The same with how many of their matters are done, as ``done``; in the question that fetches them."""
    done = Task.objects.filter(course=OuterRef("course"), state=TaskState.DONE).exclude(key__in=(ACCEPT, DELIVER)).order_by().values("course").annotate(n=Count("id")).values("n")
    return rows.annotate(done=Coalesce(Subquery(done), 0))


def find(person: Person, number: int) -> Case | None:
    """One case, if the person may see it."""
    return visible_cases(person).filter(pk=number).first()


def open_tasks(person: Person) -> QuerySet[Task]:
    """What waits for this person's office, soonest first."""
    rows = access.visible(Task.objects.filter(state=TaskState.OPEN, course__subject_kind=SUBJECT, course__ended_at__isnull=True), person, HANDLE)
    return rows.select_related("course__frozen", "owner_unit", "owner").defer("course__frozen__text").order_by("due", "id")  # a text is long, and read once in a process


def offered() -> list[Summary]:
    """The life events that anybody may begin today; what is published is no secret."""
    return events.summaries_of(LifeEvent.objects.prefetch_related("versions", "retirements").order_by("id"), clocks.today())


# ── before there is a case ───────────────────────────────────────────────────
@dataclass(frozen=True)
class Draft:
    """What a case would be: the picture of the answers, who does what, what is asked of the applicant."""

    version: LifeEventVersion
    picture: Picture
    works: tuple[Work, ...]
    asked: tuple[str, ...]
    tolerant: frozenset[str]
    promisable: Mapping[str, dict[str, Any]]

    @property
    def ready(self) -> bool:
        """Whether every question is answered and every matter is in the library."""
        return not self.picture.chosen.open_questions and not self.picture.missing and bool(self.works)

    @property
    def text(self) -> str:
        """The flow of the case."""
        told = self.picture.document
        return caseflow.flow(told.id, told.title, self.works, self.picture.chosen.edges, self.asked, self.tolerant | self.promisable.keys())


def draft(version: LifeEventVersion, answers: Mapping[str, str], day: dt.date) -> Draft | None:
    """What a life event would be with these answers; None where its document cannot be read any more."""
    told = events.document(version)
    if told is None:
        return None
    picture = events.picture(told, answers, day)
    sure = [name for name in picture.chosen.sure if name in picture.versions]
    units = units_named({picture.versions[name].content["bureau"] for name in sure})
    works = tuple(Work(name, content, unit.code if (unit := units.get(content["bureau"])) else "") for name in sure for content in [picture.versions[name].content])
    made = caseflow.produced(works, dictionary.named(dictionary.known()))
    asked = [one for one in (*picture.fields, *picture.papers) if one.needed and one.meaning not in made]
    promisable = {one.meaning: {"days": days, "matter": one.why("commitment_days").demanded_by[0], "tolerant": bool(one.value("tolerant"))} for one in asked if (days := one.value("commitment_days"))}
    return Draft(version, picture, works, tuple(one.meaning for one in asked), frozenset(one.meaning for one in asked if one.value("tolerant")), promisable)


def held_already(course: Course, entries: Sequence[str], day: dt.date) -> frozenset[str]:
    """Of these dictionary ids those that are held and verified, or told by what the county knows of the enterprise."""
    return frozenset(name for name, one in known_of(course, entries, (), day).evidence.items() if one.state == TRUE)


def held_of(uscc: str, entries: Sequence[str], day: dt.date) -> frozenset[str]:
    """As :func:`held_already`, of an enterprise that has no case yet: nobody asks it for these."""
    return held_already(Course(subject_kind=SUBJECT, subject_id="0", uscc=uscc), entries, day)


# ── one case ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """One step of a case as pages show it."""

    task: Task
    title: str
    state: str
    office: str
    paused: bool
    late: bool
    passage: Passage | None


@dataclass(frozen=True)
class Ask:
    """One thing asked of the applicant, and what is held of it."""

    entry: Entry
    held: Holding
    by_county: bool
    tolerant: bool
    promise: Commitment | None = None
    promise_days: int = 0

    @property
    def promised(self) -> bool:
        """Whether a promise stands in its place, checked or not."""
        return self.promise is not None and self.promise.state in (Commitment.State.UNVERIFIED, Commitment.State.HOLDS)

    @property
    def may_promise(self) -> bool:
        """Whether a promise may still take its place."""
        return self.to_give and self.promise is None and bool(self.promise_days)

    @property
    def owed(self) -> bool:
        """Whether nothing may be given out before it is there and verified."""
        return not self.settled and not self.promised

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be done about it."""
        return self.by_county or self.held.state == HELD

    @property
    def to_give(self) -> bool:
        """Whether the applicant still has to give it."""
        return not self.by_county and not self.promised and self.held.state not in (HELD, WAITING)


@dataclass(frozen=True)
class View:
    """One case as a person may see it."""

    person: Person
    case: Case
    day: dt.date

    @property
    def course(self) -> Course:
        assert self.case.course is not None  # every case has one
        return self.case.course

    @property
    def flow(self) -> Flow:
        """The flow it froze."""
        return self.course.tree

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """Its tasks by key."""
        rows = Task.objects.filter(course=self.course).select_related("owner_unit", "owner")
        found = {task.key: task for task in rows}
        for task in found.values():
            task.course = self.course
        return found

    @cached_property
    def sight(self) -> Sight:
        """How much of it this person sees."""
        return sight(self.person, self.case, self.tasks.values())

    @cached_property
    def clock_rows(self) -> dict[int, list[ClockEntry]]:
        """What was done to the clocks of its steps."""
        return terms.clock_rows(self.course)

    def clock(self, task: Task) -> Sequence[ClockEntry]:
        """What was done to the clock of one of its steps."""
        return self.clock_rows.get(task.pk, ())

    def reading(self, task: Task) -> Reading | None:
        """Where the clock of an open step stands; None for one that is not open."""
        return terms.reading(self.clock(task)) if task.state == TaskState.OPEN else None

    @cached_property
    def lines(self) -> list[Line]:
        """Every step in the order of the flow."""
        told = {one.source: one for one in Passage.objects.filter(course=self.course, kind="done").select_related("by")}
        return [self._line(self.tasks[step.id], told.get(step.id)) for step in self.flow.steps]

    @property
    def late(self) -> bool:
        """Whether a step is open past its day."""
        return any(reading.late(self.day) for task in self.tasks.values() if (reading := self.reading(task)) is not None)

    def _line(self, task: Task, passage: Passage | None) -> Line:
        office = task.owner_unit or self.case.owner_unit
        reading = self.reading(task)
        return Line(task, task.step.label(), task.state, office.name if office else "", bool(reading and reading.state == PAUSED), bool(reading and reading.late(self.day)), passage)

    @cached_property
    def asks(self) -> list[Ask]:
        """What acceptance asks for, each with what is held of it, as far as the person sees it."""
        gate, known = self.flow.step[ACCEPT].gate, dictionary.known()
        held = evidence.holdings(gate.evidence, [(SUBJECT, str(self.case.pk)), ("enterprise", self.case.uscc)], self.day)
        there = held_already(self.course, gate.evidence, self.day)
        promises = {row.entry: row for row in self.case.commitments.select_related("checked_by", "evidence")} if self.case.promisable else {}
        return [self._ask(known[name], held[name], name in there, promises.get(name)) for name in gate.evidence if name in known and self.sight.asks(name)]

    def _ask(self, entry: Entry, held: Holding, there: bool, promise: Commitment | None) -> Ask:
        told = self.case.promisable.get(entry.id)
        tolerant = entry.id in self.flow.step[ACCEPT].gate.waiver and (told is None or told["tolerant"])
        return Ask(entry, held, there and held.state != HELD, tolerant, promise, told["days"] if told else 0)

    @property
    def to_give(self) -> list[Ask]:
        """What the applicant still has to give: before the case is accepted, or, where it may follow, before anything is given out."""
        if self.accepted and not self.flow.step[ACCEPT].gate.waiver:  # then everything was there
            return []
        return [ask for ask in self.asks if ask.to_give]

    @cached_property
    def pieces(self) -> list[Piece]:
        """What was handed in and given out, newest first, as the person may see it: a bureau what its matters need, whoever's that is."""
        about = [(SUBJECT, str(self.case.pk))]
        if self.sight.whole:
            return evidence.pieces(self.person, about, self.day)
        return [piece for piece in evidence.pieces_of(about, self.day) if self.sight.holds(piece.row)] if access.may(self.person, evidence.VIEW) else []

    @property
    def answers(self) -> dict[str, str]:
        """The answers to the scenario questions that the person sees."""
        return {name: value for name, value in self.case.answers.items() if self.sight.whole or name in self.sight.questions}

    @property
    def results(self) -> list[Piece]:
        """What came out."""
        return [piece for piece in self.pieces if piece.row.entry == RESULT]

    @property
    def accepted(self) -> bool:
        """Whether it has been accepted."""
        return self.tasks[ACCEPT].state == TaskState.DONE

    @property
    def correction(self) -> str:
        """What the applicant was told to correct, once, as the law allows it; empty where nothing was."""
        return ClockEntry.objects.filter(task=self.tasks[ACCEPT], basis=CORRECTION).values_list("reason", flat=True).first() or ""

    @property
    def seen_correction(self) -> str:
        """The same, for who sees what it is about."""
        return self.correction if self.sight.whole else ""

    @property
    def waits_for_correction(self) -> bool:
        """Whether it is the applicant's turn."""
        reading = self.reading(self.tasks[ACCEPT])
        return reading is not None and reading.state == PAUSED

    @property
    def ended(self) -> bool:
        """Whether everything has been given out."""
        return self.course.ended_at is not None

    @property
    def closed(self) -> Passage | None:
        """How it ended without its delivery; None where it did not."""
        return Passage.objects.filter(course=self.course, kind="held", target=self.course.status).select_related("by").first() if self.course.status != ACTIVE else None

    @property
    def days(self) -> int:
        """Working days since it was opened, up to its end, by the days on which its steps were done."""
        closed = self.closed
        ended = closed.day if closed else Passage.objects.filter(course=self.course, kind="done", source=DELIVER).values_list("day", flat=True).first()
        return clocks.working_between(self.case.day, max(self.case.day, ended or self.day), packs.calendar())[0]

    @property
    def trips(self) -> int:
        """Visits that were recorded."""
        return self.case.touches.filter(kind=TouchKind.VISIT).count()


def views(person: Person, rows: Sequence[Case], day: dt.date) -> list[View]:
    """Several cases at once: their steps and clocks are asked for together, the rest when a page asks for it."""
    found = [View(person, row, day) for row in rows]
    tasks: dict[int, dict[str, Task]] = {}
    clocks_: dict[int, dict[int, list[ClockEntry]]] = {}
    for task in Task.objects.filter(course__in=[row.course_id for row in rows]).select_related("owner_unit", "owner"):
        tasks.setdefault(task.course_id, {})[task.key] = task
    for entry in terms.clock_entries([view.course for view in found]):
        clocks_.setdefault(entry.task.course_id, {}).setdefault(entry.task_id, []).append(entry)
    for view in found:
        mine = tasks.get(view.course.pk, {})
        for task in mine.values():
            task.course = view.course
        kept = view.__dict__  # where a cached property keeps what it found
        kept["tasks"], kept["clock_rows"] = mine, clocks_.get(view.course.pk, {})
    return found
