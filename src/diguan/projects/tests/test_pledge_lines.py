"""What investors pledged, as lines: the highest of a project, from its signing until a higher one; waived ones stood before."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import clocks
from diguan.kernel.measures import Asked
from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import fulfilment
from diguan.projects.queries.lines import pledges
from diguan.projects.tests.factories import project_factory
from diguan.projects.tests.ledger_factory import agreement_factory, obligation_factory

pytestmark = pytest.mark.django_db


def told(day=None, known_at=None):
    return [(line.num, line.on, line.until, line.groups["pledge"]) for line in pledges(Asked(day or clocks.today(), known_at))]


@pytest.fixture
def two():
    return person_factory("promotion_officer"), person_factory("leader")


def pledged(project, two, day, **said):
    agreement = agreement_factory(project, two[0], two[1], number=f"合同-{day}", signed_on=day)
    return obligation_factory(agreement, two[0], measure="output", text="达产后年产值", **said)


def test_a_higher_pledge_takes_the_place_of_the_one_before_from_its_signing_and_a_lower_one_never(two):
    project = project_factory(by=two[0])
    pledged(project, two, dt.date(2025, 9, 26), target=300)
    pledged(project, two, dt.date(2026, 6, 1), target=400)
    pledged(project, two, dt.date(2026, 7, 1), target=350)
    assert told() == [(300, dt.date(2025, 9, 26), dt.date(2026, 5, 31), "output"), (400, dt.date(2026, 6, 1), None, "output")]
    assert told(dt.date(2025, 12, 31)) == [(300, dt.date(2025, 9, 26), None, "output")]


def test_what_was_waived_counts_no_more_but_stood_for_who_asked_before(two):
    row = pledged(project_factory(by=two[0]), two, dt.date(2025, 9, 26), target=300)
    before = clocks.now()
    fulfilment.waive_obligation(obligation=row, version=row.version, reason="市场变了", by=two[1])
    assert told() == []
    assert [num for num, *_rest in told(known_at=before)] == [300]


def test_jobs_and_what_the_county_owes_are_no_pledges(two):
    agreement = agreement_factory(project_factory(by=two[0]), two[0], two[1])
    obligation_factory(agreement, two[0])
    obligation_factory(agreement, two[0], side="county", measure="output", target=300)
    assert told() == []
