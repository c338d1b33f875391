"""Rows of this room for its tests and those above it, made as the actions make them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Coverage
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.access.models import Person
from diguan.kernel.tests.factories import person_factory

TOLD: dict[str, Any] = {"source": "2026 年走访", "told_on": dt.date(2026, 1, 20), "confidence": "medium"}


def coverage_factory(enterprise: Enterprise | None = None, node: str = "watch_assembly", role: str = "make", *, by: Person | None = None, verified: bool = True, **told: Any) -> Coverage:
    """An enterprise at a node, verified by another person unless told otherwise; amounts are fen of 2025."""
    values = {**TOLD, "node": node, "role": role, **told}
    if any(values.get(name) is not None for name in actions.MONEY):
        values.setdefault("year", 2025)
    row = actions.claim_coverage(enterprise=enterprise or enterprise_factory(production_status="在产"), told=values, by=by or person_factory("data_clerk"))
    return actions.verify_coverage(coverage=row, version=row.version, by=person_factory("chain_officer")) if verified else row
