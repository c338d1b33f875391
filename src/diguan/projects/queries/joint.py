"""Reads of joint reviews: which a person may see (their bureau has a task in it, or they see the project), where each stands, what is in the way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message
from diguan.kernel.stages.models import Task, TaskState
from diguan.projects.models import JointReview, Opinion, Project
from diguan.projects.queries.access import ENTER, VIEW

GIVE = "projects.give_opinion"
FLOW = "project_review"
MEETING = "meeting"


def visible_joints(person: Person) -> QuerySet[JointReview]:
    """The joint reviews a person may see: those their right reaches, and those in which their unit has a task."""
    tasks = access.visible(Task.objects.filter(course__flow=FLOW), person, VIEW).order_by().values("course")
    mine = access.visible(JointReview.objects.all(), person, VIEW).order_by().values("pk")
    return JointReview.objects.filter(Q(pk__in=mine) | Q(course__in=tasks)).select_related("project", "course__frozen", "created_by").order_by("-id")


@dataclass(frozen=True)
class Part:
    """One bureau's task with its opinion, where it gave one; ``mine``: this person may give it now."""

    task: Task
    opinion: Opinion | None
    mine: bool


@dataclass(frozen=True)
class JointView:
    """One joint review as a person sees it."""

    person: Person
    row: JointReview
    day: dt.date

    @cached_property
    def tasks(self) -> list[Task]:
        """Its tasks in the order of the flow."""
        assert self.row.course is not None
        rows = list(Task.objects.filter(course=self.row.course).select_related("owner_unit", "closed_by").order_by("id"))
        for task in rows:
            task.course = self.row.course
        return rows

    @cached_property
    def parts(self) -> list[Part]:
        """The bureaus, each with its opinion."""
        opinions = {one.task_id: one for one in Opinion.objects.filter(review=self.row).select_related("created_by", "paper__upload")}
        return [Part(task, opinions.get(task.pk), task.state == TaskState.OPEN and access.may(self.person, GIVE, task)) for task in self.tasks if task.key != MEETING]

    @property
    def meeting(self) -> Task:
        """The meeting, which opens when every bureau is done."""
        return next(task for task in self.tasks if task.key == MEETING)

    @property
    def may_close(self) -> bool:
        """Whether this person may write down what the meeting came to."""
        return self.meeting.state == TaskState.OPEN and access.may(self.person, ENTER, self.row)


def find(person: Person, number: int) -> JointView | None:
    """The joint review of this number, if the person may see it."""
    row = visible_joints(person).filter(pk=number).first()
    return JointView(person, row, clocks.today()) if row else None


def in_the_way(project: int) -> list[Message]:
    """What of a project's newest joint review stands in the way of passing it: it is open, or a bureau objects."""
    row = JointReview.objects.filter(project=project).select_related("course").order_by("-id").first()
    if row is None or row.course is None:
        return []
    if row.course.ended_at is None:
        return [Message("联合审查还没有结束", "the joint review is not over")]
    objecting = Opinion.objects.filter(review=row, verdict=Opinion.Verdict.OBJECTED).select_related("task__course__frozen")
    return [Message(f"联合审查不同意：{one.task.step.label()}", f"objected in the joint review: {one.task.step.label('en')}") for one in objecting]


def panel(person: Person, project: Project) -> dict[str, Any] | None:
    """What the project's page shows of its joint reviews."""
    rows = list(visible_joints(person).filter(project=project)[:5])
    may_start = access.may(person, ENTER, project) and all(row.course is not None and row.course.ended_at is not None for row in rows)
    return {"project": project, "joints": [{"row": row, "done": _done(row)} for row in rows], "may_start": may_start}


def _done(row: JointReview) -> tuple[int, int]:
    states = list(Task.objects.filter(course=row.course_id).exclude(key=MEETING).values_list("state", flat=True))
    return sum(state == TaskState.DONE for state in states), len(states)
