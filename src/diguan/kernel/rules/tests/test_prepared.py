"""Policies made ready for a day: what many share, and in what order rows come, changes no answer. The naive judge is in tests/conformance."""

import dataclasses
import datetime as dt
import random
from fractions import Fraction

import pytest

from diguan.kernel.rules import explain, reads, scalar, tree
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import FINE, HEADS, HIGH_TECH, PROFIT, RD, REVENUE, SIZE, TAX

pytestmark = pytest.mark.one_database

DAYS = (dt.date(2026, 6, 30), dt.date(2026, 1, 15), dt.date(2025, 12, 31))
OPS = ("=", "!=", "<", "<=", ">", ">=")
WORDS = {TAX: ("this_year", "previous_year", "last_12_months", "previous_quarter", "all"), FINE: ("this_year", "last_12_months"), PROFIT: ("this_year", "year:-1"),
         REVENUE: ("previous_year", "year:-2"), HEADS: ("this_year", "last_12_months")}


def comparison(dice):
    """Any comparison a document may hold, over small numbers, so that limits are met."""
    kind = dice.random()
    if kind < 0.15:
        return build.of(SIZE, dice.choice(("=", "!=", "in", "starts_with")), dice.choice(("小型", "中型", "小")))
    if kind < 0.25:
        return build.of(HIGH_TECH, "=", dice.random() < 0.5)
    if kind < 0.35:
        return build.share(RD, REVENUE, "previous_year", dice.choice(OPS), Fraction(dice.randint(1, 4), 3))
    fact = dice.choice(list(WORDS))
    word, agg = dice.choice(WORDS[fact]), dice.choice(("sum", "count", "max", "min", "latest", "growth", None))
    if agg == "growth" and word == "all":
        agg = "sum"
    if agg is None or kind > 0.92:
        return build.over(fact, word, agg, "exists")
    limits = sorted(Fraction(dice.randint(-4, 40), dice.choice((1, 100))) for _turn in range(2))
    return build.over(fact, word, agg, "between", *limits) if kind > 0.85 else build.over(fact, word, agg, dice.choice(OPS), limits[1])


def condition(dice, depth=0):
    if depth == 2 or dice.random() < 0.6:
        return comparison(dice)
    if dice.random() < 0.3:
        return tree.Not(condition(dice, depth + 1))
    return dice.choice((tree.All, tree.Any))(tuple(condition(dice, depth + 1) for _turn in range(dice.randint(1, 3))))


def facts(dice):
    months = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)]
    def some(names, share, lowest=0):
        return [(name, None if dice.random() < 0.15 else dice.randint(lowest, 4) * 100) for name in names if dice.random() < share]
    days = [f"{month}-{day:02d}" for month in months for day in (1, 15, 15)]
    rows = {TAX: some(months, 0.9), HEADS: some(months, 0.5), FINE: [each for each in some(days, 0.1) if each[1] is not None],
            PROFIT: some([f"{year}-Q{at}" for year in (2024, 2025, 2026) for at in (1, 2, 3, 4)], 0.8, -3), REVENUE: some(["2024", "2025"], 0.8), RD: some(["2024", "2025"], 0.8)}
    covered = {fact: words for fact, words in {TAX: "2024 2025", FINE: "all", HEADS: "2025", PROFIT: "2025-Q3", REVENUE: "2024 2025"}.items() if dice.random() < 0.6}
    given = {fact: value for fact, value in {SIZE: dice.choice(("小型", "中型")), HIGH_TECH: dice.randint(0, 1)}.items() if dice.random() < 0.7}
    return build.facts(rows, covered, given, absent=tuple(fact for fact in (SIZE, HIGH_TECH) if fact not in given and dice.random() < 0.5))


def policies(dice):
    bases = [tree.Read(TAX, tree.Word("year", -1), "sum"), tree.Read(PROFIT, tree.Word("year", -1), "sum"), tree.Read(HEADS, tree.Word("all"), "latest")]
    for _turn in range(12):
        benefit = dice.choice((tree.Flat(dice.randint(0, 999), dice.choice(tree.ROUNDINGS)),
                               tree.Rate(dice.choice(bases), Fraction(dice.randint(1, 999), 7), dice.choice((None, 500)), dice.choice(tree.ROUNDINGS))))
        yield build.policy(*[condition(dice) for _clause in range(dice.randint(1, 4))], benefit=benefit, on_missing=dice.choice(("ask", "fail")))


@pytest.mark.parametrize("seed", range(40))
def test_what_policies_share_over_one_enterprise_changes_no_answer(seed):
    dice = random.Random(seed)
    known, asked = facts(dice), list(policies(dice))
    jumbled = dataclasses.replace(known, rows={name: dice.sample(rows, len(rows)) for name, rows in known.rows.items()})
    met = set()
    for _turn in range(2):  # the second time everything has been read
        for policy in asked:
            for day in DAYS:
                alone = scalar.judge(policy, dataclasses.replace(known), day)
                assert scalar.judge(policy, known, day) == scalar.judge(policy, jumbled, day) == alone
                assert explain.explain(policy, known, day) == explain.explain(policy, dataclasses.replace(known), day)
                met |= {finding.verdict for finding in alone.findings}
    assert met == {tree.TRUE, tree.FALSE, tree.UNKNOWN}


def test_an_explanation_tells_the_gap_and_the_value_of_the_verdict_exactly():
    dice, told = random.Random(1000), 0
    known = [facts(dice) for _turn in range(80)]
    for each in known:
        told += sum(_exact(policy, each) for policy in policies(dice))
    assert told > 100


def _exact(policy, known):
    """How many gaps were told, each exactly."""
    told, verdict = 0, scalar.judge(policy, known, DAYS[0])
    for clause, finding, said in zip(policy.clauses, verdict.findings, explain.explain(policy, known, DAYS[0])["clauses"], strict=True):
        single = clause.condition
        if tree.has_near_miss(clause) and finding.verdict == tree.FALSE and finding.observed is not None:
            factor = {"分": 100, "%": 100, explain.POINTS: 10_000}.get(said["unit"], 1)
            assert said["gap"] == number(scalar.gap(single, finding.observed, DAYS[0]) * factor)
            assert said["observed"] == number(finding.observed * factor)
            told += 1
    return told


def number(value):
    return int(value) if value.denominator == 1 else round(float(value), 6)


def test_facts_that_are_copied_forget_what_was_read_of_them():
    known = build.facts({TAX: [("2025-01", 100)]}, {TAX: "2025"})
    read = tree.Read(TAX, tree.Word("year", -1), "sum")
    assert reads.see(read, known, DAYS[0]).value == 1
    assert reads.see(read, known, DAYS[0]) is reads.see(read, known, DAYS[0])
    more = dataclasses.replace(known, rows={TAX.name: [*known.rows[TAX.name], build.row("2025-02", 300)]})
    assert reads.see(read, more, DAYS[0]).value == 4


def test_of_a_condition_denied_once_the_value_is_shown_and_denied_twice_none():
    known = build.facts(attributes={HIGH_TECH: 1})
    once = tree.Not(build.of(HIGH_TECH, "=", False))
    policy = build.policy(once, tree.Not(once))
    assert [tuple(finding) for finding in scalar.judge(policy, known, DAYS[0]).findings] == [(tree.TRUE, 1), (tree.FALSE, None)]
