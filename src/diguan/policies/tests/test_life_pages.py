"""Pages of a policy's life and of reviews: a draft walks to matching through them as in a working day, and they refuse who may not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse

from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.tests.factories import PDF
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.policies import actions as matching
from diguan.policies.actions import life as actions
from diguan.policies.models import ClaimReview
from diguan.policies.tests import county, lives
from diguan.policies.tests.county import PLAIN, POLICY, RICH
from diguan.policies.tests.lives import claim_factory
from diguan.policies.web import reviews as shown

pytestmark = pytest.mark.django_db
LONG = dt.date(2026, 1, 1)


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    return lives.people()


def at(name, *args):
    return reverse(f"policies:{name}", args=args)


def page(client, person, url, status=200):
    client.force_login(person)
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def send(client, person, url, status=302, **data):
    client.force_login(person)
    answer = client.post(url, data)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def hand_in(client, person, entry, **more):
    send(client, person, at("life_deed", POLICY, "hand-in"), entry=entry, file=SimpleUploadedFile("结论.pdf", PDF), **more)


def verify(client, person, status=302):
    row = Evidence.objects.order_by("-id").first()
    return send(client, person, at("life_decide", POLICY, row.pk, "verify"), status, version=row.version)


def pass_on(client, person, to, status=302, **more):
    task = stages.current(Course.objects.order_by("-id").first())
    return send(client, person, at("life_deed", POLICY, "pass"), status, to=to, version=task.version, **more)


def test_a_policy_from_draft_to_matching_on_the_pages(client, who):
    assert "还没有开始全过程" in page(client, who.officer, at("policy", POLICY))
    send(client, who.officer, at("life_begin"), policy_id=POLICY, title="清洁窑炉用气补助", day="2026-10-31")
    shown = page(client, who.second, at("life", POLICY))
    assert "还差 2 项" not in shown
    assert "公平竞争审查结论" in shown
    assert "办理“通过公平竞争审查”" not in shown  # the button is there once the gate is open
    refused = pass_on(client, who.second, "fair_competition_reviewed", 422)  # and the door is shut without the button
    assert "公平竞争审查结论：没有" in refused

    hand_in(client, who.clerk, "fair_competition_review", value="通过", number="演示公竞审〔2026〕1号", issued="2025-12-18")
    assert "政策全过程" in page(client, who.second, reverse("site:home"))
    desk = page(client, who.second, reverse("site:home"))
    assert "材料待核实" in desk
    assert f">{POLICY}<" not in desk.replace(" ", "").replace("\n", ""), "the desk names a policy by its title, not its id"
    verify(client, who.officer)
    assert "办理“通过公平竞争审查”" in page(client, who.second, at("life", POLICY))
    pass_on(client, who.second, "fair_competition_reviewed")
    hand_in(client, who.clerk, "legality_review", value="通过", number="演示合审〔2026〕1号", issued="2026-10-30")
    verify(client, who.officer)
    pass_on(client, who.officer, "legality_reviewed")
    hand_in(client, who.clerk, "policy_text", issued="2026-10-31")
    verify(client, who.officer)
    assert "您的岗位不在其中" in pass_on(client, who.second, "published", 422)
    pass_on(client, who.leader, "published")
    shown = page(client, who.second, at("life", POLICY))
    assert "3 个工作日" in shown
    assert "天数待核" in shown
    assert "自 2026-10-31 起" in shown
    pass_on(client, who.second, "matching")
    shown = page(client, who.second, at("life", POLICY))
    for name in ("起草", "通过公平竞争审查", who.leader.name, "进入“已发布”"):
        assert name in shown


def test_a_late_stage_is_seen_on_the_list_the_desk_and_the_page(client, who, settings):
    lives.published(POLICY, who)
    settings.DIGUAN_TODAY = "2026-11-06"
    assert "已超期" in page(client, who.second, at("lives"))
    assert "清洁窑炉用气补助" in page(client, who.second, at("lives") + "?state=late")
    assert "清洁窑炉用气补助" not in page(client, who.second, at("lives") + "?state=held")
    assert "政策已超期" in page(client, who.second, reverse("site:home"))
    assert "已超期" in page(client, who.second, at("life", POLICY))
    assert "已超期" in page(client, who.second, at("policy", POLICY))


def test_the_desk_shows_what_waits_on_whom(client, who):
    course = actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    assert "政策等您办" in page(client, who.second, reverse("site:home"))
    assert "政策等您办" not in page(client, who.leader, reverse("site:home"))
    lives.reviewed(course, who)
    assert "政策等您办" in page(client, who.leader, reverse("site:home"))
    assert "政策等您办" not in page(client, who.second, reverse("site:home"))


def test_nobody_verifies_their_own_paper_and_an_old_version_is_told(client, who):
    actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.second)
    hand_in(client, who.officer, "legality_review", value="通过", number="1号", issued="2026-10-30")
    assert "您填的，要另一个人核实" in page(client, who.officer, at("life", POLICY))
    assert "请另一个人来" in verify(client, who.officer, 422)
    row = Evidence.objects.get()
    assert "别人先改过" in send(client, who.second, at("life_decide", POLICY, row.pk, "verify"), 409, version=7)
    send(client, who.second, at("life_decide", POLICY, row.pk, "reject"), version=1, reason="看不清")
    assert "看不清" in page(client, who.officer, at("life", POLICY))
    client.force_login(who.officer)
    assert client.get(at("life_paper", POLICY, row.pk))["Content-Disposition"].startswith("attachment")


def test_suspending_asks_of_the_claims_and_resuming_lifts_them(client, who):
    county.deliver((RICH, 600), (PLAIN, 100))
    claim = claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer)
    lives.published(POLICY, who)
    assert "还有 1 件在办" in page(client, who.leader, at("life", POLICY))
    refused = send(client, who.leader, at("life_deed", POLICY, "hold"), 422, to="suspended", version=1, reason="上级要求核查")
    assert "还有 1 件兑现在办" in refused
    assert "上级要求核查" in refused  # what was typed is kept
    send(client, who.leader, at("life_deed", POLICY, "hold"), to="suspended", version=1, reason="上级要求核查", claims="suspend")
    assert "暂停执行" in page(client, who.second, at("list"))
    shown = page(client, who.second, at("life", POLICY))
    assert "一并暂缓 1 件" in shown
    assert "上级要求核查" in shown
    send(client, who.leader, at("life_deed", POLICY, "resume"), version=2, reason="核查完了")
    assert Course.objects.get(pk=claim.course_id).status == "active"


def test_a_policy_that_is_amended_says_so(client, who):
    course = lives.published(POLICY, who)
    task = stages.current(course)
    send(client, who.officer, at("life_deed", POLICY, "back"), to="drafted", version=task.version, reason="修订第二条")
    shown = page(client, who.second, at("life", POLICY))
    for words in ("正在修订", "原来的文本照常施行", "是修订之前那一轮的，要重新提交"):
        assert words in shown


def test_a_document_changed_after_publication_is_said(client, who, tmp_path):
    lives.published(POLICY, who)
    assert "文件在发布之后改过" not in page(client, who.second, at("life", POLICY))
    county.policy(tmp_path / "pack", least="95")
    assert "文件在发布之后改过" in page(client, who.second, at("life", POLICY))


@pytest.mark.parametrize(("name", "data"), [
    ("pass", {"to": "x", "version": "²"}), ("pass", {}), ("hold", {"to": "nonsense", "version": "1", "reason": "好的"}), ("back", {"to": "published", "version": "1", "reason": "好的"}),
    ("resume", {"version": "-1", "reason": "好的"}), ("hand-in", {"entry": "bank_account"}), ("hand-in", {"entry": "policy_text", "issued": "2027-01-01"}),
    ("hand-in", {"entry": "policy_text"})])
def test_bad_forms_come_again_with_the_reason(client, who, name, data):
    actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.second)
    send(client, who.leader if name in ("hold", "resume") else who.officer, at("life_deed", POLICY, name), 422, **data)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("role", ["enterprise_agent", "administrator", "bureau_clerk"])
def test_who_may_not_see_a_life_is_refused(client, who, role):
    actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.second)
    client.force_login(person_factory(role))
    for url in (at("life", POLICY), at("life_begin")):
        assert client.get(url).status_code in (403, 404)
    for deed in ("pass", "back", "hold", "resume", "hand-in"):
        assert client.post(at("life_deed", POLICY, deed), {}).status_code in (403, 404)


@pytest.mark.parametrize("role", ["enterprise_agent", "administrator"])
def test_who_may_not_see_the_list_is_refused_and_not_shown_an_empty_one(client, who, role):
    client.force_login(person_factory(role))
    assert client.get(at("lives")).status_code == 403


@pytest.mark.parametrize(("role", "deed", "data"), [
    ("data_clerk", "pass", {"to": "matching", "version": 1}), ("policy_officer", "hold", {"to": "suspended", "version": 1, "reason": "不行"}),
    ("leader", "hand-in", {"entry": "legality_review", "value": "通过", "number": "1号", "issued": "2026-10-30", "file": "PDF"})])
def test_who_sees_a_life_does_not_do_everything_with_it(client, who, role, deed, data):
    lives.published(POLICY, who)
    if "file" in data:
        data = {**data, "file": SimpleUploadedFile("意见.pdf", PDF)}
    send(client, person_factory(role), at("life_deed", POLICY, deed), 403, **data)


# ── reviews ──────────────────────────────────────────────────────────────────
@pytest.fixture
def review(who):
    county.deliver((RICH, 600), (PLAIN, 100))
    claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer, officer=who.officer)
    county.deliver((RICH, 9))
    matching.run_match(by=who.officer)
    return ClaimReview.objects.get()


def test_a_review_shows_what_changed_and_is_decided_by_another(client, who, review):
    assert "衡阳大窑瓷业有限公司" in page(client, who.second, at("reviews"))
    shown = page(client, who.second, at("review", review.pk))
    for words in ("天然气用量", "2026-09", "更正", "600 立方米", "9 立方米", "决定之前不能付款"):
        assert words in shown
    assert "兑现要复核" in page(client, who.second, reverse("site:home"))
    assert "兑现要复核" not in page(client, who.officer, reverse("site:home"))  # it is their own claim
    assert "复核请另一个人来" in page(client, who.officer, at("review", review.pk))
    send(client, who.second, at("review", review.pk), 422, decision="", reason="", version=1)
    send(client, who.second, at("review", review.pk), decision="stopped", reason="确实没有用到这么多气", version=1)
    assert "确实没有用到这么多气" in page(client, who.officer, at("review", review.pk))
    send(client, who.leader, at("review", review.pk), 422, decision="kept", reason="再看看", version=1)


@pytest.mark.parametrize(("role", "status"), [("data_clerk", 403), ("enterprise_agent", 403), ("administrator", 403), ("bureau_clerk", 404)])
def test_who_may_not_see_or_decide_a_review(client, who, review, role, status):
    client.force_login(person_factory(role))
    assert client.get(at("review", review.pk)).status_code == status
    assert client.post(at("review", review.pk), {"decision": "kept", "reason": "好的", "version": 1}).status_code == status
    assert client.get(at("reviews")).status_code == (200 if role == "bureau_clerk" else 403)


def test_a_bureau_that_is_handed_the_stage_reviews_it_and_no_other_bureau(client, who):
    bureau, other = unit_factory("县市监局", code="market-regulation"), unit_factory("县教育局")
    clerk, colleague, stranger = (person_factory("bureau_clerk", unit, from_day=LONG) for unit in (bureau, bureau, other))
    actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    client.force_login(clerk)
    assert client.get(at("life", POLICY)).status_code == 404
    send(client, who.officer, at("life_deed", POLICY, "assign"), unit=bureau.pk, version=1)
    hand_in(client, clerk, "fair_competition_review", value="通过", number="演示公竞审〔2026〕1号", issued="2025-12-18")
    assert "县市监局" in page(client, clerk, at("life", POLICY))
    verify(client, colleague)
    pass_on(client, colleague, "fair_competition_reviewed")
    for person in (stranger, person_factory("data_clerk")):
        client.force_login(person)
        assert client.post(at("life_deed", POLICY, "assign"), {"unit": bureau.pk, "version": 1}).status_code in (403, 404)


def test_a_policy_whose_last_day_has_passed_asks_to_be_ended(client, who, settings):
    lives.published(POLICY, who)
    assert "政策已到期" not in page(client, who.leader, reverse("site:home"))
    settings.DIGUAN_TODAY = "2028-01-03"
    leader = person_factory("leader")
    assert "政策已到期" in page(client, leader, reverse("site:home"))


def test_a_claims_page_can_say_what_was_found(who, review):
    (one,) = shown.notices(who.second, review.claim)
    words = render_to_string("policies/_claim_reviews.html", {"reviews": [one]})
    assert "正等复核" in words
    assert at("review", review.pk) in words
    assert shown.notices(person_factory("data_clerk"), review.claim) == []
