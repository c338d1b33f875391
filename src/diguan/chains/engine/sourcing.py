"""Who could supply whom: one transport problem for each node, solved exactly, with prices that prove it; and what stays in the park."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused


@dataclass(frozen=True)
class Matched:
    """Of s suppliers and b buyers of one node.

    Attributes:
        amounts: (s, b) what goes from whom to whom.
        met: all of it, the most that can be matched at all.
        cost: of it, the least there is for that much.
        unmet_price: what a unit left unmet counts in the duals.
        scarce: (s,) duals: what one unit more of a supplier's capacity would be worth, a unit unmet counted as ``unmet_price``.
        wanted: (b,) duals of demand likewise.
        gap: how far from the optimum this may be by the duals, as a share of it; about 0 proves it.
    """

    amounts: Matrix
    met: float
    cost: float
    unmet_price: float
    scarce: Vector
    wanted: Vector
    gap: float


def match(capacity: Vector, demand: Vector, cost: Matrix, allowed: np.ndarray[tuple[int, int], np.dtype[np.bool_]] | None = None) -> Matched:
    """As much as possible, at least cost: Σ_j t_ij ≤ capacity_i, Σ_i t_ij ≤ demand_j.

    A unit unmet is priced above anything a path of swaps could save, so no unit is left unmatched for cost's sake.

    Args:
        capacity: (s,) in the unit of demand.
        demand: (b,).
        cost: (s, b) per unit, of distance and price; not below 0.
        allowed: (s, b); None: every pair.

    Raises:
        Refusal: shapes that do not fit, or values below 0 or none.
    """
    from scipy.optimize import linprog  # with its first use: every command would wait for it
    from scipy.sparse import csr_array

    suppliers, buyers = len(capacity), len(demand)
    if cost.shape != (suppliers, buyers) or not all(np.isfinite(each).all() and each.min(initial=0) >= 0 for each in (capacity, demand, cost)):
        raise refused("bad_matching", "产能、需求和单位成本应为不小于 0 的数，成本表的行列应与供需双方一致。", "Capacity, demand and cost are numbers not below 0, and cost has a row a supplier and a column a buyer.")
    pairs = np.argwhere(np.ones(cost.shape, dtype=bool) if allowed is None else allowed)
    if not len(pairs):
        return Matched(np.zeros(cost.shape), 0.0, 0.0, 0.0, np.zeros(suppliers), np.zeros(buyers), 0.0)
    columns, ones = np.arange(len(pairs)), np.ones(len(pairs))
    a = csr_array((np.concatenate([ones, ones]), (np.concatenate([pairs[:, 0], suppliers + pairs[:, 1]]), np.concatenate([columns, columns]))), shape=(suppliers + buyers, len(pairs)))
    prices, limits = cost[pairs[:, 0], pairs[:, 1]], np.concatenate([capacity, demand])
    reward = (float(prices.max()) + 1.0) * (min(suppliers, buyers) + 1)
    solved = linprog(prices - reward, A_ub=a, b_ub=limits, method="highs")
    if solved.status != 0:
        raise refused("not_solved", "供需匹配没有解出。", "The matching was not solved.")
    amounts = np.zeros(cost.shape)
    amounts[pairs[:, 0], pairs[:, 1]] = np.maximum(solved.x, 0)
    duals = np.minimum(np.asarray(solved.ineqlin.marginals), 0)
    broken = max(0.0, float((a.T @ duals - (prices - reward)).max()))
    gap = float(solved.fun) - float(limits @ duals) + broken * float(min(capacity.sum(), demand.sum()))
    return Matched(amounts, float(amounts.sum()), float((amounts * cost).sum()), reward, -duals[:suppliers], -duals[suppliers:], abs(gap) / max(1.0, abs(float(solved.fun))))


@dataclass(frozen=True)
class InPark:
    """本地配套率 on both sides, which differ; None where nothing is sold, or bought, at all."""

    sales: float | None
    purchases: float | None


def in_park(traded: float, all_sales: float, all_purchases: float) -> InPark:
    """Shares of what is traded inside in all that is sold, and in all that is bought.

    Raises:
        Refusal: more is traded inside than is sold or bought.
    """
    if min(traded, all_sales, all_purchases) < 0 or traded > min(all_sales, all_purchases) * (1 + 1e-9):
        raise refused("more_than_all", "园区内交易额大于总销售或总采购，请核对口径。", "More is traded inside than is sold or bought in all; check how it was counted.")
    return InPark(traded / all_sales if all_sales > 0 else None, traded / all_purchases if all_purchases > 0 else None)
