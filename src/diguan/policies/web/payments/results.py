"""Pages of one line and of what the treasury did with it: enter, book, reject; an account in full leaves a trace."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diguan.kernel import access
from diguan.kernel.forms import done, refused
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, whole
from diguan.policies.actions import payments as ordering
from diguan.policies.actions import results as actions
from diguan.policies.engine import payee
from diguan.policies.models import Outcome, PaymentLine, PaymentResult
from diguan.policies.queries import payments
from diguan.policies.web.payments import shown
from diguan.policies.web.payments.forms import ResultForm


def line_of(request: HttpRequest, number: int) -> PaymentLine:
    """The line of this address.

    Raises:
        Forbidden: the person may see no orders. Http404: there is none for this person.
    """
    return or_404(payments.line(asking(request), number))


def line(request: HttpRequest, number: int) -> HttpResponse:
    """One line: where it goes, what came of it, and the form for what the treasury did."""
    row, person = line_of(request, number), asking(request)
    form = ResultForm(request.POST if request.method == "POST" else None, request.FILES or None, initial={"version": row.version})
    if request.method == "POST":
        access.require(person, payments.RECORD, row)
    made = done(request, form, lambda: _enter(row, form, person))
    if made is not None:
        messages.success(request, _("已登记，等另一个人复核入账"))
        return redirect("policies:payment_line", number)
    return show(request, row, form)


def _enter(row: PaymentLine, form: ResultForm, person: Any) -> PaymentResult:
    name, content = form.cleaned_data["file"]
    return actions.enter_result(line=row, version=form.cleaned_data["version"], told=form.told(), file_name=name, content=content, by=person)


def show(request: HttpRequest, row: PaymentLine, form: ResultForm | None = None, status: int = 200, **more: Any) -> HttpResponse:
    """A line's page."""
    person, (seen,) = asking(request), payments.lines([row])
    may_record = access.may(person, payments.RECORD, row) and row.order.sent_on is not None
    answered = [_result(one, person, may_record=may_record) for one in PaymentResult.objects.filter(line=row).select_related("entered_by", "decided_by", "voucher__upload").order_by("-id")]
    return render(request, "policies/payment_line.html", {
        "row": row, "seen": seen, "state": shown.line_state(seen, row.order), "account": payee.mask(row.account), "amount": shown.yuan(row.amount_fen), "net": shown.yuan(seen.sums.net),
        "open": shown.yuan(seen.open_fen), "results": answered, "form": form or ResultForm(initial={"version": row.version}), "may_record": may_record,
        "may_reveal": access.may(person, ordering.REVEAL, row), "policy_title": shown.title_of(row.order.policy), **more}, status=status)


def _result(one: PaymentResult, person: Any, *, may_record: bool) -> dict[str, Any]:
    waits = one.state == "entered" and may_record
    kinds = {"entered": "warn", "booked": "ok", "rejected": "mute"}
    return {"row": one, "outcome": str(Outcome(one.outcome).label), "amount": shown.yuan(one.fen), "state": (kinds[one.state], one.get_state_display()),
            "may_book": waits and person.pk not in (one.entered_by_id, one.line.order.sent_by_id), "may_reject": waits}


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """The account in full, for this once, against a reason that is logged."""
    row, reason = line_of(request, number), request.POST.get("reason", "")[:200]
    refusal = refused(lambda: ordering.reveal_account(line=row, reason=reason, by=asking(request)))
    if refusal is not None:
        return show(request, row, status=422, reveal_error=" ".join(refusal.texts(language())), reveal_reason=reason)
    return show(request, row, revealed=row.account)


@require_POST
def decide(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Book a result, or reject it with a reason; a refusal stands on the line's page."""
    found, person = or_404(payments.result(asking(request), number)), asking(request)
    version, reason = whole(request.POST.get("version", "")), request.POST.get("reason", "")[:200]
    try:
        if deed == "book":
            actions.book_result(result=found, version=version, by=person)
        else:
            actions.reject_result(result=found, version=version, reason=reason, by=person)
    except Forbidden:
        raise
    except Refusal as refusal:
        return show(request, line_of(request, found.line_id), status=409, errors=refusal.texts(language()))
    messages.success(request, _("已入账") if deed == "book" else _("已驳回"))
    return redirect("policies:payment_line", found.line_id)
