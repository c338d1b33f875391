"""Writes of joint reviews: begun on a project, an opinion of each bureau, the meeting. The moving is the stages' own."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as papers
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.models import Course, Task
from diguan.projects.models import REVIEW, JointReview, Opinion, Project
from diguan.projects.queries.access import ENTER
from diguan.projects.queries.joint import FLOW, GIVE, MEETING

PAPER = "joint_opinion"
HAVE_RIGHT = frozenset({GIVE})


@action(permission=ENTER, event="joint_review_started", on="project")
def start_joint(*, project: Project, asked: str = "", by: Person, reason: str = "") -> Done[JointReview]:
    """Ask every bureau of the flow to look at a project at the same time.

    Raises:
        Refusal: ``open_already``: one is under way; ``invalid``.
    """
    if len(asked) > 500:
        raise Refusal("invalid", [Message("最多 500 字", "500 characters at most")], "asked")
    assert project.course is not None
    Course.objects.filter(pk=project.course.pk).update(moves=F("moves") + 1)  # who begins another at the same time queues here
    if JointReview.objects.filter(project=project, course__ended_at__isnull=True).exists():
        raise Refusal("open_already", [Message("这个项目已有一次联合审查在办", "a joint review of this project is under way")])
    row = JointReview.objects.create(project=project, asked=asked.strip(), started_on=clocks.today(), owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    row.course = moves.start(moves.flow_named(FLOW), moves.About(REVIEW, str(row.pk), str(project), owner_unit=project.owner_unit_id), by, clocks.today(), reason)
    row.save(update_fields=["course"])
    return Done(row, after={"project": project.number, "asked": row.asked}, related=[project, row.course])


@action(permission=GIVE, event="joint_opinion_given", on="task")
def give_opinion(*, task: Task, version: int, verdict: str, words: str, paper: papers.Paper | None = None, by: Person, day: dt.date | None = None, reason: str = "") -> Done[JointReview]:
    """A bureau's opinion ends its task; when the last is in, the meeting opens.

    Raises:
        access.Forbidden: the task is another bureau's.
        ChangedMeanwhile: somebody of the bureau was quicker.
        Refusal: ``no_way``: it is no bureau's task; ``invalid`` (field named), ``bad_day``.
    """
    row = _review_of(task)
    if task.key == MEETING:
        raise Refusal("no_way", [Message("会商不是部门意见", "the meeting is no bureau's opinion")])
    if verdict not in Opinion.Verdict.values:
        raise Refusal("invalid", [Message("请选意见", "choose an opinion")], "verdict")
    if not 2 <= len(words.strip()) <= 500:
        raise Refusal("invalid", [Message("请写理由和条件，2 到 500 字", "give reasons and conditions, in 2 to 500 characters")], "words")
    unit = task.owner_unit_id or access.unit_of(by)
    kept = papers.put(entry=PAPER, about=papers.About(REVIEW, str(row.pk), owner_unit=unit), paper=paper, by=by) if paper else None
    when = moves.reached(day)
    moves.finish(_course(row), [Tick(task, version)], by, when, words, rights=HAVE_RIGHT)
    Opinion.objects.create(review=row, task=task, verdict=verdict, words=words.strip(), paper=kept, on=when, owner_unit_id=unit, created_by=by, changed_by=by)
    return Done(row, after={"task": task.key, "verdict": verdict}, related=[_course(row), row.project, *([kept] if kept else [])])


@action(permission=ENTER, event="joint_review_closed", on="review")
def close_joint(*, review: JointReview, version: int, conclusion: str, by: Person, reason: str = "") -> Done[JointReview]:
    """Write down what the meeting came to; it ends the joint review. ``version`` is the meeting's.

    Raises:
        GateClosed, ChangedMeanwhile: a bureau is still to come, or somebody was quicker.
        Refusal: ``not_open``, ``invalid``.
    """
    if not 2 <= len(conclusion.strip()) <= 500:
        raise Refusal("invalid", [Message("请写会商结论，2 到 500 字", "write the conclusion, in 2 to 500 characters")], "conclusion")
    course = _course(review)
    task = Task.objects.get(course=course, key=MEETING)
    if task.waiting:
        raise Refusal("not_open", [Message(f"还有 {task.waiting} 个部门没有提出意见", f"{task.waiting} bureaus have not given their opinion")])
    moves.finish(course, [Tick(task, version)], by, clocks.today(), conclusion)
    JointReview.objects.filter(pk=review.pk).update(conclusion=conclusion.strip(), changed_by=by, changed_at=clocks.now())
    review.refresh_from_db()
    return Done(review, after={"conclusion": review.conclusion}, related=[course, review.project])


def _review_of(task: Task) -> JointReview:
    if task.course.subject_kind != REVIEW:
        raise Refusal("no_way", [Message("这不是联合审查的环节", "this is no task of a joint review")])
    return JointReview.objects.select_related("project", "course__frozen").get(course=task.course_id)


def _course(row: JointReview) -> Course:
    assert row.course is not None
    return row.course
