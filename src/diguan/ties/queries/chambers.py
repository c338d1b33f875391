"""Reads of chambers."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.ties import engine
from diguan.ties.models import Chamber

VIEW, REVEAL, CHANGE, EXPORT = "ties.view_chamber", "ties.reveal_chamber", "ties.change_chamber", "ties.export_chamber"


def visible_chambers(person: Person) -> QuerySet[Chamber]:
    """The chambers this person may see, by name, then id."""
    return access.visible(Chamber.objects.select_related("owner_unit"), person, VIEW).order_by("name_key", "id")


def chamber(person: Person, number: int) -> Chamber | None:
    """One of them; None where there is none for this person."""
    return visible_chambers(person).filter(pk=number).first()


def search(rows: QuerySet[Chamber], text: str) -> QuerySet[Chamber]:
    """By name, initials or city; blank text finds all."""
    key = engine.name_key(text)
    found = Q(name_key__contains=key) | Q(city__icontains=text.strip())
    return rows.filter(found | Q(pinyin_key__contains=key) if key.isascii() else found)
