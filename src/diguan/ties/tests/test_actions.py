from __future__ import annotations

import pytest

from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.ties import actions
from diguan.ties.models import Tie
from diguan.ties.tests.factories import tie_factory

pytestmark = pytest.mark.django_db
WITHOUT = ["policy_officer", "finance_officer", "data_clerk", "bureau_clerk", "bureau_head", "case_assistant", "service_officer", "enterprise_agent", "administrator"]


def test_what_is_registered_belongs_to_the_unit_of_who_did_it_and_leaves_one_event():
    unit = unit_factory()
    row = actions.create_tie(values={"name": "甲"}, by=person_factory("leader", unit))
    assert row.owner_unit == unit
    assert [event.verb for event in Event.objects.filter(root_type="ties.tie")] == ["tie_created"]


@pytest.mark.parametrize("role", WITHOUT)
def test_a_role_without_the_right_registers_nothing(role):
    with pytest.raises(Forbidden):
        actions.create_tie(values={"name": "甲"}, by=person_factory(role))
    assert not Tie.objects.exists()


def test_another_units_row_cannot_be_changed():
    row = tie_factory("甲")
    with pytest.raises(Forbidden):
        actions.change_tie(tie=row, version=1, values={"name": "乙"}, by=person_factory("leader"))


def test_who_saves_second_is_told_and_writes_nothing():
    unit = unit_factory()
    row, person = tie_factory("甲", unit), person_factory("leader", unit)
    actions.change_tie(tie=row, version=1, values={"name": "乙"}, by=person)
    with pytest.raises(Refusal) as refused:
        actions.change_tie(tie=row, version=1, values={"name": "丙"}, by=person)
    assert refused.value.code == "conflict"
    assert Tie.objects.get().name == "乙"


@pytest.mark.parametrize(("name", "code"), [("", "invalid"), ("　", "invalid"), ("长" * 201, "invalid"), ("甲\x00", "invalid"), ("甲 ", "name_taken")])
def test_a_name_that_is_missing_too_long_or_taken_is_refused_and_writes_nothing(name, code):
    tie_factory("甲")
    with pytest.raises(Refusal) as refused:
        actions.create_tie(values={"name": name}, by=person_factory("leader"))
    assert (refused.value.code, refused.value.field) == (code, "name")
    assert Tie.objects.count() == 1
