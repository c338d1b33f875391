"""Pages of chambers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, timelines
from diguan.kernel.forms import done
from diguan.kernel.phones import masked
from diguan.kernel.shell import asking, or_404, trail
from diguan.ties.actions import chambers as actions
from diguan.ties.models import Chamber
from diguan.ties.queries import chambers, ties
from diguan.ties.web import chamber_lists, forms, words
from diguan.ties.web.people import tabs


def chamber_of(request: HttpRequest, number: int) -> Chamber:
    """The chamber of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), chambers.VIEW)
    return or_404(chambers.chamber(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return chamber_lists.PAGE.show(request, may_change=access.may(asking(request), chambers.CHANGE), tabs=tabs(asking(request)))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One of them and who belongs to it."""
    return show(request, chamber_of(request, number))


def show(request: HttpRequest, row: Chamber, status: int = 200, **more: Any) -> HttpResponse:
    """The page of one chamber, with what a form left over."""
    person = asking(request)
    lines = [{"row": one, "name": name, "address": address, "url": words.tie_address(one), "state": words.state_of(one)} for one in ties.of_end(person, "chamber", row.pk)
             for name, address in [words.end(one, "b" if one.a_chamber_id == row.pk else "a")]]
    context = {"row": row, "place": words.place(row), "phone": masked(row.contact_phone), "may_change": access.may(person, chambers.CHANGE, row), "ties": lines, "may_tie": access.may(person, ties.CHANGE),
               "may_reveal": bool(row.contact_phone) and access.may(person, chambers.REVEAL, row), "timeline": trail(timelines.of(person, row, limit=40)), **more}
    return render(request, "ties/chamber.html", context, status=status)


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """Show the whole number once, with a reason that is kept."""
    row = chamber_of(request, number)
    form = forms.ReasonForm(request.POST, auto_id="reveal-%s")
    if done(request, form, lambda: actions.reveal_chamber(chamber=row, reason=form.cleaned_data["reason"], by=asking(request))) is None:
        return show(request, row, 422, reveal=form)
    return show(request, row, revealed=row.contact_phone)


def new(request: HttpRequest) -> HttpResponse:
    """Register one."""
    access.require(asking(request), chambers.CHANGE)
    form = forms.ChamberForm(request.POST or None)
    row = done(request, form, lambda: actions.keep_chamber(values=form.cleaned_data, by=asking(request)))
    return redirect(words.chamber_address(row)) if row else _form(request, form, _("登记异地商会"), reverse("ties:chambers"))


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change one."""
    row = chamber_of(request, number)
    access.require(asking(request), chambers.CHANGE, row)
    initial = {**{name: getattr(row, name) for name in (*actions.FIELDS, "version") if name != "contact_phone"}, "phone_kept": bool(row.contact_phone)}
    form = forms.ChamberForm(request.POST or None, initial=initial)
    saved = done(request, form, lambda: actions.change_chamber(chamber=row, version=form.cleaned_data["version"] or 0, values=form.cleaned_data, by=asking(request)))
    return redirect(words.chamber_address(saved)) if saved else _form(request, form, row.name, words.chamber_address(row))


def _form(request: HttpRequest, form: Any, title: str, back: str) -> HttpResponse:
    return render(request, "ties/form.html", {"form": form, "title": title, "back": back, "button": _("保存"), "room": (_("异地商会"), reverse("ties:chambers"))}, status=422 if form.errors else 200)
