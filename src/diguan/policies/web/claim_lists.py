"""Pages of a whole list of claims: confirm, put up, found unobjected; the outcome claim by claim; and the public notice, made to be printed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access
from diguan.kernel.evidence.models import EvidenceState
from diguan.kernel.forms import done
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, frame_of, language, or_404
from diguan.policies import queries
from diguan.policies.actions import claim_lists
from diguan.policies.actions.claim_lists import Outcome
from diguan.policies.models import Claim
from diguan.policies.queries import claims
from diguan.policies.queries.claims import HANDLE, Ready
from diguan.policies.web import claim_words as words
from diguan.policies.web.claim_forms import NoticeForm
from diguan.policies.web.claims import of_office

STEPS = {claims.CONFIRMED: (gettext_lazy("确认名单"), gettext_lazy("确认选中的"), gettext_lazy("由开兑现以外的人确认。确认之后可以公示。")),
         claims.PUBLICISED: (gettext_lazy("公示名单"), gettext_lazy("公示选中的"), gettext_lazy("先打印公示页盖章，由一人上传，再由另一人核实并公示。")),
         claims.UNOBJECTED: (gettext_lazy("公示期满"), gettext_lazy("选中的没有异议"), gettext_lazy("公示期满、没有异议的，转给企业确认意愿和账户。"))}


def step(request: HttpRequest, policy_id: str, step: str) -> HttpResponse:
    """A step of the whole list: who stands before it; sent, what became of each."""
    of_office(request)
    access.require(asking(request), HANDLE)
    if step not in STEPS:
        raise Http404
    return _sent(request, policy_id, step) if request.method == "POST" else _page(request, policy_id, step)


def _sent(request: HttpRequest, policy_id: str, step: str) -> HttpResponse:
    try:
        found = claim_lists.pass_list(to=step, seen=claim_lists.chosen(request.POST.getlist("claim")), by=asking(request))
    except Forbidden:
        raise
    except Refusal as refusal:
        return _page(request, policy_id, step, 422, error="；".join(refusal.texts(language())))
    return _page(request, policy_id, step, outcome=found)


@require_POST
def notice(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Enter the stamped page of the publicity for every confirmed claim; another officer puts it up."""
    of_office(request)
    access.require(asking(request), HANDLE)
    form = NoticeForm(request.POST, request.FILES)
    rows = claims.at_stage(claims.claims_of(asking(request), policy_id), claims.CONFIRMED)
    waiting = claims.waiting_papers(rows)
    wanted = [row.pk for row in rows if not any(paper.entry == claims.NOTICE for paper in waiting.get(row.pk, ()))]
    found = done(request, form, lambda: claim_lists.put_up_notice(claims_seen=wanted, paper=form.paper, by=asking(request)))
    if found is None:
        return _page(request, policy_id, claims.PUBLICISED, 422, form=form)
    messages.success(request, _("公示页已存到 {n} 户，请另一个人核实并公示").format(n=len(found.passed)))
    return redirect("policies:claim_step", policy_id, claims.PUBLICISED)


def _page(request: HttpRequest, policy_id: str, step: str, status: int = 200, *, error: str = "", outcome: Outcome | None = None, form: NoticeForm | None = None) -> HttpResponse:
    person = asking(request)
    ready = claims.ready_for(person, policy_id, step)
    title, button, hint = STEPS[step]
    waiting = claims.waiting_papers([one.claim for one in ready]) if step == claims.PUBLICISED else {}
    context = {
        "policy_id": policy_id, "title": title, "button": button, "hint": hint, "policy_title": words.policy_title(policy_id), "step": step, "error": error,
        "lines": [_line(one, waiting, person.pk) for one in ready], "most": claim_lists.MOST, "publicising": step == claims.PUBLICISED, "form": form or NoticeForm(),
        "unnoticed": sum(not waiting.get(one.claim.pk) for one in ready) if step == claims.PUBLICISED else 0,
        "total_fen": sum(one.claim.amount_fen for one in ready), "outcome": _told(outcome) if outcome else None}
    return render(request, "policies/claim_step.html", context, status=status)


def _line(one: Ready, waiting: Any, person: int) -> dict[str, Any]:
    """One claim before the step. A notice that waits to be verified is verified by putting it up, unless it is one's own."""
    notices = [paper for paper in waiting.get(one.claim.pk, ()) if paper.entry == claims.NOTICE and paper.state == EvidenceState.ENTERED]
    covered = bool(notices) and notices[-1].entered_by_id != person
    missing = [item for item in one.missing or () if not (covered and item.id == claims.NOTICE)]
    return {"claim": one.claim, "value": f"{one.claim.pk}:{one.seen}", "judged": one.missing is not None, "missing": [words.item_line(item) for item in missing],
            "notice": notices[-1] if notices else None}


def _told(outcome: Outcome) -> dict[str, Any]:
    def why(row: Claim, reasons: Any) -> dict[str, Any]:
        return {"claim": row, "why": "；".join(reason.text(language()) for reason in reasons)}
    return {"passed": len(outcome.passed), "refused": [why(*each) for each in outcome.refused]}


@require_GET
def publicity(request: HttpRequest, policy_id: str) -> HttpResponse:
    """The public notice: who, how much, until when to object and with whom; made to be printed and stamped."""
    person = asking(request)
    policy, agent = or_404(queries.library().policies.get(policy_id)), bool(access.usccs_of(person))
    found = claims.publicity(person, policy_id)
    if found is None or (agent and not policy.publishable):
        raise Http404
    own = access.usccs_of(person)
    lines = [{"claim": row, "name": row.enterprise.name, "uscc": words.hidden(row.enterprise.uscc), "town": row.enterprise.town, "own": row.enterprise.uscc in own} for row in found.rows]
    return render(request, "policies/publicity.html", {"frame": frame_of(person), "policy": policy, "title": policy.label(language()), "found": found, "lines": lines, "agent": agent,
                                                       "how": found.derivation.text(language()) if found.derivation else "", "may_object": agent and not found.draft})
