"""Policies, matches and entitlements through the API, with a policy no developer foresaw."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks, jobs
from diguan.kernel.access.tokens import actions as tokens
from diguan.kernel.access.tokens import queries as keys
from diguan.kernel.facts.runs import Run
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.tests import county
from diguan.policies.tests.county import ELSEWHERE, PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kilns(settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 99.5))


def program(person: Any, **headers: str) -> Client:
    token = keys.make()
    tokens.issue_token(person=person, name="程序", last_day=clocks.today(), token=token, by=person)
    return Client(headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def officer() -> Any:
    return person_factory("policy_officer")


@pytest.fixture
def client(officer: Any) -> Client:
    actions.run_match(by=officer)
    return program(officer)


def rows(client: Client, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/policies/{POLICY}/rows/{group}").json()["items"]
    return found


def test_a_policy_is_listed_with_its_totals_and_read_with_its_clauses(client: Client) -> None:
    (line,) = [each for each in client.get("/api/policies?limit=200").json()["items"] if each["id"] == POLICY]
    totals = line["totals"]
    assert (totals["eligible"], totals["near_miss"], totals["unknown"], totals["amount_fen"]) == (2, 1, 1, 6_000_000)
    assert totals["high_fen"] is None  # nobody told the silent one's gas: its amount cannot be worked out
    assert (line["budget_fen"], line["run"], line["changed"]) == (4_000_000, Run.objects.get().run_id, False)
    whole = client.get(f"/api/policies/{POLICY}").json()
    assert [(clause["id"], clause["cite"]["article"], clause["facts"]) for clause in whole["clauses"]] == [
        ("here", "第一条", ["enterprise.registered_region"]), ("burns", "第二条", ["kiln.gas"])]
    assert (whole["asks"], whole["in_force_to"]) == ({"kiln.gas": 1}, "2027-12-31")
    assert "最近一个月天然气用量不少于100立方米" in whole["text"]
    assert client.get("/api/policies/no-such").status_code == 404


def test_the_lists_of_a_policy_tell_amount_gap_and_what_to_ask(client: Client) -> None:
    assert sorted((row["uscc"], row["amount_fen"]) for row in rows(client, "entitled")) == [(RICH, 5_000_000), (PLAIN, 1_000_000)]
    (near,) = rows(client, "near")
    assert (near["uscc"], near["clause"], near["gap"], near["unit"], near["amount_fen"]) == (SHORT, "burns", 0.5, "立方米", 1_000_000)
    (open_,) = rows(client, "unknown")
    assert (open_["uscc"], open_["ask"], open_["amount_fen"]) == (SILENT, ["kiln.gas"], None)
    assert client.get(f"/api/policies/{POLICY}/rows/out-1").status_code == 422


def test_pages_of_two_matches_are_never_mixed(client: Client, officer: Any) -> None:
    path = f"/api/policies/{POLICY}/rows/entitled?limit=1"
    first = client.get(path).json()
    second = client.get(f"{path}&cursor={first['next']}").json()
    assert {each["uscc"] for each in (*first["items"], *second["items"])} == {RICH, PLAIN}
    assert second["next"] is None
    county.deliver((RICH, 700), (PLAIN, 100), (SHORT, 120), period="2026-10")
    actions.run_match(by=officer)
    moved = client.get(f"{path}&cursor={first['next']}")
    assert (moved.status_code, moved.json()["code"]) == (409, "moved_on")


def test_explain_has_the_keys_of_the_command_line(client: Client) -> None:
    found = client.get(f"/api/enterprises/{SHORT}/entitlements/{POLICY}").json()
    assert set(found) >= {"status", "amount_fen", "clauses", "ask"}
    assert found["status"] == "ineligible"
    here, burns = found["clauses"]
    assert set(here) == {"id", "verdict", "observed", "threshold", "gap", "unit", "cite", "source"}
    assert (burns["verdict"], burns["observed"], burns["threshold"], burns["gap"], burns["unit"]) == ("false", 99.5, 100, 0.5, "立方米")


def test_entitlements_of_one_and_of_one_the_match_has_not_heard_of(client: Client) -> None:
    found = client.get(f"/api/enterprises/{RICH}/entitlements").json()
    (item,) = [each for each in found["items"] if each["policy"] == POLICY]
    assert (found["known"], item["group"], item["amount_fen"]) == (True, "entitled", 5_000_000)
    (out,) = [each for each in client.get(f"/api/enterprises/{ELSEWHERE}/entitlements").json()["items"] if each["policy"] == POLICY]
    assert (out["group"], out["amount_fen"]) == ("not", None)
    fresh = enterprise_factory()
    assert client.get(f"/api/enterprises/{fresh.uscc}/entitlements").json()["known"] is False
    waits = client.get(f"/api/enterprises/{fresh.uscc}/entitlements/{POLICY}")
    assert (waits.status_code, waits.json()["code"]) == (409, "not_judged")


def test_what_moved_between_two_matches_and_what_moved_it(client: Client, officer: Any) -> None:
    old = Run.objects.get().run_id
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 100), period="2026-10")
    new = actions.run_match(by=officer).run_id
    found = client.get(f"/api/runs/{new}/since/{old}").json()["items"]
    (line,) = [each for each in found if each["policy"] == POLICY]
    assert (line["uscc"], line["was"], line["now"]) == (SHORT, "not", "entitled")
    (change,) = line["changes"]
    assert (change["fact"], change["period"], change["kind"], change["decisive"]) == ("kiln.gas", "2026-10", "new", True)
    assert (change["before"]["state"], change["after"]["value"]) == ("unknown", "100")
    lately = client.get(f"/api/enterprises/{SHORT}/changes").json()
    assert (lately["old"], [each["policy"] for each in lately["items"]]) == (old, [POLICY])
    assert client.get(f"/api/enterprises/{RICH}/changes").json() == {"old": old, "items": []}


def test_runs_are_listed_and_one_names_all_it_was_computed_from(client: Client) -> None:
    run = Run.objects.get()
    (line,) = client.get("/api/runs").json()["items"]
    assert (line["run_id"], line["current"], line["as_of"]) == (run.run_id, True, "2026-10-31")
    whole = client.get("/api/runs/current").json()
    assert whole["run_id"] == run.run_id
    assert POLICY in whole["policies"]
    assert len(whole["batches"]) == 2
    assert [each["eligible"] for each in whole["totals"] if each["id"] == POLICY] == [2]
    assert client.get("/api/runs/no-such").status_code == 404
    admin = program(person_factory("administrator")).get("/api/runs/current").json()
    assert admin["totals"] == []  # who keeps the accounts sees that a match ran, not what it found


def test_without_a_match_there_is_nothing_to_tell(officer: Any) -> None:
    client = program(officer)
    assert client.get("/api/runs/current").status_code == 404
    assert client.get(f"/api/policies/{POLICY}/rows/entitled").json() == {"run": None, "as_of": None, "items": [], "next": None}
    assert client.get(f"/api/enterprises/{RICH}/entitlements").json()["known"] is False


def test_a_match_is_asked_for_and_computed_in_the_background(officer: Any) -> None:
    client = program(officer)
    asked = client.post("/api/runs")
    assert asked.status_code == 202
    number = asked.json()["job"]
    assert client.post("/api/runs").json()["job"] == number
    jobs.run_pending()
    assert Run.objects.count() == 1
    for who in ("leader", "administrator"):
        assert program(person_factory(who)).post("/api/runs").status_code == 403


def test_an_agent_is_told_of_their_firm_and_of_nothing_else(client: Client) -> None:
    agent = program(person_factory("enterprise_agent", uscc=RICH))
    assert agent.get(f"/api/enterprises/{RICH}/entitlements").status_code == 200
    assert agent.get(f"/api/enterprises/{RICH}/entitlements/{POLICY}").json()["amount_fen"] == 5_000_000
    assert agent.get(f"/api/enterprises/{PLAIN}/entitlements").status_code == 404
    assert agent.get(f"/api/enterprises/{PLAIN}/entitlements/{POLICY}").status_code == 404
    assert agent.get(f"/api/enterprises/{PLAIN}/changes").status_code == 404
    assert agent.get(f"/api/policies/{POLICY}/rows/entitled").status_code == 403


def test_what_may_not_be_published_yet_is_for_officials_alone(client: Client, settings: Any, tmp_path: Any, officer: Any) -> None:
    folder = tmp_path / "pack"
    path = folder / f"policies/{POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace("legal_basis: 县级财政预算支出（演示）\n", ""), "utf-8")
    actions.run_match(by=officer)
    agent = program(person_factory("enterprise_agent", uscc=RICH))
    assert agent.get(f"/api/enterprises/{RICH}/entitlements/{POLICY}").status_code == 404
    assert POLICY not in agent.get(f"/api/enterprises/{RICH}/entitlements").content.decode()
    assert client.get(f"/api/enterprises/{RICH}/entitlements/{POLICY}").status_code == 200
