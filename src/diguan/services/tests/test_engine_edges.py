"""Edges: habits go, everything else stays and says why."""

import graphlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.services.engine.edges import (
    HABIT,
    LEGAL,
    BenchRefused,
    Edge,
    Reach,
    checked,
    implied,
    in_order,
    parallelise,
    reduced,
    unproven,
    why,
)

NAMES = "abcdefg"


@st.composite
def edges(draw):
    pairs = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=15))
    return [Edge(NAMES[min(pair)], NAMES[max(pair)], draw(st.sampled_from(["legal", "data", "physical", "habit"]))) for pair in pairs if pair[0] != pair[1]]


def closure(found):
    pairs = {edge.pair for edge in found}
    while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
        pairs |= more
    return pairs


@given(edges())
def test_only_habits_are_dropped_and_every_one_is_told(found):
    freed = parallelise(found, NAMES)
    assert {*freed.kept, *freed.dropped} == set(found)
    assert all(edge.binds for edge in freed.kept)
    assert all(edge.kind == HABIT for edge in freed.dropped)
    assert set(freed.still) == {edge for edge in freed.dropped if edge.pair in closure(freed.kept)}
    assert str(len(freed.dropped)) in freed.text().zh or not freed.dropped


@given(edges())
def test_a_reduction_keeps_the_order_and_what_binds_is_never_left_to_a_habit(found):
    left = reduced(NAMES, found)
    assert closure(left) == closure(found)
    assert closure([edge for edge in left if edge.binds]) == closure([edge for edge in found if edge.binds])
    for edge in implied(NAMES, found):
        others = [other for other in found if other.pair != edge.pair and (other.binds or not edge.binds)]
        assert edge.pair in closure(others)


@given(edges(), st.permutations(NAMES))
def test_an_order_keeps_every_pair_and_reach_is_the_closure(found, names):
    order = in_order(names, [edge.pair for edge in found])
    assert sorted(order) == sorted(NAMES)
    assert all(order.index(edge.before) < order.index(edge.after) for edge in found)
    reach = Reach(names, [edge.pair for edge in found])
    assert {(a, b) for a in NAMES for b in NAMES if reach.comes_before(a, b)} == closure(found)
    near = reach.nearest()
    graphlib.TopologicalSorter(near).prepare()
    assert closure([Edge(before, after) for after, befores in near.items() for before in befores]) == closure(found)


def test_a_circle_is_named_the_same_way_whatever_the_order_given():
    ring = [Edge("b", "c"), Edge("c", "a"), Edge("a", "b"), Edge("a", "d")]
    for found in (ring, ring[::-1]):
        with pytest.raises(BenchRefused, match="a → b → c → a") as caught:
            checked("abcd", found)
        assert (caught.value.code, caught.value.names) == ("cycle", ("a", "b", "c", "a"))


def test_a_circle_that_habits_close_goes_with_them():
    assert parallelise([Edge("a", "b"), Edge("b", "a", HABIT)]).kept == (Edge("a", "b"),)
    assert parallelise([]).kept == ()
    with pytest.raises(BenchRefused, match="a → b → a"):
        parallelise([Edge("a", "b"), Edge("b", "a")])


@pytest.mark.parametrize(("names", "found", "code", "words"), [
    ([], [], "no_activities", "没有任何环节"),
    (["a", "a"], [], "twice", "“a”出现了两次"),
    (["设立登记", "b"], [Edge("设立登计", "b")], "unknown_activity", "是不是“设立登记”"),
    (["a"], [Edge("a", "a")], "self_edge", "不能排在自己前面"),
    (["a", "b"], [Edge("a", "b", "法律")], "unknown_kind", "应为 legal、data、physical、habit 之一"),
])
def test_what_does_not_fit_is_refused_in_words(names, found, code, words):
    with pytest.raises(BenchRefused, match=words) as caught:
        checked(names, found)
    assert caught.value.code == code
    assert caught.value.message.en


def test_the_reason_says_what_proof_is_missing():
    bare, full = Edge("a", "b"), Edge("a", "b", LEGAL, "第三十二条", "王敏")
    assert why(bare).zh == "“a”须先于“b”：法律规定，尚未写明依据，尚无人复核。"
    assert why(full).en == "a must come before b: required by law (第三十二条), reviewed by 王敏."
    assert "可以并行" in why(Edge("a", "b", HABIT, "41 件里 3 件反着办")).zh
    assert unproven([bare, full, Edge("a", "b", HABIT)]) == (bare,)
