"""What one person enters with its proof and another verifies: the columns of agreements, funds and claims alike."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class CheckState(models.TextChoices):
    """Where such a row is. Only what is verified counts."""

    ENTERED = "entered", _("待核实")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("已驳回")
    VOID = "void", _("已作废")


class Checked(Record):
    """A row that counts once another person than who entered it has verified it against ``proof``; nothing in it is edited after."""

    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("凭据"))
    state = models.CharField(_("状态"), max_length=10, choices=CheckState.choices, default=CheckState.ENTERED, db_index=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核实人"))
    verified_at = models.DateTimeField(_("核实时间"), null=True, blank=True)
    decision = models.CharField(_("驳回或作废原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_person: ClassVar[str | None] = "entered_by"

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")), name="%(class)s_verified_by_another"),
            models.CheckConstraint(condition=~Q(state="verified") | Q(verified_by__isnull=False, verified_at__isnull=False, proof__isnull=False), name="%(class)s_verified_with_proof"),
        ]
