"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import itertools
from typing import Any

from diguan.outreach.tests.factories import outreach_factory

_number = itertools.count(1)


def _one(world: Any) -> dict[str, Any]:
    unit = world.people["leader"].posts.get().unit
    return {"number": outreach_factory(f"外出招商{next(_number)}", unit).pk}


SAMPLES = {
    "outreach:list": ("leader", None),
    "outreach:new": ("leader", None),
    "outreach:detail": ("leader", _one),
    "outreach:change": ("leader", _one),
}
