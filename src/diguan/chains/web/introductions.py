"""Pages of introductions for the office: made, listed, one with its answers and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.chains.actions import introduction_orders as orders
from diguan.chains.actions import introductions as actions
from diguan.chains.models import Coverage, Introduction
from diguan.chains.models.introductions import OPEN
from diguan.chains.queries import coverage as register
from diguan.chains.queries import introductions as queries
from diguan.chains.queries import sourcing
from diguan.chains.web import introduction_forms as forms
from diguan.chains.web import introduction_lists as lists
from diguan.chains.web import words
from diguan.kernel import access, clocks, money, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, language, or_404, trail

USUAL_DAYS = 90


def introduction_of(request: HttpRequest, number: int) -> Introduction:
    """The introduction of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.introduction(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address, their figures above."""
    access.require(asking(request), queries.VIEW)
    return lists.PAGE.show(request, tiles=lists.tiles(asking(request), lists.PAGE.narrowed(request)))


def new(request: HttpRequest, supply: int, need: int) -> HttpResponse:
    """Ask two firms whether they would meet; the amount the matching found stands there first."""
    person = asking(request)
    access.require(person, queries.INTRODUCE)
    access.require(person, queries.VIEW)
    rows: list[Coverage] = [or_404(register.coverage(person, number)) for number in (supply, need)]
    there = queries.between(person, supply, need)
    if there:
        messages.info(request, _("这两家在这个环节上已经在对接"))
        return redirect(lists.address_of(there))
    known = [fen for fen in map(sourcing.free, rows) if fen is not None]
    node = words.node(rows[0].node)
    initial = {"proposed_fen": f"{money.exact(min(known))} 元" if len(known) == 2 and min(known) > 0 else "", "purpose": _("本县有企业供应或采购“{node}”，想介绍双方谈谈").format(node=node), "until": clocks.today() + dt.timedelta(days=USUAL_DAYS)}
    form = forms.IntroduceForm(request.POST if request.method == "POST" else None, initial=initial)
    made = done(request, form, lambda: actions.introduce(supply=rows[0], need=rows[1], **form.cleaned_data, by=person))
    if made is not None:
        messages.success(request, _("已分别问双方；都同意之前谁也看不到对方是谁"))
        return redirect(lists.address_of(made))
    return render(request, "chains/introduction_new.html", {"supply": rows[0], "need": rows[1], "node": node, "key": rows[0].node, "form": form}, status=422 if form.errors else 200)


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One introduction."""
    return _show(request, introduction_of(request, number))


def _show(request: HttpRequest, row: Introduction, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    found = list(row.orders.select_related("entered_by", "decided_by", "proof"))
    may_introduce, may_verify = access.may(person, queries.INTRODUCE, row), access.may(person, queries.VERIFY, row)
    context = {
        "row": row, "node": words.node(row.node), "state": lists.state_of(row), "sides": [(lists.role_word(side.role), side) for side in row.sides.select_related("enterprise", "answered_by")],
        "orders": [{"row": one, "may_decide": one.state == "claimed" and may_verify and one.entered_by_id != person.pk, "own": one.state == "claimed" and one.entered_by_id == person.pk} for one in found],
        "verified": sum(one.amount_fen for one in found if one.state == "verified"), "any_verified": any(one.state == "verified" for one in found), "may_claim": access.may(person, register.CLAIM),
        "end": forms.EndForm(initial={"version": row.version}, auto_id="end-%s") if may_introduce and row.state in OPEN else None,
        "order": forms.OrderForm(auto_id="order-%s") if may_introduce and row.agreed_on else None, "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "chains/introduction.html", context, status=status)


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End one that is open."""
    row = introduction_of(request, number)
    form = forms.EndForm(request.POST, auto_id="end-%s")
    if done(request, form, lambda: actions.end_introduction(introduction=row, **form.cleaned_data, by=asking(request))) is None:
        return _show(request, row, 422, end=form, opened="end")
    messages.success(request, _("已结束，双方从现在起看不到对方"))
    return redirect(lists.address_of(row))


@require_POST
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Enter an invoice that came of it."""
    row = introduction_of(request, number)
    form = forms.OrderForm(request.POST, request.FILES, auto_id="order-%s")
    if done(request, form, lambda: orders.enter_order(introduction=row, **form.cleaned_data, by=asking(request))) is None:
        return _show(request, row, 422, order=form, opened="order")
    messages.success(request, _("录下了，等另一个人核实"))
    return redirect(lists.address_of(row))


@require_GET
def proof(request: HttpRequest, number: int, order: int) -> HttpResponse:
    """The invoice, as a download."""
    row = introduction_of(request, number)
    return sent(or_404(queries.order(asking(request), row, order)).proof)


def _decide(request: HttpRequest, number: int, order: int, deed: Callable[..., Introduction], said: str, **more: Any) -> HttpResponse:
    row = introduction_of(request, number)
    one = or_404(queries.order(asking(request), row, order))
    refusal = refused(lambda: deed(introduction=row, order=one, by=asking(request), **more))
    if refusal is not None:
        return _show(request, row, 422, error=" ".join(refusal.texts(language())), reason=more.get("reason", ""), refused=one.pk)
    messages.success(request, said)
    return redirect(lists.address_of(row))


@require_POST
def verify(request: HttpRequest, number: int, order: int) -> HttpResponse:
    """Say that an invoice is real."""
    return _decide(request, number, order, orders.verify_order, _("已核实，从现在起计成交"))


@require_POST
def reject(request: HttpRequest, number: int, order: int) -> HttpResponse:
    """Say that it is not."""
    return _decide(request, number, order, orders.reject_order, _("已驳回，录入人能看到原因"), reason=request.POST.get("reason", "")[:200])
