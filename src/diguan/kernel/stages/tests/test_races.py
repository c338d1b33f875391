"""Many at once: real threads on whichever database is under test, and processes on SQLite. Nothing twice, every join once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection

from diguan.kernel import events, timelines
from diguan.kernel.evidence.actions import About as Subject
from diguan.kernel.evidence.tests.factories import evidence_factory
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import actions, queries
from diguan.kernel.stages.actions import About, Tick
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.stages.tests.factories import course_factory, flow_of, graph_text, put
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH = 24


def at_once(*deeds):
    """Run each in a thread of its own, all let go at one moment; answers with what came of each."""
    gate, found = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(number, deed):
        try:
            gate.wait()
            found[number] = deed() or "done"
        except Refusal as refusal:
            found[number] = refusal.code
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture
def officer(db):
    return person_factory("policy_officer", login_name="racer")


@pytest.fixture
def wide(officer, monkeypatch):
    """Branches that meet in two joins, which meet in one end; the joins wait for different halves and for some of both."""
    names = [f"t{number}" for number in range(WIDTH)]
    put(monkeypatch, flow_of(graph_text({**{name: [] for name in names}, "left": names[: 2 * WIDTH // 3], "right": names[WIDTH // 3:], "end": ["left", "right"]})))
    return course_factory("test_graph", officer)


def check(course):
    """What holds once all branches are done, whoever did them."""
    assert dict(Task.objects.filter(course=course, key__in=("left", "right", "end")).values_list("key", "state")) == {"left": "open", "right": "open", "end": "waiting"}
    joins = Task.objects.filter(course=course, key__in=("left", "right"))
    assert set(joins.values_list("waiting", "version")) == {(0, 2)}  # opened by one UPDATE, once
    done = list(Passage.objects.filter(course=course, kind="done").values_list("source", flat=True))
    assert sorted(done) == sorted(f"t{number}" for number in range(WIDTH))
    assert events.verify(course) == []
    assert len(timelines.of(person_factory("leader"), course)) == 1 + WIDTH


def test_every_branch_done_at_the_same_moment_by_its_own_thread(wide, officer):
    tasks = list(Task.objects.filter(course=wide, state="open"))
    found = at_once(*(lambda task=task: actions.complete_tasks(course=Course.objects.get(pk=wide.pk), ticks=[Tick(task, 1)], by=officer) and "done" for task in tasks))
    assert found == ["done"] * WIDTH
    check(wide)


def test_eight_threads_reach_for_the_same_tasks_in_different_orders(wide, officer):
    tasks = list(Task.objects.filter(course=wide, state="open"))
    came = []

    def each(start):
        for task in tasks[start:] + tasks[:start]:
            try:
                actions.complete_tasks(course=Course.objects.get(pk=wide.pk), ticks=[Tick(task, 1)], by=officer)
                came.append("done")
            except Refusal as refusal:
                came.append(refusal.code)

    assert at_once(*(lambda start=start: each(3 * start) for start in range(8))) == ["done"] * 8
    assert sorted(came) == ["changed_meanwhile"] * (7 * WIDTH) + ["done"] * WIDTH
    check(wide)


def test_overlapping_batches_neither_tear_nor_lock_each_other_out(wide, officer):
    tasks = list(Task.objects.filter(course=wide, state="open"))
    halves = [tasks[:16], tasks[::-1][:16], tasks[4:20], tasks]
    found = at_once(*(lambda half=half: actions.complete_tasks(course=Course.objects.get(pk=wide.pk), ticks=[Tick(task, 1) for task in half], by=officer) and "done"
                      for half in halves))
    assert sorted(found) == ["changed_meanwhile"] * 3 + ["done"]  # any two of them share a task
    winner = halves[found.index("done")]
    assert set(Task.objects.filter(course=wide, state="done").values_list("pk", flat=True)) == {task.pk for task in winner}


def test_of_two_officers_who_confirm_the_same_at_once_one_does_and_the_other_is_told(db):
    people = [person_factory("policy_officer") for _ in range(6)]
    course = course_factory("policy_life", person_factory("policy_officer"), "p", kind="policy")
    evidence_factory("fair_competition_review", Subject("policy", "p"), person_factory("data_clerk"), person_factory("policy_officer"))
    task = queries.current(course)
    found = at_once(*(lambda by=by: actions.pass_gate(task=Task.objects.get(pk=task.pk), to="fair_competition_reviewed", version=1, by=by) and "done" for by in people))
    assert sorted(found) == ["changed_meanwhile"] * 5 + ["done"]
    assert Passage.objects.filter(course=course, kind="passed").count() == 1
    assert Task.objects.filter(course=course, state="open").count() == 1


def test_one_subject_gets_one_course_however_many_start_it_at_once(officer):
    found = at_once(*(lambda: actions.start_course(flow="policy_life", about=About("policy", "p", "政策"), by=officer) and "done" for _ in range(6)))
    assert sorted(found) == ["done"] + ["open_already"] * 5
    assert Course.objects.count() == 1


def test_a_course_that_is_suspended_meanwhile_either_moved_before_or_not_at_all(officer, monkeypatch):
    put(monkeypatch, flow_of("id: f\ntitle: 测试\nsubject: test_case\nstages:\n  - {id: a, title: 一, next: [b]}\n  - {id: b, title: 二, next: [c]}\n"
                             "  - {id: c, title: 三, final: true}\nstatuses:\n  - {id: held, title: 暂停}\n"))
    for number in range(6):
        course = course_factory("f", officer, str(number))
        task = queries.current(course)
        moved, held = at_once(
            lambda task=task: actions.pass_gate(task=Task.objects.get(pk=task.pk), to="b", version=1, by=officer) and "done",
            lambda course=course: actions.change_status(course=Course.objects.get(pk=course.pk), to="held", version=1, reason="暂停", by=officer) and "done")
        assert held == "done"
        assert moved in ("done", "held")
        verbs = [line.verb for line in reversed(timelines.of(officer, course))]
        assert verbs == ["course_started", *(["gate_passed"] if moved == "done" else []), "course_status_changed"]


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'sqlite'", reason="processes are for SQLite; PostgreSQL has its threads")
def test_four_processes_on_sqlite_do_every_task_once(wide):
    database = connection.settings_dict["NAME"]
    env = {**os.environ, "DIGUAN_DATABASE_URL": f"sqlite:///{Path(database).as_posix()}", "DJANGO_SETTINGS_MODULE": "diguan.site.settings",
           "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(Path(__file__).with_name("race_driver.py")), str(wide.pk)]
    running = [subprocess.Popen([*command, str(5 * number)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for number in range(4)]
    for one in running:
        assert one.stdout.readline().strip() == "ready", one.communicate()[1]
    for one in running:
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [one.communicate(timeout=120) for one in running]
    found = [json.loads(out.splitlines()[-1]) if out.strip() else err for out, err in answers]
    assert sorted(code for one in found for code in one) == ["changed_meanwhile"] * (3 * WIDTH) + ["done"] * WIDTH
    check(wide)
