"""Writes of walks: begun, each step reached and done, what was met noted, closed. A walk is a dry run: no case is opened by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from django.db.models import F

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.kernel.stages.refusals import no
from diguan.services.models import (
    LifeEventVersion,
    MatterVersion,
    StepKind,
    Trouble,
    Walk,
    WalkNote,
    WalkRole,
    WalkStep,
)
from diguan.services.models.walks import MOST_MINUTES, MOST_TRIPS
from diguan.services.queries import cases, walks
from diguan.services.queries.walks import WALK


@action(permission=WALK, event="walk_begun")
def begin_walk(*, life_event: LifeEventVersion, role: str, answers: Mapping[str, str], by: Person, reason: str = "") -> Done[Walk]:
    """Begin to walk a life event; its steps keep the versions in force today.

    Args:
        life_event: the version in force.
        role: ``applicant`` or ``clerk``.
        answers: question → answer; every question that is put has to be answered.
        by: who walks.
        reason: goes into the Event.

    Raises:
        Refusal: ``invalid`` role, ``unanswered``, ``no_matter`` to be done, or one without a version in force.
    """
    if role not in WalkRole.values:
        raise no("invalid", "请选以谁的身份走", "choose as whom to walk", "role")
    draft = cases.draft(life_event, answers, clocks.today())
    if draft is not None and (asked := draft.picture.chosen.open_questions):
        raise no("unanswered", f"还有 {len(asked)} 个问题没有回答", f"{len(asked)} questions are not answered", asked[0])
    if draft is None or not draft.ready:
        raise no("no_matter", "这件事现在走不通：没有要办的事项，或有的事项没有在用的版本", "it cannot be walked now: it calls for no matter, or a matter has no version in force")
    row = Walk.objects.create(role=role, life_event=life_event, answers=dict(draft.picture.situation.answers), day=clocks.today(), owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    WalkStep.objects.bulk_create(WalkStep(walk=row, place=place, kind=kind, entry=entry, matter=matter) for place, (kind, entry, matter) in enumerate(walks.steps_of(draft), start=1))
    return Done(row, after={"role": role, "life_event": draft.picture.document.id, "number": life_event.number, "answers": row.answers, "matters": [draft.picture.versions[work.key].pk for work in draft.works]})


@action(permission=WALK, event="walk_step_reached", on="walk")
def reach_step(*, walk: Walk, step: WalkStep, by: Person) -> Done[Walk]:
    """Say that one has arrived at a step; the first time counts.

    Raises:
        Refusal: ``closed``, ``not_on_way``, ``reached`` already.
    """
    _going_on(walk, step)
    if not WalkStep.objects.filter(pk=step.pk, arrived_at=None, done_at=None).update(arrived_at=clocks.now()):
        raise no("reached", "这一步已经记过到了", "this step was reached before")
    return Done(walk, after={"step": step.place})


@action(permission=WALK, event="walk_step_done", on="walk")
def finish_step(*, walk: Walk, step: WalkStep, minutes: int | None = None, trips: int | None = None, by: Person) -> Done[Walk]:
    """Say that a step is done; said again, what was counted is corrected.

    Args:
        walk: whose step it is.
        step: the step.
        minutes: as counted; None: from arriving until now, if the arrival was said.
        trips: as counted; None: nobody counted.
        by: who walks.

    Raises:
        Refusal: ``closed``, ``not_on_way``, ``invalid`` (field named).
    """
    _within("minutes", minutes, MOST_MINUTES)
    _within("trips", trips, MOST_TRIPS)
    _going_on(walk, step)
    WalkStep.objects.filter(pk=step.pk).update(minutes=minutes, trips=trips)
    WalkStep.objects.filter(pk=step.pk, done_at=None).update(done_at=clocks.now())
    return Done(walk, before={"minutes": step.minutes, "trips": step.trips}, after={"step": step.place, "minutes": minutes, "trips": trips})


@action(permission=WALK, event="walk_noted", on="walk")
def note_walk(*, walk: Walk, step: WalkStep, trouble: str, words: str, matter: MatterVersion | None = None, by: Person) -> Done[Walk]:
    """Note what was met at a step, for good.

    Args:
        walk: whose step it is.
        step: where it was met.
        trouble: what kind.
        words: what was met, in 2 to 500 characters.
        matter: the version it is about; left out at a step of one matter or of a paper that one matter asks for, or where it is about the life event as a whole.
        by: who walks.

    Raises:
        Refusal: ``closed``, ``not_on_way``, ``not_of_this`` a version that was not met there, ``invalid`` (field named), ``noted`` the same already.
    """
    if trouble not in Trouble.values:
        raise no("invalid", "请选是哪类问题", "choose the kind of trouble", "trouble")
    words = text_of(words, 500, "words")
    about = walks.Way(walk).about(step)
    if matter is None and len(about) == 1:
        matter = about[0]
    if (matter is not None and matter not in about) or (matter is None and step.kind == StepKind.PAPER):
        raise no("not_of_this", "请选是哪个事项的问题", "choose which matter it is about", "matter")
    _going_on(walk, step)
    if WalkNote.objects.filter(step=step, matter=matter, trouble=trouble, words=words).exists():
        raise no("noted", "这一条已经记过了", "this was noted before")
    note = WalkNote.objects.create(step=step, matter=matter, trouble=trouble, words=words, by=by)
    return Done(walk, after={"note": note.pk, "step": step.place, "matter": matter.pk if matter else None, "trouble": trouble})


@action(permission=WALK, event="walk_closed", on="walk")
def close_walk(*, walk: Walk, by: Person, reason: str = "") -> Done[Walk]:
    """Say that the walk has come to its end; nothing more is counted or noted, and proposals may be made.

    Raises:
        Refusal: ``closed`` already, ``nothing_done`` no step was.
    """
    if not walk.steps.filter(done_at__isnull=False).exists():
        raise no("nothing_done", "一步都还没有办完，不能收尾", "no step is done yet: it cannot be closed")
    _hold(walk, closed=clocks.today(), changed_by=by, changed_at=clocks.now())
    walk.refresh_from_db()
    return Done(walk, after={"closed": walk.closed, **asdict(walks.Way(walk).totals)})


# ── parts ────────────────────────────────────────────────────────────────────
def _hold(walk: Walk, **values: object) -> None:
    """Write to an open walk; the row count says whether it still is, so that nothing is noted after its end."""
    if not Walk.objects.filter(pk=walk.pk, closed=None).update(version=F("version") + 1, **values):
        raise no("closed", "这一次已经走完了，不能再记", "this walk has ended: nothing more is noted")


def _going_on(walk: Walk, step: WalkStep) -> None:
    if step.walk_id != walk.pk:
        raise no("not_on_way", "这一步不在这一次走的路上", "this step is not on the way of this walk")
    _hold(walk)


def text_of(text: str, most: int, field: str) -> str:
    """A sentence worth keeping.

    Raises:
        Refusal: ``invalid``, too short or too long.
    """
    words = text.strip()
    if not 2 <= len(words) <= most:
        raise no("invalid", f"请写 2 到 {most} 字", f"write 2 to {most} characters", field)
    return words


def _within(field: str, number: int | None, most: int) -> None:
    if number is not None and not 0 <= number <= most:
        raise no("invalid", f"要在 0 到 {most} 之间", f"it is between 0 and {most}", field)
