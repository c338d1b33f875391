"""A claim from the granted list to the intent confirmed: what each delivery asks, who may do what, what is refused and why."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from diguan.kernel import timelines
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.queries import pieces
from diguan.kernel.facts.runs import Run
from diguan.kernel.notices.models import Notice
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course
from diguan.kernel.stages.refusals import ChangedMeanwhile, GateClosed
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.actions import claim_lists, claim_papers, claim_steps, life
from diguan.policies.actions import claims as opening
from diguan.policies.actions import life as living
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.models import Claim, ClaimReview, Delivery
from diguan.policies.queries import allocations, payable
from diguan.policies.queries import claims as reads
from diguan.policies.tests import claiming, county, lives
from diguan.policies.tests.claiming import (
    PDF,
    SINCE,
    again,
    answer,
    go,
    opened,
    paper,
    published,
    seen,
    unobjected,
    verified,
)
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    return claiming.begin(settings, tmp_path, monkeypatch)


def rich(rows):
    return next(row for row in rows if row.enterprise.uscc == RICH)


# ── a working day ────────────────────────────────────────────────────────────
def test_from_the_granted_list_to_unobjected_and_intent_confirmed(who, settings):
    # Saturday morning's allocation is opened by one officer: three firms, one Event on the run.
    rows = opened(who)
    assert {row.enterprise.uscc: row.amount_fen for row in rows} == {RICH: 5_000_000, PLAIN: 5_000_000, SHORT: 1_000_000}
    event = Event.objects.get(verb="claims_opened")
    assert (event.root_type, event.after["claims"], event.after["amount_fen"]) == ("kernel.run", 3, 11_000_000)
    row = rich(rows)
    assert (row.delivery, row.officer, str(row.course.title)) == (Delivery.AUTOMATIC, who.officer, "清洁窑炉用气补助 · 衡阳大窑瓷业有限公司")
    # Another officer confirms the whole list.
    ready = reads.ready_for(who.second, POLICY, "confirmed")
    done = claim_lists.pass_list(to="confirmed", seen={one.claim.pk: one.seen for one in ready}, by=who.second)
    assert (len(done.passed), done.refused) == (3, ())
    # The first enters the stamped notice, a third puts it up.
    put = claim_lists.put_up_notice(claims_seen=[row.pk for row in rows], paper=PDF, by=who.officer)
    assert len(put.passed) == 3
    ready = reads.ready_for(who.third, POLICY, "publicised")
    done = claim_lists.pass_list(to="publicised", seen={one.claim.pk: one.seen for one in ready}, by=who.third)
    assert (len(done.passed), done.refused) == (3, ())
    # Five working days, not one less.
    settings.DIGUAN_TODAY = "2026-11-06"
    early = claim_lists.pass_list(to="unobjected", seen={row.pk: seen(row) for row in rows}, by=who.officer)
    assert (early.passed, len(early.refused)) == ((), 3)
    assert "2026-11-06" in str(early.refused[0][1][0])
    settings.DIGUAN_TODAY = "2026-11-09"
    done = claim_lists.pass_list(to="unobjected", seen={row.pk: seen(row) for row in rows}, by=who.officer)
    assert len(done.passed) == 3
    # The firm is told, confirms its intent and its account, and nothing else.
    assert Notice.objects.get(kind="policies.claim", uscc=RICH, ended_at=None).title_zh == "请确认意愿和账户：清洁窑炉用气补助"
    assert [entry.id for entry in reads.to_hand_in(again(row))] == ["intent_confirmation", "bank_account"]
    answer(row, who.agent)
    assert not reads.turn_of_firm(again(row))
    account = next(one for one in pieces(who.second, [reads.subject(row)], dt.date(2026, 11, 9)) if one.row.entry == "bank_account")
    assert (account.value, account.hidden) == ("**********8901", True)
    # An officer verifies what the firm entered and hands over to payments.
    claim_steps.confirm_intent(claim=again(row), seen=seen(again(row)), by=who.second)
    assert again(row).stage == "intent_confirmed"
    assert set(Evidence.objects.filter(entered_by=who.agent).values_list("state", flat=True)) == {"verified"}
    verbs = [line.verb for line in reversed(timelines.of(who.officer, row.course))]
    assert verbs == ["claim_passed", "claim_paper_entered", "claim_passed", "claim_passed", "claim_answered", "claim_answer_checked"]
    assert [(stage.id, stage.count, stage.amount_fen) for stage in reads.by_stage(reads.claims_of(who.officer, POLICY))] == [
        ("unobjected", 2, 6_000_000), ("intent_confirmed", 1, 5_000_000)]


# ── opening ──────────────────────────────────────────────────────────────────
def test_doing_it_again_opens_nothing_and_says_so(who):
    opened(who)
    with pytest.raises(Refusal, match="nothing_to_open"):
        opened(who)
    assert Claim.objects.count() == 3


def test_a_policy_without_a_budget_pays_everybody(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="")
    assert {row.enterprise.uscc for row in opened(who)} == {RICH, PLAIN, SHORT}


def test_a_text_that_changed_since_the_allocation_opens_nothing(who):
    run = claiming.allocated(who)
    claiming.rewrite(who.pack, budget="80万元")
    with pytest.raises(Refusal, match="changed"):
        opening.open_claims(allocation=run, policy=POLICY, by=who.officer)
    with pytest.raises(Refusal, match="no_policy"):
        opening.open_claims(allocation=run, policy="no-such", by=who.officer)
    assert not Claim.objects.exists()


def test_a_damaged_allocation_opens_nothing(who):
    run = claiming.allocated(who)
    (run.folder / "allocation.parquet").write_bytes(b"x")
    with pytest.raises(Refusal, match="damaged"):
        opening.open_claims(allocation=run, policy=POLICY, by=who.officer)


def test_two_allocations_never_promise_more_than_the_budget(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元")
    assert [row.enterprise.uscc for row in opened(who)] == [RICH]
    county.deliver((RICH, 9), (PLAIN, 900), (SHORT, 130), period="2026-10")
    actions.run_match(by=who.officer)
    with pytest.raises(Refusal, match="over_budget") as refusal:
        opening.open_claims(allocation=run_allocation(by=who.officer), policy=POLICY, by=who.officer)
    assert "50000.00" in str(refusal.value.reasons[0])
    first = Claim.objects.get()
    paper(first, "refusal_notice", who.officer, who.second)
    go(first, "refused", who.second, reason="核查发现已停产")  # the money is free again
    assert [row.enterprise.uscc for row in opening.open_claims(allocation=run_allocation(by=who.officer), policy=POLICY, by=who.officer)] == [PLAIN]


def test_a_new_attempt_begins_once_the_last_ended_without_money(who):
    row = rich(opened(who))
    claim_steps.withdraw_claim(claim=again(row), version=1, reason="不需要了", by=who.agent)
    second = opened(who)
    assert [(one.enterprise.uscc, one.attempt) for one in second] == [(RICH, 2)]


def test_one_policy_beside_another_it_excludes_is_refused(who):
    opened(who)
    claiming.rewrite(who.pack, "clean-kiln-too", budget="", delivery="fast_claim", apart=("benefit:", f"exclusive_with: [{POLICY}]\nbenefit:"))
    actions.run_match(by=who.officer)
    with pytest.raises(Refusal, match="excluded"):
        opening.start_claim(policy="clean-kiln-too", enterprise=rich(Claim.objects.all()).enterprise, by=who.agent)


def test_a_policy_that_is_held_up_begins_no_claim_and_confirms_none(who):
    rows = opened(who)
    claim_steps.withdraw_claim(claim=again(rich(rows)), version=1, reason="换一次", by=who.agent)
    people = lives.people()
    course = lives.published(POLICY, people, lives.review_of(POLICY))
    life.hold_life(course=course, to="suspended", version=course.version, reason="资金未到位", by=people.leader, claims="suspend")
    with pytest.raises(Refusal, match="policy_barred"):
        opening.open_claims(allocation=run_of(rows), policy=POLICY, by=who.officer)
    held = next(row for row in rows if row.enterprise.uscc != RICH)
    with pytest.raises(Refusal, match=r"policy_barred|held"):
        go(held, "confirmed", who.second)
    course = Course.objects.get(pk=course.pk)
    life.resume_life(course=course, version=course.version, reason="资金到位", by=people.leader)
    go(held, "confirmed", who.second)
    assert len(opening.open_claims(allocation=run_of(rows), policy=POLICY, by=who.officer)) == 1


def run_of(rows):
    return Run.objects.get(run_id=rows[0].allocation)


# ── the firm starts ──────────────────────────────────────────────────────────
def test_a_firm_starts_a_fast_claim_when_the_match_calls_it_entitled(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="", delivery="fast_claim")
    firm = county.enterprise(RICH)
    course = opening.start_claim(policy=POLICY, enterprise=firm, by=who.agent)
    row = course.claim
    assert (row.amount_fen, row.match, row.allocation, row.delivery) == (5_000_000, who.match.run_id, "", Delivery.FAST)
    assert reads.to_hand_in(again(row)) == []
    with pytest.raises(Refusal, match="open_already"):
        opening.start_claim(policy=POLICY, enterprise=firm, by=who.agent)


def test_a_fast_claim_on_a_budget_waits_for_the_allocation_and_takes_its_grant(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元", delivery="fast_claim")
    plain = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    with pytest.raises(Refusal, match="not_granted"):
        opening.start_claim(policy=POLICY, enterprise=county.enterprise(RICH), by=who.agent)
    run = claiming.allocated(who)
    assert opening.start_claim(policy=POLICY, enterprise=county.enterprise(RICH), by=who.agent).claim.allocation == run.run_id
    with pytest.raises(Refusal, match="not_granted"):
        opening.start_claim(policy=POLICY, enterprise=county.enterprise(PLAIN), by=plain)


def test_a_grant_outlives_the_next_match_but_never_pays_more_than_that_match_says(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, delivery="application")
    run = claiming.allocated(who)
    county.deliver((RICH, 120), (PLAIN, 500), period="2026-10")  # the rich one's gas fell: ten thousand instead of fifty
    match = actions.run_match(by=who.officer)
    row = opening.start_claim(policy=POLICY, enterprise=county.enterprise(RICH), by=who.agent).claim
    assert (row.amount_fen, row.match, row.allocation) == (1_000_000, match.run_id, run.run_id)


@pytest.mark.parametrize(("delivery", "firm", "code"), [("automatic_entitlement", RICH, "automatic"), ("fast_claim", SILENT, "not_entitled")])
def test_what_a_firm_cannot_start(settings, tmp_path, monkeypatch, delivery, firm, code):
    claiming.begin(settings, tmp_path, monkeypatch, budget="", delivery=delivery)
    agent = person_factory("enterprise_agent", uscc=firm, from_day=SINCE)
    with pytest.raises(Refusal, match=code):
        opening.start_claim(policy=POLICY, enterprise=county.enterprise(firm), by=agent)
    assert not Claim.objects.exists()


def test_an_application_asks_for_its_papers_at_the_start_and_never_for_what_the_county_holds(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, delivery="application")
    row = rich(opened(who))
    assert Notice.objects.get(kind="policies.claim", uscc=RICH).title_zh == "请交申报材料：清洁窑炉用气补助"
    assert [entry.id for entry in reads.to_hand_in(again(row))] == ["intent_confirmation", "bank_account"]  # the licence is in the register
    with pytest.raises(Refusal, match="nothing_asked"):
        claim_papers.hand_in(claim=again(row), version=1, papers={"business_licence": PDF}, by=who.agent)
    answer(row, who.agent)
    assert not reads.turn_of_firm(again(row))


# ── what the firm may and may not say ────────────────────────────────────────
def test_it_is_asked_for_nothing_before_its_turn(who):
    row = rich(opened(who))
    with pytest.raises(Refusal, match="nothing_asked"):
        answer(row, who.agent)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("account", ["", "六二二二", "12345678901", "1" * 31, "6222020000001235"])
def test_an_account_is_12_to_30_digits_with_its_check_digit_and_a_wrong_one_leaves_nothing(who, settings, account):
    row = rich(opened(who))
    unobjected(row, who, settings)
    with pytest.raises(Refusal, match="invalid") as refusal:
        answer(row, who.agent, account)
    assert refusal.value.field == "account"
    assert not Evidence.objects.filter(entered_by=who.agent).exists()
    answer(row, who.agent)  # what was refused used no version up


def test_an_answer_given_twice_is_taken_once(who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    stale = again(row)
    answer(row, who.agent)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        claim_papers.hand_in(claim=stale, version=stale.version, papers={"intent_confirmation": Paper(value="true")}, by=who.agent)
    with pytest.raises(Refusal, match="nothing_asked"):
        answer(row, who.agent)


def test_the_office_cannot_say_it_for_the_firm(who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    for entry in ("bank_account", "intent_confirmation"):
        with pytest.raises(Refusal, match="firms_own"):
            claim_papers.enter_paper(claim=again(row), entry=entry, paper=Paper(value="true"), by=who.officer)


def test_a_firm_gives_up_with_a_reason_and_not_once_an_order_is_out(who):
    row = rich(opened(who))
    before = seen(row)
    with pytest.raises(Refusal, match="invalid"):
        claim_steps.withdraw_claim(claim=again(row), version=1, reason=" ", by=who.agent)
    claim_steps.withdraw_claim(claim=again(row), version=1, reason="今年不需要", by=who.agent)
    assert reads.where(again(row)) == "withdrawn"
    with pytest.raises(Refusal, match="ended"):
        claim_steps.pass_step(claim=again(row), to="confirmed", seen=before, by=who.second)


# ── four eyes, versions ──────────────────────────────────────────────────────
def test_who_opened_a_claim_does_not_confirm_it(who):
    row = rich(opened(who))
    with pytest.raises(GateClosed) as caught:
        go(row, "confirmed", who.officer)
    assert [item.id for item in caught.value.answer.missing] == ["verifier_not_doer"]


def test_a_notice_is_not_put_up_by_who_entered_it(who):
    row = rich(opened(who))
    go(row, "confirmed", who.second)
    paper(row, "publicity_notice", who.officer)
    done = claim_lists.pass_list(to="publicised", seen={row.pk: seen(again(row))}, by=who.officer)
    assert done.passed == ()
    assert "自己填报的不能自己核实" in str(done.refused[0][1][0])
    assert again(row).stage == "confirmed"


def test_who_comes_later_is_told_claim_by_claim(who):
    rows = opened(who)
    before = {row.pk: seen(row) for row in rows}
    go(rows[0], "confirmed", who.second)
    done = claim_lists.pass_list(to="confirmed", seen=before, by=who.third)
    assert len(done.passed) == 2
    assert [row.pk for row, _reasons in done.refused] == [rows[0].pk]
    with pytest.raises(ChangedMeanwhile):
        claim_steps.pass_step(claim=again(rows[1]), to="confirmed", seen=before[rows[1].pk], by=who.second)


def test_a_page_read_before_a_step_does_nothing_after_it(who):
    """Every stage begins at version 1, so what was read names the stage too: else an old page would refuse what was confirmed since."""
    row = rich(opened(who))
    before = seen(row)
    paper(row, "refusal_notice", who.officer, who.second)
    go(row, "confirmed", who.second)
    with pytest.raises(ChangedMeanwhile):
        claim_steps.pass_step(claim=again(row), to="refused", seen=before, by=who.third, reason="旧页面")
    assert again(row).stage == "confirmed"


# ── objections, refusals, reviews ────────────────────────────────────────────
def test_another_firm_objects_in_the_open_days_and_the_claim_goes_on_when_it_does_not_hold(who, settings):
    row = rich(opened(who))
    published(row, who)
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    claim_papers.object_to(claim=again(row), enterprise=county.enterprise(PLAIN), paper=PDF, by=other)
    assert [one.row.entry for one in pieces(who.agent, [reads.subject(row)], dt.date(2026, 10, 31))] == ["publicity_notice"]  # who objected is not told to the firm
    verified(row, "objection", who.second)
    go(row, "objected", who.second, reason="小窑瓷业反映其已停产")
    assert reads.view(who.second, again(row)).reason("objected") == "小窑瓷业反映其已停产"
    assert reads.view(who.agent, again(row)).reason("objected") == ""
    paper(row, "objection_reply", who.officer, who.third)
    with pytest.raises(GateClosed):
        go(row, "objection_settled", who.second)  # who accepted the objection does not settle it
    go(row, "objection_settled", who.third)
    assert [entry.id for entry in reads.to_hand_in(again(row))] == ["intent_confirmation", "bank_account"]


def test_a_claim_is_not_unobjected_while_an_objection_stands_against_it(who, settings):
    row = rich(opened(who))
    published(row, who)
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    claim_papers.object_to(claim=again(row), enterprise=county.enterprise(PLAIN), paper=PDF, by=other)
    settings.DIGUAN_TODAY = "2026-11-10"
    with pytest.raises(Refusal, match="objection_waits"):
        go(row, "unobjected", who.officer)  # nobody has looked at it yet
    assert claim_lists.pass_list(to="unobjected", seen={row.pk: seen(again(row))}, by=who.officer).passed == ()
    assert [item.id for item in reads.ready_for(who.officer, POLICY, "unobjected")[0].missing] == ["objection"]
    assert not reads.view(who.officer, again(row)).way("unobjected").answer.met
    assert "objection" not in [item.id for item in reads.view(who.agent, again(row)).way("unobjected").answer.items]  # not the firm's to know
    verified(row, "objection", who.second)
    with pytest.raises(Refusal, match="objection_waits"):
        go(row, "unobjected", who.officer)  # it holds: that is another way on
    go(row, "objected", who.second, reason="小窑瓷业反映其已停产")


def test_an_objection_that_was_rejected_stands_in_nobodys_way(who, settings):
    row = rich(opened(who))
    published(row, who)
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    claim_papers.object_to(claim=again(row), enterprise=county.enterprise(PLAIN), paper=PDF, by=other)
    piece = Evidence.objects.get(entry="objection")
    claim_papers.decide_paper(claim=again(row), paper=piece, version=piece.version, holds=False, reason="没有事实依据", by=who.second)
    settings.DIGUAN_TODAY = "2026-11-10"
    go(row, "unobjected", who.officer)
    assert again(row).stage == "unobjected"


def test_nobody_objects_to_their_own_claim_or_outside_the_open_days(who):
    row = rich(opened(who))
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    with pytest.raises(Refusal, match="own_claim"):
        claim_papers.object_to(claim=again(row), enterprise=county.enterprise(RICH), paper=PDF, by=who.agent)
    with pytest.raises(Refusal, match="not_public"):
        claim_papers.object_to(claim=again(row), enterprise=county.enterprise(PLAIN), paper=PDF, by=other)


def test_a_refusal_says_why_and_is_reviewed_by_somebody_else(who):
    row = rich(opened(who))
    paper(row, "refusal_notice", who.officer, who.second)
    with pytest.raises(Refusal, match="invalid"):
        go(row, "refused", who.second)
    go(row, "refused", who.second, reason="核查发现窑炉已拆除")
    assert Notice.objects.get(kind="policies.claim", uscc=RICH, ended_at=None).body_zh.startswith("原因：核查发现窑炉已拆除。")
    assert [entry.id for entry in reads.to_hand_in(again(row))] == ["appeal_letter"]
    claim_papers.hand_in(claim=again(row), version=again(row).version, papers={"appeal_letter": PDF}, by=who.agent, reason="窑炉还在")
    verified(row, "appeal_letter", who.third)
    go(row, "under_review", who.third)
    now = again(row)
    with pytest.raises(Refusal, match="own_decision"):
        claim_steps.send_back(claim=now, to="found", seen=seen(now), reason="复核", by=who.second)
    claim_steps.send_back(claim=now, to="found", seen=seen(now), reason="实地看过，窑炉在用", by=who.third)
    assert (again(row).stage, Course.objects.get(pk=row.course_id).ended_at) == ("found", None)


def test_a_refusal_upheld_ends_it(who):
    row = rich(opened(who))
    paper(row, "refusal_notice", who.officer, who.second)
    go(row, "refused", who.second, reason="窑炉已拆除")
    claim_papers.hand_in(claim=again(row), version=again(row).version, papers={"appeal_letter": PDF}, by=who.agent)
    verified(row, "appeal_letter", who.second)
    go(row, "under_review", who.second)
    paper(row, "review_decision", who.officer, who.second)
    with pytest.raises(GateClosed):
        go(row, "refusal_upheld", who.second, reason="确已拆除")
    go(row, "refusal_upheld", who.third, reason="确已拆除")
    assert stages.progress(again(row).course).ended


# ── who may not ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["leader", "data_clerk", "administrator", "enterprise_agent", "bureau_clerk"])
def test_only_a_policy_officer_opens_claims_of_an_allocation(who, role):
    run = claiming.allocated(who)
    person = person_factory(role, from_day=SINCE, **({"uscc": RICH} if role == "enterprise_agent" else {}))
    with pytest.raises(Forbidden):
        opening.open_claims(allocation=run, policy=POLICY, by=person)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("role", ["leader", "data_clerk", "administrator", "enterprise_agent", "bureau_clerk"])
def test_only_the_office_moves_a_claim(who, role):
    row = rich(opened(who))
    person = person_factory(role, from_day=SINCE, **({"uscc": RICH} if role == "enterprise_agent" else {}))
    with pytest.raises(Forbidden):
        go(row, "confirmed", person)
    with pytest.raises(Forbidden):
        claim_papers.enter_paper(claim=again(row), entry="publicity_notice", paper=PDF, by=person)
    with pytest.raises(Forbidden):
        claim_steps.send_back(claim=again(row), to="found", seen=seen(row), reason="退回", by=person)
    with pytest.raises(Forbidden):
        claim_steps.confirm_intent(claim=again(row), seen=seen(row), by=person)
    assert again(row).stage == "found"


def test_a_clerk_of_the_office_handles_what_its_own_unit_holds(who):
    from diguan.kernel.access import unit_of
    from diguan.kernel.access.models import Unit

    row = rich(opened(who))
    own = person_factory("bureau_clerk", unit=Unit.objects.get(pk=unit_of(who.officer)), from_day=SINCE)
    go(row, "confirmed", own)
    assert again(row).stage == "confirmed"


def test_a_paper_of_another_claim_is_not_decided_on_at_this_one(who):
    one, other = opened(who)[:2]
    paper(other, "publicity_notice", who.officer)
    row = Evidence.objects.get(subject_id=str(other.pk), entry="publicity_notice")
    with pytest.raises(Refusal, match="not_of_this"):
        claim_papers.decide_paper(claim=again(one), paper=row, version=row.version, holds=True, by=who.second)
    row.refresh_from_db()
    assert row.state == "entered"


def test_only_the_firms_own_agent_answers_for_it(who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    other = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    for person in (other, who.officer, who.leader):
        with pytest.raises(Forbidden):
            answer(row, person)
        with pytest.raises(Forbidden):
            claim_steps.withdraw_claim(claim=again(row), version=1, reason="不要了", by=person)
    with pytest.raises(Forbidden):
        opening.start_claim(policy=POLICY, enterprise=county.enterprise(RICH), by=other)
    assert reads.claim(other, row.pk) is None
    assert list(reads.own_claims(other, [RICH])) == []


def test_payment_is_no_step_of_the_office_that_confirms(who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    answer(row, who.agent)
    claim_steps.confirm_intent(claim=again(row), seen=seen(again(row)), by=who.second)
    with pytest.raises(Refusal, match="no_way"):  # the flow goes there from here, but not through this door
        go(row, "payment_ordered", who.second)


# ── a firm's own line of the allocation ──────────────────────────────────────
def test_a_firm_sees_its_own_place_in_the_line_once_the_office_acts_by_it(settings, tmp_path, monkeypatch):
    who = claiming.begin(settings, tmp_path, monkeypatch, budget="5万元")
    plain = person_factory("enterprise_agent", uscc=PLAIN, from_day=SINCE)
    claiming.allocated(who)
    assert allocations.own_line(plain, county.enterprise(PLAIN), POLICY) is None  # a trial tells nobody
    opened(who)
    _run, settled, line = allocations.own_line(plain, county.enterprise(PLAIN), POLICY)
    assert (line.state, line.reason, line.place, settled.waitlisted) == ("waitlisted", "budget_used", 2, 2)
    with pytest.raises(Forbidden):
        allocations.own_line(plain, county.enterprise(RICH), POLICY)


# ── what other parts of the room bar ─────────────────────────────────────────
def test_an_allocation_made_before_a_policy_is_suspended_opens_nothing(who):
    run = claiming.allocated(who)
    course = lives.published(POLICY, lives_of(who))
    living.hold_life(course=course, to="suspended", version=1, reason="核查", by=who.leader)
    with pytest.raises(Refusal, match="policy_barred"):
        opening.open_claims(allocation=run, policy=POLICY, by=who.officer)
    assert not Claim.objects.exists()


def test_an_open_review_is_what_stands_in_the_way_of_payment(who, settings):
    row = rich(opened(who))
    unobjected(row, who, settings)
    run = row.match
    ClaimReview.objects.create(claim=row, old_run=run, new_run=run, was_status=1, now_status=0, finding="x")
    said = [problem.zh for problem in payable.judge([again(row)], dt.date(2026, 11, 10))[row.pk].problems]
    assert "这一件的事实有变，正等复核，决定之前不能付款" in said


def lives_of(who):
    return SimpleNamespace(officer=who.officer, second=who.second, leader=who.leader, clerk=who.third)
