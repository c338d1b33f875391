"""A verdict leans on somebody's own word where it reads it, and nowhere else; and what is missing has its periods."""

import pytest

from diguan.kernel import periods
from diguan.kernel.rules import asking, scalar, tree
from diguan.kernel.rules.leaning import leans_on
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import DAY, HEADS, HIGH_TECH, PROFIT, RD, REVENUE, TAX

pytestmark = pytest.mark.one_database


def leans(condition, told, known=None):
    spans = {fact.name: [periods.parse(text) for text in texts] for fact, texts in told.items()}
    return [fact.name for fact in leans_on(build.policy(condition), known or build.facts(), spans, DAY)]


@pytest.mark.parametrize(("period", "expected"), [("2025-03", ["tax.paid"]), ("2024-12", []), ("2026-01", [])])
def test_only_a_period_that_is_read_counts(period, expected):
    assert leans(build.over(TAX, "previous_year", "sum", ">", 3), {TAX: [period]}) == expected


def test_growth_reads_the_year_before_as_well():
    assert leans(build.over(TAX, "previous_year", "growth", ">", 0), {TAX: ["2024-05"]}) == ["tax.paid"]


def test_of_a_latest_value_only_the_latest_counts():
    latest, known = build.over(HEADS, "latest", "latest", ">", 3), build.facts({HEADS: [("2026-05", 4), ("2026-06", 5)]})
    assert (leans(latest, {HEADS: ["2026-06"]}, known), leans(latest, {HEADS: ["2026-05"]}, known)) == (["jobs.headcount"], [])


def test_an_attribute_and_a_side_of_a_ratio_count():
    assert leans(build.of(HIGH_TECH, "=", 1), {HIGH_TECH: ["all"]}) == ["enterprise.high_tech"]
    assert leans(build.share(RD, REVENUE, "previous_year", ">", 0), {REVENUE: ["2025"], TAX: ["2025-01"]}) == ["revenue.main"]


def test_the_base_an_amount_is_paid_on_counts():
    benefit = tree.Rate(tree.Read(TAX, tree.Word("year", -1), "sum"), rate=10)
    policy = build.policy(build.of(HIGH_TECH, "=", 1), benefit=benefit)
    assert leans_on(policy, build.facts(), {"tax.paid": [periods.parse("2025-07")]}, DAY) == [TAX]


# ── what is missing, by period ───────────────────────────────────────────────
def missing(*conditions, known=None):
    policy, facts = build.policy(*conditions), known or build.facts()
    return {each.fact.name: [period.text for period in each.periods] for each in asking.missing(policy, scalar.judge(policy, facts, DAY), facts, DAY)}


def test_only_the_periods_nobody_has_told_are_asked():
    known = build.facts({TAX: [(f"2025-{month:02d}", 1) for month in range(1, 11)]})
    assert missing(build.over(TAX, "previous_year", "sum", ">", 300), known=known) == {"tax.paid": ["2025-11", "2025-12"]}


def test_a_latest_value_is_asked_for_the_last_whole_period():
    assert missing(build.over(HEADS, "latest", "latest", ">", 3), build.over(PROFIT, "latest", "latest", ">", 3)) == {"jobs.headcount": ["2026-06"], "profit.total": ["2026-Q2"]}
    assert missing(build.over(TAX, "last_12_months", "latest", ">", 3)) == {"tax.paid": ["2026-06"]}


def test_an_attribute_has_no_period():
    assert missing(build.of(HIGH_TECH, "=", 1)) == {"enterprise.high_tech": ["all"]}


def test_what_is_asked_names_the_clauses_that_read_it():
    policy = build.policy(build.over(TAX, "previous_year", "sum", ">", 3), build.of(HIGH_TECH, "=", 1), build.over(TAX, "this_year", "sum", ">", 3))
    found = asking.missing(policy, scalar.judge(policy, build.facts(), DAY), build.facts(), DAY)
    assert [(each.fact.name, [clause.id for clause in each.clauses]) for each in found] == [("tax.paid", ["c0", "c2"]), ("enterprise.high_tech", ["c1"])]
