"""Trips and what they cost: planned, sent off, closed; limits refuse, a leader approves, who entered does not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from diguan.kernel.access import Forbidden
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.outreach.actions import calls, expenses, trips
from diguan.outreach.models import Expense, Trip
from diguan.outreach.queries import trips as queries
from diguan.outreach.tests.factories import (
    call_factory,
    expense_factory,
    officer_factory,
    refused,
    trip_factory,
    visit_factory,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 8, 4)


@pytest.fixture(autouse=True)
def august(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, DAY.isoformat()


def test_a_trip_is_planned_sets_out_and_closes():
    by = officer_factory()
    row = trip_factory(by, from_day=DAY, to_day=DAY)
    refused("not_under_way", trips.close_trip, trip=row, version=row.version, summary="不错", by=by)
    row = trips.start_trip(trip=row, version=row.version, by=by)
    row = trips.close_trip(trip=row, version=row.version, summary="拜访了三家，一家愿意来看", by=by)
    assert row.state == "closed"
    refused("trip_closed", trips.change_trip, trip=row, version=row.version, values={"title": "改", "purpose": "改", "from_day": DAY, "to_day": DAY}, leader=by, cities=["330100"], by=by)


@pytest.mark.parametrize(("change", "field"), [
    ({"to_day": dt.date(2025, 8, 3)}, "to_day"), ({"to_day": dt.date(2025, 10, 3)}, "to_day"), ({"title": ""}, "title"), ({"purpose": "长" * 301}, "purpose"), ({"budget_fen": -1}, "budget_fen"),
    ({"cities": ()}, "cities"), ({"cities": ("999999",)}, "cities"), ({"leaves": 1200, "back": 600}, "back")])
def test_what_cannot_be_a_trip_is_refused_at_its_field(change, field):
    with pytest.raises(Refusal) as error:
        trip_factory(**change)
    assert error.value.field == field
    assert not Trip.objects.exists()


def test_who_holds_no_post_neither_leads_nor_goes_along():
    gone = person_factory("promotion_officer", from_day=dt.date(2024, 1, 1), to_day=dt.date(2025, 1, 1), name="离岗者")
    assert refused("no_team", trip_factory, leader=gone).field == "leader"
    assert "离岗者" in refused("no_team", trip_factory, members=(gone,)).texts("zh")[0]


def test_a_trip_sets_out_on_its_day_and_no_sooner():
    by = officer_factory()
    row = trip_factory(by, from_day=DAY + dt.timedelta(days=1), to_day=DAY + dt.timedelta(days=2))
    refused("too_early", trips.start_trip, trip=row, version=row.version, by=by)


def test_two_who_change_one_trip_do_not_overwrite_each_other():
    by = officer_factory()
    row = trip_factory(by)
    told = {"values": {"title": "甲", "purpose": "乙", "from_day": DAY, "to_day": DAY}, "leader": by, "cities": ["320500"], "by": by}
    trips.change_trip(trip=row, version=1, **told)
    refused("conflict", trips.change_trip, trip=row, version=1, **told)
    assert [city.region for city in row.cities.all()] == ["320500"]


def test_a_trip_with_open_calls_or_waiting_expenses_is_not_closed():
    by = officer_factory()
    row = trip_factory(by, started=True)
    call = call_factory(row, by)
    refused("calls_open", trips.close_trip, trip=row, version=row.version, summary="好了", by=by)
    calls.drop_call(call=call, version=call.version, reason="老板出国了", by=by)
    waiting = expense_factory(row, by, amount_fen=90_000, reason="展会期间没有别的房")
    refused("expenses_open", trips.close_trip, trip=row, version=row.version, summary="好了", by=by)
    expenses.decide_expense(trip=row, expense=waiting, approve=True, by=person_factory("leader"))
    assert trips.close_trip(trip=row, version=row.version, summary="好了", by=by).state == "closed"


def test_another_unit_changes_nothing_and_a_town_officer_sees_only_their_own():
    row = trip_factory()
    with pytest.raises(Forbidden):
        trips.cancel_trip(trip=row, version=row.version, reason="不去了", by=officer_factory(unit=unit_factory()))
    town = person_factory("town_officer")
    assert queries.trip(town, row.pk) is None
    own = trip_factory(town)
    assert queries.trip(town, own.pk) == own


@pytest.mark.parametrize("role", ["enterprise_agent", "policy_officer", "data_clerk", "administrator"])
def test_a_role_without_the_right_plans_no_trip(role):
    with pytest.raises(Forbidden):
        trip_factory(person_factory(role), leader=officer_factory())


# ── expenses ─────────────────────────────────────────────────────────────────
def test_what_keeps_the_limit_counts_at_once():
    row = trip_factory()
    kept = expense_factory(row, amount_fen=40_000)
    assert (kept.state, kept.allowed_fen) == ("kept", 40_000)
    assert queries.results(row.leader, row).spent_fen == 40_000


def test_a_fen_above_the_limit_is_refused_with_limit_and_source():
    row = trip_factory()
    error = refused("over_limit", expense_factory, trip=row, amount_fen=40_001)
    assert "400 元" in error.texts("zh")[0]
    assert "财行〔2013〕531号" in error.texts("zh")[0]
    assert error.field == "amount_fen"
    assert not row.expenses.exists()


def test_the_limit_is_of_the_place_the_people_and_the_days():
    row = trip_factory(cities=("440300",), members=[officer_factory()])
    assert expense_factory(row, region="440300", persons=2, days=2, amount_fen=180_000).allowed_fen == 180_000
    assert expense_factory(row, region="440300", kind="meals", persons=2, days=3, amount_fen=60_000).allowed_fen == 60_000
    assert expense_factory(row, region="440300", kind="transport", persons=2, amount_fen=150_000).allowed_fen is None


def test_an_expense_that_is_split_or_told_of_more_people_than_there_are_keeps_the_limit_of_the_team():
    row = trip_factory(members=[officer_factory()])
    expense_factory(row, amount_fen=36_000)
    expense_factory(row, amount_fen=40_000)
    assert "全队 2 人，这几天同类已记 760 元" in refused("over_limit", expense_factory, trip=row, amount_fen=36_000).texts("zh")[0]
    refused("over_limit", expense_factory, trip=row, persons=50, amount_fen=36_000)
    waits = expense_factory(row, persons=50, amount_fen=36_000, reason="带了两名司机")
    assert (waits.state, waits.allowed_fen) == ("waiting", 4_000)
    assert expense_factory(row, kind="meals", amount_fen=10_000).state == "kept"


def test_what_was_reversed_or_is_of_other_days_takes_nothing_of_the_limit(settings):
    row = trip_factory()
    wrong = expense_factory(row, amount_fen=40_000)
    expenses.reverse_expense(trip=row, expense=wrong, reason="记错了", by=row.leader)
    assert expense_factory(row, amount_fen=40_000).state == "kept"
    settings.DIGUAN_TODAY = (DAY + dt.timedelta(days=1)).isoformat()
    assert expense_factory(row, day=DAY + dt.timedelta(days=1), amount_fen=40_000).state == "kept"


def test_above_the_limit_with_a_reason_it_waits_and_another_decides():
    by = officer_factory()
    row = trip_factory(by)
    waiting = expense_factory(row, by, amount_fen=50_000, reason="展会期间没有别的房")
    assert (waiting.state, queries.results(by, row).spent_fen, queries.results(by, row).waiting_fen) == ("waiting", 0, 50_000)
    leader = person_factory("leader")
    assert list(queries.to_approve(leader)) == [waiting]
    expenses.decide_expense(trip=row, expense=waiting, approve=True, by=leader)
    assert queries.results(by, row).spent_fen == 50_000
    refused("conflict", expenses.decide_expense, trip=row, expense=waiting, approve=True, by=leader)


def test_who_entered_it_does_not_approve_it_nor_does_the_database_let_them():
    by = officer_factory()
    row = trip_factory(by)
    waiting = expense_factory(row, by, amount_fen=50_000, reason="展会期间没有别的房")
    with pytest.raises(Forbidden):
        expenses.decide_expense(trip=row, expense=waiting, approve=True, by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Expense.objects.filter(pk=waiting.pk).update(state="approved", decided_by=by, decided_on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Expense.objects.filter(pk=waiting.pk).update(state="kept")


@pytest.mark.parametrize(("change", "code"), [
    ({"amount_fen": 0}, "invalid"), ({"amount_fen": -100}, "invalid"), ({"persons": 0}, "invalid"), ({"days": 4}, "invalid"), ({"day": DAY + dt.timedelta(days=1)}, "bad_day"), ({"day": DAY - dt.timedelta(days=1)}, "bad_day"),
    ({"region": "000000"}, "invalid"), ({"kind": "gifts"}, "invalid")])
def test_what_cannot_be_an_expense_is_refused(change, code):
    row = trip_factory()
    refused(code, expense_factory, trip=row, **change)
    assert not row.expenses.exists()


def test_a_reversed_expense_stays_and_counts_no_more():
    by = officer_factory()
    row = trip_factory(by)
    wrong = expense_factory(row, by)
    expenses.reverse_expense(trip=row, expense=wrong, reason="录重了", by=by)
    assert (row.expenses.get().state, queries.results(by, row).spent_fen) == ("reversed", 0)
    refused("conflict", expenses.reverse_expense, trip=row, expense=wrong, reason="录重了", by=by)


# ── results ──────────────────────────────────────────────────────────────────
def test_results_are_counted_from_rows_each_firm_once_and_who_was_absent_not():
    by = officer_factory()
    row = trip_factory(by, started=True, expected_visits=4, expected_firms=3, expected_leads=None)
    for name, outcome in (("甲厂", "keen"), ("甲厂", "coming"), ("乙厂", "absent"), ("丙厂", "no")):
        visit_factory(by, trip=row, name=name, outcome=outcome)
    visit_factory(by, trip=row, name="某商会", party="chamber", outcome="later")
    found = {line.key: (line.expected, line.came, line.short) for line in queries.results(by, row).lines}
    assert found == {"visits": (4, 5, 0), "firms": (3, 2, 1), "leads": (None, 1, 0), "invited": (None, 0, 0)}
