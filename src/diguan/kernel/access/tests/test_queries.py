"""Rights, mostly as refusals: no test here uses an all-powerful account, for there is none."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import access, clocks, remember
from diguan.kernel.access import roles
from diguan.kernel.access.models import Delegation, Person, Unit
from diguan.kernel.packs import PackError
from diguan.kernel.tests.factories import delegation_factory, person_factory, post_factory, unit_factory

pytestmark = pytest.mark.django_db
FIRM, OTHER_FIRM = "91430421MA00002260", "91430421MA0000001K"
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("role", ["leader", "policy_officer", "data_clerk", "enterprise_agent", "administrator"])
def test_a_role_holds_exactly_the_rights_its_data_names(role):
    person = person_factory(role)
    wanted = roles.roles()[role].permissions
    for permission in roles.known_permissions():
        assert access.scope(person, permission) == wanted.get(permission), permission
        if permission not in wanted:
            with pytest.raises(access.Forbidden):
                access.require(person, permission)


def test_who_has_no_post_is_inactive_or_unknown_may_do_nothing():
    closed = person_factory("administrator", is_active=False)
    for person in (person_factory(), closed, None):
        for permission in roles.known_permissions():
            assert not access.may(person, permission)
            assert not access.visible(Unit.objects.all(), person, permission).exists()


def test_an_ended_a_future_or_a_closed_units_post_gives_nothing():
    ended = person_factory("administrator", to_day=clocks.today() - DAY)
    future = person_factory("administrator", from_day=clocks.today() + DAY)
    closed = person_factory("administrator", unit_factory(active=False))
    assert not any(access.may(person, "access.manage_unit") for person in (ended, future, closed))
    assert access.may(person_factory("administrator", to_day=clocks.today()), "access.manage_unit")


def test_deactivating_the_row_counts_even_for_an_instance_loaded_before():
    person = person_factory("administrator")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert not access.may(person, "access.manage_unit")


def test_an_agent_acts_only_for_firms_delegated_today():
    agent = person_factory("enterprise_agent", uscc=FIRM)
    delegation_factory(agent, OTHER_FIRM, to_day=clocks.today() - DAY)
    assert access.usccs_of(agent) == {FIRM}
    Delegation.objects.update(revoked_at=clocks.now())
    assert access.usccs_of(agent) == frozenset()


def test_what_a_request_remembers_of_one_person_is_not_anothers():
    agents = {uscc: person_factory("enterprise_agent", uscc=uscc) for uscc in (FIRM, OTHER_FIRM)}
    admin, nobody = person_factory("administrator"), person_factory()
    with remember.remembering():
        assert {uscc: access.usccs_of(agent) for uscc, agent in agents.items()} == {uscc: {uscc} for uscc in agents}
        assert access.may(admin, "access.manage_unit")
        assert not access.may(nobody, "access.manage_unit")


def test_a_delegation_without_a_current_agent_post_gives_nothing():
    assert access.usccs_of(person_factory("data_clerk", uscc=FIRM)) == frozenset()
    assert access.usccs_of(person_factory("enterprise_agent", uscc=FIRM, is_active=False)) == frozenset()


@pytest.fixture
def reach(monkeypatch):
    """Give the data clerk's right over units another scope."""

    def narrow(scope):
        role = roles.Role("data_clerk", {"zh": "数据专员"}, False, {"access.manage_unit": scope})
        monkeypatch.setattr("diguan.kernel.access.queries.roles", lambda: {"data_clerk": role})

    return narrow


def test_each_scope_reaches_so_far_and_lists_agree_with_single_rows(reach):
    bureau = unit_factory()
    below, elsewhere = unit_factory(parent=bureau), unit_factory()
    clerk = person_factory("data_clerk", bureau)
    for scope, wanted in [
        (access.Scope.OWN, set()),
        (access.Scope.TEAM, {bureau}),
        (access.Scope.UNIT, {bureau, below}),
        (access.Scope.COUNTY, set(Unit.objects.all())),
    ]:
        reach(scope)
        seen = set(access.visible(Unit.objects.all(), clerk, "access.manage_unit"))
        assert seen == wanted
        assert {unit for unit in Unit.objects.all() if access.may(clerk, "access.manage_unit", unit)} == wanted
    assert elsewhere not in {bureau, below}


def test_two_posts_add_up(reach):
    one, two = unit_factory(), unit_factory()
    clerk = person_factory("data_clerk", one)
    post_factory(clerk, "data_clerk", two)
    reach(access.Scope.TEAM)
    assert set(access.visible(Unit.objects.all(), clerk, "access.manage_unit")) == {one, two}


@pytest.mark.parametrize(
    ("text", "line", "nearest"),
    [
        ("r:\n  title: {zh: 甲}\n  permissions:\n    access.manage_unt: county\n", 4, "access.manage_unit"),
        ("r:\n  title: {zh: 甲}\n  permissions:\n    access.manage_unit: countty\n", 4, "county"),
        ("r:\n  title: {zh: 甲}\n  permisions: {}\n", 3, "permissions"),
        ("r:\n  title: {zh: 甲}\n  kind: enterprise\n  permissions:\n    access.manage_unit: county\n", 5, "own"),
    ],
)
def test_a_wrong_word_in_the_roles_is_named_with_file_line_and_nearest_word(tmp_path, text, line, nearest):
    path = tmp_path / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as refusal:
        roles._roles((path,), frozenset(roles.known_permissions()))
    assert f"roles.yaml:{line}" in str(refusal.value)
    assert nearest in str(refusal.value)
