"""划型与认定: an enterprise's class on two days, and the sentence that says why they differ."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from diguan.enterprises.models import TitleKind
from diguan.enterprises.queries.standing import require_met
from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel import periods
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
ONE, TWO = credit_code(1), credit_code(2)
STATEMENTS = ["统一社会信用代码", "企业名称", "主营业务收入（万元）", "资产总计（万元）", "负债合计（万元）", "年平均从业人数（人）"]
BOOKS = ["统一社会信用代码", "企业名称", "所属期", "入库税额（万元）", "开票销售收入（万元）", "研发费用（万元）"]


@pytest.fixture
def one(db):
    return enterprise_factory(ONE, "衡阳样例钟表有限公司", industry="4030", established=dt.date(2018, 4, 1), registered_region="430421")


@pytest.fixture
def clerk(db):
    return person_factory("data_clerk", from_day=dt.date(2026, 1, 1))


def bring(clerk, sheet, period, heads, rows, source=""):
    data = xlsx([heads, *rows])
    upload = deliveries.keep(f"{sheet}-{period}.xlsx", data, sheet, by=clerk)
    return deliveries.commit(deliveries.Request(sheet, periods.parse(period), source, None), upload, data, by=clerk)


def statements(clerk, year, revenue, heads):
    bring(clerk, "finance_yearly", year, STATEMENTS, [[ONE, "衡阳样例钟表有限公司", revenue, 2000, 1000, heads]])


def books(clerk, *years):
    for year in years:
        for month in range(1, 13):
            bring(clerk, "tax_monthly", f"{year}-{month:02d}", BOOKS, [[ONE, "衡阳样例钟表有限公司", f"{year}-{month:02d}", 1, 100, 10]])


def page(client, person, uscc=ONE, query="", status=200):
    client.force_login(person)
    answer = client.get(reverse("enterprises:standards", args=[uscc]) + query)
    assert answer.status_code == status
    return answer.content.decode()


def standing(html, title):
    """The card of one standard."""
    return html.partition(f">{title}</h2>")[2].partition("</section>")[0]


def test_new_statements_raise_the_class_and_the_page_names_the_figure(client, one, clerk):
    statements(clerk, "2024", 900, 60)
    assert "两天一样" in standing(page(client, clerk), "企业划型")
    statements(clerk, "2025", 2600, 320)
    card = standing(page(client, clerk, query="?on=2026-10-31&against=2025-10-31"), "企业划型")
    assert "2025-10-31：小型；2026-10-31：中型。" in strip_tags(card)
    assert "数变了：从业人员300 人及以上" in card
    assert "60 人" in card
    assert "320 人" in card


def test_the_same_figures_stand_differently_on_two_days_and_the_page_says_the_standard_changed(client, one, clerk):
    statements(clerk, "2025", 1200, 60)
    books(clerk, 2024, 2025)
    card = standing(page(client, clerk, query="?on=2026-04-01&against=2026-03-31"), "达到专精特新中小企业可核条件")
    assert "2026-03-31：达到；2026-04-01：没达到。" in strip_tags(card)
    assert "标准改了：原为“上年度营业收入总额在1000万元以上”，现为“上年度营业收入总额在1500万元以上”" in card
    assert "标准新增：自主研发的I类知识产权1项以上" in card
    assert card.count("按二手资料录入，未与正式文本核对") == 2


def test_a_title_held_on_one_day_alone_is_judged_on_each_day(client, one, clerk):
    one.titles.create(kind=TitleKind.SRED_SME, name="专精特新中小企业", issued=dt.date(2023, 1, 1), valid_until=dt.date(2025, 12, 31))
    card = standing(page(client, clerk, query="?on=2026-03-31&against=2025-12-31"), "达到“小巨人”可核条件")
    before, _sep, after = card.partition("2026-03-31</span> <")
    assert "现在：是" in before
    assert "现在：否" in after


def test_with_nothing_told_no_class_is_made_up(client, one, clerk):
    card = standing(page(client, clerk), "企业划型")
    assert "还判断不了" in card
    assert "微型 </" not in card


def test_a_day_that_is_none_is_told_at_its_field_and_the_usual_days_are_compared(client, one, clerk):
    html = page(client, clerk, query="?on=2026-02-30")
    assert "2026-10-31" in html
    assert "invalid-feedback" in html or "dg-error" in html


@pytest.mark.parametrize("query", ["?on=0001-01-01", "?on=9999-12-31", "?against=0001-01-01", "?on=2026-10-31&against=9999-12-31"])
def test_a_day_out_of_all_bounds_is_told_at_its_field(client, one, clerk, query):
    assert "dg-error" in page(client, clerk, query=query)


def test_an_agent_sees_its_own_firm_and_no_other(client, one, clerk):
    enterprise_factory(TWO, "衡阳演示陶瓷厂", industry="3074")
    agent = person_factory("enterprise_agent", uscc=ONE, from_day=dt.date(2026, 1, 1))
    assert "企业划型" in page(client, agent)
    page(client, agent, uscc=TWO, status=404)


# ── the gate before an action ────────────────────────────────────────────────
OCTOBER = dt.date(2026, 10, 31)
HIGH_TECH = "enterprise.meets_high_tech"
LINE = "enterprise.reaches_above_scale"


def test_who_meets_a_standard_passes_its_gate(one, clerk):
    statements(clerk, 2025, 3000, 60)
    require_met(one, LINE, OCTOBER)


@pytest.mark.parametrize(("revenue", "zh", "en"), [(1999, "不满足：年主营业务收入2000万元", "not met: "), (None, "没人告诉过我们：年主营业务收入2000万元", "nobody has told us: ")])
def test_a_gate_refuses_with_the_clauses_in_the_way_and_no_figure(one, clerk, revenue, zh, en):
    if revenue:
        statements(clerk, 2025, revenue, 60)
    with pytest.raises(Refusal) as refused:
        require_met(one, LINE, OCTOBER)
    head, reason = refused.value.reasons
    assert refused.value.code == "not_met"
    assert "达到规上（限上）标准" in head.zh
    assert "Reaches the above-scale line" in head.en
    assert reason.zh.startswith(zh)
    assert reason.en.startswith(en)
    assert "1999" not in str(refused.value)


def test_before_a_standard_was_in_force_nobody_passes(one):
    with pytest.raises(Refusal, match="没有适用的标准"):
        require_met(one, HIGH_TECH, dt.date(2015, 12, 31))


@pytest.mark.parametrize("name", ["enterprise.size_class", "enterprise.town", "enterprise.nothing"])
def test_a_gate_that_no_yes_or_no_standard_tells_is_a_mistake_of_the_program(one, name):
    with pytest.raises(LookupError, match=name):
        require_met(one, name, OCTOBER)
