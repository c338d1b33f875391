"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.indicators.tests.factories import briefing_factory, snapshot_factory, taxed_factory

CODE = "enterprises.registered"


def _one(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {"code": CODE}


def _run(world: Any) -> dict[str, Any]:
    return {"run_id": snapshot_factory().run_id}


def _draft(world: Any) -> dict[str, Any]:
    row = briefing_factory()
    return {"month": row.month, "edition": row.edition}


def _decide(world: Any) -> dict[str, Any]:
    return {**_draft(world), "deed": "review"}


def _month(world: Any) -> dict[str, Any]:
    return {"month": briefing_factory(signed=True).month}


def _signed(world: Any) -> dict[str, Any]:
    row = briefing_factory(signed=True)
    return {"month": row.month, "edition": row.edition}


def _open(world: Any) -> dict[str, Any]:
    taxed_factory()
    return {"code": "tax.paid"}


SAMPLES = {
    "indicators:list": ("leader", None),
    "indicators:indicator": ("leader", _one),
    "indicators:rows": ("leader", _one),
    "indicators:snapshots": ("leader", None),
    "indicators:snapshot": ("leader", _run),
    "indicators:take_snapshot": ("data_clerk", None, {"gives": "deed"}),
    "indicators:workbook": ("leader", _run, {"gives": "file"}),
    "indicators:series": ("leader", _one),
    "indicators:briefings": ("leader", None),
    "indicators:draft_briefing": ("statistics_officer", None),
    "indicators:subscribe": ("leader", None, {"gives": "deed"}),
    "indicators:latest_briefing": ("leader", _month),
    "indicators:briefing": ("statistics_officer", _draft),
    "indicators:rewrite_briefing": ("statistics_officer", _draft),
    "indicators:briefing_word": ("leader", _signed, {"gives": "file"}),
    "indicators:briefing_pdf": ("leader", _signed, {"gives": "file"}),
    "indicators:decide_briefing": ("statistics_officer", _decide, {"gives": "deed"}),
    "indicators:open_data": ("leader", None),
    "indicators:open_csv": ("leader", _open, {"gives": "file"}),
    "indicators:open_json": ("leader", _open, {"gives": "file"}),
    "indicators:open_dataset": ("leader", _open, {"gives": "file"}),
}
