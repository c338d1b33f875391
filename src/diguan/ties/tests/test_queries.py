from __future__ import annotations

import pytest

from diguan.kernel.tests.factories import person_factory
from diguan.ties import queries
from diguan.ties.tests.factories import tie_factory

pytestmark = pytest.mark.django_db
WITHOUT = ["policy_officer", "finance_officer", "data_clerk", "bureau_clerk", "bureau_head", "case_assistant", "service_officer", "enterprise_agent", "administrator"]


def test_who_holds_the_right_sees_every_one_in_the_order_of_names():
    tie_factory("b")
    tie_factory("A")
    assert [row.name for row in queries.visible_ties(person_factory("leader"))] == ["A", "b"]


@pytest.mark.parametrize("role", WITHOUT)
def test_a_role_without_the_right_sees_none(role):
    tie_factory("A")
    assert not queries.visible_ties(person_factory(role)).exists()


def test_a_name_is_found_however_wide_it_is_typed():
    tie_factory("A区一号")
    tie_factory("B区")
    rows = queries.visible_ties(person_factory("leader"))
    assert [row.name for row in queries.search(rows, "ａ 区")] == ["A区一号"]
