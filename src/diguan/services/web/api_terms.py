"""Routes of what has a day of its own in a case: extensions that wait for a decision, commitments that are to be checked."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.shell import asking, or_404
from diguan.services.actions import case_terms as actions
from diguan.services.actions import commitments
from diguan.services.models import Commitment, Extension
from diguan.services.queries import case_terms as terms
from diguan.services.queries.case_terms import DECIDE, HANDLE

router = Router(tags=["services"])
Words = Annotated[str, NoNul, Field(min_length=2, max_length=300)]


class ExtensionOut(Schema):
    """More days asked for one step; ``version`` is what the decision names."""

    id: int
    case: int
    step: str
    days: int
    basis: str
    reason: str
    asked_by: str
    state: str
    version: int


class ExtensionPage(Schema):
    items: list[ExtensionOut]
    next: str | None


class CommitmentOut(Schema):
    """A promise in the place of the paper ``entry``; ``due`` is the last day of its check."""

    id: int
    case: int
    entry: str
    matter: str
    office: str | None
    due: dt.date | None
    state: str
    reason: str
    version: int


class CommitmentPage(Schema):
    items: list[CommitmentOut]
    next: str | None


class ExtensionDecide(Sent):
    grant: bool
    reason: Words


class CommitmentCheck(Sent):
    """What was found."""

    holds: bool
    reason: Words


def _extension(row: Extension) -> ExtensionOut:
    return ExtensionOut(id=row.pk, case=row.case_id, step=row.task.key, days=row.days, basis=row.basis, reason=row.reason, asked_by=row.asked_by.name, state=row.state, version=row.version)


def _commitment(row: Commitment) -> CommitmentOut:
    return CommitmentOut(id=row.pk, case=row.case_id, entry=row.entry, matter=row.matter, office=row.unit.name if row.unit else None, due=row.due, state=row.state, reason=row.reason, version=row.version)


@router.get("/case-extensions", response={200: ExtensionPage, **READS}, url_name="case_extensions")
def list_case_extensions(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The extensions that wait for your decision, in the order in which they were asked for."""
    access.require(asking(request), DECIDE)
    part = paging.of_query(terms.to_decide(asking(request)), ("id",), asked)
    return told(ExtensionPage(items=[_extension(row) for row in part.rows], next=part.next))


@router.post("/case-extensions/{number}/decide", response={200: ExtensionOut, **WRITES}, url_name="case_extension_decide", openapi_extra=IF_MATCH)
def decide_case_extension(request: HttpRequest, number: paging.Number, data: ExtensionDecide, key: Key = None) -> HttpResponse:
    """Grant or refuse more days; who asked does not decide."""
    person = asking(request)
    access.require(person, DECIDE)

    def work() -> HttpResponse:
        row = or_404(terms.asked(person, number))
        require_match(request, row.version)
        actions.decide_extension(extension=row, version=row.version, grant=data.grant, reason=data.reason, by=person)
        now = or_404(terms.asked(person, number))
        return told(_extension(now), version=now.version)

    return once(request, key, work)


@router.get("/commitments", response={200: CommitmentPage, **READS}, url_name="commitments")
def list_commitments(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The commitments that your office checks, checked or not, in the order in which they were made."""
    access.require(asking(request), HANDLE)
    part = paging.of_query(terms.commitments(asking(request)), ("id",), asked)
    return told(CommitmentPage(items=[_commitment(row) for row in part.rows], next=part.next))


@router.post("/commitments/{number}/check", response={200: CommitmentOut, **WRITES}, url_name="commitment_check", openapi_extra=IF_MATCH)
def check_commitment(request: HttpRequest, number: paging.Number, data: CommitmentCheck, key: Key = None) -> HttpResponse:
    """Say what was found; where it does not hold the paper is owed."""
    person = asking(request)
    access.require(person, HANDLE)

    def work() -> HttpResponse:
        row = or_404(terms.promise(person, number))
        require_match(request, row.version)
        commitments.check_commitment(commitment=row, version=row.version, holds=data.holds, reason=data.reason, by=person)
        now = or_404(terms.promise(person, number))
        return told(_commitment(now), version=now.version)

    return once(request, key, work)
