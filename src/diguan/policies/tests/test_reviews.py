"""A fact that is corrected after a claim was made is never silent: it is reviewed, by somebody else, and until then nothing is ordered."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from diguan.kernel.access import Forbidden
from diguan.kernel.events import Event, verify
from diguan.kernel.facts import actions as batches
from diguan.kernel.facts.runs import Run
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages.actions import ChangedMeanwhile, moves
from diguan.kernel.stages.models import Course, Task
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions as matching
from diguan.policies.actions import reviews as actions
from diguan.policies.models import ClaimReview
from diguan.policies.queries import reviews
from diguan.policies.tests import county, lives
from diguan.policies.tests.county import PLAIN, POLICY, RICH
from diguan.policies.tests.lives import claim_factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 100))
    return lives.people()


@pytest.fixture
def claim(who):
    return claim_factory(matching.run_match(by=who.officer), POLICY, RICH, who.officer, officer=who.officer)


def corrected(who, gas=9, **more):
    """The kiln office corrects its September, and the match after it."""
    batch = county.deliver((RICH, gas), **more)
    matching.run_match(by=who.officer)
    return batch


def paid(claim, who):
    """As the payments leave it: the stage is ``paid``, the course has ended."""
    Task.objects.filter(course=claim.course).update(state="done")
    Task.objects.create(course=claim.course, key="paid", state="open")
    Course.objects.filter(pk=claim.course_id).update(ended_at=dt.datetime(2026, 10, 31, tzinfo=dt.UTC))
    return claim


def decide(review, decision, by, **more):
    return actions.decide_review(review=review, version=review.version, decision=decision, reason="查过台账", by=by, **more)


# ── found ────────────────────────────────────────────────────────────────────
def test_a_corrected_fact_opens_a_review_that_says_what_changed(who, claim):
    corrected(who)
    review = ClaimReview.objects.get()
    assert (review.claim, review.state, review.was_status, review.now_status, review.was_fen, review.now_fen) == (claim, "open", 1, 0, 5_000_000, None)
    (change,) = review.changed
    assert (change["fact"], change["period"], change["kind"]) == ("kiln.gas", "2026-09", "corrected")
    assert (change["before"]["value"], change["after"]["value"]) == (60_000, 900)
    assert review.clauses == ["burns"]
    event = Event.objects.get(verb="reviews_opened")
    assert event.after["opened"] == 1
    assert event.subjects.filter(subject_id=str(claim.pk)).exists()


def test_another_amount_alone_is_a_finding(who, claim):
    corrected(who, 400)
    review = ClaimReview.objects.get()
    assert (review.was_status, review.now_status, review.was_fen, review.now_fen, review.clauses) == (1, 1, 5_000_000, 1_000_000, [])


def test_another_amount_is_told_to_the_fen_wherever_it_is_named(who, claim, client):
    corrected(who, 9)
    row = ClaimReview.objects.get()
    ClaimReview.objects.filter(pk=row.pk).update(was_status=1, now_status=1, was_fen=2_930_900, now_fen=2_928_000)
    client.force_login(who.leader)
    for address in (reverse("policies:reviews"), reverse("policies:review", args=[row.pk]), reverse("policies:claim", args=[claim.pk])):
        html = client.get(address).content.decode()
        assert "29,309.00 元" in html, address
        assert "29,280.00 元" in html, address
        assert "符合 → 符合" not in html, address


def test_the_same_finding_never_comes_twice_whatever_is_decided(who, claim):
    corrected(who)
    for _ in range(2):
        matching.run_match(by=who.officer)
        assert actions.review_due() == 0 or ClaimReview.objects.count() == 1
    assert ClaimReview.objects.count() == 1
    decide(ClaimReview.objects.get(), "kept", who.second)
    county.deliver((PLAIN, 101))  # something else is new
    matching.run_match(by=who.officer)
    actions.review_due()
    assert [row.state for row in ClaimReview.objects.all()] == ["kept"]
    assert Event.objects.filter(verb="reviews_opened").count() == 1


def test_another_finding_takes_the_place_of_the_open_one(who, claim):
    corrected(who)
    corrected(who, 8)
    assert list(ClaimReview.objects.order_by("id").values_list("state", flat=True)) == ["lapsed", "open"]


def test_a_finding_that_no_longer_holds_is_closed_by_the_match_that_says_so(who, claim):
    batch = corrected(who)
    batches.withdraw_batch(batch=batch, reason="报错了", by=person_factory("data_clerk", from_day=dt.date(2026, 1, 1)))
    matching.run_match(by=who.officer)
    assert ClaimReview.objects.get().state == "lapsed"
    assert reviews.bars(claim) is None


def test_a_finding_that_holds_again_is_open_again(who, claim):
    clerk = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    batches.withdraw_batch(batch=corrected(who), reason="报错了", by=clerk)
    matching.run_match(by=who.officer)
    corrected(who)
    row = ClaimReview.objects.get()
    assert (row.state, row.version) == ("open", 3)
    with pytest.raises(Refusal, match="review_open"):
        actions.require_settled(claim)


def test_an_open_finding_gives_way_even_to_one_that_was_decided_before(who, claim):
    corrected(who)
    decide(ClaimReview.objects.get(), "kept", who.second)
    corrected(who, 8)
    assert reviews.open_review(claim) is not None
    county.deliver((RICH, 9), (PLAIN, 101))
    matching.run_match(by=who.officer)
    assert sorted(ClaimReview.objects.values_list("state", flat=True)) == ["kept", "lapsed"]


def test_a_claim_whose_own_match_is_lost_is_still_looked_at(who, claim):
    run = Run.objects.get(run_id=claim.match)
    (run.folder / "match.parquet").unlink()
    corrected(who)
    row = ClaimReview.objects.get()
    assert (row.was_status, row.was_fen, row.now_status, row.changed) == (1, 5_000_000, 0, [])


def test_after_payment_it_is_found_all_the_same(who, claim):
    paid(claim, who)
    corrected(who)
    assert ClaimReview.objects.get().paid


def test_a_claim_that_ended_without_money_is_left_alone(who, claim):
    moves.set_status(claim.course, "withdrawn", 1, who.leader, dt.date(2026, 10, 31), "企业放弃")
    corrected(who)
    assert not ClaimReview.objects.exists()


def test_a_match_without_claims_writes_nothing(who):
    matching.run_match(by=who.officer)
    assert not Event.objects.filter(verb="reviews_opened").exists()
    assert actions.review_due() == 0


def test_two_open_reviews_of_one_claim_cannot_be_written(who, claim):
    corrected(who)
    row = ClaimReview.objects.get()
    row.pk, row.finding = None, "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# ── what it bars ─────────────────────────────────────────────────────────────
def test_until_it_is_decided_nothing_is_ordered(who, claim):
    actions.require_settled(claim)
    corrected(who)
    assert reviews.open_review(claim) is not None
    with pytest.raises(Refusal, match="review_open"):
        actions.require_settled(claim)
    decide(ClaimReview.objects.get(), "kept", who.second)
    assert reviews.open_review(claim) is None
    actions.require_settled(claim)


def test_many_claims_are_asked_of_at_once(who, claim, django_assert_num_queries):
    other = claim_factory(matching.run_match(by=who.officer), POLICY, PLAIN, who.officer)
    corrected(who)
    with django_assert_num_queries(1):
        assert list(reviews.bars_of([claim, other])) == [claim.pk]


def test_decided_against_the_claim_it_stays_barred(who, claim):
    corrected(who)
    decide(ClaimReview.objects.get(), "stopped", who.second)
    with pytest.raises(Refusal, match="review_open"):
        actions.require_settled(claim)


# ── decided ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("was_paid", "decision"), [(False, "clawback"), (True, "stopped"), (False, "open"), (True, "lapsed"), (False, "nonsense")])
def test_what_is_paid_is_asked_back_and_what_is_not_is_not_paid(who, claim, was_paid, decision):
    if was_paid:
        paid(claim, who)
    corrected(who)
    with pytest.raises(Refusal, match="no_way"):
        decide(ClaimReview.objects.get(), decision, who.second)


def test_a_decision_is_kept_with_its_reason_and_taken_once(who, claim):
    paid(claim, who)
    corrected(who)
    review = ClaimReview.objects.get()
    with pytest.raises(Refusal, match="invalid"):
        actions.decide_review(review=review, version=1, decision="clawback", reason=" ", by=who.second)
    decide(review, "clawback", who.second)
    with pytest.raises(ChangedMeanwhile):
        actions.decide_review(review=ClaimReview.objects.get(), version=1, decision="kept", reason="再看看", by=who.leader)
    row = ClaimReview.objects.get()
    assert (row.state, row.decided_by, row.decision) == ("clawback", who.second, "查过台账")
    assert verify(row) == []


def test_whose_claim_it_is_does_not_decide(who, claim):
    corrected(who)
    with pytest.raises(Refusal, match="own_claim"):
        decide(ClaimReview.objects.get(), "kept", who.officer)


@pytest.mark.parametrize("role", ["data_clerk", "bureau_clerk", "enterprise_agent", "administrator"])
def test_who_may_not_decide(who, claim, role):
    corrected(who)
    with pytest.raises(Forbidden):
        decide(ClaimReview.objects.get(), "kept", person_factory(role))
    assert reviews.visible_reviews(person_factory(role)).count() == 0
