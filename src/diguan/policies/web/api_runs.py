"""Routes of matches and of what changed between two of them: what their pages show, to whom the pages show it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.facts import ValueOut, value_of
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES
from diguan.kernel.api.queued import Queued
from diguan.kernel.api.versions import told
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules.differences import Change, Told
from diguan.kernel.shell import asking
from diguan.policies import actions, queries
from diguan.policies.queries import differences as moves
from diguan.policies.queries.differences import Moved
from diguan.policies.web.api import TotalsOut, enterprise_of, totals_out
from diguan.policies.web.pages import run_of

router = Router(tags=["policies"])
RUN_VIEW = "facts.view_run"


class RunOut(Schema):
    """A match and what it was computed from: the digests of the texts and of the standards, the batches by number."""

    run_id: str
    as_of: dt.date
    known_at: dt.datetime
    rows: int
    result_sha256: str
    policies: dict[str, str]
    standards: dict[str, str]
    batches: list[int]
    current: bool


class RunPage(Schema):
    items: list[RunOut]
    next: str | None


class RunWhole(RunOut):
    """``totals`` is empty for who may not see the county's policies."""

    totals: list[TotalsOut]


class ChangeOut(Schema):
    """A fact told differently; ``kind``: new, corrected or withdrawn. ``decisive`` where without it the status would be another."""

    fact: str
    period: str
    kind: str
    decisive: bool
    before: ValueOut
    after: ValueOut


class MovedOut(Schema):
    """An enterprise whose status changed under a policy, and what did it."""

    uscc: str
    name: str
    policy: str
    was: str
    now: str
    changes: list[ChangeOut]
    other_day: bool
    other_text: bool


class MovedPage(Schema):
    items: list[MovedOut]
    next: str | None


class LatelyOut(Schema):
    """What the current match changed for one enterprise; ``old`` is the match before, null where there are not two yet."""

    old: str | None
    items: list[MovedOut]


def _run_out(run: Run, current: Run | None) -> dict[str, Any]:
    return {"run_id": run.run_id, "as_of": run.as_of, "known_at": run.known_at, "rows": run.rows, "result_sha256": run.result_sha256,
            "policies": run.inputs["policies"], "standards": run.inputs.get("standards", {}), "batches": sorted(int(name.rpartition("#")[2]) for name in run.inputs["data"]),
            "current": current is not None and current.pk == run.pk}


def _run(request: HttpRequest, run_id: str) -> Run:
    """The match of an address; ``current`` is the one that pages speak from."""
    access.require(asking(request), RUN_VIEW)
    current = queries.current_run() if run_id == "current" else None
    return run_of(request, current.run_id if current else run_id)


def _value(change: Change, said: Told) -> ValueOut:
    num, text = (said.value, None) if isinstance(said.value, int) else (None, said.value)
    return ValueOut(**value_of(change.fact, said.state, num, text))


def _moved(line: Moved) -> MovedOut:
    changes = [ChangeOut(fact=change.fact.name, period=change.period, kind=change.kind, decisive=change.fact.name in line.why.decisive,
                         before=_value(change, change.before), after=_value(change, change.after)) for change in line.why.changes]
    return MovedOut(uscc=line.enterprise.uscc, name=line.enterprise.name, policy=line.policy_id, was=line.was, now=line.now, changes=changes,
                    other_day=line.why.other_day, other_text=line.why.other_text)


@router.get("/runs", response={200: RunPage, **READS}, url_name="runs")
def list_runs(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The matches, newest first."""
    access.require(asking(request), RUN_VIEW)
    part = paging.of_query(runs.visible(asking(request)).filter(kind=queries.KIND), ("-id",), asked)
    current = queries.current_run()
    return told(RunPage(items=[RunOut(**_run_out(run, current)) for run in part.rows], next=part.next))


@router.post("/runs", response={202: Queued, **WRITES}, url_name="runs")
def start_run(request: HttpRequest, key: Key = None) -> HttpResponse:
    """Ask for a match in the background; one that waits already is that one."""
    access.require(asking(request), actions.RUN)

    def work() -> HttpResponse:
        job = actions.ask_match(by=asking(request))
        return told(Queued(job=job.pk, state=job.state), 202)

    return once(request, key, work)


@router.get("/runs/{run_id}", response={200: RunWhole, **READS}, url_name="run")
def one_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One match, its totals by policy; ``current`` is the one the pages speak from."""
    run = _run(request, run_id)
    totals = queries.totals_of(run).values() if queries.sees_county(asking(request)) else ()
    return told(RunWhole(**_run_out(run, queries.current_run()), totals=[totals_out(each) for each in totals]))


@router.get("/runs/{run_id}/since/{old_id}", response={200: MovedPage, **READS}, url_name="run_changes")
def run_changes(request: HttpRequest, run_id: str, old_id: str, asked: Query[paging.Paging]) -> HttpResponse:
    """Who moved between two matches, and what moved them."""
    person, new, old = asking(request), _run(request, run_id), _run(request, old_id)
    access.require(person, queries.ENTITLEMENT)
    part = paging.of_list(moves.moved(person, old, new), lambda line: (line.policy_id, line.enterprise.uscc), asked, of=f"{new.pk} {old.pk}")
    return told(MovedPage(items=[_moved(line) for line in moves.explained(old, new, part.rows)], next=part.next))


@router.get("/enterprises/{uscc}/changes", response={200: LatelyOut, **READS}, url_name="lately")
def enterprise_changes(request: HttpRequest, uscc: str) -> HttpResponse:
    """What the current match changed for one enterprise. An agent is told of publishable policies alone."""
    person, row = asking(request), enterprise_of(request, uscc)
    found = moves.lately(person, row)
    return told(LatelyOut(old=found[0].run_id if found else None, items=[_moved(line) for line in found[1] if _may_know(person, line)] if found else []))


def _may_know(person: Any, line: Moved) -> bool:
    policy = queries.library().policies.get(line.policy_id)
    return policy is not None and (queries.sees_county(person) or queries.shown_to_firms(policy))
