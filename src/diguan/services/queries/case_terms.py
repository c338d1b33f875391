"""Reads of the terms of cases: how a day came about, which extensions wait for whom, who is to be told of a day that comes near."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case as Case_
from django.db.models import F, QuerySet, When

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person, Post
from diguan.kernel.access.roles import Scope, roles
from diguan.kernel.clocks import EXTEND, PAUSE, RESUME, Entry, Reading
from diguan.kernel.messages import Message
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import ClockEntry, Course, Task, TaskState
from diguan.services.engine import caseterms
from diguan.services.engine.caseflow import SUBJECT
from diguan.services.models import Case, CaseWarning, Commitment, Extension

OVERSEE = "services.oversee_case"
DECIDE = stages.EXTEND
HANDLE = "services.handle_case"
COMMITMENT = "commitment"
"""The entry of the dictionary under which a promise is kept."""


# ── a day and how it came about ──────────────────────────────────────────────
def term_of(task: Task) -> int:
    """The working days a step's flow gives it; 0 where it has no term."""
    term = task.step.gate.term
    return term.days if term else 0


def shade_of(task: Task, day: dt.date) -> str:
    """The colour of an open step's day, by the day kept with it; nothing for one that is not open."""
    return caseterms.shade(task.due, term_of(task), day, packs.calendar()) if task.state == TaskState.OPEN else ""


def clock_rows(course: Course) -> dict[int, list[ClockEntry]]:
    """What was done to the clocks of a course's steps, by step, first to last."""
    found: dict[int, list[ClockEntry]] = {}
    for row in clock_entries([course]):
        found.setdefault(row.task_id, []).append(row)
    return found


def clock_entries(courses: Sequence[Course]) -> QuerySet[ClockEntry]:
    """What was done to the clocks of the steps of several courses, first to last."""
    return ClockEntry.objects.filter(task__course__in=courses, target=F("task__key")).select_related("by", "asked_by", "task").order_by("id")


def reading(rows: Sequence[ClockEntry]) -> Reading | None:
    """Where a clock stands by what was done to it; None where nothing was."""
    return clocks.read([Entry(row.kind, row.day, row.days, row.basis) for row in rows], packs.calendar()) if rows else None


def derivation(task: Task, rows: Sequence[ClockEntry], *, reasons: bool) -> list[Message]:
    """How a step's day came about by what was done to its clock, one line for each thing that made it: begin, promised days, pauses, extension, days off, calendar.

    ``reasons``: whether what was written of it, and by whom, is told too.
    """
    told = reading(rows)
    if told is None:
        return []
    calendar, start = packs.calendar(), rows[0]
    lines = [Message(f"自 {start.day} 起算，当天不算；{start.days} 个工作日（{start.basis}）", f"counted from {start.day}, that day excluded; {start.days} working days ({start.basis})")]
    lines += _deeds(rows, reasons)
    if told.due is None:
        lines.append(Message(f"现在暂停，还剩 {told.left} 个工作日", f"paused now, {told.left} working days left"))
    else:
        lines += [Message(f"放假 {len(told.due.holidays)} 天不计", f"{len(told.due.holidays)} weekdays off passed over")] if told.due.holidays else []
        lines += [Message(f"周末上班 {len(told.due.weekends)} 天计入", f"{len(told.due.weekends)} weekend days worked counted")] if told.due.weekends else []
        lines.append(Message(f"到 {told.due.day}", f"until {told.due.day}"))
    unsure = told.due is not None and told.due.provisional
    lines.append(Message(f"日历版本 {calendar.version}" + ("；这一年的放假通知还没有，日子是暂定的" if unsure else ""),
                         f"calendar version {calendar.version}" + ("; the notice for that year is not in: the day is provisional" if unsure else "")))
    term = task.step.gate.term
    return lines + ([Message("期限天数还没对照原文核实", "the number of days is not yet held against the official text")] if term and term.provisional else [])


def _deeds(rows: Sequence[ClockEntry], reasons: bool) -> list[Message]:
    found = []
    for at, row in enumerate(rows):
        why = "；".join(part for part in (row.basis, row.reason if reasons else "") if part)
        if row.kind == PAUSE:
            end = next((later for later in rows[at + 1:] if later.kind == RESUME), None)
            until = (f"至 {end.day} ", f" to {end.day}") if end else ("起", " on")
            found.append(Message(f"{row.day} {until[0]}暂停不计（{why}）", f"paused from {row.day}{until[1]} ({why})"))
        elif row.kind == EXTEND:
            who = Message(f"；{row.asked_by.name} 申请，{row.by.name} 批准", f"; asked by {row.asked_by.name}, granted by {row.by.name}") if reasons and row.asked_by and row.by else Message("", "")
            found.append(Message(f"{row.day} 批准延长 {row.days} 个工作日（{why}{who.zh}）", f"extended by {row.days} working days on {row.day} ({why}{who.en})"))
    return found


# ── extensions ───────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Room:
    """Whether a step may still be extended: by how many working days, and why not where it may not."""

    days: int
    why: Message | None = None


def room(task: Task, day: dt.date, rows: Sequence[ClockEntry]) -> Room:
    """What the flow and what was done to its clock leave of an extension of an open step."""
    term = task.step.gate.term
    if term is None or not term.extend:
        return Room(0, Message("这一步法律没有规定可以延长", "the law allows no extension of this step"))
    if any(row.kind == EXTEND for row in rows):
        return Room(0, Message("已经延长过一次，不能再延", "it was extended once and cannot be again"))
    if task.due is not None and task.due < day:
        return Room(0, Message("时限已过，不能再批延期", "the term is over: it cannot be extended any more"))
    return Room(term.extend)


def extensions(case: Case) -> dict[int, list[Extension]]:
    """The extensions of a case by step, newest first; for who may see the case."""
    found: dict[int, list[Extension]] = {}
    for row in case.extensions.select_related("asked_by", "decided_by").order_by("-id"):
        found.setdefault(row.task_id, []).append(row)
    return found


def to_decide(person: Person) -> QuerySet[Extension]:
    """What waits for this person's decision: asked by somebody else, of steps that are still open."""
    rows = Extension.objects.filter(state=Extension.State.ASKED, task__state=TaskState.OPEN).exclude(asked_by=person)
    return access.visible(rows, person, DECIDE).select_related("case__life_event__life_event", "task__course__frozen", "task__owner_unit", "asked_by").order_by("task__due", "id")


def asked(person: Person, number: int) -> Extension | None:
    """One extension that this person may decide, decided or not."""
    return access.visible(Extension.objects.filter(pk=number), person, DECIDE).first()


# ── who is told ──────────────────────────────────────────────────────────────
def officers(permission: str, unit: int | None) -> list[Person]:
    """Who in an office itself holds a right today, by name of post; offices above and below are not meant."""
    return list(Person.objects.filter(pk__in=holders(permission).filter(unit=unit, unit__active=True)).order_by("pk")) if unit else []


def holders(permission: str) -> QuerySet[Post, int]:
    """Who holds a right somewhere today, by name of post."""
    names = [name for name, role in roles().items() if permission in role.permissions and not role.enterprise]
    return Post.objects.current().filter(role__in=names, person__is_active=True).values_list("person", flat=True)


def county_wide(permission: str) -> list[Person]:
    """Who holds a right for the whole county today."""
    names = [name for name, role in roles().items() if role.permissions.get(permission) is Scope.COUNTY]
    return list(Person.objects.filter(pk__in=Post.objects.current().filter(role__in=names, person__is_active=True).values("person")).order_by("pk"))


def responsible(task: Task) -> list[Person]:
    """Who has to do a step: its officer where one is named, else those of its office who handle cases."""
    return [task.owner] if task.owner else officers(HANDLE, task.owner_unit_id)


def leading(case: Case, but: Sequence[Person]) -> list[Person]:
    """To whom a late step is brought: those of the leading office who oversee cases; where it is theirs, whoever oversees the county."""
    known = {person.pk for person in but}
    office = [person for person in officers(OVERSEE, case.owner_unit_id) if person.pk not in known]
    return office or [person for person in county_wide(OVERSEE) if person.pk not in known]


# ── what the watch looks at ──────────────────────────────────────────────────
def near(day: dt.date) -> QuerySet[Task]:
    """Open steps of running cases whose day is past or no farther than the widest yellow."""
    horizon = clocks.due_after(day, caseterms.MOST_YELLOW, packs.calendar()).day
    return Task.objects.filter(state=TaskState.OPEN, course__subject_kind=SUBJECT, course__ended_at__isnull=True, due__lte=horizon)


def checks_near(day: dt.date) -> QuerySet[Commitment]:
    """Promises not checked yet whose day is past or near."""
    horizon = clocks.due_after(day, caseterms.MOST_YELLOW, packs.calendar()).day
    return Commitment.objects.filter(state=Commitment.State.UNVERIFIED, due__lte=horizon)


def commitments(person: Person) -> QuerySet[Commitment]:
    """The promises that this person's office checks, those not checked first, by day; of cases that are accepted."""
    rows = access.visible(Commitment.objects.filter(due__isnull=False), person, HANDLE)
    return rows.select_related("case__life_event__life_event", "unit", "checked_by").annotate(done=Case_(When(state=Commitment.State.UNVERIFIED, then=0), default=1)).order_by("done", "due", "id")


def promise(person: Person, number: int) -> Commitment | None:
    """One promise of an accepted case that this person's office checks, checked or not."""
    return access.visible(Commitment.objects.filter(pk=number, due__isnull=False), person, HANDLE).select_related("case__course", "evidence").first()


def watched(person: Person) -> QuerySet[Task]:
    """What is near or past of what this person oversees, the oldest day first."""
    return access.visible(near(clocks.today()), person, OVERSEE).select_related("course__frozen", "owner_unit").defer("course__frozen__text").order_by("due", "id")


def escalated(rows: Iterable[Task]) -> dict[int, dt.date]:
    """The day on which each of these steps was brought to whoever leads, for the day it is due by now."""
    told = CaseWarning.objects.filter(task__in=[row.pk for row in rows], colour=CaseWarning.Colour.ESCALATED, due=F("task__due"))
    return {number: at.astimezone(clocks.COUNTY_TIME).date() for number, at in told.values_list("task", "at")}


def to_watch(day: dt.date) -> list[int]:
    """The cases with something near or past, or with a warning that may be over; by number."""
    found = set(Case.objects.filter(course__in=near(day).values("course")).values_list("pk", flat=True))
    found |= set(checks_near(day).values_list("case", flat=True))
    found |= set(CaseWarning.objects.filter(ended=False).values_list("case", flat=True))
    return sorted(found)
