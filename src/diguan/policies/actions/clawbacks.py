"""Clawback: a leader decides on a decision on paper, never more than was paid; repayments are booked until all is back."""

from __future__ import annotations

import unicodedata

from diguan.kernel import clocks, money
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course
from diguan.policies.actions import entries
from diguan.policies.actions.entries import CLAWBACK, PAID, no, said
from diguan.policies.actions.results import RECORD
from diguan.policies.models import CLAIM, Claim, EntryKind, LedgerEntry
from diguan.policies.queries import ledgers

CLAW_BACK = "policies.claw_back"
DECISION, RETURN = "clawback_decision", "return_voucher"


@action(permission=CLAW_BACK, event="clawback_demanded", on="claim")
def demand_back(*, claim: Claim, fen: int, decision: Evidence, reason: str, by: Person) -> Done[LedgerEntry]:
    """Decide that so much is to come back. The decision was entered by somebody else; what waits is verified by this.

    Raises:
        Refusal: ``wrong_stage``, ``invalid`` (field named), ``own_evidence``, ``booked_already``, ``gate_closed``, or no reason.
    """
    words = said(reason)
    row = _queue(claim)
    told = ledgers.sums_of([row.pk])[row.pk]
    _check_paper(row, decision, DECISION, by)
    if not 0 < fen <= told.net - told.demanded:
        raise no("invalid", f"最多追回已拨付的 {money.exact(told.net - told.demanded)} 元", f"at most the {money.exact(told.net - told.demanded)} yuan paid can be demanded back", "fen")
    task = stages.current(Course(pk=row.course_id)) if row.course_id else None
    if task is None or task.key not in (PAID, CLAWBACK):
        raise no("wrong_stage", "已拨付的才能追回；还没付清的，收回付款通知", "only what is paid is clawed back; recall the order of what is not")
    entries.verify(decision, by)
    entry = entries.post(EntryKind.DEMANDED, row, fen, f"demanded:{row.pk}:{_number(decision)}", by, voucher=decision, verified_by=by, entered_by=decision.entered_by_id, reason=words)
    if task.key == PAID:
        entries.move_on(task, CLAWBACK, by, row.enterprise.name)
    return Done(entry, after={"claim": row.pk, "fen": fen, "decision": decision.number}, related=[row, decision])


@action(permission=RECORD, event="repayment_booked", on="claim")
def book_repayment(*, claim: Claim, fen: int, voucher: Evidence, by: Person, reason: str = "") -> Done[LedgerEntry]:
    """Book money that came back, in whole or in part; when all that was demanded is back the claim is clawed back.

    Raises:
        Refusal: ``invalid`` (field named), ``own_evidence``, ``booked_already``, ``gate_closed``.
    """
    row = _queue(claim)
    told = ledgers.sums_of([row.pk])[row.pk]
    _check_paper(row, voucher, RETURN, by)
    if not 0 < fen <= told.owed:
        raise no("invalid", f"还要退缴 {money.exact(told.owed)} 元，不能登记 {money.exact(fen)} 元", f"{money.exact(told.owed)} yuan are owed, not {money.exact(fen)}", "fen")
    entries.verify(voucher, by)
    entry = entries.post(EntryKind.REPAID, row, fen, f"repaid:{row.pk}:{_number(voucher)}", by, voucher=voucher, verified_by=by, entered_by=voucher.entered_by_id,
                         day=voucher.issued or clocks.today(), reason=reason)
    stage = entries.follow(row, by, reason)
    return Done(entry, after={"claim": row.pk, "fen": fen, "voucher": voucher.number, **({"stage": stage} if stage else {})}, related=[row, voucher])


def _queue(claim: Claim) -> Claim:
    entries.queue([claim])
    return Claim.objects.select_related("course__frozen", "enterprise").get(pk=claim.pk)


def _check_paper(claim: Claim, paper: Evidence, entry: str, by: Person) -> None:
    """The paper is of this claim, of the kind that is asked, and somebody else's."""
    if (paper.entry, paper.subject_kind, paper.subject_id) != (entry, CLAIM, str(claim.pk)):
        raise no("invalid", "这份材料不是这笔兑现的", "this paper is not of this claim", "paper")
    if paper.state not in (EvidenceState.ENTERED, EvidenceState.VERIFIED):
        raise no("invalid", "这份材料已驳回或撤回", "this paper was rejected or withdrawn", "paper")
    if paper.entered_by_id == by.pk:
        raise no("own_evidence", "材料是您填报的，请另一个人来", "you entered this paper: ask somebody else")


def _number(paper: Evidence) -> str:
    return unicodedata.normalize("NFKC", paper.number).strip().lower()
