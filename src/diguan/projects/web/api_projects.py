"""Routes of projects: the list, one with what its next gates ask, opening one, moving one on.

The ETag is the version of everything that a move rests on: the open stage, the status and the project's own row.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from diguan.kernel import access
from diguan.kernel.api import paging
from diguan.kernel.api.once import Key, once
from diguan.kernel.api.problems import READS, WRITES, NoNul
from diguan.kernel.api.sent import Sent
from diguan.kernel.api.versions import IF_MATCH, require_match, told
from diguan.kernel.rules.tree import VERDICT_WORDS
from diguan.kernel.shell import asking, or_404
from diguan.kernel.stages.queries import Way
from diguan.projects.actions import projects as actions
from diguan.projects.models import LeadSource, ProjectKind
from diguan.projects.queries import leads, projects
from diguan.projects.queries.board import View
from diguan.projects.queries.projects import CHANGE, MOVE
from diguan.projects.web.project_lists import FILTERS
from diguan.projects.web.project_page import view_of

router = Router(tags=["projects"])


# ── what goes out ────────────────────────────────────────────────────────────
class ProjectLine(Schema):
    """One project; ``planned_fen`` is null where nobody told."""

    number: int
    title: str
    name: str
    investor: str
    kind: str
    source: str
    region: str
    stage: str
    status: str
    planned_fen: int | None
    opened_on: dt.date


class ProjectPage(Schema):
    items: list[ProjectLine]
    next: str | None


class ProjectGateItem(Schema):
    """One thing a gate asks: ``state`` is true, false or unknown."""

    id: str
    kind: str
    asked: str
    found: str
    state: str
    met: bool


class ProjectWay(Schema):
    """A stage it may go on to, and what its gate says to you."""

    stage: str
    title: str
    met: bool
    items: list[ProjectGateItem]


class ProjectOut(ProjectLine):
    """One project with what is missing before its next stages; ``due`` is null where no clock runs."""

    land: int | None
    jobs: int | None
    industry: str
    told: str
    extends: int | None
    due: dt.date | None
    chain_chief: str | None
    task_force: str | None
    service_officer: str | None
    ways: list[ProjectWay]


# ── what comes in ────────────────────────────────────────────────────────────
class ProjectFilters(paging.Paging):
    """The filters of the list."""

    q: str = Field("", max_length=80, description="In the name, number or investor")
    stage: str = Field("", max_length=60)
    status: str = Field("", max_length=60)
    kind: str = Field("", max_length=10)
    source: str = Field("", max_length=24)
    region: str = Field("", max_length=6, description="Beginning of the region's code")
    officer: str = Field("", max_length=18, pattern=r"^[0-9]*$")


class ProjectOpen(Sent):
    """A project, by itself, on a lead that was judged, or as an addition to another. Fen, 0.0001 mu."""

    name: Annotated[str, NoNul, Field(min_length=2, max_length=120)]
    investor: Annotated[str, NoNul, Field(min_length=2, max_length=200)]
    source: Literal[tuple(LeadSource.values)]  # type: ignore[valid-type]
    kind: Literal[tuple(ProjectKind.values)] = "new"  # type: ignore[valid-type]
    lead: int | None = Field(None, ge=1, le=paging.LARGEST)
    extends: int | None = Field(None, ge=1, le=paging.LARGEST)
    investor_uscc: Annotated[str, NoNul, Field(max_length=18)] = ""
    region: Annotated[str, NoNul, Field(max_length=6)] = ""
    node: Annotated[str, NoNul, Field(max_length=60)] = ""
    cluster: Annotated[str, NoNul, Field(max_length=40)] = ""
    industry: Annotated[str, NoNul, Field(max_length=6)] = ""
    told: Annotated[str, NoNul, Field(max_length=500)] = ""
    planned_fen: int | None = Field(None, ge=0, le=actions.MOST)
    land: int | None = Field(None, ge=0, le=actions.MOST)
    jobs: int | None = Field(None, ge=0, le=1_000_000)


class ProjectMove(Sent):
    to: Annotated[str, NoNul, Field(min_length=1, max_length=60)]
    day: dt.date | None = None
    reason: Annotated[str, NoNul, Field(max_length=300)] = ""


# ── shown ────────────────────────────────────────────────────────────────────
def _line(row: Any) -> dict[str, Any]:
    return {"number": row.pk, "title": row.number, **{name: getattr(row, name) for name in ("name", "investor", "kind", "source", "region", "stage", "status", "planned_fen", "opened_on")}}


def _way(way: Way) -> ProjectWay:
    items = [ProjectGateItem(id=item.id, kind=item.kind, asked=item.asked.zh, found=item.waived or item.found.zh, state=VERDICT_WORDS[item.state], met=item.met) for item in way.answer.items]
    return ProjectWay(stage=way.step.id, title=way.step.label(), met=way.answer.met, items=items)


def version_of(view: View) -> str:
    """The version of what a move rests on."""
    last = view.last
    return f"{view.row.version}.{view.course.version}.{last.pk if last else 0}.{last.version if last else 0}"


def shown(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    """One project as it stands now."""
    view = view_of(request, number)
    row = view.row
    body = ProjectOut(**_line(row), land=row.land, jobs=row.jobs, industry=row.industry, told=row.told, extends=row.extends_id, due=view.task.due if view.task else None, chain_chief=row.chain_chief.name if row.chain_chief else None,
                      task_force=row.task_force.name if row.task_force else None, service_officer=row.service_officer.name if row.service_officer else None, ways=[_way(way) for way in view.ways])
    return told(body, status, version=version_of(view), at=reverse("api:project", args=[number]) if status == 201 else "")


# ── reads ────────────────────────────────────────────────────────────────────
@router.get("/projects", response={200: ProjectPage, **READS}, url_name="projects")
def list_projects(request: HttpRequest, asked: Query[ProjectFilters]) -> HttpResponse:
    """The projects you may see, newest first."""
    person = asking(request)
    access.require(person, projects.VIEW)
    part = paging.of_query(paging.filtered(projects.visible_projects(person), FILTERS, asked), ("-id",), asked)
    return told(ProjectPage(items=[ProjectLine(**_line(row)) for row in part.rows], next=part.next))


@router.get("/projects/{number}", response={200: ProjectOut, **READS}, url_name="project")
def one_project(request: HttpRequest, number: paging.Number) -> HttpResponse:
    """One project; its ETag is what moving it needs as If-Match."""
    return shown(request, number)


# ── writes ───────────────────────────────────────────────────────────────────
@router.post("/projects", response={201: ProjectOut, **WRITES}, url_name="open_project")
def open_project(request: HttpRequest, data: ProjectOpen, key: Key = None) -> HttpResponse:
    """Open a project."""
    person = asking(request)
    access.require(person, CHANGE)

    def work() -> HttpResponse:
        lead = or_404(leads.visible_leads(person).filter(pk=data.lead).first()) if data.lead else None
        extends = or_404(projects.visible_projects(person).filter(pk=data.extends).first()) if data.extends else None
        row = actions.open_project(said=actions.Said(**data.model_dump(exclude={"lead", "extends"})), by=person, lead=lead, extends=extends)
        return shown(request, row.pk, 201)

    return once(request, key, work)


@router.post("/projects/{number}/move", response={200: ProjectOut, **WRITES}, url_name="project_move", openapi_extra=IF_MATCH)
def move_project(request: HttpRequest, number: paging.Number, data: ProjectMove, key: Key = None) -> HttpResponse:
    """Pass the gate to the next stage; a closed gate answers with what is missing."""
    access.require(asking(request), MOVE, view_of(request, number).row)

    def work() -> HttpResponse:
        view = view_of(request, number)
        require_match(request, version_of(view))
        task = or_404(view.task)
        actions.pass_stage(project=view.row, task=task, to=data.to, version=task.version, by=view.person, day=data.day, reason=data.reason)
        return shown(request, number)

    return once(request, key, work)
