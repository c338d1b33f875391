"""湘商回归: the proof that an investor is a returnee. Without a file and a second person it is a claim, and a claim counts nowhere."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks
from diguan.kernel.records import Record
from diguan.ties.models.people import HometownPerson
from diguan.ties.models.ties import TiedFirm, TieState


class ReturnSubject(models.TextChoices):
    """Who is the returnee."""

    PERSON = "person", _("个人")
    FIRM = "firm", _("企业")


class Basis(models.TextChoices):
    """On what ground; the first two are a person's, the last a firm's."""

    BIRTHPLACE = "birthplace", _("出生地")
    HOUSEHOLD = "household_register", _("户籍")
    CONTROL = "controlling_share", _("同乡控股")


class Return(Record):
    """One proof. ``share`` is basis points held by ``person``, where the ground is control."""

    subject = models.CharField(_("认定对象"), max_length=6, choices=ReturnSubject.choices)
    firm = models.ForeignKey(TiedFirm, on_delete=models.PROTECT, related_name="returns", null=True, verbose_name=_("企业"))
    person = models.ForeignKey(HometownPerson, on_delete=models.PROTECT, related_name="returns", verbose_name=_("同乡"))
    basis = models.CharField(_("依据"), max_length=20, choices=Basis.choices)
    share = models.PositiveIntegerField(_("持股比例"), null=True)
    document = models.CharField(_("证明材料"), max_length=100)
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("材料文件"))
    state = models.CharField(_("状态"), max_length=10, choices=TieState.choices, default=TieState.CLAIMED, db_index=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    entered_at = models.DateTimeField(default=clocks.now)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核实人"))
    decided_on = models.DateField(_("核实日期"), null=True)
    decision = models.CharField(_("原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "ties.view_return"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=(Q(subject="firm") & Q(firm__isnull=False)) | (Q(subject="person") & Q(firm__isnull=True)), name="return_of_its_subject"),
            models.CheckConstraint(condition=(Q(basis="controlling_share") & Q(subject="firm") & Q(share__isnull=False)) | (~Q(basis="controlling_share") & Q(subject="person") & Q(share__isnull=True)), name="return_on_its_ground"),
            models.CheckConstraint(condition=Q(share__isnull=True) | (Q(share__gt=0) & Q(share__lte=10_000)), name="return_share_within_whole"),
            models.CheckConstraint(condition=~Q(state__in=("verified", "rejected")) | (Q(verified_by__isnull=False) & Q(decided_on__isnull=False) & ~Q(verified_by=F("entered_by"))), name="return_decided_by_another"),
            models.UniqueConstraint(fields=["firm"], condition=Q(state__in=("claimed", "verified"), subject="firm"), name="return_of_a_firm_once"),
            models.UniqueConstraint(fields=["person"], condition=Q(state__in=("claimed", "verified"), subject="person"), name="return_of_a_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}:{self.firm_id or self.person_id}"
