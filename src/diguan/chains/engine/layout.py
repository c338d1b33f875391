"""A chain as a drawing: nodes in layers from left to right, lines that cross little, the same every time (Sugiyama, Tagawa and Toda 1981)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diguan.chains.engine.basis import refused

SWEEPS = 12


@dataclass(frozen=True)
class Drawing:
    """``places[node]`` is (layer from 0, row); rows are unique within a layer and at least 1 apart. ``lines[edge]`` passes these points in order."""

    places: Mapping[str, tuple[int, float]]
    lines: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]
    layers: int
    rows: float
    crossings: int


def layout(nodes: Sequence[str], edges: Sequence[tuple[str, str]], loops: Sequence[tuple[str, str]] = ()) -> Drawing:
    """Layers by the longest way from a source; order by barycentres; the best of all sweeps is kept, the first of equals.

    Args:
        nodes: in the pack's order, which decides where nothing else does.
        edges: (from, to), input edges.
        loops: those of ``edges`` that were declared to go back (recycling); they are drawn but do not order.

    Raises:
        Refusal: a node twice, an edge to nowhere, or a loop that was not declared, named by its nodes.
    """
    if len(set(nodes)) < len(nodes) or any(end not in set(nodes) for edge in edges for end in edge):
        raise refused("bad_chain", "环节代码不能重复，连线两端须是已有环节。", "Nodes stand once, and edges join nodes there are.")
    forward = [edge for edge in edges if edge not in set(loops)]
    layer = _evened(nodes, forward, _layers(nodes, forward))
    columns, paths = _with_bends(nodes, edges, layer)
    links = list(dict.fromkeys((one, two) for path in paths.values() for one, two in itertools.pairwise(path)))
    best, fewest = columns, _crossings(columns, links)
    for turn in range(SWEEPS):
        columns = _swept(columns, links, forward=turn % 2 == 0)
        if (count := _crossings(columns, links)) < fewest:
            best, fewest = columns, count
    deepest = max((len(column) for column in best), default=0)
    spot = {name: (at, row + (deepest - len(column)) / 2) for at, column in enumerate(best) for row, name in enumerate(column)}
    return Drawing({name: spot[name] for name in nodes}, {edge: tuple(spot[name] for name in path) for edge, path in paths.items()}, len(best), float(deepest), fewest)


def _layers(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    waiting = {name: sum(end == name for _start, end in edges) for name in nodes}
    found = dict.fromkeys(nodes, 0)
    ready = [name for name in nodes if not waiting[name]]
    for name in ready:  # grows as it is walked
        for start, end in edges:
            if start == name:
                found[end] = max(found[end], found[name] + 1)
                waiting[end] -= 1
                if not waiting[end]:
                    ready.append(end)
    if len(ready) < len(nodes):
        caught = "、".join(name for name in nodes if name not in set(ready))
        raise refused("undeclared_loop", f"产业链中有未声明的回路（在这些环节之间或其下游）：{caught}。", f"The chain has a loop that was not declared, among or before these nodes: {caught}.")
    return found


def _evened(nodes: Sequence[str], edges: Sequence[tuple[str, str]], early: Mapping[str, int]) -> dict[str, int]:
    """Nodes that may stand in several layers go to the emptiest of them, of equals the last: no tower of raw materials on the left."""
    found = dict(early)
    follow = {name: [end for start, end in edges if start == name] for name in nodes}
    full = [0] * (max(found.values(), default=-1) + 1)
    for name in sorted(nodes, key=lambda name: -early[name]):
        last = min((found[end] for end in follow[name]), default=early[name] + 1) - 1
        found[name] = min(range(early[name], last + 1), key=lambda at: (full[at], -at))
        full[found[name]] += 1
    return found


def _with_bends(nodes: Sequence[str], edges: Sequence[tuple[str, str]], layer: Mapping[str, int]) -> tuple[list[list[str]], dict[tuple[str, str], list[str]]]:
    """Columns of names, and each edge's way through them; over several layers it gets a place in each, which all edges of the same start share."""
    columns: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in nodes:
        columns[layer[name]].append(name)
    paths: dict[tuple[str, str], list[str]] = {}
    for start, end in dict.fromkeys(edges):
        step = 1 if layer[end] > layer[start] else -1
        passed = range(layer[start] + step, layer[end], step)
        bends = [f"\0{start}\0{at}" for at in passed]
        for at, bend in zip(passed, bends, strict=True):
            if bend not in columns[at]:
                columns[at].append(bend)
        paths[start, end] = [start, *bends, end]
    return columns, paths


def _swept(columns: Sequence[Sequence[str]], links: Sequence[tuple[str, str]], *, forward: bool) -> list[list[str]]:
    near: dict[str, list[str]] = {}
    for one, two in links:
        near.setdefault(one, []).append(two)
        near.setdefault(two, []).append(one)
    found = [list(column) for column in columns]
    walk = range(1, len(found)) if forward else range(len(found) - 2, -1, -1)
    for at in walk:
        beside = {name: row for row, name in enumerate(found[at - 1 if forward else at + 1])}
        here = {name: row for row, name in enumerate(found[at])}
        found[at].sort(key=lambda name, beside=beside, here=here: (_middle([beside[other] for other in near.get(name, []) if other in beside], here[name]), here[name]))  # type: ignore[misc]
    return found


def _middle(rows: Sequence[int], own: int) -> float:
    return sum(rows) / len(rows) if rows else float(own)


def _crossings(columns: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> int:
    spot = {name: (at, row) for at, column in enumerate(columns) for row, name in enumerate(column)}
    between: dict[int, list[tuple[int, int]]] = {}
    for one, two in links:
        left, right = sorted((spot[one], spot[two]))
        between.setdefault(left[0], []).append((left[1], right[1]))
    return sum((one[0] - two[0]) * (one[1] - two[1]) < 0 for lines in between.values() for at, one in enumerate(lines) for two in lines[:at])
