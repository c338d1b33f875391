"""Charts of a briefing: one layout for the page, the PDF and the picture in Word."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from diguan.kernel import pictures
from diguan.kernel.pictures import Chart, Series

INK = {"grid": "#DDE4E6", "text": "#46575E", "series": (("#0D6674", ""), ("#A8730A", ""), ("#5B6FA8", "6 3"), ("#A8543F", "2 3"))}
"""The light tokens of app.css as attributes, for a picture that no style sheet reaches."""
_SCALES = {"元": (("亿元", 10**8), ("万元", 10**4)), "yuan": (("million yuan", 10**6), ("thousand yuan", 10**3))}


def lines(block: dict[str, Any], language: str) -> Chart:
    """The layout of a chart block; amounts in a unit that keeps them short."""
    points = [[None if point is None else Decimal(point) for point in one["points"]] for one in block["series"]]
    most = max((abs(point) for each in points for point in each if point is not None), default=Decimal(0))
    unit, scale = next(((name, size) for name, size in _SCALES.get(block["unit"], ()) if most >= size), (block["unit"], 1))
    series = [Series(one["name"], [None if point is None else float(point / scale) for point in each]) for one, each in zip(block["series"], points, strict=True)]
    return pictures.chart(series, block["labels"], unit, zh=language == "zh")


def _wide(drawn: Chart) -> int:
    """How wide the picture is with the whole names of its lines; one line needs no name."""
    if len(drawn.series) < 2:
        return drawn.width
    return max(drawn.width, drawn.right + 16 + max(_width(one.name) for one in drawn.series))


def _width(text: str) -> int:
    return sum(12 if unicodedata.east_asian_width(letter) in "WF" else 7 for letter in text)


def svg(block: dict[str, Any], language: str, font: str) -> str:
    """A chart as a picture of its own, in the light colours, its text in ``font``."""
    return render_to_string("indicators/_lines.svg", {**on_page(block, language), "ink": INK, "font": font})


def on_page(block: dict[str, Any], language: str) -> dict[str, Any]:
    """A chart block as the page's template takes it; the style sheet colours it."""
    drawn = lines(block, language)
    return {**block, "chart": drawn, "wide": _wide(drawn), "ink": None}
