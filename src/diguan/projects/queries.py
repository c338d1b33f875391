"""Reads of this room. What other rooms ask about it becomes a ``@fact`` here (kernel.facts.declare)."""

from __future__ import annotations

from django.db.models import QuerySet

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.projects import engine
from diguan.projects.models import Project

VIEW = "projects.view_project"
CHANGE = "projects.change_project"
EXPORT = "projects.export_project"


def visible_projects(person: Person) -> QuerySet[Project]:
    """What this person may see, by name, then id."""
    return access.visible(Project.objects.select_related("owner_unit"), person, VIEW).order_by("name_key", "id")


def search(rows: QuerySet[Project], text: str) -> QuerySet[Project]:
    """The rows whose name holds the text, however it is typed; blank text finds all."""
    return rows.filter(name_key__contains=engine.name_key(text))
