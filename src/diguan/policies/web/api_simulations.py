"""Routes of simulations: what their pages show, to whom the pages show it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import told
from diguan.kernel.facts.runs import Run
from diguan.kernel.shell import asking, or_404
from diguan.policies.actions.simulation import run_simulation
from diguan.policies.queries import simulations
from diguan.policies.queries.simulations import SIMULATE, Scenario

router = Router(tags=["policies"])


class ScenarioIn(Sent):
    """A policy with some numbers turned, each as a policy text writes it: ``{"clause:invested:0": "200万元"}``.

    ``policy`` is an id of the library, or ``draft:12`` for a draft.
    """

    policy: str = Field(max_length=80)
    changes: dict[str, str] = {}
    title: str = Field("", max_length=40)


class SimulationIn(Sent):
    """One to six scenarios; the first is what the others are held against. ``match``: by default the one pages speak from."""

    scenarios: list[ScenarioIn]
    match: str = ""


class SumsOut(Schema):
    """Who moves one way; ``amount_unknown`` of them with money that is not known, which ``fen`` does not count."""

    firms: int
    fen: int
    amount_unknown: int


class ScenarioOut(Schema):
    """What one scenario comes to; ``moves`` beside the first: gained, lost, more, less; null where it is of one or two firms and you may not see which."""

    policy: str
    changes: dict[str, str]
    title: str
    eligible: int
    unknown: int
    ineligible: int
    low_fen: int
    high_fen: int
    amount_unknown: int
    budget_fen: int | None
    moves: dict[str, SumsOut | None]


class SimulationOut(Schema):
    run_id: str
    match: str
    as_of: dt.date
    known_at: dt.datetime
    result_sha256: str
    scenarios: list[ScenarioOut]


def _out(person: Person, run: Run) -> SimulationOut:
    lines: list[dict[str, Any]] = []
    for at, one in enumerate(simulations.results_of(run)):
        sums = simulations.told_sums(person, run, at) if at else {}
        moves = {name: each and SumsOut(firms=each.firms, fen=each.fen, amount_unknown=each.open) for name, each in sums.items()}
        lines.append({"policy": one.scenario.policy, "changes": dict(one.scenario.changes), "title": one.scenario.title, "eligible": one.totals.eligible, "unknown": one.totals.unknown,
                      "ineligible": one.totals.ineligible, "low_fen": one.totals.amount_fen, "high_fen": one.totals.high_fen,
                      "amount_unknown": one.totals.amount_unknown + one.totals.undecided_amount_unknown, "budget_fen": one.budget_fen, "moves": moves})
    return SimulationOut(run_id=run.run_id, match=run.inputs["match"], as_of=run.as_of, known_at=run.known_at, result_sha256=run.result_sha256,
                         scenarios=[ScenarioOut(**line) for line in lines])


@router.post("/simulations", response={201: SimulationOut, **WRITES}, url_name="simulations")
def run_simulation_now(request: HttpRequest, body: SimulationIn, key: Key = None) -> HttpResponse:
    """Simulate; the same inputs are the same simulation."""
    access.require(asking(request), SIMULATE)
    given = [Scenario(one.policy, one.changes, one.title) for one in body.scenarios]
    return once(request, key, lambda: told(_out(asking(request), run_simulation(scenarios=given, by=asking(request), match=body.match)), 201))


@router.get("/simulations/{run_id}", response={200: SimulationOut, **READS}, url_name="simulation")
def one_simulation(request: HttpRequest, run_id: str) -> HttpResponse:
    """One simulation."""
    return told(_out(asking(request), or_404(simulations.find(asking(request), run_id))))
