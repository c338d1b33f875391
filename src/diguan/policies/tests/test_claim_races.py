"""Two officers, or an officer and a firm, at the same moment: real threads on whichever database is under test. Nothing twice."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from diguan.kernel import events
from diguan.kernel.access.models import Person
from diguan.kernel.events import Event
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.facts.runs import Run
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.stages.tests.test_races import at_once
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import claim_lists, claim_papers, claim_steps
from diguan.policies.actions import claims as opening
from diguan.policies.models import Claim
from diguan.policies.queries import claims
from diguan.policies.tests import claiming, county
from diguan.policies.tests.claiming import SINCE, again, answer, opened, seen, unobjected
from diguan.policies.tests.county import PLAIN, POLICY, RICH

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    return claiming.begin(settings, tmp_path, monkeypatch)


def sound(rows):
    """Every course has one open stage, its chain of events holds, and no firm has two claims."""
    for row in rows:
        assert Task.objects.filter(course=row.course_id, state="open").count() <= 1
        assert events.verify(Course.objects.get(pk=row.course_id)) == []
    assert len({(row.policy, row.enterprise_id) for row in rows}) == len(rows)


def test_two_officers_open_the_same_list_at_once(who):
    run = claiming.allocated(who)
    people = [who.officer, who.second, who.third]
    found = at_once(*(lambda by=by: opening.open_claims(allocation=Run.objects.get(pk=run.pk), policy=POLICY, by=Person.objects.get(pk=by.pk)) and "done" for by in people))
    assert found.count("done") == 1
    assert set(found) <= {"done", "open_already", "nothing_to_open"}
    assert (Claim.objects.count(), Course.objects.count(), Event.objects.filter(verb="claims_opened").count()) == (3, 3, 1)
    sound(Claim.objects.all())


def test_six_officers_confirm_the_same_list_at_once_and_each_claim_passes_once(who):
    rows = opened(who)
    before = {row.pk: seen(row) for row in rows}
    people = [person_factory("policy_officer", from_day=SINCE) for _ in range(6)]
    outcomes = []
    found = at_once(*(lambda by=by: outcomes.append(claim_lists.pass_list(to="confirmed", seen=dict(before), by=by)) or "done" for by in people))
    assert found == ["done"] * 6
    passed = [row.pk for one in outcomes for row in one.passed]
    assert sorted(passed) == sorted(before)
    told = [str(reasons[0]) for one in outcomes for _row, reasons in one.refused]
    assert len(told) == 15
    assert all("请重新打开再办" in words for words in told)
    assert Passage.objects.filter(target="confirmed").count() == 3
    assert Event.objects.filter(verb="claim_passed").count() == 3
    sound(Claim.objects.all())


def test_an_office_and_a_firm_open_at_once_and_there_is_one_claim(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元", delivery="fast_claim")
    run, firm = claiming.allocated(who), county.enterprise(RICH)
    found = at_once(lambda: opening.open_claims(allocation=run, policy=POLICY, by=who.officer) and "done",
                    lambda: opening.start_claim(policy=POLICY, enterprise=firm, by=who.agent) and "done")
    assert found.count("done") == 1
    assert set(found) <= {"done", "open_already", "nothing_to_open"}
    sound(Claim.objects.all())


def test_two_allocations_opened_at_once_stay_within_the_budget(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元")
    first = claiming.allocated(who)
    county.deliver((RICH, 9), (PLAIN, 900), period="2026-10")
    from diguan.policies import actions

    actions.run_match(by=who.officer)
    second = claiming.allocated(who)
    found = at_once(*(lambda run=run, by=by: opening.open_claims(allocation=run, policy=POLICY, by=by) and "done" for run, by in ((first, who.officer), (second, who.second))))
    assert sorted(found) == ["done", "over_budget"]
    assert Claim.objects.aggregate(fen=Sum("amount_fen"))["fen"] == 5_000_000


def test_a_firm_that_presses_twice_answers_once(who, settings):
    row = next(each for each in opened(who) if each.enterprise.uscc == RICH)
    unobjected(row, who, settings)
    read = again(row)
    found = at_once(*(lambda: claiming.answer_as(read, who.agent) or "done" for _ in range(4)))
    assert found.count("done") == 1
    assert set(found) == {"done", "changed_meanwhile"}
    assert Evidence.objects.filter(entered_by=who.agent).count() == 2


def test_a_firm_gives_up_while_the_office_confirms(who):
    row = next(each for each in opened(who) if each.enterprise.uscc == RICH)
    before = seen(row)
    gone, moved = at_once(lambda: claim_steps.withdraw_claim(claim=again(row), version=1, reason="不要了", by=who.agent) and "done",
                          lambda: claim_steps.pass_step(claim=again(row), to="confirmed", seen=before, by=who.second) and "done")
    assert gone in ("done", "changed_meanwhile")
    assert moved in ("done", "changed_meanwhile", "held", "ended")
    sound([row])


def test_two_officers_check_the_same_answer_at_once(who, settings):
    row = next(each for each in opened(who) if each.enterprise.uscc == RICH)
    unobjected(row, who, settings)
    answer(row, who.agent)
    before = seen(again(row))
    found = at_once(*(lambda by=by: claim_steps.confirm_intent(claim=again(row), seen=before, by=by) and "done" for by in (who.second, who.third)))
    assert found.count("done") == 1
    assert set(found) == {"done", "changed_meanwhile"}
    assert Passage.objects.filter(target="intent_confirmed").count() == 1


def test_a_refusal_is_taken_back_while_the_firm_begins_anew_and_there_is_one_claim(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="", delivery="fast_claim")
    firm = county.enterprise(RICH)
    row = opening.start_claim(policy=POLICY, enterprise=firm, by=who.agent).claim
    claiming.paper(row, "refusal_notice", who.officer, who.second)
    claiming.go(row, "refused", who.second, reason="窑炉已拆除")
    claim_papers.hand_in(claim=again(row), version=again(row).version, papers={"appeal_letter": claiming.PDF}, by=who.agent)
    claiming.verified(row, "appeal_letter", who.third)
    claiming.go(row, "under_review", who.third)
    now = again(row)
    found = at_once(lambda: claim_steps.send_back(claim=now, to="found", seen=seen(now), reason="窑炉在用", by=who.third) and "done",
                    lambda: opening.start_claim(policy=POLICY, enterprise=firm, by=who.agent) and "done")
    assert sorted(map(str, found)) == ["done", "open_already"]
    assert len(claims.binding(Claim.objects.all())) == 1
