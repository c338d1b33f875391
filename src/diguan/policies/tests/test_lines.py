"""Policy money as lines: what firms have got by the ledger, as it was known, for who may see payments."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.enterprises.models import Enterprise
from diguan.kernel import clocks
from diguan.kernel.measures import Asked
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import results
from diguan.policies.models import LedgerEntry
from diguan.policies.queries import ledgers, lines
from diguan.policies.tests import payment_factory as make
from diguan.policies.tests.test_ledger import demanded, repaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return make.cast()


@pytest.fixture
def claim(who):
    row = make.ready(who)
    make.sent(who, row)
    return row


def told(known_at=None, day=None):
    return [(line.key, line.num, line.groups["movement"]) for line in lines.paid(Asked(day or clocks.today(), known_at))]


def test_what_was_ordered_counts_for_nothing_and_what_was_paid_and_came_back_is_what_the_ledger_keeps(who, claim):
    assert told() == []
    make.booked(who, claim, 1_000_000)
    demanded(who, claim, 800_000)
    repaid(who, claim, 300_000, "退1号")
    uscc = claim.enterprise.uscc
    assert told() == [(uscc, 1_000_000, "paid"), (uscc, -300_000, "repaid")]
    assert sum(num for _key, num, _what in told()) == ledgers.sums_of([claim.pk])[claim.pk].kept


def test_what_the_bank_returned_is_taken_off(who, claim):
    make.booked(who, claim, 1_000_000)
    make.booked(who, claim, 400_000, "returned")
    assert sum(num for _key, num, _what in told()) == ledgers.sums_of([claim.pk])[claim.pk].net == 600_000


def test_an_entry_that_was_reversed_never_was_but_who_asked_before_knew_it(who, claim):
    make.booked(who, claim, 1_000_000)
    entry = LedgerEntry.objects.get(kind="paid")
    results.reverse_entry(entry=entry, reason="记到别家去了", by=who.sender)
    assert told() == []
    assert told(entry.at) == [(claim.enterprise.uscc, 1_000_000, "paid")]


def test_a_day_before_it_was_paid_nothing_was(who, claim):
    make.booked(who, claim, 1_000_000)
    assert told(day=LedgerEntry.objects.get(kind="paid").day - dt.timedelta(days=1)) == []


@pytest.mark.parametrize(("role", "sees"), [("leader", True), ("promotion_officer", False), ("chain_officer", False), ("administrator", False)])
def test_whose_payments_a_person_may_see(claim, role, sees):
    assert set(lines.firms_of_claims(person_factory(role))) == (set(Enterprise.objects.filter(pk=claim.enterprise_id)) if sees else set())


def test_a_policy_goes_by_its_title_and_one_that_is_gone_by_nothing():
    from diguan.policies import queries

    name, policy = next(iter(queries.library().policies.items()))
    assert (lines.policy_name(name, "en"), lines.policy_name("no-such-policy", "zh")) == (policy.label("en"), "")


def test_a_firm_that_was_paid_in_parts_is_one_firm(who, claim):
    for part in (400_000, 600_000):
        make.booked(who, claim, part)
    make.booked(who, claim, 1_000_000, "returned")
    assert {(line.key, line.num) for line in lines.paid_firms(Asked(clocks.today()))} == {(claim.enterprise.uscc, 1)}
