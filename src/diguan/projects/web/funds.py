"""Pages of the funds-in-place ledger: the county's, a project's, one line, and many verified at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.projects.actions import funds as actions
from diguan.projects.models import Fund, FundKind, FundOrigin, Project
from diguan.projects.queries import funds as queries
from diguan.projects.web import ledger_deeds as deeds
from diguan.projects.web import ledger_forms as forms
from diguan.projects.web import ledger_lists as lists
from diguan.projects.web import ledger_words as words
from diguan.projects.web.projects import project_of


def fund_of(request: HttpRequest, number: int) -> Fund:
    """The line of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.fund(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address, and what of the filtered arrived."""
    person = asking(request)
    access.require(person, queries.VIEW)
    rows = queries.arrived(lists.FUNDS.narrowed(request), clocks.today())
    return lists.FUNDS.show(request, arrived=queries.total(rows), counts=rows.count(), waiting=queries.to_verify(person).count(), may_import=access.may(person, queries.IMPORT))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One line: what its paper says, who entered and verified it, its reversal."""
    return _show(request, fund_of(request, number))


def _show(request: HttpRequest, row: Fund, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    enter, verify = access.may(person, queries.ENTER, row), access.may(person, queries.VERIFY, row)
    waits, own = row.state == "entered", row.entered_by_id == person.pk
    back = row.reversals.exclude(state="rejected").first()
    may = {"attach": enter and waits and row.reverses_id is None, "verify": verify and waits and not own and row.proof_id is not None, "own": waits and own, "reject": verify and waits,
           "reverse": enter and row.state == "verified" and row.reverses_id is None and back is None}
    return render(request, "projects/fund.html", {"row": row, "state": words.state_of(row), "back": back, "may": may, "proof_form": forms.ProofForm(initial={"version": row.version}, auto_id="proof-%s"),
                                                  "timeline": trail(timelines.of(person, row)), **more}, status=status)


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The slip, as a download."""
    return sent(fund_of(request, number).proof)


@require_POST
def slip(request: HttpRequest, number: int) -> HttpResponse:
    """The slip of a line that has none yet, or a better scan."""
    row, form = fund_of(request, number), deeds.filled(request, forms.ProofForm, "proof")
    if done(request, form, lambda: actions.attach_slip(fund=row, by=asking(request), **form.cleaned_data)) is None:
        return _show(request, row, 422, proof_form=form, opened="proof")
    messages.success(request, _("凭证文件已存"))
    return redirect(lists.fund_address(row))


def _reverse(*, fund: Fund, version: int, reason: str, by: Any) -> Fund:
    return actions.reverse_fund(fund=fund, reason=reason, by=by)


DEEDS: dict[str, deeds.Deed] = {
    "verify": (actions.verify_fund, False, lambda: _("已核实")), "reject": (actions.reject_fund, True, lambda: _("已驳回，录入人能看到原因")),
    "reverse": (_reverse, True, lambda: _("冲销已提出，另一个人核实以后这一笔不再计"))}


@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Verify, reject, or ask for a reversal."""
    row = fund_of(request, number)
    return deeds.decide(request, row, "fund", deed, DEEDS, _show, lists.fund_address(row))


# ── a project's ledger ───────────────────────────────────────────────────────
def ledger(request: HttpRequest, number: int) -> HttpResponse:
    """A project's ledger, and the form for one more payment."""
    project, person = project_of(request, number), asking(request)
    access.require(person, queries.VIEW, project)
    form = forms.FundForm(request.POST if request.method == "POST" else None, request.FILES or None, initial={"payer": project.investor, "payer_uscc": project.investor_uscc})
    made = done(request, form, lambda: actions.enter_fund(project=project, said=form.said(), proof=form.cleaned_data["proof"], by=person))
    if made is not None:
        messages.success(request, _("已录入，等另一个人核实"))
        return redirect("projects:project_funds", number)
    return render(request, "projects/project_funds.html", {"project": project, "form": form, "may_enter": access.may(person, queries.ENTER, project), **shown(person, project)}, status=422 if form.errors else 200)


def shown(person: Any, project: Project) -> dict[str, Any]:
    """What pages show of a project's ledger: its lines and what they come to, whole, by kind and by origin."""
    rows = queries.visible_funds(person).filter(project=project)
    arrived = queries.arrived(rows, clocks.today())
    return {"lines": [{"row": row, "state": words.state_of(row)} for row in rows], "arrived": queries.total(arrived),
            "kinds": [(FundKind(str(key)).label, fen) for key, fen in sorted(queries.sums(arrived, "kind").items(), key=str)],
            "origins": [(FundOrigin(str(key)).label, fen) for key, fen in sorted(queries.sums(arrived, "origin").items(), key=str)]}


# ── many at once ─────────────────────────────────────────────────────────────
def waiting(request: HttpRequest) -> HttpResponse:
    """Lines that wait for this person; those that are ticked are verified together."""
    person = asking(request)
    access.require(person, queries.VERIFY)
    if request.method != "POST":
        return _waiting(request)
    chosen = [text.partition(":") for text in request.POST.getlist("fund")[:actions.MOST + 1]]
    versions = {whole(key): whole(version) for key, _colon, version in chosen}
    rows = [(row, versions[row.pk]) for row in queries.to_verify(person).filter(pk__in=versions)]
    refusal = refused(lambda: actions.verify_funds(funds=rows, by=person))
    if refusal is not None:
        return _waiting(request, 409, errors=refusal.texts(language()), ticked=set(versions))
    messages.success(request, ngettext("%(n)s 笔已核实", "%(n)s 笔已核实", len(rows)) % {"n": len(rows)})
    return redirect(reverse("projects:funds_waiting"))


def _waiting(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    rows = list(queries.to_verify(asking(request))[:actions.MOST])
    ready, bare = [row for row in rows if row.proof_id], [row for row in rows if not row.proof_id]
    return render(request, "projects/funds_waiting.html", {"ready": ready, "bare": bare, "total": sum(row.amount_fen for row in ready), **more}, status=status)
