"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.indicators.actions.published import publish_month
from diguan.indicators.queries import published
from diguan.indicators.tests.factories import firms, snapshot_factory, told
from diguan.kernel.tests.factories import person_factory

CODE = "enterprises.registered"


def _one(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {"code": CODE}


def _run(world: Any) -> dict[str, Any]:
    return {"run_id": snapshot_factory().run_id}


def _two(world: Any) -> dict[str, Any]:
    run = snapshot_factory()
    told("tax.paid", {row.uscc: {"2025-08": 100} for row in firms(3)})
    return {"run_id": snapshot_factory().run_id, "other": run.run_id}


def _published() -> None:
    run = snapshot_factory()
    if published.latest("2025-08") is None:
        publish_month(month="2025-08", run=run, by=person_factory("leader"))


def _changed(world: Any) -> dict[str, Any]:
    """The one pages speak from, held against what was published before."""
    _published()
    firms(1)
    snapshot_factory()
    return {"code": CODE}


def _month(world: Any) -> dict[str, Any]:
    _published()
    return {"month": "2025-08"}


def _pair(world: Any) -> dict[str, Any]:
    rows = firms(3)
    for source, number in (("hr_bureau", 5), ("park_office", 6)):
        told("jobs.headcount", {row.uscc: {"2025-08": number} for row in rows}, source)
    snapshot_factory()
    return {"fact": "jobs.headcount", "period": "2025-08"}


SAMPLES = {
    "indicators:list": ("leader", None),
    "indicators:indicator": ("leader", _one),
    "indicators:rows": ("leader", _one),
    "indicators:snapshots": ("leader", None),
    "indicators:snapshot": ("leader", _run),
    "indicators:against": ("leader", _two),
    "indicators:changed": ("leader", _changed),
    "indicators:months": ("leader", None),
    "indicators:month": ("leader", _month),
    "indicators:disagreements": ("leader", None),
    "indicators:disagreement": ("leader", _pair),
    "indicators:take_snapshot": ("data_clerk", None, {"gives": "deed"}),
}
