"""A chain's drawing in points: boxes with words that fit them, and lines that bend round. Pure, and the same every time."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diguan.chains.engine.layout import Drawing

WIDE, HIGH, GAP, DOWN, BEND, TOP, MARGIN = 148, 46, 46, 58, 12, 12, 10
_FULL, _HALF = 13.0, 7.4
"""Width of a full and of a half character at the size names are set in."""
ROOM = WIDE - 24


@dataclass(frozen=True)
class Box:
    """One node: its left upper corner, and its name in at most two lines."""

    node: str
    x: int
    y: int
    lines: tuple[str, ...]
    layer: int

    @property
    def middle(self) -> int:
        """Of its width."""
        return self.x + WIDE // 2

    @property
    def corners(self) -> str:
        """The six corners of a hexagon of its size."""
        x, y, cut = self.x, self.y, 12
        return f"{x + cut},{y} {x + WIDE - cut},{y} {x + WIDE},{y + HIGH // 2} {x + WIDE - cut},{y + HIGH} {x + cut},{y + HIGH} {x},{y + HIGH // 2}"


@dataclass(frozen=True)
class Line:
    """One edge as an SVG path."""

    start: str
    end: str
    path: str


@dataclass(frozen=True)
class Picture:
    """All of it in a box of ``width`` by ``height``."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


def picture(drawing: Drawing, names: Mapping[str, str]) -> Picture:
    """Boxes and lines of a layout; ``names`` by node, in the page's language. A line that only passes a layer takes less room there than a box."""
    middles, tall = _middles(drawing)
    boxes = [Box(node, _x(spot[0]), middles[spot] - HIGH // 2, fitted(names[node]), spot[0]) for node, spot in drawing.places.items()]
    lines = tuple(Line(start, end, _path(points, middles)) for (start, end), points in drawing.lines.items())
    return Picture(tuple(sorted(boxes, key=lambda box: (box.layer, box.y))), lines, 2 * MARGIN + drawing.layers * WIDE + max(drawing.layers - 1, 0) * GAP, 2 * TOP + tall)


def _middles(drawing: Drawing) -> tuple[dict[tuple[int, float], int], int]:
    """The height of every place of the layout, layers centred on one another; and how tall all of it is."""
    boxes = set(drawing.places.values())
    layers = {layer: sorted({spot for points in (*drawing.lines.values(), boxes) for spot in points if spot[0] == layer}, key=lambda spot: spot[1]) for layer in range(drawing.layers)}
    tall = {layer: sum(DOWN if spot in boxes else BEND for spot in spots) for layer, spots in layers.items()}
    most, found = max(tall.values(), default=0), {}
    for layer, spots in layers.items():
        top = TOP + (most - tall[layer]) // 2
        for spot in spots:
            room = DOWN if spot in boxes else BEND
            found[spot] = top + room // 2
            top += room
    return found, most


def _x(layer: int) -> int:
    return MARGIN + layer * (WIDE + GAP)


def _path(points: Sequence[tuple[int, float]], middles: Mapping[tuple[int, float], int]) -> str:
    """From the right side of the first box to the left of the last; over a layer that it passes it runs straight. One that goes back leaves to the left."""
    out, into = (WIDE, 0) if points[-1][0] >= points[0][0] else (0, WIDE)
    places = [(_x(spot[0]), middles[spot]) for spot in points]
    found = [f"M{places[0][0] + out} {places[0][1]}"]
    for (x, y), (far, down) in itertools.pairwise(places):
        half = (x + out + far + into) // 2
        found.append(f"C{half} {y} {half} {down} {far + into} {down}")
        if (far, down) != places[-1]:
            found.append(f"H{far + out}")
    return "".join(found)


def width(text: str) -> float:
    """How wide a name is, about."""
    return sum(_FULL if unicodedata.east_asian_width(char) in "WFA" else _HALF for char in text)


def fitted(name: str, room: float = ROOM, most: int = 2) -> tuple[str, ...]:
    """A name in lines that fit; what does not is cut and says so (the whole name stands in the title).

    >>> fitted("石英机芯"), fitted("Step motors and coils")
    (('石英机芯',), ('Step motors and', 'coils'))
    """
    lines, line = [], ""
    for word in _words(name):
        if line and width(line + word.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    shown = [_cut(each, room) for each in lines[:most]]
    if len(lines) > most:
        shown[-1] = _cut(shown[-1] + "…", room)
    return tuple(shown)


def _words(name: str) -> list[str]:
    """Pieces at which a line may end: after a space in Latin, after every full character."""
    found, piece = [], ""
    for char in name:
        piece += char
        if char == " " or unicodedata.east_asian_width(char) in "WF":
            found.append(piece)
            piece = ""
    return [*found, piece] if piece else found


def _cut(text: str, room: float) -> str:
    if width(text) <= room:
        return text
    kept = text.rstrip("…")
    while kept and width(kept + "…") > room:
        kept = kept[:-1]
    return kept + "…"
