"""Names and who may be who: what must be found, and what must not flood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.enterprises import engine
from diguan.enterprises.engine import Identity, likeness

REGIONS = ["湖南省", "衡阳市", "衡阳县", "深圳市"]


def like(one, other, **shared):
    """As the register compares: by core names."""
    return likeness(Identity(core=engine.name_core(one, REGIONS), **shared), Identity(core=engine.name_core(other, REGIONS), **shared))


@pytest.mark.parametrize(("one", "other"), [
    ("衡阳县样例钟表有限公司", "样例钟表（衡阳）有限责任公司"), ("湖南省衡阳样例钟表厂", "衡阳样例钟表股份有限公司"), ("衡阳（样例）钟表有限公司", "衡阳样例 钟表有限公司"),
    ("衡阳宏运钟表有限公司", "衡阳鸿运钟表有限公司"), ("衡阳鸿运表有限公司", "衡阳宏运表有限公司"), ("衡阳样例精密机芯制造科技发展有限公司", "衡阳样例精密机心制造科技发展有限公司")])
def test_one_firm_written_in_two_ways_is_found_by_its_name_alone(one, other):
    assert like(one, other).score >= 90


@pytest.mark.parametrize(("one", "other"), [
    ("衡阳样例钟表有限公司", "衡阳样例钟壳有限公司"), ("衡阳样例精密有限公司", "衡阳样列精密有限公司"), ("衡阳样例钟表有限公司", "衡阳样例钟表件有限公司"), ("衡阳样例钟表有限公司", "衡阳样钟表有限公司")])
def test_one_wrong_character_in_a_short_name_needs_something_else_they_share(one, other):
    assert like(one, other).score == 0
    for shared in ({"person": "赵样本"}, {"phones": frozenset({"13800000001"})}, {"address": "西渡镇演示路1号"}):
        found = like(one, other, **shared)
        assert found.score
        assert len(found.reasons) == 2 or found.reasons[0] == "core"


@pytest.mark.parametrize(("one", "other"), [
    ("衡阳样例钟表有限公司", "衡阳演示陶瓷有限公司"), ("衡阳大明有限公司", "衡阳小明有限公司"), ("衡阳甲有限公司", "衡阳乙有限公司"), ("衡阳样例表带有限公司", "衡阳样例表壳有限公司")])
def test_firms_that_only_look_alike_are_left_alone(one, other):
    assert like(one, other).score == 0


def test_the_same_person_alone_makes_no_two_firms_one():
    assert like("衡阳样例钟表有限公司", "衡阳演示陶瓷有限公司", person="赵样本").score == 0


def test_two_unknown_names_are_not_the_same():
    assert likeness(Identity(), Identity()).score == 0
    assert likeness(Identity(person="赵样本"), Identity(person="赵样本")).score == 0


TEXT = st.text(alphabet="衡阳县样例钟表有限公司厂（）ABab12 ·、；|｜\n", max_size=24)


@given(TEXT, TEXT, st.sampled_from(["", "赵样本"]))
def test_likeness_is_the_same_from_either_side_and_within_bounds(one, other, person):
    first, second = Identity(core=engine.name_core(one), person=person), Identity(core=engine.name_core(other), person=person)
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second).score <= 100


@given(TEXT)
def test_keys_are_stable_and_a_core_is_never_lost(text):
    key = engine.name_key(text)
    assert engine.name_key(key) == key
    assert bool(engine.name_core(text, REGIONS)) == bool(key)


@given(TEXT)
def test_cells_of_names_and_titles_never_break(text):
    assert all(engine.name_key(name) for name in engine.split_names(text))
    assert all(len(parts) >= 4 for parts in engine.split_titles(text))


@given(st.dictionaries(st.builds(lambda year, month: f"{year}-{month:02d}", st.integers(2023, 2026), st.integers(1, 12)), st.integers(0, 2**55)))
def test_a_year_so_far_adds_up_what_is_known_and_counts_what_is_not(months):
    found = engine.year_so_far(months)
    if not months:
        assert found is None
        return
    last = max(months)
    mine = [value for month, value in months.items() if month[:4] == last[:4]]
    assert (found.total, found.last) == (sum(mine), last)
    assert found.gaps == int(last[5:]) - len(mine)
    assert found.change is None or found.gaps == 0


@pytest.mark.parametrize(("name", "initials"), [("衡阳样例钟表有限公司", "hyylzbyxgs"), ("衡阳县曾氏陶瓷厂", "hyxzstcc"), ("重庆演示ABC公司", "cqysabcgs"), ("长沙行知教育", "csxzjy")])
def test_initials_follow_how_names_are_read(name, initials):
    assert engine.pinyin_key(name) == initials
