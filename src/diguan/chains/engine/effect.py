"""What one project sets in motion: construction once, operation a year, net of what would have been anyway; and what visitors' money does.

A project's sales to local firms are their inputs, not final demand: those firms' own effect already holds them, so they are taken off
(the double-count guard). Displacement is the part taken from local rivals; deadweight is what would have come without help. Value added,
jobs and tax are printed first; the gross output of several projects is never added up (chains.md §3 items 7 and 8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from diguan.chains.engine.basis import Basis, Vector, joined, refused
from diguan.chains.engine.leontief import Model
from diguan.chains.engine.regional import Band
from diguan.kernel.messages import Message

KINDS = ("value_added", "jobs", "tax", "income", "output")
"""In the order of print."""
NOBODY_KNOWS = Band(0.0, 0.5, 1.0)
CONSTRUCTION, OPERATION = "construction", "operation"


@dataclass(frozen=True)
class Project:
    """One project; money in the table's unit.

    Attributes:
        sector: its own sector's code.
        building: by sector code, money spent once.
        bought_locally: by sector code, the share of that money that goes to local sellers; a sector not named has :data:`NOBODY_KNOWS`.
        sales: a year, at full operation.
        sold_locally: the share sold to local firms as inputs, 0 to 1; None: not known, hence :data:`NOBODY_KNOWS`.
        displacement: the share taken from local rivals; None likewise.
        deadweight: the share that would have come anyway; None likewise.
        own: what the project itself brings a year by kind (``jobs``, ``tax``, ``value_added``), where known instead of its sector's average.
    """

    id: str
    sector: str
    building: Mapping[str, float]
    bought_locally: Mapping[str, Band]
    sales: float
    sold_locally: Band | None = None
    displacement: Band | None = None
    deadweight: Band | None = None
    own: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Effect:
    """``bands[kind]`` in the kind's unit; ``direct`` is the project's own part of it. ``gross`` is sales times the output multiplier: the claim usually made, and not ours."""

    project: str
    phase: str
    bands: Mapping[str, Band]
    direct: Mapping[str, Band]
    gross: float
    basis: Basis


def effects(project: Project, models: Sequence[Model]) -> tuple[Effect, Effect]:
    """(construction, operation) with low, mid and high over the δ band and all that is not known for sure.

    Args:
        project: what is to come.
        models: low, mid and high: the region's model by the largest, middle and smallest δ.

    Raises:
        Refusal: not three models of one table, sectors it does not have, shares outside [0, 1], money below 0.
    """
    if len(models) != 3:
        raise refused("three_models", "需要低、中、高三个模型（δ 区间）。", "Three models are needed: low, mid and high of the band of δ.")
    _check(project, models[0])
    basis = joined([each.basis for each in models])
    missing = [zh for value, zh in ((project.sold_locally, "售给本地企业的比例"), (project.displacement, "替代率"), (project.deadweight, "无谓损失率")) if value is None]
    if missing:
        basis = basis.noting(Message(f"不知道{'、'.join(missing)}，按 0 到 1 的区间计算。", "Shares that nobody knows (sold locally, displacement, deadweight) were given the whole range from 0 to 1."))
    return _construction(project, models, basis), _operation(project, models, basis)


def _check(project: Project, model: Model) -> None:
    for code in (project.sector, *project.building, *project.bought_locally):
        if code not in model.codes:
            raise refused("unknown_sector", f"表中没有部门“{code}”。", f"The table has no sector “{code}”.")
    shares = [*project.bought_locally.values(), *(each for each in (project.sold_locally, project.displacement, project.deadweight) if each is not None)]
    if any(each.low < 0 or each.high > 1 for each in shares):
        raise refused("bad_share", "比例应在 0 到 1 之间。", "Shares are within 0 to 1.")
    if not all(np.isfinite(each) and each >= 0 for each in (project.sales, *project.building.values())):
        raise refused("bad_money", "金额应为不小于 0 的数。", "Money must be a number not below 0.")


def _construction(project: Project, models: Sequence[Model], basis: Basis) -> Effect:
    shocks = []
    for end in ("low", "mid", "high"):
        shock = np.zeros(len(models[0]))
        for code, money in project.building.items():
            shock[models[0].codes.index(code)] += money * getattr(project.bought_locally.get(code, NOBODY_KNOWS), end)
        shocks.append(shock)
    kinds = [kind for kind in KINDS if kind == "output" or kind in models[0].coefficients]
    bands = {kind: _band([_effect(model, shock, kind) for model, shock in zip(models, shocks, strict=True)]) for kind in kinds}
    direct = {kind: _band([float((np.nan_to_num(models[0].weights(kind)) * shock).sum()) for shock in shocks]) for kind in kinds}
    whole = np.zeros(len(models[0]))
    for code, money in project.building.items():
        whole[models[0].codes.index(code)] += money
    return Effect(project.id, CONSTRUCTION, bands, direct, _effect(models[2], whole, "output"), basis)


def _operation(project: Project, models: Sequence[Model], basis: Basis) -> Effect:
    at = models[0].codes.index(project.sector)
    sold, displaced, dead = (each or NOBODY_KNOWS for each in (project.sold_locally, project.displacement, project.deadweight))
    # Least comes of most sold locally, most displaced, most deadweight.
    net = [(1 - sold.high) * (1 - displaced.high) * (1 - dead.high), (1 - sold.mid) * (1 - displaced.mid) * (1 - dead.mid), (1 - sold.low) * (1 - displaced.low) * (1 - dead.low)]
    kinds = [kind for kind in KINDS if kind == "output" or kind in models[0].coefficients]
    bands, direct = {}, {}
    for kind in kinds:
        own = (project.own or {}).get(kind)
        average = float(models[0].weights(kind)[at]) * project.sales
        if own is None and not np.isfinite(average):
            continue  # the table's sector has no output and the project does not say: missing, not 0
        first = average if own is None else own
        direct[kind] = _band([first * each for each in net])
        ends = [_effect(model, _unit(len(model), at, project.sales * each), kind) for model, each in zip(models, net, strict=True)]
        bands[kind] = _band([end + (first - np.nan_to_num(average)) * each for end, each in zip(ends, net, strict=True)])
    return Effect(project.id, OPERATION, bands, direct, _effect(models[2], _unit(len(models[2]), at, project.sales), "output"), basis)


def _unit(size: int, at: int, money: float) -> Vector:
    found = np.zeros(size)
    found[at] = money
    return found


def _effect(model: Model, shock: Vector, kind: str) -> float:
    return float((np.nan_to_num(model.weights(kind)) * model.respond(shock)).sum())


def _band(ends: Sequence[float]) -> Band:
    low, mid, high = sorted(ends)
    return Band(low, mid, high)


def total(found: Sequence[Effect], kind: str) -> Band:
    """Several projects' effect of one phase together: lows, mids and highs added.

    Raises:
        Refusal: gross output (a firm's sales to another are in both), one project twice, construction with operation, different tables.
    """
    if kind == "output" and len(found) > 1:
        raise refused("double_count", "总产出不能相加：一家的销售是另一家的投入，会重复计算。请用增加值、就业或税收。", "Gross output is not added up: one firm's sales are another's inputs, counted twice. Use value added, jobs or tax.")
    if len({each.project for each in found}) < len(found) or len({each.phase for each in found}) > 1:
        raise refused("counted_twice", "同一项目不能加两次，一次性的建设期与每年的运营期不能相加。", "One project is not added twice, nor construction (once) to operation (a year).")
    if not found:
        raise refused("nothing", "没有可加的项目。", "There is nothing to add.")
    joined([each.basis for each in found])
    lacking = [each.project for each in found if kind not in each.bands]
    if lacking:
        raise refused("no_such_coefficient", f"项目 {'、'.join(lacking)} 没有“{kind}”的结果；缺数不当作 0。", f"Projects {', '.join(lacking)} have no result for “{kind}”; missing is not 0.")
    return Band(*(sum(getattr(each.bands[kind], end) for each in found) for end in ("low", "mid", "high")))


@dataclass(frozen=True)
class Spending:
    """What visitors spend on one item (住宿, 餐饮, 交通, 门票, 购物), a year, in the table's unit.

    Attributes:
        money: of visitors from outside; residents' own outings are not new money.
        sector: who sells it.
        margin: for goods bought in shops, the share that is the trade's margin: only that is local for sure. 1 for services.
        maker, made_locally: who makes the goods, and what share of the rest is made locally.
    """

    item: str
    money: Band
    sector: str
    margin: float = 1.0
    maker: str = ""
    made_locally: float = 0.0


@dataclass(frozen=True)
class Tourism:
    """``direct``, ``indirect`` and ``induced`` by kind; ``leverage`` is all output per money for tickets (拉动比), None where no tickets are sold."""

    direct: Mapping[str, Band]
    indirect: Mapping[str, Band]
    induced: Mapping[str, Band]
    leverage: Band | None
    definition: Message
    basis: Basis


LEVERAGE = Message("拉动比 = 外来游客消费带动的本地总产出（直接＋间接＋引致）÷ 门票收入；不含本地居民消费，购物只计本地商业毛利和本地制造部分。",
                   "Leverage = local output set in motion by visitors from outside (direct + indirect + induced) ÷ ticket money; residents excluded, shopping at its local margin and local make only.")


def tourism(spending: Sequence[Spending], opened: Model, closed: Model, tickets: str = "门票") -> Tourism:
    """The effect of visitors' money, three ways as the spending is. ``opened`` and ``closed`` are types I and II of one region.

    Raises:
        Refusal: a sector that the table does not have, shares outside [0, 1], money below 0, models of different tables or closures.
    """
    if len(opened.a) != len(opened) or len(closed.a) != len(closed) + 1 or opened.codes != closed.codes:
        raise refused("open_and_closed", "需要同一区域的 I 型与 II 型模型。", "Types I and II of one region are needed.")
    shocks = np.array([_bought(spending, opened, end) for end in ("low", "mid", "high")]).T
    first, second = opened.respond(shocks), closed.respond(shocks)
    kinds = [kind for kind in KINDS if kind == "output" or kind in opened.coefficients]
    parts = [{kind: _band(list(np.nan_to_num(opened.weights(kind)) @ responses)) for kind in kinds} for responses in (shocks, first - shocks, second - first)]
    sold = [sum(getattr(each.money, end) for each in spending if each.item == tickets) for end in ("low", "mid", "high")]
    whole = second.sum(axis=0)
    leverage = _band([float(got / paid) for got, paid in zip(whole, sold, strict=True)]) if min(sold) > 0 else None
    return Tourism(parts[0], parts[1], parts[2], leverage, LEVERAGE, closed.basis)


def _bought(spending: Sequence[Spending], model: Model, end: str) -> Vector:
    shock = np.zeros(len(model))
    for each in spending:
        if each.sector not in model.codes or (each.maker and each.maker not in model.codes):
            raise refused("unknown_sector", f"“{each.item}”的部门不在表中。", f"The table has no such sector for “{each.item}”.")
        if not (0 <= each.margin <= 1 and 0 <= each.made_locally <= 1 and each.money.low >= 0):
            raise refused("bad_share", f"“{each.item}”的比例应在 0 到 1 之间，金额不小于 0。", f"Shares of “{each.item}” are within 0 to 1 and money not below 0.")
        money = getattr(each.money, end)
        shock[model.codes.index(each.sector)] += money * each.margin
        if each.maker:
            shock[model.codes.index(each.maker)] += money * (1 - each.margin) * each.made_locally
    return shock
