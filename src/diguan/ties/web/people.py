"""Pages of hometown people. Opening one is noted; a number is shown whole only to who says why."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, timelines
from diguan.kernel.forms import done
from diguan.kernel.lists.files import sent
from diguan.kernel.phones import masked
from diguan.kernel.shell import asking, or_404, trail
from diguan.ties.actions import people as actions
from diguan.ties.models import HometownPerson
from diguan.ties.queries import people, ties
from diguan.ties.web import forms, people_lists, words


def person_of(request: HttpRequest, number: int) -> HometownPerson:
    """The person of this address.

    Raises:
        Http404: there is none for this person, or no consent of theirs is in force.
    """
    access.require(asking(request), people.VIEW)
    return or_404(people.hometown_person(asking(request), number))


def kept_of(request: HttpRequest, number: int) -> HometownPerson:
    """The row of this address for who may renew its consent, in force or over.

    Raises:
        Http404: there is none.
    """
    access.require(asking(request), people.CHANGE)
    return or_404(people.renewable(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All that consented, with filters in the address and export of what is filtered."""
    person = asking(request)
    return people_lists.PAGE.show(request, may_change=access.may(person, people.CHANGE), may_import=access.may(person, people.IMPORT), tabs=tabs(person))


@require_GET
def lapsed(request: HttpRequest) -> HttpResponse:
    """Those whose consent is over: number, office, last day."""
    return people_lists.LAPSED.show(request, tabs=tabs(asking(request)))


def tabs(person: Any) -> list[tuple[str, str, str]]:
    """The room's lists as tabs: key, label, address; those the person may open."""
    found = (("people", _("同乡"), people.VIEW), ("chambers", _("异地商会"), "ties.view_chamber"), ("ties", _("关系"), ties.VIEW), ("paths", _("谁能引荐"), ties.VIEW), ("returns", _("湘商回归"), "ties.view_return"), ("lapsed", _("同意到期的"), people.CHANGE))
    return [(key, label, reverse(f"ties:{key}")) for key, label, right in found if access.may(person, right)]


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One person; the look is noted."""
    row = person_of(request, number)
    actions.view_person(row=row, by=asking(request))
    return show(request, row)


def show(request: HttpRequest, row: HometownPerson, status: int = 200, **more: Any) -> HttpResponse:
    """The page of one person, with what a form left over."""
    person = asking(request)
    changes, consent = access.may(person, people.CHANGE, row), people.consent_of(row)
    context = {
        "row": row, "consent": consent, "status": people_lists.consent_status(row), "place": words.place(row), "phone": masked(row.phone), "may_change": changes,
        "may_prove": access.may(person, people.REVEAL, row), "may_reveal": bool(row.phone) and access.may(person, people.REVEAL, row), "may_tie": access.may(person, ties.CHANGE),
        "ties": [_line(one, row) for one in ties.of_end(person, "person", row.pk)], "withdraw": forms.ReasonForm(auto_id="withdraw-%s") if changes else None,
        "timeline": trail(timelines.of(person, row, limit=40)), **more}
    return render(request, "ties/person.html", context, status=status)


def _line(one: Any, row: Any) -> dict[str, Any]:
    """A tie on the page of one of its ends: the other end, the relation, how far it is believed."""
    name, address = words.end(one, "b" if one.a_person_id == row.pk else "a")
    return {"row": one, "name": name, "address": address, "url": words.tie_address(one), "state": words.state_of(one)}


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """Show the whole number once, with a reason that is kept."""
    row = person_of(request, number)
    form = forms.ReasonForm(request.POST, auto_id="reveal-%s")
    if done(request, form, lambda: actions.reveal_person(row=row, reason=form.cleaned_data["reason"], by=asking(request))) is None:
        return show(request, row, 422, reveal=form)
    return show(request, row, revealed=row.phone)


def new(request: HttpRequest) -> HttpResponse:
    """Keep somebody, with their consent."""
    person = asking(request)
    access.require(person, people.CHANGE)
    form = forms.NewPersonForm(request.POST or None, request.FILES or None, person=person)
    row = done(request, form, lambda: actions.keep_person(values=form.cleaned_data, agreed=form.agreed, again=form.cleaned_data["again"], by=person))
    if row:
        messages.success(request, _("登记了；同意到期后会自动隐藏"))
        return redirect(words.person_address(row))
    return _form(request, form, _("登记同乡"), reverse("ties:people"), _("登记"))


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is kept of somebody."""
    row, person = person_of(request, number), asking(request)
    access.require(person, people.CHANGE, row)
    initial = {**{name: getattr(row, name) for name in (*actions.FIELDS, "version") if name != "phone"}, "phone_kept": bool(row.phone)}
    form = forms.PersonForm(request.POST or None, person=person, initial=initial)
    saved = done(request, form, lambda: actions.change_person(row=row, version=form.cleaned_data["version"] or 0, values=form.cleaned_data, by=person))
    return redirect(words.person_address(saved)) if saved else _form(request, form, row.name, words.person_address(row), _("保存"))


def consent(request: HttpRequest, number: int) -> HttpResponse:
    """Renew a consent, in force or over."""
    row, person = kept_of(request, number), asking(request)
    seen = people.hometown_person(person, number)
    form = forms.RenewForm(request.POST or None, request.FILES or None, over=seen is None)
    saved = done(request, form, lambda: actions.renew_consent(row=row, agreed=form.agreed, name=form.cleaned_data.get("name", ""), by=person))
    if saved:
        messages.success(request, _("续上了"))
        return redirect(words.person_address(saved))
    return render(request, "ties/consent.html", {"row": row, "seen": seen, "form": form, "withdraw": forms.ReasonForm(auto_id="withdraw-%s")}, status=422 if form.errors else 200)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take the consent back: everything personal is erased."""
    row = kept_of(request, number)
    form = forms.ReasonForm(request.POST, auto_id="withdraw-%s")
    if done(request, form, lambda: actions.withdraw_consent(row=row, reason=form.cleaned_data["reason"], by=asking(request))) is None:
        seen = people.hometown_person(asking(request), number)
        return render(request, "ties/consent.html", {"row": row, "seen": seen, "form": forms.RenewForm(over=seen is None), "withdraw": form, "opened": True}, status=422)
    messages.success(request, _("已按本人要求删除；留痕里只剩编号和日期"))
    return redirect("ties:people")


@require_POST
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file that proves the consent in force, for who may reveal."""
    row = person_of(request, number)
    access.require(asking(request), people.REVEAL, row)
    given = or_404(people.consent_of(row))
    actions.reveal_person(row=row, reason=_("看同意凭证"), by=asking(request))
    return sent(given.proof)


def _form(request: HttpRequest, form: Any, title: str, back: str, button: str) -> HttpResponse:
    return render(request, "ties/form.html", {"form": form, "title": title, "back": back, "button": button, "room": (_("乡情"), reverse("ties:people"))}, status=422 if form.errors else 200)
