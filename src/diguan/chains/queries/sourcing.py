"""本地配套 of one node: who could supply whom, how much, and what of it stays in the park and in the county, now and at most."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np

from diguan.chains.engine import sourcing as engine
from diguan.chains.models import Coverage, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries.maps import GROWING, STOPPED
from diguan.enterprises.models import NONE_WORD, Enterprise
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person

MATCH = "chains.match_sourcing"
WAN = 1_000_000
"""Fen in 万元, the unit the solver counts in."""


class Near(IntEnum):
    """How near two firms are, as far as the register tells; what it does not tell counts as the county."""

    PARK, TOWN, COUNTY, ELSEWHERE = 0, 1, 2, 3


COST = {Near.PARK: 0.0, Near.TOWN: 0.01, Near.COUNTY: 0.03, Near.ELSEWHERE: 0.08}
"""What carrying a yuan's worth of goods so far is taken to cost, in yuan: an assumption, shown on the page; only its order decides who is matched with whom."""


def near(one: Enterprise, other: Enterprise) -> Near:
    """How near two firms are."""
    if one.place_region and other.place_region and one.place_region != other.place_region:
        return Near.ELSEWHERE
    if _same(one.park, other.park):
        return Near.PARK
    return Near.TOWN if _same(one.town, other.town) else Near.COUNTY


def _same(one: str, other: str) -> bool:
    return one == other and one not in ("", NONE_WORD)


# ── one firm at the node ─────────────────────────────────────────────────────
@dataclass(frozen=True)
class Side:
    """A firm at the node on one side. All amounts are fen a year.

    Attributes:
        free: what it could sell, or still buy, in the county beyond what it does; None where the row does not tell, which is not 0.
        more: of that, what the matching gives it; ``more_park`` what a matching within parks alone would.
        scarce: one yuan more of it would be one yuan more matched (by the duals).
    """

    row: Coverage
    free: int | None
    more: int = 0
    more_park: int = 0
    scarce: bool = False

    @property
    def firm(self) -> Enterprise:
        """Whose."""
        return self.row.enterprise

    @property
    def idle(self) -> int:
        """What a maker could put out beyond what it does, as far as it told; fen a year."""
        return max(0, (self.row.capacity_fen or 0) - (self.row.amount_fen or 0)) if self.row.role == Role.MAKE else 0


def free(row: Coverage) -> int | None:
    """What a row could still trade in the county: capacity, else what it puts out or buys, less what it trades here already."""
    if row.amount_fen is None or row.local_fen is None:
        return None
    return max(0, (row.amount_fen if row.capacity_fen is None else row.capacity_fen) - row.local_fen)


@dataclass(frozen=True)
class Pair:
    """What one supplier could sell to one buyer, in fen a year; both of the county, never one firm with itself.

    ``others``: how many other suppliers would do as well, being as near and as cheap and having something left.
    """

    supplier: Side
    buyer: Side
    fen: int
    near: Near
    others: int = 0


# ── the node ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Share:
    """A ratio now and at most, in basis points, of ``firms`` that told enough of ``all``; None where none did."""

    now: int | None
    reachable: int | None
    firms: int
    all: int


@dataclass(frozen=True)
class NodeMatch:
    """One node matched on a day. ``gap`` is how far from the best possible it may be by the duals (about 0)."""

    node: str
    makers: tuple[Side, ...]
    users: tuple[Side, ...]
    pairs: tuple[Pair, ...]
    gap: float
    as_of: dt.date
    known_at: dt.datetime | None = None
    rows: tuple[Coverage, ...] = field(default=(), repr=False)

    @property
    def more(self) -> int:
        """What could be traded in the county beyond what is, in fen a year."""
        return sum(pair.fen for pair in self.pairs)

    @property
    def unknown(self) -> bool:
        """Whether nothing is matched for want of word and not for want of supply or demand: that is not 0."""
        return not self.pairs and bool(self.silent) and all(any(side.free is None or side.free for side in sides) for sides in (self.makers, self.users))

    @cached_property
    def silent(self) -> tuple[Side, ...]:
        """Those whose row does not tell enough to be matched."""
        return tuple(side for side in (*self.makers, *self.users) if side.free is None)

    def side(self, role: str) -> tuple[Side, ...]:
        """Makers or users."""
        return self.makers if role == Role.MAKE else self.users

    def county(self, role: str) -> Share:
        """The share traded in the county, of what the firms of one side sell or buy."""
        return _share([self], role, _in_county)

    def park(self, role: str) -> Share:
        """The share traded with firms of the same park."""
        return _share([self], role, _in_park)


Part = Callable[[Side], tuple[int, int] | None]


def _in_county(side: Side) -> tuple[int, int] | None:
    return None if side.free is None else (side.row.local_fen or 0, side.more)


def _in_park(side: Side) -> tuple[int, int] | None:
    return None if side.free is None or side.row.park_fen is None else (side.row.park_fen, side.more_park)


def _share(matches: Iterable[NodeMatch], role: str, part: Part) -> Share:
    """Only firms that told both the whole and the part are counted, above and below the line.

    More sales come from idle capacity first, which then is output as well, and only then from what is sold outside: the careful reading.
    """
    sides = [side for match in matches for side in match.side(role)]
    told = [(side, *found) for side in sides if (found := part(side)) is not None]
    now, more, idle = (sum(each) for each in zip(*[(traded, more, side.idle) for side, traded, more in told], strict=True)) if told else (0, 0, 0)
    whole = sum(side.row.amount_fen or 0 for side, _traded, _more in told)
    return Share(_points(now, whole), _points(now + more, whole + min(more, idle)), len({side.firm.pk for side, _traded, _more in told}), len({side.firm.pk for side in sides}))


def _points(traded: int, whole: int) -> int | None:
    """Basis points; None where nothing is traded at all."""
    found = engine.in_park(float(traded), float(whole), float(whole)).sales
    return None if found is None else round(found * 10_000)


def county_of(matches: Iterable[NodeMatch], role: str) -> Share:
    """As :meth:`NodeMatch.county`, of several nodes together."""
    return _share(matches, role, _in_county)


def park_of(matches: Iterable[NodeMatch], role: str) -> Share:
    """As :meth:`NodeMatch.park`, of several nodes together."""
    return _share(matches, role, _in_park)


# ── matching ─────────────────────────────────────────────────────────────────
def matches(person: Person, nodes: Sequence[str]) -> dict[str, NodeMatch]:
    """Every node matched with one question to the database. Sums are of the whole county; names are narrowed where they are shown.

    Raises:
        access.Forbidden: the person may not match.
    """
    access.require(person, MATCH)
    by_node: dict[str, list[Coverage]] = defaultdict(list)
    for row in register.believed(nodes).order_by("enterprise__name_key", "id"):
        by_node[row.node].append(row)
    return {node: matched(node, by_node[node], clocks.today()) for node in nodes}


def matched(node: str, rows: Sequence[Coverage], day: dt.date) -> NodeMatch:
    """Match the rows of one node: as much as possible within the county, at least cost of distance and price."""
    makers = [row for row in rows if row.role == Role.MAKE and row.enterprise.production_status not in (*GROWING, *STOPPED)]
    users = [row for row in rows if row.role == Role.USE and row.enterprise.production_status not in STOPPED]
    able = [(row, free(row) or 0) for row in makers if free(row)]
    wanting = [(row, free(row) or 0) for row in users if free(row)]
    nearness = [[near(maker.enterprise, user.enterprise) for user, _fen in wanting] for maker, _fen in able]
    apart = np.array([[maker.enterprise_id != user.enterprise_id for user, _fen in wanting] for maker, _fen in able], dtype=bool).reshape(len(able), len(wanting))
    cost = _cost(able, nearness)
    found, amounts = _solve(able, wanting, cost, apart & _within(nearness, apart, Near.COUNTY))
    _found, inside = _solve(able, wanting, cost, apart & _within(nearness, apart, Near.PARK))
    gained, gained_inside = _gained(able, wanting, amounts), _gained(able, wanting, inside)
    scarce = {row.pk for (row, _fen), dual in [*zip(able, found.scarce, strict=True), *zip(wanting, found.wanted, strict=True)] if found.unmet_price and dual > found.unmet_price / 2}
    sides = {row.pk: Side(row, free(row), gained.get(row.pk, 0), gained_inside.get(row.pk, 0), row.pk in scarce) for row in (*makers, *users)}
    left = np.array([fen for _row, fen in able], dtype=np.int64) - amounts.sum(axis=1) > 0
    as_good = apart & _within(nearness, apart, Near.COUNTY) & left.reshape(-1, 1)
    pairs = [Pair(sides[able[i][0].pk], sides[wanting[j][0].pk], int(amounts[i, j]), nearness[i][j], sum(bool(as_good[other, j] and other != i and cost[other, j] <= cost[i, j]) for other in range(len(able))))
             for i, j in np.argwhere(amounts > 0)]
    return NodeMatch(node, tuple(sides[row.pk] for row in makers), tuple(sides[row.pk] for row in users), tuple(sorted(pairs, key=lambda pair: -pair.fen)), found.gap, day,
                     max((row.changed_at for row in rows), default=None), tuple(rows))


Amounts = Sequence[tuple[Coverage, int]]
Costs = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Flags = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


def _within(nearness: Sequence[Sequence[Near]], shape: Flags, most: Near) -> Flags:
    """Which pairs are no farther apart."""
    return np.array(nearness, dtype=np.int64).reshape(shape.shape) <= most


def _cost(able: Amounts, nearness: Sequence[Sequence[Near]]) -> Costs:
    """(s, b) what a yuan's worth costs on top: carrying it, and how much dearer it is than the cheapest."""
    far = np.array([[COST[each] for each in line] for line in nearness], dtype=float).reshape(len(able), -1 if able else 0)
    return far + np.array(_markups([row for row, _fen in able]), dtype=float).reshape(-1, 1)


def _solve(able: Amounts, wanting: Amounts, cost: Costs, allowed: Flags) -> tuple[engine.Matched, np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    """Solve in 万元 and answer in whole fen: a transport problem of whole amounts has a whole optimum, so rounding takes nothing from anybody."""
    capacity, demand = (np.array([fen / WAN for _row, fen in each], dtype=float) for each in (able, wanting))
    found = engine.match(capacity, demand, cost.reshape(len(able), len(wanting)), allowed)
    return found, np.rint(found.amounts * WAN).astype(np.int64)


def _markups(makers: Sequence[Coverage]) -> list[float]:
    """How much dearer each is than the cheapest of those priced in the same unit; who told no price is taken for no dearer."""
    cheapest: dict[str, int] = {}
    for row in makers:
        if row.price_fen:
            cheapest[row.price_unit] = min(row.price_fen, cheapest.get(row.price_unit, row.price_fen))
    return [row.price_fen / cheapest[row.price_unit] - 1 if row.price_fen else 0.0 for row in makers]


def _gained(able: Amounts, wanting: Amounts, amounts: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Mapping[int, int]:
    """What each row gains, by its number."""
    sums = [*zip(able, amounts.sum(axis=1), strict=True), *zip(wanting, amounts.sum(axis=0), strict=True)]
    return {row.pk: min(int(fen), most) for (row, most), fen in sums}


def partners(firm: Enterprise, nodes: Iterable[str]) -> dict[tuple[str, str], int]:
    """Of each (node, role) of a firm, how many other firms of the county could still sell it, or still buy of it; counted, not named."""
    found: dict[tuple[str, str], int] = {}
    rows = list(register.believed(list(nodes)))
    for mine in (row for row in rows if row.enterprise_id == firm.pk):
        others = [row for row in rows if row.node == mine.node and row.role != mine.role and row.enterprise_id != firm.pk]
        found[mine.node, mine.role] = len({row.enterprise_id for row in others if free(row) and near(row.enterprise, firm) is not Near.ELSEWHERE and row.enterprise.production_status not in (*GROWING, *STOPPED)})
    return found
