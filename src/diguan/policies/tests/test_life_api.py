"""The API of lives and reviews: every deed names the version it read, an old one is refused with what changed, a key does it once."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.api.versions import etag
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.stages.models import Course, Passage
from diguan.policies import actions as matching
from diguan.policies.actions import life as actions
from diguan.policies.models import ClaimReview
from diguan.policies.tests import county, lives
from diguan.policies.tests.county import PLAIN, POLICY, RICH
from diguan.policies.tests.lives import claim_factory

pytestmark = pytest.mark.django_db
LIFE = f"/api/policies/{POLICY}/life"


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    return lives.people()


def read(client, person, url=LIFE):
    client.force_login(person)
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return answer


def send(client, person, url, body, match=None, **headers):
    client.force_login(person)
    more = {"If-Match": match, **headers} if match else headers
    return client.post(url, body, content_type="application/json", headers=more)


def test_begun_read_and_moved_once(client, who):
    begun = send(client, who.officer, LIFE, {"title": "清洁窑炉用气补助"}, **{"Idempotency-Key": "one"})
    assert begun.status_code == 201
    assert send(client, who.officer, LIFE, {"title": "清洁窑炉用气补助"}, **{"Idempotency-Key": "one"}).headers["Idempotency-Replayed"] == "true"
    assert send(client, who.officer, LIFE, {"title": "清洁窑炉用气补助"}).json()["code"] == "open_already"
    assert Course.objects.count() == 1
    found = read(client, who.second)
    body = found.json()
    assert (body["stage"], body["status"], body["barred"], body["ways"][0]["met"]) == ("drafted", "active", "这份政策还没走到“已发布”", False)
    closed = send(client, who.second, f"{LIFE}/pass", {"to": "fair_competition_reviewed"}, found.headers["ETag"])
    assert (closed.status_code, closed.json()["code"]) == (409, "gate_closed")
    assert "公平竞争审查结论：没有" in closed.json()["reasons"]
    lives.hand_in(POLICY, "fair_competition_review", who, **lives.REVIEW)
    passed = send(client, who.second, f"{LIFE}/pass", {"to": "fair_competition_reviewed"}, found.headers["ETag"], **{"Idempotency-Key": "two"})
    assert (passed.status_code, passed.json()["stage"]) == (200, "fair_competition_reviewed")
    again = send(client, who.second, f"{LIFE}/pass", {"to": "fair_competition_reviewed"}, found.headers["ETag"], **{"Idempotency-Key": "two"})
    assert (again.status_code, again.content) == (200, passed.content)
    assert Passage.objects.filter(kind="passed").count() == 1


def test_without_a_version_nothing_is_done(client, who):
    lives.published(POLICY, who)
    assert send(client, who.second, f"{LIFE}/pass", {"to": "matching"}).status_code == 428
    assert send(client, who.second, f"{LIFE}/pass", {"to": "matching"}, "*").status_code == 428


def stale(client, who, match, words):
    answer = send(client, who.leader, f"{LIFE}/hold", {"to": "suspended", "reason": "核查", "claims": "go_on"}, match)
    assert answer.status_code == 412
    assert answer.json()["code"] == "stale"
    assert any(words in reason for reason in answer.json()["reasons"])
    assert answer.headers["ETag"] == read(client, who.leader).headers["ETag"] != match


def test_an_old_version_is_told_what_changed(client, who, tmp_path):
    lives.published(POLICY, who)
    was = read(client, who.leader).headers["ETag"]
    county.policy(tmp_path / "pack", least="95")
    stale(client, who, was, "政策文件的文本改过")
    assert read(client, who.leader).json()["text_changed"] is True
    was = read(client, who.leader).headers["ETag"]
    lives.go(Course.objects.get(), "matching", who.second)
    stale(client, who, was, "阶段变了，现在是“要素拆解完成、比对中”")
    was = read(client, who.leader).headers["ETag"]
    actions.hold_life(course=Course.objects.get(), to="suspended", version=1, reason="核查", by=who.leader)
    stale(client, who, was, "状态改过，现在是 suspended")
    assert Course.objects.get().version == 2


@pytest.mark.parametrize("match", ['"nonsense"', '"1.2"', 'W/"0.0.0.0.x"', '"99999999999999999999.1.1.1.none"'])
def test_a_version_of_nothing_is_an_old_one(client, who, match):
    lives.published(POLICY, who)
    assert send(client, who.leader, f"{LIFE}/hold", {"to": "suspended", "reason": "核查"}, match).status_code == 412


def test_held_and_resumed_with_its_claims(client, who):
    county.deliver((RICH, 600), (PLAIN, 100))
    claim = claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer)
    lives.published(POLICY, who)
    found = read(client, who.leader)
    assert found.json()["open_claims"] == 1
    refused = send(client, who.leader, f"{LIFE}/hold", {"to": "suspended", "reason": "核查"}, found.headers["ETag"])
    assert (refused.status_code, refused.json()["code"], list(refused.json()["fields"])) == (422, "say_of_claims", ["claims"])
    held = send(client, who.leader, f"{LIFE}/hold", {"to": "suspended", "reason": "核查", "claims": "suspend"}, found.headers["ETag"])
    assert (held.json()["status"], held.json()["open_claims"]) == ("suspended", 0)
    back = send(client, who.leader, f"{LIFE}/resume", {"reason": "核查完了"}, held.headers["ETag"])
    assert (back.json()["status"], back.json()["open_claims"]) == ("active", 1)
    assert Course.objects.get(pk=claim.course_id).status == "active"


def test_publication_is_refused_without_a_review_at_this_door_too(client, who):
    course = actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    lives.reviewed(course, who)
    Evidence.objects.filter(entry="fair_competition_review").update(valid_until=dt.date(2026, 10, 1))
    found = read(client, who.leader)
    answer = send(client, who.leader, f"{LIFE}/pass", {"to": "published"}, found.headers["ETag"])
    assert (answer.status_code, answer.json()["code"]) == (409, "gate_closed")
    assert "已过期" in answer.json()["message"]


def test_a_life_that_is_not_there_and_bodies_that_are_none(client, who):
    client.force_login(who.officer)
    assert client.get("/api/policies/nothing/life").status_code == 404
    lives.published(POLICY, who)
    match = read(client, who.leader).headers["ETag"]
    for body in ({"to": "elsewhere", "reason": "核查"}, {"to": "suspended", "reason": "x"}, {"to": "suspended", "reason": "核查", "claim": "go_on"}):
        assert send(client, who.leader, f"{LIFE}/hold", body, match).status_code == 422


def test_lives_are_listed(client, who):
    lives.published(POLICY, who)
    assert read(client, who.second, "/api/lives").json()["items"] == [
        {"policy": POLICY, "title": "清洁窑炉用气补助", "state": "running", "stage": "published", "status": "active", "due": "2026-11-04", "office": who.officer.posts.get().unit.name}]


def test_a_review_is_decided_by_the_version_that_was_read(client, who):
    county.deliver((RICH, 600), (PLAIN, 100))
    claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer, officer=who.officer)
    county.deliver((RICH, 9))
    matching.run_match(by=who.officer)
    row = ClaimReview.objects.get()
    url = f"/api/reviews/{row.pk}"
    assert read(client, who.second, "/api/reviews?state=open").json()["items"][0]["changed"][0]["fact"] == "kiln.gas"
    match = read(client, who.second, url).headers["ETag"]
    assert send(client, who.officer, f"{url}/decide", {"decision": "kept", "reason": "查过台账"}, match).json()["code"] == "own_claim"
    assert send(client, who.second, f"{url}/decide", {"decision": "kept", "reason": "查过台账"}, match).json()["state"] == "kept"
    assert send(client, who.leader, f"{url}/decide", {"decision": "stopped", "reason": "查过台账"}, match).status_code == 412
    assert ClaimReview.objects.get().version == 2
    assert match == etag(1)
