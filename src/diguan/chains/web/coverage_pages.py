"""Pages of coverage. Each asks who may see the row, or claim for the enterprise, before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Coverage
from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.web import coverage_lists as lists
from diguan.chains.web import words
from diguan.chains.web.coverage_forms import CoverageForm, initial_of
from diguan.enterprises import queries as enterprises
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, frame_of, language, or_404, trail, whole

MOST_TICKED = 200


def row_of(request: HttpRequest, number: int) -> Coverage:
    """The row of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), register.VIEW)
    return or_404(register.coverage(asking(request), number))


def enterprise_of(request: HttpRequest, uscc: str) -> Enterprise:
    """The enterprise of this address, whose coverage the person may claim.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), register.CLAIM)
    row = or_404(enterprises.visible_enterprises(asking(request)).filter(uscc=uscc.upper()).first())
    access.require(asking(request), register.CLAIM, row)
    return row


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Who stands where, with filters in the address and export of what is filtered."""
    person = asking(request)
    return lists.page_for(person).show(request, may_import=access.may(person, register.IMPORT), frame=frame_of(person))


def verify_many(request: HttpRequest) -> HttpResponse:
    """Rows that wait for this person or that nobody has looked at for too long: tick, then say that they hold."""
    person = asking(request)
    access.require(person, register.VERIFY)
    rows = access.visible(register.visible_coverages(person), person, register.VERIFY).exclude(entered_by=person).exclude(created_by=person)
    kept = shelf.chains().get(request.GET.get("chain", ""))
    rows = rows.filter(node__in=list(kept.by_id)) if kept else rows
    rows = (register.in_state(rows, "claimed", clocks.today()) | register.in_state(rows, "stale", clocks.today()))[:MOST_TICKED]
    error, status = "", 200
    if request.method == "POST":
        seen = {(number, version) for number, _at, version in (each.partition(":") for each in request.POST.getlist("row"))}
        ticked = [(row, whole(version)) for number, version in sorted(seen) if (row := register.coverage(person, whole(number)))]
        try:
            actions.verify_coverages(rows=ticked, by=person)
            messages.success(request, ngettext("核实了 %(n)s 条", "核实了 %(n)s 条", len(ticked)) % {"n": len(ticked)})
            return redirect(request.get_full_path())
        except Forbidden:
            raise
        except Refusal as refusal:
            error, status = " ".join(refusal.texts(language())), 409 if refusal.code == "conflict" else 422
    ticked_keys = set(request.POST.getlist("row"))
    lines = [{"row": row, "node": words.node(row.node), "state": words.status_of(row, clocks.today()), "key": f"{row.pk}:{row.version}", "on": f"{row.pk}:{row.version}" in ticked_keys} for row in rows]
    return render(request, "chains/coverage_many.html", {"lines": lines, "error": error, "chains": [(key, words.said(one.name), kept is one) for key, one in shelf.chains().items()], "full": len(lines) == MOST_TICKED}, status=status)


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One row: what it says, who said so, who looked, what may be done."""
    return _show(request, row_of(request, number))


def _show(request: HttpRequest, row: Coverage, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    doubt = register.doubt(row.enterprise, row.node)
    return render(request, "chains/coverage.html", {
        "row": row, "frame": frame_of(person), "state": words.status_of(row, clocks.today()), "node": words.node(row.node), "chains": shelf.chains_of(row.node),
        "volume": register.sees_volume(person, row), "doubt": doubt.text(language()) if doubt else "", "may_verify": register.may_verify(person, row),
        "own": row.state == "claimed" and register.entered_by(person, row) and access.may(person, register.VERIFY, row),
        "may_claim": access.may(person, register.CLAIM, row), "may_withdraw": row.state in ("claimed", "verified") and access.may(person, register.CLAIM, row),
        "timeline": trail(timelines.of(person, row)), **more}, status=status)


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a row, for who may see its amounts; always as a download."""
    row = row_of(request, number)
    access.require(asking(request), register.VOLUME, row)
    return sent(row.proof)


def _do(request: HttpRequest, number: int, deed: Callable[..., Coverage], said: str) -> HttpResponse:
    """Do something with a row as its page showed it; a refusal stands on the page, the reason kept."""
    row, reason = row_of(request, number), request.POST.get("reason", "")[:200]
    refusal = refused(lambda: deed(coverage=row, version=whole(request.POST.get("version", "")), reason=reason, by=asking(request)))
    if refusal is not None:
        return _show(request, row, 409 if refusal.code == "conflict" else 422, error=" ".join(refusal.texts(language())), reason=reason, refused=deed.__name__)
    messages.success(request, said)
    return redirect(lists.address_of(row))


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a row holds as of today."""
    return _do(request, number, actions.verify_coverage, _("已核实，图谱从现在起计数"))


@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a row does not hold."""
    return _do(request, number, actions.reject_coverage, _("已驳回，填报人能看到原因"))


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a row back."""
    return _do(request, number, actions.withdraw_coverage, _("已撤回，不再计数"))


def new(request: HttpRequest, uscc: str) -> HttpResponse:
    """Say where an enterprise stands."""
    firm = enterprise_of(request, uscc)
    form = CoverageForm(*_sent(request), initial={"told_on": clocks.today(), "node": request.GET.get("node", "")[:60]})
    saved = done(request, form, lambda: actions.claim_coverage(enterprise=firm, told=form.told(), proof=form.cleaned_data["proof"], by=asking(request)))
    return _form(request, form, saved, {"firm": firm})


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Tell a row anew; it waits for verification again."""
    row = row_of(request, number)
    access.require(asking(request), register.CLAIM, row)
    access.require(asking(request), register.VOLUME, row)  # the form shows the amounts
    form = CoverageForm(*_sent(request), row=row, initial=initial_of(row))
    saved = done(request, form, lambda: actions.change_coverage(coverage=row, version=form.cleaned_data["version"] or 0, told=form.told(), proof=form.cleaned_data["proof"], by=asking(request)))
    return _form(request, form, saved, {"firm": row.enterprise, "row": row, "node": words.node(row.node)})


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _form(request: HttpRequest, form: CoverageForm, saved: Coverage | None, context: dict[str, Any]) -> HttpResponse:
    if saved:
        messages.success(request, _("已填报，等另一个人核实"))
        return redirect(lists.address_of(saved))
    return render(request, "chains/coverage_form.html", {**context, "form": form, "frame": frame_of(asking(request))}, status=422 if form.errors else 200)


def suggest(request: HttpRequest, key: str) -> HttpResponse:
    """Enterprises that seem to make what a node stands for; ticked ones become claims that somebody else verifies."""
    person, node = asking(request), or_404(shelf.node(key))
    access.require(person, register.VIEW_CHAIN)
    access.require(person, register.CLAIM)
    found, error, status = register.suggestions(person, key, node.codes, node.products), "", 200
    if request.method == "POST":
        ticked = set(request.POST.getlist("take"))
        try:
            taken = len([one for one in found if one.key in ticked])
            actions.take_suggestions(suggestions=[one for one in found if one.key in ticked], by=person)
            messages.success(request, ngettext("采纳了 %(n)s 条，等另一个人核实", "采纳了 %(n)s 条，等另一个人核实", taken) % {"n": taken})
            return redirect(lists.list_address(node=key, state="claimed"))
        except Forbidden:
            raise
        except Refusal as refusal:
            error, status = " ".join(refusal.texts(language())), 409 if refusal.code == "conflict" else 422
    return render(request, "chains/suggestions.html", {"node": node, "name": words.said(node.name), "found": found, "error": error, "chains": shelf.chains_of(key)}, status=status)
