"""Many courses of one pipeline begun by one command, such as an import: some statements for all, not some for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diguan.kernel import clocks, packs
from diguan.kernel.records import CHUNK
from diguan.kernel.rows import insert_rows
from diguan.kernel.stages.actions import ledger, moves
from diguan.kernel.stages.actions.moves import STARTED, About
from diguan.kernel.stages.models import Course, Passage, Task, TaskState
from diguan.kernel.stages.refusals import no
from diguan.kernel.stages.tree import GRAPH, Flow

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person


def start_many(flow: Flow, subjects: Sequence[About], by: Person, day: dt.date) -> list[Course]:
    """Freeze a pipeline and open its first stage for each of these; inside an action's transaction. In their order.

    Raises:
        Refusal: ``wrong_subject``; ``no_way``: a graph, or a pipeline whose first stage has a gate, is begun one by one.
        IntegrityError: one of them has such a course already.
    """
    if any(about.kind != flow.subject for about in subjects):
        raise no("wrong_subject", f"“{flow.label()}”办的是 {flow.subject}", f"“{flow.label('en')}” is for {flow.subject}")
    if flow.shape == GRAPH or not flow.first.gate.free or (flow.first.final and not flow.first.next):
        raise no("no_way", f"“{flow.label()}”要一件一件开始", f"“{flow.label('en')}” is begun one by one")
    frozen, step, now, calendar = moves.frozen_version(flow), flow.first, clocks.now(), packs.calendar()
    units, terms = moves.units_of([step]), flow.terms[step.id]
    due = ledger.first_due(terms, day, calendar) if terms else None
    courses = [Course(flow=flow.id, frozen=frozen, subject_kind=about.kind, subject_id=about.id, title=about.title[:200], uscc=about.uscc,
                      owner_unit_id=about.owner_unit, created_by=by, changed_by=by) for about in subjects]
    Course.objects.bulk_create(courses, batch_size=CHUNK)
    Passage.objects.bulk_create([Passage(course=course, kind=STARTED, source="", target=step.id, day=day, by=by) for course in courses], batch_size=CHUNK)
    tasks = [Task(course=course, key=step.id, visit=1, state=TaskState.OPEN, opened_at=now, owner_unit_id=units.get(step.unit, course.owner_unit_id),
                  due=due, calendar=calendar.version if terms else "") for course in courses]
    Task.objects.bulk_create(tasks, batch_size=CHUNK)
    insert_rows([entry for task in tasks for entry in ledger.starts_of(task.pk, terms, by, day)])
    return courses
