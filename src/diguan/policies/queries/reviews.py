"""Claims that the current match judges differently from the match they rest on: what is found, what waits to be decided, what it bars."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from django.db.models import OuterRef, QuerySet, Subquery

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.rules import differences, runfile, scalar, tree
from diguan.kernel.rules.differences import Change, Told
from diguan.kernel.rules.tree import Policy
from diguan.kernel.stages.models import Task
from diguan.policies import queries
from diguan.policies.models import Claim, ClaimReview, ReviewState

VIEW = "policies.view_review"
PAID = ("paid", "clawback")
"""Stages of a claim whose money has gone out."""
OVER = ("refused", "under_review", "refusal_upheld", "clawed_back")
"""Stages of a claim with no money in the firm's hands and none to come: nothing is left to review."""
Judged = tuple[int, int | None]


@dataclass(frozen=True)
class Finding:
    """One claim, how it was judged and how it is now, and what changed. ``key`` is the digest of what was found."""

    claim: Claim
    old: str
    new: str
    was: Judged
    now: Judged
    changed: tuple[dict[str, Any], ...]
    clauses: tuple[str, ...]
    paid: bool

    @property
    def key(self) -> str:
        """Of the same status, amount and told values it is the same finding, in whatever later match."""
        said = json.dumps([self.now, [(one["fact"], one["period"], one["after"]) for one in self.changed]], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


# ── what is found ────────────────────────────────────────────────────────────
def findings(run: Run) -> tuple[list[Finding], list[int]]:
    """What the current match finds of claims made on others, and the claims it judges as they rest. It asks no right: its callers do.

    A claim keeps the text it was made by: where the policy's text is another now, only a fact that is told differently is a finding.
    """
    found, alike = [], []
    by_run: dict[str, list[Claim]] = {}
    for claim in _living():
        by_run.setdefault(claim.match, []).append(claim)
    kept = Run.objects.filter(kind=queries.KIND).in_bulk(sorted(by_run), field_name="run_id")
    for name, rows in by_run.items():
        old, claims = kept.get(name), [claim for claim in rows if claim.policy in run.inputs["policies"]]
        if not claims or name == run.run_id:
            continue
        news = list(_between(old, run, claims) if old is not None and runs.intact(old) else _blind(run, claims))
        found += news
        alike += [claim.pk for claim in claims if claim.pk not in {one.claim.pk for one in news}]
    alike += [claim.pk for claim in by_run.get(run.run_id, ())]
    return found, alike


def _living() -> Iterable[Claim]:
    """Every claim that may still cost money or has cost it, by number, with the stage it is ``at``."""
    last = Task.objects.filter(course=OuterRef("course")).order_by("-id").values("key")[:1]
    rows = Claim.objects.filter(course__isnull=False).exclude(course__status="withdrawn").annotate(at=Subquery(last)).exclude(at__in=OVER)
    return rows.select_related("enterprise", "course").order_by("id")


def _between(old: Run, new: Run, claims: Sequence[Claim]) -> Iterator[Finding]:
    was, now = _judged(old, claims), _judged(new, claims)
    moved = [claim for claim in claims if was.get(_pair(claim)) != now.get(_pair(claim))]
    told = {run.pk: _facts(run, moved) for run in (old, new)} if moved else {}
    for claim in moved:
        policy = queries.library().policies.get(claim.policy)
        changed, clauses = _what(policy, claim, old, new, told) if policy else ((), ())
        if changed or claim.policy_version == new.inputs["policies"].get(claim.policy):
            yield Finding(claim, old.run_id, new.run_id, was.get(_pair(claim), (tree.INELIGIBLE, None)), now.get(_pair(claim), (tree.INELIGIBLE, None)),
                          changed, clauses, _is_paid(claim))


def _blind(new: Run, claims: Sequence[Claim]) -> Iterator[Finding]:
    """What can be told where the match a claim rests on is lost: who was entitled then and is not now."""
    now = _judged(new, claims)
    for claim in claims:
        found = now.get(_pair(claim), (tree.INELIGIBLE, None))
        if found[0] != tree.ELIGIBLE and claim.policy_version == new.inputs["policies"].get(claim.policy):
            yield Finding(claim, claim.match, new.run_id, (tree.ELIGIBLE, claim.amount_fen), found, (), (), _is_paid(claim))


def _is_paid(claim: Claim) -> bool:
    """Whether its money has gone out: by the stage it is at, so that what a bank returned is not paid."""
    return getattr(claim, "at", "") in PAID


def _pair(claim: Claim) -> tuple[str, str]:
    return (claim.policy, claim.enterprise.uscc)


def _judged(run: Run, claims: Sequence[Claim]) -> Mapping[tuple[str, str], Judged]:
    names, codes = {claim.policy for claim in claims}, {claim.enterprise.uscc for claim in claims}
    table = pq.read_table(run.folder / runfile.FILES[0], columns=["policy_id", "enterprise_id", "status", "amount_fen"],
                          filters=[("policy_id", "in", names), ("enterprise_id", "in", codes)])
    return {(name, uscc): (status, fen) for name, uscc, status, fen in zip(*(column.to_pylist() for column in table.columns), strict=True)}


def _facts(run: Run, claims: Sequence[Claim]) -> Mapping[str, scalar.SubjectFacts]:
    codes = sorted({claim.enterprise.uscc for claim in claims})
    data = queries.seen(run, codes)
    return {uscc: data.subject_facts(uscc) for uscc in codes if data.number_of(uscc) is not None}


def _what(policy: Policy, claim: Claim, old: Run, new: Run, told: Mapping[int, Mapping[str, scalar.SubjectFacts]]) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """The facts the policy reads that are told differently, and the clauses that turned; none of a firm one of the runs had not heard of."""
    uscc = claim.enterprise.uscc
    before, after = told[old.pk].get(uscc), told[new.pk].get(uscc)
    if before is None or after is None:
        return (), ()
    changed = tuple(_row(change) for change in differences.changes(policy, before, after))
    verdicts = scalar.judge(policy, before, old.as_of), scalar.judge(policy, after, new.as_of)
    turned = tuple(clause.id for clause, one, other in zip(policy.clauses, *(verdict.findings for verdict in verdicts), strict=True) if one.verdict != other.verdict)
    return changed, turned


def _row(change: Change) -> dict[str, Any]:
    return {"fact": change.fact.name, "period": change.period, "kind": change.kind, "before": _told(change.before), "after": _told(change.after)}


def _told(said: Told) -> dict[str, Any]:
    return {"state": said.state, "value": said.value if said.value is None or isinstance(said.value, int) else str(said.value)}


# ── what was found ───────────────────────────────────────────────────────────
def visible_reviews(person: Person) -> QuerySet[ClaimReview]:
    """The reviews a person may see, the open first, then the newest."""
    rows = access.visible(ClaimReview.objects.all(), person, VIEW)
    return rows.select_related("claim__enterprise", "claim__course", "decided_by").order_by("state", "-id")


def reviews_of(person: Person, claim: Claim) -> list[ClaimReview]:
    """What was found of one claim, newest first, as far as the person may see it."""
    return list(visible_reviews(person).filter(claim=claim).order_by("-id"))


def open_review(claim: Claim) -> ClaimReview | None:
    """The finding of a claim that waits to be decided; nothing of it is ordered until then."""
    return ClaimReview.objects.filter(claim=claim, state=ReviewState.OPEN).first()


def bars(claim: Claim) -> Message | None:
    """Why a claim may not be ordered; None where its findings are decided in its favour or there are none.

    Whoever orders payments asks this besides ``life.barred_claim``.
    """
    return bars_of([claim]).get(claim.pk)


def bars_of(claims: Sequence[Claim]) -> Mapping[int, Message]:
    """As :func:`bars`, of many in one question, by primary key; those that nothing bars are left out."""
    states: dict[int, set[str]] = {}
    for part in chunks([claim.pk for claim in claims]):
        for number, state in ClaimReview.objects.filter(claim__in=part, state__in=_BARRING).values_list("claim_id", "state"):
            states.setdefault(number, set()).add(state)
    return {number: _WAITS if ReviewState.OPEN in found else _DECIDED for number, found in states.items()}


_BARRING = (ReviewState.OPEN, ReviewState.STOPPED, ReviewState.CLAWBACK)
_WAITS = Message("这一件的事实有变，正等复核，决定之前不能付款", "the facts of this claim have changed; nothing is ordered until the review is decided")
_DECIDED = Message("复核决定不再兑现", "it was decided on review that this claim is not paid")
