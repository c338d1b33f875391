"""到资: one payment that really arrived, on a paper, entered by one person and verified by another; a wrong one is reversed, never edited."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.projects.models.checked import Checked
from diguan.projects.models.projects import Project


class FundKind(models.TextChoices):
    """What paper proves it (domain.md §2.5 [P46])."""

    CAPITAL = "capital", _("实缴注册资本")
    LAND = "land", _("土地款")
    CONSTRUCTION = "construction", _("建设结算款")
    EQUIPMENT = "equipment", _("设备发票")
    OTHER = "other", _("其他")


class FundOrigin(models.TextChoices):
    """Where the money came from."""

    COUNTY = "county", _("县内")
    PROVINCE = "province", _("省内县外")
    OTHER_PROVINCE = "other_province", _("省外")
    OVERSEAS = "overseas", _("境外")


class Fund(Checked):
    """One line of the funds-in-place ledger. ``live``: it may still count; then nothing else has its paper (``document_key`` of its kind and payer).

    A reversal is a row of the same amount and day with ``reverses``; verified by another it takes the first away, at every day, from then on.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="funds", verbose_name=_("项目"))
    kind = models.CharField(_("到资类别"), max_length=12, choices=FundKind.choices, db_index=True)
    origin = models.CharField(_("资金来源地"), max_length=14, choices=FundOrigin.choices, db_index=True)
    payer = models.CharField(_("付款方"), max_length=200)
    payer_key = KeyField(max_length=200, editable=False)
    payer_uscc = models.CharField(_("付款方信用代码"), max_length=18, blank=True)
    paid_on = models.DateField(_("付款日期"), db_index=True)
    amount_fen = models.BigIntegerField(_("金额"))
    document = models.CharField(_("凭证号"), max_length=80)
    document_key = KeyField(max_length=80, editable=False)
    live = models.BooleanField(default=True, editable=False)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, related_name="reversals", null=True, blank=True, verbose_name=_("冲销哪一笔"))
    reason = models.CharField(_("冲销原因"), max_length=200, blank=True)

    scope_unit: ClassVar[str | None] = "project__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_fund"

    class Meta(Checked.Meta):
        ordering: ClassVar = ["-paid_on", "-id"]
        constraints: ClassVar = [
            *Checked.Meta.constraints,
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="fund_amount_positive"),
            models.UniqueConstraint(fields=["kind", "payer_key", "document_key"], condition=Q(live=True), name="fund_paper_once"),
            models.UniqueConstraint(fields=["kind", "payer_uscc", "document_key"], condition=Q(live=True) & ~Q(payer_uscc=""), name="fund_paper_of_code_once"),
            models.UniqueConstraint(fields=["reverses"], condition=Q(reverses__isnull=False) & ~Q(state="rejected"), name="fund_reversed_once"),
            models.CheckConstraint(condition=Q(reverses__isnull=True) | (Q(live=False) & ~Q(reason="") & ~Q(reverses=F("id"))), name="fund_reversal_with_reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "state"], name="fund_of_project")]

    def __str__(self) -> str:
        return f"{self.document} {self.payer}"
