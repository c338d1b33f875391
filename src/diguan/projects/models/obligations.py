"""履约: what each side of an agreement owes by a day, and checks of what was built and produced against what was promised."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record
from diguan.projects.models.agreements import Agreement
from diguan.projects.models.checked import Checked
from diguan.projects.models.projects import Project


class Side(models.TextChoices):
    """Who owes it."""

    COUNTY = "county", _("县里")
    INVESTOR = "investor", _("投资方")


class Measured(models.TextChoices):
    """What an obligation is measured in: fen, persons, 0.0001 mu, or nothing that can be counted."""

    NONE = "", _("不量化")
    INVESTED = "invested", _("固定资产投资")
    OUTPUT = "output", _("年产值")
    TAX = "tax", _("年税收")
    JOBS = "jobs", _("用工")
    LAND = "land", _("供地")


class ObligationState(models.TextChoices):
    """How far it is; that it is late follows from the day and is never stored."""

    OPEN = "open", _("未到期或未履行")
    CLAIMED = "claimed", _("已报履行，待核实")
    MET = "met", _("已履行")
    WAIVED = "waived", _("已豁免")


class Obligation(Record):
    """约定义务. ``target`` and ``measured`` are in the storage unit of ``measure``. Who tells that it is met and who verifies it are two people."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="obligations", verbose_name=_("协议"))
    side = models.CharField(_("哪一方"), max_length=8, choices=Side.choices)
    text = models.CharField(_("约定内容"), max_length=300)
    due_on = models.DateField(_("约定期限"), db_index=True)
    measure = models.CharField(_("量化指标"), max_length=10, choices=Measured.choices, blank=True)
    target = models.BigIntegerField(_("约定数值"), null=True, blank=True)
    state = models.CharField(_("履行情况"), max_length=8, choices=ObligationState.choices, default=ObligationState.OPEN, db_index=True)
    met_on = models.DateField(_("履行日期"), null=True, blank=True)
    measured = models.BigIntegerField(_("实际数值"), null=True, blank=True)
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("履行凭据"))
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("报送人"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核实人"))
    decided_at = models.DateTimeField(_("核实时间"), null=True, blank=True)
    decision = models.CharField(_("原因"), max_length=200, blank=True)
    late_told_on = models.DateField(_("已提醒逾期"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "agreement__project__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_agreement"

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(measure="", target__isnull=True) | (~Q(measure="") & Q(target__gt=0)), name="obligation_target_of_a_measure"),
            models.CheckConstraint(condition=~Q(state__in=("claimed", "met")) | Q(claimed_by__isnull=False, proof__isnull=False, met_on__isnull=False), name="obligation_claimed_with_proof"),
            models.CheckConstraint(condition=~Q(state="met") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("claimed_by"))), name="obligation_verified_by_another"),
            models.CheckConstraint(condition=~Q(state="waived") | (Q(decided_by__isnull=False) & ~Q(decision="") & ~Q(decided_by=F("created_by"))), name="obligation_waived_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.text[:30]}"


class CheckPoint(models.TextChoices):
    """When performance is checked."""

    COMPLETION = "completion", _("竣工核查")
    PRODUCTION = "production", _("投产核查")
    CAPACITY = "capacity", _("达产核查")


class PerformanceCheck(Checked):
    """履约核查: what was measured on a day, line by line against what was promised; its verdict follows from the lines."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="performance_checks", verbose_name=_("项目"))
    point = models.CharField(_("核查环节"), max_length=12, choices=CheckPoint.choices)
    on = models.DateField(_("核查日期"))
    note = models.CharField(_("核查意见"), max_length=300, blank=True)

    scope_unit: ClassVar[str | None] = "project__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_agreement"

    class Meta(Checked.Meta):
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [*Checked.Meta.constraints]

    def __str__(self) -> str:
        return f"{self.project_id} {self.point} {self.on}"


class PerformanceLine(models.Model):
    """One obligation in a check: ``promised`` as it stood then, ``measured`` None where nobody could measure it. Both in the obligation's storage unit."""

    check_of = models.ForeignKey(PerformanceCheck, on_delete=models.PROTECT, related_name="lines")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="checks")
    promised = models.BigIntegerField(_("约定数值"))
    measured = models.BigIntegerField(_("实际数值"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["check_of", "obligation"], name="performance_line_once"),
            models.CheckConstraint(condition=Q(measured__isnull=True) | Q(measured__gte=0), name="performance_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}:{self.obligation_id}"
