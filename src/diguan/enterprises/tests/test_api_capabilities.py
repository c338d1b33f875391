"""The capability register through the API: what a program claims, proves, verifies and reads, and what it may not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.tests.factories import CLAIMS, COMMON, capability_factory, credit_code, enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access.tokens import actions as tokens
from diguan.kernel.access.tokens import queries as keys
from diguan.kernel.events import Event
from diguan.kernel.evidence import sniff
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
ONE, TWO = credit_code(1), credit_code(2)


def program(person: Any, **headers: str) -> Client:
    token = keys.make()
    tokens.issue_token(person=person, name="程序", last_day=clocks.today(), token=token, by=person)
    return Client(headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def clerk() -> Any:
    return person_factory("data_clerk")


@pytest.fixture
def officer() -> Any:
    return person_factory("policy_officer")


@pytest.fixture
def firm() -> Any:
    return enterprise_factory(ONE, "衡阳样例钟表有限公司", cluster="钟表", town="西渡镇")


def claim(client: Client, kind: str, uscc: str = ONE, **more: Any) -> Any:
    details = {name: value for name, value in CLAIMS[kind].items() if name != "name"}
    body = {"kind": kind, "name": CLAIMS[kind]["name"], **COMMON, "details": details, **more}
    return client.post(f"/api/enterprises/{uscc}/capabilities", body, content_type="application/json")


def send(client: Client, method: str, path: str, body: Any = None, match: str = '"1"') -> Any:
    return getattr(client, method)(f"/api{path}", body, content_type="application/json", headers={"If-Match": match})


def prove(client: Client, number: int, content: bytes, match: str = '"1"') -> Any:
    return client.post(f"/api/capabilities/{number}/proof", {"file": SimpleUploadedFile("../凭证.pdf", content)}, headers={"If-Match": match})


# ── claiming and reading back ────────────────────────────────────────────────
@pytest.mark.parametrize("kind", CLAIMS)
def test_what_is_read_of_a_claim_can_be_sent_back_and_changes_nothing(clerk: Any, firm: Any, kind: str) -> None:
    client = program(clerk)
    made = claim(client, kind)
    assert (made.status_code, made.headers["ETag"], made.headers["Location"]) == (201, '"1"', f"/api/capabilities/{made.json()['id']}")
    read = client.get(made.headers["Location"]).json()
    assert (read["kind"], read["state"], read["uscc"], read["entered_by"], read["proof"]) == (kind, "claimed", ONE, clerk.name, None)
    kept = Capability.objects.values("details", "name", "key", "document").get()
    sent = {name: read[name] for name in ("name", "issuer", "document", "issued", "valid_until", "details")}
    again = send(client, "patch", f"/capabilities/{read['id']}", sent)
    assert (again.status_code, again.headers["ETag"]) == (200, '"2"')
    assert Capability.objects.values("details", "name", "key", "document").get() == kept


def test_figures_come_as_they_are_shares_as_exact_text_and_choices_by_code(clerk: Any, firm: Any) -> None:
    client = program(clerk)
    assert claim(client, "share", details={**CLAIMS["share"], "share": "11.25"} | {"name": None}).status_code == 422  # a name is no detail
    told = {name: value for name, value in CLAIMS["share"].items() if name != "name"}
    assert claim(client, "share", details=told | {"share": "11.25"}).json()["details"] == {
        "share": "11.25", "market": "全球石英手表市场", "year": 2025, "statistics": "中国钟表协会", "basis": "quantity"}
    assert claim(client, "market", details={"countries": ["美国", "DE", "jp", "DE"]}).json()["details"] == {"countries": ["DE", "JP", "US"]}
    assert claim(client, "product").json()["details"]["daily_capacity"] == 30_000


@pytest.mark.parametrize(("kind", "details", "field"), [
    ("share", {"share": "11%"}, "market"), ("robot", {"count": 12.5}, "details"), ("robot", {"count": True}, "details"), ("robot", {"count": [1]}, "details"),
    ("robot", {"count": ["12"]}, "details"), ("robot", {"cuont": 12}, "cuont"), ("robot", {"count": 0}, "count"), ("market", {"countries": []}, "countries"),
    ("market", {"countries": ["", ""]}, "countries"), ("market", {"countries": ["火星"]}, "countries"), ("robot", {"count": 12, "issued": "2026-01-01"}, "details"),
    ("rocket", {}, "kind"), ("honour", {"level": "宇宙级"}, "level"),
])
def test_what_no_form_would_take_is_refused_at_its_field_and_nothing_is_written(clerk: Any, firm: Any, kind: str, details: Any, field: str) -> None:
    client = program(clerk)
    answer = client.post(f"/api/enterprises/{ONE}/capabilities", {"kind": kind, "name": "样例", **COMMON, "details": details}, content_type="application/json")
    assert answer.status_code == 422
    assert any(name.partition(".")[0] == field for name in answer.json()["fields"]), answer.json()
    assert not Capability.objects.exists()


def test_a_change_keeps_what_is_not_sent_drops_what_is_null_and_waits_again(clerk: Any, officer: Any, firm: Any) -> None:
    row = capability_factory(firm, clerk, "share", verified_by=officer)
    client = program(clerk)
    answer = send(client, "patch", f"/capabilities/{row.pk}", {"details": {"share": "12", "basis": None}, "valid_until": "2027-12-31"}, '"2"')
    found = answer.json()
    assert (found["details"]["share"], "basis" in found["details"], found["details"]["year"]) == ("12", False, 2025)
    assert (found["document"], found["valid_until"], found["state"], found["decided_by"]) == ("示例〔2026〕1号", "2027-12-31", "claimed", None)
    assert send(client, "patch", f"/capabilities/{row.pk}", {"valid_until": None}, '"3"').json()["valid_until"] is None
    assert send(client, "patch", f"/capabilities/{row.pk}", {"details": {"market": None}}, '"4"').status_code == 422


def test_the_same_claim_told_twice_is_refused(clerk: Any, firm: Any) -> None:
    client = program(clerk)
    assert claim(client, "robot").status_code == 201
    assert claim(client, "robot").json()["fields"].keys() == {"name"}


# ── lists ────────────────────────────────────────────────────────────────────
def test_the_county_list_takes_the_filters_of_the_page_and_is_walked_page_by_page(clerk: Any, officer: Any, firm: Any) -> None:
    other = enterprise_factory(TWO, "衡阳演示陶瓷厂", cluster="陶瓷", town="界牌镇")
    for kind in CLAIMS:
        capability_factory(firm, clerk, kind)
    over = capability_factory(other, clerk, "honour", verified_by=officer, valid_until=dt.date(2026, 10, 1))
    soon = capability_factory(other, clerk, "robot", verified_by=officer, valid_until=dt.date(2026, 12, 1))
    client = program(clerk)

    def found(query: str) -> list[int]:
        rows, cursor = [], ""
        while True:
            page = client.get(f"/api/capabilities?limit=3&cursor={cursor}&{query}").json()
            rows += [each["id"] for each in page["items"]]
            if page["next"] is None:
                return rows
            cursor = page["next"]

    assert found("") == sorted(Capability.objects.values_list("pk", flat=True), reverse=True)
    assert found("state=expired") == [over.pk]
    assert found("state=verified") == found("ending=true") == [soon.pk]
    assert found("cluster=陶瓷") == found("town=界牌镇") == [soon.pk, over.pk]
    assert len(found("kind=honour")) == 2
    assert [client.get(f"/api/capabilities/{number}").json()["kind"] for number in found("level=province")] == ["core_task"]
    assert len(found("category=钟表")) == 1
    assert len(found(f"q={TWO}")) == 2
    for wrong in ("kind=rocket", "state=asleep", "level=world", "sort=name", "ending=perhaps"):
        assert client.get(f"/api/capabilities?{wrong}").status_code == 422, wrong


def test_one_enterprises_claims_come_by_kind_and_page_by_page(clerk: Any, firm: Any) -> None:
    for kind in reversed(CLAIMS):
        capability_factory(firm, clerk, kind)
    client = program(clerk)
    first = client.get(f"/api/enterprises/{ONE}/capabilities?limit=4").json()
    rest = client.get(f"/api/enterprises/{ONE}/capabilities?cursor={first['next']}").json()
    assert [each["kind"] for each in (*first["items"], *rest["items"])] == list(kinds.KINDS)
    assert rest["next"] is None


# ── proof and decision ───────────────────────────────────────────────────────
def test_one_claims_and_proves_and_another_verifies(clerk: Any, officer: Any, firm: Any) -> None:
    mine, theirs = program(clerk), program(officer)
    number = claim(mine, "robot", document="").json()["id"]
    assert theirs.get(f"/api/capabilities/{number}/proof").status_code == 404
    assert send(theirs, "post", f"/capabilities/{number}/verify").json()["code"] == "no_proof"
    told = prove(mine, number, b"%PDF-1.7 proof").json()
    assert (told["proof"], told["version"], told["details"]) == ({"name": "凭证.pdf", "size": 14}, 2, {"count": 12})
    file = theirs.get(f"/api/capabilities/{number}/proof")
    assert (file.headers["Content-Type"], file.content) == ("application/pdf", b"%PDF-1.7 proof")
    assert "attachment" in file.headers["Content-Disposition"]
    answer = send(theirs, "post", f"/capabilities/{number}/verify", match='"2"')
    assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]) == (200, "verified", officer.name)
    assert send(theirs, "post", f"/capabilities/{number}/verify", match='"3"').json()["code"] == "not_waiting"
    over = send(mine, "post", f"/capabilities/{number}/withdraw", {"reason": "机器人卖了"}, '"3"').json()
    assert (over["state"], over["decision"]) == ("withdrawn", "机器人卖了")


def test_who_entered_a_claim_cannot_verify_nor_reject_it(officer: Any, firm: Any) -> None:
    client = program(officer)
    number = claim(client, "robot").json()["id"]
    for deed, body in (("verify", None), ("reject", {"reason": "不对"})):
        answer = send(client, "post", f"/capabilities/{number}/{deed}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "own_claim")
    assert Capability.objects.get().state == "claimed"


def test_a_rejection_needs_a_reason(clerk: Any, officer: Any, firm: Any) -> None:
    row, client = capability_factory(firm, clerk), program(officer)
    for body in ({}, {"reason": ""}, {"reason": " 　"}, {"reason": "字" * 201}):
        assert send(client, "post", f"/capabilities/{row.pk}/reject", body).status_code == 422
    assert send(client, "post", f"/capabilities/{row.pk}/reject", {"reason": "看不清"}).json()["decision"] == "看不清"


def test_a_file_that_is_no_proof_is_refused_and_changes_nothing(clerk: Any, firm: Any, monkeypatch: Any) -> None:
    row, client = capability_factory(firm, clerk), program(clerk)
    for content in (b"", b"<html>"):
        answer = prove(client, row.pk, content)
        assert (answer.status_code, answer.json()["fields"].keys() <= {"proof", "file"}) == (422, True)
    monkeypatch.setattr(sniff, "MOST_BYTES", 10)
    assert "10" in prove(client, row.pk, b"%PDF-1.7 too large").json()["fields"]["file"][0]
    row.refresh_from_db()
    assert (row.version, row.proof) == (1, None)


def test_somebody_who_comes_in_between_is_not_overwritten(clerk: Any, officer: Any, firm: Any, monkeypatch: Any) -> None:
    row, client = capability_factory(firm, clerk), program(clerk)
    late, deed = program(officer), actions.change_capability

    def first(**told: Any) -> Any:
        assert send(late, "post", f"/capabilities/{row.pk}/verify").status_code == 200
        return deed(**told)

    monkeypatch.setattr(actions, "change_capability", first)
    answer = send(client, "patch", f"/capabilities/{row.pk}", {"document": "新号"})
    assert (answer.status_code, answer.json()["code"]) == (412, "conflict")
    row.refresh_from_db()
    assert (row.state, row.document) == ("verified", COMMON["document"])


def test_of_several_versions_one_must_be_there_and_a_star_names_none(clerk: Any, firm: Any) -> None:
    row, client = capability_factory(firm, clerk), program(clerk)

    def change(match: str) -> int:
        return int(send(client, "patch", f"/capabilities/{row.pk}", {"document": match[:50]}, match).status_code)

    assert [change(match) for match in ("*", '*, "1"', '"1", *', '"1";', "1", '"1" "2"', ",")] == [428] * 7
    assert [change(match) for match in ('"7", "8"', '"*"', '"1,2"')] == [412] * 3
    assert change('"7", "1"') == 200  # RFC 9110, 13.1.1: a list matches if one of it does
    assert change('W/"2"') == 200
    assert change('"7" ,W/"3"') == 200


# ── who may not ──────────────────────────────────────────────────────────────
def test_an_agent_claims_for_their_own_firm_alone_and_verifies_nothing(clerk: Any, firm: Any) -> None:
    other = enterprise_factory(TWO, "衡阳演示陶瓷厂")
    mine, theirs = capability_factory(firm, clerk), capability_factory(other, clerk)
    client = program(person_factory("enterprise_agent", uscc=ONE))
    before = Event.objects.count()
    assert [each["id"] for each in client.get("/api/capabilities").json()["items"]] == [mine.pk]
    assert client.get(f"/api/enterprises/{TWO}/capabilities").status_code == 404
    assert claim(client, "robot", TWO).status_code == 404
    for deed, body in (("verify", None), ("reject", {"reason": "不对"})):
        assert send(client, "post", f"/capabilities/{mine.pk}/{deed}", body).status_code == 403
        assert send(client, "post", f"/capabilities/{theirs.pk}/{deed}", body).status_code == 404
    assert client.get(f"/api/capabilities/{theirs.pk}").status_code == 404
    assert client.get(f"/api/capabilities/{theirs.pk}/proof").status_code == 404
    assert prove(client, theirs.pk, b"%PDF-1.7").status_code == 404
    assert send(client, "patch", f"/capabilities/{theirs.pk}", {"name": "别人的"}).status_code == 404
    assert send(client, "post", f"/capabilities/{theirs.pk}/withdraw", {"reason": "不要了"}).status_code == 404
    assert Event.objects.count() == before
    assert claim(client, "robot").status_code == 201
    assert prove(client, mine.pk, b"%PDF-1.7 own").status_code == 200


@pytest.mark.parametrize("role", ["leader", "bureau_clerk", "administrator"])
def test_who_may_not_claim_writes_nothing(firm: Any, clerk: Any, role: str) -> None:
    row, client = capability_factory(firm, clerk), program(person_factory(role))
    before = Event.objects.count()
    assert claim(client, "robot").status_code == 403
    assert prove(client, row.pk, b"%PDF-1.7").status_code == 403
    assert send(client, "patch", f"/capabilities/{row.pk}", {"name": "别的"}).status_code == 403
    for deed in ("verify", "reject", "withdraw"):
        assert send(client, "post", f"/capabilities/{row.pk}/{deed}", {"reason": "不对"}).status_code == 403
    assert (Event.objects.count(), Capability.objects.count()) == (before, 1)
