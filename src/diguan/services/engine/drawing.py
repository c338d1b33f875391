"""A directly-follows graph as a drawing: boxes in layers from top to bottom, arrows between them. Pure, and always the same for the same graph.

What a page cannot hold is left out, and said: of the activities the most frequent, of the arrows the strongest, but for
every box at least the strongest arrow that leads to it. Layers are the longest way along the usual order; within a layer
boxes stand near those they are joined to. An arrow against the usual order goes round by the right side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diguan.services.engine.flowgraph import Arc, Graph

MOST_BOXES, MOST_ARROWS = 24, 48
WIDE, HIGH, ACROSS, DOWN, MARGIN = 172, 46, 200, 96, 24
_SWEEPS = 4


@dataclass(frozen=True)
class Box:
    """One activity: the left upper corner, its size is :data:`WIDE` by :data:`HIGH`; ``share`` of the most frequent one."""

    activity: str
    count: int
    x: int
    y: int
    share: float

    @property
    def middle(self) -> int:
        """Of its width, for words in it."""
        return self.x + WIDE // 2


@dataclass(frozen=True)
class Arrow:
    """One arc as a curve (an SVG path); ``weight`` 1 to 5 by its count, ``back`` against the usual order, its label's place."""

    arc: Arc
    path: str
    weight: int
    back: bool
    x: int
    y: int


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
    loops = sum(place[arc.before] > place[arc.after] for arc in arcs)
    width = max(most * ACROSS, WIDE) + 2 * MARGIN + (60 + 12 * min(loops, 8) if loops else 0)
    top = max(graph.activities.values())
    boxes = {name: Box(name, graph.activities[name], MARGIN + at * ACROSS + (most - len(row)) * ACROSS // 2, MARGIN + level * DOWN, graph.activities[name] / top)
             for level, row in enumerate(rows) for at, name in enumerate(row)}
    arrows = _arrows(boxes, place, arcs, MARGIN + most * ACROSS)
    whole = sum(arc.before != arc.after for arc in graph.arcs)
    return Drawing(tuple(boxes[name] for row in rows for name in row), arrows, width, len(rows) * DOWN + MARGIN, len(graph.activities) - len(boxes), whole - len(arcs))


def _strongest(arcs: Sequence[Arc]) -> list[Arc]:
    """So many of the strongest, and for every activity the strongest that leads to it. Arcs come by falling count."""
    first: dict[str, Arc] = {}
    for arc in arcs:
        first.setdefault(arc.after, arc)
    needed = list(first.values())
    rest = [arc for arc in arcs if arc not in needed]
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


def _arrows(boxes: Mapping[str, Box], place: Mapping[str, int], arcs: Sequence[Arc], side: int) -> tuple[Arrow, ...]:
    top, found, loops = max((arc.count for arc in arcs), default=1), [], 0
    for arc in arcs:
        start, end = boxes[arc.before], boxes[arc.after]
        weight = 1 + 4 * arc.count // top
        if place[arc.before] > place[arc.after]:
            out = side + 20 + 12 * min(loops, 8)
            loops += 1
            x, y, to_x, to_y = start.x + WIDE, start.y + HIGH // 2, end.x + WIDE, end.y + HIGH // 2
            found.append(Arrow(arc, f"M{x} {y}C{out} {y} {out} {to_y} {to_x} {to_y}", weight, True, (x + 3 * out) // 4, (y + to_y) // 2))
        else:
            x, y, to_x, to_y = start.middle, start.y + HIGH, end.middle, end.y
            bend = max((to_y - y) // 2, 20)
            found.append(Arrow(arc, f"M{x} {y}C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}", weight, False, (x + to_x) // 2 + 4, (y + to_y) // 2 + 4))
    return tuple(found)
