"""Claims by a program: opened, passed on to the version that was read, answered; what is closed says what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from diguan.kernel.events import Event
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.tests.factories import person_factory
from diguan.policies.models import Claim
from diguan.policies.tests import claiming
from diguan.policies.tests.claiming import SINCE, go, opened, unobjected
from diguan.policies.tests.county import PLAIN, POLICY, RICH
from diguan.policies.tests.test_api import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    return claiming.begin(settings, tmp_path, monkeypatch)


def post(client: Any, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api{path}", body, content_type="application/json", headers={name.replace("_", "-"): words for name, words in headers.items()})


def tag(client: Any, number: int) -> str:
    return client.get(f"/api/claims/{number}").headers["ETag"]


def test_a_list_is_opened_once_whatever_is_sent_twice(who):
    run, client = claiming.allocated(who), program(who.officer)
    first = post(client, f"/policies/{POLICY}/claims", {"allocation": run.run_id}, Idempotency_Key="k")
    assert (first.status_code, len(first.json()["claims"]), first.json()["amount_fen"]) == (201, 3, 11_000_000)
    again = post(client, f"/policies/{POLICY}/claims", {"allocation": run.run_id}, Idempotency_Key="k")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert post(client, f"/policies/{POLICY}/claims", {"allocation": run.run_id}).json()["code"] == "nothing_to_open"
    assert post(client, f"/policies/{POLICY}/claims", {"allocation": "0" * 64}).status_code == 422
    assert (Claim.objects.count(), Event.objects.filter(verb="claims_opened").count()) == (3, 1)


def test_a_step_is_passed_to_the_version_that_was_read_and_an_old_one_is_refused(who):
    row = next(row for row in opened(who) if row.enterprise.uscc == RICH)
    client, own = program(who.second), program(who.officer)
    there = client.get(f"/api/claims/{row.pk}").json()
    assert [(way["to"], way["open"]) for way in there["ways"]] == [("confirmed", True), ("refused", False)]
    old = tag(client, row.pk)
    closed = post(own, f"/claims/{row.pk}/passages", {"to": "confirmed"}, If_Match=old)
    assert (closed.status_code, closed.json()["code"]) == (409, "gate_closed")
    assert post(client, f"/claims/{row.pk}/passages", {"to": "confirmed"}, If_Match=old).json()["stage"] == "confirmed"
    stale = post(client, f"/claims/{row.pk}/passages", {"to": "refused", "reason": "旧的"}, If_Match=old)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert post(client, f"/claims/{row.pk}/passages", {"to": "paid"}, If_Match=tag(client, row.pk)).status_code == 422


def test_a_firm_answers_and_only_its_own(who, settings):
    row = next(row for row in opened(who) if row.enterprise.uscc == RICH)
    unobjected(row, who, settings)
    mine, other = program(who.agent), program(person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE))
    there = mine.get(f"/api/claims/{row.pk}").json()
    assert there["asked"] == ["intent_confirmation", "bank_account"]
    body = {"intent": True, "account": "18012345678901", "bank": "县农商行"}
    assert post(mine, f"/claims/{row.pk}/answer", {**body, "intent": False}, If_Match=tag(mine, row.pk)).status_code == 422
    assert post(mine, f"/claims/{row.pk}/answer", {**body, "account": "12"}, If_Match=tag(mine, row.pk)).status_code == 422
    assert post(mine, f"/claims/{row.pk}/answer", body, If_Match=tag(mine, row.pk)).json()["asked"] == []
    assert Evidence.objects.filter(entered_by=who.agent).count() == 2
    assert "18012345678901" not in mine.get(f"/api/claims/{row.pk}").content.decode()
    assert other.get(f"/api/claims/{row.pk}").status_code == 404
    assert [line["uscc"] for line in other.get("/api/claims").json()["items"]] == [PLAIN]
    assert post(program(who.second), f"/claims/{row.pk}/passages", {"to": "intent_confirmed"}, If_Match=tag(program(who.second), row.pk)).json()["stage"] == "intent_confirmed"


def test_the_list_is_filtered_as_the_page(who):
    rows = opened(who)
    go(rows[0], "confirmed", who.second)
    client = program(who.officer)
    assert [line["number"] for line in client.get("/api/claims?stage=confirmed").json()["items"]] == [rows[0].pk]
    assert len(client.get(f"/api/claims?policy={POLICY}&limit=2").json()["items"]) == 2
    assert client.get("/api/claims?stge=x").status_code == 422
