"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.projects.tests.factories import lead_factory, project_factory


def _lead(world: Any) -> dict[str, Any]:
    return {"number": lead_factory(world.people["leader"]).pk}


def _project(world: Any) -> dict[str, Any]:
    return {"number": project_factory(world.people["leader"]).pk}


SAMPLES = {
    "projects:list": ("leader", None),
    "projects:project": ("leader", _project),
    "projects:leads": ("leader", None),
    "projects:lead": ("leader", _lead),
}
