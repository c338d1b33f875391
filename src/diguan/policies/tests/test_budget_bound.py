"""A budget lowered below what claims bind: nothing is allocated, ordered or approved over it, and the pages say so."""

from __future__ import annotations

import pytest

from diguan.enterprises.models import Enterprise
from diguan.kernel.stages import actions as stages
from diguan.kernel.stages.models import Course
from diguan.policies.actions import payments, run_match
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.queries import ledgers
from diguan.policies.queries import payments as reads
from diguan.policies.tests import county
from diguan.policies.tests import payment_factory as make
from diguan.policies.tests.test_payments import refused

pytestmark = pytest.mark.django_db
BUDGET = "budget: {amount: 4万元"


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((county.RICH, 900), (county.PLAIN, 200))
    return make.cast()


def lower(tmp_path, amount):
    """A new version of the policy with another budget."""
    path = tmp_path / f"pack/policies/{county.POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace(BUDGET, f"budget: {{amount: {amount}"), "utf-8")


def claim(who, uscc, fen):
    return make.ready(who, fen, policy=county.POLICY, enterprise=Enterprise.objects.get(uscc=uscc))


def draft(who, *claims):
    return make.drafted(who, *claims, policy=county.POLICY)


def test_what_open_and_paid_claims_bind_is_refused_to_an_allocation_with_both_figures(who, tmp_path):
    run_match(by=who.officer)
    run_allocation(by=who.officer)
    first, second = claim(who, county.RICH, 3_000_000), claim(who, county.PLAIN, 1_000_000)
    lower(tmp_path, "2万元")
    run_match(by=who.officer)
    assert "预算 20000.00 元，少于已安排的 40000.00 元" in refused("below_granted", lambda: run_allocation(by=who.officer))
    stages.change_status(course=Course.objects.get(pk=second.course_id), to="withdrawn", version=1, reason="企业放弃", by=who.leader)
    assert "30000.00 元" in refused("below_granted", lambda: run_allocation(by=who.officer))
    assert ledgers.committed([county.POLICY]) == {county.POLICY: (3_000_000, 1)}
    stages.change_status(course=Course.objects.get(pk=first.course_id), to="withdrawn", version=1, reason="企业放弃", by=who.leader)
    run_allocation(by=who.officer)


def test_nothing_is_ordered_or_approved_over_the_budget_of_the_text_in_force(who, tmp_path):
    first, second = claim(who, county.RICH, 3_000_000), claim(who, county.PLAIN, 1_000_001)
    order = draft(who, first)
    assert "超过预算 40000.00 元" in refused("over_budget", lambda: draft(who, second))
    lower(tmp_path, "2万元")
    refused("over_budget", lambda: payments.approve_order(order=order, version=order.version, by=who.leader))
    order.refresh_from_db()
    assert order.state == "drafted"


def test_nothing_is_sent_over_a_budget_lowered_after_the_approval(who, tmp_path):
    order = payments.approve_order(order=draft(who, claim(who, county.RICH, 3_000_000)), version=1, by=who.leader)
    lower(tmp_path, "2万元")
    refused("over_budget", lambda: payments.send_order(order=order, version=order.version, by=who.sender))
    order.refresh_from_db()
    assert order.state == "approved"


def test_a_policy_whose_document_cannot_be_read_is_not_paid_without_a_limit(who, tmp_path):
    first, second = claim(who, county.RICH, 3_000_000), claim(who, county.PLAIN, 1_000_000)
    order = draft(who, first)
    path = tmp_path / f"pack/policies/{county.POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace("clauses:", "clause:"), "utf-8")
    refused("budget_unknown", lambda: draft(who, second))
    refused("budget_unknown", lambda: payments.approve_order(order=order, version=order.version, by=who.leader))


def test_money_that_came_back_is_in_the_budget_again(who, tmp_path):
    from diguan.policies.actions import clawbacks

    first = claim(who, county.RICH, 4_000_000)
    order = payments.approve_order(order=draft(who, first), version=1, by=who.leader)
    payments.send_order(order=order, version=order.version, by=who.sender)
    make.booked(who, first, 4_000_000)
    second = claim(who, county.PLAIN, 1_000_000)
    refused("over_budget", lambda: draft(who, second))
    decision = make.evidence_factory("clawback_decision", make.about(first), who.clerk)
    clawbacks.demand_back(claim=first, fen=1_000_000, decision=decision, reason="虚报", by=who.leader)
    refused("over_budget", lambda: draft(who, second))  # demanded is not back
    clawbacks.book_repayment(claim=first, fen=1_000_000, voucher=make.evidence_factory("return_voucher", make.about(first), who.clerk), by=who.booker)
    draft(who, second)


def test_the_page_of_reconciliation_says_that_the_budget_is_below_what_is_granted(who, tmp_path, client):
    claim(who, county.RICH, 3_000_000)
    lower(tmp_path, "2万元")
    (one,) = reads.budgets(who.leader, "zh")
    assert (one.limit, one.left) == (2_000_000, -1_000_000)
    client.force_login(who.leader)
    assert "预算比已核定的少 10,000.00 元" in client.get("/policies/payments/reconcile/").content.decode()
