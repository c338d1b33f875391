"""By how much something got less, told in both ways the field uses, and how a whole is shared among its causes. Pure.

The two ways differ, and a county that names one percentage should say which: the *mean of ratios* gives every matter the
same voice, the *ratio of sums* gives every day the same. Neither is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

from diguan.services.engine.edges import BenchRefused

Ints = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]


@dataclass(frozen=True)
class Reduction:
    """Before and after summed, and the two reductions as shares: 0.6 is 60 % less, below 0 is more.

    ``count`` pairs, of which ``without`` had nothing before: they have no ratio and are left out of ``mean_of_ratios`` alone.
    A share is None where nothing was there before at all.
    """

    before: int
    after: int
    mean_of_ratios: float | None
    ratio_of_sums: float | None
    count: int
    without: int

    def gap(self, claim: float) -> tuple[float | None, float | None]:
        """How far each falls short of a claimed share (0.6), below 0 where it is passed: mean of ratios, ratio of sums.

        >>> reduction([10, 10], [5, 5]).gap(0.6)
        (0.1, 0.1)
        """
        return (None if self.mean_of_ratios is None else round(claim - self.mean_of_ratios, 12),
                None if self.ratio_of_sums is None else round(claim - self.ratio_of_sums, 12))


def reduction(before: Sequence[int] | Ints, after: Sequence[int] | Ints, weights: Sequence[int] | None = None) -> Reduction:
    """Compare pair by pair; ``weights`` (cases of a flow in a year) count a pair several times in both ways.

    Raises:
        BenchRefused: ``lengths`` where the columns differ in length or are empty, ``negative`` for a value or weight below 0.

    >>> found = reduction([10, 40], [5, 36])
    >>> round(found.mean_of_ratios, 3), round(found.ratio_of_sums, 3)
    (0.3, 0.18)
    """
    old, new = np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)
    heavy = np.ones_like(old) if weights is None else np.asarray(weights, dtype=np.int64)
    if not len(old) or len(old) != len(new) or len(old) != len(heavy):
        raise BenchRefused("lengths", f"前后两列应一样长且不为空，现为 {len(old)} 和 {len(new)}", f"before and after must be of one length and not empty, not {len(old)} and {len(new)}")
    if min(old.min(), new.min(), heavy.min()) < 0:
        raise BenchRefused("negative", "时间、次数和权重都不能小于 0", "times, trips and weights cannot be below 0")
    known = (old > 0) & (heavy > 0)
    ratios, shares = 1 - new[known] / old[known], heavy[known]
    total, left = (int(column.sum()) if weights is None else sum(int(one) * int(weight) for one, weight in zip(column, heavy, strict=True)) for column in (old, new))
    mean = float((ratios * shares).sum() / shares.sum()) if known.any() else None
    return Reduction(total, left, mean, float(Fraction(total - left, total)) if total else None, int(heavy.sum()), int(heavy[old == 0].sum()))


def shares(causes: Sequence[str], value: Callable[[frozenset[str]], int]) -> dict[str, Fraction]:
    """What each cause took away, so that the parts add up to the whole exactly.

    A cause takes away more or less depending on what was changed before it: parallel work wins little once nobody waits.
    No order of the causes is the right one, so each gets its mean over all orders (Shapley 1953). The whole is
    ``value(none) - value(all)``.

    Args:
        causes: their names, a few: every set of them is evaluated once.
        value: what is left (days, trips) when exactly these have been changed.

    >>> left = {frozenset(): 10, frozenset("a"): 6, frozenset("b"): 7, frozenset("ab"): 5}
    >>> shares("ab", left.__getitem__)
    {'a': Fraction(3, 1), 'b': Fraction(2, 1)}
    """
    sets = [frozenset(found) for size in range(len(causes) + 1) for found in combinations(causes, size)]
    known = {found: value(found) for found in sets}
    whole = factorial(len(causes))
    return {cause: sum((Fraction(factorial(len(found)) * factorial(len(causes) - len(found) - 1) * (known[found] - known[found | {cause}]), whole)
                        for found in sets if cause not in found), Fraction()) for cause in causes}
