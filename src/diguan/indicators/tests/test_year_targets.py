"""Year targets on the dispatch sheet: the bar, the gap in words, what time alone would have brought by the figure's own day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from diguan.indicators.queries import year_targets
from diguan.indicators.queries.year_targets import Goal
from diguan.indicators.tests.factories import firms, snapshot_factory, told
from diguan.indicators.tests.plan_factories import target_factory
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
TAX = Goal("tax.to_date", "", "", Decimal(1_000_000), "元", down=False, owner="税务局")
MONTHS = tuple(f"2026-{month:02}" for month in range(1, 10))


@pytest.fixture
def goals(monkeypatch: Any, settings: Any) -> Any:
    settings.DIGUAN_TODAY = "2026-09-30"

    def of(*found: Goal) -> None:
        monkeypatch.setattr(year_targets, "of_year", lambda person, year: list(found) if year == 2026 else [])

    return of


def taxed(fen: int) -> None:
    told("tax.paid", {row.uscc: dict.fromkeys(MONTHS, fen) for row in firms(4)}, whole=MONTHS)


def test_a_target_stands_beside_the_years_figure_with_its_gap_and_what_time_would_have_brought(client: Any, goals: Any) -> None:
    goals(TAX)
    taxed(2_000_000)
    snapshot_factory()
    leader = person_factory("leader")
    _run, (one,) = year_targets.standings(leader, dt.date(2026, 9, 28))
    assert (one.value, one.gap, one.partial) == (720_000, 280_000, False)
    assert one.expected == Decimal(1_000_000) * 273 / 365
    client.force_login(leader)
    seen = client.get(reverse("projects:dispatch")).content.decode()
    assert "还差 28 万元" in seen
    assert 'width="72.00%"' in seen
    assert 'aria-label="72 万元，年度目标 100 万元"' in seen
    assert reverse("indicators:rows", args=["tax.to_date"]) + "?period=2026-09" in seen


def test_a_target_that_is_reached_says_so(client: Any, goals: Any) -> None:
    goals(TAX)
    taxed(3_000_000)
    snapshot_factory()
    client.force_login(person_factory("leader"))
    assert "已达到" in client.get(reverse("projects:dispatch")).content.decode()


def test_what_is_held_by_a_day_has_no_mark_of_time_and_other_units_are_not_compared(goals: Any) -> None:
    goals(Goal("enterprises.registered", "", "", Decimal(150), "家", down=False, owner="园区"), Goal("enterprises.registered", "", "", Decimal(150), "元", down=False, owner="园区"), Goal("no.such", "", "", Decimal(1), "元", down=False, owner=""))
    firms(5)
    snapshot_factory()
    _run, found = year_targets.standings(person_factory("leader"), dt.date(2026, 9, 28))
    assert [(one.goal.unit, one.value, one.expected) for one in found] == [("家", 5, None)]


def test_days_and_percentages_are_not_brought_by_time(goals: Any) -> None:
    goals(Goal("tax.growth", "", "", Decimal(10), "%", down=False, owner="税务局"))
    rows = firms(4)
    both = tuple(f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 10))
    told("tax.paid", {row.uscc: dict.fromkeys(both, 100) for row in rows}, whole=both)
    snapshot_factory()
    _run, (one,) = year_targets.standings(person_factory("leader"), dt.date(2026, 9, 28))
    assert one.expected is None


def test_nothing_of_another_year_is_shown_and_no_snapshot_means_no_panel(client: Any, goals: Any) -> None:
    goals(TAX)
    client.force_login(person_factory("leader"))
    assert "年度目标" not in client.get(reverse("projects:dispatch")).content.decode()
    taxed(3_000_000)
    snapshot_factory()
    assert "年度目标" not in client.get(reverse("projects:dispatch"), {"week": "2025-09-15"}).content.decode()


def test_a_part_s_target_stands_under_its_own_name_and_says_of_what_it_is(client: Any, goals: Any) -> None:
    goals(Goal("enterprises.producing", "cluster", "钟表", Decimal(150), "户", down=False, owner="园区", title="钟表投产企业"))
    firms(5)
    snapshot_factory()
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("projects:dispatch")).content.decode()
    assert '>钟表投产企业</a><span class="dg-note">在产企业 · 钟表 · 园区</span>' in seen


def test_the_title_comes_with_the_target() -> None:
    row = target_factory(dim="cluster", group="钟表", title="钟表投产企业")
    assert [(goal.title, goal.group) for goal in year_targets.of_year(person_factory("leader"), row.year)] == [("钟表投产企业", "钟表")]
