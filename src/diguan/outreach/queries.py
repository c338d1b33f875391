"""Reads of this room. What other rooms ask about it becomes a ``@fact`` here (kernel.facts.declare)."""

from __future__ import annotations

from django.db.models import QuerySet

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.outreach import engine
from diguan.outreach.models import Outreach

VIEW = "outreach.view_outreach"
CHANGE = "outreach.change_outreach"
EXPORT = "outreach.export_outreach"


def visible_outreach(person: Person) -> QuerySet[Outreach]:
    """What this person may see, by name, then id."""
    return access.visible(Outreach.objects.select_related("owner_unit"), person, VIEW).order_by("name_key", "id")


def search(rows: QuerySet[Outreach], text: str) -> QuerySet[Outreach]:
    """The rows whose name holds the text, however it is typed; blank text finds all."""
    return rows.filter(name_key__contains=engine.name_key(text))
