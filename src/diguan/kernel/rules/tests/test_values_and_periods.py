"""``rules.md`` §4, Values and Periods and rows: one test a sentence."""

import datetime as dt

import pytest

from diguan.kernel import periods
from diguan.kernel.rules import tree, windows
from diguan.kernel.rules.tests.build import DAY, FINE, FOUNDED, HEADS, HIGH_TECH, SIZE, TAX, facts, of, over, verdict

pytestmark = pytest.mark.one_database

NOTHING = facts()
GONE = facts(absent=(SIZE, HIGH_TECH, FOUNDED))


@pytest.mark.parametrize("op", ["=", "!=", "in", "starts_with"])
def test_a_comparison_with_an_absent_value_is_false_whatever_the_operator(op):
    assert verdict(of(SIZE, op, "大型"), GONE) == "F"


def test_not_turns_a_false_comparison_with_an_absent_value_to_true():
    assert verdict(tree.Not(of(SIZE, "=", "大型")), GONE) == "T"
    assert verdict(tree.Not(of(SIZE, "!=", "大型")), GONE) == "T"


def test_exists_is_true_for_a_value_false_for_absent_unknown_for_unknown():
    assert [verdict(of(SIZE, "exists"), known) for known in (facts(attributes={SIZE: "小型"}), GONE, NOTHING)] == ["T", "F", "U"]


@pytest.mark.parametrize(("group", "left", "right", "answer"), [
    (tree.All, "T", "U", "U"), (tree.All, "F", "U", "F"), (tree.Any, "T", "U", "T"), (tree.Any, "F", "U", "U"),
    (tree.All, "U", "U", "U"), (tree.Any, "F", "F", "F"), (tree.All, "T", "T", "T")])
def test_unknown_propagates_by_kleene(group, left, right, answer):
    part = {"T": of(SIZE, "=", "小型"), "F": of(SIZE, "!=", "小型"), "U": of(HIGH_TECH, "=", True)}
    assert verdict(group((part[left], part[right])), facts(attributes={SIZE: "小型"})) == answer


def test_not_leaves_an_unknown_unknown():
    assert verdict(tree.Not(of(SIZE, "=", "大型")), NOTHING) == "U"


def test_on_missing_fail_makes_an_unknown_clause_false_after_nesting():
    assert verdict(tree.Not(of(SIZE, "=", "大型")), NOTHING, on_missing="fail") == "F"
    assert verdict(of(SIZE, "=", "大型"), NOTHING, on_missing="ask") == "U"


def test_on_missing_fail_does_not_touch_an_absent_value():
    assert verdict(tree.Not(of(SIZE, "=", "大型")), GONE, on_missing="fail") == "T"


def test_a_row_belongs_to_a_period_if_it_lies_wholly_in_it_and_not_after_as_of():
    known = facts({TAX: [("2026-05", 100), ("2026-06", 100)]}, {TAX: "all"})
    assert verdict(over(TAX, "all", "count", "=", 1), known, dt.date(2026, 6, 29)) == "T"
    assert verdict(over(TAX, "all", "count", "=", 2), known, DAY) == "T"


def test_an_absent_row_may_name_a_longer_period_than_the_facts_kind():
    assert verdict(over(TAX, "previous_quarter", "sum", "=", 0), facts({TAX: [("2026-Q1", None)]})) == "T"
    assert verdict(over(TAX, "previous_quarter", "sum", "=", 0), facts({TAX: [("2025", None)]})) == "U"


def test_a_longer_absent_row_that_ends_after_as_of_covers_nothing():
    assert verdict(over(FINE, "this_year", "count", "=", 0), facts({FINE: [("2026", None)]})) == "U"


def test_two_rows_of_one_day_are_two_events():
    known = facts({FINE: [("2026-03-01", 500), ("2026-03-01", 500)]}, {FINE: "2026-Q1"})
    assert verdict(over(FINE, "previous_quarter", "count", "=", 2), known) == "T"
    assert verdict(over(FINE, "previous_quarter", "sum", "=", 10), known) == "T"


@pytest.mark.parametrize(("word", "kind", "as_of", "start", "end"), [
    ("this_year", "day", "2026-08-15", "2026-01-01", "2026-08-15"),
    ("year:0", "day", "2026-08-15", "2026-01-01", "2026-08-15"),
    ("previous_year", "month", "2026-08-15", "2025-01-01", "2025-12-31"),
    ("year:-2", "year", "2026-08-15", "2024-01-01", "2024-12-31"),
    ("last_12_months", "day", "2026-08-15", "2025-08-16", "2026-08-15"),
    ("last_12_months", "day", "2025-02-28", "2024-02-29", "2025-02-28"),
    ("previous_quarter", "day", "2026-01-01", "2025-10-01", "2025-12-31"),
    ("this_year", "month", "2026-08-15", "2026-01-01", "2026-07-31"),
    ("this_year", "month", "2026-08-31", "2026-01-01", "2026-08-31"),
    ("this_year", "quarter", "2026-08-15", "2026-01-01", "2026-06-30"),
    ("last_12_months", "month", "2026-08-15", "2025-08-01", "2026-07-31"),
    ("last_12_months", "quarter", "2026-08-15", "2025-07-01", "2026-06-30")])
def test_period_words_name_these_days(word, kind, as_of, start, end):
    found = windows.resolve(windows.parse_word(word), kind, dt.date.fromisoformat(as_of))
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


def test_year_n_needs_n_not_above_zero():
    assert windows.parse_word("year:1") is None
    assert windows.parse_word("year:0") == windows.parse_word("this_year")
    assert windows.parse_word("year:-1") == windows.parse_word("previous_year")


def test_a_period_with_nothing_in_it_sums_to_0():
    assert verdict(over(TAX, "this_year", "sum", "=", 0), NOTHING, dt.date(2026, 1, 15)) == "T"


def test_a_period_word_that_cuts_the_facts_kind_is_a_load_error():
    cut = [word for word in ("this_year", "last_12_months", "previous_quarter", "previous_year", "all") if windows.cuts(windows.parse_word(word), "year")]
    assert cut == ["this_year", "last_12_months", "previous_quarter"]


def test_a_period_is_covered_if_every_whole_period_of_the_kind_lies_in_coverage_or_a_row():
    known = facts({TAX: [("2026-02", 100)]}, {TAX: "2026-01 2026-03"})
    assert verdict(over(TAX, "previous_quarter", "sum", "=", 1), known) == "T"
    assert verdict(over(TAX, "previous_quarter", "sum", "=", 1), facts({TAX: [("2026-02", 100)]}, {TAX: "2026-01"})) == "U"


def test_a_value_row_of_a_day_fact_covers_nothing():
    day = dt.date(2026, 1, 1)
    assert verdict(over(FINE, "this_year", "sum", "=", 1), facts({FINE: [("2026-01-01", 100)]}), day) == "U"
    assert verdict(over(FINE, "this_year", "sum", "=", 0), facts({FINE: [("2026-01-01", None)]}), day) == "T"


def test_the_word_all_is_covered_only_by_all():
    known = {TAX: [("2026-05", 100)]}
    assert verdict(over(TAX, "all", "sum", "=", 1), facts(known, {TAX: "2025 2026"})) == "U"
    assert verdict(over(TAX, "all", "sum", "=", 1), facts(known, {TAX: "all"})) == "T"


def test_the_gap_of_a_window_is_its_periods_outside_the_coverage_list():
    window = windows.resolve(tree.Word("previous_quarter"), "month", DAY)
    assert [gap.text for gap in windows.uncovered(window, "month", [periods.parse("2026-02")])] == ["2026-01", "2026-03"]
    assert windows.uncovered(window, "month", [periods.parse("2026")]) == []


def test_over_latest_is_over_all_with_agg_latest():
    assert windows.parse_word("latest") == windows.parse_word("all")
    known = facts({HEADS: [("2024-01", 9), ("2026-05", 20)]})
    assert verdict(over(HEADS, "latest", "latest", "=", 20), known) == "T"


@pytest.mark.parametrize(("as_of", "months", "day"), [("2026-03-31", -1, "2026-02-28"), ("2024-02-29", -12, "2023-02-28"),
                                                      ("2026-11-30", 3, "2027-02-28"), ("2026-06-30", 0, "2026-06-30")])
def test_a_day_that_does_not_exist_becomes_the_months_last_day(as_of, months, day):
    assert tree.AsOf(months).on(dt.date.fromisoformat(as_of)).isoformat() == day


def test_a_date_is_compared_with_a_day_counted_from_as_of():
    known = facts(attributes={FOUNDED: (dt.date(2025, 6, 30) - dt.date(1970, 1, 1)).days})
    answers = [verdict(of(FOUNDED, op, tree.AsOf(-12)), known) for op in ("<=", "<", "=", ">=", ">")]
    assert answers == ["T", "F", "T", "T", "F"]
