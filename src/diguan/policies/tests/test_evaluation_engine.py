"""Estimates of an evaluation: a known effect is covered as often as the interval says, none is found where there is none, doubts are told."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from diguan.policies.engine import evaluation
from diguan.policies.engine.evaluation import Refused

TIMES = 60


def jump(seed, effect, n=600):
    draw = np.random.default_rng(seed)
    distance = draw.normal(0, 10, n)
    over = distance >= 0
    return distance, 5 + 0.3 * distance + effect * over + draw.normal(0, 3, n), over


def panel(seed, effect, n=200, steps=3, drift=0.0):
    draw = np.random.default_rng(seed)
    received = draw.random(n) < 0.4
    level = draw.normal(50, 10, n) + 5 * received
    periods = [level + 2 * at + drift * at * received + draw.normal(0, 3, n) for at in range(steps)]
    periods[-1] = periods[-1] + effect * received
    return periods, received


def covered(estimates, effect):
    return sum(one.low <= effect <= one.high for one in estimates)


# ── what is known of the data is found in them ───────────────────────────────
@pytest.mark.parametrize("effect", [4.0, 0.0])
def test_the_jump_is_in_its_interval_about_as_often_as_the_interval_says(effect):
    found = [evaluation.discontinuity(*(data := jump(seed, effect)), data[2]).effect for seed in range(TIMES)]
    assert 53 <= covered(found, effect) <= TIMES  # 57 of 60 are expected
    assert abs(np.mean([one.estimate for one in found]) - effect) < 0.3
    assert sum(one.sure for one in found) >= 55 if effect else sum(one.sure for one in found) <= 7


@pytest.mark.parametrize("effect", [4.0, 0.0])
def test_the_change_is_in_its_interval_about_as_often_as_the_interval_says(effect):
    found = [evaluation.change(*panel(seed, effect)).effect for seed in range(TIMES)]
    assert 53 <= covered(found, effect) <= TIMES
    assert abs(np.mean([one.estimate for one in found]) - effect) < 0.3


def test_the_interval_is_not_so_wide_that_it_covers_anything():
    found = [evaluation.discontinuity(*(data := jump(seed, 4.0)), data[2]).effect for seed in range(20)]
    assert covered(found, 0.0) == 0
    assert covered(found, 8.0) == 0


# ── the numbers are those of the library ─────────────────────────────────────
def test_the_jump_is_what_statsmodels_says_when_asked_directly():
    distance, outcome, over = jump(1, 4.0)
    found = evaluation.discontinuity(distance, outcome, over, over)
    used = np.abs(distance) < found.bandwidth
    design = sm.add_constant(np.column_stack([over[used], distance[used], over[used] * distance[used]]).astype(float))
    direct = sm.WLS(outcome[used], design, weights=1 - np.abs(distance[used]) / found.bandwidth).fit(cov_type="HC3", use_t=True)
    assert (found.effect.estimate, found.effect.p) == pytest.approx((direct.params[1], direct.pvalues[1]))
    assert (found.effect.low, found.effect.high) == pytest.approx(tuple(direct.conf_int()[1]))
    assert (found.effect.left, found.effect.right) == (int((used & ~over).sum()), int((used & over).sum()))


def test_the_change_is_what_statsmodels_says_of_all_rows_with_errors_by_firm():
    (before, after), received = panel(2, 4.0, steps=2)
    found = evaluation.change([before, after], received).effect
    firm, late = np.tile(np.arange(len(before)), 2), np.repeat([0.0, 1.0], len(before))
    both = np.tile(received, 2).astype(float)
    direct = sm.OLS(np.concatenate([before, after]), sm.add_constant(np.column_stack([both, late, both * late]))).fit(cov_type="cluster", cov_kwds={"groups": firm})
    assert found.estimate == pytest.approx(direct.params[3])
    assert (found.high - found.low) == pytest.approx(np.diff(direct.conf_int()[3])[0], rel=0.03)  # HC3 is a little wider


def test_the_density_test_is_the_binomial_test_of_the_nearest():
    distance, _outcome, over = jump(3, 0.0)
    left, right, p = evaluation.density(distance, over)
    assert left + right == evaluation.NEAREST
    assert p == binomtest(right, left + right, 0.5).pvalue


# ── doubts ───────────────────────────────────────────────────────────────────
def test_firms_that_move_themselves_over_the_threshold_are_seen():
    distance, outcome, over = jump(12, 4.0)
    moved = np.where((distance < 0) & (distance > -2), -distance, distance)
    assert "bunching" in evaluation.discontinuity(moved, outcome, moved >= 0, moved >= 0).warnings
    assert "bunching" not in evaluation.discontinuity(distance, outcome, over, over).warnings


def test_whole_numbers_where_one_side_begins_at_the_threshold_are_no_bunching():
    distance = np.repeat(np.arange(-20, 20), 15).astype(float)
    left, right, p = evaluation.density(distance, distance >= 0)
    assert (left, right) == (30, 30)
    assert p == 1


def test_a_jump_elsewhere_and_a_difference_that_was_there_before_are_doubts():
    distance, outcome, over = jump(5, 4.0)
    for elsewhere in evaluation.discontinuity(distance, outcome, over, over).placebos:
        assert "placebo" in evaluation.discontinuity(distance, outcome + 8 * (distance > elsewhere), over, over).warnings
    size = np.random.default_rng(5).normal(size=len(distance)) + 3 * over
    assert "unbalanced" in evaluation.discontinuity(distance, outcome, over, over, {"size": size}).warnings


def test_where_receipt_is_not_settled_by_the_threshold_it_is_said_with_the_shares():
    distance, outcome, over = jump(6, 4.0)
    some = over & (np.arange(len(over)) % 2 == 0)
    found = evaluation.discontinuity(distance, outcome, over, some)
    assert "fuzzy" in found.warnings
    assert found.share_left == 0
    assert 0.3 < found.share_right < 0.7
    assert not found.sharp
    assert evaluation.discontinuity(distance, outcome, over, over).sharp


def test_outcomes_that_are_lost_on_one_side_are_a_doubt():
    distance, outcome, over = jump(7, 4.0)
    outcome[over & (np.arange(len(over)) % 3 == 0)] = np.nan
    assert "attrition" in evaluation.discontinuity(distance, outcome, over, over).warnings


def test_groups_that_moved_apart_before_are_a_doubt_and_so_is_not_knowing():
    found = [evaluation.change(*panel(seed, 4.0, drift=3.0)) for seed in range(5)]
    assert all("pretrend" in one.warnings for one in found)
    assert "no_pretrend" in evaluation.change(*panel(8, 4.0, steps=2)).warnings
    assert {"pretrend", "no_pretrend"}.isdisjoint(evaluation.change(*panel(8, 4.0)).warnings)


def test_one_firm_that_makes_the_whole_difference_is_a_doubt():
    (before, after), received = panel(9, 0.0, n=120, steps=2)
    after = before + 2 + 0.01 * (after - before)
    after[np.flatnonzero(received)[0]] += 1e4
    found = evaluation.change([before, after], received)
    assert abs(found.without_largest.estimate) < 1 < found.effect.estimate


# ── refused ──────────────────────────────────────────────────────────────────
def refusal(call, *args):
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.code


def test_what_the_data_do_not_carry_is_refused():
    distance, outcome, over = jump(10, 4.0)
    every = np.ones_like(over)
    assert refusal(evaluation.discontinuity, distance, outcome, over, every) == "all_received"
    assert refusal(evaluation.discontinuity, distance, outcome, over, ~every) == "none_received"
    assert refusal(evaluation.discontinuity, distance, outcome, over, ~over) == "no_jump"
    assert refusal(evaluation.discontinuity, distance, np.full_like(outcome, 7), over, over) == "no_variation"
    assert refusal(evaluation.discontinuity, distance, np.where(over, np.nan, outcome), over, over) == "outcome_unknown"
    assert refusal(evaluation.discontinuity, distance[:30], outcome[:30], over[:30], over[:30]) == "too_few"
    periods, received = panel(10, 4.0)
    assert refusal(evaluation.change, periods, np.ones_like(received)) == "all_received"
    assert refusal(evaluation.change, [one[:30] for one in periods], received[:30]) == "too_few"
    assert refusal(evaluation.change, [periods[0], periods[0]], received) == "no_variation"
    assert refusal(evaluation.change, [periods[0], np.where(received, np.nan, periods[1])], received) == "outcome_unknown"


def sides(left, right):
    """So many near the threshold, and a hundred far off on either side, who are not compared."""
    far = np.linspace(2, 3, 100)
    distance = np.concatenate([-np.linspace(0.1, 1, left), np.linspace(0.1, 1, right), -far, far])
    return distance, np.random.default_rng(0).normal(size=len(distance)), distance > 0


def test_twenty_on_a_side_are_enough_nineteen_are_not_and_fewer_than_fifty_are_said():
    assert refusal(evaluation.discontinuity, *sides(19, 60), sides(19, 60)[2]) == "too_few"
    found = evaluation.discontinuity(*sides(20, 60), sides(20, 60)[2])
    assert (found.effect.left, "small" in found.warnings) == (20, True)
    assert "small" not in evaluation.discontinuity(*sides(60, 60), sides(60, 60)[2]).warnings


def test_a_mean_of_fewer_than_three_is_not_told():
    distance, outcome, over = jump(11, 4.0, n=150)
    found = evaluation.discontinuity(distance, outcome, over, over).bins
    assert any(one.count < 3 for one in found)
    assert all((one.mean is None) == (one.count < 3) for one in found)


# ── what must not matter does not ────────────────────────────────────────────
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 50), st.floats(0.001, 1e6), st.floats(0.001, 1e8), st.floats(-1e3, 1e3))
def test_units_do_not_matter_to_a_jump(seed, wide, high, offset):
    distance, outcome, over = jump(seed, 4.0, n=300)
    one, other = evaluation.discontinuity(distance, outcome, over, over), evaluation.discontinuity(distance * wide, (outcome + offset) * high, over, over)
    assert other.effect.estimate == pytest.approx(one.effect.estimate * high, rel=1e-4, abs=1e-7 * high)
    assert (other.effect.p, other.bandwidth, other.density_p) == pytest.approx((one.effect.p, one.bandwidth * wide, one.density_p), rel=1e-4, abs=1e-9)
    assert other.warnings == one.warnings


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 50), st.randoms(use_true_random=False))
def test_the_order_of_firms_does_not_matter(seed, shuffle):
    distance, outcome, over = jump(seed, 4.0, n=300)
    periods, received = panel(seed, 4.0)
    mixed, others = list(range(300)), list(range(200))
    shuffle.shuffle(mixed)
    shuffle.shuffle(others)
    one, other = evaluation.discontinuity(distance, outcome, over, over), evaluation.discontinuity(distance[mixed], outcome[mixed], over[mixed], over[mixed])
    assert (other.effect.estimate, other.effect.low) == pytest.approx((one.effect.estimate, one.effect.low))
    assert evaluation.change([each[others] for each in periods], received[others]).effect.low == pytest.approx(evaluation.change(periods, received).effect.low)


@given(st.integers(0, 50))
@settings(max_examples=10, deadline=None)
def test_a_threshold_from_above_is_the_mirror_of_one_from_below(seed):
    distance, outcome, over = jump(seed, 4.0, n=300)
    one, other = evaluation.discontinuity(distance, outcome, over, over), evaluation.discontinuity(-distance, outcome, over, over)
    assert (other.effect.estimate, other.density_p) == pytest.approx((one.effect.estimate, one.density_p))
    assert other.warnings == one.warnings


def test_loading_the_engine_does_not_load_the_library():
    told = subprocess.run([sys.executable, "-c", "import sys; import diguan.policies.engine.evaluation; print(sum(name.split('.')[0] in ('statsmodels', 'scipy') for name in sys.modules))"],
                          capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "0"
