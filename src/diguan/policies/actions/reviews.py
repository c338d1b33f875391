"""Writes of reviews: what the current match finds of claims is opened and what no longer holds is closed; a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages.refusals import ChangedMeanwhile, no
from diguan.policies import queries
from diguan.policies.actions.life import said
from diguan.policies.models import Claim, ClaimReview, ReviewState
from diguan.policies.queries import reviews
from diguan.policies.queries.reviews import Finding

DECIDE = "policies.decide_review"
RUN = "policies.run_match"
DECISIONS = (ReviewState.KEPT, ReviewState.STOPPED, ReviewState.CLAWBACK)


class _Nothing(Exception):
    """There is nothing new; the transaction leaves no trace."""


def review(*, by: Person) -> int:
    """Hold the claims against the match pages speak from; it may be done again at any time and finds nothing twice.

    Returns:
        How many reviews were opened or closed.
    """
    run = queries.current_run()
    if run is None or not runs.intact(run) or not Claim.objects.exists():
        return 0
    found, alike = reviews.findings(run)
    try:
        open_reviews(run=run, found=found, alike=alike, by=by)
    except (_Nothing, IntegrityError):  # somebody else has found the same meanwhile
        return 0
    return len(found)


def review_due() -> int:
    """What the clock does: find what a match has changed of claims, in the name of whoever longest may run one."""
    try:
        return review(by=access.acting_person(None, RUN))
    except Refusal:
        return 0


@action(permission=RUN, event="reviews_opened")
def open_reviews(*, run: Run, found: Sequence[Finding], alike: Sequence[int], by: Person) -> Done[Run]:
    """Open what is new and close what no longer holds: one Event on the match, the claims related to it."""
    now = {one.claim.pk: one for one in found}
    rows = list(ClaimReview.objects.filter(claim__in=[*now, *alike]).select_related("claim"))
    lapsed = [row for row in rows if row.state == ReviewState.OPEN and (row.claim_id not in now or now[row.claim_id].key != row.finding)]
    again = [row for row in rows if row.state == ReviewState.LAPSED and row.claim_id in now and now[row.claim_id].key == row.finding]
    known = {(row.claim_id, row.finding) for row in rows}
    _turn(lapsed, ReviewState.LAPSED, by)
    _turn(again, ReviewState.OPEN, by)
    made = ClaimReview.objects.bulk_create([_row(one, by) for one in found if (one.claim.pk, one.key) not in known])
    if not (made or lapsed or again):
        raise _Nothing
    touched = {row.claim_id: row.claim for row in (*made, *lapsed, *again)}
    return Done(run, after={"run": run.run_id, "opened": len(made) + len(again), "lapsed": len(lapsed)}, related=list(touched.values()))


def _turn(rows: Sequence[ClaimReview], state: ReviewState, by: Person) -> None:
    """What no longer holds is closed; what holds again is open again, whatever was thought to be over."""
    before = ReviewState.OPEN if state == ReviewState.LAPSED else ReviewState.LAPSED
    ClaimReview.objects.filter(pk__in=[row.pk for row in rows], state=before).update(state=state, version=F("version") + 1, changed_at=clocks.now(), changed_by=by)


def _row(one: Finding, by: Person) -> ClaimReview:
    return ClaimReview(
        claim=one.claim, old_run=one.old, new_run=one.new, was_status=one.was[0], now_status=one.now[0], was_fen=one.was[1], now_fen=one.now[1],
        changed=list(one.changed), clauses=list(one.clauses), finding=one.key, paid=one.paid, owner_unit_id=one.claim.owner_unit_id, created_by=by, changed_by=by)


@action(permission=DECIDE, event="review_decided", on="review")
def decide_review(*, review: ClaimReview, version: int, decision: str, reason: str, by: Person) -> Done[ClaimReview]:
    """Say what follows: the claim is kept, is not paid, or its money is to be asked back. Its own officer does not decide.

    Raises:
        ChangedMeanwhile: somebody decided first, or the finding no longer holds.
        Refusal: ``no_way``, ``own_claim``, ``invalid`` without a reason.
    """
    words = said(reason)
    if decision not in DECISIONS or (decision == ReviewState.CLAWBACK) != (review.paid and decision != ReviewState.KEPT):
        raise no("no_way", "已拨付的只能维持或建议追回，没拨付的只能维持或不再兑现", "what is paid is kept or asked back; what is not is kept or not paid", "decision")
    if review.claim.officer_id == by.pk:
        raise no("own_claim", "这一件是您经办的，复核请另一个人来", "this claim is yours: somebody else decides on its review")
    now = clocks.now()
    values: dict[str, Any] = {"state": decision, "decided_by": by, "decided_at": now, "decision": words, "changed_by": by, "changed_at": now, "version": version + 1}
    with transaction.atomic():
        if not ClaimReview.objects.filter(pk=review.pk, version=version, state=ReviewState.OPEN).update(**values):
            review.refresh_from_db()
            raise ChangedMeanwhile(version, review.version, Message(str(ReviewState(review.state).label), review.state))
    review.refresh_from_db()
    return Done(review, before={"state": ReviewState.OPEN}, after={"state": decision, "claim": review.claim_id}, related=[review.claim])


def require_settled(claim: Claim) -> None:
    """Inside the transaction that orders a payment.

    Raises:
        Refusal: ``review_open``: a finding waits to be decided, or was decided against the claim.
    """
    words = reviews.bars(claim)
    if words is not None:
        raise Refusal("review_open", [words])
