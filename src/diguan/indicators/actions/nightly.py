"""The snapshot of the night: once a day, where anything is new, in the name of whoever longest may take one."""

from __future__ import annotations

import datetime as dt
import logging

from diguan.indicators import queries
from diguan.indicators.actions.snapshots import take_snapshot
from diguan.indicators.queries import register, snapshots
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job, Running, enqueue_once, job
from diguan.kernel.packs import PackError

log = logging.getLogger("diguan.indicators")
JOB = "indicators.nightly_snapshot"
OWN = ("snapshot_taken", "registry_exported")
"""What taking a snapshot leaves behind itself is nothing new."""


def snapshot_due() -> int:
    """What the clock does: after midnight ask for a snapshot where anything is new since the last; answers how many were asked for.

    It is asked for once a day, whatever becomes of it: one that failed has said so in the log and in the list of jobs. The first of an installation is taken by a person.
    """
    now = clocks.now()
    midnight = now.astimezone(clocks.COUNTY_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    if Job.objects.filter(name=JOB, created_at__gte=midnight).exists() or not _anything_new(midnight):
        return 0
    try:
        by = access.acting_person(None, queries.SNAPSHOT, "facts.export_registry")
    except Refusal as refusal:
        log.error("the snapshot of the night is not taken: %s", "; ".join(refusal.texts("en")))
        return 0
    enqueue_once(JOB, {}, by)
    return 1


def _anything_new(midnight: dt.datetime) -> bool:
    """Whether anything was done since the last snapshot, or a month has ended; one taken since midnight is today's."""
    last = Run.objects.filter(kind=snapshots.KIND).order_by("-created_at", "-id").first()
    if last is None or last.created_at >= midnight:
        return False
    current = snapshots.current()
    return current is None or f"{current.as_of:%Y-%m}" != f"{clocks.today():%Y-%m}" or Event.objects.filter(at__gt=last.created_at).exclude(verb__in=OWN).exists()


@job(JOB)
def nightly_job(*, job: Running, by: Person) -> str:
    """Take the snapshot; a refusal is logged as well as shown, since nobody waits for it.

    Raises:
        Refusal: as :func:`take_snapshot`.
        PackError: an indicator that cannot be used.
    """
    try:
        register.book()
        return take_snapshot(by=by).run_id
    except (Refusal, PackError) as error:
        log.error("the snapshot of the night failed: %s", error)
        raise
