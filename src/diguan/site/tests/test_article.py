"""The figures printed of the county, recomputed from the demo county's rows: each matches, and follows when one row changes, so that no constant could stand in for it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F

from diguan.chains.models import Coverage
from diguan.chains.queries import maps, shelf
from diguan.enterprises.models import Capability, Enterprise, Title
from diguan.enterprises.queries import capabilities as register
from diguan.indicators.actions.snapshots import take_snapshot
from diguan.indicators.engine import terms
from diguan.indicators.models import Honour, PeerValue, Task
from diguan.indicators.queries import article, behind, snapshots
from diguan.indicators.tests.factories import told
from diguan.kernel import clocks
from diguan.outreach.models import Invitation, Trip, TripCity, VisitLog
from diguan.outreach.queries import trips
from diguan.projects.models import Agreement, Fund, Obligation, ReturneeClaim
from diguan.services.models import Case, MatterVersion, Touch
from diguan.services.queries import case_measures
from diguan.site import cli
from diguan.site.demo import (
    accounts,
    build,
    capabilities,
    chains,
    county,
    earlier,
    files,
    investment,
    matters,
    more,
    outreach,
    plans,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CLUSTERS = ("钟表", "陶瓷", "鞋帽服装", "小家电")
PAGE = dt.date(2025, 9, 30)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo's clusters with what the printed figures are counted from, by the steps of ``diguan demo``; its folder, and ours of each printed figure."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("article")
    with django_db_blocker.unblock(), override_settings(DIGUAN_DATA=folder / "data", DIGUAN_TODAY="2026-10-31"), transaction.atomic():
        _build(folder)
        yield folder, judge()
        transaction.set_rollback(True)


def _build(folder):
    params = county.parameters()
    firms = [firm for firm in county.draw_firms(params) if firm.cluster in CLUSTERS]
    rows = [row for row in county.draw_rows(county.draw_firms(params), params) if row[0].cluster in CLUSTERS]
    accounts.found([])
    clerk = accounts.known("clerk")
    named = {table.name: table for table in (*files._tables(rows, params, files.random.Random(1)), *more.tables(rows, params))}
    for delivery in (files._register(folder / "register.xlsx", firms), *(files.write(folder, named[name]) for name in ("税务-2024", "税务-2025"))):
        assert build.bring_in(delivery, by=clerk)
    claimed = capabilities.write(folder, by=clerk)
    build.bring_in(claimed.delivery, by=clerk)
    capabilities.decide(claimed)
    build.bring_in(chains.write(folder, firms, build.sold(rows, chains.YEAR)), by=clerk)
    chains.verify()
    investment.prepare(params)
    outreach.prepare()
    matters.prepare()
    earlier.prepare()
    plans.prepare()


@pytest.fixture
def demo(built, settings, db):
    """The county as built, for one test."""
    folder, rows = built
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = folder / "data", "2026-10-31"
    return rows


def judge():
    found = snapshots.figures(accounts.known("leader"), take_snapshot(by=accounts.known("clerk"), as_of=PAGE))
    return article.judged(accounts.known("leader"), article.article(), found)


def figure(rows, code, group):
    """Ours of the first printed figure that this indicator counts, in this group."""
    return next(row.ours for row in rows if row.said.code == code and row.said.group == group)


def test_every_printed_figure_that_has_rows_matches_at_its_digits(demo):
    rows = demo
    states = {state: [f"{row.said.line} {row.said.title.zh}: {row.said.value} {row.said.unit.zh}, ours {row.ours}" for row in rows if row.state == state] for state in {row.state for row in rows}}
    assert states.get(article.DIFFERS, []) == []
    assert states.get(article.BEYOND, []) == []
    assert len(states[article.MATCH]) == 41
    assert all(not row.said.code for row in rows if row.state == article.NO_ROWS), states[article.NO_ROWS]
    assert all(article.room_of(row) is not None for row in rows if row.state == article.NO_ROWS)
    assert len(states[article.AIM]) == 5


def test_each_of_our_figures_opens_the_rows_it_comes_from(demo):
    leader = accounts.known("leader")
    found = snapshots.figures(leader, take_snapshot(by=accounts.known("clerk"), as_of=PAGE))
    for row in article.judged(leader, article.article(), found):
        if row.ours is not None:
            sides = behind.sides(leader, found.run, row.one, row.cell, found.book)
            assert all(side.rows for side in sides if row.ours), row.said.title.zh
            assert not any(side.hidden for side in sides), row.said.title.zh
            for side in sides:
                counting = side.source.fold in (terms.COUNT, terms.DISTINCT, terms.KINDS) and side.source.kind == terms.MEASURE
                told = sum(each.num or 0 for each in side.rows)
                assert not counting or len(sides) > 1 or row.one.change or told == row.cell.num, (row.said.title.zh, told, row.cell.num)


def test_the_rooms_own_measures_say_the_same(demo):
    """One thing is counted once: the lines are what the rooms' pages count."""
    leader = accounts.known("leader")
    found = snapshots.figures(leader, take_snapshot(by=accounts.known("clerk")))

    def last(code, period="2026-10", dim="", group=""):
        return found.cell(code, period, dim, group).value(found.book.newest(code))

    cases = case_measures.book(leader, case_measures.Choice(period="2025"))
    assert round(last("services.days_cut_sum", "2025-12") * 100) == case_measures.days_cut_sum(cases)
    assert round(last("services.days_cut_mean", "2025-12") * 100) == case_measures.days_cut_mean(cases)
    assert round(last("services.trips_cut_sum", "2025-12") * 100) == case_measures.trips_cut_sum(cases)
    made = trips.book(leader, trips.visible_trips(leader).filter(from_day__year=2025))
    counted = [last(f"outreach.{name}", "2025-Q3") for name in ("trips", "called_on", "provinces", "invited")]
    assert counted == [trips.trips_made(made), trips.calls_made(made), trips.provinces_reached(made), trips.invited(made)]
    verified, _waiting = register.abilities(leader)
    assert last("enterprises.export_markets") == register.export_markets(verified)
    assert last("enterprises.honours") == register.honours(verified)
    assert last("clusters.watch_capacity") == register.daily_capacity(verified.of_cluster("钟表").only("product", category="钟表"))
    chain = shelf.chains()["watch"]
    assert round(last("chains.coverage", dim="chain", group=chain.name.zh) * 100) == maps.coverage_rate(maps.view(leader, chain))


# ── one row changes ──────────────────────────────────────────────────────────
def _first(rows, **change):
    """Change the first of these rows."""
    assert type(rows.first()).objects.filter(pk=rows.first().pk).update(**change) == 1


def _detail(kind, **change):
    row = Capability.objects.filter(kind=kind, state="verified", enterprise__cluster="钟表").order_by("id").first()
    Capability.objects.filter(pk=row.pk).update(details={**row.details, **change})


def _fewer_countries():
    """The only exporter to a country stops selling there."""
    rows = list(Capability.objects.filter(kind="market", state="verified").order_by("id"))
    everywhere = [code for row in rows for code in row.details["countries"]]
    alone = next((row, code) for row in rows for code in row.details["countries"] if everywhere.count(code) == 1)
    Capability.objects.filter(pk=alone[0].pk).update(details={**alone[0].details, "countries": [code for code in alone[0].details["countries"] if code != alone[1]]})


def _taxed():
    firm = Enterprise.objects.filter(cluster="钟表", production_status="在产").order_by("id").first()
    told("tax.paid", {firm.uscc: {"2025-08": 987_654_321_00}})


CHANGES = {
    "watch_capacity": ("clusters.watch_capacity", "", lambda: _detail("product", daily_capacity=1)),
    "export_markets": ("enterprises.export_markets", "", _fewer_countries),
    "world_share": ("clusters.watch_world_share", "", lambda: _detail("share", share=1_250)),
    "motors": ("clusters.motors_sold_here", "", lambda: _first(Coverage.objects.filter(node="micro_motor", role="make", state="verified", local_fen__gt=0).order_by("id"), local_fen=0)),
    "firms": ("clusters.firms", "陶瓷", lambda: _first(Enterprise.objects.filter(cluster="陶瓷").order_by("id"), cluster="钟表")),
    "watch_firms": ("clusters.firms", "钟表", lambda: _first(Enterprise.objects.filter(cluster="钟表").order_by("id"), cluster="无")),
    "producing": ("clusters.producing", "钟表", lambda: _first(Enterprise.objects.filter(cluster="钟表", production_status="在产").order_by("id"), production_status="停产")),
    "matters": ("services.event_matters", "", lambda: _first(MatterVersion.objects.filter(matter__versions__number=1, number=1, published=True).order_by("id"), valid_from=dt.date(2026, 5, 1))),
    "days": ("services.days_cut_mean", "", lambda: _first(Case.objects.filter(year=2025).order_by("id"), days_before=120)),
    "days_sum": ("services.days_cut_sum", "", lambda: _first(Case.objects.filter(year=2025).order_by("id"), days_before=120)),
    "trips_of_cases": ("services.trips_cut_sum", "", lambda: _first(Touch.objects.filter(case__year=2025, kind="visit").order_by("id"), kind="call")),
    "signed": ("projects.signed", "", lambda: _first(Agreement.objects.filter(kind="contract", state="verified", signed_on__year=2025).order_by("id"), signed_on=dt.date(2024, 12, 31))),
    "contracted": ("projects.contracted", "", lambda: _first(Agreement.objects.filter(kind="contract", state="verified", signed_on__year=2025).order_by("id"), amount_fen=F("amount_fen") + 100_000_000_00, minor=F("minor") + 100_000_000_00)),
    "in_place": ("projects.in_place", "", lambda: _first(Fund.objects.filter(state="verified", reverses=None, paid_on__year=2025, paid_on__lte=PAGE).order_by("id"), amount_fen=F("amount_fen") + 100_000_000_00)),
    "returnees": ("projects.returnees", "", lambda: _first(ReturneeClaim.objects.filter(state="verified").order_by("id"), state="rejected")),
    "returnee_share": ("projects.returnee_share_amount", "", lambda: _first(ReturneeClaim.objects.filter(state="verified").order_by("id"), state="rejected")),
    "trips": ("outreach.trips", "", lambda: _first(Trip.objects.filter(state="closed").order_by("id"), state="cancelled", from_day=dt.date(2025, 7, 7))),
    "provinces": ("outreach.provinces", "", lambda: _first(TripCity.objects.filter(trip__state="closed").order_by("id"), region="350200")),
    "called_on": ("outreach.called_on", "", lambda: _first(VisitLog.objects.filter(trip__isnull=False).order_by("id"), outcome="absent")),
    "invited": ("outreach.invited", "", lambda: _first(Invitation.objects.order_by("id"), invited_on=dt.date(2025, 6, 30))),
    "tax": ("tax.growth", "钟表", _taxed),
    "high_tech": ("enterprises.high_tech", "钟表", lambda: _first(Title.objects.filter(kind="high_tech_enterprise", enterprise__cluster="钟表", issued__lte=PAGE, valid_until__gte=PAGE).order_by("id"), withdrawn_on=PAGE)),
    "measures": ("indicators.measures", "", lambda: _first(Task.objects.filter(plan__kind="measures").order_by("id"), state="dropped", done_on=None, dropped_why="并入别的措施")),
    "place": ("indicators.place", "实际到位资金", lambda: _first(PeerValue.objects.filter(table__title="实际到位资金", county="样例县").order_by("id"), printed="43.01")),
    "base": ("clusters.national_base", "", lambda: _first(Capability.objects.filter(kind="honour", name__startswith="中国钟表产业基地"), name="绿色工厂")),
    "awards": ("indicators.honours", "award", lambda: _first(Honour.objects.filter(kind="award", state="verified").order_by("id"), state="void")),
    "ratings": ("indicators.honours", "rating", lambda: _first(Honour.objects.filter(kind="rating", state="verified").order_by("id"), withdrawn_on=dt.date(2025, 8, 1), ended_at=clocks.now())),
    "laboratory": ("clusters.laboratories", "", lambda: _first(Honour.objects.filter(state="verified", issued__lte=PAGE).order_by("id"), kind="accreditation", issuer="中国合格评定国家认可委员会")),
    "people_away": ("ties.people_away", "", lambda: _first(PeerValue.objects.filter(table__title="常年在外人数", county="衡阳县").order_by("id"), printed="43.9")),
    "pledged_output": ("projects.pledged_output", "in_place_doubling", lambda: _first(Obligation.objects.filter(measure="output").order_by("id"), target=F("target") + 100)),
    "pledged_tax": ("projects.pledged_tax", "in_place_doubling", lambda: _first(Obligation.objects.filter(measure="tax").order_by("id"), state="waived", decided_by=accounts.known("leader").pk, decision="不搬了")),
    "smart_watch": ("clusters.smart_watch_research", "", lambda: _first(Capability.objects.filter(kind="joint_rd", name="智能手表"), name="高频机械机芯")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_row_that_changes_changes_the_figure(demo, name):
    code, group, change = CHANGES[name]
    before = figure(demo, code, group)
    assert isinstance(before, Decimal)
    change()
    assert figure(judge(), code, group) != before


# ── the command ──────────────────────────────────────────────────────────────
def test_the_command_recomputes_them_and_says_so_with_its_exit(demo, capsys):
    assert cli.main(["indicators", "--article", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["as_of"] == PAGE.isoformat()
    assert {row["line"] for row in answer["figures"] if row["state"] == "match"} >= {3, 4, 5, 7, 13, 16, 17, 25, 26, 27, 30, 36, 37, 38, 39, 41, 42, 43, 44, 47, 48, 56}
    Enterprise.objects.filter(pk=Enterprise.objects.filter(cluster="陶瓷").order_by("id").values("pk")[:1]).update(cluster="钟表")
    assert cli.main(["indicators", "--article"]) == 1
    assert "17 陶瓷集群企业：17 家 | 16 家 | 不符" in capsys.readouterr().out
