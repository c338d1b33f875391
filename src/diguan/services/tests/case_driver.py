"""One process of ``test_case_races``: ``race FROM COURSE…`` tries every matter once; ``work COURSE…`` carries cases on until it is killed.

``work`` prints the id of a task after its transaction was committed: that is the acknowledgement.
"""

from __future__ import annotations

import json
import sys


def main(what: str, start: int, courses: list[int]) -> None:
    import django

    django.setup()
    from diguan.kernel.access.models import Person
    from diguan.kernel.refusals import Refusal
    from diguan.kernel.stages.models import Task
    from diguan.services.actions import cases

    by, found = Person.objects.get(login_name="racer"), list[str]()
    tasks = list(Task.objects.filter(course__in=courses, state="open", key__startswith="m").select_related("course__frozen").order_by("id"))
    print("ready", flush=True)
    if what == "race":
        sys.stdin.readline()
    for task in tasks[start:] + tasks[:start]:
        try:
            cases.finish_matter(task=task, version=task.version, by=by)
            found.append("done")
        except Refusal as refusal:
            found.append(refusal.code)
        if what == "work":
            print(task.pk, flush=True)
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), [int(word) for word in sys.argv[3:]])
