"""What became of those who received: a jump at the threshold (RDD) and a change beside the others' change (DiD).

Every estimate is a regression of statsmodels with robust errors (HC3); nothing is estimated by code of ours. Numbers in, numbers
out: whoever calls knows what they mean. What the data do not carry is refused with a :class:`Refused`, never printed.
statsmodels takes 75 MB of memory and is loaded by the first estimate, in the process that evaluates.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Marks = NDArray[np.bool_]
FEWEST, FEW = 20, 50
"""Fewer firms on a side than the first: no answer; fewer than the second: a warning."""
KNOWN, APART = 0.5, 0.1
"""Of fewer than this share known: no answer; shares of two groups further apart than this: a warning."""
LEVEL = 0.95
CANONICAL = 2.43
"""A triangular kernel this many times as wide smooths as a Gaussian one (Marron and Nolan 1988): what turns Scott's width into ours."""
MULTIPLES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
NEAREST = 60
"""So many firms nearest to the threshold are counted on its two sides."""
BINS = 8
"""Bins on either side of the threshold, in the chart and its table."""
SUPPRESS = 3
"""The mean of fewer firms would tell what one of them reported."""


class Refused(ValueError):
    """There is no answer. ``code`` says why; ``left`` and ``right`` how many firms there were (compared, received)."""

    def __init__(self, code: str, left: int = 0, right: int = 0) -> None:
        self.code, self.left, self.right = code, left, right
        super().__init__(f"{code}: {left} | {right}")


@dataclass(frozen=True)
class Estimate:
    """A difference with its interval; ``left`` are the firms compared with, ``right`` those that crossed or received."""

    estimate: float
    low: float
    high: float
    p: float
    left: int
    right: int

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Bin:
    """Firms whose running variable lies in a stretch; the mean of fewer than three is not told."""

    low: float
    high: float
    over: bool
    count: int
    mean: float | None


@dataclass(frozen=True)
class Discontinuity:
    """What the threshold shows. Distances are in the unit of the running variable, from the threshold.

    ``share_left`` and ``share_right`` say which part of the firms within the bandwidth received.
    """

    effect: Estimate
    bandwidth: float
    share_left: float
    share_right: float
    sensitivity: Mapping[float, Estimate | None]
    placebos: Mapping[float, Estimate | None]
    near_left: int
    near_right: int
    density_p: float
    balance: Mapping[str, Estimate | None]
    bins: tuple[Bin, ...]
    warnings: tuple[str, ...]

    @property
    def sharp(self) -> bool:
        """Whether the threshold alone decides who receives."""
        return self.share_left == 0 and self.share_right == 1


@dataclass(frozen=True)
class Change:
    """Two groups before and after. ``trends`` is the same difference between earlier periods, newest first; ``means`` by group and period, oldest first."""

    effect: Estimate
    trends: tuple[Estimate | None, ...]
    means_left: tuple[float | None, ...]
    means_right: tuple[float | None, ...]
    without_largest: Estimate
    warnings: tuple[str, ...]


# ── the jump at a threshold ──────────────────────────────────────────────────
def discontinuity(distance: Numbers, outcome: Numbers, over: Marks, received: Marks, covariates: Mapping[str, Numbers] | None = None) -> Discontinuity:
    """The local linear difference in the outcome at the threshold between those just over it and those just short of it.

    Args:
        distance: of every firm from the threshold, in the unit of the running variable.
        outcome: NaN where nobody knows it.
        over: who meets the condition; what the threshold decides.
        received: who received.
        covariates: what was settled before, to be equal on both sides; NaN where unknown.

    Raises:
        Refused: ``too_few``, ``outcome_unknown``, ``no_variation``, ``all_received``, ``none_received``, ``no_jump``.
    """
    _both(received)
    _sides(over)
    width = bandwidth(distance)
    near = np.abs(distance) < width
    known = near & ~np.isnan(outcome)
    _sides(over[near])
    _known(known, near, over)
    _sides(over[known])
    if np.ptp(outcome[known]) == 0:
        raise Refused("no_variation", *_count(over[known]))
    left, right = float(received[near & ~over].mean()), float(received[near & over].mean())
    if right <= left:
        raise Refused("no_jump", *_count(over[known]))
    effect = _jump(distance, outcome, over, width)
    sensitivity = {multiple: _try_jump(distance, outcome, over, width * multiple) for multiple in MULTIPLES}
    placebos = _placebos(distance, outcome, over, width)
    near_left, near_right, p = density(distance, over)
    balance = {name: _try_jump(distance, values, over, width) for name, values in (covariates or {}).items()}
    warnings = _doubts(effect, sensitivity, placebos, p, balance)
    if left > 0 or right < 1:
        warnings.append("fuzzy")
    if _apart(known, near, over):
        warnings.append("attrition")
    if min(len(np.unique(distance[known & side])) for side in (over, ~over)) < BINS:
        warnings.append("few_values")
    return Discontinuity(effect, width, left, right, sensitivity, placebos, near_left, near_right, p, balance, _bins(distance, outcome, over, known, width), tuple(warnings))


def bandwidth(distance: Numbers) -> float:
    """How far from the threshold firms are compared: Scott's width for the spread of the running variable, made fit for our kernel.

    It depends on the running variable alone, so nobody can choose it by the answer.

    Raises:
        Refused: ``no_spread``.
    """
    from statsmodels.nonparametric.bandwidths import bw_scott

    width = CANONICAL * float(bw_scott(distance)) if len(distance) > 1 else 0.0
    if not width > 0:
        raise Refused("no_spread", len(distance))
    return width


def _jump(distance: Numbers, outcome: Numbers, over: Marks, width: float) -> Estimate:
    """The jump at distance 0; lines of their own slope on either side, nearer firms weigh more."""
    from statsmodels.regression.linear_model import WLS

    used = (np.abs(distance) < width) & ~np.isnan(outcome)
    _sides(over[used])
    x, side = distance[used] / width, over[used].astype(float)
    design = np.column_stack([np.ones_like(x), side, x, side * x])
    if min(len(np.unique(x[side == one])) for one in (0, 1)) < 3:
        raise Refused("no_spread", *_count(over[used]))
    fit = WLS(outcome[used], design, weights=1 - np.abs(x)).fit(cov_type="HC3", use_t=True)
    return _estimate(fit, over[used])


def _estimate(fit: Any, right: Marks) -> Estimate:
    """The second coefficient of a fit."""
    low, high = fit.conf_int(alpha=1 - LEVEL)[1]
    value, low, high, p = (float(each) for each in (fit.params[1], low, high, fit.pvalues[1]))
    if not np.isfinite([value, low, high, p]).all():
        raise Refused("no_variation", *_count(right))
    return Estimate(value, low, high, p, *_count(right))


def _try_jump(distance: Numbers, outcome: Numbers, over: Marks, width: float) -> Estimate | None:
    """A jump, or None where the data do not carry it."""
    try:
        return _jump(distance, outcome, over, width)
    except Refused:
        return None


def _placebos(distance: Numbers, outcome: Numbers, over: Marks, width: float) -> dict[float, Estimate | None]:
    """Jumps where there is no threshold: at the middle firm of either side, among that side's firms alone."""
    found = {}
    for side in (~over, over):
        inside = side & (np.abs(distance) < 2 * width)
        middle = float(np.median(distance[inside]))
        further = distance[inside] > middle if _up(distance, over) else distance[inside] < middle
        found[middle] = _try_jump(distance[inside] - middle, outcome[inside], further, width)
    return found


def _up(distance: Numbers, over: Marks) -> bool:
    """Whether the condition is met by more, not by less."""
    return bool(distance[over].mean() > distance[~over].mean())


def density(distance: Numbers, over: Marks) -> tuple[int, int, float]:
    """How many of the nearest firms stand on either side, and the binomial test's p of that being chance.

    Where firms stand at the threshold itself, as with whole numbers, distances are taken from half a step beside it: else the side
    that the threshold belongs to would have a value more than the other.
    """
    from scipy.stats import binomtest

    step = float(np.diff(np.unique(distance)).min())
    middle = 0.0 if not (distance == 0).any() else step / 2 if _up(distance, over) != over[distance == 0][0] else -step / 2
    away = np.abs(distance - middle)
    inside = away <= np.sort(away)[min(NEAREST, len(away)) - 1] * (1 + 1e-9)
    left, right = _count(over[inside])
    return left, right, float(binomtest(right, left + right, 0.5).pvalue)


def _doubts(effect: Estimate, sensitivity: Mapping[float, Estimate | None], placebos: Mapping[float, Estimate | None], density_p: float,
            balance: Mapping[str, Estimate | None]) -> list[str]:
    tried = [one for one in balance.values() if one]
    found = {
        "small": min(effect.left, effect.right) < FEW,
        "unstable": any(one and (one.estimate > 0) != (effect.estimate > 0) for one in sensitivity.values()) and effect.sure,
        "placebo": any(one and one.sure for one in placebos.values()),
        "no_placebo": not any(placebos.values()),
        "bunching": density_p < 1 - LEVEL,
        "unbalanced": any(one.p < (1 - LEVEL) / len(tried) for one in tried),
        "no_balance": not tried,
    }
    return [code for code, holds in found.items() if holds]


def _bins(distance: Numbers, outcome: Numbers, over: Marks, known: Marks, width: float) -> tuple[Bin, ...]:
    """Means of equal stretches within the bandwidth, from the lowest distance to the highest; no stretch crosses the threshold."""
    found = []
    for start in range(-BINS, BINS):
        low, high = width * start / BINS, width * (start + 1) / BINS
        for side in (True, False):
            inside = known & (over == side) & (distance >= low) & (distance < high)
            count = int(inside.sum())
            if count:
                found.append(Bin(low, high, side, count, float(outcome[inside].mean()) if count >= SUPPRESS else None))
    return tuple(found)


# ── before and after ─────────────────────────────────────────────────────────
def change(periods: Sequence[Numbers], received: Marks) -> Change:
    """How much more the outcome of the receivers changed than that of the others.

    One difference a firm, so that whatever stays the same about it drops out and errors are a firm's own.

    Args:
        periods: the outcome, oldest period first, the last two being before and after; NaN where nobody knows it.
        received: who received.

    Raises:
        Refused: ``all_received``, ``none_received``, ``too_few``, ``outcome_unknown``, ``no_variation``.
    """
    *earlier, before, after = periods
    _both(received)
    _sides(received)
    known = ~np.isnan(before) & ~np.isnan(after)
    _known(known, np.ones_like(known), received)
    effect = _difference(after - before, received)
    steps = [*earlier, before]
    trends = tuple(_try_difference(late - early, received) for early, late in reversed(list(itertools.pairwise(steps))))
    without = _difference(_less_largest(after - before, received), received)
    warnings = [code for code, holds in {
        "small": min(effect.left, effect.right) < FEW,
        "one_firm": effect.sure and (not without.sure or (without.estimate > 0) != (effect.estimate > 0)),
        "pretrend": any(one and one.sure for one in trends),
        "no_pretrend": not any(trends),
        "attrition": _apart(known, np.ones_like(known), received),
    }.items() if holds]
    return Change(effect, trends, _means(periods, known & ~received), _means(periods, known & received), without, tuple(warnings))


def _difference(delta: Numbers, received: Marks) -> Estimate:
    from statsmodels.regression.linear_model import OLS

    used = ~np.isnan(delta)
    _sides(received[used])
    if np.ptp(delta[used]) == 0:
        raise Refused("no_variation", *_count(received[used]))
    design = np.column_stack([np.ones(int(used.sum())), received[used].astype(float)])
    return _estimate(OLS(delta[used], design).fit(cov_type="HC3", use_t=True), received[used])


def _try_difference(delta: Numbers, received: Marks) -> Estimate | None:
    try:
        return _difference(delta, received)
    except Refused:
        return None


def _less_largest(delta: Numbers, received: Marks) -> Numbers:
    """Without the firm of either group whose change is furthest from its group's middle, where enough are left."""
    found = delta.copy()
    for group in (received, ~received):
        inside = group & ~np.isnan(delta)
        if inside.sum() > FEWEST:
            away = np.where(inside, np.abs(delta - np.median(delta[inside])), -1)
            found[int(np.argmax(away))] = np.nan
    return found


def _means(periods: Sequence[Numbers], inside: Marks) -> tuple[float | None, ...]:
    """Means of the firms known before and after, by period."""
    found: list[float | None] = []
    for values in periods:
        told = values[inside & ~np.isnan(values)]
        found.append(float(told.mean()) if len(told) >= SUPPRESS else None)
    return tuple(found)


# ── what is refused ──────────────────────────────────────────────────────────
def _count(right: Marks) -> tuple[int, int]:
    return int((~right).sum()), int(right.sum())


def _both(received: Marks) -> None:
    if not received.any() or received.all():
        raise Refused("all_received" if received.any() else "none_received", *_count(received))


def _sides(right: Marks) -> None:
    left, count = _count(right)
    if min(left, count) < FEWEST:
        raise Refused("too_few", left, count)


def _known(known: Marks, of: Marks, right: Marks) -> None:
    if any(_share(known, of & side) < KNOWN for side in (right, ~right)):
        raise Refused("outcome_unknown", *_count(right[known]))


def _apart(known: Marks, of: Marks, right: Marks) -> bool:
    """Whether the outcome is known of one group much more often than of the other."""
    return abs(_share(known, of & right) - _share(known, of & ~right)) > APART


def _share(known: Marks, of: Marks) -> float:
    return float(known[of].mean()) if of.any() else 0.0
