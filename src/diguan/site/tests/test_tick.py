"""``diguan tick`` runs what waits, once."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from diguan.kernel import clocks, jobs
from diguan.kernel.access.models import LoginThrottle
from diguan.kernel.jobs import Job, JobState
from diguan.site.cli import main

pytestmark = pytest.mark.django_db


def test_what_waits_is_run_once_and_old_counters_are_forgotten(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setitem(jobs.JOBS, "test.note", lambda *, job, by, word: ran.append(word))
    Job.objects.create(name="test.note", kwargs={"word": "a"})
    Job.objects.create(name="test.note", kwargs={"word": "b"}, state=JobState.RUNNING, attempts=1, lease_until=clocks.now() - dt.timedelta(hours=1))
    LoginThrottle.objects.create(key="x", window_start=clocks.now() - dt.timedelta(days=3))
    assert main(["tick", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"recovered": 1, "jobs": 2, "due": 0, "forgotten": 1}
    assert ran == ["a", "b"]
    assert main(["tick", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"recovered": 0, "jobs": 0, "due": 0, "forgotten": 0}
