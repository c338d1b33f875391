"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import access, joint
from diguan.projects.tests.board_factories import Team, paper
from diguan.projects.tests.factories import lead_factory, project_factory


def _lead(world: Any) -> dict[str, Any]:
    return {"number": lead_factory(world.people["leader"]).pk}


def _project(world: Any) -> dict[str, Any]:
    return {"number": project_factory(world.people["leader"]).pk}


def _gate(world: Any) -> dict[str, Any]:
    return _project(world) | {"to": "negotiating"}


def _paper(world: Any) -> dict[str, Any]:
    team = Team()
    row = project_factory(team.officer)
    return {"number": row.pk, "piece": paper(row, "site_visit_record", team, verified=False).pk}


def _review(world: Any) -> dict[str, Any]:
    by = person_factory("promotion_officer")
    return {"number": access.start_review(project=project_factory(by), by=by).pk}


def _joint(world: Any) -> dict[str, Any]:
    by = person_factory("promotion_officer")
    return {"number": joint.start_joint(project=project_factory(by), by=by).pk}


SAMPLES = {
    "projects:list": ("leader", None),
    "projects:project": ("leader", _project),
    "projects:board": ("leader", None),
    "projects:new": ("leader", None),
    "projects:change": ("leader", _project),
    "projects:gate": ("leader", _gate),
    "projects:file": ("leader", _paper),
    "projects:access": ("leader", _review),
    "projects:access_answers": ("promotion_officer", _review),
    "projects:access_print": ("leader", _review),
    "projects:joints": ("leader", None),
    "projects:joint": ("leader", _joint),
    "projects:leads": ("leader", None),
    "projects:lead": ("leader", _lead),
}
