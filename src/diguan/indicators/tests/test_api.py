"""Indicators over the API: the same figures as the pages, nothing of few firms, the rows behind, snapshots asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from diguan.indicators.queries import snapshots
from diguan.indicators.tests.factories import firms, snapshot_factory, told
from diguan.kernel.jobs import Job
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(settings: Any) -> Any:
    """Four firms of one cluster and two of another, taxed in two Augusts."""
    settings.DIGUAN_TODAY = "2025-09-30"
    rows = [*firms(4, "陶瓷"), *firms(2, "小家电"), *firms(3, "钟表")]
    for period, fen in (("2024-08", 1_000_000), ("2025-08", 1_500_000)):
        told("tax.paid", {row.uscc: {period: fen} for row in rows}, whole=(period,))
    return snapshot_factory()


def asked(client: Any, role: str, path: str) -> Any:
    client.force_login(person_factory(role))
    return client.get(f"/api{path}")


def test_figures_are_those_of_the_snapshot_with_the_day_and_the_name_of_it(client: Any, county: Any) -> None:
    found = asked(client, "leader", "/indicators/tax.paid/figures?since=2025-08&until=2025-08").json()
    assert (found["snapshot"], found["as_of"], found["unit"]) == (county.run_id, "2025-09-30", "元")
    (one,) = found["items"]
    assert (one["period"], one["value"], one["state"], one["told"]) == ("2025-08", "135000", "whole", 9)
    growth = client.get("/api/indicators/tax.growth/figures?since=2025-08&until=2025-08").json()["items"]
    assert [each["value"] for each in growth] == ["50"]


def test_parts_of_few_firms_are_null_with_the_reason_and_so_are_their_rows(client: Any, county: Any) -> None:
    found = asked(client, "leader", "/indicators/tax.paid/figures?by=cluster&since=2025-08&until=2025-08").json()["items"]
    by = {one["part"]: one for one in found}
    assert (by["小家电"]["value"], by["小家电"]["state"], by["小家电"]["told"]) == (None, "few", None)
    told_ = [one["part"] for one in found if one["value"] is not None]
    assert len(told_) == 1, "one more is kept back: else the difference tells"
    rows = client.get("/api/indicators/tax.paid/rows?period=2025-08&by=cluster&part=小家电").json()
    assert (rows["items"], rows["hidden"], rows["sides"]) == ([], 0, [])


def test_the_rows_behind_add_up_page_by_page(client: Any, county: Any) -> None:
    first = asked(client, "leader", "/indicators/tax.growth/rows?period=2025-08&limit=5").json()
    assert first["sides"] == ["tax.growth 2025-08", "tax.growth 2024-08"]
    second = client.get(f"/api/indicators/tax.growth/rows?period=2025-08&limit=5&cursor={first['next']}").json()
    assert second["next"] is None
    assert first["unit"] == "元"
    assert sum(row["num_fen"] for row in first["items"] + second["items"]) == 9 * 1_500_000
    assert client.get("/api/indicators/tax.growth/rows?period=2025-08&side=3").status_code == 422


def test_definitions_come_with_every_version(client: Any, county: Any) -> None:
    one = asked(client, "leader", "/indicators/tax.growth").json()
    assert (one["code"], one["unit"], one["change"], one["versions"][-1]["version"]) == ("tax.growth", "%", "yoy", one["version"])
    assert [each["code"] for each in client.get("/api/indicators?q=tax.gr").json()["items"]] == ["tax.growth"]
    assert client.get("/api/indicators/no.such").status_code == 404


def test_a_breakdown_there_is_not_and_a_snapshot_there_is_not_are_refused(client: Any, county: Any) -> None:
    assert asked(client, "leader", "/indicators/tax.paid/figures?by=colour").json()["fields"] == {"by": ["这个指标没有按 colour 分"]}
    assert client.get("/api/indicators/tax.paid/figures?snapshot=0").status_code == 404
    assert client.get("/api/indicators/tax.paid/figures?since=2026-13").status_code == 422
    cursor = client.get("/api/indicators/tax.paid/figures?limit=1").json()["next"]
    assert client.get(f"/api/indicators/tax.to_date/figures?limit=1&cursor={cursor}").status_code == 409


def test_who_may_see_no_indicators_is_told_nothing(client: Any, county: Any) -> None:
    for path in ("/indicators", "/indicators/tax.paid/figures", "/indicators/tax.paid/rows", "/snapshots", "/snapshots/current"):
        assert asked(client, "enterprise_agent", path).status_code == 403, path


def test_a_snapshot_of_a_past_day_is_asked_for_and_one_of_a_day_to_come_is_not(client: Any, county: Any) -> None:
    client.force_login(person_factory("data_clerk"))
    assert client.post("/api/snapshots", {"as_of": "2025-08-31"}, content_type="application/json").status_code == 202
    assert Job.objects.get(name="indicators.take_snapshot").kwargs == {"as_of": "2025-08-31"}
    for day in ("2025-10-01", "1999-12-31"):
        answer = client.post("/api/snapshots", {"as_of": day}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_day"), day
    assert snapshots.current() is not None
    assert snapshots.current().as_of == dt.date(2025, 9, 30)
