"""Ranks, gaps, matching and the drawing: by hand, by property, and what is refused."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.chains.engine.gaps import APART, EXTEND, FILL, SOUND, STRENGTHEN, Node, gaps
from diguan.chains.engine.layout import layout
from diguan.chains.engine.ranking import ahp, entropy_weights, names_of_ties, rank, ranks, topsis
from diguan.chains.engine.sourcing import in_park, match
from diguan.kernel.refusals import Refusal


def test_parts_add_up_and_a_tie_is_called_a_tie():
    found = rank(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.2, 0.2]]), np.array([1.0, 1.0]))
    assert np.allclose(found.parts.sum(axis=1), found.score)
    assert list(found.rank) == [1, 1, 1, 4]
    assert list(found.tied) == [True, True, True, False]
    assert names_of_ties(found, "甲乙丙丁") == [["甲", "乙", "丙"]]


def test_weights_that_move_move_ranks_only_where_it_is_close():
    found = rank(np.array([[1.0, 0.0], [0.0, 1.0], [0.1, 0.1]]), np.array([0.52, 0.48]))
    assert (found.best[:2].tolist(), found.worst[:2].tolist()) == ([1, 1], [2, 2])
    assert found.best[2] == found.worst[2] == 3
    assert (found.best <= found.rank).all()
    assert (found.rank <= found.worst).all()


def test_a_missing_fact_gives_a_range_and_not_0():
    found = rank(np.array([[np.nan, 0.5], [0.9, 0.5], [0.1, 0.5]]), np.array([1.0, 1.0]))
    assert found.low[0] < found.score[0] < found.high[0]
    assert (found.best[0], found.worst[0]) == (1, 3)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9]), min_size=1, max_size=8))
def test_ranks_count_those_ahead(scores):
    assert ranks(np.array(scores)).tolist() == [1 + sum(other > mine for other in scores) for mine in scores]


def test_ahp_gives_back_the_weights_of_consistent_judgements_and_finds_contradictions():
    weights = np.array([0.5, 0.3, 0.2])
    found = ahp(weights[:, None] / weights[None, :])
    assert found.weights == pytest.approx(weights)
    assert found.consistency == pytest.approx(0, abs=1e-9)
    circle = ahp(np.array([[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]]))
    assert not circle.consistent
    saaty = ahp(np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]))
    assert saaty.weights == pytest.approx([0.637, 0.258, 0.105], abs=1e-3)
    assert saaty.consistency == pytest.approx(0.033, abs=1e-3)


AIRCRAFT = np.array([[2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5], [1.8, 2000, 21000, 4.5, 7, 7], [2.2, 1800, 20000, 5.0, 5, 5]])
WEIGHTS = np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3])


def test_topsis_gives_the_published_answer_for_four_aircraft():
    """Hwang and Yoon 1981: speed, range, payload, cost (less is better), reliability, manoeuvrability."""
    found = topsis(AIRCRAFT, WEIGHTS, costs=[3])
    assert found.score == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=6e-4)
    assert found.rank.tolist() == [1, 4, 2, 3]
    assert not found.tied.any()
    assert found.lacking[0].argmax() == 4
    assert found.lacking[:, 5].argmin() == 0


@given(st.integers(0, 10_000))
def test_topsis_lies_between_the_worst_and_the_best_and_does_not_mind_units_or_order(seed):
    draw = np.random.default_rng(seed)
    values, weights = draw.uniform(1, 9, (draw.integers(2, 7), 3)), draw.random(3) + 0.1
    found, turned = topsis(values, weights, [1]), draw.permutation(len(values))
    assert ((found.score >= 0) & (found.score <= 1)).all()
    assert np.allclose(topsis(values * [1000, 0.01, 7], weights * 5, [1]).score, found.score)
    assert np.allclose(topsis(values[turned], weights, [1]).score, found.score[turned])
    best = np.vstack([values, [values[:, 0].max(), values[:, 1].min(), values[:, 2].max()]])
    assert topsis(best, weights, [1]).score[-1] == pytest.approx(1)


def test_topsis_gives_a_range_where_a_fact_is_missing():
    holey = AIRCRAFT.copy()
    holey[2, 5] = np.nan
    found, known = topsis(holey, WEIGHTS, costs=[3]), topsis(AIRCRAFT, WEIGHTS, costs=[3])
    assert found.low[2] < found.score[2] < found.high[2]
    assert found.low[2] <= known.score[2] <= found.high[2]
    assert np.array_equal(found.low[[0, 1, 3]], found.score[[0, 1, 3]])


def test_topsis_refuses_what_it_cannot_tell_apart():
    for values, weights, code in ((np.ones((3, 2)), np.ones(2), "all_alike"), (np.array([[np.nan, 1.0], [np.nan, 2.0]]), np.ones(2), "bad_values"), (AIRCRAFT, np.zeros(6), "bad_weights"), (AIRCRAFT, np.ones(5), "bad_weights")):
        with pytest.raises(Refusal, match=code):
            topsis(values, weights)


def test_entropy_gives_nothing_to_what_does_not_tell_apart():
    found = entropy_weights(np.array([[0.5, 0.1, 0.4], [0.5, 0.9, 0.6]]))
    assert found[0] == 0
    assert found[1] > found[2]
    assert found.sum() == pytest.approx(1)


def test_bad_judgements_and_values_are_refused():
    for call in (lambda: ahp(np.array([[1.0, 2.0], [1.0, 1.0]])), lambda: ahp(np.zeros((2, 2))), lambda: entropy_weights(np.full((3, 2), 0.5)), lambda: entropy_weights(np.array([[np.nan], [1.0]])),
                 lambda: rank(np.array([[1.2]]), np.ones(1)), lambda: rank(np.array([[0.2]]), np.zeros(1))):
        with pytest.raises(Refusal):
            call()


# ── gaps ──────────────────────────────────────────────────────────────────
EDGES = [("steel", "case"), ("steel", "movement"), ("case", "watch"), ("movement", "watch"), ("watch", "retail"), ("chip", "board"), ("board", "panel")]


def nodes(**supplies):
    usual = {"steel": {"s1": 50.0, "s2": 50.0, "s3": 50.0}, "case": {"c": 10.0}, "movement": {}, "watch": {"w1": 90.0, "w2": 90.0, "w3": 90.0}, "retail": {}, "chip": {}, "board": {}, "panel": {}} | supplies
    need = {"steel": 100.0, "case": 40.0, "movement": 80.0, "watch": 100.0}
    return [Node(name, need.get(name, 0.0), firms, 0.5, 0.5, 0.5) for name, firms in usual.items()]


def test_the_missing_movement_is_to_be_filled_and_comes_first():
    found = gaps(nodes(), EDGES)
    kinds = {gap.node: gap.kind for gap in found.gaps}
    assert kinds == {"steel": SOUND, "case": STRENGTHEN, "movement": FILL, "watch": SOUND, "retail": EXTEND, "chip": APART, "board": APART, "panel": APART}
    movement = found.gaps[2]
    assert (movement.cover, movement.value, movement.hhi) == (0.0, 80.0, None)
    assert found.gaps[1].single
    assert found.gaps[4].cover is None
    assert next((gap.node, int(found.ranking.rank[row])) for row, gap in found.ranked) == ("movement", 1)
    assert {gap.node for _row, gap in found.ranked} == set(kinds) - {"steel", "watch"}


@given(st.sampled_from(["steel", "case", "movement", "watch", "retail"]), st.floats(0, 200))
@settings(max_examples=40, deadline=None)
def test_a_firm_more_at_a_node_never_raises_its_score_nor_any_others_fill_gap(name, amount):
    before = gaps(nodes(), EDGES, draws=1)
    usual = {node.id: dict(node.supplies) for node in nodes()}
    after = gaps(nodes(**{name: {**usual[name], "new": amount}}), EDGES, draws=1)
    scores = {gap.node: before.ranking.score[row] for row, gap in before.ranked}
    assert all(after.ranking.score[row] <= scores.get(gap.node, np.inf) + 1e-12 for row, gap in after.ranked)


def test_what_is_known_of_no_node_counts_nothing_and_is_said():
    found = gaps([Node("a", 10.0, {}), Node("b", 5.0, {}, feasibility=1.0)], [])
    assert found.weights == {"gap": 0.4, "relatedness": 0.0, "reach": 0.0, "feasibility": 0.2}
    assert gaps([Node("a", 10.0, {"x": 20.0, "y": 20.0, "z": 20.0})], []).ranked == []


def test_chains_that_cannot_be_are_refused():
    for call in (lambda: gaps(nodes(), [("steel", "nowhere")]), lambda: gaps([*nodes(), *nodes()], []), lambda: gaps(nodes(case={"c": -1.0}), EDGES), lambda: gaps(nodes(), EDGES, {"gap": 1.0})):
        with pytest.raises(Refusal):
            call()


# ── matching ──────────────────────────────────────────────────────────────
def test_a_park_of_six_firms_by_hand():
    """Three sell 30, 20, 10; three buy 25, 25, 25. The nearest pairs cost 1, all others 2; 60 can be met, 55 of it from the nearest."""
    found = match(np.array([30.0, 20.0, 10.0]), np.array([25.0, 25.0, 25.0]), 2 - np.eye(3))
    assert found.met == pytest.approx(60)
    assert found.cost == pytest.approx(55 + 2 * 5)
    assert found.gap < 1e-9
    both = in_park(found.met, 150.0, 75.0)
    assert (both.sales, both.purchases) == (pytest.approx(0.4), pytest.approx(0.8))
    assert in_park(0, 0, 10).sales is None


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_matching_holds_its_limits_is_proved_and_more_capacity_never_lowers_it(seed):
    draw = np.random.default_rng(seed)
    shape = tuple(draw.integers(1, 6, 2))
    capacity, demand, cost, allowed = draw.integers(0, 50, shape[0]) * 1.0, draw.integers(0, 50, shape[1]) * 1.0, draw.random(shape), draw.random(shape) < 0.7
    found = match(capacity, demand, cost, allowed)
    assert (found.amounts.sum(axis=1) <= capacity + 1e-7).all()
    assert (found.amounts.sum(axis=0) <= demand + 1e-7).all()
    assert (found.amounts[~allowed] == 0).all()
    assert found.gap < 1e-7
    capacity[0] *= 2
    assert match(capacity, demand, cost, allowed).met >= found.met - 1e-7


def test_nothing_is_left_unmatched_because_it_is_dear():
    found = match(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([[0.0, 1.0], [1.0, 1000.0]]))
    assert (found.met, found.cost) == (pytest.approx(2), pytest.approx(2))
    assert match(np.array([1.0]), np.array([1.0]), np.array([[5.0]]), np.array([[False]])).met == 0


def test_matchings_that_cannot_be_are_refused():
    for call in (lambda: match(np.array([-1.0]), np.ones(1), np.ones((1, 1))), lambda: match(np.ones(2), np.ones(1), np.ones((1, 1))), lambda: in_park(11.0, 10.0, 20.0)):
        with pytest.raises(Refusal):
            call()


# ── the drawing ───────────────────────────────────────────────────────────
def chain(seed, size=40):
    draw = np.random.default_rng(seed)
    names = [f"n{at}" for at in range(size)]
    return names, [(names[one], names[two]) for one, two in itertools.combinations(range(size), 2) if draw.random() < 0.06]


@pytest.mark.parametrize("seed", range(5))
def test_lines_go_right_nothing_overlaps_and_it_is_the_same_every_time(seed):
    names, edges = chain(seed)
    found = layout(names, edges)
    assert all(found.places[start][0] < found.places[end][0] for start, end in edges)
    assert len(set(found.places.values())) == len(names)
    for one, two in itertools.combinations(found.places.values(), 2):
        assert one[0] != two[0] or abs(one[1] - two[1]) >= 1
    assert layout(names, edges) == found
    for (start, end), points in found.lines.items():
        assert (points[0], points[-1]) == (found.places[start], found.places[end])
        assert len(points) == found.places[end][0] - found.places[start][0] + 1


def test_crossings_are_taken_out_where_they_need_not_be():
    found = layout(["a", "b", "c", "x", "y", "z"], [("a", "z"), ("b", "y"), ("c", "x")])
    assert found.crossings == 0


def test_a_loop_is_refused_unless_it_was_declared():
    edges = [("a", "b"), ("b", "c"), ("c", "a")]
    with pytest.raises(Refusal, match="undeclared_loop"):
        layout("abc", edges)
    assert layout("abc", edges, [("c", "a")]).lines["c", "a"][0][0] == 2
    with pytest.raises(Refusal):
        layout("ab", [("a", "q")])
    assert layout([], []).layers == 0
