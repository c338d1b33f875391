"""Pages of claims for the office: the list, one claim with its gates and papers, and the deeds on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.models import EvidenceState
from diguan.kernel.evidence.queries import REVEAL, VERIFY, Piece
from diguan.kernel.forms import done, refused
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import sent
from diguan.kernel.measures import value
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.policies import queries
from diguan.policies.actions import claim_papers, claim_steps
from diguan.policies.actions import claims as opening
from diguan.policies.models import Claim, Delivery
from diguan.policies.queries import allocations, claim_measures, claims, ledgers, payments
from diguan.policies.queries.claims import HANDLE, Seen, View
from diguan.policies.queries.payable import CONDITIONS, PAYEE
from diguan.policies.web import claim_words as words
from diguan.policies.web import own_claims, reviews
from diguan.policies.web.claim_forms import PaperForm
from diguan.policies.web.payments import shown as money

EXPORT = queries.EXPORT
PAPER_STATES = {EvidenceState.ENTERED: ("warn", gettext_lazy("待核实")), EvidenceState.VERIFIED: ("ok", gettext_lazy("已核实")),
                EvidenceState.REJECTED: ("bad", gettext_lazy("已驳回")), EvidenceState.WITHDRAWN: ("mute", gettext_lazy("已撤回"))}


def of_office(request: HttpRequest) -> Person:
    """Who asks, if they see claims as an official.

    Raises:
        Forbidden: they do not; an enterprise's agent has pages of its own.
    """
    person = asking(request)
    access.require(person, claims.VIEW)
    if access.scope(person, claims.VIEW) is access.Scope.OWN:
        raise Forbidden(claims.VIEW, title_of(claims.VIEW))
    return person


# ── lists ────────────────────────────────────────────────────────────────────
def list_page(policy_id: str = "") -> ListPage:
    """Claims as a list page: of one policy, or of every one."""
    title = _("兑现：{title}").format(title=words.policy_title(policy_id)) if policy_id else _("兑现")
    titles = claims.stage_titles(language())
    every = () if policy_id else (Column("policy", gettext_lazy("政策"), sort=True, value=lambda row: words.policy_title(row.policy)),)
    which = () if policy_id else (Filter("policy", gettext_lazy("政策"), choices=_policies),)
    return ListPage(
        title=title, permission=claims.VIEW, export_permission=EXPORT, rows=lambda person: claims.claims_of(person, policy_id) if policy_id else claims.visible_claims(person),
        order="name", template="policies/claims.html", file_name=f"claims-{policy_id or 'all'}", empty=(gettext_lazy("还没有兑现"), gettext_lazy("分配资金之后，在分配页“据此开兑现”。")),
        about=[(_("口径"), _("一户企业在一份政策下的一件兑现；金额是核定金额"))],
        columns=(
            Column("name", gettext_lazy("企业"), sort="enterprise__name_key", head=True, value=lambda row: row.enterprise.name, link=lambda row: reverse("policies:claim", args=[row.pk]),
                   note=lambda row: row.enterprise.uscc),
            Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True), *every,
            Column("stage", gettext_lazy("到哪一步"), kind="status", sort="stage", value=words.status),
            Column("amount_fen", gettext_lazy("核定金额"), kind="money", sort=True),
            Column("delivery", gettext_lazy("方式"), value=lambda row: row.get_delivery_display()),
            Column("officer.name", gettext_lazy("经办人"), nothing=gettext_lazy("还没有人接")),
            Column("since", gettext_lazy("到这一步"), kind="day", sort=True), Column("due", gettext_lazy("最晚"), kind="day", sort=True)),
        filters=(Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("enterprise__name", "enterprise__uscc")), *which,
                 Filter("stage", gettext_lazy("到哪一步"), choices=list(titles.items()), apply=claims.at_stage),
                 Filter("delivery", gettext_lazy("方式"), choices=list(Delivery.choices)),
                 Filter("mine", gettext_lazy("经办人"), choices=lambda person: [(str(person.pk), _("只看我经办的"))], fields=("officer_id",))))


def _policies(person: Person) -> list[tuple[str, str]]:
    found = claims.visible_claims(person).order_by("policy").values_list("policy", flat=True).distinct()
    return [(name, words.policy_title(name)) for name in found]


@require_GET
def listing(request: HttpRequest, policy_id: str = "") -> HttpResponse:
    """The claims of one policy (or all), with how many stand where and what they come to."""
    person = asking(request)
    if access.usccs_of(person):
        return redirect("policies:own_claims")
    of_office(request)
    rows = claims.claims_of(person, policy_id) if policy_id else claims.visible_claims(person)
    return list_page(policy_id).show(request, policy_id=policy_id, stages=_chips(request, rows), figures=_figures(person, policy_id),
                                     may_see_policies=access.may(person, queries.VIEW), steps=_bulk(person, policy_id) if policy_id else [])


def _chips(request: HttpRequest, rows: Any) -> list[dict[str, Any]]:
    titles, now = claims.stage_titles(language()), request.GET.get("stage", "")
    return [{"label": titles.get(one.id, one.id), "count": one.count, "fen": one.amount_fen, "on": one.id == now, "url": f"?{urlencode({'stage': one.id})}"} for one in claims.by_stage(rows)]


def _figures(person: Person, policy_id: str) -> list[dict[str, Any]]:
    """The measures of claims, each with its rows one click away; none before the first claim."""
    if access.scope(person, claims.VIEW) is not access.Scope.COUNTY:
        return []
    of = claim_measures.Book(policy_id, clocks.today(), clocks.now())
    where = {"policies.claims_paid_share": "?stage=paid", "policies.claims_paid_share_amount": "?stage=paid", "policies.claims_automatic_share": "?delivery=automatic",
             "policies.claims_days_to_paid": "?stage=paid"}
    return [{"figure": value(name, person, of), "url": url} for name, url in where.items()] if claims.visible_claims(person).exists() else []


def _bulk(person: Person, policy_id: str) -> list[dict[str, Any]]:
    """The steps a whole list can be taken now, with how many stand before each."""
    counts = {one.id: one.count for one in claims.by_stage(claims.claims_of(person, policy_id))}
    titles = {claims.CONFIRMED: _("整批确认"), claims.PUBLICISED: _("整批公示"), claims.UNOBJECTED: _("公示期满")}
    found = [{"label": titles[step], "count": counts[source], "url": reverse("policies:claim_step", args=[policy_id, step])}
             for step, source in claims.SOURCES.items() if counts.get(source)] if access.may(person, HANDLE) else []
    if counts.get(claims.INTENT) and access.may(person, payments.ORDER):
        found.append({"label": _("拟付款通知"), "count": counts[claims.INTENT], "url": f"{reverse('policies:payment_new')}?{urlencode({'policy': policy_id})}"})
    return found


@require_POST
def open_list(request: HttpRequest, run_id: str, policy_id: str) -> HttpResponse:
    """Open claims for everybody an allocation granted money under one policy."""
    row = or_404(allocations.find(asking(request), run_id))
    try:
        found = opening.open_claims(allocation=row, policy=policy_id, by=asking(request))
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, "；".join(refusal.texts(language())))
        return redirect("policies:allocated", run_id, policy_id)
    messages.success(request, _("已开 {n} 件兑现，下一步由另一个人确认名单").format(n=len(found)))
    return redirect("policies:claims_of", policy_id)


# ── one ──────────────────────────────────────────────────────────────────────
def claim_of(request: HttpRequest, number: int) -> Claim:
    """The claim of this address.

    Raises:
        Forbidden: the person may see no claims. Http404: there is none for them.
    """
    access.require(asking(request), claims.VIEW)
    return or_404(claims.claim(asking(request), number))


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One claim: for the office its gates and papers, for the firm whose turn it is."""
    row = claim_of(request, number)
    return own_claims.show(request, row) if access.usccs_of(asking(request)) else show(request, row)


def show(request: HttpRequest, row: Claim, status: int = 200, form: PaperForm | None = None, error: str = "", revealed: Any = None) -> HttpResponse:
    """The office's page of a claim."""
    person, view = asking(request), claims.view(asking(request), row)
    handles = access.may(person, HANDLE, row)
    entries = office_entries(view)
    context = {
        "claim": row, "view": view, "title": words.policy_title(row.policy), "state": words.status(row), "may_handle": handles, "ways": words.way_lines(view, answered=_answered(view)),
        "papers": [_paper(person, piece, revealed) for piece in view.papers], "turn": words.turn(row), "stepper": words.steps(row), "moves": _moves(view),
        "backs": [(name, view.course.tree.step[name].label(language())) for name in view.task.step.back] if view.task and view.ways and view.task.key not in claims.PAYMENT_STAGES else [],
        "reviews": reviews.notices(person, row), "to_money": claims.where(row) in (claims.INTENT, *claims.PAYMENT_STAGES) and access.may(person, ledgers.VIEW), "may_order": claims.where(row) == claims.INTENT and access.may(person, payments.ORDER),
        "may_see_firm": access.may(person, "enterprises.view_enterprise", row.enterprise) and access.may(person, queries.ENTITLEMENT),
        "form": form or (PaperForm(entries=entries) if entries else None), "error": error, "timeline": trail(view.timeline), "ledger": money.ledger(person, row),
        "may_see_run": access.may(person, allocations.VIEW) and bool(row.allocation)}
    return render(request, "policies/claim.html", context, status=status)


def office_entries(view: View) -> list[dictionary.Entry]:
    """What the office may enter where the claim stands: the evidence its next steps ask for, but for what only the firm can say."""
    known = dictionary.known()
    asked = [name for way in view.ways if way.step.id in claims.OFFICE_STEPS for name in way.step.gate.evidence]
    return [known[name] for name in dict.fromkeys(asked) if name not in (claims.WILL, claims.BANK)]


def _answered(view: View) -> bool:
    """Whether the firm has handed in its intent and its account and the office is to check them."""
    return {claims.WILL, claims.BANK} <= {piece.row.entry for piece in view.papers if piece.row.state == EvidenceState.ENTERED} and view.way(claims.INTENT) is not None


def _paper(person: Person, piece: Piece, revealed: Any) -> dict[str, Any]:
    row = piece.row
    shown = revealed is not None and revealed.pk == row.pk
    number = row.number if shown or row.entry == claims.BANK else piece.number  # of an account the number is secret, the bank is not
    held = row.text if shown and row.text else piece.value
    return {"row": row, "title": piece.entry.label(language()) if piece.entry else row.entry, "state": PAPER_STATES[EvidenceState(row.state)],
            "words": " · ".join(str(each) for each in (_yes(held, row), number) if each), "hidden": piece.hidden and not shown,
            "may_decide": row.state == EvidenceState.ENTERED and row.entered_by_id != person.pk and access.may(person, VERIFY, row),
            "may_reveal": piece.hidden and not shown and access.may(person, REVEAL, row), "own": row.state == EvidenceState.ENTERED and row.entered_by_id == person.pk}


def _yes(held: Any, row: Any) -> str:
    if row.num is not None and row.entry == claims.WILL:
        return _("要申领")
    if row.num is not None and row.entry in (CONDITIONS, PAYEE):
        return _("符合") if row.num else _("不符合")
    return "" if held is None or row.upload_id else str(held)


def _moves(view: View) -> list[dict[str, Any]]:
    """Every move, first to last: the stage reached, when, by whom, why."""
    titles = claims.stage_titles(language())
    return [{"title": titles.get(move.target, move.target), "day": move.day, "by": move.by.name if move.by else "", "reason": move.reason} for move in view.passages]


# ── deeds ────────────────────────────────────────────────────────────────────
def _deed(request: HttpRequest, number: int, deed: Callable[[Claim], Any], said: str) -> HttpResponse:
    """Do something to a claim and go back to it; what is refused stands on its page, with what is missing."""
    row = claim_of(request, number)
    refusal = refused(lambda: deed(row))
    if refusal is not None:
        return show(request, claim_of(request, number), 409, error="；".join(refusal.texts(language())))
    messages.success(request, said)
    return redirect("policies:claim", number)


def _seen(request: HttpRequest) -> Seen:
    return Seen.read(request.POST.get("seen", "")) or Seen(0, 0)


@require_POST
def pass_on(request: HttpRequest, number: int) -> HttpResponse:
    """Pass a gate. What waits of the firm's answer is verified on the way to ``intent_confirmed``."""
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "")

    def deed(row: Claim) -> Any:
        if to == claims.INTENT:
            return claim_steps.confirm_intent(claim=row, seen=_seen(request), by=asking(request))
        return claim_steps.pass_step(claim=row, to=to, seen=_seen(request), by=asking(request), reason=reason)

    return _deed(request, number, deed, _("办好了：{step}").format(step=claims.stage_titles(language()).get(to, to)))


@require_POST
def send_back(request: HttpRequest, number: int) -> HttpResponse:
    """Send it back to an earlier stage."""
    to = request.POST.get("to", "")
    return _deed(request, number, lambda row: claim_steps.send_back(claim=row, to=to, seen=_seen(request), reason=request.POST.get("reason", ""), by=asking(request)),
                 _("已退回：{step}").format(step=claims.stage_titles(language()).get(to, to)))


@require_POST
def enter(request: HttpRequest, number: int) -> HttpResponse:
    """Enter a piece of evidence; somebody else verifies it."""
    row = claim_of(request, number)
    form = PaperForm(request.POST, request.FILES, entries=office_entries(claims.view(asking(request), row)))
    kept = done(request, form, lambda: claim_papers.enter_paper(claim=row, entry=form.cleaned_data["entry"], paper=form.paper, by=asking(request)))
    if kept is None:
        return show(request, row, 422, form)
    messages.success(request, _("存好了，等另一个人核实"))
    return redirect("policies:claim", number)


@require_POST
def decide(request: HttpRequest, number: int, paper: int) -> HttpResponse:
    """Verify a piece, or reject it with the reason."""
    holds = request.POST.get("holds") == "1"
    version = request.POST.get("version", "")

    def deed(row: Claim) -> Any:
        piece = or_404(claims.paper(asking(request), row, paper))
        return claim_papers.decide_paper(claim=row, paper=piece, version=whole(version), holds=holds, reason=request.POST.get("reason", ""), by=asking(request))

    return _deed(request, number, deed, _("已核实") if holds else _("已驳回，企业交的会请它重交"))


@require_POST
def reveal(request: HttpRequest, number: int, paper: int) -> HttpResponse:
    """Show what is personal in full, once, with the reason kept; a file is sent."""
    row = claim_of(request, number)
    piece = or_404(claims.paper(asking(request), row, paper))
    refusal = refused(lambda: evidence.reveal(evidence=piece, reason=request.POST.get("reason", ""), by=asking(request)))
    if refusal is not None:
        return show(request, row, 409, error="；".join(refusal.texts(language())))
    return sent(piece.upload) if piece.upload else show(request, row, revealed=piece)


@require_GET
def paper_file(request: HttpRequest, number: int, paper: int) -> HttpResponse:
    """The file of a piece that is not personal."""
    row = claim_of(request, number)
    return sent(or_404(claims.file_of(asking(request), row, paper)))
