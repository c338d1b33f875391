"""联合审查: bureaus side by side, each its own task; the meeting comes when the last opinion is in."""

from __future__ import annotations

import pytest

from diguan.kernel.access.models import Person
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.stages.models import Task, TaskState
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import access, joint
from diguan.projects.models import JointReview
from diguan.projects.queries import joint as reads
from diguan.projects.tests.board_factories import PDF, Team, fresh, met
from diguan.projects.tests.factories import project_factory

pytestmark = pytest.mark.django_db
BUREAUS = {"development_reform": "development-reform", "natural_resources": "natural-resources", "environment": "environment", "emergency": "emergency", "science_industry": "science-industry"}


@pytest.fixture
def team() -> Team:
    return Team()


@pytest.fixture
def clerks(team: Team) -> dict[str, Person]:
    return {"commerce": team.officer, **{key: person_factory("bureau_clerk", unit_factory(code, code=code)) for key, code in BUREAUS.items()}}


def task(row: JointReview, key: str) -> Task:
    return Task.objects.select_related("course__frozen").get(course=row.course_id, key=key)


def give(row: JointReview, key: str, by: Person, verdict: str = "agreed", words: str = "同意") -> None:
    one = task(row, key)
    joint.give_opinion(task=one, version=one.version, verdict=verdict, words=words, by=by)


def test_bureaus_work_side_by_side_and_the_meeting_opens_with_the_last(team: Team, clerks: dict[str, Person]) -> None:
    row = joint.start_joint(project=project_factory(team.officer), by=team.officer)
    assert Task.objects.filter(course=row.course_id, state=TaskState.OPEN).count() == len(clerks)
    with pytest.raises(Refusal) as early:
        joint.close_joint(review=row, version=1, conclusion="可以", by=team.officer)
    assert early.value.code == "not_open"
    for key, clerk in clerks.items():
        assert task(row, "meeting").state == TaskState.WAITING
        give(row, key, clerk)
    joint.close_joint(review=row, version=task(row, "meeting").version, conclusion="同意引进", by=team.officer)
    row.refresh_from_db()
    assert row.course is not None
    assert (row.course.ended_at is not None, row.conclusion) == (True, "同意引进")


def test_a_bureau_gives_its_own_opinion_and_nobody_elses(team: Team, clerks: dict[str, Person]) -> None:
    row = joint.start_joint(project=project_factory(team.officer), by=team.officer)
    with pytest.raises(Forbidden):
        give(row, "environment", clerks["emergency"])
    with pytest.raises(Forbidden):
        give(row, "environment", person_factory("data_clerk"))
    assert not row.opinions.exists()
    assert reads.find(clerks["emergency"], row.pk) is not None
    assert reads.find(person_factory("bureau_clerk"), row.pk) is None


def test_of_two_of_one_bureau_the_second_is_told(team: Team, clerks: dict[str, Person]) -> None:
    row = joint.start_joint(project=project_factory(team.officer), by=team.officer)
    read = task(row, "environment")
    give(row, "environment", clerks["environment"], "objected", "选址在水源保护区")
    with pytest.raises(ChangedMeanwhile):
        joint.give_opinion(task=read, version=read.version, verdict="agreed", words="同意", by=clerks["environment"])
    assert row.opinions.count() == 1


@pytest.mark.parametrize(("verdict", "words", "field"), [("perhaps", "看看", "verdict"), ("agreed", "", "words")])
def test_an_opinion_says_what_and_why(team: Team, clerks: dict[str, Person], verdict: str, words: str, field: str) -> None:
    row = joint.start_joint(project=project_factory(team.officer), by=team.officer)
    with pytest.raises(Refusal) as refused:
        give(row, "commerce", clerks["commerce"], verdict, words)
    assert refused.value.field == field
    assert task(row, "commerce").state == TaskState.OPEN


def test_a_paper_goes_with_an_opinion_and_waits_to_be_verified(team: Team, clerks: dict[str, Person]) -> None:
    row = joint.start_joint(project=project_factory(team.officer), by=team.officer)
    one = task(row, "environment")
    joint.give_opinion(task=one, version=one.version, verdict="conditional", words="要做环评", paper=Paper(file_name="a.pdf", content=PDF), by=clerks["environment"])
    given = row.opinions.get()
    assert given.paper is not None
    assert (given.paper.state, given.paper.owner_unit) == ("entered", one.owner_unit)


def test_a_second_joint_review_is_not_begun_while_one_is_under_way(team: Team) -> None:
    project = project_factory(team.officer)
    joint.start_joint(project=project, by=team.officer)
    with pytest.raises(Refusal) as again:
        joint.start_joint(project=project, by=team.officer)
    assert again.value.code == "open_already"
    with pytest.raises(Forbidden):
        joint.start_joint(project=project_factory(team.officer, name="样例表壳项目"), by=person_factory("town_officer"))


def test_an_open_joint_review_or_an_objection_stands_in_the_way_of_a_pass(team: Team, clerks: dict[str, Person]) -> None:
    project = project_factory(team.officer)
    row, review = joint.start_joint(project=project, by=team.officer), met(fresh(project), team)
    with pytest.raises(Refusal, match="joint review is not over"):
        access.decide_review(review=review, version=review.version, decision="passed", by=team.leader)
    for key, clerk in clerks.items():
        give(row, key, clerk, "objected" if key == "emergency" else "agreed", "意见如此")
    joint.close_joint(review=row, version=task(row, "meeting").version, conclusion="换址", by=team.officer)
    with pytest.raises(Refusal) as objected:
        access.decide_review(review=review, version=review.version, decision="passed", by=team.leader)
    assert objected.value.code == "not_passable"
