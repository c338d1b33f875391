"""Simulated days: the same numbers before and after, the same bytes for the same seed, parts that add up."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.services.engine import days, spells
from diguan.services.engine.days import Flow, Step, across, simulate
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.reduction import reduction, shares
from diguan.services.engine.replay import Time, actuals_of, replay
from diguan.services.engine.spells import Spell, spread, ticks
from diguan.services.tests.plain_days import plain

spans = st.one_of(st.lists(st.integers(0, 900), min_size=1, max_size=6).map(Spell.observed),
                  st.lists(st.integers(0, 900), min_size=3, max_size=3).map(lambda three: Spell.triangular(*sorted(three))))
trips = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(Spell.observed)
staffs = st.dictionaries(st.sampled_from("uv"), st.integers(1, 3))


@st.composite
def flows(draw, changes=True, staff=True):
    count = draw(st.integers(1, 6))
    steps = tuple(Step(f"t{at}", draw(spans), draw(st.sampled_from(["", "u", "v"])), draw(spans), draw(spans), draw(trips),
                       draw(st.one_of(st.none(), trips)), draw(st.sampled_from(["", "x"])), draw(st.integers(0, 100)) if changes else 100,
                       changes and at > 0 and draw(st.booleans())) for at in range(count))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=6))
    before = draw(staffs) if staff else {}
    return Flow(steps, tuple((f"t{min(pair)}", f"t{max(pair)}") for pair in pairs if pair[0] != pair[1]), before, draw(staffs) if staff and changes else before)


@settings(deadline=None, max_examples=60)
@given(flows(), st.integers(0, 2**32))
def test_vectors_say_what_a_plain_loop_says(flow, seed):
    found = simulate(flow, seed=seed, runs=7)
    assert (found.before.tolist(), found.after.tolist()) == plain(flow, seed, 7)


@settings(deadline=None, max_examples=60)
@given(flows(), st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_bytes_and_the_causes_add_up(flow, seed):
    found, again = simulate(flow, seed=seed, runs=50), simulate(flow, seed=seed, runs=50)
    assert (found.digest, found.causes, found.trip_causes) == (again.digest, again.causes, again.trip_causes)
    assert sum(found.causes.values()) == Fraction(int(found.before.sum()) - int(found.after.sum()), 50 * spells.PER_DAY)
    assert sum(found.trip_causes.values()) == Fraction(int(found.trips_before.sum()) - int(found.trips_after.sum()), 50)


def test_the_bytes_are_these_on_every_machine():
    flow = Flow((Step("a", Spell.triangular(50, 100, 300), "u", Spell.observed([0, 100, 700]), Spell.fixed(50), Spell.observed([1, 2, 3])), Step("b", Spell.triangular(10, 20, 500), "u")),
                (), {"u": 1}, {"u": 1})
    assert simulate(flow, seed=20261031).digest == "b071c5e5f1b08a35e8eb273b0c11c703e9ec3f7b8881b477bc058864770df897"
    assert simulate(flow, seed=20261031).digest != simulate(flow, seed=20261101).digest


@settings(deadline=None, max_examples=60)
@given(flows(changes=False))
def test_parallel_work_with_the_same_staff_is_never_slower_than_one_after_the_other(flow):
    found = simulate(flow, seed=3, runs=40)
    assert (found.after <= found.before).all()
    assert (found.trips_before >= 0).all()
    assert found.causes["capacity"] == found.causes["waiting"] == 0


@settings(deadline=None, max_examples=40)
@given(flows(changes=False), st.integers(1, 3))
def test_more_people_never_slow_a_case_down(flow, more):
    few = Flow(flow.steps, flow.pairs, {"u": 1, "v": 1}, {"u": 1, "v": 1})
    many = Flow(flow.steps, flow.pairs, {"u": 1, "v": 1}, {"u": 1 + more, "v": 1 + more})
    assert (simulate(many, seed=4, runs=30).after <= simulate(few, seed=4, runs=30).after).all()


def test_the_same_flow_before_and_after_differs_by_nothing_in_any_run():
    steps = tuple(Step(f"t{at}", Spell.triangular(10, 50, 900), wait=Spell.observed([0, 300, 1000]), trips=Spell.observed([0, 2])) for at in range(5))
    found = simulate(Flow(steps, tuple((f"t{at}", f"t{at + 1}") for at in range(4))), seed=9, runs=500)
    assert np.array_equal(found.before, found.after)
    assert np.array_equal(found.trips_before, found.trips_after)
    assert (found.time.mean_of_ratios, found.time.ratio_of_sums) == (0.0, 0.0)
    assert set(found.causes.values()) == {0}


def test_each_change_shows_as_its_own_cause():
    work, gather = Spell.fixed(100), Spell.fixed(200)
    chain = (("a", "b"),)
    merged = simulate(Flow((Step("a", work, gather=gather), Step("b", work, gather=gather)), chain), seed=1, runs=2)
    assert {cause: float(part) for cause, part in merged.causes.items()} == {"merged": 2, "parallel": 0, "capacity": 0, "waiting": 0}
    apart = simulate(Flow((Step("a", work), Step("b", work))), seed=1, runs=2)
    assert apart.causes["parallel"] == 1
    queue = simulate(Flow((Step("a", work, "u", gather),), (), {"u": 1}, {"u": 2}), seed=1, runs=2)
    assert queue.causes["capacity"] == 1
    shared = simulate(Flow((Step("a", work, wait=gather, wait_left=25),)), seed=1, runs=2)
    assert shared.causes["waiting"] == Fraction(3, 2)
    fewer = simulate(Flow((Step("a", work, "u", Spell.fixed(100)),), (), {"u": 2}, {"u": 1}), seed=1, runs=2)
    assert fewer.causes["capacity"] == -1
    gone = simulate(Flow((Step("a", work, trips=Spell.fixed(2)), Step("b", work, trips=Spell.fixed(1), dropped=True)), chain), seed=1, runs=2)
    assert (gone.causes["merged"], gone.trip_causes["merged"], gone.trips_after.tolist()) == (1, 1, [2, 2])
    together = simulate(Flow((Step("a", work, trips=Spell.fixed(2), visit="x"), Step("b", work, trips=Spell.fixed(1), visit="x"))), seed=1, runs=2)
    assert (together.trips_before.tolist(), together.trips_after.tolist(), together.trip_causes["visits"]) == ([3, 3], [2, 2], 1)


def test_flows_together_are_told_in_both_ways():
    def of(before, after):
        return simulate(Flow((Step("a", Spell.fixed(after)), Step("b", Spell.fixed(before - after), dropped=True))), seed=1, runs=3)
    found = across([of(1000, 500), of(4000, 3600)])
    assert found.time.mean_of_ratios == pytest.approx(0.3)
    assert found.time.ratio_of_sums == pytest.approx(0.18)
    assert found.causes["merged"] + found.causes["parallel"] == 9
    heavy = across([of(1000, 500), of(4000, 3600)], [3, 1])
    assert heavy.time.mean_of_ratios == pytest.approx(0.4)
    assert heavy.time.ratio_of_sums == pytest.approx(1900 / 7000)
    assert heavy.time.gap(0.6)[0] == pytest.approx(0.2)
    for wrong in ([], [of(2, 1), simulate(Flow((Step("a", Spell.fixed(1)),)), seed=1, runs=2)]):
        with pytest.raises(BenchRefused):
            across(wrong)


STEP = Step("a", Spell.fixed(100))


@pytest.mark.parametrize(("flow", "runs", "code", "words"), [
    (Flow(()), 5, "no_activities", "没有任何环节"),
    (Flow((STEP, STEP)), 5, "twice", "出现了两次"),
    (Flow((STEP,), (("a", "x"),)), 5, "unknown_activity", "“x”不是"),
    (Flow((STEP, Step("b", Spell.fixed(1))), (("a", "b"), ("b", "a"))), 5, "cycle", "a → b → a"),
    (Flow((STEP, Step("b", Spell.fixed(1))), (("b", "a"),)), 5, "order", "“a”排在“b”前面"),
    (Flow((STEP,), (), {"u": 0}), 5, "capacity", "现为 0"),
    (Flow((STEP,), (), {}, {"u": 10**7}), 5, "capacity", "1 到 10000"),
    (Flow((Step("a", Spell.fixed(1), wait_left=120),)), 5, "wait_left", "0 到 100"),
    (Flow((Step("a", Spell.fixed(1), dropped=True),)), 5, "all_dropped", "没有任何环节"),
    (Flow((STEP,)), 0, "runs", "不小于 1"),
    (Flow((STEP,)), 10**9, "too_many", "至多 8000000"),
    (Flow((Step("a", Spell.fixed(1), "u", Spell.fixed(10**6)),), (), {"u": 9000}, {"u": 1}), 5, "too_long", "请检查时长的单位"),
])
def test_what_cannot_be_simulated_is_refused_in_words(flow, runs, code, words):
    with pytest.raises(BenchRefused, match=words) as caught:
        simulate(flow, seed=1, runs=runs)
    assert caught.value.code == code


@pytest.mark.parametrize(("make", "words"), [
    (lambda: Spell.fixed(-1), "现为 -1"), (lambda: Spell.fixed(10**9), "10000 个工作日"), (lambda: Spell.triangular(3, 2, 9), "依次不减"),
    (lambda: Spell.observed([]), "没有观测值"), (lambda: Spell.observed([5, -2]), "现为 -2"), (lambda: ticks(float("nan")), "现为 nan"), (lambda: ticks(-0.5), "现为 -0.5"),
])
def test_times_out_of_bounds_are_refused(make, words):
    with pytest.raises(BenchRefused, match=words):
        make()


@given(spans, st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=20))
def test_a_spell_stays_within_its_ends_and_never_falls(spell, draws):
    found = spell.at(np.array(sorted(draws)))
    assert (np.diff(found) >= 0).all()
    assert found.min() >= spell.low
    assert found.max() <= spell.high


def test_drawn_values_have_the_mean_of_their_spell():
    draws = (np.arange(100_000) + 0.5) / 100_000
    for spell in (Spell.triangular(100, 300, 1400), Spell.observed([3, 9, 9, 700])):
        assert spell.at(draws).mean() == pytest.approx(spell.mean, rel=1e-3)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_the_spread_is_of_values_that_were_there(values):
    found, ordered = spread(np.array(values, dtype=np.int32)), sorted(values)
    assert sum(value <= round(found.p90 * 100) for value in values) * 10 >= 9 * len(values)
    assert round(found.p50 * 100) in ordered
    assert found.mean == pytest.approx(sum(values) / len(values) / 100)


# ── reductions ────────────────────────────────────────────────────────────
@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), st.integers(0, 5)), min_size=1, max_size=20))
def test_weights_count_a_pair_several_times(rows):
    before, after, weights = (list(column) for column in zip(*rows, strict=True))
    long = [(old, new) for old, new, weight in rows for _ in range(weight)]
    found = reduction(before, after, weights)
    if long:
        plainly = reduction(*zip(*long, strict=True))
        assert (found.before, found.after, found.count, found.without) == (plainly.before, plainly.after, plainly.count, plainly.without)
        assert found.mean_of_ratios == pytest.approx(plainly.mean_of_ratios)
        assert found.ratio_of_sums == plainly.ratio_of_sums


def test_what_took_nothing_before_has_no_ratio():
    found = reduction([0, 10], [2, 5])
    assert (found.mean_of_ratios, found.ratio_of_sums, found.without) == (0.5, 0.3, 1)
    nothing = reduction([0], [0])
    assert (nothing.mean_of_ratios, nothing.ratio_of_sums, nothing.gap(0.6)) == (None, None, (None, None))
    for wrong in (([], []), ([1], [1, 2])):
        with pytest.raises(BenchRefused, match="一样长"):
            reduction(*wrong)
    with pytest.raises(BenchRefused, match="不能小于 0"):
        reduction([1], [-1])


@given(st.lists(st.integers(-99, 99), min_size=8, max_size=8))
def test_shares_add_up_and_a_cause_that_does_nothing_gets_nothing(values):
    known = {frozenset(name for bit, name in enumerate("abc") if at >> bit & 1): value for at, value in enumerate(values)}
    assert sum(shares("abc", known.__getitem__).values()) == known[frozenset()] - known[frozenset("abc")]
    idle = {found: known[found - {"c"}] for found in known}
    assert shares("abc", idle.__getitem__)["c"] == 0


# ── replay ────────────────────────────────────────────────────────────────
times = st.lists(st.builds(Time, st.sampled_from("123"), st.sampled_from("abcd"), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=25)
orders = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=5).map(lambda pairs: [("abcd"[min(pair)], "abcd"[max(pair)]) for pair in pairs if pair[0] != pair[1]])


@settings(deadline=None)
@given(times, orders, st.integers(0, 100))
def test_a_replayed_case_is_the_longest_way_through_its_own_times(rows, pairs, left):
    log = actuals_of(rows)
    found = replay(log, "abcd", pairs, wait_left={"b": left})
    for at, case in enumerate(log.cases):
        def span(name, case=case):
            work = sum(row.work for row in rows if (row.case, row.activity) == (case, name))
            wait = sum(row.wait for row in rows if (row.case, row.activity) == (case, name))
            return work + (wait * left // 100 if name == "b" else wait)
        def end(name, span=span):
            return max((end(before) for before, after in pairs if after == name), default=0) + span(name)
        assert found.after[at] == max(end(name) for name in "abcd")
        assert found.after[at] <= found.before[at]
    assert found.slower == ()
    assert found.faster + found.same == len(log.cases)


@settings(deadline=None)
@given(times, orders)
def test_who_gets_slower_is_told_with_the_chain_that_is_as_long(rows, pairs):
    took = {row.case: 20 for row in rows}
    log = actuals_of(rows, took)
    found = replay(log, "abcd", pairs)
    assert {one.case for one in found.slower} == {case for case, after in zip(log.cases, found.after, strict=True) if after > 20}
    for one in found.slower:
        assert sum(row.work + row.wait for row in rows if row.case == one.case and row.activity in one.chain) == one.after
    assert found.faster + found.same + len(found.slower) == len(log.cases)


def test_activities_the_new_order_does_not_know_are_refused_or_kept_at_the_end():
    log = actuals_of([Time("1", "a", 10), Time("1", "x", 5)])
    with pytest.raises(BenchRefused, match="新流程没有的环节：x"):
        replay(log, ["a"], [])
    kept = replay(log, ["a", "b"], [], keep_outside=True)
    assert (kept.after.tolist(), kept.outside) == ([15], ("x",))


@pytest.mark.parametrize(("call", "code"), [
    (lambda: actuals_of([]), "no_cases"),
    (lambda: actuals_of([Time("1", "a", -1)]), "time"),
    (lambda: actuals_of([Time("1", "a", 2**60)]), "time"),
    (lambda: actuals_of([Time("1", "a", 1)], {"2": 5}), "unknown_case"),
    (lambda: replay(actuals_of([Time("1", "a", 1)]), [], []), "no_activities"),
    (lambda: replay(actuals_of([Time("1", "a", 1)]), ["a", "b"], [("a", "b"), ("b", "a")]), "cycle"),
    (lambda: replay(actuals_of([Time("1", "a", 1)]), ["a"], [], wait_left={"a": 101}), "wait_left"),
    (lambda: replay(actuals_of([Time("1", "a", 1)]), ["a"], [], wait_left={"z": 1}), "unknown_activity"),
])
def test_a_log_that_cannot_be_replayed_is_refused(call, code):
    with pytest.raises(BenchRefused) as caught:
        call()
    assert caught.value.code == code
    assert caught.value.message.zh
    assert caught.value.message.en


def test_words_for_every_cause():
    assert set(days.CAUSES) == {*days.TIME_CAUSES, *days.TRIP_CAUSES}
    assert "九成在" in spread(np.array([100], dtype=np.int32)).text().zh
