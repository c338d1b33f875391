"""Real processes on the same cases: every step once, every join once; and one that is killed loses nothing it had told."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from diguan.kernel import clocks, events
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import document, shelf
from diguan.kernel.stages.actions import Tick, moves
from diguan.kernel.stages.models import ClockEntry, Passage, Task
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services.actions import cases as actions
from diguan.services.engine import caseflow
from diguan.services.engine.caseflow import ACCEPT, DELIVER, Work
from diguan.services.models import Case, LifeEvent, LifeEventVersion

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH, PROCESSES = 20, 8


@pytest.fixture
def officer(db):
    return person_factory("service_officer", unit_factory("县行政审批局"), login_name="racer")


def cases_of(officer, count):
    """Accepted cases of matters side by side that one delivery waits for."""
    content = {"name": "某事项", "promised_days": 3, "statutory_days": 20, "kind": "行政许可", "provisional": False, "results": []}
    text = caseflow.flow("race", {"zh": "某事", "en": "An event"}, [Work(f"m{number}", content) for number in range(WIDTH)], [], [], [])
    version = LifeEventVersion.objects.create(life_event=LifeEvent.objects.create(key="race", title={"zh": "某事", "en": "An event"}), number=1, text="", sha256="", valid_from=clocks.today(), published_by=officer)
    flow, made = document.parse(text.encode(), "race.yaml", shelf.names()), []
    for number in range(count):
        with transaction.atomic():
            case = Case.objects.create(life_event=version, applicant=f"甲{number}", matters=[], year=2026, day=clocks.today())
            case.course = moves.start(flow, moves.About("case", str(case.pk), case.applicant), officer, clocks.today(), "")
            case.save()
            moves.finish(case.course, [Tick(Task.objects.get(course=case.course, key=ACCEPT), 1)], officer, clocks.today(), "")
        made.append(case)
    return made


def processes(*commands):
    """Drivers that are ready to go."""
    given = connection.settings_dict
    url = f"sqlite:///{Path(given['NAME']).as_posix()}" if connection.vendor == "sqlite" else f"postgres://{given['USER']}@{given['HOST'].replace('/', '%2F')}/{given['NAME']}"
    env = {**os.environ, "DIGUAN_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "diguan.site.settings", "PYTHONPATH": os.pathsep.join(sys.path)}
    driver = [sys.executable, str(Path(__file__).with_name("case_driver.py"))]
    running = [subprocess.Popen([*driver, *map(str, words)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for words in commands]
    for one in running:
        assert one.stdout.readline().strip() == "ready", one.communicate()[1]
    return running


def agree(case):
    """The keys of the matters that are done, when task, passage, Event, clock and join all say the same and the chain holds."""
    tasks = {task.key: task for task in Task.objects.filter(course=case.course_id)}
    done = sorted(key for key, task in tasks.items() if task.state == "done" and key != ACCEPT)
    assert sorted(Passage.objects.filter(course=case.course_id, kind="done").exclude(source=ACCEPT).values_list("source", flat=True)) == done
    assert sorted(event.after["matter"] for event in events.Event.objects.filter(root_type="services.case", root_id=case.pk)) == done
    assert ClockEntry.objects.filter(task__course=case.course_id, kind="stop").exclude(task__key=ACCEPT).count() == len(done)
    assert (tasks[DELIVER].waiting, tasks[DELIVER].state) == ((0, "open") if len(done) == WIDTH else (WIDTH - len(done), "waiting"))
    assert events.verify(case) == []
    return done


def test_eight_processes_race_and_every_step_is_done_and_every_join_fires_once(officer):
    (case,) = cases_of(officer, 1)
    running = processes(*(("race", number * WIDTH // PROCESSES, case.course_id) for number in range(PROCESSES)))
    for one in running:
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [one.communicate(timeout=120) for one in running]
    codes = [code for out, err in answers for code in (json.loads(out.splitlines()[-1]) if out.strip() else [err])]
    assert sorted(codes) == ["changed_meanwhile"] * ((PROCESSES - 1) * WIDTH) + ["done"] * WIDTH
    assert len(agree(case)) == WIDTH
    assert Task.objects.get(course=case.course_id, key=DELIVER).version == 2  # opened by one UPDATE, once


def test_a_process_killed_at_any_moment_loses_no_step_it_had_told_and_leaves_none_half_done(officer):
    made, dice, told = cases_of(officer, 2), random.Random(7), set()
    for _turn in range(3):
        (one,) = processes(("work", 0, *(case.course_id for case in made)))
        time.sleep(dice.uniform(0.02, 0.15))
        one.kill()
        told |= {int(line) for line in one.communicate()[0].split("\n")[:-1] if line.isdigit()}
        done = set(Task.objects.filter(course__in=[case.course_id for case in made], state="done").values_list("pk", flat=True))
        assert told <= done
        for case in made:
            agree(case)


def test_batches_that_overlap_neither_tear_nor_lock_each_other_out(officer):
    made, came = cases_of(officer, 6), []
    gate = threading.Barrier(4)

    def run(order):
        try:
            rows = [Task.objects.select_related("course__frozen").get(course=case.course_id, key="m0") for case in order]
            gate.wait()
            actions.finish_matters(ticks=[Tick(row, row.version) for row in rows], by=officer)
            came.append("done")
        except Refusal as refusal:
            came.append(refusal.code)
        except Exception as error:
            came.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(order,)) for order in (made, made[::-1], made[2:] + made[:2], made[1:5])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["changed_meanwhile"] * 3 + ["done"]
    assert {len(agree(case)) for case in made} <= {0, 1}
