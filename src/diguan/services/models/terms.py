"""What has a day of its own in a case: more days asked for and decided, promises to be checked, and what somebody was told of a day that comes near."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks


class Extension(models.Model):
    """延期申请: a bureau asks for more days for one step, somebody else decides; what was granted is an entry of the step's clock."""

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked", _("等批准")
        GRANTED = "granted", _("已批准")
        REFUSED = "refused", _("不批准")

    case = models.ForeignKey("services.Case", on_delete=models.PROTECT, related_name="extensions")
    task = models.ForeignKey("kernel.Task", on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("延长的工作日"))
    basis = models.CharField(_("法律依据"), max_length=300)
    reason = models.CharField(_("理由"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(default=clocks.now)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("决定人"))
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(_("决定的理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "task__owner_unit"
    scope_uscc: ClassVar[str | None] = "case__uscc"
    scope_person: ClassVar[str | None] = "asked_by"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task"], condition=Q(state="asked"), name="extension_asked_once"),
            models.CheckConstraint(condition=Q(days__gte=1), name="extension_some_days"),
            models.CheckConstraint(condition=Q(state="asked", decided_by=None) | (~Q(state="asked") & Q(decided_by__isnull=False) & ~Q(decided_by=models.F("asked_by"))), name="extension_decided_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.task_id} {self.days}"


class Commitment(models.Model):
    """告知承诺: a paper that was replaced by a promise. It is not verified until somebody has looked, by a day that counts from acceptance."""

    class State(models.TextChoices):
        """What is known of it."""

        UNVERIFIED = "unverified", _("未核查")
        HOLDS = "holds", _("核查属实")
        FAILED = "failed", _("核查不实")
        DECLINED = "declined", _("不适用，要交材料")

    case = models.ForeignKey("services.Case", on_delete=models.PROTECT, related_name="commitments")
    entry = models.SlugField(_("代替的材料"), max_length=60)
    matter = models.SlugField(_("核查的事项"), max_length=60)
    unit = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核查单位"))
    evidence = models.OneToOneField("kernel.Evidence", on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("核查期限"))
    due = models.DateField(_("最晚核查"), null=True)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.UNVERIFIED)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核查人"))
    checked_on = models.DateField(_("核查日期"), null=True)
    reason = models.CharField(_("核查情况"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "unit"
    scope_uscc: ClassVar[str | None] = "case__uscc"
    scope_person: ClassVar[str | None] = "checked_by"

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state", "due"], name="commitment_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "entry"], name="committed_once"),
            models.CheckConstraint(condition=Q(state="unverified", checked_by=None, checked_on=None) | (~Q(state="unverified") & Q(checked_by__isnull=False, checked_on__isnull=False)), name="commitment_checked_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.entry}"


class CaseWarning(models.Model):
    """What somebody was told of a day that comes near or is past: once for each step or check, each colour and each due date."""

    class Colour(models.TextChoices):
        """How urgent it is; what is escalated is red and has gone to whoever leads."""

        YELLOW = "yellow", _("快到期")
        RED = "red", _("超期")
        ESCALATED = "escalated", _("超期已上报")

    case = models.ForeignKey("services.Case", on_delete=models.PROTECT, related_name="warnings")
    task = models.ForeignKey("kernel.Task", on_delete=models.PROTECT, related_name="+", null=True)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="+", null=True)
    colour = models.CharField(_("颜色"), max_length=10, choices=Colour.choices)
    due = models.DateField(_("最晚"))
    told = models.JSONField(_("通知"), default=list)
    ended = models.BooleanField(default=False)
    at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["ended"], name="warning_running")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "colour", "due"], name="warned_once_of_task"),
            models.UniqueConstraint(fields=["commitment", "colour", "due"], name="warned_once_of_check"),
            models.CheckConstraint(condition=Q(task=None, commitment__isnull=False) | Q(task__isnull=False, commitment=None), name="warning_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.colour} {self.due}"
