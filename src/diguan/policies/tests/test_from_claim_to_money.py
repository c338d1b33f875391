"""From the list an allocation grants to the money in the account, by the deeds of both halves; and the check that stands between them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diguan.kernel.access import Forbidden
from diguan.kernel.evidence.tests.factories import PDF
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import checks, claim_steps, payments
from diguan.policies.queries import ledgers, payable, reconciling
from diguan.policies.tests import claiming
from diguan.policies.tests import payment_factory as make
from diguan.policies.tests.county import POLICY
from diguan.policies.tests.test_payments import outsiders, refused

pytestmark = pytest.mark.django_db


def enter(claim, by, *, met=True, matches=True):
    return checks.enter_check(claim=claim, met=met, matches=matches, file_name="核查.pdf", content=PDF, by=by)


def decide(claim, by, *, holds=True, reason="", seen=None):
    return checks.decide_check(claim=claim, seen=[one.pk for one in payable.checks_waiting(claim)] if seen is None else seen, holds=holds, reason=reason, by=by)


def test_from_the_granted_list_to_paid_in_the_account(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch)
    row = next(one for one in claiming.opened(who) if one.enterprise.uscc == claiming.RICH)
    claiming.unobjected(row, who, settings)
    claiming.answer(row, who.agent)
    now = claiming.again(row)
    claim_steps.confirm_intent(claim=now, seen=claiming.seen(now), by=who.second)
    money = SimpleNamespace(officer=who.officer, leader=who.leader, **{name: person_factory("finance_officer", from_day=claiming.SINCE) for name in ("sender", "booker")})

    def draft():
        return make.drafted(money, row, policy=POLICY)

    assert "还没有核查" in refused("not_payable", draft)
    enter(row, who.third)
    assert "还没有另一个人核实" in refused("not_payable", draft)
    refused("own_evidence", lambda: decide(row, who.third))
    refused("own_claim", lambda: decide(row, who.officer))  # who opened the list and handles the claim
    assert "还没有另一个人核实" in refused("not_payable", draft)
    decide(row, who.second)
    order = draft()
    order = payments.approve_order(order=order, version=order.version, by=money.leader)
    payments.send_order(order=order, version=order.version, by=money.sender)
    make.booked(money, row, row.amount_fen)
    assert (make.stage(row), ledgers.paid_of(row)) == ("paid", 5_000_000)
    assert reconciling.faults(who.leader) == []


@pytest.fixture
def who(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    return make.cast()


@pytest.fixture
def claim(who):
    return make.ready(who, unchecked=True)


def test_a_check_that_says_no_or_is_rejected_pays_nothing_and_is_handed_in_anew(who, claim):
    other = person_factory("policy_officer")
    enter(claim, other, met=False)
    refused("checked_already", lambda: enter(claim, who.checker))
    decide(claim, who.checker)
    assert "没有达到" in refused("not_payable", lambda: make.drafted(who, claim))
    enter(claim, other)
    refused("invalid", lambda: decide(claim, who.checker, holds=False))
    decide(claim, who.checker, holds=False, reason="没有盖章")
    assert "没有达到" in refused("not_payable", lambda: make.drafted(who, claim))
    enter(claim, other, matches=False)
    decide(claim, who.checker)
    assert "收款户名还没有核对" in refused("not_payable", lambda: make.drafted(who, claim))
    enter(claim, other)
    decide(claim, who.checker)
    make.drafted(who, claim)


def test_what_was_not_seen_is_not_verified(who, claim):
    other = person_factory("policy_officer")
    enter(claim, other)
    seen = [one.pk for one in payable.checks_waiting(claim)]
    decide(claim, who.checker, holds=False, reason="写错了")
    enter(claim, other)
    refused("changed_meanwhile", lambda: decide(claim, who.checker, seen=seen))
    refused("changed_meanwhile", lambda: decide(claim, who.checker, seen=[]))


def test_a_claim_that_is_not_there_yet_or_paid_is_not_checked(who):
    walking = make.claim_row(who)
    refused("wrong_stage", lambda: enter(walking, who.checker))
    paid = make.ready(who)
    make.sent(who, paid)
    make.booked(who, paid, paid.amount_fen)
    refused("wrong_stage", lambda: enter(paid, who.checker))


@pytest.mark.parametrize("role", outsiders("policy_officer", "finance_officer"))
def test_who_may_not_check(who, claim, role):
    stranger = person_factory(role, uscc=claim.enterprise.uscc if role == "enterprise_agent" else None)
    with pytest.raises(Forbidden):
        enter(claim, stranger)
    enter(claim, person_factory("policy_officer"))
    with pytest.raises(Forbidden):
        decide(claim, stranger)


def test_the_check_on_the_page_by_two_people(who, claim):
    def page(person):
        client = Client()
        client.force_login(person)
        return client

    url = reverse("policies:claim_ledger", args=[claim.pk])
    other = person_factory("policy_officer")
    html = page(other).get(url).content.decode()
    assert "还没有核查" in html
    assert make.ACCOUNT not in html
    deed = reverse("policies:claim_check", args=[claim.pk])
    assert page(other).post(deed, {"met": "1", "own": "1", "file": SimpleUploadedFile("a.exe", b"MZ")}).status_code == 422
    assert page(other).post(deed, {"met": "1", "own": "1", "file": SimpleUploadedFile("核查.pdf", PDF)}).status_code == 302
    decision = reverse("policies:claim_check_decide", args=[claim.pk])
    assert decision not in page(other).get(url).content.decode()
    assert decision not in page(who.officer).get(url).content.decode()  # who prepared the claim
    assert decision in page(who.checker).get(url).content.decode()
    seen = ",".join(str(one.pk) for one in payable.checks_waiting(claim))
    assert page(who.officer).post(decision, {"seen": seen, "holds": "1"}).status_code == 409
    assert page(who.checker).post(decision, {"seen": seen, "holds": "1"}).status_code == 302
    assert payable.judge([claim], make.clocks.today())[claim.pk].ok
