"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import itertools
from typing import Any

from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.tests.factories import evidence_factory
from diguan.kernel.stages.models import Task
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import bench, bench_flows, cases, proposals, walks
from diguan.services.engine import bpmn, bpmnfile
from diguan.services.models import (
    Case,
    CaseHelp,
    Commitment,
    Extension,
    LifeEvent,
    LifeEventVersion,
    Matter,
    Proposal,
    Study,
    Walk,
)
from diguan.services.tests.factories import draft_factory, life_event_factory, matter_factory

_number = itertools.count(1)


def matter(world: Any) -> dict[str, Any]:
    """A published matter."""
    return {"key": (Matter.objects.filter(key="sample_matter").first() or matter_factory("sample_matter")).key}


def _drafted(world: Any) -> dict[str, Any]:
    return {"key": draft_factory(f"sample_{next(_number)}", name="示例事项").key}


def event(world: Any) -> dict[str, Any]:
    """A published life event over two matters."""
    if not LifeEvent.objects.filter(key="sample_event").exists():
        second = Matter.objects.filter(key="sample_second").first() or matter_factory("sample_second", name="公章刻制备案")
        life_event_factory("sample_event", matter(world)["key"], second.key)
    return {"key": "sample_event"}


def _case(world: Any) -> dict[str, Any]:
    return {"number": _opened(world).pk}


def _opened(world: Any) -> Case:
    """A case of a firm that stands in the register, opened by the window."""
    event(world)
    return Case.objects.filter(applicant="示例筹建组").first() or cases.open_case(
        life_event=LifeEventVersion.objects.get(life_event__key="sample_event"), answers={"site": "lease"}, papers={"company_name": Paper(value="示例")}, applicant="示例筹建组",
        by=person_factory("service_officer"))


def _paper(world: Any) -> dict[str, Any]:
    case = _opened(world)
    return {"number": case.pk, "piece": evidence_factory("layout", About("case", str(case.pk)), person_factory("service_officer"), None).pk}


def _deed(world: Any) -> dict[str, Any]:
    return {"number": str(_opened(world).pk), "key": "case_accepted", "name": "accept"}


def _extension(world: Any) -> dict[str, Any]:
    """More days asked for the acceptance, by somebody at the window."""
    case = _opened(world)
    task = Task.objects.get(course=case.course_id, key="case_accepted")
    row = Extension.objects.filter(case=case).first() or Extension.objects.create(case=case, task=task, days=1, basis="示例依据", reason="示例理由", asked_by=person_factory("service_officer"))
    return {"number": row.pk}


def _promise(world: Any) -> dict[str, Any]:
    """A promise in the place of a paper, of an accepted case."""
    case = _opened(world)
    by = person_factory("service_officer")
    row = Commitment.objects.filter(case=case).first() or Commitment.objects.create(
        case=case, entry="layout", matter="sample_matter", unit=case.owner_unit, evidence=evidence_factory("commitment", About("case", str(case.pk)), by, None, value="示例承诺"), days=10, due=case.day)
    return {"number": row.pk}


def _help(world: Any) -> dict[str, Any]:
    """Help that waits for consent."""
    case = _opened(world)
    by = person_factory("service_officer")
    row = CaseHelp.objects.first() or CaseHelp.objects.create(case=case, assistant=person_factory("case_assistant"), purpose="示例", until=case.day, assigned_by=by)
    return {"number": row.pk}


def _study(world: Any) -> dict[str, Any]:
    """A study of a small log."""
    log = "案件编号,环节,开始时间,完成时间,部门\n" + "".join(f"C{case},{name},2025-03-{3 + case:02} {9 + at}:00,2025-03-{3 + case:02} {9 + at}:30,窗口\n" for case in range(5) for at, name in enumerate(("受理", "审查", "决定")))
    row = Study.objects.first() or bench.open_study(title="示例实验", file_name="log.csv", content=log.encode(), by=person_factory("service_officer"))
    return {"number": row.pk}


def _brought(world: Any) -> dict[str, Any]:
    """A flow brought to the study."""
    row = Study.objects.get(pk=_study(world)["number"])
    if not row.flows.exists():
        bench_flows.bring_flow(study=row, file_name="flow.bpmn", content=bpmnfile.write(bpmn.process_of({name: name for name in ("受理", "审查", "决定")}, [("受理", "审查"), ("审查", "决定")], "示例流程")), by=person_factory("service_officer"))
    return {"number": row.pk, "flow": row.flows.get().pk}


def _study_deed(world: Any) -> dict[str, Any]:
    return {"number": str(_study(world)["number"]), "name": "free"}


def _logged(world: Any) -> dict[str, Any]:
    """A case is there; the address names none."""
    _opened(world)
    return {}


def _figure(world: Any) -> dict[str, Any]:
    _opened(world)
    return {"name": "cases_open"}


def _walk(world: Any) -> dict[str, Any]:
    return {"number": _walked(world).pk}


def _walked(world: Any) -> Walk:
    """A walk of the world's leader with one note, closed."""
    event(world)
    found = Walk.objects.first()
    if found is not None:
        return found
    boss = world.people["leader"]
    row = walks.begin_walk(life_event=LifeEventVersion.objects.get(life_event__key="sample_event"), role="applicant", answers={"site": "lease"}, by=boss)
    first = row.steps.get(place=1)
    walks.note_walk(walk=row, step=first, trouble="unclear", words="示例问题", by=boss)
    walks.finish_step(walk=row, step=first, minutes=10, by=boss)
    return walks.close_walk(walk=row, by=boss)


def _walk_deed(world: Any) -> dict[str, Any]:
    return {"number": str(_walked(world).pk), "place": "1", "name": "reach"}


def _note(world: Any) -> dict[str, Any]:
    row = _walked(world)
    return {"number": row.pk, "note": row.steps.get(place=1).notes.get().pk}


def _proposal(world: Any) -> dict[str, Any]:
    """A proposal to an office with somebody who may answer it."""
    row = _walked(world)
    clerk = person_factory("bureau_clerk")
    found = Proposal.objects.first() or proposals.propose(walk=row, note=row.steps.get(place=1).notes.get(), what="示例建议", unit=clerk.posts.get().unit, days=5, by=row.created_by)
    return {"number": found.pk}


def _proposal_deed(world: Any) -> dict[str, Any]:
    return {"number": str(_proposal(world)["number"]), "name": "verify"}


SAMPLES = {
    "services:walks": ("service_officer", None),
    "services:walk_choose": ("leader", None),
    "services:walk_begin": ("leader", event),
    "services:walk": ("service_officer", _walk),
    "services:walk_beside": ("service_officer", _walk),
    "services:walk_close": ("leader", _walk, {"gives": "deed"}),
    "services:walk_deed": ("leader", _walk_deed, {"gives": "deed"}),
    "services:propose": ("leader", _note),
    "services:proposals": ("service_officer", None),
    "services:proposal": ("service_officer", _proposal),
    "services:proposal_deed": ("service_officer", _proposal_deed, {"gives": "deed"}),
    "services:studies": ("service_officer", None),
    "services:study_new": ("service_officer", None),
    "services:study": ("service_officer", _study),
    "services:study_orders": ("service_officer", _study),
    "services:study_plan": ("service_officer", _study),
    "services:study_assume": ("service_officer", _study, {"gives": "deed"}),
    "services:study_outcome": ("service_officer", _study),
    "services:study_publish": ("service_officer", _study, {"gives": "deed"}),
    "services:study_cases": ("service_officer", _study),
    "services:study_case": ("service_officer", _study, {"query": "?id=C1"}),
    "services:study_flow": ("service_officer", _study, {"gives": "file"}),
    "services:study_log": ("service_officer", _study, {"gives": "file"}),
    "services:study_flows": ("service_officer", _study),
    "services:study_flow_brought": ("service_officer", _brought),
    "services:study_deed": ("service_officer", _study_deed, {"gives": "deed"}),
    "services:own_cases": ("agent", None, {"own": True}),
    "services:choose": ("agent", None, {"own": True}),
    "services:apply": ("agent", event, {"own": True}),
    "services:cases": ("service_officer", None, {"own": True}),
    "services:inbox": ("service_officer", None),
    "services:finish_many": ("service_officer", None),
    "services:case_watch": ("service_officer", None),
    "services:case_extensions": ("leader", None),
    "services:case_commitments": ("service_officer", None),
    "services:commitment_check": ("service_officer", _promise, {"gives": "deed"}),
    "services:case_close": ("service_officer", _case, {"gives": "deed"}),
    "services:case_withdraw": ("service_officer", _case, {"gives": "deed"}),
    "services:case_verify": ("service_officer", _case, {"gives": "deed"}),
    "services:help_offer": ("service_officer", _case, {"gives": "deed"}),
    "services:help_consent": ("agent", _help, {"gives": "deed"}),
    "services:help_end": ("service_officer", _help, {"gives": "deed"}),
    "services:extension_decide": ("leader", _extension, {"gives": "deed"}),
    "services:case": ("service_officer", _case),
    "services:case_supplement": ("service_officer", _case, {"gives": "deed"}),
    "services:case_touch": ("service_officer", _case, {"gives": "deed"}),
    "services:case_reveal": ("service_officer", _case, {"gives": "deed"}),
    "services:case_rate": ("agent", _case, {"gives": "deed"}),
    "services:case_paper": ("service_officer", _paper, {"gives": "file"}),
    "services:case_chain": ("service_officer", _case, {"gives": "file"}),
    "services:case_deed": ("service_officer", _deed, {"gives": "deed"}),
    "services:case_log": ("service_officer", _logged, {"gives": "file"}),
    "services:case_measures": ("service_officer", _logged),
    "services:case_measure": ("service_officer", _figure),
    "services:case_counted": ("service_officer", _case),
    "services:life_events": ("service_officer", None),
    "services:life_event": ("service_officer", event),
    "services:life_event_picture": ("service_officer", event, {"query": "?site=lease", "gives": "part"}),
    "services:matters": ("service_officer", None),
    "services:matter_new": ("service_officer", None),
    "services:adopt": ("service_officer", None, {"gives": "deed"}),
    "services:matter": ("service_officer", matter),
    "services:matter_draft": ("service_officer", matter),
    "services:matter_publish": ("service_officer", _drafted, {"gives": "deed"}),
    "services:matter_retire": ("service_officer", matter, {"gives": "deed"}),
    "services:life_event_retire": ("service_officer", event, {"gives": "deed"}),
    "services:matter_drop": ("service_officer", _drafted, {"gives": "deed"}),
}
