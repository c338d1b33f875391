"""Pages of payment orders: the list, one order, a new one; what is done with them. Each asks its right first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import refused
from diguan.kernel.lists.files import XLSX, download
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.policies.actions import payments as actions
from diguan.policies.models import Claim, OrderState, PaymentOrder
from diguan.policies.queries import payments
from diguan.policies.queries.payable import Payable
from diguan.policies.web.payments import lists, sheet, shown


def order_of(request: HttpRequest, number: int) -> PaymentOrder:
    """The order of this address.

    Raises:
        Forbidden: the person may see no orders. Http404: there is none for this person.
    """
    return or_404(payments.order(asking(request), number))


# ── lists and one order ──────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every order, with filters in the address."""
    person = asking(request)
    payments.require_office(person)
    return lists.ORDERS.show(request, may_order=access.may(person, payments.ORDER), may_record=access.may(person, payments.RECORD))


@require_GET
def order(request: HttpRequest, number: int) -> HttpResponse:
    """One order: its lines, its total, who drafted, approved and sent it, what was done."""
    return _show(request, order_of(request, number))


def _show(request: HttpRequest, row: PaymentOrder, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    lines = shown.lines(row)
    return render(request, "policies/payment.html", {
        "row": row, "state": shown.state(row), "policy_title": shown.title_of(row.policy), "lines": lines, "total": shown.yuan(getattr(row, "total", None) or 0), "may": _may(person, row),
        "timeline": trail(timelines.of(person, row)), **more}, status=status)


def _may(person: Any, row: PaymentOrder) -> dict[str, bool]:
    """Which buttons this person finds on an order as it is."""
    drafted, approved, sent = (row.state == state for state in (OrderState.DRAFTED, OrderState.APPROVED, OrderState.SENT))
    may_approve = access.may(person, payments.APPROVE, row)
    return {"approve": drafted and may_approve and row.entered_by_id != person.pk, "own": drafted and may_approve and row.entered_by_id == person.pk,
            "send": approved and access.may(person, payments.SEND, row), "cancel": (drafted or approved) and access.may(person, payments.ORDER, row),
            "recall": (drafted or approved or sent) and may_approve, "export": (sent or row.state == OrderState.CLOSED) and access.may(person, payments.SEND, row)}


DEEDS: dict[str, tuple[Callable[..., PaymentOrder], Callable[[], str]]] = {
    "approve": (actions.approve_order, lambda: _("已审批，可以送国库了")), "send": (actions.send_order, lambda: _("已送出，各笔转入“已开付款通知”")),
    "cancel": (actions.cancel_order, lambda: _("已撤销，这些兑现可以重新拟")), "recall": (actions.recall_order, lambda: _("已收回，没付的兑现退回待拟"))}


@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Do something with an order as its page showed it; a refusal stands on the page, the reason kept."""
    row, (act, told) = order_of(request, number), DEEDS[deed]
    reason = request.POST.get("reason", "")[:200]
    refusal = refused(lambda: act(order=row, version=whole(request.POST.get("version", "")), reason=reason, by=asking(request)))
    if refusal is not None:
        return _show(request, order_of(request, number), 409, errors=refusal.texts(language()), reason=reason, refused=deed)
    messages.success(request, told())
    return redirect("policies:payment", number)


@require_POST
def export(request: HttpRequest, number: int) -> HttpResponse:
    """The list for the treasury, accounts in full; that it was taken is logged."""
    person = asking(request)
    row = actions.export_order(order=order_of(request, number), by=person)
    return download(sheet.treasury_file(row, str(person)), XLSX, f"payment-order-{row.year}-{row.serial}.xlsx")


# ── a new one ────────────────────────────────────────────────────────────────
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """First the policy, then its claims: those that may be ordered, and the rest with what stands in the way."""
    return _new(request, request.GET.get("policy", "")[:80])


def _new(request: HttpRequest, policy: str, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    access.require(person, payments.ORDER)
    found = payments.payable_of(person, policy, clocks.today()) if policy else []
    known = shown.titles()
    policies = [{"id": name, "title": known.get(name, name), "count": count} for name, count in payments.policies_under_way(person)]
    ready = [one for one in found if one.ok]
    return render(request, "policies/payment_new.html", {
        "policies": policies, "policy": policy, "policy_title": known.get(policy, policy), "ready": [_line(one) for one in ready], "rest": [_line(one) for one in found if not one.ok],
        "total": shown.yuan(sum(one.due_fen for one in ready)), **more}, status=status)


def _line(one: Payable) -> dict[str, Any]:
    return {"claim": one.claim, "due": shown.yuan(max(one.due_fen, 0)), "payee": one.payee, "account": shown.payee.mask(one.payee.account), "former": one.holder == shown.payee.FORMER,
            "why": [text.text(language()) for text in one.problems], "url": reverse("policies:claim", args=[one.claim.pk])}


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft an order of what was ticked, all or nothing."""
    person, policy = asking(request), request.POST.get("policy", "")[:80]
    access.require(person, payments.ORDER)
    keys = {whole(text) for text in request.POST.getlist("claim")[:actions.MOST + 1]}
    notes = {key: request.POST.get(f"note-{key}", "")[:200] for key in keys}
    try:
        row = actions.draft_order(policy=policy, claims=list(Claim.objects.filter(pk__in=sorted(keys))), notes=notes, by=person)
    except Forbidden:
        raise
    except Refusal as refusal:
        return _new(request, policy, 409, errors=refusal.texts(language()), ticked=keys, notes=notes)
    messages.success(request, _("{number} 已拟好，等另一个人审批").format(number=row.number))
    return redirect("policies:payment", row.pk)
