"""People, papers and reviews for the tests of a project's page, the board and the reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.stages import queries as stages
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.actions import access, board, projects
from diguan.projects.models import AccessReview, Project
from diguan.projects.queries import access as reviews

PDF = b"%PDF-1.4\n" + b"x" * 200
GOOD: Mapping[str, Mapping[str, str]] = {
    "inputs": {"investment": "12000", "land": "30", "tax": "1200", "floor": "28000", "base": "9000", "site": "20000", "jobs": "300", "research": "5"},
    "choices": {"industry": "leading", "investor": "top500", "environment": "none", "safety": "low", "planning": "fits"}}


@dataclass
class Team:
    """Commerce with two promotion officers, a leader, a chain officer of another unit."""

    unit: Unit = field(default_factory=lambda: Unit.objects.filter(code="commerce").first() or unit_factory("县商务局", code="commerce"))
    officer: Person = field(init=False)
    second: Person = field(init=False)
    leader: Person = field(init=False)
    chain: Person = field(init=False)

    def __post_init__(self) -> None:
        self.officer, self.second = (person_factory("promotion_officer", self.unit) for _turn in range(2))
        self.leader, self.chain = person_factory("leader"), person_factory("chain_officer")


def fresh(project: Project) -> Project:
    """The project as it is now."""
    return Project.objects.select_related("course__frozen").get(pk=project.pk)


def named(project: Project, team: Team) -> Project:
    """The project with its three people."""
    return board.name_team(project=project, version=fresh(project).version, chain_chief=team.leader, task_force=team.unit, service_officer=team.officer, by=team.officer)


def move(project: Project, to: str, by: Person, **more: Any) -> None:
    """Pass the gate to a stage."""
    row = fresh(project)
    assert row.course is not None
    task = stages.current(row.course)
    assert task is not None
    projects.pass_stage(project=row, task=task, to=to, version=task.version, by=by, **more)


def paper(project: Project, entry: str, team: Team, *, verified: bool = True, **said: Any) -> Any:
    """A paper handed in by the first officer and, unless told otherwise, verified by the second."""
    row = board.hand_in(project=fresh(project), entry=entry, paper=Paper(**{"file_name": "a.pdf", "content": PDF} | said), by=team.officer)
    return evidence.verify(evidence=row, version=row.version, by=team.second) if verified else row


def answered(project: Project, by: Person, **more: Any) -> AccessReview:
    """A review that says everything a pass takes."""
    row = access.start_review(project=fresh(project), by=by)
    standard = reviews.standard_of(row)
    said: dict[str, Any] = {**GOOD, "vetoes": {one.id: "no" for one in standard.vetoes}, "diligence": {one.id: "yes" for one in standard.diligence}}
    return access.answer_review(review=row, version=row.version, answers=said | more, by=by)


def met(project: Project, team: Team, **more: Any) -> AccessReview:
    """A review that was verified and met upon."""
    row = answered(project, team.officer, **more)
    row = access.verify_review(review=row, version=row.version, by=team.second)
    return access.record_meeting(review=row, version=row.version, met_on=clocks.today(), members="商务局、发改局", minutes=Paper(file_name="m.pdf", content=PDF), by=team.second)


def passed(project: Project, team: Team) -> AccessReview:
    """A review that passed the project."""
    row = met(project, team)
    return access.decide_review(review=row, version=row.version, decision="passed", by=team.leader)


def told(project: Project, day: dt.date | None = None) -> dict[str, Any]:
    """What the review tells of the project."""
    return reviews.told(fresh(project), day or clocks.today())
