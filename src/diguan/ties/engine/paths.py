"""The k best simple paths of few hops between two nodes of an undirected graph, as an exact search.

Costs are whole numbers of at least 1 and add up. First the cheapest way from every node to the end in at most so many hops is
worked out backwards (Bellman and Ford, one round a hop); then partial paths are opened in the order of cost so far plus that
bound, which never overestimates (A*, Hart, Nilsson and Raphael 1968), so paths come out best first. Of equal cost the shorter comes first, then
the one whose nodes are smaller: the same graph gives the same answer, in whatever order its edges are told.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Node = tuple[str, int]


class Edge(NamedTuple):
    """One relation between two nodes; ``key`` is the caller's own."""

    one: Node
    other: Node
    cost: int
    key: int


@dataclass(frozen=True)
class Path:
    """Nodes from the start to the end, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cost: int


@dataclass(frozen=True)
class Prices:
    """What a hop costs: 100 less the strength of its kind, and more where nobody verified it or its source is old. Points, not money."""

    unverified: int
    stale: int

    def of(self, strength: int, *, verified: bool, stale: bool) -> int:
        """The cost of one hop, at least 1.

        >>> Prices(30, 20).of(90, verified=True, stale=False), Prices(30, 20).of(40, verified=False, stale=True)
        (10, 110)
        """
        return max(1, 100 - strength) + (0 if verified else self.unverified) + (self.stale if stale else 0)


Graph = Mapping[Node, Mapping[Node, Edge]]


def graph(edges: Iterable[Edge]) -> Graph:
    """Neighbours of every node. Of several edges between two nodes the cheapest counts, of equal ones that of the smallest key; loops are left out.

    >>> a, b = ("p", 1), ("p", 2)
    >>> graph([Edge(a, b, 9, 1), Edge(b, a, 4, 2)])[a][b].key
    2
    """
    found: dict[Node, dict[Node, Edge]] = {}
    for edge in edges:
        if edge.one == edge.other:
            continue
        known = found.setdefault(edge.one, {}).get(edge.other)
        if known is None or (edge.cost, edge.key) < (known.cost, known.key):
            found[edge.one][edge.other] = edge
            found.setdefault(edge.other, {})[edge.one] = edge
    return found


def best(of: Graph, start: Node, end: Node, *, hops: int = 4, most: int = 5) -> list[Path]:
    """The best simple paths of at most ``hops`` edges, cheapest first, ``most`` of them at most.

    >>> a, b, c = ("us", 0), ("person", 1), ("firm", 1)
    >>> [path.cost for path in best(graph([Edge(a, b, 10, 1), Edge(b, c, 5, 2), Edge(a, c, 40, 3)]), a, c)]
    [15, 40]
    """
    if start not in of or end not in of or start == end:
        return []
    bounds = _bounds(of, end, hops)
    found: list[Path] = []
    heap: list[tuple[int, int, tuple[Node, ...], int]] = []
    _push(heap, bounds, (start,), 0, hops)
    while heap and len(found) < most:
        _guess, _length, nodes, cost = heapq.heappop(heap)
        last, left = nodes[-1], hops - len(nodes) + 1
        if last == end:
            found.append(_path(of, nodes, cost))
            continue
        for near, edge in of[last].items():
            if near not in nodes:
                _push(heap, bounds, (*nodes, near), cost + edge.cost, left - 1)
    return found


def _push(heap: list[tuple[int, int, tuple[Node, ...], int]], bounds: Sequence[Mapping[Node, int]], nodes: tuple[Node, ...], cost: int, left: int) -> None:
    rest = bounds[left].get(nodes[-1])
    if rest is not None:
        heapq.heappush(heap, (cost + rest, len(nodes), nodes, cost))


def _bounds(of: Graph, end: Node, hops: int) -> list[dict[Node, int]]:
    """For each number of hops left, the least cost from a node to the end; a node that cannot reach it is not there."""
    rounds = [{end: 0}]
    for _hop in range(hops):
        before = rounds[-1]
        now = dict(before)
        for node, cost in before.items():
            for near, edge in of[node].items():
                told = cost + edge.cost
                if told < now.get(near, told + 1):
                    now[near] = told
        rounds.append(now)
    return rounds


def _path(of: Graph, nodes: tuple[Node, ...], cost: int) -> Path:
    return Path(nodes, tuple(of[one][other] for one, other in itertools.pairwise(nodes)), cost)
