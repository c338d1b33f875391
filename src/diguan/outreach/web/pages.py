"""Pages of this room: each asks for the right before anything else."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from diguan.kernel import access, timelines
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, or_404, trail
from diguan.outreach import actions, queries
from diguan.outreach.models import Outreach
from diguan.outreach.web import tables
from diguan.outreach.web.forms import OutreachForm


def outreach_of(request: HttpRequest, number: int) -> Outreach:
    """The outreach of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.visible_outreach(asking(request)).filter(pk=number).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address and export of what is filtered."""
    return tables.PAGE.show(request, may_change=access.may(asking(request), queries.CHANGE))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One of them and what was done to it."""
    row = outreach_of(request, number)
    return render(request, "outreach/detail.html", {"row": row, "timeline": trail(timelines.of(asking(request), row)), "may_change": access.may(asking(request), queries.CHANGE, row)})


def new(request: HttpRequest) -> HttpResponse:
    """Register one."""
    access.require(asking(request), queries.CHANGE)
    form = OutreachForm(request.POST or None)
    row = done(request, form, lambda: actions.create_outreach(values=form.cleaned_data, by=asking(request)))
    return redirect(tables.address_of(row)) if row else _form(request, form, _("登记外出招商"), reverse("outreach:list"))


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change one."""
    row = outreach_of(request, number)
    access.require(asking(request), queries.CHANGE, row)
    form = OutreachForm(request.POST or None, initial={name: getattr(row, name) for name in (*actions.FIELDS, "version")})
    saved = done(request, form, lambda: actions.change_outreach(
        outreach=row, version=form.cleaned_data["version"] or 0, values=form.cleaned_data, by=asking(request)))
    return redirect(tables.address_of(saved)) if saved else _form(request, form, row.name, tables.address_of(row))


def _form(request: HttpRequest, form: forms.Form, title: str, back: str) -> HttpResponse:
    return render(request, "outreach/form.html", {"form": form, "title": title, "back": back}, status=422 if form.errors else 200)
