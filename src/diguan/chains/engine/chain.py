"""A chain as plain values: nodes, what goes from one to another, and the sources of every claim (chains.md §4). Files are read by :mod:`diguan.chains.engine.chainfile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from diguan.kernel.messages import Message

STAGES = ("upstream", "mid", "downstream", "service")
KINDS = ("material", "component", "process", "equipment", "product", "service")
EDGES = ("input", "process", "equipment", "service")
INPUT = "input"


@dataclass(frozen=True)
class Evidence:
    """Where a claim comes from: one of the chain's sources, by id, and what it says. ``confirmed`` is False for what stands in no official text yet."""

    source: str
    note: Message | None = None
    confirmed: bool = True


@dataclass(frozen=True)
class Node:
    """One link of a chain. ``id`` is the same in every chain that holds it (moulds, plating), so what a firm covers is told once.

    Attributes:
        codes: GB/T 4754-2017 code to its weight; empty where nobody has confirmed one (``unconfirmed`` then says what was guessed).
        hs: HS headings, at most six digits.
        products: words that stand in names and product lists of firms.
        io_sector: of the input–output table, by its code; empty where not told.
        key: 关键环节.
        criticality: 0 to 3.
    """

    id: str
    name: Message
    stage: str
    kind: str
    codes: Mapping[str, float]
    hs: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    io_sector: str = ""
    key: bool = False
    criticality: int = 0
    unconfirmed: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Edge:
    """What is made at ``start`` goes into ``end``.

    Attributes:
        type: one of :data:`EDGES`.
        share: money of this input for money of output of ``end``, 0 to 1; None where nobody knows.
        substitutable: another input can stand in; None where nobody knows.
        loop: declared to go back (recycling); only such edges may close a loop.
    """

    start: str
    end: str
    type: str = INPUT
    share: float | None = None
    substitutable: bool | None = None
    loop: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Chain:
    """One chain file. ``sources`` by id; ``region_scope`` is a region code or ``any``."""

    id: str
    name: Message
    version: str
    region_scope: str
    licence: str
    sources: Mapping[str, Message]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """Its nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(from, to) of every edge."""
        return tuple((edge.start, edge.end) for edge in self.edges)

    @property
    def loops(self) -> tuple[tuple[str, str], ...]:
        """Those of :attr:`pairs` that were declared to go back."""
        return tuple((edge.start, edge.end) for edge in self.edges if edge.loop)
