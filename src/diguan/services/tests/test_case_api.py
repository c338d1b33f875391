"""Cases by a program: one form, steps at the version that was read, sent twice done once; and everybody who may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.enterprises.tests.test_api import program
from diguan.kernel.clocks import today
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.stages.models import Passage
from diguan.kernel.tests.factories import person_factory
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.models import Case, Commitment, Extension
from diguan.services.tests.test_cases import PDF, USCC, accepted, done, opened, task, waiting, who
from diguan.services.tests.test_commitments import begun, let_in, plain
from diguan.services.tests.test_commitments import who as with_promises

__all__ = ["plain", "who", "with_promises"]
pytestmark = pytest.mark.django_db
BODY = {"life_event": "factory", "uscc": USCC, "answers": {"site": "lease"}, "values": {"company_name": "县示例时计有限公司", "business_scope": "钟表制造", "business_address": "西渡 1 号"}}


def post(client: Client, path: str, body: Any, status: int = 200, **headers: str) -> Any:
    answer = client.post(f"/api{path}", body, content_type="application/json", headers={name.replace("_", "-"): words for name, words in headers.items()})
    assert answer.status_code == status, answer.content.decode()
    return answer


def tag(client: Client, path: str) -> str:
    return client.get(f"/api{path}").headers["ETag"]


def step(case: Case, key: str, name: str = "") -> str:
    return f"/cases/{case.pk}/steps/{key}" + (f"/{name}" if name else "")


def test_a_case_is_opened_handed_in_carried_through_and_rated(who):
    agent, window = program(who.agent), program(who.officer)
    made = post(agent, "/cases", BODY, 201, Idempotency_Key="a")
    assert post(agent, "/cases", BODY, 201, Idempotency_Key="a").headers["Idempotency-Replayed"] == "true"
    case = Case.objects.get()
    assert made.headers["Location"] == f"/api/cases/{case.pk}"
    assert (made.json()["state"], [ask["entry"] for ask in made.json()["asks"] if ask["to_give"]]) == ("waiting", ["layout"])
    paper = {"entry": "layout", "file": SimpleUploadedFile("平面图.pdf", PDF)}
    assert agent.post(f"/api/cases/{case.pk}/papers", paper).status_code == 428
    paper["file"].seek(0)
    given = agent.post(f"/api/cases/{case.pk}/papers", paper, headers={"If-Match": made.headers["ETag"]})
    assert (given.status_code, [ask for ask in given.json()["asks"] if ask["to_give"]]) == (200, [])
    post(window, step(case, ACCEPT, "accept"), {"verified": waiting(case)}, If_Match=tag(window, step(case, ACCEPT)))
    for key, by in (("filing", who.reform), ("fire", who.housing), ("power", who.power), ("planning", who.land)):
        office = program(by)
        assert key in {line["key"] for line in office.get("/api/case-steps").json()["items"]}
        assert post(office, step(case, key, "finish"), {}, If_Match=tag(office, step(case, key))).json()["state"] == "done"
    post(window, step(case, DELIVER, "deliver"), {"kind": "courier"}, If_Match=tag(window, step(case, DELIVER)))
    assert agent.get(f"/api/cases/{case.pk}").json()["state"] == "ended"
    post(agent, f"/cases/{case.pk}/rating", {"stars": 5}, If_Match=tag(agent, f"/cases/{case.pk}"))
    assert agent.get("/api/cases?state=ended").json()["items"][0]["done"] == 4
    assert post(agent, f"/cases/{case.pk}/rating", {"stars": 5}, 409, If_Match=tag(agent, f"/cases/{case.pk}")).json()["code"] == "rated"


def test_a_step_is_done_once_at_the_version_that_was_read(who):
    case = opened(who)
    accepted(who, case)
    client = program(who.power)
    old = tag(client, step(case, "power"))
    assert post(client, step(case, "power", "finish"), {}, 428).json()["code"] == "unversioned"
    post(client, step(case, "power", "pause"), {"article": task(case, "power").step.gate.term.pauses[0], "reason": "现场勘察"}, If_Match=old)
    assert post(client, step(case, "power", "finish"), {}, 412, If_Match=old).json()["code"] == "stale"
    post(client, step(case, "power", "resume"), {}, If_Match=tag(client, step(case, "power")))
    now = tag(client, step(case, "power"))
    first = post(client, step(case, "power", "finish"), {}, If_Match=now, Idempotency_Key="once")
    again = post(client, step(case, "power", "finish"), {}, If_Match=now, Idempotency_Key="once")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert post(client, step(case, "power", "finish"), {"reason": "别的"}, 409, If_Match=now, Idempotency_Key="once").json()["code"] == "key_reused"
    assert Passage.objects.filter(course=case.course, kind="done", source="power").count() == 1
    assert post(client, step(case, "power", "finish"), {"ver": 1}, 422, If_Match=now).json()["code"] == "invalid"


def test_a_result_comes_with_its_file_and_what_is_no_paper_is_refused(who):
    case = opened(who)
    accepted(who, case)
    client = program(who.housing)
    now = tag(client, step(case, "fire"))
    bad = client.post(f"/api{step(case, 'fire', 'result')}", {"number": "1", "file": SimpleUploadedFile("x.pdf", b"MZ\x90\x00 program")}, headers={"If-Match": now})
    assert (bad.status_code, Evidence.objects.filter(entry="case_result").count()) == (422, 0)
    good = client.post(f"/api{step(case, 'fire', 'result')}", {"number": "衡消审〔2026〕1号", "issued": "2026-11-09", "file": SimpleUploadedFile("x.pdf", PDF)}, headers={"If-Match": now})
    assert (good.status_code, Evidence.objects.get(entry="case_result").number) == (200, "衡消审〔2026〕1号")


def test_many_steps_are_finished_at_once_or_none(who):
    cases_ = [opened(who) for _n in range(3)]
    for case in cases_:
        accepted(who, case)
    client = program(who.power)
    read = [{"id": line["id"], "version": line["version"]} for line in client.get("/api/case-steps").json()["items"]]
    assert len(read) == 3
    done(cases_[1], "power", who.power)
    refused = post(client, "/case-steps/finish", {"steps": read}, 412)
    assert "一项也没有办" in refused.json()["message"]
    assert Passage.objects.filter(kind="done", source="power").count() == 1
    del read[1]
    assert post(client, "/case-steps/finish", {"steps": read}, Idempotency_Key="many").json() == {"finished": 2}
    assert post(client, "/case-steps/finish", {"steps": read}, Idempotency_Key="many").headers["Idempotency-Replayed"] == "true"
    post(program(who.land), "/case-steps/finish", {"steps": read}, 404)  # not theirs


def test_who_has_nothing_to_do_with_it_sees_and_does_nothing(who):
    case = opened(who)
    accepted(who, case)
    other = program(person_factory("enterprise_agent", uscc="91430421MA0000002X"))
    assert other.get(f"/api/cases/{case.pk}").status_code == 404
    assert other.get("/api/cases").json()["items"] == []
    assert other.get(f"/api{step(case, 'fire')}").status_code == 404
    post(other, f"/cases/{case.pk}/rating", {"stars": 5}, 404, If_Match='"x"')
    post(other, step(case, "fire", "finish"), {}, 403, If_Match='"1"')
    housing, now = program(who.housing), tag(program(who.power), step(case, "power"))
    post(housing, step(case, "power", "finish"), {}, 403, If_Match=now)
    told = housing.get(f"/api/cases/{case.pk}").json()
    assert {ask["entry"] for ask in told["asks"]} == {"company_name", "business_address"}
    assert housing.get(f"/api/cases/{case.pk + 99}").status_code == 404
    assert Client().get(f"/api/cases/{case.pk}").status_code == 401
    post(program(who.agent), step(case, "fire", "finish"), {}, 403, If_Match='"1"')


def test_an_extension_is_asked_and_decided_and_a_promise_checked_by_a_program(who):
    case = opened(who)
    accepted(who, case)
    bureau, head = program(who.housing), program(person_factory("bureau_head", who.offices["housing"]))
    post(bureau, step(case, "fire", "extension"), {"days": 5, "basis": "行政许可法第四十二条", "reason": "要专家复核"}, If_Match=tag(bureau, step(case, "fire")))
    line = head.get("/api/case-extensions").json()["items"][0]
    at = f"/case-extensions/{line['id']}/decide"
    post(bureau, at, {"grant": True, "reason": "情况属实"}, 403, If_Match='"1"')
    post(head, at, {"grant": True, "reason": "情况属实"}, 412, If_Match='"9"')
    assert post(head, at, {"grant": True, "reason": "情况属实"}, If_Match=f'"{line["version"]}"').json()["state"] == "granted"
    assert Extension.objects.get().state == "granted"


def test_a_promise_is_made_and_checked_by_a_program(with_promises):
    who = with_promises
    agent = program(who.agent)
    case = begun(who, promised=())
    sent = agent.post(f"/api/cases/{case.pk}/papers", {"entry": "layout", "promise": "true"}, headers={"If-Match": tag(agent, f"/cases/{case.pk}")})
    assert sent.status_code == 200, sent.content.decode()
    row = Commitment.objects.get()
    let_in(who, case)
    land, housing = program(who.land), program(who.housing)
    assert [line["id"] for line in land.get("/api/commitments").json()["items"]] == [row.pk]
    assert housing.get("/api/commitments").json()["items"] == []
    post(housing, f"/commitments/{row.pk}/check", {"holds": True, "reason": "看过"}, 404, If_Match='"1"')
    assert post(land, f"/commitments/{row.pk}/check", {"holds": True, "reason": "看过现场"}, If_Match='"1"').json()["state"] == "holds"
    assert Commitment.objects.get().checked_on == today()
