"""Ranks with their reasons: weighted parts, how far a rank moves when the weights do, nearness to the best there is (TOPSIS), and weights by judgement
(AHP) or by the data (entropy).

A fact nobody knows gives a range of scores, never 0. Sources: Saaty 1980 (AHP, consistency); Hwang and Yoon 1981 (TOPSIS); Shannon entropy as used in
multi-criteria choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused

Ranks = np.ndarray[Any, np.dtype[np.int64]]
ALIKE = 1e-9
MOST_INCONSISTENT = 0.10
SPREAD, DRAWS, SEED = 0.20, 1000, 1
_BLOCK = 64
"""Draws worked out at a time: 64 × 20,000 numbers are 10 MB."""
_RANDOM = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.54, 1.56, 1.58, 1.59)
"""Saaty's mean inconsistency of random judgements, by the number of criteria."""


@dataclass(frozen=True)
class Scores:
    """Of n candidates by k criteria.

    Attributes:
        values: (n, k) within 0 to 1, NaN where nobody knows.
        share: (k,) weights adding up to 1.
        score: (n,) with what is not known at its middle; ``low`` and ``high`` with it at 0 and 1.
        parts: (n, k) weight times value; they add up to ``score``.
        middle: (k,) what an unknown value counts.
        rank: (n,) from 1; equal scores share the better rank. ``tied``: somebody else has the same.
    """

    values: Matrix
    share: Vector
    score: Vector
    low: Vector
    high: Vector
    parts: Matrix
    middle: Vector
    rank: Ranks
    tied: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Ranking(Scores):
    """The same with (n,) ``best`` and ``worst`` ranks reached over the draws of weights, and over what is not known."""

    best: Ranks
    worst: Ranks


def ranks(scores: Matrix) -> Ranks:
    """Ranks from 1 along the last axis, higher is better; scores within :data:`ALIKE` of one another in a row share the better rank.

    >>> ranks(np.array([0.2, 0.9, 0.9, 0.1])).tolist()
    [3, 1, 1, 4]
    """
    order = np.argsort(-scores, axis=-1, kind="stable")
    sorted_ = np.take_along_axis(scores, order, axis=-1)
    first = np.ones(scores.shape, dtype=bool)
    first[..., 1:] = sorted_[..., :-1] - sorted_[..., 1:] > ALIKE
    places = np.maximum.accumulate(np.where(first, np.arange(1, scores.shape[-1] + 1), 0), axis=-1)
    found = np.empty(scores.shape, dtype=np.int64)
    np.put_along_axis(found, order, places, axis=-1)
    return found


def means(values: Matrix) -> Vector:
    """(k,) of what is known of each criterion; 0.5 where nothing is."""
    counted = (~np.isnan(values)).sum(axis=0)
    return np.divide(np.nansum(values, axis=0), counted, out=np.full(values.shape[1], 0.5), where=counted > 0)


def scores(values: Matrix, weights: Vector, middle: Vector | None = None) -> Scores:
    """Candidates by the weighted sum of their values.

    Args:
        values: (n, k) within 0 to 1, 1 is best; NaN where nobody knows.
        weights: (k,) not below 0; they are made to add up to 1.
        middle: (k,) what an unknown value counts in the score; the mean of what is known where left out.

    Raises:
        Refusal: values outside [0, 1], or weights below 0 or all 0.
    """
    if values.ndim != 2 or weights.shape != values.shape[1:] or not np.isfinite(weights).all() or weights.min(initial=0) < 0 or weights.sum() <= 0:
        raise refused("bad_weights", "权重应与准则一一对应，不小于 0 且不全为 0。", "One weight for each criterion, none below 0 and not all 0.")
    if (values < 0).any() or (values > 1).any():
        raise refused("bad_values", "各准则得分应在 0 到 1 之间。", "Values of criteria are within 0 to 1.")
    share, known = weights / weights.sum(), ~np.isnan(values)
    middle = means(values) if middle is None else middle
    parts = np.where(known, values, middle) * share
    score = parts.sum(axis=1)
    place = ranks(score)
    _each, at, times = np.unique(place, return_inverse=True, return_counts=True)
    return Scores(values, share, score, np.where(known, values, 0.0) @ share, np.where(known, values, 1.0) @ share, parts, middle, place, times[at] > 1)


def reached(found: Scores, asked: Sequence[int], spread: float = SPREAD, draws: int = DRAWS, seed: int = SEED) -> tuple[Ranks, Ranks]:
    """Best and worst ranks of the candidates ``asked`` for (by place), over all draws of weights and whatever is not known.

    Each weight is drawn within ± ``spread`` of itself, and once as it is. At its best a candidate's unknowns are 1 and everybody else's 0.
    """
    known = ~np.isnan(found.values)
    low, high = np.where(known, found.values, 0.0), np.where(known, found.values, 1.0)
    drawn = found.share * np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (draws, len(found.share)))
    drawn = np.vstack([found.share, drawn / drawn.sum(axis=1, keepdims=True)])
    places, size = np.asarray(asked, dtype=np.int64), len(found.values)
    best, worst = np.full(len(places), size, dtype=np.int64), np.ones(len(places), dtype=np.int64)
    for start in range(0, len(drawn), _BLOCK):
        weights = drawn[start : start + _BLOCK]
        floor, ceiling = weights @ low.T, weights @ high.T
        mine_low, mine_high = floor[:, places], ceiling[:, places]
        ahead = _above(floor, mine_high)  # oneself is never among them: a floor is below its ceiling
        behind = _above(ceiling, mine_low) - (mine_high > mine_low + ALIKE)
        best, worst = np.minimum(best, 1 + ahead.min(axis=0, initial=size)), np.maximum(worst, 1 + behind.max(axis=0, initial=0))
    return best, worst


def _above(values: Matrix, marks: Matrix) -> Ranks:
    """(b, p) how many of a row's values (b, n) lie above each of its marks (b, p) by more than :data:`ALIKE`; both within 0 to 1."""
    row = np.arange(len(values))[:, None]
    # Rows set apart from one another are one sorted line, searched at once.
    found = np.searchsorted(np.sort(values + 4 * row, axis=1).ravel(), (marks + ALIKE + 4 * row).ravel(), side="right").reshape(marks.shape)
    return np.asarray((row + 1) * values.shape[1] - found, dtype=np.int64)


def rank(values: Matrix, weights: Vector, spread: float = SPREAD, draws: int = DRAWS, seed: int = SEED, middle: Vector | None = None) -> Ranking:
    """As :func:`scores`, with the range of everybody's ranks; what is not known counts 0.5 where ``middle`` is left out. For the rest see :func:`reached`."""
    found = scores(values, weights, np.full(len(weights), 0.5) if middle is None else middle)
    best, worst = reached(found, range(len(values)), spread, draws, seed)
    return Ranking(**vars(found), best=best, worst=worst)


@dataclass(frozen=True)
class Nearest:
    """Of n candidates by k criteria.

    Attributes:
        score: (n,) 0 the worst of everything there is, 1 the best, with what is not known at the middle of its criterion; ``low`` and ``high`` with
            a candidate's own unknowns at the worst and the best.
        lacking: (n, k) parts of the squared distance to the best: what a candidate falls short by, and in which criterion.
        rank, tied: as in :class:`Ranking`.
    """

    score: Vector
    low: Vector
    high: Vector
    lacking: Matrix
    rank: Ranks
    tied: np.ndarray[Any, np.dtype[np.bool_]]


def topsis(values: Matrix, weights: Vector, costs: Sequence[int] = ()) -> Nearest:
    """Candidates by how near they are to the best of each criterion, and how far from the worst, among those that stand here.

    The scale is set by the candidates themselves: one that comes or goes may turn two others round. Where that must not be, take :func:`rank`.

    Args:
        values: (n, k) in any units, more is better; NaN where nobody knows.
        weights: (k,) not below 0; they are made to add up to 1.
        costs: criteria, by place, where less is better.

    Raises:
        Refusal: weights below 0 or all 0, a criterion nobody knows anything of, or candidates that are all alike.
    """
    if values.ndim != 2 or weights.shape != values.shape[1:] or not np.isfinite(weights).all() or weights.min(initial=0) < 0 or weights.sum() <= 0:
        raise refused("bad_weights", "权重应与准则一一对应，不小于 0 且不全为 0。", "One weight for each criterion, none below 0 and not all 0.")
    if np.isinf(values).any() or np.isnan(values).all(axis=0).any():
        raise refused("bad_values", "各值应为数，每项准则至少有一个候选的值是知道的。", "Values are numbers, and of each criterion that of one candidate at least is known.")
    signs = np.ones(len(weights))
    signs[list(costs)] = -1.0
    most, least = np.nanmax(values * signs, axis=0) * signs, np.nanmin(values * signs, axis=0) * signs
    share, unknown = weights / weights.sum(), np.isnan(values)
    middle = np.where(unknown, (most + least) / 2, values)
    if (middle == middle[0]).all():
        raise refused("all_alike", "所有候选在各准则上都相同，分不出先后。", "Candidates are alike in every criterion: none comes before another.")
    score, lacking = _nearness(middle, share, signs)
    low, high = score.copy(), score.copy()
    for at in np.flatnonzero(unknown.any(axis=1)):
        ends = [_nearness(np.vstack([np.where(unknown[at], end, values[at]), middle[np.arange(len(middle)) != at]]), share, signs)[0][0] for end in (least, most)]
        low[at], high[at] = min(*ends, score[at]), max(*ends, score[at])
    return Nearest(score, low, high, lacking, ranks(score), np.array([(np.abs(score - each) <= ALIKE).sum() > 1 for each in score]))


def _nearness(values: Matrix, share: Vector, signs: Vector) -> tuple[Vector, Matrix]:
    lengths = np.sqrt((values**2).sum(axis=0))
    weighed = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0) * share * signs
    lacking, gained = (weighed - weighed.max(axis=0)) ** 2, (weighed - weighed.min(axis=0)) ** 2
    to_best, to_worst = np.sqrt(lacking.sum(axis=1)), np.sqrt(gained.sum(axis=1))
    whole = to_best + to_worst
    return np.divide(to_worst, whole, out=np.full(len(whole), 0.5), where=whole > 0), lacking


@dataclass(frozen=True)
class Judged:
    """``weights`` (k,) adding up to 1; ``consistency`` ratio, to be below :data:`MOST_INCONSISTENT`."""

    weights: Vector
    consistency: float

    @property
    def consistent(self) -> bool:
        return self.consistency < MOST_INCONSISTENT


def ahp(pairs: Matrix) -> Judged:
    """Weights from judgements in pairs: ``pairs[i, j]`` says how many times as important i is as j.

    Raises:
        Refusal: not square, not above 0, not reciprocal, or more than 15 criteria.
    """
    size = len(pairs)
    if pairs.shape != (size, size) or not 1 <= size < len(_RANDOM) or not (np.isfinite(pairs).all() and (pairs > 0).all()) or not np.allclose(pairs * pairs.T, 1, rtol=1e-6):
        raise refused("bad_judgements", "判断矩阵应为正方、全正、互反（a_ij·a_ji = 1），准则不超过 15 个。", "Judgements form a square of numbers above 0 with a_ij·a_ji = 1, for 15 criteria at most.")
    values, vectors = np.linalg.eig(pairs)
    at = int(values.real.argmax())
    weights = np.abs(vectors[:, at].real)
    index = (float(values[at].real) - size) / (size - 1) if size > 2 else 0.0
    return Judged(weights / weights.sum(), max(0.0, index / _RANDOM[size]) if size > 2 else 0.0)


def entropy_weights(values: Matrix) -> Vector:
    """(k,) weights by how much a criterion tells candidates apart; one that is the same for all has 0. ``values`` (n, k) within 0 to 1, none unknown.

    Raises:
        Refusal: unknown values, fewer than two candidates, or nothing that tells them apart.
    """
    if len(values) < 2 or not np.isfinite(values).all() or (values < 0).any():
        raise refused("bad_values", "熵权法要求至少两个候选且没有缺数。", "Entropy weights need two candidates at least, and no value unknown.")
    sums = values.sum(axis=0)
    share = np.divide(values, sums, out=np.full(values.shape, 1 / len(values)), where=sums > 0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    told = np.maximum(0.0, 1 + (share * logs).sum(axis=0) / np.log(len(values)))
    told = np.where(told < 1e-12, 0.0, told)
    if told.sum() == 0:
        raise refused("all_alike", "所有候选在各准则上都相同，熵权法给不出权重。", "Candidates are alike in every criterion: entropy gives no weights.")
    return np.asarray(told / told.sum())


def names_of_ties(found: Ranking, names: Sequence[str]) -> list[list[str]]:
    """Groups of candidates that share a rank, in order of rank."""
    return [group for place in sorted(set(found.rank.tolist())) if len(group := [name for name, mine in zip(names, found.rank, strict=True) if mine == place]) > 1]
