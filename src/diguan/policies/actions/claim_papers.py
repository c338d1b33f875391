"""What is handed in for a claim: by the firm what it alone can say, by the office the rest, by others their objection."""

from __future__ import annotations

import re
from collections.abc import Mapping

from diguan.enterprises.models import Enterprise
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import Course
from diguan.policies.actions import claim_notices
from diguan.policies.actions.claim_steps import take
from diguan.policies.engine import payee
from diguan.policies.models import CLAIM, Claim
from diguan.policies.queries import claims, payable
from diguan.policies.queries.claims import ANSWER, BANK, HANDLE, OBJECTION, WILL


@action(permission=ANSWER, event="claim_answered", on="claim")
def hand_in(*, claim: Claim, version: int, papers: Mapping[str, Paper], by: Person, reason: str = "") -> Done[Course]:
    """The firm hands in what is asked of it now: intent and account, the papers of an application, or an appeal against a refusal.

    Until a payment is ordered it may hand in another account.

    All or none; each counts once the office has verified it. ``version`` is that of the claim.

    Raises:
        access.Forbidden: it is not the person's enterprise.
        Refusal: ``nothing_asked`` (what is not asked for now, or is held already), ``invalid`` with its field, ``changed_meanwhile``.
    """
    take(claim, version, by)
    asked = {entry.id for entry in (*claims.to_hand_in(claim), *claims.to_correct(claim))}
    beyond = sorted(papers.keys() - asked)
    if beyond or not papers:
        raise Refusal("nothing_asked", [Message("这一步不用您交这些：县里已有、已经交过，或还没轮到", "this is not asked of you now: the county holds it, it was handed in, or its turn is still to come")])
    rows = [evidence.put(entry=name, about=_about(claim), paper=_checked(name, paper), by=by) for name, paper in papers.items()]
    return Done(_course(claim), after={"entries": sorted(papers)}, related=[claim, *rows], personal=evidence.personal_of(rows))


@action(permission=HANDLE, event="claim_paper_entered", on="claim")
def enter_paper(*, claim: Claim, entry: str, paper: Paper, by: Person, reason: str = "") -> Done[Course]:
    """The office enters a piece of evidence of a claim; somebody else verifies it. What only the firm can say it cannot.

    Raises:
        access.Forbidden: the right does not reach the claim.
        Refusal: ``firms_own``, or ``invalid`` with its field.
    """
    if entry in (WILL, BANK):
        raise Refusal("firms_own", [Message("意愿和收款账户只能由企业自己的经办人确认", "the firm's own agent alone confirms its intent and its account")], "entry")
    if entry not in claim.course.tree.evidence:  # type: ignore[union-attr]
        raise Refusal("invalid", [Message("兑现用不到这份材料", "no step of a claim asks for this")], "entry")
    # An objection is not the firm's to see: who brought it would be known by it.
    about = About(CLAIM, str(claim.pk), owner_unit=claim.owner_unit_id) if entry == OBJECTION else _about(claim)
    row = evidence.put(entry=entry, about=about, paper=paper, by=by)
    return Done(_course(claim), after={"entries": [entry]}, related=[claim, row], personal=evidence.personal_of([row]))


@action(permission=HANDLE, event="claim_paper_decided", on="claim")
def decide_paper(*, claim: Claim, paper: Evidence, version: int, holds: bool, by: Person, reason: str = "") -> Done[Course]:
    """The office verifies a piece of a claim, or rejects it with the reason; a firm whose piece does not hold is asked again.

    Raises:
        access.Forbidden: the right does not reach the claim or the evidence.
        Refusal: ``not_of_this`` (evidence of something else), ``prepared`` (who prepared a claim does not verify its conditions), or as :func:`diguan.kernel.evidence.actions.verify`.
    """
    if (paper.subject_kind, paper.subject_id) != claims.subject(claim):
        raise Refusal("not_of_this", [Message("这份材料不是这件兑现的", "this evidence is not of this claim")])
    if holds and paper.entry == payable.CONDITIONS and by.pk in payable.preparers(claim):
        raise Refusal("prepared", [Message("这一件是您开的或经办的，兑现条件请另一个人核实", "you made this claim or are its officer: somebody else verifies its conditions")])
    evidence.settle(evidence=paper, version=version, holds=holds, reason=reason, by=by)
    if not holds and paper.entry in claims.asks_of_firm(claim):
        claim_notices.ask_again(claim, by, reason.strip())
    return Done(_course(claim), after={"entry": paper.entry, "holds": holds}, related=[claim, paper])


@action(permission=ANSWER, event="claim_objected_to", on="enterprise")
def object_to(*, claim: Claim, enterprise: Enterprise, paper: Paper, by: Person) -> Done[Enterprise]:
    """Another firm objects to a claim on the public list. Who objected is not told to the firm it is about.

    Raises:
        access.Forbidden: it is not the person's enterprise that objects.
        Refusal: ``own_claim``, ``not_public``, or ``invalid`` with its field.
    """
    if claim.enterprise_id == enterprise.pk:
        raise Refusal("own_claim", [Message("不能对自己的兑现提异议；不要了可以放弃", "a firm does not object to its own claim; it may give it up")])
    if claims.where(claims.with_stage(Claim.objects.filter(pk=claim.pk)).get()) != claims.PUBLICISED:
        raise Refusal("not_public", [Message("这一户不在公示期，不能提异议", "this one is not on public notice now")])
    row = evidence.put(entry=OBJECTION, about=About(CLAIM, str(claim.pk), enterprise.uscc, claim.owner_unit_id), paper=paper, by=by)
    return Done(enterprise, after={"policy": claim.policy}, related=[row])


def _about(claim: Claim) -> About:
    return About(CLAIM, str(claim.pk), claim.enterprise.uscc, claim.owner_unit_id)


def _course(claim: Claim) -> Course:
    assert claim.course is not None
    return claim.course


def _checked(entry: str, paper: Paper) -> Paper:
    """An account is its digits alone; an intent is a yes, for a no is to give the claim up."""
    if entry == BANK:
        digits = re.sub(r"[\s-]", "", paper.value)
        if wrong := payee.wrong_account(digits):
            raise Refusal("invalid", [wrong], "account")
        if len(paper.number.strip()) < 2:
            raise Refusal("invalid", [Message("请写开户行，写到支行", "name the bank, with its branch")], "bank")
        return Paper(value=digits, number=paper.number)
    if entry == WILL and paper.value.strip().lower() not in ("true", "是"):
        raise Refusal("invalid", [Message("要申领请勾选确认；不要了请用“放弃”", "confirm that you want it, or give the claim up")], "intent")
    return paper
