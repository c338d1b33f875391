"""Which facts to obtain: no more than could settle it, none where the answer is no."""

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from diguan.kernel.rules import asking, scalar, tree
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import DAY, FOUNDED, HEADS, HIGH_TECH, RD, REVENUE, SIZE, TAX

pytestmark = pytest.mark.one_database

SMALL, LISTED, LARGE = build.of(SIZE, "=", "小型"), build.of(HIGH_TECH, "=", 1), build.over(HEADS, "latest", "latest", ">", 3)
TAXED, SHARE = build.over(TAX, "previous_year", "sum", ">", 3), build.share(RD, REVENUE, "previous_year", ">", 0)
OLD = build.of(FOUNDED, "<=", 10)


def asked(*conditions, known=None, **more):
    policy, facts = build.policy(*conditions, **more), known or build.facts()
    return asking.ask(policy, scalar.judge(policy, facts, DAY), facts, DAY)


def test_of_an_any_the_part_that_needs_the_fewest_facts_is_asked():
    assert asked(tree.Any((SHARE, SMALL))) == ["enterprise.size"]
    assert asked(tree.Any((tree.All((TAXED, LARGE)), SHARE, tree.All((SMALL, LISTED, OLD))))) == ["tax.paid", "jobs.headcount"]


def test_of_equal_parts_the_first_is_asked():
    assert asked(tree.Any((TAXED, SMALL))) == ["tax.paid"]


def test_what_another_clause_needs_anyway_decides_an_any():
    assert asked(tree.Any((LARGE, SMALL)), SMALL) == ["enterprise.size"]
    assert asked(tree.Any((TAXED, tree.All((SMALL, LISTED)))), SMALL, LISTED) == ["enterprise.size", "enterprise.high_tech"]


def test_a_part_of_an_any_that_is_false_already_is_not_asked():
    assert asked(tree.Any((SMALL, SHARE)), known=build.facts(attributes={SIZE: "大型"})) == ["rd.expense", "revenue.main"]


def test_under_not_an_all_is_an_any():
    assert asked(tree.Not(tree.All((SHARE, SMALL)))) == ["enterprise.size"]
    assert asked(tree.Not(tree.Any((TAXED, SMALL)))) == ["tax.paid", "enterprise.size"]


def test_of_a_ratio_only_the_side_nobody_told_is_asked():
    assert asked(SHARE, known=build.facts({RD: [("2025", 5)]})) == ["revenue.main"]


def test_where_a_clause_is_false_nothing_is_asked():
    assert asked(SMALL, TAXED, known=build.facts(attributes={SIZE: "大型"})) == []


def test_many_alternatives_are_still_settled_in_no_time():
    leaves = [build.of(build.spec(f"x.n{number}", "none", "bool", non_negative=False), "=", 1) for number in range(40)]
    assert len(asked(*[tree.Any(tuple(leaves[at:at + 2])) for at in range(0, 40, 2)])) == 20


def test_of_equal_parts_the_one_somebody_delivers_is_asked():
    nobody, bureau = build.spec("x.nobody", "none", "bool", non_negative=False), build.spec("x.bureau", "none", "bool", non_negative=False, sources=("tax_bureau",))
    assert asked(tree.Any((build.of(nobody, "=", 1), build.of(bureau, "=", 1)))) == ["x.bureau"]


def test_a_fact_that_would_have_to_be_two_things_at_once_is_no_way_out():
    large = build.of(SIZE, "=", "大型")
    assert asked(SMALL, tree.Any((large, LISTED))) == ["enterprise.size", "enterprise.high_tech"]
    assert asked(tree.Any((tree.All((SMALL, large)), tree.All((LISTED, OLD))))) == ["enterprise.high_tech", "enterprise.established"]


def test_what_can_never_come_true_is_asked_all_the_same():
    assert asked(SMALL, build.of(SIZE, "=", "大型")) == ["enterprise.size"]


# ── against brute force ──────────────────────────────────────────────────────
LEAVES = [build.of(build.spec(f"x.{letter}", "none", "text", non_negative=False), "=", word) for letter in "abcd" for word in ("甲", "乙")]


def conditions():
    leaf = st.sampled_from(LEAVES)
    return st.recursive(leaf, lambda inner: st.one_of(
        st.builds(tree.Not, inner), st.builds(lambda parts: tree.Any(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: tree.All(tuple(parts)), st.lists(inner, min_size=2, max_size=3))), max_leaves=5)


def settles(policy, names):
    """Whether some answer for exactly these facts makes the enterprise entitled."""
    specs = [fact for fact in policy.facts if fact.name in names]
    for answers in itertools.product(("甲", "乙", "丙", None), repeat=len(specs)):
        told = {fact: word for fact, word in zip(specs, answers, strict=True) if word}
        nothing = tuple(fact for fact, word in zip(specs, answers, strict=True) if word is None)
        if scalar.judge(policy, build.facts(attributes=told, absent=nothing), DAY).status == tree.ELIGIBLE:
            return True
    return False


@given(st.lists(conditions(), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_what_is_asked_can_settle_it_and_nothing_smaller_can(parts):
    policy = build.policy(*parts)
    names = asking.ask(policy, scalar.judge(policy, build.facts(), DAY), build.facts(), DAY)
    every = [fact.name for fact in policy.facts]
    assume(settles(policy, every))
    assert settles(policy, names)
    smaller = [some for size in range(len(names)) for some in itertools.combinations(every, size)]
    assert not any(settles(policy, some) for some in smaller)
