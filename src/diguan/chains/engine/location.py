"""Where an industry is concentrated, and why a region grew: location quotients with a band, concentration, shift-share.

Sources: Dunn 1960 and Esteban-Marquillas 1972 (shift-share); Krugman 1991; Theil 1967; Ellison and Glaeser 1997; Litzenberger and Sternberg 2006.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused

FEW = 5
"""Firms below which a quotient is called unsure."""


@dataclass(frozen=True)
class Quotients:
    """(n,) each: location quotients with the 5–95 % band, NaN where nobody anywhere has the industry; ``unsure`` where fewer than :data:`FEW` firms count."""

    quotient: Vector
    low: Vector
    high: Vector
    symmetric: Vector
    unsure: np.ndarray[tuple[int], np.dtype[np.bool_]]


def quotients(local: Vector, whole: Vector) -> Vector:
    """(n,) a region's share of an industry over its share of everything; NaN where the whole has none. Weighted by ``whole`` the mean is 1.

    Raises:
        Refusal: nothing at all in the region or the whole, or values below 0.
    """
    _check(local, whole)
    expected = whole / whole.sum() * local.sum()
    return np.divide(local, expected, out=np.full(len(local), np.nan), where=expected > 0)


def with_band(local: Vector, whole: Vector, draws: int = 1000, seed: int = 1) -> Quotients:
    """Quotients of counts (firms), with a bootstrap: the region's firms drawn anew, as many as there are, the whole held fast.

    An industry with no firm has the band [0, 0] by drawing alone; there the high end is that of three firms, which a count of 0
    leaves possible at 95 % (rule of three).
    """
    found = quotients(local, whole)
    firms = round(float(local.sum()))
    drawn = np.random.default_rng(seed).multinomial(firms, local / local.sum(), draws)
    one = np.divide(whole.sum(), whole * firms, out=np.full(len(whole), np.nan), where=whole > 0)
    low, high = (each * one for each in np.quantile(drawn, [0.05, 0.95], axis=0))
    high = np.where(local == 0, 3 * one, high)
    return Quotients(found, np.minimum(low, found), np.maximum(high, found), (found - 1) / (found + 1), local < FEW)


def shrunk(local: Vector, whole: Vector, strength: float | None = None) -> Vector:
    """(n,) quotients drawn towards 1 as few firms make them unsure (gamma–Poisson empirical Bayes): ``(count + s) / (expected + s)``.

    ``strength`` s is estimated by moments where it is left out: what the quotients spread more than counting alone explains.
    """
    _check(local, whole)
    expected = whole / whole.sum() * local.sum()
    told = expected > 0
    if strength is None:
        spread = float((((local - expected)[told] ** 2) - expected[told]).sum() / (expected[told] ** 2).sum())
        strength = 1 / spread if spread > 1e-9 else 1e9
    return np.where(told, (local + strength) / (expected + strength), np.nan)


def _check(local: Vector, whole: Vector) -> None:
    if local.shape != whole.shape or not (np.isfinite(local).all() and np.isfinite(whole).all()) or min(local.min(initial=0), whole.min(initial=0)) < 0:
        raise refused("bad_counts", "本地与全域应有相同的行业，数值不小于 0。", "The region and the whole must have the same industries and no value below 0.")
    if local.sum() <= 0 or whole.sum() <= 0:
        raise refused("empty_region", "本地或全域没有任何数值，算不出区位商。", "The region or the whole is empty: there is no quotient.")


def hhi(parts: Vector) -> float:
    """Herfindahl–Hirschman index, from 1/n (even) to 1 (one has all).

    >>> hhi(np.array([1.0, 1.0])), hhi(np.array([1.0, 0.0]))
    (0.5, 1.0)
    """
    return float((_shares(parts) ** 2).sum())


def krugman(local: Vector, whole: Vector) -> float:
    """Specialisation: sum of differences of shares, from 0 (as everywhere) to 2."""
    return float(np.abs(_shares(local) - _shares(whole)).sum())


def theil(local: Vector, whole: Vector) -> float:
    """Σ s·ln(s / s_whole), 0 where the region is as the whole. Infinite where it has what the whole has not."""
    mine, theirs = _shares(local), _shares(whole)
    told = mine > 0
    with np.errstate(divide="ignore"):
        return float((mine[told] * np.log(mine[told] / theirs[told])).sum())


def ellison_glaeser(industry: Vector, everything: Vector, plants: Vector) -> float:
    """Concentration of an industry over regions beyond what its few plants explain; about 0 where it lies by chance.

    Args:
        industry: (regions,) its jobs.
        everything: (regions,) all jobs.
        plants: (plants,) jobs of each of the industry's plants.
    """
    x = _shares(everything)
    alike, lump = 1 - float((x**2).sum()), hhi(plants)
    if alike <= 0 or lump >= 1:
        raise refused("one_place", "只有一个地区或一家工厂，无法衡量集聚。", "One region or one plant only: concentration has no meaning.")
    raw = float(((_shares(industry) - x) ** 2).sum())
    return (raw / alike - lump) / (1 - lump)


def litzenberger_sternberg(*, jobs_share: float, area_share: float, people_share: float, firms_share: float) -> float:
    """Cluster index: density of industry over area times over people, times firms over jobs; 1 as everywhere. Shares are of the whole, above 0."""
    return (jobs_share / area_share) * (firms_share / people_share)


def _shares(parts: Vector) -> Vector:
    if parts.sum() <= 0 or parts.min() < 0:
        raise refused("empty_parts", "各部分之和须大于 0 且没有负数。", "The parts must add up to more than 0 and none be below 0.")
    return np.asarray(parts / parts.sum())


@dataclass(frozen=True)
class ShiftShare:
    """(n,) parts of a region's change by industry; ``national + mix + competitive == change``; ``competitive == pure + allocation``."""

    change: Vector
    national: Vector
    mix: Vector
    competitive: Vector
    pure: Vector
    allocation: Vector


def shift_share(local: tuple[Vector, Vector], whole: tuple[Vector, Vector]) -> ShiftShare:
    """The change from first to second year: with the nation, by the mix of industries, by doing better than they did elsewhere.

    Where the region began with industry that the whole did not have the whole has no rate; that change counts as competitive.

    Raises:
        Refusal: an empty first year.
    """
    (before, after), (all_before, all_after) = local, whole
    _check(before, all_before)
    rate = float(all_after.sum() / all_before.sum()) - 1
    own = np.divide(all_after - all_before, all_before, out=np.full(len(before), rate), where=all_before > 0)
    change, national, mix = after - before, before * rate, before * (own - rate)
    competitive = change - national - mix
    alike = all_before / all_before.sum() * before.sum()
    better = np.divide(competitive, before, out=np.zeros(len(before)), where=before > 0)
    pure = alike * better
    return ShiftShare(change, national, mix, competitive, pure, competitive - pure)


def every_quotient(counts: Matrix) -> Matrix:
    """(regions, n) quotients of all regions at once within their sum; NaN for empty regions and industries."""
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(float(counts.sum()), np.finfo(float).tiny)
    return np.divide(counts, expected, out=np.full(counts.shape, np.nan), where=expected > 0)
