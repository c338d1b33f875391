"""Quotients, concentration, shift-share, complexity: identities, plain references and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from diguan.chains.engine import location
from diguan.chains.engine.complexity import complexity, fitness
from diguan.kernel.refusals import Refusal


def positive(size):
    return arrays.arrays(float, size, elements=st.floats(0.5, 1000))


@given(positive(5), positive(5))
def test_quotients_weighted_by_the_whole_have_mean_1(local, whole):
    assert np.average(location.quotients(local, whole), weights=whole) == pytest.approx(1)


def test_quotients_of_all_regions_at_once_equal_each_by_itself_and_an_empty_one_has_none():
    counts = np.array([[3.0, 1.0, 0.0], [0.0, 0.0, 0.0], [5.0, 0.0, 2.0]])
    found = location.every_quotient(counts)
    for at in (0, 2):
        assert found[at] == pytest.approx(location.quotients(counts[at], counts.sum(axis=0)))
    assert np.isnan(found[1]).all()


def test_the_band_holds_the_quotient_and_is_wide_for_few_firms():
    local, whole = np.array([2.0, 0.0, 98.0]), np.array([100.0, 400.0, 9500.0])
    found = location.with_band(local, whole)
    assert (found.low <= found.quotient).all()
    assert (found.quotient <= found.high).all()
    assert found.high[1] > 0
    assert list(found.unsure) == [True, True, False]
    assert (found.high - found.low)[0] > 10 * (found.high - found.low)[2]
    assert np.array_equal(location.with_band(local, whole).low, found.low)


def test_shrinking_draws_towards_1_the_more_the_fewer_firms():
    local, whole = np.array([2.0, 200.0, 798.0]), np.array([1.0, 100.0, 899.0])
    raw, shrunk = location.quotients(local, whole), location.shrunk(local, whole, strength=5.0)
    assert abs(shrunk[0] - 1) < abs(raw[0] - 1) / 2
    assert shrunk[1] == pytest.approx(raw[1], rel=0.05)


@given(positive(6))
def test_hhi_lies_between_one_nth_and_1(parts):
    assert 1 / 6 - 1e-12 <= location.hhi(parts) <= 1


def test_concentration_is_0_where_the_region_is_as_the_whole():
    whole = np.array([1.0, 2.0, 3.0])
    assert location.krugman(whole * 2, whole) == pytest.approx(0)
    assert location.theil(whole * 2, whole) == pytest.approx(0)
    assert location.krugman(np.array([1.0, 0, 0]), np.array([0, 1.0, 1.0])) == pytest.approx(2)
    assert location.ellison_glaeser(np.array([1.0, 0, 0]), np.ones(3), np.ones(1000)) > 0.9
    assert location.litzenberger_sternberg(jobs_share=0.1, area_share=0.1, people_share=0.1, firms_share=0.1) == pytest.approx(1)


@given(positive(4), positive(4), positive(4), positive(4))
def test_shift_share_parts_add_up_to_the_change(before, after, all_before, all_after):
    found = location.shift_share((before, after), (all_before, all_after))
    assert np.allclose(found.national + found.mix + found.competitive, after - before, rtol=0, atol=1e-9 * np.abs(np.concatenate([after, before])).max() * 4000)
    assert np.allclose(found.pure + found.allocation, found.competitive)


def test_a_region_that_grows_as_the_nation_by_industry_has_no_competitive_part():
    before, all_before = np.array([10.0, 20.0]), np.array([100.0, 300.0])
    rate = np.array([1.5, 0.9])
    found = location.shift_share((before, before * rate), (all_before, all_before * rate))
    assert found.competitive == pytest.approx([0, 0])


def test_an_empty_county_is_refused():
    for call in (lambda: location.quotients(np.zeros(3), np.ones(3)), lambda: location.hhi(np.zeros(3)), lambda: location.shift_share((np.zeros(2), np.ones(2)), (np.ones(2), np.ones(2)))):
        with pytest.raises(Refusal):
            call()


# ── complexity ────────────────────────────────────────────────────────────
def counts(seed=3, shape=(40, 25)):
    draw = np.random.default_rng(seed)
    skill, need = draw.random(shape[0]), draw.random(shape[1])
    return draw.poisson(1 + 60 * np.exp(-6 * np.maximum(0, need[None, :] - skill[:, None])) * draw.random(shape)).astype(float)


def plain(table):
    """The textbook way: the second eigenvector of the walk between regions, by the general solver; loops for the rest."""
    has = (table / table.sum(1, keepdims=True)) / (table.sum(0) / table.sum()) >= 1
    m = has.astype(float)
    diversity, ubiquity = m.sum(1), m.sum(0)
    values, vectors = np.linalg.eig((m / diversity[:, None]) @ (m / ubiquity).T)
    eci = vectors[:, np.argsort(-values.real)[1]].real
    eci = eci * np.sign(np.corrcoef(eci, diversity)[0, 1])
    values, vectors = np.linalg.eig((m / ubiquity).T @ (m / diversity[:, None]))
    pci = vectors[:, np.argsort(-values.real)[1]].real
    pci = pci * np.sign(np.corrcoef(pci, (m / ubiquity).T @ eci)[0, 1])
    proximity = np.array([[(m[:, p] * m[:, q]).sum() / max(ubiquity[p], ubiquity[q]) for q in range(m.shape[1])] for p in range(m.shape[1])])
    pci = (pci - pci.mean()) / pci.std()
    gain = np.full(m.shape, np.nan)
    for c, p in np.argwhere(~has):
        gain[c, p] = sum(proximity[p, q] / proximity[q].sum() * (1 - m[c, q]) * pci[q] for q in range(m.shape[1])) - (m[c] * proximity[p]).sum() / proximity[p].sum() * pci[p]
    return (eci - eci.mean()) / eci.std(), pci, proximity, m @ proximity / proximity.sum(0), gain


@pytest.mark.parametrize("shape", [(40, 25), (25, 40), (110, 70), (70, 110)])
def test_complexity_equals_the_textbook_way(shape):
    found = complexity(counts(shape=shape))
    for mine, answer in zip((found.eci, found.pci, found.proximity, found.density, found.gain), plain(counts(shape=shape)), strict=True):
        assert np.allclose(mine, answer, atol=1e-9, equal_nan=True)


def test_complexity_does_not_depend_on_the_order_of_rows_and_columns():
    table, draw = counts(), np.random.default_rng(1)
    rows, columns = draw.permutation(40), draw.permutation(25)
    first, second = complexity(table), complexity(table[np.ix_(rows, columns)])
    assert np.allclose(first.eci[rows], second.eci, atol=1e-9)
    assert np.allclose(first.density[np.ix_(rows, columns)], second.density, atol=1e-9)


def test_small_regions_are_left_out_and_told():
    table = counts()
    table[0] = 0
    table[1] = 0.01
    found = complexity(table, least=5)
    assert list(found.regions[:3]) == [False, False, True]
    assert np.isnan(found.eci[:2]).all()


def test_blocks_that_share_nothing_are_refused():
    with pytest.raises(Refusal, match="disconnected"):
        complexity(np.kron(np.eye(2), counts(shape=(8, 6)) + 1))


def test_bad_counts_are_refused():
    for table in (np.full((5, 5), np.nan), -counts(), np.zeros((5, 5))):
        with pytest.raises(Refusal):
            complexity(table)


def test_fitness_rises_with_what_only_few_can_do():
    fit, quality = fitness(np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=bool))
    assert fit[0] > fit[1] > fit[2]
    assert quality[2] > quality[1] > quality[0]
