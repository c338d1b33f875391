"""The check before money: conditions met, payee right. One officer hands it in; another, who did not prepare the claim, verifies it."""

from __future__ import annotations

from collections.abc import Collection

from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.policies.actions import entries
from diguan.policies.actions.entries import no, said
from diguan.policies.models import CLAIM, Claim
from diguan.policies.queries import ledgers, payable
from diguan.policies.queries.payable import CONDITIONS, CONFIRMED, ORDERED, PAYEE

CHECK = "policies.check_payment"


@action(permission=CHECK, event="payment_check_entered", on="claim")
def enter_check(*, claim: Claim, met: bool, matches: bool, file_name: str, content: bytes, by: Person, reason: str = "") -> Done[Claim]:
    """Hand in the check of a claim whose firm has confirmed intent and account: are its conditions met, is the account the enterprise's own.

    Raises:
        Refusal: ``wrong_stage``, ``checked_already`` (one waits to be verified), ``invalid`` (the file).
    """
    row = _queue(claim)
    if waiting(row):
        raise no("checked_already", "已有一份核查意见等人核实，先核实或驳回", "a check waits to be verified already: verify or reject it first")
    about = About(CLAIM, str(row.pk), row.enterprise.uscc, row.owner_unit_id)
    made = [papers.put(entry=CONDITIONS, about=about, paper=Paper(value=_word(met), file_name=file_name, content=content), by=by),
            papers.put(entry=PAYEE, about=about, paper=Paper(value=_word(matches)), by=by)]
    return Done(row, after={"conditions_met": met, "payee_matches": matches}, related=made)


@action(permission=CHECK, event="payment_check_decided", on="claim")
def decide_check(*, claim: Claim, seen: Collection[int], holds: bool, by: Person, reason: str = "") -> Done[Claim]:
    """Verify a check, or reject it with a reason. Who handed it in cannot, nor who prepared the claim.

    Args:
        claim: whose check it is.
        seen: the pieces that were read, by primary key.
        holds: whether it is true as it stands.
        by: who decides.
        reason: needed to reject.

    Raises:
        Refusal: ``own_claim``, ``own_evidence``, ``changed_meanwhile``, or no reason.
    """
    row = _queue(claim)
    if by.pk in payable.preparers(row):
        raise no("own_claim", "这一件是您经办的，付款前的核查请另一个人核实", "you prepared this claim: somebody else verifies the check before it is paid")
    found = waiting(row)
    if not found or {one.pk for one in found} != set(seen):
        raise no("changed_meanwhile", "没办成：等核实的材料已经变了，请重新打开再办", "not done: what waits to be verified has changed; open it again")
    words = "" if holds else said(reason)
    for one in found:
        papers.settle(evidence=one, version=one.version, holds=holds, reason=words, by=by)
    return Done(row, after={"holds": holds}, related=found)


def waiting(claim: Claim) -> list[Evidence]:
    """The pieces of a claim's check that wait to be verified."""
    return payable.checks_waiting(claim)


def _queue(claim: Claim) -> Claim:
    """Queue at the claim's course; only a claim that is about to be paid is checked.

    Raises:
        Refusal: ``wrong_stage``.
    """
    entries.queue([claim])
    row = Claim.objects.select_related("enterprise", "course__frozen").get(pk=claim.pk)
    if ledgers.stages_of([row])[row.pk] not in (CONFIRMED, ORDERED):
        raise no("wrong_stage", "企业确认意愿和账户之后、付款之前才核查", "a claim is checked after intent and account are confirmed and before it is paid")
    return row


def _word(yes: bool) -> str:
    return "true" if yes else "false"
