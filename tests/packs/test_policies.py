"""The shipped policies: their quotes, units and worked examples hold, and between them they use the whole language."""

import pytest

from diguan.kernel import packs
from diguan.kernel.rules import document, tree

pytestmark = pytest.mark.one_database


def policies():
    found, problems = [], []
    for folder in packs.files("policies"):
        more, wrong = document.load_folder(folder, packs.catalogue(), packs.codes())
        found += more
        problems += wrong
    assert not problems, [str(problem) for problem in problems]
    return found


def leaves():
    return [leaf for policy in policies() for clause in policy.clauses for leaf in tree.comparisons(clause.condition)]


def test_every_sample_loads_and_its_examples_hold():
    assert len(policies()) >= 8


def test_every_sample_may_be_published_and_says_that_it_is_a_sample():
    for policy in policies():
        assert policy.publishable, policy.id
        assert "演示样本" in policy.text, policy.id


def test_the_samples_use_every_operator_and_aggregation():
    assert {leaf.op for leaf in leaves()} == set(tree.OPERATORS)
    assert {leaf.of.agg for leaf in leaves() if isinstance(leaf.of, tree.Read)} - {None} == set(tree.AGGREGATIONS)
    assert any(isinstance(leaf.of, tree.Ratio) for leaf in leaves())


def test_the_samples_use_every_period_word():
    words = {leaf.of.window.text for leaf in leaves() if leaf.of.window is not None}
    assert words >= {"year:0", "year:-1", "year:-2", "last_12_months", "previous_quarter", "all"}


def test_the_samples_use_every_kind_of_benefit_and_no_benefit_is_paid_by_tax():
    benefits = [policy.benefit for policy in policies()]
    assert {type(benefit) for benefit in benefits} == {tree.Flat, tree.Rate, tree.Tiers}
    assert not any(benefit.of.fact.name.startswith("tax.") for benefit in benefits if not isinstance(benefit, tree.Flat))


def test_there_are_policies_of_thirty_kinds_and_most_have_five_clauses_or_more():
    found = policies()
    assert len(found) >= 30
    assert sum(len(policy.clauses) >= 5 for policy in found) >= 20


def test_no_policy_is_a_clone_of_another():
    """Two policies that read nearly the same facts in the same way would be one policy with another name."""
    shapes = {policy.id: {(leaf.of.facts[0].name, leaf.of.window.text if leaf.of.window else "", getattr(leaf.of, "agg", "ratio"), leaf.op)
                          for clause in policy.clauses for leaf in tree.comparisons(clause.condition)} for policy in policies()}
    ids = sorted(shapes)
    alike = [(one, two) for at, one in enumerate(ids) for two in ids[at + 1:]
             if len(shapes[one] & shapes[two]) / len(shapes[one] | shapes[two]) > 0.6]
    assert alike == []


def test_nobody_is_paid_in_proportion_to_exports():
    benefits = [policy.benefit for policy in policies() if not isinstance(policy.benefit, tree.Flat)]
    assert not any(benefit.of.fact.name in ("export.sales", "customs.exports") for benefit in benefits)


def test_most_facts_of_the_catalogue_are_read_by_a_policy():
    read = {fact.name for policy in policies() for fact in policy.facts}
    dated = {spec.name for spec in packs.catalogue().values() if spec.period != "none"}
    unread = dated - read
    # Tax is read by no benefit and few rules on purpose; what else is unread stands on the dossier alone.
    assert len(unread) <= 12, sorted(unread)
