"""Reads of this room. What other rooms ask about it becomes a ``@fact`` here (kernel.facts.declare)."""

from __future__ import annotations

from django.db.models import QuerySet

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.ties import engine
from diguan.ties.models import Tie

VIEW = "ties.view_tie"
CHANGE = "ties.change_tie"
EXPORT = "ties.export_tie"


def visible_ties(person: Person) -> QuerySet[Tie]:
    """What this person may see, by name, then id."""
    return access.visible(Tie.objects.select_related("owner_unit"), person, VIEW).order_by("name_key", "id")


def search(rows: QuerySet[Tie], text: str) -> QuerySet[Tie]:
    """The rows whose name holds the text, however it is typed; blank text finds all."""
    return rows.filter(name_key__contains=engine.name_key(text))
