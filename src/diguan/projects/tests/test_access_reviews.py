"""准入评审: unknown is not passed, missing is a range, who fills it in neither verifies nor decides it, and a pass has to hold."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel import packs
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.packs import PackError
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.stages.refusals import GateClosed
from diguan.projects.actions import access, board
from diguan.projects.actions.projects import Said
from diguan.projects.engine import access as engine
from diguan.projects.engine.access import Answers
from diguan.projects.queries import access as reviews
from diguan.projects.tests.board_factories import GOOD, PDF, Team, answered, fresh, met, move, named, passed, told
from diguan.projects.tests.factories import project_factory

DAY = dt.date(2026, 10, 31)
STANDARD = engine.read(packs.entries(packs.SHIPPED / "base" / "access.yaml")[0], "base/access.yaml")


def full(**more: Any) -> Answers:
    return Answers(**{"inputs": {name: Fraction(text) for name, text in GOOD["inputs"].items()}, "choices": GOOD["choices"], "vetoes": {one.id: "no" for one in STANDARD.vetoes},
                      "diligence": {one.id: "yes" for one in STANDARD.diligence}} | more)


# ── the engine ───────────────────────────────────────────────────────────────
def test_everything_known_and_good_can_be_passed() -> None:
    result = engine.judge(STANDARD, full(), "4030", DAY)
    assert (result.problems, result.low == result.high, result.score) == ((), True, engine.MET)


def test_nothing_known_is_no_zero_and_no_pass() -> None:
    result = engine.judge(STANDARD, Answers(), "", DAY)
    assert result.low < result.high == 100
    assert result.score == engine.OPEN
    assert {part.state for part in result.vetoes} == {engine.UNKNOWN}
    assert {part.state for part in result.minimums} == {engine.OPEN}


@pytest.mark.parametrize("veto", [one.id for one in STANDARD.vetoes])
def test_one_veto_or_one_that_nobody_looked_into_is_enough(veto: str) -> None:
    for said in ("yes", "unknown", "maybe", ""):
        assert len(engine.judge(STANDARD, full(vetoes={**full().vetoes, veto: said}), "4030", DAY).problems) == 1


@pytest.mark.parametrize(("land", "state"), [("40", engine.MET), ("41", engine.BELOW), ("0", engine.OPEN)])
def test_investment_per_mu_is_compared_exactly(land: str, state: str) -> None:
    inputs = {**full().inputs, "land": Fraction(land), "investment": Fraction(12000)}
    part = next(part for part in engine.judge(STANDARD, full(inputs=inputs), "", DAY).minimums if part.minimum.id == "investment_per_mu")
    assert part.state == state


def test_a_banned_industry_is_vetoed_whatever_was_ticked() -> None:
    assert engine.prefilled(STANDARD, "1610", DAY)["regulated"] == engine.YES
    part = next(part for part in engine.judge(STANDARD, full(), "1610", DAY).vetoes if part.veto.id == "regulated")
    assert (part.state, part.listed is not None) == (engine.YES, True)


def test_an_industry_to_be_looked_at_is_unknown_until_somebody_looked_and_another_is_free() -> None:
    assert engine.prefilled(STANDARD, "2611", DAY) == {"regulated": engine.NO, "two_highs": engine.UNKNOWN}
    assert engine.prefilled(STANDARD, "4030", DAY) == {"regulated": engine.NO, "two_highs": engine.NO}
    assert engine.prefilled(STANDARD, "", DAY) == {}
    assert engine.prefilled(STANDARD, "1610", dt.date(2023, 1, 1))["regulated"] == engine.NO


figures = st.dictionaries(st.sampled_from([one.id for one in STANDARD.inputs]), st.fractions(min_value=0, max_value=10**6))
words = st.fixed_dictionaries({}, optional={one.id: st.sampled_from([word.id for word in one.words]) for one in STANDARD.criteria if one.words})


@given(figures, words, figures, words)
def test_what_is_learnt_narrows_the_range_and_never_leaves_it(inputs: dict[str, Fraction], choices: dict[str, str], more: dict[str, Fraction], others: dict[str, str]) -> None:
    before = engine.judge(STANDARD, Answers(inputs, choices), "", DAY)
    after = engine.judge(STANDARD, Answers({**more, **inputs}, {**others, **choices}), "", DAY)
    assert 0 <= before.low <= after.low <= after.high <= before.high <= 100
    assert before.score == engine.OPEN or after.score == before.score


@given(figures, words)
def test_a_review_with_anything_unknown_is_never_passable(inputs: dict[str, Fraction], choices: dict[str, str]) -> None:
    result = engine.judge(STANDARD, full(inputs=inputs, choices=choices), "4030", DAY)
    if any(part.value is None for part in result.minimums):
        assert result.problems


@pytest.mark.parametrize(("change", "words"), [({"pass_line": "many"}, "pass_line"), ({"criteria": []}, "权重"), ({"colour": 1}, "colour"), ({"source": None}, "source")])
def test_a_file_that_is_wrong_is_refused_with_its_line(change: dict[str, Any], words: str) -> None:
    raw = packs.entries(Path(packs.SHIPPED / "base" / "access.yaml"))[0] | change
    with pytest.raises(PackError, match=words):
        engine.read(raw, "ours/access.yaml")


# ── reviews ──────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_no_review_is_unknown_and_a_pass_opens_the_gate_as_far_as_it_goes() -> None:
    team = Team()
    row = named(project_factory(team.officer, industry="4030", planned_fen=120_000_000_00), team)
    assert told(row) == {}
    assert passed(row, team).decision == "passed"
    assert told(row) == {reviews.FACT: 1}
    move(row, "negotiating", team.officer)
    with pytest.raises(GateClosed) as closed:
        move(row, "contract", team.second)
    assert "access" not in {item.id for item in closed.value.answer.missing}


@pytest.mark.django_db
def test_a_pass_no_longer_holds_once_the_project_is_another() -> None:
    team = Team()
    row = project_factory(team.officer, planned_fen=120_000_000_00)
    passed(row, team)
    board.change_project(project=fresh(row), version=1, said=Said(row.name, row.investor, row.source, planned_fen=20_000_000_00), by=team.officer)
    assert told(row) == {reviews.FACT: 0}


@pytest.mark.django_db
def test_a_pass_no_longer_holds_once_its_minutes_are_taken_back_or_a_new_review_is_begun() -> None:
    team = Team()
    first, second = project_factory(team.officer), project_factory(team.officer, name="样例表壳项目")
    minutes = passed(first, team).minutes
    assert minutes is not None
    minutes.refresh_from_db()
    evidence.withdraw(evidence=minutes, version=minutes.version, reason="换了一份", by=team.second)
    passed(second, team)
    access.start_review(project=fresh(second), by=team.officer)
    assert [told(first), told(second)] == [{reviews.FACT: 0}, {reviews.FACT: 0}]


@pytest.mark.django_db
def test_who_filled_any_of_it_in_neither_verifies_nor_decides() -> None:
    team = Team()
    row = answered(project_factory(team.officer), team.officer)
    row = access.answer_review(review=row, version=row.version, answers=row.answers, by=team.second)
    for person in (team.officer, team.second):
        with pytest.raises(Refusal) as own:
            access.verify_review(review=row, version=row.version, by=person)
        assert own.value.code == "own_review"


@pytest.mark.django_db
def test_only_a_leader_decides_and_only_on_minutes() -> None:
    team = Team()
    row = answered(project_factory(team.officer), team.officer)
    with pytest.raises(Refusal) as early:
        access.decide_review(review=row, version=row.version, decision="passed", by=team.leader)
    assert early.value.code == "not_met"
    row = access.verify_review(review=row, version=row.version, by=team.second)
    row = access.record_meeting(review=row, version=row.version, met_on=row.day, members="商务局", minutes=Paper(file_name="m.pdf", content=PDF), by=team.officer)
    with pytest.raises(Forbidden):
        access.decide_review(review=row, version=row.version, decision="passed", by=team.second)
    assert access.decide_review(review=row, version=row.version, decision="passed", by=team.leader).state == "decided"


@pytest.mark.django_db
def test_what_is_vetoed_or_not_known_is_refused_a_pass_but_may_be_returned() -> None:
    team = Team()
    row = met(project_factory(team.officer), team, vetoes={})
    with pytest.raises(Refusal) as refused:
        access.decide_review(review=row, version=row.version, decision="passed", by=team.leader)
    assert refused.value.code == "not_passable"
    with pytest.raises(Refusal) as silent:
        access.decide_review(review=row, version=row.version, decision="returned", by=team.leader)
    assert silent.value.field == "conditions"
    assert access.decide_review(review=row, version=row.version, decision="returned", conditions="查清环评", by=team.leader).decision == "returned"
    assert told(row.project) == {reviews.FACT: 0}


@pytest.mark.django_db
def test_a_decided_review_is_not_changed_and_changed_answers_are_verified_anew() -> None:
    team = Team()
    row = met(project_factory(team.officer), team)
    row = access.answer_review(review=row, version=row.version, answers=row.answers, by=team.officer)
    assert (row.state, row.verified_by, row.minutes) == ("entered", None, None)
    done = passed(project_factory(team.officer, name="样例表壳项目"), team)
    with pytest.raises(Refusal) as decided:
        access.answer_review(review=done, version=done.version, answers=done.answers, by=team.officer)
    assert decided.value.code == "decided"


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "name", "value"), [("inputs", "land", "-1"), ("inputs", "land", "much"), ("inputs", "land", "1/0"), ("choices", "industry", "best")])
def test_what_cannot_be_answered_is_refused_and_nothing_is_written(kind: str, name: str, value: str) -> None:
    team = Team()
    row = access.start_review(project=project_factory(team.officer), by=team.officer)
    with pytest.raises(Refusal):
        access.answer_review(review=row, version=row.version, answers={kind: {name: value}}, by=team.officer)
    row.refresh_from_db()
    assert row.version == 1


@pytest.mark.django_db
def test_a_second_review_is_not_begun_while_one_is_under_way() -> None:
    team = Team()
    row = project_factory(team.officer, planned_fen=36_000_000_50, industry="1610")
    first = access.start_review(project=row, by=team.officer)
    assert (first.answers["inputs"]["investment"], first.answers["vetoes"]["regulated"]) == ("3600.00005", "yes")
    with pytest.raises(Refusal) as again:
        access.start_review(project=row, by=team.officer)
    assert again.value.code == "open_already"
    with pytest.raises(Forbidden):
        access.start_review(project=row, by=team.chain)
