"""Shortlists of suppliers: equal to a plain loop, whatever the order and the blocks; what is not known, and what is refused."""

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.chains.engine.pairing import NONE, Kilometres, Needs, Offers, Tiers, parts, shortlists
from diguan.kernel.refusals import Refusal

FIRMS = 9


def world(seed):
    """A few firms at a few nodes, few distinct values so that there are ties, and gaps in what is known."""
    draw = np.random.default_rng(seed)
    told = np.unique(draw.integers(0, (FIRMS, 3), (draw.integers(0, 25), 2)), axis=0)
    told = told[draw.permutation(len(told))]
    amounts, prices = draw.choice([0.0, 5.0, 10.0, 20.0, np.nan], len(told)), draw.choice([1.0, 2.0, np.nan], len(told))
    count = draw.integers(0, 25)
    offers = Offers(told[:, 0], told[:, 1], amounts, prices if draw.random() < 0.7 else None)
    needs = Needs(draw.integers(0, FIRMS, count), draw.integers(0, 4, count), draw.choice([5.0, 10.0, np.nan], count))
    east, north = draw.choice([0.0, 3.0, 10.0, np.nan], FIRMS, p=[0.4, 0.3, 0.2, 0.1]), draw.choice([0.0, 4.0], FIRMS)
    near = Kilometres(east, north, 10.0) if draw.random() < 0.5 else Tiers(draw.integers(-1, 3, FIRMS), draw.integers(-1, 2, FIRMS))
    return offers, needs, near


def nearness(near, buyer, seller):
    if isinstance(near, Kilometres):
        across, along = near.east[buyer] - near.east[seller], near.north[buyer] - near.north[seller]
        return near.half / (near.half + math.sqrt(across * across + along * along))
    if near.park[buyer] == near.park[seller] >= 0:
        return near.steps[0]
    if min(near.county[buyer], near.county[seller]) < 0:
        return math.nan
    return near.steps[1] if near.county[buyer] == near.county[seller] else near.steps[2]


def by_loop(offers, needs, near, most):
    """The plain way: every pair by itself."""
    def known(value):
        return 0.5 if math.isnan(value) else value

    found = []
    for need in range(len(needs)):
        scored = []
        for offer in range(len(offers)):
            if offers.node[offer] != needs.node[need] or offers.firm[offer] == needs.firm[need]:
                continue
            score = known(min(offers.amount[offer] / needs.amount[need], 1.0) if not math.isnan(offers.amount[offer] / needs.amount[need]) else math.nan)
            score *= known(nearness(near, needs.firm[need], offers.firm[offer]))
            if offers.price is not None:
                least = min([price for node, price in zip(offers.node, offers.price, strict=True) if node == needs.node[need] and not math.isnan(price)], default=math.nan)
                score *= known(least / offers.price[offer])
            if score > 0:
                scored.append((-score, offers.firm[offer], offer))
        found.append([(offer, -score) for score, _firm, offer in sorted(scored)[:most]])
    return found


def listed(found):
    return [[(offer, score) for offer, score in zip(row, scores, strict=True) if offer != NONE] for row, scores in zip(found.offer.tolist(), found.score.tolist(), strict=True)]


@given(st.integers(0, 1_000_000), st.integers(1, 6), st.sampled_from([1, 3, 7, 1 << 16]))
@settings(max_examples=250, deadline=None)
def test_lists_equal_a_plain_loops_to_the_last_bit_whatever_the_block(seed, most, block):
    offers, needs, near = world(seed)
    assert listed(shortlists(offers, needs, near, most, block)) == by_loop(offers, needs, near, most)


@given(st.integers(0, 1_000_000))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed):
    offers, needs, near = world(seed)
    turned = np.random.default_rng(seed).permutation(len(offers))
    other = Offers(offers.firm[turned], offers.node[turned], offers.amount[turned], None if offers.price is None else offers.price[turned])
    one, two = shortlists(offers, needs, near, 3), shortlists(other, needs, near, 3)
    assert np.array_equal(one.score, two.score)
    assert np.array_equal(one.offer, np.where(two.offer == NONE, NONE, turned[two.offer]) if len(offers) else two.offer)


def test_equal_scores_go_to_the_firm_with_the_smaller_number():
    firms = np.array([7, 3, 5, 1, 8, 2])
    found = shortlists(Offers(firms, np.zeros(6, dtype=int), np.full(6, 9.0)), Needs(np.array([0]), np.array([0]), np.array([4.0])), Tiers(np.zeros(9, dtype=int), np.zeros(9, dtype=int)), 3)
    assert firms[found.offer[0]].tolist() == [1, 2, 3]
    assert found.pairs == 6


def test_scores_by_hand():
    """Firm 0 needs 10. Firm 1 makes 5 of it 20 km off; firm 2 makes 40 next door, dearer by half."""
    offers = Offers(np.array([1, 2]), np.array([4, 4]), np.array([5.0, 40.0]), np.array([2.0, 3.0]))
    needs = Needs(np.array([0]), np.array([4]), np.array([10.0]))
    found = shortlists(offers, needs, Kilometres(np.array([0.0, 12.0, 0.0]), np.array([0.0, 16.0, 0.0])))
    assert found.offer[0, :3].tolist() == [1, 0, NONE]
    assert found.score[0, :3] == pytest.approx([1 * 1 * 2 / 3, 0.5 * 0.5, 0])


@given(st.integers(0, 1_000_000))
@settings(max_examples=60, deadline=None)
def test_every_score_opens_to_its_parts_and_tells_what_was_not_known(seed):
    offers, needs, near = world(seed)
    found = shortlists(offers, needs, near, 4)
    need, offer = found.rows()
    opened = parts(offers, needs, near, need, offer)
    product = np.prod([np.nan_to_num(each, nan=0.5) for each in (opened.coverage, opened.nearness, opened.price)], axis=0)
    assert product == pytest.approx(found.score[found.offer != NONE])
    assert np.array_equal(np.isnan(opened.coverage), np.isnan(offers.amount[offer]) | np.isnan(needs.amount[need]))


@given(st.integers(0, 1_000_000))
@settings(max_examples=60, deadline=None)
def test_more_capacity_never_lowers_a_suppliers_place(seed):
    offers, needs, near = world(seed)
    if not len(offers):
        return
    amount = offers.amount.copy()
    amount[0] *= 2
    before, after = (shortlists(each, needs, near, 3).offer == 0 for each in (offers, replace(offers, amount=amount)))
    for was, is_ in zip(before, after, strict=True):
        assert not was.any() or is_.argmax() <= was.argmax()


def test_a_node_with_very_many_pairs_never_has_them_all_in_memory():
    """3,000 × 3,000 pairs are 72 MB of scores alone."""
    draw = np.random.default_rng(1)
    firms = np.arange(3000)
    offers, needs = (kind(firms, np.zeros(3000, dtype=int), draw.lognormal(3, 1, 3000)) for kind in (Offers, Needs))
    tracemalloc.start()
    found = shortlists(offers, needs, Kilometres(draw.random(3000) * 60, draw.random(3000) * 60))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.pairs == 9_000_000
    assert most < 12e6


def test_nothing_offered_or_needed_gives_empty_lists():
    empty, none = np.zeros(0, dtype=int), np.zeros(0)
    near = Tiers(np.zeros(1, dtype=int), np.zeros(1, dtype=int))
    assert (shortlists(Offers(empty, empty, none), Needs(np.array([0]), np.array([0]), np.array([1.0])), near).offer == NONE).all()
    assert shortlists(Offers(np.array([0]), np.array([0]), np.array([1.0])), Needs(empty, empty, none), near).offer.shape == (0, 10)


@pytest.mark.parametrize(("changes", "code"), [
    ({"firm": np.array([0, 9])}, "unknown_firm"), ({"firm": np.array([-1, 1])}, "unknown_firm"), ({"firm": np.array([1, 1])}, "offer_twice"),
    ({"amount": np.array([1.0, -1.0])}, "bad_amount"), ({"amount": np.array([1.0, np.inf])}, "bad_amount"), ({"price": np.array([1.0, 0.0])}, "bad_amount"), ({"price": np.array([1.0])}, "bad_pairing"),
])
def test_offers_that_cannot_be_are_refused(changes, code):
    offers = Offers(np.array([0, 1]), np.array([2, 2]), np.array([1.0, 2.0]))
    needs, near = Needs(np.array([2]), np.array([2]), np.array([1.0])), Tiers(np.zeros(3, dtype=int), np.zeros(3, dtype=int))
    assert shortlists(offers, needs, near).pairs == 2
    with pytest.raises(Refusal, match=code):
        shortlists(replace(offers, **changes), needs, near)
    with pytest.raises(Refusal, match="bad_amount"):
        shortlists(offers, replace(needs, amount=np.array([0.0])), near)
    with pytest.raises(Refusal, match="bad_pairing"):
        shortlists(offers, needs, near, most=0)
