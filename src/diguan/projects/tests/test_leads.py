"""Leads: registered, held, and what becomes of them."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import queries as stages
from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import projects
from diguan.projects.models import Lead, LeadSource
from diguan.projects.tests.factories import lead_factory

pytestmark = pytest.mark.django_db


def test_a_registered_lead_waits_for_its_first_response_within_a_working_day() -> None:
    by = person_factory(role="promotion_officer")
    row = lead_factory(by)
    task = stages.current(row.course)
    assert row.holder == by
    assert task is not None
    assert task.key == "registered"
    assert task.due is not None


def test_numbers_count_up_within_a_year() -> None:
    by = person_factory(role="promotion_officer")
    first, second = lead_factory(by), lead_factory(by, firm="东莞样例表壳有限公司")
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1


@pytest.mark.parametrize(("field", "value"), [("title", ""), ("source", "nowhere"), ("uscc", "91430421MA00002261"), ("investment_fen", -1), ("came_on", dt.date(2199, 1, 1))])
def test_what_cannot_be_true_is_refused_and_nothing_is_written(field: str, value: object) -> None:
    with pytest.raises(Refusal) as refused:
        lead_factory(person_factory(role="promotion_officer"), **{field: value})
    assert refused.value.field == field
    assert not Lead.objects.exists()


def test_a_lead_nobody_judged_does_not_become_a_project() -> None:
    by = person_factory(role="promotion_officer")
    said = projects.Said(name="样例机芯项目", investor="深圳样例机芯有限公司", source=LeadSource.HOMETOWN_TIES)
    with pytest.raises(Refusal) as refused:
        projects.open_project(said=said, by=by, lead=lead_factory(by))
    assert refused.value.code == "lead_not_judged"
