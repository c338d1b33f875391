"""A policy and a claim from their first day to the money: gates, versions, rights, waivers, statuses, clocks, and the trace of it all."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from diguan.kernel import clocks, events, packs, timelines
from diguan.kernel.access import Forbidden
from diguan.kernel.access.roles import Role, Scope
from diguan.kernel.clocks import Calendar
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.actions import About as Subject
from diguan.kernel.evidence.actions import withdraw
from diguan.kernel.evidence.dictionary import Dictionary, Entry, Shared
from diguan.kernel.evidence.tests.factories import evidence_factory
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.tree import FALSE, UNKNOWN
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages import actions, queries, shelf, subjects
from diguan.kernel.stages.actions import About, ChangedMeanwhile, GateClosed
from diguan.kernel.stages.models import Course, FlowVersion, Passage, Task, TaskState, Waiver
from diguan.kernel.stages.tests.factories import course_factory, flow_of, put
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db
USCC = "91430421MA00002260"
POLICY = Subject("policy", "equipment")
MONDAY = dt.date(2026, 11, 9)


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    settings.DIGUAN_TODAY = MONDAY.isoformat()


@pytest.fixture
def who(db):
    roles = {"officer": "policy_officer", "second": "policy_officer", "leader": "leader", "clerk": "data_clerk"}
    return SimpleNamespace(**{name: person_factory(role, from_day=dt.date(2026, 1, 1)) for name, role in roles.items()})


@pytest.fixture
def life(who):
    return course_factory("policy_life", who.officer, "equipment", kind="policy")


def go(course, to, by, **more):
    task = queries.current(course)
    return actions.pass_gate(task=task, to=to, version=task.version, by=by, **more)


def on(settings, day):
    settings.DIGUAN_TODAY = day.isoformat()


def missing(caught):
    return {item.id: item.state for item in caught.value.answer.missing}


def to_published(course, who):
    for entry, to in (("fair_competition_review", "fair_competition_reviewed"), ("legality_review", "legality_reviewed")):
        evidence_factory(entry, POLICY, who.clerk, who.officer)
        go(course, to, {"fair_competition_reviewed": who.second, "legality_reviewed": who.officer}[to])
    evidence_factory("policy_text", POLICY, who.clerk, who.officer)
    evidence_factory("legal_basis", POLICY, who.clerk, who.officer, value="预算法实施办法（演示）")
    go(course, "published", who.leader)


# ── a policy ─────────────────────────────────────────────────────────────────
def test_a_policy_without_legal_basis_or_review_is_not_published(life, who):
    evidence_factory("fair_competition_review", POLICY, who.clerk, who.officer)
    go(life, "fair_competition_reviewed", who.second)
    evidence_factory("legality_review", POLICY, who.clerk, who.officer)
    go(life, "legality_reviewed", who.officer)
    evidence_factory("policy_text", POLICY, who.clerk, who.officer)
    with pytest.raises(GateClosed) as caught:
        go(life, "published", who.leader)
    assert missing(caught) == {"legal_basis": UNKNOWN}
    assert queries.progress(life).at == ("legality_reviewed",)
    basis = evidence_factory("legal_basis", POLICY, who.clerk, who.officer, value="依据（演示）")
    withdraw(evidence=basis, version=2, by=who.clerk, reason="写错了")
    with pytest.raises(GateClosed):
        go(life, "published", who.leader)
    evidence_factory("legal_basis", POLICY, who.clerk, who.officer, value="依据（演示）")
    go(life, "published", who.leader)
    assert queries.progress(life).at == ("published",)


def test_a_review_that_was_not_passed_is_told_apart_from_one_nobody_knows_of(life, who):
    with pytest.raises(GateClosed) as caught:
        go(life, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition": UNKNOWN, "fair_competition_review": FALSE}
    evidence_factory("fair_competition_review", POLICY, who.clerk)
    with pytest.raises(GateClosed) as caught:
        go(life, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition": UNKNOWN, "fair_competition_review": UNKNOWN}
    evidence_factory("fair_competition_review", POLICY, who.clerk, who.officer, value="false")
    with pytest.raises(GateClosed) as caught:
        go(life, "fair_competition_reviewed", who.second)
    assert missing(caught) == {"fair_competition": FALSE}


def test_the_whole_life_to_the_evaluation_with_its_clocks(life, who, settings):
    to_published(life, who)
    task = queries.current(life)
    assert task.due == dt.date(2026, 11, 12)
    assert "3 个工作日" in queries.due_words(task, "matching").zh
    assert "还没对照原文核实" in queries.due_words(task, "matching").zh
    on(settings, dt.date(2026, 11, 13))
    assert list(queries.late_tasks(who.leader, clocks.today())) == [task]
    evidence_factory("policy_elements", POLICY, who.clerk, who.officer)
    go(life, "matching", who.officer)  # late, and yet it goes on: the passage and the clock say so
    assert queries.clock_of(task, "matching").late(clocks.today())
    evidence_factory("confirmed_list", POLICY, who.clerk, who.officer)
    go(life, "confirmed", who.second)
    evidence_factory("publicity_notice", POLICY, who.clerk, who.officer)
    go(life, "publicised", who.officer)
    for entry in ("publicity_result", "budget_approval"):
        evidence_factory(entry, POLICY, who.clerk, who.officer)
    on(settings, dt.date(2026, 11, 20))
    with pytest.raises(GateClosed) as caught:
        go(life, "payment_ordered", who.second)
    assert missing(caught) == {"wait": FALSE}
    on(settings, dt.date(2026, 11, 21))
    go(life, "payment_ordered", who.second)
    evidence_factory("payment_voucher", POLICY, who.clerk, who.officer)
    go(life, "paid", who.officer)
    evidence_factory("evaluation_report", POLICY, who.clerk, who.officer)
    go(life, "evaluated", who.second)
    life.refresh_from_db()
    assert life.ended_at is not None
    assert (queries.progress(life).at, queries.progress(life).ended, queries.current(life)) == (("evaluated",), True, None)
    moved = queries.passages(who.leader, life)
    assert [one.target for one in moved] == [step.id for step in life.tree.steps]
    assert moved[3].judged == {
        "legal_basis": "true", "fair_competition": "true", "legality": "true", "agrees": "true", "policy_text": "true", "fair_competition_review": "true",
        "legality_review": "true", "roles": "true", "verifier_not_doer": "true"}
    assert events.verify(life) == []
    assert len(timelines.of(who.leader, life)) == 10


def test_what_a_page_needs_to_ask_for_what_is_missing(life, who):
    (way,) = queries.ways(who.second, queries.current(life))
    assert (way.step.id, way.answer.met) == ("fair_competition_reviewed", False)
    assert [(item.kind, item.asked.zh, item.found.zh) for item in way.answer.missing] == [
        ("fact", "公平竞争审查结论为通过", "没人告诉过我们"), ("evidence", "公平竞争审查结论", "没有")]
    assert [entry.id for entry in queries.to_hand_in(who.second, queries.current(life))] == ["fair_competition_review"]


def test_who_took_the_step_before_or_handed_in_the_evidence_does_not_pass(life, who):
    evidence_factory("fair_competition_review", POLICY, who.second, who.officer)
    for person in (who.second, who.officer):  # the one handed it in, the other began the course
        with pytest.raises(GateClosed) as caught:
            go(life, "fair_competition_reviewed", person)
        assert missing(caught) == {"verifier_not_doer": FALSE}
    go(life, "fair_competition_reviewed", person_factory("policy_officer"))


def test_the_gate_asks_for_the_role_whatever_right_one_has(life, who):
    evidence_factory("fair_competition_review", POLICY, who.clerk, who.officer)
    go(life, "fair_competition_reviewed", who.second)
    evidence_factory("legality_review", POLICY, who.clerk, who.officer)
    go(life, "legality_reviewed", who.officer)
    with pytest.raises(GateClosed) as caught:
        go(life, "published", who.second)
    assert missing(caught)["roles"] == FALSE


# ── versions ─────────────────────────────────────────────────────────────────
def test_an_old_version_is_refused_with_both(life, who):
    evidence_factory("fair_competition_review", POLICY, who.clerk, who.officer)
    task = queries.current(life)
    go(life, "fair_competition_reviewed", who.second)
    with pytest.raises(ChangedMeanwhile) as caught:
        actions.pass_gate(task=task, to="fair_competition_reviewed", version=task.version, by=who.leader)
    assert (caught.value.code, caught.value.read, caught.value.now) == ("changed_meanwhile", 1, 2)
    assert Passage.objects.filter(kind="passed").count() == 1
    assert Task.objects.filter(course=life, state=TaskState.OPEN).count() == 1


def test_a_running_course_keeps_the_flow_it_began_with(who, monkeypatch):
    text = "id: f\ntitle: 测试\nsubject: test_case\nstages:\n  - {id: a, title: 一, next: [b]}\n  - {id: b, title: 二, final: true}\n"
    put(monkeypatch, flow_of(text))
    old = course_factory("f", who.officer, "1")
    put(monkeypatch, flow_of(text.replace("next: [b]", "next: [c]").replace("id: b", "id: c")))
    new = course_factory("f", who.officer, "2")
    assert FlowVersion.objects.count() == 2
    go(Course.objects.get(pk=old.pk), "b", who.officer)
    with pytest.raises(Refusal, match="no_way"):
        go(new, "b", who.officer)
    go(new, "c", who.officer)


def test_one_subject_has_one_open_course_of_a_flow(life, who):
    with pytest.raises(Refusal, match="open_already"):
        course_factory("policy_life", who.officer, "equipment", kind="policy")
    course_factory("policy_life", who.officer, "another", kind="policy")
    assert Course.objects.count() == 2


def test_a_flow_is_for_its_subject_and_known_by_name(who):
    with pytest.raises(Refusal, match="wrong_subject"):
        course_factory("policy_life", who.officer, "1", kind="loan")
    with pytest.raises(Refusal, match="no_flow"):
        course_factory("policy_lief", who.officer)


# ── back, statuses ───────────────────────────────────────────────────────────
def test_a_draft_goes_back_with_a_reason_and_comes_again(life, who):
    evidence_factory("fair_competition_review", POLICY, who.clerk, who.officer)
    go(life, "fair_competition_reviewed", who.second)
    task = queries.current(life)
    with pytest.raises(Refusal, match="invalid"):
        actions.send_back(task=task, to="drafted", version=task.version, reason="", by=who.officer)
    with pytest.raises(Refusal, match="no_way"):
        actions.send_back(task=task, to="published", version=task.version, reason="不行", by=who.officer)
    actions.send_back(task=task, to="drafted", version=task.version, reason="要素不全", by=who.officer)
    assert (queries.current(life).key, queries.current(life).visit) == ("drafted", 2)
    go(life, "fair_competition_reviewed", who.second)
    assert [one.kind for one in queries.passages(who.leader, life)] == ["started", "passed", "returned", "passed"]


def test_a_suspended_policy_does_not_move_and_goes_on_where_it_was(life, who):
    with pytest.raises(Refusal, match="no_way"):
        actions.change_status(course=life, to="suspended", version=1, reason="上级要求", by=who.leader)
    to_published(life, who)
    with pytest.raises(GateClosed):
        actions.change_status(course=life, to="suspended", version=1, reason="上级要求", by=who.officer)
    stale = Course.objects.get(pk=life.pk)
    actions.change_status(course=life, to="suspended", version=1, reason="上级要求", by=who.leader)
    with pytest.raises(ChangedMeanwhile):
        actions.change_status(course=stale, to="suspended", version=1, reason="上级要求", by=who.leader)
    evidence_factory("policy_elements", POLICY, who.clerk, who.officer)
    with pytest.raises(Refusal, match="held"):
        go(life, "matching", who.officer)
    actions.change_status(course=life, to="active", version=2, reason="恢复", by=who.leader)
    go(life, "matching", who.officer)
    assert queries.progress(life).at == ("matching",)


def test_an_expired_policy_has_ended_for_good(life, who):
    to_published(life, who)
    actions.change_status(course=life, to="expired", version=1, reason="有效期满", by=who.leader)
    assert (life.status, life.ended_at is not None, queries.progress(life).ended) == ("expired", True, True)
    assert set(Task.objects.filter(course=life).values_list("state", flat=True)) == {"done", "cancelled"}
    for to in ("active", "suspended"):
        with pytest.raises(Refusal, match="no_way"):
            actions.change_status(course=life, to=to, version=2, reason="再来", by=who.leader)
    course_factory("policy_life", who.officer, "equipment", kind="policy")


# ── a claim ──────────────────────────────────────────────────────────────────
def read_by(monkeypatch, readers):
    """Facts told by these functions instead of by the rooms; no room says since when papers count."""
    monkeypatch.setattr(subjects, "_named", lambda attribute: readers if attribute == "subject_facts" else {})


@pytest.fixture
def claim(who, monkeypatch):
    told = SubjectFacts({"enterprise.status": "存续"}, {}, Coverage({}))
    ledger = SubjectFacts(dict.fromkeys(("claim.payment_ordered", "claim.paid_in_full", "claim.clawback_demanded", "claim.repaid_in_full"), 1), {}, Coverage({}))
    read_by(monkeypatch, {"enterprise": lambda uscc, day: told, "policy_claim": lambda key, day: ledger})  # as register and ledger tell it
    return course_factory("policy_claim", who.officer, f"equipment:{USCC}", kind="policy_claim", uscc=USCC)


def about(claim):
    return Subject("policy_claim", claim.subject_id, USCC)


def test_a_claim_is_paid_after_publicity_intent_and_verified_conditions_alone(claim, who, settings):
    agent = person_factory("enterprise_agent", uscc=USCC)
    assert queries.to_hand_in(who.second, queries.current(claim)) == [shelf.dictionary.known()["refusal_notice"]]  # the licence is in the register
    go(claim, "confirmed", who.second)
    evidence_factory("publicity_notice", about(claim), who.clerk, who.officer)
    go(claim, "publicised", who.officer)
    on(settings, dt.date(2026, 11, 17))
    go(claim, "unobjected", who.officer)
    evidence_factory("intent_confirmation", about(claim), agent, who.officer)
    evidence_factory("bank_account", about(claim), agent, who.officer, value="6222020012345678")
    go(claim, "intent_confirmed", who.officer)
    evidence_factory("payee_check", about(claim), who.clerk, who.officer)
    evidence_factory("conditions_check", about(claim), who.clerk, who.officer, value="false")
    with pytest.raises(GateClosed) as caught:
        go(claim, "payment_ordered", who.second)
    assert missing(caught) == {"conditions": FALSE}
    evidence_factory("conditions_check", about(claim), who.clerk, who.officer, value="true")
    go(claim, "payment_ordered", who.second)
    evidence_factory("payment_voucher", about(claim), who.clerk, who.officer)
    go(claim, "paid", who.officer)
    claim.refresh_from_db()
    assert (claim.ended_at is not None, queries.progress(claim).ended, queries.progress(claim).at) == (True, True, ("paid",))
    assert [one.target for one in queries.passages(agent, claim)][-1] == "paid"


def test_a_paid_claim_can_still_be_clawed_back(claim, who, settings):
    test_a_claim_is_paid_after_publicity_intent_and_verified_conditions_alone(claim, who, settings)
    evidence_factory("clawback_decision", about(claim), who.clerk, who.officer)
    go(claim, "clawback", who.leader)
    claim.refresh_from_db()
    assert (claim.ended_at, queries.progress(claim).ended) == (None, False)
    evidence_factory("return_voucher", about(claim), who.clerk, who.officer)
    go(claim, "clawed_back", who.officer)
    assert queries.progress(claim).ended


def test_a_refused_claim_is_reviewed_on_appeal(claim, who):
    with pytest.raises(GateClosed):
        go(claim, "refused", who.second)
    evidence_factory("refusal_notice", about(claim), who.clerk, who.officer)
    go(claim, "refused", who.second)
    evidence_factory("appeal_letter", about(claim), who.clerk, who.officer)
    go(claim, "under_review", who.officer)
    task = queries.current(claim)
    actions.send_back(task=task, to="found", version=task.version, reason="复核：应予确认", by=who.leader)
    claim.refresh_from_db()
    assert (queries.progress(claim).at, claim.ended_at) == (("found",), None)


# ── waivers ──────────────────────────────────────────────────────────────────
WAIVED = """\
id: f
title: 测试
subject: test_case
stages:
  - {id: a, title: 一, next: [b]}
  - {id: b, title: 二, final: true, gate: {evidence: [policy_text, publicity_notice], waiver: [policy_text], verifier_not_doer: true}}
"""


def test_only_who_may_waives_only_what_the_flow_lets_and_it_shows(who, monkeypatch):
    put(monkeypatch, flow_of(WAIVED))
    course = course_factory("f", who.officer)
    task = queries.current(course)
    given = {"task": task, "to": "b", "item": "policy_text", "version": task.version, "reason": "原件遗失，已登报"}
    with pytest.raises(Forbidden):
        actions.waive_item(**given, by=who.officer)
    for more, code in (({"item": "publicity_notice"}, "no_waiver"), ({"to": "a"}, "no_waiver"), ({"reason": ""}, "invalid")):
        with pytest.raises(Refusal, match=code):
            actions.waive_item(**{**given, **more}, by=who.leader)
    with pytest.raises(ChangedMeanwhile):
        actions.waive_item(**{**given, "version": 9}, by=who.leader)
    assert not Waiver.objects.exists()
    actions.waive_item(**given, by=who.leader)
    with pytest.raises(Refusal, match="waived_already"):
        actions.waive_item(**{**given, "version": 2}, by=who.leader)
    assert timelines.of(who.leader, course)[0].verb == "gate_item_waived"
    evidence_factory("publicity_notice", Subject("test_case", "1"), who.clerk, who.officer)
    with pytest.raises(GateClosed) as caught:
        go(course, "b", who.leader)  # who waived it does not pass it as well
    assert missing(caught) == {"verifier_not_doer": FALSE}
    go(course, "b", who.second)
    assert Passage.objects.get(kind="passed").judged["policy_text"] == "waived"
    assert timelines.of(who.leader, course)[0].after["waived"] == ["policy_text"]


# ── clocks ───────────────────────────────────────────────────────────────────
TIMED = """\
id: f
title: 测试
subject: test_case
stages:
  - {id: a, title: 一, next: [b]}
  - {id: b, title: 二, final: true, gate: {clock: {days: 20, basis: 许可法第四十二条, pauses: [听证, 检验检测], extend: 10}}}
"""


def test_a_clock_is_paused_by_an_article_and_extended_by_another_person(who, monkeypatch, settings):
    put(monkeypatch, flow_of(TIMED))
    course = course_factory("f", who.officer)
    task = queries.current(course)
    assert task.due == dt.date(2026, 12, 7)
    on(settings, dt.date(2026, 11, 11))
    with pytest.raises(Refusal, match="no_article"):
        actions.pause_clock(task=task, to="b", version=1, article="领导出差", reason="出差", by=who.officer)
    with pytest.raises(Forbidden):
        actions.pause_clock(task=task, to="b", version=1, article="听证", reason="要听证", by=who.clerk)
    actions.pause_clock(task=task, to="b", version=1, article="听证", reason="要听证", by=who.officer)
    task.refresh_from_db()
    assert (task.due, task.version) == (None, 2)
    assert "还剩 18 个工作日" in queries.due_words(task, "b").zh
    with pytest.raises(GateClosed):
        go(course, "b", who.officer)
    on(settings, dt.date(2026, 11, 18))
    with pytest.raises(ChangedMeanwhile):
        actions.resume_clock(task=task, to="b", version=1, by=who.officer)
    actions.resume_clock(task=task, to="b", version=2, by=who.officer)
    with pytest.raises(Refusal, match="bad_day"):
        actions.pause_clock(task=task, to="b", version=3, article="听证", reason="补记", by=who.officer, day=MONDAY)
    task.refresh_from_db()
    assert task.due == dt.date(2026, 12, 14)
    extend = {"task": task, "to": "b", "version": 3, "basis": "第四十二条第二款", "reason": "案情复杂", "asked_by": who.officer}
    with pytest.raises(Forbidden):
        actions.extend_clock(**extend, days=5, by=who.second)
    with pytest.raises(Refusal, match="own_request"):
        actions.extend_clock(**{**extend, "asked_by": who.leader}, days=5, by=who.leader)
    with pytest.raises(Refusal, match="too_long"):
        actions.extend_clock(**extend, days=11, by=who.leader)
    actions.extend_clock(**extend, days=10, by=who.leader)
    task.refresh_from_db()
    assert task.due == dt.date(2026, 12, 28)
    with pytest.raises(Refusal, match="too_long"):
        actions.extend_clock(**{**extend, "version": 4}, days=1, by=who.leader)
    words = queries.due_words(task, "b")
    assert "许可法第四十二条；听证；第四十二条第二款" in words.zh
    assert "2026-11-11 至 2026-11-18 暂停不计" in words.zh
    assert events.verify(course) == []


def test_a_new_calendar_moves_the_days_that_rest_on_it_and_says_which(who, monkeypatch, settings):
    put(monkeypatch, flow_of(TIMED))
    course = course_factory("f", who.officer)
    person_factory("leader", from_day=dt.date(2026, 1, 1))
    assert actions.rederive_due() == 0
    plain = packs.calendar()
    monkeypatch.setattr(packs, "calendar", lambda: Calendar(plain.off | {dt.date(2026, 11, 16)}, plain.work, plain.years))
    assert actions.rederive_due() == 1
    assert actions.rederive_due() == 0
    assert queries.current(course).due == dt.date(2026, 12, 8)
    line = timelines.of(who.leader, course)[0]
    assert (line.verb, line.before, line.after) == ("dues_rederived", {"a": "2026-12-07"}, {"a": "2026-12-08"})


def test_what_happened_earlier_is_recorded_on_its_day_and_nothing_is_dated_ahead(who, monkeypatch):
    put(monkeypatch, flow_of(TIMED))
    course = course_factory("f", who.officer)
    with pytest.raises(Refusal, match="bad_day"):
        go(course, "b", who.officer, day=MONDAY + dt.timedelta(days=1))
    with pytest.raises(Refusal, match="bad_day"):
        go(course, "b", who.officer, day=MONDAY - dt.timedelta(days=1))  # before the clock began
    early = actions.start_course(flow="f", about=About("test_case", "2", "早一天"), by=who.officer, day=MONDAY - dt.timedelta(days=3))
    assert queries.current(early).due == dt.date(2026, 12, 4)


# ── who may what ─────────────────────────────────────────────────────────────
def test_a_stranger_sees_and_does_nothing(life, who):
    stranger, task = person_factory(), queries.current(life)
    assert not queries.visible_courses(stranger).exists()
    assert (queries.passages(stranger, life), list(queries.open_tasks(stranger))) == ([], [])
    with pytest.raises(Forbidden):
        queries.ways(stranger, task)
    deeds = [
        lambda by: course_factory("policy_life", by, "x", kind="policy"), lambda by: go(life, "fair_competition_reviewed", by),
        lambda by: actions.send_back(task=task, to="drafted", version=1, reason="退回", by=by),
        lambda by: actions.change_status(course=life, to="suspended", version=1, reason="暂停", by=by),
        lambda by: actions.assign_task(task=task, version=1, owner=by, unit=None, by=by),
        lambda by: actions.waive_item(task=task, to="published", item="policy_text", version=1, reason="免", by=by),
        lambda by: actions.resume_clock(task=task, to="matching", version=1, by=by),
        lambda by: actions.extend_clock(task=task, to="matching", version=1, days=1, basis="条", reason="因", asked_by=who.officer, by=by),
        lambda by: actions.rederive_dues(course=life, by=by)]
    for person in (stranger, person_factory("administrator"), person_factory("enterprise_agent", uscc=USCC)):
        for deed in deeds:
            with pytest.raises(Forbidden):
                deed(person)
    assert Course.objects.count() == 1
    assert Passage.objects.count() == 1


def test_an_agent_sees_the_claims_of_their_enterprise_alone(claim):
    mine, other = (person_factory("enterprise_agent", uscc=code) for code in (USCC, "91430421MA0001000X"))
    assert list(queries.visible_courses(mine)) == [claim]
    assert not queries.visible_courses(other).exists()
    assert queries.passages(other, claim) == []


def test_a_bureau_does_the_task_that_is_its_own_and_sees_its_course(who, monkeypatch):
    ours = unit_factory(code="planning")
    put(monkeypatch, flow_of("id: g\ntitle: 图\nsubject: test_case\ntasks:\n"
                             "  - {id: a, title: 规划, owner: {unit: planning}, final: true}\n  - {id: b, title: 国土, final: true}\n"))
    course = course_factory("g", who.officer)
    ours_clerk, stranger = person_factory("bureau_clerk", ours), person_factory("bureau_clerk")
    tasks = {task.key: task for task in Task.objects.filter(course=course)}
    assert list(queries.visible_courses(ours_clerk)) == [course]
    assert [task.key for task in queries.open_tasks(ours_clerk)] == ["a"]
    assert not queries.visible_courses(stranger).exists()
    for person, key in ((ours_clerk, "b"), (stranger, "a")):
        with pytest.raises(Forbidden):
            actions.complete_tasks(course=course, ticks=[actions.Tick(tasks[key], 1)], by=person)
    actions.complete_tasks(course=course, ticks=[actions.Tick(tasks["a"], 1)], by=ours_clerk)
    actions.assign_task(task=tasks["b"], version=1, owner=None, unit=ours, by=who.officer)
    with pytest.raises(ChangedMeanwhile):
        actions.complete_tasks(course=course, ticks=[actions.Tick(tasks["b"], 1)], by=ours_clerk)
    actions.complete_tasks(course=course, ticks=[actions.Tick(tasks["b"], 2)], by=ours_clerk)
    assert queries.progress(course).ended


def test_who_may_begin_within_an_office_begins_nothing_of_another(monkeypatch):
    role = Role("registrar", {"zh": "登记员"}, False, {queries.START: Scope.UNIT, queries.VIEW: Scope.UNIT})
    monkeypatch.setattr("diguan.kernel.access.queries.roles", lambda: {"registrar": role})
    ours, theirs = unit_factory(), unit_factory()
    registrar = person_factory("registrar", ours, from_day=dt.date(2026, 1, 1))
    with pytest.raises(Forbidden):
        course_factory("policy_life", registrar, "x", kind="policy", owner_unit=theirs.pk)
    assert not Course.objects.exists()
    course_factory("policy_life", registrar, "x", kind="policy", owner_unit=ours.pk)


# ── what is known already ────────────────────────────────────────────────────
def known(monkeypatch, **values):
    told = SubjectFacts({name.replace("__", "."): value for name, value in values.items() if value is not None}, {}, Coverage({}),
                        absent=frozenset(name.replace("__", ".") for name, value in values.items() if value is None))
    read_by(monkeypatch, {"policy": lambda policy, day: told, "enterprise": lambda uscc, day: told})


@pytest.mark.parametrize(("told", "state"), [({"policy__fair_competition_passed": 0}, FALSE), ({"policy__fair_competition_passed": None}, FALSE)])
def test_what_a_bureau_told_is_not_overruled_by_evidence(life, who, monkeypatch, told, state):
    evidence_factory("fair_competition_review", POLICY, who.clerk, who.officer, value="true")
    assert queries.ways(who.second, queries.current(life))[0].answer.met
    known(monkeypatch, **told)
    (way,) = queries.ways(who.second, queries.current(life))
    assert [(item.id, item.state) for item in way.answer.missing] == [("fair_competition", state)]


@pytest.mark.parametrize(("value", "met"), [(1, True), (0, False), (None, False)])
def test_a_fact_that_says_no_stands_for_no_paper(who, monkeypatch, value, met):
    text = "id: f\ntitle: 测试\nsubject: test_case\nstages:\n  - {id: a, title: 一, next: [b]}\n  - {id: b, title: 二, final: true, gate: {evidence: [paper]}}\n"
    fact = packs.catalogue()["enterprise.high_tech"]
    entry = Entry("paper", "material", {"zh": "证书", "en": "Certificate"}, shared=(Shared(fact=fact),))
    real = dictionary.known()
    monkeypatch.setattr(dictionary, "known", lambda: Dictionary([*real.values(), entry]))
    put(monkeypatch, flow_of(text))
    known(monkeypatch, enterprise__high_tech=value)
    course = course_factory("f", who.officer, uscc=USCC)
    assert queries.ways(who.officer, queries.current(course))[0].answer.met is met
