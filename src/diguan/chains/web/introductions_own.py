"""Pages of introductions for a firm: what it is asked, its answer, and the other side while both consent. Nothing here tells of the other before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.chains.actions import introduction_orders as orders
from diguan.chains.actions import introductions as actions
from diguan.chains.models import Answer, IntroductionSide
from diguan.chains.queries import introductions as queries
from diguan.chains.web import introduction_forms as forms
from diguan.chains.web import introduction_lists as lists
from diguan.chains.web import words
from diguan.kernel import access, clocks
from diguan.kernel.forms import done, refused
from diguan.kernel.shell import asking, language, or_404

MOST_SHOWN = 200


def side_of(request: HttpRequest, number: int) -> IntroductionSide:
    """The person's side of the introduction of this address.

    Raises:
        Http404: none of their enterprises is in it.
    """
    access.require(asking(request), queries.ANSWER)
    return or_404(queries.own_side(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of a firm's, those that wait for it first."""
    person = asking(request)
    access.require(person, queries.ANSWER)
    lines: list[dict[str, Any]] = [{"side": side, "node": words.node(side.introduction.node), "role": lists.role_word(side.role), "state": lists.own_state(side), "url": lists.own_address(side)} for side in queries.own_sides(person)[:MOST_SHOWN]]
    return render(request, "chains/introductions_own.html", {"lines": sorted(lines, key=lambda line: lists.own_state(line["side"])[0] != "warn")})


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One, as this firm may see it."""
    return _show(request, side_of(request, number))


def _show(request: HttpRequest, side: IntroductionSide, status: int = 200, **more: Any) -> HttpResponse:
    row, day = side.introduction, clocks.today()
    waits, opens = row.waits(day) and side.answer == Answer.WAITING, row.opens(day)
    mine = [one for one in row.orders.all() if side.answer == Answer.CONSENTED or one.entered_by_id == asking(request).pk]
    context = {
        "side": side, "row": row, "node": words.node(row.node), "chains": words.chains_of(row.node), "role": lists.role_word(side.role), "state": lists.own_state(side), "opens": opens, "waits": waits,
        "consent": forms.ConsentForm(auto_id="consent-%s") if waits else None, "decline": forms.ReasonForm(auto_id="decline-%s") if waits else None,
        "withdraw": forms.ReasonForm(auto_id="withdraw-%s") if side.answer == Answer.CONSENTED and (opens or row.waits(day)) else None, "order": forms.OrderForm(auto_id="order-%s") if opens else None,
        "orders": mine, "traded": any(one.state == "verified" for one in mine), "coverage": row.supply_id if side.role == "make" else row.need_id, **more}
    return render(request, "chains/introduction_own.html", context, status=status)


@require_POST
def consent(request: HttpRequest, number: int) -> HttpResponse:
    """Consent, naming a contact."""
    side = side_of(request, number)
    form = forms.ConsentForm(request.POST, auto_id="consent-%s")
    if done(request, form, lambda: actions.consent(side=side, **form.cleaned_data, by=asking(request))) is None:
        return _show(request, side_of(request, number), 422, consent=form)
    messages.success(request, _("已同意；对方也同意以后双方才看得到对方"))
    return redirect(lists.own_address(side))


@require_POST
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Say no."""
    side = side_of(request, number)
    return _done(request, side, lambda: actions.decline(side=side, reason=request.POST.get("reason", ""), by=asking(request)), _("已答复不同意，对方不会知道您是谁"))


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take consent back."""
    side = side_of(request, number)
    return _done(request, side, lambda: actions.withdraw_consent(side=side, reason=request.POST.get("reason", ""), by=asking(request)), _("已撤回，您的联系方式已删掉"))


def _done(request: HttpRequest, side: IntroductionSide, act: Any, said: str) -> HttpResponse:
    refusal = refused(act)
    if refusal is not None:
        return _show(request, side_of(request, side.introduction_id), 409, error=" ".join(refusal.texts(language())))
    messages.success(request, said)
    return redirect(lists.own_address(side))


@require_POST
def other(request: HttpRequest, number: int) -> HttpResponse:
    """Who the other is and whom to call; the look is logged, and the page says so."""
    side = side_of(request, number)
    refusal = refused(lambda: actions.see_other(side=side, by=asking(request)))
    if refusal is not None:
        return _show(request, side_of(request, number), 409, error=" ".join(refusal.texts(language())))
    return _show(request, side, other=queries.other_of(side))


@require_POST
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Tell of an invoice that came of it."""
    side = side_of(request, number)
    form = forms.OrderForm(request.POST, request.FILES, auto_id="order-%s")
    if done(request, form, lambda: orders.tell_order(side=side, **form.cleaned_data, by=asking(request))) is None:
        return _show(request, side_of(request, number), 422, order=form)
    messages.success(request, _("报上去了，专班核实以后计成交"))
    return redirect(lists.own_address(side))
