"""Background work: one holder at a time, one second try, failures shown."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from diguan.kernel import clocks, jobs
from diguan.kernel.jobs import Job, JobState
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def named(monkeypatch):
    monkeypatch.setattr(jobs, "JOBS", {})

    @jobs.job("test.count")
    def count(*, job, by, to):
        job.progress(to, to)
        return f"数到 {to}"

    @jobs.job("test.refuse")
    def refuse(*, job, by):
        raise Refusal("closed", [Message(zh="今天不办", en="not today")])

    @jobs.job("test.break")
    def broken(*, job, by):
        raise RuntimeError("boom")


def test_a_job_runs_shows_progress_and_its_answer(named):
    person = person_factory()
    row = jobs.enqueue("test.count", {"to": 7}, by=person)
    assert jobs.run_pending() == 1
    row.refresh_from_db()
    assert (row.state, row.result, row.progress_done, row.attempts) == (JobState.DONE, "数到 7", 7, 1)
    assert jobs.of(person, row.pk) == row
    assert jobs.of(person_factory(), row.pk) is None


def test_a_refusal_and_a_crash_are_shown_as_failed_with_the_reason(named):
    refused, broken = jobs.enqueue("test.refuse", {}, by=None), jobs.enqueue("test.break", {}, by=None)
    jobs.run_pending()
    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.state, refused.error) == (JobState.FAILED, "今天不办 / not today")
    assert broken.state == JobState.FAILED
    assert broken.error.startswith("boom")


def test_a_dead_workers_job_is_tried_once_more_and_then_failed(named, monkeypatch):
    row = jobs.enqueue("test.count", {"to": 1}, by=None)
    start = clocks.now()
    for tries, state in [(1, JobState.QUEUED), (2, JobState.FAILED)]:
        assert jobs.claim(f"dead:{tries}") == row
        assert jobs.recover() == 0
        moment = start + dt.timedelta(minutes=5 * tries)
        monkeypatch.setattr(clocks, "now", lambda moment=moment: moment)
        assert jobs.recover() == 1
        row.refresh_from_db()
        assert (row.state, row.attempts) == (state, tries)
    assert jobs.run_pending() == 0


def test_a_claimed_job_is_not_claimed_again_and_a_late_answer_is_dropped(named):
    row = jobs.enqueue("test.count", {"to": 1}, by=None)
    first = jobs.claim("one")
    assert jobs.claim("two") is None
    Job.objects.filter(pk=row.pk).update(state=JobState.QUEUED)
    second = jobs.claim("two")
    jobs._finish(first, JobState.DONE, result="too late")
    row.refresh_from_db()
    assert (row.state, row.result, row.worker) == (JobState.RUNNING, "", second.worker)


def test_an_unknown_job_is_refused_at_once(named):
    with pytest.raises(KeyError):
        jobs.enqueue("test.nothing", {}, by=None)


def test_a_worker_that_only_did_its_chores_has_nothing_to_rest_from(named, monkeypatch):
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)  # the test is inside a transaction
    stop, said = threading.Event(), []
    asked = iter([None, "test.count", None])

    def chores():
        said.append("chores")

    def wait(seconds):  # the idle second: what comes in meanwhile
        said.append("idle")
        name = next(asked, "stop")
        if name == "stop":
            threading.Event.set(stop)
        elif name:
            jobs.enqueue(name, {"to": 1}, by=None)
        return stop.is_set()

    stop.wait = wait
    jobs.work(stop, chores=chores, rest=lambda: said.append("rest"))
    assert said == ["chores", "idle", "idle", "rest", "idle", "idle"]
