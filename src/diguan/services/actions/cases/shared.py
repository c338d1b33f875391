"""What the writes of cases share: the case of a step, its course, a notice to its enterprise."""

from __future__ import annotations

from diguan.kernel.access.models import Person
from diguan.kernel.actions import Refusal
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft as NoticeDraft
from diguan.kernel.rows import Prepared
from diguan.kernel.stages.models import Course, Task
from diguan.services.engine.caseflow import SUBJECT
from diguan.services.models import Case


def case_of(task: Task) -> Case:
    """The case of one of its steps.

    Raises:
        Refusal: ``no_way``: it is a step of something else.
    """
    if task.course.subject_kind != SUBJECT:
        raise Refusal("no_way", [Message("这不是办件的环节", "this is no step of a case")])
    case = Case.from_db("default", _CASE, _CASE_OF.rows(task.course_id)[0])
    case.course = task.course  # what may have changed of it is judged in its row, by the lock
    return case


_CASE = [field.attname for field in Case._meta.concrete_fields]
_CASE_OF = Prepared(lambda course: Case.objects.filter(course=course).order_by().values_list(*_CASE), 900_001)


def course_of(case: Case) -> Course:
    """The course of a case."""
    assert case.course is not None  # every case has one
    return case.course


def tell(case: Case, kind: str, title: Message, body: Message, by: Person) -> None:
    """Tell the enterprise of its case."""
    if case.uscc:  # who founds one has no box yet
        notices.write(drafts=[NoticeDraft(kind, ("case", str(case.pk)), title, body, uscc=case.uscc)], by=by)
