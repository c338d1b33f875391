"""The list of projects: columns, filters and what the search box finds, in one declaration."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from diguan.enterprises import engine as names
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.projects.models import Project, ProjectKind
from diguan.projects.queries import projects


def address_of(row: Project) -> str:
    """Where its page is."""
    return reverse("projects:project", args=[row.pk])


def search(rows: QuerySet[Project], text: str) -> QuerySet[Project]:
    """The projects whose name, number or investor holds the text."""
    key = names.name_key(text)
    return rows.filter(Q(name_key__contains=key) | Q(number__contains=text.strip()) | Q(investor_key__contains=key))


PAGE = ListPage(
    title=gettext_lazy("招商项目"), rows=projects.visible_projects,
    columns=(
        Column("number", gettext_lazy("编号"), sort="number", link=address_of, head=True),
        Column("name", gettext_lazy("项目"), sort="name_key"),
        Column("investor", gettext_lazy("投资方"), sort="investor_key"),
        Column("get_kind_display", gettext_lazy("类别")),
        Column("service_officer.name", gettext_lazy("服务专员")),
        Column("opened_on", gettext_lazy("立项"), kind="day", sort="opened_on"),
    ),
    filters=(Filter("q", gettext_lazy("名称"), kind="search", apply=search), Filter("kind", gettext_lazy("类别"), choices=tuple(ProjectKind.choices))),
    permission=projects.VIEW, export_permission=projects.EXPORT, file_name="projects", template="kernel/list.html",
    empty=(gettext_lazy("还没有项目"), gettext_lazy("线索研判以后立项。")),
)


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds here."""
    rows = search(projects.visible_projects(person), text)
    hits = [Hit(row.name, address_of(row), row.investor) for row in rows[:limit]]
    return Hits(hits, rows.count(), f"{reverse('projects:list')}?{urlencode({'q': text})}")
