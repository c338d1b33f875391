"""梯度培育: nearest first, what is lacking in words, unknown facts named; rows only of firms one may see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.enterprises import actions as register
from diguan.enterprises import queries as enterprises
from diguan.enterprises.queries import standing
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.indicators.queries import cultivation
from diguan.indicators.tests.factories import told
from diguan.kernel import access
from diguan.kernel.access.roles import roles
from diguan.kernel.facts import store
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 30)
SCALE = "above_scale"


@pytest.fixture(autouse=True)
def october(settings):
    settings.DIGUAN_TODAY = DAY.isoformat()


def firm(name, revenue=None, industry="4030", **more):
    row = enterprise_factory(name=name, industry=industry, established=dt.date(2018, 1, 1), **more)
    if revenue is not None:
        told("finance.main_revenue", {row.uscc: {"2025": revenue}}, source="statistics_bureau")
    return row


def exported():
    store.export_records(enterprises.attribute_rows(DAY), subjects=enterprises.subject_ids(), by=person_factory("data_clerk"), as_of=DAY)


def found(title=SCALE, person=None, permission=cultivation.VIEW):
    rows = cultivation.nearest(person or person_factory("leader"), title, DAY, permission)
    return cultivation.filled(title, DAY, "zh", rows)


def test_nearest_first_what_is_met_what_is_open_and_what_fails_in_words():
    firm("衡阳达到有限公司", 2_500_000_000)
    firm("衡阳没报有限公司")
    firm("衡阳还差有限公司", 1_900_000_000)
    firm("衡阳不在范围有限公司", 9_000_000_000, industry="7110")
    exported()
    rows = found()
    assert [(row.firm.name, row.state) for row in rows] == [("衡阳达到有限公司", cultivation.READY), ("衡阳没报有限公司", cultivation.ASK), ("衡阳还差有限公司", cultivation.NEAR)]
    assert [ask.fact.name for lack in rows[1].lacks for ask in lack.asks] == ["finance.main_revenue"]
    assert "还差 100 万元" in rows[2].lacks[0].reason
    assert "2000万元" in rows[2].lacks[0].says


def test_a_firm_that_holds_the_title_is_no_candidate_and_one_that_lost_it_is():
    holder, loser = firm("衡阳已有有限公司", 3_000_000_000), firm("衡阳失效有限公司", 3_000_000_000)
    clerk = person_factory("data_clerk")
    register.add_title(enterprise=holder, kind=SCALE, issued=dt.date(2024, 5, 1), by=clerk)
    register.add_title(enterprise=loser, kind=SCALE, issued=dt.date(2020, 5, 1), valid_until=dt.date(2023, 5, 1), by=clerk)
    exported()
    assert [row.firm.name for row in found()] == ["衡阳失效有限公司"]


def test_the_list_says_what_the_firms_own_page_says():
    for at, revenue in enumerate((2_500_000_000, None, 1_900_000_000, 0)):
        firm(f"衡阳样例{at}有限公司", revenue)
    exported()
    leader = person_factory("leader")
    for title, fact in cultivation.STANDARDS.items():
        for row in found(title, leader):
            placed = next(one for one in standing.placed(leader, enterprises.enterprise(leader, row.firm.uscc), DAY) if one.standard.fact.name == fact)
            ways = [[finding.verdict for finding in verdict.findings] for _one, verdict in placed.classes]
            assert [(verdicts.count(1), verdicts.count(2)) for verdicts in ways] == [(len(row.near.failing), len(row.near.open_))], (title, row.firm.name)


def test_without_a_register_delivered_nothing_is_listed_and_nothing_breaks(client):
    firm("衡阳样例有限公司", 1)
    assert cultivation.nearest(person_factory("leader"), SCALE, dt.date(2009, 1, 1)) == []
    client.force_login(person_factory("leader"))
    assert client.get(reverse("indicators:cultivation", args=["single_champion"])).status_code == 404
    assert client.get(reverse("indicators:cultivation", args=[SCALE])).status_code == 200


def test_the_page_filters_and_its_file_holds_what_is_filtered(client):
    firm("衡阳达到有限公司", 2_500_000_000)
    firm("衡阳没报有限公司")
    exported()
    client.force_login(person_factory("leader"))
    page = client.get(reverse("indicators:cultivation", args=[SCALE]) + "?state=ask").content.decode()
    assert "衡阳没报有限公司" in page
    assert "主营业务收入" in page
    assert "衡阳达到有限公司" not in page
    file = client.get(reverse("indicators:cultivation", args=[SCALE]) + "?state=ask&export=csv").content.decode()
    assert "衡阳没报有限公司" in file
    assert "衡阳达到有限公司" not in file


# ── who may not ──────────────────────────────────────────────────────────────
def test_who_may_not_see_the_list_or_no_facts_is_refused(client):
    firm("衡阳样例有限公司", 1)
    for role in ("bureau_clerk", "town_officer", "promotion_officer", "administrator", "enterprise_agent"):
        with pytest.raises(access.Forbidden):
            found(person=person_factory(role))
        client.force_login(person_factory(role))
        assert client.get(reverse("indicators:cultivation", args=[SCALE])).status_code == 403
        assert client.get(reverse("indicators:cultivation_first")).status_code == 403


def test_export_is_a_right_of_its_own(client):
    firm("衡阳样例有限公司", 1)
    exported()
    client.force_login(person_factory("chain_officer"))
    assert client.get(reverse("indicators:cultivation", args=[SCALE])).status_code == 200
    assert client.get(reverse("indicators:cultivation", args=[SCALE]) + "?export=csv").status_code == 403


def test_rows_are_only_of_firms_within_reach(monkeypatch):
    from diguan.kernel.access.roles import Scope

    mine, other = firm("衡阳我的有限公司", 1), firm("衡阳别的有限公司", 2)
    exported()
    officer = person_factory("chain_officer")
    mine.owner_unit = officer.posts.get().unit
    mine.save()
    narrow = {**roles()["chain_officer"].permissions, cultivation.VIEW: Scope.UNIT}
    monkeypatch.setitem(roles()["chain_officer"].__dict__, "permissions", narrow)
    assert [row.firm.name for row in found(person=officer)] == [mine.name]
    assert other.name not in [row.firm.name for row in found(person=officer)]
