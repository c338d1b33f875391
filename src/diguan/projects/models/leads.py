"""线索: a firm that may invest, who holds it and until when it is theirs; what was done about it is a row of its own."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel.records import Record

LEAD = "lead"
"""The kind of subject a lead is: of its course, its evidence and its facts."""


class LeadSource(models.TextChoices):
    """Where a lead came from (线索来源), as the county counts its ways of promotion."""

    CHAIN_TEAM = "chain_team", _("产业链招商")
    DOOR_KNOCKING = "door_knocking", _("敲门招商")
    HOMETOWN_TIES = "hometown_ties", _("乡情招商")
    REFERRAL_BY_INVESTOR = "referral_by_investor", _("以商招商")
    OUTPOST = "outpost", _("驻点招商")
    PLATFORM = "platform_based", _("平台招商")
    CHAMBER = "chamber", _("商会引荐")
    TOWN = "town", _("乡镇推荐")
    ONLINE = "online", _("线上来访")
    IN_PLACE_DOUBLING = "in_place_doubling", _("原地倍增")
    TALENT_ATTRACTION = "talent_attraction", _("招才引智")
    CAMPAIGN = "campaign", _("迎老乡、回故乡、建家乡")


class Lead(Record):
    """One firm that may invest. ``holder`` is whose it is, ``protected_until`` the last day on which nobody else may take it over.

    Amounts are fen, land 0.0001 mu; NULL is not known. The days
    ``feedback_due`` and ``progress_due`` follow from the terms of ``promotion.yaml``; where it stands is the open stage of its course.
    ``owner_unit`` is the office of whoever holds it, ``registered_unit`` the one that brought it, which no hand-over changes.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True, editable=False)
    title = models.CharField(_("线索"), max_length=120)
    firm_name = models.CharField(_("投资方"), max_length=200)
    name_key = KeyField(max_length=200, db_index=True, editable=False)
    core_key = KeyField(max_length=200, db_index=True, editable=False)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True, db_index=True)
    region = models.CharField(_("投资方所在地"), max_length=6, blank=True, db_index=True)
    target = models.ForeignKey("chains.TargetFirm", on_delete=models.PROTECT, related_name="leads", null=True, blank=True, verbose_name=_("目标企业"))
    tenant = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="leads", null=True, blank=True, verbose_name=_("已在县内的企业"))
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    phone_key = KeyField(max_length=30, db_index=True, editable=False, default="")
    pinyin_key = KeyField(max_length=200, db_index=True, editable=False, default="")
    source = models.CharField(_("线索来源"), max_length=24, choices=LeadSource.choices, db_index=True)
    referrer = models.ForeignKey("ties.HometownPerson", on_delete=models.PROTECT, related_name="leads", null=True, blank=True, verbose_name=_("引荐人"))
    source_note = models.CharField(_("怎么来的"), max_length=200, blank=True)
    told = models.CharField(_("想投什么"), max_length=500, blank=True)
    judgement = models.CharField(_("研判意见"), max_length=500, blank=True)
    node = models.CharField(_("产业链环节"), max_length=60, blank=True, db_index=True)
    industry = models.CharField(_("行业"), max_length=6, blank=True)
    investment_fen = models.BigIntegerField(_("意向投资"), null=True, blank=True)
    land = models.BigIntegerField(_("用地需求"), null=True, blank=True)
    jobs = models.PositiveIntegerField(_("预计用工"), null=True, blank=True)
    came_on = models.DateField(_("得到线索"))
    registered_unit = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, editable=False, verbose_name=_("登记单位"))
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, related_name="duplicates", null=True, blank=True, editable=False, verbose_name=_("和哪条重复"))
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leads_held", null=True, blank=True, verbose_name=_("持有人"))
    held_since = models.DateField(_("持有自"), null=True, blank=True)
    protected_until = models.DateField(_("保护到"), null=True, blank=True)
    feedback_due = models.DateField(_("最晚答复引荐人"), null=True, blank=True)
    feedback_on = models.DateField(_("已答复引荐人"), null=True, blank=True)
    progress_due = models.DateField(_("下次进展最晚"), null=True, blank=True, db_index=True)
    course = models.OneToOneField("kernel.Course", on_delete=models.PROTECT, related_name="lead", null=True, verbose_name=_("办理"))
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_person: ClassVar[str | None] = "holder"
    view_permission: ClassVar[str | None] = "projects.view_lead"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(investment_fen__isnull=True) | Q(investment_fen__gte=0), name="lead_investment_not_negative"),
            models.CheckConstraint(condition=Q(land__isnull=True) | Q(land__gte=0), name="lead_land_not_negative"),
            models.CheckConstraint(condition=Q(holder__isnull=True) | Q(held_since__isnull=False), name="lead_held_since_a_day"),
            models.CheckConstraint(condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")), name="lead_no_duplicate_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Progress(Record):
    """进展: what was done about a lead or a project, in a line, and what comes next. One of the two is set."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="progress", null=True, blank=True)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="progress", null=True, blank=True)
    on = models.DateField(_("日期"))
    what = models.CharField(_("做了什么"), max_length=500)
    next_step = models.CharField(_("下一步"), max_length=200, blank=True)
    next_on = models.DateField(_("下一步日期"), null=True, blank=True)
    next_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("谁办"))
    done_on = models.DateField(_("办成"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(lead__isnull=True, project__isnull=False) | Q(lead__isnull=False, project__isnull=True), name="progress_of_one_thing"),
            models.CheckConstraint(condition=Q(done_on__isnull=True) | Q(done_on__gte=F("on")), name="progress_done_after_it_was_told"),
        ]

    def __str__(self) -> str:
        return f"{self.on}: {self.what[:30]}"
