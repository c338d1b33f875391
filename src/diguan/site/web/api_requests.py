"""Routes of requests for data 数据征询: the list, one, its lines, its end, and what an enterprise is asked and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Sequence
from typing import Annotated, Any, Literal

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access, packs
from diguan.kernel.access.roles import title_of
from diguan.kernel.api import paging
from diguan.kernel.api.facts import FactSpecOut, spec_out
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, problem
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, brief, require_match, told
from diguan.kernel.factrow import FactRow
from diguan.kernel.facts import batches
from diguan.kernel.facts.models import Batch, DataRequest, RequestLine, RequestState
from diguan.kernel.facts.requests import actions, queries
from diguan.kernel.facts.requests.answers import read_answer
from diguan.kernel.packs import SELF
from diguan.kernel.sheets import values
from diguan.kernel.shell import asking, language
from diguan.site.web import requests as pages

router = Router(tags=["facts"])
MOST_ANSWERS = 200


# ── what goes out ────────────────────────────────────────────────────────────
class RequestOut(Schema):
    """One request. ``asked`` and ``open`` count its lines; ``uscc`` is set where an enterprise is asked itself (addressee ``enterprise``)."""

    id: int
    addressee: str
    to: str
    uscc: str | None
    about_kind: str
    about_id: str
    about_title: str
    due: dt.date
    overdue: bool
    state: str
    said: str | None
    asked: int
    open: int
    asked_by: str | None
    created_at: dt.datetime
    closed_at: dt.datetime | None


class RequestPage(Schema):
    items: list[RequestOut]
    next: str | None


class DueOut(Schema):
    """How the due date came about; ``provisional`` while that year's days off are not announced."""

    start: dt.date | None = None
    workdays: int | None = None
    provisional: bool = False
    holidays: list[dt.date] = Field(default_factory=list)
    weekends: list[dt.date] = Field(default_factory=list)


class SheetAskedOut(Schema):
    """The sheet that brings open lines (null: none does) and, where its rows name none, the period to say: see ``POST /imports``."""

    sheet: str | None
    period: str | None
    lines: int


class RequestWhole(RequestOut):
    """One request and what you may do with it."""

    derivation: DueOut
    sheets: list[SheetAskedOut]
    may_answer: bool
    may_withdraw: bool


class RequestLineOut(Schema):
    """One fact of one enterprise for one period (null for an attribute); ``why`` names the clause. ``batch`` told it, where you may see that batch."""

    id: int
    uscc: str
    name: str
    fact: str
    period: str | None
    why: str | None
    state: str
    source: str | None
    batch: int | None
    closed_at: dt.datetime | None


class RequestLinePage(Schema):
    items: list[RequestLineOut]
    next: str | None


def _request(row: DataRequest) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("addressee", "about_kind", "about_id", "about_title", "due", "overdue", "state", "created_at", "closed_at")}
    return kept | {"id": row.pk, "to": pages.to_whom(row), "uscc": row.subject_id or None, "said": row.said or None,
                   "asked": row.asked, "open": row.open, "asked_by": row.created_by.name if row.created_by else None}  # type: ignore[attr-defined]


def _whole(person: Any, row: DataRequest) -> RequestWhole:
    going = row.state == RequestState.OPEN
    found = queries.sheets_of(row, list(row.lines.all())) if going and row.addressee != SELF else {}
    sheets = [SheetAskedOut(sheet=name or None, period=period or None, lines=len(asked)) for (name, period), asked in sorted(found.items())]
    return RequestWhole(**_request(row), derivation=DueOut(**row.derivation), sheets=sheets, may_answer=going and queries.may_answer(person, row),
                        may_withdraw=going and access.may(person, queries.ASK, row))


def _line(line: RequestLine, seen: Container[int | None]) -> RequestLineOut:
    return RequestLineOut(
        id=line.pk, uscc=line.subject_id, name=line.name, fact=line.fact, period=None if line.period == "all" else line.period, why=line.why or None,
        state=line.state, source=line.batch.source if line.batch else None, batch=line.batch_id if line.batch_id in seen else None, closed_at=line.closed_at)


# ── reads ────────────────────────────────────────────────────────────────────
class RequestFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="An enterprise that is asked about, by name or beginning of its code")
    addressee: str = Field("", max_length=40)
    policy: str = Field("", max_length=80)
    state: Literal["open", "answered", "declined", "withdrawn", "due"] | None = Field(None, description="due: open, and its day has not passed")
    overdue: bool = False


@router.get("/requests", response={200: RequestPage, **READS}, url_name="requests")
def list_requests(request: HttpRequest, asked: Query[RequestFilters]) -> HttpResponse:
    """Requests for data, newest first: a bureau's are those to it, an enterprise's those to itself."""
    access.require(asking(request), queries.VIEW)
    rows = paging.filtered(queries.requests(asking(request)), pages.FILTERS, asked)
    part = paging.of_query(rows, ("-id",), asked)
    return told(RequestPage(items=[RequestOut(**_request(row)) for row in part.rows], next=part.next))


def version_of(row: DataRequest) -> str:
    """Its state and that of every line: an answer since then makes another thing of the rest."""
    lines = [f"{line.pk} {line.state}" for line in sorted(row.lines.all(), key=lambda line: line.pk)]
    return f"{row.state}-{brief(' '.join(lines))}"


def _told(request: HttpRequest, number: int) -> HttpResponse:
    row = pages.request_of(request, number)
    prefetch_related_objects([row], "lines")
    return told(_whole(asking(request), row), version=version_of(row))


@router.get("/requests/{number}", response={200: RequestWhole, **READS}, url_name="request")
def one_request(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One request: of whom, for what, until when; its ETag is what declining or withdrawing the rest needs as If-Match."""
    return _told(request, number)


@router.get("/requests/{number}/lines", response={200: RequestLinePage, **READS}, url_name="request_lines")
def request_lines(request: HttpRequest, number: paging.Number, asked: Query[paging.Paging]) -> HttpResponse:
    """What it asks for, by enterprise and fact and period, and which batch told it."""
    row, person = pages.request_of(request, number), asking(request)
    part = paging.of_query(row.lines.select_related("batch"), ("id",), asked)
    told_by = Batch.objects.filter(pk__in={line.batch_id for line in part.rows if line.batch_id})
    seen = set(access.visible(told_by, person, batches.VIEW).values_list("pk", flat=True))
    return told(RequestLinePage(items=[_line(line, seen) for line in part.rows], next=part.next))


# ── its end ──────────────────────────────────────────────────────────────────
class RequestEnd(Sent):
    reason: Annotated[str, NoNul, Field(min_length=1, max_length=300)]


@router.post("/requests/{number}/decline", response={200: RequestWhole, **WRITES}, url_name="request_decline", openapi_extra=IF_MATCH)
def decline_request(request: HttpRequest, number: paging.Number, data: RequestEnd, key: Key = None) -> HttpResponse:
    """Its addressee says why the rest cannot be told."""
    row = pages.request_of(request, number)
    if not queries.may_answer(asking(request), row):
        raise access.Forbidden(queries.ANSWER, title_of(queries.ANSWER))
    return _end(request, row, key, lambda: actions.decline_request(request=row, reason=data.reason, by=asking(request)))


@router.post("/requests/{number}/withdraw", response={200: RequestWhole, **WRITES}, url_name="request_withdraw", openapi_extra=IF_MATCH)
def withdraw_request(request: HttpRequest, number: paging.Number, data: RequestEnd, key: Key = None) -> HttpResponse:
    """Who may ask takes back what is still open."""
    row = pages.request_of(request, number)
    access.require(asking(request), queries.ASK, row)
    return _end(request, row, key, lambda: actions.withdraw_request(request=row, reason=data.reason, by=asking(request)))


def _end(request: HttpRequest, row: DataRequest, key: str | None, deed: Callable[[], Any]) -> HttpResponse:
    def work() -> HttpResponse:
        require_match(request, version_of(row))
        deed()
        return _told(request, row.pk)

    return once(request, key, work)


# ── an enterprise answers ────────────────────────────────────────────────────
class QuestionOut(Schema):
    """One fact for one period (``all`` for an attribute) that the enterprise is asked for and may tell itself."""

    fact: FactSpecOut
    period: str
    request: int
    about_title: str
    why: str | None
    due: dt.date


class Answer(Sent):
    """``value`` as one would write it on the form: ``12.5万元``, ``是``, ``2026-08-31``; ``无`` says that there is none."""

    fact: Annotated[str, NoNul, Field(max_length=80)]
    period: Annotated[str, NoNul, Field(max_length=12)]
    value: Annotated[str, NoNul, Field(min_length=1, max_length=40)]


class Answers(Sent):
    answers: Annotated[list[Answer], Field(min_length=1, max_length=MOST_ANSWERS)]


class AnsweredOut(Schema):
    """How many facts were told, and the questions that are open still."""

    told: int
    open: int


def _own(request: HttpRequest, uscc: str) -> Any:
    """Who asks, if they act for this enterprise: nobody else answers for it, nor learns what it is asked."""
    person = asking(request)
    access.require(person, queries.ANSWER)
    if uscc not in access.usccs_of(person):
        raise Http404
    return person


@router.get("/enterprises/{uscc}/questions", response={200: list[QuestionOut], **READS}, url_name="questions")
def list_questions(request: HttpRequest, uscc: str) -> list[QuestionOut]:
    """What an enterprise is asked and has not answered, by due date; for its own people alone."""
    lines, catalogue = queries.asked_of(_own(request, uscc), uscc), packs.catalogue()
    return [QuestionOut(fact=spec_out(catalogue[line.fact]), period=line.period, request=line.request_id, about_title=line.request.about_title,
                        why=line.why or None, due=line.request.due) for line in lines if queries.may_be_told(catalogue.get(line.fact))]


@router.post("/enterprises/{uscc}/answers", response={201: AnsweredOut, **WRITES}, url_name="answers")
def answer_questions(request: HttpRequest, uscc: str, data: Answers, key: Key = None) -> HttpResponse:
    """What an enterprise tells of itself, asked or not: all of it is one batch of source ``enterprise``, or nothing is taken."""
    person = _own(request, uscc)
    rows, wrong = _read(uscc, data.answers)
    if wrong:
        return problem(422, "invalid", [words for said in wrong.values() for words in said], wrong)

    def work() -> HttpResponse:
        batch = actions.tell(subject_id=uscc, rows=rows, by=person)
        return told(AnsweredOut(told=batch.facts, open=len(queries.asked_of(person, uscc))), 201)

    return once(request, key, work)


def _read(uscc: str, answers: Sequence[Answer]) -> tuple[list[FactRow], dict[str, list[str]]]:
    """Every answer by the rules of the sheets, and what is wrong by its place."""
    rows: list[FactRow] = []
    wrong: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(answers):
        try:
            row = _row(uscc, one, seen)
        except values.ValueProblem as found:
            wrong[f"answers.{place}"] = [found.message.text(language())]
        else:
            rows += [row] if row else []
    return rows, wrong


def _row(uscc: str, one: Answer, seen: set[tuple[str, str]]) -> FactRow | None:
    spec = packs.catalogue().get(one.fact)
    if spec is None or not queries.may_be_told(spec) or not actions.fits(spec, one.period):
        raise values.ValueProblem(f"{one.fact}（{one.period}）不能由企业自报，或期间不对", f"{one.fact} ({one.period}) may not be told by the enterprise itself, or is no period of it")
    if (one.fact, one.period) in seen:
        raise values.ValueProblem(f"{one.fact}（{one.period}）写了两次", f"{one.fact} ({one.period}) is told twice")
    seen.add((one.fact, one.period))
    return read_answer(uscc, spec, one.period, one.value)
