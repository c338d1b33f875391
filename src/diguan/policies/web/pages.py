"""Pages of policies: the list, one policy with its clauses and lists, one enterprise's answer, runs. Each asks its right first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.enterprises import queries as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, jobs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.requests.queries import ASK, asked_of
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import MEASURES
from diguan.kernel.shell import asking, or_404
from diguan.policies import actions, queries
from diguan.policies.actions import allocation as allocating
from diguan.policies.actions import life as living
from diguan.policies.queries import (
    ENTITLED,
    NEAR,
    NOT,
    UNKNOWN,
    Entitlements,
    Standing,
    allocations,
    drafts,
    life_view,
    members,
)
from diguan.policies.queries import differences as moves
from diguan.policies.queries.questions import EVALUATE
from diguan.policies.queries.simulations import SIMULATE
from diguan.policies.web import asks, differences, life_shown, lists, own_claims, reach, shown

FEW = 3
SHOWN_RUNS = 50
RUN_VIEW = "facts.view_run"
CLAIMS = "policies.view_claim"


def policy_of(request: HttpRequest, policy_id: str) -> Standing:
    """The policy of this address as it stands.

    Raises:
        Forbidden: the person may not see the county's policies. Http404: there is none of that id.
    """
    return or_404(queries.standing(asking(request), policy_id))


# ── policies ─────────────────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every policy in use with its totals, and what could not be used and why."""
    person = asking(request)
    found = queries.standings(person)
    lines = [shown.head(person, standing) for standing in found]
    context = {"lines": lines, "run": found[0].run if found else None, "definitions": [figure for _name, _label, figure in lines[0]["cells"]] if lines else [],
               "problems": [{"where": problem.where, "words": problem.message.text(shown.language())} for problem in queries.library().problems]}
    return render(request, "policies/list.html", {**context, **_buttons(person)})


@require_GET
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Source text beside the machine's reading, the funnel, the money, and the heads of the three lists."""
    person, standing = asking(request), policy_of(request, policy_id)
    page = shown.head(person, standing)
    page |= {"paragraphs": shown.text(standing.policy), "clauses": shown.clauses(standing), "money": shown.spending(page)}
    may_see = access.may(person, queries.ENTITLEMENT)
    heads = lists.heads(person, standing, FEW) if may_see and page["counted"] else {}
    groups = [{"name": name, "kind": shown.GROUPS[name][0], "label": label, "figure": figure, "definition": figure.measure.definition, "lines": heads[name]}
              for name, label, figure in page["cells"] if name in heads]
    return render(request, "policies/policy.html", {"page": page, "policy": standing.policy, "run": standing.run, "groups": groups, "reach": reach.funnel(person, standing), "allocation": _allocation(person, standing), **_life(person, policy_id),
                                                       "unpublishable": "；".join(reason.text(shown.language()) for reason in standing.policy.unpublishable), **_buttons(person)})


def _life(person: Person, policy_id: str) -> dict[str, Any]:
    """The policy's way so far, for who may see it; or that it has none and may be begun."""
    found = life_view.of_policy(person, policy_id) if access.may(person, life_view.VIEW) else None  # who sees this page is of an office
    return {"life": life_shown.brief(found) if found else None, "may_begin": access.may(person, living.BEGIN)}


def _allocation(person: Person, standing: Standing) -> Run | None:
    """The newest allocation of the match the page speaks from, where this policy took part."""
    found = allocations.made_of(person, standing.run) if standing.run else []
    return next((run for run in found if standing.policy.id in allocations.totals_of(run)), None)


@require_GET
def group(request: HttpRequest, policy_id: str, group: str) -> HttpResponse:
    """One list of a policy; the unknown are headed by which facts to ask for first."""
    person, standing = asking(request), policy_of(request, policy_id)
    if (members.dropped_at(group) or 0) >= len(standing.policy.clauses):
        raise Http404
    page = shown.head(person, standing)
    tabs = [(name, label, lists.address(standing, name), figure.num) for name, label, figure in page["cells"]]
    listed = lists.page(person, standing, group, export=request.GET.get("export") in ("xlsx", "csv"))
    return listed.show(request, policy=standing.policy, head=page, tabs=tabs, group=group, run=standing.run,
                       definition=lists.definition(standing, group),
                       asks=lists.asked(standing) if group == UNKNOWN else [], may_ask=group == UNKNOWN and access.may(person, ASK))


def ask(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Ask the bureaus and the enterprises for what would decide the undecided: first what will happen, then the deed."""
    standing = policy_of(request, policy_id)
    return asks.send(request, standing) if request.method == "POST" else asks.preview(request, standing)


@require_GET
def reached(request: HttpRequest, policy_id: str, stage: str) -> HttpResponse:
    """The enterprises at one stage of being reached."""
    standing = policy_of(request, policy_id)
    listed = reach.page(asking(request), standing, stage, export=request.GET.get("export") in ("xlsx", "csv"))
    return listed.show(request, policy=standing.policy, policy_title=standing.policy.label(shown.language()), run=standing.run,
                       definition=MEASURES[f"policies.{stage}"].definition)


# ── one enterprise ───────────────────────────────────────────────────────────
def _own(request: HttpRequest) -> list[Enterprise]:
    access.require(asking(request), queries.ENTITLEMENT)
    return list(queries.own_enterprises(asking(request)))


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """我能享受什么: what an enterprise has now, what it is one step short of, what it could tell us."""
    own = _own(request)
    if not own:
        return redirect("policies:list")
    wanted = request.GET.get("uscc", own[0].uscc)
    row = or_404(next((each for each in own if each.uscc == wanted), None))
    found, news = queries.entitlements(asking(request), row), differences.rail(asking(request), row)
    waiting, answers = asked_of(asking(request), row.uscc), _answers(found)
    claimed = own_claims.by_policy(asking(request), row)
    answers["items"] = [{**item, "claim": claimed.get(item["policy"].id)} for item in answers["items"]]
    return render(request, "policies/mine.html", {
        "enterprise": row, "others": own if len(own) > 1 else [], "news": news, "waiting": len(waiting), "due": waiting[0].request.due if waiting else None,
        "late": bool(waiting) and waiting[0].request.overdue, "answer_url": asks.answer_url(asking(request), row.uscc, found.items), **answers})


def _answers(found: Entitlements) -> dict[str, Any]:
    """What one enterprise has, by groups: the cards, the rest, the sum."""
    order = {ENTITLED: 0, NEAR: 1, UNKNOWN: 2, NOT: 3}
    items = sorted(found.items, key=lambda item: (order[item.group], -(item.amount_fen or 0), item.policy.id))
    offered = [item for item in items if item.group in (ENTITLED, UNKNOWN) or item.within_reach]
    entitled = [item.policy for item in items if item.group == ENTITLED]
    return {"found": found, "run": found.run, "items": [{**shown.answer(item), "not_with": shown.not_with(item, entitled)} for item in offered],
            "rest": [shown.answer(item) for item in items if item not in offered], "sum": shown.sum_of(items)}


@require_GET
def explanation(request: HttpRequest, policy_id: str, uscc: str) -> HttpResponse:
    """One enterprise under one policy, clause by clause, each with the quoted words and who told its facts."""
    person = asking(request)
    row, document = register.enterprise(person, uscc), queries.library().policies.get(policy_id)
    if row is None or document is None:
        raise Http404
    found = queries.entitlements(person, row)
    item = found.of(policy_id)
    staff = queries.sees_county(person)
    context: dict[str, Any] = {"enterprise": row, "policy": document, "paragraphs": shown.text(document), "title": document.label(shown.language()), "found": found, "run": found.run,
                               "staff": staff, "shell": "kernel/staff.html" if staff else "kernel/public.html"}
    if not staff and not queries.shown_to_firms(document):
        raise Http404
    if item is not None:
        context |= {"may_ask": staff and item.group == UNKNOWN and access.may(person, ASK), "answer_url": asks.answer_url(person, uscc, [item]),
                    "self_reported": shown.self_reported(item)}
        context |= own_claims.beside(person, row, item)
        context |= {"may_see_facts": access.may(person, "facts.view_fact"), "item": shown.answer(item), "clauses": shown.findings(item), "counted": shown.counted(item), "asks": shown.missing(item)}
    return render(request, "policies/explanation.html", context)


def panel(person: Person, row: Enterprise) -> dict[str, Any] | None:
    """The entitlements of one enterprise on its dossier; nothing for who may not see them."""
    if not access.may(person, queries.ENTITLEMENT, row):
        return None
    found = queries.entitlements(person, row)
    return {**_answers(found), "uscc": row.uscc, "compared": len(found.items)}


# ── runs ─────────────────────────────────────────────────────────────────────
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """The matches, newest first, and the ones that are being computed."""
    person = asking(request)
    access.require(person, RUN_VIEW)
    found = runs.visible(person).filter(kind=queries.KIND)[:SHOWN_RUNS]
    going = jobs.going(actions.JOB)
    answer = render(request, "policies/runs.html", {"runs": [(run, runs.intact(run)) for run in found], "jobs": going, "current": queries.current_run(), **_buttons(person)})
    if going:
        answer.headers["Refresh"] = "3"
    return answer


def run_of(request: HttpRequest, run_id: str) -> Run:
    """The match of this address.

    Raises:
        Http404: there is none for this person, or its files are lost or damaged.
    """
    access.require(asking(request), RUN_VIEW)
    row = runs.visible(asking(request)).filter(kind=queries.KIND, run_id=run_id).first()
    if row is None or not runs.intact(row):
        raise Http404
    return row


@require_GET
def changes(request: HttpRequest, run_id: str, old_id: str) -> HttpResponse:
    """Who moved between two matches, and what moved them."""
    row, old = run_of(request, run_id), run_of(request, old_id)
    return differences.page(old, row).show(request, run=row, old=old)


@require_GET
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One match: its totals and everything it was computed from."""
    row = run_of(request, run_id)
    library = queries.library().policies
    county = queries.sees_county(asking(request))
    lines = [{"id": name, "title": library[name].label(shown.language()) if name in library else name, "known": name in library, "totals": totals,
              "reused": row.inputs.get("reused", {}).get(name, "")}
             for name, totals in sorted(queries.totals_of(row).items()) if county]
    return render(request, "policies/run.html", {"run": row, "lines": lines, "told": lists.told(row),
                                                     "old": moves.before(asking(request), row), "allocations": allocations.made_of(asking(request), row), "kept": allocations.recent(asking(request)),
                                                     "allocating": len(jobs.going(allocating.JOB)), "may_allocate": access.may(asking(request), allocating.ALLOCATE),
                                                     "may_list": access.may(asking(request), queries.ENTITLEMENT)})


@require_POST
def start_run(request: HttpRequest) -> HttpResponse:
    """Ask for a match; it is computed in the background."""
    actions.ask_match(by=asking(request))
    messages.success(request, _("已排上队，算好会显示在这里"))
    return redirect("policies:runs")


def _buttons(person: Person) -> dict[str, bool]:
    return {"may_run": access.may(person, actions.RUN), "may_see_runs": access.may(person, RUN_VIEW), "may_export": access.may(person, queries.EXPORT),
            "may_list": access.may(person, queries.ENTITLEMENT), "may_simulate": access.may(person, SIMULATE), "may_claims": access.may(person, CLAIMS), "may_evaluate": access.may(person, EVALUATE),
            "may_see_drafts": access.may(person, drafts.VIEW), "may_draft": access.may(person, drafts.WRITE)}
