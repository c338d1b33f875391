"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import itertools
from typing import Any

from diguan.projects.tests.factories import project_factory

_number = itertools.count(1)


def _one(world: Any) -> dict[str, Any]:
    unit = world.people["leader"].posts.get().unit
    return {"number": project_factory(f"招商项目{next(_number)}", unit).pk}


SAMPLES = {
    "projects:list": ("leader", None),
    "projects:new": ("leader", None),
    "projects:detail": ("leader", _one),
    "projects:change": ("leader", _one),
}
