"""交接: a lead offered by who holds it to somebody else, who takes it or does not."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record
from diguan.projects.models.leads import Lead


class HandoverState(models.TextChoices):
    """What became of an offer."""

    OFFERED = "offered", _("等对方接")
    ACCEPTED = "accepted", _("已接")
    DECLINED = "declined", _("没有接")
    WITHDRAWN = "withdrawn", _("已收回")


class Handover(Record):
    """One offer. Of a lead one is open at a time; until it is taken the lead stays with ``giver``."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("交出人"))
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leads_offered", verbose_name=_("接手人"))
    note = models.CharField(_("交接说明"), max_length=200, blank=True)
    offered_on = models.DateField(_("提出"))
    state = models.CharField(_("状态"), max_length=10, choices=HandoverState.choices, default=HandoverState.OFFERED)
    decided_on = models.DateField(_("答复"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead"], condition=Q(state="offered"), name="handover_one_open"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="handover_to_somebody_else"),
            models.CheckConstraint(condition=Q(state="offered") | Q(decided_on__isnull=False), name="handover_decided_on_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.giver_id} → {self.taker_id}"
