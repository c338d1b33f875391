"""Routes of leads: which there are, one, and what is done about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.shell import asking
from diguan.projects.actions import lead_work as work
from diguan.projects.actions import leads as actions
from diguan.projects.actions.fields import MOST_FEN
from diguan.projects.models import Lead, LeadSource
from diguan.projects.queries import leads
from diguan.projects.web import lead_lists
from diguan.projects.web.lead_words import next_due
from diguan.projects.web.leads import lead_of

router = Router(tags=["projects"])
Amount = Annotated[int, Field(strict=True, ge=0, le=MOST_FEN)]


# ── what goes out ────────────────────────────────────────────────────────────
class LeadLine(Schema):
    """A lead. ``stage`` is where it stands (registered, responded, following, promoted), ``status`` active, dormant, lost or duplicate. Amounts are fen, land 0.0001 mu;
    null is not known. ``due`` is the first of its clocks. Who to call is on its page, with a reason.
    """

    id: int
    number: str
    title: str
    firm_name: str
    uscc: str | None
    source: str
    stage: str
    status: str
    holder: str | None
    office: str | None
    protected_until: dt.date | None
    came_on: dt.date
    due: dt.date | None
    investment_fen: int | None
    version: int


class LeadPage(Schema):
    items: list[LeadLine]
    next: str | None


class LeadOut(LeadLine):
    """All there is of one lead but whom to call."""

    told: str | None
    judgement: str | None
    node: str | None
    land: int | None
    jobs: int | None
    feedback_due: dt.date | None
    feedback_on: dt.date | None
    progress_due: dt.date | None


# ── what comes in ────────────────────────────────────────────────────────────
class LeadFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="In the title, the number or the firm's name")
    stage: str = Field("", pattern="^(|registered|responded|following|promoted)$")
    status: str = Field("", pattern="^(|active|dormant|lost|duplicate)$")
    source: LeadSource | None = None
    due: str = Field("", pattern="^(|stage|news|referrer|free)$", description="Late at its step, without news, its referrer not answered; or free to be claimed")


class LeadNew(Sent):
    """A lead to be registered, held by whoever sends it."""

    title: Annotated[str, NoNul, Field(min_length=2, max_length=120)]
    firm_name: Annotated[str, NoNul, Field(min_length=2, max_length=200)]
    source: LeadSource
    came_on: dt.date
    uscc: Annotated[str, NoNul, Field(max_length=18)] = ""
    region: Annotated[str, NoNul, Field(max_length=6)] = ""
    contact_name: Annotated[str, NoNul, Field(max_length=60)] = ""
    contact_phone: Annotated[str, NoNul, Field(max_length=30)] = ""
    source_note: Annotated[str, NoNul, Field(max_length=200)] = ""
    told: Annotated[str, NoNul, Field(max_length=500)] = ""
    node: Annotated[str, NoNul, Field(max_length=60)] = ""
    industry: Annotated[str, NoNul, Field(max_length=6)] = ""
    investment_fen: Amount | None = None
    land: Amount | None = Field(None, description="In 0.0001 mu")
    jobs: Annotated[int, Field(strict=True, ge=0, le=10_000_000)] | None = None


class LeadNews(Sent):
    """What was done on a day, and what comes next: step, day and who (a login name), all three or none."""

    on: dt.date
    what: Annotated[str, NoNul, Field(min_length=2, max_length=500)]
    next_step: Annotated[str, NoNul, Field(max_length=200)] = ""
    next_on: dt.date | None = None
    next_by: Annotated[str, NoNul, Field(max_length=60)] = ""

    def news(self) -> work.News:
        """As the actions take it.

        Raises:
            Refusal: nobody who follows leads has this login name.
        """
        person: Person | None = leads.followers().filter(login_name=self.next_by).first() if self.next_by else None
        if self.next_by and person is None:
            refuse("invalid", "没有跟进线索的人叫这个登录名", "nobody who follows leads has this login name", "next_by")
        return work.News(self.on, self.what, self.next_step, self.next_on, person)


class LeadOpinion(Sent):
    opinion: Annotated[str, NoNul, Field(min_length=2, max_length=500)]


# ── words ────────────────────────────────────────────────────────────────────
def _line(row: Any) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("number", "title", "firm_name", "source", "stage", "status", "protected_until", "came_on", "investment_fen", "version")}
    return kept | {"id": row.pk, "uscc": row.uscc or None, "holder": row.holder.name if row.holder else None, "office": row.owner_unit.name if row.owner_unit else None, "due": next_due(row)}


def _shown(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    row = lead_of(request, number)
    more: dict[str, Any] = {name: getattr(row, name) or None for name in ("told", "judgement", "node")} | {name: getattr(row, name) for name in ("land", "jobs", "feedback_due", "feedback_on", "progress_due")}
    return told(LeadOut(**_line(row), **more), status, version=row.version, at=reverse("api:lead", args=[number]) if status == 201 else "")


# ── reads ────────────────────────────────────────────────────────────────────
@router.get("/leads", response={200: LeadPage, **READS}, url_name="leads")
def list_leads(request: HttpRequest, asked: Query[LeadFilters]) -> HttpResponse:
    """The leads you may see, the newest first, with the filters of the list page."""
    access.require(asking(request), leads.VIEW)
    filters = [item for item in lead_lists.FILTERS if hasattr(asked, item.key)]
    part = paging.of_query(paging.filtered(leads.visible_leads(asking(request)), filters, asked), ("-id",), asked)
    return told(LeadPage(items=[LeadLine(**_line(row)) for row in part.rows], next=part.next))


@router.get("/leads/{number}", response={200: LeadOut, **READS}, url_name="lead")
def one_lead(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One lead; its ETag is what every change needs as If-Match."""
    return _shown(request, number)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/leads", response={201: LeadOut, **WRITES}, url_name="leads")
def register_lead(request: HttpRequest, data: LeadNew, key: Key = None) -> HttpResponse:
    """Register a lead; the clock of its first response begins."""
    access.require(asking(request), leads.CHANGE)
    return once(request, key, lambda: _shown(request, actions.register_lead(said=actions.Said(**data.model_dump()), by=asking(request)).pk, 201))


@router.post("/leads/{number}/respond", response={200: LeadOut, **WRITES}, url_name="lead_respond", openapi_extra=IF_MATCH)
def respond_to_lead(request: HttpRequest, number: paging.Number, data: LeadNews, key: Key = None) -> HttpResponse:
    """The first response: what was done."""
    return _do(request, number, key, lambda row: work.respond(lead=row, version=row.version, news=data.news(), by=asking(request)))


@router.post("/leads/{number}/judge", response={200: LeadOut, **WRITES}, url_name="lead_judge", openapi_extra=IF_MATCH)
def judge_lead(request: HttpRequest, number: paging.Number, data: LeadOpinion, key: Key = None) -> HttpResponse:
    """What to make of it; from then on it is followed."""
    return _do(request, number, key, lambda row: work.judge(lead=row, version=row.version, opinion=data.opinion, by=asking(request)))


@router.post("/leads/{number}/progress", response={200: LeadOut, **WRITES}, url_name="lead_progress", openapi_extra=IF_MATCH)
def tell_lead_progress(request: HttpRequest, number: paging.Number, data: LeadNews, key: Key = None) -> HttpResponse:
    """News; they keep the lead alive and protected for another while."""
    return _do(request, number, key, lambda row: work.tell_progress(lead=row, version=row.version, news=data.news(), by=asking(request)))


def _do(request: HttpRequest, number: int, key: str | None, deed: Callable[[Lead], Any]) -> HttpResponse:
    """Do something with a lead as it was read, for who may."""
    row = lead_of(request, number)
    access.require(asking(request), leads.CHANGE, row)

    def work_() -> HttpResponse:
        require_match(request, row.version)
        deed(row)
        return _shown(request, number)

    return once(request, key, work_)
