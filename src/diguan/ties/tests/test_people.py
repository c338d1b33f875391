"""Hometown people: nobody without a consent, nothing after it is over, and a trace of every look."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction

from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event, EventPersonal, verify
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory
from diguan.ties import queries
from diguan.ties.actions import people as actions
from diguan.ties.models import Consent, HometownPerson, Purpose, Tie
from diguan.ties.queries import people
from diguan.ties.queries.paths import ways
from diguan.ties.queries.ties import firm_of, visible_ties
from diguan.ties.tests.factories import agreed, chamber_factory, person_kept, tie_factory, town_factory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 31)
WITHOUT = ["policy_officer", "finance_officer", "data_clerk", "bureau_clerk", "bureau_head", "case_assistant", "service_officer", "enterprise_agent", "administrator"]


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, TODAY.isoformat()


@pytest.fixture
def officer(db):
    return person_factory("promotion_officer", from_day=dt.date(2026, 1, 1))


def kept(officer, name="张样例", **more):
    return person_kept(name, by=officer, **more)


# ── opt-in ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("told", "code", "field"), [
    ({"purposes": frozenset()}, "no_consent", "purposes"), ({"proof": None}, "no_consent", "proof"), ({"words": " "}, "invalid", "words"), ({"how": "hearsay"}, "invalid", "how"),
    ({"given_on": TODAY + dt.timedelta(days=1)}, "invalid", "given_on"), ({"given_on": None}, "invalid", "given_on"), ({"expires_on": TODAY - dt.timedelta(days=1)}, "invalid", "expires_on"),
    ({"expires_on": None}, "invalid", "expires_on"), ({"expires_on": dt.date(2036, 1, 1)}, "invalid", "expires_on"), ({"proof": ("a.exe", b"MZ")}, "invalid", "proof"),
])
def test_nobody_is_kept_without_a_whole_consent(officer, told, code, field):
    with pytest.raises(Refusal) as refused:
        kept(officer, consent=dataclasses.replace(agreed(), **told))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not HometownPerson.objects.exists()
    assert not Consent.objects.exists()


@pytest.mark.parametrize(("told", "field"), [({"name": " "}, "name"), ({"name": "长" * 61}, "name"), ({"name": "张\x00"}, "name"), ({"kind": "spy"}, "kind"), ({"region": "999999"}, "region"), ({"phone": "12"}, "phone"),
                                             ({"employer_uscc": "9143"}, "employer_uscc")])
def test_what_cannot_be_used_is_refused_at_its_field(officer, told, field):
    with pytest.raises(Refusal) as refused:
        kept(officer, **({"name": "张样例"} | told))
    assert refused.value.field == field
    assert not HometownPerson.objects.exists()


@pytest.mark.parametrize("role", [*WITHOUT, "leader", "chain_officer"])
def test_a_role_without_the_right_keeps_nobody(role):
    with pytest.raises(Forbidden):
        person_kept(by=person_factory(role))


@pytest.mark.parametrize("role", WITHOUT)
def test_a_role_without_the_right_sees_nobody_and_gets_no_referrer(officer, role):
    kept(officer)
    other = person_factory(role)
    assert not queries.visible_people(other).exists()
    assert queries.referrers(other) == []
    assert not visible_ties(other).exists()


def test_the_event_of_keeping_somebody_tells_nothing_of_them_but_in_its_erasable_part(officer):
    row = kept(officer)
    event = Event.objects.get(root_type="ties.hometownperson", root_id=str(row.pk))
    assert event.after.keys() == {"purposes", "given_on", "expires_on", "how", "proof"}
    assert json.loads(EventPersonal.objects.get(event=event).values_json)["name"] == "张样例"
    assert str(row) == f"#{row.pk}"


# ── who sees whom ────────────────────────────────────────────────────────────
def test_a_town_officer_keeps_and_sees_their_own_towns_people_only(officer):
    mine, other = town_factory("界牌样例镇"), town_factory("西渡样例镇")
    town = person_factory("town_officer", mine)
    own, foreign = kept(town, "李样例", town=mine), kept(officer, "王样例", town=other)
    assert own.owner_unit == mine
    assert list(queries.visible_people(town)) == [own]
    assert {row.pk for row in queries.visible_people(officer)} == {own.pk, foreign.pk}
    with pytest.raises(Forbidden):
        kept(town, "赵样例", town=other)
    with pytest.raises(Forbidden):
        actions.reveal_person(row=foreign, reason="想联系", by=town)
    with pytest.raises(Forbidden):
        actions.change_person(row=own, version=1, values={"name": "李样例", "kind": "merchant", "town": other}, by=town)


def test_a_leader_sees_names_and_no_whole_number(officer):
    row = kept(officer)
    leader = person_factory("leader")
    assert queries.hometown_person(leader, row.pk) == row
    with pytest.raises(Forbidden):
        actions.reveal_person(row=row, reason="想联系", by=leader)


def test_every_look_and_every_whole_number_leaves_an_event(officer):
    row = kept(officer)
    actions.view_person(row=row, by=person_factory("leader"))
    actions.reveal_person(row=row, reason="邀请参会", by=officer)
    with pytest.raises(Refusal):
        actions.reveal_person(row=row, reason=" ", by=officer)
    found = Event.objects.filter(root_type="ties.hometownperson", root_id=str(row.pk)).order_by("seq")
    assert [event.verb for event in found] == ["person_kept", "person_viewed", "person_revealed"]
    assert found.last().reason == "邀请参会"
    assert "138" not in found.last().after_json


# ── expiry ───────────────────────────────────────────────────────────────────
def after(settings, days):
    settings.DIGUAN_TODAY = (TODAY + dt.timedelta(days=days)).isoformat()


def test_a_consent_holds_through_its_last_day_and_not_a_day_longer(officer, settings):
    row = kept(officer, consent=agreed(days=10))
    after(settings, 10)
    assert queries.hometown_person(officer, row.pk) == row
    after(settings, 11)
    assert queries.hometown_person(officer, row.pk) is None


def test_once_it_is_over_nobody_sees_them_before_the_clock_has_been(officer, settings):
    row, other = kept(officer, consent=agreed(days=10)), kept(officer, "王样例", phone="138 0000 0002")
    tie_factory("classmate", row, other)
    tie_factory("legal_representative", row, "深圳样例机芯有限公司")
    assert ways(officer, firm_of("", "深圳样例机芯有限公司"))
    after(settings, 11)
    assert [one.pk for one in queries.visible_people(officer)] == [other.pk]
    assert [one.number for one in queries.referrers(officer)] == [other.pk]
    assert queries.referrer(officer, row.pk) is None
    assert not visible_ties(officer).exists()
    assert not ways(officer, firm_of("", "深圳样例机芯有限公司"))
    assert people.names_of(officer, [row.pk, other.pk]) == {other.pk: "王样例"}
    for deed in (lambda: actions.view_person(row=row, by=officer), lambda: actions.reveal_person(row=row, reason="再看看", by=officer),
                 lambda: actions.change_person(row=row, version=1, values={"name": "张样例", "kind": "merchant"}, by=officer)):
        with pytest.raises(Refusal) as refused:
            deed()
        assert refused.value.code == "gone"


def test_the_clock_hides_once_and_tells_the_holder_a_number_and_no_name(officer, settings):
    row = kept(officer, consent=agreed(days=10))
    assert actions.expire_due() == 0
    after(settings, 11)
    assert [actions.expire_due(), actions.expire_due()] == [1, 0]
    row.refresh_from_db()
    assert row.state == "hidden"
    notice = Notice.objects.get(kind="ties.consent_over")
    assert notice.person == officer
    assert "张样例" not in notice.title_zh + notice.body_zh + notice.title_en + notice.body_en
    assert [one.pk for one in people.lapsed(officer)] == [row.pk]


def test_a_renewal_after_expiry_needs_the_name_of_the_new_form(officer, settings):
    row = kept(officer, consent=agreed(days=10))
    after(settings, 11)
    actions.expire_due()
    with pytest.raises(Refusal) as refused:
        actions.renew_consent(row=row, agreed=agreed(), name="王样例", by=officer)
    assert refused.value.code == "not_the_same"
    actions.renew_consent(row=row, agreed=agreed(Purpose.CONTACT), name="张 样例", by=officer)
    assert queries.hometown_person(officer, row.pk) == row
    assert Notice.objects.get().ended_at is not None
    assert queries.referrers(officer) == []  # they agreed to be called, not to introduce


def test_a_renewal_before_expiry_needs_no_name_and_moves_the_last_day(officer):
    row = kept(officer, consent=agreed(days=10))
    actions.renew_consent(row=row, agreed=agreed(days=300), by=officer)
    assert queries.hometown_person(officer, row.pk).until == TODAY + dt.timedelta(days=300)


def test_those_whose_consent_runs_out_soon_are_told_apart(officer):
    row = kept(officer, consent=agreed(days=5))
    kept(officer, "王样例", phone="138 0000 0002")
    assert [one.pk for one in people.running_out(officer)] == [row.pk]


# ── withdrawal ───────────────────────────────────────────────────────────────
def test_who_takes_consent_back_is_erased_in_row_events_and_ties(officer):
    row, other = kept(officer, employer="深圳样例公司", skills="模具"), kept(officer, "王样例", phone="138 0000 0002")
    tie = tie_factory("classmate", row, other, source="张样例来电")
    actions.reveal_person(row=row, reason="邀请参会", by=officer)
    actions.withdraw_consent(row=row, reason="本人来电要求", by=officer)
    row.refresh_from_db()
    tie = Tie.objects.get(pk=tie.pk)
    assert row.state == "erased"
    assert {getattr(row, name) for name in ("name", "name_key", "pinyin_key", "phone", "phone_digest", "employer", "skills", "city", "region")} == {""}
    assert (tie.state, tie.source) == ("ended", "—")
    assert not EventPersonal.objects.filter(event__root_type="ties.hometownperson", event__root_id=str(row.pk)).exists()
    assert not EventPersonal.objects.filter(event__root_type="ties.tie").exists()
    assert verify(row) == []
    assert queries.hometown_person(officer, row.pk) is None
    assert people.renewable(officer, row.pk) is None
    assert not people.lapsed(officer).exists()
    with pytest.raises(Refusal):
        actions.withdraw_consent(row=row, reason="再来一次", by=officer)
    with pytest.raises(Refusal):
        actions.renew_consent(row=row, agreed=agreed(), name="", by=officer)


def test_a_town_officer_erases_nobody_of_another_town(officer):
    row = kept(officer, town=town_factory("西渡样例镇"))
    with pytest.raises(Forbidden):
        actions.withdraw_consent(row=row, reason="本人要求", by=person_factory("town_officer", town_factory("界牌样例镇")))


# ── doubles and changes ──────────────────────────────────────────────────────
def test_one_name_and_number_are_one_person_and_a_namesake_has_to_be_said_to_be_another(officer):
    town = town_factory()
    kept(officer, town=town)
    with pytest.raises(Refusal) as refused:
        kept(officer, phone="+86 138-0000-0001")
    assert refused.value.code == "double"
    told = {"name": "张样例", "kind": "merchant", "town": town, "city": "深圳", "phone": "139 0000 0009"}
    with pytest.raises(Refusal) as refused:
        actions.keep_person(values=told, agreed=agreed(), by=officer)
    assert (refused.value.code, refused.value.field) == ("double", "again")
    assert actions.keep_person(values=told, agreed=agreed(), again=True, by=officer).pk
    assert HometownPerson.objects.count() == 2


def test_a_change_keeps_the_number_that_is_not_told_again_and_the_second_to_save_is_told(officer):
    row = kept(officer)
    told = {"name": "张样例", "kind": "talent", "employer": "样例研究院"}
    now = actions.change_person(row=row, version=1, values=told, by=officer)
    assert (now.phone, now.kind) == ("138 0000 0001", "talent")
    with pytest.raises(Refusal) as refused:
        actions.change_person(row=row, version=1, values=told, by=officer)
    assert refused.value.code == "conflict"


def test_the_database_itself_keeps_no_consent_to_nothing_and_no_nameless_row(officer):
    row = kept(officer)
    for columns in ({"name": ""}, {"state": "erased"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HometownPerson.objects.filter(pk=row.pk).update(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(person=row).update(contact=False, introduce=False, invite=False)


def test_a_chamber_needs_a_source_and_its_name_once(officer):
    chamber_factory(by=officer)
    for told in ({}, {"name": "东莞市样例商会", "source": ""}, {"name": "东莞市样例商会", "members": 0}, {"name": "东莞市样例商会", "source_date": TODAY + dt.timedelta(days=1)}):
        with pytest.raises(Refusal):
            chamber_factory(by=officer, **told) if "name" not in told else chamber_factory(told.pop("name"), by=officer, **told)
    for role in ("leader", "town_officer", "chain_officer"):
        with pytest.raises(Forbidden):
            chamber_factory("另一商会", by=person_factory(role))


