"""走访记录 and what follows from it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record
from diguan.outreach.models.trips import Party


class Outcome(models.TextChoices):
    """What came of a visit, as whoever was there saw it."""

    COMING = "coming", _("愿意来县里看看")
    KEEN = "keen", _("有意向，接着谈")
    LATER = "later", _("暂时没有计划")
    NO = "no", _("没有意向")
    ABSENT = "absent", _("没见到人")


class VisitLog(Record):
    """One visit as it was written down, by hand or on a phone without network. ``key`` comes from the device: the same key is the same entry, once.

    ``digest`` is the SHA-256 of what was written, by which a second sending is told from another text under the same key. Written once; what was wrong is corrected by another entry (``corrects``).
    """

    key = models.UUIDField(unique=True)
    digest = models.CharField(max_length=64, editable=False)
    trip = models.ForeignKey("outreach.Trip", on_delete=models.PROTECT, related_name="visits", null=True, verbose_name=_("外出"))
    call = models.ForeignKey("outreach.Call", on_delete=models.PROTECT, related_name="visits", null=True, verbose_name=_("拜访"))
    party = models.CharField(_("对象"), max_length=8, choices=Party.choices, default=Party.FIRM)
    name = models.CharField(_("走访了谁"), max_length=100)
    name_key = models.CharField(max_length=100, editable=False, db_index=True)
    visited_on = models.DateField(_("日期"), db_index=True)
    said = models.TextField(_("谈了什么"), max_length=2000)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices, db_index=True)
    next_step = models.CharField(_("下一步"), max_length=200, blank=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, related_name="corrections", null=True, editable=False)

    view_permission: ClassVar[str | None] = "outreach.view_visit"

    class Meta:
        ordering: ClassVar = ["-visited_on", "-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.visited_on}"


class FollowState(models.TextChoices):
    """Whether it is done."""

    OPEN = "open", _("待跟进")
    DONE = "done", _("办完了")
    DROPPED = "dropped", _("不跟了")


class FollowUp(Record):
    """Who does what by when; due by working days from the day it was set."""

    visit = models.ForeignKey(VisitLog, on_delete=models.PROTECT, related_name="follow_ups", null=True)
    trip = models.ForeignKey("outreach.Trip", on_delete=models.PROTECT, related_name="follow_ups", null=True)
    what = models.CharField(_("做什么"), max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("谁办"))
    set_on = models.DateField(_("定于"))
    days = models.PositiveIntegerField(_("几个工作日"))
    due_on = models.DateField(_("最晚"), db_index=True)
    state = models.CharField(_("状态"), max_length=8, choices=FollowState.choices, default=FollowState.OPEN, db_index=True)
    done_on = models.DateField(_("办完日期"), null=True)
    result = models.CharField(_("结果"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_person: ClassVar[str | None] = "owner"
    view_permission: ClassVar[str | None] = "outreach.view_visit"

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(state="open") | (Q(done_on__isnull=False) & ~Q(result="")), name="follow_up_ends_with_a_result")]

    def __str__(self) -> str:
        return self.what
