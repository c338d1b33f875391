from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diguan.services.engine.fields import FORMS, QUALITIES
from diguan.services.engine.merging import RULES, Asking, merge

ASKINGS = st.lists(st.builds(
    Asking, meaning=st.sampled_from("abc"), matter=st.sampled_from("甲乙丙丁"), needed=st.sampled_from([True, None]), quality=st.sampled_from(QUALITIES), form=st.sampled_from(FORMS),
    copies=st.integers(1, 4), tolerant=st.booleans(), fresh_months=st.sampled_from([None, 3, 6, 12])), max_size=12)


@given(ASKINGS)
def test_merging_what_is_merged_changes_nothing(askings):
    once = merge(askings)
    assert merge(once.values()) == once
    assert merge(once.values(), askings) == once


@given(ASKINGS, ASKINGS)
def test_the_order_of_the_matters_does_not_matter(first, second):
    assert merge(first, second) == merge(second, first) == merge(merge(second).values(), first)


@given(ASKINGS)
def test_nothing_is_lost(askings):
    merged = merge(askings)
    assert {one for each in merged.values() for one in each.askings} == set(askings)
    assert set(merged) == {one.meaning for one in askings}


@given(ASKINGS)
def test_what_satisfies_the_merged_rule_satisfies_every_matter(askings):
    for one in merge(askings).values():
        for asking in one.counted:
            assert QUALITIES.index(one.value("quality")) <= QUALITIES.index(asking.quality)
            assert FORMS.index(one.value("form")) <= FORMS.index(asking.form)
            assert one.value("copies") >= asking.copies
            assert asking.tolerant or not one.value("tolerant")
            assert asking.fresh_months is None or one.value("fresh_months") <= asking.fresh_months


@given(ASKINGS)
def test_the_strictest_value_is_one_that_somebody_demands_and_says_who(askings):
    for one in merge(askings).values():
        for rule in RULES:
            why = one.why(rule)
            assert why.demanded_by
            assert {matter for matter, _value in why.content_with} | set(why.demanded_by) == {asking.matter for asking in one.counted}


def test_what_may_be_needed_does_not_make_stricter_what_is_needed_for_sure():
    one = merge([Asking("a", "甲", quality="C"), Asking("a", "乙", needed=None, quality="A")])["a"]
    assert (one.needed, one.value("quality"), one.matters) == (True, "C", ("乙", "甲"))
