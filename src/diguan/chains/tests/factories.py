"""Rows of this room for its tests and those above it, made as the actions make them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.chains.actions import coverage as actions
from diguan.chains.actions.target_import import import_targets
from diguan.chains.models import Coverage, Membership, TargetFirm
from diguan.chains.queries import targets as lists
from diguan.chains.queries.targets import Entry, ListKey
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.facts.models import Upload
from diguan.kernel.tests.factories import person_factory

TOLD: dict[str, Any] = {"source": "2026 年走访", "told_on": dt.date(2026, 1, 20), "confidence": "medium"}


def coverage_factory(enterprise: Enterprise | None = None, node: str = "watch_assembly", role: str = "make", *, by: Person | None = None, verified: bool = True, **told: Any) -> Coverage:
    """An enterprise at a node, verified by another person unless told otherwise; amounts are fen of 2025."""
    values = {**TOLD, "node": node, "role": role, **told}
    if any(values.get(name) is not None for name in actions.AMOUNTS[:3]):
        values.setdefault("year", 2025)
    row = actions.claim_coverage(enterprise=enterprise or enterprise_factory(production_status="在产"), told=values, by=by or person_factory("data_clerk"))
    return actions.verify_coverage(coverage=row, version=row.version, by=person_factory("chain_officer")) if verified else row


def targets_factory(*entries: Entry, by: Person | None = None) -> list[TargetFirm]:
    """These rows brought in as one file; the firms they speak of, in their order."""
    person = by or person_factory("chain_officer")
    number = Upload.objects.count()
    upload = Upload.objects.create(sha256=f"{number:064x}", name=f"名单{number}.xlsx", size=1, sheet="firms", created_by=person, changed_by=person)
    import_targets(plan=lists.plan(entries), upload=upload, by=person)
    found = {member.firm_id: member.firm for member in Membership.objects.select_related("firm")}
    return [next(firm for firm in found.values() if firm.name == entry.name or (entry.uscc and firm.uscc == entry.uscc)) for entry in entries]


def entry(name: str = "示例钟表股份有限公司", row: int = 5, kind: str = "top500_private", year: int = 2026, source: str = "演示名单", list_name: str = "中国民营企业500强", **more: Any) -> Entry:
    """One row of a file."""
    day = more.pop("told_on", min(dt.date(year, 12, 31), clocks.today()))
    fields = {key: more.pop(key) for key in ("uscc", "rank", "parent", "proof", "nodes") if key in more}
    return Entry(row, ListKey(kind, list_name, year), source, day, name, told=more, **fields)


def target_factory(name: str = "示例钟表股份有限公司", **more: Any) -> TargetFirm:
    """One firm of one list."""
    return targets_factory(entry(name, **more))[0]
