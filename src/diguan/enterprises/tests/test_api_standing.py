"""The dated standards through the API: their versions, one enterprise on one day or two, and why two days differ."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.enterprises.tests.test_api import program
from diguan.enterprises.tests.test_standing import ONE, TWO, books, clerk, one, statements
from diguan.kernel.tests.factories import person_factory

__all__ = ["clerk", "one"]
pytestmark = pytest.mark.django_db
SIZE, SME = "enterprise.size_class", "enterprise.meets_sred_sme"


@pytest.fixture
def client(one: Any, clerk: Any) -> Client:
    return program(clerk)


def standing(client: Client, fact: str, query: str = "", uscc: str = ONE) -> dict[str, Any]:
    answer = client.get(f"/api/enterprises/{uscc}/standards{query}")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = next(each for each in answer.json() if each["fact"] == fact)
    return found


def test_the_standards_are_listed_with_every_version_its_days_and_whether_it_was_confirmed(client: Client) -> None:
    found = {each["fact"]: each for each in client.get("/api/standards").json()}
    assert {SIZE, SME} <= found.keys()
    old, new = found[SME]["versions"]
    assert (old["in_force_to"], new["in_force_from"], old["in_force"], new["in_force"]) == ("2026-03-31", "2026-04-01", False, True)
    assert {version["confirmed"] for version in found[SME]["versions"]} == {False}
    clause = found[SIZE]["versions"][-1]["groups"][0]["classes"][0]["clauses"][0]
    assert clause["says"]
    assert clause["reading"]


def test_one_day_stands_alone_and_tells_no_difference(client: Client, clerk: Any) -> None:
    statements(clerk, "2025", 2600, 320)
    found = standing(client, SIZE)
    (day,) = found["days"]
    assert (day["day"], day["state"], day["value"]) == ("2026-10-31", "value", "中型")
    assert (found["differs"], found["why"]) == (False, [])
    assert {clause["verdict"] for one in day["classes"] for clause in one["clauses"]} == {"true", "false"}


def test_another_figure_is_the_reason_where_a_figure_is(client: Client, clerk: Any) -> None:
    statements(clerk, "2024", 900, 60)
    statements(clerk, "2025", 2600, 320)
    found = standing(client, SIZE, "?against=2025-10-31")
    assert [(day["day"], day["value"]) for day in found["days"]] == [("2025-10-31", "小型"), ("2026-10-31", "中型")]
    assert found["differs"] is True
    assert {why["by"] for why in found["why"]} == {"figure"}
    assert any("60 人" in why["says"] and "320 人" in why["says"] for why in found["why"])


def test_another_limit_is_the_reason_where_the_standard_changed(client: Client, clerk: Any) -> None:
    statements(clerk, "2025", 1200, 60)
    books(clerk, 2024, 2025)
    found = standing(client, SME, "?on=2026-03-31&against=2026-04-01")  # whichever way round they are asked for
    assert [(day["day"], day["value"], day["version"]["confirmed"]) for day in found["days"]] == [("2026-03-31", True, False), ("2026-04-01", False, False)]
    assert {why["by"] for why in found["why"]} == {"standard"}
    assert any(why["says"].startswith("标准改了：原为“上年度营业收入总额在1000万元以上”") for why in found["why"])


def test_nothing_told_is_unknown_and_not_the_lowest_class(client: Client) -> None:
    (day,) = standing(client, SIZE)["days"]
    assert (day["state"], day["value"]) == ("unknown", None)
    (day,) = standing(client, SME, "?on=1995-01-01")["days"]
    assert (day["version"], day["state"], day["classes"]) == (None, "unknown", [])


@pytest.mark.parametrize("query", ["?on=0001-01-01", "?on=9999-12-31", "?on=2026-02-30", "?against=2101-01-01", "?on=2026-10-31&against=x"])
def test_a_day_that_is_none_or_out_of_all_bounds_is_refused_at_its_field(client: Client, query: str) -> None:
    answer = client.get(f"/api/enterprises/{ONE}/standards{query}")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) & {"on", "against"}


def test_who_may_not_see_facts_or_the_firm_is_told_nothing(client: Client) -> None:
    enterprise_factory(TWO, "衡阳演示陶瓷厂")
    agent = program(person_factory("enterprise_agent", uscc=ONE))
    assert agent.get(f"/api/enterprises/{ONE}/standards").status_code == 200
    assert agent.get(f"/api/enterprises/{TWO}/standards").status_code == 404
    for role in ("administrator", "bureau_clerk"):
        stranger = program(person_factory(role))
        assert stranger.get("/api/standards").status_code == 403
        assert stranger.get(f"/api/enterprises/{ONE}/standards").status_code == 403
