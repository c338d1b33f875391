"""Routes of the ledger: results of lines, a claim's entries, sums by policy, clawback."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.shell import asking, language, or_404
from diguan.policies.actions import clawbacks, results
from diguan.policies.actions.results import Told
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import CLAIM, Claim, LedgerEntry, PaymentResult
from diguan.policies.queries import ledgers, payments, reconciling
from diguan.policies.web.api_payments import PaymentReason, Reason
from diguan.policies.web.payments import lists
from diguan.policies.web.payments.ledger import claim_of
from diguan.policies.web.payments.results import line_of

router = Router(tags=["policies"])
Fen = Annotated[int, Field(ge=1, le=10**15, description="Whole fen")]
Number = Annotated[str, NoNul, Field(min_length=1, max_length=100)]


# ── what goes out ────────────────────────────────────────────────────────────
class PaymentResultOut(Schema):
    """What one person says the treasury did; ``state`` is entered, booked or rejected."""

    id: int
    line: int
    outcome: str
    amount_fen: int
    day: dt.date
    number: str
    reason: str | None
    state: str
    entered_by: str
    decided_by: str | None
    version: int


class LedgerSumsOut(Schema):
    """Reversals are taken off. Granted = paid − returned + outstanding."""

    granted_fen: int
    waiting_fen: int
    paid_fen: int
    returned_fen: int
    outstanding_fen: int
    demanded_fen: int
    repaid_fen: int


class LedgerEntryOut(Schema):
    """One entry; ``reverses`` names the one it takes back."""

    id: int
    claim: int
    uscc: str
    policy: str
    kind: str
    amount_fen: int
    day: dt.date
    line: int | None
    voucher: str | None
    reverses: int | None
    reason: str | None


class LedgerEntryPage(Schema):
    items: list[LedgerEntryOut]
    next: str | None


class LedgerOut(Schema):
    claim: int
    sums: LedgerSumsOut
    entries: list[LedgerEntryOut]


class PolicySums(Schema):
    """``budget_fen`` is null where the policy's text names none; ``left_fen`` is what nobody is granted."""

    policy: str
    claims: int
    sums: LedgerSumsOut
    budget_fen: int | None
    left_fen: int | None


class LedgerFaultOut(Schema):
    claim: int
    what: str


class Reconciled(Schema):
    """Every policy's sums, and everything that does not add up (none: all of it does)."""

    policies: list[PolicySums]
    faults: list[LedgerFaultOut]


class ClawbackPaperOut(Schema):
    id: int
    entry: str
    number: str
    state: str


def _result(row: PaymentResult) -> PaymentResultOut:
    return PaymentResultOut(id=row.pk, line=row.line_id, outcome=row.outcome, amount_fen=row.fen, day=row.day, number=row.number, reason=row.reason or None, state=row.state,
                     entered_by=row.entered_by.name, decided_by=row.decided_by.name if row.decided_by else None, version=row.version)


def _sums(granted: int, waiting: int, sums: Sums) -> LedgerSumsOut:
    return LedgerSumsOut(granted_fen=granted, waiting_fen=waiting, paid_fen=sums.paid, returned_fen=sums.returned, outstanding_fen=granted - sums.net, demanded_fen=sums.demanded,
                   repaid_fen=sums.repaid)


def _entry(row: LedgerEntry) -> LedgerEntryOut:
    return LedgerEntryOut(id=row.pk, claim=row.claim_id, uscc=row.claim.enterprise.uscc, policy=row.claim.policy, kind=row.kind, amount_fen=row.fen, day=row.day, line=row.line_id,
                    voucher=row.voucher.number if row.voucher else None, reverses=row.reverses_id, reason=row.reason or None)


def _ledger(person: Any, row: Claim) -> LedgerOut:
    waiting = sum(fen for _line, fen in ledgers.live_lines([row.pk]).get(row.pk, []))
    return LedgerOut(claim=row.pk, sums=_sums(row.amount_fen, waiting, ledgers.sums_of([row.pk])[row.pk]), entries=[_entry(one) for one in ledgers.ledger_of(person, row)])


# ── what comes in ────────────────────────────────────────────────────────────
class PaymentResultNew(Sent):
    """What the treasury did with a line; the voucher comes as the file."""

    outcome: Annotated[str, Field(pattern="^(paid|returned)$")]
    amount_fen: Fen
    day: dt.date
    number: Number
    reason: Reason = ""


class ClawbackPaperNew(Sent):
    """A decision to claw back (``clawback_decision``) or proof that money came back (``return_voucher``)."""

    entry: Annotated[str, Field(pattern="^(clawback_decision|return_voucher)$")]
    number: Number
    issued: dt.date


class DemandNew(Sent):
    paper: Annotated[int, Field(strict=True, ge=1, le=paging.LARGEST)]
    amount_fen: Fen
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=200)]


class RepaymentNew(Sent):
    paper: Annotated[int, Field(strict=True, ge=1, le=paging.LARGEST)]
    amount_fen: Fen


class LedgerFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80)
    policy: str = Field("", max_length=80)
    kind: str = Field("", pattern="^(|granted|ordered|paid|returned|demanded|repaid)$", description="Of this kind and not reversed")


def content_of(file: UploadedFile) -> bytes:
    """A file that is too large is not even read."""
    if (file.size or 0) > sniff.MOST_BYTES:
        refuse("invalid", "凭证文件太大：最多 10 兆", "the file is too large: at most 10 MB", "file")
    return file.read()


# ── results ──────────────────────────────────────────────────────────────────
@router.post("/payment-lines/{number}/results", response={201: PaymentResultOut, **WRITES}, url_name="payment_results", openapi_extra=IF_MATCH)
def enter_payment_result(request: HttpRequest, number: paging.Number, data: Form[PaymentResultNew], file: File[UploadedFile], key: Key = None) -> HttpResponse:
    """Enter what the treasury did with a line, at the line's version; it counts once another person has booked it."""
    person = asking(request)
    access.require(person, payments.RECORD)

    def work() -> HttpResponse:
        row = line_of(request, number)
        require_match(request, row.version)
        said = Told(data.outcome, data.amount_fen, data.day, data.number, data.reason)
        made = results.enter_result(line=row, version=row.version, told=said, file_name=file.name or "", content=content_of(file), by=person)
        return told(_result(made), 201, version=made.version)

    return once(request, key, work)


@router.get("/payment-results/{number}", response={200: PaymentResultOut, **READS}, url_name="payment_result")
def one_payment_result(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One result."""
    row = or_404(payments.result(asking(request), number))
    return told(_result(row), version=row.version)


@router.post("/payment-results/{number}/book", response={200: PaymentResultOut, **WRITES}, url_name="payment_result_book", openapi_extra=IF_MATCH)
def book_payment_result(request: HttpRequest, number: paging.Number, key: Key = None) -> HttpResponse:
    """Verify a result and book it; who entered it, or sent the order, cannot."""
    return _decide(request, number, key, "")


@router.post("/payment-results/{number}/reject", response={200: PaymentResultOut, **WRITES}, url_name="payment_result_reject", openapi_extra=IF_MATCH)
def reject_payment_result(request: HttpRequest, number: paging.Number, data: PaymentReason, key: Key = None) -> HttpResponse:
    """Say that a result does not hold, and why."""
    return _decide(request, number, key, data.reason)


def _decide(request: HttpRequest, number: int, key: str | None, reason: str) -> HttpResponse:
    person = asking(request)
    access.require(person, payments.RECORD)

    def work() -> HttpResponse:
        row = or_404(payments.result(person, number))
        require_match(request, row.version)
        done = results.reject_result(result=row, version=row.version, reason=reason, by=person) if reason else results.book_result(result=row, version=row.version, by=person)
        return told(_result(done), version=done.version)

    return once(request, key, work)


# ── the ledger ───────────────────────────────────────────────────────────────
@router.get("/ledger", response={200: LedgerEntryPage, **READS}, url_name="ledger")
def list_ledger(request: HttpRequest, asked: Query[LedgerFilters]) -> HttpResponse:
    """The entries of the office, newest first."""
    rows = paging.filtered(lists.entry_rows(asking(request)), lists.ENTRIES.filters, asked)
    part = paging.of_query(rows, ("-id",), asked)
    return told(LedgerEntryPage(items=[_entry(row) for row in part.rows], next=part.next))


@router.get("/ledger/reconciliation", response={200: Reconciled, **READS}, url_name="reconciliation")
def reconcile_ledger(request: HttpRequest) -> HttpResponse:
    """Every policy's sums against its budget, and whatever does not add up."""
    person = asking(request)
    found = [PolicySums(policy=one.total.policy, claims=one.total.claims, sums=_sums(one.total.granted, one.total.waiting, one.total.sums), budget_fen=one.limit, left_fen=one.left)
             for one in payments.budgets(person, language())]
    return told(Reconciled(policies=found, faults=[LedgerFaultOut(claim=one.claim.pk, what=one.what.text(language())) for one in reconciling.faults(person)]))


@router.post("/ledger/{number}/reverse", response={201: LedgerEntryOut, **WRITES}, url_name="ledger_reverse")
def reverse_ledger_entry(request: HttpRequest, number: paging.Number, data: PaymentReason, key: Key = None) -> HttpResponse:
    """Take an entry back by another of the same amount; who booked it cannot."""
    person = asking(request)
    access.require(person, payments.RECORD)

    def work() -> HttpResponse:
        row = or_404(lists.entry_rows(person).filter(pk=number).first())
        return told(_entry(results.reverse_entry(entry=row, reason=data.reason, by=person)), 201)

    return once(request, key, work)


@router.get("/claims/{number}/ledger", response={200: LedgerOut, **READS}, url_name="claim_ledger")
def claim_entries(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One claim's sums and entries; an enterprise's agent may ask for its own."""
    return told(_ledger(asking(request), claim_of(request, number)))


# ── clawback ─────────────────────────────────────────────────────────────────
def _paper(person: Any, number: int) -> Evidence:
    found = evidence.visible_evidence(person).filter(pk=number).first()
    if found is None:
        refuse("invalid", "没有这份材料，或您看不到它", "there is no such paper, or you may not see it", "paper")
    return found


@router.post("/claims/{number}/clawback-papers", response={201: ClawbackPaperOut, **WRITES}, url_name="clawback_papers")
def hand_in_clawback_paper(request: HttpRequest, number: paging.Number, data: Form[ClawbackPaperNew], file: File[UploadedFile], key: Key = None) -> HttpResponse:
    """Hand in a decision to claw back, or proof that money came back; somebody else acts on it."""
    person = asking(request)
    payments.require_office(person)

    def work() -> HttpResponse:
        row = claim_of(request, number)
        paper = Paper(number=data.number, issued=data.issued, file_name=file.name or "", content=content_of(file))
        made = papers.enter(entry=data.entry, about=About(CLAIM, str(row.pk), row.enterprise.uscc, row.owner_unit_id), paper=paper, by=person)
        return told(ClawbackPaperOut(id=made.pk, entry=made.entry, number=made.number, state=made.state), 201)

    return once(request, key, work)


@router.post("/claims/{number}/demands", response={201: LedgerOut, **WRITES}, url_name="claim_demands")
def demand_back(request: HttpRequest, number: paging.Number, data: DemandNew, key: Key = None) -> HttpResponse:
    """Decide that so much is to come back, on a decision that somebody else handed in."""
    person = asking(request)
    access.require(person, payments.CLAW_BACK)

    def work() -> HttpResponse:
        row = claim_of(request, number)
        clawbacks.demand_back(claim=row, fen=data.amount_fen, decision=_paper(person, data.paper), reason=data.reason, by=person)
        return told(_ledger(person, row), 201)

    return once(request, key, work)


@router.post("/claims/{number}/repayments", response={201: LedgerOut, **WRITES}, url_name="claim_repayments")
def book_repayment(request: HttpRequest, number: paging.Number, data: RepaymentNew, key: Key = None) -> HttpResponse:
    """Book money that came back, on proof that somebody else handed in."""
    person = asking(request)
    access.require(person, payments.RECORD)

    def work() -> HttpResponse:
        row = claim_of(request, number)
        clawbacks.book_repayment(claim=row, fen=data.amount_fen, voucher=_paper(person, data.paper), by=person)
        return told(_ledger(person, row), 201)

    return once(request, key, work)
