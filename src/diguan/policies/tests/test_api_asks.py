"""Asking for what is missing by a program: what would be asked of whom, sent all or nothing, and by whom alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.kernel.events import Event
from diguan.kernel.facts.models import DataRequest, RequestLine
from diguan.kernel.notices.models import Notice
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.actions import run_match
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT
from diguan.policies.tests.test_api import program
from diguan.policies.tests.test_requests import kilns, officer

__all__ = ["kilns", "officer"]
pytestmark = pytest.mark.django_db
THERE = f"/api/policies/{POLICY}"


@pytest.fixture
def client(kilns: Any, officer: Any) -> Client:
    """The rich one's gas is told, three firms' is not."""
    county.deliver((RICH, 900))
    run_match(by=officer)
    return program(officer)


def send(client: Client, *wanted: tuple[str, list[str]], headers: Any = None, **more: Any) -> Any:
    body = {"letters": [{"addressee": addressee, "usccs": usccs} for addressee, usccs in wanted], **more}
    return client.post(f"{THERE}/requests", body, content_type="application/json", headers=headers or {})


def test_what_would_be_asked_is_the_smallest_set_of_each_and_asks_nobody(client: Client) -> None:
    before = Event.objects.count()
    page = client.get(f"{THERE}/questions").json()
    assert (page["due"], page["workdays"], page["as_of"], page["next"]) == ("2026-11-06", 5, "2026-10-31", None)
    assert {one["uscc"] for one in page["items"]} == {PLAIN, SHORT, SILENT}
    for one in page["items"]:
        assert one["asks"] == [{"addressee": name, "fact": "kiln.gas", "period": "2026-10", "why": "第二条", "waiting": False} for name in ("kiln_office", "enterprise")]
    first = client.get(f"{THERE}/questions?limit=2").json()
    rest = client.get(f"{THERE}/questions?limit=2&cursor={first['next']}").json()
    assert [*first["items"], *rest["items"]] == page["items"]
    assert [one["uscc"] for one in client.get(f"{THERE}/questions?uscc={SILENT}").json()["items"]] == [SILENT]
    assert client.get(f"{THERE}/questions?town=没有这个镇").json()["items"] == []
    assert client.get(f"{THERE}/questions?twon=x").status_code == 422
    assert (Event.objects.count(), DataRequest.objects.count()) == (before, 0)


def test_a_new_match_makes_the_old_pages_others(client: Client, officer: Any) -> None:
    first = client.get(f"{THERE}/questions?limit=1").json()
    county.deliver((PLAIN, 20), period="2026-10")
    run_match(by=officer)
    assert client.get(f"{THERE}/questions?cursor={first['next']}").json()["code"] == "moved_on"


def test_one_request_goes_to_the_bureau_and_one_to_each_firm_that_is_told(client: Client) -> None:
    done = send(client, ("kiln_office", [SILENT, SHORT]), ("enterprise", [PLAIN, SHORT]), workdays=10)
    assert (done.status_code, len(done.json()["requests"]), done.json()["waiting"], done.json()["told"]) == (201, 3, 0, 0)
    assert sorted(DataRequest.objects.values_list("addressee", "subject_id")) == sorted([("kiln_office", ""), ("enterprise", PLAIN), ("enterprise", SHORT)])
    assert {row.derivation["workdays"] for row in DataRequest.objects.all()} == {10}
    assert set(Notice.objects.filter(kind="policies.asked").values_list("uscc", flat=True)) == {PLAIN, SHORT}
    found = {(ask["addressee"], one["uscc"]): ask["waiting"] for one in client.get(f"{THERE}/questions").json()["items"] for ask in one["asks"]}
    assert {key for key, waiting in found.items() if waiting} == {("kiln_office", SILENT), ("kiln_office", SHORT), ("enterprise", PLAIN), ("enterprise", SHORT)}
    assert client.get(f"/api/requests/{done.json()['requests'][0]}").status_code == 200


def test_asking_twice_asks_once_and_what_has_come_since_is_not_asked(client: Client) -> None:
    assert send(client, ("kiln_office", [SILENT]), headers={"Idempotency-Key": "one"}).status_code == 201
    assert send(client, ("kiln_office", [SILENT]), headers={"Idempotency-Key": "one"}).headers["Idempotency-Replayed"] == "true"
    assert send(client, ("kiln_office", [SILENT])).json() == {"requests": [], "waiting": 1, "told": 0}
    county.deliver((SHORT, 700), period="2026-10")
    assert send(client, ("kiln_office", [SHORT])).json() == {"requests": [], "waiting": 0, "told": 1}
    assert RequestLine.objects.count() == 1


@pytest.mark.parametrize(("wanted", "more", "field"), [
    ([("kiln_office", [RICH])], {}, "letters"), ([("kiln_office", [SILENT, RICH])], {}, "letters"), ([("tax_bureau", [SILENT])], {}, "letters"),
    ([("nobody", [SILENT])], {}, "letters"), ([("kiln_office", ["x"])], {}, "letters"), ([("kiln_office", [])], {}, "letters.0.usccs"), ([], {}, "letters"),
    ([("kiln_office", [SILENT]), ("kiln_office", [SHORT])], {}, "letters"), ([("kiln_office", [SILENT])], {"workdays": 0}, "workdays"),
    ([("kiln_office", [SILENT])], {"workdays": 61}, "workdays"), ([("kiln_office", [SILENT])], {"workdays": "5"}, "workdays"),
])
def test_what_cannot_be_asked_is_named_and_nothing_is_sent(client: Client, wanted: Any, more: Any, field: str) -> None:
    answer = send(client, *wanted, **more)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("role", ["leader", "data_clerk", "bureau_clerk", "administrator"])
def test_who_may_not_ask_is_refused(client: Client, role: str) -> None:
    other = program(person_factory(role))
    assert other.get(f"{THERE}/questions").status_code == 403
    assert send(other, ("kiln_office", [SILENT])).status_code == 403
    agent = program(person_factory("enterprise_agent", uscc=SILENT))
    assert agent.get(f"{THERE}/questions").status_code == 403
    assert send(agent, ("enterprise", [SILENT])).status_code == 403
    assert not DataRequest.objects.exists()


def test_a_policy_that_is_none_is_not_there(client: Client) -> None:
    assert client.get("/api/policies/none/questions").status_code == 404
    assert client.post("/api/policies/none/requests", {"letters": [{"addressee": "x", "usccs": ["y"]}]}, content_type="application/json").status_code == 404


def test_a_send_that_breaks_off_tells_nobody(client: Client, monkeypatch: Any) -> None:
    """The requests and the notices to the firms are one transaction, with a key and without."""
    def broken(**_told: Any) -> Any:
        raise RuntimeError("the power went")

    monkeypatch.setattr(actions.notices, "write", broken)
    for headers in ({}, {"Idempotency-Key": "one"}):
        assert send(client, ("enterprise", [PLAIN]), headers=headers).status_code == 500
    assert not DataRequest.objects.exists()
