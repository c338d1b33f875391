"""Notices by a program: an inbox that reading does not open, the answer of the recipient, the outbox of the house."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diguan.enterprises.tests.factories import contact_factory, enterprise_factory
from diguan.kernel.events import Event
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Dispatch, Notice
from diguan.kernel.sheets.tests.ugly import code
from diguan.kernel.tests.factories import person_factory
from diguan.site.tests.test_api_facts import program

pytestmark = pytest.mark.django_db
HERE, THERE = code(1), code(2)
PHONE = "13800000001"


@pytest.fixture
def house(settings: Any, tmp_path: Any) -> Any:
    """Two firms with an entitlement each and a plain word each; the first has an agent, so its notices are in an inbox."""
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-30"
    for uscc, name, town in ((HERE, "衡阳甲有限公司", "西渡镇"), (THERE, "衡阳乙有限公司", "界牌镇")):
        contact_factory(enterprise_factory(uscc, name, town=town))
    officer = person_factory("policy_officer")
    for uscc in (HERE, THERE):
        actions.write(by=officer, drafts=[
            Draft("policies.entitled", ("policy", "one"), Message("可享：一", "Entitled: one"), Message("可享 5 万元", "50,000 yuan"), uscc=uscc, text="请登录查看"),
            Draft("policies.asked", ("request", uscc), Message("请补报", "Please tell us"), Message("请答复", "Please answer"), uscc=uscc)])
    return officer


@pytest.fixture
def agent(house: Any) -> Client:
    person = person_factory("enterprise_agent", uscc=HERE)
    actions.send_due(by=house)
    return program(person)


@pytest.fixture
def officer(house: Any) -> Client:
    return program(house)


def of(kind: str, uscc: str = HERE) -> Notice:
    return Notice.objects.get(kind=f"policies.{kind}", uscc=uscc)


def respond(client: Client, row: Notice, match: str = '"delivered"', **said: str) -> Any:
    return client.post(f"/api/notices/{row.pk}/answer", said, content_type="application/json", headers={"If-Match": match})


def opened(client: Client, row: Notice) -> Any:
    return client.post(f"/api/notices/{row.pk}/open", content_type="application/json")


# ── the recipient ────────────────────────────────────────────────────────────
def test_an_inbox_is_walked_newest_first_and_holds_nobody_elses(agent: Client, officer: Client) -> None:
    first = agent.get("/api/inbox?limit=1").json()
    rest = agent.get(f"/api/inbox?cursor={first['next']}").json()
    assert [(row["kind"], row["state"], row["uscc"]) for row in (*first["items"], *rest["items"])] == [
        ("policies.asked", "delivered", HERE), ("policies.entitled", "delivered", HERE)]
    assert (first["unopened"], rest["next"]) == (2, None)
    assert officer.get("/api/inbox").json() == {"items": [], "next": None, "unopened": 0}
    assert program(person_factory("administrator")).get("/api/inbox").status_code == 403


def test_the_words_come_in_the_language_asked_for(agent: Client) -> None:
    path = f"/api/notices/{of('entitled').pk}"
    assert agent.get(path).json()["title"] == "可享：一"
    assert agent.get(path, headers={"Accept-Language": "en"}).json()["title"] == "Entitled: one"


def test_reading_changes_nothing_and_opening_is_noted_once(agent: Client) -> None:
    row, before = of("entitled"), Event.objects.count()
    for path in ("/api/inbox", f"/api/notices/{row.pk}"):
        assert agent.get(path).status_code == 200
    assert (of("entitled").state, Event.objects.count()) == ("delivered", before)
    found = opened(agent, row)
    assert (found.status_code, found.json()["state"], found.headers["ETag"]) == (200, "opened", '"opened"')
    at = found.json()["opened_at"]
    assert opened(agent, row).json()["opened_at"] == at
    assert Event.objects.filter(verb="notice_opened").count() == 1
    assert {way.channel: way.state for way in row.dispatches.all()} == {"page": "delivered", "file": "skipped"}  # who has read it needs no message
    assert agent.get("/api/inbox").json()["unopened"] == 1


def test_a_recipient_is_offered_the_answers_of_its_kind_and_thinks_again_while_it_holds(agent: Client) -> None:
    row = of("entitled")
    found = agent.get(f"/api/notices/{row.pk}").json()
    assert (found["act"], "too_little" in found["reasons"], found["ways"], found["text"]) == ("我要申请", True, None, None)
    assert agent.get(f"/api/notices/{of('asked').pk}").json()["reasons"] is None
    assert respond(agent, of("asked"), answer="acted").json()["code"] == "nothing_to_answer"
    no = respond(agent, row, answer="refused", reason="other", words="已经  关停")
    assert (no.status_code, no.json()["state"], no.json()["reason"], no.json()["words"]) == (200, "refused", "other", "已经 关停")
    other = respond(agent, row, no.headers["ETag"], answer="refused", reason="too_little")
    assert (other.json()["reason"], other.json()["words"]) == ("too_little", None)
    assert respond(agent, row, no.headers["ETag"], answer="acted").status_code == 412
    yes = respond(agent, row, other.headers["ETag"], answer="acted", reason="too_little")
    assert (yes.json()["state"], yes.json()["reason"], yes.json()["answered_by"]) == ("acted", None, no.json()["answered_by"])
    assert respond(agent, row, yes.headers["ETag"], answer="acted").json()["code"] == "nothing_to_answer"


@pytest.mark.parametrize(("said", "field"), [
    ({"answer": "refused"}, "reason"), ({"answer": "refused", "reason": "bored"}, "reason"), ({"answer": "refused", "reason": "other"}, "words"),
    ({"answer": "refused", "reason": "other", "words": "字" * 201}, "words"), ({"answer": "perhaps"}, "answer"), ({}, "answer")])
def test_an_answer_that_is_none_is_refused_at_its_field(agent: Client, said: dict[str, str], field: str) -> None:
    found = respond(agent, of("entitled"), **said)
    assert (found.status_code, set(found.json()["fields"])) == (422, {field})
    assert of("entitled").state == "delivered"


def test_a_colleagues_answer_is_not_overwritten_nor_one_given_to_what_has_ended(agent: Client, house: Any) -> None:
    row, colleague = of("entitled"), program(person_factory("enterprise_agent", uscc=HERE))
    now = respond(colleague, row, answer="acted").headers["ETag"]
    late = respond(agent, row, answer="refused", reason="too_little")
    assert (late.status_code, late.headers["ETag"], of("entitled").state) == (412, now, "acted")
    actions.end(numbers=[row.pk], by=house)
    ended = respond(agent, row, now, answer="refused", reason="too_little")
    assert (ended.status_code, ended.headers["ETag"]) == (412, f'{now[:-1]}-ended"')
    assert respond(agent, row, ended.headers["ETag"], answer="refused", reason="too_little").json()["code"] == "nothing_to_answer"
    assert agent.get(f"/api/notices/{row.pk}").json()["holds"] is False


def test_another_firm_and_an_official_neither_open_nor_answer(agent: Client, officer: Client) -> None:
    row, other = of("entitled"), program(person_factory("enterprise_agent", uscc=THERE))
    before = Event.objects.count()
    assert other.get(f"/api/notices/{row.pk}").status_code == 404
    assert opened(other, row).status_code == respond(other, row, answer="acted").status_code == 404
    assert opened(officer, row).status_code == respond(officer, row, answer="acted").status_code == 403
    assert officer.get(f"/api/notices/{row.pk}").json()["reasons"] is None
    assert (Event.objects.count(), of("entitled").state) == (before, "delivered")


def test_what_was_withdrawn_never_reached_its_recipient(agent: Client, officer: Client, house: Any) -> None:
    there = program(person_factory("enterprise_agent", uscc=THERE))
    row = of("entitled", THERE)
    assert there.get(f"/api/notices/{row.pk}").status_code == 200
    actions.end(numbers=[row.pk], by=house)
    assert there.get(f"/api/notices/{row.pk}").status_code == 404
    assert opened(there, row).status_code == 404
    assert [each["kind"] for each in there.get("/api/inbox").json()["items"]] == ["policies.asked"]
    assert officer.get(f"/api/notices/{row.pk}").headers["ETag"] == '"withdrawn-ended"'


# ── the house ────────────────────────────────────────────────────────────────
def test_the_outbox_takes_the_filters_of_the_page_and_shows_every_channel(agent: Client, officer: Client, house: Any) -> None:
    def found(query: str) -> list[tuple[str, str]]:
        answer = officer.get(f"/api/outbox?{query}")
        assert answer.status_code == 200, answer.content.decode()
        return [(row["kind"].partition(".")[2], row["uscc"]) for row in answer.json()["items"]]

    assert found("") == [("asked", THERE), ("entitled", THERE), ("asked", HERE), ("entitled", HERE)]
    assert found(f"q={HERE}") == found("town=西渡镇") == found("state=delivered") == found("channel=page") == [("asked", HERE), ("entitled", HERE)]
    assert found("about=one&channel=none") == [("entitled", THERE)]
    assert found("channel=handed") == found("state=ended") == []
    actions.hand_over(by=house)
    assert ("entitled", THERE) in found("channel=handed")
    line = officer.get(f"/api/outbox?about=one&q={THERE}").json()["items"][0]
    assert [(way["channel"], way["state"]) for way in line["ways"]] == [("page", "queued"), ("file", "handed")]
    for wrong in ("state=asleep", "channel=pigeon", "sort=state"):
        assert officer.get(f"/api/outbox?{wrong}").status_code == 422
    first = officer.get("/api/outbox?limit=3").json()
    assert len(officer.get(f"/api/outbox?cursor={first['next']}").json()["items"]) == 1


def test_no_number_goes_out_and_who_sees_their_own_alone_has_no_outbox(agent: Client, officer: Client) -> None:
    row = of("entitled")
    for path in ("/api/outbox", f"/api/notices/{row.pk}"):
        assert PHONE not in officer.get(path).content.decode()
    assert officer.get(f"/api/notices/{row.pk}").json()["text"] == "请登录查看"
    for client in (agent, program(person_factory("data_clerk")), program(person_factory("administrator"))):
        assert client.get("/api/outbox").status_code == 403
    assert Dispatch.objects.count() == 6
