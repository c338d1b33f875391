"""Which facts to obtain: no more than could settle it, none where the answer is no."""

from diguan.kernel.rules import asking, scalar, tree
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.build import DAY, FOUNDED, HEADS, HIGH_TECH, RD, REVENUE, SIZE, TAX

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
