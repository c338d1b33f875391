"""Bringing in a sheet of leads: all of a file or nothing, one Event. What looks known already is left out unless the file says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.records import CHUNK, chunks
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.actions.many import start_many
from diguan.kernel.stages.actions.moves import About
from diguan.kernel.stages.models import Course
from diguan.projects.actions.leads import Said, checked, standing
from diguan.projects.actions.numbers import next_number
from diguan.projects.models import Lead
from diguan.projects.models.leads import LEAD
from diguan.projects.queries.leads import FLOW, IMPORT


@dataclass(frozen=True)
class Plan:
    """What a checked file would bring: the leads to register, and how many it leaves out since they look known."""

    new: tuple[Said, ...]
    left_out: int


@action(permission=IMPORT, event="leads_imported")
def import_leads(*, plan: Plan, upload: Upload, by: Person, reason: str = "") -> Done[Upload]:
    """Register what a checked file tells, held by whoever brings it; one Event, on the upload, with every lead.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``; ``conflict``: somebody registered leads in the same moment.
    """
    values = [checked(said) for said in plan.new]
    try:
        with transaction.atomic():
            rows = _registered(plan.new, values, by)
    except IntegrityError as error:
        raise Refusal("conflict", [Message("同一时刻有人也在登记线索，一行都没有写入；请重新导入", "somebody registered leads in the same moment; nothing was written, import again")]) from error
    return Done(upload, after={"file": upload.name, "sha256": upload.sha256, "registered": len(rows), "left_out": plan.left_out}, related=rows)


def _registered(said: Sequence[Said], values: Sequence[dict[str, Any]], by: Person) -> list[Lead]:
    unit, now, (prefix, first) = access.unit_of(by), clocks.now(), next_number(Lead, "线索")
    of = {source: standing(by, source) for source in {each.source for each in said}}
    rows = [Lead(number=f"{prefix}{first + place:04d}", **one, **of[each.source], owner_unit_id=unit, registered_unit_id=unit, created_by=by, changed_by=by, created_at=now, changed_at=now)
            for place, (each, one) in enumerate(zip(said, values, strict=True))]
    Lead.objects.bulk_create(rows, batch_size=CHUNK)
    start_many(moves.flow_named(FLOW), [About(LEAD, str(row.pk), str(row), owner_unit=unit) for row in rows], by, clocks.today())
    course = Course.objects.filter(subject_kind=LEAD, subject_id=Cast(OuterRef("pk"), CharField()), flow=FLOW).values("pk")[:1]
    for part in chunks([row.pk for row in rows]):
        Lead.objects.filter(pk__in=part).update(course=Subquery(course))
    return rows
