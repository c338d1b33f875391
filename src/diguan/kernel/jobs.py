"""Background work."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from diguan.kernel import clocks


class JobState(models.TextChoices):
    """Where a job is."""

    QUEUED = "queued", "排队"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"


class Job(models.Model):
    """One piece of background work, its lease, its progress and its answer."""

    name = models.CharField(max_length=100)
    kwargs = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    result = models.TextField("结果", blank=True)
    error = models.TextField("错误", blank=True)
    created_at = models.DateTimeField("提交时间", default=clocks.now, editable=False)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    scope_unit: ClassVar[str | None] = None
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "by"
    view_permission: ClassVar[str | None] = None

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} {self.state}"
