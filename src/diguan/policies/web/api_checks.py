"""Routes of the check before money: what stands in a claim's way, the check handed in by one and decided by another."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from diguan.kernel import access, clocks
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import told
from diguan.kernel.evidence.queries import value_of
from diguan.kernel.shell import asking, language
from diguan.policies.actions import checks
from diguan.policies.models import Claim
from diguan.policies.queries import payable, payments
from diguan.policies.web.api_ledger import content_of
from diguan.policies.web.payments.ledger import claim_of

router = Router(tags=["policies"])


class CheckPiece(Schema):
    """A piece of a check; ``state`` is entered or verified."""

    id: int
    entry: str
    yes: bool
    state: str
    entered_by: str
    verified_by: str | None


class CheckOut(Schema):
    """Why a claim may not be ordered now (none: it may), and its check; ``waiting`` are the pieces that wait to be verified."""

    claim: int
    due_fen: int
    reasons: list[str]
    pieces: list[CheckPiece]
    waiting: list[int]


class CheckNew(Sent):
    conditions_met: bool
    payee_matches: bool


class CheckDecision(Sent):
    """``seen`` are the pieces that were read: others there now, and nothing is decided. To reject takes a reason."""

    seen: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=paging.LARGEST)]], Field(min_length=1, max_length=10)]
    holds: bool
    reason: Annotated[str, NoNul, Field(max_length=200)] = ""


def _out(row: Claim) -> CheckOut:
    one = payable.judge([row], clocks.today())[row.pk]
    pieces = [CheckPiece(id=piece.pk, entry=piece.entry, yes=bool(value_of(piece)), state=piece.state, entered_by=piece.entered_by.name,
                         verified_by=piece.verified_by.name if piece.verified_by else None) for piece in payable.checks_of(row)]
    return CheckOut(claim=row.pk, due_fen=max(one.due_fen, 0), reasons=[text.text(language()) for text in one.problems], pieces=pieces,
                    waiting=[piece.pk for piece in payable.checks_waiting(row)])


@router.get("/claims/{number}/check", response={200: CheckOut, **READS}, url_name="claim_check")
def payment_check(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """What stands in the way of paying a claim, and its check."""
    payments.require_office(asking(request))
    return told(_out(claim_of(request, number)))


@router.post("/claims/{number}/check", response={201: CheckOut, **WRITES}, url_name="claim_check")
def enter_payment_check(request: HttpRequest, number: paging.Number, data: Form[CheckNew], file: File[UploadedFile], key: Key = None) -> HttpResponse:
    """Hand in the check of a claim; it counts once somebody else has verified it."""
    person = asking(request)
    access.require(person, checks.CHECK)

    def work() -> HttpResponse:
        row = claim_of(request, number)
        checks.enter_check(claim=row, met=data.conditions_met, matches=data.payee_matches, file_name=file.name or "", content=content_of(file), by=person)
        return told(_out(row), 201)

    return once(request, key, work)


@router.post("/claims/{number}/check/decision", response={200: CheckOut, **WRITES}, url_name="claim_check_decision")
def decide_payment_check(request: HttpRequest, number: paging.Number, data: CheckDecision, key: Key = None) -> HttpResponse:
    """Verify a check or reject it; who handed it in cannot, nor who prepared the claim."""
    person = asking(request)
    access.require(person, checks.CHECK)

    def work() -> HttpResponse:
        row = claim_of(request, number)
        checks.decide_check(claim=row, seen=data.seen, holds=data.holds, reason=data.reason, by=person)
        return told(_out(row))

    return once(request, key, work)
