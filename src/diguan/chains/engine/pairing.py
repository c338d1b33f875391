"""Who could supply whom, very many at once: for each need the best suppliers of the same node, scored, never all pairs in memory.

``score = coverage × nearness × price``, each within 0 to 1 and made of additions, products, quotients and roots alone, which every machine and
every database rounds alike: the same lists come out everywhere. Equal scores go to the firm with the smaller number. What nobody knows (a
capacity, a place, a price) stands at its middle, as in :mod:`diguan.chains.engine.ranking`, and :func:`parts` tells that it was not known.
These are shortlists; how much goes from whom to whom is :func:`diguan.chains.engine.sourcing.match`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from diguan.chains.engine.basis import Matrix, Vector, refused

Whole = np.ndarray[Any, np.dtype[np.integer[Any]]]
NOBODY_KNOWS = 0.5
NONE = -1
BLOCK = 1 << 16
"""Pairs judged at once: half a megabyte, which stays in a processor's own cache."""


@dataclass(frozen=True)
class Offers:
    """(m,) each: ``firm`` makes ``amount`` of ``node`` a year; a firm offers a node once. NaN: nobody knows.

    Attributes:
        firm: numbers from 0; node: any numbers.
        amount: capacity in the unit of demand, not below 0.
        price: a unit, above 0; None where prices play no part.
    """

    firm: Whole
    node: Whole
    amount: Vector
    price: Vector | None = None

    def __len__(self) -> int:
        return len(self.firm)


@dataclass(frozen=True)
class Needs:
    """(n,) each: ``firm`` uses ``amount`` of ``node`` a year, above 0; NaN: nobody knows how much."""

    firm: Whole
    node: Whole
    amount: Vector

    def __len__(self) -> int:
        return len(self.firm)


class Near(Protocol):
    """How near firms are to one another: 1 at the same place, towards 0 far away, NaN where nobody knows."""

    def __len__(self) -> int:
        """How many firms it knows."""
        ...

    def __call__(self, buyer: Whole, supplier: Whole) -> Matrix:
        """Nearness of firms by their numbers; shapes are broadcast."""
        ...


@dataclass(frozen=True)
class Kilometres:
    """By distance as the crow flies: ``half / (half + distance)``, so a supplier ``half`` km away counts half.

    Attributes:
        east, north: (firms,) in km on one grid; NaN where nobody knows.
        half: km, above 0.
    """

    east: Vector
    north: Vector
    half: float = 20.0

    def __len__(self) -> int:
        return len(self.east)

    def __call__(self, buyer: Whole, supplier: Whole) -> Matrix:
        found = self.east[buyer] - self.east[supplier]
        found *= found
        other = self.north[buyer] - self.north[supplier]
        other *= other
        found += other
        np.sqrt(found, out=found)
        found += self.half
        return np.asarray(np.divide(self.half, found, out=found))


@dataclass(frozen=True)
class Tiers:
    """By where both are: in one park, in one county, elsewhere.

    Attributes:
        park: (firms,) numbers; below 0: in no park.
        county: (firms,) numbers; below 0: nobody knows.
        steps: nearness in one park, in one county, elsewhere.
    """

    park: Whole
    county: Whole
    steps: tuple[float, float, float] = (1.0, 0.8, 0.5)

    def __len__(self) -> int:
        return len(self.park)

    def __call__(self, buyer: Whole, supplier: Whole) -> Matrix:
        park, county = self.park[buyer], self.county[buyer]
        found = np.where(county == self.county[supplier], self.steps[1], self.steps[2])
        found[(np.minimum(county, self.county[supplier])) < 0] = np.nan
        found[(park == self.park[supplier]) & (park >= 0)] = self.steps[0]
        return found


@dataclass(frozen=True)
class Shortlists:
    """Of n needs, the k best each.

    Attributes:
        offer: (n, k) rows of the offers, best first; :data:`NONE` where there are fewer.
        score: (n, k); 0 there.
        pairs: how many were judged.
    """

    offer: Whole
    score: Matrix
    pairs: int

    def rows(self) -> tuple[Whole, Whole]:
        """(rows of needs, rows of offers) of everything listed, by need and then best first."""
        need, place = np.nonzero(self.offer != NONE)
        return need, self.offer[need, place]


@dataclass(frozen=True)
class Parts:
    """Of given pairs: what their scores are the product of; NaN where nobody knows, which counted :data:`NOBODY_KNOWS`. ``price`` is 1 where prices play no part."""

    coverage: Vector
    nearness: Vector
    price: Vector


def shortlists(offers: Offers, needs: Needs, near: Near, most: int = 10, block: int = BLOCK) -> Shortlists:
    """For each need the ``most`` best suppliers of its node. A firm is no supplier of its own, and a score of 0 is not listed.

    Time grows with the pairs (offers times needs of a node, summed over nodes), memory with the lists and one block alone.

    Raises:
        Refusal: lengths that do not fit, firms unknown to ``near``, amounts below 0, needs of 0, prices not above 0, an offer told twice.
    """
    _check(offers, needs, near, most)
    cheap = _cheapness(offers)
    found = Shortlists(np.full((len(needs), most), NONE, dtype=np.int64), np.zeros((len(needs), most)), 0)
    pairs = 0
    for need, offer in _blocks(offers, needs, block):
        scores = _scores(offers, needs, near, cheap, need[:, None], offer)
        if len(offer) > 1:
            scores[offer == NONE] = NONE
            pairs += int((offer != NONE).sum())
        else:
            pairs += scores.size
        scores[needs.firm[need][:, None] == offers.firm[offer]] = 0
        places, best = _best(scores, most)
        width = best.shape[1]
        found.offer[need, :width] = np.where(best > 0, np.take_along_axis(offer, places, axis=1), NONE)
        found.score[need, :width] = np.maximum(best, 0)
    return Shortlists(found.offer, found.score, pairs)


def parts(offers: Offers, needs: Needs, near: Near, need: Whole, offer: Whole) -> Parts:
    """What the scores of pairs (rows of needs, rows of offers; shapes alike) are made of."""
    cheap = _cheapness(offers)
    price = np.ones(need.shape) if cheap is None else cheap[offer]
    return Parts(_coverage(offers, needs, need, offer), near(needs.firm[need], offers.firm[offer]), price)


def _coverage(offers: Offers, needs: Needs, need: Whole, offer: Whole) -> Matrix:
    found = offers.amount[offer] / needs.amount[need]
    return np.asarray(np.minimum(found, 1.0, out=found))


def _scores(offers: Offers, needs: Needs, near: Near, cheap: Vector | None, need: Whole, offer: Whole) -> Matrix:
    found = _filled(_coverage(offers, needs, need, offer))
    found *= _filled(near(needs.firm[need], offers.firm[offer]))
    if cheap is not None:
        found *= np.nan_to_num(cheap[offer], nan=NOBODY_KNOWS)
    return found


def _filled(values: Matrix) -> Matrix:
    """NaN at its middle. A sum is NaN if one of its parts is, and costs less than asking each."""
    if np.isnan(values.sum()):
        values[np.isnan(values)] = NOBODY_KNOWS
    return values


def _cheapness(offers: Offers) -> Vector | None:
    """(m,) the least price told at the node over this one; None without prices."""
    if offers.price is None:
        return None
    node = np.unique(offers.node, return_inverse=True)[1]
    least = np.full(int(node.max(initial=-1)) + 1, np.inf)
    np.fmin.at(least, node, offers.price)
    return np.asarray(least[node] / offers.price)


def _blocks(offers: Offers, needs: Needs, block: int) -> Iterator[tuple[Whole, Whole]]:
    """(b,) rows of needs and (1 or b, w) rows of offers they may choose from, ascending by firm; :data:`NONE` fills up.

    A node with many pairs is cut along its needs, and all of these have one row of offers. Small nodes go together, those with about as many offers.
    """
    sellers, buyers = np.lexsort((offers.firm, offers.node)), np.argsort(needs.node, kind="stable")
    offered, needed = offers.node[sellers], needs.node[buyers]
    nodes = np.intersect1d(offered, needed)
    (start, end), (first, last) = ([np.searchsorted(values, nodes, side) for side in ("left", "right")] for values in (offered, needed))
    order = np.argsort(end - start, kind="stable")
    start, first, widths, heights = start[order], first[order], (end - start)[order], (last - first)[order]
    for begin, stop in _together(widths.tolist(), heights.tolist(), block):
        width, step = int(widths[stop - 1]), max(1, block // int(widths[stop - 1]))
        if stop == begin + 1:
            for at in range(first[begin], first[begin] + heights[begin], step):
                yield buyers[at : min(at + step, first[begin] + heights[begin])], sellers[None, start[begin] : start[begin] + width]
        else:
            high = heights[begin:stop]
            which = np.repeat(np.arange(begin, stop), high)
            rows = np.arange(len(which)) - np.repeat(np.cumsum(high) - high, high) + first[which]
            columns = np.arange(width)
            places = np.where(columns < widths[begin:stop, None], start[begin:stop, None] + columns, 0)
            yield buyers[rows], np.where(columns < widths[begin:stop, None], sellers[places], NONE)[which - begin]


def _together(widths: list[int], heights: list[int], block: int) -> Iterator[tuple[int, int]]:
    """Runs of nodes, by width, that fill one block at most, or one node that is larger."""
    begin = rows = 0
    for at, (width, height) in enumerate(zip(widths, heights, strict=True)):
        if at > begin and (rows + height) * width > block:
            yield begin, at
            begin, rows = at, 0
        rows += height
    if widths:
        yield begin, len(widths)


def _best(scores: Matrix, most: int) -> tuple[Whole, Matrix]:
    """(b, k) places and scores of each row's k best, best first, equal ones by place; k is ``most`` or all there are."""
    width = scores.shape[1]
    if width > most:
        places = _above(scores, np.partition(scores, width - most, axis=1)[:, width - most], most)
    else:
        places = np.broadcast_to(np.arange(width), scores.shape)
    chosen = np.take_along_axis(scores, places, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(chosen, order, axis=1)


def _above(scores: Matrix, least: Vector, most: int) -> Whole:
    """(b, most) places of the ``most`` scores at or above each row's ``least``, ascending; of those that equal it the first."""
    count, width = scores.shape
    flat = np.flatnonzero(scores >= least[:, None])
    if len(flat) > count * most:
        row = flat // width
        equal = scores.ravel()[flat] == least[row]
        before = np.cumsum(equal) - equal
        room = most - np.bincount(row[~equal], minlength=count)
        first = before[np.searchsorted(row, np.arange(count))]
        flat = flat[~equal | (before - first[row] < room[row])]
    return np.asarray(flat.reshape(count, most) % width)


def _check(offers: Offers, needs: Needs, near: Near, most: int) -> None:
    firms = len(near)
    if any(len({len(each) for each in columns}) > 1 for columns in ((offers.firm, offers.node, offers.amount, *(() if offers.price is None else (offers.price,))), (needs.firm, needs.node, needs.amount))) or most < 1:
        raise refused("bad_pairing", "供给和需求各列应一样长，每项需求至少列一家。", "Columns of offers and of needs are as long as one another, and at least one supplier is listed.")
    if any(len(each) and (each.min() < 0 or each.max() >= firms) for each in (offers.firm, needs.firm)):
        raise refused("unknown_firm", f"企业编号应在 0 到 {firms - 1} 之间。", f"Firms are numbers from 0 to {firms - 1}.")
    if (offers.amount < 0).any() or (needs.amount <= 0).any() or (offers.price is not None and (offers.price <= 0).any()) or np.isinf(offers.amount).any() or np.isinf(needs.amount).any():
        raise refused("bad_amount", "产能应不小于 0，需求和价格应大于 0；不知道的留空，不填 0。", "Capacity is not below 0, demand and price are above 0; what is not known is left out and not 0.")
    told = np.lexsort((offers.firm, offers.node))
    twice = (np.diff(offers.node[told]) == 0) & (np.diff(offers.firm[told]) == 0)
    if twice.any():
        firm = int(offers.firm[told[int(twice.argmax())]])
        raise refused("offer_twice", f"企业 {firm} 在同一环节的产能出现两次，请先合并。", f"Firm {firm} offers a node twice; add the two up first.")
