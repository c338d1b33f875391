"""``rules.md`` §4, Verdict and Amount: one test a sentence; and what a missing fact may change."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.kernel import periods
from diguan.kernel.rules import scalar, tree, windows
from diguan.kernel.rules.tests.build import (
    DAY,
    FINE,
    FOUNDED,
    HIGH_TECH,
    PROFIT,
    SIZE,
    TAX,
    amount,
    facts,
    of,
    over,
    policy,
    share,
)

pytestmark = pytest.mark.one_database

Q = "previous_quarter"
YES, NO, ASK = of(SIZE, "=", "小型"), of(SIZE, "!=", "小型"), of(HIGH_TECH, "=", True)
SMALL = facts(attributes={SIZE: "小型"})
BASE = over(TAX, Q, "sum", ">=", 0).of


def base(yuan):
    return facts({TAX: [("2026-01", yuan * 100)]}, {TAX: "2026-Q1"})


@pytest.mark.parametrize(("conditions", "status"), [
    ((YES, ASK, NO), tree.INELIGIBLE), ((YES, ASK), tree.UNDECIDED), ((YES, YES), tree.ELIGIBLE)])
def test_ineligible_if_any_clause_is_false_else_unknown_if_any_is_unknown_else_eligible(conditions, status):
    assert scalar.judge(policy(*conditions), SMALL, DAY).status == status


def test_clause_i_takes_bits_2i_and_2i_plus_1_of_the_code():
    assert scalar.judge(policy(YES, NO, ASK), SMALL, DAY).code == 0b10_01_00


@pytest.mark.parametrize(("conditions", "index"), [
    ((YES, over(TAX, Q, "sum", ">=", 5)), 1), ((NO, over(TAX, Q, "sum", ">=", 5)), None), ((ASK, over(TAX, Q, "sum", ">=", 5)), None),
    ((tree.Not(over(TAX, Q, "sum", "<", 5)),), None), ((over(TAX, Q, "sum", "=", 5),), None), ((YES,), None)])
def test_near_miss_is_one_false_clause_none_unknown_and_that_a_single_ordered_comparison(conditions, index):
    known = facts({TAX: [("2026-01", 300)]}, {TAX: "2026-Q1"}, {SIZE: "小型"})
    one = policy(*conditions)
    assert scalar.near_miss(one, scalar.judge(one, known, DAY)) == index


@pytest.mark.parametrize(("op", "limits", "yuan", "distance"), [
    (">=", (5,), 3, 2), ("<", (5,), 9, 4), ("<", (5,), 5, 0), ("between", (5, 9), 12, 3), ("between", (5, 9), 1, 4)])
def test_the_gap_is_the_distance_in_the_facts_unit(op, limits, yuan, distance):
    one = policy(over(TAX, Q, "sum", op, *limits))
    found = scalar.judge(one, base(yuan), DAY)
    assert scalar.near_miss(one, found) == 0
    assert scalar.gap(one.clauses[0].condition, found.findings[0].observed, DAY) == distance


def test_both_ends_of_in_force_are_included_and_no_to_is_open():
    one = policy(YES, start=dt.date(2026, 1, 1), end=dt.date(2026, 6, 30))
    days = [dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 7, 1)]
    assert [one.in_force(day) for day in days] == [False, True, True, False]
    assert policy(YES).in_force(dt.date(9999, 1, 1))


@pytest.mark.parametrize(("condition", "expected"), [(YES, 100), (ASK, 100), (NO, None)])
def test_the_amount_is_set_for_eligible_and_unknown_and_null_for_ineligible(condition, expected):
    found = scalar.judge(policy(condition), SMALL, DAY)
    assert (found.amount_fen, found.amount_unknown) == (expected, False)


def test_an_absent_base_counts_0():
    latest = over(TAX, "latest", "latest", ">=", 0).of
    assert amount(tree.Rate(latest, Fraction(10)), facts(covered={TAX: "all"})) == 0
    assert amount(tree.Rate(BASE, Fraction(10)), facts(covered={TAX: "all"})) == 0


@pytest.mark.parametrize("rounding", tree.ROUNDINGS)
def test_a_negative_result_is_0(rounding):
    lost = facts({PROFIT: [("2026-Q1", -70_000)]})
    assert amount(tree.Rate(over(PROFIT, Q, "sum", ">=", 0).of, Fraction(10), rounding=rounding), lost) == 0


def test_a_partly_covered_base_is_unknown_even_where_the_known_part_would_reach_the_cap():
    known = facts({TAX: [("2026-01", 10**9)]}, attributes={SIZE: "小型"})
    found = scalar.judge(policy(YES, benefit=tree.Rate(BASE, Fraction(10), cap_fen=1)), known, DAY)
    assert (found.status, found.amount_fen, found.amount_unknown) == (tree.ELIGIBLE, None, True)


@pytest.mark.parametrize(("yuan", "fen"), [(199_999, 0), (200_000, 20_000), (300_000, 60_000), (999_999, 199_999), (1_000_000, 350_000)])
def test_the_highest_step_reached_counts_for_the_whole_base(yuan, fen):
    steps = (tree.Step(Fraction(200_000), amount_fen=20_000), tree.Step(Fraction(300_000), rate=Fraction(1, 5)),
             tree.Step(Fraction(1_000_000), rate=Fraction(35, 100)))
    assert amount(tree.Tiers(BASE, steps), base(yuan)) == fen


def test_rate_then_cap_then_rounding():
    assert amount(tree.Rate(BASE, Fraction(10), cap_fen=150, rounding="up_to_yuan"), base(99)) == 200


@pytest.mark.parametrize(("mode", "fen"), [("down_to_fen", 14950), ("half_up_to_fen", 14951), ("down_to_yuan", 14900),
                                           ("half_up_to_yuan", 15000), ("up_to_yuan", 15000)])
def test_rounding_modes(mode, fen):
    assert scalar.rounded(Fraction(149505, 10), mode) == fen


def test_amounts_above_2_to_the_53_are_exact():
    assert amount(tree.Rate(BASE, Fraction(100)), facts({TAX: [("2026-01", 2**53 + 1)]}, {TAX: "2026-Q1"})) == 2**53 + 1


# -- supplying a missing fact may turn unknown into yes or no, never yes into no or back ---------

MONTHS = [f"2026-{month:02d}" for month in range(1, 4)]
OPS = ["=", "!=", "<", "<=", ">", ">="]
leaves = st.one_of(
    st.builds(over, st.just(TAX), st.sampled_from([Q, "this_year"]), st.sampled_from(["sum", "count", "max", "min"]),
              st.sampled_from(OPS), st.integers(-1, 4)),
    st.builds(over, st.just(TAX), st.just(Q), st.sampled_from(["between", "in"]).map(lambda _: "sum"), st.sampled_from(["between", "in"]),
              st.integers(-1, 2), st.integers(2, 4)),
    st.builds(over, st.just(TAX), st.just(Q), st.sampled_from([None, "sum", "max"]), st.just("exists")),
    st.builds(share, st.just(TAX), st.just(FINE), st.just(Q), st.sampled_from(OPS), st.integers(-1, 2)),
    st.builds(over, st.just(TAX), st.just(Q), st.just("growth"), st.sampled_from(OPS), st.integers(-1, 2)),
    st.builds(of, st.sampled_from([SIZE]), st.sampled_from(["=", "!="]), st.just("小型")))
conditions = st.recursive(leaves, lambda inner: st.one_of(
    inner.map(tree.Not), st.lists(inner, min_size=1, max_size=3).map(lambda p: tree.All(tuple(p))),
    st.lists(inner, min_size=1, max_size=3).map(lambda p: tree.Any(tuple(p)))), max_leaves=5)
told = st.dictionaries(st.sampled_from([*MONTHS, "2025-01", "2025-02", "2025-03"]), st.one_of(st.none(), st.integers(0, 4)), max_size=6)


@settings(max_examples=400, deadline=None)
@given(condition=conditions, known=told, more=told, size=st.sampled_from([None, "小型", "大型"]), fines=st.booleans())
def test_supplying_a_missing_fact_never_turns_yes_into_no_or_back(condition, known, more, size, fines):
    def world(months, attributes, covered):
        rows = [(month, None if yuan is None else yuan * 100) for month, yuan in months.items()]
        return facts({TAX: rows, FINE: [("2026-01-05", 100)]}, covered, attributes)

    before = world(known, {}, {})
    after = world({**more, **known}, {SIZE: size} if size else {}, {FINE: "2026 2025"} if fines else {})
    one = policy(condition)
    first, then = (scalar.judge(one, each, DAY).findings[0].verdict for each in (before, after))
    assert first == tree.UNKNOWN or first == then


@settings(max_examples=150, deadline=None)
@given(limit=st.integers(1, 2**60), off=st.integers(-1, 1), op=st.sampled_from(["<", "<=", "=", "!=", ">", ">="]))
def test_one_below_at_and_one_above_a_limit_are_told_apart_in_fen(limit, off, op):
    value, bound = limit + off, Fraction(limit, 100)
    expected = {"<": off < 0, "<=": off <= 0, "=": off == 0, "!=": off != 0, ">": off > 0, ">=": off >= 0}[op]
    known = facts({TAX: [("2026-01", value)]}, {TAX: "2026-Q1"})
    assert scalar.compare(over(TAX, Q, "sum", op, bound), known, DAY) == (tree.TRUE if expected else tree.FALSE)


@settings(max_examples=200, deadline=None)
@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)), word=st.sampled_from(["this_year", "last_12_months", Q, "year:-1"]),
       kind=st.sampled_from(["day", "month", "quarter"]))
def test_windows_end_by_as_of_and_cut_no_period_of_their_kind(day, word, kind):
    window = windows.resolve(windows.parse_word(word), kind, day)
    assert window.end <= day
    if not window.empty:
        assert periods.of_day(window.start, kind).start == window.start
        assert periods.of_day(window.end, kind).end == window.end


def test_a_date_has_a_near_miss_in_days():
    known = facts(attributes={FOUNDED: (dt.date(2025, 7, 10) - dt.date(1970, 1, 1)).days})
    one = policy(of(FOUNDED, "<=", tree.AsOf(-12)))
    found = scalar.judge(one, known, DAY)
    assert scalar.near_miss(one, found) == 0
    assert scalar.gap(one.clauses[0].condition, found.findings[0].observed, DAY) == 10
