"""Reads of projects: which a person may see, where each stands, and what its gates know of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.windows import Coverage
from diguan.projects.models import Project
from diguan.projects.queries.leads import Staged, with_stage

VIEW = "projects.view_project"
CHANGE = "projects.change_project"
MOVE = "projects.move_project"
EXPORT = "projects.export_project"
FLOW = "project"

Teller = Callable[[Project, dt.date], dict[str, int | str]]
_TELLERS: list[Teller] = []
"""What tells facts of a project: each file of this room that keeps rows of one adds its own (:func:`teller`)."""


def teller(tell: Teller) -> Teller:
    """Declare a function that tells facts of a project on a day, in storage units; what it leaves out nobody knows."""
    _TELLERS.append(tell)
    return tell


def visible_projects(person: Person) -> Staged:
    """The projects a person may see, each with where it stands, the newest first."""
    rows = with_stage(access.visible(Project.objects.all(), person, VIEW))
    return rows.select_related("enterprise", "service_officer", "chain_chief", "task_force", "owner_unit", "course__frozen").order_by("-id")


def facts_of(subject_id: str, day: dt.date) -> SubjectFacts:
    """What the gates of a project know of it, from the rows of this room."""
    row = Project.objects.select_related("enterprise").filter(pk=int(subject_id)).first() if subject_id.isascii() and subject_id.isdigit() else None
    told: dict[str, int | str] = {}
    for tell in _TELLERS if row is not None else ():
        assert row is not None
        told |= tell(row, day)
    return SubjectFacts(told, {}, Coverage({}))


@teller
def _own(row: Project, day: dt.date) -> dict[str, int | str]:
    return {"project.team_named": int(None not in (row.chain_chief_id, row.task_force_id, row.service_officer_id)), "project.registered": int(row.enterprise_id is not None)}
