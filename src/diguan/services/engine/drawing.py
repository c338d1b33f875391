"""A directly-follows graph as a drawing: boxes in layers from top to bottom, arrows between them. Pure, and always the same for the same graph.

What a page cannot hold is left out, and said: of the activities the most frequent, of the arrows the strongest, but for
every box at least the strongest arrow that leads to it. Layers are the longest way along the usual order; within a layer
boxes stand near those they are joined to. An arrow that skips a layer goes round by the left side, one against the usual
order by the right; neither runs through a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diguan.services.engine.flowgraph import Arc, Graph

MOST_BOXES, MOST_ARROWS = 24, 48
WIDE, HIGH, ACROSS, DOWN, MARGIN = 172, 46, 200, 96, 24
_SWEEPS = 4
_SIDE, _LANE, _LANES = 24, 14, 8
_FAINT = 20
"""Arrows of less than a twentieth of the strongest are left out, unless nothing else leads to their box."""


@dataclass(frozen=True)
class Box:
    """One activity: the left upper corner, its size is :data:`WIDE` by :data:`HIGH`."""

    activity: str
    count: int
    x: int
    y: int

    @property
    def middle(self) -> int:
        """Of its width, for words in it."""
        return self.x + WIDE // 2


@dataclass(frozen=True)
class Arrow:
    """One arc as a curve (an SVG path); ``weight`` 1 to 5 by its count, ``back`` against the usual order, its label's place and whether there is room for it."""

    arc: Arc
    path: str
    weight: int
    back: bool
    x: int
    y: int
    labelled: bool


@dataclass(frozen=True)
class Drawing:
    """The picture in a box of ``width`` by ``height``; how many activities and arcs were left out."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int
    boxes_out: int
    arrows_out: int


def draw(graph: Graph, order: Sequence[str]) -> Drawing:
    """Draw a graph; ``order`` is the usual order of its activities (``observed``)."""
    names = set(sorted(graph.activities, key=lambda name: (-graph.activities[name], name))[:MOST_BOXES])
    place = {name: at for at, name in enumerate(name for name in order if name in names)}
    arcs = _strongest([arc for arc in graph.arcs if arc.before in place and arc.after in place and arc.before != arc.after])
    layers = _layers(place, arcs)
    rows = _arranged(place, layers, arcs)
    most = max(len(row) for row in rows)
    skips = sum(layers[arc.after] > layers[arc.before] + 1 for arc in arcs)
    loops = sum(place[arc.before] > place[arc.after] for arc in arcs)
    left = MARGIN + _room(skips)
    width = left + most * ACROSS + MARGIN + _room(loops)
    boxes = {name: Box(name, graph.activities[name], left + at * ACROSS + (most - len(row)) * ACROSS // 2, MARGIN + level * DOWN)
             for level, row in enumerate(rows) for at, name in enumerate(row)}
    arrows = _arrows(boxes, layers, place, arcs, (left, left + most * ACROSS))
    whole = sum(arc.before != arc.after for arc in graph.arcs)
    return Drawing(tuple(boxes[name] for row in rows for name in row), arrows, width, len(rows) * DOWN + MARGIN, len(graph.activities) - len(boxes), whole - len(arcs))


def _strongest(arcs: Sequence[Arc]) -> list[Arc]:
    """So many of the strongest, and for every activity the strongest that leads to it. Arcs come by falling count."""
    first: dict[str, Arc] = {}
    for arc in arcs:
        first.setdefault(arc.after, arc)
    needed = list(first.values())
    rest = [arc for arc in arcs if arc not in needed and arc.count * _FAINT >= arcs[0].count]
    return sorted([*needed, *rest[:max(MOST_ARROWS - len(needed), 0)]], key=lambda arc: (-arc.count, arc.before, arc.after))


def _layers(place: Mapping[str, int], arcs: Sequence[Arc]) -> dict[str, int]:
    found = dict.fromkeys(place, 0)
    for name in sorted(place, key=place.__getitem__):
        found[name] = max((found[arc.before] + 1 for arc in arcs if arc.after == name and place[arc.before] < place[name]), default=0)
    return found


def _arranged(place: Mapping[str, int], layers: Mapping[str, int], arcs: Sequence[Arc]) -> list[list[str]]:
    """The rows, each sorted by where its neighbours stand, down and up a few times."""
    rows: list[list[str]] = [[] for _ in range(max(layers.values()) + 1)]
    for name in sorted(place, key=place.__getitem__):
        rows[layers[name]].append(name)
    near: dict[str, list[str]] = {name: [] for name in place}
    for arc in arcs:
        near[arc.before].append(arc.after)
        near[arc.after].append(arc.before)
    at = {name: number - len(row) / 2 for row in rows for number, name in enumerate(row)}
    for _ in range(_SWEEPS):
        for row in rows:
            row.sort(key=lambda name: (sum(at[one] for one in near[name]) / len(near[name]) if near[name] else at[name], place[name]))
            at |= {name: number - len(row) / 2 for number, name in enumerate(row)}
    return rows


def _room(lanes: int) -> int:
    """What so many arrows beside the boxes need."""
    return _SIDE + _LANE * min(lanes, _LANES) + 40 if lanes else 0


def _arrows(boxes: Mapping[str, Box], layers: Mapping[str, int], place: Mapping[str, int], arcs: Sequence[Arc], sides: tuple[int, int]) -> tuple[Arrow, ...]:
    top, found, lanes = max((arc.count for arc in arcs), default=1), [], [0, 0]
    for arc in arcs:
        start, end, weight = boxes[arc.before], boxes[arc.after], 1 + 4 * arc.count // top
        back = place[arc.before] > place[arc.after]
        if back or layers[arc.after] > layers[arc.before] + 1:
            lane = _SIDE + _LANE * min(lanes[back], _LANES)
            lanes[back] += 1
            out, near, far = (sides[1] + lane, start.x + WIDE, end.x + WIDE) if back else (sides[0] - lane, start.x, end.x)
            y, to_y = start.y + HIGH // 2, end.y + HIGH // 2
            found.append(Arrow(arc, f"M{near} {y}C{out} {y} {out} {to_y} {far} {to_y}", weight, back, (near + 3 * out) // 4 - (0 if back else 30), (y + to_y) // 2, weight > 1))
        else:
            x, y, to_x, to_y = start.middle, start.y + HIGH, end.middle, end.y
            bend = max((to_y - y) // 2, 20)
            found.append(Arrow(arc, f"M{x} {y}C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}", weight, False, (x + to_x) // 2 + 5, (y + to_y) // 2 + 4, True))
    return tuple(found)
