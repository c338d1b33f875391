"""Many at once, on real threads and whichever database is under test: nothing ordered, sent or paid twice, every loser is told."""

from __future__ import annotations

import pytest
from django.test import Client

from diguan.kernel import clocks
from diguan.kernel.evidence.tests.factories import PDF
from diguan.kernel.stages.tests.test_races import at_once
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import payments, results
from diguan.policies.actions.results import Told
from diguan.policies.models import LedgerEntry, PaymentLine, PaymentOrder, PaymentResult
from diguan.policies.queries import ledgers, reconciling
from diguan.policies.tests import payment_factory as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who():
    return make.cast()


def test_six_officers_order_the_same_claims_and_one_order_holds_them(who):
    claims = [make.ready(who) for _ in range(3)]
    people = [person_factory("policy_officer") for _ in range(6)]
    found = at_once(*(lambda by=by, turn=turn: payments.draft_order(policy=make.POLICY, claims=claims[turn % 3:] + claims[:turn % 3], by=by) and "done"
                      for turn, by in enumerate(people)))
    assert sorted(map(str, found)) == ["done", *["not_payable"] * 5]
    assert PaymentOrder.objects.count() == 1
    assert PaymentLine.objects.count() == 3


def test_numbers_given_at_once_are_all_different(who):
    claims = [make.ready(who) for _ in range(6)]
    found = at_once(*(lambda claim=claim: make.drafted(who, claim) and "done" for claim in claims))
    assert found == ["done"] * 6
    assert sorted(PaymentOrder.objects.values_list("serial", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_of_those_who_approve_or_cancel_at_once_one_does(who):
    order = make.drafted(who, make.ready(who))
    leaders = [person_factory("leader") for _ in range(3)]
    found = at_once(*(lambda by=by: payments.approve_order(order=PaymentOrder.objects.get(pk=order.pk), version=1, by=by) and "done" for by in leaders),
                    lambda: payments.cancel_order(order=PaymentOrder.objects.get(pk=order.pk), version=1, reason="重拟", by=who.officer) and "done")
    assert sorted(map(str, found)) == ["changed_meanwhile"] * 3 + ["done"]


def test_an_order_sent_by_many_at_once_goes_once(who):
    claims = [make.ready(who) for _ in range(2)]
    order = make.approved(who, *claims)
    senders = [person_factory("finance_officer") for _ in range(5)]
    found = at_once(*(lambda by=by: payments.send_order(order=PaymentOrder.objects.get(pk=order.pk), version=order.version, by=by) and "done" for by in senders))
    assert sorted(map(str, found)) == ["changed_meanwhile"] * 4 + ["done"]
    assert LedgerEntry.objects.filter(kind="ordered").count() == 2
    assert [make.stage(claim) for claim in claims] == ["payment_ordered"] * 2


def test_a_line_is_answered_for_once_however_many_enter_the_whole_of_it(who):
    claim = make.ready(who)
    make.sent(who, claim)
    line = make.line_of(claim)
    people = [person_factory("finance_officer") for _ in range(5)]

    def enter(by, number):
        told = Told("paid", claim.amount_fen, clocks.today(), number)
        return results.enter_result(line=PaymentLine.objects.get(pk=line.pk), version=line.version, told=told, file_name="a.pdf", content=PDF, by=by) and "done"

    found = at_once(*(lambda by=by, number=number: enter(by, f"{number}号") for number, by in enumerate(people)))
    assert sorted(map(str, found)) == ["changed_meanwhile"] * 4 + ["done"]
    row = PaymentResult.objects.get()
    bookers = [by for by in people if by != row.entered_by][:4]
    found = at_once(*(lambda by=by: results.book_result(result=PaymentResult.objects.get(pk=row.pk), version=1, by=by) and "done" for by in bookers))
    assert sorted(map(str, found)) == ["changed_meanwhile"] * 3 + ["done"]
    assert ledgers.paid_of(claim) == claim.amount_fen
    assert make.stage(claim) == "paid"


def test_parts_of_several_lines_booked_at_once_all_count_and_the_last_one_closes_the_order(who):
    claims = [make.ready(who) for _ in range(3)]
    make.sent(who, *claims)
    rows = [make.entered(who, claim, claim.amount_fen // 2) for claim in claims for _part in range(2)]
    found = at_once(*(lambda row=row: results.book_result(result=PaymentResult.objects.get(pk=row.pk), version=1, by=who.booker) and "done" for row in rows))
    assert found == ["done"] * 6
    assert [make.stage(claim) for claim in claims] == ["paid"] * 3
    assert PaymentOrder.objects.get().state == "closed"
    assert reconciling.faults(who.leader) == []


def test_a_result_booked_while_the_order_is_recalled_is_in_or_out_but_never_half(who):
    for _turn in range(3):
        claim = make.ready(who)
        order = make.sent(who, claim)
        row = make.entered(who, claim, claim.amount_fen)
        order.refresh_from_db()
        booked, recalled = at_once(
            lambda row=row: results.book_result(result=PaymentResult.objects.get(pk=row.pk), version=1, by=who.booker) and "done",
            lambda order=order: payments.recall_order(order=PaymentOrder.objects.get(pk=order.pk), version=order.version, reason="停拨", by=who.leader) and "done")
        assert booked == "done"
        assert recalled in ("results_wait", "changed_meanwhile")
        assert make.stage(claim) == "paid"
    assert reconciling.faults(who.leader) == []


def test_one_entry_reversed_by_many_is_reversed_once(who):
    claim = make.ready(who)
    make.sent(who, claim)
    make.booked(who, claim, claim.amount_fen)
    entry = LedgerEntry.objects.get(kind="paid")
    people = [person_factory("finance_officer") for _ in range(4)]
    found = at_once(*(lambda by=by: results.reverse_entry(entry=entry, reason="记错了", by=by) and "done" for by in people))
    assert sorted(map(str, found)) == ["booked_already"] * 3 + ["done"]
    assert ledgers.paid_of(claim) == 0


# ── the API ──────────────────────────────────────────────────────────────────
def client_of(person, **headers):
    found = Client(headers=headers)
    found.force_login(person)
    return found


def test_an_order_asked_for_by_many_with_one_key_is_one_order_and_all_are_told_the_same(who):
    claim = make.ready(who)
    body = {"policy": make.POLICY, "claims": [{"claim": claim.pk}]}
    clients = [client_of(who.officer, **{"Idempotency-Key": "one"}) for _ in range(4)]
    answers = at_once(*(lambda client=client: client.post("/api/payments", body, content_type="application/json") for client in clients))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert PaymentOrder.objects.count() == PaymentLine.objects.count() == 1
    again = client_of(who.officer, **{"Idempotency-Key": "two"}).post("/api/payments", body, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "not_payable")  # another key is another order, and nothing is left to order


def test_an_order_sent_by_many_with_one_key_goes_to_the_treasury_once(who):
    claim = make.ready(who)
    order = make.approved(who, claim)
    clients = [client_of(who.sender, **{"Idempotency-Key": "send", "If-Match": f'"{order.version}"'}) for _ in range(4)]
    answers = at_once(*(lambda client=client: client.post(f"/api/payments/{order.pk}/send", content_type="application/json") for client in clients))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert LedgerEntry.objects.filter(kind="ordered").count() == 1
    assert make.stage(claim) == "payment_ordered"
    old = client_of(who.booker, **{"If-Match": f'"{order.version}"'}).post(f"/api/payments/{order.pk}/send", content_type="application/json")
    assert (old.status_code, old.json()["code"]) == (412, "stale")  # a client that replays an old version without the key


def test_a_result_booked_by_many_with_one_key_is_in_the_ledger_once(who):
    claim = make.ready(who)
    make.sent(who, claim)
    row = make.entered(who, claim, claim.amount_fen)
    clients = [client_of(who.booker, **{"Idempotency-Key": "book", "If-Match": '"1"'}) for _ in range(4)]
    answers = at_once(*(lambda client=client: client.post(f"/api/payment-results/{row.pk}/book", content_type="application/json") for client in clients))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert LedgerEntry.objects.filter(kind="paid").count() == 1
    assert ledgers.paid_of(claim) == claim.amount_fen
