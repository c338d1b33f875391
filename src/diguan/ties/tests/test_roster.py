"""同乡名册: errors by cell, all of a file or nothing, each row with its consent."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import guard
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.ties.models import Consent, HometownPerson
from diguan.ties.queries import people
from diguan.ties.tests.factories import person_kept, town_factory

pytestmark = pytest.mark.django_db
HEADS = ["姓名", "类别", "籍贯乡镇", "手机", "现居地", "城市", "工作单位", "同意用途", "同意日期", "同意到期", "同意方式"]
GOOD = ["张样例", "商人", "界牌样例镇", "13800000001", "广东省", "深圳", "深圳样例公司", "联系走访、引荐企业", "2026-10-01", "2027-09-30", "签字"]
ASKED = deliveries.Request("hometown_people")


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-31"


@pytest.fixture
def officer(db):
    town_factory("界牌样例镇")
    return person_factory("promotion_officer", from_day=dt.date(2026, 1, 1))


def row(**told):
    return [told.get(head, value) for head, value in zip(HEADS, GOOD, strict=True)]


def looked(rows, by):
    return deliveries.preview(ASKED, "名册.xlsx", xlsx([HEADS, *rows]), by=by)


def brought(rows, by):
    content = xlsx([HEADS, *rows])
    upload = deliveries.keep("名册.xlsx", content, "hometown_people", by=by)
    return deliveries.commit(ASKED, upload, content, by=by)


def test_a_roster_is_kept_whole_with_every_consent_and_one_event(officer):
    brought([row(), row(姓名="王样例", 手机="13800000002", 同意用途="引荐")], officer)
    assert {one.name for one in people.visible_people(officer)} == {"张样例", "王样例"}
    consent = Consent.objects.get(person__name="王样例")
    assert (consent.introduce, consent.contact, consent.proof.sheet) == (True, False, "hometown_people")
    assert [event.after["kept"] for event in Event.objects.filter(verb="people_imported")] == [2]
    assert HometownPerson.objects.get(name="张样例").owner_unit.name == "界牌样例镇"


@pytest.mark.parametrize(("told", "cell"), [
    ({"类别": "间谍"}, "B2"), ({"籍贯乡镇": "无此镇"}, "C2"), ({"手机": "12"}, "D2"), ({"现居地": "火星"}, "E2"), ({"同意用途": "随便"}, "H2"), ({"同意用途": ""}, "H2"), ({"同意日期": "2026-11-01"}, "I2"),
    ({"同意到期": "2026-10-30"}, "J2"), ({"同意到期": "2036-01-01"}, "J2"), ({"同意方式": "听说"}, "K2"), ({"姓名": ""}, "A2"), ({"工作单位": "长" * 101}, "G2"),
])
def test_what_is_wrong_is_told_at_its_cell_and_nothing_is_written(officer, told, cell):
    rows = [row(**told), row(姓名="王样例", 手机="13800000002")]
    found = looked(rows, officer)
    assert not found.ok
    assert cell in {error.cell for error in found.checked.errors}
    with pytest.raises(Refusal):
        brought(rows, officer)
    assert not HometownPerson.objects.exists()


def test_one_person_twice_in_a_file_is_an_error_at_both_rows(officer):
    found = looked([row(), row(城市="东莞"), row(姓名="王样例", 手机=""), row(姓名="王样例", 手机="")], officer)
    assert {error.cell for error in found.checked.errors} == {"A2", "A3", "A4", "A5"}


def test_who_is_on_record_by_name_and_number_is_left_and_a_namesake_of_the_same_town_and_city_pointed_at(officer):
    town = town_factory("界牌样例镇")
    person_kept(by=officer, town=town, phone="138 0000 0001")
    person_kept("王样例", by=officer, town=town, phone="139 0000 0009")
    found = looked([row(), row(姓名="王样例", 手机="13800000002")], officer)
    assert found.ok
    assert (found.counts["new"], found.counts["same"]) == (1, 1)
    assert len(found.checked.warnings) == 2
    brought([row(), row(姓名="王样例", 手机="13800000002")], officer)
    assert HometownPerson.objects.count() == 3


def test_a_town_officer_brings_in_their_own_town_only(officer):
    town_factory("西渡样例镇")
    town = person_factory("town_officer", town_factory("界牌样例镇"))
    found = looked([row(), row(姓名="王样例", 籍贯乡镇="西渡样例镇", 手机=""), row(姓名="李样例", 籍贯乡镇="", 手机="")], town)
    assert {error.cell for error in found.checked.errors} == {"C3", "C4"}
    brought([row()], town)
    assert people.visible_people(town).count() == 1


def test_the_columns_of_consent_have_to_be_there(officer):
    with pytest.raises(guard.SheetRefused):
        deliveries.preview(ASKED, "名册.xlsx", xlsx([HEADS[:7], GOOD[:7]]), by=officer)


@pytest.mark.parametrize("role", ["leader", "chain_officer", "data_clerk", "enterprise_agent"])
def test_a_role_without_the_right_brings_in_nothing(officer, role):
    with pytest.raises(Refusal):
        looked([row()], person_factory(role))
