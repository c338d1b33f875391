"""Forecasts, gaps in words and places among peers: pure, held by properties."""

from __future__ import annotations

import doctest
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.indicators.engine import forecast, gaps, ranks
from diguan.indicators.engine.forecast import Cannot, Forecast
from diguan.indicators.engine.ranks import Value
from diguan.kernel.messages import Message

amounts = st.integers(1, 10**9).map(float)
years = st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)).map(lambda pair: (float(pair[0]), float(pair[0] + pair[1])))


@pytest.mark.parametrize("module", [forecast, gaps, ranks])
def test_examples_in_the_words_hold(module):
    assert doctest.testmod(module).failed == 0


@given(amounts, st.integers(1, 11), st.lists(years, min_size=2, max_size=6))
def test_what_has_come_is_never_forecast_away_and_the_middle_lies_between(done, month, past):
    found = forecast.flow(done, month, past)
    assert isinstance(found, Forecast)
    assert done <= found.low <= found.mid <= found.high


@given(amounts, st.integers(1, 11), st.lists(years, min_size=2, max_size=6), st.integers(2, 50))
def test_another_unit_gives_the_same_forecast(done, month, past, times):
    one, other = forecast.flow(done, month, past), forecast.flow(done * times, month, [(come * times, whole * times) for come, whole in past])
    assert isinstance(one, Forecast)
    assert isinstance(other, Forecast)
    assert [other.low, other.mid, other.high] == pytest.approx([one.low * times, one.mid * times, one.high * times], rel=1e-9)


@given(amounts, st.integers(1, 11), years, st.integers(2, 6))
def test_years_that_were_all_alike_leave_no_doubt(done, month, year, count):
    found = forecast.flow(done, month, [year] * count)
    assert isinstance(found, Forecast)
    assert found.low == pytest.approx(found.high)
    assert found.mid == pytest.approx(done * year[1] / year[0])


@given(amounts, st.integers(1, 11), st.lists(years, max_size=1))
def test_fewer_than_two_whole_years_say_so(done, month, past):
    assert isinstance(forecast.flow(done, month, past), Cannot)


def test_a_year_of_which_nothing_had_come_by_this_month_is_no_whole_year():
    assert isinstance(forecast.flow(5.0, 6, [(0.0, 10.0), (5.0, 10.0)]), Cannot)
    assert isinstance(forecast.flow(0.0, 6, [(5.0, 10.0)] * 3), Cannot)
    assert forecast.flow(0.0, 12, []) == Forecast(0.0, 0.0, 0.0, Message("全年已完", "the year is over"))


@given(st.lists(st.floats(0, 1e6), min_size=24, max_size=36), st.integers(1, 11))
def test_a_level_stays_within_its_bounds(points, ahead):
    found = forecast.level(points, ahead, least=0)
    assert isinstance(found, Forecast)
    assert 0 <= found.low <= found.mid <= found.high


@given(st.floats(-100, 100), st.floats(-5, 5), st.integers(1, 11))
def test_a_straight_line_is_carried_on_exactly(start, slope, ahead):
    found = forecast.level([start + slope * month for month in range(30)], ahead)
    assert isinstance(found, Forecast)
    assert found.low == pytest.approx(start + slope * (29 + ahead), abs=1e-4)
    assert found.high == pytest.approx(found.low, abs=1e-4)


def test_months_nobody_told_are_no_months():
    assert isinstance(forecast.level([None] * 10 + [1.0] * 23, 2), Cannot)
    assert isinstance(forecast.level([1.0] * 30 + [None], 2), Cannot)
    assert isinstance(forecast.level([], 2), Cannot)
    assert isinstance(forecast.level([1.0] * 24, 2), Forecast)


def test_the_table_of_quantiles_is_students():
    stats = pytest.importorskip("scipy.stats")
    for freedom in range(1, 31):
        assert forecast.quantile(freedom) == pytest.approx(float(stats.t.ppf(0.9, freedom)), abs=1e-4)


def test_four_intervals_of_five_hold_what_comes():
    """By a fixed draw of two thousand counties whose years differ at random."""
    drawn, inside = random.Random(9), 0
    for _county in range(2000):
        factors = [drawn.gauss(1.5, 0.1) for _year in range(4)]
        found = forecast.flow(100.0, 8, [(100.0, 100.0 * max(factor, 1.0)) for factor in factors[:3]])
        assert isinstance(found, Forecast)
        inside += found.low <= 100 * max(factors[3], 1.0) <= found.high
    assert 0.77 < inside / 2000 < 0.83


# ── words ────────────────────────────────────────────────────────────────────
def say(found):
    return Message(f"{found} 户", f"{found} firms")


def test_a_gap_names_target_distance_and_estimate():
    goal = gaps.Goal(Decimal(150))
    told = gaps.joined(gaps.distance(goal, Decimal(117), say), gaps.ending(Forecast(128.0, 133.0, 139.0, Message("", "")), say, True))
    assert told.zh == "距 150 户还差 33 户；按现在的进度年底约 128–139 户（估计）"
    assert told.en == "33 firms short of 150 firms; at this pace about 128–139 firms at the year's end (estimate)"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["up", "down"]))
def test_met_is_said_exactly_where_it_is_met(value, found, direction):
    goal = gaps.Goal(Decimal(value), direction)
    short = gaps.distance(goal, Decimal(found), say).zh
    assert goal.met(Decimal(found)) == (not short.startswith(("距", "超过")))


# ── places ───────────────────────────────────────────────────────────────────
peers = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 20)), min_size=1, max_size=12)


def values(drawn):
    return [Value(str(at), Decimal(value) / 10, Decimal(band) / 10) for at, (value, band) in enumerate(drawn)]


@given(peers, st.booleans())
def test_the_printed_place_lies_in_the_range_and_ranges_within_the_table(drawn, more):
    for one in ranks.places(values(drawn), more_is_better=more):
        assert 1 <= one.best <= one.printed <= one.printed + one.tied <= one.worst <= len(drawn)


@given(peers)
def test_wider_bands_never_narrow_a_range(drawn):
    narrow, wide = ranks.places(values(drawn)), ranks.places([Value(one.name, one.value, one.band + 1) for one in values(drawn)])
    assert all(after.best <= before.best and before.worst <= after.worst for before, after in zip(narrow, wide, strict=True))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_without_bands_a_place_is_that_of_the_figure_and_equal_figures_tie(drawn):
    for one, value in zip(ranks.places(values([(each, 0) for each in drawn])), drawn, strict=True):
        assert (one.best, one.worst) == (1 + sum(each > value for each in drawn), len(drawn) - sum(each < value for each in drawn))


@given(peers, st.randoms(use_true_random=False))
def test_whatever_the_true_figures_are_within_their_bands_the_place_lies_in_the_range(drawn, shuffle):
    given_ = values(drawn)
    true = [one.value + one.band * Decimal(shuffle.randint(-100, 100)) / 100 for one in given_]
    for at, place in enumerate(ranks.places(given_)):
        assert place.best <= 1 + sum(other > true[at] for other in true)
        assert 1 + sum(other > true[at] for other in true) <= place.worst


def test_half_of_the_last_printed_digit_is_left_open():
    assert ranks.half_digit(Decimal("12")) == Decimal("0.5")
    assert ranks.half_digit(Decimal("12.30")) == Decimal("0.005")
    assert ranks.read("十二") is None
