"""What was done to a row, as far as somebody may see it: events read back with the rights of who asks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.events import Event, EventSubject, key_of


@dataclass(frozen=True)
class Line:
    """One line of a timeline, as the asking person may see it."""

    at: dt.datetime
    verb: str
    actor: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    root_type: str
    root_id: str
    seq: int
    personal: Mapping[str, Any] = field(default_factory=dict)


def of(person: Person, record: models.Model, *, limit: int = 200) -> list[Line]:
    """Return the timeline of a row, newest first, as far as ``person`` may see it.

    The row's own events need the view permission its model declares (``view_permission``); an event
    whose root is another row is left out unless that row may be viewed as well.
    """
    kind, key = key_of(record)
    if not viewable(person, record):
        return []
    mine = models.Q(root_type=kind, root_id=key) | models.Q(
        pk__in=EventSubject.objects.filter(subject_type=kind, subject_id=key).values("event")
    )
    rows = list(Event.objects.filter(mine).select_related("actor", "personal_row").order_by("-at", "-id")[:limit])
    roots: dict[str, set[str]] = {}
    for event in rows:
        roots.setdefault(event.root_type, set()).add(event.root_id)
    seen = {(name, root) for name, found in roots.items() for root in _viewable_of(person, name, found)}
    return [_line(event) for event in rows if (event.root_type, event.root_id) in seen]


def viewable(person: Person, record: models.Model) -> bool:
    """Whether the person may see what was done to a row: its model names the right it takes."""
    kind, key = key_of(record)
    return key in _viewable_of(person, kind, {key})


def _viewable_of(person: Person, kind: str, keys: set[str]) -> set[str]:
    """Of these rows of one kind, those the person may view, in one question."""
    try:
        model = apps.get_model(kind)
    except LookupError:
        return set()
    permission = getattr(model, "view_permission", None)
    if permission is None:
        return set()
    rows = access.visible(model._base_manager.filter(pk__in=keys), person, permission)
    return {str(key) for key in rows.values_list("pk", flat=True)}


def _line(event: Event) -> Line:
    row = getattr(event, "personal_row", None)
    return Line(
        at=event.at,
        verb=event.verb,
        actor=event.actor.name if event.actor else "",
        reason=event.reason,
        before=event.before,
        after=event.after,
        root_type=event.root_type,
        root_id=event.root_id,
        seq=event.seq,
        personal=json.loads(row.values_json) if row else {},
    )
