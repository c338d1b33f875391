"""Estimates of a project and of visitors, from what a form tells to what is kept: money in fen, bands as (low, mid, high); and when two may be added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diguan.chains.engine import effect
from diguan.chains.engine.basis import Basis, refused
from diguan.chains.engine.chain import INPUT
from diguan.chains.engine.effect import CONSTRUCTION, OPERATION, Effect, Project, Spending
from diguan.chains.engine.regional import Band
from diguan.chains.models import Estimate, EstimateKind
from diguan.chains.queries import shelf
from diguan.chains.queries.economy import Economy
from diguan.chains.queries.economy_files import fen_per

Bands = dict[str, list[float]]
PROXY_WORDS = {"开票销售": "invoiced sales", "从业人员": "jobs"}
PEOPLE = ("jobs",)
"""Kinds counted in persons; all others are money."""


@dataclass(frozen=True)
class Worked:
    """What an action keeps."""

    result: Mapping[str, Any]
    basis: Mapping[str, Any]


def money(economy: Economy) -> int:
    """Fen in one unit of the table.

    Raises:
        Refusal: the table is in money that cannot be turned into 元.
    """
    found = fen_per(economy.table.basis.unit)
    if found is None:
        unit = economy.table.basis.unit
        raise refused("other_unit", f"表的单位“{unit}”换算不成人民币，不能估计项目；请用以元、万元、亿元为单位的表。",
                      f"The table's unit “{unit}” cannot be turned into yuan: no project can be estimated by it. Use a table in yuan.")
    return found


def told(basis: Basis) -> dict[str, Any]:
    """What a result rests on, in both languages, as it is kept."""
    said = {"zh": basis, "en": replace(basis, proxy=PROXY_WORDS.get(basis.proxy, basis.proxy))}
    return {language: {"caption": each.caption(language), "warnings": [note.text(language) for note in each.warnings()], "rows": [list(row) for row in each.exported(language)]}
            for language, each in said.items()} | {"example": basis.example}


def _band(given: Sequence[float] | None) -> Band | None:
    return None if given is None else Band(*given)


# ── a project ────────────────────────────────────────────────────────────────
def project(economy: Economy, inputs: Mapping[str, Any]) -> Worked:
    """Construction and operation, type I and, where households are known, type II.

    Args:
        economy: the county.
        inputs: ``sector``; ``sales`` (fen a year); ``building``, a list of ``sector``, ``fen`` and ``share``; ``sold``, ``displacement``, ``deadweight``
            (bands or None); ``own`` by kind (fen, persons).

    Raises:
        Refusal: see :func:`diguan.chains.engine.effect.effects`; two items of one sector with different shares; a table in other money.
    """
    unit = money(economy)
    building, shares = dict[str, float](), dict[str, Band]()
    for item in inputs["building"]:
        share = _band(item["share"])
        before = shares.get(item["sector"])
        if item["sector"] in building and before != share:
            raise refused("two_shares", f"部门 {item['sector']} 有两项投资，本地采购比例却不同；请合成一项填。", f"Sector {item['sector']} has two items with different local shares; enter them as one.")
        building[item["sector"]] = building.get(item["sector"], 0.0) + item["fen"] / unit
        if share is not None:
            shares[item["sector"]] = share
    own = {kind: value if kind in PEOPLE else value / unit for kind, value in (inputs.get("own") or {}).items()}
    asked = Project(str(inputs.get("title", "")), inputs["sector"], building, shares, inputs["sales"] / unit, _band(inputs["sold"]), _band(inputs["displacement"]), _band(inputs["deadweight"]), own or None)
    found = effect.effects(asked, economy.opened)
    at = economy.table.place(asked.sector)
    result: dict[str, Any] = {"sector": f"{asked.sector} {economy.table.names[at]}", "I": _phases(found, unit), "gross": _fen(found[1].gross, unit), "national": _fen(float(economy.national[at]) * asked.sales, unit)}
    if economy.closed:
        result["II"] = _phases(effect.effects(asked, economy.closed), unit)
    return Worked(result, told(found[0].basis))


def _phases(found: tuple[Effect, Effect], unit: int) -> dict[str, Any]:
    return {each.phase: {"bands": _kept(each.bands, unit), "direct": _kept(each.direct, unit)} for each in found}


def _kept(bands: Mapping[str, Band], unit: int) -> Bands:
    return {kind: [each if kind in PEOPLE else _fen(each, unit) for each in (band.low, band.mid, band.high)] for kind, band in bands.items()}


def _fen(amount: float, unit: int) -> int:
    return round(amount * unit)


# ── visitors ─────────────────────────────────────────────────────────────────
def tourism(economy: Economy, inputs: Mapping[str, Any]) -> Worked:
    """Direct, indirect and induced effects of visitors' money, and the leverage of the tickets.

    Args:
        economy: the county.
        inputs: ``visits`` (a year), ``day`` (share of day visitors, a band), ``outside`` (share of visitors who do not live here, a band), ``items``: a list of
            ``item``, ``sector``, ``day`` and ``night`` (fen a visit), ``margin``, ``maker``, ``made``.

    Raises:
        Refusal: no type II of the county; see :func:`diguan.chains.engine.effect.tourism`; a table in other money.
    """
    unit = money(economy)
    if economy.closed is None:
        why = economy.no_closed
        raise refused("no_closed", why.zh if why else "没有 II 型模型。", why.en if why else "There is no type II model.")
    spending = [_spending(item, inputs, unit) for item in inputs["items"]]
    ends = [effect.tourism(spending, opened, closed) for opened, closed in zip(economy.opened, economy.closed, strict=True)]
    kinds = [kind for kind in effect.KINDS if kind in ends[0].direct]
    parts: dict[str, Bands] = {part: {kind: _ends([getattr(end, part)[kind] for end in ends], unit, kind) for kind in kinds} for part in ("direct", "indirect", "induced")}
    levers = [end.leverage for end in ends if end.leverage is not None]
    leverage = [min(each.low for each in levers), levers[1].mid, max(each.high for each in levers)] if len(levers) == 3 else None
    tickets = [_fen(sum(getattr(each.money, end) for each in spending if each.item == "门票"), unit) for end in ("low", "mid", "high")]
    whole = [_fen(sum(getattr(each.money, end) for each in spending), unit) for end in ("low", "mid", "high")]
    basis = economy.closed_basis
    assert basis is not None
    return Worked({**parts, "leverage": leverage, "tickets": tickets, "spent": whole, "definition": {"zh": effect.LEVERAGE.zh, "en": effect.LEVERAGE.en}}, told(basis))


def _spending(item: Mapping[str, Any], inputs: Mapping[str, Any], unit: int) -> Spending:
    day, outside = Band(*inputs["day"]), Band(*inputs["outside"])
    # Who stays spends more: most money comes with the fewest day visitors.
    heads = [item["day"] * share + item["night"] * (1 - share) for share in (day.low, day.mid, day.high)]
    low, high = sorted((heads[0], heads[2]))
    money_ = Band(*sorted((inputs["visits"] * outside.low * low / unit, inputs["visits"] * outside.mid * heads[1] / unit, inputs["visits"] * outside.high * high / unit)))
    return Spending(item["item"], money_, item["sector"], item.get("margin", 1.0), item.get("maker", ""), item.get("made", 0.0))


def _ends(bands: Sequence[Band], unit: int, kind: str) -> list[float]:
    """Least of the least, the middle's middle, most of the most."""
    found = sorted((min(each.low for each in bands), bands[1].mid, max(each.high for each in bands)))
    return [each if kind in PEOPLE else _fen(each, unit) for each in found]


# ── several ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Sum:
    """``bands`` by kind over all of them; output is never among them."""

    phase: str
    bands: Bands


def added(rows: Sequence[Estimate]) -> list[Sum]:
    """Several projects together, construction and operation apart.

    Raises:
        Refusal: fewer than two; not all of projects; different tables or figures of the county; one project twice; a firm and its local customer, whose effect holds it already.
    """
    if len(rows) < 2:
        raise refused("nothing", "至少选两个项目的估计才能相加。", "Choose the estimates of at least two projects.")
    if any(row.kind != EstimateKind.PROJECT for row in rows):
        raise refused("not_projects", "只有项目的估计可以相加；文旅估计已是全县一年的总数。", "Only estimates of projects are added; one of visitors is the county's whole year already.")
    if len({(row.table_id, row.region_id) for row in rows}) > 1:
        raise refused("different_tables", "不能合并：结果来自不同的表或不同的本县数据。", "Results of different tables or figures of the county cannot be joined.")
    _not_twice(rows)
    sums = []
    for phase in (CONSTRUCTION, OPERATION):
        kinds = [kind for kind in effect.KINDS if kind != "output" and all(kind in row.result["I"][phase]["bands"] for row in rows)]
        sums.append(Sum(phase, {kind: [sum(row.result["I"][phase]["bands"][kind][end] for row in rows) for end in range(3)] for kind in kinds}))
    return sums


def _not_twice(rows: Sequence[Estimate]) -> None:
    seen: dict[str, Estimate] = {}
    for row in rows:
        for name in {_named(row.title), _named(row.inputs.get("firm", ""))} - {""}:
            if seen.setdefault(name, row) is not row:
                raise refused("counted_twice", f"“{row.title}”和“{seen[name].title}”是同一个项目或同一家企业，不能加两次。", f"“{row.title}” and “{seen[name].title}” are one project or firm; it is not added twice.")
    for seller in rows:
        for buyer in rows:
            if seller is not buyer and _sells_to(seller, buyer):
                raise refused("double_count", f"“{buyer.title}”是“{seller.title}”的本地客户：客户的带动里已经含了它的采购，相加就重复计算了。",
                              f"“{buyer.title}” is a local customer of “{seller.title}”: its effect holds what it buys there already, so adding them counts it twice.")


def _sells_to(seller: Estimate, buyer: Estimate) -> bool:
    customers = {_named(each) for each in seller.inputs.get("customers", [])} - {""}
    if customers & {_named(buyer.title), _named(buyer.inputs.get("firm", ""))}:
        return True
    return bool(seller.node and buyer.node) and any(edge.start == seller.node and edge.end == buyer.node and edge.type == INPUT for chain in shelf.chains().values() for edge in chain.edges)


def _named(name: str) -> str:
    return "".join(name.split()).casefold()
