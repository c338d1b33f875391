"""Addresses at which something is done with a lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks
from diguan.kernel.forms import done, refused
from diguan.kernel.shell import asking, language, or_404
from diguan.projects.actions import lead_holding as holding
from diguan.projects.actions import lead_work as work
from diguan.projects.models import Progress
from diguan.projects.queries import leads
from diguan.projects.web import lead_lists as lists
from diguan.projects.web.lead_deeds import BY_KEY, form_of
from diguan.projects.web.leads import lead_of, show


@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Do one of them, or show the page again with what was refused."""
    row, found = lead_of(request, number), BY_KEY.get(deed)
    if found is None:
        raise Http404
    access.require(asking(request), found.right, row)
    form = form_of(found, asking(request), row, request.POST)
    if done(request, form, lambda: found.act(row, form, asking(request))) is None:
        return show(request, row, 422, form=form, deed=deed)
    messages.success(request, str(found.said))
    return redirect(lists.address_of(row))


@require_POST
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """Take a lead that is nobody's or no longer protected."""
    row = lead_of(request, number)
    return _said(request, lambda: holding.claim_lead(lead=row, by=asking(request)), _("认领了，由您跟进"), row, lambda error: show(request, lead_of(request, number), 422, error=error))


@require_POST
def step_done(request: HttpRequest, number: int, step: int) -> HttpResponse:
    """Say that a next step is done."""
    row = lead_of(request, number)
    access.require(asking(request), leads.CHANGE, row)
    one: Progress = or_404(leads.steps(row).filter(pk=step).first())
    return _said(request, lambda: work.finish_step(lead=row, progress=one, version=one.version, on=clocks.today(), by=asking(request)), _("办成了"), row, lambda error: show(request, row, 422, error=error))


@require_GET
def offers(request: HttpRequest) -> HttpResponse:
    """What others would hand to this person."""
    access.require(asking(request), leads.CHANGE)
    return render(request, "projects/lead_offers.html", {"offers": list(leads.offered_to(asking(request)))})


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Take an offer, say no to it, or take back one's own."""
    access.require(asking(request), leads.CHANGE)
    row = or_404(leads.own_offers(asking(request)).filter(pk=number).first())
    accepted = request.POST.get("answer") == "accept"
    deed = holding.accept_lead if accepted else holding.close_offer

    def again(error: str) -> HttpResponse:
        return render(request, "projects/lead_offers.html", {"offers": list(leads.offered_to(asking(request))), "error": error}, status=422)

    return _said(request, lambda: deed(handover=row, by=asking(request)), _("接手了，由您跟进") if accepted else _("没有交接，线索还在原来的人手里"), row.lead, again)


def _said(request: HttpRequest, act: Callable[[], Any], words: str, row: Any, again: Callable[[str], HttpResponse]) -> HttpResponse:
    refusal = refused(act)
    if refusal is not None:
        return again(" ".join(refusal.texts(language())))
    messages.success(request, words)
    return redirect(lists.address_of(row) if leads.visible_leads(asking(request)).filter(pk=row.pk).exists() else "projects:lead_offers")
