"""Routes of allocations: what their pages show, to whom the pages show it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES
from diguan.kernel.api.queued import Queued
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import told
from diguan.kernel.facts.runs import Run
from diguan.kernel.shell import asking, or_404
from diguan.policies.actions import allocation as actions
from diguan.policies.queries import allocations

router = Router(tags=["policies"])


class AllocationOut(Schema):
    """An allocation and what it rests on; ``after`` is the one before, whose grants it keeps."""

    run_id: str
    match: str
    after: str | None
    as_of: dt.date
    known_at: dt.datetime
    rows: int
    result_sha256: str


class AllocationPage(Schema):
    items: list[AllocationOut]
    next: str | None


class SettledOut(Schema):
    """One policy of an allocation, in fen; ``left_fen`` is null without a budget, ``left_out`` says why it was not settled."""

    id: str
    version: str
    budget_fen: int | None
    places: int | None
    prorate: bool
    granted: int
    granted_fen: int
    kept: int
    kept_fen: int
    waitlisted: int
    waitlisted_fen: int
    displaced: int
    undecided: int
    nothing: int
    left_fen: int | None
    left_out: str


class AllocationWhole(AllocationOut):
    totals: list[SettledOut]


class LineOut(Schema):
    """One enterprise; ``other`` is the policy it got instead, or that stands in the way."""

    uscc: str
    name: str
    state: str
    reason: str
    amount_fen: int | None
    granted_fen: int
    place: int | None
    other: str


class LinePage(Schema):
    items: list[LineOut]
    next: str | None


class AllocationIn(Sent):
    """``match``: the match to settle, by default the one pages speak from; ``after``: an allocation whose grants are kept."""

    match: str = ""
    after: str = ""


def _out(run: Run) -> dict[str, Any]:
    before = run.inputs["after"]
    return {"run_id": run.run_id, "match": run.inputs["match"], "after": before["run"] if before else None, "as_of": run.as_of, "known_at": run.known_at,
            "rows": run.rows, "result_sha256": run.result_sha256}


@router.get("/allocations", response={200: AllocationPage, **READS}, url_name="allocations")
def list_allocations(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The allocations whose files are whole, newest first."""
    person = asking(request)
    access.require(person, allocations.VIEW)
    part = paging.of_list(allocations.recent(person), lambda run: (-run.pk,), asked)
    return told(AllocationPage(items=[AllocationOut(**_out(run)) for run in part.rows], next=part.next))


@router.post("/allocations", response={202: Queued, **WRITES}, url_name="allocations")
def start_allocation(request: HttpRequest, body: AllocationIn, key: Key = None) -> HttpResponse:
    """Ask for an allocation in the background; one that waits already is that one."""
    access.require(asking(request), actions.ALLOCATE)

    def work() -> HttpResponse:
        job = actions.ask_allocation(by=asking(request), match=body.match, after=body.after)
        return told(Queued(job=job.pk, state=job.state), 202)

    return once(request, key, work)


@router.get("/allocations/{run_id}", response={200: AllocationWhole, **READS}, url_name="allocation")
def one_allocation(request: HttpRequest, run_id: str) -> HttpResponse:
    """One allocation, every policy with what it gives out."""
    run = or_404(allocations.find(asking(request), run_id))
    totals = [SettledOut(**allocations.as_total(each)) for each in allocations.totals_of(run).values()]
    return told(AllocationWhole(**_out(run), totals=totals))


@router.get("/allocations/{run_id}/{policy_id}", response={200: LinePage, **READS}, url_name="allocated")
def allocation_lines(request: HttpRequest, run_id: str, policy_id: str, asked: Query[paging.Paging]) -> HttpResponse:
    """Everybody under one policy whom the person may see: who gets it, who waits at which place, who has something else."""
    person = asking(request)
    run = or_404(allocations.find(person, run_id))
    or_404(allocations.totals_of(run).get(policy_id))
    part = paging.of_list(allocations.lines(person, run, policy_id), lambda line: (line.enterprise.uscc,), asked, of=f"{run.pk} {policy_id}")
    return told(LinePage(items=[LineOut(uscc=line.enterprise.uscc, name=line.enterprise.name, state=line.state, reason=line.reason, amount_fen=line.amount_fen,
                                        granted_fen=line.granted_fen, place=line.place, other=line.other) for line in part.rows], next=part.next))
