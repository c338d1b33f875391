"""Pages of returnee proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.ties.actions import returns as actions
from diguan.ties.models import PersonState, Return
from diguan.ties.queries import returns, ties
from diguan.ties.web import forms, return_lists, words
from diguan.ties.web.people import tabs
from diguan.ties.web.ties import named


def return_of(request: HttpRequest, number: int) -> Return:
    """The proof of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), returns.VIEW)
    return or_404(returns.a_return(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return return_lists.page(asking(request)).show(request, may_change=access.may(asking(request), returns.CHANGE), tabs=tabs(asking(request)))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One proof."""
    return _show(request, return_of(request, number))


def _show(request: HttpRequest, row: Return, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    own = row.entered_by_id == person.pk
    name = returns.shown_names(person, [row]).get(row.person_id, "")
    context = {"row": row, "subject": row.firm.name if row.firm else name or f"#{row.person_id}", "holder": name, "state": words.state_of(row), "own": own and row.state == "claimed", "reason": forms.ReasonForm(initial={"version": row.version}, auto_id="reason-%s"),
               "may_decide": row.state == "claimed" and not own and access.may(person, returns.VERIFY, row), "may_withdraw": row.state in ties.OPEN and access.may(person, returns.CHANGE, row),
               "may_open": row.person.state != PersonState.ERASED and (access.may(person, returns.VERIFY, row) or access.may(person, returns.CHANGE, row)), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "ties/return.html", context, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """Enter a proof."""
    person = asking(request)
    access.require(person, returns.CHANGE)
    form = forms.ReturnForm(request.POST or None, request.FILES or None, initial={"person": request.GET.get("person", "")[:60]})
    row = done(request, form, lambda: _claim(person, form))
    if row:
        messages.success(request, _("录下了，等另一个人核实；核实之前不算湘商回归"))
        return redirect(words.return_address(row))
    return render(request, "ties/form.html", {"form": form, "title": _("录入湘商回归材料"), "back": reverse("ties:returns"), "button": _("报去核实"), "room": (_("湘商回归"), reverse("ties:returns"))}, status=422 if form.errors else 200)


def _claim(person: Any, form: forms.ReturnForm) -> Return:
    data, found = form.cleaned_data, ties.people_named(person, form.cleaned_data["person"])
    if len(found) != 1:
        raise named(list(found), "person")
    return actions.claim_return(person=found[0], basis=data["basis"], document=data["document"], proof=data["proof"], firm=form.firm, share=form.basis_points, by=person)


def _deed(request: HttpRequest, number: int, deed: Callable[..., Return], said: str, **more: Any) -> HttpResponse:
    row = return_of(request, number)
    refusal = refused(lambda: deed(proof=row, version=whole(request.POST.get("version", "")), by=asking(request), **more))
    if refusal is not None:
        return _show(request, row, 409 if refusal.code == "conflict" else 422, error=" ".join(refusal.texts(language())))
    messages.success(request, said)
    return redirect(words.return_address(row))


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Say that the file proves it."""
    return _deed(request, number, actions.verify_return, _("已核实，从现在起算湘商回归"))


@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it does not."""
    return _deed(request, number, actions.reject_return, _("已驳回，录入人能看到原因"), reason=request.POST.get("reason", "")[:200])


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take it back."""
    return _deed(request, number, actions.withdraw_return, _("已撤回，从现在起不算湘商回归"), reason=request.POST.get("reason", "")[:200])


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file, for who enters or verifies such proofs: it names a person, so nobody opens it once their data were erased."""
    row = return_of(request, number)
    if row.person.state == PersonState.ERASED:
        raise Http404
    if not access.may(asking(request), returns.CHANGE, row):
        access.require(asking(request), returns.VERIFY, row)
    return sent(row.proof)
