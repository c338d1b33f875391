"""One process of ``cases.py``: ``case_worker.py race NUMBER COURSE…`` or ``work single|batched COURSE…``, in the installation that the environment names.

*race* tries to finish every matter of the courses, from a place of its own on, and prints what came of each. *work* carries them on until it
is killed, and prints the id of each task **after** its transaction was committed: that is the acknowledgement.
"""

from __future__ import annotations

import json
import sys

import casework


def race(number: int, courses: list[int]) -> None:
    from django.db import OperationalError

    from diguan.kernel.refusals import Refusal
    from diguan.kernel.stages.models import Task
    from diguan.services.actions import cases

    there, found = casework.county(), list[str]()
    tasks = list(Task.objects.filter(course__in=courses, state="open", key__startswith="m").select_related("course__frozen").defer("course__frozen__text").order_by("id"))
    start = number * len(tasks) // 8
    print("ready", flush=True)
    sys.stdin.readline()
    left = tasks[start:] + tasks[:start]
    for task in left:
        try:
            cases.finish_matter(task=task, version=task.version, by=there.clerk(task.key))
            found.append("done")
        except Refusal as refusal:
            found.append(refusal.code)
        except OperationalError:  # SQLite's writers wait in no order: one may wait longer than its 20 seconds; told, and tried again at the end
            found.append("locked")
            left.append(task)
    print(json.dumps(found), flush=True)


def work(way: str, courses: list[int]) -> None:
    from diguan.kernel.stages.actions import Tick
    from diguan.kernel.stages.models import Task
    from diguan.services.actions import cases

    there = casework.county()
    print("ready", flush=True)
    while True:
        tasks = list(Task.objects.filter(course__in=courses, state="open", key__startswith="m").select_related("course__frozen").defer("course__frozen__text").order_by("key", "id"))
        tasks = [task for task in tasks if task.key == tasks[0].key] if way == "batched" else tasks
        if way == "batched" and tasks:
            cases.finish_matters(ticks=[Tick(task, task.version) for task in tasks], by=there.clerk(tasks[0].key))
        for task in tasks:
            if way == "single":
                cases.finish_matter(task=task, version=task.version, by=there.clerk(task.key))
            print(task.pk, flush=True)
        if not tasks:
            return


if __name__ == "__main__":
    from diguan.site.commands import shared

    shared.start_django()
    what, how, *rest = sys.argv[1:]
    race(int(how), [int(one) for one in rest]) if what == "race" else work(how, [int(one) for one in rest])
