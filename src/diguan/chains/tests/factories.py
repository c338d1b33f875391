"""Rows of this room for its tests and those above it, made as the actions make them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.chains.actions import coverage as actions
from diguan.chains.actions import introduction_orders as orders
from diguan.chains.actions import introductions
from diguan.chains.models import Coverage, Introduction, IntroductionOrder, IntroductionSide
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
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


def introduction_factory(supply: Coverage | None = None, need: Coverage | None = None, *, by: Person | None = None, **told: Any) -> Introduction:
    """Two firms asked about dials; nobody has answered."""
    supply = supply or coverage_factory(node="dial", amount_fen=50_000_000, local_fen=0)
    need = need or coverage_factory(node="dial", role="use", amount_fen=40_000_000, local_fen=0)
    values = {"proposed_fen": 40_000_000, "purpose": "一家要买，一家能做，想请双方谈谈", "until": clocks.today() + dt.timedelta(days=90), **told}
    return introductions.introduce(supply=supply, need=need, by=by or person_factory("chain_officer"), **values)


def side_of(row: Introduction, role: str) -> IntroductionSide:
    """One side as it is now."""
    return row.sides.select_related("introduction", "enterprise").get(role=role)


def agent_of(row: Introduction, role: str) -> Person:
    """Somebody who acts for that side's firm."""
    return person_factory("enterprise_agent", uscc=side_of(row, role).enterprise.uscc)


def consented(row: Introduction, *roles: str) -> Introduction:
    """These sides consent, each by an agent of its own."""
    for role in roles:
        row = introductions.consent(side=side_of(row, role), contact_name=f"钱样本{role}", contact_phone="13900000009" if role == "use" else "13900000001", by=agent_of(row, role))
    return row


def agreed_factory(supply: Coverage | None = None, need: Coverage | None = None, **told: Any) -> Introduction:
    """One both sides consented to."""
    return consented(introduction_factory(supply, need, **told), "make", "use")


def order_factory(row: Introduction, *, by: Person | None = None, **told: Any) -> IntroductionOrder:
    """An invoice that waits for verification."""
    values = {"amount_fen": 1_234_500, "invoice": f"2443{row.pk:06d}{row.orders.count():04d}", "invoiced_on": clocks.today(), "proof": ("发票.pdf", b"%PDF-1.7 x"), **told}
    orders.enter_order(introduction=row, by=by or person_factory("chain_officer"), **values)
    return row.orders.select_related("introduction").latest("id")
