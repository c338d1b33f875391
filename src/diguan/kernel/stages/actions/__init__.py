"""The writes of stages. Each names the version it has read; what the gate asks is judged inside the transaction.

A room that has its own right for a step writes an action of its own that calls ``moves`` and returns the course, so that one
command still leaves one Event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from diguan.kernel import access, packs
from diguan.kernel.access.models import Unit
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, action
from diguan.kernel.clocks import EXTEND, PAUSE, RESUME, Entry
from diguan.kernel.stages import queries
from diguan.kernel.stages.actions import ledger, locks, moves
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.actions.moves import About
from diguan.kernel.stages.models import Course, Task, TaskState, Waiver
from diguan.kernel.stages.queries import ASSIGN, HOLD, MOVE, START, WAIVE
from diguan.kernel.stages.refusals import ChangedMeanwhile, GateClosed, no

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

__all__ = ["About", "ChangedMeanwhile", "GateClosed", "Tick", "assign_task", "change_status", "complete_tasks", "extend_clock", "pause_clock",
           "pass_gate", "rederive_dues", "resume_clock", "send_back", "skip_tasks", "start_course", "waive_item"]


# ── moving ───────────────────────────────────────────────────────────────────
@action(permission=START, event="course_started")
def start_course(*, flow: str, about: About, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Course]:
    """Begin: freeze the flow of this name for one subject and open its first step.

    Raises:
        access.Forbidden: the right does not reach the course's office or enterprise.
        Refusal: ``no_flow``, ``wrong_subject``, ``open_already``, ``bad_day``, or the gate of the first stage.
    """
    course = moves.start(moves.flow_named(flow), about, by, moves.reached(day), reason)
    access.require(by, START, course)
    return Done(course, after={"flow": flow, "version": course.frozen.sha256, "subject": f"{about.kind} {about.id}"})


@action(permission=MOVE, event="gate_passed", on="task")
def pass_gate(*, task: Task, to: str, version: int, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Course]:
    """Pass the gate from the open stage of a pipeline to the next; ``day`` is when it happened, by default today.

    Raises:
        GateClosed: something is missing; its ``answer`` says what.
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``bad_day``.
    """
    when = moves.reached(day)
    answer = moves.move(task, to, version, by, when, reason)
    waived = [item.id for item in answer.items if item.waived]
    return Done(task.course, before={"stage": task.key}, after={"stage": to, "day": when, **({"waived": waived} if waived else {})})


@action(permission=MOVE, event="course_sent_back", on="task")
def send_back(*, task: Task, to: str, version: int, reason: str, by: Person, day: dt.date | None = None) -> Done[Course]:
    """Go back to an earlier stage that the flow names, with a reason.

    Raises:
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``bad_day``, or no reason.
    """
    moves.send_back(task, to, version, by, moves.reached(day), _said(reason))
    return Done(task.course, before={"stage": task.key}, after={"stage": to})


@action(permission=MOVE, event="tasks_completed")
def complete_tasks(*, course: Course, ticks: Sequence[Tick], by: Person, day: dt.date | None = None, reason: str = "") -> Done[Course]:
    """Do one or many open tasks of one course, all or none; whoever waited for them alone opens.

    Raises:
        access.Forbidden: the right does not reach one of the tasks.
        GateClosed: something is missing for one of them.
        ChangedMeanwhile: one of them is not as it was read.
        Refusal: ``no_way``, ``held``, ``bad_day``.
    """
    _reach(ticks, by)
    moves.finish(course, ticks, by, moves.reached(day), reason)
    return Done(course, after={"done": [tick.task.key for tick in ticks]})


@action(permission=MOVE, event="tasks_skipped")
def skip_tasks(*, course: Course, ticks: Sequence[Tick], reason: str, by: Person, day: dt.date | None = None) -> Done[Course]:
    """Leave out optional tasks that are open, with a reason; what waited for them goes on.

    Raises:
        access.Forbidden, ChangedMeanwhile, Refusal: as :func:`complete_tasks`; ``not_optional``.
    """
    _reach(ticks, by)
    moves.finish(course, ticks, by, moves.reached(day), _said(reason), skip=True)
    return Done(course, after={"skipped": [tick.task.key for tick in ticks]})


@action(permission=HOLD, event="course_status_changed", on="course")
def change_status(*, course: Course, to: str, version: int, reason: str, by: Person, day: dt.date | None = None) -> Done[Course]:
    """Declare a status of the flow, or lift it with ``active``; a final one ends the course.

    Raises:
        GateClosed: something is missing.
        ChangedMeanwhile: the status is not as it was read.
        Refusal: ``no_way``, ``bad_day``, or no reason.
    """
    before = moves.set_status(course, to, version, by, moves.reached(day), _said(reason))
    return Done(course, before={"status": before}, after={"status": to})


@action(permission=ASSIGN, event="task_assigned", on="task")
def assign_task(*, task: Task, version: int, owner: Person | None, unit: Unit | None, by: Person, reason: str = "") -> Done[Course]:
    """Say whose an open task is: a person, an office, or both.

    Raises:
        ChangedMeanwhile: the task is not as it was read.
    """
    taken = Task.objects.filter(pk=task.pk, version=version, state__in=queries.OPEN_STATES).update(owner=owner, owner_unit=unit, version=version + 1)
    if not taken:
        raise locks.changed([Tick(task, version)], task.state)
    return Done(task.course, before={"task": task.key, "owner": task.owner_id, "unit": task.owner_unit_id},
                after={"task": task.key, "owner": owner.pk if owner else None, "unit": unit.pk if unit else None})


@action(permission=WAIVE, event="gate_item_waived", on="task")
def waive_item(*, task: Task, to: str, item: str, version: int, reason: str, by: Person) -> Done[Course]:
    """Waive one item of the gate before ``to`` (in a graph: of the task itself), where the flow allows it.

    Raises:
        ChangedMeanwhile: the task is not as it was read.
        Refusal: ``no_waiver``, ``waived_already``, or no reason.
    """
    flow, words = task.course.tree, _said(reason)
    targets = flow.step[task.key].next if task.key != to else (to,)
    if to not in targets or to not in flow.step or item not in flow.step[to].gate.waiver:
        raise no("no_waiver", f"流程不允许免去 {item}", f"the flow does not let {item} be waived", "item")
    if Waiver.objects.filter(task=task, target=to, item=item).exists():
        raise no("waived_already", "这一项已经免过", "this item is waived already")
    locks.lock(task.course)
    locks.renew(Tick(task, version))
    Waiver.objects.create(task=task, target=to, item=item, reason=words, by=by)
    return Done(task.course, after={"stage": task.key, "to": to, "item": item})


# ── clocks ───────────────────────────────────────────────────────────────────
@action(permission=queries.PAUSE, event="clock_paused", on="task")
def pause_clock(*, task: Task, to: str, version: int, article: str, reason: str, by: Person, day: dt.date | None = None) -> Done[Course]:
    """Pause a clock by one of the articles the flow names; that day still counts.

    Raises:
        ChangedMeanwhile: the task is not as it was read.
        Refusal: ``no_clock``, ``no_article``, ``bad_day``, or no reason.
    """
    allowed = ledger.term_of(task, to).pauses
    if article not in allowed:
        raise no("no_article", f"不能以此暂停；可以的有：{'；'.join(allowed) or '无'}", f"no article to pause by; there are: {'; '.join(allowed) or 'none'}", "article")
    return _clock(task, to, Entry(PAUSE, moves.reached(day), basis=article), version, by, _said(reason))


@action(permission=queries.PAUSE, event="clock_resumed", on="task")
def resume_clock(*, task: Task, to: str, version: int, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Course]:
    """Let a clock run on; it counts from the day after.

    Raises:
        ChangedMeanwhile, Refusal: as :func:`pause_clock`.
    """
    return _clock(task, to, Entry(RESUME, moves.reached(day)), version, by, reason)


@action(permission=queries.EXTEND, event="clock_extended", on="task")
def extend_clock(*, task: Task, to: str, version: int, days: int, basis: str, reason: str, asked_by: Person, by: Person, day: dt.date | None = None) -> Done[Course]:
    """Approve that a term is extended, within what the flow allows; who asked does not approve.

    Raises:
        ChangedMeanwhile: the task is not as it was read.
        Refusal: ``no_clock``, ``own_request``, ``too_long``, ``bad_day``, or no reason or basis.
    """
    term = ledger.term_of(task, to)
    if asked_by == by:
        raise no("own_request", "自己申请的延期要由另一个人批准", "who asked for an extension does not approve it")
    left = term.extend - ledger.extended(task, to)
    if not 1 <= days <= left:
        raise no("too_long", f"最多还能延长 {left} 个工作日", f"it can be extended by {left} more working days at most", "days")
    return _clock(task, to, Entry(EXTEND, moves.reached(day), days, _said(basis)), version, by, _said(reason), asked_by)


def _clock(task: Task, to: str, entry: Entry, version: int, by: Person, reason: str, asked_by: Person | None = None) -> Done[Course]:
    before = task.due
    ledger.add(task, to, entry, version, by, reason=reason, asked_by=asked_by)
    return Done(task.course, before={"due": before}, after={"step": to, "days": entry.days, "basis": entry.basis, "day": entry.day, "due": task.due})


@action(permission=queries.EXTEND, event="dues_rederived", on="course")
def rederive_dues(*, course: Course, by: Person) -> Done[Course]:
    """Reckon the due dates of a course's open tasks by the calendar as it is now; the Event names each that changed."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for task in Task.objects.filter(course=course, state=TaskState.OPEN, due__isnull=False):
        task.course = course
        was, now = ledger.keep_due(task)
        if was != now:
            before[task.key], after[task.key] = was, now
    return Done(course, before, after)


def rederive_due() -> int:
    """What the clock does: courses whose due dates were reckoned by another calendar are reckoned anew; answers how many."""
    stale = Task.objects.filter(state=TaskState.OPEN, due__isnull=False).exclude(calendar=packs.calendar().version)
    rows = list(Course.objects.filter(pk__in=stale.values("course")).order_by("id")[:500])
    if rows:
        by = access.acting_person(None, queries.EXTEND)
        for course in rows:
            rederive_dues(course=course, by=by)
    return len(rows)


# ── shared ───────────────────────────────────────────────────────────────────
def _said(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise no("invalid", "请写明理由", "say why", "reason")
    return reason.strip()


def _reach(ticks: Sequence[Tick], by: Person) -> None:
    numbers = {tick.task.pk for tick in ticks}
    if access.visible(Task.objects.filter(pk__in=numbers), by, MOVE).count() != len(numbers):
        raise access.Forbidden(MOVE, title_of(MOVE))

