"""Task graphs: every task is done exactly once, a join opens once and only after all it waits for, and the course's state follows."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diguan.kernel import events
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import actions, queries, shelf
from diguan.kernel.stages.actions import ChangedMeanwhile, Tick
from diguan.kernel.stages.models import Course, Passage, Task, TaskState
from diguan.kernel.stages.tests.factories import course_factory, flow_of, graph_text, put
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
_number = itertools.count()
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def officer(db):
    return person_factory("policy_officer")


@st.composite
def graphs(draw, most=14):
    """Tasks in an order in which each waits for some of those before it, and which are optional."""
    names = [f"t{number}" for number in range(draw(st.integers(1, most)))]
    after = {name: draw(st.lists(st.sampled_from(names[:at]), unique=True, max_size=4)) if at else [] for at, name in enumerate(names)}
    return after, draw(st.lists(st.sampled_from(names), unique=True)), draw(st.integers(0, 1 << 20))


def opened(course):
    return list(Task.objects.filter(course=course, state=TaskState.OPEN).order_by("id"))


def states(course):
    return dict(Task.objects.filter(course=course).values_list("key", "state"))


@QUICK
@given(graphs())
def test_any_graph_done_in_any_order_ends_with_every_task_done_once(officer, monkeypatch, drawn):
    after, optional, seed = drawn
    dice = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        put(patch, flow_of(graph_text(after, optional=optional)))
        course = course_factory("test_graph", officer, str(next(_number)))
        rounds = 0
        while (there := opened(course)):
            rounds += 1
            now = states(course)
            assert {task.key for task in there} == {key for key, found in after.items() if now[key] == "open"}
            for key, found in after.items():  # a task is open exactly when all it waits for is over
                assert (now[key] == "waiting") == any(now[one] not in ("done", "skipped") for one in found)
            assert queries.progress(course).at == tuple(task.key for task in there)
            assert not queries.progress(course).ended
            some = dice.sample(there, dice.randint(1, len(there)))
            skip = all(task.key in optional for task in some) and dice.random() < 0.5
            deed, more = (actions.skip_tasks, {"reason": "不需要"}) if skip else (actions.complete_tasks, {})
            deed(course=course, ticks=[Tick(task, task.version) for task in some], by=officer, **more)
        assert rounds <= len(after)
    course.refresh_from_db()
    assert set(states(course).values()) <= {"done", "skipped"}
    assert (queries.progress(course).ended, course.ended_at is not None) == (True, True)
    assert sorted(Passage.objects.filter(course=course).exclude(kind="started").values_list("source", flat=True)) == sorted(after)
    assert set(Task.objects.filter(course=course).values_list("waiting", flat=True)) == {0}
    assert [row["version"] for row in Task.objects.filter(course=course).values("version", "key") if after[row["key"]]] == [3] * sum(map(bool, after.values()))
    assert events.verify(course) == []


def test_seventy_nine_branches_and_their_join(officer, monkeypatch):
    names = [f"t{number}" for number in range(79)]
    put(monkeypatch, flow_of(graph_text({**{name: [] for name in names}, "join": names})))
    course = course_factory("test_graph", officer)
    there = opened(course)
    random.Random(1).shuffle(there)
    for task in there[:-1]:
        actions.complete_tasks(course=course, ticks=[Tick(task, 1)], by=officer)
    assert states(course)["join"] == "waiting"
    actions.complete_tasks(course=course, ticks=[Tick(there[-1], 1)], by=officer)
    assert [task.key for task in opened(course)] == ["join"]


def test_a_batch_is_all_or_nothing(officer, monkeypatch):
    put(monkeypatch, flow_of(graph_text({"a": [], "b": [], "c": ["a", "b"]})))
    course = course_factory("test_graph", officer)
    a, b, c = Task.objects.filter(course=course).order_by("key")
    for ticks, code in (([Tick(a, 1), Tick(b, 2)], "changed_meanwhile"), ([Tick(a, 1), Tick(c, 1)], "changed_meanwhile"), ([Tick(a, 1), Tick(a, 1)], "no_way"),
                        ([], "no_way")):
        with pytest.raises(Refusal, match=code):
            actions.complete_tasks(course=course, ticks=ticks, by=officer)
        assert states(course) == {"a": "open", "b": "open", "c": "waiting"}
    assert Passage.objects.filter(kind="done").count() == 0
    with pytest.raises(ChangedMeanwhile) as caught:
        actions.complete_tasks(course=course, ticks=[Tick(a, 1), Tick(b, 2)], by=officer)
    assert (caught.value.read, caught.value.now) == (2, 1)


def test_a_task_of_another_course_is_no_task_of_this_one(officer, monkeypatch):
    put(monkeypatch, flow_of(graph_text({"a": []})))
    one, two = course_factory("test_graph", officer, "1"), course_factory("test_graph", officer, "2")
    with pytest.raises(Refusal, match="no_way"):
        actions.complete_tasks(course=one, ticks=[Tick(opened(two)[0], 1)], by=officer)


def test_only_an_optional_task_is_left_out(officer, monkeypatch):
    put(monkeypatch, flow_of(graph_text({"a": [], "b": ["a"]}, optional=["b"])))
    course = course_factory("test_graph", officer)
    with pytest.raises(Refusal, match="not_optional"):
        actions.skip_tasks(course=course, ticks=[Tick(opened(course)[0], 1)], reason="不用", by=officer)
    actions.complete_tasks(course=course, ticks=[Tick(opened(course)[0], 1)], by=officer)
    actions.skip_tasks(course=course, ticks=[Tick(opened(course)[0], 2)], reason="不用", by=officer)
    assert queries.progress(course).ended


TIMED = """\
id: g
title: 图
subject: test_case
tasks:
  - {id: a, title: 一}
  - {id: b, title: 二, after: [a], final: true, gate: {clock: {days: 2, basis: 两日}, evidence: [policy_text], verifier_not_doer: true}}
"""


def test_the_clock_of_a_task_begins_when_it_opens_and_its_gate_asks_for_another_person(officer, monkeypatch):
    put(monkeypatch, flow_of(TIMED))
    course = course_factory("g", officer)
    a, b = Task.objects.filter(course=course).order_by("key")
    assert (a.due, b.due) == (None, None)
    actions.complete_tasks(course=course, ticks=[Tick(a, 1)], by=officer)
    b.refresh_from_db()
    assert b.due is not None
    with pytest.raises(actions.GateClosed) as caught:
        actions.complete_tasks(course=course, ticks=[Tick(b, 2)], by=officer)
    assert [item.id for item in caught.value.answer.missing] == ["policy_text", "verifier_not_doer"]
    assert shelf.known()["g"].terms["b"][0][0] == "b"
    assert Course.objects.get(pk=course.pk).moves == 1
