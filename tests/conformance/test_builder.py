"""A random policy written step by step with what the rule builder does is the same tree as the policy written by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.kernel import packs
from diguan.kernel.catalogue import load_csv
from diguan.kernel.rules import document, tree
from diguan.policies.engine import clausetree, leaves, terms, yamltext
from tests.conformance.worlds import World

pytestmark = [pytest.mark.one_database, pytest.mark.slow]


class Writing:
    """A document in the builder: every deed goes through its text, as a page's does."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.text = "# 写在最上面\n" + yamltext.write({"id": data["id"], "source": data["source"], "clauses": [], "examples": []})

    @property
    def data(self) -> dict[str, Any]:
        return yamltext.read(self.text)

    def keep(self, data: dict[str, Any]) -> None:
        self.text = yamltext.rewrite(self.text, data)
        assert self.data == data
        assert self.text.startswith("# 写在最上面\n")

    def clause(self, wanted: dict[str, Any]) -> None:
        data, place = clausetree.add_clause(self.data, wanted["cite"]["quote"], wanted["cite"]["article"])
        self.keep(data)
        self.condition(place, wanted["when"])
        self.keep(clausetree.describe(self.data, place[0], name=wanted["id"], article=wanted["cite"]["article"], quote=wanted["cite"]["quote"], on_missing=wanted.get("on_missing", "ask")))

    def condition(self, place: clausetree.Place, wanted: Any) -> None:
        group = clausetree.group_of(wanted)
        if group is None:
            self.keep(clausetree.put(self.data, place, leaves.leaf_of(leaves.fields_of(wanted), clausetree.condition_at(self.data, place))))
            return
        self.keep(clausetree.regroup(self.data, place, group))
        for at, part in enumerate(clausetree.inner(wanted)):
            if at:
                data, there = clausetree.add_condition(self.data, place)
                assert there == (*place, at)
                self.keep(data)
            self.condition((*place, at), part)

    def there_and_back(self, place: clausetree.Place) -> None:
        data, to = clausetree.shift(self.data, place, 1)
        self.keep(data)
        if to != place:
            self.keep(clausetree.shift(self.data, to, -1)[0])


def told(policy: tree.Policy) -> tuple[Any, ...]:
    return (policy.id, dict(policy.title), policy.in_force_from, policy.in_force_to, [(one.id, one.cite, one.condition, one.on_missing) for one in policy.clauses], policy.benefit, policy.budget,
            policy.delivery, policy.legal_basis, policy.review, policy.issuer, policy.origin, len(policy.examples))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(1000, 10**9))
def test_a_random_policy_written_in_the_builder_loads_as_the_same_tree(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = World(seed, enterprises=4, policies=3)
        world.write_data(folder)
        world.write_policies(folder / "policies", folder)
        catalogue = load_csv(folder / "catalogue.csv")
        for path in sorted((folder / "policies").glob("*.yaml")):
            by_hand = document.load_policy(path, catalogue, packs.codes())
            path.write_text(written(yamltext.read(path.read_text("utf-8"))), "utf-8")
            assert told(document.load_policy(path, catalogue, packs.codes())) == told(by_hand)


def written(wanted: dict[str, Any]) -> str:
    writing = Writing(wanted)
    for clause in wanted["clauses"]:
        writing.clause(clause)
    for at in range(len(wanted["clauses"])):
        for spot in list(clausetree.spots(writing.data, at)):
            writing.there_and_back(spot.place)
    writing.keep(terms.document_of(terms.fields_of(wanted), writing.data))
    for example in wanted["examples"]:
        writing.keep({**writing.data, "examples": [*writing.data["examples"], terms.example_of(terms.example_fields(example))]})
    return writing.text
