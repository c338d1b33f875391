"""What was handed in: a dictionary id bound to a subject and to a file or a value, entered by one person, verified by another."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diguan.kernel.records import Record


class EvidenceState(models.TextChoices):
    """Where it is. That it has ended follows from the day and is never stored."""

    ENTERED = "entered", "待核实"
    VERIFIED = "verified", "已核实"
    REJECTED = "rejected", "已驳回"
    WITHDRAWN = "withdrawn", "已撤回"


class Evidence(Record):
    """材料: one piece of evidence of one subject.

    ``entry`` is the id in the dictionary; ``num`` or ``text`` its value in the storage unit; ``number`` what the paper calls
    itself (文号). ``uscc`` is the enterprise it is about, so that its agents see it. Entering again makes a new row.
    """

    entry = models.SlugField("材料", max_length=60)
    subject_kind = models.SlugField("主体类别", max_length=40)
    subject_id = models.CharField("主体编号", max_length=80)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="文件")
    number = models.CharField("文号或证书号", max_length=100, blank=True)
    num = models.BigIntegerField("数值", null=True, blank=True)
    text = models.CharField("文字", max_length=400, blank=True)
    issued = models.DateField("出具日期", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=EvidenceState.choices, default=EvidenceState.ENTERED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填报人")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="核实人")
    decided_at = models.DateTimeField("核实时间", null=True, blank=True)
    decision = models.CharField("驳回或撤回原因", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_uscc: ClassVar[str | None] = "uscc"
    view_permission: ClassVar[str | None] = "evidence.view_evidence"

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id", "entry"], name="evidence_of_subject")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(issued__isnull=True) | Q(valid_until__gte=F("issued")), name="evidence_ends_after_issue"),
            models.CheckConstraint(
                condition=~Q(state="verified") | (Q(verified_by__isnull=False) & ~Q(verified_by=F("entered_by"))), name="evidence_verified_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.subject_kind}:{self.subject_id}"

    def standing(self, day: dt.date) -> str:
        """Its state on a day: the one kept, or ``expired`` where it was verified and has ended."""
        if self.state == EvidenceState.VERIFIED and self.valid_until is not None and self.valid_until < day:
            return "expired"
        return str(self.state)
