"""Routes of a case's steps, for the offices that do them: what is open, one step, and accepting, correcting, finishing, pausing, extending, giving out.

A step has a version of its own, its ETag: bureaus that work side by side on one case do not stand in each other's way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.forms import paper
from diguan.kernel.shell import asking, or_404
from diguan.kernel.stages import actions as stage_actions
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.models import Task
from diguan.kernel.stages.queries import PAUSE
from diguan.services.actions import case_terms as term_actions
from diguan.services.actions import cases as actions
from diguan.services.engine.caseflow import SUBJECT
from diguan.services.models import TouchKind
from diguan.services.queries import cases
from diguan.services.queries.cases import HANDLE
from diguan.services.web.case_lists import INBOX
from diguan.services.web.cases import view_of

router = Router(tags=["services"])
Reason = Annotated[str, NoNul, Field(max_length=300)]


# ── what goes out ────────────────────────────────────────────────────────────
class StepOut(Schema):
    """One step as it stands; ``id`` and ``version`` are what finishing many at once names. ``due`` is null where its term stands still."""

    id: int
    case: int
    key: str
    title: str
    of: str
    office: str | None
    state: str
    version: int
    due: dt.date | None


class StepPage(Schema):
    items: list[StepOut]
    next: str | None


class StepsFinished(Schema):
    """How many steps were finished: all that were named."""

    finished: int


# ── what comes in ────────────────────────────────────────────────────────────
class StepFilters(paging.Paging):
    """The filter of the inbox."""

    q: str = Field("", max_length=80, description="In the applicant's name or the life event's title")


class StepSaid(Sent):
    reason: Reason = ""


class StepAccept(Sent):
    """``verified`` are the pieces that were looked at and hold; ``tolerated`` what may follow later, with the reason."""

    verified: list[int] = Field(default_factory=list, max_length=500)
    tolerated: list[Annotated[str, NoNul, Field(max_length=60)]] = Field(default_factory=list, max_length=200)
    reason: Reason = ""


class StepCorrect(Sent):
    """What the applicant is told to correct, once and for all."""

    items: list[Annotated[str, NoNul, Field(max_length=60)]] = Field(min_length=1, max_length=200)
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=300)]


class StepFinish(Sent):
    """What came out, if anything: a number, a day, a file."""

    number: Annotated[str, NoNul, Field(max_length=100)] = ""
    issued: dt.date | None = None
    reason: Reason = ""


class StepPause(Sent):
    article: Annotated[str, NoNul, Field(min_length=1, max_length=200)]
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=300)]


class StepExtend(Sent):
    days: int = Field(ge=1, le=250)
    basis: Annotated[str, NoNul, Field(min_length=4, max_length=300)]
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=300)]


class StepDeliver(Sent):
    kind: Literal["courier", "online", "visit"]
    reason: Reason = ""


class StepRead(Sent):
    """One step as it was read."""

    id: int = Field(ge=1, le=9_223_372_036_854_775_807)
    version: int = Field(ge=1, le=2_147_483_647)


class StepsFinish(Sent):
    steps: list[StepRead] = Field(min_length=1, max_length=actions.MOST_AT_ONCE)
    reason: Reason = ""


# ── shown ────────────────────────────────────────────────────────────────────
def _out(task: Task) -> StepOut:
    return StepOut(id=task.pk, case=int(task.course.subject_id), key=task.key, title=task.step.label(), of=task.course.title, office=task.owner_unit.name if task.owner_unit else None, state=task.state,
                   version=task.version, due=task.due if task.state == "open" else None)


def _step(request: HttpRequest, number: int, key: str) -> Task:
    """One step of a case somebody may see. Whose right to handle reaches it is answered by one question; the rest are looked for as on the page.

    Raises:
        Forbidden: they see no cases. Http404: there is none, or none they see.
    """
    rows = Task.objects.filter(course__subject_kind=SUBJECT, course__subject_id=str(number), key=key).select_related("course__frozen", "owner_unit").defer("course__frozen__text")
    task = access.visible(rows, asking(request), HANDLE).first()
    if task is None:
        view_of(request, number)
        task = or_404(rows.first())
    return task


def _do(request: HttpRequest, number: int, key: str, once_key: str | None, right: str, deed: Callable[[Task], Any]) -> HttpResponse:
    """One change of one step, to the version that was read; sent twice with one key it is done once."""
    person = asking(request)
    access.require(person, right)
    task = _step(request, number, key)
    access.require(person, right, task)

    def work() -> HttpResponse:
        require_match(request, task.version)
        deed(task)
        task.refresh_from_db(fields=["version", "state", "due"])
        return told(_out(task), version=task.version)

    return once(request, once_key, work)


# ── reads ────────────────────────────────────────────────────────────────────
@router.get("/case-steps", response={200: StepPage, **READS}, url_name="case_steps")
def list_case_steps(request: HttpRequest, asked: Query[StepFilters]) -> HttpResponse:
    """What waits for your office, in the order in which it was opened."""
    access.require(asking(request), HANDLE)
    part = paging.of_query(paging.filtered(cases.open_tasks(asking(request)), INBOX.filters, asked), ("id",), asked)
    return told(StepPage(items=[_out(task) for task in part.rows], next=part.next))


@router.get("/cases/{number}/steps/{step}", response={200: StepOut, **READS}, url_name="case_step")
def one_case_step(request: HttpRequest, number: paging.Number, step: str) -> HttpResponse:
    """One step; its ETag is what every change of it needs as If-Match."""
    access.require(asking(request), cases.VIEW)
    task = _step(request, number, step)
    return told(_out(task), version=task.version)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/cases/{number}/steps/{step}/accept", response={200: StepOut, **WRITES}, url_name="case_step_accept", openapi_extra=IF_MATCH)
def accept_case(request: HttpRequest, number: paging.Number, step: str, data: StepAccept, key: Key = None) -> HttpResponse:
    """Accept the case: every matter that waits for nothing begins."""
    return _do(request, number, step, key, HANDLE, lambda task: actions.accept_case(
        task=task, version=task.version, verified=data.verified, tolerated=data.tolerated, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/correction", response={200: StepOut, **WRITES}, url_name="case_step_correction", openapi_extra=IF_MATCH)
def ask_correction(request: HttpRequest, number: paging.Number, step: str, data: StepCorrect, key: Key = None) -> HttpResponse:
    """Tell the applicant, once, what is missing or wrong; the term stands still until it comes."""
    return _do(request, number, step, key, HANDLE, lambda task: actions.ask_correction(task=task, version=task.version, items=data.items, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/finish", response={200: StepOut, **WRITES}, url_name="case_step_finish", openapi_extra=IF_MATCH)
def finish_matter(request: HttpRequest, number: paging.Number, step: str, data: StepSaid, key: Key = None) -> HttpResponse:
    """A bureau is done with its matter, without a result to give."""
    return _do(request, number, step, key, HANDLE, lambda task: actions.finish_matter(task=task, version=task.version, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/result", response={200: StepOut, **WRITES}, url_name="case_step_result", openapi_extra=IF_MATCH)
def finish_with_result(request: HttpRequest, number: paging.Number, step: str, data: Form[StepFinish], file: UploadedFile | None = File(None), key: Key = None) -> HttpResponse:  # noqa: B008 (how the parameter is declared)
    """A bureau is done with its matter, with what came out."""
    return _do(request, number, step, key, HANDLE, lambda task: actions.finish_matter(
        task=task, version=task.version, result=paper(file, number=data.number, issued=data.issued), reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/pause", response={200: StepOut, **WRITES}, url_name="case_step_pause", openapi_extra=IF_MATCH)
def pause_step(request: HttpRequest, number: paging.Number, step: str, data: StepPause, key: Key = None) -> HttpResponse:
    """The term stands still, by an article the flow names."""
    return _do(request, number, step, key, PAUSE, lambda task: stage_actions.pause_clock(
        task=task, to=task.key, version=task.version, article=data.article, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/resume", response={200: StepOut, **WRITES}, url_name="case_step_resume", openapi_extra=IF_MATCH)
def resume_step(request: HttpRequest, number: paging.Number, step: str, data: StepSaid, key: Key = None) -> HttpResponse:
    """The term runs on."""
    return _do(request, number, step, key, PAUSE, lambda task: stage_actions.resume_clock(task=task, to=task.key, version=task.version, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/extension", response={200: StepOut, **WRITES}, url_name="case_step_extension", openapi_extra=IF_MATCH)
def ask_step_extension(request: HttpRequest, number: paging.Number, step: str, data: StepExtend, key: Key = None) -> HttpResponse:
    """Ask for more days; somebody else decides, and until then the term runs on."""
    return _do(request, number, step, key, HANDLE, lambda task: term_actions.ask_extension(
        task=task, version=task.version, days=data.days, basis=data.basis, reason=data.reason, by=asking(request)))


@router.post("/cases/{number}/steps/{step}/deliver", response={200: StepOut, **WRITES}, url_name="case_step_deliver", openapi_extra=IF_MATCH)
def deliver_case(request: HttpRequest, number: paging.Number, step: str, data: StepDeliver, key: Key = None) -> HttpResponse:
    """Give everything out at once: the case ends."""
    return _do(request, number, step, key, HANDLE, lambda task: actions.deliver(task=task, version=task.version, kind=TouchKind(data.kind), reason=data.reason, by=asking(request)))


@router.post("/case-steps/finish", response={200: StepsFinished, **WRITES}, url_name="case_steps_finish")
def finish_steps(request: HttpRequest, data: StepsFinish, key: Key = None) -> HttpResponse:
    """Finish matters of many cases, all or none, each at the version that was read; results are given one by one."""
    person = asking(request)
    access.require(person, HANDLE)

    def work() -> HttpResponse:
        read = {one.id: one.version for one in data.steps}
        rows = {task.pk: task for task in access.visible(Task.objects.filter(pk__in=read, course__subject_kind=SUBJECT), person, HANDLE).select_related("course__frozen").defer("course__frozen__text")}
        or_404(len(rows) == len(data.steps) or None)
        actions.finish_matters(ticks=[Tick(rows[one.id], one.version) for one in data.steps], reason=data.reason, by=person)
        return told(StepsFinished(finished=len(rows)))

    return once(request, key, work)
