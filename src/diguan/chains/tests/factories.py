"""Rows of this room for its tests and those above it, made as the actions make them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Coverage
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import periods
from diguan.kernel.access.models import Person
from diguan.kernel.facts import actions as facts
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Batch
from diguan.kernel.tests.factories import person_factory

_number = itertools.count(1)
TOLD: dict[str, Any] = {"source": "2026 年走访", "told_on": dt.date(2026, 1, 20), "confidence": "medium"}


def coverage_factory(enterprise: Enterprise | None = None, node: str = "watch_assembly", role: str = "make", *, by: Person | None = None, verified: bool = True, **told: Any) -> Coverage:
    """An enterprise at a node, verified by another person unless told otherwise; amounts are fen of 2025."""
    values = {**TOLD, "node": node, "role": role, **told}
    if any(values.get(name) is not None for name in actions.AMOUNTS[:3]):
        values.setdefault("year", 2025)
    row = actions.claim_coverage(enterprise=enterprise or enterprise_factory(production_status="在产"), told=values, by=by or person_factory("data_clerk"))
    return actions.verify_coverage(coverage=row, version=row.version, by=person_factory("chain_officer")) if verified else row


def monthly_factory(fact: str, values: Mapping[str, Mapping[str, int]], source: str = "power_grid", absent: Mapping[str, Iterable[str]] | None = None) -> Batch:
    """What a bureau delivers: credit code → month → value in storage units; ``absent`` names months for which it says that there is none."""
    told = [(uscc, month, value) for uscc, months in values.items() for month, value in months.items()]
    none = [(uscc, month, None) for uscc, months in (absent or {}).items() for month in months]
    rows = [{"subject": "enterprise", "subject_id": uscc, "fact": fact, "period": month, "period_start": periods.parse(month).start, "period_end": periods.parse(month).end,
             "state": "absent" if value is None else "value", "num": value, "text": None} for uscc, month, value in (*told, *none)]
    staged = facts.Staged(source, "sample_monthly", f"sample-{next(_number)}", files.write_batch(rows), len(values), len(rows), after=facts.newest(source))
    return facts.import_batch(staged=staged, by=person_factory("data_clerk"))
