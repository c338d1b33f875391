from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.indicators.engine import folds, spans, tables
from diguan.indicators.engine.tables import ALL, FEW, PARTIAL, RUNNING, UNKNOWN, WHOLE, Classes, Cube
from diguan.kernel.measures import Line

MONTHS = {"2025-01": ("2025-01",), "2025-02": ("2025-02",)}
DAY = dt.date(2025, 3, 31)


def cube(num, told=None, covered=None, positive=None):
    num = np.array(num, np.int64)
    told = np.array(told, np.int64) if told is not None else np.full_like(num, 3)
    return Cube(("2025-01", "2025-02"), np.array(covered if covered is not None else [True, True]), num, told, np.array(positive, np.int64) if positive is not None else (num > 0) * told)


def classes(sizes=(5, 4), clusters=("钟表", "陶瓷")):
    return Classes(np.array(sizes, np.int64), {"cluster": list(clusters)})


# ── facts ────────────────────────────────────────────────────────────────────
def test_a_fact_is_summed_by_period_and_part():
    made = tables.of_fact(cube([[10, 20], [30, 40]]), classes(), (), ("cluster",), "sum", MONTHS)
    assert made.parts == (ALL, ("cluster", "钟表"), ("cluster", "陶瓷"))
    assert made.num.tolist() == [[30, 10, 20], [70, 30, 40]]
    assert made.state.tolist() == [[WHOLE] * 3] * 2


def test_a_filter_keeps_the_others_out():
    made = tables.of_fact(cube([[10, 20], [30, 40]]), classes(), (("cluster", ("陶瓷",)),), (), "sum", MONTHS)
    assert made.num.tolist() == [[20], [40]]
    assert made.expected.tolist() == [[4], [4]]


def test_since_january_adds_up_and_a_stock_takes_the_last_month():
    spans_ = {"2025-02": ("2025-01", "2025-02")}
    assert tables.of_fact(cube([[10, 20], [30, 40]]), classes(), (), (), "sum", spans_).num.tolist() == [[100]]
    assert tables.of_fact(cube([[10, 20], [30, 40]]), classes(), (), (), "last", spans_).num.tolist() == [[70]]


def test_what_nobody_delivered_is_unknown_and_not_zero():
    made = tables.of_fact(cube([[10, 20], [30, 40]]), classes(), (), (), "sum", {"2025-03": ("2025-03",), "2025-02": ("2025-02",)})
    assert made.state.tolist() == [[UNKNOWN], [WHOLE]]


def test_a_delivery_that_is_not_complete_is_partial_and_says_of_how_many():
    made = tables.of_fact(cube([[10, 20], [30, 40]], covered=[True, False]), classes(), (), (), "sum", MONTHS)
    assert made.state.tolist() == [[WHOLE], [PARTIAL]]
    assert (made.told.tolist(), made.expected.tolist()) == ([[9], [6]], [[9], [9]])


def test_a_sum_over_months_one_of_which_is_missing_is_partial():
    made = tables.of_fact(cube([[10, 20], [30, 40]]), classes(), (), (), "sum", {"2025-03": ("2025-01", "2025-02", "2025-03")})
    assert made.state.tolist() == [[PARTIAL]]
    assert made.num.tolist() == [[100]]


def test_fewer_than_three_firms_are_hidden_and_so_is_what_would_tell_of_them():
    made = tables.of_fact(cube([[10, 20, 30]] * 2, told=[[2, 3, 9]] * 2), classes((2, 5, 9), ("甲", "乙", "丙")), (), ("cluster",), "sum", MONTHS)
    hidden = dict(zip(made.parts, made.state[0], strict=True))
    assert hidden == {ALL: WHOLE, ("cluster", "甲"): FEW, ("cluster", "乙"): FEW, ("cluster", "丙"): WHOLE}


def test_two_hidden_parts_need_no_third():
    made = tables.of_fact(cube([[10, 20, 30]] * 2, told=[[2, 1, 9]] * 2), classes((2, 1, 9), ("甲", "乙", "丙")), (), ("cluster",), "sum", MONTHS)
    hidden = dict(zip(made.parts, made.state[0].tolist(), strict=True))
    assert hidden == {ALL: WHOLE, ("cluster", "甲"): FEW, ("cluster", "乙"): FEW, ("cluster", "丙"): WHOLE}


def shown(made, row=0):
    """Which parts a row tells, and what the breakdown keeps back in all."""
    return {part for part, state in zip(made.parts, made.state[row].tolist(), strict=True) if state < UNKNOWN}


@pytest.mark.parametrize(("sizes", "told", "names", "kept"), [
    ((2, 5, 4), (0, 1, 4), ("小家电", "钟表", "陶瓷"), {"钟表", "陶瓷"}),
    ((1, 1, 3), (1, 1, 3), ("甲", "乙", "丙"), {"甲", "乙", "丙"}),
    ((1, 1, 3), (0, 1, 3), ("甲", "乙", "丙"), {"乙", "丙"}),
    ((2, 1, 9), (2, 1, 9), ("甲", "乙", "丙"), {"甲", "乙"}),
], ids=["an untold part hides nothing", "two single firms", "one that told nothing", "three firms in two parts"])
def test_as_much_of_a_breakdown_is_kept_back_as_hides_three_firms(sizes, told, names, kept):
    made = tables.of_fact(cube([[10] * len(sizes)] * 2, told=[list(told)] * 2, covered=[False, False]), classes(sizes, names), (), ("cluster",), "sum", MONTHS)
    states = dict(zip(made.parts, made.state[0].tolist(), strict=True))
    assert {name for (_dim, name), state in states.items() if state == FEW} == kept
    assert states[ALL] < UNKNOWN


def test_a_part_that_one_firm_sets_apart_from_another_breakdowns_is_kept_back():
    of = Classes(np.array([4, 1, 6]), {"cluster": ("钟表", "钟表", "鞋"), "park": ("园", "", "")})
    made = tables.of_fact(cube([[400, 33, 600]] * 2, told=[[4, 1, 6]] * 2), of, (), ("cluster", "park"), "sum", MONTHS)
    told = shown(made)
    assert not {("cluster", "钟表"), ("park", "园")} <= told, "433 less 400 is one firm"
    assert ALL in told


def test_a_span_is_kept_back_where_one_of_its_months_is():
    spans_ = {"2025-01": ("2025-01",), "2025-02": ("2025-01", "2025-02")}
    made = tables.of_fact(cube([[50, 90], [7, 90]], told=[[5, 9], [1, 9]]), classes((5, 9)), (), ("cluster",), "sum", spans_)
    assert shown(made, 0) == {ALL, *made.parts[1:]}
    assert shown(made, 1) == {ALL}, "since January less January is February's one firm"


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=9))
def test_no_figure_of_one_or_two_firms_can_be_worked_out(kinds):
    """Of every part shown, of what a breakdown keeps back, and of one part less another within it: nobody or three firms at least."""
    sizes = np.array([size for size, *_rest in kinds])
    of = Classes(sizes, {"cluster": [f"群{one}" for _size, one, _two in kinds], "park": [f"园{two}" for _size, _one, two in kinds]})
    made = tables.of_fact(Cube(("2025-01",), np.array([False]), sizes[None, :] * 10, sizes[None, :], sizes[None, :]), of, (), ("cluster", "park"), "sum", {"2025-01": ("2025-01",)})
    inside = {part: {at for at in range(len(kinds)) for _firm in range(sizes[at]) if part == ALL or of.values[part[0]][at] == part[1]} for part in made.parts}
    firms = {part: sum(int(sizes[at]) for at in ats) for part, ats in inside.items()}
    told = shown(made)
    assert all(firms[part] >= 3 for part in told)
    for one in told:
        for two in told:
            assert not (inside[two] < inside[one] and 0 < firms[one] - firms[two] < 3), (one, two)
    for dim in ("cluster", "park"):
        kept = [firms[part] for part in made.parts if part[0] == dim and part not in told and firms[part]]
        assert ALL not in told or not kept or sum(kept) >= 3


def test_before_the_first_record_nobody_told_which_is_not_zero():
    found = folds.by_column([Line("1", "一", 5, dt.date(2025, 2, 10)), Line("2", "二", 7, dt.date(2025, 4, 1))], ())
    spans_ = {text: spans.bounds("month", text) for text in ("2025-01", "2025-02", "2025-03", "2025-04")}
    made = folds.of_lines(found, (), (), "sum", "month", spans_, dt.date(2025, 4, 30), firms=False)
    assert made.state[:, 0].tolist() == [UNKNOWN, WHOLE, WHOLE, WHOLE]
    assert made.num[:, 0].tolist() == [0, 5, 0, 7]


# ── changes and ratios ───────────────────────────────────────────────────────
def test_growth_is_the_difference_over_what_was():
    made = tables.of_fact(cube([[100, 0], [162, 0]]), classes(), (), (), "sum", MONTHS)
    grown = tables.change(made, lambda text: spans.before("month", text, "mom"))
    assert (grown.periods, grown.num.tolist(), grown.den.tolist()) == (("2025-02",), [[62]], [[100]])


def test_growth_from_nothing_is_unknown():
    made = tables.of_fact(cube([[0, 0], [162, 0]]), classes(), (), (), "sum", MONTHS)
    assert tables.change(made, lambda text: spans.before("month", text, "mom")).state.tolist() == [[UNKNOWN]]


def test_growth_against_a_month_told_in_part_is_partial():
    made = tables.of_fact(cube([[100, 0], [162, 0]], covered=[False, True]), classes(), (), (), "sum", MONTHS)
    assert tables.change(made, lambda text: spans.before("month", text, "mom")).state.tolist() == [[PARTIAL]]


def test_a_ratio_of_sums_and_a_mean_of_ratios_differ():
    """The example of the field: from 20 to 8 and from 5 to 1 days is 64 % of the sums and 70 % of the cases' own cuts."""
    lines = folds.by_column([Line("1", "甲", 12, DAY, of=20), Line("2", "乙", 4, DAY, of=5)], ())
    periods = {"2025-03": (dt.date(2025, 3, 1), DAY)}
    one = folds.of_lines(lines, (), (), "share", "month", periods, DAY, firms=False)
    two = folds.of_lines(lines, (), (), "mean_share", "month", periods, DAY, firms=False)
    assert one.num[0, 0] / one.den[0, 0] == pytest.approx(0.64)
    assert two.num[0, 0] / two.den[0, 0] == pytest.approx(0.70)


# ── lines ────────────────────────────────────────────────────────────────────
def lines(*rows):
    return folds.by_column([Line(key, key, num, on, until, groups={"cluster": cluster}) for key, num, on, until, cluster in rows], ("cluster",))


def fold(rows, fold_, span, text, as_of=DAY, **more):
    made = folds.of_lines(rows, more.get("where", ()), more.get("by", ()), fold_, span, {text: spans.bounds(span, text)}, as_of, firms=more.get("firms", False))
    return made.num[0].tolist(), made.state[0].tolist()


def test_lines_count_on_their_day_and_a_state_until_they_end():
    rows = lines(("1", 5, dt.date(2025, 1, 31), None, "甲"), ("1", 7, dt.date(2025, 2, 1), dt.date(2025, 2, 10), "甲"), ("2", 9, None, None, "乙"))
    assert fold(rows, "sum", "month", "2025-01")[0] == [5]
    assert fold(rows, "sum", "to_date", "2025-02")[0] == [12]
    assert fold(rows, "count", "day", "2025-02")[0] == [2]
    assert fold(rows, "distinct", "year", "2025", dt.date(2025, 12, 31))[0] == [1]


def test_kinds_counts_each_part_of_a_breakdown_once_and_none_of_those_nobody_told():
    rows = lines(("1", 1, dt.date(2025, 1, 3), None, "甲"), ("2", 1, dt.date(2025, 1, 4), None, "甲"), ("2", 1, dt.date(2025, 1, 4), None, "乙"), ("3", 1, dt.date(2025, 1, 5), None, ""))
    made = folds.of_lines(rows, (), (), "kinds", "month", {"2025-01": spans.bounds("month", "2025-01")}, DAY, firms=False, each="cluster")
    assert (made.num.tolist(), made.firms.tolist()) == ([[2]], [[3]])


def test_what_nobody_counted_is_partial():
    rows = lines(("1", None, dt.date(2025, 1, 3), None, "甲"), ("2", 4, dt.date(2025, 1, 4), None, "甲"))
    assert fold(rows, "sum", "month", "2025-01") == ([4], [PARTIAL])


def test_a_month_that_still_runs_says_so_and_one_to_come_is_unknown():
    rows = lines(("1", 4, dt.date(2025, 3, 2), None, "甲"), ("2", 4, dt.date(2025, 3, 20), None, "甲"))
    assert fold(rows, "sum", "month", "2025-03", dt.date(2025, 3, 10)) == ([4], [RUNNING])
    assert fold(rows, "sum", "month", "2025-04", dt.date(2025, 3, 10))[1] == [UNKNOWN]


def test_lines_of_firms_are_hidden_below_three():
    rows = lines(*((str(at), 1, dt.date(2025, 1, 3), None, "甲") for at in range(2)))
    assert fold(rows, "count", "month", "2025-01", firms=True)[1] == [FEW]
    assert fold(rows, "count", "month", "2025-01")[1] == [WHOLE]


LINE = st.tuples(st.sampled_from("12345"), st.one_of(st.none(), st.integers(-9, 9)), st.integers(1, 90), st.one_of(st.none(), st.integers(0, 40)), st.one_of(st.none(), st.integers(0, 5)), st.sampled_from(["甲", "乙", ""]), st.sampled_from(["北", "南"]))


def plainly(fold_, taken):
    """A fold as one would write it down: above and below."""
    known = [line for line in taken if line.num is not None]
    both = [line for line in known if line.of is not None]
    return {
        "sum": lambda: (sum(line.num for line in known), 1), "count": lambda: (len(taken), 1), "distinct": lambda: (len({line.key for line in taken}), 1),
        "share": lambda: (sum(line.num for line in both), sum(line.of for line in both)),
        "mean_share": lambda: (sum(line.num * 1_000_000 // line.of for line in both if line.of), 1_000_000 * sum(line.of > 0 for line in both)),
        "p50": lambda: (sorted(line.num for line in known)[-(-len(known) // 2) - 1], 1) if known else (0, 0),
        "kinds": lambda: (len({line.groups["cluster"] for line in taken} - {""}), 1)}[fold_]()


@given(st.lists(LINE, max_size=12), st.sampled_from(["sum", "count", "distinct", "share", "mean_share", "p50", "kinds"]), st.sampled_from(["month", "to_date", "day"]), st.sampled_from([(), ("cluster",), ("cluster", "town")]), st.booleans())
def test_every_fold_comes_to_what_plain_lines_come_to_in_each_part(drawn, fold_, span, by, northern):
    first = dt.date(2025, 1, 1)
    rows = [Line(key, key, num, first + dt.timedelta(days=on), None if lasts is None else first + dt.timedelta(days=on + lasts), of, {"cluster": cluster, "town": town}) for key, num, on, lasts, of, cluster, town in drawn]
    where = (("town", ("北",)),) if northern else ()
    texts = ("2025-01", "2025-02", "2025-03")
    made = folds.of_lines(folds.by_column(rows, ("cluster", "town")), where, by, fold_, span, {text: spans.bounds(span, text) for text in texts}, dt.date(2025, 12, 31), firms=False, each="cluster" if fold_ == "kinds" else "")
    assert set(made.parts) == {("", ""), *((dim, row.groups[dim]) for dim in by for row in rows)}
    for at, text in enumerate(texts):
        begin, end = spans.bounds(span, text)
        for place, (dim, group) in enumerate(made.parts):
            taken = [row for row in rows if (row.on <= end and (row.until is None or row.until >= end) if span == "day" else begin <= row.on <= end)
                     and (not northern or row.groups["town"] == "北") and (not dim or row.groups[dim] == group)]
            if span != "day" and (not rows or end < min(row.on for row in rows)):
                assert made.state[at, place] == UNKNOWN
                continue
            assert span != "day" or fold_ != "sum" or taken or made.state[at, place] == UNKNOWN  # a state nobody tells is not nought
            num, den = plainly(fold_, taken)
            assert (made.num[at, place], made.den[at, place]) == (num, den if den > 0 else 1), (text, dim, group)
            assert (made.firms[at, place], made.told[at, place], made.expected[at, place]) == (len({row.key for row in taken}), sum(row.num is not None for row in taken), len(taken))
