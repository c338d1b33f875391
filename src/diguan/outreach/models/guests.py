"""Who was asked to come, and who came to look."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record
from diguan.outreach.models.trips import Party


class GuestState(models.TextChoices):
    """What the invited answered."""

    ASKED = "asked", _("已邀请")
    ACCEPTED = "accepted", _("答应来")
    DECLINED = "declined", _("不来")
    CAME = "came", _("来过了")


class Invitation(Record):
    """邀请: a firm or chamber asked to come to the county."""

    party = models.CharField(_("对象"), max_length=8, choices=Party.choices, default=Party.FIRM)
    name = models.CharField(_("邀请谁"), max_length=100)
    name_key = models.CharField(max_length=100, editable=False, db_index=True)
    target = models.ForeignKey("chains.TargetFirm", on_delete=models.PROTECT, related_name="invitations", null=True)
    trip = models.ForeignKey("outreach.Trip", on_delete=models.PROTECT, related_name="invitations", null=True, verbose_name=_("外出"))
    invited_on = models.DateField(_("邀请日期"), db_index=True)
    purpose = models.CharField(_("来看什么"), max_length=200)
    state = models.CharField(_("状态"), max_length=8, choices=GuestState.choices, default=GuestState.ASKED, db_index=True)
    answered_on = models.DateField(_("答复日期"), null=True)
    answer = models.CharField(_("怎么答复的"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "outreach.view_visit"

    class Meta:
        ordering: ClassVar = ["-invited_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state="asked") | Q(answered_on__isnull=False), name="invitation_answered_on_a_day"),
            models.UniqueConstraint(fields=["name_key"], condition=Q(state__in=("asked", "accepted")), name="invitation_open_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SiteVisitState(models.TextChoices):
    """Whether they came."""

    PLANNED = "planned", _("待接待")
    DONE = "done", _("已来考察")
    CANCELLED = "cancelled", _("没来成")


class SiteVisit(Record):
    """来县考察: when, what they are shown, who receives them, what came of it."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="site_visits")
    from_day = models.DateField(_("到达"), db_index=True)
    to_day = models.DateField(_("离开"))
    guests = models.PositiveIntegerField(_("来几个人"))
    itinerary = models.CharField(_("看哪些地方"), max_length=500)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("谁接待"))
    state = models.CharField(_("状态"), max_length=10, choices=SiteVisitState.choices, default=SiteVisitState.PLANNED, db_index=True)
    outcome = models.CharField(_("结果"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "outreach.view_visit"

    class Meta:
        ordering: ClassVar = ["-from_day", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invitation"], condition=Q(state="planned"), name="site_visit_planned_once"),
            models.CheckConstraint(condition=Q(to_day__gte=F("from_day"), guests__gte=1), name="site_visit_of_somebody"),
            models.CheckConstraint(condition=Q(state="planned") | ~Q(outcome=""), name="site_visit_ends_with_an_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}:{self.from_day}"
