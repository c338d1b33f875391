"""Charts of a briefing: one layout for the page, the PDF and the picture in Word."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from diguan.kernel import pictures
from diguan.kernel.pictures import Chart, Series

INK = {"grid": "#DDE4E6", "text": "#46575E", "series": (("#0D6674", ""), ("#A8730A", ""), ("#5B6FA8", "6 3"), ("#A8543F", "2 3"))}
"""The light tokens of app.css as attributes, for a picture that no style sheet reaches."""
LINE = 15
"""Names at the lines' ends stand so far apart at least."""
_SCALES = {"元": (("亿元", 10**8), ("万元", 10**4)), "yuan": (("million yuan", 10**6), ("thousand yuan", 10**3))}


@dataclass(frozen=True)
class Lines:
    """A chart with room for the names of its lines at the right: (name, x, y) of each, none where one line needs no name."""

    chart: Chart
    names: tuple[tuple[str, str, str], ...]
    width: int


def lines(block: dict[str, Any]) -> Lines:
    """The layout of a chart block; amounts in a unit that keeps them short."""
    points = [[None if point is None else Decimal(point) for point in one["points"]] for one in block["series"]]
    most = max((abs(point) for each in points for point in each if point is not None), default=Decimal(0))
    unit, scale = next(((name, size) for name, size in _SCALES.get(block["unit"], ()) if most >= size), (block["unit"], 1))
    series = [Series(one["name"], [None if point is None else float(point / scale) for point in each]) for one, each in zip(block["series"], points, strict=True)]
    drawn = pictures.chart(series, block["labels"], unit)
    if len(series) < 2:
        return Lines(drawn, (), drawn.width)
    room = max(_width(one.name) for one in series) + 16
    return Lines(drawn, tuple(_apart([(one.name, float(one.end[0]), float(one.end[1])) for one in drawn.series], drawn)), drawn.right + room)


def _width(text: str) -> int:
    return sum(12 if unicodedata.east_asian_width(letter) in "WF" else 7 for letter in text)


def _apart(ends: list[tuple[str, float, float]], drawn: Chart) -> list[tuple[str, str, str]]:
    """Names in the order of their lines, pushed down where two would touch, and up again where the last would leave the picture."""
    order = sorted(range(len(ends)), key=lambda at: ends[at][2])
    places: dict[int, float] = {}
    last = float("-inf")
    for at in order:
        last = places[at] = max(ends[at][2], last + LINE)
    over = max(0.0, last - drawn.bottom)
    return [(name, f"{drawn.right + 8:.1f}", f"{places[at] - over:.1f}") for at, (name, _x, _y) in enumerate(ends)]


def svg(block: dict[str, Any], font: str) -> str:
    """A chart as a picture of its own, in the light colours, its text in ``font``."""
    return render_to_string("indicators/_lines.svg", {"lines": lines(block), "title": block["title"], "ink": INK, "font": font})


def on_page(block: dict[str, Any]) -> dict[str, Any]:
    """A chart block as the page's template takes it; the style sheet colours it."""
    return {**block, "lines": lines(block), "ink": None}


