"""The list and the dossier: what they show, and to whom they show nothing."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from openpyxl import load_workbook

from diguan.enterprises import actions
from diguan.enterprises.models import ContactView
from diguan.enterprises.tests.factories import contact_factory, credit_code, enterprise_factory
from diguan.kernel import access, periods
from diguan.kernel.access import roles
from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
ONE, TWO = credit_code(1), credit_code(2)
HEADS = ["统一社会信用代码", "企业名称", "入库税额（万元）", "开票销售收入（万元）", "出口销售额（万元）"]
JOBS = ["统一社会信用代码", "企业名称", "期末用工人数（人）"]
STAFF = ("leader", "policy_officer", "data_clerk")


@pytest.fixture
def one(db):
    return enterprise_factory(ONE, "衡阳样例钟表有限公司", cluster="钟表", park="无", town="西渡镇", industry="4030", registered_region="441900",
                              place_region="430421", business_status="存续", production_status="在产", registered_capital_fen=50_000_000,
                              legal_representative="赵样本")


@pytest.fixture
def two(db):
    return enterprise_factory(TWO, "衡阳演示陶瓷厂", cluster="陶瓷", town="三湖镇", industry="3074", registered_region="430421", business_status="停业")


@pytest.fixture
def clerk(db):
    return person_factory("data_clerk", from_day=dt.date(2026, 1, 1))


def log_in(client, role, **more):
    person = person_factory(role, from_day=dt.date(2026, 1, 1), **more)
    client.force_login(person)
    return person


def page(client, name, *args, status=200, query=""):
    answer = client.get(reverse(f"enterprises:{name}", args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def bring(clerk, rows, month, *, sheet="tax_monthly", heads=HEADS, source="", complete=None):
    data = xlsx([heads, *rows])
    upload = deliveries.keep(f"{sheet}-{month}.xlsx", data, sheet, by=clerk)
    return deliveries.commit(deliveries.Request(sheet, periods.parse(month), source, complete), upload, data, by=clerk)


# ── who sees what ────────────────────────────────────────────────────────────
PAGES = [("list", ()), ("dossier", (ONE,)), ("facts", (ONE,)), ("fact", (ONE, "tax.paid")), ("history", (ONE,))]


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_a_stranger_is_sent_to_the_login_page(client, one, name, args):
    answer = client.get(reverse(f"enterprises:{name}", args=args))
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


@pytest.mark.parametrize(("name", "args"), PAGES)
@pytest.mark.parametrize("role", STAFF)
def test_staff_see_every_page(client, one, role, name, args):
    log_in(client, role)
    assert one.name in page(client, name, *args)


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_who_has_no_post_or_no_right_to_it_is_refused(client, one, name, args):
    for role in (None, "administrator"):
        log_in(client, role)
        assert one.name not in page(client, name, *args, status=403)


@pytest.mark.parametrize(("name", "args"), PAGES[1:])
def test_an_agent_finds_only_the_firm_they_act_for(client, one, two, name, args):
    log_in(client, "enterprise_agent", uscc=ONE)
    assert one.name in page(client, name, *args)
    client.logout()
    log_in(client, "enterprise_agent", uscc=TWO)
    assert one.name not in page(client, name, *args, status=404)


def test_an_agents_list_holds_only_their_own_firm(client, one, two):
    log_in(client, "enterprise_agent", uscc=ONE)
    found = page(client, "list")
    assert one.name in found
    assert two.name not in found
    assert two.town not in found  # nor in the choices of a filter


def test_a_delegation_that_has_ended_shows_nothing_any_more(client, one):
    log_in(client, "enterprise_agent", uscc=ONE, to_day=dt.date(2026, 10, 30))
    page(client, "dossier", ONE, status=403)


def test_an_unknown_code_is_not_found(client, one):
    log_in(client, "leader")
    page(client, "dossier", credit_code(77), status=404)
    page(client, "fact", ONE, "tax.unheard_of", status=404)


# ── list ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("query", "found"), [
    ("?q=钟表", {ONE}), ("?q=陶瓷", {TWO}), ("?q=hyysyl", set()), ("?q=hyyl", {ONE}), ("?q=HYYS", {TWO}), (f"?q={ONE[8:]}", {ONE}), ("?q=没有的", set()),
    ("?cluster=钟表", {ONE}), ("?park=无", {ONE}), ("?town=三湖镇", {TWO}), ("?registered_region=441900", {ONE}), ("?section=C", {ONE, TWO}),
    ("?production_status=在产", {ONE}), ("?business_status=停业", {TWO}), ("?title=high_tech_enterprise", {ONE}), ("?cluster=钟表&town=三湖镇", set()),
    ("?cluster=不存在的集群", {ONE, TWO}), ("?sort=-name", {ONE, TWO}), ("?sort=established", {ONE, TWO}), ("?page=99", {ONE, TWO})])
def test_the_list_narrows(client, one, two, clerk, query, found):
    actions.add_title(enterprise=one, kind="high_tech_enterprise", issued=dt.date(2025, 1, 1), by=clerk)
    actions.add_title(enterprise=two, kind="high_tech_enterprise", issued=dt.date(2020, 1, 1), valid_until=dt.date(2023, 1, 1), by=clerk)
    log_in(client, "leader")
    shown = page(client, "list", query=query)
    assert {code for code in (ONE, TWO) if code in shown} == found


def test_a_former_name_finds_the_firm_too(client, one, clerk):
    actions.add_former_name(enterprise=one, name="样品手表厂", by=clerk)
    log_in(client, "leader")
    assert ONE in page(client, "list", query="?q=手表")


def test_a_list_narrowed_to_nothing_says_so_and_offers_the_way_back(client, one):
    log_in(client, "leader")
    shown = page(client, "list", query="?q=没有的")
    assert "没有符合条件的" in shown
    assert "清空条件" in shown


def test_an_empty_register_says_what_to_do(client):
    log_in(client, "data_clerk")
    assert "企业库里还没有企业" in page(client, "list")


def test_an_empty_cell_says_which_nothing_it_is(client, one, two):
    log_in(client, "policy_officer")
    shown = page(client, "list", query="?cluster=陶瓷")
    for label, words in (("成立日期", "未知"), ("注册资本", "未知"), ("资质", "没有登记过")):
        cell = shown.split(f'data-label="{label}"', 1)[1].split("</td>", 1)[0]
        assert cell.endswith(f'<span class="dg-3">{words}</span>'), label


def test_a_filter_that_finds_nothing_says_what_was_asked_and_takes_each_condition_back(client, one, two):
    log_in(client, "policy_officer")
    shown = page(client, "list", query="?cluster=陶瓷&town=西渡镇")
    empty = shown.split('class="dg-empty"', 1)[1].split("</section>", 1)[0]
    assert "产业集群：陶瓷、乡镇：西渡镇。" in empty
    assert 'href="?town=' in empty.split("去掉“陶瓷”")[0]
    assert "dg-pager" not in shown


def test_the_export_holds_exactly_what_is_filtered(client, one, two):
    log_in(client, "policy_officer")
    answer = client.get(reverse("enterprises:list") + "?cluster=钟表&export=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert [row[1] for row in rows] == ["统一社会信用代码", ONE]
    assert "赵样本" not in str(rows)


@pytest.mark.parametrize("role", ["leader", "data_clerk", "enterprise_agent"])
def test_the_export_needs_its_own_right(client, one, role):
    log_in(client, role, **({"uscc": ONE} if role == "enterprise_agent" else {}))
    assert client.get(reverse("enterprises:list") + "?export=xlsx").status_code == 403
    assert "导出这" not in page(client, "list")


def test_an_export_reaches_no_further_than_the_right_to_export(client, one, monkeypatch):
    log_in(client, "policy_officer")
    monkeypatch.setitem(roles.roles()["policy_officer"].permissions, "enterprises.export_enterprise", access.Scope.UNIT)
    answer = client.get(reverse("enterprises:list") + "?export=csv")
    assert ONE not in answer.content.decode("utf-8-sig")


def test_the_search_box_finds_enterprises_only_for_whom_may_see_them(client, one, two):
    log_in(client, "enterprise_agent", uscc=ONE)
    shown = client.get("/search/?q=衡阳").content.decode()
    assert one.name in shown
    assert two.name not in shown


# ── dossier ──────────────────────────────────────────────────────────────────
def test_it_keeps_registration_apart_from_place_of_business(client, one):
    log_in(client, "leader")
    shown = page(client, "dossier", ONE)
    assert "东莞市" in shown
    assert "衡阳县" in shown
    assert "与登记地不同" in shown


def test_titles_show_their_dates_and_whether_they_hold(client, one, clerk):
    actions.add_title(enterprise=one, kind="high_tech_enterprise", issued=dt.date(2023, 12, 5), valid_until=dt.date(2026, 12, 4), by=clerk)
    actions.add_title(enterprise=one, kind="other", name="旧奖牌", issued=dt.date(2019, 1, 1), valid_until=dt.date(2020, 1, 1), by=clerk)
    log_in(client, "leader")
    shown = page(client, "dossier", ONE)
    assert "高新技术企业 · 2026-12-04 到期" in strip_tags(shown)
    assert "已过期" in shown


def test_zero_absent_and_unknown_look_different(client, one, two, clerk):
    bring(clerk, [[ONE, one.name, 0, 12.5, None]], "2026-08")
    log_in(client, "leader")
    mine, other = page(client, "facts", ONE), page(client, "facts", TWO)
    assert "0 元" in mine
    assert "12.5 万元" in mine
    assert "没人告诉过我们" in mine  # employment: nobody delivered
    assert '<span class="dg-absent">无记录</span>' in other  # the tax delivery was complete
    assert "全量交付里没有它" in other
    assert "应由县人社局" in other


def test_two_sources_that_disagree_stand_side_by_side(client, one, clerk):
    bring(clerk, [[ONE, one.name, 164]], "2026-08", sheet="employment_monthly", heads=JOBS)
    bring(clerk, [[ONE, one.name, 171]], "2026-08", sheet="employment_monthly", heads=JOBS, source="park_office", complete=())
    log_in(client, "leader")
    shown = page(client, "dossier", ONE)
    assert "两个来源不一致，并列显示" in shown
    assert shown.index("164 人") < shown.index("171 人")


def test_a_fact_opens_every_period_with_what_was_corrected(client, one, clerk):
    bring(clerk, [[ONE, one.name, 10, 100, 0]], "2026-07")
    bring(clerk, [[ONE, one.name, 20, 200, 0]], "2026-08")
    bring(clerk, [[ONE, one.name, 21, 200, 0]], "2026-08")
    log_in(client, "leader")
    shown = page(client, "fact", ONE, "tax.paid")
    assert shown.index("21 万元") < shown.index("已更正") < shown.index("2026-07")
    assert shown.count("用这个") == 2
    assert "20 万元" in shown
    assert "tax.paid · " in shown
    log_in(client, "enterprise_agent", uscc=ONE)
    assert "tax.paid · " not in page(client, "fact", ONE, "tax.paid")  # a factory's owner knows no names of facts


def test_a_figure_that_was_told_again_is_not_called_corrected(client, one, clerk):
    for amount, sales in ((20, 100), (20, 200)):
        bring(clerk, [[ONE, one.name, amount, sales, 0]], "2026-08")
    log_in(client, "leader")
    assert ("已更正" in page(client, "fact", ONE, "tax.paid"), "已更正" in page(client, "fact", ONE, "revenue.sales")) == (False, True)
    assert "又报过，数没变" in page(client, "fact", ONE, "tax.paid")


def test_the_strip_adds_up_the_year_so_far(client, one, clerk):
    for month, tax in (("2025-01", 10), ("2025-02", 6), ("2026-01", 12), ("2026-02", 13)):
        bring(clerk, [[ONE, one.name, tax, 100, 0]], month)
    log_in(client, "leader")
    shown = page(client, "dossier", ONE)
    assert "2026 年 1–2 月" in shown
    assert "同比 +56.3%" in shown


def test_a_month_that_nobody_told_stands_between_those_that_were_told(client, one, clerk):
    for month, amount in (("2026-05", 3), ("2026-08", 4)):
        bring(clerk, [[ONE, "衡阳样例钟表有限公司", amount, 30, 1]], month, complete=())
    log_in(client, "policy_officer")
    shown = page(client, "fact", ONE, "tax.paid")
    rows = shown.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")
    assert [("2026-06" in row, "没人告诉过我们" in row) for row in rows[1:]] == [(False, False), (False, True), (True, True), (False, False)]


def test_who_may_not_see_facts_sees_the_rest(client, one, monkeypatch):
    log_in(client, "leader")
    monkeypatch.delitem(roles.roles()["leader"].permissions, "facts.view_fact")
    shown = page(client, "dossier", ONE)
    assert "关键事实" not in shown
    page(client, "facts", ONE, status=403)
    page(client, "fact", ONE, "tax.paid", status=403)


def test_the_timeline_tells_imports_without_other_firms_and_without_people(client, one, two, clerk):
    heads = ["统一社会信用代码", "企业名称", "所在乡镇", "法定代表人", "联系人", "联系电话"]
    data = xlsx([heads, [ONE, one.name, "界牌镇", "孙某样", "李某例", "13911112222"], [TWO, two.name, "渣江镇", "", "", ""]])
    upload = deliveries.keep("名册.xlsx", data, "enterprises", by=clerk)
    deliveries.commit(deliveries.Request("enterprises"), upload, data, by=clerk)
    log_in(client, "enterprise_agent", uscc=ONE)
    shown = page(client, "history", ONE)
    assert "所在乡镇 西渡镇 → 界牌镇" in shown
    assert "渣江镇" not in shown
    assert not [word for word in ("孙某样", "李某例", "13911112222", "赵样本") if word in shown]


# ── contacts ─────────────────────────────────────────────────────────────────
def reveal(client, contact, reason="电话核实兑付账户", code=ONE):
    return client.post(reverse("enterprises:reveal", args=[code, contact.pk]), {"reason": reason})


def test_a_number_is_masked_until_it_is_revealed_against_a_reason_and_logged(client, one):
    contact, person = contact_factory(one, "钱样例", "13812345678"), log_in(client, "policy_officer")
    assert "138****5678" in page(client, "dossier", ONE)
    assert "13812345678" not in page(client, "dossier", ONE)
    answer = reveal(client, contact)
    assert "13812345678" in answer.content.decode()
    assert "已经留痕" in answer.content.decode()
    view = ContactView.objects.get()
    assert (view.viewer, view.reason) == (person, "电话核实兑付账户")
    event = Event.objects.get(verb="contact_revealed")
    assert "13812345678" not in event.before_json + event.after_json
    assert "13812345678" not in page(client, "dossier", ONE)  # the next page masks again


def test_without_a_reason_nothing_is_revealed(client, one):
    contact = contact_factory(one, "钱样例", "13812345678")
    log_in(client, "policy_officer")
    answer = reveal(client, contact, "  ")
    assert answer.status_code == 422
    assert "13812345678" not in answer.content.decode()
    assert "请写明查看完整号码的理由" in answer.content.decode()
    assert not ContactView.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("leader", 403), ("data_clerk", 403), ("enterprise_agent", 403), (None, 403)])
def test_who_may_not_reveal_is_refused(client, one, role, status):
    contact = contact_factory(one, "钱样例", "13812345678")
    log_in(client, role, **({"uscc": ONE} if role == "enterprise_agent" else {}))
    answer = reveal(client, contact)
    assert answer.status_code == status
    assert "13812345678" not in answer.content.decode()
    assert not ContactView.objects.exists()


def test_a_contact_of_another_firm_is_not_found_and_a_look_by_get_is_refused(client, one, two):
    contact = contact_factory(two, "钱样例", "13812345678")
    log_in(client, "policy_officer")
    assert reveal(client, contact).status_code == 404
    assert client.get(reverse("enterprises:reveal", args=[TWO, contact.pk])).status_code == 405


def test_who_may_not_see_contacts_sees_no_card(client, one, monkeypatch):
    contact_factory(one, "钱样例", "13812345678")
    log_in(client, "leader")
    monkeypatch.delitem(roles.roles()["leader"].permissions, "enterprises.view_contact")
    assert "钱样例" not in page(client, "dossier", ONE)


def test_pages_ask_the_database_no_more_for_more_firms(client, one, clerk, django_assert_max_num_queries):
    for number in range(3, 23):
        enterprise_factory(credit_code(number), f"衡阳演示第{number}厂", town=f"{number}镇")
    log_in(client, "leader")
    page(client, "list")
    with django_assert_max_num_queries(45):
        page(client, "list")
    with django_assert_max_num_queries(45):
        page(client, "dossier", ONE)


def test_a_long_list_shows_the_same_firms_in_the_same_order_as_a_short_one(client, monkeypatch):
    from diguan.kernel.lists import pages

    for number in range(1, 61):
        enterprise_factory(credit_code(number), f"衡阳样例{number % 7}钟表{number}有限公司", town=("西渡镇", "界牌镇")[number % 2])
    client.force_login(person_factory("policy_officer"))
    asked = ("?page=2", "?sort=town&page=3", "?q=有限公司&page=2", "?sort=-name&town=西渡镇&page=2", "?page=99")

    def shown():
        return [[[row.uscc for row in client.get(reverse("enterprises:list") + each).context["page"]], client.get(reverse("enterprises:list") + each).context["total"]] for each in asked]

    short = shown()
    monkeypatch.setattr(pages, "LARGE", 0)
    assert shown() == short
    assert all(firms for firms, _total in short)
