"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import itertools
from typing import Any

from diguan.ties.tests.factories import tie_factory

_number = itertools.count(1)


def _one(world: Any) -> dict[str, Any]:
    unit = world.people["leader"].posts.get().unit
    return {"number": tie_factory(f"乡情{next(_number)}", unit).pk}


SAMPLES = {
    "ties:list": ("leader", None),
    "ties:new": ("leader", None),
    "ties:detail": ("leader", _one),
    "ties:change": ("leader", _one),
}
