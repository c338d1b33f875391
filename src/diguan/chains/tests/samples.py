"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.chains.models import Coverage, Introduction, IntroductionOrder
from diguan.chains.tests.factories import agreed_factory, coverage_factory, order_factory
from diguan.kernel.tests.factories import person_factory


def _chain(world: Any) -> dict[str, Any]:
    """A chain somebody stands in."""
    _coverage(world)
    return {"key": "watch"}


def _node(world: Any) -> dict[str, Any]:
    return {"key": "case"}


def _coverage(world: Any) -> dict[str, Any]:
    """The firm the agent acts for, as a maker of watches."""
    found = Coverage.objects.filter(enterprise=world.firm).first()
    return {"number": (found or coverage_factory(world.firm, amount_fen=50_000_000, local_fen=20_000_000)).pk}


def _waiting(world: Any) -> dict[str, Any]:
    """Another firm's, that waits: entered by a clerk of its own, so that the sample's officer may decide on it."""
    return {"number": coverage_factory(node="hands", verified=False, by=person_factory("data_clerk")).pk}


def _firm(world: Any) -> dict[str, Any]:
    return {"uscc": world.firm.uscc}


def _pair(world: Any) -> tuple[Coverage, Coverage]:
    """The firm the agent acts for as a maker of dials, and another that buys them."""
    supply = Coverage.objects.filter(enterprise=world.firm, node="dial").first() or coverage_factory(world.firm, "dial", amount_fen=50_000_000, local_fen=0)
    need = Coverage.objects.filter(node="dial", role="use").first() or coverage_factory(node="dial", role="use", amount_fen=40_000_000, local_fen=0)
    return supply, need


def _introduction(world: Any) -> dict[str, Any]:
    """One both sides consented to, with an invoice that waits."""
    found = Introduction.objects.filter(supply__enterprise=world.firm).first()
    return {"number": (found or agreed_factory(*_pair(world))).pk}


def _order(world: Any) -> dict[str, Any]:
    number = _introduction(world)["number"]
    found = IntroductionOrder.objects.filter(introduction=number).first()
    return {"number": number, "order": (found or order_factory(Introduction.objects.get(pk=number))).pk}


def _two(world: Any) -> dict[str, Any]:
    """Two rows that nobody has introduced yet."""
    return {"supply": coverage_factory(node="hands", amount_fen=50_000_000, local_fen=0).pk, "need": coverage_factory(node="hands", role="use", amount_fen=40_000_000, local_fen=0).pk}


SAMPLES: dict[str, Any] = {
    "chains:chains": ("chain_officer", None),
    "chains:chain": ("chain_officer", _chain),
    "chains:chain_list": ("chain_officer", _chain),
    "chains:chain_gaps": ("chain_officer", _chain),
    "chains:coverages": ("chain_officer", None, {"own": True}),
    "chains:verify_many": ("chain_officer", None),
    "chains:coverage": ("chain_officer", _coverage),
    "chains:coverage_change": ("chain_officer", _coverage),
    "chains:coverage_new": ("chain_officer", _firm),
    "chains:coverage_verify": ("chain_officer", _waiting, {"gives": "deed"}),
    "chains:coverage_reject": ("chain_officer", _waiting, {"gives": "deed"}),
    "chains:coverage_withdraw": ("chain_officer", _waiting, {"gives": "deed"}),
    "chains:coverage_proof": ("chain_officer", _coverage, {"gives": "file"}),
    "chains:suggest": ("chain_officer", _node),
    "chains:feasibility": ("chain_officer", _node),
    "chains:sourcing": ("chain_officer", _chain),
    "chains:sourcing_node": ("chain_officer", _node),
    "chains:introductions": ("chain_officer", None),
    "chains:introduction": ("chain_officer", _introduction),
    "chains:introduction_new": ("chain_officer", _two),
    "chains:introduction_end": ("chain_officer", _introduction, {"gives": "deed"}),
    "chains:introduction_order": ("chain_officer", _introduction, {"gives": "deed"}),
    "chains:introduction_proof": ("chain_officer", _order, {"gives": "file"}),
    "chains:introduction_verify": ("chain_officer", _order, {"gives": "deed"}),
    "chains:introduction_reject": ("chain_officer", _order, {"gives": "deed"}),
    "chains:own_introductions": ("agent", None, {"own": True}),
    "chains:own_introduction": ("agent", _introduction),
    "chains:own_introduction_consent": ("agent", _introduction, {"gives": "deed"}),
    "chains:own_introduction_decline": ("agent", _introduction, {"gives": "deed"}),
    "chains:own_introduction_withdraw": ("agent", _introduction, {"gives": "deed"}),
    "chains:own_introduction_other": ("agent", _introduction, {"gives": "deed"}),
    "chains:own_introduction_order": ("agent", _introduction, {"gives": "deed"}),
}
