"""The path finder against brute force, and its speed."""

from __future__ import annotations

import doctest
import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.ties import engine
from diguan.ties.engine import paths
from diguan.ties.engine.paths import Edge, best, graph

pytestmark = pytest.mark.one_database
NODES = [("person", number) for number in range(6)]
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.integers(1, 9)), max_size=16)


@pytest.mark.parametrize("module", [engine, paths])
def test_the_examples_in_the_engine_hold(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


def every_path(of, start, end, hops):
    """All simple paths of at most so many hops by trying every order of every set of nodes between."""
    between = [node for node in NODES if node not in (start, end)]
    found = []
    for length in range(min(hops, len(between) + 1)):
        for middle in itertools.permutations(between, length):
            nodes = (start, *middle, end)
            edges = [of.get(one, {}).get(other) for one, other in itertools.pairwise(nodes)]
            if all(edges):
                found.append((sum(edge.cost for edge in edges), len(nodes), nodes))
    return sorted(found)


@given(EDGES, st.integers(1, 4), st.integers(1, 8))
def test_the_best_paths_are_those_that_trying_everything_finds(told, hops, most):
    of = graph([Edge(one, other, cost, key) for key, (one, other, cost) in enumerate(told)])
    found = best(of, NODES[0], NODES[1], hops=hops, most=most)
    assert [(path.cost, len(path.nodes), path.nodes) for path in found] == every_path(of, NODES[0], NODES[1], hops)[:most]
    assert all(sum(edge.cost for edge in path.edges) == path.cost for path in found)


@given(EDGES, st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_order_in_which_edges_are_told(told, chance):
    edges = [Edge(one, other, cost, key) for key, (one, other, cost) in enumerate(told)]
    mixed = [Edge(edge.other, edge.one, edge.cost, edge.key) if chance.random() < 0.5 else edge for edge in edges]
    chance.shuffle(mixed)
    costs = [[(path.nodes, path.cost, [edge.key for edge in path.edges]) for path in best(graph(each), NODES[0], NODES[1])] for each in (edges, mixed)]
    assert costs[0] == costs[1]


def test_a_hundred_thousand_edges_are_searched_in_a_second_or_two():
    chance = random.Random(8)
    people = [("person", number) for number in range(30_000)]
    edges = [Edge(chance.choice(people), chance.choice(people), chance.randint(1, 120), key) for key in range(70_000)]
    edges += [Edge(person, ("chamber", chance.randint(0, 200)), 55, 70_000 + key) for key, person in enumerate(people)]
    edges += [Edge(("us", 0), person, 50, -key) for key, person in enumerate(people[:5_000], start=1)]
    edges += [Edge(chance.choice(people[20_000:]), ("firm", 1), 5, 200_000 + key) for key in range(3)]
    begun = time.perf_counter()
    found = best(graph(edges), ("us", 0), ("firm", 1))
    assert found
    assert time.perf_counter() - begun < 8  # a second here; the box of the tests is shared


def test_nothing_leads_to_a_firm_nobody_knows_nor_from_a_place_to_itself():
    of = graph([Edge(("us", 0), ("person", 1), 3, 1)])
    assert best(of, ("us", 0), ("firm", 9)) == []
    assert best(of, ("us", 0), ("us", 0)) == []
