"""Forms: what is filled in is kept, what is wrong is said at its field, who saves second sees both versions."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.enterprises import actions
from diguan.enterprises.models import Contact, Enterprise, FormerName, Title
from diguan.enterprises.tests.factories import contact_factory, credit_code, enterprise_factory
from diguan.kernel import access
from diguan.kernel.access import roles
from diguan.kernel.events import Event
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
ONE, TWO = credit_code(1), credit_code(2)
NEW = {"uscc": ONE, "name": "衡阳样例钟表有限公司", "registered_region": "430421", "industry": "C4030", "business_status": "存续", "capital": "800.5",
       "established": "2012-05-06", "park": "无", "legal_representative": "赵样本"}


@pytest.fixture
def one(db):
    return enterprise_factory(ONE, "衡阳样例钟表有限公司", town="西渡镇", legal_representative="赵样本")


@pytest.fixture
def clerk(client):
    person = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    client.force_login(person)
    return person


def url(name, *args):
    return reverse(f"enterprises:{name}", args=args)


def text(answer):
    return answer.content.decode()


def changed(row, **more):
    row.refresh_from_db()
    return {"name": row.name, "town": row.town, "legal_representative": row.legal_representative, "version": row.version, **more}


# ── rights: every form and every post ────────────────────────────────────────
def forms_of(row, contact, title):
    return [url("new"), url("change", row.uscc), url("add_former_name", row.uscc), url("add_title", row.uscc), url("withdraw_title", row.uscc, title.pk),
            url("add_contact", row.uscc), url("change_contact", row.uscc, contact.pk)]


@pytest.fixture
def everything(one):
    contact = contact_factory(one)
    title = Title.objects.create(enterprise=one, kind="above_scale", name="规上工业企业", issued=dt.date(2024, 1, 1))
    return [*forms_of(one, contact, title)]


@pytest.mark.parametrize("role", ["leader", "policy_officer", "enterprise_agent", "administrator", None])
def test_who_may_not_change_is_refused_at_every_form(client, everything, role):
    client.force_login(person_factory(role, uscc=ONE if role == "enterprise_agent" else None, from_day=dt.date(2026, 1, 1)))
    before = (Enterprise.objects.count(), Title.objects.count(), Contact.objects.count(), FormerName.objects.count(), Event.objects.count())
    for address in everything:
        assert client.get(address).status_code == 403
        assert client.post(address, {**NEW, "former_name": "甲", "kind": "other", "issued": "2020-01-01", "on_day": "2026-01-01", "reason": "试", "version": 1}).status_code == 403
    assert client.get(url("duplicates") + "?name=衡阳样例钟表").status_code == 403
    assert before == (Enterprise.objects.count(), Title.objects.count(), Contact.objects.count(), FormerName.objects.count(), Event.objects.count())


def test_a_stranger_is_sent_to_the_login_page_from_every_form(client, everything):
    for address in (*everything, url("duplicates")):
        assert client.get(address).url.startswith("/login/")


def test_who_may_change_opens_every_form(client, clerk, everything):
    for address in everything:
        assert client.get(address).status_code == 200


def test_a_firm_of_another_unit_is_not_changed_by_who_may_change_only_their_own(client, clerk, one, monkeypatch):
    monkeypatch.setitem(roles.roles()["data_clerk"].permissions, "enterprises.change_enterprise", access.Scope.UNIT)
    assert client.get(url("change", ONE)).status_code == 403
    assert client.post(url("change", ONE), changed(one, town="三湖镇")).status_code == 403


def test_parts_of_another_firm_are_not_found(client, clerk, one):
    other = enterprise_factory(TWO)
    assert client.get(url("change_contact", ONE, contact_factory(other).pk)).status_code == 404
    title = Title.objects.create(enterprise=other, kind="above_scale", name="规上工业企业", issued=dt.date(2024, 1, 1))
    assert client.post(url("withdraw_title", ONE, title.pk), {"on_day": "2026-01-01", "reason": "试"}).status_code == 404


# ── new ──────────────────────────────────────────────────────────────────────
def test_a_firm_is_registered_and_its_dossier_opens(client, clerk):
    answer = client.post(url("new"), NEW, follow=True)
    row = Enterprise.objects.get()
    assert (row.industry, row.registered_capital_fen, row.established, row.park, row.production_status) == ("4030", 800_500_000, dt.date(2012, 5, 6), "无", "")
    assert "已登记 衡阳样例钟表有限公司" in text(answer)
    assert answer.redirect_chain[-1][0] == url("dossier", ONE)


@pytest.mark.parametrize(("name", "value", "words"), [
    ("uscc", ONE[:17] + ("X" if ONE[17] != "X" else "Y"), "校验位不对"), ("uscc", "", "这个字段是必填项"), ("name", "（）", "企业名称没有填"), ("industry", "403A", "不是国民经济行业代码"),
    ("established", "2999-01-01", "不可能"), ("established", "昨天", ""), ("capital", "-3", ""), ("registered_region", "999999", ""), ("business_status", "死了", "")])
def test_what_is_wrong_is_said_and_what_is_right_is_kept(client, clerk, name, value, words):
    answer = client.post(url("new"), {**NEW, name: value})
    assert answer.status_code == 422
    shown = text(answer)
    assert "处要改" in shown
    assert f'id="id_{name}-error"' in shown
    assert words in shown
    assert "赵样本" in shown  # kept
    assert Enterprise.objects.count() == 0


def test_a_code_that_is_registered_says_so_and_links_to_it(client, clerk, one):
    answer = client.post(url("new"), {**NEW, "checked": "on"})
    assert answer.status_code == 422
    assert "已在企业库中" in text(answer)
    assert url("dossier", ONE) in text(answer)


def test_a_likely_duplicate_must_be_told_apart_first(client, clerk, one):
    answer = client.post(url("new"), {**NEW, "uscc": TWO, "name": "样例钟表（衡阳）有限公司"})
    assert answer.status_code == 422
    assert "还没登记：请先核对下面的企业" in text(answer)
    assert ONE in text(answer)
    assert Enterprise.objects.count() == 1
    client.post(url("new"), {**NEW, "uscc": TWO, "name": "样例钟表（衡阳）有限公司", "checked": "on"})
    assert Enterprise.objects.count() == 2


@pytest.mark.parametrize(("query", "why"), [
    ({"name": "样例钟表（衡阳）有限公司"}, "名称相同"), ({"name": "衡阳样利钟表有限公司"}, "名称只差一个同音字"), ({"uscc": ONE}, "信用代码相同"),
    ({"name": "衡阳样例钟壳有限公司", "legal_representative": "赵样本"}, "名称相近、法定代表人同名"), ({"name": "衡阳样例钟壳有限公司"}, ""), ({"name": "完全不同的演示公司"}, ""), ({"name": "衡"}, "")])
def test_duplicates_are_found_while_typing(client, clerk, one, query, why):
    shown = text(client.get(url("duplicates"), query))
    assert (ONE in shown) == bool(why)
    assert why in shown


# ── change ───────────────────────────────────────────────────────────────────
def test_a_change_is_saved_with_its_reason(client, clerk, one):
    assert client.post(url("change", ONE), changed(one, town="三湖镇", reason="园区核对")).status_code == 302
    one.refresh_from_db()
    assert (one.town, one.legal_representative, one.version) == ("三湖镇", "赵样本", 2)
    event = Event.objects.get(verb="enterprise_changed")
    assert (event.before, event.after, event.reason) == ({"town": "西渡镇"}, {"town": "三湖镇"}, "园区核对")


def test_a_renaming_keeps_the_old_name(client, clerk, one):
    client.post(url("change", ONE), changed(one, name="衡阳样例时计有限公司", renamed="on"))
    one.refresh_from_db()
    assert (one.name_key, [former.name for former in one.former_names.all()]) == ("衡阳样例时计有限公司", ["衡阳样例钟表有限公司"])


def test_who_saves_second_keeps_the_input_and_sees_both_versions(client, clerk, one):
    mine = changed(one, town="三湖镇")
    actions.change_enterprise(enterprise=one, version=1, values={"town": "界牌镇"}, by=clerk)
    answer = client.post(url("change", ONE), mine)
    assert answer.status_code == 409
    shown = text(answer)
    assert "没保存上，您填的还在" in shown
    assert 'value="三湖镇"' in shown
    assert "界牌镇" in shown
    assert clerk.name in shown
    one.refresh_from_db()
    assert one.town == "界牌镇"
    assert client.post(url("change", ONE), changed(one, town="三湖镇")).status_code == 302  # the form carries the new version
    one.refresh_from_db()
    assert one.town == "三湖镇"


def test_a_person_does_not_stand_in_the_event_of_a_change(client, clerk, one):
    client.post(url("change", ONE), changed(one, legal_representative="孙某样"))
    event = Event.objects.get(verb="enterprise_changed")
    assert "孙某样" not in event.before_json + event.after_json
    assert "赵样本" not in event.before_json + event.after_json


# ── parts ────────────────────────────────────────────────────────────────────
def test_a_title_is_added_and_taken_back(client, clerk, one):
    client.post(url("add_title", ONE), {"kind": "high_tech_enterprise", "issued": "2024-12-05", "valid_until": "2027-12-04", "issuer": "省科技厅"})
    title = Title.objects.get()
    assert (title.name, title.holds(dt.date(2026, 10, 31))) == ("高新技术企业", True)
    client.post(url("withdraw_title", ONE, title.pk), {"on_day": "2026-10-01", "reason": "复审不合格"})
    assert "已取消" in text(client.get(url("dossier", ONE)))
    assert client.get(url("withdraw_title", ONE, title.pk)).status_code == 404


@pytest.mark.parametrize(("data", "field", "words"), [
    ({"kind": "high_tech_enterprise", "issued": "2024-12-05", "valid_until": "2023-12-04"}, "valid_until", "早于发证日期"),
    ({"kind": "other", "issued": "2024-12-05"}, "name", "其他资质要写名称"), ({"kind": "high_tech_enterprise", "issued": "2999-12-05"}, "issued", "还没到"),
    ({"kind": "high_tech_enterprise"}, "issued", "")])
def test_a_wrong_title_is_refused_at_its_field(client, clerk, one, data, field, words):
    answer = client.post(url("add_title", ONE), data)
    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in text(answer)
    assert words in text(answer)
    assert not Title.objects.exists()


def test_a_contact_is_added_and_changed_without_showing_the_number(client, clerk, one):
    client.post(url("add_contact", ONE), {"name": "钱样例", "role": "财务", "phone": "13812345678"})
    contact = Contact.objects.get()
    assert "13812345678" not in text(client.get(url("change_contact", ONE, contact.pk)))
    client.post(url("change_contact", ONE, contact.pk), {"name": "钱样例", "role": "经理", "phone": ""})
    contact.refresh_from_db()
    assert (contact.role, contact.phone) == ("经理", "13812345678")
    assert client.post(url("add_contact", ONE), {"name": "孙样例", "phone": "110"}).status_code == 422


def test_a_former_name_is_noted_once(client, clerk, one):
    assert client.post(url("add_former_name", ONE), {"former_name": "样例表厂"}).status_code == 302
    answer = client.post(url("add_former_name", ONE), {"former_name": "样例表厂"})
    assert answer.status_code == 422
    assert "已经记过" in text(answer)


def test_forms_and_refusals_speak_english(client, clerk, one):
    client.cookies["diguan_language"] = "en"
    answer = client.post(url("new"), {**NEW, "industry": "403A"}, headers={"accept-language": "en"})
    assert "is no GB/T 4754-2017 code" in text(answer)
