"""准入评审 and 联合审查: what was filled in by one, verified by another, decided by a third; and the opinions of the bureaus."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record
from diguan.projects.models.projects import Project

REVIEW = "project_review"
"""The kind of subject a joint review is: of its course and its evidence."""


class AccessReview(Record):
    """One access review of a project. ``standard`` is the very text it is judged by, ``basis`` what the project said when it was filled in.

    Once verified, its answers stay; who changes them begins a new review, and the newest one counts.
    """

    class State(models.TextChoices):
        ENTERED = "entered", _("待核实")
        VERIFIED = "verified", _("已核实，待上会")
        DECIDED = "decided", _("已决定")

    class Decision(models.TextChoices):
        PASSED = "passed", _("通过")
        REFUSED = "refused", _("不通过")
        RETURNED = "returned", _("退回补充")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="access_reviews")
    standard_name = models.CharField(_("标准版本"), max_length=40)
    standard = models.JSONField(_("标准原文"), default=dict)
    day = models.DateField(_("按哪天的名单"))
    basis = models.JSONField(_("填报时项目的情况"), default=dict)
    answers = models.JSONField(_("填报"), default=dict)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ENTERED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("填报人"))
    enterers = models.JSONField(_("填报过的人"), default=list)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核实人"))
    met_on = models.DateField(_("评审会日期"), null=True, blank=True)
    members = models.CharField(_("参会单位和人员"), max_length=500, blank=True)
    minutes = models.ForeignKey("kernel.Evidence", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("会议纪要"))
    decision = models.CharField(_("决定"), max_length=10, choices=Decision.choices, blank=True)
    conditions = models.CharField(_("条件或要补充的"), max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("决定人"))
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "projects.view_review"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")), name="access_review_verified_by_another"),
            models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("entered_by")), name="access_review_decided_by_another"),
            models.CheckConstraint(condition=~Q(state="decided") | (Q(decided_by__isnull=False, decided_on__isnull=False, met_on__isnull=False, minutes__isnull=False) & ~Q(decision="")), name="access_review_decided_whole"),
            models.UniqueConstraint(fields=["project"], condition=~Q(state="decided"), name="access_review_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.get_state_display()}"


class JointReview(Record):
    """联合审查: the bureaus look at a project side by side; each has a task of its own, the meeting comes when all are done."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="joint_reviews")
    course = models.OneToOneField("kernel.Course", on_delete=models.PROTECT, related_name="joint_review", null=True)
    asked = models.CharField(_("请看什么"), max_length=500, blank=True)
    conclusion = models.CharField(_("会商结论"), max_length=500, blank=True)
    started_on = models.DateField(_("发起"))

    view_permission: ClassVar[str | None] = "projects.view_review"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.project}"


class Opinion(Record):
    """One bureau's opinion in a joint review, with its paper if it gave one."""

    class Verdict(models.TextChoices):
        AGREED = "agreed", _("同意")
        CONDITIONAL = "conditional", _("有条件同意")
        OBJECTED = "objected", _("不同意")

    review = models.ForeignKey(JointReview, on_delete=models.PROTECT, related_name="opinions")
    task = models.OneToOneField("kernel.Task", on_delete=models.PROTECT, related_name="opinion")
    verdict = models.CharField(_("意见"), max_length=12, choices=Verdict.choices)
    words = models.CharField(_("理由和条件"), max_length=500)
    paper = models.ForeignKey("kernel.Evidence", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("意见书"))
    on = models.DateField(_("日期"))

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.get_verdict_display()}"
