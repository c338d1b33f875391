"""Published months 已发布月份: which snapshot a month's figures were given out from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class PublishedMonth(Record):
    """One publication of a month 发布: the snapshot it speaks from; published again it is a new row, and the old one stays.

    ``month`` is ``2026-08``; ``number`` counts the publications of a month from 1. Who published it when is the row's maker and making.
    """

    month = models.CharField(_("月份"), max_length=7, db_index=True)
    number = models.PositiveIntegerField(_("第几次"))
    run = models.ForeignKey("kernel.Run", on_delete=models.PROTECT, related_name="+", verbose_name=_("快照"))
    reason = models.CharField(_("为什么再次发布"), max_length=300, blank=True)

    view_permission: ClassVar[str | None] = "indicators.view_indicator"

    class Meta:
        ordering: ClassVar = ["-month", "-number", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["month", "number"], name="published_month_number_once"), models.UniqueConstraint(fields=["month", "run"], name="published_month_run_once")]

    def __str__(self) -> str:
        return f"{self.month} #{self.number}"
