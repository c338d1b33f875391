"""Rows of stages: the frozen version, the course of one subject, its tasks, who moved what, the clocks, what was waived.

A course keeps no state of its own: its stage or progress follows from its tasks. ``moves`` is bumped by every command and is
what commands of one course queue at; ``version`` changes with status and owner alone. A task is locked by its own version.
"""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from diguan.kernel import clocks
from diguan.kernel.events import AppendOnlyModel
from diguan.kernel.records import Record
from diguan.kernel.stages import shelf
from diguan.kernel.stages.tree import ACTIVE, Flow, Step


class FlowVersion(models.Model):
    """A flow's text as courses froze it; never changed."""

    flow = models.SlugField("流程", max_length=60)
    sha256 = models.CharField("摘要", max_length=64, unique=True)
    text = models.TextField("原文")
    kept_at = models.DateTimeField("存档时间", default=clocks.now, editable=False)

    class Meta:
        ordering: ClassVar = ["flow", "-id"]

    def __str__(self) -> str:
        return f"{self.flow} {self.sha256[:12]}"

    @property
    def parsed(self) -> Flow:
        """The typed tree; read once in a process."""
        return shelf.frozen(self.sha256, lambda: self.text)


class Course(Record):
    """办理: one subject's way through one frozen version of a flow."""

    flow = models.SlugField("流程", max_length=60)
    frozen = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="courses", verbose_name="流程版本")
    subject_kind = models.SlugField("主体类别", max_length=40)
    subject_id = models.CharField("主体编号", max_length=80)
    title = models.CharField("名称", max_length=200)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    status = models.SlugField("状态", max_length=60, default=ACTIVE)
    version = models.PositiveIntegerField(default=1, editable=False)
    moves = models.PositiveIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)

    scope_uscc: ClassVar[str | None] = "uscc"
    view_permission: ClassVar[str | None] = "stages.view_course"

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id"], name="course_of_subject")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "subject_kind", "subject_id"], condition=Q(ended_at__isnull=True), name="course_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"

    @cached_property
    def tree(self) -> Flow:
        """The flow as this course froze it."""
        return self.frozen.parsed


class TaskState(models.TextChoices):
    """Where a task is. A stage of a pipeline is a task that is open while the course is in it."""

    WAITING = "waiting", "未开始"
    OPEN = "open", "办理中"
    DONE = "done", "已完成"
    SKIPPED = "skipped", "不需办理"
    RETURNED = "returned", "已退回"
    CANCELLED = "cancelled", "已取消"


class Task(models.Model):
    """环节: one step of a course. ``waiting`` counts the tasks before it that are not done; ``visit`` the times a stage was entered.

    ``due`` is kept for lists and follows from the clock's entries; ``calendar`` names the calendar it was reckoned by.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="tasks")
    key = models.SlugField("环节", max_length=60)
    visit = models.PositiveSmallIntegerField(default=1)
    state = models.CharField("状态", max_length=10, choices=TaskState.choices, default=TaskState.WAITING)
    waiting = models.PositiveSmallIntegerField("还等几步", default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    owner_unit = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="承办单位")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="承办人")
    due = models.DateField("截止", null=True, blank=True)
    calendar = models.CharField(max_length=12, blank=True)
    opened_at = models.DateTimeField("开始时间", null=True, blank=True)
    closed_at = models.DateTimeField("完成时间", null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="办理人")

    scope_unit: ClassVar[str | None] = "owner_unit"
    scope_uscc: ClassVar[str | None] = "course__uscc"
    scope_person: ClassVar[str | None] = "owner"
    view_permission: ClassVar[str | None] = "stages.view_course"

    class Meta:
        ordering: ClassVar = ["course", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "due"], name="task_due"), models.Index(fields=["course", "state"], name="task_of_course")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "key", "visit"], name="task_once"),
            models.CheckConstraint(condition=Q(state="waiting") | Q(waiting=0) | Q(state="cancelled"), name="task_open_waits_for_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}:{self.key}"

    @property
    def step(self) -> Step:
        """What the flow says of it."""
        return self.course.tree.step[self.key]


class Passage(AppendOnlyModel):
    """流转: who moved what from where to where, when, why, on what day, and what the gate saw (``judged``: item → state or waiver)."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="passages")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="passages", null=True)
    kind = models.SlugField("动作", max_length=20)
    source = models.SlugField("自", max_length=60, blank=True)
    target = models.SlugField("至", max_length=60, blank=True)
    day = models.DateField("日期")
    at = models.DateTimeField("时间", default=clocks.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name="办理人")
    reason = models.CharField("理由", max_length=500, blank=True)
    judged = models.JSONField("关口所见", default=dict)

    class Meta:
        ordering: ClassVar = ["course", "id"]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.source} → {self.target}"


class ClockEntry(AppendOnlyModel):
    """One thing done to a clock of a task; ``target`` is the step the clock leads to. Where it stands is worked out (``clocks.read``)."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="clock_entries")
    target = models.SlugField("至", max_length=60)
    kind = models.SlugField("动作", max_length=10)
    day = models.DateField("日期")
    days = models.PositiveSmallIntegerField("工作日", default=0)
    basis = models.CharField("依据", max_length=300, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name="申请人")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name="批准人")
    at = models.DateTimeField("时间", default=clocks.now)

    class Meta:
        ordering: ClassVar = ["task", "target", "id"]

    def __str__(self) -> str:
        return f"{self.task_id} {self.target} {self.kind}"


class Waiver(AppendOnlyModel):
    """免予提供: one item of one gate that need not be met, by whom and why."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="waivers")
    target = models.SlugField("至", max_length=60)
    item = models.SlugField("条件", max_length=60)
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="批准人")
    at = models.DateTimeField("时间", default=clocks.now)

    class Meta:
        ordering: ClassVar = ["task", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "target", "item"], name="waiver_once")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.target} {self.item}"
