"""Administration as deeds: rights, checks, one event each."""

from __future__ import annotations

import pytest

from diguan.kernel import access, clocks, events, remember
from diguan.kernel.access import actions
from diguan.kernel.access.models import Person, Post, Unit
from diguan.kernel.actions import REGISTRY, Refusal
from diguan.kernel.tests.factories import PASSWORD, county_factory, person_factory, unit_factory

pytestmark = pytest.mark.django_db
FIRM = "91430421MA00002260"


@pytest.fixture
def admin():
    return person_factory("administrator")


@pytest.mark.parametrize("role", [None, "leader", "policy_officer", "data_clerk", "enterprise_agent"])
def test_nobody_but_the_administrator_manages_access(role):
    by, other, unit = person_factory(role), person_factory(), unit_factory()
    for attempt in (
        lambda: actions.create_unit(code="x", name="甲", kind="bureau", parent=unit, by=by),
        lambda: actions.create_person(login_name="x", name="甲", password=PASSWORD, by=by),
        lambda: actions.appoint(person=other, role="leader", unit=unit, by=by),
        lambda: actions.delegate(person=other, uscc_code=FIRM, evidence="书", by=by),
        lambda: actions.reset_password(person=other, password=PASSWORD, by=by),
        lambda: actions.change_password(person=other, current="", password=PASSWORD, by=by),
    ):
        with pytest.raises(access.Forbidden):
            attempt()
    assert not events.Event.objects.exists()


def test_a_person_gets_an_account_a_post_and_the_rights_of_it(admin):
    bureau = actions.create_unit(code="gxj", name="工信局", kind="bureau", parent=county_factory(), by=admin)
    person = actions.create_person(login_name="Clerk", name="甲", password=PASSWORD, by=admin)
    assert person.login_name == "clerk"
    assert person.must_change_password
    assert not access.may(person, "facts.view_fact")
    post = actions.appoint(person=person, role="data_clerk", unit=bureau, by=admin, reason="上岗")
    assert access.may(person, "facts.view_fact")
    actions.end_post(post=post, by=admin)
    assert not access.may(person, "facts.view_fact")
    assert events.verify_all() == {}


@pytest.mark.parametrize("password", ["short", "password123", "1234567890123", "zhangsan-88"])
def test_a_weak_password_is_refused_in_both_languages(admin, password):
    with pytest.raises(Refusal) as refusal:
        actions.create_person(login_name="zhangsan-88", name="张三", password=password, by=admin)
    assert refusal.value.code == "weak_password"
    assert all(reason.zh and reason.en and reason.zh != reason.en for reason in refusal.value.reasons)
    assert not Person.objects.filter(login_name="zhangsan-88").exists()


def test_nobody_raises_themselves(admin):
    for attempt in (
        lambda: actions.appoint(person=admin, role="policy_officer", unit=unit_factory(), by=admin),
        lambda: actions.delegate(person=admin, uscc_code=FIRM, evidence="书", by=admin),
        lambda: actions.deactivate_person(person=admin, by=admin, reason="x"),
    ):
        with pytest.raises(Refusal, match="not_yourself"):
            attempt()


def test_the_last_administrators_post_cannot_be_ended(admin):
    with pytest.raises(Refusal, match="last_administrator"):
        actions.end_post(post=Post.objects.get(person=admin), by=admin)


def test_a_delegation_needs_a_valid_code_and_ends_when_revoked(admin):
    agent = person_factory("enterprise_agent")
    with pytest.raises(Refusal, match="bad_uscc"):
        actions.delegate(person=agent, uscc_code="91430421MA00002261", evidence="书", by=admin)
    row = actions.delegate(person=agent, uscc_code=" 91430421ma00002260", evidence="授权书", by=admin)
    assert access.usccs_of(agent) == {FIRM}
    actions.revoke_delegation(delegation=row, by=admin, reason="换人")
    assert access.usccs_of(agent) == frozenset()
    with pytest.raises(Refusal, match="already_revoked"):
        actions.revoke_delegation(delegation=row, by=admin, reason="换人")


def test_each_change_of_a_right_holds_at_once_in_the_request_that_makes_it(admin):
    person, unit = person_factory(), unit_factory()
    seen = Person.objects.get(pk=person.pk)  # as the request had loaded them before the change

    def may():
        return access.may(seen, "facts.view_fact")

    with remember.remembering():
        assert not may()
        post = actions.appoint(person=person, role="data_clerk", unit=unit, by=admin)
        assert may()
        actions.deactivate_person(person=person, by=admin, reason="离岗")
        assert not may()
        actions.reactivate_person(person=person, by=admin)
        assert may()
        actions.change_unit(unit=unit, name=unit.name, parent=unit.parent, active=False, by=admin)
        assert not may()
        actions.change_unit(unit=unit, name=unit.name, parent=unit.parent, active=True, by=admin)
        assert may()
        actions.end_post(post=post, by=admin)
        assert not may()
        actions.appoint(person=person, role="enterprise_agent", unit=None, by=admin)
        assert access.usccs_of(seen) == frozenset()
        row = actions.delegate(person=person, uscc_code=FIRM, evidence="授权书", by=admin)
        assert access.usccs_of(seen) == {FIRM}
        actions.revoke_delegation(delegation=row, by=admin, reason="换人")
        assert access.usccs_of(seen) == frozenset()


def test_moving_a_unit_takes_what_is_below_along(admin):
    park, office = unit_factory(), unit_factory()
    desk = unit_factory(parent=office)
    actions.change_unit(unit=office, name="办公室", parent=park, active=True, by=admin)
    desk.refresh_from_db()
    assert desk.path == f"{park.path}{office.pk}/{desk.pk}/"
    with pytest.raises(Refusal, match="unit_below_itself"):
        actions.change_unit(unit=park, name="园区", parent=desk, active=True, by=admin)


def test_the_county_is_founded_once():
    person = actions.found_county(county="测试县", login_name="root1", name="甲", password=PASSWORD)
    assert access.may(person, "access.manage_unit")
    with pytest.raises(Refusal, match="administrator_exists"):
        actions.found_county(county="测试县", login_name="root2", name="乙", password=PASSWORD)
    assert Unit.objects.count() == 1
    assert access.acting_person() == person
    with pytest.raises(Refusal, match="nobody"):
        access.acting_person("root2")


def test_without_a_name_a_command_acts_for_whoever_longest_holds_the_right(admin):
    with pytest.raises(Refusal, match="nobody_may") as refused:
        access.acting_person(None, "facts.import_batch")
    assert "diguan demo" in str(refused.value)
    leader, first, _second = (person_factory(role) for role in ("leader", "data_clerk", "data_clerk"))
    assert access.acting_person(None, "facts.import_batch") == first
    assert access.acting_person("", "facts.view_batch") == leader
    assert access.acting_person(leader.login_name.upper(), "facts.import_batch") == leader  # what they then do is refused
    with pytest.raises(Refusal, match="nobody_may"):
        access.acting_person(None, "facts.import_batch", "access.manage_person")


def test_personal_values_can_be_erased_and_the_chain_still_holds(admin):
    person = actions.create_person(login_name="clerk", name="甲某", password=PASSWORD, by=admin)
    event = events.Event.objects.get(root_id=str(person.pk))
    assert "甲某" not in event.after_json
    assert events.erase_personal(person) == 1
    assert events.verify(person) == []


def test_every_action_here_names_a_right_and_a_verb():
    mine = [info for name, info in REGISTRY.items() if name.startswith("access.")]
    assert len(mine) >= 15
    assert all(info.permission and info.event for info in mine)
    assert clocks.today().isoformat() == "2026-10-31"
