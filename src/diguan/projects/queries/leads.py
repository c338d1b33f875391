"""Reads of leads: which a person may see, where each stands, and what its gates know."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Post
from diguan.kernel.access.roles import roles
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages.models import Passage, Task
from diguan.kernel.stages.tree import ACTIVE
from diguan.projects.models import Handover, HandoverState, Lead, Progress

VIEW = "projects.view_lead"
CHANGE = "projects.change_lead"
EXPORT = "projects.export_lead"
REVEAL = "projects.reveal_contact"
ASSIGN = "projects.assign_lead"
IMPORT = "projects.import_lead"
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


def of_firm(person: Person, name: str) -> Staged:
    """Those of a firm of this name."""
    return visible_leads(person).filter(name_key=name_key(name))


# ── whose, and until when ────────────────────────────────────────────────────
def open_leads(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those under way: neither a project, nor lost, nor a duplicate."""
    return rows.filter(course__ended_at__isnull=True)


def free(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Open leads anybody may take: nobody's, or no longer protected."""
    return open_leads(rows).filter(Q(holder__isnull=True) | Q(protected_until__lt=clocks.today()))


def stale(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Open leads in hand whose next news were due before today; what is laid aside waits for nothing."""
    return open_leads(rows).filter(progress_due__lt=clocks.today(), course__status=ACTIVE)


def late(rows: Staged) -> Staged:
    """Open leads whose clock of the stage has run out."""
    return open_leads(rows).filter(due__lt=clocks.today(), course__status=ACTIVE)


def unanswered(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Open leads whose referrer should have been answered before today and was not."""
    return open_leads(rows).filter(feedback_due__lt=clocks.today(), feedback_on__isnull=True, course__status=ACTIVE)


def takers(person: Person) -> QuerySet[Person]:
    """Whom a lead may be handed to: everybody else who follows leads."""
    return followers().exclude(pk=person.pk)


def followers() -> QuerySet[Person]:
    """Everybody in post who may follow leads, by name."""
    roles_that = [name for name, role in roles().items() if CHANGE in role.permissions]
    posts = Post.objects.current().filter(role__in=roles_that, unit__active=True)
    return Person.objects.filter(is_active=True, pk__in=posts.values("person")).order_by("name", "id")


def heads_of(lead: Lead) -> list[Person]:
    """Who leads the office of a lead: those in post with the right to assign leads, in its unit or the nearest one above that has any; the holder left out."""
    roles_that = [name for name, role in roles().items() if ASSIGN in role.permissions]
    path = lead.owner_unit.path if lead.owner_unit else ""
    above = [int(part) for part in path.split("/") if part][::-1]
    posts = list(Post.objects.current().filter(role__in=roles_that, unit__in=above, person__is_active=True).exclude(person=lead.holder_id).select_related("person").order_by("id"))
    for unit in above:
        found = list({post.person_id: post.person for post in posts if post.unit_id == unit}.values())
        if found:
            return found
    return []


def offer(lead: Lead) -> Handover | None:
    """The offer of it that is open."""
    return Handover.objects.filter(lead=lead, state=HandoverState.OFFERED).select_related("giver", "taker").first()


def offered_to(person: Person) -> QuerySet[Handover]:
    """What waits for this person to take, the oldest first."""
    return Handover.objects.filter(taker=person, state=HandoverState.OFFERED).select_related("lead", "giver").order_by("id")


def next_steps(person: Person, until: dt.date) -> QuerySet[Progress]:
    """What this person put down, or was given, to do until a day and has not done, of leads and projects; the first due first."""
    rows = Progress.objects.filter(next_by=person, done_on__isnull=True, next_on__lte=until)
    return rows.select_related("lead", "project").order_by("next_on", "id")


def own_offers(person: Person) -> QuerySet[Handover]:
    """Offers to or from this person that are open."""
    return Handover.objects.filter(Q(taker=person) | Q(giver=person), state=HandoverState.OFFERED).select_related("lead", "giver", "taker")


def steps(lead: Lead) -> QuerySet[Progress]:
    """What was done about a lead, the newest first."""
    return Progress.objects.filter(lead=lead).select_related("created_by", "next_by").order_by("-on", "-id")


def facts_of(subject_id: str, day: dt.date) -> SubjectFacts:
    """What the gates of a lead know of it, from its own rows."""
    row = Lead.objects.filter(pk=int(subject_id)).first() if subject_id.isascii() and subject_id.isdigit() else None
    if row is None:
        return SubjectFacts({}, {}, Coverage({}))
    told = {"lead.held": int(row.holder_id is not None), "lead.judged": int(bool(row.judgement)), "lead.has_project": int(hasattr(row, "project"))}
    return SubjectFacts(told, {}, Coverage({}))
