"""A walk: the steps somebody meets in the versions of that day, counted and noted, closed; and who may not."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import clocks
from diguan.kernel.access import Forbidden
from diguan.kernel.events import AppendOnlyError, Event
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import walks as actions
from diguan.services.models import Case, Walk, WalkNote, WalkStep
from diguan.services.queries import walks
from diguan.services.queries.walks import Way
from diguan.services.tests.test_cases import refused, version, who
from diguan.services.tests.walking import begun, closed, next_version, noted, step_of

__all__ = ["who"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def head(who):
    return person_factory("bureau_head", who.offices["housing"])


def test_a_walk_lists_what_an_applicant_meets_and_opens_no_case(who, head):
    walk = begun(head)
    steps = [(step.kind, step.entry or (step.matter.matter.key if step.matter else "")) for step in Way(walk).steps]
    assert steps == [("form", ""), ("paper", "layout"), ("accept", ""), ("matter", "filing"), ("matter", "planning"), ("matter", "fire"), ("matter", "power"), ("pickup", "")]
    assert Case.objects.count() == 0
    assert (walk.owner_unit, walk.created_by, walk.closed) == (who.offices["housing"], head, None)
    assert Event.objects.get(verb="walk_begun").actor_id == head.pk


def test_what_is_counted_adds_up_and_what_is_not_is_no_zero(who, head, monkeypatch):
    walk = begun(head)
    assert (walks.totals(Way(walk).steps).minutes, walks.totals(Way(walk).steps).trips) == (None, None)
    actions.finish_step(walk=walk, step=step_of(walk, "form"), minutes=25, trips=0, by=head)
    paper = step_of(walk, "paper")
    at = clocks.now()
    monkeypatch.setattr(clocks, "now", lambda: at)
    actions.reach_step(walk=walk, step=paper, by=head)
    refused("reached", lambda: actions.reach_step(walk=walk, step=paper, by=head))
    monkeypatch.setattr(clocks, "now", lambda: at + dt.timedelta(minutes=41, seconds=1))
    actions.finish_step(walk=walk, step=paper, trips=2, by=head)
    found = Way(walk).totals
    assert (found.steps, found.done, found.minutes, found.trips, found.timed, found.tripped) == (8, 2, 25 + 42, 2, 2, 2)
    actions.finish_step(walk=walk, step=step_of(walk, "form"), minutes=20, by=head)  # counted again, and nobody counts the trips now
    assert (Way(walk).totals.minutes, Way(walk).totals.tripped) == (62, 1)


def test_a_note_keeps_the_version_that_was_met(who, head):
    walk = begun(head)
    note = noted(walk, head)
    next_version("fire", who, who.housing, promised_days=2)
    assert (note.matter.number, note.matter.content["promised_days"]) == (1, 5)
    assert begun(head).steps.get(matter__matter__key="fire").matter.number == 2
    with pytest.raises(AppendOnlyError):
        WalkNote.objects.filter(pk=note.pk).update(words="改一改")


def test_a_note_at_a_paper_is_about_a_matter_that_asks_for_it(who, head):
    walk = begun(head)
    assert noted(walk, head, "paper", words="平面图太细").matter.matter.key == "planning"  # the only one that asks
    fire = step_of(walk, "matter", "fire").matter
    refused("not_of_this", lambda: noted(walk, head, "paper", words="不是它要的", matter=fire))
    assert noted(walk, head, "accept", "", words="取号等了半天", trouble="wait").matter is None  # about the whole
    assert noted(walk, head, "accept", "", words="消防的要另外取号", trouble="wait", matter=fire).matter == fire
    assert dict(Way(walk).troubles) == {"needless": 1, "wait": 2}


def test_bad_input_is_refused_by_name_and_leaves_nothing(who, head):
    refused("invalid", lambda: begun(head, role="king"))
    refused("unanswered", lambda: actions.begin_walk(life_event=version(), role="clerk", answers={}, by=head))
    assert Walk.objects.count() == 0
    walk, other = begun(head), begun(head)
    form = step_of(walk, "form")
    for field, number in (("minutes", -1), ("minutes", 10_001), ("trips", 101)):
        assert refused("invalid", lambda field=field, number=number: actions.finish_step(walk=walk, step=form, by=head, **{field: number})).field == field
    refused("not_on_way", lambda: actions.finish_step(walk=walk, step=step_of(other, "form"), by=head))
    assert refused("invalid", lambda: noted(walk, head, words="啊")).field == "words"
    assert refused("invalid", lambda: noted(walk, head, trouble="rain")).field == "trouble"
    noted(walk, head)
    refused("noted", lambda: noted(walk, head))
    assert WalkNote.objects.count() == 1
    assert WalkStep.objects.filter(done_at__isnull=False).count() == 0
    refused("nothing_done", lambda: actions.close_walk(walk=walk, by=head))


def test_nothing_is_added_to_a_walk_that_has_ended(who, head):
    walk = begun(head)
    closed(walk, head)
    stale = Walk.objects.get(pk=walk.pk)
    stale.closed = None  # as a page that was open before its end has it
    for act in (lambda: noted(stale, head), lambda: actions.reach_step(walk=stale, step=step_of(walk, "paper"), by=head), lambda: actions.finish_step(walk=stale, step=step_of(walk, "paper"), by=head),
                lambda: actions.close_walk(walk=stale, by=head)):
        refused("closed", act)
    assert (WalkNote.objects.count(), walk.steps.filter(done_at__isnull=False).count()) == (0, 1)


def test_only_who_walks_writes_and_only_their_office_and_the_county_see(who, head):
    walk = begun(head)
    boss = person_factory("leader")
    for person in (person_factory("bureau_head", who.offices["housing"]), boss, who.housing, who.officer, who.agent, person_factory("finance_officer")):
        with pytest.raises(Forbidden):
            actions.finish_step(walk=walk, step=step_of(walk, "form"), by=person)
        with pytest.raises(Forbidden):
            noted(walk, person)
        with pytest.raises(Forbidden):
            actions.close_walk(walk=walk, by=person)
    for person in (who.housing, who.officer, who.agent, person_factory("finance_officer")):
        with pytest.raises(Forbidden):
            begun(person)
    assert begun(boss).created_by == boss
    assert [walks.find_walk(person, walk.pk) is not None for person in (head, who.housing, who.officer, boss, who.land, who.agent, person_factory("finance_officer"))] == [True, True, True, True, False, False, False]


def test_two_walks_stand_side_by_side_by_what_was_walked(who, head):
    first, second = begun(head), begun(head, "clerk", site="lease")
    closed(first, head, 50)
    closed(second, head, 20)
    next_version("fire", who, who.housing, promised_days=2)
    third = begun(head)
    pairs = walks.beside(Way(first).steps, Way(third).steps)
    assert [(left.place, right.place) for left, right in pairs] == [(n, n) for n in range(1, 9)]
    left, right = walks.beside(Way(first).steps, Way(second).steps)[0]
    assert (left.took, right.took) == (50, 20)
    assert walks.comparable(walks.beside(Way(first).steps, Way(second).steps), lambda step: step.took) == (1, 50, 20)
    assert walks.comparable(walks.beside(Way(first).steps, Way(third).steps), lambda step: step.took) == (0, 0, 0)  # one side counted nothing: nothing is compared
    alone = walks.beside(Way(first).steps[:2], Way(third).steps[1:])
    assert [(left.kind if left else None, right.kind if right else None) for left, right in alone][:2] == [("form", None), ("paper", "paper")]
    assert all(left is None for left, _right in alone[2:])
    assert set(walks.others(head, third)) == {first, second}
    assert list(walks.others(who.land, third)) == []
