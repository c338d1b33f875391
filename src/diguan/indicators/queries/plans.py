"""Reads of plans, their tasks and the notes of progress: what is open, soon due, late, and what waits to be verified."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from diguan.indicators.models import NoteState, Plan, ProgressNote, Target, Task, TaskState
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person, Post, Unit
from diguan.kernel.access.roles import roles

VIEW = "indicators.view_plan"
EXPORT = "indicators.export_plan"
MANAGE = "indicators.manage_plan"
NOTE = "indicators.note_progress"
VERIFY = "indicators.verify_progress"
SOON = 5
"""Working days before its day a task is soon due."""
OPEN, SOON_DUE, LATE, WAITING, DONE, DROPPED = "open", "soon", "late", "waiting", "done", "dropped"
STANDINGS = (LATE, SOON_DUE, WAITING, OPEN, DONE, DROPPED)
KEPT = "kept"
"""All that were not dropped, as a plan counts them."""


def soon_day() -> dt.date:
    """The last day that is soon, by working days from today."""
    return clocks.due_after(clocks.today(), SOON, packs.calendar()).day


def visible_plans(person: Person) -> QuerySet[Plan]:
    """The plans this person may see, the newest year first."""
    return access.visible(Plan.objects.select_related("owner_unit"), person, VIEW).order_by("-year", "id")


def plan(person: Person, number: int) -> Plan | None:
    """One of them; None where there is none for this person."""
    return visible_plans(person).filter(pk=number).first()


def visible_tasks(person: Person) -> QuerySet[Task]:
    """The tasks this person may see, by plan and number; ``waits`` says whether a note that finishes it waits to be verified."""
    return access.visible(with_waits(Task.objects.all()), person, VIEW).order_by("-plan__year", "plan_id", "number")


def with_waits(rows: QuerySet[Task]) -> QuerySet[Task]:
    """Tasks with their plan, office and person, and ``waits``: a note that finishes the task waits to be verified."""
    return rows.select_related("plan", "owner_unit", "owner").annotate(waits=_waiting())


def _waiting() -> Exists:
    """Whether a note that finishes a task waits to be verified."""
    return Exists(ProgressNote.objects.filter(task=OuterRef("pk"), finished=True, state=NoteState.ENTERED))


def task(person: Person, number: int) -> Task | None:
    """One of them; None where there is none for this person."""
    return visible_tasks(person).filter(pk=number).first()


def visible_targets(person: Person) -> QuerySet[Target]:
    """The targets this person may see and that were not taken back."""
    return access.visible(Target.objects.select_related("plan", "task", "owner_unit", "owner"), person, VIEW).filter(dropped_why="").order_by("-year", "plan_id", "id")


def target(person: Person, number: int) -> Target | None:
    """One of them; None where there is none for this person."""
    return visible_targets(person).filter(pk=number).first()


def notes(person: Person, of: Task) -> QuerySet[ProgressNote]:
    """What was noted of a task, the newest first; who may see the task may read them."""
    return access.visible(ProgressNote.objects.select_related("entered_by", "verified_by", "proof"), person, VIEW).filter(task=of).order_by("-on", "-id")


def note(person: Person, number: int) -> ProgressNote | None:
    """One note of a task this person may see."""
    return access.visible(ProgressNote.objects.select_related("task__plan", "proof"), person, VIEW).filter(pk=number).first()


def to_verify(person: Person) -> QuerySet[ProgressNote]:
    """The notes that wait and that this person may decide on: with a file, entered by others."""
    rows = access.visible(ProgressNote.objects.select_related("task__plan"), person, VERIFY)
    return rows.filter(state=NoteState.ENTERED, proof__isnull=False).exclude(entered_by=person).order_by("on", "id")


# ── where a task stands ──────────────────────────────────────────────────────
def standing(row: Task, today: dt.date, soon: dt.date) -> str:
    """One of :data:`STANDINGS`. ``row.waits`` as :func:`visible_tasks` gives it."""
    if row.state != TaskState.OPEN:
        return DONE if row.state == TaskState.DONE else DROPPED
    if getattr(row, "waits", False):
        return WAITING
    return LATE if row.due_on < today else SOON_DUE if row.due_on <= soon else OPEN


def in_standing(rows: QuerySet[Task], wanted: str) -> QuerySet[Task]:
    """Those that stand so today, or all that are :data:`KEPT`."""
    if wanted == KEPT:
        return rows.exclude(state=TaskState.DROPPED)
    if wanted in (DONE, DROPPED):
        return rows.filter(state=wanted)
    open_, today = rows.filter(state=TaskState.OPEN), clocks.today()
    if wanted == WAITING:
        return open_.filter(_waiting())
    still = open_.exclude(_waiting())
    return {LATE: still.filter(due_on__lt=today), SOON_DUE: still.filter(due_on__gte=today, due_on__lte=soon_day())}.get(wanted, still.filter(due_on__gt=soon_day()))


@dataclass(frozen=True)
class Counts:
    """How many tasks of a plan stand how, of those this person may see."""

    total: int
    done: int
    waiting: int
    late: int
    soon: int


def counts(person: Person) -> dict[int, Counts]:
    """By plan."""
    today, soon = clocks.today(), soon_day()
    found: dict[int, Counts] = {}
    for row in visible_tasks(person).order_by():
        stands, was = standing(row, today, soon), found.get(row.plan_id, Counts(0, 0, 0, 0, 0))
        found[row.plan_id] = Counts(was.total + (stands != DROPPED), was.done + (stands == DONE), was.waiting + (stands == WAITING), was.late + (stands == LATE), was.soon + (stands == SOON_DUE))
    return found


def target_counts(person: Person) -> dict[int, int]:
    """How many targets that were not taken back each plan has, of those this person may see."""
    return dict(visible_targets(person).order_by().values_list("plan").annotate(count=Count("pk")))


# ── who may be chosen ────────────────────────────────────────────────────────
def units() -> QuerySet[Unit]:
    """Every office that may answer for something."""
    return Unit.objects.filter(active=True).order_by("path")


def owners() -> QuerySet[Person]:
    """Who may carry something out: active people in a current post that may note progress, by name."""
    names = [name for name, role in roles().items() if NOTE in role.permissions and not role.enterprise]
    posts = Post.objects.current(clocks.today()).filter(role__in=names)
    return Person.objects.filter(is_active=True, pk__in=posts.values("person")).order_by("name", "id")


def of_unit(unit: Unit) -> QuerySet[Person]:
    """Those of :func:`owners` who hold a post in an office or below it."""
    posts = Post.objects.current(clocks.today()).filter(unit__path__startswith=unit.path)
    return owners().filter(pk__in=posts.values("person"))


def search(rows: QuerySet[Task], text: str) -> QuerySet[Task]:
    """By the task's words, the office or the person."""
    text = text.strip()
    return rows.filter(Q(text__icontains=text) | Q(section__icontains=text) | Q(owner_unit__name__icontains=text) | Q(owner__name__icontains=text))
