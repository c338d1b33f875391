"""The county's 79 matters and their life events: real, whole, and said to be provisional."""

from __future__ import annotations

import itertools

import pytest

from diguan.services.engine import lifeevents, matters
from diguan.services.queries import shelf


def test_there_are_79_matters_each_with_its_own_name_body_basis_and_what_it_asks_for():
    told = shelf.matters()
    assert len(told) == 79
    assert len({(one.content["bureau"], one.content["name"]) for one in told.values()}) == 79
    assert all(one.content["legal_basis"] and one.content["requirements"] and one.content["results"] and one.content["capacity_class"] for one in told.values())


def test_every_matter_and_life_event_says_that_it_is_provisional():
    assert all(one.content["provisional"] and one.content["entered_from"] for one in shelf.matters().values())
    assert all(one.provisional and one.source and one.before_source for one in shelf.life_events().values())


def test_every_matter_is_part_of_a_life_event_and_there_are_about_ten_of_them():
    events = shelf.life_events()
    assert {name for event in events.values() for name in event.keys} == set(shelf.matters())
    assert len(events) == 10


def test_an_event_asks_everything_its_matters_depend_on():
    for event in shelf.life_events().values():
        needed = {name for key in event.keys for one in shelf.matters()[key].content["requirements"] for name in one["when"]}
        assert needed <= {one.question for one in event.asked} | set(event.given), event.id


@pytest.mark.parametrize("key", ["industrial_project", "start_business", "moving", "closing"])
def test_whatever_is_answered_at_least_one_matter_is_called_for_and_no_order_runs_in_a_circle(key):
    event = shelf.life_events()[key]
    questions = [one.question for one in event.asked][:5]
    for answers in itertools.islice(itertools.product(*(shelf.questions()[name].answers for name in questions)), 300):
        chosen = lifeevents.choose(event, dict(zip(questions, answers, strict=True)))
        assert chosen.sure
        assert all(edge.start in chosen.matters and edge.end in chosen.matters for edge in chosen.edges)


def test_every_content_is_whole():
    assert all(matters.whole(one.content) == one.content for one in shelf.matters().values())
