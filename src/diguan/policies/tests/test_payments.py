"""Payment orders: performance first, two people, the right account, every state and every refusal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from diguan.enterprises import actions as register
from diguan.kernel import clocks, timelines
from diguan.kernel.access import Forbidden
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import actions as stages
from diguan.kernel.stages import queries as courses
from diguan.kernel.stages.models import Course
from diguan.kernel.stages.refusals import GateClosed
from diguan.kernel.tests.factories import person_factory, post_factory, unit_factory
from diguan.policies.actions import life as living
from diguan.policies.actions import payments
from diguan.policies.models import ClaimReview, LedgerEntry, PaymentLine, PaymentOrder
from diguan.policies.queries import ledgers, payable, reconciling
from diguan.policies.tests import lives
from diguan.policies.tests import payment_factory as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return make.cast()


def refused(code, deed):
    """What an action says when it refuses with this code."""
    with pytest.raises(Refusal) as caught:
        deed()
    assert caught.value.code == code, caught.value
    return " ".join(caught.value.texts("zh"))


def test_a_claim_walked_through_every_gate_is_paid_into_the_account(who):
    claim = make.checked(who, make.walked(who))
    order = make.drafted(who, claim)
    line = order.lines.get()
    assert (line.payee, line.account, line.bank, line.amount_fen) == (claim.enterprise.name, make.ACCOUNT, "农业银行衡阳县支行", 1_000_000)
    assert make.stage(claim) == "intent_confirmed"
    order = payments.approve_order(order=order, version=order.version, by=who.leader)
    order = payments.send_order(order=order, version=order.version, by=who.sender)
    assert (order.state, make.stage(claim)) == ("sent", "payment_ordered")
    make.booked(who, claim, 1_000_000)
    order.refresh_from_db()
    assert (order.state, make.stage(claim), ledgers.paid_of(claim)) == ("closed", "paid", 1_000_000)
    assert list(LedgerEntry.objects.order_by("id").values_list("kind", "fen")) == [("granted", 1_000_000), ("ordered", 1_000_000), ("paid", 1_000_000)]
    assert reconciling.faults(who.leader) == []
    assert [one.verb for one in reversed(timelines.of(who.leader, order))] == [
        "payment_order_drafted", "payment_order_approved", "payment_order_sent", "payment_result_entered", "payment_result_booked"]


# ── performance first ────────────────────────────────────────────────────────
def test_nothing_is_ordered_before_the_conditions_are_verified_by_somebody_who_did_not_prepare_the_claim(who):
    claim = make.walked(who)
    make.evidence_factory("payee_check", make.about(claim), who.clerk, who.checker)
    assert "还没有核查" in refused("not_payable", lambda: make.drafted(who, claim))
    waiting = make.evidence_factory("conditions_check", make.about(claim), who.clerk)
    assert "还没有另一个人核实" in refused("not_payable", lambda: make.drafted(who, claim))
    papers.verify(evidence=waiting, version=1, by=who.officer)  # who made the claim
    assert "经办人自己核实" in refused("not_payable", lambda: make.drafted(who, claim))
    make.check(who, claim, value="false")
    assert "没有达到" in refused("not_payable", lambda: make.drafted(who, claim))
    make.check(who, claim)
    assert not PaymentOrder.objects.exists()
    assert not PaymentLine.objects.exists()
    make.drafted(who, claim)


def test_the_officer_in_charge_of_a_claim_does_not_verify_its_conditions_either(who):
    claim = make.ready(who, officer=who.checker)
    assert "经办人自己核实" in refused("not_payable", lambda: make.drafted(who, claim))


@pytest.mark.parametrize("entry", ["conditions_check", "payee_check", "bank_account"])
@pytest.mark.parametrize("at", ["approve", "send"])
def test_what_is_withdrawn_after_the_draft_stops_the_order_at_the_next_door(who, entry, at):
    claim = make.ready(who)
    order = make.drafted(who, claim) if at == "approve" else make.approved(who, claim)
    piece = Evidence.objects.get(entry=entry, subject_id=str(claim.pk))
    papers.withdraw(evidence=piece, version=piece.version, reason="核查有误", by=who.officer)
    deed = payments.approve_order if at == "approve" else payments.send_order
    refused("not_payable", lambda: deed(order=order, version=order.version, by=who.leader if at == "approve" else who.sender))
    order.refresh_from_db()
    assert order.state == ("drafted" if at == "approve" else "approved")  # nothing half done
    assert make.stage(claim) == "intent_confirmed"
    assert not LedgerEntry.objects.filter(kind="ordered").exists()


def test_the_flow_itself_lets_nobody_pass_to_ordered_or_paid_without_an_order_and_the_ledger(who):
    claim = make.checked(who, make.walked(who))

    def go(to, by):
        task = courses.current(Course.objects.get(pk=claim.course_id))
        stages.pass_gate(task=task, to=to, version=task.version, by=by)

    with pytest.raises(GateClosed) as caught:
        go("payment_ordered", who.leader)
    assert {item.id for item in caught.value.answer.missing} == {"ordered"}
    order = make.approved(who, claim)
    with pytest.raises(GateClosed):
        go("payment_ordered", who.leader)  # approved is not sent
    payments.send_order(order=order, version=order.version, by=who.sender)
    make.evidence_factory("payment_voucher", make.about(claim), who.clerk, who.checker)
    with pytest.raises(GateClosed) as caught:
        go("paid", who.leader)
    assert {item.id for item in caught.value.answer.missing} == {"in_full"}


def test_the_flow_sees_that_a_preparer_verified_the_conditions(who):
    claim = make.walked(who)
    make.evidence_factory("payee_check", make.about(claim), who.clerk, who.checker)
    make.check(who, claim, by=who.officer)
    task = courses.current(Course.objects.get(pk=claim.course_id))
    answer = courses.answer(task.course, task, task.course.tree.step["payment_ordered"].gate, "payment_ordered", who.leader, make.clocks.today())
    assert {item.id for item in answer.missing} >= {"conditions"}


@pytest.mark.parametrize("status", ["suspended", "withdrawn"])
def test_a_claim_that_is_suspended_or_withdrawn_is_not_ordered_nor_sent(who, status):
    claim, other = make.ready(who), make.ready(who)
    order = make.approved(who, other)
    for one in (claim, other):
        stages.change_status(course=Course.objects.get(pk=one.course_id), to=status, version=1, reason="企业来函", by=who.leader)
    refused("not_payable", lambda: make.drafted(who, claim))
    refused("not_payable", lambda: payments.send_order(order=order, version=order.version, by=who.sender))


def test_a_claim_that_is_not_there_yet_is_not_ordered(who):
    claim = make.claim_row(who)
    assert "还没有开始办理" in refused("not_payable", lambda: make.drafted(who, claim))
    walking = make.walked(who)
    task = courses.current(Course.objects.get(pk=walking.course_id))
    make.evidence_factory("refusal_notice", make.about(walking), who.clerk, who.checker)
    stages.pass_gate(task=task, to="refused", version=task.version, by=who.officer)
    assert "不予兑现" in refused("not_payable", lambda: make.drafted(who, walking))


def test_a_finding_that_waits_to_be_decided_stops_every_order(who):
    claim, other = make.ready(who), make.ready(who)
    order = make.approved(who, other)
    for one in (claim, other):
        ClaimReview.objects.create(claim=one, old_run="a", new_run="b", was_status=1, now_status=0, finding="x")
    assert "正等复核" in refused("not_payable", lambda: make.drafted(who, claim))
    refused("not_payable", lambda: payments.send_order(order=order, version=order.version, by=who.sender))
    ClaimReview.objects.update(state="kept", decided_by=who.leader, decided_at=make.clocks.now())
    make.drafted(who, claim)
    order.refresh_from_db()
    payments.send_order(order=order, version=order.version, by=who.sender)


def test_a_policy_that_is_suspended_pays_nobody_until_it_is_resumed(who):
    course = lives.published(make.POLICY, SimpleNamespace(officer=who.officer, second=who.checker, leader=who.leader, clerk=who.clerk), review=lives.review_of(make.POLICY))
    living.hold_life(course=course, to="suspended", version=1, reason="上级要求", by=who.leader)
    claim = make.ready(who)
    assert "暂停" in refused("not_payable", lambda: make.drafted(who, claim))
    living.resume_life(course=Course.objects.get(pk=course.pk), version=2, reason="恢复", by=who.leader)
    make.drafted(who, claim)


# ── the account ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("told", "says"), [
    ({"name": "张三"}, "不是企业名称"), ({"account": "123"}, "12 到 30 位"), ({"account": "6222020012345670"}, "校验不对"), ({"at": " "}, "没有写开户行"),
    ({"account": "1111111111111111"}, "各位都一样")])
def test_an_account_that_cannot_be_right_is_not_paid_to(who, told, says):
    claim = make.ready(who)
    make.bank(who, claim, **told)
    assert says in refused("not_payable", lambda: make.drafted(who, claim))


def test_an_account_as_the_firms_page_keeps_it_is_the_firms_own(who):
    claim = make.ready(who)
    make.evidence_factory("bank_account", make.about(claim), who.clerk, who.checker, value="18012345678902", number="工商银行衡阳县支行")
    line = make.drafted(who, claim).lines.get()
    assert (line.payee, line.account, line.bank) == (claim.enterprise.name, "18012345678902", "工商银行衡阳县支行")


def test_a_newer_account_that_waits_to_be_verified_stops_the_payment(who):
    claim = make.ready(who)
    make.bank(who, claim, account="18099999999901", verified=False)
    assert "新的收款账户" in refused("not_payable", lambda: make.drafted(who, claim))


def test_an_account_that_changes_after_the_draft_is_not_paid_to_silently(who):
    claim = make.ready(who)
    order = make.approved(who, claim)
    make.bank(who, claim, account="18099999999901")
    assert "拟稿之后换了" in refused("not_payable", lambda: payments.send_order(order=order, version=order.version, by=who.sender))


def test_a_former_name_needs_a_reason_and_another_name_is_never_taken(who):
    claim = make.ready(who)
    register.add_former_name(enterprise=claim.enterprise, name="衡阳从前有限公司", by=who.clerk)
    make.bank(who, claim, name="衡阳从前有限公司")
    assert "曾用名" in refused("not_payable", lambda: make.drafted(who, claim))
    order = payments.draft_order(policy=make.POLICY, claims=[claim], notes={claim.pk: "银行账户还没有更名"}, by=who.officer)
    assert order.lines.get().note == "银行账户还没有更名"
    payments.approve_order(order=order, version=order.version, by=who.leader)


def test_the_flow_sees_that_the_account_is_somebody_elses_whatever_was_checked(who):
    claim = make.ready(who)
    assert "claim.payee_matches" not in payable.facts_of(str(claim.pk), clocks.today()).attributes  # the check that was verified says yes
    make.bank(who, claim, name="张三")
    assert payable.facts_of(str(claim.pk), clocks.today()).attributes["claim.payee_matches"] == 0


def test_no_list_with_accounts_leaves_before_the_order_is_sent(who):
    for order in (make.drafted(who, make.ready(who)), make.approved(who, make.ready(who))):
        refused("wrong_state", lambda order=order: payments.export_order(order=order, by=who.sender))


# ── who may not ──────────────────────────────────────────────────────────────
ROLES = ("leader", "policy_officer", "finance_officer", "data_clerk", "bureau_clerk", "administrator", "enterprise_agent")


def outsiders(*may):
    return [role for role in ROLES if role not in may]


@pytest.mark.parametrize("role", outsiders("policy_officer"))
def test_who_may_not_draft_or_cancel(who, role):
    claim, order = make.ready(who), make.drafted(who, make.ready(who))
    stranger = person_factory(role, uscc=claim.enterprise.uscc if role == "enterprise_agent" else None)
    with pytest.raises(Forbidden):
        payments.draft_order(policy=make.POLICY, claims=[claim], by=stranger)
    with pytest.raises(Forbidden):
        payments.cancel_order(order=order, version=1, reason="不付了", by=stranger)


def test_an_order_reaches_no_claim_of_another_office(who, tmp_path, monkeypatch):
    (tmp_path / "roles.yaml").write_text("office_payer:\n  title: {zh: 本单位付款员}\n  permissions: {policies.order_payment: unit}\n", "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,hengyang,{tmp_path}")
    one, other = unit_factory(), unit_factory()
    mine, theirs = make.ready(who, owner_unit=one), make.ready(who, owner_unit=other)
    payer = person_factory("office_payer", one)
    for claims in ([theirs], [mine, theirs]):
        with pytest.raises(Forbidden):
            payments.draft_order(policy=make.POLICY, claims=claims, by=payer)
    assert payments.draft_order(policy=make.POLICY, claims=[mine], by=payer).lines.get().claim == mine


@pytest.mark.parametrize("role", outsiders("leader", "finance_officer"))
def test_who_may_not_approve_or_recall(who, role):
    order = make.drafted(who, make.ready(who))
    stranger = person_factory(role)
    for deed in (lambda: payments.approve_order(order=order, version=1, by=stranger), lambda: payments.recall_order(order=order, version=1, reason="不付了", by=stranger)):
        with pytest.raises(Forbidden):
            deed()


@pytest.mark.parametrize("role", outsiders("policy_officer", "finance_officer"))
def test_who_may_not_send_or_export(who, role):
    order = make.approved(who, make.ready(who))
    stranger = person_factory(role)
    for deed in (lambda: payments.send_order(order=order, version=2, by=stranger), lambda: payments.export_order(order=order, by=stranger)):
        with pytest.raises(Forbidden):
            deed()


def test_who_drafted_does_not_approve_even_with_the_right_and_the_database_says_so_too(who):
    both = person_factory("policy_officer")
    post_factory(both, "leader")
    claim = make.ready(who)
    order = payments.draft_order(policy=make.POLICY, claims=[claim], by=both)
    refused("own_order", lambda: payments.approve_order(order=order, version=order.version, by=both))
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentOrder.objects.filter(pk=order.pk).update(approved_by=both)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentOrder.objects.filter(pk=order.pk).update(state="approved")  # nobody approved it
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentOrder.objects.filter(pk=order.pk).update(state="sent", approved_by=who.leader, approved_at=order.created_at)  # nobody sent it


def test_a_sender_who_moved_the_claim_here_is_told_whose_gate_is_closed(who):
    claim = make.ready(who)
    order = make.approved(who, claim)
    words = refused("gate_closed", lambda: payments.send_order(order=order, version=order.version, by=who.checker))
    assert claim.enterprise.name in words
    assert make.stage(claim) == "intent_confirmed"


# ── the order ────────────────────────────────────────────────────────────────
def test_what_an_order_cannot_hold(who):
    claim, other = make.ready(who), make.ready(who, policy="another")
    refused("nothing_chosen", lambda: make.drafted(who))
    refused("other_policy", lambda: make.drafted(who, claim, other))
    order = make.drafted(who, claim, claim)  # named twice is once
    assert order.lines.count() == 1
    assert "付清或已开" in refused("not_payable", lambda: make.drafted(who, claim))


def test_one_claim_that_cannot_be_paid_stops_the_whole_order_and_is_named(who):
    good, bad = make.ready(who), make.ready(who)
    make.check(who, bad, value="false")
    words = refused("not_payable", lambda: make.drafted(who, good, bad))
    assert bad.enterprise.name in words
    assert good.enterprise.name not in words
    assert not LedgerEntry.objects.exists()


def test_numbers_run_on_by_year_and_are_never_given_twice(who, settings):
    first, second = make.drafted(who, make.ready(who)), make.drafted(who, make.ready(who))
    payments.cancel_order(order=second, version=second.version, reason="重拟", by=who.officer)
    third = make.drafted(who, make.ready(who))
    assert [one.serial for one in (first, second, third)] == [1, 2, 3]
    assert third.number == f"付〔{third.year}〕3号"
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentOrder.objects.filter(pk=third.pk).update(serial=1)
    settings.DIGUAN_TODAY = f"{third.year + 1}-01-04"
    claim = make.ready(who)
    assert (make.drafted(who, claim).serial, PaymentOrder.objects.latest("id").year) == (1, third.year + 1)


def test_a_claim_is_live_in_one_order_at_a_time_says_the_database_too(who):
    claim = make.ready(who)
    line = make.drafted(who, claim).lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.create(order=PaymentOrder.objects.create(year=1, serial=1, policy="x", entered_by=who.officer), claim=claim, payee="x", account="1", bank="x",
                                   source=line.source, amount_fen=1)


def test_an_old_version_is_refused_and_changes_nothing(who):
    order = make.drafted(who, make.ready(who))
    seen = order.version
    payments.approve_order(order=order, version=seen, by=who.leader)
    refused("changed_meanwhile", lambda: payments.approve_order(order=PaymentOrder.objects.get(pk=order.pk), version=seen, by=who.sender))
    refused("changed_meanwhile", lambda: payments.cancel_order(order=order, version=seen, reason="不付了", by=who.officer))
    order = payments.send_order(order=order, version=seen + 1, by=who.sender)
    refused("wrong_state", lambda: payments.send_order(order=order, version=order.version, by=who.sender))
    refused("wrong_state", lambda: payments.cancel_order(order=order, version=order.version, reason="不付了", by=who.officer))


def test_a_cancelled_draft_frees_its_claims(who):
    claim = make.ready(who)
    order = make.drafted(who, claim)
    refused("invalid", lambda: payments.cancel_order(order=order, version=order.version, reason=" ", by=who.officer))
    order = payments.cancel_order(order=order, version=order.version, reason="金额要再核", by=who.officer)
    assert (order.state, order.lines.get().live) == ("cancelled", False)
    assert make.drafted(who, claim).lines.get().instalment == 2


def test_a_recalled_order_takes_its_claims_back_and_out_of_the_ledger(who):
    claim, other = make.ready(who), make.ready(who)
    order = make.sent(who, claim, other)
    make.booked(who, other, 400_000)
    row = make.entered(who, other, 100_000)
    order.refresh_from_db()
    refused("results_wait", lambda: payments.recall_order(order=order, version=order.version, reason="国库通知停拨", by=who.leader))
    make.results.reject_result(result=row, version=row.version, reason="没有这笔", by=who.booker)
    order.refresh_from_db()
    order = payments.recall_order(order=order, version=order.version, reason="国库通知停拨", by=who.leader)
    assert order.state == "closed"  # something was paid on it
    assert (make.stage(claim), make.stage(other)) == ("intent_confirmed", "intent_confirmed")
    told = ledgers.sums_of([claim.pk, other.pk])
    assert [(told[one.pk].ordered, told[one.pk].net) for one in (claim, other)] == [(0, 0), (400_000, 400_000)]
    assert [str(one.what) for one in reconciling.faults(who.leader)] == []
    again = make.drafted(who, claim, other)
    assert list(again.lines.order_by("claim_id").values_list("amount_fen", flat=True)) == [1_000_000, 600_000]


def test_payable_reasons_are_the_same_for_the_page_and_the_deed(who):
    claim = make.ready(who)
    make.check(who, claim, value="false")
    found = payable.judge([claim], make.clocks.today())[claim.pk]
    assert not found.ok
    assert found.problems[0].zh in refused("not_payable", lambda: make.drafted(who, claim))
