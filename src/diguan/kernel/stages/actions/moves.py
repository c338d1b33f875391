"""The row writes of stages, inside an action's transaction. Rooms may call them from actions of their own: one command, one Event.

Every lock is a conditional UPDATE whose row count is checked. A command first bumps ``Course.moves``: commands of one course
queue there, for the length of one transaction, so counters fall and joins fire exactly once and no two of them deadlock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.access.models import Unit
from diguan.kernel.messages import Message
from diguan.kernel.stages import queries, shelf
from diguan.kernel.stages.actions import graphs, ledger, locks
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.gates import Answer
from diguan.kernel.stages.models import Course, FlowVersion, Passage, Task, TaskState
from diguan.kernel.stages.refusals import ChangedMeanwhile, no, opened
from diguan.kernel.stages.tree import ACTIVE, GRAPH, Flow, Step

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

STARTED, PASSED, RETURNED, HELD, LIFTED = "started", "passed", "returned", "held", "lifted"
finish, finish_all = graphs.finish, graphs.finish_all


@dataclass(frozen=True)
class About:
    """Whose course it is: a kind and an id of the room's, what pages call it, the enterprise it is about, the office it belongs to."""

    kind: str
    id: str
    title: str
    uscc: str = ""
    owner_unit: int | None = None


def reached(day: dt.date | None) -> dt.date:
    """The day something is done on, today unless it is told.

    Raises:
        Refusal: ``bad_day``: it is still to come.
    """
    if day is not None and day > clocks.today():
        raise no("bad_day", f"{day} 还没到", f"{day} is still to come", "day")
    return day or clocks.today()


# ── start ────────────────────────────────────────────────────────────────────
def start(flow: Flow, about: About, by: Person, day: dt.date, reason: str) -> Course:
    """Freeze the flow and open its first step, or every task of a graph.

    Raises:
        Refusal: ``open_already``, ``wrong_subject``.
        GateClosed: the first stage has a gate.
    """
    if about.kind != flow.subject:
        raise no("wrong_subject", f"“{flow.label()}”办的是 {flow.subject}，不是 {about.kind}", f"“{flow.label('en')}” is for {flow.subject}, not {about.kind}")
    course = _unique(lambda: Course.objects.create(
        flow=flow.id, frozen=frozen_version(flow), subject_kind=about.kind, subject_id=about.id, title=about.title[:200], uscc=about.uscc,
        owner_unit_id=about.owner_unit, created_by=by, changed_by=by))
    if flow.shape == GRAPH:
        _plant(course, by, day)
        _pass(course, None, STARTED, "", "", by, day, reason, {})
    else:
        seen = opened(queries.answer(course, None, flow.first.gate, flow.first.id, by, day))
        _pass(course, None, STARTED, "", flow.first.id, by, day, reason, seen)
        _enter(course, flow.first, by, day)
    return course


def frozen_version(flow: Flow) -> FlowVersion:
    """The flow as it is now, kept once."""
    found = FlowVersion.objects.filter(sha256=flow.sha256).first()
    if found is None:
        try:
            with transaction.atomic():
                found = FlowVersion.objects.create(flow=flow.id, sha256=flow.sha256, text=flow.text)
        except IntegrityError:
            found = FlowVersion.objects.get(sha256=flow.sha256)
    return found


def _unique(make: Any) -> Any:
    try:
        with transaction.atomic():
            return make()
    except IntegrityError as error:
        raise no("open_already", "这个主体已有一件同样的事在办", "the same is under way for this subject already") from error


def _plant(course: Course, by: Person, day: dt.date) -> None:
    """All tasks of a graph; those that wait for nothing are open."""
    units, now = units_of(course.tree.steps), clocks.now()
    Task.objects.bulk_create([
        Task(course=course, key=step.id, waiting=len(step.after), owner_unit_id=units.get(step.unit, course.owner_unit_id),
             state=TaskState.WAITING if step.after else TaskState.OPEN, opened_at=None if step.after else now)
        for step in course.tree.steps], batch_size=500)
    ledger.begin(course, [step.id for step in course.tree.steps if not step.after], by, day)


def units_of(steps: Iterable[Step]) -> dict[str, int]:
    """The offices that the flow names for these steps, by their codes."""
    codes = {step.unit for step in steps if step.unit}
    return dict(Unit.objects.filter(code__in=codes).values_list("code", "id")) if codes else {}


def _enter(course: Course, step: Step, by: Person, day: dt.date) -> None:
    """Open a stage; one that only ends the course is done at once."""
    visit = Task.objects.filter(course=course, key=step.id).count() + 1
    rest, now = step.final and not step.next, clocks.now()
    Task.objects.create(
        course=course, key=step.id, visit=visit, state=TaskState.DONE if rest else TaskState.OPEN, opened_at=now, closed_at=now if rest else None,
        closed_by=by if rest else None, owner_unit_id=units_of([step]).get(step.unit, course.owner_unit_id))
    if not rest:
        ledger.begin(course, [step.id], by, day)


# ── a pipeline moves ─────────────────────────────────────────────────────────
def move(task: Task, to: str, version: int, by: Person, day: dt.date, reason: str) -> Answer:
    """Pass the gate before the next stage.

    Raises:
        GateClosed: something is missing.
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``bad_day``.
    """
    course, step = task.course, _step_of(task, to, "next")
    locks.lock(course)
    answer = queries.answer(course, task, step.gate, to, by, day)
    locks.take([Tick(task, version)], by, TaskState.DONE)  # who comes late is told so, not what the gate says by now
    seen = opened(answer)
    _go(course, task, step, PASSED, by, day, reason, seen)
    return answer


def send_back(task: Task, to: str, version: int, by: Person, day: dt.date, reason: str) -> None:
    """Go back to an earlier stage that the flow names.

    Raises:
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``bad_day``.
    """
    step = _step_of(task, to, "back")
    locks.lock(task.course)
    locks.take([Tick(task, version)], by, TaskState.RETURNED)
    _go(task.course, task, step, RETURNED, by, day, reason, {})


def _step_of(task: Task, to: str, way: str) -> Step:
    flow, here = task.course.tree, task.step
    if flow.shape == GRAPH or to not in getattr(here, way):
        known = "、".join(flow.step[name].label() for name in getattr(here, way)) or "无"
        raise no("no_way", f"从“{here.label()}”不能到 {to}；可以到：{known}", f"no way from “{here.label('en')}” to {to}; there are: {', '.join(getattr(here, way)) or 'none'}", "to")
    return flow.step[to]


def _go(course: Course, task: Task, step: Step, kind: str, by: Person, day: dt.date, reason: str, seen: Mapping[str, str]) -> None:
    ledger.stop(course, [task], by, day)
    _pass(course, task, kind, task.key, step.id, by, day, reason, seen)
    _enter(course, step, by, day)
    if step.final or course.ended_at is not None:
        _end(course, ended=step.final)


def _end(course: Course, *, ended: bool) -> None:
    course.ended_at = clocks.now() if ended else None
    _unique(lambda: Course.objects.filter(pk=course.pk).update(ended_at=course.ended_at))


# ── the other axis ───────────────────────────────────────────────────────────
def set_status(course: Course, to: str, version: int, by: Person, day: dt.date, reason: str) -> str:
    """Declare a status, or lift it (``active``); answers with the one before.

    Raises:
        GateClosed: something is missing.
        ChangedMeanwhile: the course's status is not as it was read.
        Refusal: ``no_way``.
    """
    before, task = course.status, Task.objects.filter(course=course).exclude(state=TaskState.WAITING).order_by("-id").first()
    final = _check_status(course, to, queries.progress(course).at)
    now = clocks.now()
    taken = Course.objects.filter(pk=course.pk, version=version, status=before).update(
        status=to, version=version + 1, moves=F("moves") + 1, changed_by=by, changed_at=now)
    if not taken:
        course.refresh_from_db()
        raise ChangedMeanwhile(version, course.version, _status_title(course, course.status))
    seen = {} if to == ACTIVE else opened(queries.answer(course, task, course.tree.status[to].gate, to, by, day))
    _pass(course, task, LIFTED if to == ACTIVE else HELD, before, to, by, day, reason, seen)
    if final:
        _cancel(course, by, day)
    course.refresh_from_db()
    return before


def _check_status(course: Course, to: str, at: Sequence[str]) -> bool:
    flow = course.tree
    now = flow.status.get(course.status)
    lifting = to == ACTIVE and now is not None and not now.final
    declaring = to in flow.status and course.status == ACTIVE and (not flow.status[to].start or bool(set(flow.status[to].start) & set(at)))
    if not (lifting or declaring):
        raise no("no_way", f"现在不能改为“{_status_title(course, to).zh}”", f"it cannot become “{_status_title(course, to).en}” now", "to")
    return declaring and flow.status[to].final


def _status_title(course: Course, name: str) -> Message:
    found = course.tree.status.get(name)
    return Message(found.label(), found.label("en")) if found else Message("在办", "active") if name == ACTIVE else Message(name, name)


def _cancel(course: Course, by: Person, day: dt.date) -> None:
    rows = Task.objects.filter(course=course, state__in=queries.OPEN_STATES)
    ledger.stop(course, [task for task in rows if task.state == TaskState.OPEN], by, day)
    rows.update(state=TaskState.CANCELLED, version=F("version") + 1, closed_at=clocks.now(), closed_by=by)
    _end(course, ended=True)


# ── shared ───────────────────────────────────────────────────────────────────
def _pass(course: Course, task: Task | None, kind: str, source: str, target: str, by: Person, day: dt.date, reason: str, seen: Mapping[str, str]) -> None:
    Passage.objects.create(course=course, task=task, kind=kind, source=source, target=target, day=day, by=by, reason=reason[:500], judged=dict(seen))


def flow_named(name: str) -> Flow:
    """A flow of the packs in force.

    Raises:
        Refusal: ``no_flow``.
    """
    found = shelf.known().get(name)
    if found is None:
        raise no("no_flow", f"没有这个流程：{name}；有：{'、'.join(sorted(shelf.known()))}", f"no flow {name}; there are {', '.join(sorted(shelf.known()))}")
    return found
