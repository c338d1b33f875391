"""What pages of the ledger have in common: a decision on a row as it was seen, and forms that belong to another page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from diguan.kernel.forms import refused
from diguan.kernel.shell import asking, language
from diguan.projects.web.ledger_forms import DecideForm

Deed = tuple[Callable[..., Any], bool, Callable[[], str]]
"""The action, whether it takes a reason, and what is said when it is done."""


def decide(request: HttpRequest, row: Any, name: str, deed: str, deeds: Mapping[str, Deed], show: Callable[..., HttpResponse], back: str) -> HttpResponse:
    """Do one of ``deeds`` with a row, named ``name`` by its action; a refusal stands on the page that ``show`` answers.

    Raises:
        Http404: there is no such deed. Forbidden: the person may not.
    """
    if deed not in deeds:
        raise Http404
    act, reasoned, told = deeds[deed]
    form = DecideForm(request.POST)
    if not form.is_valid():
        return show(request, row, 422, errors=[str(text) for each in form.errors.values() for text in each])
    more = {"reason": form.cleaned_data["reason"]} if reasoned else {}
    refusal = refused(lambda: act(**{name: row}, version=form.cleaned_data["version"], by=asking(request), **more))
    if refusal is not None:
        row.refresh_from_db()
        return show(request, row, 409, errors=refusal.texts(language()), reason=form.cleaned_data["reason"], refused=deed)
    messages.success(request, told())
    return redirect(back)


def filled(request: HttpRequest, form: type[forms.Form], prefix: str, **more: Any) -> forms.Form:
    """A form of a page with several, as it was sent."""
    return form(request.POST, request.FILES, auto_id=f"{prefix}-%s", **more)
