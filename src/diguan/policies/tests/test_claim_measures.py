"""Measures of claims, with the rows behind them: what is owed, what was paid of it, how long it took."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.measures import MEASURES, behind, value
from diguan.kernel.stages.models import Passage, Task
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import claim_steps
from diguan.policies.queries.claim_measures import Book
from diguan.policies.tests import claiming
from diguan.policies.tests.claiming import SINCE, again, opened
from diguan.policies.tests.county import PLAIN, POLICY, RICH

pytestmark = pytest.mark.django_db
NAMES = ("claims_paid_share", "claims_paid_share_amount", "claims_automatic_share", "claims_days_to_paid")


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    return claiming.begin(settings, tmp_path, monkeypatch)


def paid(row, who, day):
    """As payments leave it: at ``paid``, on a day."""
    Task.objects.filter(course=row.course_id, state="open").update(state="done")
    Task.objects.create(course=row.course, key="paid", state="open")
    Passage.objects.create(course=row.course, kind="passed", source="payment_ordered", target="paid", day=day, by=who.second)


def figures(person, policy=POLICY):
    of = Book(policy, clocks.today(), clocks.now())
    return [value(f"policies.{name}", person, of).num for name in NAMES]


def test_nothing_is_no_share_and_not_zero(who):
    assert figures(who.officer) == [None, None, None, None]


def test_what_was_paid_of_what_is_owed_and_how_long_it_took(who):
    rows = {row.enterprise.uscc: row for row in opened(who)}
    assert figures(who.officer) == [0, 0, 10_000, None]
    paid(rows[RICH], who, dt.date(2026, 11, 10))  # opened on Saturday 2026-10-31: seven working days
    assert figures(who.officer) == [3_333, 4_545, 10_000, 7]
    claim_steps.withdraw_claim(claim=again(rows[PLAIN]), version=1, reason="不要了", by=person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE))
    assert figures(who.officer) == [5_000, 8_333, 10_000, 7]
    assert figures(who.officer, "another") == [None, None, None, None]
    of = Book(POLICY, clocks.today(), clocks.now())
    assert [row.enterprise.uscc for row in behind("policies.claims_days_to_paid", who.officer, of)] == [RICH]
    assert {row.enterprise.uscc for row in behind("policies.claims_paid_share", who.officer, of)} == {RICH, next(iter(set(rows) - {RICH, PLAIN}))}


def test_who_sees_no_claims_sees_no_figure(who):
    assert all(MEASURES[f"policies.{name}"].permission == "policies.view_claim" for name in NAMES)
    with pytest.raises(Forbidden):
        figures(person_factory("data_clerk", from_day=SINCE))
