"""Steps of many cases to be done at once: which wait for a person's office, what each is to give out, what stands in its way, who was there first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.stages.models import Passage, Task, TaskState
from diguan.services.engine.caseflow import ACCEPT, DELIVER, HANDLE, SUBJECT
from diguan.services.models import MatterVersion
from diguan.services.queries import cases


@dataclass(frozen=True)
class Row:
    """One step. ``gives`` are the results its matter gives out; ``paused``: its term stands still, it cannot be done before that ends."""

    task: Task
    gives: tuple[str, ...]
    paused: bool

    @property
    def value(self) -> str:
        """How a form names it: the task and the version that was read."""
        return f"{self.task.pk}:{self.task.version}"


def steps(person: Person) -> list[str]:
    """The keys of the matters that wait for this person's office."""
    return sorted(set(cases.open_tasks(person).exclude(key__in=(ACCEPT, DELIVER)).order_by().values_list("key", flat=True)))


def waiting(person: Person, step: str, most: int) -> list[Row]:
    """The steps of one matter, or of any, that wait for this person's office, soonest first."""
    rows = cases.open_tasks(person).exclude(key__in=(ACCEPT, DELIVER))
    return _rows(list((rows.filter(key=step) if step else rows)[:most]))


def chosen(person: Person, numbers: Iterable[int]) -> list[Row]:
    """These of them, in the list's order."""
    found = [task for part in chunks(list(numbers)) for task in cases.open_tasks(person).exclude(key__in=(ACCEPT, DELIVER)).filter(pk__in=part)]
    return _rows(found)


def _rows(tasks: Sequence[Task]) -> list[Row]:
    known = MatterVersion.objects.filter(matter__key__in={task.key for task in tasks}, published=True).select_related("matter").order_by("number")  # also of what was retired since
    gives = {version.matter.key: tuple(str(one["name"]) for one in version.content["results"]) for version in known}
    return [Row(task, gives.get(task.key, ()), task.due is None and task.step.gate.term is not None) for task in tasks]


def first_there(person: Person, number: int) -> Message | None:
    """Who did a step of a case meanwhile, and when; None where it is not done, or not of this person's office."""
    mine = access.visible(Task.objects.filter(pk=number, course__subject_kind=SUBJECT), person, HANDLE)
    passage = Passage.objects.select_related("by").filter(task__in=mine).exclude(task__state=TaskState.OPEN).order_by("-id").first()
    if passage is None:
        return None
    name = passage.by.name if passage.by else ""
    return Message(f"{name}在 {passage.day} 已经办结了这一项", f"{name} did this one on {passage.day}")
