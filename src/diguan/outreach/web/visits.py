"""Pages of visits, follow-ups, invitations and guests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, packs, timelines
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, or_404, trail
from diguan.outreach.actions import guests as inviting
from diguan.outreach.actions import visits as actions
from diguan.outreach.models import FollowUp, Invitation, Party, VisitLog
from diguan.outreach.queries import rights, visits
from diguan.outreach.web import tables
from diguan.outreach.web import visit_forms as forms
from diguan.outreach.web.trips import page
from diguan.projects.queries import leads


def visit_of(request: HttpRequest, number: int) -> VisitLog:
    """The visit of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), rights.VIEW_VISIT)
    return or_404(visits.visit(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return tables.VISITS.show(request, may_log=access.may(asking(request), rights.LOG))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One of them."""
    return _show(request, visit_of(request, number))


def leads_of(person: Any, name: str) -> dict[str, Any]:
    """The leads of a firm of this name that the person may see, and where to register one."""
    return {"leads": list(leads.of_firm(person, name)[:5]),
            "register": f"{reverse('projects:lead_new')}?{urlencode({'firm': name, 'source': 'door_knocking'})}" if access.may(person, leads.CHANGE) else ""}


def _show(request: HttpRequest, row: VisitLog, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    may = access.may(person, rights.LOG, row)
    later = row.corrections.first()
    context = {"row": row, "outcome": tables.outcome_status(row), "may_change": may and later is None, "later": later,
               "follow_ups": [(one, tables.follow_status(one)) for one in row.follow_ups.select_related("owner")],
               "follow": forms.FollowForm(person=person, auto_id="follow-%s", initial={"owner": person.pk, "what": row.next_step, "days": 5}) if may and later is None else None,
               **(leads_of(person, row.name) if row.party == Party.FIRM else {}), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "outreach/visit.html", context, status=status)


def correct(request: HttpRequest, number: int) -> HttpResponse:
    """Put another entry in its place."""
    row, person = visit_of(request, number), asking(request)
    access.require(person, rights.LOG, row)
    form = forms.CorrectForm(request.POST or None, initial=forms.CorrectForm.first(row))
    saved = done(request, form, lambda: actions.correct_visit(visit=row, values=form.cleaned_data, reason=form.cleaned_data["reason"], by=person))
    return redirect(tables.visit_address(saved)) if saved else page(request, form, _("更正走访记录"), tables.visit_address(row), crumb="visits")


@require_POST
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Set what is done next."""
    row, person = visit_of(request, number), asking(request)
    form = forms.FollowForm(request.POST, person=person, auto_id="follow-%s")
    if done(request, form, lambda: actions.set_follow_up(visit=row, **form.cleaned_data, by=person)) is None:
        return _show(request, row, 422, follow=form, opened="follow")
    messages.success(request, _("定下了"))
    return redirect(tables.visit_address(row))


# ── follow-ups ───────────────────────────────────────────────────────────────
@require_GET
def follow_ups(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return tables.FOLLOW_UPS.show(request)


def follow_of(request: HttpRequest, number: int) -> FollowUp:
    """The follow-up of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), rights.VIEW_VISIT)
    return or_404(visits.follow_up(asking(request), number))


@require_GET
def follow_up(request: HttpRequest, number: int) -> HttpResponse:
    """One of them."""
    return _follow(request, follow_of(request, number))


def _follow(request: HttpRequest, row: FollowUp, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    may = visits.may_work_on(person, row) and row.state == "open"
    due = clocks.due_after(row.set_on, row.days, packs.calendar())
    context = {"row": row, "status": tables.follow_status(row), **(leads_of(person, row.visit.name) if row.visit and row.visit.party == Party.FIRM else {}), "derived": clocks.derivation(due), "timeline": trail(timelines.of(person, row)),
               "done": forms.DoneForm(auto_id="done-%s", initial={"version": row.version}) if may else None, "hand": forms.HandOverForm(person=person, auto_id="hand-%s", initial={"version": row.version}) if may else None, **more}
    return render(request, "outreach/follow_up.html", context, status=status)


@require_POST
def follow_done(request: HttpRequest, number: int) -> HttpResponse:
    """Say what came of it."""
    row, form = follow_of(request, number), forms.DoneForm(request.POST, auto_id="done-%s")
    if done(request, form, lambda: actions.finish_follow_up(row=row, **form.cleaned_data, by=asking(request))) is None:
        return _follow(request, row, 422, done=form)
    return redirect(tables.follow_address(row))


@require_POST
def hand_over(request: HttpRequest, number: int) -> HttpResponse:
    """Give it to somebody else."""
    row, person = follow_of(request, number), asking(request)
    form = forms.HandOverForm(request.POST, person=person, auto_id="hand-%s")
    if done(request, form, lambda: actions.hand_over_follow_up(row=row, **form.cleaned_data, by=person)) is None:
        return _follow(request, row, 422, hand=form, opened="hand")
    messages.success(request, _("交出去了"))
    return redirect("outreach:follow_ups")


# ── guests ───────────────────────────────────────────────────────────────────
@require_GET
def guests(request: HttpRequest) -> HttpResponse:
    """Invitations."""
    return tables.GUESTS.show(request, may_log=access.may(asking(request), rights.LOG))


@require_GET
def chambers(request: HttpRequest) -> HttpResponse:
    """Chambers reached."""
    return tables.CHAMBERS.show(request)


def guest_of(request: HttpRequest, number: int) -> Invitation:
    """The invitation of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), rights.VIEW_VISIT)
    return or_404(visits.invitation(asking(request), number))


def guest_new(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    person = asking(request)
    access.require(person, rights.LOG)
    form = forms.InviteForm(request.POST or None, person=person, initial={"invited_on": clocks.today()})
    row = done(request, form, lambda: inviting.invite(values=form.cleaned_data, trip=form.cleaned_data["trip"], by=person))
    return redirect(tables.guest_address(row)) if row else page(request, form, _("邀请来县考察"), reverse("outreach:guests"), crumb="guests")


@require_GET
def guest(request: HttpRequest, number: int) -> HttpResponse:
    """One of them."""
    return _guest(request, guest_of(request, number))


def _guest(request: HttpRequest, row: Invitation, status: int = 200, **more: Any) -> HttpResponse:
    person, stays = asking(request), list(row.site_visits.select_related("host"))
    may = access.may(person, rights.LOG, row)
    planned = next((one for one in stays if one.state == "planned"), None)
    context = {"row": row, "status": (tables.GUEST_STATUS[row.state], row.get_state_display()), "stays": stays, "planned": planned, "timeline": trail(timelines.of(person, row)),
               "answer": forms.AnswerForm(auto_id="answer-%s", initial={"version": row.version}) if may and row.state in ("asked", "accepted") and planned is None else None,
               "plan": forms.SiteVisitForm(person=person, auto_id="plan-%s", initial={"host": person.pk}) if may and row.state != "declined" and planned is None else None,
               "end": forms.EndVisitForm(auto_id="end-%s", initial={"version": planned.version}) if may and planned is not None else None, **more}
    return render(request, "outreach/guest.html", context, status=status)


def _deed(request: HttpRequest, row: Invitation, name: str, form: django_forms.Form, act: Callable[[], Any]) -> HttpResponse:
    if done(request, form, act) is None:
        return _guest(request, row, 422, **{name: form}, opened=name)
    messages.success(request, _("记下了"))
    return redirect(tables.guest_address(row))


@require_POST
def guest_answer(request: HttpRequest, number: int) -> HttpResponse:
    """What they answered."""
    row, form = guest_of(request, number), forms.AnswerForm(request.POST, auto_id="answer-%s")
    return _deed(request, row, "answer", form, lambda: inviting.answer_invitation(invitation=row, **form.cleaned_data, by=asking(request)))


@require_POST
def guest_plan(request: HttpRequest, number: int) -> HttpResponse:
    """When they come."""
    row, person = guest_of(request, number), asking(request)
    form = forms.SiteVisitForm(request.POST, person=person, auto_id="plan-%s")
    return _deed(request, row, "plan", form, lambda: inviting.plan_site_visit(invitation=row, values=form.cleaned_data, host=form.cleaned_data["host"], by=person))


@require_POST
def guest_end(request: HttpRequest, number: int, visit: int) -> HttpResponse:
    """What came of it."""
    row = guest_of(request, number)
    one = or_404(row.site_visits.filter(pk=visit).first())
    form = forms.EndVisitForm(request.POST, auto_id="end-%s")
    return _deed(request, row, "end", form, lambda: inviting.end_site_visit(invitation=row, visit=one, **form.cleaned_data, by=asking(request)))
