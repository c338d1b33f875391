"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.indicators.tests.factories import snapshot_factory

CODE = "enterprises.registered"


def _one(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {"code": CODE}


def _snapshot(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {}


def _run(world: Any) -> dict[str, Any]:
    return {"run_id": snapshot_factory().run_id}


SAMPLES = {
    "indicators:list": ("leader", None),
    "indicators:cockpit": ("leader", _snapshot),
    "indicators:cockpit_chapter": ("leader", lambda world: {**_snapshot(world), "chapter": "investment"}),
    "indicators:timer": ("leader", None),
    "indicators:timer_projects": ("leader", None),
    "indicators:indicator": ("leader", _one),
    "indicators:rows": ("leader", _one),
    "indicators:snapshots": ("leader", None),
    "indicators:snapshot": ("leader", _run),
    "indicators:take_snapshot": ("data_clerk", None, {"gives": "deed"}),
}
