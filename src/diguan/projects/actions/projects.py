"""Writes of projects: opened on a lead or by itself; who looks after it; its stages."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import F

from diguan.enterprises import engine as names
from diguan.enterprises import queries as register
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import About, moves
from diguan.kernel.stages.models import Course, Task
from diguan.projects.actions import fields
from diguan.projects.actions.numbers import numbered
from diguan.projects.models import PROJECT, Lead, LeadSource, Project, ProjectKind
from diguan.projects.queries.leads import FOLLOWING, PROMOTED
from diguan.projects.queries.projects import CHANGE, FLOW, MOVE


@dataclass(frozen=True)
class Said:
    """What is told of a project when it is opened. Fen, 0.0001 mu; None or empty is not known."""

    name: str
    investor: str
    source: str
    kind: str = ProjectKind.NEW
    investor_uscc: str = ""
    region: str = ""
    node: str = ""
    cluster: str = ""
    industry: str = ""
    told: str = ""
    planned_fen: int | None = None
    land: int | None = None
    jobs: int | None = None


MOST = 2**53
TEXTS = ("name", "investor", "region", "node", "cluster", "industry", "told")


def checked(said: Said, extends: Project | None) -> None:
    """Let pass what may be told of a project.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    for name in TEXTS:
        fields.text(name, getattr(said, name), fields.column(Project, name), needed=name in ("name", "investor"))
    if said.source not in LeadSource.values:
        raise Refusal("invalid", [Message("没有这种线索来源", "there is no such source of leads")], "source")
    if said.kind not in ProjectKind.values:
        raise Refusal("invalid", [Message("没有这种类别", "there is no such kind of project")], "kind")
    if (said.kind == ProjectKind.NEW) != (extends is None):
        raise Refusal("invalid", [Message("增资扩产、技改升级要写明在哪个项目上；新引进的不写", "an addition or upgrade names the project it is done to; a new project names none")], "extends")
    fields.credit_code("investor_uscc", said.investor_uscc)
    for name in ("planned_fen", "land", "jobs"):
        fields.figure(name, getattr(said, name), fields.MOST_JOBS if name == "jobs" else MOST)


@action(permission=CHANGE, event="project_opened")
def open_project(*, said: Said, by: Person, lead: Lead | None = None, extends: Project | None = None, opened_on: dt.date | None = None, reason: str = "") -> Done[Project]:
    """Open a project, on a lead that was judged or by itself. The lead, if there is one, has become a project with this.

    Raises:
        access.Forbidden: the lead is none the person may change.
        Refusal: ``invalid`` (field named), ``bad_day``, ``lead_not_judged``, ``has_project``.
    """
    checked(said, extends)
    if lead is not None:
        _require_ready(lead, by)
    unit, key = access.unit_of(by), names.name_key
    row = numbered(Project, "项目", lambda number: Project.objects.create(
        number=number, **asdict(said), lead=lead, extends=extends, name_key=key(said.name), investor_key=key(said.investor), opened_on=moves.reached(opened_on),
        core_key=register.core_of(said.investor), owner_unit_id=unit, service_officer=by, created_by=by, changed_by=by))
    row.course = moves.start(moves.flow_named(FLOW), About(PROJECT, str(row.pk), str(row), owner_unit=unit), by, clocks.today(), reason)
    row.save(update_fields=["course"])
    if lead is not None:
        _promote(lead, by)
    return Done(row, after=asdict(said) | {"lead": lead.number if lead else ""}, related=[lead] if lead else [])


def _require_ready(lead: Lead, by: Person) -> None:
    access.require(by, "projects.change_lead", lead)
    assert lead.course is not None
    if hasattr(lead, "project"):
        raise Refusal("has_project", [Message(f"这条线索已经立项：{lead.project.number}", f"this lead became {lead.project.number} already")])
    if stages.progress(lead.course).at != (FOLLOWING,):
        raise Refusal("lead_not_judged", [Message("线索还没研判，先写研判意见", "the lead was not judged yet: say first what you make of it")])


def _promote(lead: Lead, by: Person) -> None:
    assert lead.course is not None
    task = stages.current(lead.course)
    assert task is not None
    moves.move(task, PROMOTED, task.version, by, clocks.today(), "")
    Lead.objects.filter(pk=lead.pk).update(version=F("version") + 1, progress_due=None)


@action(permission=MOVE, event="project_moved", on="project")
def pass_stage(*, project: Project, task: Task, to: str, version: int, by: Person, reason: str = "", day: dt.date | None = None) -> Done[Course]:
    """Pass the gate to the next stage; ``task`` and ``version`` are the open stage as it was read, ``day`` when it happened.

    Raises:
        access.Forbidden: the right does not reach the project.
        GateClosed: something is missing; its ``answer`` says what.
        ChangedMeanwhile: somebody moved it first.
        Refusal: ``no_way``, ``held``, ``bad_day``, ``not_this_project``.
    """
    require_own(task.course_id == project.course_id)
    before = task.key
    answer = moves.move(task, to, version, by, moves.reached(day), reason)
    waived: dict[str, Any] = {"waived": [item.id for item in answer.items if item.waived]} if any(item.waived for item in answer.items) else {}
    return Done(task.course, before={"stage": before}, after={"stage": to} | waived, related=[project])


def require_own(own: bool) -> None:
    """Let pass what is of the project whose page was read.

    Raises:
        Refusal: ``not_this_project``.
    """
    if not own:
        raise Refusal("not_this_project", [Message("您看到的不是这个项目，请重新打开", "what you read is another project: open it again")])
