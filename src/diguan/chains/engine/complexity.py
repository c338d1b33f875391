"""Economic complexity and relatedness: which industries go together, and which one a region could take up next.

Sources: Hidalgo et al. 2007 (proximity); Hidalgo and Hausmann 2009; Tacchella et al. 2012 (fitness); Mealy, Farmer and Teytelboym 2019.
Over enterprises rather than trade: counts or registered capital by class. A tiny region's quotients are noise, so regions below a number
of firms are left out by the caller's ``least``, and who is left out is told.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused

DENSE = 60
"""Size up to which an eigenvector is had by solving for all of them."""

Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Complexity:
    """Of C regions and P industries; NaN where one was left out (``regions``, ``industries`` tell).

    Attributes:
        has: (C, P) the region has a quotient of 1 or more.
        eci: (C,) complexity of regions, mean 0, deviation 1; pci (P,) of industries, on the regions' scale likewise standardised.
        proximity: (P, P) least probability of having one given the other; diagonal 1 where anybody has it.
        density: (C, P) relatedness of an industry to what the region has, 0 to 1.
        gain: (C, P) opportunity gain of taking up what the region has not; NaN where it has it.
    """

    has: Flags
    eci: Vector
    pci: Vector
    proximity: Matrix
    density: Matrix
    gain: Matrix
    regions: Flags
    industries: Flags


def complexity(counts: Matrix, least: float = 0.0) -> Complexity:
    """All of it from (C, P) ``counts``, float64. Regions whose sum is below ``least`` are left out.

    ECI and PCI are the second singular pair of M scaled by diversity and ubiquity; its sign makes ECI rise with diversity. Where that
    correlation is 0 (both are orthogonal by construction in some small cases) the most complex industry is the least ubiquitous.

    Raises:
        Refusal: fewer than three regions or industries remain, or they fall into blocks that share nothing, whose complexity cannot be compared.
    """
    if counts.ndim != 2 or not np.isfinite(counts).all() or counts.min(initial=0) < 0:
        raise refused("bad_counts", "各格应为不小于 0 的数。", "Every cell must be a number not below 0.")
    has = _present(counts, least)
    regions, industries = np.asarray(has.any(axis=1)), np.asarray(has.any(axis=0))
    kept = has if regions.all() and industries.all() else has[np.ix_(regions, industries)]
    if min(kept.shape) < 3:
        raise refused("too_few", "可比的地区或行业不足 3 个，算不出复杂度。", "Fewer than three regions or industries remain: no complexity.")
    m, single = kept.astype(float), kept.astype(np.float32)
    together = (single.T @ single).astype(float)  # counts: exact in single precision, at half the time
    _connected(together)
    eci, pci = _second_pair(m)
    proximity, density, gain = _related(m, together, pci)
    return Complexity(has, _spread(eci, regions), _spread(pci, industries), _placed(proximity, industries, industries), _placed(density, regions, industries), _placed(gain, regions, industries), regions, industries)


def _present(counts: Matrix, least: float) -> Flags:
    """(C, P) a quotient of 1 or more: as many as expected, which takes no division."""
    sums = counts.sum(axis=1)
    sums = np.where(sums >= max(least, np.finfo(float).tiny), sums, 0.0)
    columns = (sums > 0) @ counts
    expected = np.outer(sums, columns)
    expected /= max(float(sums.sum()), np.finfo(float).tiny)
    return np.asarray((counts >= expected) & (sums > 0)[:, None] & (columns > 0))


def _connected(together: Matrix) -> None:
    """Industries that no region has together with others, however far around, stand apart; so do their regions, for each has some industry."""
    if (together > 0).all(axis=1).any():
        return  # one industry is found with every other: nothing to search
    from scipy.sparse import csgraph, csr_array  # with their first use: every command would wait for them

    blocks, _ = csgraph.connected_components(csr_array(together), directed=False)
    if blocks > 1:
        raise refused("disconnected", f"地区和行业分成互不相连的 {blocks} 块，块与块之间的复杂度不可比。", f"Regions and industries fall into {blocks} blocks that share nothing; complexity cannot be compared between them.")


def _second_pair(m: Matrix) -> tuple[Vector, Vector]:
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    rows, columns = np.sqrt(diversity), np.sqrt(ubiquity)
    if len(m) >= m.shape[1]:
        half = m / rows[:, None]
        second = _second_vector(half.T @ half / np.outer(columns, columns), columns)
        u, v = half @ (second / columns), second
    else:
        half = m / columns
        second = _second_vector(half @ half.T / np.outer(rows, rows), rows)
        u, v = second, half.T @ (second / rows)
    eci, pci = u / rows, v / columns
    turn = np.corrcoef(eci, diversity)[0, 1] if diversity.std() > 0 else 0.0
    if abs(turn) < 1e-9:
        turn = -np.corrcoef(pci, ubiquity)[0, 1] if ubiquity.std() > 0 else 1.0
    sign = 1.0 if turn >= 0 else -1.0
    return sign * (eci - eci.mean()) / eci.std(), sign * (pci - pci.mean()) / pci.std()


def _second_vector(gram: Matrix, first: Vector) -> Vector:
    """The second eigenvector. The first is known (value 1), so it is taken out and the largest of what remains is sought by Lanczos: no need for all of them."""
    from scipy.linalg import eigh
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    first = first / np.linalg.norm(first)
    rest = gram - np.outer(first, first)
    if len(rest) > DENSE:
        with contextlib.suppress(ArpackNoConvergence):
            return np.asarray(eigsh(rest, k=1, which="LA", v0=np.random.default_rng(1).standard_normal(len(rest)), tol=0)[1][:, 0])
    return np.asarray(eigh(rest, subset_by_index=[len(rest) - 1, len(rest) - 1])[1][:, 0])


def _related(m: Matrix, together: Matrix, pci: Vector) -> tuple[Matrix, Matrix, Matrix]:
    ubiquity = np.diagonal(together)
    proximity = together / np.maximum(ubiquity[:, None], ubiquity[None, :])
    near = proximity.sum(axis=0)
    nearness = proximity / near
    # What the region would come nearer to by taking up p, weighed by complexity, less the density it has already (Hausmann et al. 2014):
    # Σ_q (1 − m_q) φ_pq pci_q / Σφ_q − density_p pci_p, as one product.
    weighed = proximity * (pci / near)
    density, gain = m @ nearness, m @ (weighed.T + nearness * pci)
    np.subtract(weighed.sum(axis=1), gain, out=gain)
    np.copyto(gain, np.nan, where=m > 0)
    return proximity, density, gain


def _spread(values: Vector, where: Flags) -> Vector:
    found = np.full(len(where), np.nan)
    found[where] = values
    return found


def _placed(values: Matrix, rows: Flags, columns: Flags) -> Matrix:
    if rows.all() and columns.all():
        return values
    found = np.full((len(rows), len(columns)), np.nan)
    found[np.ix_(rows, columns)] = values
    return found


def fitness(has: Flags, rounds: int = 200) -> tuple[Vector, Vector]:
    """(C,) fitness and (P,) quality of Tacchella's iteration, each with mean 1; 0 for what has nothing."""
    m = has.astype(float)
    quality, fit = np.ones(m.shape[1]), np.ones(len(m))
    for _ in range(rounds):
        fit, weak = m @ quality, m.T @ np.divide(1, fit, out=np.zeros_like(fit), where=fit > 0)
        quality = np.divide(1, weak, out=np.zeros_like(weak), where=weak > 0)
        fit, quality = fit / fit.mean(), quality / quality.mean()
    return fit, quality
