"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.tests.factories import person_factory
from diguan.projects.actions import access, assignments, fulfilment, joint, lead_holding, lead_work, promises, proofs
from diguan.projects.models import Assignment, Project
from diguan.projects.tests.board_factories import Team, paper
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.tests.ledger_factory import (
    PROOF,
    agreement_factory,
    fund_factory,
    obligation_factory,
    promise_factory,
)


def _lead(world: Any) -> dict[str, Any]:
    return {"number": lead_factory(world.people["leader"]).pk}


def _deed(world: Any) -> dict[str, Any]:
    return _lead(world) | {"deed": "respond"}


def _step(world: Any) -> dict[str, Any]:
    row, by = lead_factory(world.people["leader"]), world.people["leader"]
    news = lead_work.News(on=dt.date(2026, 10, 31), what="打了电话", next_step="上门", next_on=dt.date(2026, 11, 2), next_by=by)
    row = lead_work.tell_progress(lead=row, version=row.version, news=news, by=by)
    return {"number": row.pk, "step": row.progress.get().pk}


def _offer(world: Any) -> dict[str, Any]:
    row = lead_factory(world.people["promotion_officer"])
    row = lead_holding.offer_lead(lead=row, version=row.version, to=world.people["leader"], by=world.people["promotion_officer"])
    return {"number": row.handovers.get().pk}


def _assignment(world: Any) -> dict[str, Any]:
    by = world.people["leader"]
    row = Assignment.objects.first() or assignments.set_assignment(year=2026, unit=by.posts.get().unit, measure="projects", number=3, note="", by=by)
    return {"number": row.pk}


def _project(world: Any) -> dict[str, Any]:
    return {"number": project_factory(world.people["leader"]).pk}


def _ledger(world: Any) -> tuple[Any, Any, Any]:
    """A project, who entered its rows, and who may verify them."""
    return project_factory(world.people["leader"], name=f"样例项目{Project.objects.count() + 1}"), person_factory("promotion_officer"), person_factory("promotion_officer")


def _agreement(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    row = agreement_factory(project, by)
    promise_factory(row, by)
    obligation_factory(row, by)
    return {"number": row.pk}


def _promise(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    return {"number": promise_factory(agreement_factory(project, by), by).pk}


def _reviewed(world: Any) -> dict[str, Any]:
    project, by, other = _ledger(world)
    row = promise_factory(agreement_factory(project, by), by)
    return {"number": promises.review_promise(promise=row, version=row.version, conclusion="passed", review_note="对照条例逐条看过", proof=PROOF, by=other).pk}


def _fund(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    return {"number": fund_factory(project, by).pk}


def _obligation(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    row = obligation_factory(agreement_factory(project, by), by)
    return {"number": fulfilment.claim_obligation(obligation=row, version=row.version, met_on=clocks.today(), measured=200, proof=PROOF, by=by).pk}


def _open_obligation(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    return {"number": obligation_factory(agreement_factory(project, by), by).pk}


def _performance(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    row = obligation_factory(agreement_factory(project, by), by)
    return {"number": fulfilment.enter_check(project=project, point="production", on=clocks.today(), measured={row.pk: 210}, note="", proof=PROOF, by=by).pk}


def _returnee(world: Any) -> dict[str, Any]:
    project, by, _other = _ledger(world)
    return {"number": proofs.claim_returnee(project=project, basis="法定代表人是界牌镇人", proof=PROOF, by=by).pk}


def _pair(world: Any) -> dict[str, Any]:
    (one, by, other), (two, *_rest) = _ledger(world), _ledger(world)
    for project in (one, two):
        agreement_factory(project, by, other)
    return {"number": two.pk, "other": one.pk}


def _ruling(world: Any) -> dict[str, Any]:
    found = _pair(world)
    one, two = (Project.objects.get(pk=found[name]) for name in ("number", "other"))
    return {"number": proofs.rule_apart(project=one, other=two, basis="两块地两条线", proof=PROOF, by=person_factory("promotion_officer")).pk}


def _figure(world: Any) -> dict[str, Any]:
    _pair(world)
    return {"name": "contracted", "rule": "contracted", "start": "2026-01-01", "end": "2026-12-31", "as_of": "2026-10-31"}


def _decide(make: Any) -> Any:
    return lambda world: {**make(world), "deed": "verify"}
def _gate(world: Any) -> dict[str, Any]:
    return _project(world) | {"to": "negotiating"}


def _paper(world: Any) -> dict[str, Any]:
    team = Team()
    row = project_factory(team.officer)
    return {"number": row.pk, "piece": paper(row, "site_visit_record", team, verified=False).pk}


def _review(world: Any) -> dict[str, Any]:
    by = person_factory("promotion_officer")
    return {"number": access.start_review(project=project_factory(by), by=by).pk}


def _joint(world: Any) -> dict[str, Any]:
    by = person_factory("promotion_officer")
    return {"number": joint.start_joint(project=project_factory(by), by=by).pk}


SAMPLES = {
    "projects:agreements": ("leader", None),
    "projects:agreement": ("leader", _agreement),
    "projects:agreement_proof": ("leader", _agreement, {"gives": "file"}),
    "projects:agreement_scan": ("leader", _agreement, {"gives": "deed"}),
    "projects:promise_new": ("leader", _agreement, {"gives": "deed"}),
    "projects:obligation_new": ("leader", _agreement, {"gives": "deed"}),
    "projects:agreement_do": ("leader", _decide(_agreement), {"gives": "deed"}),
    "projects:agreement_new": ("leader", _project),
    "projects:promise_review": ("policy_officer", _promise, {"gives": "deed"}),
    "projects:promise_proof": ("policy_officer", _reviewed, {"gives": "file"}),
    "projects:funds": ("leader", None),
    "projects:funds_waiting": ("leader", None),
    "projects:fund": ("leader", _fund),
    "projects:fund_proof": ("leader", _fund, {"gives": "file"}),
    "projects:fund_slip": ("leader", _fund, {"gives": "deed"}),
    "projects:fund_do": ("leader", _decide(_fund), {"gives": "deed"}),
    "projects:project_funds": ("leader", _project),
    "projects:obligations": ("leader", None),
    "projects:obligation": ("leader", _open_obligation),
    "projects:obligation_claim": ("leader", _open_obligation, {"gives": "deed"}),
    "projects:obligation_proof": ("leader", _obligation, {"gives": "file"}),
    "projects:obligation_do": ("leader", _decide(_obligation), {"gives": "deed"}),
    "projects:performance": ("leader", _project),
    "projects:performance_proof": ("leader", _performance, {"gives": "file"}),
    "projects:performance_do": ("leader", _decide(_performance), {"gives": "deed"}),
    "projects:returnee": ("leader", _project),
    "projects:returnee_proof": ("leader", _returnee, {"gives": "file"}),
    "projects:returnee_do": ("leader", _decide(_returnee), {"gives": "deed"}),
    "projects:apart": ("leader", _pair),
    "projects:ruling_proof": ("leader", _ruling, {"gives": "file"}),
    "projects:ruling_do": ("leader", _decide(_ruling), {"gives": "deed"}),
    "projects:figures": ("leader", None),
    "projects:figure_rows": ("leader", _figure),
    "projects:counting": ("leader", None),
    "projects:list": ("leader", None),
    "projects:project": ("leader", _project),
    "projects:board": ("leader", None),
    "projects:new": ("leader", None),
    "projects:change": ("leader", _project),
    "projects:gate": ("leader", _gate),
    "projects:file": ("leader", _paper, {"gives": "file"}),
    "projects:decide": ("leader", lambda world: _paper(world) | {"name": "verify"}, {"gives": "deed"}),
    "projects:deed": ("leader", lambda world: _project(world) | {"name": "move"}, {"gives": "deed"}),
    "projects:step_done": ("leader", lambda world: _project(world) | {"progress": 1}, {"gives": "deed"}),
    "projects:access": ("leader", _review),
    "projects:access_start": ("promotion_officer", _project, {"gives": "deed"}),
    "projects:access_deed": ("leader", lambda world: _review(world) | {"name": "decide"}, {"gives": "deed"}),
    "projects:access_answers": ("promotion_officer", _review),
    "projects:access_print": ("leader", _review),
    "projects:joints": ("leader", None),
    "projects:joint": ("leader", _joint),
    "projects:joint_start": ("promotion_officer", _project, {"gives": "deed"}),
    "projects:joint_close": ("promotion_officer", _joint, {"gives": "deed"}),
    "projects:joint_opinion": ("leader", lambda world: _joint(world) | {"key": "commerce"}, {"gives": "deed"}),
    "projects:leads": ("leader", None),
    "projects:lead_new": ("leader", None),
    "projects:lead_lookup": ("leader", None, {"query": "?q=深圳样例机芯", "gives": "part"}),
    "projects:lead_offers": ("leader", None),
    "projects:lead_offer_answer": ("leader", _offer, {"gives": "deed"}),
    "projects:lead": ("leader", _lead),
    "projects:lead_change": ("leader", _lead),
    "projects:lead_reveal": ("leader", _lead, {"gives": "deed"}),
    "projects:lead_claim": ("leader", _lead, {"gives": "deed"}),
    "projects:lead_step": ("leader", _step, {"gives": "deed"}),
    "projects:lead_do": ("leader", _deed, {"gives": "deed"}),
    "projects:assignments": ("leader", None),
    "projects:assignment_new": ("leader", None),
    "projects:assignment": ("leader", _assignment),
    "projects:assignment_rows": ("leader", _assignment),
    "projects:dispatch": ("leader", None),
}
