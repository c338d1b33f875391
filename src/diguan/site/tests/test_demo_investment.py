"""The demo's ledger of 2025 gives the figures of the newspaper page from its rows, and a changed row changes the figure."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import clocks
from diguan.projects.models import Agreement, Fund, Project
from diguan.projects.queries import figures
from diguan.site.demo import accounts, county, investment

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
    assert Agreement.objects.filter(state="verified").count() == 39 + 3
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
