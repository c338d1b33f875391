"""What must hold in a chain as a whole, and among chains: ids once, edges between nodes, no hidden loop, shares that leave room for value added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diguan.chains.engine.chain import Chain, Node
from diguan.kernel.messages import Message, nearest

NODE, EDGE = "node", "edge"
SLACK = 1e-9
"""Shares such as 0.1 have no exact float; a sum this little above 1 is 1."""


@dataclass(frozen=True)
class Wrong:
    """A fault of node or edge number ``index`` (from 0), in ``field`` where one is to blame."""

    part: str
    index: int
    field: str
    message: Message
    nearest: str | None = None


def wrongs(chain: Chain) -> list[Wrong]:
    """Everything wrong in a chain of well-formed parts; loops are looked for where nothing else is wrong."""
    found = [*_twice(chain), *_lost(chain), *_shares(chain)]
    if not found:
        found = [*_orphans(chain), *_loops(chain)]
    return found


def _twice(chain: Chain) -> Iterator[Wrong]:
    seen: set[str] = set()
    for index, node in enumerate(chain.nodes):
        if node.id in seen:
            yield Wrong(NODE, index, "id", Message(f"环节编号 {node.id} 重复", f"the node id {node.id} is used twice"))
        seen.add(node.id)
    pairs: set[tuple[str, str]] = set()
    for index, pair in enumerate(chain.pairs):
        if pair in pairs:
            yield Wrong(EDGE, index, "to", Message(f"从 {pair[0]} 到 {pair[1]} 的连线重复", f"the edge from {pair[0]} to {pair[1]} is told twice"))
        pairs.add(pair)


def _lost(chain: Chain) -> Iterator[Wrong]:
    for index, edge in enumerate(chain.edges):
        for field, end in (("from", edge.start), ("to", edge.end)):
            if end not in chain.by_id:
                yield Wrong(EDGE, index, field, Message(f"没有这个环节：{end}", f"no node {end}"), nearest(end, chain.by_id, 0.4))
        if edge.start == edge.end:
            yield Wrong(EDGE, index, "to", Message(f"连线不能从 {edge.start} 回到自己", f"an edge does not lead from {edge.start} to itself"))


def _shares(chain: Chain) -> Iterator[Wrong]:
    into: dict[str, float] = defaultdict(float)
    for index, edge in enumerate(chain.edges):
        before = into[edge.end]
        into[edge.end] += edge.share or 0
        if before <= 1 + SLACK < into[edge.end]:
            total = round(into[edge.end], 6)
            yield Wrong(EDGE, index, "share", Message(f"流入 {edge.end} 的份额到这里合计 {total:g}，超过 1", f"the shares into {edge.end} add up to {total:g} here, above 1"))


def _orphans(chain: Chain) -> Iterator[Wrong]:
    joined = {end for pair in chain.pairs for end in pair}
    for index, node in enumerate(chain.nodes):
        if node.id not in joined:
            yield Wrong(NODE, index, "id", Message(f"环节 {node.id} 没有连线", f"the node {node.id} has no edge"))


def _loops(chain: Chain) -> Iterator[Wrong]:
    """The first way back, by its nodes; the fault stands at the edge that closes it."""
    index = {pair: at for at, pair in enumerate(chain.pairs)}
    declared = set(chain.loops)
    forward = [pair for pair in chain.pairs if pair not in declared]
    way = _cycle([node.id for node in chain.nodes], forward)
    if way:
        shown = " → ".join([*way, way[0]])
        yield Wrong(EDGE, index[way[-1], way[0]], "to", Message(f"连线成了回路：{shown}；循环利用的那条要写 loop: true", f"the edges close a loop: {shown}; the one that goes back needs loop: true"))


def _cycle(names: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[str]:
    """The nodes of a loop in order, or nothing. Walked without recursion: a chain may be 500 long."""
    after: dict[str, list[str]] = defaultdict(list)
    for start, end in edges:
        after[start].append(end)
    done: set[str] = set()
    for first in names:
        way: list[str] = []
        on_way: set[str] = set()
        todo = [(first, False)]
        while todo:
            name, left = todo.pop()
            if left:
                on_way.discard(way.pop())
                done.add(name)
            elif name in on_way:
                return way[way.index(name):]
            elif name not in done:
                way.append(name)
                on_way.add(name)
                todo += [(name, True), *((end, False) for end in reversed(after[name]))]
    return []


# ── among chains ──────────────────────────────────────────────────────────
def differing(chains: Mapping[str, Chain]) -> list[tuple[str, str, Message]]:
    """A node has one id in every chain that holds it; so whatever bears one id must be one thing.

    Args:
        chains: by the name errors shall give them, a file or an id.

    Returns:
        (chain, node, what differs from the first telling: name, kind or codes).
    """
    first: dict[str, tuple[str, Node]] = {}
    found: list[tuple[str, str, Message]] = []
    for where, chain in chains.items():
        for node in chain.nodes:
            at, known = first.setdefault(node.id, (where, node))
            if fields := [field for field in ("name", "kind", "codes") if getattr(known, field) != getattr(node, field)]:
                words = ", ".join(fields)
                found.append((where, node.id, Message(f"共用环节 {node.id} 与 {at} 中的不一样：{words}", f"the shared node {node.id} is not as in {at}: {words}")))
    return found
