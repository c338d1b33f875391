"""企业环节: which enterprise makes, or uses, what a node of a chain stands for."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record

STALE_DAYS = 90
"""So many days after somebody looked, a link is drawn as stale (ui.md §4)."""


class Role(models.TextChoices):
    """Which side of the node the enterprise is on."""

    MAKE = "make", _("生产")
    USE = "use", _("采购")


class Confidence(models.TextChoices):
    """How sure the source is, in its own words."""

    HIGH = "high", _("有凭据")
    MEDIUM = "medium", _("走访所见")
    LOW = "low", _("估计")


class CoverageState(models.TextChoices):
    """How far it is believed. Stale is not kept, it follows from the day."""

    CLAIMED = "claimed", _("待核实")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


class Coverage(Record):
    """One enterprise at one node, entered by one person and verified by another.

    ``node`` is the id of a node of the chain packs. Money is fen a year, of ``year``; NULL is not known.
    ``amount_fen``: what it puts out at this node (make), or buys of it (use). ``local_fen``: the part sold to, or bought
    from, firms of the county; ``park_fen``: of that, firms of its own park. ``capacity_fen``: what it could put out.
    ``capacity`` counts in ``unit``. ``price_fen``: what one ``price_unit`` costs, the maker's offer.
    """

    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="coverages")
    node = models.CharField(_("环节"), max_length=60, db_index=True)
    role = models.CharField(_("生产或采购"), max_length=4, choices=Role.choices)
    year = models.PositiveSmallIntegerField(_("年份"), null=True, blank=True)
    amount_fen = models.BigIntegerField(_("年产值或年采购额"), null=True, blank=True)
    local_fen = models.BigIntegerField(_("其中在本县"), null=True, blank=True)
    park_fen = models.BigIntegerField(_("其中在本园区"), null=True, blank=True)
    capacity_fen = models.BigIntegerField(_("年产能折合"), null=True, blank=True)
    capacity = models.BigIntegerField(_("年产能"), null=True, blank=True)
    unit = models.CharField(_("产能单位"), max_length=20, blank=True)
    price_fen = models.BigIntegerField(_("单价"), null=True, blank=True)
    price_unit = models.CharField(_("计价单位"), max_length=20, blank=True)
    source = models.CharField(_("来源"), max_length=100)
    told_on = models.DateField(_("来源日期"))
    confidence = models.CharField(_("把握"), max_length=6, choices=Confidence.choices, default=Confidence.MEDIUM)
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("凭证文件"))
    state = models.CharField(_("状态"), max_length=10, choices=CoverageState.choices, default=CoverageState.CLAIMED, db_index=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("填报人"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核实人"))
    decided_on = models.DateField(_("核实日期"), null=True, blank=True, db_index=True)
    decision = models.CharField(_("驳回或撤回原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_uscc: ClassVar[str | None] = "enterprise__uscc"
    view_permission: ClassVar[str | None] = "chains.view_coverage"

    class Meta:
        ordering: ClassVar = ["node", "role", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enterprise", "node", "role"], name="coverage_once"),
            models.CheckConstraint(condition=Q(amount_fen__isnull=True) | Q(amount_fen__gte=0), name="coverage_amount_not_negative"),
            models.CheckConstraint(condition=Q(capacity_fen__isnull=True) | Q(capacity_fen__gte=0), name="coverage_capacity_fen_not_negative"),
            models.CheckConstraint(condition=Q(capacity__isnull=True) | Q(capacity__gte=0), name="coverage_capacity_not_negative"),
            models.CheckConstraint(condition=Q(local_fen__isnull=True) | (Q(local_fen__gte=0) & Q(amount_fen__isnull=False) & Q(local_fen__lte=F("amount_fen"))), name="coverage_local_within_amount"),
            models.CheckConstraint(condition=Q(park_fen__isnull=True) | (Q(park_fen__gte=0) & Q(local_fen__isnull=False) & Q(park_fen__lte=F("local_fen"))), name="coverage_park_within_local"),
            models.CheckConstraint(condition=Q(price_fen__isnull=True) | Q(price_fen__gt=0), name="coverage_price_above_nothing"),
            models.CheckConstraint(condition=~Q(state="verified") | (Q(decided_by__isnull=False) & Q(decided_on__isnull=False) & ~Q(decided_by=F("entered_by"))), name="coverage_verified_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id}:{self.node}:{self.role}"

    def stale(self, day: dt.date) -> bool:
        """Whether nobody has looked for longer than :data:`STALE_DAYS`; what was never verified is not stale but waiting."""
        return self.state == CoverageState.VERIFIED and self.decided_on is not None and (day - self.decided_on).days > STALE_DAYS

    def standing(self, day: dt.date) -> str:
        """Its state on a day: the one kept, or ``stale``."""
        return "stale" if self.stale(day) else str(self.state)
