"""What people read of a condition, its gap and its reason."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest

from diguan.kernel.rules import scalar, tree, words
from diguan.kernel.rules.tests.build import (
    DAY,
    FINE,
    FOUNDED,
    HEADS,
    HIGH_TECH,
    RD,
    REVENUE,
    SIZE,
    TAX,
    facts,
    of,
    over,
    policy,
    share,
    spec,
)

pytestmark = pytest.mark.one_database

PAID = replace(TAX, title={"zh": "入库税额", "en": "Tax paid"})
LAND = spec("land.area", "year", "number", unit="亩")
Q = "previous_quarter"


def reason(condition, known, language="zh"):
    one = policy(condition)
    return words.reason(one.clauses[0], scalar.judge(one, known, DAY).findings[0], DAY, language)


@pytest.mark.parametrize(("condition", "zh", "en"), [
    (over(PAID, Q, "sum", ">=", 2_000_000), "上一季度入库税额合计不低于 200 万元", "Tax paid, total over the previous quarter: at least 2,000,000 yuan"),
    (over(PAID, "latest", "latest", ">", 123_456), "最近一期入库税额高于 123,456 元", "Tax paid, latest: above 123,456 yuan"),
    (over(PAID, "previous_year", "growth", ">=", Fraction(1, 10)), "上一年度入库税额同比增幅不低于 10%", "Tax paid, growth on the year before over the previous year: at least 10%"),
    (over(PAID, "all", None, "exists"), "历来入库税额有记录", "Tax paid, all time: on record"),
    (tree.Not(of(HIGH_TECH, "=", True)), "不得是：enterprise.high_tech为是", "not: enterprise.high_tech: is yes"),
    (of(FOUNDED, "<=", tree.AsOf(-12)), "enterprise.established不晚于判定日前 12 个月", "enterprise.established: no later than 12 months before the day of judging"),
    (share(REVENUE, LAND, "previous_year", ">=", 100_000), "上一年度revenue.main与land.area之比不低于 100,000 元/亩", "revenue.main to land.area, the previous year: at least 100,000 yuan/mu")])
def test_a_condition_reads_as_a_sentence_in_both_languages(condition, zh, en):
    assert (words.reading(condition), words.reading(condition, "en")) == (zh, en)


def test_groups_are_read_with_their_parts_and_codes_with_their_names():
    group = tree.Any((of(SIZE, "=", "小型"), of(SIZE, "in", "430421")))
    assert words.reading(group, "zh", {"430421": "衡阳县"}) == "以下满足一项（enterprise.size为小型；enterprise.size属于衡阳县（430421））"


@pytest.mark.parametrize(("op", "limits", "yuan", "said"), [
    (">=", (420_000,), 200_000, "还差 22 万元"), ("<=", (420_000,), 430_000, "超出 1 万元"),
    ("between", (10, 20), 25, "超出 5 元"), ("between", (10, 20), 5, "还差 5 元"), (">", (10,), 10, "正好卡在这个数上，要超过它才行")])
def test_the_gap_is_said_in_words_and_units(op, limits, yuan, said):
    assert words.gap(over(TAX, Q, "sum", op, *limits), Fraction(yuan), DAY) == said


def test_a_gap_between_rates_is_said_in_percentage_points():
    leaf = share(RD, REVENUE, "previous_year", ">=", Fraction(3, 100))
    assert words.gap(leaf, Fraction(271, 10_000), DAY) == "还差 0.29 个百分点"
    assert words.gap(leaf, Fraction(271, 10_000), DAY, "en") == "0.29 percentage points short"


def test_a_reason_never_makes_a_missed_amount_look_reached():
    known = facts({TAX: [("2026-01", 9_999_999)]}, {TAX: "2026-Q1"})
    assert reason(over(TAX, Q, "sum", ">=", 100_000), known) == "现有 99,999.99 元，需 ≥ 10 万元，还差 0.01 元"
    assert reason(over(TAX, Q, "sum", ">=", 100_000), known, "en") == "Now 99,999.99 yuan; needs ≥ 100,000 yuan; 0.01 yuan short"


def test_a_reason_tells_unknown_from_no_record():
    assert reason(of(SIZE, "=", "小型"), facts()) == "没人告诉过我们"
    assert reason(of(SIZE, "=", "小型"), facts(absent=(SIZE,))) == "没有满足的记录；要求：enterprise.size为小型"
    assert reason(of(SIZE, "=", "小型"), facts(attributes={SIZE: "大型"})) == "现在：大型；要求：enterprise.size为小型"


@pytest.mark.parametrize(("fact", "window", "zh", "en"), [
    (HEADS, "this_year", "今年以来有jobs.headcount的月数不低于 2", "jobs.headcount, months with a figure over this year so far: at least 2"),
    (FINE, "this_year", "今年以来penalty.fine笔数不低于 2", "penalty.fine, number of entries over this year so far: at least 2")])
def test_what_is_counted_is_named(fact, window, zh, en):
    leaf = over(fact, window, "count", ">=", 2)
    assert (words.reading(leaf), words.reading(leaf, "en")) == (zh, en)


def test_a_gap_of_many_digits_is_rounded_but_never_to_nothing():
    leaf = share(RD, REVENUE, "previous_year", ">=", Fraction(3, 100))
    assert words.gap(leaf, Fraction(28_181, 1_000_000), DAY) == "还差 0.18 个百分点"
    assert words.gap(leaf, Fraction(299_990, 10_000_000), DAY) == "还差 0.0001 个百分点"


def test_a_reason_counts_days_and_people():
    founded = facts(attributes={FOUNDED: (dt.date(2025, 7, 10) - dt.date(1970, 1, 1)).days})
    assert reason(of(FOUNDED, "<=", tree.AsOf(-12)), founded) == "现有 2025-07-10，需 ≤ 2025-06-30，相差 10 天"
    assert reason(over(HEADS, "latest", "latest", ">=", 20), facts({HEADS: [("2026-05", 17)]})) == "现有 17 人，需 ≥ 20 人，还差 3 人"


def test_a_reason_never_makes_a_missed_rate_look_reached():
    known = facts({RD: [("2025", 2_999_999_999)], REVENUE: [("2025", 100_000_000_000)]})
    said = reason(share(RD, REVENUE, "previous_year", ">=", Fraction(3, 100)), known)
    assert said == "现有略低于 3%，需 ≥ 3%，还差 <0.0001 个百分点"


def test_below_the_lowest_step_the_basis_says_so():
    tiers = tree.Tiers(tree.Read(HEADS, tree.Word("year", -1), "sum"), (tree.Step(Fraction(10), amount_fen=100), tree.Step(Fraction(20), amount_fen=200)))
    known = facts({HEADS: [("2025", 5)]}, {HEADS: "2025"})
    assert words.basis(tiers, known, DAY) == "上一年度jobs.headcount合计 5 人，没到最低一档"
    assert words.basis(tiers, facts({HEADS: [("2025", 20)]}, {HEADS: "2025"}), DAY).endswith("20 人，达到 20 人这一档")


def test_the_months_nobody_told_us_of_are_named():
    read = tree.Read(TAX, tree.Word("previous_quarter"), "sum")
    known = facts({TAX: [("2026-01", 1)]}, {TAX: "2026-01"})
    assert words.untold([read], known, DAY) == {"tax.paid": "2026-02、2026-03"}
    assert words.untold([read, tree.Read(TAX, tree.Word("all"), "latest")], known, DAY) == {"tax.paid": "2026-02、2026-03"}
    assert words.untold([tree.Read(TAX, tree.Word("last_12_months"), "sum")], facts(), DAY, "en") == {"tax.paid": "12 months of 2025-07 to 2026-06"}
