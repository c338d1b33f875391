"""Routes of cases: the list, one case with what is still asked, and what its applicant does: open, hand in, rate.

A case's ETag changes with every step, paper, contact and promise; a step has one of its own (``api_steps``), so that bureaus
that work side by side do not stand in each other's way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from diguan.kernel import access, clocks
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, brief, require_match, told
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.forms import paper
from diguan.kernel.shell import asking, or_404
from diguan.kernel.stages.models import TaskState
from diguan.kernel.stages.tree import ACTIVE
from diguan.services.actions import cases as actions
from diguan.services.engine.caseflow import SUBJECT
from diguan.services.models import Case, LifeEvent, TouchKind
from diguan.services.queries import cases
from diguan.services.queries import life_events as events
from diguan.services.queries.cases import HANDLE, OPEN, RATE, Ask, Line, View
from diguan.services.web.case_lists import PAGE
from diguan.services.web.cases import view_of

router = Router(tags=["services"])
Text = Annotated[str, NoNul, Field(max_length=400)]
Word = Annotated[str, NoNul, Field(min_length=1, max_length=60)]


# ── what goes out ────────────────────────────────────────────────────────────
class CaseLine(Schema):
    """One case; ``done`` of its ``matters`` are done."""

    number: int
    title: str
    life_event: str
    uscc: str | None
    applicant: str
    day: dt.date
    ended: bool
    done: int
    matters: int


class CasePage(Schema):
    items: list[CaseLine]
    next: str | None


class CaseStep(Schema):
    """One step; ``version`` is what a change of it names. ``due`` is null where its term stands still or it is not open."""

    key: str
    title: str
    office: str
    state: str
    version: int
    due: dt.date | None
    paused: bool
    late: bool
    done_on: dt.date | None


class CaseAsk(Schema):
    """One thing asked of the applicant, by its id in the dictionary; ``waiting`` is the piece that waits to be verified.

    ``tolerant``: it may follow later; ``commitment_days``: a promise will do, checked within so many working days; ``promise`` says what became of one.
    """

    entry: str
    title: str
    kind: str
    settled: bool
    by_county: bool
    to_give: bool
    waiting: int | None
    tolerant: bool
    commitment_days: int | None
    promise: str | None


class CaseOut(CaseLine):
    """One case as far as you may see it; what others filled in for other matters is not among it.

    ``state``: waiting (to be accepted), correction (the applicant's turn), open, ended; or not_accepted, stopped, withdrawn, where it ended without a delivery.
    """

    state: str
    answers: dict[str, str]
    days: int
    days_before: int
    trips: int
    trips_before: int
    correction: str | None
    steps: list[CaseStep]
    asks: list[CaseAsk]


# ── what comes in ────────────────────────────────────────────────────────────
class CaseFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="In the applicant's name or code")
    state: Literal["", "open", "ended"] = ""


class CaseOpen(Sent):
    """What a case begins with. ``values`` are what is filled in, by dictionary id; files follow one by one. Empty ``uscc``: ``applicant`` founds an enterprise."""

    life_event: Word
    answers: dict[Word, Word] = Field(default_factory=dict, max_length=50)
    values: dict[Word, Text] = Field(default_factory=dict, max_length=200)
    promised: list[Word] = Field(default_factory=list, max_length=200)
    uscc: Annotated[str, NoNul, Field(max_length=18)] = ""
    applicant: Annotated[str, NoNul, Field(max_length=200)] = ""
    online: Annotated[bool, Field(description="Of the window alone: false where the applicant stood at it, which is a trip")] = True


class CasePaper(Sent):
    """One thing that is handed in: ``value`` for what is filled in, a file for the rest; or ``promise`` in its place."""

    entry: Word
    value: Text = ""
    number: Annotated[str, NoNul, Field(max_length=100)] = ""
    issued: dt.date | None = None
    promise: bool = False


class CasePapersSeen(Sent):
    """Pieces that followed after acceptance and were looked at; those that do not hold are sent back with the reason."""

    pieces: list[int] = Field(min_length=1, max_length=200)
    holds: bool = True
    reason: Annotated[str, NoNul, Field(max_length=300)] = ""


class CaseTouch(Sent):
    """A contact that happened; a visit is a trip."""

    kind: Literal["visit", "online", "call", "courier"]
    what: Annotated[str, NoNul, Field(min_length=2, max_length=200)]


class CaseWithdraw(Sent):
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=300)]


class CaseClose(CaseWithdraw):
    """Why it is not accepted, or ended, and by which article."""

    basis: Annotated[str, NoNul, Field(min_length=4, max_length=200)]


class CaseRating(Sent):
    stars: int = Field(ge=1, le=5)
    words: Annotated[str, NoNul, Field(max_length=500)] = ""


# ── shown ────────────────────────────────────────────────────────────────────
def _line(row: Case, done: int) -> dict[str, Any]:
    return {"number": row.pk, "title": row.number, "life_event": row.life_event.life_event.key, "uscc": row.uscc or None, "applicant": row.applicant, "day": row.day,
            "ended": row.course is not None and row.course.ended_at is not None, "done": done, "matters": len(row.matters)}


def step_out(line: Line) -> CaseStep:
    """One step as it stands."""
    open_ = line.task.state == TaskState.OPEN
    return CaseStep(key=line.task.key, title=line.task.step.label(), office=line.office, state=line.state, version=line.task.version, due=line.task.due if open_ else None, paused=line.paused, late=line.late,
                    done_on=line.passage.day if line.passage else None)


def _ask(ask: Ask) -> CaseAsk:
    row = ask.held.row
    return CaseAsk(entry=ask.entry.id, title=ask.entry.label(), kind=ask.entry.kind, settled=ask.settled, by_county=ask.by_county, to_give=ask.to_give,
                   waiting=row.pk if row and row.state == "entered" else None, tolerant=ask.tolerant, commitment_days=ask.promise_days or None, promise=ask.promise.state if ask.promise else None)


def state_of(view: View) -> str:
    """Where a case stands, in a word."""
    if view.ended:
        return "ended" if view.course.status == ACTIVE else view.course.status
    return "correction" if view.waits_for_correction else "open" if view.accepted else "waiting"


def version_of(view: View) -> str:
    """The version of everything that can change of a case."""
    evidence = Evidence.objects.filter(subject_kind=SUBJECT, subject_id=str(view.case.pk)).order_by().aggregate(Max("id"), Sum("version"))
    case = Case.objects.filter(pk=view.case.pk).order_by().values_list(Count("touches", distinct=True), Count("rating", distinct=True), "commitments__id", "commitments__version")
    return brief(f"{view.course.version}{sorted((task.pk, task.version) for task in view.tasks.values())}{sorted(evidence.items())}{sorted(case, key=str)}")


def shown(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    """One case as it stands now."""
    view = view_of(request, number)
    done = sum(line.state == TaskState.DONE for line in view.lines if line.task.key in view.case.matters)
    body = CaseOut(**_line(view.case, done), state=state_of(view), answers=view.answers, days=view.days, days_before=view.case.days_before, trips=view.trips, trips_before=view.case.trips_before,
                   correction=view.seen_correction or None, steps=[step_out(line) for line in view.lines], asks=[_ask(ask) for ask in view.asks])
    return told(body, status, version=version_of(view), at=reverse("api:case", args=[number]) if status == 201 else "")


def _do(request: HttpRequest, number: int, key: str | None, right: str, deed: Callable[[Case], Any]) -> HttpResponse:
    """One change of one case, to the version that was read; sent twice with one key it is done once."""
    access.require(asking(request), right, view_of(request, number).case)

    def work() -> HttpResponse:
        view = view_of(request, number)
        require_match(request, version_of(view))
        deed(view.case)
        return shown(request, number)

    return once(request, key, work)


# ── reads ────────────────────────────────────────────────────────────────────
@router.get("/cases", response={200: CasePage, **READS}, url_name="cases")
def list_cases(request: HttpRequest, asked: Query[CaseFilters]) -> HttpResponse:
    """The cases you may see, newest first: an agent those of their own enterprises, a bureau those in which it has a matter."""
    person = asking(request)
    access.require(person, cases.VIEW)
    part = paging.of_query(paging.filtered(cases.with_progress(cases.visible_cases(person)), PAGE.filters, asked), ("-id",), asked)
    return told(CasePage(items=[CaseLine(**_line(row, row.done)) for row in part.rows], next=part.next))


@router.get("/cases/{number}", response={200: CaseOut, **READS}, url_name="case")
def one_case(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One case; its ETag is what changes of the case need as If-Match, a step's version what changes of the step need."""
    return shown(request, number)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/cases", response={201: CaseOut, **WRITES}, url_name="open_case")
def open_case(request: HttpRequest, data: CaseOpen, key: Key = None) -> HttpResponse:
    """Open one case for everything the answers call for, under the version of the life event in force today."""
    person = asking(request)
    access.require(person, OPEN)
    row = or_404(LifeEvent.objects.filter(key=data.life_event).first())
    version = or_404(events.in_force(row, clocks.today()))

    def work() -> HttpResponse:
        made = actions.open_case(life_event=version, answers=data.answers, papers={name: Paper(value=value) for name, value in data.values.items()}, promised=data.promised,
                                 uscc=data.uscc, applicant=data.applicant, online=data.online or bool(access.usccs_of(person)), by=person)
        return shown(request, made.pk, 201)

    return once(request, key, work)


@router.post("/cases/{number}/papers", response={200: CaseOut, **WRITES}, url_name="case_papers", openapi_extra=IF_MATCH)
def hand_in_paper(request: HttpRequest, number: paging.Number, data: Form[CasePaper], file: UploadedFile | None = File(None), key: Key = None) -> HttpResponse:  # noqa: B008 (how the parameter is declared)
    """Hand in one thing that is still asked for, or promise it where a promise will do."""

    def deed(row: Case) -> Any:
        given = {} if data.promise else {data.entry: paper(file, value=data.value, number=data.number, issued=data.issued)}
        return actions.supplement(case=row, papers=given, promised=[data.entry] if data.promise else [], by=asking(request))

    return _do(request, number, key, OPEN, deed)


@router.post("/cases/{number}/papers/seen", response={200: CaseOut, **WRITES}, url_name="case_papers_seen", openapi_extra=IF_MATCH)
def verify_case_papers(request: HttpRequest, number: paging.Number, data: CasePapersSeen, key: Key = None) -> HttpResponse:
    """Say of papers that followed whether they hold; before all that is owed is there and holds nothing is given out."""
    return _do(request, number, key, HANDLE, lambda row: actions.verify_papers(case=row, pieces=data.pieces, holds=data.holds, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/touches", response={200: CaseOut, **WRITES}, url_name="case_touches", openapi_extra=IF_MATCH)
def note_case_touch(request: HttpRequest, number: paging.Number, data: CaseTouch, key: Key = None) -> HttpResponse:
    """Note a contact."""
    return _do(request, number, key, HANDLE, lambda row: actions.note_touch(case=row, kind=TouchKind(data.kind), what=data.what, by=asking(request)))


@router.post("/cases/{number}/rating", response={200: CaseOut, **WRITES}, url_name="case_rating", openapi_extra=IF_MATCH)
def rate_case(request: HttpRequest, number: paging.Number, data: CaseRating, key: Key = None) -> HttpResponse:
    """The applicant says how it was, once, after the end."""
    return _do(request, number, key, RATE, lambda row: actions.rate_case(case=row, stars=data.stars, words=data.words, by=asking(request)))


def _course_version(row: Case) -> int:
    """The version of where it stands, which its ETag has been held against."""
    assert row.course is not None  # every case has one
    return row.course.version


@router.post("/cases/{number}/withdrawal", response={200: CaseOut, **WRITES}, url_name="case_withdrawal", openapi_extra=IF_MATCH)
def withdraw_case(request: HttpRequest, number: paging.Number, data: CaseWithdraw, key: Key = None) -> HttpResponse:
    """The applicant takes the case back; what is under way stops."""
    return _do(request, number, key, OPEN, lambda row: actions.withdraw_case(case=row, version=_course_version(row), reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/closing", response={200: CaseOut, **WRITES}, url_name="case_closing", openapi_extra=IF_MATCH)
def close_case(request: HttpRequest, number: paging.Number, data: CaseClose, key: Key = None) -> HttpResponse:
    """Not accept a case, or end an accepted one by law; the applicant is told why and what may be done against it."""
    return _do(request, number, key, HANDLE, lambda row: actions.close_case(case=row, version=_course_version(row), basis=data.basis, reason=data.reason, by=asking(request)))
