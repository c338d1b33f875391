"""招商任务: what an office shall reach in a year, by measure. What it has done is counted from rows, never kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class Measure(models.TextChoices):
    """What is assigned. Amounts are fen."""

    LEADS = "leads", _("登记线索")
    VISITS = "visits", _("外出拜访")
    PROJECTS = "projects", _("新立项目")
    SIGNED = "signed", _("签正式合同")
    CONTRACTED = "contracted_fen", _("合同投资额")
    ARRIVED = "arrived_fen", _("到位资金")


MONEY = (Measure.CONTRACTED, Measure.ARRIVED)
"""Measures in fen; the others are counts."""


class Assignment(Record):
    """One task of one office in one year. ``owner_unit`` set it, ``unit`` is to reach it; offices below count to it."""

    year = models.PositiveSmallIntegerField(_("年度"))
    unit = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="assignments", verbose_name=_("承担单位"))
    measure = models.CharField(_("任务"), max_length=20, choices=Measure.choices)
    number = models.BigIntegerField(_("任务数"))
    note = models.CharField(_("依据"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "unit"
    view_permission: ClassVar[str | None] = "projects.view_assignment"

    class Meta:
        ordering: ClassVar = ["-year", "unit", "measure"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["year", "unit", "measure"], name="assignment_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="assignment_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.unit_id} {self.measure}"
