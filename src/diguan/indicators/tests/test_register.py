from __future__ import annotations

import re

import pytest
from django.urls import reverse

from diguan.indicators.queries import answers, behind, compute, register, snapshots, wording
from diguan.indicators.tests.factories import firms, pack, snapshot_factory
from diguan.kernel import access, packs
from diguan.kernel.access.roles import title_of
from diguan.kernel.measures import COUNTED
from diguan.kernel.tests.factories import person_factory

ONE = "- code: a.tax\nHEAD\n  fact: tax.paid\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """The book of the base pack's facts and one pack of these indicators alone."""

    def of(text):
        monkeypatch.setattr(register.packs, "files", lambda name: iter([pack(tmp_path, text) / name]) if name == register.FILE else packs.SHIPPED.glob(f"base/{name}"))
        return register.book()

    return of


def test_an_indicator_is_read_with_unit_and_scale_of_its_fact(read):
    one = read(ONE).newest("a.tax")
    assert (one.unit, one.scale, one.kind, one.of.span) == ("元", 100, "fact", "month")


@pytest.mark.parametrize(("text", "word"), [
    (ONE.replace("tax.paid", "tax.payed"), "最接近的是 tax.paid"),
    (ONE + "  by: [clusters]\n", "最接近的是 cluster"),
    (ONE + "  where: {towns: [西渡镇]}\n", "最接近的是 town"),
    (ONE + "  span: day\n", "span 不能是 day"),
    (ONE + "  fold: count\n  span: to_date\n", "跨期会重复"),
    (ONE + "  change: yearly\n", "最接近的是 yoy"),
    (ONE + "  sort: 1\n", "不认识的键 sort"),
    (ONE.replace("fact: tax.paid", "measure: outreach.trip_lines\n  fold: kinds"), "要写 each"),
    (ONE.replace("fact: tax.paid", "measure: outreach.trip_lines\n  each: province"), "要写 each"),
    (ONE.replace("fact: tax.paid", "measure: outreach.trip_lines\n  fold: kinds\n  each: provinces"), "最接近的是 province"),
    (ONE.replace("fact: tax.paid", "measure: projects.signed"), "最接近的是 projects.signed_lines"),
    (ONE.replace("fact: tax.paid", "top: a.b"), "只写一种"),
    (ONE.replace("  owner: {zh: 税务局, en: Tax bureau}\n", "") if "owner" in ONE else ONE.replace("HEAD", "  effective_from: 2020-01-01\n  title: {zh: 试, en: T}\n  definition: {zh: 试, en: T}\n  scope: department\n  source: {zh: 表, en: S}"), "owner 要写明"),
    (ONE + ONE.replace("a.tax\n", "a.share\n").replace("fact: tax.paid", "top: a.tax\n  bottom: a.none"), "没有指标 a.none，最接近的是 a.share"),
    (ONE + ONE.replace("a.tax\n", "a.tax\n  version: 2\n"), "要从更晚的日期起"),
    (ONE + ONE, "已经写过"),
    (ONE + "  where: {cluster: []}\n", "要写一个值或几个值"),
    (ONE + "  where: {cluster: null}\n", "要写一个值或几个值"),
    (ONE + "  where: {cluster: [[钟表]]}\n", "要写一个值或几个值"),
    (ONE + "  public: maybe\n", "public 写 true 或 false"),
])
def test_what_cannot_be_used_is_refused_with_its_line_and_the_nearest(read, text, word):
    with pytest.raises(packs.PackError) as refused:
        read(text)
    assert "indicators.yaml:" in refused.value.where
    assert word in refused.value.message.zh


def test_a_ratio_of_different_cohorts_is_refused_with_the_reason(read):
    book = read(ONE + ONE.replace("a.tax", "a.year").replace("fact: tax.paid", "fact: tax.paid\n  span: year") + ONE.replace("a.tax", "a.ratio").replace("fact: tax.paid", "top: a.tax\n  bottom: a.year"))
    why = compute.refusal(book, book.newest("a.ratio"), book.newest("a.ratio").effective_from)
    assert why is not None
    assert "期间不同" in why.zh


@pytest.mark.django_db
def test_page_and_command_line_say_why_two_numbers_are_not_divided(read, client):
    read(ONE + ONE.replace("a.tax", "a.year").replace("fact: tax.paid", "fact: tax.paid\n  span: year") + ONE.replace("a.tax", "a.ratio").replace("fact: tax.paid", "top: a.tax\n  bottom: a.year"))
    run, leader = snapshot_factory(), person_factory("leader")
    found = snapshots.figures(leader, run)
    (told,) = answers.answer(leader, found, [found.book.newest("a.ratio")])["indicators"]
    assert told["value"] is None
    assert "期间不同" in told["refused"]["zh"]
    assert told["refused"]["en"]
    client.force_login(leader)
    assert "期间不同" in client.get(reverse("indicators:indicator", args=["a.ratio"])).content.decode()


@pytest.mark.django_db
def test_of_different_ones_each_counts_once_and_the_rows_say_which(read, client):
    read(ONE.replace("fact: tax.paid", "measure: enterprises.registered\n  fold: kinds\n  each: cluster\n  span: day"))
    rows, leader = [*firms(3), *firms(4, "陶瓷"), *firms(3, "")], person_factory("leader")
    run = snapshot_factory()
    found = snapshots.figures(leader, run)
    cell = found.cell("a.tax")
    (side,) = behind.sides(leader, run, found.book.newest("a.tax"), cell, found.book)
    assert cell.num == 2
    assert sorted((row.kind, row.num) for row in side.rows) == sorted([("", 0)] * 3 + [("钟表", 0)] * 2 + [("钟表", 1)] + [("陶瓷", 0)] * 3 + [("陶瓷", 1)])
    client.force_login(leader)
    seen = client.get(reverse("indicators:rows", args=["a.tax"]), {"period": cell.period}).content.decode()
    assert "相同的只计一次：计入 2 个" in seen
    assert "没有填" in seen
    assert rows[0].name in seen


def test_a_part_over_its_whole_is_no_other_cohort(read):
    part = ONE.replace("a.tax", "a.watch") + "  where: {cluster: [钟表]}\n"
    whole = ONE.replace("a.tax", "a.share").replace("fact: tax.paid", "top: a.watch\n  bottom: a.tax\n  part: true")
    book = read(ONE + part + whole)
    assert compute.refusal(book, book.newest("a.share"), book.newest("a.share").effective_from) is None
    book = read(ONE + part + whole.replace("top: a.watch\n  bottom: a.tax", "top: a.tax\n  bottom: a.watch"))
    assert compute.refusal(book, book.newest("a.share"), book.newest("a.share").effective_from) is not None


@pytest.mark.django_db
def test_an_indicator_of_a_measure_is_for_who_may_see_the_measure():
    codes = {one.code for one in register.visible(person_factory("policy_officer"))}
    assert "tax.paid" in codes
    assert "projects.in_place" not in codes
    assert "projects.in_place" in {one.code for one in register.visible(person_factory("leader"))}
    with pytest.raises(access.Forbidden):
        register.visible(person_factory("town_officer"))


def test_every_measure_by_lines_opens_an_address_and_a_column_that_are_there():
    for one in COUNTED.values():
        assert reverse(one.route, args=["1"]).startswith("/"), one.name
        assert title_of(one.permission).en != one.permission, one.name


def test_what_is_counted_may_be_named_where_different_parts_are_counted_alone(read):
    kinds = ONE.replace("fact: tax.paid", "measure: outreach.trip_lines\n  fold: kinds\n  each: province\n  unit: 个")
    one = read(kinds).newest("a.tax")
    assert (one.unit, one.of.each) == ("个", "province")
    with pytest.raises(packs.PackError):
        read(kinds.replace("unit: 个", "unit: 元"))
    with pytest.raises(packs.PackError):
        read(ONE.replace("fact: tax.paid", "measure: outreach.trip_lines\n  unit: 个"))


def test_every_unit_of_the_shipped_indicators_has_english_words():
    units = {one.unit for each in register.book().versions.values() for one in each}
    assert [unit for unit in units if re.search("[\u4e00-\u9fff]", wording.unit(unit, "en"))] == []
