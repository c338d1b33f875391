"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.indicators.tests.factories import snapshot_factory
from diguan.indicators.tests.plan_factories import (
    note_factory,
    plan_factory,
    table_factory,
    target_factory,
    task_factory,
)

CODE = "enterprises.registered"


def _one(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {"code": CODE}


def _run(world: Any) -> dict[str, Any]:
    return {"run_id": snapshot_factory().run_id}


def _number(make: Any) -> Any:
    return lambda world: {"number": make().pk}


def _title(world: Any) -> dict[str, Any]:
    return {"title": "high_tech_enterprise"}


SAMPLES = {
    "indicators:list": ("leader", None),
    "indicators:indicator": ("leader", _one),
    "indicators:rows": ("leader", _one),
    "indicators:article": ("leader", None),
    "indicators:snapshots": ("leader", None),
    "indicators:snapshot": ("leader", _run),
    "indicators:take_snapshot": ("data_clerk", None, {"gives": "deed"}),
    "indicators:plans": ("leader", None),
    "indicators:plan_new": ("data_clerk", None),
    "indicators:plan": ("leader", _number(plan_factory)),
    "indicators:plan_change": ("data_clerk", _number(plan_factory)),
    "indicators:task_new": ("data_clerk", _number(plan_factory)),
    "indicators:target_new": ("data_clerk", _number(plan_factory)),
    "indicators:tasks": ("leader", None),
    "indicators:task": ("leader", _number(task_factory)),
    "indicators:task_change": ("data_clerk", _number(task_factory)),
    "indicators:task_note": ("leader", _number(task_factory), {"gives": "deed"}),
    "indicators:task_drop": ("data_clerk", _number(task_factory), {"gives": "deed"}),
    "indicators:task_reopen": ("leader", _number(task_factory), {"gives": "deed"}),
    "indicators:note_verify": ("leader", _number(note_factory), {"gives": "deed"}),
    "indicators:note_reject": ("leader", _number(note_factory), {"gives": "deed"}),
    "indicators:note_proof": ("leader", _number(note_factory), {"gives": "file"}),
    "indicators:targets": ("leader", None),
    "indicators:target": ("leader", _number(target_factory)),
    "indicators:target_change": ("data_clerk", _number(target_factory)),
    "indicators:target_take_back": ("data_clerk", _number(target_factory), {"gives": "deed"}),
    "indicators:cultivation_first": ("leader", None),
    "indicators:cultivation": ("leader", _title),
    "indicators:rankings": ("leader", None),
    "indicators:ranking": ("leader", _number(table_factory)),
}
