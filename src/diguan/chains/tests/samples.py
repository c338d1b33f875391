"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

from typing import Any

from diguan.chains.models import Coverage, Introduction, IntroductionOrder, TargetFirm
from diguan.chains.tests.factories import (
    agreed_factory,
    coverage_factory,
    draft_factory,
    estimate_factory,
    monthly_factory,
    order_factory,
    table_factory,
    target_factory,
)
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
    """A row of the agent's firm with a file as proof."""
    found = Coverage.objects.filter(enterprise=world.firm, node="hands").first()
    return {"number": (found or coverage_factory(world.firm, "hands", proof=("发票.pdf", b"%PDF-1.7 proof"))).pk}


def _waiting(world: Any) -> dict[str, Any]:
    """Another firm's, that waits: entered by a clerk of its own, so that the sample's officer may decide on it."""
    return {"number": coverage_factory(node="hands", verified=False, by=person_factory("data_clerk")).pk}


def _firm(world: Any) -> dict[str, Any]:
    return {"uscc": world.firm.uscc}


def _table(world: Any) -> dict[str, Any]:
    return {"number": table_factory().pk}


def _draft(world: Any) -> dict[str, Any]:
    return {"number": draft_factory().pk}


def _estimate(world: Any) -> dict[str, Any]:
    return {"number": estimate_factory().pk}


def _in_use(world: Any) -> dict[str, Any]:
    """A table in use; the address takes nothing."""
    table_factory()
    return {}
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
def _target(_world: Any) -> dict[str, Any]:
    """A firm the county would like to have."""
    found = TargetFirm.objects.filter(name="示例机芯股份有限公司").first()
    return {"number": (found or target_factory("示例机芯股份有限公司", nodes=("movement_quartz",), jobs=120)).pk}


def _subsidiary(_world: Any) -> dict[str, Any]:
    """A subsidiary whose control is not proved yet."""
    firm = TargetFirm.objects.filter(name="示例集团衡阳机芯有限公司").first() or target_factory("示例集团衡阳机芯有限公司", parent="示例集团")
    return {"number": firm.memberships.get().pk}


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
    "chains:economy": ("chain_officer", _in_use),
    "chains:economy_export": ("chain_officer", _in_use, {"gives": "file"}),
    "chains:how_known": ("chain_officer", _in_use),
    "chains:economy_tables": ("chain_officer", _in_use),
    "chains:take_example": ("chain_officer", None, {"gives": "deed"}),
    "chains:economy_table": ("chain_officer", _draft),
    "chains:table_keep": ("chain_officer", _draft, {"gives": "deed"}),
    "chains:table_choose": ("chain_officer", _table, {"gives": "deed"}),
    "chains:table_sectors": ("chain_officer", _table, {"gives": "deed"}),
    "chains:region": ("chain_officer", _table),
    "chains:location": ("chain_officer", None),
    "chains:estimates": ("chain_officer", None),
    "chains:project_new": ("chain_officer", _in_use),
    "chains:tourism_new": ("chain_officer", _in_use),
    "chains:estimate_sum": ("chain_officer", None),
    "chains:estimate": ("chain_officer", _estimate),
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
    "chains:targets": ("chain_officer", None),
    "chains:target": ("chain_officer", _target),
    "chains:target_tell": ("chain_officer", _target),
    "chains:target_approach": ("chain_officer", _target, {"gives": "deed"}),
    "chains:target_prove": ("chain_officer", _subsidiary, {"gives": "deed"}),
    "chains:target_weights": ("chain_officer", None),
    "chains:target_twins": ("chain_officer", None),
}
