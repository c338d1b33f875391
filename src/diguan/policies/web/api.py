"""Routes of policies and entitlements: what their pages show, to whom the pages show it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from diguan.enterprises import queries as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.problems import READS, refuse
from diguan.kernel.api.versions import told
from diguan.kernel.rules import explain, tree
from diguan.kernel.shell import asking, language, or_404
from diguan.policies import queries
from diguan.policies.queries import Judged, Standing, members
from diguan.policies.queries.members import Line
from diguan.policies.web import shown
from diguan.policies.web.pages import policy_of

router = Router(tags=["policies"])


# ── policies ─────────────────────────────────────────────────────────────────
class TotalsOut(Schema):
    """One policy over all enterprises in a run. ``high_fen`` is null while an amount cannot be worked out."""

    id: str
    version: str
    eligible: int
    near_miss: int
    unknown: int
    ineligible: int
    amount_fen: int
    amount_unknown: int
    high_fen: int | None


class PolicyOut(Schema):
    """A policy as it stands in the current run; ``totals`` is null where no run knows it. ``changed``: its text is newer than the run."""

    id: str
    version: str
    title: dict[str, str]
    issuer: str
    document: str
    delivery: str
    in_force_from: dt.date
    in_force_to: dt.date | None
    publishable: bool
    budget_fen: int | None
    run: str | None
    changed: bool
    totals: TotalsOut | None


class PolicyPage(Schema):
    items: list[PolicyOut]
    next: str | None


class CiteOut(Schema):
    article: str
    quote: str


class ClauseOut(Schema):
    """A clause: the machine's reading in words, the quoted words it stands on, the facts it reads."""

    id: str
    reading: str
    cite: CiteOut
    facts: list[str]


class PolicyWhole(PolicyOut):
    """The document: its text and the machine's clauses; ``asks`` are the facts that would decide most of the undecided."""

    text: str
    legal_basis: str
    exclusive_with: list[str]
    unpublishable: list[str]
    clauses: list[ClauseOut]
    asks: dict[str, int]


def totals_out(totals: Any) -> TotalsOut:
    open_ = totals.amount_unknown + totals.undecided_amount_unknown
    return TotalsOut(**{name: getattr(totals, name) for name in ("id", "version", "eligible", "near_miss", "unknown", "ineligible", "amount_fen", "amount_unknown")},
                     high_fen=None if open_ else totals.high_fen)


def _policy(standing: Standing) -> dict[str, Any]:
    policy = standing.policy
    return {"id": policy.id, "version": policy.version, "title": dict(policy.title), "issuer": policy.issuer, "document": policy.origin.document,
            "delivery": policy.delivery, "in_force_from": policy.in_force_from, "in_force_to": policy.in_force_to, "publishable": policy.publishable,
            "budget_fen": policy.budget.amount_fen if policy.budget else None, "run": standing.run.run_id if standing.run else None,
            "changed": standing.changed, "totals": totals_out(standing.totals) if standing.totals else None}


def _clause(clause: tree.Clause) -> ClauseOut:
    facts = [fact.name for source in tree.sources_of(clause.condition) for fact in source.facts]
    return ClauseOut(id=clause.id, reading=shown.reading(clause), cite=CiteOut(article=clause.cite.article, quote=clause.cite.quote), facts=list(dict.fromkeys(facts)))


@router.get("/policies", response={200: PolicyPage, **READS}, url_name="policies")
def list_policies(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """Every policy in use with its totals in the current run; for officials."""
    part = paging.of_list(queries.standings(asking(request)), lambda standing: (standing.policy.id,), asked)
    return told(PolicyPage(items=[PolicyOut(**_policy(standing)) for standing in part.rows], next=part.next))


@router.get("/policies/{policy_id}", response={200: PolicyWhole, **READS}, url_name="policy")
def one_policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """One policy: its text, its clauses, its totals."""
    standing = policy_of(request, policy_id)
    policy = standing.policy
    asks = dict(members.asks(standing)) if access.may(asking(request), queries.ENTITLEMENT) else {}
    return told(PolicyWhole(**_policy(standing), text=policy.text, legal_basis=policy.legal_basis, exclusive_with=list(policy.exclusive_with), asks=asks,
                            unpublishable=[reason.text(language()) for reason in policy.unpublishable], clauses=[_clause(clause) for clause in policy.clauses]))


# ── the lists of a policy ────────────────────────────────────────────────────
class PolicyRow(Schema):
    """One enterprise in a list. One step short: the missed ``clause`` with its ``gap`` in ``unit``, and the amount once it is made.

    Undecided: ``ask`` are the fewest facts that could settle it. ``amount_fen`` is null where it cannot be told.
    """

    uscc: str
    name: str
    town: str | None
    cluster: str | None
    amount_fen: int | None
    clause: str | None
    gap: int | float | None
    unit: str | None
    ask: list[str]


class PolicyRowPage(Schema):
    run: str | None
    as_of: dt.date | None
    items: list[PolicyRow]
    next: str | None


def _row(line: Line) -> PolicyRow:
    judged = line.judged
    missed = explain.explain(judged.policy, judged.facts, judged.as_of)["clauses"][judged.missed] if judged and judged.missed is not None else {}
    return PolicyRow(uscc=line.enterprise.uscc, name=line.enterprise.name, town=line.enterprise.town or None, cluster=line.enterprise.cluster or None,
                  amount_fen=judged.amount_fen if judged else line.amount_fen, clause=missed.get("id"), gap=missed.get("gap"), unit=missed.get("unit"),
                  ask=judged.ask if judged and judged.group == queries.UNKNOWN else [])


@router.get("/policies/{policy_id}/rows/{group}", response={200: PolicyRowPage, **READS}, url_name="policy_rows")
def policy_rows(request: HttpRequest, policy_id: str, group: Literal["entitled", "near", "unknown"], asked: Query[paging.Paging]) -> HttpResponse:
    """Who is entitled, one step short, or short of information, by name, in the current run; pages of two runs are never mixed (409 ``moved_on``)."""
    person, standing = asking(request), policy_of(request, policy_id)
    access.require(person, queries.ENTITLEMENT)
    run = standing.run.run_id if standing.run else ""
    part = paging.of_list(members.lines(person, standing, group), _place, asked, of=run)
    return told(PolicyRowPage(run=run or None, as_of=standing.as_of, items=[_row(line) for line in members.filled(standing, part.rows)], next=part.next))


def _place(line: Line) -> paging.Values:
    return (line.enterprise.name_key, line.enterprise.pk)


# ── one enterprise ───────────────────────────────────────────────────────────
class EntitlementOut(Schema):
    """One policy over one enterprise. ``group``: entitled, near, unknown or not."""

    policy: str
    version: str
    title: dict[str, str]
    group: str
    amount_fen: int | None
    ask: list[str]


class EntitlementsOut(Schema):
    """``known`` is false for an enterprise the run had not heard of yet."""

    uscc: str
    run: str | None
    as_of: dt.date | None
    known: bool
    items: list[EntitlementOut]


class VerdictOut(Schema):
    """One clause: what was seen, what was asked, how far apart, in ``unit`` (money in fen 分, ratios in basis points 基点)."""

    id: str
    verdict: str
    observed: Any = None
    threshold: Any = None
    gap: int | float | None
    unit: str | None
    cite: CiteOut
    source: list[str]


class ExplanationOut(Schema):
    """As ``diguan explain --json``."""

    policy: str
    as_of: dt.date
    status: str
    amount_fen: int | None
    amount_unknown: bool
    clauses: list[VerdictOut]
    ask: list[str]


def enterprise_of(request: HttpRequest, uscc: str) -> Enterprise:
    access.require(asking(request), queries.ENTITLEMENT)
    return or_404(register.enterprise(asking(request), uscc))


def _entitlement(judged: Judged) -> EntitlementOut:
    return EntitlementOut(policy=judged.policy.id, version=judged.policy.version, title=dict(judged.policy.title), group=judged.group,
                          amount_fen=None if judged.group == queries.NOT else judged.amount_fen, ask=judged.ask if judged.group == queries.UNKNOWN else [])


@router.get("/enterprises/{uscc}/entitlements", response={200: EntitlementsOut, **READS}, url_name="entitlements")
def list_entitlements(request: HttpRequest, uscc: str) -> HttpResponse:
    """What one enterprise has by every policy in force in the current run."""
    row = enterprise_of(request, uscc)
    found = queries.entitlements(asking(request), row)
    return told(EntitlementsOut(uscc=row.uscc, run=found.run.run_id if found.run else None, as_of=found.run.as_of if found.run else None, known=found.known,
                                items=[_entitlement(item) for item in found.items]))


@router.get("/enterprises/{uscc}/entitlements/{policy_id}", response={200: ExplanationOut, **READS}, url_name="explanation")
def explain_entitlement(request: HttpRequest, uscc: str, policy_id: str) -> HttpResponse:
    """One enterprise under one policy, clause by clause."""
    person, row = asking(request), enterprise_of(request, uscc)
    document = queries.library().policies.get(policy_id)
    if document is None or not (queries.sees_county(person) or queries.shown_to_firms(document)):
        raise Http404
    item = queries.entitlements(person, row).of(policy_id)
    if item is None:
        refuse("not_judged", "当前这次比对没有判过这家企业和这份政策", "the current match has not judged this enterprise under this policy")
    return told(ExplanationOut(**explain.explain(item.policy, item.facts, item.as_of)))
