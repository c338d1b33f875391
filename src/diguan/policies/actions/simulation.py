"""Writes of simulations: one is worked out beside any transaction, its files written whole, then its row is made known."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules import runfile
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.actions import the_match
from diguan.policies.engine import scenarios
from diguan.policies.engine.scenarios import BadTurn
from diguan.policies.queries import drafts, simulations
from diguan.policies.queries.simulations import SIMULATE, Scenario


def run_simulation(*, scenarios: Sequence[Scenario], by: Person, match: str = "") -> Run:
    """Judge one to six scenarios side by side over what a match read; the same inputs are the same run.

    Args:
        scenarios: the first is what the others are held against.
        by: who runs it.
        match: the match whose batches and day are taken; by default the one pages speak from.

    Raises:
        access.Forbidden: the person may not simulate.
        Refusal: no match, too many scenarios, a policy or number that is not there, a value that does not fit (``field`` names
            scenario and number), or an amount too large to store.
    """
    access.require(by, SIMULATE)
    if any(one.policy.startswith(simulations.DRAFT) for one in scenarios):
        access.require(by, drafts.VIEW)
    begun, of = time.monotonic(), the_match(match)
    policies = turned(scenarios)
    manifest = simulations.manifest(of, scenarios, policies)
    run_id = runfile.name_of(manifest)
    found = runs.whole(simulations.KIND, run_id)
    if found is not None:
        return found
    try:
        rows, totals = simulations.settle(of, policies, run_id)
    except runfile.AmountTooLarge as error:
        raise Refusal("amount_too_large", [Message(f"金额太大，存不下：{error}", f"an amount is too large to store: {error}")]) from error
    told = [{**asdict(each), "budget_fen": policy.budget.amount_fen if policy.budget else None} for each, policy in zip(totals, policies, strict=True)]
    return record_simulation(run_id=run_id, by=by, manifest=runs.publish(simulations.KIND, run_id, manifest, told, rows, of=of, begun=begun))


@action(permission=SIMULATE, event="simulation_run")
def record_simulation(*, run_id: str, manifest: dict[str, Any], by: Person) -> Done[Run]:
    """Make a finished simulation known; its files are durable already."""
    row = runs.record(run_id=run_id, kind=simulations.KIND, manifest=manifest, by=by)
    return Done(row, after={"run": run_id, "scenarios": len(row.inputs["scenarios"]), "match": row.inputs["match"], "sha256": row.result_sha256})


def turned(found: Sequence[Scenario]) -> list[Policy]:
    """The scenarios as policies.

    Raises:
        Refusal: ``too_many``, ``no_policy``, or ``invalid`` with the number's path as its field.
    """
    if not 1 <= len(found) <= scenarios.MOST:
        raise Refusal("too_many", [Message(f"一次试算 1 到 {scenarios.MOST} 种方案", f"a simulation has 1 to {scenarios.MOST} scenarios")])
    for one in found:
        wrong = simulations.wrong_in(one.policy)
        if wrong is not None:
            raise Refusal("invalid", [wrong], "policy")
        if simulations.text_of(one.policy) is None:
            near = nearest(one.policy, queries.library().policies)
            raise Refusal("no_policy", [Message(f"没有政策 {one.policy}" + (f"，最近的是 {near}" if near else ""), f"there is no policy {one.policy}" + (f", nearest {near}" if near else ""))], "policy")
    try:
        return simulations.policies_of(found)
    except BadTurn as problem:
        raise Refusal("invalid", [problem.message], problem.path) from problem
