"""Pages of fulfilment: obligations, one obligation, performance checks."""

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
from diguan.kernel.shell import asking, or_404, trail
from diguan.projects.actions import fulfilment as actions
from diguan.projects.models import Obligation, PerformanceCheck
from diguan.projects.queries import agreements
from diguan.projects.queries import fulfilment as queries
from diguan.projects.web import ledger_deeds as deeds
from diguan.projects.web import ledger_forms as forms
from diguan.projects.web import ledger_lists as lists
from diguan.projects.web import ledger_words as words
from diguan.projects.web.projects import project_of


def obligation_of(request: HttpRequest, number: int) -> Obligation:
    """The obligation of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), agreements.VIEW)
    return or_404(queries.obligation(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address."""
    return lists.OBLIGATIONS.show(request)


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One obligation: what is owed, what was told of it."""
    return _show(request, obligation_of(request, number))


def _show(request: HttpRequest, row: Obligation, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    enter, verify = access.may(person, agreements.ENTER, row), access.may(person, agreements.VERIFY, row)
    may = {"claim": enter and row.state == "open", "verify": verify and row.state == "claimed" and row.claimed_by_id != person.pk, "own": row.state == "claimed" and row.claimed_by_id == person.pk,
           "waive": verify and row.state in ("open", "claimed") and row.created_by_id != person.pk}
    return render(request, "projects/obligation.html", {
        "row": row, "state": words.obligation_state(row), "target": words.quantity(row.target, row.measure), "measured": words.quantity(row.measured, row.measure), "may": may,
        "form": forms.ClaimForm(initial={"version": row.version}), "timeline": trail(timelines.of(person, row)), **more}, status=status)


@require_POST
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """Tell that it is met."""
    row, form = obligation_of(request, number), forms.ClaimForm(request.POST, request.FILES)
    made = done(request, form, lambda: actions.claim_obligation(obligation=row, by=asking(request), **form.cleaned_data | {"measured": forms.scaled(form, "measured", row.measure)}))
    if made is None:
        return _show(request, row, 422, form=form, opened="claim")
    messages.success(request, _("已报履行，等另一个人核实"))
    return redirect(lists.obligation_address(row))


DEEDS: dict[str, deeds.Deed] = {
    "verify": (actions.verify_obligation, False, lambda: _("已核实履行")), "reject": (actions.reject_obligation, True, lambda: _("已驳回，这一条仍待履行")), "waive": (actions.waive_obligation, True, lambda: _("已豁免"))}


@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Verify, reject or waive."""
    row = obligation_of(request, number)
    return deeds.decide(request, row, "obligation", deed, DEEDS, _show, lists.obligation_address(row))


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """What proves that it is met, as a download."""
    return sent(obligation_of(request, number).proof)


# ── performance ──────────────────────────────────────────────────────────────
def performance(request: HttpRequest, number: int) -> HttpResponse:
    """The performance checks of a project, and the form of a new one."""
    project, person = project_of(request, number), asking(request)
    access.require(person, agreements.VIEW, project)
    form = forms.CheckForm(request.POST if request.method == "POST" else None, request.FILES or None, promised=queries.measurable(project))
    made = done(request, form, lambda: actions.enter_check(project=project, point=form.cleaned_data["point"], on=form.cleaned_data["on"], note=form.cleaned_data["note"], proof=form.cleaned_data["proof"], measured=form.measured(), by=person))
    if made is not None:
        messages.success(request, _("核查已录入，等另一个人核实"))
        return redirect("projects:performance", number)
    return _performance(request, project, 422 if form.errors else 200, form=form)


def _performance(request: HttpRequest, project: Any, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    promised = [{"row": one, "target": words.quantity(one.target, one.measure)} for one in queries.measurable(project)]
    return render(request, "projects/performance.html", {"project": project, "checks": [_check(person, row) for row in queries.checks_of(person, project)], "promised": promised,
                                                         "may_enter": access.may(person, agreements.ENTER, project), "form": forms.CheckForm(promised=queries.measurable(project)), **more}, status=status)


def _check(person: Any, row: PerformanceCheck) -> dict[str, Any]:
    waits, verify = row.state == "entered", access.may(person, agreements.VERIFY, row)
    lines = [{"row": line, "promised": words.quantity(line.promised, line.obligation.measure), "measured": words.quantity(line.measured, line.obligation.measure), "short": line.measured is not None and line.measured < line.promised} for line in row.lines.all()]
    return {"row": row, "state": words.state_of(row), "verdict": words.verdict_of(queries.verdict(row)), "lines": lines, "may_verify": verify and waits and row.entered_by_id != person.pk, "may_reject": verify and waits}


def check_of(request: HttpRequest, number: int) -> PerformanceCheck:
    """The check of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), agreements.VIEW)
    return or_404(queries.check(asking(request), number))


CHECKS: dict[str, deeds.Deed] = {"verify": (actions.verify_check, False, lambda: _("核查已核实")), "reject": (actions.reject_check, True, lambda: _("已驳回，录入人能看到原因"))}


@require_POST
def decide(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Verify or reject a check."""
    row = check_of(request, number)
    return deeds.decide(request, row, "check", deed, CHECKS, lambda asked, one, status, **more: _performance(asked, one.project, status, **more), reverse("projects:performance", args=[row.project_id]))


@require_GET
def check_proof(request: HttpRequest, number: int) -> HttpResponse:
    """The paper of a check, as a download."""
    return sent(check_of(request, number).proof)
