"""Reads of stages: which courses and tasks a person may see, where a course is, what a gate still asks, what is late."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from diguan.kernel import access, clocks, packs
from diguan.kernel.clocks import Entry, Reading
from diguan.kernel.evidence import dictionary
from diguan.kernel.messages import Message
from diguan.kernel.stages import gates, shelf, subjects
from diguan.kernel.stages.gates import Answer, Situation
from diguan.kernel.stages.models import ClockEntry, Course, Passage, Task, TaskState, Waiver
from diguan.kernel.stages.tree import GRAPH, Gate, Step

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

VIEW = "stages.view_course"
START = "stages.start_course"
MOVE = "stages.move_course"
ASSIGN = "stages.assign_task"
HOLD = "stages.hold_course"
WAIVE = "stages.waive_gate"
PAUSE = "stages.pause_clock"
EXTEND = "stages.extend_clock"
OPEN_STATES = (TaskState.WAITING, TaskState.OPEN)


@dataclass(frozen=True)
class Progress:
    """Where a course is, from its tasks alone. ``at`` are the open steps; a pipeline that has ended is at its last one."""

    at: tuple[str, ...]
    counts: Mapping[str, int]
    ended: bool
    due: dt.date | None


@dataclass(frozen=True)
class Way:
    """One way a stage leads to, or the task itself: the step, what its gate says to this person, its clock where it has one."""

    step: Step
    answer: Answer
    clock: Reading | None


# ── rows ─────────────────────────────────────────────────────────────────────
def visible_courses(person: Person) -> QuerySet[Course]:
    """The courses a person may see: those their right reaches, and those with a task that it reaches."""
    mine = access.visible(Task.objects.all(), person, VIEW).values("course")
    return Course.objects.filter(Q(pk__in=access.visible(Course.objects.all(), person, VIEW).values("pk")) | Q(pk__in=mine)).select_related("frozen")


def visible_tasks(person: Person) -> QuerySet[Task]:
    """The tasks of the courses a person may see."""
    return Task.objects.filter(course__in=visible_courses(person).values("pk")).select_related("course__frozen", "owner", "owner_unit")


def open_tasks(person: Person) -> QuerySet[Task]:
    """What waits to be done by this person or their unit: open tasks that the right to move reaches, the first due first."""
    rows = access.visible(Task.objects.filter(state=TaskState.OPEN, course__ended_at__isnull=True), person, MOVE)
    return rows.select_related("course__frozen", "owner", "owner_unit").order_by("due", "id")


def late_tasks(person: Person, day: dt.date) -> QuerySet[Task]:
    """Open tasks of courses a person may see whose day is over."""
    return visible_tasks(person).filter(state=TaskState.OPEN, due__lt=day).order_by("due", "id")


def passages(person: Person, course: Course) -> list[Passage]:
    """Every move of a course, first to last; none of one the person may not see."""
    if not visible_courses(person).filter(pk=course.pk).exists():
        return []
    return list(Passage.objects.filter(course=course).select_related("by").order_by("id"))


def current(course: Course) -> Task | None:
    """The open stage of a pipeline."""
    return Task.objects.filter(course=course, state=TaskState.OPEN).select_related("course__frozen").order_by("-id").first()


# ── where it is ──────────────────────────────────────────────────────────────
def progress(course: Course) -> Progress:
    """Where one course is."""
    return progress_of([course])[course.pk]


def progress_of(courses: Sequence[Course]) -> dict[int, Progress]:
    """Where each of these is, by primary key, in one question."""
    rows = Task.objects.filter(course__in=[course.pk for course in courses]).order_by("id").values_list("course_id", "key", "state", "due")
    found: dict[int, list[tuple[str, str, dt.date | None]]] = {course.pk: [] for course in courses}
    for number, key, state, due in rows:
        found[number].append((key, state, due))
    return {course.pk: derive(course, found[course.pk]) for course in courses}


def derive(course: Course, tasks: Sequence[tuple[str, str, dt.date | None]]) -> Progress:
    """The course's state from its tasks (key, state, due) in the order they were made, and from its status."""
    flow = course.tree
    open_ = [(key, due) for key, state, due in tasks if state == TaskState.OPEN]
    at = tuple(key for key, _due in open_)
    if flow.shape == GRAPH:
        ended = not any(state in OPEN_STATES for _key, state, _due in tasks)
    else:
        at = at or tuple(key for key, state, _due in tasks[-1:])
        ended = any(flow.step[key].final for key in at)
    status = flow.status.get(course.status)
    return Progress(at, Counter(state for _key, state, _due in tasks), ended or (status is not None and status.final),
                    min((due for _key, due in open_ if due is not None), default=None))


_DEEDS = {"done": Message("办结", "did it"), "skipped": Message("免办", "left it out"), "passed": Message("往下办", "passed it on"), "returned": Message("退回", "sent it back"),
          clocks.PAUSE: Message("暂停了时限", "stopped its clock"), clocks.RESUME: Message("让时限接着算", "let its clock run on"), clocks.EXTEND: Message("延长了时限", "extended its term")}


def last_deed(task: Task) -> Message | None:
    """Who did what to a task last, and when: for whoever comes too late and has the right to do it."""
    rows: list[Passage | ClockEntry] = [
        *Passage.objects.filter(task=task, kind__in=_DEEDS).select_related("by").order_by("-id")[:1], *ClockEntry.objects.filter(task=task, kind__in=_DEEDS).select_related("by").order_by("-id")[:1]]
    last = max(rows, key=lambda row: row.at, default=None)
    if last is None or last.by is None:
        return None
    when, what = f"{last.at.astimezone(clocks.COUNTY_TIME):%Y-%m-%d %H:%M}", _DEEDS[last.kind]
    return Message(f"{last.by.name} {when} {what.zh}", f"{last.by.name} {what.en} at {when}")


# ── gates ────────────────────────────────────────────────────────────────────
def ways(person: Person, task: Task, day: dt.date | None = None) -> list[Way]:
    """What this person finds before each step that an open task leads to: what is met, and 还差这些.

    Raises:
        access.Forbidden: the person may not see the course.
    """
    access.require(person, VIEW)
    if not visible_courses(person).filter(pk=task.course_id).exists():
        access.require(person, VIEW, task.course)
    flow, day = task.course.tree, day or clocks.today()
    targets = [task.key] if flow.shape == GRAPH else flow.step[task.key].next
    return [Way(flow.step[name], answer(task.course, task, flow.step[name].gate, name, person, day), clock_of(task, name)) for name in targets]


@dataclass(frozen=True)
class Known:
    """What an action has looked up for many gates at once, in the transaction in which they are judged.

    ``rights`` reach the task in question; ``entries`` are those of its clocks, by task and step.
    """

    rights: frozenset[str]
    entries: Mapping[tuple[int, str], list[Entry]]


def answer(course: Course, task: Task | None, gate: Gate, target: str, person: Person, day: dt.date, before: Known | None = None) -> Answer:
    """What a gate says to a person on a day; asked by actions too, so no right to see is judged. No task: the course begins."""
    return Answer(()) if gate.free else gates.judge(gate, situation(course, task, gate, target, person, day, before))


def situation(course: Course, task: Task | None, gate: Gate, target: str, person: Person, day: dt.date, before: Known | None = None) -> Situation:
    """Everything a gate is judged by; what it does not ask for, and what was looked up ``before``, is not looked up."""
    known = subjects.known_of(course, gate.evidence, gate.reads, day) if gate.facts or gate.evidence else None
    waived = dict(Waiver.objects.filter(task=task, target=target).values_list("item", "reason")) if gate.waiver and task else {}
    return Situation(
        day=day, actor=person.pk, holds=holds(person, gate, task or course, before.rights if before else frozenset()), facts=known.facts if known else None,
        evidence=known.evidence if known else {}, doers=_doers(course, task, target) if gate.verifier_not_doer else (),
        waived=waived, clock=clock_of(task, target, before) if gate.term is not None and task else None,
        titles={name: shelf.title_of(name) for name in (*gate.evidence, *gate.roles)}, codes=packs.codes().names if gate.facts else {})


def holds(person: Person, gate: Gate, row: Task | Course, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Of what a gate asks, the roles the person is in and the rights that reach the row; ``known`` are rights of which that was judged."""
    roles = {grant.role.name for grant in access.granted(person)}
    return frozenset(name for name in gate.roles if name in roles or name in known or ("." in name and access.may(person, name, row)))


def _doers(course: Course, task: Task | None, target: str) -> frozenset[int]:
    """Who did what now is verified: whoever moved the course here, holds the task or waived something."""
    if task is None:
        return frozenset()
    if course.tree.shape == GRAPH:
        before = list(Task.objects.filter(course=course, key__in=task.step.after).values_list("closed_by_id", flat=True))
    else:
        before = list(Passage.objects.filter(course=course, target=task.key).order_by("-id").values_list("by_id", flat=True)[:1])
    waivers = Waiver.objects.filter(task=task, target=target).values_list("by_id", flat=True)
    return frozenset(number for number in (*before, task.owner_id, *waivers) if number is not None)


def to_hand_in(person: Person, task: Task) -> list[dictionary.Entry]:
    """The evidence still to be handed in for any of the next steps; never what the county holds."""
    missing = {item.id for way in ways(person, task) for item in way.answer.missing if item.kind == gates.EVIDENCE}
    return [entry for name, entry in dictionary.known().items() if name in missing]


# ── clocks ───────────────────────────────────────────────────────────────────
def entries_of(task: Task, target: str) -> list[Entry]:
    """What was done to a clock, first to last."""
    return [Entry(*row) for row in ClockEntry.objects.filter(task=task, target=target).order_by("id").values_list("kind", "day", "days", "basis")]


def clock_of(task: Task, target: str, before: Known | None = None) -> Reading | None:
    """Where a clock stands; None where there is none."""
    entries = before.entries.get((task.pk, target), []) if before else entries_of(task, target)
    return clocks.read(entries, packs.calendar()) if entries else None


def due_words(task: Task, target: str) -> Message | None:
    """How a due date came about, article included; where the clock is paused, what is left."""
    entries = entries_of(task, target)
    if not entries:
        return None
    told = clocks.read(entries, packs.calendar())
    basis = "；".join(dict.fromkeys(entry.basis for entry in entries if entry.basis))
    term = task.course.tree.step[target].gate.term
    unsure = Message("（期限天数还没对照原文核实）", " (the number of days is not yet held against the official text)") if term and term.provisional else Message("", "")
    if told.due is None:
        return Message(f"已暂停，还剩 {told.left} 个工作日。依据：{basis}{unsure.zh}", f"paused, {told.left} working days left. Basis: {basis}{unsure.en}")
    how = clocks.derivation(told.due)
    return Message(f"{how.zh}。依据：{basis}{unsure.zh}", f"{how.en}. Basis: {basis}{unsure.en}")
