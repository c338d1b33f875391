"""Ranking of many candidates by a few criteria, some of them unknown: scaled values, contributions, range of scores and of ranks.

As :func:`~diguan.chains.engine.ranking.rank`, for tens of thousands: ranges of ranks are found by sorting and only for those that are asked for.
What is not known of a candidate counts in its score as the mean of what is known of the others, and from 0 to 1 in its range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused
from diguan.chains.engine.ranking import ALIKE, MOST_INCONSISTENT, Ranks, ahp, ranks
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

SPREAD, DRAWS, SEED = 0.20, 1000, 1
_BLOCK = 64
"""Draws worked out at a time: 64 × 20,000 numbers are 10 MB."""
_COMMON = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "集团公司", "集团", "控股", "公司", "股份", "corporation", "company", "holdings", "holding", "limited", "group", "corp", "inc", "ltd", "co")


def core_key(name_key: str) -> str:
    """A name's key without what companies are commonly called; the key itself where next to nothing would be left.

    >>> core_key("某某精密股份有限公司"), core_key("某某精密集团"), core_key("集团公司")
    ('某某精密', '某某精密', '集团公司')
    """
    found, before = name_key, ""
    while found != before:
        before = found
        for word in _COMMON:
            found = found.removesuffix(word)
    found = re.sub(r"^中国", "", found) if len(found) > 4 else found
    return found if len(found) > 1 else name_key


# ── scales ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Scale:
    """How a value becomes 0 to 1: between ``zero`` and ``full`` (storage units) in a straight line and flat beyond, or by ``words``."""

    zero: Fraction | None = None
    full: Fraction | None = None
    words: Mapping[int | str, float] | None = None

    def of(self, values: Sequence[int | str | None]) -> Vector:
        """(n,) values within 0 to 1; NaN where there is none, or a word the scale does not have."""
        if self.words is not None:
            return np.array([np.nan if value is None else self.words.get(value, np.nan) for value in values], dtype=np.float64)
        assert self.zero is not None
        assert self.full is not None
        told = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
        return np.clip((told - float(self.zero)) / float(self.full - self.zero), 0.0, 1.0)


# ── scores ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Scores:
    """Of n candidates by k criteria.

    Attributes:
        values: (n, k) within 0 to 1, NaN where nobody knows.
        share: (k,) weights adding up to 1.
        score: (n,) with what is not known at the mean of the others; ``low`` and ``high`` with it at 0 and 1.
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


def scores(values: Matrix, weights: Vector) -> Scores:
    """Everybody's score.

    Args:
        values: (n, k) within 0 to 1, 1 is best; NaN where nobody knows.
        weights: (k,) not below 0; they are made to add up to 1.

    Raises:
        Refusal: values outside [0, 1], or weights that are none.
    """
    if values.ndim != 2 or weights.shape != values.shape[1:] or not np.isfinite(weights).all() or weights.min(initial=0) < 0 or weights.sum() <= 0:
        raise refused("bad_weights", "权重应与准则一一对应，不小于 0 且不全为 0。", "One weight for each criterion, none below 0 and not all 0.")
    if (values < 0).any() or (values > 1).any():
        raise refused("bad_values", "各准则得分应在 0 到 1 之间。", "Values of criteria are within 0 to 1.")
    share, known = weights / weights.sum(), ~np.isnan(values)
    counted = known.sum(axis=0)
    middle = np.divide(np.nansum(values, axis=0), counted, out=np.full(len(share), 0.5), where=counted > 0)
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
        weights = drawn[start : start + _BLOCK].T
        for floor, ceiling in zip((low @ weights).T, (high @ weights).T, strict=True):
            mine_low, mine_high = floor[places], ceiling[places]
            floors, ceilings = np.sort(floor), np.sort(ceiling)
            ahead = size - np.searchsorted(floors, mine_high + ALIKE, side="right")  # oneself is never among them: a floor is below its ceiling
            behind = size - np.searchsorted(ceilings, mine_low + ALIKE, side="right") - (mine_high > mine_low + ALIKE)
            best, worst = np.minimum(best, 1 + ahead), np.maximum(worst, 1 + behind)
    return best, worst


# ── weights ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Doubt:
    """The judgement that fits the others least: it says ``told`` times, the others together say about ``implied``."""

    first: int
    second: int
    told: float
    implied: float


def judged(pairs: Matrix, titles: Sequence[Message]) -> tuple[Vector, float]:
    """Weights and consistency ratio of judgements in pairs.

    Raises:
        Refusal: ``inconsistent``, with the pair that fits the others least; or no judgement matrix at all.
    """
    found = ahp(pairs)
    if not found.consistent:
        raise inconsistent(found.consistency, worst_pair(pairs), titles)
    return found.weights, found.consistency


def worst_pair(pairs: Matrix) -> Doubt:
    """The judgement that is furthest from the weights all of them give together."""
    weights = ahp(pairs).weights
    ratio = weights[:, None] / weights[None, :]
    off = np.abs(np.log(pairs / ratio))
    first, second = np.unravel_index(int(np.triu(off).argmax()), off.shape)
    if pairs[first, second] < 1:
        first, second = second, first
    return Doubt(int(first), int(second), float(pairs[first, second]), float(ratio[first, second]))


def inconsistent(consistency: float, doubt: Doubt, titles: Sequence[Message]) -> Refusal:
    """What to raise of judgements that contradict one another."""
    one, other = titles[doubt.first], titles[doubt.second]
    return Refusal("inconsistent", [Message(
        f"两两判断前后不一致：一致性比率 {consistency:.3f}，应小于 {MOST_INCONSISTENT:.2f}。最对不上的一对是“{one.zh}”比“{other.zh}”：判为 {doubt.told:.2g} 倍，按其余判断约 {doubt.implied:.2g} 倍",
        f"the judgements contradict one another: consistency ratio {consistency:.3f}, to be below {MOST_INCONSISTENT:.2f}. Worst is “{one.en}” over “{other.en}”: told {doubt.told:.2g} times, the others say about {doubt.implied:.2g}")])
