"""Small pictures as SVG attributes: bars, ranges and trend lines, computed on the server.

The strict content policy forbids ``style="width:…"``; lengths are SVG attributes, so they print too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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


# ── charts: lines over periods, with axes that are read ──────────────────────
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 220, 64, 28, 14, 26
MOST_LABELS = 7


@dataclass(frozen=True)
class Series:
    """One line of a chart; None is a gap, never a zero."""

    name: str
    points: Sequence[float | None]


@dataclass(frozen=True)
class Drawn:
    """A series drawn: its lines, its points (x, y, label), and where its name stands."""

    name: str
    lines: tuple[str, ...]
    dots: tuple[tuple[str, str, str], ...]
    end: tuple[str, str]


@dataclass(frozen=True)
class Chart:
    """A line chart in a box of ``WIDTH`` by ``HEIGHT``: grid lines with their labels, labels of periods, the series; and the numbers for a table."""

    grid: tuple[tuple[str, str], ...]
    ticks: tuple[tuple[str, str], ...]
    series: tuple[Drawn, ...]
    labels: tuple[str, ...]
    unit: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def steps(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from below ``low`` to above ``high``, at most so many intervals.

    >>> steps(0, 87), steps(-12, 160), steps(0, 0)
    ([0.0, 25.0, 50.0, 75.0, 100.0], [-50.0, 0.0, 50.0, 100.0, 150.0, 200.0], [0.0, 0.25])
    """
    width = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(width / most))
    step = next(power * each for each in (1, 2, 2.5, 5, 10, 20) if power * each * most >= width)
    first = math.floor(low / step)
    return [step * at for at in range(first, max(math.ceil(high / step), first + 1) + 1)]


def chart(series: Sequence[Series], labels: Sequence[str], unit: str) -> Chart:
    """A line chart; its axis begins at zero unless something is below it.

    >>> drawn = chart([Series("税收", [1, None, 3])], ["2025-01", "2025-02", "2025-03"], "元")
    >>> drawn.grid[0], len(drawn.series[0].dots), drawn.rows[1]
    (('194.0', '0'), 2, ('2025-02', ('—',)))
    """
    known = [point for one in series for point in one.points if point is not None] or [0.0]
    marks = steps(min(0.0, *known), max(0.0, *known))
    low, high = marks[0], marks[-1]

    def place(at: int, point: float) -> tuple[float, float]:
        share = (point - low) / (high - low)
        return LEFT + at * (WIDTH - LEFT - RIGHT) / max(len(labels) - 1, 1), HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    every = max(1, -(-len(labels) // MOST_LABELS))
    return Chart(
        tuple((f"{place(0, mark)[1]:.1f}", plain(mark)) for mark in marks), tuple((f"{place(at, low)[0]:.1f}", label) for at, label in enumerate(labels) if (len(labels) - 1 - at) % every == 0),
        tuple(_drawn(one, labels, place) for one in series), tuple(labels), unit,
        tuple((label, tuple(plain(one.points[at]) for one in series)) for at, label in enumerate(labels)))


def _drawn(one: Series, labels: Sequence[str], place: Callable[[int, float], tuple[float, float]]) -> Drawn:
    runs: list[list[tuple[float, float]]] = [[]]
    dots = []
    for at, point in enumerate(one.points):
        if point is None:
            runs.append([])
        else:
            x, y = place(at, point)
            runs[-1].append((x, y))
            dots.append((f"{x:.1f}", f"{y:.1f}", f"{labels[at]} {plain(point)}"))
    lines = tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in runs if len(run) > 1)
    return Drawn(one.name, lines, tuple(dots), (dots[-1][0], dots[-1][1]) if dots else ("0", "0"))


def plain(point: float | None) -> str:
    """A number for an axis or a table, large ones by ten thousands and hundred millions.

    >>> plain(1234.5), plain(12_500_000.0), plain(-320_000_000.0), plain(None)
    ('1,234.5', '1,250万', '−3.2亿', '—')
    """
    if point is None:
        return "—"
    size = abs(point)
    text = f"{size / 1e8:,.2f}".rstrip("0").rstrip(".") + "亿" if size >= 1e8 else f"{size / 1e4:,.1f}".rstrip("0").rstrip(".") + "万" if size >= 1e5 else f"{size:,.2f}".rstrip("0").rstrip(".")
    return f"−{text}" if point < 0 else text
