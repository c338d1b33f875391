"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.chains.actions.coverage import claim_coverage
from diguan.chains.models import Coverage
from diguan.chains.tests.factories import coverage_factory, monthly_factory
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.tests.factories import person_factory


def _chain(world: Any) -> dict[str, Any]:
    """A chain somebody stands in."""
    _coverage(world)
    return {"key": "watch"}


def _watched(world: Any) -> dict[str, Any]:
    """A chain whose firms used less power than a year ago."""
    makers = [world.firm, *(enterprise_factory() for _ in range(2))]
    for firm in makers:
        if not Coverage.objects.filter(enterprise=firm).exists():
            coverage_factory(firm)
    months = ("2025-01", "2025-09", "2025-10", "2025-11", "2025-12", "2024-12")
    for fact in ("energy.electricity", "tax.paid"):
        monthly_factory(fact, {firm.uscc: {month: 900 if month == "2025-12" else 1000 for month in months} for firm in makers}, "power_grid" if fact.startswith("energy") else "tax_bureau")
    return {"key": "watch"}


def _node(world: Any) -> dict[str, Any]:
    return {"key": "case"}


def _coverage(world: Any) -> dict[str, Any]:
    """The firm the agent acts for, as a maker of watches."""
    found = Coverage.objects.filter(enterprise=world.firm).first()
    return {"number": (found or coverage_factory(world.firm, amount_fen=50_000_000, local_fen=20_000_000)).pk}


def _proved(world: Any) -> dict[str, Any]:
    """The firm at another node, with a file that proves it."""
    told = {"node": "hands", "role": "make", "source": "走访", "told_on": dt.date(2026, 1, 20)}
    return {"number": claim_coverage(enterprise=world.firm, told=told, proof=("凭证.pdf", b"%PDF-1.7"), by=person_factory("data_clerk")).pk}


def _waiting(world: Any) -> dict[str, Any]:
    """Another firm's, that waits: entered by a clerk of its own, so that the sample's officer may decide on it."""
    return {"number": coverage_factory(node="hands", verified=False, by=person_factory("data_clerk")).pk}


def _firm(world: Any) -> dict[str, Any]:
    return {"uscc": world.firm.uscc}


SAMPLES: dict[str, Any] = {
    "chains:chains": ("chain_officer", None),
    "chains:chain": ("chain_officer", _chain),
    "chains:chain_list": ("chain_officer", _chain),
    "chains:chain_gaps": ("chain_officer", _chain),
    "chains:chain_lists": ("chain_officer", _chain),
    "chains:chain_lists_file": ("chain_officer", _chain, {"gives": "file"}),
    "chains:chain_svg": ("chain_officer", _chain, {"gives": "file"}),
    "chains:coverages": ("chain_officer", None, {"own": True}),
    "chains:verify_many": ("chain_officer", None),
    "chains:coverage": ("chain_officer", _coverage),
    "chains:coverage_change": ("chain_officer", _coverage),
    "chains:coverage_new": ("chain_officer", _firm),
    "chains:coverage_verify": ("chain_officer", _waiting, {"gives": "deed"}),
    "chains:coverage_reject": ("chain_officer", _waiting, {"gives": "deed"}),
    "chains:coverage_withdraw": ("chain_officer", _waiting, {"gives": "deed"}),
    "chains:coverage_proof": ("chain_officer", _proved, {"gives": "file"}),
    "chains:suggest": ("chain_officer", _node),
    "chains:warnings": ("chain_officer", None),
    "chains:warning": ("chain_officer", _watched),
    "chains:warning_firms": ("chain_officer", _watched),
    "chains:feasibility": ("chain_officer", _node),
}
