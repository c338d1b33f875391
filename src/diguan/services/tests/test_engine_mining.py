"""Graph, ways, rework, times, orders and the check against a plan: worked examples, and each held to a plain reckoning of small logs."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import Counter
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.kernel.clocks import Calendar
from diguan.services.engine import conformance, flowgraph, orders
from diguan.services.engine.conformance import PlanRefused, check, plan_of
from diguan.services.engine.eventlog import LogRefused
from diguan.services.engine.instants import SECOND
from diguan.services.engine.worktime import days_of, wall_clock, working_seconds
from diguan.services.tests import eventlogs
from diguan.services.tests.eventlogs import MORNING, ZONE, log

EMPTY = log()
HOURS = [(540, 720), (840, 1020)]


def cases_of(log):
    """Each case's rows as plain values: activity, start, end, timed, unit; seconds from the morning."""
    found = {}
    for case, activity, start, end, timed, unit in zip(log.case.tolist(), log.activity.tolist(), log.start.tolist(), log.end.tolist(), log.timed.tolist(), log.unit.tolist(), strict=True):
        found.setdefault(log.cases[case], []).append((log.activities[activity], (start - MORNING) // SECOND, (end - MORNING) // SECOND, timed, log.units[unit] if unit >= 0 else ""))
    return found


def spread(values):
    ordered = sorted(values)
    return flowgraph.Spread(len(ordered), ordered[math.ceil(len(ordered) / 2) - 1], ordered[math.ceil(len(ordered) * 9 / 10) - 1], sum(ordered)) if ordered else flowgraph.Spread(0, 0, 0, 0)


# ── working time ──────────────────────────────────────────────────────────
def test_nights_weekends_and_holidays_do_not_count_and_a_working_weekend_does():
    calendar = Calendar(off=frozenset([dt.date(2025, 3, 4)]), work=frozenset([dt.date(2025, 3, 8)]))
    clock = working_seconds(calendar.working, HOURS, ZONE, dt.date(2025, 3, 3), dt.date(2025, 3, 9))

    def at(day, hour):
        return int(dt.datetime(2025, 3, day, hour, tzinfo=ZONE).timestamp()) * SECOND
    hours = np.diff(clock(np.array([at(3, 0), at(3, 10), at(3, 13), at(3, 23), at(5, 10), at(7, 23), at(8, 15), at(9, 23)]))) / 3600
    assert hours.tolist() == [1, 2, 3, 1, 17, 4, 2]


@given(st.lists(st.integers(0, 20 * 86_400), min_size=2, max_size=2))
def test_working_time_is_what_a_count_minute_by_minute_says(moments):
    first, last = sorted(MORNING // SECOND // 60 * 60 + moment // 60 * 60 for moment in moments)
    clock = working_seconds(Calendar().working, HOURS, ZONE, dt.date(2025, 3, 1), dt.date(2025, 4, 1))
    begin = dt.datetime.fromtimestamp(first, ZONE)
    counted = sum(Calendar().working(moment.date()) and any(start <= moment.hour * 60 + moment.minute < end for start, end in HOURS)
                  for moment in (begin + dt.timedelta(minutes=number) for number in range((last - first) // 60)))
    assert int(np.diff(clock(np.array([first, last]) * SECOND))[0]) == counted * 60


def test_hours_that_overlap_and_days_outside_are_refused():
    for hours in ([(540, 720), (700, 800)], [(720, 540)], [(0, 1441)], []):
        with pytest.raises(ValueError, match="hours must be spans"):
            working_seconds(Calendar().working, hours, ZONE, dt.date(2025, 3, 1), dt.date(2025, 3, 2))
    with pytest.raises(ValueError, match="before the first"):
        working_seconds(Calendar().working, HOURS, ZONE, dt.date(2025, 3, 2), dt.date(2025, 3, 1))
    with pytest.raises(ValueError, match="lies outside"):
        working_seconds(Calendar().working, HOURS, ZONE, dt.date(2025, 3, 1), dt.date(2025, 3, 2))(np.array([MORNING]))
    assert days_of(np.array([MORNING]), ZONE) == (dt.date(2025, 3, 3), dt.date(2025, 3, 3))


# ── graph, variants ───────────────────────────────────────────────────────
def test_the_graph_counts_what_follows_what_and_how_long_it_waited():
    graph = flowgraph.directly_follows(log(one="a=0-10 b=15-30 c=20-40", two="a=0-10 b=10-12", three="b=5"), wall_clock)
    assert graph.arcs == (flowgraph.Arc("a", "b", 2, 2, flowgraph.Spread(2, 0, 5, 5), 0, 0), flowgraph.Arc("b", "c", 1, 1, flowgraph.Spread(1, 0, 0, 0), 1, 0))
    assert (graph.activities, graph.starts, graph.ends) == ({"a": 2, "b": 3, "c": 1}, {"a": 2, "b": 1}, {"b": 2, "c": 1})


@given(eventlogs.logs)
@settings(deadline=None)
def test_the_graph_is_what_a_walk_through_each_case_finds(log):
    gaps, held = {}, {}
    for case, rows in cases_of(log).items():
        for before, after in itertools.pairwise(rows):
            gaps.setdefault((before[0], after[0]), []).append(max(after[1] - before[2], 0))
            held.setdefault((before[0], after[0]), set()).add(case)
    graph = flowgraph.directly_follows(log, wall_clock)
    assert {(arc.before, arc.after): (arc.gap, arc.cases) for arc in graph.arcs} == {pair: (spread(values), len(held[pair])) for pair, values in gaps.items()}
    assert graph.starts == Counter(rows[0][0] for rows in cases_of(log).values())
    assert graph.ends == Counter(rows[-1][0] for rows in cases_of(log).values())


@given(eventlogs.logs)
@settings(deadline=None)
def test_variants_are_the_ways_cases_went(log):
    ways = Counter(tuple(row[0] for row in rows) for rows in cases_of(log).values())
    found = flowgraph.variants(log)
    assert {way.activities: way.count for way in found} == ways
    assert not found or sum(way.share for way in found) == pytest.approx(1)
    assert [way.count for way in found] == sorted(ways.values(), reverse=True)
    assert all(tuple(row[0] for row in cases_of(log)[way.case]) == way.activities for way in found)


# ── rework, waiting, handovers, late ──────────────────────────────────────
def test_what_is_done_again_is_told_apart_at_once_or_after_a_loop():
    found = flowgraph.rework(log(one="a=0-10 a=10-15 b=20-30 a=40-47", two="a=0-10 b=10-12", three="b=1 b=2"), wall_clock)
    assert found == (flowgraph.Rework("a", 2, 1, 2, 1, 1, 12, "one"), flowgraph.Rework("b", 3, 1, 1, 1, 0, 0, "three"))


@given(eventlogs.logs)
@settings(deadline=None)
def test_rework_is_what_a_count_finds(log):
    extra, cases = Counter(), Counter()
    for rows in cases_of(log).values():
        for name, count in Counter(row[0] for row in rows).items():
            extra[name] += count - 1
            cases[name] += count > 1
    found = flowgraph.rework(log, wall_clock)
    assert {each.activity: (each.extra, each.repeated) for each in found} == {name: (count, cases[name]) for name, count in extra.items() if count}
    assert all(each.extra == each.at_once + each.returned for each in found)


def test_parallel_work_counts_once_and_the_rest_is_waiting():
    spent = flowgraph.times(log(one="a=0-10 b=5-20 c=30-40", two="a=3 b=9"), wall_clock)
    assert [column.tolist() for column in (spent.whole, spent.working, spent.waiting, spent.untimed)] == [[40, 6], [30, 0], [10, 6], [0, 2]]


@given(eventlogs.logs)
@settings(deadline=None)
def test_working_time_is_the_seconds_in_which_anything_ran(log):
    spent, cases = flowgraph.times(log, wall_clock), cases_of(log)
    for number, name in enumerate(log.cases):
        rows = cases[name]
        busy = {second for _, start, end, *_ in rows for second in range(start, end)}
        assert int(spent.working[number]) == len(busy)
        assert int(spent.whole[number]) == max(row[2] for row in rows) - min(row[1] for row in rows)
        assert int(spent.waiting[number]) >= 0


def test_waiting_on_the_working_clock_leaves_the_night_out():
    clock = working_seconds(Calendar().working, HOURS, ZONE, dt.date(2025, 3, 3), dt.date(2025, 3, 5))
    spent = flowgraph.times(log(one=f"a=0-3600 b={86_400 + 3600}-{86_400 + 7200}"), clock)
    assert (spent.whole.tolist(), spent.waiting.tolist()) == ([8 * 3600], [6 * 3600])


def test_work_of_an_activity_is_its_own_and_its_wait_the_time_before_it():
    found = {each.activity: each for each in flowgraph.work_by_activity(log(one="a=0-10 b=15-30", two="a=0-20 b=22", three="b=4-5"), wall_clock)}
    assert found["a"] == flowgraph.Work("a", 2, flowgraph.Spread(2, 10, 20, 30), flowgraph.Spread(0, 0, 0, 0), 0)
    assert found["b"] == flowgraph.Work("b", 3, flowgraph.Spread(2, 1, 15, 16), flowgraph.Spread(1, 5, 5, 5), 1)


def test_handovers_count_between_units_and_say_of_how_many_nothing_is_known():
    found = flowgraph.handovers(log(one="a@窗口=0-10 b@窗口=10-12 c@住建=20-30 d=31-32", two="a@窗口=0-1 c@住建=2-3"), wall_clock)
    assert found == flowgraph.Handovers((flowgraph.Handover("窗口", "住建", 2, 2, flowgraph.Spread(2, 1, 8, 9)),), 1, 1)


def test_late_cases_are_those_beyond_their_limit_and_open_ones_are_apart():
    some = log(one="a=0-10 z=20-30", two="a=0-10 z=90-100", three="a=50-60", four="a=95-99")
    assert flowgraph.late(some, wall_clock, 30, ["z"]) == flowgraph.Late((("two", 70),), (("three", 20),), 4, 2, 0)
    assert flowgraph.late(some, wall_clock, [None if name == "two" else 8 for name in some.cases]) == flowgraph.Late((("one", 22), ("three", 2)), (), 3, 3, 1)
    for wrong in ([1], -1, [-1, 1, 1, 1]):
        with pytest.raises(ValueError, match="one limit"):
            flowgraph.late(some, wall_clock, wrong)


# ── orders ────────────────────────────────────────────────────────────────
def test_a_strict_order_has_no_counter_example_and_enough_support():
    some = log(one="a=0-10 b=10-20 c=12-15", two="a=0-1 b=2-3 c=5-6", three="a=0-1 c=1-2 b=2-3", four="x=1 y=1", five="x=1 y=2")
    found = {(each.before, each.after): each for each in orders.orders(some, 3)}
    assert (found["a", "b"].kind, found["a", "b"].support, found["a", "b"].counter_examples) == (orders.STRICT, 3, ())
    assert found["b", "c"] == orders.Order("b", "c", orders.FREE, 1, 1, 1, 0, ("one", "three"))
    assert (found["x", "y"].kind, found["x", "y"].support, found["x", "y"].tied, found["x", "y"].seen) == (orders.THIN, 1, 1, 2)
    assert {each.kind for each in orders.orders(some, 4)} == {orders.THIN, orders.FREE}
    assert orders.counter_examples(some, "b", "c") == ("one", "three")
    assert orders.counter_examples(some, "c", "b") == ("one", "two")


def test_doing_something_again_turns_no_order_round():
    assert [each.kind for each in orders.orders(log(one="a=0-1 b=2-3 a=4-5 b=6-7"), 1)] == [orders.STRICT]


@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
@given(some=eventlogs.logs, support=st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_orders_are_what_a_look_at_every_case_finds(chunk, some, support):
    seen = {}
    for case, rows in cases_of(some).items():
        first = {name: (min(row[1] for row in rows if row[0] == name), min(row[2] for row in rows if row[0] == name)) for name in {row[0] for row in rows}}
        for one in first:
            for other in first:
                if one < other:
                    forward, backward = first[one][1] <= first[other][0], first[other][1] <= first[one][0]
                    seen.setdefault((one, other), {}).setdefault("tied" if forward and backward else one if forward else other if backward else "together", []).append(case)
    with mock.patch.multiple(orders, _AT_ONCE=chunk, _TABLES=0):
        found = orders.orders(some, support)
    assert {tuple(sorted((each.before, each.after))) for each in found} == set(seen)
    for each in found:
        cases = seen[tuple(sorted((each.before, each.after)))]
        wrong = sorted(cases.get(each.after, []) + cases.get("together", []))
        assert (each.support, each.against, each.together, each.tied) == tuple(len(cases.get(word, ())) for word in (each.before, each.after, "together", "tied"))
        assert each.support >= each.against
        assert each.counter_examples == tuple(wrong[:orders.SHOWN])
        assert orders.counter_examples(some, each.before, each.after) == tuple(wrong)
        assert each.kind == (orders.FREE if wrong else orders.STRICT if each.support >= support else orders.THIN)


def test_the_skeleton_leaves_out_what_follows_and_only_where_it_always_does():
    some = log(one="a=0-1 b=1-2 c=2-3", two="a=0-1 b=1-2 c=2-3 d=3-4", three="a=0-1 d=2-3")
    assert [(each.before, each.after) for each in orders.skeleton(some, orders.orders(some, 1))] == [("a", "b"), ("a", "d"), ("b", "c"), ("c", "d")]
    circle = log(one="a=0-1 b=1-2", two="b=0-1 c=1-2", three="c=0-1 a=1-2")
    assert len(orders.skeleton(circle, orders.orders(circle, 1))) == 3


@given(eventlogs.logs)
@settings(deadline=None)
def test_in_every_case_the_skeleton_says_what_all_strict_orders_say(some):
    found = orders.orders(some, 1)
    strict, edges = ({(each.before, each.after) for each in which} for which in ([each for each in found if each.kind == orders.STRICT], orders.skeleton(some, found)))
    for rows in cases_of(some).values():
        held = {row[0] for row in rows}
        reached = {pair for pair in edges if set(pair) <= held}
        while more := {(one, last) for one, middle in reached for other, last in reached if middle == other} - reached:
            reached |= more
        assert {pair for pair in strict if set(pair) <= held} <= reached


def test_a_column_of_numbers_taken_for_activities_is_refused():
    with pytest.raises(LogRefused, match="another column taken for the activity"):
        orders.orders(log(one=" ".join(f"a{number}={number}" for number in range(orders.MOST_ACTIVITIES + 1))), 1)
    with pytest.raises(ValueError, match="at least one case"):
        orders.orders(EMPTY, 0)


# ── conformance ───────────────────────────────────────────────────────────
def test_each_case_is_told_what_it_did_against_the_plan():
    plan = plan_of(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("d", "c")], optional=["d"])
    some = log(one="a=0-10 b=10-20 c=20-30", two="a=0-10 b=5-20 x=21-22 x=23-24", three="b=0-1 c=1-2 d=2-3")
    found = check(some, plan)
    assert [(each.kept, each.early, each.without, each.examples) for each in found.edges] == [(1, 1, 1, ("three", "two")), (2, 0, 0, ()), (0, 1, 0, ("three",))]
    assert [message.en for message in found.of_case("two", some)] == ["“b” began before “a” was done", "“c” is missing", "“x” is not in the plan, done 2 times"]
    assert [message.zh for message in found.of_case("three", some)] == ["“b”办了，应在它之前的“a”没有办", "“c”在“d”完成之前就开始了", "缺“a”"]
    assert found.of_case("one", some) == []
    assert (found.edge_fitness, found.activity_fitness, found.planned_share, found.fitting_share) == (3 / 6, 7 / 9, 8 / 10, 1 / 3)
    assert (found.unplanned, found.unseen, found.edges[0].share) == ({"x": 2}, (), 1 / 3)


_LETTERS = [*"abcdef"]


@given(eventlogs.executions(st.sampled_from("abcdexy")).map(eventlogs.log_of), st.sets(st.tuples(st.sampled_from(_LETTERS), st.sampled_from(_LETTERS)).filter(lambda pair: pair[0] < pair[1])), st.sets(st.sampled_from(_LETTERS)))
@settings(deadline=None)
def test_the_check_is_what_a_look_at_every_case_finds(some, edges, optional):
    plan = plan_of(_LETTERS, sorted(edges), optional)
    wrong, lacking, asked, fitting = [], [], 0, 0
    for number, rows in enumerate(cases_of(some).values()):
        first = {name: (min(row[1] for row in rows if row[0] == name), min(row[2] for row in rows if row[0] == name)) for name in {row[0] for row in rows}}
        mine = []
        for edge, (before, after) in enumerate(plan.edges):
            if after in first and (before in first or before not in optional):
                asked += 1
                if before not in first or first[after][0] < first[before][1]:
                    mine.append((number, edge, conformance.WITHOUT if before not in first else conformance.EARLY))
        short = [(number, at) for at, name in enumerate(_LETTERS) if name not in first and name not in optional]
        wrong, lacking = wrong + mine, lacking + short
        fitting += not mine and not short and set(first) <= set(_LETTERS)
    found = check(some, plan)
    assert (found.violations.tolist(), found.missing.tolist()) == ([list(each) for each in wrong], [list(each) for each in lacking])
    assert found.edge_fitness == ((asked - len(wrong)) / asked if asked else 1)
    assert found.fitting_share == (fitting / len(some.cases) if some.cases else 1)
    assert sum(count for *_, count in found.extra.tolist()) == sum(found.unplanned.values())


@given(eventlogs.logs)
@settings(deadline=None)
def test_a_log_keeps_to_the_strict_orders_that_were_found_in_it(some):
    strict = [(each.before, each.after) for each in orders.orders(some, 1) if each.kind == orders.STRICT]
    try:
        plan = plan_of(some.activities, strict, some.activities)
    except PlanRefused:  # a before b in some cases, b before c and c before a in others: each strict, together a circle
        return
    assert check(some, plan).edge_fitness == 1


@pytest.mark.parametrize(("edges", "optional", "en"), [
    ([("a", "b"), ("b", "c"), ("c", "a")], [], "the order runs in a circle: a → b → c → a"), ([("a", "a")], [], "the order runs in a circle: a → a"),
    ([("a", "z")], [], "there is no activity “z”"), ([], ["q"], "there is no activity “q”")])
def test_a_plan_that_does_not_hold_together_is_refused(edges, optional, en):
    with pytest.raises(PlanRefused) as refused:
        plan_of("abc", edges, optional)
    assert refused.value.message.en == en
    with pytest.raises(PlanRefused, match="named twice"):
        plan_of("aba", [])


def test_nothing_can_be_asked_of_an_empty_log_and_all_of_it_answers():
    assert flowgraph.directly_follows(EMPTY, wall_clock) == flowgraph.Graph((), {}, {}, {})
    assert flowgraph.variants(EMPTY) == flowgraph.rework(EMPTY, wall_clock) == flowgraph.work_by_activity(EMPTY, wall_clock) == orders.orders(EMPTY, 1) == ()
    assert flowgraph.handovers(EMPTY, wall_clock) == flowgraph.Handovers((), 0, 0)
    assert flowgraph.late(EMPTY, wall_clock, 5) == flowgraph.Late((), (), 0, 0, 0)
    assert flowgraph.times(EMPTY, wall_clock).whole.tolist() == []
    found = check(EMPTY, plan_of("ab", [("a", "b")]))
    assert (found.edge_fitness, found.fitting_share, found.unseen) == (1, 1, ("a", "b"))
    assert check(EMPTY, plan_of([], [])).edges == ()
    assert check(log(one="a=1"), plan_of([], [])).planned_share == 0
