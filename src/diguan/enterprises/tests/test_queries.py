"""Reads of the register: search, duplicates, what it says as facts; the same on every database."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.enterprises import actions, queries
from diguan.enterprises.models import Enterprise, Title
from diguan.enterprises.queries import dossier
from diguan.enterprises.tests.factories import contact_factory, credit_code, enterprise_factory
from diguan.kernel import access
from diguan.kernel.facts import declare
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 31)


@pytest.fixture
def leader(db):
    return person_factory("leader", from_day=dt.date(2026, 1, 1))


@pytest.fixture
def firms(db):
    names = ["衡阳样例钟表有限公司", "衡阳演示陶瓷厂", "耒阳ABC精密(样例)有限公司", "样例商行"]
    return [enterprise_factory(credit_code(number), name) for number, name in enumerate(names, start=1)]


def found(person, text):
    return [row.name for row in queries.search(person, text)]


@pytest.mark.parametrize(("text", "count"), [
    ("样例", 3), ("钟表", 1), ("钟 表", 1), ("样例 钟表", 1), ("hyyl", 1), ("HYYS", 1), ("abc精密", 1), ("ＡＢＣ", 1), ("ＡＢＣ 样例", 1), ("", 4), ("  ", 4), ("（）", 4),
    ("91430421MA0000001", 1), ("ma00000", 4), ("%", 0), ("_", 4), ("不存在", 0), ("'; DROP TABLE", 0), ("衡阳样例钟表有限公司", 1)])
def test_search_finds_by_fragment_initials_and_code(leader, firms, text, count):
    assert len(found(leader, text)) == count


def test_search_puts_the_name_that_begins_so_first(leader, firms):
    assert found(leader, "样例")[0] == "样例商行"


def test_search_never_leaves_what_the_person_may_see(firms):
    agent = person_factory("enterprise_agent", uscc=firms[1].uscc, from_day=dt.date(2026, 1, 1))
    assert found(agent, "衡阳") == ["衡阳演示陶瓷厂"]
    assert found(person_factory(), "衡阳") == []
    assert found(None, "衡阳") == []


def test_lists_have_one_order_whatever_the_database(leader, firms):
    assert [row.name_key for row in queries.visible_enterprises(leader)] == sorted(row.name_key for row in firms)


def test_staff_of_a_unit_see_their_own_rows_and_what_is_open_to_the_county(firms, monkeypatch):
    from diguan.kernel.access import roles

    mine, other = unit_factory(), unit_factory()
    person = person_factory("leader", mine, from_day=dt.date(2026, 1, 1))
    for row, unit in zip(firms, (mine, other, other, None), strict=True):
        Enterprise.objects.filter(pk=row.pk).update(owner_unit=unit)
    Enterprise.objects.filter(pk=firms[2].pk).update(visibility="county")
    monkeypatch.setitem(roles.roles()["leader"].permissions, queries.VIEW, access.Scope.UNIT)
    assert {row.pk for row in queries.visible_enterprises(person)} == {firms[0].pk, firms[2].pk}


def test_duplicates_look_only_among_what_the_person_may_see(leader, firms):
    asked = {"name": "样例钟表（衡阳）有限公司"}
    assert [one.enterprise.pk for one in queries.duplicates_of(leader, **asked)] == [firms[0].pk]
    agent = person_factory("enterprise_agent", uscc=firms[1].uscc, from_day=dt.date(2026, 1, 1))
    assert queries.duplicates_of(agent, **asked) == []


def test_duplicates_are_found_under_a_former_name_and_by_a_shared_phone(leader, firms):
    clerk = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    actions.add_former_name(enterprise=firms[1], name="样品瓷器厂", by=clerk)
    assert [one.reasons for one in queries.duplicates_of(leader, name="衡阳样品瓷器有限公司")] == [("core",)]
    contact_factory(firms[0], phone="0734-6812345")
    assert [one.reasons for one in queries.duplicates_of(leader, name="衡阳样例钟壳有限公司", phone="07346812345")] == [("near", "phone")]


def test_an_entry_is_no_duplicate_of_itself(leader, firms):
    assert queries.duplicates_of(leader, name=firms[0].name, uscc=firms[0].uscc, exclude=firms[0].pk) == []


def test_subject_names_hold_every_name_borne(firms):
    clerk = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    actions.add_former_name(enterprise=firms[0], name="样例表厂", by=clerk)
    assert queries.subject_names({firms[0].uscc, credit_code(99)}) == {firms[0].uscc: frozenset({firms[0].name, "样例表厂"})}


@pytest.mark.parametrize(("issued", "until", "withdrawn", "held"), [
    (TODAY, None, None, True), (TODAY + dt.timedelta(1), None, None, False), (dt.date(2020, 1, 1), TODAY, None, True),
    (dt.date(2020, 1, 1), TODAY - dt.timedelta(1), None, False), (dt.date(2020, 1, 1), None, TODAY, False), (dt.date(2020, 1, 1), None, TODAY + dt.timedelta(1), True)])
def test_a_title_is_held_from_its_day_to_its_last_alike_in_list_and_facts(leader, firms, issued, until, withdrawn, held):
    Title.objects.create(enterprise=firms[0], kind="high_tech_enterprise", name="高新技术企业", issued=issued, valid_until=until, withdrawn_on=withdrawn)
    assert queries.holding(Enterprise.objects.all(), "high_tech_enterprise", TODAY).exists() == held
    assert queries.high_tech(firms[0], TODAY) == int(held)
    assert bool(dossier.held_titles(firms[0], TODAY)) == held


def test_the_register_as_facts_tells_absent_from_unknown(firms):
    Enterprise.objects.filter(pk=firms[0].pk).update(park="无", cluster="钟表", registered_capital_fen=0)
    told = {(row.fact, row.state, row.value) for row in queries.attribute_rows(TODAY) if row.subject_id == firms[0].uscc}
    assert ("enterprise.park", "absent", None) in told
    assert ("enterprise.cluster", "value", "钟表") in told
    assert ("enterprise.registered_capital", "value", 0) in told
    assert not [fact for fact, _state, _value in told if fact == "enterprise.town"]


def test_what_facts_read_of_other_tables_is_fetched_once_for_everybody(firms, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(declare, "_DECLARED", {"enterprise": {**declare._DECLARED["enterprise"]}})
    # A relation no shipped fact reads stands for that of a room above.
    declare.fact("sample.contacts", reads=["contacts"])(lambda row, day: len(row.contacts.all()))
    contact_factory(firms[0])
    with django_assert_num_queries(1 + len(declare.related())):
        told = {row.subject_id: row.value for row in queries.attribute_rows(TODAY) if row.fact == "sample.contacts"}
    assert sorted(told.values()) == [0, 0, 0, 1]


def test_a_section_holds_the_codes_of_its_divisions(firms):
    for row, code in zip(firms, ("4030", "C", "0111", ""), strict=True):
        Enterprise.objects.filter(pk=row.pk).update(industry=code)
    assert {row.industry for row in queries.in_section(Enterprise.objects.all(), "C")} == {"4030", "C"}
    assert {row.industry for row in queries.in_section(Enterprise.objects.all(), "A")} == {"0111"}
