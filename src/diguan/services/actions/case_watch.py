"""The watch over days of cases: who is responsible is told once in yellow and once in red, whoever leads once of what is late.

It runs with everything that is due (``diguan tick``, the worker of ``serve``), case by case, each in a transaction of its own: a case
that fails is logged and tried again the next time, the others go on. Run twice, or after a kill, it tells nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from django.db import IntegrityError

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.stages.models import Task
from diguan.services.engine import caseterms
from diguan.services.engine.caseterms import RED
from diguan.services.models import Case, CaseWarning, Commitment
from diguan.services.queries import case_terms as terms
from diguan.services.queries.case_terms import OVERSEE

log = logging.getLogger("diguan.services")
SOON, LATE, ESCALATED = "services.case_due_soon", "services.case_late", "services.case_escalated"
KINDS = {CaseWarning.Colour.YELLOW: SOON, CaseWarning.Colour.RED: LATE, CaseWarning.Colour.ESCALATED: ESCALATED}
WORDS = {CaseWarning.Colour.YELLOW: Message("快到期", "Due soon"), CaseWarning.Colour.RED: Message("已超期", "Late"), CaseWarning.Colour.ESCALATED: Message("超期上报", "Late, brought to you")}


class _Nothing(Exception):
    """There is nothing new; the transaction leaves no trace."""


def warn_due() -> int:
    """What the clock does, in the name of whoever longest oversees the county's cases; answers in how many cases something was told or ended."""
    numbers = terms.to_watch(clocks.today())
    if not numbers:
        return 0
    try:
        by = access.acting_person(None, OVERSEE, "services.handle_case")
    except Refusal:
        return 0
    return sum(_warned(number, by) for number in numbers)


def _warned(number: int, by: Person) -> int:
    try:
        warn_case(case=Case.objects.select_related("course__frozen", "owner_unit").get(pk=number), by=by)
    except (_Nothing, IntegrityError):  # nothing new, or somebody else has told it this moment
        return 0
    except Exception:  # one case that cannot be read must not keep the others from their warnings
        log.exception("the days of case %s could not be watched; it is done again the next time", number)
        return 0
    return 1


@action(permission=OVERSEE, event="case_warned", on="case")
def warn_case(*, case: Case, by: Person) -> Done[Case]:
    """Tell of one case what is new about its days, and end what no longer holds."""
    day = clocks.today()
    tasks = list(terms.near(day).filter(course=case.course_id).select_related("owner", "owner_unit").order_by("id"))
    checks = list(terms.checks_near(day).filter(case=case).order_by("id"))
    over = _end([row for row in case.warnings.filter(ended=False) if not _holds(row, tasks, checks)], by)
    told = [one for task in tasks for one in _of_task(case, task, by)] + [one for check in checks for one in _of_check(case, check, by)]
    if not told and not over:
        raise _Nothing
    return Done(case, after={"told": [f"{row.colour} {row.due}" for row in told], "over": over})


def _holds(row: CaseWarning, tasks: Sequence[Task], checks: Sequence[Commitment]) -> bool:
    return any(row.task_id == task.pk and row.due == task.due for task in tasks) or any(row.commitment_id == check.pk and row.due == check.due for check in checks)


def _end(rows: Sequence[CaseWarning], by: Person) -> int:
    if rows:
        notices.end(numbers=[number for row in rows for number in row.told], by=by)
        CaseWarning.objects.filter(pk__in=[row.pk for row in rows]).update(ended=True)
    return len(rows)


def _of_task(case: Case, task: Task, by: Person) -> list[CaseWarning]:
    assert case.course is not None  # every case has one
    task.course = case.course
    what = Message(task.step.label(), task.step.label("en"))
    return _new(case, terms.shade_of(task, clocks.today()), CaseWarning(case=case, task=task, due=task.due or clocks.today()), what, terms.responsible(task), by)


def _of_check(case: Case, check: Commitment, by: Person) -> list[CaseWarning]:
    shade = caseterms.shade(check.due, check.days, clocks.today(), packs.calendar())
    what = Message("核查告知承诺", "check of a commitment")
    return _new(case, shade, CaseWarning(case=case, commitment=check, due=check.due or clocks.today()), what, terms.officers(terms.HANDLE, check.unit_id), by)


def _new(case: Case, shade: str, about: CaseWarning, what: Message, officers: Sequence[Person], by: Person) -> list[CaseWarning]:
    """One warning for each colour it has and has not had for this day."""
    wanted: dict[str, Sequence[Person]] = {shade: officers} if shade else {}
    if shade == RED:
        wanted[CaseWarning.Colour.ESCALATED] = terms.leading(case, officers)
    known = set(CaseWarning.objects.filter(task=about.task, commitment=about.commitment, due=about.due).values_list("colour", flat=True))
    return [_tell(case, CaseWarning(case=case, task=about.task, commitment=about.commitment, due=about.due, colour=colour), what, people, by) for colour, people in wanted.items() if colour not in known]


def _tell(case: Case, row: CaseWarning, what: Message, people: Iterable[Person], by: Person) -> CaseWarning:
    """The row first: who lost the race to write it tells nobody."""
    row.save(force_insert=True)
    colour = CaseWarning.Colour(row.colour)
    word, plain = WORDS[colour], case.plain
    body = Message(f"{case}“{what.zh}”最晚 {row.due}，{word.zh}。", f"Case {plain}, {what.en}, was or is due on {row.due}: {word.en}.")
    drafts = [Draft(KINDS[colour], ("case_warning", str(row.pk)), Message(f"{word.zh}：{case.number} {what.zh}", f"{word.en}: case {plain}, {what.en}"), body, person=person, link=case.address)
              for person in people]
    row.told = [notice.pk for notice in notices.write(drafts=drafts, by=by)]
    CaseWarning.objects.filter(pk=row.pk).update(told=row.told)
    return row
