"""A chain as the county has it: who stands at each node, what is needed and made there, what is missing."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from diguan.chains.engine import gaps as engine
from diguan.chains.engine.chain import INPUT, Chain, Node
from diguan.chains.models import Coverage, CoverageState, Feasibility, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import economy_parts
from diguan.chains.queries.economy_parts import Parts
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message

OWN, SINGLE, GAP, OUTSIDE, PLANNED = "own", "single", "gap", "outside", "planned"
"""How a node is drawn (ui.md §4)."""
NOTHING = Parts({}, {})
GROWING = ("在建", "未投产")
STOPPED = ("停产",)
URGENT = 2
"""Criticality from which a node that nobody here makes is a 断点 and not merely bought outside."""


@dataclass(frozen=True)
class Need:
    """What local firms need of a node a year. ``fen`` is None where firms need it and nobody told how much.

    ``told`` firms said so; ``estimated`` from their output by the chain's share; ``silent`` need it, nobody knows how much (left out of ``fen`` where others are known).
    """

    fen: int | None
    told: int
    estimated: int
    silent: int

    @property
    def firms(self) -> int:
        """How many firms stand behind."""
        return self.told + self.estimated + self.silent

    @property
    def counted(self) -> int:
        """Of how many firms the amount is: the silent ones are no part of it."""
        return self.told + self.estimated


@dataclass(frozen=True)
class Stand:
    """One node as the county has it on a day.

    Attributes:
        makers: verified, and not known to be idle or unfinished.
        growing: verified, but still being built or not started.
        users: verified rows of who buys it.
        waiting: rows that wait for verification.
        gap: its gap (:mod:`diguan.chains.engine.gaps`), where the chain was judged.
    """

    node: Node
    makers: tuple[Coverage, ...]
    growing: tuple[Coverage, ...]
    users: tuple[Coverage, ...]
    waiting: int
    need: Need
    stale: int
    gap: engine.Gap | None = None

    @property
    def faded(self) -> bool:
        """Whether more than half of its rows are stale."""
        return self.stale * 2 > len(self.makers) + len(self.growing) + len(self.users)

    @property
    def shape(self) -> str:
        """How it is drawn. What waits for verification closes no gap: a claim alone must not take a missing link off the map."""
        if self.makers:
            return SINGLE if len(self.makers) == 1 else OWN
        if self.growing:
            return PLANNED
        if self.node.key or self.node.criticality >= URGENT:
            return GAP
        return PLANNED if self.waiting else OUTSIDE

    @property
    def supply_fen(self) -> int | None:
        """What local firms put out here; None where there are makers and nobody told of any of them."""
        told = [row.amount_fen for row in self.makers if row.amount_fen is not None]
        return sum(told) if told or not self.makers else None

    @property
    def supply_told(self) -> int:
        """Of how many makers :attr:`supply_fen` is; those that told nothing are no part of it."""
        return sum(row.amount_fen is not None for row in self.makers)


@dataclass(frozen=True)
class ChainView:
    """A chain and its nodes' stands, in the chain's order; the gaps ranked with their reasons; ``told`` is what was said of feasibility, by node."""

    chain: Chain
    stands: Mapping[str, Stand]
    gaps: engine.Gaps
    as_of: dt.date
    told: Mapping[str, Feasibility] = field(default_factory=dict, repr=False)
    known_at: dt.datetime | None = None
    rows: tuple[Coverage, ...] = field(default=(), repr=False)

    @cached_property
    def ranked(self) -> list[tuple[int, Stand]]:
        """(row of the engine's ranking, stand) of the nodes there is something to do about, best first."""
        return [(row, self.stands[gap.node]) for row, gap in self.gaps.ranked]

    @property
    def closed(self) -> list[Stand]:
        """Nodes nobody or too few make and the county cannot take in; they are not ranked."""
        ranked = {stand.node.id for _row, stand in self.ranked}
        return [stand for stand in self.stands.values() if stand.gap is not None and stand.gap.kind != engine.SOUND and stand.node.id not in ranked]

    def shaped(self, *shapes: str) -> list[Stand]:
        """The stands drawn in one of these ways."""
        return [stand for stand in self.stands.values() if stand.shape in shapes]

    def of_role(self, role: str) -> list[Coverage]:
        """Verified rows of makers or of users."""
        return [row for row in self.rows if row.role == role and row.state == CoverageState.VERIFIED]

    def surveyed(self, role: str) -> list[Coverage]:
        """Rows of which both the whole and the local part are known."""
        return [row for row in self.of_role(role) if row.amount_fen and row.local_fen is not None]


def view(person: Person, chain: Chain, weights: Mapping[str, float] = engine.WEIGHTS) -> ChainView:
    """A chain as the county has it today. Counts and sums are of the whole county; who stands behind is narrowed where names are shown.

    Raises:
        access.Forbidden: the person may not see chains.
        Refusal: weights that are none.
    """
    return views(person, [chain], weights)[chain.id]


def views(person: Person, chains: Sequence[Chain], weights: Mapping[str, float] = engine.WEIGHTS, parts: Parts | None = None) -> dict[str, ChainView]:
    """As :func:`view`, of several chains with one question to the database. ``parts`` are the county's where left out; who asks for needs and not for ranks says :data:`NOTHING`."""
    access.require(person, register.VIEW_CHAIN)
    day, wanted = clocks.today(), {node.id for chain in chains for node in chain.nodes}
    rows = [*register.believed(wanted).order_by("enterprise__name_key", "id")]
    waiting = Counter(Coverage.objects.filter(node__in=wanted, state=CoverageState.CLAIMED, role=Role.MAKE).values_list("node", flat=True))
    told, given = {row.node: row for row in Feasibility.objects.all()}, economy_parts.parts() if parts is None else parts
    return {chain.id: _view(chain, rows, waiting, given, told, weights, day) for chain in chains}


def _view(chain: Chain, rows: Sequence[Coverage], waiting: Counter[str], parts: Parts, told: Mapping[str, Feasibility], weights: Mapping[str, float], day: dt.date) -> ChainView:
    mine = tuple(row for row in rows if row.node in chain.by_id)
    by_node: dict[tuple[str, str], list[Coverage]] = defaultdict(list)
    for row in mine:
        by_node[row.node, row.role].append(row)
    stands = {node.id: _stand(node, chain, by_node, waiting[node.id], day) for node in chain.nodes}
    # One measure for all nodes of a chain: two could not be compared.
    reach = parts.reach if all(key in parts.reach for key in stands) else _reach(chain, stands)
    asked = [_asked(stand, parts.relatedness.get(key), reach.get(key), told[key].score if key in told else None) for key, stand in stands.items()]
    found = engine.gaps(asked, [pair for pair in chain.pairs if pair not in chain.loops], weights)
    judged = {gap.node: replace(stands[gap.node], gap=gap) for gap in found.gaps}
    return ChainView(chain, judged, found, day, told, max((row.changed_at for row in mine), default=None), mine)


def _stand(node: Node, chain: Chain, by_node: Mapping[tuple[str, str], list[Coverage]], waiting: int, day: dt.date) -> Stand:
    makers = by_node.get((node.id, Role.MAKE), [])
    users = by_node.get((node.id, Role.USE), [])
    return Stand(node, tuple(row for row in makers if produces(row)), tuple(row for row in makers if row.enterprise.production_status in GROWING),
                 tuple(users), waiting, _need(node, chain, by_node, users), sum(row.stale(day) for row in (*makers, *users)))


def produces(row: Coverage) -> bool:
    """Whether its firm is not known to be idle or unfinished."""
    return row.enterprise.production_status not in (*GROWING, *STOPPED)


def _need(node: Node, chain: Chain, by_node: Mapping[tuple[str, str], list[Coverage]], users: Iterable[Coverage]) -> Need:
    """What was told, and for makers downstream that told nothing of it their output times the chain's share."""
    told = {row.enterprise_id: row.amount_fen for row in users}
    guessed: dict[int, int | None] = {}
    for edge in chain.edges:
        if edge.start != node.id or edge.type != INPUT or edge.loop:
            continue
        for row in by_node.get((edge.end, Role.MAKE), []):
            if row.enterprise_id in told or not produces(row):
                continue
            more = None if edge.share is None or row.amount_fen is None else int(edge.share * row.amount_fen)
            before = guessed.get(row.enterprise_id, 0)
            guessed[row.enterprise_id] = None if more is None or before is None else before + more
    known = [fen for fen in (*told.values(), *guessed.values()) if fen is not None]
    silent = sum(fen is None for fen in (*told.values(), *guessed.values()))
    return Need(sum(known) if known or not silent else None, sum(fen is not None for fen in told.values()), sum(fen is not None for fen in guessed.values()), silent)


def _reach(chain: Chain, stands: Mapping[str, Stand]) -> dict[str, float]:
    """What hangs on a node: the share of the chain's known local output that is made downstream of it, over inputs nothing else can stand in for; nothing where no output is known."""
    output = {key: sum(row.amount_fen or 0 for row in stand.makers) for key, stand in stands.items()}
    whole = sum(output.values())
    after: dict[str, set[str]] = defaultdict(set)
    for edge in chain.edges:
        if not edge.loop and edge.type == INPUT and not edge.substitutable:
            after[edge.start].add(edge.end)

    def downstream(key: str) -> set[str]:
        found, open_ = set[str](), [key]
        while open_:
            for end in after[open_.pop()] - found:
                found.add(end)
                open_.append(end)
        return found

    return {key: sum(output[end] for end in downstream(key)) / whole for key in stands} if whole else {}


def _asked(stand: Stand, relatedness: float | None, reach: float | None, feasibility: float | None) -> engine.Node:
    """A node as the engine judges it: money in fen as floats."""
    told = {str(row.enterprise_id): float(row.amount_fen) for row in stand.makers if row.amount_fen}
    return engine.Node(stand.node.id, None if stand.need.fen is None else float(stand.need.fen), told, relatedness, reach, feasibility, sum(row.amount_fen is None for row in stand.makers))


# ── figures ──────────────────────────────────────────────────────────────────
def _rows_of(person: Person, of: ChainView) -> list[Coverage]:
    return list(register.visible_coverages(person).filter(node__in=list(of.chain.by_id), state=CoverageState.VERIFIED))


@measure("chains.coverage_rate", title=Message("覆盖率", "Coverage"), unit="%", permission=register.VIEW_CHAIN, rows=_rows_of,
         definition=Message("有在产企业的环节 ÷ 全部环节；企业环节须已核实，在建、未投产、停产的不算", "Nodes with a producing enterprise over all nodes; verified rows alone, unfinished and idle firms apart"))
def coverage_rate(of: ChainView) -> int | None:
    """In basis points."""
    return _points(len(of.shaped(OWN, SINGLE)), len(of.stands))


@measure("chains.links", title=Message("企业归属", "Enterprises at nodes"), unit="条", permission=register.VIEW_CHAIN, rows=_rows_of,
         definition=Message("已核实的企业环节，生产和采购都算", "Verified rows, of makers and of users"))
def links(of: ChainView) -> int:
    """Verified rows."""
    return sum(row.state == CoverageState.VERIFIED for row in of.rows)


def _local(role: str, of: ChainView) -> int | None:
    rows = of.surveyed(role)
    return _points(sum(row.local_fen or 0 for row in rows), sum(row.amount_fen or 0 for row in rows))


def _points(part: int, whole: int) -> int | None:
    """Basis points, rounded to the nearest as local sourcing does: one share is not told in two ways. None of nothing."""
    return (2 * part * 10_000 + whole) // (2 * whole) if whole else None


@measure("chains.local_sales_rate", title=Message("本地销售率", "Sold in the county"), unit="%", permission=register.VIEW_CHAIN, rows=_rows_of,
         definition=Message("卖给本县企业的产值 ÷ 产值，只算两个数都有的企业；这是销售侧，与采购侧不同", "Sold to firms of the county over output, of firms that told both; the sales side, which differs from the purchase side"))
def local_sales_rate(of: ChainView) -> int | None:
    """In basis points."""
    return _local(Role.MAKE, of)


@measure("chains.local_sourcing_rate", title=Message("本地配套率", "Bought in the county"), unit="%", permission=register.VIEW_CHAIN, rows=_rows_of,
         definition=Message("从本县企业采购额 ÷ 采购额，只算两个数都有的企业；这是采购侧", "Bought from firms of the county over purchases, of firms that told both; the purchase side"))
def local_sourcing_rate(of: ChainView) -> int | None:
    """In basis points."""
    return _local(Role.USE, of)
