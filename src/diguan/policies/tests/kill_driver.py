"""Run by ``test_kill``: matches over and over, each of another day and killed one step later, and tells what was left.

Every flush, rename, statement and commit is a step. The match runs in a forked child that sends itself
SIGKILL at its step; the parent then looks at database and files as a new process would.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys

import django

from diguan.kernel.tests.killing import dies_at

FIRST = dt.date(2026, 1, 1)


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    from diguan.enterprises.models import Enterprise
    from diguan.kernel.sheets.tests import ugly
    from diguan.kernel.tests.factories import person_factory
    from diguan.policies import queries

    officer = person_factory("policy_officer")
    for number in (1, 2):
        Enterprise.objects.create(uscc=ugly.code(number), name=f"演示企业{number}", registered_region="430421")
    queries.library()  # read once, before the children
    connections.close_all()
    results = []
    for step in range(0, 400, int(sys.argv[1])):
        child = os.fork()
        if child == 0:
            _match(officer.pk, step)
        status = os.waitpid(child, 0)[1]
        results.append({"step": step, "killed": os.WIFSIGNALED(status), **_left(step)})
        connections.close_all()
        if not os.WIFSIGNALED(status):
            break
    print(json.dumps(results))


def _match(person: int, step: int) -> None:
    """In the child: one match, dying at the step; leaves with 0 when it got through."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    from diguan.kernel.access.models import Person
    from diguan.policies import actions

    put = dies_at(step)
    by = Person.objects.get(pk=person)
    for owner, name in ((os, "fsync"), (os, "replace"), (os, "rename"), (CursorWrapper, "execute"), (BaseDatabaseWrapper, "_commit")):
        put(owner, name)
    actions.run_match(by=by, as_of=FIRST + dt.timedelta(days=step))
    os._exit(0)


def _left(step: int) -> dict[str, object]:
    """What a new process finds of this step's match."""
    from diguan.kernel.events import Event, verify_all
    from diguan.kernel.facts import files
    from diguan.kernel.facts.runs import Run, intact

    runs = list(Run.objects.filter(as_of=FIRST + dt.timedelta(days=step)))
    whole = [intact(run) for run in runs]
    return {"runs": len(runs), "whole": all(whole), "damaged": files.damaged(), "chains": len(verify_all()),
            "strays": Event.objects.filter(verb="match_run").count() - Run.objects.count()}


if __name__ == "__main__":
    main()
