"""Models, regions and margins: what must hold of any table, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from diguan.chains.engine import example, leontief
from diguan.chains.engine.balance import ras
from diguan.chains.engine.basis import Basis
from diguan.chains.engine.leontief import Households, Model, extractions, linkages, multipliers
from diguan.chains.engine.regional import (
    METHODS,
    Band,
    Region,
    calibrate,
    delta_band,
    every_county,
    learned_delta,
    local_shares,
    quotients,
    regionalise,
    sector_deltas,
    slq,
)
from diguan.chains.engine.table import without_imports
from diguan.kernel.refusals import Refusal

BASIS = Basis("t", 2020, "test", "万元")


@st.composite
def economies(draw):
    size = draw(st.integers(2, 7))
    raw = draw(arrays.arrays(float, (size, size), elements=st.floats(0, 1)))
    return raw / np.maximum(raw.sum(axis=0), 1e-9) * draw(arrays.arrays(float, size, elements=st.floats(0, 0.9)))


def open_model(a):
    return Model(tuple(map(str, range(len(a)))), a, {}, BASIS)


@pytest.fixture
def table():
    return without_imports(example.table())


@given(economies())
def test_the_inverse_undoes_i_minus_a_and_multipliers_are_at_least_1(a):
    model = open_model(a)
    assert np.allclose(model.inverse @ (np.eye(len(a)) - a), np.eye(len(a)), atol=1e-9)
    assert (model.inverse >= np.eye(len(a)) - 1e-12).all()
    found = multipliers(model)
    assert (found.effect >= 1 - 1e-12).all()
    assert np.allclose(found.effect, model.inverse.sum(axis=0))


@given(economies(), st.floats(0.1, 50))
def test_a_shock_is_linear_and_adds_up(a, factor):
    model = open_model(a)
    one, two = np.arange(1.0, len(a) + 1), np.ones(len(a))
    assert np.allclose(model.respond(one * factor + two), factor * model.respond(one) + model.respond(two))
    assert np.allclose(model.respond(np.stack([one, two], axis=1))[:, 1], model.respond(two))


@given(economies())
def test_the_loss_of_a_sector_equals_solving_without_it(a):
    final = np.linspace(1, 2, len(a))
    model = open_model(a)
    output = model.respond(final)
    found = extractions(model, output)
    for k in range(len(a)):
        rest = np.delete(np.arange(len(a)), k)
        left = np.linalg.solve(np.eye(len(rest)) - a[np.ix_(rest, rest)], final[rest])
        assert found.loss[k] == pytest.approx(output.sum() - left.sum())
        assert found.others[k] == pytest.approx(output[rest].sum() - left.sum(), abs=1e-9)


def test_linkages_have_mean_1_and_ghosh_is_another_forward(table):
    model = leontief.model(table)
    found, ghosh = linkages(model), linkages(model, table)
    for each in (found.backward, found.forward, ghosh.forward):
        assert each.mean() == pytest.approx(1)
    assert not np.allclose(found.forward, ghosh.forward)


def test_a_sector_without_output_has_multiplier_1_and_no_ratio():
    flows = np.array([[1.0, 0.0], [1.0, 0.0]])
    model = Model(("a", "b"), leontief.coefficients(flows, np.array([4.0, 0.0])), {"jobs": np.array([2.0, np.nan])}, BASIS)
    assert multipliers(model).effect[1] == 1
    assert np.isnan(multipliers(model, "jobs").ratio[1])


def test_value_added_and_imports_together_are_one_for_one(table):
    model = leontief.model(table)
    brought_in = np.array(table.inputs["imported"]) / table.output
    assert np.allclose(multipliers(model, "value_added").effect + model.inverse.T @ brought_in, 1)


def test_a_singular_or_unproductive_economy_is_refused():
    for a, code in (([[0.5, 0.5], [0.5, 0.5]], "singular"), ([[0.9, 0.5], [0.5, 0.9]], "not_productive"), ([[1.0, 0.0], [0.0, 0.1]], "singular")):
        with pytest.raises(Refusal, match=code):
            multipliers(open_model(np.array(a)))


def test_type_ii_is_above_type_i_and_wages_overstate(table):
    wages = float(table.value_added["wages"].sum())
    first = multipliers(leontief.model(table)).effect
    second = multipliers(leontief.model(table, Households(2500.0))).effect
    labelled = leontief.model(table, Households(wages, leontief.WAGES_ONLY))
    assert (second > first).all()
    assert (multipliers(labelled).effect > second).all()
    assert any("wages alone" in note.en for note in labelled.basis.warnings())
    away = multipliers(leontief.model(table, Households(2500.0, living_here=0.5))).effect
    assert (away < second).all()


@pytest.mark.parametrize("households", [Households(1.0), Households(0.0), Households(5000.0, "guess"), Households(5000.0, living_here=1.1), Households(700.0, leontief.WAGES_ONLY)])
def test_households_that_cannot_be_are_refused(table, households):
    with pytest.raises(Refusal):
        leontief.model(table, households)


def test_a_coefficient_the_table_does_not_have_is_refused(table):
    with pytest.raises(Refusal, match="no_such_coefficient"):
        multipliers(leontief.model(table), "water")


# ── regions ───────────────────────────────────────────────────────────────
def county(table):
    return Region(table.output * np.array([0.02, 0.001, 0.03, 0.01, 0.01, 0.008]), table.output, name="某县")


def test_quotients_weighted_by_the_whole_have_mean_1(table):
    region = county(table)
    assert np.average(slq(region), weights=region.whole) == pytest.approx(1)


def test_regional_multipliers_lie_below_the_wholes_and_fall_as_delta_grows(table):
    model, region = leontief.model(table), county(table)
    whole = multipliers(model).effect
    for method in METHODS:
        assert (multipliers(regionalise(model, region, method)).effect <= whole + 1e-12).all()
    low, mid, high = delta_band(model, region)
    assert (low.effect <= mid.effect).all()
    assert (mid.effect <= high.effect).all()
    assert low.basis.delta == mid.basis.delta == high.basis.delta == (0.15, 0.2, 0.3)
    assert "FLQ δ 0.15–0.3" in mid.basis.caption("zh")


def test_the_region_that_is_the_whole_keeps_its_coefficients(table):
    model = leontief.model(table)
    for method in METHODS:
        assert np.allclose(regionalise(model, Region(table.output, table.output), method).a, model.a)


def test_flq_by_hand():
    region = Region(np.array([1.0, 3.0]), np.array([50.0, 50.0]))
    size = np.log2(1.04) ** 0.3
    assert np.allclose(quotients(region, "FLQ", 0.3), np.array([[0.5, 0.5 / 1.5], [3.0, 1.5]]) * size)
    assert np.allclose(quotients(region, "AFLQ", 0.3)[:, 1], np.array([0.5 / 1.5, 1.5]) * size * np.log2(2.5))
    assert np.allclose(quotients(region, "CILQ", 0.3)[0], [0.5, 0.5 / 1.5])


def test_a_sector_the_region_does_not_have_sells_nothing_and_buys_as_an_average_one(table):
    local = county(table).local.copy()
    local[1] = 0
    found = quotients(Region(local, table.output))
    assert np.isfinite(found).all()
    assert (found[1] == 0).all()
    assert (found[[0, 2], 1] > 0).all()


def test_a_whole_table_used_for_a_county_is_warned_about_and_a_regional_one_is_not(table):
    basis = replace(table.basis, level="nation", example=False)
    assert any("much too high" in note.en for note in basis.warnings("county"))
    regional = regionalise(replace(leontief.model(table), basis=basis), county(table))
    assert not any("much too high" in note.en for note in regional.basis.warnings("county"))
    unadjusted = regionalise(leontief.model(example.table()), county(table))
    assert any("imports still in it" in note.en for note in unadjusted.basis.warnings())


def test_regions_that_cannot_be_are_refused(table):
    whole = table.output
    for local in (np.zeros(6), -whole, whole * 2, whole[:3]):
        with pytest.raises(Refusal):
            slq(Region(local, whole))
    with pytest.raises(Refusal):
        quotients(county(table), "XLQ")
    with pytest.raises(Refusal):
        quotients(county(table), "FLQ", 1.0)


def test_calibration_reaches_the_surveyed_share_within_the_technical_limit(table):
    whole = leontief.model(table)
    regional = regionalise(whole, county(table))
    done = calibrate(regional, whole, {"C": 0.6, "A": 0.0, "E": 1.0})
    shares = local_shares(done.model, whole)
    assert shares[[2, 0, 4]] == pytest.approx([0.6, 0.0, 1.0])
    assert (done.model.a <= whole.a + 1e-12).all()
    assert done.model.basis.surveyed == 3
    assert not done.short
    with pytest.raises(Refusal):
        calibrate(regional, whole, {"C": 1.2})


def test_a_share_out_of_reach_is_told(table):
    whole, region = leontief.model(table), county(table)
    local = region.local.copy()
    local[1] = 0
    done = calibrate(regionalise(whole, Region(local, region.whole)), whole, {"C": 0.95})
    assert done.short["C"] > 0
    assert any("lacks sellers" in note.en for note in done.model.basis.notes)


def test_delta_is_learned_back_from_the_shares_it_made(table):
    model, region = leontief.model(table), county(table)
    made = local_shares(regionalise(model, region, "FLQ", 0.23), model)
    found = learned_delta(model, region, dict(zip(table.codes, made, strict=True)))
    assert found.mid == 0.23
    assert found.low <= found.mid <= found.high


def test_sflq_by_hand_and_with_one_delta_for_all_it_is_flq(table):
    region = Region(np.array([1.0, 3.0]), np.array([50.0, 50.0]))
    size = np.log2(1.04)
    assert np.allclose(quotients(region, "SFLQ", np.array([0.1, 0.3])), np.array([[0.5 * size**0.1, 0.5 / 1.5 * size**0.3], [3.0 * size**0.1, 1.5 * size**0.3]]))
    assert np.array_equal(quotients(county(table), "SFLQ", np.full(6, 0.25)), quotients(county(table), "FLQ", 0.25))


def test_each_sectors_delta_is_learned_back_from_the_share_it_made(table):
    model, region = leontief.model(table), county(table)
    made = np.array([0.05, 0.4, 0.12, 0.3, 0.22, 0.18])
    regional = regionalise(model, region, "SFLQ", made)
    assert regional.basis.delta == pytest.approx((0.05, 0.2, 0.4))
    assert "SFLQ δ 0.05–0.4" in regional.basis.caption("zh")
    shares = dict(zip(table.codes, local_shares(regional, model), strict=True))
    assert sector_deltas(model, region, shares) == pytest.approx(made, abs=1e-6)
    some = sector_deltas(model, region, {code: shares[code] for code in "BD"}, usual=0.3)
    assert some == pytest.approx([0.3, 0.4, 0.3, 0.3, 0.3, 0.3], abs=1e-6)


def test_a_share_no_delta_gives_has_the_end_that_is_nearest(table):
    model, region = leontief.model(table), county(table)
    found = sector_deltas(model, region, {"B": 1.0, "C": 0.0})
    assert found[1] == 0
    assert found[2] == pytest.approx(0.999)
    assert (local_shares(regionalise(model, region, "SFLQ", found), model)[2] > 0).all()


def test_deltas_that_cannot_be_are_refused(table):
    model, region = leontief.model(table), county(table)
    for method, delta in (("FLQ", np.full(6, 0.2)), ("SFLQ", np.full(5, 0.2)), ("SFLQ", np.full(6, 1.0)), ("SFLQ", np.full(6, np.nan))):
        with pytest.raises(Refusal):
            regionalise(model, region, method, delta)
    for shares in ({"B": 1.1}, {"Q": 0.5}, {"B": float("nan")}):
        with pytest.raises(Refusal):
            sector_deltas(model, region, shares)


def test_a_sector_that_buys_nothing_does_not_spoil_the_delta_of_the_others(table):
    model, region = leontief.model(table), county(table)
    a = model.a.copy()
    a[:, 5] = 0
    model = replace(model, a=a)
    made = np.nan_to_num(local_shares(regionalise(model, region, "FLQ", 0.23), model))
    shares = dict(zip(table.codes, made, strict=True))
    assert learned_delta(model, region, shares).mid == 0.23
    assert sector_deltas(model, region, shares) == pytest.approx([*[0.23] * 5, 0.20], abs=1e-6)
    with pytest.raises(Refusal, match="too_few_shares"):
        learned_delta(model, region, {"A": 0.1, "F": 0.0})


def test_many_counties_at_once_equal_each_by_itself(table):
    model, region = leontief.model(table), county(table)
    found = every_county(model, np.stack([region.local, np.zeros(6), region.local * 0.5]), region.whole)
    assert np.allclose(found[0], multipliers(regionalise(model, region)).effect)
    assert np.isnan(found[1]).all()


def test_a_band_goes_from_low_to_high():
    with pytest.raises(Refusal):
        Band(1.0, 0.5, 2.0)


# ── margins ───────────────────────────────────────────────────────────────
@settings(max_examples=60)
@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 10_000))
def test_ras_meets_both_margins_and_keeps_zeros(m, n, seed):
    draw = np.random.default_rng(seed)
    mask = draw.random((m, n)) < 0.8
    truth = draw.random((m, n)) * mask + 0.0
    prior = (draw.random((m, n)) + 0.1) * mask
    found = ras(prior, truth.sum(axis=1), truth.sum(axis=0))
    scale = max(truth.sum(), 1e-12)
    assert np.abs(found.matrix.sum(axis=1) - truth.sum(axis=1)).max() <= 1e-9 * scale
    assert np.abs(found.matrix.sum(axis=0) - truth.sum(axis=0)).max() <= 1e-9 * scale
    assert (found.matrix[~mask] == 0).all()
    assert (found.matrix >= 0).all()


def test_ras_keeps_signs_where_values_lie_below_0():
    prior = np.array([[7.0, 3.0, -3.0], [2.0, 9.0, 0.0], [-1.0, 1.0, 2.0]])
    rows, columns = np.array([9.0, 12.0, 3.0]), np.array([10.0, 14.0, 0.0])
    found = ras(prior, rows, columns).matrix
    assert np.allclose(found.sum(axis=1), rows)
    assert np.allclose(found.sum(axis=0), columns)
    assert (np.sign(found) == np.sign(prior)).all()


def test_ras_that_has_nothing_to_do_changes_nothing():
    prior = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.allclose(ras(prior, prior.sum(axis=1), prior.sum(axis=0)).matrix, prior)


@pytest.mark.parametrize(("prior", "rows", "columns", "code"), [
    ([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0], [2.0, 2.0], "margins_differ"),
    ([[0.0, 0.0], [1.0, 1.0]], [1.0, 2.0], [1.0, 2.0], "margin_impossible"),
    ([[1.0, 1.0], [1.0, 1.0]], [-1.0, 2.0], [0.5, 0.5], "margin_impossible"),
    ([[1.0, 0.0], [1.0, 1.0]], [3.0, 1.0], [1.0, 3.0], "ras_diverges"),
    ([[1.0, 1.0]], [1.0, 2.0], [2.0, 1.0], "bad_shape"),
])
def test_ras_refuses_what_cannot_be(prior, rows, columns, code):
    with pytest.raises(Refusal, match=code):
        ras(np.array(prior), np.array(rows), np.array(columns), ["甲", "乙"])
