"""Run by ``test_kill``: imports over and over, each time killed one step later, and tells what was left.

Every flush, rename, statement and commit is a step. The import runs in a forked child that sends itself
SIGKILL at its step; the parent then looks at database and files as a new process would.
"""

from __future__ import annotations

import json
import os
import sys

import django

from diguan.kernel.tests.killing import dies_at


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    from diguan.kernel.sheets import declare
    from diguan.kernel.tests.factories import person_factory

    declare._SUBJECTS.clear()  # the kernel alone: nobody has told it which enterprises there are
    clerk = person_factory("data_clerk")
    connections.close_all()
    results = []
    for step in range(int(sys.argv[1]), 400, int(sys.argv[2])):
        child = os.fork()
        if child == 0:
            _import(clerk.pk, step)
        status = os.waitpid(child, 0)[1]
        results.append({"step": step, "killed": os.WIFSIGNALED(status), **_left(step)})
        connections.close_all()
        if not os.WIFSIGNALED(status):
            break
    print(json.dumps(results))


def month_of(step: int) -> str:
    """A month of its own for every step, all of them long past."""
    return f"{2000 + step // 12}-{step % 12 + 1:02d}"


def _import(person: int, step: int) -> None:
    """In the child: import one file, dying at the step; leaves with 0 when it got through."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    from diguan.kernel import periods
    from diguan.kernel.access.models import Person
    from diguan.kernel.facts import deliveries
    from diguan.kernel.sheets.tests import ugly

    put = dies_at(step)
    by = Person.objects.get(pk=person)
    content = ugly.xlsx([ugly.HEADS, *([n, ugly.code(n), "甲", n + step / 100] for n in range(1, 40))])
    for owner, name in ((os, "fsync"), (os, "replace"), (CursorWrapper, "execute"), (BaseDatabaseWrapper, "_commit")):
        put(owner, name)
    request = deliveries.Request("tax_monthly", periods.parse(month_of(step)))
    upload = deliveries.keep("税务.xlsx", content, "tax_monthly", by=by)
    deliveries.commit(request, upload, content, by=by)
    os._exit(0)


def _left(step: int) -> dict[str, object]:
    """What a new process finds of this step's import."""
    from diguan.kernel.events import Event, verify_all
    from diguan.kernel.facts import files
    from diguan.kernel.facts.models import Batch, Coverage

    rows = list(Batch.objects.filter(period=month_of(step)))
    events = [Event.objects.filter(root_type="kernel.batch", root_id=str(row.pk)).count() for row in rows]
    return {"batches": [row.state for row in rows], "events": events, "damaged": files.damaged(),
            "coverage": [Coverage.objects.filter(batch=row).count() for row in rows],
            "strays": Event.objects.filter(root_type="kernel.batch").count() - Batch.objects.count(),
            "chains": len(verify_all()), "orphans": len(files.orphans())}


if __name__ == "__main__":
    main()
