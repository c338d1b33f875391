"""Pages of the ledger: sums by policy against budgets, whatever does not add up, one claim's entries, clawback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence import queries as evidence
from diguan.kernel.evidence.actions import About
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.queries import value_of
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, frame_of, language, or_404, whole
from diguan.policies.actions import checks, clawbacks, results
from diguan.policies.actions.clawbacks import DECISION, RETURN
from diguan.policies.engine import payee as payees
from diguan.policies.models import CLAIM, Claim, LedgerEntry
from diguan.policies.queries import ledgers, payable, payments, reconciling
from diguan.policies.web.payments import lists, shown
from diguan.policies.web.payments.forms import CheckForm, MoneyForm, PaperForm


@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """Every claim with its sums."""
    payments.require_office(asking(request))
    return lists.CLAIMS.show(request)


@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """Every entry."""
    payments.require_office(asking(request))
    return lists.ENTRIES.show(request)


@require_GET
def reconcile(request: HttpRequest) -> HttpResponse:
    """对账: every policy's money against its budget, and everything that does not add up."""
    person = asking(request)
    budgets = [shown.budget(one) for one in payments.budgets(person, language())]
    faults = [{"claim": one.claim, "what": one.what.text(language()), "policy": shown.title_of(one.claim.policy)} for one in reconciling.faults(person)]
    return render(request, "policies/reconcile.html", {"budgets": budgets, "faults": faults})


# ── one claim ────────────────────────────────────────────────────────────────
def claim_of(request: HttpRequest, number: int) -> Claim:
    """The claim of this address.

    Raises:
        Forbidden: the person may see no payments. Http404: there is none for this person.
    """
    return or_404(payments.claim(asking(request), number))


def claim(request: HttpRequest, number: int) -> HttpResponse:
    """One claim's ledger; papers of a clawback are handed in here."""
    row, person = claim_of(request, number), asking(request)
    form = PaperForm(request.POST if request.method == "POST" else None, request.FILES or None)
    about = About(CLAIM, str(row.pk), row.enterprise.uscc, row.owner_unit_id)
    if request.method == "POST":
        payments.require_office(person)
    made = done(request, form, lambda: papers.enter(entry=form.cleaned_data["entry"], about=about, paper=form.paper(), by=person))
    if made is not None:
        messages.success(request, _("已登记，等另一个人办理"))
        return redirect("policies:claim_ledger", number)
    return _show(request, row, form=form)


def _show(request: HttpRequest, row: Claim, status: int = 200, form: PaperForm | None = None, **more: Any) -> HttpResponse:
    person = asking(request)
    office = access.scope(person, ledgers.VIEW) is not access.Scope.OWN
    at = ledgers.stages_of([row])[row.pk]
    waiting = {entry: payments.papers_waiting(row, entry) for entry in (DECISION, RETURN)} if office else {}
    return render(request, "policies/claim_ledger.html", {
        "row": row, "frame": frame_of(person), "policy_title": shown.title_of(row.policy), "ledger": shown.ledger(person, row), "stage": row.course.tree.step[at].label(language()) if row.course and at else "",
        "decisions": waiting.get(DECISION, []), "returns": waiting.get(RETURN, []), "form": form or PaperForm(), "money_form": MoneyForm(),
        "may_demand": access.may(person, payments.CLAW_BACK, row), "may_record": access.may(person, payments.RECORD, row), "me": person.pk, "at": at,
        **(_check_of(person, row, at) if office else {}),
        "faults": [one.what.text(language()) for one in reconciling.check(Claim.objects.filter(pk=row.pk))] if office else [],
        "may_enter": office and access.may(person, evidence.ENTER) and at in ("paid", "clawback"), **more}, status=status)


def _check_of(person: Any, row: Claim, at: str) -> dict[str, Any]:
    """What the page says of the check before money, and what this person may do about it."""
    if at not in (payable.CONFIRMED, payable.ORDERED):
        return {}
    one, found = payable.judge([row], clocks.today())[row.pk], payable.checks_of(row)
    waiting, may = payable.checks_waiting(row), access.may(person, checks.CHECK, row)
    own = person.pk in {piece.entered_by_id for piece in waiting} or person.pk in payable.preparers(row)
    return {"checks": [{"row": piece, "title": dictionary.known()[piece.entry].label(language()), "yes": bool(value_of(piece)), "waits": piece in waiting} for piece in found],
            "account": {"name": one.payee.name, "number": payees.mask(one.payee.account), "bank": one.payee.bank}, "why_not": [text.text(language()) for text in one.problems],
            "seen": ",".join(str(piece.pk) for piece in waiting), "may_check": may and not waiting, "may_decide": may and bool(waiting) and not own, "own_check": may and bool(waiting) and own,
            "check_form": CheckForm()}


def _act(request: HttpRequest, number: int, act: Callable[[Claim], object], told: str) -> HttpResponse:
    """Do something with a claim; a refusal stands on its page."""
    row = claim_of(request, number)
    refusal = refused(lambda: act(row))
    if refusal is not None:
        return _show(request, claim_of(request, number), 409, errors=refusal.texts(language()))
    messages.success(request, told)
    return redirect("policies:claim_ledger", number)


def _money(request: HttpRequest) -> tuple[MoneyForm, Evidence]:
    """The form of an amount on a paper, and the paper.

    Raises:
        Refusal: ``invalid``. Http404: there is no such paper.
    """
    form = MoneyForm(request.POST)
    if not form.is_valid():
        raise Refusal("invalid", [Message("请写金额，单位元，最多两位小数", "write an amount in yuan with two decimals at most")], "fen")
    found = evidence.visible_evidence(asking(request)).filter(pk=form.cleaned_data["paper"]).first()
    return form, or_404(found)


@require_POST
def check(request: HttpRequest, number: int) -> HttpResponse:
    """Hand in the check before money."""
    row, person, form = claim_of(request, number), asking(request), CheckForm(request.POST, request.FILES)
    access.require(person, checks.CHECK, row)
    made = done(request, form, lambda: checks.enter_check(claim=row, met=form.cleaned_data["met"], matches=form.cleaned_data["own"], file_name=form.cleaned_data["file"][0],
                                                          content=form.cleaned_data["file"][1], by=person))
    if made is None:
        return _show(request, row, 422, check_form=form)
    messages.success(request, _("已登记，等另一个人核实"))
    return redirect("policies:claim_ledger", number)


@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Verify the check before money, or reject it."""
    said, holds = request.POST.get("seen", ""), request.POST.get("holds") == "1"
    pieces = {whole(text) for text in said.split(",")}
    access.require(asking(request), checks.CHECK)
    return _act(request, number, lambda row: checks.decide_check(claim=row, seen=pieces, holds=holds, reason=request.POST.get("reason", "")[:200], by=asking(request)),
                _("已核实，可以拟付款通知了") if holds else _("已驳回"))


@require_POST
def demand(request: HttpRequest, number: int) -> HttpResponse:
    """Decide that money is to come back."""
    def act(row: Claim) -> object:
        form, paper = _money(request)
        return clawbacks.demand_back(claim=row, fen=form.amount, decision=paper, reason=form.cleaned_data["reason"], by=asking(request))

    access.require(asking(request), payments.CLAW_BACK)
    return _act(request, number, act, _("已决定追回，记入台账"))


@require_POST
def repay(request: HttpRequest, number: int) -> HttpResponse:
    """Book money that came back."""
    def act(row: Claim) -> object:
        form, paper = _money(request)
        return clawbacks.book_repayment(claim=row, fen=form.amount, voucher=paper, by=asking(request))

    access.require(asking(request), payments.RECORD)
    return _act(request, number, act, _("退缴已入账"))


@require_POST
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Let a claim's course go where its ledger is."""
    return _act(request, number, lambda row: results.settle_claim(claim=row, by=asking(request)), _("已按台账流转"))


@require_POST
def reverse_entry(request: HttpRequest, number: int) -> HttpResponse:
    """Take an entry back, with a reason."""
    found = or_404(ledgers.entries(asking(request)).filter(pk=number).first())
    reason = request.POST.get("reason", "")[:200]
    return _act(request, found.claim_id, lambda row: results.reverse_entry(entry=LedgerEntry.objects.get(pk=number), reason=reason, by=asking(request)), _("已冲销"))


@require_GET
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """The file a ledger entry or a result rests on, for who may see that evidence; always as a download."""
    payments.require_office(asking(request))
    found = or_404(evidence.visible_evidence(asking(request)).filter(pk=number, entry__in=(results.VOUCHER, DECISION, RETURN, payable.CONDITIONS)).select_related("upload").first())
    return sent(found.upload)
