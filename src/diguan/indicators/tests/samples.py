"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.indicators.actions.published import publish_month
from diguan.indicators.queries import published
from diguan.indicators.tests.factories import briefing_factory, firms, snapshot_factory, taxed_factory, told
from diguan.indicators.tests.plan_factories import (
    honour_factory,
    note_factory,
    plan_factory,
    table_factory,
    target_factory,
    task_factory,
)
from diguan.kernel.tests.factories import person_factory

CODE = "enterprises.registered"


def _one(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {"code": CODE}


def _snapshot(world: Any) -> dict[str, Any]:
    snapshot_factory()
    return {}


def _run(world: Any) -> dict[str, Any]:
    return {"run_id": snapshot_factory().run_id}


def _number(make: Any) -> Any:
    return lambda world: {"number": make().pk}


def _title(world: Any) -> dict[str, Any]:
    return {"title": "high_tech_enterprise"}
def _two(world: Any) -> dict[str, Any]:
    run = snapshot_factory()
    told("tax.paid", {row.uscc: {"2025-08": 100} for row in firms(3)})
    return {"run_id": snapshot_factory().run_id, "other": run.run_id}


def _published() -> None:
    run = snapshot_factory()
    if published.latest("2025-08") is None:
        publish_month(month="2025-08", run=run, by=person_factory("leader"), reason="两户还没报")


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
def _draft(world: Any) -> dict[str, Any]:
    row = briefing_factory()
    return {"month": row.month, "edition": row.edition}


def _decide(world: Any) -> dict[str, Any]:
    return {**_draft(world), "deed": "review"}


def _signed_month(world: Any) -> dict[str, Any]:
    return {"month": briefing_factory(signed=True).month}


def _signed(world: Any) -> dict[str, Any]:
    row = briefing_factory(signed=True)
    return {"month": row.month, "edition": row.edition}


def _open(world: Any) -> dict[str, Any]:
    taxed_factory()
    return {"code": "tax.paid"}


SAMPLES = {
    "indicators:list": ("leader", None),
    "indicators:cockpit": ("leader", _snapshot),
    "indicators:cockpit_chapter": ("leader", lambda world: {**_snapshot(world), "chapter": "investment"}),
    "indicators:timer": ("leader", None),
    "indicators:timer_projects": ("leader", None),
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
    "indicators:honours": ("leader", None),
    "indicators:honour_new": ("data_clerk", None),
    "indicators:honour": ("leader", _number(honour_factory)),
    "indicators:honour_proof": ("leader", _number(honour_factory), {"gives": "file"}),
    "indicators:honour_verify": ("leader", _number(honour_factory), {"gives": "deed"}),
    "indicators:honour_reject": ("leader", _number(honour_factory), {"gives": "deed"}),
    "indicators:honour_withdraw": ("leader", _number(honour_factory), {"gives": "deed"}),
    "indicators:rankings": ("leader", None),
    "indicators:ranking": ("leader", _number(table_factory)),
    "indicators:against": ("leader", _two),
    "indicators:changed": ("leader", _changed),
    "indicators:months": ("leader", None),
    "indicators:month": ("leader", _month),
    "indicators:disagreements": ("leader", None),
    "indicators:disagreement": ("leader", _pair),
    "indicators:workbook": ("leader", _run, {"gives": "file"}),
    "indicators:series": ("leader", _one),
    "indicators:briefings": ("leader", None),
    "indicators:draft_briefing": ("statistics_officer", None),
    "indicators:subscribe": ("leader", None, {"gives": "deed"}),
    "indicators:latest_briefing": ("leader", _signed_month),
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
