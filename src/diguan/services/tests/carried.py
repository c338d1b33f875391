"""Cases on every step of their way, for the contracts that call every operation."""

from __future__ import annotations

from types import SimpleNamespace

from diguan.kernel.access.models import Person
from diguan.kernel.clocks import today
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.stages import actions as stages
from diguan.kernel.stages.models import Task
from diguan.kernel.tests.factories import person_factory
from diguan.services.actions import case_terms, cases
from diguan.services.engine.caseflow import ACCEPT, DELIVER
from diguan.services.models import Case, Commitment, Extension, LifeEventVersion
from diguan.services.tests.factories import life_event_factory, matter_factory

FIRST, SECOND, EVENT = "carried_licence", "carried_second", "carried_event"
PDF = b"%PDF-1.7 carried"


def world(uscc: str, agent: Person) -> SimpleNamespace:
    """``fresh`` lacks its layout, ``handed`` waits to be accepted, ``running`` has its first matter open, ``paused`` has it paused, ``ready`` is to be given out, ``ended`` was; an ``extension`` and a ``promise`` wait.

    ``waiting`` are the pieces of ``handed``, ``followed`` what followed in ``owing``, ``read`` the open step of ``running`` as it was read.
    """
    asks = [{"meaning": "company_name", "quality": "D"}, {"meaning": "layout", "commitment_days": 10}, {"meaning": "business_address", "quality": "D", "tolerant": True}]
    for key, name in ((FIRST, "示例许可"), (SECOND, "示例备案")):
        matter_factory(key, name=name, kind="行政许可", promised_days=5, statutory_days=20, requirements=asks)
    life_event_factory(EVENT, FIRST, SECOND)
    window = person_factory("service_officer")
    made = SimpleNamespace(window=window, fresh=_opened(uscc, agent, layout=False), handed=_opened(uscc, agent), **{name: _accepted(_opened(uscc, agent), window) for name in ("running", "paused", "ready", "ended", "extended")})
    task = step(made.paused, FIRST)
    stages.pause_clock(task=task, to=FIRST, version=task.version, article=task.step.gate.term.pauses[0], reason="现场勘察", by=window)  # type: ignore[union-attr]
    for case in (made.ready, made.ended):
        for key in (FIRST, SECOND):
            task = step(case, key)
            cases.finish_matter(task=task, version=task.version, by=window)
    task = step(made.ended, DELIVER)
    cases.deliver(task=task, version=task.version, by=window)
    task = step(made.extended, FIRST)
    case_terms.ask_extension(task=task, version=task.version, days=5, basis="行政许可法第四十二条", reason="要专家复核", by=window)
    made.extension = Extension.objects.get(case=made.extended)
    _accepted(_opened(uscc, agent, layout=False, promised=True), window)
    made.promise = Commitment.objects.get()
    made.owing = _accepted(_opened(uscc, agent, owing=True), window, ("business_address",))
    cases.supplement(case=made.owing, papers={"business_address": Paper(value="示例街 1 号")}, by=agent)
    made.followed = pieces(made.owing)
    made.waiting, task = pieces(made.handed), step(made.running, FIRST)
    made.read = [{"id": task.pk, "version": task.version}]
    return made


def step(case: Case, key: str) -> Task:
    """One step as it stands."""
    return Task.objects.select_related("course__frozen").get(course=case.course_id, key=key)


def pieces(case: Case) -> list[int]:
    """What waits to be verified."""
    return list(Evidence.objects.filter(subject_kind="case", subject_id=str(case.pk), state="entered").exclude(entry="commitment").values_list("pk", flat=True))


def _opened(uscc: str, agent: Person, *, layout: bool = True, promised: bool = False, owing: bool = False) -> Case:
    papers = {"company_name": Paper(value="示例"), **({} if owing else {"business_address": Paper(value="示例街 1 号")}), **({"layout": Paper(file_name="平面图.pdf", content=PDF)} if layout else {})}
    return cases.open_case(life_event=LifeEventVersion.objects.get(life_event__key=EVENT), answers={"site": "lease"}, papers=papers, promised=["layout"] if promised else [], uscc=uscc, by=agent)


def _accepted(case: Case, window: Person, tolerated: tuple[str, ...] = ()) -> Case:
    task = step(case, ACCEPT)
    cases.accept_case(task=task, version=task.version, verified=pieces(case), tolerated=tolerated, reason="以后补", by=window)
    assert case.day == today()
    return case
