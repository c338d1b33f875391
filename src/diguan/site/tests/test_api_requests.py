"""Data requests by a program: who sees which, lines, decline and withdraw by version, an enterprise's answers all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.kernel.api.versions import etag
from diguan.kernel.events import Event
from diguan.kernel.facts.models import Batch, DataRequest
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.site.tests.test_api_facts import program
from diguan.site.tests.test_requests import HERE, THERE, sent
from diguan.site.web.api_requests import version_of

__all__ = ["sent"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(sent: Any) -> Client:
    return program(sent)


def rows(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/requests?{query}")
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def version(number: int) -> str:
    return etag(version_of(DataRequest.objects.get(pk=number)))


def end(client: Client, number: int, deed: str, reason: str = "系统里没有", match: str = "", **headers: str) -> Any:
    headers |= {"If-Match": match or version(number)}
    return client.post(f"/api/requests/{number}/{deed}", {"reason": reason}, content_type="application/json", headers=headers)


def answer(client: Client, *told: tuple[str, str, str], uscc: str = HERE, **headers: str) -> Any:
    body = {"answers": [dict(zip(("fact", "period", "value"), each, strict=True)) for each in told]}
    return client.post(f"/api/enterprises/{uscc}/answers", body, content_type="application/json", headers=headers)


# ── reading ──────────────────────────────────────────────────────────────────
def test_requests_are_listed_newest_first_and_narrowed_as_on_the_page(officer: Client, sent: Any, settings: Any) -> None:
    assert [(row["addressee"], row["about_id"], row["uscc"], row["asked"], row["open"]) for row in rows(officer)] == [
        ("enterprise", "two", HERE, 2, 2), ("tax_bureau", "one", None, 4, 4)]
    first = officer.get("/api/requests?limit=1").json()
    assert [row["about_id"] for row in rows(officer, f"cursor={first['next']}")] == ["one"]
    for query, ids in (("addressee=tax_bureau", ["one"]), ("policy=two", ["two"]), ("q=衡阳乙", ["one"]), (f"q={HERE}", ["two", "one"]), ("state=answered", []), ("overdue=true", [])):
        assert [row["about_id"] for row in rows(officer, query)] == ids, query
    for wrong in ("state=asleep", "late=1", "overdue=perhaps"):
        assert officer.get(f"/api/requests?{wrong}").status_code == 422
    settings.DIGUAN_TODAY = "2026-11-10"  # the token of before is over by then
    assert [(row["about_id"], row["overdue"]) for row in rows(program(sent), "overdue=true")] == [("one", True)]


def test_one_request_says_how_its_day_came_about_which_sheet_brings_it_and_what_may_be_done(officer: Client) -> None:
    number = rows(officer)[1]["id"]
    found = officer.get(f"/api/requests/{number}")
    assert found.headers["ETag"] == version(number)
    told = found.json()
    assert (told["due"], told["derivation"]["start"], told["derivation"]["workdays"]) == ("2026-11-06", "2026-10-30", 5)
    assert sum(sheet["lines"] for sheet in told["sheets"]) == 4
    assert (told["may_withdraw"], told["may_answer"], told["to"]) == (True, False, "县税务局")
    assert program(person_factory("data_clerk")).get(f"/api/requests/{number}").json()["may_answer"] is True
    lines = officer.get(f"/api/requests/{number}/lines?limit=3").json()
    rest = officer.get(f"/api/requests/{number}/lines?cursor={lines['next']}").json()
    assert [(line["uscc"], line["period"], line["state"]) for line in (*lines["items"], *rest["items"])] == [
        (HERE, "2026-07", "open"), (HERE, "2026-08", "open"), (THERE, "2026-07", "open"), (THERE, "2026-08", "open")]
    own = officer.get(f"/api/requests/{rows(officer)[0]['id']}").json()
    assert (own["sheets"], own["to"]) == ([], "衡阳甲有限公司")


def test_an_office_a_firm_and_a_stranger_see_what_is_theirs(officer: Client) -> None:
    own, bureau = (row["id"] for row in rows(officer))
    agent, other = program(person_factory("enterprise_agent", uscc=HERE)), program(person_factory("enterprise_agent", uscc=THERE))
    office = program(person_factory("bureau_clerk", unit_factory(code="others")))
    assert [row["id"] for row in rows(agent)] == [own]
    assert rows(other) == rows(office) == []
    for client, hidden in ((agent, bureau), (other, own), (other, bureau), (office, bureau)):
        for path in (f"/api/requests/{hidden}", f"/api/requests/{hidden}/lines"):
            assert client.get(path).status_code == 404
        assert end(client, hidden, "decline").status_code == 404
        assert end(client, hidden, "withdraw").status_code == 404
    assert program(person_factory("administrator")).get("/api/requests").status_code == 403


def test_a_line_names_the_batch_that_told_it_to_who_may_see_that_batch(officer: Client) -> None:
    agent = program(person_factory("enterprise_agent", uscc=HERE))
    number = rows(officer)[0]["id"]
    answer(agent, ("jobs.headcount", "2026-08", "30"))
    batch = Batch.objects.get(source="enterprise").pk
    found = {who: [(line["fact"], line["state"], line["source"], line["batch"]) for line in client.get(f"/api/requests/{number}/lines").json()["items"]]
             for who, client in (("officer", officer), ("agent", agent))}
    assert found["officer"] == [("jobs.headcount", "answered", "enterprise", batch), ("rd.expense", "open", None, None)]
    assert found["agent"] == [("jobs.headcount", "answered", "enterprise", None), ("rd.expense", "open", None, None)]


# ── its end ──────────────────────────────────────────────────────────────────
def test_who_asked_withdraws_and_who_is_asked_declines_but_not_the_other_way(officer: Client) -> None:
    number = rows(officer)[1]["id"]
    clerk, leader = program(person_factory("data_clerk")), program(person_factory("leader"))
    before = Event.objects.count()
    assert end(officer, number, "decline").status_code == 403
    assert end(clerk, number, "withdraw").status_code == 403
    assert end(leader, number, "withdraw").status_code == 403
    assert Event.objects.count() == before
    assert end(clerk, number, "decline", reason="  ").json()["fields"].keys() == {"reason"}
    done = end(clerk, number, "decline")
    assert (done.status_code, done.json()["state"], done.json()["said"], done.json()["open"], done.headers["ETag"]) == (200, "declined", "系统里没有", 0, version(number))
    assert end(officer, number, "withdraw").json()["code"] == "not_open"


def test_nobody_but_its_own_people_declines_for_a_firm(officer: Client) -> None:
    number = rows(officer)[0]["id"]
    assert end(program(person_factory("data_clerk")), number, "decline").status_code == 403
    agent = program(person_factory("enterprise_agent", uscc=HERE))
    assert end(agent, number, "withdraw").status_code == 403
    assert end(agent, number, "decline").json()["state"] == "declined"


def test_who_may_not_decline_learns_nothing_of_the_version(officer: Client) -> None:
    number = rows(officer)[0]["id"]
    assert end(program(person_factory("data_clerk")), number, "decline", match='"open-9"').status_code == 403


def test_an_answer_that_came_since_makes_it_another_version(officer: Client) -> None:
    agent = program(person_factory("enterprise_agent", uscc=HERE))
    number = rows(officer)[0]["id"]
    read = version(number)
    assert answer(agent, ("jobs.headcount", "2026-08", "30")).status_code == 201
    late = end(officer, number, "withdraw", match=read)
    assert (late.status_code, late.headers["ETag"]) == (412, version(number))
    assert end(officer, number, "withdraw", match=late.headers["ETag"]).json()["state"] == "withdrawn"


# ── an enterprise answers ────────────────────────────────────────────────────
def test_a_firm_reads_what_it_is_asked_and_answers_it_and_the_request_closes(officer: Client) -> None:
    agent = program(person_factory("enterprise_agent", uscc=HERE))
    asked = agent.get(f"/api/enterprises/{HERE}/questions").json()
    assert [(one["fact"]["name"], one["period"], one["about_title"], one["why"], one["due"]) for one in asked] == [
        ("jobs.headcount", "2026-08", "第二份政策", "第三条", "2026-11-13"), ("rd.expense", "2026-08", "第二份政策", "第三条", "2026-11-13")]
    done = answer(agent, ("jobs.headcount", "2026-08", "30"), ("rd.expense", "2026-08", "12.5万元"), ("export.sales", "2026-07", "无"), **{"Idempotency-Key": "one"})
    assert (done.status_code, done.json()) == (201, {"told": 3, "open": 0})
    again = answer(agent, ("jobs.headcount", "2026-08", "30"), ("rd.expense", "2026-08", "12.5万元"), ("export.sales", "2026-07", "无"), **{"Idempotency-Key": "one"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Batch.objects.get(source="enterprise").facts == 3
    assert DataRequest.objects.get(addressee="enterprise").state == "answered"
    told = officer.get(f"/api/enterprises/{HERE}/facts/rd.expense").json()["points"][0]["told"][0]
    assert (told["source"], told["value_fen"]) == ("enterprise", 12_500_000)


@pytest.mark.parametrize(("told", "wrong"), [
    ([("jobs.headcount", "2026-08", "三十"), ("rd.expense", "2026-08", "12,34")], {"answers.0", "answers.1"}),
    ([("jobs.headcount", "2026-08", "30"), ("tax.paid", "2026-08", "3")], {"answers.1"}), ([("export.sales", "2026", "3")], {"answers.0"}),
    ([("export.sales", "昨天", "3")], {"answers.0"}), ([("nothing", "2026-08", "3")], {"answers.0"}), ([("enterprise.park", "all", "园区")], {"answers.0"}),
    ([("export.sales", "2026-12", "3")], {"answers.0"}), ([("jobs.headcount", "2026-08", "-3")], {"answers.0"}),
    ([("jobs.headcount", "2026-08", "30"), ("jobs.headcount", "2026-08", "31")], {"answers.1"}), ([], {"answers"}),
])
def test_every_wrong_answer_is_named_and_nothing_is_taken_until_all_are_right(officer: Client, told: Any, wrong: set[str]) -> None:
    agent = program(person_factory("enterprise_agent", uscc=HERE))
    found = answer(agent, *told, **{"Idempotency-Key": "one"})
    assert (found.status_code, set(found.json()["fields"])) == (422, wrong)
    assert not Batch.objects.filter(source="enterprise").exists()
    assert answer(agent, ("jobs.headcount", "2026-08", "30"), **{"Idempotency-Key": "one"}).status_code == 201  # a refusal uses no key up


def test_answers_that_say_nothing_are_none(officer: Client) -> None:
    agent = program(person_factory("enterprise_agent", uscc=HERE))
    assert answer(agent, ("jobs.headcount", "2026-08", " ")).json()["code"] == "nothing_told"
    assert not Batch.objects.filter(source="enterprise").exists()


def test_nobody_else_learns_what_a_firm_is_asked_or_answers_for_it(officer: Client) -> None:
    before = Event.objects.count()
    for role, status in (("policy_officer", 403), ("leader", 403), ("administrator", 403), ("data_clerk", 404), ("bureau_clerk", 404)):
        client = program(person_factory(role))
        before += 1  # its token
        assert client.get(f"/api/enterprises/{HERE}/questions").status_code == status, role
        assert answer(client, ("jobs.headcount", "2026-08", "30")).status_code == status, role
    other = program(person_factory("enterprise_agent", uscc=THERE))
    assert other.get(f"/api/enterprises/{HERE}/questions").status_code == 404
    assert answer(other, ("jobs.headcount", "2026-08", "30")).status_code == 404
    assert Event.objects.count() == before + 1
