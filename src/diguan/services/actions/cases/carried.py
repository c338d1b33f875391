"""An accepted case: its matters are finished side by side, everything is given out at once, contacts are noted, the applicant rates it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.models import Course, Task
from diguan.services.actions.cases.shared import case_of, course_of, tell
from diguan.services.engine.caseflow import ACCEPT, DELIVER, SUBJECT
from diguan.services.models import Case, Rating, Touch, TouchKind
from diguan.services.queries.cases import HANDLE, RATE, RESULT, View

ENDED = "services.case_delivered"
"""The kind of notice that tells an enterprise that everything is done."""
REACHED = frozenset({HANDLE})
"""What an action on a task has judged by the time its gate is: the gate does not ask the same again."""
MOST_AT_ONCE = 500


# ── carried through ──────────────────────────────────────────────────────────
@action(permission=HANDLE, event="case_matter_done", on="task")
def finish_matter(*, task: Task, version: int, result: Paper | None = None, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Case]:
    """One bureau is done with its matter; its result goes into the pack that is given out at the end.

    Raises:
        GateClosed, ChangedMeanwhile: something is missing, or the task is not as it was read.
        Refusal: ``no_way``: the acceptance and the delivery are steps of their own; ``held``, ``bad_day``, ``invalid``.
    """
    _is_matter(task)
    case = case_of(task)
    about = About(SUBJECT, str(case.pk), case.uscc, access.unit_of(by))  # a result is its bureau's
    given = [evidence.put(entry=RESULT, about=about, paper=_titled(result, task), by=by)] if result else []
    moves.finish(course_of(case), [Tick(task, version)], by, moves.reached(day), reason, rights=REACHED)
    return Done(case, after={"matter": task.key, "result": bool(given)}, related=[course_of(case), *given])


@action(permission=HANDLE, event="case_matter_done")
def finish_matters(*, ticks: Sequence[Tick], numbers: Mapping[int, str] | None = None, issued: dt.date | None = None, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Case]:
    """Matters of many cases done at once, all or none: each judged as if it were alone, each with its Event on its own case. Files of results are given one by one.

    Args:
        ticks: the tasks as they were read, at most ``MOST_AT_ONCE``.
        numbers: task → the number of what it gives out, where it gives out something.
        issued: the day on which that was issued.
        by: somebody whose right reaches every one of them.
        day: when they were done, today by default.
        reason: goes into every Event.

    Raises:
        access.Forbidden: the right does not reach one of them.
        Refusal: ``no_way``, ``too_many``, ``held``, ``bad_day``; ``gate_closed`` and ``changed_meanwhile`` as :class:`OneOfMany`, which names the task.
    """
    if not ticks or len({tick.task.pk for tick in ticks}) != len(ticks):
        raise Refusal("no_way", [Message("请勾选要办结的环节", "choose the steps that are done")])
    if len(ticks) > MOST_AT_ONCE:
        raise Refusal("too_many", [Message(f"一次最多办结 {MOST_AT_ONCE} 项", f"at most {MOST_AT_ONCE} at once")])
    _reach(ticks, by)
    works = _works(ticks)
    moves.finish_all(works, by, moves.reached(day), reason, rights=REACHED)
    cases_of = {row.course_id: row for part in chunks([course.pk for course, _ticks in works]) for row in Case.objects.filter(course__in=part).order_by()}
    given = {tick.task.pk: _numbered(cases_of[course.pk], tick.task, words, issued, by) for course, each in works for tick in each if (words := (numbers or {}).get(tick.task.pk, ""))}
    first, *others = [Done(cases_of[course.pk], after={"matter": tick.task.key, "result": tick.task.pk in given}, related=[course, *([given[tick.task.pk]] if tick.task.pk in given else [])])
                      for course, each in works for tick in each]
    return replace(first, also=others)


def _numbered(case: Case, task: Task, number: str, issued: dt.date | None, by: Person) -> Evidence:
    """The result of a step by its number alone."""
    return evidence.put(entry=RESULT, about=About(SUBJECT, str(case.pk), case.uscc, access.unit_of(by)), paper=_titled(Paper(number=number, issued=issued), task), by=by)


def _reach(ticks: Sequence[Tick], by: Person) -> None:
    """Let pass whose right reaches every one of these tasks.

    Raises:
        access.Forbidden: it does not reach one.
    """
    keys = [tick.task.pk for tick in ticks]
    if sum(len(access.visible(Task.objects.filter(pk__in=part).order_by(), by, HANDLE).values_list("pk")) for part in chunks(keys)) != len(keys):
        raise access.Forbidden(HANDLE, title_of(HANDLE))


def _works(ticks: Sequence[Tick]) -> list[tuple[Course, list[Tick]]]:
    """The tasks by their course, in the order in which they were ticked."""
    found: dict[int, tuple[Course, list[Tick]]] = {}
    for tick in ticks:
        _is_matter(tick.task)
        found.setdefault(tick.task.course_id, (tick.task.course, []))[1].append(tick)
    return list(found.values())


def _is_matter(task: Task) -> None:
    if task.course.subject_kind != SUBJECT:
        raise Refusal("no_way", [Message("这不是办件的环节", "this is no step of a case")])
    if task.key in (ACCEPT, DELIVER):
        raise Refusal("no_way", [Message("受理和发证要在各自的页上办", "acceptance and delivery are done as such")])


def _titled(result: Paper, task: Task) -> Paper:
    return Paper(value=result.value or task.step.label(), number=result.number, issued=result.issued, valid_until=result.valid_until, file_name=result.file_name, content=result.content)


@action(permission=HANDLE, event="case_delivered", on="task")
def deliver(*, task: Task, version: int, kind: str = TouchKind.COURIER, by: Person, reason: str = "") -> Done[Case]:
    """Give everything out at once: the case ends. How it reached the applicant counts as a contact.

    Raises:
        GateClosed, ChangedMeanwhile: as :func:`finish_matter`. Refusal: ``no_way``, ``invalid``, ``papers_owed``: what was let follow, or did not hold, is not there.
    """
    case = case_of(task)
    if task.key != DELIVER:
        raise Refusal("no_way", [Message("这一步不是发证", "this step is not the delivery")])
    if kind not in TouchKind.values:
        raise Refusal("invalid", [Message("请选送达方式", "say how it is delivered")], "kind")
    owed = [ask.entry for ask in View(by, case, clocks.today()).asks if ask.owed]
    if owed:
        raise Refusal("papers_owed", [Message(f"还有材料没有补齐、核对，不能发结果：{'、'.join(entry.label() for entry in owed)}",
                                              f"nothing is given out before these are in and verified: {', '.join(entry.label('en') for entry in owed)}")])
    moves.finish(course_of(case), [Tick(task, version)], by, clocks.today(), reason)
    Touch.objects.create(case=case, kind=kind, day=clocks.today(), what="送达结果", by=by)
    tell(case, ENDED, Message(f"办好了：{case.number}", f"Done: case {case.plain}"),
          Message(f"{case} 的 {len(case.matters)} 个事项全部办结，结果已送出。", f"All {len(case.matters)} matters of case {case.plain} are done, the results are on their way."), by)
    return Done(case, after={"kind": kind}, related=[course_of(case)])


@action(permission=HANDLE, event="case_touched", on="case")
def note_touch(*, case: Case, kind: str, what: str, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Case]:
    """Note a contact that happened; a visit is a trip.

    Raises:
        Refusal: ``invalid`` with its field, ``bad_day``.
    """
    if kind not in TouchKind.values:
        raise Refusal("invalid", [Message("请选方式", "say how")], "kind")
    if not 2 <= len(what.strip()) <= 200:
        raise Refusal("invalid", [Message("请写为了什么，2 到 200 字", "say what for, in 2 to 200 characters")], "what")
    Touch.objects.create(case=case, kind=kind, day=moves.reached(day), what=what.strip(), by=by)
    return Done(case, after={"kind": kind})


@action(permission=RATE, event="case_rated", on="case")
def rate_case(*, case: Case, stars: int, words: str = "", by: Person) -> Done[Case]:
    """The applicant says how it was, once, after the end.

    Raises:
        Refusal: ``not_ended``, ``rated``, ``invalid``.
    """
    if not 1 <= stars <= 5 or len(words) > 500:
        raise Refusal("invalid", [Message("请选 1 到 5 星，意见最多 500 字", "1 to 5 stars, and up to 500 characters")], "stars")
    if course_of(case).ended_at is None:
        raise Refusal("not_ended", [Message("办结之后才能评价", "it can be rated once it has ended")])
    if Rating.objects.filter(case=case).exists():
        raise Refusal("rated", [Message("已经评价过了", "it has been rated")])
    Rating.objects.create(case=case, stars=stars, words=words.strip(), by=by)
    return Done(case, after={"stars": stars})
