"""The page of one's own background work: how far it is, what came of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from diguan.kernel import jobs
from diguan.kernel.jobs import JobState
from diguan.kernel.shell import asking, or_404
from diguan.site import desk

KINDS = {JobState.QUEUED: "accent", JobState.RUNNING: "accent", JobState.DONE: "ok", JobState.FAILED: "bad"}


@require_GET
def job(request: HttpRequest, number: int) -> HttpResponse:
    """Progress while it runs (the page asks again by itself), the answer or the reason afterwards."""
    row = or_404(jobs.of(asking(request), number))
    going = row.finished_at is None
    reason, _gap, trace = row.error.partition("\n\n")
    answer = render(request, "site/job.html", {
        "job": row, "going": going, "title": desk.job_title(row.name), "state": (KINDS[JobState(row.state)], desk.job_word(row)),
        "reason": reason if not trace else "", "crashed": bool(trace), "result_url": row.result if row.result.startswith("/") else ""})
    if going:
        answer.headers["Refresh"] = "3"
    return answer
