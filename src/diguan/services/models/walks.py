"""局长办证: a director walks a life event as an applicant or a clerk meets it, notes what was met, and proposes what is to change.

A walk is a dry run: it opens no case. Its steps keep the versions that were in force on its day, so a note is tied to what was met. What mends a
proposal is a later version, or a later walk that counted; who proposes it, and who says that it is done, never is who accepts it as real.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks
from diguan.kernel.events import AppendOnlyModel
from diguan.kernel.records import Record

MOST_MINUTES, MOST_TRIPS, MOST_DAYS = 10_000, 100, 250
"""What may be counted at one step, and how many working days an office may be given."""


class WalkRole(models.TextChoices):
    """As whom somebody walks."""

    APPLICANT = "applicant", _("申请人")
    CLERK = "clerk", _("经办人员")


class Walk(Record):
    """One walk (走一次) of a version of a life event with one set of answers."""

    role = models.CharField(_("以谁的身份"), max_length=10, choices=WalkRole.choices)
    life_event = models.ForeignKey("services.LifeEventVersion", on_delete=models.PROTECT, related_name="walks", verbose_name=_("一件事"))
    answers = models.JSONField(_("情形"), default=dict)
    day = models.DateField(_("日期"))
    closed = models.DateField(_("走完"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_walk"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.life_event.life_event} {self.day}"


class StepKind(models.TextChoices):
    """What lies on the way of every life event."""

    FORM = "form", _("填一张表")
    PAPER = "paper", _("交材料")
    ACCEPT = "accept", _("受理")
    MATTER = "matter", _("办事项")
    PICKUP = "pickup", _("取结果")


class WalkStep(models.Model):
    """One step of a walk: a paper (``entry`` of the dictionary), a matter in the version that was in force, or a stage all have.

    ``minutes`` are what somebody counted, else None; between the two instants they are worked out. ``trips`` None: nobody counted.
    """

    walk = models.ForeignKey(Walk, on_delete=models.PROTECT, related_name="steps")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(_("环节"), max_length=10, choices=StepKind.choices)
    entry = models.CharField(_("材料"), max_length=60, blank=True)
    matter = models.ForeignKey("services.MatterVersion", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("事项"))
    arrived_at = models.DateTimeField(_("到的时间"), null=True)
    done_at = models.DateTimeField(_("办完的时间"), null=True)
    minutes = models.PositiveIntegerField(_("用了几分钟"), null=True)
    trips = models.PositiveSmallIntegerField(_("跑了几趟"), null=True)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["walk", "place"], name="walk_step_place"),
            models.CheckConstraint(condition=Q(kind="matter", matter__isnull=False, entry="") | (Q(kind="paper", matter=None) & ~Q(entry="")) | (~Q(kind__in=["matter", "paper"]) & Q(matter=None, entry="")),
                                   name="walk_step_of_one_thing"),
            models.CheckConstraint(condition=Q(minutes=None) | Q(minutes__lte=MOST_MINUTES), name="walk_step_minutes"),
            models.CheckConstraint(condition=Q(trips=None) | Q(trips__lte=MOST_TRIPS), name="walk_step_trips"),
        ]

    def __str__(self) -> str:
        return f"{self.walk_id} {self.place}"

    @property
    def took(self) -> int | None:
        """Minutes: as counted, else between arriving and being done, rounded up; None where neither is known."""
        if self.minutes is not None:
            return self.minutes
        if self.arrived_at is None or self.done_at is None:
            return None
        return -int(-(self.done_at - self.arrived_at).total_seconds() // 60)


class Trouble(models.TextChoices):
    """What kind of trouble was met (堵点)."""

    NEEDLESS = "needless", _("多余的材料")
    UNCLEAR = "unclear", _("告知不清")
    REPEATED = "repeated", _("重复填报")
    WAIT = "wait", _("等候太久")
    TRIP = "trip", _("多跑一趟")
    ORDER = "order", _("不必要的先后")
    OTHER = "other", _("其他")


class WalkNote(AppendOnlyModel):
    """What was met at one step; never changed. ``matter`` is the version it is about; None where it is about the life event as a whole."""

    step = models.ForeignKey(WalkStep, on_delete=models.PROTECT, related_name="notes")
    matter = models.ForeignKey("services.MatterVersion", on_delete=models.PROTECT, related_name="walk_notes", null=True, verbose_name=_("事项"))
    trouble = models.CharField(_("哪类问题"), max_length=10, choices=Trouble.choices)
    words = models.CharField(_("遇到了什么"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("记录人"))
    at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.step_id} {self.trouble}"


class ProposalState(models.TextChoices):
    """Where a proposal stands; one that is said to be done and is not goes back to the office that took it."""

    OPEN = "open", _("待答复")
    ACCEPTED = "accepted", _("已采纳，整改中")
    REFUSED = "refused", _("不采纳")
    DONE = "done", _("已整改，待核验")
    VERIFIED = "verified", _("核验属实")


class Proposal(Record):
    """One thing to be changed (整改建议), made of a note. ``owner_unit`` answers for it by ``due``; ``told`` is the day its owner was told that it is overdue."""

    note = models.ForeignKey(WalkNote, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("问题"))
    what = models.CharField(_("改什么"), max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("责任人"))
    day = models.DateField(_("提出日期"))
    days = models.PositiveSmallIntegerField(_("几个工作日内"))
    due = models.DateField(_("最晚"), db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=ProposalState.choices, default=ProposalState.OPEN)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    changed = models.CharField(_("改了什么"), max_length=500, blank=True)
    after_matter = models.ForeignKey("services.MatterVersion", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("事项新版"))
    after_event = models.ForeignKey("services.LifeEventVersion", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("一件事新版"))
    after_walk = models.ForeignKey(Walk, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("再走的一次"))
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("整改人"))
    done_day = models.DateField(_("整改日期"), null=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核验人"))
    verified_day = models.DateField(_("核验日期"), null=True)
    told = models.DateField(_("催办日期"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_walk"

    class Meta:
        ordering: ClassVar = ["due", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state__in=["done", "verified"]) | Q(done_by__isnull=False, done_day__isnull=False), name="proposal_done_by_somebody"),
            models.CheckConstraint(condition=~Q(state__in=["done", "verified"]) | Q(after_matter__isnull=False) | Q(after_event__isnull=False) | Q(after_walk__isnull=False), name="proposal_done_with_proof"),
            models.CheckConstraint(condition=~Q(state="verified") | (Q(verified_by__isnull=False, verified_day__isnull=False) & ~Q(verified_by=F("done_by")) & ~Q(verified_by=F("created_by"))),
                                   name="proposal_verified_by_another"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(reason=""), name="proposal_refused_with_reason"),
        ]

    def __str__(self) -> str:
        return self.what
