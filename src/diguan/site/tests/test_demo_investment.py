"""The demo's ledger of 2025 gives the figures of the newspaper page from its rows, and a changed row changes the figure."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.db.models import F

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.events import Event
from diguan.kernel.stages.models import Passage
from diguan.projects.models import Agreement, Fund, Handover, JointReview, Project
from diguan.projects.queries import dispatch, figures, fulfilment, leads
from diguan.projects.queries.projects import visible_projects
from diguan.site.demo import accounts, county, investment, pipeline, this_year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_day")]
YEAR, DAY = dt.date(2025, 1, 1), dt.date(2025, 9, 30)


@pytest.fixture
def demo_day(settings):
    settings.DIGUAN_TODAY = "2026-10-31"


@pytest.fixture
def ledger():
    accounts.found([])
    investment.prepare(county.parameters())
    return accounts.known("leader")


def of(person, rule: str = "signed") -> figures.Sample:
    return figures.sample(person, rule, YEAR, DAY, DAY)


def test_the_ledger_gives_the_figures_of_the_page(ledger) -> None:
    assert clocks.today() == dt.date(2026, 10, 31)
    signed = of(ledger)
    assert len(signed.members) == 39
    assert sum(signed.of_period.values()) == 1_200_000_000_000
    assert sum(signed.arrived.values()) == 429_300_000_000
    assert len(signed.returnees) == 23
    home = sum(fen for project, fen in signed.of_period.items() if project in signed.returnees)
    assert 0.6 < home / sum(signed.of_period.values()) < 0.65
    assert len(signed.returnees) / len(signed.members) < 0.6, "by number the page's “more than 60 per cent” would be wrong"
    assert len(set(Project.objects.filter(pk__in=signed.members).values_list("region", flat=True))) == 3


def test_what_was_entered_beside_counts_for_nothing(ledger) -> None:
    assert Agreement.objects.filter(state="verified").count() == 39 + 4
    assert Fund.objects.filter(state="entered").exists()
    assert Fund.objects.filter(reverses__isnull=False).exists()
    assert sum(of(ledger).arrived.values()) < sum(figures.sample(ledger, "signed", YEAR, DAY, dt.date(2026, 10, 31)).arrived.values())


def test_a_voided_contract_changes_the_figure(ledger) -> None:
    from diguan.projects.actions import agreements

    row = Agreement.objects.filter(kind="contract", state="verified").exclude(number__contains="重签").order_by("id")[5]
    agreements.void_agreement(agreement=row, version=row.version, reason="投资方放弃", by=accounts.known("invest2"))
    signed = of(ledger)
    assert len(signed.members) == 38
    assert sum(signed.of_period.values()) == 1_200_000_000_000 - row.amount_fen


FEW = {aim: 2 if aim in (pipeline.PRODUCTION, pipeline.CONTRACT) else 1 for aim in pipeline.AIMS}


@pytest.fixture
def on_the_way(ledger):
    for cluster in {row.cluster for row in Project.objects.all()}:
        for _turn in range(8):
            enterprise_factory(cluster=cluster, production_status="在产", established=dt.date(2024, 6, 3))
    pipeline.prepare(FEW)
    return ledger


def test_projects_leads_and_targets_stand_where_a_county_would_have_them(on_the_way) -> None:
    whole = pipeline.aimed(list(Project.objects.filter(kind="new", opened_on__year__lte=2025).order_by("id")), pipeline.AIMS)
    assert Counter(whole.values()) == Counter(pipeline.AIMS), "every project has its place"
    rows = visible_projects(on_the_way).filter(kind="new", opened_on__year__lte=2025)
    assert Counter(rows.values_list("stage", flat=True)) == Counter(FEW) | {"triage": 39 - sum(FEW.values())}
    assert Counter(rows.values_list("status", flat=True)) == {"active": 37, "delayed": 1, "dormant": 1}
    talked = visible_projects(on_the_way).filter(opened_on__year=2026)
    assert Counter(talked.values_list("stage", flat=True)) == {"negotiating": 2, "site_visit": 1, "framework": 1}
    assert not Agreement.objects.filter(project__in=[row.pk for row in talked]).exclude(kind="framework").exists(), "who is still talked about has signed nothing that counts"
    assert not Agreement.objects.filter(kind="contract", project__in=[row.pk for row in visible_projects(on_the_way).filter(stage__in=("negotiating", "site_visit", "framework"))]).exists()
    assert JointReview.objects.filter(project__in=[row.pk for row in talked], course__ended_at__isnull=True).count() == 1
    assert not Project.objects.filter(enterprise__established__gt=F("opened_on") + pipeline.FOUNDED).exists(), "no firm is younger than its registration"
    assert not rows.filter(node__in=pipeline.NOT_MADE, enterprise__isnull=False).exists(), "nobody makes them here"
    assert (len(of(on_the_way).members), sum(of(on_the_way).arrived.values())) == (39, 429_300_000_000)
    assert fulfilment.late(fulfilment.visible_obligations(on_the_way)).count() == 1
    mine = leads.visible_leads(on_the_way)
    assert [each.count() for each in (mine, leads.late(mine), leads.stale(mine), leads.open_leads(mine).filter(holder__isnull=True))] == [10, 1, 1, 1]
    assert Handover.objects.filter(state="offered").count() == 1
    sheet = dispatch.sheet(on_the_way, clocks.today())
    assert min(len(part.items) for part in (sheet.decide, sheet.stuck, sheet.moved, sheet.coming)) >= 2
    before = Passage.objects.count(), Event.objects.count()
    pipeline.prepare(FEW)
    assert (Passage.objects.count(), Event.objects.count()) == before, "a second start does nothing twice"


def test_without_a_firm_in_the_register_no_project_gets_past_its_contract(ledger) -> None:
    pipeline.prepare({pipeline.SITED: 1})
    assert set(visible_projects(ledger).filter(opened_on__year__lte=2025).values_list("stage", flat=True)) == {"triage", "contract"}


def test_the_year_that_runs_stands_beside_and_changes_nothing_of_the_one_before(ledger) -> None:
    for cluster in {row.cluster for row in Project.objects.all()}:
        for _turn in range(8):
            enterprise_factory(cluster=cluster, production_status="在产", established=dt.date(2024, 6, 3))
    before = of(ledger)
    assert this_year.prepare(county.parameters()) == 36
    found = figures.sample(ledger, "signed", dt.date(2026, 1, 1), dt.date(2026, 10, 31), dt.date(2026, 10, 31))
    assert (len(found.members), sum(found.of_period.values()), len(found.returnees)) == (36, 1_260_000_000_000, 21)
    assert sum(found.arrived.values()) == 456_000_000_000
    assert of(ledger) == before
    rows = visible_projects(ledger).filter(pk__in=found.members)
    assert {row.opened_on.year for row in rows} == {2026}
    assert Counter(rows.values_list("stage", flat=True)) == {**this_year.AIMS, "contract": 36 - sum(this_year.AIMS.values())}
    assert rows.filter(enterprise__isnull=False).values("enterprise").distinct().count() == sum(this_year.AIMS.values()), "no firm carries two projects"
    counted = Passage.objects.count(), Event.objects.count()
    assert this_year.prepare(county.parameters()) == 36
    assert (Passage.objects.count(), Event.objects.count()) == counted, "a second start does nothing twice"
