"""The life of a policy: no review, no publication, at whatever door; suspended it begins nothing new; its claims are told and kept."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import events
from diguan.kernel.access import Forbidden
from diguan.kernel.declare import run_due
from diguan.kernel.events import Event
from diguan.kernel.evidence.actions import withdraw
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules import tree
from diguan.kernel.rules.tree import FALSE, UNKNOWN
from diguan.kernel.stages import actions as stage_actions
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import ChangedMeanwhile, GateClosed
from diguan.kernel.stages.models import Course, Passage
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.policies import actions as matching
from diguan.policies import queries
from diguan.policies.actions import life as actions
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.models import ClaimHold
from diguan.policies.queries import allocations, life, members, papers, reach
from diguan.policies.tests import county, lives
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT
from diguan.policies.tests.lives import claim_factory, go, hand_in

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 31)


@pytest.fixture
def who(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    return lives.people()


@pytest.fixture
def matched(who):
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 95))
    return matching.run_match(by=who.officer)


def begin(who, policy_id=POLICY, **more):
    return actions.begin_life(policy_id=policy_id, title="清洁窑炉用气补助", by=who.officer, **more)


def missing(caught):
    return {item.id: item.state for item in caught.value.answer.missing}


def held(course, to, who, **more):
    course = Course.objects.get(pk=course.pk)
    return actions.hold_life(course=course, to=to, version=course.version, reason="上级要求核查", by=who.leader, **more)


# ── publishing ───────────────────────────────────────────────────────────────
def test_a_policy_from_draft_to_matching_as_a_working_day(who):
    course = begin(who)
    assert stages.current(course).key == "drafted"
    with pytest.raises(GateClosed) as caught:  # the document says that it was reviewed; nobody has shown the conclusion
        go(course, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition_review": FALSE}
    lives.reviewed(course, who)
    with pytest.raises(GateClosed) as caught:
        go(course, "published", who.second)
    assert missing(caught) == {"roles": FALSE}
    go(course, "published", who.leader)
    assert life.barred(POLICY) is None
    go(course, "matching", who.second)
    assert [one.target for one in Passage.objects.filter(course=course)] == ["drafted", "fair_competition_reviewed", "legality_reviewed", "published", "matching"]
    assert events.verify(course) == []


@pytest.mark.parametrize("entry", ["fair_competition_review", "legality_review", "policy_text"])
def test_a_conclusion_that_was_taken_back_publishes_nothing(who, entry):
    course = begin(who)
    lives.reviewed(course, who)
    row = Evidence.objects.get(entry=entry)
    withdraw(evidence=row, version=row.version, reason="发错了", by=who.clerk)
    for door in (lambda task: go(course, "published", who.leader),
                 lambda task: stage_actions.pass_gate(task=task, to="published", version=task.version, by=who.leader)):
        with pytest.raises(GateClosed) as caught:
            door(stages.current(course))
        assert entry in missing(caught)
    assert life.barred(POLICY) == life.UNPUBLISHED


def test_without_a_legal_basis_nothing_is_published(who, tmp_path):
    _without(tmp_path, "legal_basis: 县级财政预算支出（演示）\n")
    course = begin(who)
    lives.reviewed(course, who)
    with pytest.raises(GateClosed) as caught:
        go(course, "published", who.leader)
    assert set(missing(caught)) == {"legal_basis"}
    hand_in(POLICY, "legal_basis", who, "县级财政预算支出（演示）")
    with pytest.raises(GateClosed) as caught:  # the papers give one, the document does not: it would be matched by nobody
        go(course, "published", who.leader)
    assert set(missing(caught)) == {"agrees"}


def _without(tmp_path, line):
    path = tmp_path / f"pack/policies/{POLICY}.yaml"
    text = path.read_text("utf-8")
    assert line in text
    path.write_text(text.replace(line, ""), "utf-8")


@pytest.mark.parametrize(("entry", "value", "more", "words"), [
    ("fair_competition_review", "false", lives.REVIEW, "文件写的是“通过”，核实过的材料是“没有通过”"),
    ("fair_competition_review", "true", {**lives.REVIEW, "number": "演示公竞审〔2026〕9号"}, "公平竞争审查文号"),
    ("fair_competition_review", "true", {**lives.REVIEW, "issued": dt.date(2026, 1, 5)}, "公平竞争审查日期"),
    ("legal_basis", "另一个依据", {}, "依据"),
    ("policy_elements", "false", {}, "要素拆解"),
    ("policy_text", "", {"number": "演示〔2026〕7号"}, "文号")])
def test_document_and_evidence_that_contradict_each_other_publish_nothing(who, entry, value, more, words):
    course = begin(who)
    lives.reviewed(course, who)
    hand_in(POLICY, entry, who, value, **more)
    with pytest.raises(GateClosed) as caught:
        go(course, "published", who.leader)
    assert "agrees" in missing(caught)
    (said,) = papers.disagreements(POLICY, TODAY)
    assert words in said.zh


@pytest.mark.parametrize(("says", "verified"), [("passed", "false"), ("failed", "true")])
def test_a_no_of_either_side_stops_the_review_itself(who, tmp_path, says, verified):
    path = tmp_path / f"pack/policies/{POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace("status: passed", f"status: {says}"), "utf-8")
    course = begin(who)
    hand_in(POLICY, "fair_competition_review", who, verified, **lives.REVIEW)
    with pytest.raises(GateClosed) as caught:
        go(course, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition": FALSE}


def test_brackets_and_spaces_are_no_contradiction(who):
    hand_in(POLICY, "fair_competition_review", who, number="演示公竞审[2026] 1号", issued=lives.REVIEW["issued"])
    assert papers.disagreements(POLICY, TODAY) == []


def test_the_clock_of_extraction_runs_from_the_day_the_text_was_issued(who, settings):
    course = begin(who, day=dt.date(2026, 10, 12))
    hand_in(POLICY, "fair_competition_review", who, **lives.REVIEW)
    hand_in(POLICY, "legality_review", who, issued=dt.date(2026, 10, 12))
    for to, by in (("fair_competition_reviewed", who.second), ("legality_reviewed", who.officer)):
        go(course, to, by, day=dt.date(2026, 10, 13))
    hand_in(POLICY, "policy_text", who, issued=dt.date(2026, 10, 20))
    with pytest.raises(Refusal, match="bad_day"):
        go(course, "published", who.leader, day=dt.date(2026, 10, 30))
    go(course, "published", who.leader)
    task = stages.current(course)
    assert task.due == dt.date(2026, 10, 23)  # Tuesday the 20th and three working days
    assert "2026-10-20" in stages.due_words(task, "matching").zh
    assert task in stages.late_tasks(who.leader, TODAY)


def test_a_step_is_never_dated_before_the_one_before_it(who):
    course = begin(who)
    hand_in(POLICY, "fair_competition_review", who, **lives.REVIEW)
    for day in (dt.date(2026, 10, 30), dt.date(2026, 11, 1)):
        with pytest.raises(Refusal, match="bad_day"):
            go(course, "fair_competition_reviewed", who.second, day=day)


# ── amending ─────────────────────────────────────────────────────────────────
def test_an_amended_text_is_reviewed_anew_while_the_one_in_force_stays(who, matched):
    course = lives.published(POLICY, who)
    task = stages.current(course)
    actions.send_stage_back(task=task, to="drafted", version=task.version, reason="修订第二条", by=who.officer)
    assert life.barred(POLICY) is None  # the text in force stays
    assert POLICY in reach.entitled_now().policies
    with pytest.raises(GateClosed) as caught:  # the old conclusion is not of the new text
        go(course, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition_review": FALSE}
    assert "修订之前" in caught.value.reasons[0].zh
    hand_in(POLICY, "fair_competition_review", who, **lives.REVIEW)
    go(course, "fair_competition_reviewed", who.second)
    with pytest.raises(GateClosed) as caught:
        go(course, "legality_reviewed", who.officer)
    assert missing(caught) == {"legality_review": FALSE, "legality": UNKNOWN}
    hand_in(POLICY, "legality_review", who)
    go(course, "legality_reviewed", who.officer)
    with pytest.raises(GateClosed) as caught:  # nor is the old text the new one
        go(course, "published", who.leader)
    assert missing(caught) == {"policy_text": FALSE}
    hand_in(POLICY, "policy_text", who)
    go(course, "published", who.leader)
    assert Passage.objects.filter(course=course, target="published").count() == 2


def to_the_end(course, who, settings):
    """From published to paid, each paper handed in and verified."""
    go(course, "matching", who.officer)
    for stage, entries, by in (("confirmed", ["confirmed_list"], who.second), ("publicised", ["publicity_notice"], who.second),
                               ("payment_ordered", ["publicity_result", "budget_approval"], who.leader), ("paid", ["payment_voucher"], who.second)):
        for entry in entries:
            hand_in(course.subject_id, entry, who)
        if stage == "payment_ordered":
            settings.DIGUAN_TODAY = "2026-11-10"
        go(course, stage, by)


def test_next_years_text_goes_the_whole_way_again_with_papers_of_its_own(who, matched, settings):
    course = lives.published(POLICY, who)
    to_the_end(course, who, settings)
    task = stages.current(course)
    actions.send_stage_back(task=task, to="drafted", version=task.version, reason="下一年度的版本", by=who.officer)
    assert life.barred(POLICY) is None
    lives.reviewed(course, who)
    go(course, "published", who.leader)
    go(course, "matching", who.officer)
    with pytest.raises(GateClosed) as caught:  # last year's list is not this year's
        go(course, "confirmed", who.second)
    assert missing(caught) == {"confirmed_list": FALSE}
    hand_in(POLICY, "confirmed_list", who)
    go(course, "confirmed", who.second)


def test_sent_back_during_its_reviews_a_text_keeps_the_conclusion_it_has(who):
    course = begin(who)
    lives.reviewed(course, who)
    task = stages.current(course)
    actions.send_stage_back(task=task, to="drafted", version=task.version, reason="补一段说明", by=who.officer)
    go(course, "fair_competition_reviewed", who.second)


def test_after_its_evaluation_a_policy_begins_anew_and_its_text_stays_in_force(who, matched, settings):
    course = lives.published(POLICY, who)
    to_the_end(course, who, settings)
    hand_in(POLICY, "evaluation_report", who)
    go(course, "evaluated", who.leader)
    again = begin(who)
    assert life.barred(POLICY) is None  # what is paid by the old text is not stopped by the new draft
    assert life.stands()[POLICY].course == again.pk
    with pytest.raises(GateClosed) as caught:
        go(again, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition_review": FALSE}


def test_what_was_ended_is_not_in_force_again_because_a_new_draft_is_begun(who):
    held(lives.published(POLICY, who), "expired", who)
    begin(who)
    assert life.barred(POLICY) == life.UNPUBLISHED


# ── beginning ────────────────────────────────────────────────────────────────
def test_a_life_belongs_to_the_issuing_office_and_is_begun_once(who):
    office = unit_factory("县发改局")
    course = begin(who)
    assert course.owner_unit == office
    with pytest.raises(Refusal, match="open_already"):
        begin(who)
    assert begin(who, "another-draft").owner_unit_id == who.officer.posts.get().unit_id
    assert Event.objects.filter(verb="life_begun").count() == 2


@pytest.mark.parametrize(("policy_id", "title", "field"), [("a b", "名称", "policy_id"), ("x" * 81, "名称", "policy_id"), ("../x", "名称", "policy_id"), ("fine", "  ", "title")])
def test_a_life_needs_an_id_and_a_title(who, policy_id, title, field):
    with pytest.raises(Refusal, match="invalid") as caught:
        actions.begin_life(policy_id=policy_id, title=title, by=who.officer)
    assert caught.value.field == field
    assert not Course.objects.exists()


# ── who may not ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["data_clerk", "enterprise_agent", "administrator", "bureau_clerk", "leader"])
def test_who_may_not_begin_a_life(who, role):
    with pytest.raises(Forbidden):
        actions.begin_life(policy_id=POLICY, title="x", by=person_factory(role))


@pytest.mark.parametrize("role", ["data_clerk", "enterprise_agent", "administrator", "bureau_clerk"])
def test_who_may_not_move_a_life(who, role):
    course = begin(who)
    with pytest.raises(Forbidden):  # the clerk of a bureau: of another office than the policy's
        go(course, "fair_competition_reviewed", person_factory(role, unit_factory("别的局")))
    hand_in(POLICY, "fair_competition_review", who, **lives.REVIEW)
    go(course, "fair_competition_reviewed", who.second)
    with pytest.raises(Forbidden):
        actions.send_stage_back(task=stages.current(course), to="drafted", version=1, reason="不行", by=person_factory(role, unit_factory("再一个局")))


@pytest.mark.parametrize("role", ["data_clerk", "enterprise_agent", "administrator", "bureau_clerk", "policy_officer"])
def test_who_may_not_hold_or_resume_a_life(who, role):
    course, person = lives.published(POLICY, who), person_factory(role)
    with pytest.raises(Forbidden):
        actions.hold_life(course=course, to="suspended", version=course.version, reason="暂停", by=person)
    held(course, "suspended", who)
    course.refresh_from_db()
    with pytest.raises(Forbidden):
        actions.resume_life(course=course, version=course.version, reason="恢复", by=person)


def test_the_right_to_move_lives_moves_nothing_else(who, matched):
    claim = claim_factory(matched, POLICY, RICH, who.officer)
    task = stages.current(claim.course)
    for deed in (lambda: actions.pass_stage(task=task, to="confirmed", version=1, by=who.leader),
                 lambda: actions.hold_life(course=claim.course, to="suspended", version=1, reason="不行", by=who.leader),
                 lambda: actions.send_stage_back(task=task, to="found", version=1, reason="不行", by=who.leader)):
        with pytest.raises(Refusal, match="wrong_subject"):
            deed()


# ── what a life bars ─────────────────────────────────────────────────────────
def test_a_policy_without_a_course_is_as_its_document_says(who, matched):
    assert life.barred(POLICY) is None
    assert POLICY in reach.entitled_now().policies
    assert POLICY in allocations.basis(matched).policies
    actions.require_open(POLICY)


@pytest.mark.parametrize("status", ["drafted", "suspended", "expired"])
def test_what_is_not_running_tells_allocates_and_begins_nothing_new(who, matched, status):
    if status == "drafted":
        begin(who)
    else:
        held(lives.published(POLICY, who), status, who)
    assert life.barred(POLICY) is not None
    assert POLICY not in reach.entitled_now().policies
    assert allocations.basis(matched).left_out == {POLICY: "barred"}
    with pytest.raises(Refusal, match="policy_barred"):
        actions.require_open(POLICY)
    firm = claim_factory(matched, POLICY, RICH, who.officer).enterprise
    agent = person_factory("enterprise_agent", uscc=RICH, from_day=dt.date(2026, 1, 1))
    assert queries.entitlements(agent, firm).of(POLICY) is None  # the firm is not told of it
    assert queries.entitlements(who.officer, firm).of(POLICY) is not None  # the office still sees how it stands


def test_suspended_its_notices_wait_and_expired_they_end(who, matched):
    course = lives.published(POLICY, who)
    before = Notice.objects.filter(kind=reach.NOTICE, ended_at__isnull=True).count()
    assert before == 2
    held(course, "suspended", who)
    matching.notify(by=who.officer)
    assert Notice.objects.filter(kind=reach.NOTICE, ended_at__isnull=True).count() == before
    course.refresh_from_db()
    actions.resume_life(course=course, version=course.version, reason="核查完了", by=who.leader)
    held(course, "expired", who)
    matching.notify(by=who.officer)
    assert Notice.objects.filter(kind=reach.NOTICE, ended_at__isnull=True).count() == 0


def test_a_whole_run_asks_once(who, matched, django_assert_num_queries):
    for number in range(5):
        begin(who, f"p{number}")
    with django_assert_num_queries(1):
        known = life.stands()
        assert [life.barred(f"p{number}", known) for number in range(5)] == [life.UNPUBLISHED] * 5


def test_an_allocation_leaves_out_a_suspended_policy_and_keeps_what_it_granted(who, matched):
    first = run_allocation(by=who.officer)
    held(lives.published(POLICY, who), "suspended", who)
    second = run_allocation(by=who.officer, after=first.run_id)
    assert allocations.totals_of(second)[POLICY].left_out == "barred"
    assert allocations.totals_of(second)[POLICY].kept == allocations.totals_of(first)[POLICY].granted > 0


# ── withdrawn while claims run ───────────────────────────────────────────────
@pytest.fixture
def claims(who, matched):
    return [claim_factory(matched, POLICY, uscc, who.officer) for uscc in (RICH, PLAIN)]


def test_with_open_claims_it_must_be_said_what_becomes_of_them(who, claims):
    course = lives.published(POLICY, who)
    with pytest.raises(Refusal, match="say_of_claims") as caught:
        held(course, "suspended", who)
    assert "2 件" in caught.value.texts("zh")[0]
    course.refresh_from_db()
    assert (course.status, course.version) == ("active", 1)  # nothing is half done
    assert not ClaimHold.objects.exists()


def test_suspended_claims_do_not_move_are_told_and_come_back_where_they_were(who, claims):
    course = lives.published(POLICY, who)
    rich, plain = claims
    _status(plain.course, "withdrawn", who)
    held(course, "suspended", who, claims="suspend")
    rich.course.refresh_from_db()
    assert (rich.course.status, Course.objects.get(pk=plain.course_id).status) == ("suspended", "withdrawn")
    with pytest.raises(Refusal, match="held"):
        stage_actions.pass_gate(task=stages.current(rich.course), to="refused", version=1, by=who.leader)
    told = Notice.objects.get(kind="policies.claim_held")
    assert (told.uscc, "暂缓办理" in told.body_zh, "suspended" in told.body_en) == (RICH, True, True)
    event = Event.objects.get(verb="life_held")
    assert event.subjects.filter(subject_id=str(rich.pk)).exists()
    assert event.reason == "上级要求核查"
    course.refresh_from_db()
    actions.resume_life(course=course, version=course.version, reason="核查完了", by=who.leader)
    rich.course.refresh_from_db()
    assert (rich.course.status, stages.current(rich.course).key) == ("active", "found")
    assert Notice.objects.get(pk=told.pk).ended_at is not None
    assert Notice.objects.get(kind="policies.claim_resumed").uscc == RICH
    assert Event.objects.get(verb="life_resumed").after["lifted"] == 1
    assert ClaimHold.objects.filter(lifted_at__isnull=True).count() == 0


def _status(course, to, who):
    course = Course.objects.get(pk=course.pk)
    return stage_actions.change_status(course=course, to=to, version=course.version, reason="另有原因", by=who.leader)


def test_resuming_leaves_alone_what_somebody_else_has_held_since(who, claims):
    course = lives.published(POLICY, who)
    rich, plain = claims
    _status(plain.course, "suspended", who)  # before, for a reason of its own
    held(course, "suspended", who, claims="suspend")
    _status(rich.course, "active", who)
    _status(rich.course, "suspended", who)  # lifted and held again, for another reason
    course.refresh_from_db()
    actions.resume_life(course=course, version=course.version, reason="核查完了", by=who.leader)
    assert set(Course.objects.filter(pk__in=(rich.course_id, plain.course_id)).values_list("status", flat=True)) == {"suspended"}
    assert Event.objects.get(verb="life_resumed").after == {"status": "active", "lifted": 0, "left": 1}


@pytest.mark.parametrize("status", ["suspended", "expired"])
def test_claims_that_go_on_are_told_and_not_barred_while_new_ones_are(who, claims, matched, status):
    course = lives.published(POLICY, who)
    held(course, status, who, claims="go_on")
    assert [life.barred_claim(claim) for claim in claims] == [None, None]
    assert {claim.course.status for claim in claims} == {"active"}
    assert Notice.objects.filter(kind="policies.claim_held").count() == 2
    assert "照常办" in Notice.objects.filter(kind="policies.claim_held").first().title_zh
    with pytest.raises(Refusal, match="policy_barred"):
        actions.require_open(POLICY)
    assert life.barred_claim(claim_factory(matched, POLICY, SHORT, who.officer)) is not None


def test_an_old_version_of_a_life_holds_nothing(who, claims):
    course = lives.published(POLICY, who)
    held(course, "suspended", who, claims="suspend")
    with pytest.raises((ChangedMeanwhile, Refusal)):
        actions.hold_life(course=course, to="suspended", version=1, reason="再停一次", by=who.leader, claims="suspend")
    assert ClaimHold.objects.count() == 2


def test_a_reason_is_needed_to_hold_to_resume_and_to_send_back(who):
    course = lives.published(POLICY, who)
    for deed in (lambda: actions.hold_life(course=course, to="suspended", version=1, reason=" ", by=who.leader),
                 lambda: actions.resume_life(course=course, version=1, reason="", by=who.leader),
                 lambda: actions.send_stage_back(task=stages.current(course), to="drafted", version=1, reason="x" * 301, by=who.officer)):
        with pytest.raises(Refusal, match="invalid"):
            deed()


# ── versions ─────────────────────────────────────────────────────────────────
def test_a_changed_text_leaves_running_claims_on_the_version_they_were_made_by(who, matched, tmp_path):
    claim = claim_factory(matched, POLICY, SHORT, who.officer)
    was = claim.policy_version
    county.policy(tmp_path / "pack", least="95")
    assert queries.library().policies[POLICY].digest != was
    run = matching.run_match(by=who.officer)
    assert members.stood(run, queries.library().policies[POLICY], tree.ELIGIBLE).keys() >= {SHORT}  # judged differently by the new text
    claim.refresh_from_db()
    assert claim.policy_version == was
    assert not claim.reviews.exists()  # the text alone is no corrected fact


# ── the calendar ─────────────────────────────────────────────────────────────
def test_the_notice_of_a_year_moves_the_due_dates_that_rest_on_it_and_the_event_names_each(who, settings, tmp_path):
    settings.DIGUAN_TODAY = "2027-02-04"
    course = lives.published(POLICY, who)
    task = stages.current(course)
    assert task.due == dt.date(2027, 2, 9)
    assert "暂定" in stages.due_words(task, "matching").zh
    assert run_due() == 0
    (tmp_path / "pack/workdays.yaml").write_text(
        "- {year: 2027, document: 演示通知, holidays: [2027-02-05/2027-02-11], working_weekends: [2027-02-14]}\n", "utf-8")
    assert run_due() == 1
    task.refresh_from_db()
    assert task.due == dt.date(2027, 2, 15)
    assert "暂定" not in stages.due_words(task, "matching").zh
    event = Event.objects.get(verb="dues_rederived")
    assert (event.before, event.after) == ({"published": "2027-02-09"}, {"published": "2027-02-15"})
    assert run_due() == 0


# ── a document that is too long ──────────────────────────────────────────────
def test_a_policy_of_two_hundred_clauses_is_refused_with_the_limit_the_file_and_the_line(who, tmp_path):
    path = tmp_path / f"pack/policies/{POLICY}.yaml"
    text = path.read_text("utf-8")
    clause = '  - id: here\n    cite: {article: 第一条, quote: 在本县登记的企业}\n    when: {fact: enterprise.registered_region, op: "=", value: "430421"}\n'
    assert clause in text
    path.write_text(text.replace(clause, "".join(clause.replace("here", f"c{number}") for number in range(199))), "utf-8")
    (problem,) = queries.library().problems
    first = text[:text.index(clause)].count("\n") + 1
    assert problem.where == f"policies/{POLICY}.yaml:{first}"
    assert "最多 31 条，现有 200 条" in problem.message.zh
    assert "at most 31 clauses, there are 200" in problem.message.en
    assert POLICY not in queries.library().policies
