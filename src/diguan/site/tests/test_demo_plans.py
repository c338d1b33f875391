"""The demo county's plans and tables of peers: as the pack has them, worked on, and the same a second time."""

from __future__ import annotations

from collections import Counter

import pytest

from diguan.indicators.models import NoteState, Plan, ProgressNote, RankingTable, Target, Task
from diguan.indicators.queries import plans, rankings
from diguan.site.demo import accounts
from diguan.site.demo import plans as demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-31"
    accounts.found([])


def test_the_demo_has_tasks_in_every_standing_and_is_the_same_when_prepared_again():
    demo.prepare()
    counts = {model: model.objects.count() for model in (Plan, Task, Target, ProgressNote, RankingTable)}
    assert (counts[Plan], counts[Task], counts[Target]) == (3, 42, 8)
    leader = accounts.known("leader")
    today, soon = demo.TODAY, plans.soon_day()
    standings = Counter(plans.standing(row, today, soon) for row in plans.visible_tasks(leader))
    assert {plans.DONE, plans.WAITING, plans.LATE, plans.SOON_DUE, plans.OPEN} <= standings.keys()
    assert not ProgressNote.objects.filter(state=NoteState.VERIFIED, proof=None).exists()
    demo.prepare()
    assert {model: model.objects.count() for model in counts} == counts


def test_its_tables_are_flagged_as_examples_and_funds_in_place_come_first_of_the_city():
    demo.prepare()
    tables = {(row.title, row.period): row for row in rankings.visible_tables(accounts.known("leader"))}
    assert all(row.example for row in tables.values())
    first = rankings.own_line(tables["实际到位资金", "2025-09"])
    assert (first.row.printed, first.place.best, first.place.worst) == ("42.93", 1, 1)
    revised = rankings.own_line(tables[demo.REVISED[0], demo.REVISED[1]])
    assert revised.place.best < revised.place.worst


def test_every_office_of_the_plans_has_somebody_in_the_demo():
    from diguan.indicators.queries import planfile

    offices = {one.unit for packed in planfile.packed().values() for one in (*packed.tasks, *packed.targets)}
    assert offices <= demo.OWNERS.keys()
