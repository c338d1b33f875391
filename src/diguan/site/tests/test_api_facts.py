"""Bringing a file in by a program: check, errors by cell, commit once; batches, coverage, facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.events import Event
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.sheets.tests.ugly import HEADS, body, code, xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.DIGUAN_DATA = tmp_path
    for number in range(1, 10):
        enterprise_factory(code(number), f"演示企业{number}")


def program(person: Any) -> Client:
    token = queries.make()
    actions.issue_token(person=person, name="程序", last_day=clocks.today(), token=token, by=person)
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def clerk() -> Client:
    return program(person_factory("data_clerk"))


def bring(client: Client, data: bytes, name: str = "税务.xlsx", headers: dict[str, str] | None = None, **more: str) -> Any:
    return client.post("/api/imports", {"sheet": "tax_monthly", "period": "2026-08", **more, "file": SimpleUploadedFile(name, data)}, headers=headers or {})


def commit(client: Client, brought: Any, **headers: str) -> Any:
    return client.post(f"/api/imports/{brought.json()['id']}/commit", {"period": "2026-08"}, content_type="application/json",
                       headers={"If-Match": brought.headers["ETag"], **headers})


def test_a_program_checks_a_file_commits_it_and_reads_it_back(clerk: Client) -> None:
    brought = bring(clerk, xlsx([HEADS, *body()]))
    assert brought.status_code == 201
    assert brought.json() | {"id": 0, "coverage": []} == {
        "id": 0, "sheet": "tax_monthly", "rows": 3, "accepted": 3, "rejected": 0, "errors": [], "warnings": [], "doubts": [],
        "changes": {"new": 3, "changed": 0, "same": 0, "gone": 0}, "coverage": [], "twin": None}
    assert brought.json()["coverage"] == [{"fact": "tax.paid", "period": "2026-08"}]
    assert Batch.objects.count() == 0
    done = commit(clerk, brought)
    assert done.status_code == 201
    number = done.json()["batch"]
    assert done.headers["Location"] == f"/api/batches/{number}"
    assert clerk.get(f"/api/batches/{number}").json()["coverage"] == [{"fact": "tax.paid", "period": "2026-08"}]
    first = clerk.get(f"/api/batches/{number}/rows?limit=2").json()
    rest = clerk.get(f"/api/batches/{number}/rows?limit=2&cursor={first['next']}").json()
    assert [(row["subject_id"], row["value_fen"]) for row in (*first["items"], *rest["items"])] == [(code(n), n * 1_500_000) for n in (1, 2, 3)]
    assert rest["next"] is None
    (cell,) = [cell for line in clerk.get("/api/coverage?months=3").json() if line["fact"] == "tax.paid" for cell in line["cells"] if cell["period"] == "2026-08"]
    assert (cell["state"], cell["batches"]) == ("complete", [number])


def test_errors_come_by_cell_as_the_command_line_tells_them_and_nothing_is_committed(clerk: Client) -> None:
    brought = bring(clerk, xlsx([HEADS, *body(2), [3, code(3), "演示企业3", -1]]))
    assert (brought.status_code, brought.json()["accepted"], brought.json()["rejected"]) == (201, 0, 1)
    (error,) = brought.json()["errors"]
    assert (error["row"], error["cell"], error["value"]) == (4, "D4", "-1")
    refused = commit(clerk, brought)
    assert (refused.status_code, refused.json()["code"]) == (422, "sheet_errors")
    assert Batch.objects.count() == 0


@pytest.mark.parametrize(("data", "name", "more"), [(b"%PDF-1.7", "a.pdf", {}), (b"", "a.csv", {}), (xlsx([["什么", "都不是"], [1, 2]]), "b.xlsx", {}),
                                                    (xlsx([HEADS, *body()]), "c.xlsx", {"sheet": "no_such"}), (xlsx([HEADS, *body()]), "d.xlsx", {"source": "nobody"}),
                                                    (xlsx([HEADS, *body()]), "e.xlsx", {"period": "2026-13"})])
def test_a_file_that_is_no_such_sheet_is_refused_in_one_sentence_and_not_kept(clerk: Client, data: bytes, name: str, more: dict[str, str]) -> None:
    answer = bring(clerk, data, name, **more)
    assert answer.status_code == 422
    assert len(answer.json()["reasons"]) == 1
    assert Upload.objects.count() == 0


def test_a_file_that_looks_wrong_waits_for_a_reason_or_adds_only_what_is_new(clerk: Client) -> None:
    heads = [*HEADS[:3], "入库税额（元）"]
    assert commit(clerk, bring(clerk, xlsx([HEADS, *([n, code(n), f"演示企业{n}", n * 10] for n in range(1, 8))]))).status_code == 201
    brought = bring(clerk, xlsx([heads, *([n, code(n), f"演示企业{n}", n * 10] for n in range(1, 8))]), "九月.xlsx", period="2026-09")
    assert (brought.json()["accepted"], len(brought.json()["doubts"]), brought.json()["errors"]) == (0, 1, [])

    def decide(**more: Any) -> Any:
        return clerk.post(f"/api/imports/{brought.json()['id']}/commit", {"period": "2026-09", **more}, content_type="application/json",
                          headers={"If-Match": brought.headers["ETag"]})

    refused = decide()
    assert (refused.status_code, refused.json()["code"], list(refused.json()["fields"])) == (422, "doubtful", ["reason"])
    assert Batch.objects.count() == 1
    assert decide(reason="税务局从本月起按元报").status_code == 201
    assert Event.objects.filter(verb="batch_imported").latest("id").reason == "税务局从本月起按元报"


def test_a_delivery_between_check_and_commit_is_told_and_nothing_is_written(clerk: Client) -> None:
    brought = bring(clerk, xlsx([HEADS, *body()]))
    assert commit(clerk, bring(clerk, xlsx([HEADS, *body(2)]))).status_code == 201
    late = commit(clerk, brought)
    assert (late.status_code, late.json()["code"], late.headers.get("ETag")) == (412, "changed_meanwhile", None)
    assert Batch.objects.count() == 1
    again = clerk.get(f"/api/imports/{brought.json()['id']}?period=2026-08")
    assert again.json()["changes"]["same"] == 2
    assert commit(clerk, again).status_code == 201


@pytest.mark.parametrize("words", [{"only_new": True}, {"complete": False}, {"period": "2026-07"}, {"source": "tax_bureau"}])
def test_what_no_check_showed_is_not_committed(clerk: Client, words: dict[str, Any]) -> None:
    brought = bring(clerk, xlsx([HEADS, *body()]))
    path, said = f"/api/imports/{brought.json()['id']}", {"period": "2026-08", **words}
    refused = clerk.post(f"{path}/commit", said, content_type="application/json", headers={"If-Match": brought.headers["ETag"]})
    assert (refused.status_code, refused.json()["code"], refused.headers.get("ETag")) == (412, "changed_meanwhile", None)
    assert Batch.objects.count() == 0
    checked = clerk.get(path, said)
    assert checked.status_code == 200
    done = clerk.post(f"{path}/commit", said, content_type="application/json", headers={"If-Match": checked.headers["ETag"]})
    assert done.status_code == 201


def test_a_misspelt_word_about_a_file_is_refused_wherever_it_stands(clerk: Client) -> None:
    data = xlsx([HEADS, *body()])
    assert bring(clerk, data, onlynew="true").json()["code"] == "invalid"
    assert Upload.objects.count() == 0
    brought = bring(clerk, data)
    path = f"/api/imports/{brought.json()['id']}"
    assert clerk.get(f"{path}?period=2026-08&Complete=false").status_code == 422
    for address, said in ((f"{path}/commit", {"period": "2026-08", "onlynew": True}), (f"{path}/commit?only_new=true", {"period": "2026-08"})):
        refused = clerk.post(address, said, content_type="application/json", headers={"If-Match": brought.headers["ETag"]})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), address
    assert Batch.objects.count() == 0


def test_the_same_file_is_in_once_whatever_a_lost_answer_makes_a_program_do(clerk: Client) -> None:
    data = xlsx([HEADS, *body()])
    brought, same = bring(clerk, data, headers={"Idempotency-Key": "up"}), bring(clerk, data, headers={"Idempotency-Key": "up2"})
    first = commit(clerk, brought, **{"Idempotency-Key": "in"})
    again = commit(clerk, brought, **{"Idempotency-Key": "in"})
    assert (again.status_code, again.content, again.headers["Location"]) == (201, first.content, first.headers["Location"])
    assert Event.objects.filter(verb="batch_imported").count() == 1
    twin = clerk.get(f"/api/imports/{same.json()['id']}?period=2026-08")
    assert (twin.json()["twin"], twin.json()["accepted"]) == (first.json()["batch"], 0)
    refused = commit(clerk, twin)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_imported")


def test_an_upload_sent_twice_with_one_key_is_kept_once_and_other_bytes_are_a_conflict(clerk: Client) -> None:
    data = xlsx([HEADS, *body()])
    first, again = (bring(clerk, data, headers={"Idempotency-Key": "up"}) for _ in range(2))
    assert first.content == again.content
    assert Upload.objects.count() == 1
    assert bring(clerk, xlsx([HEADS, *body(2)]), headers={"Idempotency-Key": "up"}).json()["code"] == "key_reused"


def test_the_register_comes_in_as_a_sheet_too_and_has_no_batch(clerk: Client) -> None:
    book = xlsx([["统一社会信用代码", "企业名称"], [code(20), "衡阳新来有限公司"]])
    brought = bring(clerk, book, "名册.xlsx", sheet="enterprises", period="")
    assert brought.json()["changes"]["new"] == 1
    done = clerk.post(f"/api/imports/{brought.json()['id']}/commit", {}, content_type="application/json", headers={"If-Match": brought.headers["ETag"]})
    assert (done.status_code, done.json()["batch"]) == (201, None)
    assert clerk.get(f"/api/enterprises/{code(20)}").status_code == 200


def test_an_upload_is_for_who_brought_it_alone(clerk: Client) -> None:
    brought = bring(clerk, xlsx([HEADS, *body()]))
    other = program(person_factory("data_clerk"))
    assert other.get(f"/api/imports/{brought.json()['id']}").status_code == 404
    assert commit(other, brought).status_code == 404
    assert program(person_factory("leader")).get(f"/api/imports/{brought.json()['id']}").status_code == 403


def test_a_batch_is_withdrawn_with_a_reason_by_who_may_and_only_as_it_was_read(clerk: Client) -> None:
    number = commit(clerk, bring(clerk, xlsx([HEADS, *body()]))).json()["batch"]
    path, etag = f"/api/batches/{number}", clerk.get(f"/api/batches/{number}").headers["ETag"]

    def withdraw(client: Client, reason: str = "报错了月份") -> Any:
        return client.post(f"{path}/withdraw", {"reason": reason}, content_type="application/json", headers={"If-Match": etag})

    assert withdraw(program(person_factory("policy_officer"))).status_code == 403
    assert withdraw(clerk, "").status_code == 422
    done = withdraw(clerk)
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    assert withdraw(clerk).status_code == 412
    assert Event.objects.filter(verb="batch_withdrawn").count() == 1
    assert [each["id"] for each in clerk.get("/api/batches?state=withdrawn").json()["items"]] == [number]
    assert clerk.get("/api/batches?state=committed").json()["items"] == []


def test_one_fact_is_told_by_period_as_it_was_known_and_up_to_a_day(clerk: Client) -> None:
    commit(clerk, bring(clerk, xlsx([HEADS, [1, code(1), "演示企业1", 1.5]])))
    before = clocks.now()
    commit(clerk, bring(clerk, xlsx([HEADS, [1, code(1), "演示企业1", 2]]), "更正.xlsx"))
    path = f"/api/enterprises/{code(1)}/facts/tax.paid"

    def told(**query: str) -> list[tuple[str, list[tuple[int, bool]]]]:
        return [(point["period"], [(one["value_fen"], one["current"]) for one in point["told"]]) for point in clerk.get(path, query).json()["points"]]

    assert told() == [("2026-08", [(2_000_000, True), (1_500_000, False)])]
    assert told(known_at=before.isoformat()) == [("2026-08", [(1_500_000, True)])]
    assert told(as_of="2026-07-31") == []
    assert clerk.get(path, {"known_at": "2026-08-01T00:00:00"}).status_code == 422  # an instant needs its zone
    assert clerk.get(f"/api/enterprises/{code(1)}/facts/no.such").status_code == 404
    standing = {each["fact"]: each for each in clerk.get(f"/api/enterprises/{code(1)}/facts").json()}
    assert (standing["tax.paid"]["value_fen"], standing["tax.paid"]["period"]) == (2_000_000, "2026-08")
    assert standing["rd.expense"]["state"] == "unknown"
    other = {each["fact"]: each for each in clerk.get(f"/api/enterprises/{code(2)}/facts").json()}
    assert (other["tax.paid"]["state"], other["tax.paid"]["value_fen"]) == ("absent", None)


def test_an_agent_reads_the_facts_of_their_firm_alone() -> None:
    agent = program(person_factory("enterprise_agent", uscc=code(1)))
    assert agent.get(f"/api/enterprises/{code(1)}/facts").status_code == 200
    assert agent.get(f"/api/enterprises/{code(2)}/facts").status_code == 404
    for path in ("/api/batches", "/api/coverage", "/api/runs", "/api/policies"):
        assert agent.get(path).status_code == 403, path
    assert agent.get("/api/sheets").json() == []


def test_the_catalogue_and_the_sheets_are_listed(clerk: Client) -> None:
    paid = next(each for each in clerk.get("/api/facts").json() if each["name"] == "tax.paid")
    assert (paid["type"], paid["unit"], paid["period"]) == ("money", "元", "month")
    assert "tax_monthly" in {each["name"] for each in clerk.get("/api/sheets").json()}


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_no_fault(clerk: Client, instant: str) -> None:
    assert clerk.get(f"/api/enterprises/{code(1)}/facts", {"known_at": instant}).status_code in (200, 422)


def test_kept_answers_are_forgotten_after_a_week(clerk: Client) -> None:
    from diguan.kernel.api.actions import forget_answers
    from diguan.kernel.api.models import KeptAnswer

    bring(clerk, xlsx([HEADS, *body()]), headers={"Idempotency-Key": "up"})
    assert forget_answers() == 0
    KeptAnswer.objects.update(at=clocks.now() - dt.timedelta(days=8))
    assert forget_answers() == 1
