"""Tables of peers and their sheet, and the sheet of a plan's tasks: errors by cell, all of a file or nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from diguan.indicators.actions import rankings as actions
from diguan.indicators.actions.rankings import Entry, Peer
from diguan.indicators.models import PeerValue, RankingTable, Task
from diguan.indicators.queries import rankings
from diguan.indicators.tests.plan_factories import clerk, owner_factory, plan_factory, table_factory
from diguan.indicators.web import plan_words as words
from diguan.kernel import access
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import county_factory, person_factory

pytestmark = pytest.mark.django_db
HEADS = ["榜单", "期间", "县市区", "数值", "计量单位", "来源", "误差", "排序", "示例"]
TASK_HEADS = ["方案", "序号", "所属行动", "任务", "责任单位", "责任人", "完成时限"]


@pytest.fixture(autouse=True)
def october(settings):
    settings.DIGUAN_TODAY = "2026-10-30"
    county_factory()


def own(row):
    line = rankings.own_line(row)
    return words.place_words(line.place, row.values.count())


# ── places ───────────────────────────────────────────────────────────────────
def test_digits_that_part_two_counties_give_a_certain_place():
    assert own(table_factory(("测试县", "42.93"), ("样例县", "39.16"), ("示例市", "35.20"))) == "第 1 位，共 3"


def test_two_counties_printed_alike_are_called_tied():
    assert own(table_factory(("样例县", "8.4"), ("测试县", "8.3"), ("示例市", "8.3"), ("演示县", "7.0"))) == "并列第 2 位，共 4"


def test_a_difference_within_the_sources_error_gives_a_range_of_places():
    row = table_factory(("样例县", "8.4"), ("测试县", "8.3"), ("示例市", "7.9"), bands={"样例县": "0.2", "测试县": "0.2"})
    assert own(row) == "第 1–2 位（差别在误差内），共 3"


def test_how_far_a_revision_moved_a_figure_is_what_it_leaves_open():
    first = table_factory(("样例县", "8.6"), ("测试县", "8.0"), ("示例市", "7.9"))
    second = table_factory(("样例县", "8.5"), ("测试县", "8.4"), ("示例市", "7.9"))
    first.refresh_from_db()
    assert first.replaced_by == second
    assert [row.pk for row in rankings.visible_tables(person_factory("leader"))] == [second.pk]
    line = rankings.own_line(second)
    assert str(line.revised) == "0.4"
    assert (line.place.best, line.place.worst) == (1, 2)


def test_where_less_is_better_the_smallest_comes_first():
    assert own(table_factory(("样例县", "3.1"), ("测试县", "2.5"), more_is_better=False)) == "第 1 位，共 2"


def test_a_table_without_this_county_says_so(client):
    table_factory(("样例县", "3"), ("示例市", "2"))
    client.force_login(person_factory("leader"))
    assert "表里没有本县" in client.get(reverse("indicators:rankings")).content.decode()


@pytest.mark.parametrize("told", [{"period": "2027-01"}, {"period": "2026-Q1"}, {"period": "去年"}, {"peers": (Peer("甲县", "1"),)}, {"peers": (Peer("甲县", "1"), Peer("甲县", "2"))}, {"peers": (Peer("甲县", "约 1"), Peer("乙县", "2"))}])
def test_a_table_that_cannot_be_ranked_is_refused_and_none_of_the_file_is_kept(told):
    good = {"title": "榜", "period": "2026-08", "unit": "亿元", "more_is_better": True, "source": "局", "example": False, "peers": (Peer("甲县", "1"), Peer("乙县", "2"))}
    row = table_factory()
    with pytest.raises(Refusal):
        actions.import_rankings(entries=[Entry(**good), Entry(**(good | {"title": "又一榜"} | told))], upload=row.upload, by=clerk())
    assert RankingTable.objects.count() == 1


def test_nobody_without_the_right_brings_sees_or_exports_tables(client):
    row = table_factory()
    for role in ("leader", "policy_officer", "bureau_clerk", "enterprise_agent"):
        with pytest.raises(access.Forbidden):
            actions.import_rankings(entries=[], upload=row.upload, by=person_factory(role))
    for role in ("bureau_clerk", "town_officer", "enterprise_agent", "finance_officer"):
        client.force_login(person_factory(role))
        assert client.get(reverse("indicators:rankings")).status_code == 403
        assert client.get(reverse("indicators:ranking", args=[row.pk])).status_code == 403
    client.force_login(person_factory("policy_officer"))
    assert client.get(reverse("indicators:rankings")).status_code == 200
    assert client.get(reverse("indicators:rankings") + "?export=csv").status_code == 403
    assert client.get(reverse("indicators:ranking", args=[row.pk]) + "?export=csv").status_code == 403


# ── the sheet of rankings ────────────────────────────────────────────────────
def line(county, value, **more):
    told = dict(zip(HEADS, ["实际到位资金", "2026-08", county, value, "亿元", "市商务局", "", "越高越靠前", "是"], strict=True)) | more
    return [told[head] for head in HEADS]


def ranked(*rows, by=None):
    return deliveries.preview(deliveries.Request("rankings"), "排名.xlsx", xlsx([HEADS, *rows]), by=by or clerk()).checked


@pytest.mark.parametrize("more", [{"数值": "约 30"}, {"误差": "不大"}, {"期间": "2027-03"}, {"来源": ""}, {"县市区": "测试县"}, {"计量单位": "万元"}, {"排序": "随便"}])
def test_a_fault_of_a_table_is_told_at_its_cell(more):
    found = ranked(line("测试县", "42.93"), line("样例县", "39.10", **more))
    assert not found.ok
    assert found.errors[0].row in (2, 3)


def test_a_table_comes_in_whole_with_its_digits():
    book, by = xlsx([HEADS, line("测试县", "42.90"), line("样例县", "39.10", 期间="2026年8月"), line("示例市", 35.2)]), clerk()
    upload = deliveries.keep("排名.xlsx", book, "rankings", by=by)
    deliveries.commit(deliveries.Request("rankings"), upload, book, by=by)
    assert [(one.county, one.printed) for one in PeerValue.objects.order_by("id")] == [("测试县", "42.90"), ("样例县", "39.10"), ("示例市", "35.2")]
    assert RankingTable.objects.get().example


def test_who_may_import_no_rankings_previews_none():
    with pytest.raises(access.Forbidden):
        ranked(line("测试县", "1"), line("样例县", "2"), by=person_factory("leader"))


# ── the sheet of tasks ───────────────────────────────────────────────────────
@pytest.fixture
def plan():
    return plan_factory(name="三十条")


@pytest.fixture
def owner():
    return owner_factory()[1]


def task(owner, **more):
    told = dict(zip(TASK_HEADS, ["三十条", 1, "政务服务", "一次告知", owner.posts.get().unit.name, owner.name, "2026-12-20"], strict=True)) | more
    return [told[head] for head in TASK_HEADS]


def listed(*rows, by=None):
    return deliveries.preview(deliveries.Request("plan_tasks"), "任务.xlsx", xlsx([TASK_HEADS, *rows]), by=by or clerk()).checked


@pytest.mark.parametrize(("more", "column"), [
    ({"方案": "四十条"}, "方案"), ({"序号": "一"}, "序号"), ({"序号": 1}, "序号"), ({"任务": ""}, "任务"), ({"责任单位": ""}, "责任单位"), ({"责任单位": "没有的局"}, "责任单位"), ({"责任人": ""}, "责任人"), ({"责任人": "没有这个人"}, "责任人"),
    ({"完成时限": "2016-12-20"}, "完成时限"), ({"完成时限": "年底"}, "完成时限"), ({"任务": "长" * 301}, "任务")])
def test_a_fault_of_a_task_is_told_at_its_cell(plan, owner, more, column):
    found = listed(task(owner), task(owner, **({"序号": 2} | more)))
    assert [(error.row, error.column) for error in found.errors] == [(3, column)]


def test_tasks_come_in_whole_each_with_who_answers_for_it(plan, owner):
    book, by = xlsx([TASK_HEADS, task(owner), task(owner, 序号=2, 责任人=owner.login_name)]), clerk()
    upload = deliveries.keep("任务.xlsx", book, "plan_tasks", by=by)
    deliveries.commit(deliveries.Request("plan_tasks"), upload, book, by=by)
    assert [(row.number, row.owner_id, row.owner_unit.name) for row in Task.objects.order_by("number")] == [(number, owner.pk, owner.posts.get().unit.name) for number in (1, 2)]
    again = listed(task(owner), by=by)
    assert again.errors[0].message.zh == "方案里已经有第 1 项"


def test_two_of_one_name_are_told_apart_by_login_name(plan, owner):
    unit = owner.posts.get().unit
    person_factory("policy_officer", unit, name=owner.name)
    assert "请写登录名" in listed(task(owner)).errors[0].message.zh
    assert listed(task(owner, 责任人=owner.login_name)).ok


def test_a_file_of_two_plans_and_a_stranger_are_refused(plan, owner):
    plan_factory(name="五大行动")
    assert "一个文件只放一个方案" in listed(task(owner), task(owner, 方案="五大行动", 序号=2)).errors[0].message.zh
    with pytest.raises(access.Forbidden):
        listed(task(owner), by=person_factory("policy_officer"))
