"""排名表: what a higher office printed of the counties, as it was printed. Places are worked out, never kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class RankingTable(Record):
    """One table of one period. A table that came again (a revision 修订) takes the place of the one before, which is kept (``replaced_by``)."""

    title = models.CharField(_("榜单"), max_length=100)
    title_key = models.CharField(max_length=100, editable=False, db_index=True)
    period = models.CharField(_("期间"), max_length=7)
    unit = models.CharField(_("计量单位"), max_length=20)
    more_is_better = models.BooleanField(_("越高越靠前"), default=True)
    source = models.CharField(_("来源"), max_length=200)
    example = models.BooleanField(_("示例"), default=False)
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("文件"))
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, related_name="replaces", null=True, editable=False)

    view_permission: ClassVar[str | None] = "indicators.view_ranking"

    class Meta:
        ordering: ClassVar = ["-period", "title_key", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["title_key", "period"], condition=Q(replaced_by__isnull=True), name="ranking_table_current_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.period}"


class PeerValue(models.Model):
    """One county's figure: ``printed`` as it stood in the table, digits and all; ``band`` is the error or revision the source itself tells, None where it tells none."""

    table = models.ForeignKey(RankingTable, on_delete=models.PROTECT, related_name="values")
    county = models.CharField(_("县市区"), max_length=60)
    printed = models.CharField(_("数值"), max_length=30)
    band = models.DecimalField(_("误差"), max_digits=20, decimal_places=6, null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "county"], name="peer_once"),
            models.CheckConstraint(condition=Q(band__isnull=True) | Q(band__gte=0), name="peer_band_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.printed}"
