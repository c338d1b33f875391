"""A case from one form to one delivery: parallel bureaus, one correction, a pause, results; and everybody who may not."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks, events
from diguan.kernel.access import Forbidden
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import actions as stage_actions
from diguan.kernel.stages import document, shelf
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import ChangedMeanwhile, GateClosed, Tick
from diguan.kernel.stages.models import Passage, Task
from diguan.kernel.tests import worlds
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.actions import cases as actions
from diguan.services.actions.life_events import publish_life_event
from diguan.services.engine import caseflow
from diguan.services.engine.caseflow import ACCEPT, DELIVER, EXCLUDED, Work
from diguan.services.engine.lifeevents import Edge
from diguan.services.models import Case, Rating
from diguan.services.queries import cases
from diguan.services.queries.cases import View
from diguan.services.tests.factories import matter_factory

pytestmark = pytest.mark.django_db
USCC = "91430421MA0000001X"
EVENT = """id: factory
title: {zh: 建厂房, en: Building a factory}
valid_from: 2026-01-01
questions: [site]
matters:
  - {matter: filing, before: {days: 5, trips: 2}}
  - {matter: planning, before: {days: 20, trips: 3}}
  - {matter: fire, before: {days: 15, trips: 2}}
  - {matter: power, when: {site: lease}, before: {days: 10, trips: 2}}
edges:
  - {from: filing, to: planning, kind: legal, evidence: 某条例第一条}
before: {sequential: true, source: 演示}
"""
PDF = b"%PDF-1.7 test"


@pytest.fixture
def who(settings, tmp_path):
    settings.DIGUAN_TODAY = "2026-11-09"
    return worlds.remembered("the offices of a factory's life event", tmp_path, _offices)


def _offices():
    offices = {name: unit_factory(title) for name, title in (("window", "县行政审批局"), ("reform", "县发改局"), ("land", "县自然资源局"), ("housing", "县住建局"), ("power", "供电公司"))}
    enterprise_factory(uscc=USCC, name="县示例时计有限公司")
    asks = [{"meaning": "company_name", "quality": "D"}, {"meaning": "business_scope", "quality": "D"}, {"meaning": "layout", "quality": "C"}, {"meaning": "business_address", "quality": "D", "tolerant": True}]
    for key, name, office, days in (("filing", "项目备案", "reform", 1), ("planning", "规划许可", "land", 10), ("fire", "消防设计审查", "housing", 5), ("power", "用电报装", "power", 3)):
        matter_factory(key, offices[office], name=name, promised_days=days, statutory_days=20, kind="行政许可", results=[{"name": f"{name}批复", "kind": "出文"}], requirements=asks[:3] if key == "planning" else asks[:1] + asks[3:])
    officer = person_factory("service_officer", offices["window"])
    publish_life_event(text=EVENT, by=officer)
    people = {name: person_factory("bureau_clerk", offices[name]) for name in ("reform", "land", "housing", "power")}
    return SimpleNamespace(officer=officer, second=person_factory("service_officer", offices["window"]), agent=person_factory("enterprise_agent", uscc=USCC), offices=offices, **people)


def version():
    return publish_version()


def publish_version():
    from diguan.services.models import LifeEventVersion

    return LifeEventVersion.objects.get(life_event__key="factory")


def papers(*leave):
    given_ = {"company_name": Paper(value="县示例时计有限公司"), "business_scope": Paper(value="钟表制造"), "layout": Paper(content=PDF, file_name="租赁.pdf"),
              "business_address": Paper(value="西渡高新区 1 号")}
    return {name: paper for name, paper in given_.items() if name not in leave}


def opened(who, *leave, **more):
    return actions.open_case(life_event=version(), uscc=USCC, answers={"site": "lease"}, papers=papers(*leave), by=who.agent, **more)


def task(case, key):
    return Task.objects.select_related("course__frozen").get(course=case.course_id, key=key)


def waiting(case):
    return list(Evidence.objects.filter(subject_kind="case", subject_id=str(case.pk), state="entered").order_by("id").values_list("pk", flat=True))


def accepted(who, case, by=None, **more):
    row = task(case, ACCEPT)
    actions.accept_case(task=row, version=row.version, verified=waiting(case), by=by or who.officer, **more)


def done(case, key, by, **more):
    row = task(case, key)
    return actions.finish_matter(task=row, version=row.version, by=by, **more)


def states(case):
    return dict(Task.objects.filter(course=case.course_id).values_list("key", "state"))


def refused(code, act):
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.code == code
    return caught.value


# ── a working day ────────────────────────────────────────────────────────────
def test_one_form_parallel_bureaus_a_correction_a_pause_and_one_delivery(who, settings):
    case = opened(who, "layout")
    assert case.matters == ["filing", "planning", "fire", "power"]
    assert states(case) == {ACCEPT: "open", "filing": "waiting", "planning": "waiting", "fire": "waiting", "power": "waiting", DELIVER: "waiting"}
    view = View(who.agent, case, clocks.today())
    assert [ask.entry.id for ask in view.to_give] == ["layout"]
    row = task(case, ACCEPT)
    assert row.due == dt.date(2026, 11, 16)
    actions.ask_correction(task=row, version=row.version, items=["layout"], reason="请补厂房租赁合同", by=who.officer)
    assert View(who.officer, case, clocks.today()).waits_for_correction
    assert Notice.objects.filter(kind="services.case_correction", uscc=USCC).count() == 1
    settings.DIGUAN_TODAY = "2026-11-12"
    actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    assert task(case, ACCEPT).due == dt.date(2026, 11, 19)  # three days that were not the county's
    accepted(who, case)
    assert states(case) == {ACCEPT: "done", "filing": "open", "planning": "waiting", "fire": "open", "power": "open", DELIVER: "waiting"}  # habit does not bind
    done(case, "fire", who.housing, result=Paper(number="衡消审〔2026〕1号", file_name="结果.pdf", content=PDF))
    power = task(case, "power")
    stage_actions.pause_clock(task=power, to="power", version=power.version, article=EXCLUDED, reason="现场勘察", by=who.power)
    assert task(case, "power").due is None
    settings.DIGUAN_TODAY = "2026-11-18"
    power = task(case, "power")
    stage_actions.resume_clock(task=power, to="power", version=power.version, by=who.power)
    done(case, "filing", who.reform)
    assert states(case)["planning"] == "open"
    done(case, "power", who.power)
    done(case, "planning", who.land)
    last = task(case, DELIVER)
    assert last.state == "open"
    actions.deliver(task=last, version=last.version, by=who.officer)
    view = View(who.agent, Case.objects.get(pk=case.pk), clocks.today())
    assert view.ended
    assert (view.days, view.trips, case.days_before, case.trips_before) == (7, 0, 50, 9)
    assert [piece.value for piece in view.results] == ["消防设计审查"]
    actions.rate_case(case=view.case, stars=5, words="快", by=who.agent)
    assert Rating.objects.get().stars == 5
    assert events.verify(case) == []


def test_the_window_opens_one_for_who_founds_an_enterprise_and_that_is_a_trip(who):
    case = actions.open_case(life_event=version(), answers={"site": "own"}, papers=papers(), applicant="张三（筹建）", by=who.officer, online=False)
    assert (case.uscc, case.applicant, case.matters) == ("", "张三（筹建）", ["filing", "planning", "fire"])
    assert View(who.officer, case, clocks.today()).trips == 1
    with pytest.raises(Refusal, match="own_evidence"):  # who entered it does not verify it
        accepted(who, case)
    accepted(who, case, by=who.second)


def test_what_may_follow_is_let_pass_with_a_reason_and_nothing_else_is(who):
    case = opened(who, "business_address", "layout")
    with pytest.raises(GateClosed):
        accepted(who, case)
    refused("not_tolerant", lambda: accepted(who, case, tolerated=["layout"], reason="材料在办"))
    with pytest.raises(GateClosed):
        accepted(who, case, tolerated=["business_address"], reason="地址核定中")
    actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    refused("invalid", lambda: accepted(who, case, tolerated=["business_address"], reason=""))
    accepted(who, case, tolerated=["business_address"], reason="地址核定中")
    assert states(case)["filing"] == "open"


def test_a_correction_is_told_once_in_time_and_for_something(who, settings):
    case = opened(who)
    row = task(case, ACCEPT)
    ask = lambda **more: actions.ask_correction(**{"task": task(case, ACCEPT), "version": task(case, ACCEPT).version, "items": ["company_name"], "reason": "名称不符", "by": who.officer, **more})  # noqa: E731
    refused("invalid", lambda: ask(items=[]))
    refused("invalid", lambda: ask(items=["nonsense"]))
    with pytest.raises(ChangedMeanwhile):
        ask(version=row.version + 1)
    ask()
    refused("asked_once", ask)
    actions.supplement(case=case, papers={"company_name": Paper(value="县示例时计有限公司")}, by=who.agent)
    accepted(who, case)
    refused("accepted", ask)
    late = opened(who)
    settings.DIGUAN_TODAY = "2026-11-23"
    refused("too_late", lambda: actions.ask_correction(task=task(late, ACCEPT), version=task(late, ACCEPT).version, items=["company_name"], reason="名称不符", by=who.officer))


def test_what_may_follow_keeps_no_clock_waiting(who):
    case = opened(who, "business_address", "layout")
    row = task(case, ACCEPT)
    actions.ask_correction(task=row, version=row.version, items=["layout", "company_name"], reason="请补平面图，名称核对", by=who.officer)
    actions.supplement(case=case, papers={"layout": papers()["layout"]}, by=who.agent)
    assert View(who.officer, case, clocks.today()).waits_for_correction  # the name is still to come
    actions.supplement(case=case, papers={"company_name": papers()["company_name"]}, by=who.agent)
    assert not View(who.officer, case, clocks.today()).waits_for_correction


# ── refused ──────────────────────────────────────────────────────────────────
def test_what_cannot_be_opened_leaves_nothing_behind(who):
    def open_(**more):
        return actions.open_case(**{"life_event": version(), "uscc": USCC, "answers": {"site": "lease"}, "papers": papers(), "by": who.agent, **more})

    refused("unanswered", lambda: open_(answers={}))
    refused("unanswered", lambda: open_(answers={"site": "nonsense"}))
    refused("no_enterprise", lambda: open_(uscc="91430421MA0000009X", by=who.officer))
    refused("no_applicant", lambda: open_(uscc="", by=who.officer))
    refused("nothing_asked", lambda: open_(papers={"business_licence": Paper(number="1")}))
    refused("invalid", lambda: open_(papers={**papers(), "layout": Paper(content=b"MZ\x90\x00program", file_name="合同.pdf")}))
    assert not Case.objects.exists()
    assert not Evidence.objects.filter(subject_kind="case").exists()


def test_two_clerks_on_one_task_the_second_is_told(who):
    case = opened(who)
    accepted(who, case)
    row = task(case, "fire")
    actions.finish_matter(task=row, version=row.version, by=who.housing)
    with pytest.raises(ChangedMeanwhile):
        actions.finish_matter(task=row, version=row.version, by=person_factory("bureau_clerk", who.offices["housing"]))


def test_acceptance_and_delivery_are_steps_of_their_own(who):
    case = opened(who)
    refused("no_way", lambda: done(case, ACCEPT, who.officer))
    accepted(who, case)
    row = task(case, "fire")
    refused("no_way", lambda: actions.deliver(task=row, version=row.version, by=who.officer))
    refused("accepted", lambda: actions.supplement(case=case, papers=papers(), by=who.agent))
    refused("not_ended", lambda: actions.rate_case(case=case, stars=5, by=who.agent))


# ── who may not ──────────────────────────────────────────────────────────────
def test_a_bureau_does_its_own_matters_alone(who):
    case = opened(who)
    accepted(who, case)
    for act in (lambda: done(case, "fire", who.land), lambda: done(case, "fire", who.agent), lambda: done(case, "fire", person_factory("leader"))):
        with pytest.raises(Forbidden):
            act()


def test_the_window_alone_accepts_and_another_firm_sees_nothing(who):
    case = opened(who)
    stranger = person_factory("enterprise_agent", uscc="91430421MA0000002X")
    row = task(case, ACCEPT)
    for by in (who.land, who.agent, stranger):
        with pytest.raises(Forbidden):
            actions.accept_case(task=row, version=row.version, verified=waiting(case), by=by)
    with pytest.raises(Forbidden):
        opened(SimpleNamespace(agent=stranger))
    assert list(cases.visible_cases(stranger)) == []
    assert list(cases.visible_cases(who.agent)) == [case]
    assert list(cases.visible_cases(who.housing)) == [case]  # it has a matter to do
    assert list(cases.visible_cases(person_factory("bureau_clerk", unit_factory("别的局")))) == []


def test_each_office_has_its_own_waiting(who):
    case = opened(who)
    assert [row.key for row in cases.open_tasks(who.officer)] == [ACCEPT]
    accepted(who, case)
    assert [row.key for row in cases.open_tasks(who.housing)] == ["fire"]
    assert [row.key for row in cases.open_tasks(who.land)] == []


# ── the flow ─────────────────────────────────────────────────────────────────
def content(days=3, **more):
    return {"name": "某事项", "promised_days": days, "statutory_days": 20, "kind": "行政许可", "provisional": True, "results": [], **more}


@given(st.data())
def test_whatever_the_edges_say_the_flow_can_be_read_and_waits_for_what_binds_alone(data):
    keys = [f"m{number}" for number in range(data.draw(st.integers(1, 6)))]
    pairs = [(one, other) for at, one in enumerate(keys) for other in keys[at + 1:]]
    edges = [Edge(*pair, kind=data.draw(st.sampled_from(["legal", "data", "physical", "habit"]))) for pair in data.draw(st.lists(st.sampled_from(pairs), unique=True))] if pairs else []
    text = caseflow.flow("event", {"zh": "某事", "en": "An event"}, [Work(key, content()) for key in keys], edges, [], [])
    flow = document.parse(text.encode(), "x.yaml", shelf.names())
    after = {step.id: set(step.after) for step in flow.steps}
    assert after[ACCEPT] == set()
    for key in keys:
        assert after[key] == ({edge.start for edge in edges if edge.binds and edge.end == key} or {ACCEPT})
    assert after[DELIVER] == {key for key in keys if not any(edge.binds and edge.start == key for edge in edges)}


def test_what_a_matter_of_the_case_gives_out_is_not_asked_for():
    works = [Work("licence", content(results=[{"name": "营业执照", "kind": "出证"}])), Work("seal", content())]
    assert caseflow.produced(works, {"营业执照": "business_licence", "章程": "articles"}) == {"business_licence"}


# ── many at once ─────────────────────────────────────────────────────────────
def ticks(*rows):
    return [Tick(row, row.version) for row in rows]


def test_an_office_ticks_its_matters_off_in_many_cases_each_with_its_own_event_and_link(who):
    several = [opened(who) for _ in range(3)]
    for case in several:
        accepted(who, case)
    actions.finish_matters(ticks=ticks(*(task(case, "filing") for case in several)), by=who.reform, reason="集中办结")
    for case in several:
        assert states(case)["filing"] == "done"
        assert states(case)["planning"] == "open"  # it waited for the filing alone
        assert task(case, "planning").due == dt.date(2026, 11, 23)
        assert stages.clock_of(task(case, "filing"), "filing").state == "stopped"
        assert Passage.objects.get(course=case.course_id, source="filing").judged == {"roles": "true", "due": "true"}
        last = events.Event.objects.filter(root_type="services.case", root_id=case.pk).order_by("-seq").first()
        assert (last.verb, last.after, last.reason, last.actor) == ("case_matter_done", {"matter": "filing", "result": False}, "集中办结", who.reform)
        assert events.verify(case) == []


def test_several_matters_of_one_case_at_once_are_a_link_each(who):
    case = opened(who)
    accepted(who, case)
    actions.finish_matters(ticks=ticks(task(case, "filing"), task(case, "fire"), task(case, "power")), by=who.officer)
    assert states(case)["planning"] == "open"
    assert events.Event.objects.filter(root_type="services.case", root_id=case.pk, verb="case_matter_done").count() == 3
    assert events.verify(case) == []


def test_one_that_stands_in_the_way_is_named_and_nothing_is_done(who):
    first, second = opened(who), opened(who)
    for case in (first, second):
        accepted(who, case)

    def nothing_done(before):
        assert [states(case)["power"] for case in (first, second)] == ["open", "open"]
        assert events.Event.objects.count() == before
        assert not Passage.objects.filter(source="power").exists()

    before = events.Event.objects.count()
    stale = Tick(task(second, "power"), task(second, "power").version + 1)
    told = refused("changed_meanwhile", lambda: actions.finish_matters(ticks=[*ticks(task(first, "power")), stale], by=who.power))
    assert "用电报装" in told.texts("zh")[0]
    assert "县示例时计有限公司" in told.texts("en")[0]
    nothing_done(before)
    row = task(second, "power")
    stage_actions.pause_clock(task=row, to="power", version=row.version, article=EXCLUDED, reason="现场勘察", by=who.power)
    told = refused("gate_closed", lambda: actions.finish_matters(ticks=ticks(task(first, "power"), task(second, "power")), by=who.power))
    assert "用电报装" in told.texts("zh")[0]
    nothing_done(events.Event.objects.count())
    with pytest.raises(Forbidden):  # one of them is another office's
        actions.finish_matters(ticks=ticks(task(first, "power"), task(second, "fire")), by=who.power)
    with pytest.raises(Forbidden):
        actions.finish_matters(ticks=ticks(task(first, "power")), by=who.agent)
    row = task(first, "power")
    for wrong in ([], ticks(row, row), ticks(task(first, DELIVER))):
        refused("no_way", lambda wrong=wrong: actions.finish_matters(ticks=wrong, by=who.officer))
    nothing_done(events.Event.objects.count())
