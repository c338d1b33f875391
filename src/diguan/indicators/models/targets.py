"""方案、任务、目标: what the county set itself, who answers for it, and by when. A figure is reached when the rows say so, a task when another person has verified it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class PlanKind(models.TextChoices):
    """What sort of document a plan is. All hold tasks and targets alike."""

    ACTIONS = "actions", _("专项行动")
    MEASURES = "measures", _("措施清单")
    YEAR = "year", _("年度目标")


class Plan(Record):
    """方案: 五大行动、30 条措施、年度目标. ``source`` is the document it comes from; ``provisional``: nobody has held it against the official text."""

    code = models.SlugField(_("代号"), max_length=60, unique=True)
    kind = models.CharField(_("类别"), max_length=10, choices=PlanKind.choices)
    name = models.CharField(_("方案名称"), max_length=100)
    year = models.PositiveSmallIntegerField(_("年度"))
    source = models.CharField(_("依据"), max_length=200)
    provisional = models.BooleanField(_("未与正式文本核对"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "indicators.view_plan"

    class Meta:
        ordering: ClassVar = ["-year", "id"]

    def __str__(self) -> str:
        return self.name


class TaskState(models.TextChoices):
    """Whether it is done. That it is late follows from its day and is never stored."""

    OPEN = "open", _("在办")
    DONE = "done", _("已完成")
    DROPPED = "dropped", _("不再办")


class Task(Record):
    """任务: one line of a plan. ``owner_unit`` answers for it, ``owner`` carries it out. It is done once a note that says so was verified (``done_on`` is that day)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("方案"))
    number = models.PositiveIntegerField(_("序号"))
    section = models.CharField(_("所属行动"), max_length=60, blank=True)
    text = models.CharField(_("任务"), max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("责任人"))
    due_on = models.DateField(_("完成时限"), db_index=True)
    state = models.CharField(_("状态"), max_length=8, choices=TaskState.choices, default=TaskState.OPEN, db_index=True)
    done_on = models.DateField(_("完成日期"), null=True, editable=False)
    dropped_why = models.CharField(_("为什么不再办"), max_length=200, blank=True)
    soon_told_on = models.DateField(null=True, editable=False)
    late_told_on = models.DateField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_person: ClassVar[str | None] = "owner"
    view_permission: ClassVar[str | None] = "indicators.view_plan"

    class Meta:
        ordering: ClassVar = ["plan", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="task_numbered_once"),
            models.CheckConstraint(condition=Q(owner_unit__isnull=False), name="task_has_an_owner"),
            models.CheckConstraint(condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on__isnull=True)), name="task_done_on_a_day"),
            models.CheckConstraint(condition=~Q(state="dropped") | ~Q(dropped_why=""), name="task_dropped_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:40]}"


class NoteState(models.TextChoices):
    """What another person made of it."""

    ENTERED = "entered", _("待核实")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("已驳回")


class ProgressNote(Record):
    """进展: what was done of a task on a day. One that says it is ``finished`` needs a file and makes the task done once another person verified it."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="notes", verbose_name=_("任务"))
    on = models.DateField(_("日期"))
    said = models.CharField(_("进展"), max_length=500)
    finished = models.BooleanField(_("任务已完成"), default=False)
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("佐证材料"))
    state = models.CharField(_("状态"), max_length=8, choices=NoteState.choices, default=NoteState.ENTERED, db_index=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核实人"))
    decided_on = models.DateField(_("核实日期"), null=True)
    decision = models.CharField(_("原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "task__owner_unit"
    scope_person: ClassVar[str | None] = "task__owner"
    view_permission: ClassVar[str | None] = "indicators.view_plan"

    class Meta:
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")), name="note_verified_by_another"),
            models.CheckConstraint(condition=~Q(state="verified") | Q(verified_by__isnull=False, decided_on__isnull=False, proof__isnull=False), name="note_verified_with_proof"),
            models.CheckConstraint(condition=Q(finished=False) | Q(proof__isnull=False), name="note_finished_with_proof"),
            models.UniqueConstraint(fields=["task"], condition=Q(finished=True, state__in=("entered", "verified")), name="note_finishes_once"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.said[:40]}"


class Target(Record):
    """目标: what an indicator shall be in a year. ``value`` is in storage units of ``unit`` (fen, basis points, persons …).

    ``indicator`` is a code of ``indicators.yaml``; where no pack has it yet, ``awaits`` says what it waits for, and there are no rows:
    neither nought nor an error. ``dim`` and ``group`` name one part of a breakdown; empty: everything.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="targets", verbose_name=_("方案"))
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="targets", null=True, blank=True, verbose_name=_("任务"))
    indicator = models.CharField(_("指标代码"), max_length=80, db_index=True)
    dim = models.CharField(_("分组"), max_length=40, blank=True)
    group = models.CharField(_("组"), max_length=60, blank=True)
    title = models.CharField(_("目标"), max_length=100)
    year = models.PositiveSmallIntegerField(_("年度"))
    direction = models.CharField(_("方向"), max_length=4, choices=[("up", _("不低于")), ("down", _("不高于"))], default="up")
    value = models.BigIntegerField(_("目标值"))
    unit = models.CharField(_("计量单位"), max_length=20)
    weight = models.PositiveSmallIntegerField(_("权重"), default=1)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("责任人"))
    due_on = models.DateField(_("完成时限"), db_index=True)
    source = models.CharField(_("依据"), max_length=200)
    provisional = models.BooleanField(_("未与正式文本核对"), default=True)
    awaits = models.CharField(_("等什么"), max_length=200, blank=True)
    dropped_why = models.CharField(_("为什么撤回"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_person: ClassVar[str | None] = "owner"
    view_permission: ClassVar[str | None] = "indicators.view_plan"

    class Meta:
        ordering: ClassVar = ["-year", "plan", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "indicator", "dim", "group", "year"], condition=Q(dropped_why=""), name="target_once"),
            models.CheckConstraint(condition=Q(owner_unit__isnull=False), name="target_has_an_owner"),
            models.CheckConstraint(condition=Q(value__gte=0), name="target_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.year}"
