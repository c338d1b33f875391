"""Writes to the register: what is refused, what the event says, what it must never say."""

from __future__ import annotations

import datetime as dt
import inspect

import pytest

from diguan.enterprises import actions
from diguan.enterprises.models import Contact, ContactView, Enterprise, Title
from diguan.enterprises.tests.factories import contact_factory, credit_code, enterprise_factory
from diguan.kernel import access
from diguan.kernel.actions import REGISTRY
from diguan.kernel.events import Event, verify
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
CODE = credit_code(1)


@pytest.fixture
def clerk(db):
    return person_factory("data_clerk")


@pytest.fixture
def one(db):
    return enterprise_factory(CODE, "衡阳样例钟表有限公司", town="西渡镇", legal_representative="赵样本")


def test_a_firm_is_created_with_its_keys_owner_and_event(clerk):
    row = actions.create_enterprise(uscc="９１４３０４２１ " + CODE[8:].lower(), values={"name": "衡阳样例钟表有限公司", "legal_representative": "赵样本"}, by=clerk)
    assert (row.uscc, row.core_key, row.pinyin_key) == (CODE, "样例钟表", "hyylzbyxgs")
    assert row.owner_unit_id == access.granted(clerk)[0].unit_id
    event = Event.objects.get(verb="enterprise_created")
    assert "赵样本" not in event.after_json
    assert verify(row) == []


def test_the_code_whose_sum_is_zero_mod_31_is_valid(clerk):
    assert actions.create_enterprise(uscc="91430421MA00002260", values={"name": "甲厂"}, by=clerk).pk


def test_a_code_is_registered_once(clerk, one):
    with pytest.raises(Refusal, match="uscc_taken"):
        actions.create_enterprise(uscc=CODE, values={"name": "乙厂"}, by=clerk)
    assert Event.objects.filter(verb="enterprise_created").count() == 0


@pytest.mark.parametrize(("values", "field"), [
    ({}, "name"), ({"name": " "}, "name"), ({"name": "甲" * 201}, "name"), ({"name": "甲\x00乙"}, "name"), ({"name": "甲厂", "registered_region": "430499"}, "registered_region"),
    ({"name": "甲厂", "industry": "9999"}, "industry"), ({"name": "甲厂", "business_status": "死"}, "business_status"), ({"name": "甲厂", "registered_capital_fen": -1}, "registered_capital_fen"),
    ({"name": "甲厂", "registered_capital_fen": 2**62}, "registered_capital_fen"), ({"name": "甲厂", "established": dt.date(1000, 1, 1)}, "established")])
def test_what_may_not_be_stored_is_refused_with_its_field(clerk, values, field):
    with pytest.raises(Refusal) as refused:
        actions.create_enterprise(uscc=CODE, values=values, by=clerk)
    assert refused.value.field == field
    assert all(reason.zh and reason.en for reason in refused.value.reasons)
    assert Enterprise.objects.count() == 0


def test_keys_version_and_owner_cannot_be_handed_in(clerk, one):
    actions.change_enterprise(enterprise=one, version=1, values={"town": "三湖镇", "version": 99, "name_key": "x", "owner_unit_id": 7, "uscc": "x"}, by=clerk)
    one.refresh_from_db()
    assert (one.version, one.name_key, one.uscc) == (2, "衡阳样例钟表有限公司", CODE)


def test_of_two_who_change_the_same_version_the_second_is_refused_and_writes_nothing(clerk, one):
    actions.change_enterprise(enterprise=one, version=1, values={"town": "三湖镇"}, by=clerk)
    with pytest.raises(Refusal, match="conflict"):
        actions.change_enterprise(enterprise=one, version=1, values={"town": "界牌镇"}, by=clerk)
    one.refresh_from_db()
    assert (one.town, Event.objects.filter(verb="enterprise_changed").count()) == ("三湖镇", 1)


def test_a_name_of_a_title_does_not_depend_on_the_language_of_the_page(clerk, one):
    from django.utils import translation

    with translation.override("en"):
        actions.add_title(enterprise=one, kind="high_tech_enterprise", issued=dt.date(2024, 1, 1), by=clerk)
    assert Title.objects.get().name == "高新技术企业"


def test_a_title_is_noted_once_and_withdrawn_once(clerk, one):
    actions.add_title(enterprise=one, kind="above_scale", issued=dt.date(2024, 1, 1), by=clerk)
    with pytest.raises(Refusal):
        actions.add_title(enterprise=one, kind="above_scale", issued=dt.date(2024, 1, 1), by=clerk)
    title = Title.objects.get()
    for on_day, reason in ((dt.date(2023, 1, 1), "早于发证"), (dt.date(2025, 1, 1), " ")):
        with pytest.raises(Refusal):
            actions.withdraw_title(enterprise=one, title=title, on_day=on_day, reason=reason, by=clerk)
    actions.withdraw_title(enterprise=one, title=title, on_day=dt.date(2025, 1, 1), reason="退库", by=clerk)
    with pytest.raises(Refusal):
        actions.withdraw_title(enterprise=one, title=title, on_day=dt.date(2025, 1, 1), reason="退库", by=clerk)


def test_a_contacts_values_stand_only_in_the_erasable_side(clerk, one):
    actions.change_contact(enterprise=one, name="钱某例", phone="13812345678", by=clerk)
    event = Event.objects.get(verb="contact_changed")
    assert not [word for word in ("钱某例", "13812345678") if word in event.before_json + event.after_json]
    with pytest.raises(Refusal):
        actions.change_contact(enterprise=enterprise_factory(), contact=Contact.objects.get(), name="钱某例", by=clerk)


def test_a_number_is_revealed_only_for_its_own_firm_and_a_reason(one):
    officer, contact = person_factory("policy_officer"), contact_factory(one)
    for firm, reason in ((one, " "), (enterprise_factory(), "电话核实")):
        with pytest.raises(Refusal):
            actions.reveal_contact(enterprise=firm, contact=contact, reason=reason, by=officer)
    assert not ContactView.objects.exists()


@pytest.mark.parametrize("role", [None, "leader", "policy_officer", "enterprise_agent", "administrator"])
def test_nobody_else_writes_to_the_register(one, role):
    person = person_factory(role, uscc=CODE) if role else person_factory()
    contact, day = contact_factory(one), dt.date(2024, 1, 1)
    title = Title.objects.create(enterprise=one, kind="above_scale", name="规上工业企业", issued=day)
    calls = [
        (actions.create_enterprise, {"uscc": credit_code(2), "values": {"name": "甲厂"}}),
        (actions.change_enterprise, {"enterprise": one, "version": 1, "values": {"town": "x"}}),
        (actions.add_former_name, {"enterprise": one, "name": "甲"}), (actions.add_title, {"enterprise": one, "kind": "above_scale", "issued": day}),
        (actions.withdraw_title, {"enterprise": one, "title": title, "on_day": day, "reason": "试"}), (actions.change_contact, {"enterprise": one, "name": "甲"}),
        (actions.reveal_contact, {"enterprise": one, "contact": contact, "reason": "试试"})]
    for call, arguments in calls[:6] if role == "policy_officer" else calls:
        with pytest.raises(access.Forbidden):
            call(by=person, **arguments)
    assert Event.objects.count() == 0


def test_every_action_of_the_room_says_its_verb_in_words():
    from django.apps import apps

    verbs = {info.event for name, info in REGISTRY.items() if name.startswith("enterprises.")}
    assert verbs <= set(apps.get_app_config("enterprises").verbs)
    assert all("by" in inspect.signature(info.function).parameters for name, info in REGISTRY.items() if name.startswith("enterprises."))
