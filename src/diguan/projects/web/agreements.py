"""Pages of agreements: the list, one with its promises and obligations, a new one; what is done with them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.api.once import fresh, sent_once
from diguan.kernel.forms import done
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.projects.actions import agreements as actions
from diguan.projects.actions import promises
from diguan.projects.actions.fulfilment import add_obligation
from diguan.projects.models import Agreement, Promise
from diguan.projects.queries import agreements as queries
from diguan.projects.queries import counted, fair_competition
from diguan.projects.web import ledger_deeds as deeds
from diguan.projects.web import ledger_forms as forms
from diguan.projects.web import ledger_lists as lists
from diguan.projects.web import ledger_words as words
from diguan.projects.web.projects import project_of


def agreement_of(request: HttpRequest, number: int) -> Agreement:
    """The agreement of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.agreement(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address."""
    return lists.AGREEMENTS.show(request)


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One agreement: what it says, what of it counts, promises and obligations."""
    return _show(request, agreement_of(request, number))


def _show(request: HttpRequest, row: Agreement, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    line = next((one for one in counted.book(clocks.today()).lines if one.agreement == row.pk), None)
    context = {
        "row": row, "state": words.state_of(row), "original": words.original(row), "line": line, "why": words.reason_of(line) if line else "", "may": _may(person, row),
        "promises": _promises(person, row, more), "obligations": [{"row": one, "state": words.obligation_state(one), "target": words.quantity(one.target, one.measure), "measured": words.quantity(one.measured, one.measure)} for one in row.obligations.order_by("due_on", "id")],
        "proof_form": forms.ProofForm(initial={"version": row.version}, auto_id="proof-%s"), "promise_form": forms.PromiseForm(initial={"version": row.version}, auto_id="promise-%s"),
        "obligation_form": forms.ObligationForm(auto_id="obligation-%s"), "once": fresh(), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "projects/agreement.html", context, status=status)


def _may(person: Any, row: Agreement) -> dict[str, bool]:
    """Which buttons this person finds on an agreement as it is."""
    enter, verify = access.may(person, queries.ENTER, row), access.may(person, queries.VERIFY, row)
    waits, own = row.state == "entered", row.entered_by_id == person.pk
    return {"enter": enter and waits, "oblige": enter and row.state in queries.LIVE, "verify": verify and waits and not own, "own": verify and waits and own, "reject": verify and waits, "void": verify and row.state == "verified" and not own}


def _promises(person: Any, row: Agreement, more: dict[str, Any]) -> list[dict[str, Any]]:
    rules = fair_competition.provisions(clocks.today())
    found = []
    for one in queries.promises_of(row):
        waits = one.conclusion == "" and row.state in queries.LIVE and person.pk not in (one.entered_by_id, row.entered_by_id) and access.may(person, queries.REVIEW, one)
        form = more.get("review_form") if more.get("reviewed") == one.pk else forms.ReviewForm(initial={"version": one.version}, auto_id=f"review-{one.pk}-%s")
        rule = rules.get(one.kind)
        found.append({"row": one, "state": words.conclusion_of(one), "form": form if waits else None, "open": more.get("reviewed") == one.pk, "rule": rule.says.text(language()) if rule else "",
                      "source": rule.source.text(language()) if rule else "", "lacks": bool(rule and rule.basis_needed and not one.legal_basis)})
    return found


def new(request: HttpRequest, number: int) -> HttpResponse:
    """Enter a signed agreement of a project."""
    project, person = project_of(request, number), asking(request)
    access.require(person, queries.ENTER, project)
    replaceable = access.visible(queries.visible_agreements(person), person, queries.ENTER).filter(state__in=queries.LIVE)
    form = forms.AgreementForm(request.POST if request.method == "POST" else None, request.FILES or None, replaceable=replaceable, initial={"counterparty": project.investor, "counterparty_uscc": project.investor_uscc})
    made = done(request, form, lambda: actions.enter_agreement(project=project, said=form.said(), proof=form.cleaned_data["proof"], replaces=form.cleaned_data["replaces"], by=person))
    if made is not None:
        messages.success(request, _("已录入，等另一个人核实；先把承诺和双方约定登记上"))
        return redirect(lists.agreement_address(made))
    return render(request, "projects/agreement_new.html", {"project": project, "form": form}, status=422 if form.errors else 200)


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The paper, as a download."""
    return sent(agreement_of(request, number).proof)


@require_POST
def replace_proof(request: HttpRequest, number: int) -> HttpResponse:
    """Another scan of the paper."""
    row, form = agreement_of(request, number), deeds.filled(request, forms.ProofForm, "proof")
    if done(request, form, lambda: actions.replace_proof(agreement=row, by=asking(request), **form.cleaned_data)) is None:
        return _show(request, row, 422, proof_form=form, opened="proof")
    messages.success(request, _("扫描件已换"))
    return redirect(lists.agreement_address(row))


DEEDS: dict[str, deeds.Deed] = {
    "verify": (actions.verify_agreement, False, lambda: _("已核实，从现在起按计数规则计入")), "reject": (actions.reject_agreement, True, lambda: _("已驳回，录入人能看到原因")),
    "void": (actions.void_agreement, True, lambda: _("已作废，从现在起不再计入"))}


@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Verify, reject or make void."""
    row = agreement_of(request, number)
    return deeds.decide(request, row, "agreement", deed, DEEDS, _show, lists.agreement_address(row))


# ── promises and obligations ─────────────────────────────────────────────────
@require_POST
def promise(request: HttpRequest, number: int) -> HttpResponse:
    """One more promise of the county."""
    row, form = agreement_of(request, number), deeds.filled(request, forms.PromiseForm, "promise")
    if done(request, form, lambda: promises.add_promise(agreement=row, by=asking(request), **form.cleaned_data)) is None:
        return _show(request, row, 422, promise_form=form, opened="promise")
    messages.success(request, _("已登记，等另一个人作公平竞争审查"))
    return redirect(lists.agreement_address(row))


def promise_of(request: HttpRequest, number: int) -> Promise:
    """The promise of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.promise(asking(request), number))


@require_POST
def review(request: HttpRequest, number: int) -> HttpResponse:
    """Say what the fair-competition review of a promise came to."""
    row, form = promise_of(request, number), deeds.filled(request, forms.ReviewForm, f"review-{number}")
    if done(request, form, lambda: promises.review_promise(promise=row, by=asking(request), **form.cleaned_data)) is None:
        return _show(request, agreement_of(request, row.agreement_id), 422, review_form=form, reviewed=row.pk)
    messages.success(request, _("审查结论已记下"))
    return redirect(lists.agreement_address(row.agreement))


@require_GET
def review_proof(request: HttpRequest, number: int) -> HttpResponse:
    """The paper of a review, as a download."""
    return sent(promise_of(request, number).review_proof)


@require_POST
def obligation(request: HttpRequest, number: int) -> HttpResponse:
    """One more thing a side owes."""
    row, form = agreement_of(request, number), deeds.filled(request, forms.ObligationForm, "obligation")

    def added() -> HttpResponse | None:
        if done(request, form, lambda: add_obligation(agreement=row, said=form.said(), by=asking(request))) is None:  # type: ignore[attr-defined]
            return None
        messages.success(request, _("约定已登记"))
        return redirect(lists.agreement_address(row))

    return sent_once(request, added) or _show(request, row, 422, obligation_form=form, opened="obligation")
