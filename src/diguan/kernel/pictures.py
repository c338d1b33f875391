"""Pictures as SVG attributes: bars, ranges, trend lines and charts, computed on the server.

The strict content policy forbids ``style="width:…"``; lengths are SVG attributes, so they print too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace


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
SMALL, LOW = 360, 190
"""The width and height of the same for a phone."""
MOST_LABELS, LABEL, LETTERS, NARROW = 7, 14, 9, 13
"""So many periods are written below, a name takes so much height, and so many Chinese letters of it fit, or so many others."""


@dataclass(frozen=True)
class Series:
    """One line of a chart; None is a gap, never a zero. ``part`` says of which points only a part is known: their marks are hollow; ``urls`` where the rows of each are."""

    name: str
    points: Sequence[float | None]
    part: frozenset[int] = frozenset()
    urls: Sequence[str] = ()


Row = tuple[str, tuple[tuple[str, str], ...]]
"""A line of a chart's table: its label, and of each series the number and where its rows are (empty: nowhere)."""


@dataclass(frozen=True)
class Drawn:
    """A series drawn: its lines, its marks (path, what it says, whether only a part is known), and where its name stands."""

    name: str
    lines: tuple[str, ...]
    dots: tuple[tuple[str, str, bool], ...]
    end: tuple[str, str]

    @property
    def short(self) -> str:
        """As much of its name as fits beside the line."""
        return _short_name(self.name)

    @property
    def chinese(self) -> bool:
        """Whether it is to be marked as Chinese on a page of another language."""
        return _chinese(self.name)


def _chinese(name: str) -> bool:
    return any(ord(letter) > 0x2E7F for letter in name)


def _short_name(name: str) -> str:
    """As much of a name as fits beside its line.

    >>> _short_name("鞋帽服装"), _short_name("Watches and clocks")
    ('鞋帽服装', 'Watches and…')
    """
    most = LETTERS if _chinese(name) else NARROW
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


@dataclass(frozen=True)
class Chart:
    """A line chart in a box of ``width`` by ``height``: grid lines with their labels, labels of periods, the series; and the numbers for a table."""

    grid: tuple[tuple[str, str], ...]
    ticks: tuple[tuple[str, str], ...]
    series: tuple[Drawn, ...]
    labels: tuple[str, ...]
    unit: str
    rows: tuple[Row, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM
    heads: tuple[str, ...] = ()
    """The names above the columns of the table."""
    small: Chart | None = None
    """The same for a phone, where a wide picture would be shrunk until nobody reads its letters."""

    @property
    def hollow(self) -> bool:
        """Whether any mark is hollow, which the page then explains."""
        return any(part for one in self.series for _path, _says, part in one.dots)


def steps(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from below ``low`` to above ``high``, at most so many intervals, at least one.

    >>> steps(0, 87), steps(-12, 160), steps(0, 0)
    ([0.0, 25.0, 50.0, 75.0, 100.0], [-50.0, 0.0, 50.0, 100.0, 150.0, 200.0], [0.0, 0.25])
    """
    width = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(width / most))
    step = next(power * each for each in (1, 2, 2.5, 5, 10, 20) if power * each * most >= width)
    first = math.floor(low / step)
    return [step * at for at in range(first, max(math.ceil(high / step), first + 1) + 1)]


def chart(series: Sequence[Series], labels: Sequence[str], unit: str, *, width: int = WIDTH, height: int = HEIGHT, zh: bool = True) -> Chart:
    """A line chart; its axis begins at zero unless something is below it. Names of several series stand at the lines' ends, one below another.

    >>> drawn = chart([Series("税收", [1, None, 3])], ["2025-01", "2025-02", "2025-03"], "元")
    >>> drawn.grid[0], len(drawn.series[0].dots), drawn.rows[1]
    (('194.0', '0'), 2, ('2025-02', (('—', ''),)))
    """
    known = [point for one in series for point in one.points if point is not None] or [0.0]
    marks = steps(min(0.0, *known), max(0.0, *known))
    low, high = marks[0], marks[-1]
    right = width - (RIGHT if len(series) < 2 else max(RIGHT, 12 + max(_letters(one.name) for one in series)))

    def place(at: int, point: float) -> tuple[float, float]:
        share = (point - low) / (high - low)
        return LEFT + at * (right - LEFT) / max(len(labels) - 1, 1), height - BOTTOM - share * (height - TOP - BOTTOM)

    every = max(1, -(-len(labels) // max(2, round(MOST_LABELS * (right - LEFT) / (WIDTH - LEFT - RIGHT)))))
    drawn = [_drawn(one, labels, place, number, zh=zh) for number, one in enumerate(series)]
    ends = apart([float(one.end[1]) for one in drawn], LABEL, TOP, height - BOTTOM)
    return Chart(
        tuple((f"{place(0, mark)[1]:.1f}", plain(mark, zh=zh)) for mark in marks), tuple((f"{place(at, low)[0]:.1f}", label) for at, label in enumerate(labels) if (len(labels) - 1 - at) % every == 0),
        tuple(replace(one, end=(f"{right + 8}", f"{y:.1f}")) for one, y in zip(drawn, ends, strict=True)), tuple(labels), unit,
        _rows(series, labels, zh=zh), width, height, LEFT, right, height - BOTTOM, tuple(one.name for one in series),
        chart(series, labels, unit, width=SMALL, height=LOW, zh=zh) if width > SMALL else None)


def tabled(drawn: Chart, series: Sequence[Series], *, zh: bool = True) -> Chart:
    """The same picture with a table of more series than have room in it.

    >>> one, two = Series("甲", [1]), Series("乙", [2])
    >>> more = tabled(chart([one], ["2025-01"], "元"), [one, two])
    >>> len(more.series), more.heads, more.rows
    (1, ('甲', '乙'), (('2025-01', (('1', ''), ('2', ''))),))
    """
    return replace(drawn, heads=tuple(one.name for one in series), rows=_rows(series, drawn.labels, zh=zh))


def _rows(series: Sequence[Series], labels: Sequence[str], *, zh: bool) -> tuple[Row, ...]:
    """The table of series: a row a label, a number each."""
    return tuple((label, tuple((plain(one.points[at], zh=zh), one.urls[at] if one.urls else "") for one in series)) for at, label in enumerate(labels))


def _letters(name: str) -> int:
    """About how wide a name is: a Chinese letter is as wide as it is high."""
    return sum(13 if ord(letter) > 0x2E7F else 7 for letter in _short_name(name))


def apart(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """The same places, moved as little as keeps them so far from each other and between two ends, in the same order.

    >>> apart([10, 12, 50], 14, 0, 100), apart([98, 99], 14, 0, 100)
    ([10, 24, 50], [86, 100])
    """
    order = sorted(range(len(places)), key=lambda at: places[at])
    found = list(places)
    for before, at in zip([None, *order], order, strict=False):
        found[at] = max(found[at], low if before is None else found[before] + least)
    ceiling = high
    for at in reversed(order):
        found[at] = min(found[at], ceiling)
        ceiling = found[at] - least
    return found


_MARKS = ("M{x} {y}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", "M{x} {y}m-3 -3h6v6h-6z", "M{x} {y}m0 -4l4 7h-8z", "M{x} {y}m0 -4l4 4l-4 4l-4 -4z")
"""Circle, square, triangle, diamond: series are told apart without colour."""


def _drawn(one: Series, labels: Sequence[str], place: Callable[[int, float], tuple[float, float]], number: int, *, zh: bool) -> Drawn:
    runs: list[list[tuple[float, float]]] = [[]]
    dots, last = [], (0.0, 0.0)
    for at, point in enumerate(one.points):
        if point is None:
            runs.append([])
        else:
            last = place(at, point)
            runs[-1].append(last)
            dots.append((_MARKS[number % 4].format(x=f"{last[0]:.1f}", y=f"{last[1]:.1f}"), f"{labels[at]} {plain(point, zh=zh)}", at in one.part))
    lines = tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in runs if len(run) > 1)
    return Drawn(one.name, lines, tuple(dots), (f"{last[0]:.1f}", f"{last[1]:.1f}"))


def plain(point: float | None, *, zh: bool = True) -> str:
    """A number for an axis or a table, large ones by ten thousands and hundred millions; in English by millions and billions.

    >>> plain(1234.5), plain(12_500_000.0), plain(-320_000_000.0), plain(None), plain(12_500_000.0, zh=False)
    ('1,234.5', '1,250万', '−3.2亿', '—', '12.5M')
    """
    if point is None:
        return "—"
    size = abs(point)
    for least, unit, word in ((1e8, 1e8, "亿"), (1e5, 1e4, "万")) if zh else ((1e9, 1e9, "bn"), (1e6, 1e6, "M")):
        if size >= least:
            text = _short(size / unit, 2 if word in ("亿", "bn") else 1) + word
            break
    else:
        text = _short(size, 2)
    return f"−{text}" if point < 0 else text


def _short(size: float, places: int) -> str:
    """Without zeros behind the point."""
    return f"{size:,.{places}f}".rstrip("0").rstrip(".")


# ── bars side by side, and a figure against its target ───────────────────────
@dataclass(frozen=True)
class Bar:
    """One bar: its name, how long, the figure in words, where its rows are; ``uncertain`` is hatched; ``length`` None: not told (``shown`` says why)."""

    name: str
    length: float | None
    shown: str
    url: str = ""
    uncertain: bool = False
    note: str = ""
    more: str = ""


@dataclass(frozen=True)
class BarDrawn:
    """A bar with its piece of the whole width; None where there is none to draw."""

    bar: Bar
    span: Span | None


def bars(found: Sequence[Bar]) -> tuple[BarDrawn, ...]:
    """Bars from zero, the longest as wide as there is room.

    >>> [one.span for one in bars([Bar("甲", 40, "40"), Bar("乙", 10, "10"), Bar("丙", None, "不足 3 户")])]
    [Span(x='0.00%', width='100.00%'), Span(x='0.00%', width='25.00%'), None]
    """
    longest = max((one.length for one in found if one.length is not None), default=0.0)
    return tuple(BarDrawn(one, span(0, one.length, longest) if one.length is not None and one.length > 0 else None) for one in found)


@dataclass(frozen=True)
class Bullet:
    """A figure against its target: the bar, where the target stands, and where time alone would have it (None for a stock)."""

    bar: Span
    target: str
    expected: str | None
    uncertain: bool


def bullet(value: float, target: float, expected: float | None = None, *, uncertain: bool = False) -> Bullet:
    """A bar of a value up to a target; ``expected`` is what should be there by the figure's own day, for what flows in over a year.

    >>> bullet(38.6, 45, 37.5)
    Bullet(bar=Span(x='0.00%', width='85.78%'), target='100.00%', expected='83.33%', uncertain=False)
    """
    whole = max(value, target, 0.0)
    at = span(0, target, whole).width
    return Bullet(span(0, max(value, 0.0), whole), at, span(0, expected, whole).width if expected is not None else None, uncertain)
