"""Routes of claims: the list, one claim with what its next steps ask, and what may be done: open, pass, send back, answer, give up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.rules.tree import VERDICT_WORDS
from diguan.kernel.shell import asking, language
from diguan.policies.actions import claim_papers, claim_steps
from diguan.policies.actions import claims as opening
from diguan.policies.models import Claim
from diguan.policies.queries import allocations, claims
from diguan.policies.queries.claims import ANSWER, BANK, HANDLE, OFFICE_STEPS, WILL, Seen, View
from diguan.policies.web import own_claims
from diguan.policies.web.claims import claim_of, list_page

router = Router(tags=["policies"])
Reason = Annotated[str, NoNul, Field(min_length=2, max_length=200)]


# ── what goes out ────────────────────────────────────────────────────────────
class ClaimLine(Schema):
    """One claim of one enterprise under one policy; ``stage`` is where it stands, or the status that holds it."""

    number: int
    policy: str
    uscc: str
    name: str
    delivery: str
    amount_fen: int
    stage: str
    attempt: int
    officer: str | None
    due: dt.date | None


class ClaimPage(Schema):
    items: list[ClaimLine]
    next: str | None


class ClaimGateItem(Schema):
    """One thing a gate asks: ``state`` true, false or unknown; ``waived`` with a reason counts as met."""

    id: str
    kind: str
    state: str
    asked: str
    found: str
    waived: bool


class ClaimWay(Schema):
    """A step that can be next, whether its gate is open for you, and what it asks."""

    to: str
    open: bool
    items: list[ClaimGateItem]


class ClaimPassage(Schema):
    to: str
    day: dt.date
    by: str | None
    reason: str | None


class ClaimOut(ClaimLine):
    """One claim whole. ``asked`` are the dictionary ids the enterprise is to hand in now; what the county holds is not among them."""

    policy_version: str
    match: str
    allocation: str | None
    asked: list[str]
    ways: list[ClaimWay]
    passages: list[ClaimPassage]


class ClaimsOpened(Schema):
    """The claims that were opened, and what they come to."""

    claims: list[int]
    amount_fen: int


# ── what comes in ────────────────────────────────────────────────────────────
class ClaimFilters(paging.Paging):
    """The filters of the list page, and ``uscc`` for one enterprise."""

    q: str = Field("", max_length=80)
    policy: str = Field("", max_length=80)
    stage: str = Field("", max_length=60)
    delivery: Literal["", "automatic", "fast", "application"] = ""
    uscc: str = Field("", max_length=18)


class ClaimsOpen(Sent):
    """The allocation to open claims from."""

    allocation: Annotated[str, NoNul, Field(min_length=1, max_length=64)]


class ClaimStart(Sent):
    policy: Annotated[str, NoNul, Field(min_length=1, max_length=80)]


class ClaimStep(Sent):
    """The step to go to; a refusal, an objection and an upheld refusal need their reason."""

    to: Annotated[str, NoNul, Field(min_length=1, max_length=60)]
    reason: Annotated[str, NoNul, Field(max_length=200)] = ""


class ClaimBack(Sent):
    to: Annotated[str, NoNul, Field(min_length=1, max_length=60)]
    reason: Reason


class ClaimAnswer(Sent):
    """The enterprise wants it, and where the money goes: its own account, digits alone."""

    intent: Literal[True]
    account: Annotated[str, NoNul, Field(min_length=1, max_length=40)]
    bank: Annotated[str, NoNul, Field(min_length=1, max_length=60)]


class ClaimGiveUp(Sent):
    reason: Reason


# ── shown ────────────────────────────────────────────────────────────────────
def _line(row: Claim) -> dict[str, Any]:
    return {"number": row.pk, "policy": row.policy, "uscc": row.enterprise.uscc, "name": row.enterprise.name, "delivery": row.delivery, "amount_fen": row.amount_fen,
            "stage": claims.where(row), "attempt": row.attempt, "officer": row.officer.name if row.officer else None, "due": getattr(row, "due", None)}


def _ways(view: View) -> list[ClaimWay]:
    return [ClaimWay(to=way.step.id, open=way.answer.met, items=[ClaimGateItem(
        id=item.id, kind=item.kind, state=VERDICT_WORDS[item.state], asked=item.asked.text(language()), found=item.found.text(language()), waived=bool(item.waived)) for item in way.answer.items]) for way in view.ways]


def _version(view: View) -> str:
    """Of the stage and of the claim itself: who moves it and who answers for it change one each."""
    return f"{view.seen or '0.0'}.{view.claim.version}"


def _shown(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    row = claim_of(request, number)
    view = claims.view(asking(request), row)
    body = ClaimOut(**_line(row), policy_version=row.policy_version, match=row.match, allocation=row.allocation or None, asked=[entry.id for entry in claims.to_hand_in(row)],
                    ways=_ways(view), passages=[ClaimPassage(to=move.target, day=move.day, by=move.by.name if move.by else None, reason=move.reason or None) for move in view.passages])
    return told(body, status, version=_version(view), at=reverse("api:claim", args=[number]) if status == 201 else "")


def _do(request: HttpRequest, number: int, key: str | None, right: str, deed: Callable[[Claim, Seen], Any]) -> HttpResponse:
    """One change of one claim, to the version that was read; sent twice with one key it is done once."""
    row = claim_of(request, number)
    access.require(asking(request), right, row)

    def work() -> HttpResponse:
        now = claim_of(request, number)
        view = claims.view(asking(request), now)
        require_match(request, _version(view))
        deed(now, Seen.of(view.task) if view.task else Seen(0, 0))
        return _shown(request, number)

    return once(request, key, work)


# ── reads ────────────────────────────────────────────────────────────────────
@router.get("/claims", response={200: ClaimPage, **READS}, url_name="claims")
def list_claims(request: HttpRequest, asked: Query[ClaimFilters]) -> HttpResponse:
    """The claims you may see, newest first: an agent those of their own enterprises."""
    person = asking(request)
    access.require(person, claims.VIEW)
    rows = claims.visible_claims(person)
    rows = rows.filter(enterprise__uscc=asked.uscc) if asked.uscc else rows
    narrowed = paging.filtered(rows, [item for item in list_page().filters if item.key != "mine"], asked)
    part = paging.of_query(narrowed, ("-id",), asked)
    return told(ClaimPage(items=[ClaimLine(**_line(row)) for row in part.rows], next=part.next))


@router.get("/claims/{number}", response={200: ClaimOut, **READS}, url_name="claim")
def one_claim(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One claim; its ETag is what every change needs as If-Match."""
    return _shown(request, number)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/policies/{policy_id}/claims", response={201: ClaimsOpened, **WRITES}, url_name="policy_claims")
def open_claims(request: HttpRequest, policy_id: str, data: ClaimsOpen, key: Key = None) -> HttpResponse:
    """Open a claim for every enterprise an allocation granted money under one policy and that has none under way or paid."""
    access.require(asking(request), HANDLE)
    run = allocations.find(asking(request), data.allocation)

    def work() -> HttpResponse:
        if run is None:
            refuse("no_allocation", "没有这次分配，或它的结果文件坏了", "there is no such allocation, or its files are damaged", "allocation")
        rows = opening.open_claims(allocation=run, policy=policy_id, by=asking(request))
        return told(ClaimsOpened(claims=[row.pk for row in rows], amount_fen=sum(row.amount_fen for row in rows)), 201)

    return once(request, key, work)


@router.post("/enterprises/{uscc}/claims", response={201: ClaimOut, **WRITES}, url_name="enterprise_claims")
def start_claim(request: HttpRequest, uscc: str, data: ClaimStart, key: Key = None) -> HttpResponse:
    """An enterprise starts its own claim under a policy that takes applications or fast claims."""
    firm = own_claims.firm_of(request, uscc)

    def work() -> HttpResponse:
        course = opening.start_claim(policy=data.policy, enterprise=firm, by=asking(request))
        return _shown(request, int(course.subject_id), 201)

    return once(request, key, work)


@router.post("/claims/{number}/passages", response={200: ClaimOut, **WRITES}, url_name="claim_passages", openapi_extra=IF_MATCH)
def pass_claim(request: HttpRequest, number: paging.Number, data: ClaimStep, key: Key = None) -> HttpResponse:
    """Pass the gate to a step; a closed one is refused with what is missing. To ``intent_confirmed`` what the enterprise answered is verified."""
    if data.to not in OFFICE_STEPS:
        refuse("no_way", f"这里办的步骤：{'、'.join(OFFICE_STEPS)}", f"the steps done here: {', '.join(OFFICE_STEPS)}", "to")

    def deed(row: Claim, seen: Seen) -> Any:
        if data.to == claims.INTENT:
            return claim_steps.confirm_intent(claim=row, seen=seen, by=asking(request))
        return claim_steps.pass_step(claim=row, to=data.to, seen=seen, by=asking(request), reason=data.reason)

    return _do(request, number, key, HANDLE, deed)


@router.post("/claims/{number}/back", response={200: ClaimOut, **WRITES}, url_name="claim_back", openapi_extra=IF_MATCH)
def send_claim_back(request: HttpRequest, number: paging.Number, data: ClaimBack, key: Key = None) -> HttpResponse:
    """Send it back to an earlier stage, with the reason."""
    return _do(request, number, key, HANDLE, lambda row, seen: claim_steps.send_back(claim=row, to=data.to, seen=seen, reason=data.reason, by=asking(request)))


@router.post("/claims/{number}/answer", response={200: ClaimOut, **WRITES}, url_name="claim_answer", openapi_extra=IF_MATCH)
def answer_claim(request: HttpRequest, number: paging.Number, data: ClaimAnswer, key: Key = None) -> HttpResponse:
    """The enterprise confirms that it wants it and to which account; somebody of the office verifies both."""
    papers = {WILL: Paper(value="true"), BANK: Paper(value=data.account, number=data.bank)}
    return _do(request, number, key, ANSWER, lambda row, seen: claim_papers.hand_in(claim=row, version=row.version, papers=papers, by=asking(request)))


@router.post("/claims/{number}/give-up", response={200: ClaimOut, **WRITES}, url_name="claim_give_up", openapi_extra=IF_MATCH)
def give_up_claim(request: HttpRequest, number: paging.Number, data: ClaimGiveUp, key: Key = None) -> HttpResponse:
    """The enterprise gives it up and says why; its money is free for others."""
    return _do(request, number, key, ANSWER, lambda row, seen: claim_steps.withdraw_claim(claim=row, version=row.version, reason=data.reason, by=asking(request)))
