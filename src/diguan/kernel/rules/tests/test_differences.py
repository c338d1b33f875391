"""What moved a verdict between two times: newly told, corrected, withdrawn; decisive alone or only together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel.rules import differences, scalar, tree
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import DAY, HEADS, HIGH_TECH, TAX

pytestmark = pytest.mark.one_database

POLICY = build.policy(tree.All((build.over(TAX, "previous_quarter", "sum", ">=", 100), build.of(HIGH_TECH, "=", True))))
QUARTER = "2026-01 2026-02 2026-03"


def told(rows, covered="", **attributes):
    return build.facts({TAX: rows}, {TAX: covered}, {HIGH_TECH: attributes["high"]} if "high" in attributes else None)


def seen(before, after):
    return [(change.fact.name, change.period, change.before.state, change.after.state, change.kind)
            for change in differences.changes(POLICY, before, after)]


def test_a_month_newly_told_is_new_and_decisive():
    before = told([("2026-01", 9_000), ("2026-02", 500)], "2026-01 2026-02", high=1)
    after = told([("2026-01", 9_000), ("2026-02", 500), ("2026-03", 600)], QUARTER, high=1)
    assert seen(before, after) == [("tax.paid", "2026-03", "unknown", "value", "new")]
    assert differences.decisive(POLICY, before, after, DAY) == {"tax.paid"}


def test_a_correction_and_a_withdrawal_are_told_apart():
    before = told([("2026-01", 9_000), ("2026-02", 500), ("2026-03", 600)], QUARTER, high=1)
    assert seen(before, told([("2026-01", 9_001), ("2026-02", 500), ("2026-03", 600)], QUARTER, high=1)) == [
        ("tax.paid", "2026-01", "value", "value", "corrected")]
    assert seen(before, told([("2026-01", 9_000), ("2026-02", 500)], "2026-01 2026-02", high=1)) == [
        ("tax.paid", "2026-03", "value", "unknown", "withdrawn")]


def test_who_is_left_out_of_a_complete_delivery_becomes_absent():
    assert seen(told([("2026-01", 1)], "2026-01"), told([("2026-01", 1)], "2026-01 2026-02")) == [
        ("tax.paid", "2026-02", "unknown", "absent", "new")]


def test_an_attribute_counts_and_a_change_without_effect_is_not_decisive():
    before = told([("2026-01", 9_000), ("2026-02", 500), ("2026-03", 600)], QUARTER, high=0)
    after = told([("2026-01", 9_500), ("2026-02", 500), ("2026-03", 600)], QUARTER, high=1)
    assert [change.fact.name for change in differences.changes(POLICY, before, after)] == ["tax.paid", "enterprise.high_tech"]
    assert differences.decisive(POLICY, before, after, DAY) == {"enterprise.high_tech"}


def test_two_that_turn_it_only_together_are_neither_decisive_alone():
    either = build.policy(tree.Any((build.over(TAX, "previous_quarter", "sum", ">=", 100), build.of(HIGH_TECH, "=", True))))
    before, after = told([], QUARTER, high=0), told([("2026-01", 99_000)], QUARTER, high=1)
    assert differences.decisive(either, before, after, DAY) == frozenset()
    assert len(differences.changes(either, before, after)) == 2


def test_a_fact_the_policy_does_not_read_is_no_difference():
    more = build.facts({TAX: [("2026-01", 1)], HEADS: [("2026", 5)]}, {TAX: "2026-01"})
    assert differences.changes(POLICY, told([("2026-01", 1)], "2026-01"), more) == []


ROWS = st.dictionaries(st.sampled_from(["2026-01", "2026-02", "2026-03"]), st.one_of(st.none(), st.integers(0, 20_000)))
FACTS = st.builds(lambda rows, covered, high: told(list(rows.items()), " ".join(covered), **({} if high is None else {"high": high})),
                  ROWS, st.sets(st.sampled_from(["2026-01", "2026-02", "2026-03"])).map(sorted), st.sampled_from([None, 0, 1]))


@given(FACTS, FACTS)
def test_without_a_difference_no_verdict_turns_and_swapping_all_of_it_turns_it_back(before, after):
    changed = differences.changes(POLICY, before, after)
    verdicts = [scalar.judge(POLICY, facts, DAY).code for facts in (before, after)]
    if not changed:
        assert verdicts[0] == verdicts[1]
    back = after
    for name in {change.fact.name for change in changed}:
        back = differences._without(back, before, name)
    assert scalar.judge(POLICY, back, DAY).code == verdicts[0]
    assert [change.kind for change in differences.changes(POLICY, before, before)] == []
