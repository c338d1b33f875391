"""The Leontief model: coefficients, inverse, multipliers of types I and II, linkages and what the loss of a sector would cost.

Sources: Leontief 1936; Rasmussen 1956 (影响力系数, 感应度系数); Ghosh 1958; Miller and Blair 2009, chapters 2, 6 and 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from diguan.chains.engine.basis import HOUSEHOLDS, OPEN, WAGE_CLOSED, Basis, Matrix, Vector, refused
from diguan.chains.engine.table import HOUSEHOLD_USE, WAGES, Table

SMALLEST_CONDITION = 1e-13
ALL_SOURCES, WAGES_ONLY = "all_sources", "wages_only"


@dataclass(frozen=True)
class Model:
    """Coefficients of n sectors, and of a household row and column behind them where it is closed.

    Attributes:
        codes: n texts; households are not among them.
        a: (n, n) or, closed, (n + 1, n + 1) coefficients, money for money.
        coefficients: by kind, (n,) per unit of output: ``value_added``, ``income``, ``jobs``, ``tax``; NaN where a sector has no output.
        basis: where it comes from.
    """

    codes: tuple[str, ...]
    a: Matrix
    coefficients: Mapping[str, Vector]
    basis: Basis
    final: Vector | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def factors(self) -> tuple[Any, Any]:
        """LU of I − A, made once; every shock after it costs two triangular solves.

        Raises:
            Refusal: I − A is singular, or the economy would need more than it makes.
        """
        return _factors(self.a)

    @cached_property
    def inverse(self) -> Matrix:
        """(n, n) of (I − A)⁻¹, households' row and column left off."""
        whole = lapack().dgetrs(*self.factors, np.eye(len(self.a)))[0]
        return np.asarray(whole[: len(self), : len(self)])

    def respond(self, shock: Vector) -> Vector:
        """Output that a final demand of ``shock``, (n,) or (n, k) for k shocks at once, calls for: the same shape."""
        padded = np.zeros((len(self.a), *shock.shape[1:]))
        padded[: len(self)] = shock
        return np.asarray(lapack().dgetrs(*self.factors, padded)[0][: len(self)])

    def weights(self, kind: str) -> Vector:
        """(n,) what one unit of output holds of ``kind``; ones for ``output``.

        Raises:
            Refusal: the table does not say.
        """
        if kind == "output":
            return np.ones(len(self))
        if kind not in self.coefficients:
            raise refused("no_such_coefficient", f"表“{self.basis.name}”没有“{kind}”这一行，算不出它的乘数；缺数不当作 0。",
                          f"Table “{self.basis.name}” has no row “{kind}”: its multiplier cannot be computed; missing is not 0.")
        return self.coefficients[kind]


@dataclass(frozen=True)
class Households:
    """How the model is closed on households.

    Attributes:
        income: what ``spending`` is divided by, in the table's unit. There is no default: household income from all sources
            (wages, profits, transfers, pensions) is not in the table, and wages in its place overstate.
        kind: :data:`ALL_SOURCES` or :data:`WAGES_ONLY`; the latter is labelled wage-closed everywhere.
        spending: (n,) households' spending on local products; None takes the table's column ``households``.
        wages: (n,) pay of those who work there; None takes the table's row ``wages``.
        living_here: share of workers who live in the region, 0 to 1: others carry their pay away.
    """

    income: float
    kind: str = ALL_SOURCES
    spending: Vector | None = None
    wages: Vector | None = None
    living_here: float = 1.0


@dataclass(frozen=True)
class Multipliers:
    """(n,) each. ``effect`` per unit of final demand, in the kind's unit; ``ratio`` is effect over ``direct``, NaN where there is nothing direct."""

    kind: str
    codes: tuple[str, ...]
    direct: Vector
    effect: Vector
    ratio: Vector
    basis: Basis


def coefficients(flows: Matrix, output: Vector) -> Matrix:
    """A = Z · diag(x)⁻¹. A sector without output has a column of zeros, hence multiplier 1.

    >>> coefficients(np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([4.0, 0.0])).tolist()
    [[0.25, 0.0], [0.5, 0.0]]
    """
    return np.divide(flows, output[None, :], out=np.zeros_like(flows), where=output[None, :] != 0)


def model(table: Table, closed: Households | None = None) -> Model:
    """The model of a table, open (type I) or closed on households (type II).

    Raises:
        Refusal: see :func:`close`.
    """
    per_output = {kind: _per(row, table.output) for kind, row in {"income": table.value_added.get(WAGES), **table.satellites}.items() if row is not None}
    per_output["value_added"] = _per(table.added(), table.output)
    opened = Model(table.codes, coefficients(table.flows, table.output), per_output, replace(table.basis, closure=OPEN), table.final_use())
    return opened if closed is None else close(opened, table, closed)


def close(opened: Model, table: Table, closed: Households) -> Model:
    """Type II: a row of wages per output and a column of spending over household income (chains.md §3 item 3).

    Raises:
        Refusal: no income, wages or spending; an income that is no more than wages though it is called ``all_sources``; more spent than earned.
    """
    wages = closed.wages if closed.wages is not None else table.value_added.get(WAGES)
    spending = closed.spending if closed.spending is not None else table.use.get(HOUSEHOLD_USE)
    if wages is None or spending is None:
        raise refused("no_households", "表中没有劳动者报酬行或居民消费列，不能计算 II 型乘数。", "The table has no row of wages or no column of households: type II cannot be computed.")
    _check_income(closed, float(wages.sum()), float(spending.sum()))
    size = len(opened)
    a = np.zeros((size + 1, size + 1))
    a[:size, :size] = opened.a[:size, :size]
    a[size, :size] = np.nan_to_num(_per(wages, table.output)) * closed.living_here
    a[:size, size] = spending / closed.income
    kind = WAGE_CLOSED if closed.kind == WAGES_ONLY else HOUSEHOLDS
    return replace(opened, a=a, basis=replace(opened.basis, closure=kind))


def _check_income(closed: Households, wages: float, spending: float) -> None:
    if closed.kind not in (ALL_SOURCES, WAGES_ONLY) or not 0 <= closed.living_here <= 1 or not closed.income > 0:
        raise refused("bad_households", "居民收入须大于 0，本地居住比例须在 0 到 1 之间，并写明收入口径。", "Household income must be above 0, the share living here within 0 to 1, and the kind of income named.")
    if closed.kind == ALL_SOURCES and closed.income <= wages * (1 + 1e-9):
        raise refused("closed_on_wages", f"居民收入 {closed.income:,.6g} 不大于劳动者报酬合计 {wages:,.6g}：这是工资，不是全部来源的收入，II 型乘数会偏高。请填全部来源的居民收入，或明确选择“工资闭合”。",
                      f"A household income of {closed.income:,.6g} is no more than all wages, {wages:,.6g}: this is pay, not income from all sources, and overstates type II. Give income from all sources, or choose wage-closed by name.")
    if spending > closed.income:
        raise refused("spent_more_than_earned", f"居民消费 {spending:,.6g} 大于居民收入 {closed.income:,.6g}。", f"Households spend {spending:,.6g}, more than their income of {closed.income:,.6g}.")


def _per(row: Vector, output: Vector) -> Vector:
    return np.divide(row, output, out=np.full(len(output), np.nan), where=output != 0)


def lapack() -> Any:
    """LAPACK, loaded with its first use: every command and every worker would wait for it otherwise."""
    from scipy.linalg import lapack as found

    return found


def _factors(a: Matrix) -> tuple[Any, Any]:
    left = np.eye(len(a)) - a
    lu, pivots, fault = lapack().dgetrf(left)
    condition = 0.0 if fault else lapack().dgecon(lu, float(np.abs(left).sum(axis=0).max()))[0]
    if condition < SMALLEST_CONDITION:
        raise refused("singular", "I−A 不可逆：有部门把全部产出都消耗在生产自身（直接或经过别的部门）上，乘数无穷大。请检查消耗系数接近或大于 1 的列。",
                      "I − A is singular: some sector uses up all it makes, directly or through others, so its multiplier is infinite. Look at columns whose coefficients add up to 1 or more.")
    # For A ≥ 0 the column sums of the inverse are at least 1 if and only if the economy can make more than it uses (Hawkins and Simon 1949).
    sums = lapack().dgetrs(lu, pivots, np.ones(len(a)), trans=1)[0]
    if sums.min() < 1 - 1e-9 and (a >= 0).all():
        raise refused("not_productive", "消耗大于产出：按这些系数，经济生产的比自己消耗的少，乘数没有意义。", "By these coefficients the economy uses more than it makes; multipliers have no meaning.")
    return lu, pivots


def multipliers(of: Model, kind: str = "output") -> Multipliers:
    """Effects e′L and ratios e′L / e of every sector, by one solve (chains.md §3 item 1).

    Args:
        of: the model; closed, households' own row is not counted.
        kind: ``output``, ``value_added``, ``income``, or a satellite of the table such as ``jobs`` and ``tax``.
    """
    direct = of.weights(kind)
    padded = np.zeros(len(of.a))
    padded[: len(of)] = np.nan_to_num(direct)
    effect = np.asarray(lapack().dgetrs(*of.factors, padded, trans=1)[0])[: len(of)]
    ratio = np.divide(effect, direct, out=np.full(len(of), np.nan), where=np.nan_to_num(direct) != 0)
    return Multipliers(kind, of.codes, direct, effect, ratio, of.basis)


@dataclass(frozen=True)
class Linkages:
    """(n,) each, mean 1: ``backward`` 影响力系数, ``forward`` 感应度系数."""

    codes: tuple[str, ...]
    backward: Vector
    forward: Vector
    basis: Basis


def linkages(of: Model, table: Table | None = None) -> Linkages:
    """Column and row sums of the inverse over their mean; with a ``table``, forward by Ghosh's B = diag(x)⁻¹Z instead."""
    back = of.inverse.sum(axis=0)
    if table is None:
        ahead = of.inverse.sum(axis=1)
    else:
        shares = np.divide(table.flows, table.output[:, None], out=np.zeros_like(table.flows), where=table.output[:, None] != 0)
        ahead = lapack().dgetrs(*_factors(shares), np.ones(len(of)))[0]
    return Linkages(of.codes, back / back.mean(), ahead / ahead.mean(), of.basis)


@dataclass(frozen=True)
class Extraction:
    """(n,) each, in the table's unit: ``loss`` of all output if the sector went, ``others`` the part lost by other sectors, ``share`` of all output."""

    codes: tuple[str, ...]
    loss: Vector
    others: Vector
    share: Vector
    basis: Basis


def extractions(of: Model, output: Vector) -> Extraction:
    """断链风险: what is lost if a sector buys, sells and delivers nothing any more, for every sector at once.

    Removing sector k leaves ``x̄ = (I − A₋ₖ)⁻¹ f₋ₖ``. By the inverse of a block that is, summed, ``x_k · m_k / L_kk`` less than before, with
    ``m`` the column sums of L; no model is solved again (tests hold it against solving each).
    """
    loss = output * of.inverse.sum(axis=0) / np.diagonal(of.inverse)
    return Extraction(of.codes, loss, loss - output, loss / output.sum(), of.basis)
