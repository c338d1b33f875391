"""Writes of allocations: one is worked out beside any transaction, its files written whole, then its row is made known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from diguan.kernel import access, money
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job, Running, enqueue_once, job
from diguan.kernel.messages import Message
from diguan.kernel.rules import runfile
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.actions import the_match
from diguan.policies.engine.allocation import BelowGranted
from diguan.policies.queries import allocations, ledgers

ALLOCATE = "policies.allocate"
JOB = "policies.allocate"


def run_allocation(*, by: Person, match: str = "", after: str = "") -> Run:
    """Settle who gets the money of a match; the same inputs are the same run.

    Args:
        by: who runs it.
        match: the match to settle; by default the one pages speak from.
        after: an earlier allocation whose grants are kept; by default nothing is kept.

    Raises:
        access.Forbidden: the person may not allocate.
        Refusal: there is no such match or allocation, its files are damaged, or a budget is below what is granted already.
    """
    access.require(by, ALLOCATE)
    begun = time.monotonic()
    of, kept = allocations.basis(_whole(the_match(match))), _after(after)
    _spoken_for(of)
    manifest = allocations.manifest(of, kept)
    run_id = runfile.name_of(manifest)
    found = runs.whole(allocations.KIND, run_id)
    if found is not None:
        return found
    try:
        rows, totals = allocations.settle(of, run_id, kept)
    except BelowGranted as error:
        raise Refusal("below_granted", [_below(error)]) from error
    told = [allocations.as_total(one) for one in totals]
    return record_allocation(run_id=run_id, by=by, manifest=runs.publish(allocations.KIND, run_id, manifest, told, rows, of=of.run, begun=begun))


@action(permission=ALLOCATE, event="allocation_run")
def record_allocation(*, run_id: str, manifest: dict[str, Any], by: Person) -> Done[Run]:
    """Make a finished allocation known; its files are durable already."""
    row = runs.record(run_id=run_id, kind=allocations.KIND, manifest=manifest, by=by)
    return Done(row, after={"run": run_id, "match": row.inputs["match"], "after": row.inputs["after"], "rows": row.rows, "sha256": row.result_sha256})


def _after(run_id: str) -> Run | None:
    if not run_id:
        return None
    row = runs.named(allocations.KIND, run_id)
    if row is None:
        raise Refusal("no_allocation", [Message(f"没有这次分配：{run_id[:12]}", f"there is no such allocation: {run_id[:12]}")])
    return _whole(row)


def _whole(row: Run) -> Run:
    if not runs.intact(row):
        raise Refusal("damaged", [Message(f"{row.run_id[:12]} 的结果文件不见了或变了", f"the files of {row.run_id[:12]} are missing or changed")])
    return row


def _spoken_for(of: allocations.Basis) -> None:
    """A budget below what claims under way and paid ones bind already cannot be given out.

    Raises:
        Refusal: ``below_granted``, each policy with both figures.
    """
    bound = ledgers.committed(of.policies)
    wrong = [_below(error) for name, (fen, count) in sorted(bound.items()) for error in _limits(of.policies[name], fen, count)]
    if wrong:
        raise Refusal("below_granted", wrong)


def _limits(policy: Policy, fen: int, count: int) -> Iterator[BelowGranted]:
    if policy.budget is not None and policy.budget.amount_fen < fen:
        yield BelowGranted(policy.id, policy.budget.amount_fen, fen)
    if policy.budget is not None and policy.budget.places is not None and policy.budget.places < count:
        yield BelowGranted(policy.id, policy.budget.places, count, "places")


def _below(error: BelowGranted) -> Message:
    policy = queries.library().policies.get(error.policy)
    title = {language: policy.label(language) if policy else error.policy for language in ("zh", "en")}
    if error.what == "places":
        return Message(f"{title['zh']}：名额 {error.limit} 个，少于已安排的 {error.granted} 个", f"{title['en']}: {error.limit} places are fewer than the {error.granted} granted already")
    limit, granted = money.exact(error.limit), money.exact(error.granted)
    return Message(f"{title['zh']}：预算 {limit} 元，少于已安排的 {granted} 元", f"{title['en']}: the budget of {limit} yuan is below the {granted} yuan granted already")


def ask_allocation(*, by: Person, match: str, after: str = "") -> Job:
    """Ask for an allocation in the background; one that waits already is that one.

    Raises:
        access.Forbidden: the person may not allocate.
    """
    access.require(by, ALLOCATE)
    return enqueue_once(JOB, {"match": match, "after": after}, by)


@job(JOB)
def allocation_job(*, job: Running, by: Person, match: str, after: str = "") -> str:
    """:func:`run_allocation` in the background; answers with the run's name."""
    return run_allocation(by=by, match=match, after=after).run_id
