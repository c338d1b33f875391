"""Background work: a table of jobs, a lease for who works on one, a heartbeat, one second try.

``@job("policies.run_match")`` names a function, ``enqueue`` asks for it, ``serve`` runs one worker. A
claim is a conditional UPDATE whose row count is checked, so two workers never hold one job. A worker that
dies stops its heartbeat; when the lease runs out the job goes back to the queue once, and is shown as
failed the second time. A job must therefore be safe to start again: write aside, then commit.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import close_old_connections, connection, models

from diguan.kernel import clocks
from diguan.kernel.refusals import Refusal

log = logging.getLogger("diguan.jobs")
LEASE_SECONDS = 60
BEAT_SECONDS = 15
CHORE_SECONDS = 60
ATTEMPTS = 2


class JobState(models.TextChoices):
    """Where a job is."""

    QUEUED = "queued", "排队"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"


class Job(models.Model):
    """One piece of background work, its lease, its progress and its answer."""

    name = models.CharField(max_length=100)
    kwargs = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    result = models.TextField("结果", blank=True)
    error = models.TextField("错误", blank=True)
    created_at = models.DateTimeField("提交时间", default=clocks.now, editable=False)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    scope_unit: ClassVar[str | None] = None
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "by"
    view_permission: ClassVar[str | None] = None

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} {self.state}"


@dataclass
class Running:
    """What a job's function is given as ``job``: its row, and where to report progress."""

    row: Job

    def progress(self, done: int, total: int) -> None:
        """Show how far it is; also proves that the worker is alive."""
        _mine(self.row).update(progress_done=done, progress_total=total, lease_until=_lease())


Work = Callable[..., object]
JOBS: dict[str, Work] = {}


def job(name: str) -> Callable[[Work], Work]:
    """Name a function as background work: ``def run_match(*, job, by, **kwargs)``; its answer is shown as text.

    Raises:
        TypeError: another function has that name.
    """

    def declare(function: Work) -> Work:
        known = JOBS.setdefault(name, function)
        if known is not function and known.__module__ != function.__module__:
            raise TypeError(f"job {name} is declared twice")
        return function

    return declare


def enqueue(name: str, kwargs: Mapping[str, Any], by: Any) -> Job:
    """Put a job into the queue, inside the caller's transaction; it starts once that is committed.

    Raises:
        KeyError: no job has that name.
    """
    if name not in JOBS:
        raise KeyError(name)
    return Job.objects.create(name=name, kwargs=dict(kwargs), by=by)


def enqueue_once(name: str, kwargs: Mapping[str, Any], by: Any) -> Job:
    """As :func:`enqueue`, unless the same work already waits: then that is answered.

    The waiting row is locked until the caller's transaction ends, so no worker takes it up before
    what the caller writes can be seen.
    """
    waiting = Job.objects.filter(name=name, kwargs=dict(kwargs), state=JobState.QUEUED).order_by("id").first()
    if waiting is not None and Job.objects.filter(pk=waiting.pk, state=JobState.QUEUED).update(state=JobState.QUEUED):
        return waiting
    return enqueue(name, kwargs, by)


def of(person: Any, pk: int) -> Job | None:
    """One's own job, for the page that shows its progress."""
    return Job.objects.filter(pk=pk, by=person).first()


def own(person: Any, since: dt.datetime) -> list[Job]:
    """One's own jobs that are not finished, or finished after an instant; newest first, at most twenty."""
    open_or_late = models.Q(finished_at__isnull=True) | models.Q(finished_at__gte=since)
    return list(Job.objects.filter(open_or_late, by=person).order_by("-id")[:20])


def going(name: str) -> list[Job]:
    """The jobs of this name that wait or run, whoever asked for them; newest first."""
    return list(Job.objects.filter(name=name, finished_at__isnull=True).order_by("-id"))


def ended(person: Any, since: dt.datetime) -> int:
    """How many of one's own jobs ended after an instant."""
    return Job.objects.filter(by=person, finished_at__gt=since).count()


def claim(worker: str) -> Job | None:
    """Take the oldest queued job; None when nothing waits."""
    while True:
        pk = Job.objects.filter(state=JobState.QUEUED).order_by("id").values_list("pk", flat=True).first()
        if pk is None:
            return None
        taken = Job.objects.filter(pk=pk, state=JobState.QUEUED).update(
            state=JobState.RUNNING,
            worker=worker,
            attempts=models.F("attempts") + 1,
            started_at=clocks.now(),
            lease_until=_lease(),
        )
        if taken:
            return Job.objects.get(pk=pk)


def recover() -> int:
    """Put jobs whose lease ran out back into the queue, once; the second time they have failed."""
    stale = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=clocks.now())
    failed = stale.filter(attempts__gte=ATTEMPTS).update(
        state=JobState.FAILED,
        error="处理进程两次中途停止 / the worker stopped twice on the way",
        finished_at=clocks.now(),
        lease_until=None,
    )
    return failed + stale.filter(attempts__lt=ATTEMPTS).update(state=JobState.QUEUED, worker="", lease_until=None)


def execute(row: Job) -> None:
    """Run a claimed job to its end, with a heartbeat beside it."""
    stop = threading.Event()
    beat = None
    if not connection.in_atomic_block:  # a second connection could not see a row of an open transaction
        beat = threading.Thread(target=_beat, args=(row, stop), daemon=True)
        beat.start()
    try:
        result = JOBS[row.name](job=Running(row), by=row.by, **row.kwargs)
    except Refusal as refusal:
        _finish(row, JobState.FAILED, error="；".join(str(reason) for reason in refusal.reasons))
    except Exception as error:
        log.exception("job %s failed", row)
        _finish(row, JobState.FAILED, error=f"{error}\n\n{traceback.format_exc()}")
    else:
        _finish(row, JobState.DONE, result="" if result is None else str(result))
    finally:
        stop.set()
        if beat is not None:
            beat.join()


def run_pending() -> int:
    """Run everything that waits, here and now (tests, ``demo``); returns how many."""
    count = 0
    while (row := claim(_worker())) is not None:
        execute(row)
        count += 1
    return count


def work(stop: threading.Event, idle_seconds: float = 1.0, chores: Callable[[], object] = lambda: None, rest: Callable[[], object] = lambda: None) -> None:
    """The worker's life: recover, claim, run, until ``stop`` is set. A running job is finished first.

    ``chores`` is what the clock does; it is done every minute, and one that fails is done again the next. ``rest`` is
    called once nothing waits any more after jobs were done: what follows from the chores alone would follow again at once.
    """
    worker = _worker()
    checked = done = 0.0
    worked = False
    while not stop.is_set():
        close_old_connections()
        if time.monotonic() - checked > BEAT_SECONDS:
            recover()
            checked = time.monotonic()
        if time.monotonic() - done > CHORE_SECONDS:
            _do(chores)
            done = time.monotonic()
        row = claim(worker)
        if row is None:
            if worked:
                rest()
                worked = False
            stop.wait(idle_seconds)
        else:
            execute(row)
            worked = True


def _do(chores: Callable[[], object]) -> None:
    try:
        chores()
    except Exception:  # the worker lives on whatever one chore meets
        log.exception("what the clock does has failed; it is done again in a minute")


def _finish(row: Job, state: JobState, *, result: str = "", error: str = "") -> None:
    written = _mine(row).update(
        state=state, result=result, error=error, finished_at=clocks.now(), lease_until=None
    )
    if not written:
        log.warning("job %s was taken over; its answer is dropped", row)


def _mine(row: Job) -> models.QuerySet[Job]:
    # attempts is part of the key: who lost the lease must not write over who took it up.
    return Job.objects.filter(pk=row.pk, worker=row.worker, attempts=row.attempts, state=JobState.RUNNING)


def _beat(row: Job, stop: threading.Event) -> None:
    try:
        while not stop.wait(BEAT_SECONDS):
            _mine(row).update(lease_until=_lease())
    finally:
        connection.close()


def _lease() -> dt.datetime:
    return clocks.now() + dt.timedelta(seconds=LEASE_SECONDS)


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:80]
