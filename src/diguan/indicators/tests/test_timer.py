"""The timer across rooms: its days come from rows, a promise in working days, a duration in days; what is not known is not zero."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from diguan.indicators.engine import spread
from diguan.indicators.queries import snapshots, timer
from diguan.indicators.tests.factories import signed_project, snapshot_factory
from diguan.kernel.measures import COUNTED, Asked
from diguan.kernel.refusals import Forbidden
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SIGNED = dt.date(2026, 3, 6)  # a Friday


@pytest.fixture(autouse=True)
def october(settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-31"


def lines(leg: str, as_of: dt.date = dt.date(2026, 10, 31)) -> dict[str, int | None]:
    return {line.key: line.num for line in COUNTED[f"indicators.{leg}"].read(Asked(as_of))}


def leg_of(found: timer.Timer, key: str) -> timer.Leg:
    return next(leg for leg in found.legs if leg.key == key)


def test_a_promise_counts_working_days_and_a_duration_days() -> None:
    row = signed_project(SIGNED, produced=dt.date(2026, 4, 6), established=dt.date(2026, 3, 9))
    assert lines("signed_to_licensed") == {str(row.pk): 1}
    assert lines("licensed_to_production") == {str(row.pk): 28}
    assert lines("signed_to_production") == {str(row.pk): 31}


def test_an_older_firm_is_licensed_on_the_day_of_its_gate_and_says_so() -> None:
    signed_project(SIGNED, registered=dt.date(2026, 3, 11), established=dt.date(2019, 1, 1))
    (one,) = timer.journeys(dt.date(2026, 10, 31))
    assert (one.licensed, one.told_by, one.days[timer.TO_LICENCE]) == (dt.date(2026, 3, 11), timer.GATE, 3)


def test_a_day_before_the_contract_is_not_known_and_not_zero() -> None:
    signed_project(SIGNED, registered=dt.date(2026, 3, 1), produced=dt.date(2026, 3, 2))
    (one,) = timer.journeys(dt.date(2026, 10, 31))
    assert (one.licensed, one.produced, set(one.days.values())) == (None, None, {None})
    assert lines("signed_to_production") == {}


def test_a_day_asked_before_knows_nothing_of_later_days() -> None:
    row = signed_project(SIGNED, produced=dt.date(2026, 6, 1), established=dt.date(2026, 3, 20))
    assert lines("signed_to_production", dt.date(2026, 5, 31)) == {}
    assert lines("signed_to_licensed", dt.date(2026, 3, 19)) == {}
    assert lines("signed_to_production", dt.date(2026, 6, 1)) == {str(row.pk): 87}


def test_the_slowest_come_first_with_their_open_step_and_the_lost_do_not_wait() -> None:
    slow, quick = signed_project(dt.date(2025, 1, 6)), signed_project(SIGNED)
    signed_project(dt.date(2024, 1, 6), lost=dt.date(2024, 5, 1))
    signed_project(SIGNED, produced=dt.date(2026, 6, 1))
    found = timer.timer(person_factory("leader"))
    assert [each.row.pk for each in found.slowest] == [slow.pk, quick.pk]
    assert found.slowest[0].row.stage == "triage"
    assert found.slowest[0].days == (dt.date(2026, 10, 31) - dt.date(2025, 1, 6)).days
    assert (found.signed, found.ended, leg_of(found, timer.WHOLE).waiting) == (4, 1, 2)


def test_fewer_than_three_are_no_distribution() -> None:
    for days in (10, 30):
        signed_project(SIGNED, produced=SIGNED + dt.timedelta(days=days))
    leader = person_factory("leader")
    assert leg_of(timer.timer(leader), timer.WHOLE).done == spread.Spread(2, None, None, None, None)
    signed_project(SIGNED, produced=SIGNED + dt.timedelta(days=90))
    done = leg_of(timer.timer(leader), timer.WHOLE).done
    assert (done.count, done.p50, done.p90) == (3, 30, 90)


def test_no_clusters_days_are_left_over_from_the_others() -> None:
    for cluster, count in (("钟表", 6), ("陶瓷", 4), ("小家电", 1)):
        for turn in range(count):
            signed_project(SIGNED, produced=SIGNED + dt.timedelta(days=10 + turn), cluster=cluster)
    leader = person_factory("leader")
    told = {name: leg_of(timer.timer(leader, name), timer.WHOLE) for name in ("", "钟表", "陶瓷", "小家电")}
    assert {name: (leg.kept, leg.done.count) for name, leg in told.items()} == {"": (False, 11), "钟表": (False, 6), "陶瓷": (True, 4), "小家电": (True, 1)}


def test_one_row_changes_the_indicator_and_two_are_hidden() -> None:
    for days in (10, 30):
        signed_project(SIGNED, produced=SIGNED + dt.timedelta(days=days))
    leader, code = person_factory("leader"), "timer.signed_to_production_p50"
    cell = snapshots.figures(leader, snapshot_factory()).cell(code, "2026-10")
    assert (cell.num, cell.firms) == (None, None)
    signed_project(SIGNED, produced=SIGNED + dt.timedelta(days=90))
    found = snapshots.figures(leader, snapshot_factory())
    assert found.cell(code, "2026-10").num == 30
    assert found.cell(code.replace("p50", "p90"), "2026-10").num == 90


def test_the_page_opens_its_projects_and_says_which_days_it_counts(client: Any) -> None:
    row = signed_project(SIGNED)
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:timer")).content.decode()
    assert reverse("projects:project", args=[row.pk]) in seen
    assert "按工作日算" in seen
    assert "按自然日算" in seen
    assert client.get(reverse("indicators:timer"), {"cluster": "没有的"}).status_code == 200
    listed = client.get(reverse("indicators:timer_projects"), {"waiting": timer.WHOLE}).content.decode()
    assert row.name in listed
    assert row.name not in client.get(reverse("indicators:timer_projects"), {"leg": timer.WHOLE}).content.decode()


def test_every_count_of_the_timer_opens_as_many_projects(client: Any) -> None:
    for days in (10, 30, 45, 400):
        signed_project(SIGNED - dt.timedelta(days=300), produced=SIGNED - dt.timedelta(days=300 - days), established=SIGNED - dt.timedelta(days=295))
    signed_project(SIGNED, registered=dt.date(2026, 3, 11), established=dt.date(2019, 1, 1))
    signed_project(dt.date(2024, 1, 6), lost=dt.date(2024, 5, 1))
    leader = person_factory("leader")
    client.force_login(leader)
    address, found = reverse("indicators:timer_projects"), timer.timer(leader)
    seen = client.get(reverse("indicators:timer")).content.decode()

    def listed(**query: str) -> int:
        assert f"{address}?{urlencode(query)}".replace("&", "&amp;") in seen, query
        return len(client.get(address, query).context["page"].paginator.object_list)

    assert listed(state="ended") == found.ended == 1
    assert {who: listed(told_by=who) for who in found.told} == found.told == {timer.LICENCE: 4, timer.GATE: 1}
    for leg in found.legs:
        counts = [count for _low, _high, count in leg.bins]
        assert [listed(took=f"{leg.key}.{low}") for low, _high, _count in leg.bins] == counts, leg.key
        assert sum(counts) == leg.done.count
    assert [count for _low, _high, count in leg_of(found, timer.WHOLE).bins] == [2, 1, 0, 0, 1]
    assert client.get(address, {"took": "signed_to_production.7"}).status_code == 200


def test_the_timer_is_for_who_may_see_indicators_and_projects(client: Any) -> None:
    signed_project(SIGNED)
    for role, status in (("leader", 200), ("policy_officer", 200), ("data_clerk", 403), ("town_officer", 403), ("enterprise_agent", 403)):
        client.force_login(person_factory(role))
        for name in ("timer", "timer_projects"):
            assert client.get(reverse(f"indicators:{name}")).status_code == status, (role, name)
    with pytest.raises(Forbidden):
        timer.timer(person_factory("town_officer"))
