"""县级荣誉: what others have awarded to the county itself, its parks and its institutions. What firms hold is in the capability register."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.projects.models import Checked, CheckState


class HonourKind(models.TextChoices):
    """What was awarded."""

    AWARD = "award", _("荣誉称号")
    RATING = "rating", _("评价结果")
    ACCREDITATION = "accreditation", _("机构认可")
    CLAIM = "claim", _("“唯一”“第一”的说法")


class HonourLevel(models.TextChoices):
    """Whose word it is."""

    NATIONAL = "national", _("国家级")
    PROVINCIAL = "provincial", _("省级")
    CITY = "city", _("市级")
    INDUSTRY = "industry", _("行业协会")


class Honour(Checked):
    """One honour, rating, accreditation or claim, with who said so, since when and until when. It counts once another person has verified it against the paper.

    ``holder`` is the county, a park or an institution by name. ``valid_until`` is the paper's own last day; ``withdrawn_on`` the day its issuer took it back,
    ``ended_at`` when that, or that it is void, was entered.
    """

    kind = models.CharField(_("荣誉类别"), max_length=15, choices=HonourKind.choices, db_index=True)
    name = models.CharField(_("荣誉名称"), max_length=100)
    key = KeyField(max_length=210, editable=False)
    holder = models.CharField(_("获得者"), max_length=100)
    level = models.CharField(_("荣誉级别"), max_length=10, choices=HonourLevel.choices)
    issuer = models.CharField(_("授予单位"), max_length=100)
    document = models.CharField(_("文号或证书号"), max_length=100, blank=True)
    issued = models.DateField(_("授予日期"), db_index=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    withdrawn_on = models.DateField(_("撤销日期"), null=True, blank=True)
    ended_at = models.DateTimeField(_("登记撤销或作废的时间"), null=True, editable=False)

    view_permission: ClassVar[str | None] = "indicators.view_honour"

    class Meta(Checked.Meta):
        ordering: ClassVar = ["-issued", "-id"]
        constraints: ClassVar = [
            *Checked.Meta.constraints,
            models.CheckConstraint(condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("issued")), name="honour_ends_after_issue"),
            models.CheckConstraint(condition=Q(withdrawn_on__isnull=True) | Q(state__in=("verified", "void"), withdrawn_on__gte=F("issued"), ended_at__isnull=False), name="honour_withdrawn_once_verified"),
            models.UniqueConstraint(fields=["key", "issued"], condition=Q(state__in=("entered", "verified")), name="honour_told_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date | None:
        """The last day it holds, by the paper or because it was taken back; None: it has no end."""
        back = self.withdrawn_on - dt.timedelta(days=1) if self.withdrawn_on else None
        return min((day for day in (self.valid_until, back) if day is not None), default=None)

    def holds(self, day: dt.date) -> bool:
        """Whether it counts on a day: verified, awarded by then and not ended."""
        return self.state == CheckState.VERIFIED and self.issued <= day and (self.last_day is None or self.last_day >= day)
