"""Pages of claims for the firm: 我的兑现, one claim with whose turn it is, its answer, giving up, starting one, objecting to another's."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.enterprises import queries as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.evidence.dictionary import Entry
from diguan.kernel.forms import done
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404
from diguan.kernel.stages import queries as stages
from diguan.policies import queries
from diguan.policies.actions import claim_papers, claim_steps
from diguan.policies.actions import claims as opening
from diguan.policies.models import Claim, EntryKind, LedgerEntry
from diguan.policies.queries import allocations, claims, ledgers
from diguan.policies.queries.claims import ANSWER
from diguan.policies.web import allocations as allocated
from diguan.policies.web import claim_words as words
from diguan.policies.web import shown
from diguan.policies.web.claim_forms import AnswerForm, ObjectionForm, ReasonForm


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """我的兑现: every claim of the person's enterprises, those that wait for them first."""
    access.require(asking(request), claims.VIEW)
    rows = list(claims.own_claims(asking(request)).order_by("-id"))
    lines: list[dict[str, Any]] = [{"claim": row, "title": words.policy_title(row.policy), "state": words.status(row), "turn": words.turn(row)} for row in rows]
    lines.sort(key=lambda line: not line["turn"][0])
    return render(request, "policies/own_claims.html", {"lines": lines, "waiting": sum(line["turn"][0] for line in lines)})


def show(request: HttpRequest, row: Claim, status: int = 200, answer: AnswerForm | None = None, giving_up: ReasonForm | None = None) -> HttpResponse:
    """One claim for its firm."""
    person, view = asking(request), claims.view(asking(request), row)
    asked = _asked(row) if access.may(person, ANSWER, row) else []
    form = answer or (AnswerForm(asked=asked, amount=words.amount(row), initial={"version": row.version}) if asked else None)
    context = {
        "claim": row, "view": view, "title": words.policy_title(row.policy), "state": words.status(row), "turn": words.turn(row), "stepper": words.steps(row), "form": form,
        "appealing": claims.where(row) == claims.REFUSED, "correcting": claims.where(row) == claims.INTENT, "giving_up": giving_up or ReasonForm(initial={"version": row.version}), "may_give_up": _may_give_up(person, view),
        "due": _due(view), "reason": view.reason(claims.UPHELD) or view.reason(claims.REFUSED) if claims.where(row) in (claims.REFUSED, claims.REVIEW, claims.UPHELD) else "",
        "papers": [(piece, piece.entry.label(language()) if piece.entry else piece.row.entry) for piece in view.papers], "held": _held(view, asked), "moves": _moves(view), "paid": _paid(person, row)}
    return render(request, "policies/own_claim.html", context, status=status)


def _paid(person: Person, row: Claim) -> list[LedgerEntry]:
    """What came to the account and was booked, first to last; what was booked wrongly is left out."""
    if claims.where(row) not in claims.PAYMENT_STAGES:
        return []
    return [entry for entry in ledgers.ledger_of(person, row) if entry.kind == EntryKind.PAID and not hasattr(entry, "reversal")]


def _asked(row: Claim) -> list[Entry]:
    """What the form of the page asks: what is missing now, or else what may be corrected."""
    return claims.to_hand_in(row) or claims.to_correct(row)


def _may_give_up(person: Person, view: claims.View) -> bool:
    status = view.course.tree.status.get(claims.WITHDRAWN)
    return view.task is not None and status is not None and bool(view.ways) and view.task.key in status.start and access.may(person, ANSWER, view.claim)


def _due(view: claims.View) -> dict[str, Any] | None:
    """The day of the clock that runs, and how it came about."""
    for way in view.ways:
        if view.task is not None and way.clock is not None:
            said = stages.due_words(view.task, way.step.id)
            return {"day": way.clock.due.day if way.clock.due else None, "how": said.text(language()) if said else "", "wait": way.step.id == claims.UNOBJECTED}
    return None


def _held(view: claims.View, asked: Any) -> list[str]:
    """What the county holds already of what the gates ask of an enterprise, so that nobody hands it in."""
    wanted = {entry.id for entry in asked}
    return [item.asked.text(language()) for way in view.ways for item in way.answer.items
            if item.kind == "evidence" and item.met and item.id not in wanted and item.found.zh.startswith("县里已有")]


def _moves(view: claims.View) -> list[dict[str, Any]]:
    titles = claims.stage_titles(language())
    return [{"when": move.day.isoformat(), "what": titles.get(move.target, move.target), "note": move.reason if move.target in (claims.REFUSED, claims.UPHELD, claims.WITHDRAWN) else "",
             "result": move.target in (claims.PAID, claims.REFUSED, claims.UPHELD)} for move in reversed(view.passages)]


# ── deeds ────────────────────────────────────────────────────────────────────
def _own(request: HttpRequest, number: int) -> Claim:
    access.require(asking(request), ANSWER)
    row = or_404(claims.claim(asking(request), number))
    access.require(asking(request), ANSWER, row)
    return row


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Hand in what is asked now."""
    row = _own(request, number)
    form = AnswerForm(request.POST, request.FILES, asked=_asked(row), amount=words.amount(row))
    kept = done(request, form, lambda: claim_papers.hand_in(claim=row, version=form.cleaned_data["version"], papers=form.papers, by=asking(request)))
    if kept is None:
        return show(request, or_404(claims.claim(asking(request), number)), 422, answer=form)
    messages.success(request, _("收到了，部门核对后接着办"))
    return redirect("policies:claim", number)


@require_POST
def give_up(request: HttpRequest, number: int) -> HttpResponse:
    """Give the claim up, with the reason."""
    row = _own(request, number)
    form = ReasonForm(request.POST)
    kept = done(request, form, lambda: claim_steps.withdraw_claim(claim=row, version=form.cleaned_data["version"], reason=form.cleaned_data["reason"], by=asking(request)))
    if kept is None:
        return show(request, or_404(claims.claim(asking(request), number)), 422, giving_up=form)
    messages.success(request, _("已放弃，名额让给排在后面的企业"))
    return redirect("policies:claim", number)


@require_POST
def start(request: HttpRequest, policy_id: str, uscc: str) -> HttpResponse:
    """Start a claim of one's own firm."""
    firm = firm_of(request, uscc)
    try:
        course = opening.start_claim(policy=policy_id, enterprise=firm, by=asking(request))
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, "；".join(refusal.texts(language())))
        return redirect("policies:explanation", policy_id, uscc)
    messages.success(request, _("已申领，进展都在这一页"))
    return redirect("policies:claim", int(course.subject_id))


def firm_of(request: HttpRequest, uscc: str) -> Enterprise:
    """One's own firm of this address.

    Raises:
        Forbidden: the person answers for no firm. Http404: it is none of theirs.
    """
    access.require(asking(request), ANSWER)
    row = or_404(register.enterprise(asking(request), uscc))
    access.require(asking(request), ANSWER, row)
    return row


def object_to(request: HttpRequest, policy_id: str, number: int) -> HttpResponse:
    """Object to a claim that is on public notice, in the name of one's firm."""
    person = asking(request)
    access.require(person, ANSWER)
    found = claims.publicity(person, policy_id)
    row = or_404(next((each for each in found.rows if each.pk == number), None) if found else None)
    firms = [firm for firm in queries.own_enterprises(person) if firm.pk != row.enterprise_id]
    form = ObjectionForm(request.POST or None, request.FILES or None, firms=firms)
    kept = done(request, form, lambda: claim_papers.object_to(claim=row, enterprise=firm_of(request, form.cleaned_data["uscc"]), paper=form.paper, by=person))
    if kept is not None:
        messages.success(request, _("异议已经交到部门，核实后会处理；对方看不到是谁提的"))
        return redirect("policies:publicity", policy_id)
    return render(request, "policies/objection.html", {"form": form, "claim": row, "title": words.policy_title(policy_id), "policy_id": policy_id, "firms": firms},
                  status=422 if request.method == "POST" else 200)


# ── beside a firm's entitlements ─────────────────────────────────────────────
def beside(person: Person, firm: Enterprise, judged: queries.Judged) -> dict[str, Any]:
    """What a page of one firm and one policy says of its claim: where it is, that it may be started, or why there is none."""
    if not access.may(person, claims.VIEW, firm):
        return {}
    row = claims.claim_for(person, firm, judged.policy.id)
    alive = row is not None and claims.where(row) not in (*claims.WITHOUT_MONEY, claims.WITHDRAWN)
    start = _start(person, firm, judged, row)
    return {"claim": row, "claim_state": words.status(row) if row else None, "claim_turn": words.turn(row) if row else None, "start_url": start,
            "why_not": [] if alive else _why_ended(row) or _why_not(person, firm, judged, started=bool(start))}


def _start(person: Person, firm: Enterprise, judged: queries.Judged, row: Claim | None) -> str:
    """Where a firm starts its claim; empty where it does not, or cannot."""
    own = judged.policy.delivery != "automatic_entitlement" and judged.group == queries.ENTITLED and bool(judged.amount_fen)
    free = row is None or claims.where(row) == claims.WITHDRAWN
    if not (own and free and access.may(person, ANSWER, firm)):
        return ""
    found = allocations.newest_line(person, firm, judged.policy.id) if judged.policy.budget else None
    granted = judged.policy.budget is None or (found is not None and found[2].state == allocations.GRANTED and found[2].granted_fen > 0)
    return reverse("policies:start_claim", args=[judged.policy.id, firm.uscc]) if granted else ""


def _why_ended(row: Claim | None) -> list[str]:
    """Of a claim that ended without money (and was not given up) the end is why there is none, whatever match and allocation say."""
    where = claims.where(row) if row is not None else ""
    if row is None or where not in claims.WITHOUT_MONEY:
        return []
    reason = claims.reason_of(row, claims.REFUSED)
    return [words.turn(row)[2], *([_("不予兑现的原因：{reason}").format(reason=reason)] if reason and where != claims.RETURNED else [])]


def _why_not(person: Person, firm: Enterprise, judged: queries.Judged, *, started: bool) -> list[str]:
    """Why this firm has no money from this policy: the clause and the gap, what is not known, or how the money was shared out."""
    if judged.group != queries.ENTITLED:
        return [shown.sentence(judged)]
    found = allocations.own_line(person, firm, judged.policy.id)
    if found is None:
        waits = _("可享，资金还没有分配；分好会通知您") if judged.policy.budget else _("可享，名单还没有确认；确认后会通知您")
        return [_("可享，还没有申领") if started else waits]
    _run, settled, line = found
    titles = {name: policy.label(language()) for name, policy in queries.library().policies.items()}
    said = [allocated.why(line, settled, titles)]
    if line.state == allocations.WAITLISTED:
        said.append(_("已安排 {granted} 户，还有 {waiting} 户在等；有人放弃，就按顺序补上").format(granted=settled.granted, waiting=settled.waitlisted))
    return said


def by_policy(person: Person, firm: Enterprise) -> dict[str, dict[str, Any]]:
    """The last claim of a firm under each policy, in words."""
    if not access.may(person, claims.VIEW, firm):
        return {}
    rows = claims.visible_claims(person).filter(enterprise=firm).order_by("attempt", "id")
    return {row.policy: {"state": words.status(row), "turn": words.turn(row), "url": reverse("policies:claim", args=[row.pk])} for row in rows}


def panel(person: Person, row: Enterprise) -> dict[str, Any] | None:
    """The claims of one enterprise on its dossier, for officials; nothing where there are none."""
    if not access.may(person, claims.VIEW, row):
        return None
    found = list(claims.visible_claims(person).filter(enterprise=row).order_by("-id")[:12])
    return {"claims": [{"claim": each, "title": words.policy_title(each.policy), "state": words.status(each)} for each in found]} if found else None
