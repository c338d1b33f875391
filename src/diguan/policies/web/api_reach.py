"""Routes of how far a policy reached: the figures from entitled to acted, and the enterprises behind each."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel.api import paging
from diguan.kernel.api.problems import READS, refuse
from diguan.kernel.api.versions import told
from diguan.kernel.measures import value
from diguan.kernel.shell import asking
from diguan.policies.queries import Standing, reach
from diguan.policies.queries.reach import Reached
from diguan.policies.web import reach as pages
from diguan.policies.web.pages import policy_of

router = Router(tags=["policies"])


class RefusalCount(Schema):
    reason: str
    count: int


class ReachOut(Schema):
    """From entitled to acted in the current run. Everything is null where the page shows no funnel: no run, nobody entitled, or not for publication."""

    run: str | None
    as_of: dt.date | None
    entitled: int | None = None
    notified: int | None = None
    delivered: int | None = None
    opened: int | None = None
    acted: int | None = None
    refused: int | None = None
    unreached: int | None = None
    reasons: list[RefusalCount] = Field(default_factory=list)


class ReachedOut(Schema):
    """One entitled enterprise and its notice; ``state`` is null while none was written."""

    uscc: str
    name: str
    town: str | None
    amount_fen: int | None
    notice: int | None
    state: str | None
    reason: str | None
    words: str | None
    written_at: dt.datetime | None
    opened_at: dt.datetime | None


class ReachedPage(Schema):
    run: str | None
    items: list[ReachedOut]
    next: str | None


class ReachFilters(paging.Paging):
    """The filters of the list page; ``reason`` narrows those who refused."""

    q: str = Field("", max_length=80, description="Name or credit code")
    town: str = Field("", max_length=60)
    reason: str = Field("", max_length=40)


def _reached(one: Reached) -> ReachedOut:
    notice = one.notice
    return ReachedOut(
        uscc=one.uscc, name=one.name, town=one.town or None, amount_fen=one.amount_fen, notice=notice.pk if notice else None, state=notice.state if notice else None,
        reason=(notice.reason if notice else "") or None, words=(notice.reason_text if notice else "") or None,
        written_at=notice.created_at if notice else None, opened_at=notice.opened_at if notice else None)


def _run(standing: Standing) -> str | None:
    return standing.run.run_id if standing.run else None


@router.get("/policies/{policy_id}/reach", response={200: ReachOut, **READS}, url_name="policy_reach")
def policy_reach(request: HttpRequest, policy_id: str) -> HttpResponse:
    """How many are entitled, were told, opened it, will claim, will not and why, and whom nothing got to."""
    person, standing = asking(request), policy_of(request, policy_id)
    found = ReachOut(run=_run(standing), as_of=standing.as_of)
    if pages.has_funnel(standing):
        figures = {stage: value(f"policies.{stage}", person, standing).num for stage in ("entitled", *reach.STAGES)}
        reasons = [RefusalCount(reason=reason, count=count) for reason, count in reach.refusals(standing)]
        found = ReachOut(run=_run(standing), as_of=standing.as_of, **figures, reasons=reasons)
    return told(found)


@router.get("/policies/{policy_id}/reach/{stage}", response={200: ReachedPage, **READS}, url_name="policy_reached")
def policy_reached(request: HttpRequest, policy_id: str, stage: Literal["notified", "delivered", "opened", "acted", "refused", "unreached"],
                   asked: Query[ReachFilters]) -> HttpResponse:
    """The enterprises behind one of the figures, by name, with the notice each of them got."""
    person, standing = asking(request), policy_of(request, policy_id)
    if asked.reason and stage != reach.REFUSED:
        refuse("invalid", "只有“不办”的名单能按原因筛", "only those who refused can be narrowed by reason", "reason")
    listed = pages.page(person, standing, stage)
    rows: list[Reached] = paging.filtered(listed.rows(person), listed.filters, asked)
    part = paging.of_list(rows, lambda one: (one.name, one.uscc), asked, of=_run(standing) or "")
    return told(ReachedPage(run=_run(standing), items=[_reached(one) for one in part.rows], next=part.next))
