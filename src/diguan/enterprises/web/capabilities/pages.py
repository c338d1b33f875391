"""Pages of the capability register. Each asks who may see the claim, or claim for the enterprise, before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.queries import dossier
from diguan.enterprises.web import shown
from diguan.enterprises.web.capabilities import forms, lists, overview, words
from diguan.enterprises.web.pages import enterprise, frame
from diguan.kernel import access
from diguan.kernel.facts import series
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.refusals import Forbidden
from diguan.kernel.shell import asking, language, or_404


def claim_of(request: HttpRequest, number: int) -> Capability:
    """The claim of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), register.VIEW)
    return or_404(register.capability(asking(request), number))


def base_of(person: Any) -> str:
    """The frame of a page: enterprises' own people get their own."""
    return "kernel/public.html" if access.scope(person, register.VIEW) is access.Scope.OWN else "kernel/staff.html"


# ── lists ────────────────────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every claim, with filters in the address and export of what is filtered."""
    person = asking(request)
    return lists.PAGE.show(request, may_import=access.may(person, register.IMPORT), may_overview=overview.open_to(person))


@require_GET
def what_we_can_do(request: HttpRequest) -> HttpResponse:
    """能力总览: what the county can do, in figures that open their rows, and by cluster. Not for an enterprise's own people."""
    person = asking(request)
    access.require(person, register.VIEW)
    if not overview.open_to(person):
        raise Forbidden(register.VIEW, overview.TITLE)
    return render(request, "enterprises/capability_overview.html", overview.page(person, request.GET.get("cluster", "")[:40]))


@require_GET
def of_enterprise(request: HttpRequest, uscc: str) -> HttpResponse:
    """What one enterprise can do: its claims by kind, and what of them rules can ask for."""
    row, person = enterprise(request, uscc), asking(request)
    access.require(person, register.VIEW)
    context = {"lines": [overview.line(one) for one in register.of_enterprise(person, row)], "told": overview.facts(row), "may_claim": access.may(person, register.CLAIM, row)}
    facts: list[series.FactSeries] | None = [] if access.may(person, series.VIEW) else None
    return render(request, "enterprises/enterprise_capabilities.html", {**frame(request, row, "capabilities", facts), **context})


# ── one claim ────────────────────────────────────────────────────────────────
@require_GET
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """One claim: what it says, its proof, who entered it, who verified it, what may be done."""
    return _show(request, claim_of(request, number))


def _show(request: HttpRequest, row: Capability, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    context = {
        "row": row, "frame": base_of(person), "state": words.status_of(row), "kind": kinds.KINDS[row.kind].title.text(language()),
        "details": words.details(row), "ends": words.ends(row), "may_verify": register.may_verify(person, row),
        "own": row.state == "claimed" and register.entered_by(person, row) and access.may(person, register.VERIFY, row),
        "may_claim": access.may(person, register.CLAIM, row), "may_withdraw": row.state in ("claimed", "verified") and access.may(person, register.CLAIM, row),
        "unproved": not (row.document or row.proof_id), "timeline": shown.entries(dossier.claim_timeline(person, row)),
    }
    return render(request, "enterprises/capability.html", {**context, **more}, status=status)


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a claim, for who may see the claim; always as a download."""
    return sent(claim_of(request, number).proof)


Deed = Callable[..., Capability]


def _do(request: HttpRequest, number: int, deed: Deed, done: str) -> HttpResponse:
    """Do something with a claim as its page showed it; a refusal stands on the page, the reason kept."""
    row, reason = claim_of(request, number), request.POST.get("reason", "")[:200]
    version = request.POST.get("version", "")
    refusal = refused(lambda: deed(capability=row, version=int(version) if version.isdecimal() and len(version) < 9 else 0, reason=reason, by=asking(request)))
    if refusal is not None:
        return _show(request, row, 409 if refusal.code == "conflict" else 422, error=" ".join(refusal.texts(language())), reason=reason, refused=deed.__name__)
    messages.success(request, done)
    return redirect(lists.address_of(row))


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a claim is true."""
    return _do(request, number, actions.verify_capability, _("已核实，从现在起计数"))


@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a claim does not hold."""
    return _do(request, number, actions.reject_capability, _("已驳回，填报人能看到原因"))


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a claim back."""
    return _do(request, number, actions.withdraw_capability, _("已撤回，不再计数"))


# ── forms ────────────────────────────────────────────────────────────────────
def new(request: HttpRequest, uscc: str) -> HttpResponse:
    """Claim something for an enterprise: first the kind, then what that kind has to say."""
    row, person = enterprise(request, uscc), asking(request)
    access.require(person, register.CLAIM, row)
    kind = kinds.KINDS.get(request.GET.get("kind", ""))
    if kind is None:
        return render(request, "enterprises/claim_kind.html", {"row": row, "frame": base_of(person), "kinds": overview.kinds_offered()})
    form = forms.ClaimForm(kind, *((request.POST, request.FILES) if request.method == "POST" else ()))
    return _form(request, form, {"row": row, "kind": kind.title.text(language())}, lambda: actions.claim_capability(
        enterprise=row, kind=kind.name, told=form.told(), proof=form.cleaned_data["proof"], by=person))


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Enter a claim anew; it waits for verification again."""
    row, person = claim_of(request, number), asking(request)
    access.require(person, register.CLAIM, row)
    kind = kinds.KINDS[row.kind]
    form = forms.ClaimForm(kind, *((request.POST, request.FILES) if request.method == "POST" else ()), initial=forms.initial_of(row))
    return _form(request, form, {"row": row.enterprise, "claim": row, "kind": kind.title.text(language())}, lambda: actions.change_capability(
        capability=row, version=form.cleaned_data["version"] or 0, told=form.told(), proof=form.cleaned_data["proof"], by=person))


def _form(request: HttpRequest, form: forms.ClaimForm, context: dict[str, Any], save: Callable[[], Capability]) -> HttpResponse:
    """Show the form, or save and go to the claim; a refusal stands at its field."""
    saved = done(request, form, save)
    if saved:
        messages.success(request, _("已填报，等另一个人核实"))
        return redirect(lists.address_of(saved))
    found = {**context, "form": form, "frame": base_of(asking(request))}
    return render(request, "enterprises/claim.html", found, status=422 if form.errors else 200)
