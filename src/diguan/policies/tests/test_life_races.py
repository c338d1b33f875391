"""Two people at one gate at once, a suspension beside a step, a finding found twice: each thing is done once, nobody is left half done."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from diguan.kernel import events
from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions as matching
from diguan.policies.actions import drafts as drafting
from diguan.policies.actions import life as actions
from diguan.policies.actions import reviews
from diguan.policies.engine import yamltext
from diguan.policies.models import Claim, ClaimHold, ClaimReview, DraftVersion
from diguan.policies.queries import papers, published
from diguan.policies.tests import county, lives
from diguan.policies.tests.county import PLAIN, POLICY, RICH
from diguan.policies.tests.lives import claim_factory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    return lives.people()


def at_once(*deeds):
    """Run each in a thread of its own, all let go at one moment; answers with what came of each."""
    gate, found = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(number, deed):
        try:
            gate.wait()
            deed()
            found[number] = "done"
        except Refusal as refusal:
            found[number] = refusal.code
        except Exception as error:
            found[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_people_at_one_gate_one_passes_and_the_other_is_told(who):
    course = actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    lives.reviewed(course, who)
    task = stages.current(course)
    leaders = [who.leader, *(person_factory("leader") for _ in range(3))]
    found = at_once(*(lambda by=by: actions.pass_stage(task=Task.objects.get(pk=task.pk), to="published", version=task.version, by=by) for by in leaders))
    assert sorted(found) == ["changed_meanwhile"] * 3 + ["done"]
    assert Passage.objects.filter(course=course, target="published").count() == 1
    assert Task.objects.filter(course=course, state="open").count() == 1
    assert sum(event.after["stage"] == "published" for event in Event.objects.filter(verb="life_moved")) == 1
    assert events.verify(course) == []


def test_of_two_suspensions_one_holds_every_claim_once(who):
    county.deliver((RICH, 600), (PLAIN, 100))
    run = matching.run_match(by=who.officer)
    for uscc in (RICH, PLAIN):
        claim_factory(run, POLICY, uscc, who.officer)
    course = lives.published(POLICY, who)
    leaders = [who.leader, person_factory("leader"), person_factory("leader")]
    found = at_once(*(lambda by=by: actions.hold_life(course=Course.objects.get(pk=course.pk), to="suspended", version=1, reason="核查", by=by, claims="suspend") for by in leaders))
    assert found.count("done") == 1
    assert set(found) <= {"done", "changed_meanwhile", "no_way"}
    assert ClaimHold.objects.count() == 2
    assert set(Course.objects.filter(flow="policy_claim").values_list("status", "version")) == {("suspended", 2)}


def test_a_claim_that_moves_while_its_policy_is_suspended_moved_before_or_not_at_all(who):
    county.deliver((RICH, 600), (PLAIN, 100))
    claim = claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer)
    course = lives.published(POLICY, who)

    def begins():
        with transaction.atomic():
            actions.require_open(POLICY)
            Claim.objects.filter(pk=claim.pk).update(amount_fen=1)

    held, begun = at_once(
        lambda: actions.hold_life(course=Course.objects.get(pk=course.pk), to="suspended", version=1, reason="核查", by=who.leader, claims="suspend"), begins)
    assert held == "done"
    assert begun in ("done", "policy_barred")
    with pytest.raises(Refusal, match="policy_barred"):
        actions.require_open(POLICY)


def test_a_finding_found_by_two_at_once_is_one_review(who):
    county.deliver((RICH, 600), (PLAIN, 100))
    claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer)
    county.deliver((RICH, 9))
    matching.run_match(by=who.officer)
    ClaimReview.objects.all().delete()
    assert at_once(*(lambda: reviews.review(by=who.officer) for _ in range(3))) == ["done"] * 3
    assert ClaimReview.objects.count() == 1


def test_a_version_kept_while_a_leader_publishes_is_not_taken_for_the_one_that_was_reviewed(who):
    course = actions.begin_life(policy_id=POLICY, title="清洁窑炉用气补助", by=who.officer)
    draft = drafting.copy_policy(policy=POLICY, by=who.officer)
    draft = drafting.save_version(draft=draft, version=draft.version, note="送审", by=who.officer)
    stood = DraftVersion.objects.get()
    data = yamltext.read(draft.text)
    lives.reviewed(course, who)
    draft = drafting.change_draft(draft=draft, version=draft.version, data={**data, "budget": {**data["budget"], "amount": "900万元"}}, by=who.officer)
    task = stages.current(course)
    leader, officer = at_once(lambda: actions.pass_stage(task=Task.objects.get(pk=task.pk), to="published", version=task.version, by=who.leader),
                              lambda: drafting.save_version(draft=draft, version=draft.version, note="加一点", by=who.officer))
    assert officer == "done"
    assert leader in ("done", "gate_closed")
    at = published.published_at(POLICY)
    assert (at is not None) == (leader == "done")
    if at is not None:
        assert papers.kept_last(POLICY, at).pk == stood.pk
