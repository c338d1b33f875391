"""Simulated former way and new flow: same seed, same bytes; the causes add up; the situations are those of the cases."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

from diguan.kernel import access
from diguan.kernel.tests.factories import person_factory
from diguan.services.engine import trials
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.reduction import reduction
from diguan.services.engine.spells import PER_DAY, Spell
from diguan.services.engine.trials import Inputs, Part, Situation
from diguan.services.models import LifeEventVersion
from diguan.services.queries import case_answer, case_measures, case_trials
from diguan.services.queries.case_measures import Choice
from diguan.services.tests.test_case_measures import carried_out, done_cases
from diguan.services.tests.test_cases import who

__all__ = ["done_cases", "who"]
FEW, MANY = Situation((("site", "own"),), (Part("a", 10, 2, 4, 0), Part("b", 20, 3, None, None)), (), 3), Situation((), (Part("a", 10, 2, 20, 1), Part("b", 6, 0, 3, 0)), (("a", "b"),), 1)


def drawn(*situations, seed=7, **more):
    return trials.trial(Inputs("v", situations, more.get("accept", Spell()), more.get("deliver", Spell()), seed, 500))


def test_same_inputs_same_bytes_another_seed_others():
    assert drawn(FEW, MANY).digest == drawn(FEW, MANY).digest
    assert drawn(FEW, MANY).digest != drawn(FEW, MANY, seed=8).digest
    assert Inputs("v", (FEW,), Spell(), Spell()).digest != Inputs("v", (MANY,), Spell(), Spell()).digest


def test_what_follows_from_promises_order_and_visits():
    found = drawn(FEW)
    # side by side: the longer one, of which no promise is known, decides; three of five trips are still made
    assert found.spreads[1].mean == pytest.approx(20, abs=0.6)
    assert found.spreads[0].mean == pytest.approx(30, abs=0.8)
    assert (set(found.trips_before.tolist()), set(found.trips_after.tolist())) == ({5}, {3})
    found = drawn(MANY)
    assert found.spreads[1].mean == pytest.approx(13, abs=0.6)  # bound: one after the other; a promise longer than before is not taken for worse
    assert found.trips.ratio_of_sums == 0.5


def test_causes_add_up_with_what_the_window_adds():
    found = drawn(FEW, MANY, accept=Spell.fixed(PER_DAY), deliver=Spell.triangular(0, 100, 1000))
    mean = Fraction(int(((found.before.astype(np.int64) - found.after) * found.weights).sum()), 500 * 4 * PER_DAY)
    assert sum(found.causes.values()) == mean
    assert found.causes[trials.DESK] < -1
    assert sum(found.trip_causes.values()) == Fraction(int(((found.trips_before - found.trips_after) * found.weights).sum()), 500 * 4)


def test_each_case_weighs_the_same():
    found, thrice = drawn(FEW, MANY), drawn(FEW)
    alone = drawn(MANY)
    before = np.concatenate([*[thrice.before] * 3, alone.before])
    assert found.time == reduction(before, np.concatenate([*[thrice.after] * 3, alone.after]))
    assert found.spreads[0].p90 == np.sort(before)[-(-9 * len(before) // 10) - 1] / PER_DAY
    assert found.cases == 4


def test_no_situation_and_a_wrong_seed_are_refused():
    for inputs in (Inputs("v", (), Spell(), Spell()), Inputs("v", (FEW,), Spell(), Spell(), -1), Inputs("v", (FEW,), Spell(), Spell(), 2**32)):
        with pytest.raises(BenchRefused):
            trials.trial(inputs)


@pytest.mark.django_db
def test_the_situations_are_those_of_the_cases_measured(who, done_cases):
    found = case_trials.tried(who.officer, case_measures.book(who.officer))
    one = found.tried[0]
    assert (one.key, one.measured, one.left, found.measured) == ("factory", 3, 0, 3)
    assert [(each.cases, dict(each.answers)) for each in one.inputs.situations] == [(3, {"site": "lease"})]
    assert [(part.id, part.days_before, part.promised, part.visits) for part in one.inputs.situations[0].parts] == [("filing", 5, 1, 0), ("planning", 20, 10, 0), ("fire", 15, 5, 0), ("power", 10, 3, 0)]
    assert one.inputs.situations[0].pairs == (("filing", "planning"),)
    assert one.trial.time.ratio_of_sums > 0.5
    assert one.trial.trips.ratio_of_sums == 1


@pytest.mark.django_db
def test_without_cases_the_first_answers_are_drawn(who):
    found = case_trials.tried(who.officer, case_measures.book(who.officer))
    assert [dict(each.answers) for each in found.tried[0].inputs.situations] == [{"site": "own"}]
    assert found.measured == 0
    assert found.whole is not None


@pytest.mark.django_db
def test_the_window_is_drawn_as_seen_once_five_cases_ended(who, settings):
    assert case_trials.tried(who.officer, case_measures.book(who.officer)).tried[0].inputs.accept == Spell.triangular(0, 100, 500)
    for _case in range(5):
        carried_out(who, settings)
    one = case_trials.tried(who.officer, case_measures.book(who.officer)).tried[0]
    assert (one.inputs.accept, one.inputs.deliver) == (Spell.observed([100] * 5), Spell.observed([0] * 5))
    assert one.desk_seen


@pytest.mark.django_db
def test_a_situation_whose_document_is_gone_is_counted_as_left_out(who, done_cases):
    row = LifeEventVersion.objects.get()
    LifeEventVersion.objects.filter(pk=row.pk).update(number=2)
    old = LifeEventVersion.objects.create(life_event=row.life_event, number=1, text="no: document", sha256="0" * 64, valid_from=row.valid_from, published_by=who.officer)
    done_cases[0].life_event = old
    type(done_cases[0]).objects.filter(pk=done_cases[0].pk).update(life_event=old)
    found = case_trials.tried(who.officer, case_measures.book(who.officer))
    assert (found.tried[0].measured, found.tried[0].left) == (2, 1)


@pytest.mark.django_db
def test_the_answer_says_the_same_twice_and_is_plain_json(who, done_cases):
    first, second = (json.dumps(case_answer.answer(who.officer, Choice(), 11), ensure_ascii=False) for _time in range(2))
    assert first == second
    told = json.loads(first)
    assert told["simulated"]["seed"] == 11
    assert told["measured"]["case_days_cut_mean"] == 8800
    assert told["measured"]["case_days_cut_gap_mean"] == -2800
    assert told["measured"]["case_trips_cut_gap_sum"] == 7500 - 8889
    assert told["groups"]["event"][0]["cases_ended"] == 3


@pytest.mark.django_db
def test_who_may_see_no_cases_or_no_life_events_gets_no_numbers(who, done_cases):
    with pytest.raises(access.Forbidden):
        case_answer.answer(person_factory("data_clerk"), Choice(), 1)
