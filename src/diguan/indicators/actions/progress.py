"""Writes of progress: what was done, with what shows it, and another person who looked at it. Done counts only when verified."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from diguan.indicators.actions.parts import CONFLICT, refuse
from diguan.indicators.models import NoteState, Plan, ProgressNote, Task, TaskState
from diguan.indicators.queries.plans import NOTE, VERIFY
from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action, told_of, write_at
from diguan.kernel.evidence.actions import keep_proof
from diguan.kernel.evidence.actions import said as reason_of

SHEET = "task_proof"
Proof = tuple[str, bytes]


@action(permission=NOTE, event="progress_noted", on="task")
def note_progress(*, task: Task, on: dt.date, said: str, finished: bool = False, proof: Proof | None = None, by: Person) -> Done[ProgressNote]:
    """Note what was done of a task. Without a file it is a note; with one another person may verify it; one that finishes the task needs a file.

    Raises:
        Refusal: ``over``, ``bad_day``, ``invalid`` (field named), ``finished_already``: such a note waits already.
    """
    task = Task.objects.select_related("plan").get(pk=task.pk)  # as it is now, not as the page had it
    if task.state != TaskState.OPEN:
        raise refuse("over", f"这项任务{task.get_state_display()}，不再填进展", "this task is over: nothing more is noted")
    if not dt.date(task.plan.year - 1, 1, 1) <= on <= clocks.today():
        raise refuse("bad_day", "进展日期不能在今天以后，也不能早于方案的上一年", "progress lies not after today, nor before the year before the plan", "on")
    told = told_of(ProgressNote, {"said": said}, ("said",))
    if finished and proof is None:
        raise refuse("invalid", "说任务已完成，要有佐证材料，由另一个人核实", "that a task is done needs a file that shows it, for another person to verify", "proof")
    kept = keep_proof(name=proof[0], content=proof[1], sheet=SHEET, unit=task.owner_unit_id, by=by) if proof else None
    try:
        with transaction.atomic():
            row = ProgressNote.objects.create(**told, task=task, on=on, finished=finished, proof=kept, entered_by=by, owner_unit_id=task.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise refuse("finished_already", "已经有一份“已完成”在等核实", "a note that it is done waits to be verified already", "finished") from error
    return Done(row, after={**told, "task": task.pk, "finished": finished, "proof": kept.sha256 if kept else ""}, related=[task, task.plan])


@action(permission=VERIFY, event="progress_verified", on="note")
def verify_note(*, note: ProgressNote, version: int, by: Person) -> Done[ProgressNote]:
    """Say that the file shows it; who entered it cannot. One that finishes its task makes it done on this day.

    Raises:
        Refusal: ``own_note``, ``not_waiting``, ``no_proof``, ``over``: the task was dropped meanwhile; ``conflict``.
    """
    _waits(note, by)
    if note.proof_id is None:
        raise refuse("no_proof", "没有佐证材料，没有东西可核实", "there is no file that shows it: nothing can be verified")
    today = clocks.today()
    write_at(note, version, {"state": NoteState.VERIFIED, "verified_by": by, "decided_on": today}, by=by, taken=CONFLICT)
    if note.finished:
        task = Task.objects.get(pk=note.task_id)
        if task.state != TaskState.OPEN:
            raise refuse("over", f"这项任务{task.get_state_display()}", "this task is over")
        write_at(task, task.version, {"state": TaskState.DONE, "done_on": today}, by=by, taken=CONFLICT)
    return _decided(note)


@action(permission=VERIFY, event="progress_rejected", on="note")
def reject_note(*, note: ProgressNote, version: int, reason: str, by: Person) -> Done[ProgressNote]:
    """Say that it does not, and why; the task stays open.

    Raises:
        Refusal: ``own_note``, ``not_waiting``, ``invalid`` without a reason, ``conflict``.
    """
    why = reason_of(reason)
    _waits(note, by)
    write_at(note, version, {"state": NoteState.REJECTED, "verified_by": by, "decided_on": clocks.today(), "decision": why}, by=by, taken=CONFLICT)
    return _decided(note)


def _waits(note: ProgressNote, by: Person) -> None:
    if note.entered_by_id == by.pk:
        raise refuse("own_note", "自己填的不能自己核实，请另一个人来", "who noted it cannot verify it: ask somebody else")
    if note.state != NoteState.ENTERED:
        raise refuse("not_waiting", "这条进展已经核实或驳回过", "it was verified or rejected already")


def _decided(note: ProgressNote) -> Done[ProgressNote]:
    row = ProgressNote.objects.select_related("task__plan").get(pk=note.pk)
    plan: Plan = row.task.plan
    return Done(row, before={"state": note.state}, after={"state": row.state, "task_state": row.task.state}, related=[row.task, plan])


@action(permission=VERIFY, event="task_reopened", on="task")
def reopen_task(*, task: Task, version: int, reason: str, by: Person) -> Done[Task]:
    """Open a task again that was wrongly taken as done; the note that finished it is rejected with the reason.

    Raises:
        Refusal: ``not_done``, ``own_note``: who wrote that it was done; ``invalid`` without a reason, ``conflict``.
    """
    why = reason_of(reason)
    if task.state != TaskState.DONE:
        raise refuse("not_done", "这项任务不是已完成", "this task is not done")
    last = ProgressNote.objects.filter(task=task, finished=True, state=NoteState.VERIFIED).first()
    if last is not None:
        if last.entered_by_id == by.pk:
            raise refuse("own_note", "自己填的不能自己推翻核实，请另一个人来", "who noted it does not undo its verification: ask somebody else")
        write_at(last, last.version, {"state": NoteState.REJECTED, "verified_by": by, "decided_on": clocks.today(), "decision": why}, by=by, taken=CONFLICT)
    write_at(task, version, {"state": TaskState.OPEN, "done_on": None, "late_told_on": None}, by=by, taken=CONFLICT)
    return Done(Task.objects.get(pk=task.pk), before={"state": task.state}, after={"state": TaskState.OPEN}, related=[task.plan])
