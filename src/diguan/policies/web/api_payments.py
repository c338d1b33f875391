"""Routes of payment orders: what their pages show and do, to whom the pages show it. Accounts are masked; the export is a page's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access, clocks
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul, refuse
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.shell import asking, language
from diguan.policies.actions import payments as actions
from diguan.policies.engine import payee
from diguan.policies.models import Claim, PaymentOrder
from diguan.policies.queries import payments
from diguan.policies.queries.payable import Payable
from diguan.policies.queries.payments import LineSeen
from diguan.policies.web.payments import lists
from diguan.policies.web.payments.pages import order_of

router = Router(tags=["policies"])
Reason = Annotated[str, NoNul, Field(max_length=200)]
_STATES = "^(|drafted|approved|sent|closed|cancelled)$"


# ── what goes out ────────────────────────────────────────────────────────────
class PaymentOrderOut(Schema):
    """A payment order. ``state`` is drafted, approved, sent, closed or cancelled; ``total_fen`` is the sum of its lines."""

    id: int
    number: str
    policy: str
    state: str
    lines: int
    total_fen: int
    entered_by: str
    approved_by: str | None
    sent_by: str | None
    sent_on: dt.date | None
    version: int


class PaymentOrderPage(Schema):
    items: list[PaymentOrderOut]
    next: str | None


class PaymentLineOut(Schema):
    """One claim in an order, its account masked. ``live``: still to be paid, ``open_fen`` of it; ``waiting``: results nobody has booked yet."""

    id: int
    claim: int
    uscc: str
    payee: str
    account: str
    bank: str
    amount_fen: int
    paid_fen: int
    returned_fen: int
    open_fen: int
    live: bool
    waiting: list[int]
    version: int


class PaymentOrderWhole(PaymentOrderOut):
    items: list[PaymentLineOut]


class PayableOut(Schema):
    """A claim under way: what is due, and why it may not be ordered now (none: it may)."""

    claim: int
    uscc: str
    name: str
    due_fen: int
    former_name: bool
    reasons: list[str]


class PayablePage(Schema):
    items: list[PayableOut]
    next: str | None


def _out(row: PaymentOrder) -> dict[str, Any]:
    return {"id": row.pk, "number": row.number, "policy": row.policy, "state": row.state, "lines": row.count, "total_fen": row.total or 0, "entered_by": row.entered_by.name,  # type: ignore[attr-defined]
            "approved_by": row.approved_by.name if row.approved_by else None, "sent_by": row.sent_by.name if row.sent_by else None, "sent_on": row.sent_on, "version": row.version}


def line_out(one: LineSeen) -> PaymentLineOut:
    """A line as the API tells it."""
    row = one.row
    return PaymentLineOut(id=row.pk, claim=row.claim_id, uscc=row.claim.enterprise.uscc, payee=row.payee, account=payee.mask(row.account), bank=row.bank, amount_fen=row.amount_fen,
                   paid_fen=one.sums.paid, returned_fen=one.sums.returned, open_fen=one.open_fen, live=row.live, waiting=[each.pk for each in one.results], version=row.version)


def _whole(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    row = order_of(request, number)
    at = reverse("api:payment", args=[row.pk]) if status == 201 else ""
    return told(PaymentOrderWhole(**_out(row), items=[line_out(one) for one in payments.lines_of(row)]), status, version=row.version, at=at)


def _payable(one: Payable) -> PayableOut:
    firm = one.claim.enterprise
    return PayableOut(claim=one.claim.pk, uscc=firm.uscc, name=firm.name, due_fen=max(one.due_fen, 0), former_name=one.holder == payee.FORMER, reasons=[text.text(language()) for text in one.problems])


# ── what comes in ────────────────────────────────────────────────────────────
class PaymentOrderFilters(paging.Paging):
    """The filters of the list page."""

    q: str = Field("", max_length=80, description="Number of the order, or an enterprise's name or code")
    state: str = Field("", pattern=_STATES)
    policy: str = Field("", max_length=80)


class ChosenClaim(Sent):
    """A claim to be paid; ``note`` says why its account bears a former name of the enterprise."""

    claim: Annotated[int, Field(strict=True, ge=1, le=paging.LARGEST)]
    note: Reason = ""


class PaymentOrderNew(Sent):
    policy: Annotated[str, NoNul, Field(max_length=80)]
    claims: Annotated[list[ChosenClaim], Field(min_length=1, max_length=actions.MOST)]


class PaymentReason(Sent):
    reason: Annotated[str, NoNul, Field(min_length=2, max_length=200)]


# ── routes ───────────────────────────────────────────────────────────────────
@router.get("/payments", response={200: PaymentOrderPage, **READS}, url_name="payments")
def list_payments(request: HttpRequest, asked: Query[PaymentOrderFilters]) -> HttpResponse:
    """The payment orders, newest first."""
    rows = paging.filtered(payments.orders(asking(request)), lists.ORDER_FILTERS, asked)
    part = paging.of_query(rows, ("-id",), asked)
    return told(PaymentOrderPage(items=[PaymentOrderOut(**_out(row)) for row in part.rows], next=part.next))


@router.get("/payments/{number}", response={200: PaymentOrderWhole, **READS}, url_name="payment")
def one_payment(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One order with its lines."""
    return _whole(request, number)


@router.get("/policies/{policy_id}/payable", response={200: PayablePage, **READS}, url_name="payable")
def policy_payable(request: HttpRequest, policy_id: str, asked: Query[paging.Paging]) -> HttpResponse:
    """The claims of a policy that are under way, each with what stands in the way of paying it."""
    found = payments.payable_of(asking(request), policy_id, clocks.today())
    part = paging.of_list(found, lambda one: (one.claim.pk,), asked)
    return told(PayablePage(items=[_payable(one) for one in part.rows], next=part.next))


@router.post("/payments", response={201: PaymentOrderWhole, **WRITES}, url_name="payments")
def draft_payment(request: HttpRequest, data: PaymentOrderNew, key: Key = None) -> HttpResponse:
    """Draft an order for everything that is due of these claims, all or nothing."""
    person = asking(request)
    access.require(person, payments.ORDER)

    def work() -> HttpResponse:
        wanted = {one.claim: one.note for one in data.claims}
        rows = list(access.visible(Claim.objects.filter(pk__in=sorted(wanted)), person, payments.ORDER))
        if len(rows) != len(wanted):
            refuse("no_claim", "有的兑现不存在，或不归您管", "some of these claims do not exist, or are not yours", "claims")
        row = actions.draft_order(policy=data.policy, claims=rows, notes=wanted, by=person)
        return _whole(request, row.pk, 201)

    return once(request, key, work)


def _do(request: HttpRequest, number: int, permission: str, key: str | None, act: Callable[[PaymentOrder], object]) -> HttpResponse:
    """Do something with an order at the version that was read."""
    access.require(asking(request), permission)

    def work() -> HttpResponse:
        row = order_of(request, number)
        require_match(request, row.version)
        act(row)
        return _whole(request, number)

    return once(request, key, work)


@router.post("/payments/{number}/approve", response={200: PaymentOrderWhole, **WRITES}, url_name="payment_approve", openapi_extra=IF_MATCH)
def approve_payment(request: HttpRequest, number: paging.Number, key: Key = None) -> HttpResponse:
    """Approve a draft; who drafted it cannot."""
    return _do(request, number, payments.APPROVE, key, lambda row: actions.approve_order(order=row, version=row.version, by=asking(request)))


@router.post("/payments/{number}/send", response={200: PaymentOrderWhole, **WRITES}, url_name="payment_send", openapi_extra=IF_MATCH)
def send_payment(request: HttpRequest, number: paging.Number, key: Key = None) -> HttpResponse:
    """Send an approved order to the treasury; each claim passes to ``payment_ordered``, or none does."""
    return _do(request, number, payments.SEND, key, lambda row: actions.send_order(order=row, version=row.version, by=asking(request)))


@router.post("/payments/{number}/cancel", response={200: PaymentOrderWhole, **WRITES}, url_name="payment_cancel", openapi_extra=IF_MATCH)
def cancel_payment(request: HttpRequest, number: paging.Number, data: PaymentReason, key: Key = None) -> HttpResponse:
    """Cancel an order that was not sent yet."""
    return _do(request, number, payments.ORDER, key, lambda row: actions.cancel_order(order=row, version=row.version, reason=data.reason, by=asking(request)))


@router.post("/payments/{number}/recall", response={200: PaymentOrderWhole, **WRITES}, url_name="payment_recall", openapi_extra=IF_MATCH)
def recall_payment(request: HttpRequest, number: paging.Number, data: PaymentReason, key: Key = None) -> HttpResponse:
    """Send a draft back, or recall from the treasury what it has not paid."""
    return _do(request, number, payments.APPROVE, key, lambda row: actions.recall_order(order=row, version=row.version, reason=data.reason, by=asking(request)))
