"""Routes of reviews: what the current match finds of claims, and what is decided of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.rules.tree import STATUS_WORDS
from diguan.kernel.shell import asking
from diguan.policies.actions import reviews as actions
from diguan.policies.models import ClaimReview
from diguan.policies.queries import reviews
from diguan.policies.web.reviews import review_of

router = Router(tags=["policies"])
State = Literal["open", "kept", "stopped", "clawback", "lapsed"]


class ReviewOut(Schema):
    """A claim that a later match judges differently; amounts in fen 分, null where there is none. ``changed``: facts told differently, in storage units."""

    id: int
    claim: int
    policy: str
    uscc: str
    name: str
    state: State
    paid: bool
    old_run: str
    new_run: str
    was: str
    now: str
    was_fen: int | None
    now_fen: int | None
    changed: list[dict[str, Any]]
    clauses: list[str]
    found_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str | None


class ReviewPage(Schema):
    items: list[ReviewOut]
    next: str | None


class ReviewFilters(paging.Paging):
    state: State | None = None


class ReviewDecision(Sent):
    """``kept``: as it was judged. ``stopped``: not paid. ``clawback``: of a paid one, its money is to be asked back."""

    decision: Literal["kept", "stopped", "clawback"]
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=300)]


def _out(row: ClaimReview) -> ReviewOut:
    return ReviewOut(
        id=row.pk, claim=row.claim_id, policy=row.claim.policy, uscc=row.claim.enterprise.uscc, name=row.claim.enterprise.name, state=row.state, paid=row.paid,  # type: ignore[arg-type]
        old_run=row.old_run, new_run=row.new_run, was=STATUS_WORDS[row.was_status], now=STATUS_WORDS[row.now_status], was_fen=row.was_fen, now_fen=row.now_fen,
        changed=row.changed, clauses=row.clauses, found_at=row.created_at, decided_by=row.decided_by.name if row.decided_by else None, decided_at=row.decided_at,
        decision=row.decision or None)


@router.get("/reviews", response={200: ReviewPage, **READS}, url_name="reviews")
def list_reviews(request: HttpRequest, asked: Query[ReviewFilters]) -> HttpResponse:
    """Every finding the person may see, the newest first."""
    access.require(asking(request), reviews.VIEW)
    rows = reviews.visible_reviews(asking(request))
    part = paging.of_query(rows.filter(state=asked.state) if asked.state else rows, ("-id",), asked)
    return told(ReviewPage(items=[_out(row) for row in part.rows], next=part.next))


@router.get("/reviews/{number}", response={200: ReviewOut, **READS}, url_name="review")
def one_review(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One finding; its ETag is what deciding needs as If-Match."""
    row = review_of(request, number)
    return told(_out(row), version=row.version)


@router.post("/reviews/{number}/decide", response={200: ReviewOut, **WRITES}, url_name="review_decide", openapi_extra=IF_MATCH)
def decide_review(request: HttpRequest, number: paging.Number, data: ReviewDecision, key: Key = None) -> HttpResponse:
    """Say what follows from a finding; the claim's own officer does not."""
    row = review_of(request, number)
    access.require(asking(request), actions.DECIDE, row)

    def work() -> HttpResponse:
        require_match(request, row.version)
        actions.decide_review(review=row, version=row.version, decision=data.decision, reason=data.reason, by=asking(request))
        again = review_of(request, number)
        return told(_out(again), version=again.version)

    return once(request, key, work)
