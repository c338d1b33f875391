"""``rules.md`` §4, Aggregation: one test a sentence."""

import datetime as dt
from fractions import Fraction

import pytest

from diguan.kernel.rules import scalar
from diguan.kernel.rules.tests.build import (
    DAY,
    FINE,
    HEADS,
    PROFIT,
    RD,
    REVENUE,
    TAX,
    facts,
    over,
    policy,
    share,
    verdict,
)

pytestmark = pytest.mark.one_database

Q = "previous_quarter"
ALL_OPS = [("=", (5,)), ("!=", (5,)), ("<", (5,)), ("<=", (5,)), (">", (5,)), (">=", (5,)), ("in", (4, 5)), ("between", (4, 5))]


def part(yuan, fact=TAX):
    """January's value only: February and March are not covered."""
    return facts({fact: [("2026-01", yuan * 100)]})


def test_exists_without_agg_asks_for_any_value_row():
    answers = [verdict(over(TAX, Q, None, "exists"), known) for known in (part(0), facts(covered={TAX: "2026-Q1"}), facts())]
    assert answers == ["T", "F", "U"]


@pytest.mark.parametrize("agg", ["sum", "count", "max", "min"])
def test_exists_with_agg_over_a_partly_covered_period_is_true_once_a_value_row_is_known(agg):
    assert verdict(over(TAX, Q, agg, "exists"), part(0)) == "T"
    assert verdict(over(TAX, Q, agg, "exists"), facts(covered={TAX: "2026-01"})) == "U"


def test_exists_with_agg_asks_whether_that_result_exists():
    none = facts(covered={TAX: "2026-Q1"})
    assert [verdict(over(TAX, Q, agg, "exists"), none) for agg in ("sum", "count", "max", "min", "latest")] == ["T", "T", "F", "F", "F"]


def test_exists_over_latest_asks_whether_the_latest_row_is_a_value():
    assert verdict(over(TAX, "latest", "latest", "exists"), facts({TAX: [("2026-01", 1), ("2026-02", None)]})) == "F"
    assert verdict(over(TAX, "latest", "latest", "exists"), facts({TAX: [("2026-01", None), ("2026-02", 1)]})) == "T"


def test_sum_and_count_of_nothing_over_a_covered_period_are_0():
    none = facts(covered={TAX: "2026-Q1"})
    assert [verdict(over(TAX, Q, agg, "=", 0), none) for agg in ("sum", "count")] == ["T", "T"]


def test_max_min_and_latest_of_nothing_are_absent():
    none = facts(covered={TAX: "2026-Q1"})
    assert {verdict(over(TAX, Q, agg, op, *limits), none) for agg in ("max", "min", "latest") for op, limits in ALL_OPS} == {"F"}


@pytest.mark.parametrize(("yuan", "answers"), [(4, "U U U U U U U U"), (5, "U U F U U T U U"), (6, "F T F F T T F F")])
def test_the_known_part_decides_for_sums_that_cannot_be_negative_with_every_operator(yuan, answers):
    assert [verdict(over(TAX, Q, "sum", op, *limits), part(yuan)) for op, limits in ALL_OPS] == answers.split()


def test_the_known_part_decides_for_count():
    assert [verdict(over(TAX, Q, "count", op, 1), part(9)) for op in (">=", "<", ">", "<=", "=")] == ["T", "F", "U", "U", "U"]


def test_at_least_0_is_true_even_with_nothing_known():
    assert verdict(over(TAX, Q, "sum", ">=", 0), facts()) == "T"
    assert verdict(over(TAX, Q, "sum", "<", 0), facts()) == "F"


def test_a_sum_that_can_be_negative_is_unknown_while_partly_covered():
    known = facts({PROFIT: [("2026-Q1", 10**9)]})
    assert {verdict(over(PROFIT, "last_12_months", "sum", op, *limits), known) for op, limits in ALL_OPS} == {"U"}


@pytest.mark.parametrize(("agg", "yuan", "answers"), [
    ("max", 6, "U U F F T T U U"), ("max", 5, "U U F U U T U U"), ("max", 4, "U U U U U U U U"),
    ("min", 4, "U U T T F F U U"), ("min", 5, "U U U T F U U U"), ("min", 6, "U U U U U U U U")])
def test_a_partly_known_max_proves_at_least_and_disproves_below_and_min_the_reverse(agg, yuan, answers):
    assert [verdict(over(TAX, Q, agg, op, *limits), part(yuan)) for op, limits in ALL_OPS] == answers.split()


def test_latest_is_the_row_with_the_latest_period_in_the_window():
    known = facts({HEADS: [("2026-03", 7), ("2026-01", 9)]})
    assert verdict(over(HEADS, Q, "latest", "=", 7), known) == "T"


def test_of_several_rows_of_one_day_the_greatest_value_is_the_latest():
    assert verdict(over(FINE, "latest", "latest", "=", 9), facts({FINE: [("2026-05-01", 900), ("2026-05-01", 100)]})) == "T"


def test_latest_is_absent_if_the_latest_row_says_absent():
    assert verdict(over(TAX, "latest", "latest", ">=", 0), facts({TAX: [("2026-01", 1), ("2026-02", None)]})) == "F"


def test_latest_with_no_row_is_absent_if_any_coverage_touches_the_window_else_unknown():
    assert verdict(over(TAX, "latest", "latest", ">=", 0), facts(covered={TAX: "2020-05"})) == "F"
    assert verdict(over(TAX, "latest", "latest", ">=", 0), facts(covered={TAX: "2027"})) == "U"
    assert verdict(over(TAX, "latest", "latest", ">=", 0), facts()) == "U"


@pytest.mark.parametrize(("rd", "answers"), [(299, "T F F"), (300, "F T T"), (301, "F F T")])
def test_ratio_is_judged_as_a_op_k_b_in_exact_integers(rd, answers):
    big = 10**17
    known = facts({RD: [("2025", rd * big)], REVENUE: [("2025", 10_000 * big)]})
    limit = Fraction(3, 100)
    assert [verdict(share(RD, REVENUE, "previous_year", op, limit), known) for op in ("<", "=", ">=")] == answers.split()


@pytest.mark.parametrize("op", ["<", "!=", ">=", "="])
@pytest.mark.parametrize("revenue", [0, -5])
def test_a_ratio_with_b_known_and_not_positive_is_false_even_if_a_is_unknown(op, revenue):
    assert verdict(share(RD, REVENUE, "previous_year", op, Fraction(3, 100)), facts({REVENUE: [("2025", revenue)]})) == "F"


def test_a_ratio_is_unknown_as_soon_as_one_side_is_not_fully_covered():
    for known in (facts({RD: [("2025", 5)]}), facts({REVENUE: [("2025", 5)]}), facts()):
        assert verdict(share(RD, REVENUE, "previous_year", ">=", Fraction(0)), known) == "U"


@pytest.mark.parametrize(("now", "answer"), [(10999, "F"), (11000, "T"), (11001, "T")])
def test_growth_compares_with_the_same_whole_periods_one_year_earlier(now, answer):
    known = facts({RD: [("2024", 10000), ("2025", now)]})
    assert verdict(over(RD, "previous_year", "growth", ">=", Fraction(1, 10)), known) == answer


def test_growth_of_a_day_fact_compares_from_start_less_12_months_to_the_day_before_end_and_one_less_12_months():
    inside, outside = [("2025-06-30", 100), ("2026-06-30", 200)], [("2024-06-30", 900)]
    known = facts({FINE: inside + outside}, {FINE: "all"})
    assert verdict(over(FINE, "last_12_months", "growth", "=", Fraction(1)), known, DAY) == "T"
    leap = facts({FINE: [("2024-02-29", 100), ("2025-02-01", 200)]}, {FINE: "all"})  # the earlier year ends on its 29 February
    assert verdict(over(FINE, "this_year", "growth", "=", Fraction(1)), leap, dt.date(2025, 2, 28)) == "T"


def test_growth_from_an_earlier_sum_known_and_not_positive_is_false():
    for op in (">=", "<", "!="):
        assert verdict(over(RD, "previous_year", "growth", op, Fraction(1, 10)), facts({RD: [("2024", 0)]})) == "F"


def test_growth_is_unknown_while_a_side_is_not_covered():
    assert verdict(over(RD, "previous_year", "growth", ">=", Fraction(0)), facts({RD: [("2025", 9)]})) == "U"
    assert verdict(over(RD, "previous_year", "growth", ">=", Fraction(0)), facts({RD: [("2024", 9)]})) == "U"


@pytest.mark.parametrize(("condition", "known"), [
    (over(TAX, Q, "sum", "<", 5), part(6)), (over(TAX, Q, "max", "<", 5), part(6)), (over(TAX, Q, "min", ">", 5), part(4)),
    (share(RD, REVENUE, "previous_year", ">=", Fraction(1)), facts({RD: [("2025", 1)], REVENUE: [("2025", 0)]})),
    (over(RD, "previous_year", "growth", ">=", Fraction(1)), facts({RD: [("2024", 0), ("2025", 1)]}))])
def test_a_part_a_ratio_by_nothing_and_a_growth_from_nothing_have_no_observed_value(condition, known):
    one = policy(condition)
    found = scalar.judge(one, known, DAY)
    assert (found.n_false, found.findings[0].observed, scalar.near_miss(one, found)) == (1, None, None)


def test_numbers_other_than_money_are_exact_decimals_of_up_to_4_places():
    known = scalar.SubjectFacts({}, {HEADS.name: [scalar.Row(dt.date(2026, 5, 1), dt.date(2026, 5, 31), 200_001)]},
                                facts().coverage, scales={HEADS.name: 10_000})
    assert [verdict(over(HEADS, "latest", "latest", op, Fraction(200_001, 10_000)), known) for op in ("=", ">", "<")] == ["T", "F", "F"]
