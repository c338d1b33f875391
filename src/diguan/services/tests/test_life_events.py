from __future__ import annotations

import pytest

from diguan.kernel.rules.nodes import DocumentErrors
from diguan.services.engine import lifeevents
from diguan.services.engine.lifeevents import Names, choose, parse
from diguan.services.queries import shelf

GOOD = """id: opening
title: {zh: 开办企业, en: Starting}
valid_from: 2026-01-01
questions: [site, {ask: power, when: {site: lease}}]
matters:
  - {matter: a, before: {days: 3, trips: 2}}
  - {matter: b, when: {site: [lease, park]}, before: {days: 2, trips: 1}}
  - {matter: c, when: {power: high}, before: {days: 5, trips: 1}}
  - {matter: d, before: {days: 1, trips: 1}}
edges:
  - {from: a, to: b, kind: legal, evidence: 某法第一条, reviewer: 张演示}
  - {from: b, to: d, kind: data, evidence: 用编号}
before: {sequential: true, source: 演示}
"""
BAD = [
    ("matter: d", "matter: zz", 9, "zz"), ("kind: legal, evidence: 某法第一条, reviewer: 张演示", "kind: legal", 11, "evidence"), ("to: d, kind: data", "to: e, kind: data", 12, "e"),
    ("kind: data", "kind: date", 12, "data"), ("from: b, to: d, kind: data", "from: b, to: a, kind: data", 11, "圈"), ("from: b, to: d, kind: data", "from: b, to: b, kind: data", 12, "自己"),
    ("power: high", "gas: 'yes'", 8, "gas"), ("power: high", "power: huge", 8, "huge"), ("valid_from: 2026-01-01", "valid_from: 明年", 3, "日期"), ("days: 3", "days: -3", 6, "-3"),
    ("questions: [site,", "questions: [sight,", 4, "sight"), ("before: {sequential", "befor: {sequential", 13, "befor"), ("{matter: d,", "{matter: a,", 9, "两次"),
    ("questions: [site, {ask: power, when: {site: lease}}]", "questions: [{ask: power, when: {site: lease}}, site]", 1, "power"),
]


def names():
    return Names(shelf.questions(), {"a", "b", "c", "d"})


def event(text=GOOD):
    return parse(text.encode(), "life_events/opening.yaml", names())


def pairs(chosen):
    return {(edge.start, edge.end): edge.kind for edge in chosen.edges}


def test_the_answers_choose_the_matters():
    assert choose(event(), {"site": "own"}).sure == ("a", "d")
    assert choose(event(), {"site": "lease", "power": "high"}).sure == ("a", "b", "c", "d")
    assert dict(choose(event(), {"site": "lease"}).matters) == {"a": True, "b": True, "c": None, "d": True}


def test_a_question_that_is_not_put_does_not_count():
    assert choose(event(), {"site": "own", "power": "high"}).matters.get("c") is None
    assert "c" not in choose(event(), {"site": "own", "power": "high"}).sure


def test_open_questions_are_named_and_the_former_days_are_those_of_what_is_sure():
    chosen = choose(event(), {})
    assert chosen.open_questions == ("site",)
    assert (chosen.days_before, chosen.trips_before) == (4, 3)


def test_neighbours_in_the_old_order_without_a_reason_are_habit():
    assert pairs(choose(event(), {"site": "lease", "power": "high"})) == {("a", "b"): "legal", ("b", "d"): "data", ("b", "c"): "habit", ("c", "d"): "habit"}
    assert pairs(choose(event(), {"site": "own"})) == {("a", "d"): "habit"}


def test_an_order_that_holds_by_way_of_others_is_no_habit():
    text = GOOD.replace("- {matter: d,", "- {matter: d, when: {site: [lease, park, own]},").replace("  - {from: b, to: d, kind: data, evidence: 用编号}\n", "  - {from: a, to: d, kind: data, evidence: 用编号}\n  - {from: d, to: c, kind: data, evidence: 用编号}\n")
    assert ("c", "d") in pairs(choose(event(text), {"site": "lease", "power": "high"}))
    assert ("a", "d") not in {pair for pair, kind in pairs(choose(event(text), {"site": "own"})).items() if kind == "habit"}


def test_only_habit_edges_do_not_bind():
    assert {edge.kind for edge in choose(event(), {"site": "lease", "power": "high"}).edges if not edge.binds} == {"habit"}


def test_what_an_event_is_by_nature_is_not_asked():
    text = GOOD.replace("questions: [site, {ask: power", "given: {site: lease}\nquestions: [{ask: power")
    assert choose(event(text), {"power": "high"}).sure == ("a", "b", "c", "d")
    assert choose(event(text), {"power": "high", "site": "own"}).sure == ("a", "b", "c", "d")


@pytest.mark.parametrize(("right", "wrong", "line", "said"), BAD)
def test_what_is_wrong_is_told_with_its_line(right, wrong, line, said):
    assert right in GOOD
    with pytest.raises(DocumentErrors) as found:
        event(GOOD.replace(right, wrong, 1))
    assert found.value.problems[0].line == line, str(found.value)
    assert any(said in str(problem) for problem in found.value.problems)


def test_everything_wrong_is_told_at_once():
    with pytest.raises(DocumentErrors) as found:
        event(GOOD.replace("matter: d", "matter: zz").replace("kind: data", "kind: date").replace("days: 3", "days: x"))
    assert len(found.value.problems) >= 3


def test_kinds_are_the_four_of_the_bench():
    assert lifeevents.KINDS == ("legal", "data", "physical", "habit")
