"""A project on its own page: named, moved, sent back, held up; what it takes, and who may not."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from django.test import Client
from django.urls import reverse

from diguan.kernel import clocks
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Passage
from diguan.kernel.stages.refusals import ChangedMeanwhile, GateClosed
from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import board, projects
from diguan.projects.models import Progress
from diguan.projects.queries.board import find
from diguan.projects.tests.board_factories import PDF, Team, fresh, move, named, paper
from diguan.projects.tests.factories import project_factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return Team()


def stage(project: object) -> str:
    return stages.progress(fresh(project).course).at[0]  # type: ignore[arg-type]


def test_a_project_without_its_three_people_does_not_go_on_and_the_answer_says_so(team: Team) -> None:
    row = project_factory(team.officer)
    with pytest.raises(GateClosed) as closed:
        move(row, "negotiating", team.officer)
    assert [item.id for item in closed.value.answer.missing] == ["team"]
    named(row, team)
    move(row, "negotiating", team.officer)
    assert stage(row) == "negotiating"


def test_who_has_no_right_to_move_moves_nothing_and_nothing_is_written(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    before = Passage.objects.count()
    for stranger in (team.chain, person_factory("data_clerk"), person_factory("town_officer")):
        with pytest.raises(Forbidden):
            move(row, "negotiating", stranger)
    assert (stage(row), Passage.objects.count()) == ("triage", before)


def test_of_two_who_move_it_at_once_the_second_is_told(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    task = stages.current(fresh(row).course)
    assert task is not None
    projects.pass_stage(project=row, task=task, to="negotiating", version=task.version, by=team.officer)
    with pytest.raises(ChangedMeanwhile):
        projects.pass_stage(project=row, task=task, to="negotiating", version=task.version, by=team.second)


def test_an_entered_paper_is_no_verified_one(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    move(row, "negotiating", team.officer)
    piece = paper(row, "site_visit_record", team, verified=False)
    with pytest.raises(GateClosed):
        move(row, "site_visit", team.officer)
    with pytest.raises(Refusal) as own:
        evidence.verify(evidence=piece, version=piece.version, by=team.officer)
    assert own.value.code == "own_evidence"
    evidence.verify(evidence=piece, version=piece.version, by=team.second)
    move(row, "site_visit", team.officer)
    assert stage(row) == "site_visit"


def test_a_verified_paper_that_is_withdrawn_closes_the_gate_again(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    move(row, "negotiating", team.officer)
    piece = paper(row, "site_visit_record", team)
    evidence.withdraw(evidence=piece, version=piece.version, reason="拿错了", by=team.officer)
    with pytest.raises(GateClosed):
        move(row, "site_visit", team.officer)


def test_a_verified_paper_that_is_replaced_closes_the_gate_until_the_new_one_is_verified(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    move(row, "negotiating", team.officer)
    first = paper(row, "site_visit_record", team)
    second = paper(row, "site_visit_record", team, verified=False)
    first.refresh_from_db()
    assert first.state == "withdrawn"
    with pytest.raises(GateClosed):
        move(row, "site_visit", team.officer)
    evidence.verify(evidence=second, version=second.version, by=team.second)
    move(row, "site_visit", team.officer)


def test_who_may_not_enter_evidence_hands_nothing_in(team: Team) -> None:
    row = project_factory(team.officer)
    with pytest.raises(Forbidden):
        board.hand_in(project=row, entry="site_visit_record", paper=Paper(file_name="a.pdf", content=PDF), by=team.chain)


def test_a_project_goes_back_only_where_the_flow_says_and_with_a_reason(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    move(row, "negotiating", team.officer)
    paper(row, "site_visit_record", team)
    move(row, "site_visit", team.officer)
    task = stages.current(fresh(row).course)
    assert task is not None
    with pytest.raises(Refusal):
        board.send_project_back(project=fresh(row), task=task, to="negotiating", version=task.version, reason="", by=team.officer)
    with pytest.raises(Refusal):
        board.send_project_back(project=fresh(row), task=task, to="triage", version=task.version, reason="重谈", by=team.officer)
    board.send_project_back(project=fresh(row), task=task, to="negotiating", version=task.version, reason="投资方换了方案", by=team.officer)
    assert stage(row) == "negotiating"


def test_a_dormant_project_does_not_move_until_it_is_resumed(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    with pytest.raises(Forbidden):
        board.set_project_status(project=fresh(row), to="dormant", version=1, reason="等环评", by=team.chain)
    board.set_project_status(project=fresh(row), to="dormant", version=1, reason="等环评", by=team.officer)
    with pytest.raises(Refusal) as held:
        move(row, "negotiating", team.officer)
    assert held.value.code == "held"
    board.set_project_status(project=fresh(row), to="active", version=2, reason="环评过了", by=team.officer)
    move(row, "negotiating", team.officer)


def test_a_lost_project_is_over(team: Team) -> None:
    row = project_factory(team.officer)
    board.set_project_status(project=fresh(row), to="lost", version=1, reason="去了邻县", by=team.officer)
    assert fresh(row).course.ended_at is not None  # type: ignore[union-attr]
    with pytest.raises(Refusal):
        board.set_project_status(project=fresh(row), to="active", version=2, reason="又来了", by=team.officer)


def test_who_saves_second_is_told_and_nothing_is_lost(team: Team) -> None:
    row = project_factory(team.officer)
    said = projects.Said(**{name: getattr(row, name) for name in asdict(projects.Said("甲乙", "乙丙", "town"))})
    board.change_project(project=row, version=1, said=replace(said, planned_fen=1_000_000_00), by=team.officer)
    with pytest.raises(Refusal) as late:
        board.change_project(project=row, version=1, said=replace(said, jobs=5), by=team.second)
    assert late.value.code == "conflict"
    assert fresh(row).jobs is None


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("investor", "x"), ("source", "nowhere"), ("kind", "twice"), ("planned_fen", -1), ("planned_fen", 2**60), ("investor_uscc", "91430421MA00002261"), ("told", "长" * 501)])
def test_what_cannot_be_true_of_a_project_is_refused(field: str, value: object) -> None:
    with pytest.raises(Refusal) as refused:
        project_factory(person_factory("promotion_officer"), **{"name": "样例项目", field: value})
    assert refused.value.field == field


def test_an_addition_names_the_project_it_is_done_to() -> None:
    by = person_factory("promotion_officer")
    said = projects.Said(name="样例机芯二期", investor="深圳样例机芯有限公司", source="chain_team", kind="added")
    with pytest.raises(Refusal) as refused:
        projects.open_project(said=said, by=by)
    assert refused.value.field == "extends"
    assert projects.open_project(said=said, by=by, extends=project_factory(by)).extends is not None


def test_progress_is_noted_with_its_next_step_which_is_done_once(team: Team) -> None:
    row = project_factory(team.officer)
    board.note_project_progress(project=row, note=board.Note("去东莞谈了设备", clocks.today(), "发资料", clocks.today(), team.officer), by=team.officer)
    step = Progress.objects.get(project=row)
    board.finish_project_step(project=row, progress=step, version=1, by=team.officer)
    with pytest.raises(Refusal):
        board.finish_project_step(project=row, progress=step, version=1, by=team.second)


def test_a_gate_says_in_words_what_is_done_and_what_is_not(client: Client, team: Team) -> None:
    row = project_factory(team.officer)
    client.force_login(team.officer)
    assert "还没做到" in client.get(reverse("projects:project", args=[row.pk])).content.decode()
    named(row, team)
    move(row, "negotiating", team.officer)
    for address in (reverse("projects:project", args=[row.pk]), reverse("projects:gate", args=[row.pk, "framework"])):
        page = client.get(address).content.decode()
        assert "还没做到" in page
        assert "现在：" not in page
        assert "为是" not in page
        client.cookies["diguan_language"] = "en"
        english = client.get(address).content.decode()
        assert "is yes" not in english
        assert "Not done yet" in english
        client.cookies["diguan_language"] = "zh-hans"


def test_the_page_shows_met_items_first_and_what_is_missing_to_whoever_sees_the_project(team: Team) -> None:
    row = named(project_factory(team.officer), team)
    seen = find(team.chain, row.pk)
    assert seen is not None
    assert [way.step.id for way in seen.ways] == ["negotiating"]
    assert not seen.may_move
    assert find(person_factory("town_officer"), row.pk) is None
