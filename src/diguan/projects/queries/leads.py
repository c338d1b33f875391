"""Reads of leads: which a person may see, where each stands, and what its gates know."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages.models import Passage, Task
from diguan.projects.models import Lead

VIEW = "projects.view_lead"
CHANGE = "projects.change_lead"
EXPORT = "projects.export_lead"
FLOW = "lead"
REGISTERED, RESPONDED, FOLLOWING, PROMOTED = "registered", "responded", "following", "promoted"
DORMANT, LOST, DUPLICATE = "dormant", "lost", "duplicate"

Staged = QuerySet[Any]
"""Rows with ``stage``, ``status``, ``since`` and ``due``, which no type knows."""


def with_stage(rows: QuerySet[Any]) -> Staged:
    """Rows that have a course with where each stands: ``stage`` (the last task of its course), ``status``, ``since`` (the day it came there) and ``due``."""
    last = Task.objects.filter(course=OuterRef("course")).order_by("-id")
    moved = Passage.objects.filter(course=OuterRef("course")).order_by("-id")
    return rows.annotate(stage=Subquery(last.values("key")[:1]), status=F("course__status"), since=Subquery(moved.values("day")[:1]), due=Subquery(last.values("due")[:1]))


def visible_leads(person: Person) -> Staged:
    """The leads a person may see, each with where it stands, the newest first."""
    return with_stage(access.visible(Lead.objects.all(), person, VIEW)).select_related("holder", "owner_unit", "course__frozen").order_by("-id")


def facts_of(subject_id: str, day: dt.date) -> SubjectFacts:
    """What the gates of a lead know of it, from its own rows."""
    row = Lead.objects.filter(pk=int(subject_id)).first() if subject_id.isascii() and subject_id.isdigit() else None
    if row is None:
        return SubjectFacts({}, {}, Coverage({}))
    told = {"lead.held": int(row.holder_id is not None), "lead.judged": int(bool(row.judgement)), "lead.has_project": int(hasattr(row, "project"))}
    return SubjectFacts(told, {}, Coverage({}))
