"""The board and the pages: counts and sums, days in stage, a closed gate that answers with its form, who may see and export."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Passage
from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import access
from diguan.projects.models import Project
from diguan.projects.queries import board, projects
from diguan.projects.tests.board_factories import PDF, Team, fresh, met, move, named
from diguan.projects.tests.factories import project_factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return Team()


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def some(team: Team, count: int) -> list[Project]:
    return [project_factory(team.officer, name=f"样例项目{n}", planned_fen=None if n % 3 == 0 else n * 100_000_00) for n in range(count)]


def test_the_board_counts_and_adds_up_and_says_how_many_did_not_say(team: Team) -> None:
    rows = some(team, 5)
    move(named(rows[4], team), "negotiating", team.officer)
    found = {column.step.id: column for column in board.board(team.officer, projects.visible_projects(team.officer), clocks.today()).columns}
    triage, talks = found["triage"], found["negotiating"]
    assert (triage.count, triage.planned_fen, triage.unknown) == (4, 300_000_00, 2)
    assert (talks.count, talks.planned_fen, talks.cards[0].days) == (1, 400_000_00, 0)
    assert [step.id for step in talks.cards[0].targets] == ["site_visit", "framework", "contract"]


def test_the_fast_board_is_the_slow_one(team: Team) -> None:
    rows = some(team, board.MOST_CARDS + 3)
    move(named(rows[1], team), "negotiating", team.officer)
    seen = projects.visible_projects(team.officer)
    for person in (team.officer, team.chain):
        assert board.board(person, seen, clocks.today()) == board.board_slowly(person, seen, clocks.today())
    assert len(board.board(team.officer, seen, clocks.today(), "triage").columns[0].cards) == board.MOST_CARDS + 2


def test_the_board_asks_as_much_of_many_projects_as_of_few(team: Team) -> None:
    some(team, 2)
    counts = []
    for _turn in range(2):
        client = client_of(team.officer)
        client.get("/projects/board/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/projects/board/").status_code == 200
        counts.append(len(asked))
        some(team, 6)
    assert counts[0] == counts[1]


def test_days_in_a_stage_are_working_days(team: Team) -> None:
    row = some(team, 1)[0]
    day = clocks.today() + dt.timedelta(days=7)
    card = board.board(team.officer, projects.visible_projects(team.officer), day).columns[0].cards[0]
    assert card.row == row
    assert card.days is not None
    assert card.days <= 7


def test_who_may_not_move_a_project_finds_no_form_on_its_card_and_a_sent_one_is_refused(team: Team) -> None:
    row = named(some(team, 1)[0], team)
    client = client_of(team.chain)
    assert "dg-board-move" not in client.get("/projects/board/").content.decode()
    before = Passage.objects.count()
    task = stages.current(fresh(row).course)
    assert task is not None
    assert client.post(f"/projects/{row.pk}/move/", {"to": "negotiating", "version": task.version}).status_code == 403
    assert Passage.objects.count() == before


def test_a_drop_on_a_closed_gate_answers_with_the_form_of_what_is_missing(team: Team) -> None:
    row = named(some(team, 1)[0], team)
    move(row, "negotiating", team.officer)
    client, task = client_of(team.officer), stages.current(fresh(row).course)
    assert task is not None
    answer = client.post(f"/projects/{row.pk}/move/", {"to": "site_visit", "version": task.version})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "还没有移动" in text
    assert 'name="entry" value="site_visit_record"' in text
    kept = client.post(f"/projects/{row.pk}/paper/", {"gate": "site_visit", "entry": "site_visit_record", "file": SimpleUploadedFile("a.pdf", PDF)})
    assert kept.status_code == 302
    assert kept["Location"] == f"/projects/{row.pk}/gate/site_visit/"
    assert "等另一个人核实" in client.get(kept["Location"]).content.decode()
    wrong = client.post(f"/projects/{row.pk}/paper/", {"gate": "site_visit", "entry": "site_visit_record", "number": "考察 7 号"})
    assert wrong.status_code == 422
    assert "考察 7 号" in wrong.content.decode()


def test_the_second_to_move_by_the_page_is_told_and_sees_the_project_as_it_is(team: Team) -> None:
    row = named(some(team, 1)[0], team)
    task = stages.current(fresh(row).course)
    assert task is not None
    said = {"to": "negotiating", "version": task.version}
    assert client_of(team.officer).post(f"/projects/{row.pk}/move/", said).status_code == 302
    assert client_of(team.second).post(f"/projects/{row.pk}/move/", said).status_code in (409, 422)


def test_a_project_is_opened_changed_and_refused_on_pages_with_what_was_typed(team: Team) -> None:
    client = client_of(team.officer)
    said = {"name": "样例表带项目", "investor": "东莞样例皮具有限公司", "kind": "new", "source": "town", "planned_fen": "3600", "land": "12.5", "version": "1"}
    assert client.post("/projects/new/", {**said, "planned_fen": "很多"}).status_code == 422
    opened = client.post("/projects/new/", said)
    assert opened.status_code == 302
    row = Project.objects.get(name="样例表带项目")
    assert (row.planned_fen, row.land) == (3600 * 1_000_000, 125_000)
    assert client.post(f"/projects/{row.pk}/change/", {**said, "jobs": "80"}).status_code == 302
    late = client.post(f"/projects/{row.pk}/change/", {**said, "jobs": "90"})
    assert late.status_code == 409
    assert 'value="90"' in late.content.decode()
    assert "别人刚存下的" in late.content.decode()
    assert client_of(team.chain).post(f"/projects/{row.pk}/change/", said).status_code == 403


@pytest.mark.parametrize(("name", "said"), [("team", {"version": "1"}), ("status", {"version": "1", "to": "delayed", "reason": "等批文"}), ("note", {"on": "2026-10-01", "what": "打了电话"}), ("waive", {"version": "1", "to": "negotiating", "item": "team", "reason": "不用"}),
                                            ("back", {"version": "1", "to": "triage", "reason": "x"}), ("nothing", {})])
def test_deeds_of_the_page_do_or_refuse_and_strangers_get_none(team: Team, name: str, said: dict[str, str]) -> None:
    row = project_factory(team.officer)
    assert client_of(team.officer).post(f"/projects/{row.pk}/{name}/", said).status_code in ((302,) if name in ("team", "status", "note") else (403, 404, 422))
    assert client_of(person_factory("data_clerk")).post(f"/projects/{row.pk}/{name}/", said).status_code in (403, 404)


def test_the_list_is_filtered_by_stage_and_status_and_exported_with_its_right(team: Team) -> None:
    rows = some(team, 2)
    move(named(rows[0], team), "negotiating", team.officer)
    client = client_of(team.officer)
    assert "样例项目0" in client.get("/projects/?stage=negotiating").content.decode()
    assert "样例项目1" not in client.get("/projects/?stage=negotiating").content.decode()
    assert client.get("/projects/?export=csv&status=active").status_code == 200
    assert client_of(person_factory("town_officer")).get("/projects/?export=csv").status_code == 403


def test_a_review_is_carried_through_on_its_pages(team: Team) -> None:
    row = project_factory(team.officer, planned_fen=120_000_000_00)
    officer = client_of(team.officer)
    assert officer.post(f"/projects/{row.pk}/access/").status_code == 302
    review = row.access_reviews.get()
    assert "value=\"12000\"" in officer.get(f"/projects/access/{review.pk}/answers/").content.decode()
    assert officer.post(f"/projects/access/{review.pk}/answers/", {"version": "1", "input-land": "much"}).status_code == 422
    assert officer.post(f"/projects/access/{review.pk}/answers/", {"version": "1", "input-land": "30", "veto-safety": "no", "check-registry": "yes", "choice-industry": "leading"}).status_code == 302
    assert officer.post(f"/projects/access/{review.pk}/verify/", {"version": "2"}).status_code == 422
    assert client_of(team.second).post(f"/projects/access/{review.pk}/verify/", {"version": "2"}).status_code == 302
    assert officer.post(f"/projects/access/{review.pk}/meet/", {"version": "3", "met_on": clocks.today().isoformat(), "members": "商务局", "file": SimpleUploadedFile("m.pdf", PDF)}).status_code == 302
    leader = client_of(team.leader)
    refused = leader.post(f"/projects/access/{review.pk}/decide/", {"version": "4", "decision": "passed", "conditions": "先补"})
    assert refused.status_code == 422
    assert "还没查清" in refused.content.decode()
    assert leader.post(f"/projects/access/{review.pk}/decide/", {"version": "4", "decision": "returned", "conditions": "先补"}).status_code == 302
    assert leader.get(f"/projects/access/{review.pk}/print/").status_code == 200
    assert client_of(person_factory("data_clerk")).get(f"/projects/access/{review.pk}/").status_code == 403


def test_a_bureau_gives_its_opinion_on_the_page(team: Team) -> None:
    row = project_factory(team.officer)
    client = client_of(team.officer)
    assert client.post(f"/projects/{row.pk}/joint/", {"asked": "选址"}).status_code == 302
    joint = row.joint_reviews.get()
    assert client.post(f"/projects/joint/{joint.pk}/commerce/", {"version": "1", "verdict": "agreed", "words": ""}).status_code == 422
    assert client.post(f"/projects/joint/{joint.pk}/commerce/", {"version": "1", "verdict": "agreed", "words": "同意引进"}).status_code == 302
    assert "同意引进" in client.get(f"/projects/joint/{joint.pk}/").content.decode()
    assert client_of(team.chain).post(f"/projects/joint/{joint.pk}/environment/", {"version": "1", "verdict": "agreed", "words": "同意"}).status_code == 403
    assert client.get("/projects/joint/?state=open").status_code == 200


def test_a_decided_review_shows_on_the_projects_page(team: Team) -> None:
    row = project_factory(team.officer)
    review = met(row, team)
    access.decide_review(review=review, version=review.version, decision="passed", by=team.leader)
    assert "通过，有效" in client_of(team.officer).get(f"/projects/{row.pk}/").content.decode()
