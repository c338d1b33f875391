"""Small pictures as SVG attributes: bars, ranges and trend lines, computed on the server.

The strict content policy forbids ``style="width:…"``; lengths are SVG attributes, so they print too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A piece of a bar in percent of its width, as SVG writes it."""

    x: str
    width: str


def span(start: float, length: float, whole: float) -> Span:
    """A piece of a bar.

    >>> span(0, 84, 587)
    Span(x='0.00%', width='14.31%')
    """
    if whole <= 0:
        return Span("0%", "0%")
    return Span(f"{100 * start / whole:.2f}%", f"{100 * max(length, 0) / whole:.2f}%")


@dataclass(frozen=True)
class Trend:
    """Lines (a gap splits them), lone points and the last point of a trend, in a 72 by 20 box."""

    lines: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]


def trend(points: Sequence[float | int | None], width: int = 72, height: int = 20) -> Trend:
    """A trend line. None is a gap in the line, never a zero.

    >>> trend([1, None, 3, 5]).lines
    ('48.0,10.0 70.0,2.0',)
    """
    known = [point for point in points if point is not None]
    if not known:
        return Trend((), ())
    low, high = min(known), max(known)
    step = (width - 6) / max(len(points) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for place, point in enumerate(points):
        if point is None:
            runs.append([])
        else:
            share = (point - low) / (high - low) if high > low else 0.5
            runs[-1].append((4 + place * step, (height - 2) - share * (height - 4)))
    runs = [run for run in runs if run]
    lines = tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in runs if len(run) > 1)
    lone = [run[0] for run in runs if len(run) == 1]
    if runs[-1][-1] not in lone:
        lone.append(runs[-1][-1])
    return Trend(lines, tuple((f"{x:.1f}", f"{y:.1f}") for x, y in lone))
