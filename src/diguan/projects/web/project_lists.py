"""The list of projects: columns, filters and what the search box finds, in one declaration."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.enterprises import engine as names
from diguan.kernel import clocks, packs
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import language
from diguan.projects.models import LeadSource, Project, ProjectKind
from diguan.projects.queries import projects
from diguan.projects.web import project_words as words


def address_of(row: Project) -> str:
    """Where its page is."""
    return reverse("projects:project", args=[row.pk])


def search(rows: QuerySet[Project], text: str) -> QuerySet[Project]:
    """The projects whose name, number or investor holds the text."""
    key = names.name_key(text)
    return rows.filter(Q(name_key__contains=key) | Q(number__contains=text.strip()) | Q(investor_key__contains=key))


def _stages(person: Any) -> list[tuple[str, str]]:
    return words.stage_choices()


def _statuses(person: Any) -> list[tuple[str, str]]:
    return words.status_choices()


def _regions(person: Any) -> list[tuple[str, str]]:
    """The provinces investors come from, by the first two figures of the region's code."""
    found = sorted({code[:2] for code in projects.visible_projects(person).exclude(region="").order_by().values_list("region", flat=True).distinct()})
    return [(code, packs.codes().regions.get(f"{code}0000", code)) for code in found]


def _officers(person: Any) -> list[tuple[str, str]]:
    rows = projects.visible_projects(person).exclude(service_officer=None).order_by("service_officer__name", "service_officer_id")
    return [(str(number), name) for number, name in rows.values_list("service_officer_id", "service_officer__name").distinct()]


def _stage(row: Any) -> str:
    step = row.course.tree.step.get(row.stage) if row.course else None
    return step.label(language()) if step else ""


def _status(row: Any) -> tuple[str, str]:
    return words.status_of(row.course.tree, row.status, late=row.due is not None and row.due < clocks.today())


FILTERS = (
    Filter("q", gettext_lazy("名称"), kind="search", apply=search),
    Filter("stage", gettext_lazy("阶段"), choices=_stages), Filter("status", gettext_lazy("状态"), choices=_statuses, fields=("course__status",)),
    Filter("kind", gettext_lazy("类别"), choices=tuple(ProjectKind.choices)), Filter("source", gettext_lazy("线索来源"), choices=tuple(LeadSource.choices)),
    Filter("region", gettext_lazy("投资方所在省"), choices=_regions, apply=lambda rows, value: rows.filter(region__startswith=value)),
    Filter("officer", gettext_lazy("服务专员"), choices=_officers, fields=("service_officer_id",)),
)

PAGE = ListPage(
    title=gettext_lazy("招商项目"), rows=projects.visible_projects,
    columns=(
        Column("number", gettext_lazy("编号"), sort="number", link=address_of, head=True),
        Column("name", gettext_lazy("项目"), sort="name_key", note=lambda row: row.investor),
        Column("investor", gettext_lazy("投资方"), in_file=True),
        Column("state", gettext_lazy("状态"), kind="status", value=_status),
        Column("stage", gettext_lazy("阶段"), value=_stage),
        Column("planned_fen", gettext_lazy("计划投资"), kind="money", sort="planned_fen", nothing=gettext_lazy("没人告诉过我们")),
        Column("get_kind_display", gettext_lazy("类别")),
        Column("get_source_display", gettext_lazy("线索来源"), wide=True),
        Column("service_officer.name", gettext_lazy("服务专员")),
        Column("opened_on", gettext_lazy("立项"), kind="day", sort="opened_on"),
    ),
    filters=FILTERS, permission=projects.VIEW, export_permission=projects.EXPORT, file_name="projects", template="projects/projects.html",
    empty=(gettext_lazy("还没有项目"), gettext_lazy("线索研判以后立项。")),
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = search(projects.visible_projects(person), text)
    hits = [Hit(row.name, address_of(row), row.investor) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('projects:list')}?{urlencode({'q': text})}")
