"""How days are spread: the middle one and the one that nine of ten keep to, never the mean. Plain numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def nearest(ordered: Sequence[int], percent: int) -> int | None:
    """The value so many percent keep to (nearest rank, so it is one that was measured); None of nothing.

    >>> nearest([3, 5, 8, 13], 50), nearest([3, 5, 8, 13], 90), nearest([7], 90), nearest([], 50)
    (5, 13, 7, None)
    """
    return int(ordered[max(0, -(-percent * len(ordered) // 100) - 1)]) if len(ordered) else None


@dataclass(frozen=True)
class Spread:
    """Of how many, the least, the middle, what nine of ten keep to, and the most; None where there is none."""

    count: int
    least: int | None
    p50: int | None
    p90: int | None
    most: int | None


def of(values: Sequence[int]) -> Spread:
    """The spread of days.

    >>> of([9, 2, 4]), of([]).p50
    (Spread(count=3, least=2, p50=4, p90=9, most=9), None)
    """
    ordered = sorted(values)
    return Spread(len(ordered), nearest(ordered, 0), nearest(ordered, 50), nearest(ordered, 90), nearest(ordered, 100))


def binned(values: Sequence[int], edges: Sequence[int]) -> list[tuple[int, int | None, int]]:
    """How many lie from each edge to the day before the next; the last is open.

    >>> binned([0, 5, 6, 40], [0, 6, 30])
    [(0, 5, 2), (6, 29, 1), (30, None, 1)]
    """
    ends: list[int | None] = [*(edge - 1 for edge in edges[1:]), None]
    return [(low, high, sum(low <= value and (high is None or value <= high) for value in values)) for low, high in zip(edges, ends, strict=True)]
