"""周调度: what a leader has to decide, what is stuck, what moved in a week and what the next brings. Exceptions only; what is on time is counted.

Nobody is ranked; rows stand in the order of their days. Everything is of what the person may see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions.moves import PASSED
from diguan.kernel.stages.models import Passage
from diguan.kernel.stages.tree import ACTIVE
from diguan.projects.models import PROJECT, Progress
from diguan.projects.models.leads import LEAD
from diguan.projects.queries import leads
from diguan.projects.queries.projects import visible_projects

VIEW = "projects.view_dispatch"
DELAYED = "delayed"
MOST = 6
Rows = Sequence[Any]
"""Leads or projects with where each stands, which no type knows."""


@dataclass(frozen=True)
class Item:
    """One line: what, why it stands here, who is on it, since or until when. ``kind`` and ``number`` say which row it opens."""

    kind: str
    number: int
    what: str
    why: Message
    who: str = ""
    day: dt.date | None = None


@dataclass(frozen=True)
class Part:
    """The lines that fit on the sheet, and how many more there are."""

    items: tuple[Item, ...]
    more: int


@dataclass(frozen=True)
class Sheet:
    """One week; ``on_time`` counts leads and projects under way that are in no part of it."""

    start: dt.date
    decide: Part
    stuck: Part
    moved: Part
    coming: Part
    on_time: tuple[int, int]

    @property
    def end(self) -> dt.date:
        """Its Sunday."""
        return self.start + dt.timedelta(days=6)


def sheet(person: Person, week: dt.date) -> Sheet:
    """The sheet of the week in which a day lies.

    Raises:
        access.Forbidden: the person may not see it.
    """
    access.require(person, VIEW)
    start = week - dt.timedelta(days=week.weekday())
    open_, running = list(leads.open_leads(leads.visible_leads(person))), list(visible_projects(person).filter(course__ended_at__isnull=True, course__status__in=(ACTIVE, DELAYED)))
    decide, stuck = list(_undecided(open_, running)), list(_stuck(person, running, clocks.today()))
    named = {(item.kind, item.number) for item in (*decide, *stuck)}
    on_time = (sum((LEAD, row.pk) not in named for row in open_ if row.status == ACTIVE), sum((PROJECT, row.pk) not in named for row in running))
    return Sheet(start, _part(decide), _part(stuck), _part(_moved(person, start)), _part(_coming(person, open_, running, start + dt.timedelta(days=7))), on_time)


def _part(items: Sequence[Item]) -> Part:
    ordered = sorted(items, key=lambda one: (one.day or dt.date.max, one.kind, one.number))
    return Part(tuple(ordered[:MOST]), max(0, len(ordered) - MOST))


def _undecided(open_: Rows, running: Rows) -> Iterable[Item]:
    for row in (one for one in open_ if one.holder_id is None):
        yield Item(LEAD, row.pk, row.title, Message("没有人持有，定谁跟进", "held by nobody: who shall follow it"), row.owner_unit.name if row.owner_unit else "", row.came_on)
    for row in running:
        if None in (row.chain_chief_id, row.task_force_id, row.service_officer_id):
            yield Item(PROJECT, row.pk, row.name, Message("链长、链班、服务专员没有定齐", "chain chief, task force or service officer is not named"), row.owner_unit.name if row.owner_unit else "", row.opened_on)


def _stuck(person: Person, running: Rows, today: dt.date) -> Iterable[Item]:
    rows, seen = leads.visible_leads(person), set[int]()
    for part, day, why in ((leads.late(rows), "due", Message("这一步超期", "its step is late")), (leads.stale(rows), "progress_due", Message("没有进展", "no news")),
                           (leads.unanswered(rows), "feedback_due", Message("没答复引荐人", "its referrer was not answered"))):
        for row in part:
            if row.pk not in seen:
                seen.add(row.pk)
                yield Item(LEAD, row.pk, row.title, why, row.holder.name if row.holder else "", getattr(row, day))
    for row in running:
        if row.status == DELAYED or (row.due is not None and row.due < today):
            why = Message("推进迟缓", "delayed") if row.status == DELAYED else Message("这一步超期", "its step is late")
            yield Item(PROJECT, row.pk, row.name, why, row.service_officer.name if row.service_officer else "", row.due or row.since)


def _moved(person: Person, start: dt.date) -> list[Item]:
    span = (start, start + dt.timedelta(days=6))
    seen = {LEAD: dict(leads.visible_leads(person).filter(course__passages__day__range=span).order_by().values_list("course", "pk")),
            PROJECT: dict(visible_projects(person).filter(course__passages__day__range=span).order_by().values_list("course", "pk"))}
    rows = Passage.objects.filter(course__in=[*seen[LEAD], *seen[PROJECT]], day__range=span, kind=PASSED).select_related("course__frozen", "by").order_by("day", "id")
    return [Item(row.course.subject_kind, seen[row.course.subject_kind][row.course_id], row.course.title, _way(row), row.by.name if row.by else "", row.day) for row in rows]


def _way(row: Passage) -> Message:
    steps = row.course.tree.step
    return Message(f"{steps[row.source].label()} → {steps[row.target].label()}", f"{steps[row.source].label('en')} → {steps[row.target].label('en')}")


def _coming(person: Person, open_: Rows, running: Rows, start: dt.date) -> list[Item]:
    span = (start, start + dt.timedelta(days=6))
    mine, ours = leads.visible_leads(person).order_by().values("pk"), visible_projects(person).order_by().values("pk")
    steps = Progress.objects.filter(next_on__range=span, done_on__isnull=True).select_related("lead", "project", "next_by")
    found = [Item(LEAD, row.lead_id, row.lead.title, Message(row.next_step, row.next_step), row.next_by.name if row.next_by else "", row.next_on) for row in steps.filter(lead__in=mine) if row.lead and row.lead_id]
    found += [Item(PROJECT, row.project_id, row.project.name, Message(row.next_step, row.next_step), row.next_by.name if row.next_by else "", row.next_on) for row in steps.filter(project__in=ours) if row.project and row.project_id]
    found += [Item(LEAD, row.pk, row.title, Message("这一步到期", "its step is due"), row.holder.name if row.holder else "", row.due) for row in _due(open_, span)]
    found += [Item(PROJECT, row.pk, row.name, Message("这一步到期", "its step is due"), row.service_officer.name if row.service_officer else "", row.due) for row in _due(running, span)]
    return found


def _due(rows: Rows, span: tuple[dt.date, dt.date]) -> Rows:
    return [row for row in rows if row.due is not None and span[0] <= row.due <= span[1]]
