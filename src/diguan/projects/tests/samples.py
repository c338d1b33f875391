"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.projects.actions import assignments, lead_holding, lead_work
from diguan.projects.tests.factories import lead_factory, project_factory


def _lead(world: Any) -> dict[str, Any]:
    return {"number": lead_factory(world.people["leader"]).pk}


def _deed(world: Any) -> dict[str, Any]:
    return _lead(world) | {"deed": "respond"}


def _step(world: Any) -> dict[str, Any]:
    row, by = lead_factory(world.people["leader"]), world.people["leader"]
    news = lead_work.News(on=dt.date(2026, 10, 31), what="打了电话", next_step="上门", next_on=dt.date(2026, 11, 2), next_by=by)
    row = lead_work.tell_progress(lead=row, version=row.version, news=news, by=by)
    return {"number": row.pk, "step": row.progress.get().pk}


def _offer(world: Any) -> dict[str, Any]:
    row = lead_factory(world.people["promotion_officer"])
    row = lead_holding.offer_lead(lead=row, version=row.version, to=world.people["leader"], by=world.people["promotion_officer"])
    return {"number": row.handovers.get().pk}


def _assignment(world: Any) -> dict[str, Any]:
    by = world.people["leader"]
    return {"number": assignments.set_assignment(year=2026, unit=by.posts.get().unit, measure="projects", number=3, note="", by=by).pk}


def _project(world: Any) -> dict[str, Any]:
    return {"number": project_factory(world.people["leader"]).pk}


SAMPLES = {
    "projects:list": ("leader", None),
    "projects:project": ("leader", _project),
    "projects:leads": ("leader", None),
    "projects:lead_new": ("leader", None),
    "projects:lead_lookup": ("leader", None),
    "projects:lead_offers": ("leader", None),
    "projects:lead_offer_answer": ("leader", _offer),
    "projects:lead": ("leader", _lead),
    "projects:lead_change": ("leader", _lead),
    "projects:lead_reveal": ("leader", _lead),
    "projects:lead_claim": ("leader", _lead),
    "projects:lead_step": ("leader", _step),
    "projects:lead_do": ("leader", _deed),
    "projects:assignments": ("leader", None),
    "projects:assignment_new": ("leader", None),
    "projects:assignment": ("leader", _assignment),
    "projects:assignment_rows": ("leader", _assignment),
    "projects:dispatch": ("leader", None),
}
