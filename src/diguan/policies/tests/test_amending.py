"""What a leader publishes is what was reviewed: not another draft, not an older version, not one changed after its conclusions."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules.tree import FALSE
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import GateClosed, moves
from diguan.kernel.stages.models import Course
from diguan.policies import actions as matching
from diguan.policies import queries
from diguan.policies.actions import drafts as drafting
from diguan.policies.actions import life as actions
from diguan.policies.engine import yamltext
from diguan.policies.models import DraftVersion
from diguan.policies.queries import life, papers
from diguan.policies.tests import county, lives
from diguan.policies.tests.county import POLICY
from diguan.policies.tests.lives import go, hand_in
from diguan.policies.tests.test_life import to_the_end

pytestmark = pytest.mark.django_db
NEW = {"number": "演示公竞审〔2027〕9号", "issued": dt.date(2026, 10, 20)}


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    return lives.people()


def keep(draft, by, **changes):
    """A version of a draft with other words in it."""
    data = {**yamltext.read(draft.text), **changes}
    draft = drafting.change_draft(draft=draft, version=draft.version, data=data, by=by)
    draft = drafting.save_version(draft=draft, version=draft.version, note="一版", by=by)
    return DraftVersion.objects.get(draft=draft, number=draft.saved)


def richer(draft, amount):
    return {"budget": {**(yamltext.read(draft.text).get("budget") or {}), "amount": amount}}


def concluded(review=NEW):
    return {"fair_competition_review": {"status": "passed", "date": str(review["issued"]), "record": review["number"]}}


def amend(who):
    """A published policy sent back to its draft, and a copy of its text to write on."""
    course = lives.published(POLICY, who)
    task = stages.current(course)
    actions.send_stage_back(task=task, to="drafted", version=task.version, reason="修订第二条", by=who.officer)
    return course, drafting.copy_policy(policy=POLICY, by=who.officer)


def missing(caught):
    return {item.id: item.state for item in caught.value.answer.missing}


def test_an_amendment_is_held_against_its_own_papers_and_not_those_of_the_text_in_force(who):
    course, draft = amend(who)
    keep(draft, who.officer, **richer(draft, "300万元"))
    lives.reviewed(course, who, NEW)
    draft.refresh_from_db()
    kept = keep(draft, who.officer, **concluded())
    go(course, "published", who.leader)
    drafting.publish_draft(draft_version=kept, by=who.officer)
    assert queries.library().policies[POLICY].digest == kept.digest


def test_the_old_reviews_number_does_not_carry_an_amendment(who):
    course, draft = amend(who)
    keep(draft, who.officer, **richer(draft, "300万元"))
    lives.reviewed(course, who, NEW)
    with pytest.raises(GateClosed) as caught:
        go(course, "published", who.leader)
    assert missing(caught) == {"agrees": FALSE}


def test_a_text_changed_after_its_reviews_is_not_published(who):
    course, draft = amend(who)
    keep(draft, who.officer, **richer(draft, "300万元"), **concluded())
    lives.reviewed(course, who, NEW)
    draft.refresh_from_db()
    keep(draft, who.officer, **richer(draft, "900万元"))
    with pytest.raises(GateClosed) as caught:
        go(course, "published", who.leader)
    assert missing(caught) == {"agrees": FALSE}
    assert [words.zh[:5] for words in papers.disagreements(POLICY, dt.date(2026, 10, 31))] == ["公平竞争审", "合法性审查"]
    draft.refresh_from_db()
    keep(draft, who.officer, **richer(draft, "300万元"))  # what was reviewed, again
    go(course, "published", who.leader)


def test_sent_back_during_its_reviews_a_changed_text_needs_new_conclusions(who):
    course, draft = amend(who)
    keep(draft, who.officer, **richer(draft, "300万元"), **concluded())
    lives.reviewed(course, who, NEW)
    task = stages.current(course)
    actions.send_stage_back(task=task, to="drafted", version=task.version, reason="补一段说明", by=who.officer)
    draft.refresh_from_db()
    keep(draft, who.officer, **richer(draft, "900万元"))
    go(course, "fair_competition_reviewed", who.second)
    go(course, "legality_reviewed", who.officer)
    with pytest.raises(GateClosed) as caught:
        go(course, "published", who.leader)
    assert missing(caught) == {"agrees": FALSE}
    hand_in(POLICY, "fair_competition_review", who, **NEW)
    hand_in(POLICY, "legality_review", who)
    go(course, "published", who.leader)


def test_an_older_version_or_another_draft_is_not_published_in_place_of_the_one_that_stood(who):
    course, draft = amend(who)
    other = drafting.copy_policy(policy=POLICY, by=who.officer)
    strange = keep(other, who.officer, **richer(other, "9000万元"), **concluded())
    older = keep(draft, who.officer, **richer(draft, "8000万元"), **concluded())
    draft.refresh_from_db()
    kept = keep(draft, who.officer, **richer(draft, "300万元"))
    lives.reviewed(course, who, NEW)
    go(course, "published", who.leader)
    for wrong in (strange, older):
        with pytest.raises(Refusal) as refused:
            drafting.publish_draft(draft_version=wrong, by=who.officer)
        assert refused.value.code == "superseded"
    drafting.publish_draft(draft_version=kept, by=who.officer)
    with pytest.raises(Refusal, match="superseded"):
        drafting.publish_draft(draft_version=strange, by=who.officer)
    assert queries.library().policies[POLICY].digest == kept.digest


def test_a_version_kept_under_another_id_does_not_stand_for_the_policy_its_draft_is_renamed_to(who):
    course, draft = amend(who)
    kept = keep(draft, who.officer, **concluded())
    drafting.change_draft(draft=draft.__class__.objects.get(pk=draft.pk), version=draft.__class__.objects.get(pk=draft.pk).version,
                          data={**yamltext.read(kept.text), "id": "elsewhere"}, by=who.officer)
    assert papers.kept_last(POLICY) is None
    assert papers.kept_last("elsewhere") is None
    lives.reviewed(course, who)
    go(course, "published", who.leader)
    with pytest.raises(Refusal, match="superseded"):
        drafting.publish_draft(draft_version=kept, by=who.officer)


def test_the_step_names_the_text_it_was_taken_on(who):
    course, draft = amend(who)
    kept = keep(draft, who.officer, **concluded())
    lives.reviewed(course, who, NEW)
    assert papers.text_of(POLICY).digest == kept.digest
    go(course, "published", who.leader)
    assert kept.digest in Event.objects.filter(verb="life_moved").order_by("-id").first().after_json


def test_the_page_says_which_text_stands_for_publication_and_that_it_waits_for_the_library(who, client):
    def page():
        client.force_login(who.leader)
        return client.get(f"/policies/{POLICY}/life/").content.decode()

    course, draft = amend(who)
    kept = keep(draft, who.officer, **concluded())
    assert f"草稿“{kept.draft.title}”第 {kept.number} 版" in page()
    lives.reviewed(course, who, NEW)
    go(course, "published", who.leader)
    assert "发布的那一版还没有放进政策库" in page()
    drafting.publish_draft(draft_version=kept, by=who.officer)
    assert "发布的那一版还没有放进政策库" not in page()
    assert "文件在发布之后改过" not in page()


# ── what was ended ───────────────────────────────────────────────────────────
def test_a_repealed_text_is_not_in_force_again_because_one_before_it_was_evaluated(who, settings):
    first = lives.published(POLICY, who)
    to_the_end(first, who, settings)
    hand_in(POLICY, "evaluation_report", who)
    go(first, "evaluated", who.leader)
    second = actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    lives.reviewed(second, who)
    go(second, "published", who.leader)
    second = Course.objects.get(pk=second.pk)
    actions.hold_life(course=second, to="expired", version=second.version, reason="上级要求废止", by=who.leader)
    assert life.barred(POLICY) is not None
    actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    assert life.barred(POLICY) == life.UNPUBLISHED


def test_a_claim_that_goes_on_is_not_stopped_by_the_draft_begun_after_its_policy_ended(who):
    county.deliver((county.RICH, 600))
    run = matching.run_match(by=who.officer)
    course = lives.published(POLICY, who)
    claim, other = (lives.claim_factory(run, POLICY, uscc, who.officer) for uscc in (county.RICH, county.PLAIN))
    moves.set_status(other.course, "suspended", other.course.version, who.officer, dt.date(2026, 10, 31), "另查")  # nobody said of this one that it goes on
    actions.hold_life(course=Course.objects.get(pk=course.pk), to="expired", version=course.version, reason="到期", by=who.leader, claims=actions.GO_ON)
    assert life.barred_claim(claim) is None
    actions.begin_life(policy_id=POLICY, title="下一年", by=who.officer)
    assert life.barred_claim(claim) is None
    assert life.barred_claim(other) == life.UNPUBLISHED


# ── the public notice ────────────────────────────────────────────────────────
def at_confirmed(who, settings):
    settings.DIGUAN_TODAY = "2026-10-09"
    course = lives.published(POLICY, who)
    go(course, "matching", who.officer)
    hand_in(POLICY, "confirmed_list", who)
    go(course, "confirmed", who.second)
    settings.DIGUAN_TODAY = "2026-10-30"
    return course


def test_a_public_notice_is_not_shortened_by_writing_an_earlier_day(who, settings):
    course = at_confirmed(who, settings)
    hand_in(POLICY, "publicity_notice", who)
    for day in (dt.date(2026, 10, 9), dt.date(2026, 10, 29)):
        with pytest.raises(Refusal, match="bad_day"):
            go(course, "publicised", who.second, day=day)
    go(course, "publicised", who.second)


def test_a_notice_that_bears_its_day_counts_from_then(who, settings):
    course = at_confirmed(who, settings)
    hand_in(POLICY, "publicity_notice", who, issued=dt.date(2026, 10, 20))
    with pytest.raises(Refusal, match="bad_day"):
        go(course, "publicised", who.second, day=dt.date(2026, 10, 19))
    go(course, "publicised", who.second, day=dt.date(2026, 10, 20))
