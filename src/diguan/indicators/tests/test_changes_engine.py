"""Whatever happens to rows, what moved adds up to the difference exactly."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from diguan.indicators.engine import changes, terms
from diguan.indicators.engine.changes import Counting, Moved, Shape
from diguan.kernel.measures import Line

DAYS = st.sampled_from([None, dt.date(2025, 1, 5), dt.date(2025, 2, 5), dt.date(2025, 3, 5)])
NUMBERS = st.one_of(st.none(), st.integers(-5, 9))
LINES = st.lists(st.builds(Line, st.just("a"), st.just("甲"), NUMBERS, DAYS, DAYS, NUMBERS, st.fixed_dictionaries({"cluster": st.sampled_from(["钟表", "陶瓷", ""])})), max_size=4)
FIRM = st.dictionaries(st.sampled_from(["2025-01", "2025-02", "2025-03"]), st.integers(0, 9))


@given(LINES, LINES, st.sampled_from([fold for fold in terms.LINE_FOLDS if fold not in terms.WHOLE_FOLDS]), st.sampled_from(["month", "day"]), st.booleans())
def test_what_a_record_moved_is_what_it_is_worth_more(before, after, fold, span, narrowed):
    where = (("cluster", ("钟表",)),) if narrowed else ()
    then, now = (Counting(where, fold, span, dt.date(2025, 1, 1), last) for last in (dt.date(2025, 2, 1), dt.date(2025, 2, 28)))
    moved = changes.of_record("a", before, after, then, now)
    total = changes.NOTHING
    for one in moved:
        total = changes.plus(total, one.by)
    assert total == changes.minus(now.worth(after), then.worth(before))
    assert changes.of_record("a", before, before, then, then) == []


@given(FIRM, FIRM, st.booleans(), st.booleans(), st.booleans())
def test_what_a_firm_moved_is_what_it_is_worth_more(before, after, was_in, is_in, count):
    def worth(told, inside):
        return sum((num > 0 if count else num) for num in told.values()) if inside else 0

    moved = changes.of_firm("a", before, after, was_in=was_in, is_in=is_in, count=count)
    assert sum(one.by[0] for one in moved) == worth(after, is_in) - worth(before, was_in)


@given(st.lists(st.tuples(st.sampled_from(changes.ORDER[1:-1]), st.integers(0, 3), st.integers(-50, 50)), max_size=8), st.booleans(), st.booleans(), st.integers(-9, 9))
def test_the_parts_add_up_to_the_difference_whatever_the_figure_is_made_of(told, ratio, change, shift):
    shape = Shape(ratio=ratio, change=change)
    sides = (2 if ratio else 1) * (2 if change else 1)
    totals = [(100, 0)] * sides
    moved = [[Moved(cause, str(at), (by, 0)) for at, (cause, side, by) in enumerate(told) if side % sides == which] for which in range(sides)]
    after = shape.of([(100 + sum(one.by[0] for one in each), 0) for each in moved])
    if after is None:
        return
    before = shape.of(totals) + Fraction(shift, 7)
    parts = changes.split(shape, before, after, totals, moved, redefined=True)
    assert parts is None or sum((one.by for one in parts), Fraction(0)) == after - before
    assert ratio or change or parts is not None
