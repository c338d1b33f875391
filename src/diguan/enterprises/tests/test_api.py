"""The register through the API: what a program reads and changes, and what it may not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import contact_factory, credit_code, enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.events import Event
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


def program(person: Any, **headers: str) -> Client:
    token = queries.make()
    actions.issue_token(person=person, name="程序", last_day=clocks.today(), token=token, by=person)
    return Client(headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def clerk() -> Client:
    return program(person_factory("data_clerk"))


def walked(client: Client, path: str) -> list[Any]:
    """Every row of a list, page by page."""
    found, cursor = [], ""
    while True:
        page = client.get(f"{path}{'&' if '?' in path else '?'}limit=3&cursor={cursor}").json()
        found += page["items"]
        assert len(page["items"]) <= 3
        if page["next"] is None:
            return found
        cursor = page["next"]


# ── reading ──────────────────────────────────────────────────────────────────
def test_a_list_is_walked_page_by_page_each_row_once_in_the_order_of_the_page(clerk: Client) -> None:
    for number in range(1, 12):
        enterprise_factory(credit_code(number), f"衡阳{'甲乙丙丁'[number % 4]}有限公司")  # names that repeat
    found = [each["uscc"] for each in walked(clerk, "/api/enterprises")]
    assert found == list(Enterprise.objects.order_by("name_key", "id").values_list("uscc", flat=True))
    assert len(set(found)) == 11


def test_rows_that_come_and_go_between_two_pages_shift_nothing(clerk: Client) -> None:
    names = ["乙", "丁", "己", "辛"]
    rows = sorted((enterprise_factory(name=f"衡阳{name}有限公司") for name in names), key=lambda row: row.name_key)
    first = clerk.get("/api/enterprises?limit=2").json()
    enterprise_factory(name="0 最前有限公司")
    Enterprise.objects.filter(pk=rows[0].pk).delete()
    second = clerk.get(f"/api/enterprises?limit=2&cursor={first['next']}").json()
    assert [each["uscc"] for each in (*first["items"], *second["items"])] == [row.uscc for row in rows]
    assert second["next"] is None


def test_the_filters_of_the_page_narrow_and_go_together_with_pages(clerk: Client) -> None:
    for number in range(1, 9):
        enterprise_factory(credit_code(number), f"衡阳演示{number}有限公司", town="西渡镇" if number % 2 else "界牌镇", industry="3092", production_status="在产")
    assert len(walked(clerk, "/api/enterprises?town=西渡镇")) == 4
    assert len(walked(clerk, "/api/enterprises?town=西渡镇&section=C&production_status=在产")) == 4
    assert walked(clerk, "/api/enterprises?section=A") == []
    assert walked(clerk, "/api/enterprises?town=没有这个镇") == []
    assert len(walked(clerk, "/api/enterprises?q=演示")) == 8
    assert [each["uscc"] for each in walked(clerk, f"/api/enterprises?q={credit_code(3)}")] == [credit_code(3)]


@pytest.mark.parametrize(("query", "field"), [("twon=西渡镇", "query"), ("section=Z", "section"), ("production_status=睡着", "production_status"),
                                              ("limit=0", "limit"), ("limit=201", "limit"), ("cursor=bm90aGluZw", "cursor"), ("cursor=WyIiLDEsMl0", "cursor")])
def test_a_filter_that_is_none_is_refused_and_not_passed_by(clerk: Client, query: str, field: str) -> None:
    answer = clerk.get(f"/api/enterprises?{query}")
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


def test_unknown_is_null_and_none_is_its_word(clerk: Client) -> None:
    row = enterprise_factory(town="", park="无", registered_capital_fen=0)
    found = clerk.get(f"/api/enterprises/{row.uscc}").json()
    assert (found["town"], found["park"], found["registered_capital_fen"], found["established"]) == (None, "无", 0, None)


def test_a_phone_number_is_masked_and_contacts_are_for_who_may_see_them(clerk: Client) -> None:
    row = enterprise_factory()
    contact_factory(row, phone="13812345678")
    (contact,) = clerk.get(f"/api/enterprises/{row.uscc}").json()["contacts"]
    assert contact["phone_masked"] == "138****5678"
    assert "13812345678" not in clerk.get(f"/api/enterprises/{row.uscc}").content.decode()


# ── changing ─────────────────────────────────────────────────────────────────
def test_a_program_changes_what_it_read_and_only_what_it_tells(clerk: Client) -> None:
    row = enterprise_factory(name="衡阳老钟表厂", town="西渡镇", cluster="钟表", registered_capital_fen=5)
    etag = clerk.get(f"/api/enterprises/{row.uscc}").headers["ETag"]
    answer = clerk.patch(f"/api/enterprises/{row.uscc}", {"name": "衡阳新钟表厂", "town": None, "industry": "C3092", "registered_capital_fen": 123_456_00,
                         "established": "2020-02-29", "renamed": True, "reason": "市监局变更"}, content_type="application/json", headers={"If-Match": etag})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["name"], found["former_names"], found["town"], found["cluster"]) == ("衡阳新钟表厂", ["衡阳老钟表厂"], None, "钟表")
    assert (found["industry"], found["registered_capital_fen"], found["established"]) == ("3092", 123_456_00, "2020-02-29")
    assert answer.headers["ETag"] == f'"{found["version"]}"' != etag
    event = Event.objects.get(verb="enterprise_changed")
    assert (event.reason, event.after["name"], "cluster" in event.after) == ("市监局变更", "衡阳新钟表厂", False)


def test_an_old_version_is_refused_with_the_version_that_is_there_and_nothing_is_written(clerk: Client) -> None:
    row = enterprise_factory(town="西渡镇")
    path, etag = f"/api/enterprises/{row.uscc}", '"1"'
    assert clerk.patch(path, {"town": "界牌镇"}, content_type="application/json", headers={"If-Match": etag}).status_code == 200
    answer = clerk.patch(path, {"town": "洪市镇"}, content_type="application/json", headers={"If-Match": etag})
    assert answer.status_code == 412
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["code"] == "stale"
    assert '"2"' in answer.json()["message"]
    assert Enterprise.objects.get(pk=row.pk).town == "界牌镇"
    assert Event.objects.filter(verb="enterprise_changed").count() == 1


def test_a_change_without_a_version_is_refused(clerk: Client) -> None:
    row = enterprise_factory()
    answer = clerk.patch(f"/api/enterprises/{row.uscc}", {"town": "界牌镇"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (428, "unversioned")


@pytest.mark.parametrize(("body", "field"), [({"town": "a\x00b"}, "town"), ({"town": "长" * 201}, "town"), ({"established": "2999-01-01"}, "established"),
                                             ({"registered_capital_fen": -1}, "registered_capital_fen"), ({"registered_capital_fen": 1.5}, "registered_capital_fen"),
                                             ({"registered_region": "999999"}, "registered_region"), ({"name": ""}, "name"), ({"version": 7}, "version")])
def test_a_wrong_value_is_refused_at_its_field_and_nothing_is_written(clerk: Client, body: dict[str, Any], field: str) -> None:
    row = enterprise_factory()
    answer = clerk.patch(f"/api/enterprises/{row.uscc}", body, content_type="application/json", headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [field]
    assert Enterprise.objects.get(pk=row.pk).version == 1


def test_a_firm_is_registered_once_whatever_a_lost_answer_makes_a_program_do(clerk: Client) -> None:
    body, key = {"uscc": credit_code(7), "name": "衡阳新来有限公司", "registered_capital_fen": 100}, {"Idempotency-Key": "9f1c"}
    first = clerk.post("/api/enterprises", body, content_type="application/json", headers=key)
    assert first.status_code == 201
    assert first.headers["Location"] == f"/api/enterprises/{credit_code(7)}"
    again = clerk.post("/api/enterprises", body, content_type="application/json", headers=key)
    assert (again.status_code, again.content, again.headers["ETag"]) == (201, first.content, first.headers["ETag"])
    other = clerk.post("/api/enterprises", {**body, "name": "别的名字"}, content_type="application/json", headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    bare = clerk.post("/api/enterprises", {**body, "checked": True}, content_type="application/json")
    assert (bare.status_code, bare.json()["code"]) == (409, "uscc_taken")
    assert Event.objects.filter(verb="enterprise_created").count() == 1


def test_a_key_sent_again_for_another_version_is_reused_and_not_answered_as_done(clerk: Client) -> None:
    row = enterprise_factory(town="西渡镇")

    def sent(match: str) -> Any:
        return clerk.patch(f"/api/enterprises/{row.uscc}", {"town": "界牌镇"}, content_type="application/json", headers={"Idempotency-Key": "k", "If-Match": match})

    assert [sent('"1"').status_code, sent('"1"').headers.get("Idempotency-Replayed")] == [200, "true"]
    other = sent('"2"')
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_what_was_refused_uses_no_key_up(clerk: Client) -> None:
    key = {"Idempotency-Key": "k"}
    wrong = clerk.post("/api/enterprises", {"uscc": "123", "name": "x"}, content_type="application/json", headers=key)
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["uscc"])
    assert clerk.post("/api/enterprises", {"uscc": credit_code(8), "name": "衡阳好了有限公司"}, content_type="application/json", headers=key).status_code == 201


def test_a_firm_that_looks_registered_already_must_be_told_apart(clerk: Client) -> None:
    known = enterprise_factory(name="衡阳大窑瓷业有限公司")
    body = {"uscc": credit_code(9), "name": "衡阳大窑瓷业有限责任公司"}
    answer = clerk.post("/api/enterprises", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "looks_registered")
    assert known.uscc in answer.json()["message"]
    assert clerk.post("/api/enterprises", {**body, "checked": True}, content_type="application/json").status_code == 201


def test_titles_and_former_names_are_noted_and_withdrawn(clerk: Client) -> None:
    row = enterprise_factory()
    path = f"/api/enterprises/{row.uscc}"
    assert clerk.post(f"{path}/former-names", {"name": "衡阳从前有限公司"}, content_type="application/json").json()["former_names"] == ["衡阳从前有限公司"]
    (title,) = clerk.post(f"{path}/titles", {"kind": "high_tech_enterprise", "issued": "2024-05-01"}, content_type="application/json").json()["titles"]
    assert title["holds"]
    (title,) = clerk.post(f"{path}/titles/{title['id']}/withdraw", {"on_day": "2026-01-01", "reason": "复审没过"}, content_type="application/json").json()["titles"]
    assert (title["holds"], title["withdrawn_on"]) == (False, "2026-01-01")
    assert clerk.post(f"{path}/titles/999/withdraw", {"on_day": "2026-01-01", "reason": "x"}, content_type="application/json").status_code == 404
    other = enterprise_factory()
    assert clerk.post(f"/api/enterprises/{other.uscc}/titles/{title['id']}/withdraw", {"on_day": "2026-01-01", "reason": "x"}, content_type="application/json").status_code == 404


def test_an_agent_reads_their_firm_and_changes_nothing() -> None:
    row, other = enterprise_factory(), enterprise_factory()
    agent = program(person_factory("enterprise_agent", uscc=row.uscc))
    assert [each["uscc"] for each in walked(agent, "/api/enterprises")] == [row.uscc]
    assert agent.get(f"/api/enterprises/{other.uscc}").status_code == 404
    for uscc, status in ((row.uscc, 403), (other.uscc, 404)):
        assert agent.patch(f"/api/enterprises/{uscc}", {"town": "x"}, content_type="application/json", headers={"If-Match": '"1"'}).status_code == status
    person = person_factory("enterprise_agent", uscc=row.uscc)
    person.delegations.update(to_day=clocks.today() - dt.timedelta(days=1))
    assert walked(program(person), "/api/enterprises") == []


def test_nothing_but_json_of_the_declared_shape_is_taken(clerk: Client) -> None:
    answer = clerk.post("/api/enterprises", "{not json", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert clerk.post("/api/enterprises", "[]", content_type="application/json").status_code == 422
