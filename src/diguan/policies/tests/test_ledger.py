"""Results, reversals and clawback: nothing paid twice, never more than granted, and the ledger reconciles to the fen whatever is done."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.events import AppendOnlyError
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.tests.factories import PDF, evidence_factory
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import actions as stages
from diguan.kernel.stages.models import Course
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import clawbacks, payments, results
from diguan.policies.actions.results import Told
from diguan.policies.models import Claim, LedgerEntry, OrderState, PaymentLine, PaymentOrder, PaymentResult
from diguan.policies.queries import ledgers, reconciling
from diguan.policies.tests import payment_factory as make
from diguan.policies.tests.test_payments import outsiders, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return make.cast()


@pytest.fixture
def claim(who):
    row = make.ready(who)
    make.sent(who, row)
    return row


def told(claim):
    return ledgers.sums_of([claim.pk])[claim.pk]


def sound(who):
    """Nothing in the ledger contradicts anything."""
    assert [str(one.what) for one in reconciling.faults(who.leader)] == []


# ── results ──────────────────────────────────────────────────────────────────
def test_parts_add_up_until_the_claim_is_paid(who, claim):
    make.booked(who, claim, 300_000)
    assert (make.stage(claim), told(claim).net, told(claim).outstanding) == ("payment_ordered", 300_000, 700_000)
    make.booked(who, claim, 699_999)
    assert make.stage(claim) == "payment_ordered"  # one fen is missing
    make.booked(who, claim, 1)
    assert (make.stage(claim), told(claim).outstanding, PaymentOrder.objects.get().state) == ("paid", 0, "closed")
    sound(who)


def test_who_entered_a_result_and_who_sent_the_order_do_not_book_it(who, claim):
    row = make.entered(who, claim, 1_000_000)
    refused("own_result", lambda: results.book_result(result=row, version=1, by=who.sender))
    line = make.line_of(claim)
    other = results.reject_result(result=row, version=1, reason="金额写错", by=who.booker)
    assert other.state == "rejected"
    line.refresh_from_db()
    row = results.enter_result(line=line, version=line.version, told=Told("paid", 5, clocks.today(), "9号"), file_name="a.pdf", content=PDF, by=who.booker)
    refused("own_order", lambda: results.book_result(result=row, version=1, by=who.sender))
    assert not LedgerEntry.objects.filter(kind="paid").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentResult.objects.filter(pk=row.pk).update(state="booked", decided_by=who.booker)


def test_one_voucher_is_entered_once_and_one_result_booked_once(who, claim):
    row = make.entered(who, claim, 400_000, number="凭1号")
    assert "没有重复登记" in refused("entered_already", lambda: make.entered(who, claim, 400_000, number=" 凭1号 "))
    results.book_result(result=row, version=row.version, by=who.booker)
    refused("changed_meanwhile", lambda: results.book_result(result=row, version=row.version, by=who.booker))
    refused("entered_already", lambda: make.entered(who, claim, 400_000, number="凭1号"))
    assert told(claim).net == 400_000
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(claim=claim, line=make.line_of(claim), kind="paid", fen=1, day=clocks.today(), voucher=row.voucher, entered_by=who.sender,
                                   verified_by=who.booker, key=f"paid:{row.pk}")


def test_more_than_is_open_is_never_entered_even_when_others_wait(who, claim):
    make.entered(who, claim, 600_000)
    assert "还可支付 4000.00" in refused("invalid", lambda: make.entered(who, claim, 400_001))
    make.entered(who, claim, 400_000)


@pytest.mark.parametrize(("more", "field"), [({"fen": 0}, "fen"), ({"fen": -5}, "fen"), ({"day": dt.date(2026, 11, 30)}, "day"), ({"day": dt.date(2026, 10, 30)}, "day"),
                                             ({"number": "  "}, "number"), ({"outcome": "returned"}, "reason"), ({"outcome": "returned", "fen": 1_000_001, "reason": "错户"}, "fen")])
def test_a_result_that_cannot_be_is_refused_at_its_field(who, claim, more, field):
    line = make.line_of(claim)
    said = {"outcome": "paid", "fen": 100, "day": clocks.today(), "number": "1号", **more}
    with pytest.raises(Refusal) as caught:
        results.enter_result(line=line, version=line.version, told=Told(**said), file_name="a.pdf", content=PDF, by=who.sender)
    assert (caught.value.code, caught.value.field) == ("invalid", field)
    assert not PaymentResult.objects.exists()
    assert not Evidence.objects.filter(entry="payment_voucher").exists()


def test_a_voucher_is_a_real_file_and_one_withdrawn_does_not_book(who, claim):
    line = make.line_of(claim)
    with pytest.raises(Refusal, match="invalid"):
        results.enter_result(line=line, version=line.version, told=Told("paid", 1, clocks.today(), "1号"), file_name="a.exe", content=b"MZ", by=who.sender)
    row = make.entered(who, claim, 100)
    papers.withdraw(evidence=row.voucher, version=1, reason="传错了", by=who.sender)
    refused("not_waiting", lambda: results.book_result(result=row, version=1, by=who.booker))


def test_an_order_that_was_not_sent_has_no_results(who):
    row = make.ready(who)
    make.approved(who, row)
    assert "还没有送出" in refused("invalid", lambda: make.entered(who, row, 1))


def test_a_return_goes_back_to_be_ordered_again_with_another_account(who, claim):
    make.booked(who, claim, 1_000_000)
    assert make.stage(claim) == "paid"
    make.booked(who, claim, 1_000_000, "returned")
    assert (make.stage(claim), told(claim).net, Course.objects.get(pk=claim.course_id).ended_at) == ("intent_confirmed", 0, None)
    assert "退回过" in refused("not_payable", lambda: make.drafted(who, claim))
    make.bank(who, claim, account="18099999999901")
    order = make.sent(who, claim)
    assert order.lines.get().account == "18099999999901"
    make.booked(who, claim, 1_000_000)
    assert (make.stage(claim), told(claim).paid, told(claim).net) == ("paid", 2_000_000, 1_000_000)
    sound(who)


def test_a_return_of_what_was_never_told_as_paid_counts_both_ways(who, claim):
    make.booked(who, claim, 1_000_000, "returned")
    assert (told(claim).paid, told(claim).returned, told(claim).net) == (1_000_000, 1_000_000, 0)
    assert (make.stage(claim), make.line_of(claim).live) == ("intent_confirmed", False)
    sound(who)


def test_a_part_returned_is_ordered_again_beside_the_part_that_is_open(who, claim):
    make.booked(who, claim, 600_000)
    make.booked(who, claim, 600_000, "returned")
    assert make.stage(claim) == "payment_ordered"  # the rest is still at the treasury
    make.bank(who, claim, account="18099999999901")
    first = make.line_of(claim)
    order = make.sent(who, claim)
    assert (order.lines.get().amount_fen, order.lines.get().instalment) == (600_000, 2)
    make.booked(who, claim, 600_000)
    said = Told("paid", 400_000, clocks.today(), "余款1号")
    first.refresh_from_db()
    row = results.enter_result(line=first, version=first.version, told=said, file_name="a.pdf", content=PDF, by=who.sender)
    results.book_result(result=row, version=1, by=who.booker)
    assert (make.stage(claim), told(claim).net) == ("paid", 1_000_000)
    sound(who)


def test_a_line_that_waits_no_longer_takes_no_result_however_it_was_entered(who):
    claim = make.ready(who)
    make.sent(who, claim)
    row = make.entered(who, claim, claim.amount_fen)
    PaymentLine.objects.filter(claim=claim).update(live=False)
    refused("invalid", lambda: results.book_result(result=row, version=row.version, by=who.booker))
    assert ledgers.paid_of(claim) == 0


def test_what_is_left_of_a_line_is_recalled_as_often_as_it_has_to_be(who):
    claim = make.ready(who)
    order = make.sent(who, claim)
    make.booked(who, claim, 600_000)
    order.refresh_from_db()
    payments.recall_order(order=order, version=order.version, reason="账户有疑问", by=who.leader)
    entry = LedgerEntry.objects.get(claim=claim, kind="paid")
    results.reverse_entry(entry=entry, reason="看错了一行", by=who.sender)  # the line waits for its 6,000 yuan again
    make.booked(who, claim, 200_000)
    order.refresh_from_db()
    payments.recall_order(order=order, version=order.version, reason="还是不对", by=who.leader)
    assert ledgers.paid_of(claim) == 200_000
    assert not reconciling.check(Claim.objects.filter(pk=claim.pk))


def test_what_the_bank_did_is_booked_of_a_suspended_claim_too_and_its_course_goes_on_later(who, claim):
    course = Course.objects.get(pk=claim.course_id)
    stages.change_status(course=course, to="suspended", version=1, reason="信访核查", by=who.leader)
    make.booked(who, claim, 1_000_000)
    assert (make.stage(claim), told(claim).net) == ("payment_ordered", 1_000_000)
    refused("nothing_to_do", lambda: results.settle_claim(claim=claim, by=who.booker))
    stages.change_status(course=Course.objects.get(pk=claim.course_id), to="active", version=2, reason="核查完毕", by=who.leader)
    assert [one.claim for one in reconciling.faults(who.leader)] == [claim]
    results.settle_claim(claim=claim, by=who.booker)
    assert make.stage(claim) == "paid"
    sound(who)


@pytest.mark.parametrize("role", outsiders("finance_officer"))
def test_who_may_not_record_book_reject_reverse_or_settle(who, claim, role):
    row, line, stranger = make.booked(who, claim, 100), make.line_of(claim), person_factory(role)
    entry, waiting = LedgerEntry.objects.get(kind="paid"), make.entered(who, claim, 200)
    for deed in (lambda: results.enter_result(line=line, version=line.version, told=Told("paid", 1, clocks.today(), "7"), file_name="a.pdf", content=PDF, by=stranger),
                 lambda: results.book_result(result=waiting, version=1, by=stranger), lambda: results.reject_result(result=waiting, version=1, reason="不对", by=stranger),
                 lambda: results.reverse_entry(entry=entry, reason="记错了", by=stranger), lambda: results.settle_claim(claim=claim, by=stranger),
                 lambda: clawbacks.book_repayment(claim=claim, fen=1, voucher=row.voucher, by=stranger)):
        with pytest.raises(Forbidden):
            deed()


def test_a_claim_sent_back_by_hand_while_its_money_is_out_is_named_and_goes_on_with_the_ledger(who, claim):
    task = make.queries.current(Course.objects.get(pk=claim.course_id))
    stages.send_back(task=task, to="intent_confirmed", version=task.version, reason="误退", by=who.officer)
    assert ["环节却不在" in str(one.what) for one in reconciling.faults(who.leader)] == [True]
    assert "付清或已开" in refused("not_payable", lambda: make.drafted(who, claim))  # the stage may be wrong, the ledger is not
    results.settle_claim(claim=claim, by=who.booker)
    assert make.stage(claim) == "payment_ordered"
    task = make.queries.current(Course.objects.get(pk=claim.course_id))
    stages.send_back(task=task, to="intent_confirmed", version=task.version, reason="误退", by=who.officer)
    make.booked(who, claim, 1_000_000)
    assert make.stage(claim) == "payment_ordered"  # who moved it on cannot also say that it is paid
    results.settle_claim(claim=claim, by=person_factory("finance_officer"))
    assert make.stage(claim) == "paid"
    sound(who)


# ── reversals ────────────────────────────────────────────────────────────────
def test_a_wrong_entry_is_taken_back_by_another_and_the_claim_goes_back(who, claim):
    make.booked(who, claim, 1_000_000)
    entry = LedgerEntry.objects.get(kind="paid")
    refused("own_entry", lambda: results.reverse_entry(entry=entry, reason="记到别家去了", by=who.booker))
    back = results.reverse_entry(entry=entry, reason="记到别家去了", by=who.sender)
    assert (back.kind, back.fen, back.reverses) == ("reversed", 1_000_000, entry)
    assert (make.stage(claim), told(claim).net, make.line_of(claim).live, PaymentOrder.objects.get().state) == ("payment_ordered", 0, True, "sent")
    refused("booked_already", lambda: results.reverse_entry(entry=entry, reason="再来一次", by=who.sender))
    make.booked(who, claim, 1_000_000)
    assert make.stage(claim) == "paid"
    sound(who)


def test_what_rests_on_an_entry_is_reversed_first(who, claim):
    make.booked(who, claim, 1_000_000)
    make.booked(who, claim, 1_000_000, "returned")
    make.bank(who, claim, account="18099999999901")
    make.drafted(who, claim)
    for kind in ("paid", "returned"):
        refused("breaks_ledger", lambda kind=kind: results.reverse_entry(entry=LedgerEntry.objects.get(kind=kind), reason="记错了", by=who.sender))
    refused("no_reversal", lambda: results.reverse_entry(entry=LedgerEntry.objects.get(kind="granted"), reason="记错了", by=who.sender))
    sound(who)


def test_an_entry_is_never_changed_and_the_database_wants_two_people_and_a_voucher(who, claim):
    make.booked(who, claim, 100)
    entry = LedgerEntry.objects.get(kind="paid")
    entry.fen = 5
    for deed in (entry.save, entry.delete, lambda: LedgerEntry.objects.filter(pk=entry.pk).update(fen=5), lambda: LedgerEntry.objects.all().delete()):
        with pytest.raises(AppendOnlyError):
            deed()
    fine = {"claim": claim, "line": entry.line, "kind": "paid", "fen": 1, "day": clocks.today(), "voucher": entry.voucher, "entered_by": who.sender, "verified_by": who.booker}
    for number, wrong in enumerate(({"verified_by": None}, {"verified_by": who.sender}, {"voucher": None}, {"line": None}, {"fen": 0}, {"kind": "reversed"}, {"reverses": entry})):
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(**{**fine, **wrong, "key": f"k{number}"})


# ── clawback ─────────────────────────────────────────────────────────────────
def paper(who, claim, entry, number="追〔2026〕1号", **more):
    return evidence_factory(entry, make.about(claim), who.clerk, number=number, **more)


@pytest.fixture
def paid(who, claim):
    make.booked(who, claim, 1_000_000)
    return claim


def demanded(who, claim, fen, number="追〔2026〕1号"):
    return clawbacks.demand_back(claim=claim, fen=fen, decision=paper(who, claim, "clawback_decision", number), reason="虚报设备发票", by=who.leader)


def repaid(who, claim, fen, number):
    return clawbacks.book_repayment(claim=claim, fen=fen, voucher=paper(who, claim, "return_voucher", number), by=who.booker)


def test_money_comes_back_in_parts_until_all_that_was_demanded_is_back(who, paid):
    demanded(who, paid, 800_000)
    assert (make.stage(paid), told(paid).owed, told(paid).kept) == ("clawback", 800_000, 1_000_000)
    repaid(who, paid, 300_000, "退1号")
    assert (make.stage(paid), told(paid).owed) == ("clawback", 500_000)
    refused("booked_already", lambda: repaid(who, paid, 100, " 退1号"))
    assert "还要退缴 5000.00" in refused("invalid", lambda: repaid(who, paid, 500_001, "退2号"))
    repaid(who, paid, 500_000, "退2号")
    assert (make.stage(paid), told(paid).kept) == ("clawed_back", 200_000)
    sound(who)


def test_no_more_is_demanded_than_was_paid_and_nothing_of_what_was_not(who, claim):
    make.booked(who, claim, 400_000)
    refused("wrong_stage", lambda: demanded(who, claim, 100))
    make.booked(who, claim, 600_000)
    assert "最多追回" in refused("invalid", lambda: demanded(who, claim, 1_000_001))
    refused("invalid", lambda: demanded(who, claim, 0))
    demanded(who, claim, 700_000)
    refused("invalid", lambda: demanded(who, claim, 300_001, "追〔2026〕2号"))
    demanded(who, claim, 300_000, "追〔2026〕2号")
    assert told(claim).owed == 1_000_000


def test_a_decision_is_anothers_paper_of_this_claim(who, paid):
    other = make.ready(who)
    for decision, code in ((paper(who, other, "clawback_decision"), "invalid"), (paper(who, paid, "return_voucher"), "invalid")):
        refused(code, lambda decision=decision: clawbacks.demand_back(claim=paid, fen=1, decision=decision, reason="虚报", by=who.leader))
    piece = paper(who, paid, "clawback_decision")
    papers.reject(evidence=piece, version=1, reason="没有盖章", by=who.officer)
    refused("invalid", lambda: clawbacks.demand_back(claim=paid, fen=1, decision=piece, reason="虚报", by=who.leader))
    assert make.stage(paid) == "paid"


@pytest.mark.parametrize("role", outsiders("leader"))
def test_who_may_not_claw_back(who, paid, role):
    decision = paper(who, paid, "clawback_decision")
    with pytest.raises(Forbidden):
        clawbacks.demand_back(claim=paid, fen=1, decision=decision, reason="虚报", by=person_factory(role))


def test_the_flow_lets_no_claim_be_clawed_back_beside_the_ledger(who, paid):
    evidence_factory("clawback_decision", make.about(paid), who.clerk, who.officer)
    task = make.queries.current(Course.objects.get(pk=paid.course_id))
    with pytest.raises(Refusal, match="gate_closed"):
        stages.pass_gate(task=task, to="clawback", version=task.version, by=who.leader)


def test_a_demand_that_was_wrong_is_reversed_and_a_return_cannot_undercut_it(who, paid):
    demanded(who, paid, 800_000)
    row = make.entered(who, paid, 300_000, "returned")
    refused("breaks_ledger", lambda: results.book_result(result=row, version=1, by=who.booker))
    small = make.entered(who, paid, 100_000, "returned")  # what is left would cover the demand, but two ways back at once are one too many
    refused("breaks_ledger", lambda: results.book_result(result=small, version=1, by=who.booker))
    results.reverse_entry(entry=LedgerEntry.objects.get(kind="demanded"), reason="决定撤销", by=who.booker)
    assert (told(paid).demanded, make.stage(paid), Course.objects.get(pk=paid.course_id).ended_at is not None) == (0, "paid", True)
    results.book_result(result=row, version=1, by=who.booker)
    assert make.stage(paid) == "intent_confirmed"
    sound(who)


def test_a_clawback_that_has_ended_is_not_opened_by_a_reversal(who, paid):
    demanded(who, paid, 200)
    repaid(who, paid, 200, "退1号")
    for kind in ("repaid", "demanded", "paid"):
        refused("breaks_ledger", lambda kind=kind: results.reverse_entry(entry=LedgerEntry.objects.get(kind=kind), reason="记错了", by=who.sender))
    sound(who)


# ── what does not add up is listed ───────────────────────────────────────────
def test_a_ledger_that_was_tampered_with_is_named(who, paid):
    sound(who)
    PaymentLine.objects.filter(claim=paid).update(live=True)
    Claim.objects.filter(pk=paid.pk).update(amount_fen=900_000)
    said = " ".join(str(one.what) for one in reconciling.faults(who.leader))
    assert "核定 10000.00 元，兑现上是 9000.00 元" in said
    assert "多于核定" in said


def test_a_voucher_withdrawn_after_it_was_booked_is_named(who, paid):
    piece = Evidence.objects.get(entry="payment_voucher")
    papers.withdraw(evidence=piece, version=piece.version, reason="盖错章", by=who.booker)
    assert ["凭证已不算数" in str(one.what) for one in reconciling.faults(who.leader)] == [True]


@pytest.mark.parametrize("entry", ["conditions_check", "payee_check"])
def test_money_on_its_way_whose_conditions_hold_no_longer_is_named_until_it_is_recalled(who, claim, entry):
    sound(who)
    piece = Evidence.objects.get(entry=entry, subject_id=str(claim.pk))
    papers.withdraw(evidence=piece, version=piece.version, reason="核查有误", by=who.officer)
    assert ["付款通知已送国库，但" in str(one.what) for one in reconciling.faults(who.leader)] == [True]
    order = PaymentOrder.objects.get()
    payments.recall_order(order=order, version=order.version, reason="条件核查撤回了", by=who.leader)
    sound(who)
    refused("not_payable", lambda: make.drafted(who, claim))


def test_totals_reconcile_by_policy(who, paid):
    other = make.ready(who, 500_000)
    (found,) = ledgers.totals(who.leader)
    assert (found.granted, found.sums.net, found.outstanding, found.waiting) == (1_500_000, 1_000_000, 500_000, 0)
    make.sent(who, other)
    assert ledgers.totals(who.leader)[0].waiting == 500_000
    assert ledgers.spent(make.POLICY) == 1_500_000
    with pytest.raises(Forbidden):
        ledgers.totals(person_factory("data_clerk"))


# ── whatever is done in whatever order ───────────────────────────────────────
class County:
    """Two claims, whatever is done to them, and beside the ledger a plain account of what was booked."""

    def __init__(self, who):
        self.who, self.claims = who, [make.ready(who, 1_000), make.ready(who, 700)]
        self.numbers = iter(range(10_000))

    def do(self, name, pick, share):
        with contextlib.suppress(Refusal):
            getattr(self, name)(pick, share)
        self.check()

    def order(self, pick, *states):
        rows = list(PaymentOrder.objects.filter(state__in=states).order_by("id"))
        return rows[pick % len(rows)] if rows else None

    def draft(self, pick, share):
        claims = [self.claims, self.claims[:1], self.claims[1:]][pick % 3]
        for claim in claims:
            make.bank(self.who, claim, account=f"1801234567{next(self.numbers):04d}")
        make.drafted(self.who, *claims)

    def approve(self, pick, share):
        if order := self.order(pick, OrderState.DRAFTED):
            payments.approve_order(order=order, version=order.version, by=self.who.leader)

    def send(self, pick, share):
        if order := self.order(pick, OrderState.APPROVED):
            payments.send_order(order=order, version=order.version, by=self.who.sender)

    def take_back(self, pick, share):
        if order := self.order(pick, OrderState.DRAFTED, OrderState.APPROVED, OrderState.SENT):
            payments.recall_order(order=order, version=order.version, reason="收回", by=self.who.leader)

    def enter(self, outcome, pick, fen):
        lines = list(PaymentLine.objects.order_by("id"))
        if lines:
            line = lines[pick % len(lines)]
            said = Told(outcome, fen(line), clocks.today(), f"{next(self.numbers)}", "退回")
            results.enter_result(line=line, version=line.version, told=said, file_name="a.pdf", content=PDF, by=self.who.sender)

    def pay(self, pick, share):
        self.enter("paid", pick, lambda line: max(line.amount_fen * share // 4, 1))

    def back(self, pick, share):
        self.enter("returned", pick, lambda line: max(line.amount_fen * share // 4, 1))

    def book(self, pick, share):
        rows = list(PaymentResult.objects.filter(state="entered").order_by("id"))
        if rows:
            row = rows[pick % len(rows)]
            results.book_result(result=row, version=row.version, by=self.who.booker)

    def reject(self, pick, share):
        rows = list(PaymentResult.objects.filter(state="entered").order_by("id"))
        if rows:
            results.reject_result(result=rows[pick % len(rows)], version=1, reason="不对", by=self.who.booker)

    def reverse(self, pick, share):
        rows = list(LedgerEntry.objects.order_by("id"))
        if rows:
            results.reverse_entry(entry=rows[pick % len(rows)], reason="记错", by=self.who.sender)

    def demand(self, pick, share):
        claim = self.claims[pick % 2]
        demanded(self.who, claim, claim.amount_fen * share // 4, f"追{next(self.numbers)}")

    def repay(self, pick, share):
        claim = self.claims[pick % 2]
        repaid(self.who, claim, max(told(claim).owed * share // 4, 1), f"退{next(self.numbers)}")

    def check(self):
        for claim in self.claims:
            sums, entries = told(claim), list(LedgerEntry.objects.filter(claim=claim))
            gone = {entry.reverses_id for entry in entries}
            plain = {kind: sum(entry.fen for entry in entries if entry.kind == kind and entry.pk not in gone) for kind in ("paid", "returned", "demanded", "repaid", "ordered")}
            assert plain == {kind: getattr(sums, kind) for kind in plain}
            net = plain["paid"] - plain["returned"]
            assert 0 <= net <= claim.amount_fen
            open_ = sum(fen for _line, fen in ledgers.live_lines([claim.pk]).get(claim.pk, []))
            assert net + open_ <= claim.amount_fen
            assert claim.amount_fen == plain["paid"] - plain["returned"] + sums.outstanding
            assert 0 <= plain["repaid"] <= plain["demanded"] <= net
            assert (make.stage(claim) in ("paid", "clawback", "clawed_back")) == (net == claim.amount_fen)
        assert reconciling.faults(self.who.leader) == []


DEEDS = ("draft", "approve", "send", "pay", "book", "back", "reject", "take_back", "reverse", "demand", "repay")
# Most sequences of anything come to nothing, so what leads on comes first and more often.
STEP = st.tuples(st.sampled_from(("draft", "approve", "send", "pay", "book") * 3 + DEEDS), st.integers(0, 5), st.integers(1, 4))


@given(steps=st.lists(STEP, min_size=8, max_size=24))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_done_nothing_is_paid_twice_and_the_ledger_reconciles(who, steps):
    with transaction.atomic():
        county = County(who)
        for name in ("draft", "approve", "send"):
            county.do(name, 0, 1)
        for step in steps:
            county.do(*step)
        transaction.set_rollback(True)
