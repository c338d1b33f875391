"""One firm is paid once under one policy, whatever became of the claim before: given up half paid, half clawed back, refused and reviewed."""

from __future__ import annotations

import pytest

from diguan.kernel.actions import Refusal
from diguan.kernel.evidence.tests.factories import evidence_factory
from diguan.policies import actions
from diguan.policies.actions import claim_papers, claim_steps, clawbacks, payments
from diguan.policies.actions import claims as opening
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.models import Claim, PaymentOrder
from diguan.policies.queries import ledgers
from diguan.policies.tests import claiming, county
from diguan.policies.tests import payment_factory as make
from diguan.policies.tests.claiming import PDF, again, answer, go, paper, seen, unobjected, verified
from diguan.policies.tests.county import POLICY, RICH

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    found = claiming.begin(settings, tmp_path, monkeypatch, budget="", delivery="fast_claim")
    found.treasury = make.cast()
    return found


def started(who):
    return opening.start_claim(policy=POLICY, enterprise=county.enterprise(RICH), by=who.agent).claim


def at_treasury(who, settings):
    """The firm's claim with its order at the treasury."""
    row = started(who)
    unobjected(row, who, settings)
    answer(row, who.agent)
    now = again(row)
    claim_steps.confirm_intent(claim=now, seen=seen(now), by=who.second)
    make.checked(who.treasury, again(row))
    order = payments.draft_order(policy=POLICY, claims=[row], by=who.treasury.officer)
    order = payments.approve_order(order=order, version=order.version, by=who.treasury.leader)
    payments.send_order(order=order, version=order.version, by=who.treasury.sender)
    return row


def half_paid_and_recalled(who, settings):
    row = at_treasury(who, settings)
    make.booked(who.treasury, row, 2_000_000)
    order = PaymentOrder.objects.get()
    payments.recall_order(order=order, version=order.version, reason="账户有疑问", by=who.treasury.leader)
    assert (again(row).stage, ledgers.paid_of(row)) == ("intent_confirmed", 2_000_000)
    return row


def test_a_claim_given_up_half_paid_is_not_begun_anew(who, settings):
    row = half_paid_and_recalled(who, settings)
    claim_steps.withdraw_claim(claim=again(row), version=again(row).version, reason="不要了", by=who.agent)
    with pytest.raises(Refusal, match="open_already"):
        started(who)


def test_a_claim_refused_half_paid_is_not_begun_anew(who, settings):
    row = half_paid_and_recalled(who, settings)
    paper(row, "refusal_notice", who.officer, who.second)
    go(row, "refused", who.second, reason="核查发现已停产")
    with pytest.raises(Refusal, match="open_already"):
        started(who)


def clawed_back(who, settings, fen):
    row = at_treasury(who, settings)
    make.booked(who.treasury, row, 5_000_000)
    cast = who.treasury
    clawbacks.demand_back(claim=row, fen=fen, decision=evidence_factory("clawback_decision", make.about(row), cast.clerk), reason="虚报", by=cast.leader)
    clawbacks.book_repayment(claim=row, fen=fen, voucher=evidence_factory("return_voucher", make.about(row), cast.clerk), by=cast.booker)
    assert again(row).stage == "clawed_back"
    return row


def test_what_was_clawed_back_in_part_is_not_paid_a_second_time(who, settings):
    clawed_back(who, settings, 1_000_000)
    with pytest.raises(Refusal, match="open_already"):
        started(who)


def test_what_was_clawed_back_whole_may_be_claimed_again(who, settings):
    clawed_back(who, settings, 5_000_000)
    assert started(who).attempt == 2


def test_what_a_firm_keeps_of_a_policy_bars_one_that_is_exclusive_with_it(who, settings):
    clawed_back(who, settings, 1_000_000)
    claiming.rewrite(who.pack, "clean-kiln-too", budget="", delivery="fast_claim", apart=("benefit:", f"exclusive_with: [{POLICY}]\nbenefit:"))
    actions.run_match(by=who.officer)
    with pytest.raises(Refusal, match="excluded"):
        opening.start_claim(policy="clean-kiln-too", enterprise=county.enterprise(RICH), by=who.agent)


def under_review(who):
    row = started(who)
    paper(row, "refusal_notice", who.officer, who.second)
    go(row, "refused", who.second, reason="核查发现窑炉已拆除")
    claim_papers.hand_in(claim=again(row), version=again(row).version, papers={"appeal_letter": PDF}, by=who.agent)
    verified(row, "appeal_letter", who.third)
    go(row, "under_review", who.third)
    return row


def test_a_refusal_taken_back_is_no_second_claim_beside_one_begun_meanwhile(who):
    row = under_review(who)
    other = started(who)
    with pytest.raises(Refusal, match="open_already"):
        claim_steps.send_back(claim=again(row), to="found", seen=seen(again(row)), reason="窑炉在用", by=who.third)
    assert again(row).stage == "under_review"
    claim_steps.withdraw_claim(claim=again(other), version=again(other).version, reason="等复核", by=who.agent)
    claim_steps.send_back(claim=again(row), to="found", seen=seen(again(row)), reason="窑炉在用", by=who.third)
    assert again(row).stage == "found"


def test_a_refusal_taken_back_promises_no_more_than_the_budget(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元")
    (row,) = claiming.opened(who)
    paper(row, "refusal_notice", who.officer, who.second)
    go(row, "refused", who.second, reason="核查发现窑炉已拆除")
    county.deliver((RICH, 9), (county.PLAIN, 900), (county.SHORT, 130), period="2026-10")
    actions.run_match(by=who.officer)
    opening.open_claims(allocation=run_allocation(by=who.officer), policy=POLICY, by=who.officer)
    assert Claim.objects.count() == 2
    claim_papers.hand_in(claim=again(row), version=again(row).version, papers={"appeal_letter": PDF}, by=who.agent)
    verified(row, "appeal_letter", who.third)
    go(row, "under_review", who.third)
    with pytest.raises(Refusal, match="over_budget"):
        claim_steps.send_back(claim=again(row), to="found", seen=seen(again(row)), reason="窑炉在用", by=who.third)
