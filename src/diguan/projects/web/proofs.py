"""Pages of what counting needs a proof for: returnees, and like projects that are two."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access
from diguan.kernel.forms import done
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, or_404
from diguan.projects.actions import proofs as actions
from diguan.projects.models import Project, ReturneeClaim, TwinRuling
from diguan.projects.queries import agreements, counted
from diguan.projects.queries.projects import VIEW as VIEW_PROJECT
from diguan.projects.web import ledger_deeds as deeds
from diguan.projects.web import ledger_words as words
from diguan.projects.web.ledger_forms import BasisForm
from diguan.projects.web.projects import project_of


# ── returnees ────────────────────────────────────────────────────────────────
def returnee(request: HttpRequest, number: int) -> HttpResponse:
    """Whether a project is a returnee's, and what proves it."""
    project, person = project_of(request, number), asking(request)
    form = BasisForm(request.POST if request.method == "POST" else None, request.FILES or None)
    made = done(request, form, lambda: actions.claim_returnee(project=project, by=person, **form.cleaned_data))
    if made is not None:
        messages.success(request, _("已申报，等另一个人核实凭据"))
        return redirect("projects:returnee", number)
    return _returnee(request, project, 422 if form.errors else 200, form=form)


def _returnee(request: HttpRequest, project: Project, status: int = 200, **more: Any) -> HttpResponse:
    person, claim = asking(request), counted.claim_of(project)
    verify = claim is not None and claim.state == "entered" and access.may(person, agreements.VERIFY, claim)
    undo = claim is not None and _may_undo(person, claim)
    return render(request, "projects/returnee.html", {
        "project": project, "claim": claim, "state": words.state_of(claim) if claim else None, "may_claim": claim is None and access.may(person, agreements.ENTER, project),
        "may_verify": verify and claim is not None and claim.entered_by_id != person.pk, "may_reject": verify or undo, "verified": undo, "form": BasisForm(), **more}, status=status)


def _may_undo(person: Any, row: ReturneeClaim | TwinRuling) -> bool:
    """Whether this person may take back what was verified: not who entered it."""
    return row.state == "verified" and row.entered_by_id != person.pk and access.may(person, agreements.VERIFY, row)


def claim_of(request: HttpRequest, number: int) -> ReturneeClaim:
    """The claim of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), VIEW_PROJECT)
    return or_404(counted.claim(asking(request), number))


CLAIMS: dict[str, deeds.Deed] = {"verify": (actions.verify_returnee, False, lambda: _("已核实，从现在起计作湘商回归")), "reject": (actions.reject_returnee, True, lambda: _("已驳回，录入人能看到原因"))}


@require_POST
def decide_returnee(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Verify or reject a claim."""
    row = claim_of(request, number)
    return deeds.decide(request, row, "claim", deed, CLAIMS, lambda asked, one, status, **more: _returnee(asked, one.project, status, **more), reverse("projects:returnee", args=[row.project_id]))


@require_GET
def returnee_proof(request: HttpRequest, number: int) -> HttpResponse:
    """What proves it, as a download; only for who may see agreements."""
    access.require(asking(request), agreements.VIEW)
    return sent(claim_of(request, number).proof)


# ── two that look like one ───────────────────────────────────────────────────
def apart(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """Two like projects side by side, and the form to say that they are two."""
    project, twin, person = project_of(request, number), project_of(request, other), asking(request)
    access.require(person, agreements.VIEW)
    form = BasisForm(request.POST if request.method == "POST" else None, request.FILES or None)
    made = done(request, form, lambda: actions.rule_apart(project=project, other=twin, by=person, **form.cleaned_data))
    if made is not None:
        messages.success(request, _("已提出，另一个人核实以后按两个项目计"))
        return redirect("projects:apart", number, other)
    return _apart(request, project, twin, 422 if form.errors else 200, form=form)


def _apart(request: HttpRequest, project: Project, twin: Project, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    ruling = counted.rulings_on([project.pk]).filter(first=min(project.pk, twin.pk), second=max(project.pk, twin.pk)).first()
    verify = ruling is not None and ruling.state == "entered" and access.may(person, agreements.VERIFY, ruling)
    undo = ruling is not None and _may_undo(person, ruling)
    pair = [{"row": one, "node": words.node_name(one.node), "agreements": agreements.visible_agreements(person).filter(project=one)} for one in (project, twin)]
    return render(request, "projects/apart.html", {
        "project": project, "twin": twin, "pair": pair, "ruling": ruling, "state": words.state_of(ruling) if ruling else None, "may_enter": ruling is None and access.may(person, agreements.ENTER, project),
        "may_verify": verify and ruling is not None and ruling.entered_by_id != person.pk, "may_reject": verify or undo, "verified": undo, "form": BasisForm(), **more}, status=status)


def ruling_of(request: HttpRequest, number: int) -> TwinRuling:
    """The ruling of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), agreements.VIEW)
    return or_404(counted.ruling(asking(request), number))


RULINGS: dict[str, deeds.Deed] = {"verify": (actions.verify_ruling, False, lambda: _("已核实，按两个项目计")), "reject": (actions.reject_ruling, True, lambda: _("已驳回，仍按一个项目计"))}


@require_POST
def decide_ruling(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Verify or reject a ruling."""
    row = ruling_of(request, number)
    return deeds.decide(request, row, "ruling", deed, RULINGS, lambda asked, one, status, **more: _apart(asked, one.first, one.second, status, **more), reverse("projects:apart", args=[row.first_id, row.second_id]))


@require_GET
def ruling_proof(request: HttpRequest, number: int) -> HttpResponse:
    """What proves it, as a download."""
    return sent(ruling_of(request, number).proof)
