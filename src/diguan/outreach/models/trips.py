"""A trip, who goes, where to, whom it calls on, and what it costs."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks
from diguan.kernel.records import Record
from diguan.outreach.engine import limits


class TripState(models.TextChoices):
    """How far it is."""

    PLANNED = "planned", _("计划中")
    UNDER_WAY = "under_way", _("进行中")
    CLOSED = "closed", _("已结束")
    CANCELLED = "cancelled", _("已取消")


class Trip(Record):
    """敲门招商: one journey, both days included. ``expected_*`` NULL where nobody set it; money in fen, minutes from midnight."""

    title = models.CharField(_("名称"), max_length=100)
    purpose = models.CharField(_("目的"), max_length=300)
    agenda = models.TextField(_("日程安排"), max_length=2000, blank=True)
    from_day = models.DateField(_("出发"), db_index=True)
    to_day = models.DateField(_("返回"))
    leader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("带队"))
    state = models.CharField(_("状态"), max_length=10, choices=TripState.choices, default=TripState.PLANNED, db_index=True)
    expected_results = models.CharField(_("预期成果"), max_length=300, blank=True)
    expected_visits = models.PositiveIntegerField(_("预期拜访（次）"), null=True, blank=True)
    expected_firms = models.PositiveIntegerField(_("预期见到企业（家）"), null=True, blank=True)
    expected_leads = models.PositiveIntegerField(_("预期线索（条）"), null=True, blank=True)
    budget_fen = models.BigIntegerField(_("预算"), null=True, blank=True)
    base = models.ForeignKey("outreach.Place", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("早出晚归的地点"))
    leaves = models.PositiveIntegerField(_("每天出门"), default=510)
    back = models.PositiveIntegerField(_("每天回来"), default=1110)
    summary = models.CharField(_("总结"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "outreach.view_trip"

    class Meta:
        ordering: ClassVar = ["-from_day", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(to_day__gte=F("from_day")), name="trip_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(budget_fen__isnull=True) | Q(budget_fen__gte=0), name="trip_budget_not_negative"),
            models.CheckConstraint(condition=Q(leaves__lt=F("back"), back__lte=1440), name="trip_day_has_hours"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.to_day - self.from_day).days + 1

    @property
    def open(self) -> bool:
        """Whether it may still be planned and written to."""
        return self.state in (TripState.PLANNED, TripState.UNDER_WAY)


class TripMember(models.Model):
    """Who goes along, the leader of the trip aside."""

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["trip", "person"], name="trip_member_once")]

    def __str__(self) -> str:
        return f"{self.trip_id}:{self.person_id}"


class TripCity(models.Model):
    """A place of GB/T 2260 it goes to, in order."""

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="cities")
    at = models.PositiveSmallIntegerField()
    region = models.CharField(_("目的地"), max_length=6, db_index=True)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["trip", "region"], name="trip_city_once")]

    def __str__(self) -> str:
        return f"{self.trip_id}:{self.region}"


class Party(models.TextChoices):
    """Whom a call is on."""

    FIRM = "firm", _("企业")
    CHAMBER = "chamber", _("商会")
    OTHER = "other", _("其他单位")


class CallState(models.TextChoices):
    """What became of it."""

    PLANNED = "planned", _("待拜访")
    MADE = "made", _("已拜访")
    DROPPED = "dropped", _("没去成")


class Call(Record):
    """拜访: one stop of a trip. ``day`` counts from 0, NULL while it is not in the plan; ``at`` is its place within the day.

    ``opens`` and ``closes`` are minutes from midnight, ``shut`` the days of the trip it is closed (``0,2``); the contact is personal: shown masked.
    """

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="calls")
    party = models.CharField(_("对象"), max_length=8, choices=Party.choices, default=Party.FIRM)
    name = models.CharField(_("名称"), max_length=100)
    name_key = models.CharField(max_length=100, editable=False, db_index=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    target = models.ForeignKey("chains.TargetFirm", on_delete=models.PROTECT, related_name="calls", null=True, verbose_name=_("目标企业"))
    place = models.ForeignKey("outreach.Place", on_delete=models.PROTECT, related_name="calls", null=True, blank=True, verbose_name=_("地点"))
    worth = models.PositiveIntegerField(_("分值"), default=100)
    minutes = models.PositiveIntegerField(_("时长（分钟）"), default=90)
    opens = models.PositiveIntegerField(_("从几点起"), default=540)
    closes = models.PositiveIntegerField(_("到几点止"), default=1050)
    shut = models.CharField(_("哪几天不行"), max_length=40, blank=True)
    day = models.PositiveSmallIntegerField(_("第几天"), null=True, blank=True)
    at = models.PositiveSmallIntegerField(null=True, blank=True)
    questions = models.CharField(_("想问什么"), max_length=500, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=40, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=CallState.choices, default=CallState.PLANNED, db_index=True)
    why_dropped = models.CharField(_("为什么没去成"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "outreach.view_trip"

    class Meta:
        ordering: ClassVar = ["trip", F("day").asc(nulls_last=True), F("at").asc(nulls_last=True), "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trip", "name_key"], name="call_once_a_trip"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes"), closes__lte=1440), name="call_has_hours"),
            models.CheckConstraint(condition=Q(minutes__gte=10, minutes__lte=600), name="call_of_some_minutes"),
            models.CheckConstraint(condition=Q(day__isnull=True, at__isnull=True) | Q(day__isnull=False, at__isnull=False), name="call_planned_whole"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shut_days(self) -> frozenset[int]:
        """The days of the trip it cannot be made."""
        return frozenset(int(each) for each in self.shut.split(",") if each)


class TripPlan(models.Model):
    """What the planner proposed: never changed. ``stops`` are [call, day, begins], ``left`` [call, why]; values are the calls' worth added up."""

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="plans")
    made_at = models.DateTimeField(default=clocks.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveIntegerField()
    bound = models.PositiveIntegerField()
    greedy_value = models.PositiveIntegerField()
    greedy_stops = models.PositiveIntegerField()
    proven = models.BooleanField()
    stops = models.JSONField(default=list)
    left = models.JSONField(default=list)
    ways = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(greedy_value__lte=F("value"), value__lte=F("bound")), name="plan_between_greedy_and_bound")]

    def __str__(self) -> str:
        return f"{self.trip_id}:{self.pk}"


class ExpenseKind(models.TextChoices):
    """What for; the keys are those of the limits."""

    TRANSPORT = limits.TRANSPORT, _("城市间交通")
    LODGING = limits.LODGING, _("住宿")
    MEALS = limits.MEALS, _("伙食")
    LOCAL = limits.LOCAL, _("市内交通")


class ExpenseState(models.TextChoices):
    """Whether it counts."""

    KEPT = "kept", _("在限额内")
    WAITING = "waiting", _("超限额，等审批")
    APPROVED = "approved", _("超限额，已批准")
    REFUSED = "refused", _("超限额，不批准")
    REVERSED = "reversed", _("已冲销")


class Expense(Record):
    """What was spent, in fen, for so many persons and days (nights). Above the limit it counts only once a leader who did not enter it approved."""

    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, related_name="expenses")
    kind = models.CharField(_("类别"), max_length=10, choices=ExpenseKind.choices)
    day = models.DateField(_("日期"))
    region = models.CharField(_("在哪里"), max_length=6)
    persons = models.PositiveIntegerField(_("人数"))
    days = models.PositiveIntegerField(_("天数（住宿按晚）"), default=1)
    amount_fen = models.BigIntegerField(_("金额"))
    allowed_fen = models.BigIntegerField(_("限额"), null=True)
    limit_source = models.CharField(_("限额依据"), max_length=200, blank=True)
    reason = models.CharField(_("为什么超"), max_length=200, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=ExpenseState.choices, default=ExpenseState.KEPT, db_index=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("审批人"))
    decided_on = models.DateField(_("审批日期"), null=True)

    view_permission: ClassVar[str | None] = "outreach.view_trip"

    class Meta:
        ordering: ClassVar = ["day", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0, persons__gte=1, days__gte=1), name="expense_of_some_amount"),
            models.CheckConstraint(condition=~Q(state="kept") | Q(allowed_fen__isnull=True) | Q(amount_fen__lte=F("allowed_fen")), name="expense_kept_within_its_limit"),
            models.CheckConstraint(condition=~Q(state__in=("waiting", "approved", "refused")) | ~Q(reason=""), name="expense_over_with_reason"),
            models.CheckConstraint(condition=~Q(state__in=("approved", "refused")) | (Q(decided_by__isnull=False, decided_on__isnull=False) & ~Q(decided_by=F("created_by"))), name="expense_decided_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.trip_id}:{self.kind}:{self.pk}"
