"""Run by ``test_claim_kill``: opens a list and confirms it over and over, killed a few steps later each time, and tells what was left.

Every statement and commit is a step. The deed runs in a forked child that sends itself SIGKILL; the parent then looks at the database
as a new process would.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import django

from diguan.kernel.tests.killing import dies_at


def main(stride: int) -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    from diguan.policies import actions
    from diguan.policies.actions.allocation import run_allocation
    from diguan.policies.tests import claiming, county

    county.firms()
    claiming.register_them()
    county.deliver((county.RICH, 600), (county.PLAIN, 500), (county.SHORT, 120))
    officer, second = claiming.officers()
    actions.run_match(by=officer)
    run = run_allocation(by=officer)
    results = []
    for deed in (lambda: claiming.open_all(run, officer), lambda: claiming.confirm_all(second)):
        for step in range(0, 1000, stride):
            connections.close_all()
            killed = _child(deed, step)
            results.append({"killed": killed, **_left()})
            if not killed:
                break
    print(json.dumps(results))


def _child(deed: Callable[[], Any], step: int) -> bool:
    """Whether it died: the deed in a child that dies at the step."""
    child = os.fork()
    if child == 0:
        from django.db.backends.base.base import BaseDatabaseWrapper
        from django.db.backends.utils import CursorWrapper

        put = dies_at(step)
        for owner, name in ((CursorWrapper, "execute"), (CursorWrapper, "executemany"), (BaseDatabaseWrapper, "_commit")):
            put(owner, name)
        deed()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _left() -> dict[str, int]:
    """What a new process finds: claims, how many stand where, events, and whatever is half written."""
    from diguan.kernel.events import Event, verify_all
    from diguan.kernel.stages.models import Course, Passage, Task
    from diguan.policies.models import Claim

    claims = list(Claim.objects.all())
    half = sum(Task.objects.filter(course=row.course_id, state="open").count() != 1 for row in claims)
    half += Course.objects.count() - len(claims)
    half += Passage.objects.filter(target="confirmed").count() - Event.objects.filter(verb="claim_passed").count()
    return {"claims": len(claims), "opened": Event.objects.filter(verb="claims_opened").count(), "confirmed": Task.objects.filter(key="confirmed", state="open").count(),
            "half": half, "chains": len(verify_all())}


if __name__ == "__main__":
    main(int(sys.argv[1]))
