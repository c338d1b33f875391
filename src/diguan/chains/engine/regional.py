"""A larger region's coefficients brought to a smaller one: location quotients with a size term, then what is known of local purchases.

Sources: Flegg, Webber and Elliott 1995; Flegg and Webber 1997, 2000 (AFLQ); Kowalewski 2015 (SFLQ). Measured against the one region with its own table:
unadjusted multipliers 27 % too high, SLQ 15 %, FLQ between +5 % (δ 0.10) and −7 % (δ 0.30). One region is one data point, so results are
given for a band of δ, and narrowed by local purchase shares (本地配套率) where these are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from diguan.chains.engine.basis import INCLUDED, Basis, Matrix, Vector, refused
from diguan.chains.engine.leontief import Model, Multipliers, lapack, multipliers
from diguan.kernel.messages import Message

DELTA_BAND = (0.15, 0.20, 0.30)
"""Low, middle and high δ: the least size correction anybody defends, the best for a large region, and what is usual for small ones."""
SLQ, CILQ, FLQ, AFLQ, SFLQ = "SLQ", "CILQ", "FLQ", "AFLQ", "SFLQ"
METHODS = (SLQ, CILQ, FLQ, AFLQ, SFLQ)
"""SFLQ is FLQ with a δ of its own for each buying sector."""
SIZED = (FLQ, AFLQ, SFLQ)
MOST_DELTA = 0.999


@dataclass(frozen=True)
class Band:
    """A number three ways. ``low ≤ mid ≤ high``; NaN where it is not known."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if self.low > self.mid or self.mid > self.high:
            raise refused("bad_band", f"区间应由低到高：{self.low:g}、{self.mid:g}、{self.high:g}。", f"A band goes from low to high: {self.low:g}, {self.mid:g}, {self.high:g}.")

    @classmethod
    def sure(cls, value: float) -> Band:
        """The band of a number that is known."""
        return cls(value, value, value)


@dataclass(frozen=True)
class Region:
    """A region within a larger one, by n sectors.

    Attributes:
        local: (n,) its output, or what stands in for it (employment, taxable sales).
        whole: (n,) the same of the larger region.
        proxy: what stands in for output; empty where it is output.
        name: of the region.
        level: ``county`` or ``province``.
    """

    local: Vector
    whole: Vector
    proxy: str = ""
    name: str = ""
    level: str = "county"


def slq(region: Region) -> Vector:
    """(n,) SLQ: a sector's share of the region over its share of the whole; 0 where neither has it. Weighted by whole output the mean is 1.

    Raises:
        Refusal: an empty region, values below 0, or a region larger than the whole in some sector.
    """
    local, whole = region.local, region.whole
    if local.shape != whole.shape or not (np.isfinite(local).all() and np.isfinite(whole).all()) or min(local.min(), whole.min()) < 0:
        raise refused("bad_region", "各部门的产出须为不小于 0 的数，且本地与上级区域的部门数相同。", "Outputs must be numbers not below 0, with as many sectors in the region as in the whole.")
    if local.sum() <= 0:
        raise refused("empty_region", f"“{region.name or '本地'}”没有任何产出，无法本地化。", f"“{region.name or 'The region'}” has no output at all: nothing to bring to it.")
    if (local > whole * (1 + 1e-9)).any():
        at = int((local - whole).argmax())
        raise refused("larger_than_whole", f"第 {at + 1} 个部门的本地产出大于上级区域的产出，两者口径不同。", f"Sector {at + 1} makes more in the region than in the whole: they are not counted alike.")
    share = np.divide(whole, whole.sum())
    return np.divide(local / local.sum(), share, out=np.zeros_like(local), where=share > 0)


def size_term(region: Region, delta: float | Vector) -> float | Vector:
    """λ = log₂(1 + region's share of the whole) to the power δ, between 0 and 1; (n,) for a δ of each sector.

    >>> round(size_term(Region(np.array([0.0002]), np.array([1.0])), 0.15), 2), round(size_term(Region(np.array([0.0002]), np.array([1.0])), 0.30), 2)
    (0.29, 0.09)
    """
    values = np.atleast_1d(delta)
    wrong = values[~((values >= 0) & (values < 1))]
    if len(wrong) or (np.ndim(delta) and values.shape != region.local.shape):
        said = "、".join(f"{each:g}" for each in wrong[:3]) or f"{len(values)} 个"
        raise refused("bad_delta", f"δ 应在 0 到 1 之间（不含 1），分部门时每个部门一个；不是 {said}。", f"δ should be at least 0 and below 1, one for each sector where it is by sector; not {said}.")
    return np.asarray(_size(region) ** values) if np.ndim(delta) else float(_size(region) ** values[0])


def _size(region: Region) -> float:
    return float(np.log2(1 + region.local.sum() / region.whole.sum()))


def quotients(region: Region, method: str = FLQ, delta: float | Vector = 0.20) -> Matrix:
    """(n, n) of the quotients by which a coefficient is cut where they are below 1.

    The diagonal is SLQ, times the size term where the method has one. ``delta`` may be (n,), by buying sector, with :data:`SFLQ`. A sector the
    region does not have has no CILQ as a buyer; there the seller's SLQ stands, for a new firm buys as an average one.

    Raises:
        Refusal: an unknown method, a δ outside [0, 1), one by sector with another method, or see :func:`slq`.
    """
    if method not in METHODS or (np.ndim(delta) and method != SFLQ):
        raise refused("unknown_method", f"本地化方法应为 {'、'.join(METHODS)} 之一；分部门的 δ 只用于 {SFLQ}。", f"The method should be one of {', '.join(METHODS)}; a δ by sector goes with {SFLQ} alone.")
    own = slq(region)
    if method == SLQ:
        return np.repeat(own[:, None], len(own), axis=1)
    cross = np.divide(own[:, None], own[None, :], out=np.repeat(own[:, None], len(own), axis=1), where=own[None, :] > 0)
    np.fill_diagonal(cross, own)
    found = cross if method == CILQ else cross * size_term(region, delta)
    if method == AFLQ:
        found = found * np.where(own > 1, np.log2(1 + np.maximum(own, 1)), 1.0)[None, :]
    return found


def regionalise(of: Model, region: Region, method: str = FLQ, delta: float | Vector = 0.20) -> Model:
    """The open model of the region: ``a_r = a_n · min(1, quotient)``. Per-output coefficients stay the whole's: say so where local ones are known.

    Raises:
        Refusal: a model that is closed already (close the region's own instead), or see :func:`quotients`.
    """
    if len(of.a) != len(of):
        raise refused("closed_already", "请先本地化，再闭合居民部门。", "Bring the open model to the region first, then close it on households.")
    kept = np.minimum(1.0, quotients(region, method, delta))
    return replace(of, a=of.a * kept, basis=_regional(of.basis, region, method, _told(delta) if method in SIZED else ()), final=None)


def _told(delta: float | Vector) -> tuple[float, ...]:
    """One δ, or the least, the middle and the largest of many."""
    return tuple(float(each) for each in np.quantile(delta, [0, 0.5, 1])) if np.ndim(delta) else (float(delta),)


def _regional(basis: Basis, region: Region, method: str, delta: tuple[float, ...]) -> Basis:
    found = replace(basis, region=region.name or basis.region, method=method, delta=delta, proxy=region.proxy)
    notes = [Message("单位产出的增加值、就业、税收仍取自上级区域的表。", "Value added, jobs and tax per unit of output are still the larger region's.")]
    if basis.imports == INCLUDED:
        notes.append(Message("进口未从上级区域的表中扣除就作了本地化，乘数偏高。", "The larger table was brought to the region with imports still in it; multipliers are too high."))
    return found.noting(*notes)


def delta_band(of: Model, region: Region, kind: str = "output", method: str = FLQ, deltas: Sequence[float] = DELTA_BAND) -> tuple[Multipliers, Multipliers, Multipliers]:
    """Multipliers low, mid and high: those of the largest, middle and smallest of three δ. Each basis names the whole band."""
    found = [multipliers(regionalise(of, region, method, delta), kind) for delta in sorted(deltas, reverse=True)]
    low, mid, high = (replace(each, basis=replace(each.basis, delta=tuple(sorted(deltas)))) for each in found)
    return low, mid, high


@dataclass(frozen=True)
class Calibrated:
    """A model whose surveyed columns buy locally what was found; ``short`` are sectors whose share could not be reached, with how much is missing."""

    model: Model
    short: Mapping[str, float]


def calibrate(regional: Model, whole: Model, shares: Mapping[str, float]) -> Calibrated:
    """Columns scaled so that sector j buys ``shares[j]`` of its intermediate inputs locally (chains.md §3 item 6).

    A cell never exceeds the whole's coefficient, the technical limit: what is cut there goes to the column's other cells. Sellers the region
    does not have stay at 0, so a share may be out of reach, which is told and not hidden.

    Raises:
        Refusal: a share outside [0, 1], or of an unknown sector.
    """
    check_shares(shares, regional)
    a, short = regional.a.copy(), {}
    for code, share in shares.items():
        at = regional.codes.index(code)
        most, goal = whole.a[: len(regional), at], share * float(whole.a[: len(regional), at].sum())
        a[: len(regional), at] = _capped(a[: len(regional), at], most, goal)
        if (missing := goal - float(a[: len(regional), at].sum())) > 1e-9:
            short[code] = missing
    basis = replace(regional.basis, surveyed=len(shares))
    if short:
        basis = basis.noting(Message(f"部门 {'、'.join(short)} 的本地采购比例达不到：本地没有相应的供应部门。", f"The local purchase shares of {', '.join(short)} cannot be reached: the region lacks sellers for them."))
    return Calibrated(replace(regional, a=a, basis=basis), short)


def check_shares(shares: Mapping[str, float], of: Model) -> None:
    """Refuse a local purchase share outside [0, 1], or of a sector the table does not have."""
    for code, share in shares.items():
        if code not in of.codes or not 0 <= share <= 1:
            raise refused("bad_share", f"部门“{code}”的本地采购比例应在 0 到 1 之间（读到 {share:g}），且表中须有该部门。", f"The local purchase share of “{code}” should be within 0 to 1 (it is {share:g}), and the table must have that sector.")


def _capped(column: Vector, most: Vector, goal: float) -> Vector:
    """``min(most, t · column)`` with t such that it adds up to ``goal``, or the most there is."""
    open_ = (column > 0) & (most > 0)
    if goal >= most[open_].sum():
        return np.where(open_, most, 0.0)
    found, full = np.zeros_like(column), np.zeros(len(column), dtype=bool)
    while (rest := open_ & ~full).any():
        factor = (goal - most[full].sum()) / column[rest].sum()
        found = np.where(full, most, np.where(rest, column * factor, 0.0))
        over = rest & (found > most)
        if not over.any():
            break
        full |= over
    return found


def local_shares(regional: Model, whole: Model) -> Vector:
    """(n,) the share of intermediate inputs each sector buys locally by the model; NaN where it buys nothing."""
    size = len(regional)
    bought = whole.a[:size, :size].sum(axis=0)
    return np.divide(regional.a[:size, :size].sum(axis=0), bought, out=np.full(size, np.nan), where=bought > 0)


def learned_delta(of: Model, region: Region, shares: Mapping[str, float], method: str = FLQ, draws: int = 200, seed: int = 1) -> Band:
    """δ at which the model's local purchase shares come nearest to the surveyed ones, with the 5–95 % band over resampled sectors.

    Nearest in absolute difference, weighted by the region's output. With few sectors the band is wide; which to ask next tells
    :func:`diguan.chains.engine.survey.plan`.

    Raises:
        Refusal: a share outside [0, 1] or of an unknown sector, or shares of fewer than two sectors that buy anything.
    """
    grid = np.round(np.arange(0.0, 0.61, 0.01), 2)
    check_shares(shares, of)
    shares = {code: share for code, share in shares.items() if of.a[: len(of), of.codes.index(code)].any()}  # what buys nothing has no share, and says nothing
    places = [of.codes.index(code) for code in shares]
    if len(places) < 2:
        raise refused("too_few_shares", "至少需要两个部门的本地采购比例才能估计 δ。", "At least two sectors' local purchase shares are needed to learn δ.")
    asked = np.array(list(shares.values()))
    misses = np.array([np.abs(local_shares(regionalise(of, region, method, float(delta)), of)[places] - asked) for delta in grid])
    weights = region.local[places] + 1e-12 * region.local.sum()
    drawn = np.random.default_rng(seed).integers(0, len(places), (draws, len(places)))
    found = [float(grid[(misses[:, each] * weights[each]).sum(axis=1).argmin()]) for each in drawn]
    best = float(grid[(misses * weights).sum(axis=1).argmin()])
    low, high = (float(each) for each in np.quantile(found, [0.05, 0.95]))
    return Band(min(low, best), best, max(high, best))


def sector_deltas(of: Model, region: Region, shares: Mapping[str, float], usual: float = 0.20) -> Vector:
    """(n,) the δ of each sector at which it buys locally what was surveyed; ``usual`` for sectors nobody asked, and for those that buy nothing.

    Kowalewski estimates δ by sector from regressions over tables of one region; a county has no table but its firms' invoices, so here each asked
    sector has the δ of its own share. A share falls as δ grows, so the δ is found by halving. A share above what δ 0 gives has δ 0, one below what :data:`MOST_DELTA` gives has that:
    then the rest is for :func:`calibrate`.

    Raises:
        Refusal: a share outside [0, 1] or of an unknown sector, or see :func:`quotients`.
    """
    check_shares(shares, of)
    found = np.full(len(of), float(usual))
    places = np.array([of.codes.index(code) for code in shares], dtype=int)
    columns, goals = of.a[: len(of), places], np.array(list(shares.values()))
    places, columns, goals = places[bought := columns.sum(axis=0) > 0], columns[:, bought], goals[bought]
    cross, size = quotients(region, CILQ)[:, places], _size(region)
    low, high = np.zeros(len(places)), np.full(len(places), MOST_DELTA)
    for _ in range(50):
        middle = (low + high) / 2
        more = (columns * np.minimum(1.0, cross * size**middle)).sum(axis=0) > goals * columns.sum(axis=0)
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    found[places] = np.where(high < 1e-9, 0.0, high)
    return found


def every_county(of: Model, locals_: Matrix, whole: Vector, delta: float = 0.20) -> Matrix:
    """(counties, n) output multipliers by FLQ of many regions at once; ``locals_`` is (counties, n). A row of zeros gives NaN: an empty county has none.

    Raises:
        Refusal: some county's I − A is singular, or see :func:`quotients`.
    """
    size = len(of)
    found = np.full(locals_.shape, np.nan)
    diagonal = np.arange(size)
    for at in np.flatnonzero(locals_.sum(axis=1) > 0):
        a = of.a * np.minimum(1.0, quotients(Region(locals_[at], whole), FLQ, delta))
        np.negative(a, out=a)
        a[diagonal, diagonal] += 1
        # LAPACK itself: what scipy wraps around it takes up to a hundred times as long where other processes want the processors too.
        _lu, _pivots, found[at], fault = lapack().dgesv(a.T, np.ones(size), overwrite_a=1, overwrite_b=1)
        if fault:
            raise refused("singular", f"第 {at + 1} 个地区的 I−A 不可逆。", f"I − A of region {at + 1} is singular.")
    return found
