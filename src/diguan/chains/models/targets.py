"""目标企业: firms the county would like to have, from dated lists it brings in, and who told what of them.

No person is kept here: a hometown tie is yes, no or not known, with its source. Who it runs through belongs to the ties room.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class ListKind(models.TextChoices):
    """Which list: the first three are 三类500强."""

    WORLD = "top500_world", _("世界500强")
    CHINA = "top500_china", _("中国企业500强")
    PRIVATE = "top500_private", _("中国民营企业500强")
    CHAMBER = "chamber", _("商会名录")
    OTHER = "other", _("其他名单")


TOP500 = (ListKind.WORLD, ListKind.CHINA, ListKind.PRIVATE)


class Pollution(models.TextChoices):
    """How much a firm's line of making pollutes, as its source classes it."""

    NONE = "none", _("基本无污染")
    LIGHT = "light", _("轻污染")
    MEDIUM = "medium", _("中度污染")
    HEAVY = "heavy", _("重污染")


class Approach(models.TextChoices):
    """How far the county has come with a firm; its pipeline proper is the leads' business."""

    NEW = "new", _("未接触")
    CONTACTED = "contacted", _("已接触")
    VISITING = "visiting", _("互访考察")
    NEGOTIATING = "negotiating", _("在谈")
    DROPPED = "dropped", _("不再跟进")


class FirmList(Record):
    """One dated list: 中国企业500强 of 2026 is another list than that of 2025."""

    kind = models.CharField(_("名单类别"), max_length=16, choices=ListKind.choices)
    name = models.CharField(_("名单名称"), max_length=80)
    name_key = models.CharField(max_length=80, editable=False)
    year = models.PositiveSmallIntegerField(_("名单年份"))
    source = models.CharField(_("名单来源"), max_length=100)
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True)

    view_permission: ClassVar[str | None] = "chains.view_target"

    class Meta:
        ordering: ClassVar = ["kind", "name_key", "-year", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "name_key", "year"], name="firm_list_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class TargetFirm(Record):
    """One firm, in however many lists. The columns hold what counts now: of everything told of it the latest (:class:`Telling`).

    ``growth`` and ``local_share`` are basis points, ``tax_per_mu`` fen a year per mu, ``land`` 0.0001 mu; NULL or blank is not known.
    ``core_key`` is the name without what companies are commonly called, by which doubtful twins are found.
    """

    name = models.CharField(_("企业名称"), max_length=100)
    name_key = models.CharField(max_length=100, editable=False, db_index=True)
    core_key = models.CharField(max_length=100, editable=False, db_index=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    region = models.CharField(_("总部所在地"), max_length=6, blank=True, db_index=True)
    industry = models.CharField(_("行业"), max_length=6, blank=True)
    growth = models.BigIntegerField(_("营收增长"), null=True)
    jobs = models.BigIntegerField(_("预计用工"), null=True)
    tax_per_mu = models.BigIntegerField(_("亩均税收"), null=True)
    land = models.BigIntegerField(_("用地需求"), null=True)
    local_share = models.BigIntegerField(_("本地采购比例"), null=True)
    pollution = models.CharField(_("污染程度"), max_length=6, choices=Pollution.choices, blank=True)
    hometown_tie = models.BooleanField(_("乡情关联"), null=True)
    approach = models.CharField(_("对接情况"), max_length=12, choices=Approach.choices, default=Approach.NEW, db_index=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, related_name="merged", null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "chains.view_target"

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc="") & Q(merged_into__isnull=True), name="target_firm_uscc_once"),
            models.CheckConstraint(condition=Q(jobs__isnull=True) | Q(jobs__gte=0), name="target_jobs_not_negative"),
            models.CheckConstraint(condition=Q(land__isnull=True) | Q(land__gte=0), name="target_land_not_negative"),
            models.CheckConstraint(condition=Q(local_share__isnull=True) | (Q(local_share__gte=0) & Q(local_share__lte=10_000)), name="target_share_within_whole"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Record):
    """A firm in a list. A subsidiary of a listed group (``parent`` named) counts as a member only once its control is proved."""

    firm = models.ForeignKey(TargetFirm, on_delete=models.PROTECT, related_name="memberships")
    list = models.ForeignKey(FirmList, on_delete=models.PROTECT, related_name="memberships")
    rank = models.PositiveIntegerField(_("名次"), null=True)
    parent = models.CharField(_("母公司"), max_length=100, blank=True)
    control_proof = models.BooleanField(_("控股关系已证明"), default=False)
    proof_source = models.CharField(_("控股证明"), max_length=100, blank=True)

    view_permission: ClassVar[str | None] = "chains.view_target"

    class Meta:
        ordering: ClassVar = ["-list__year", "list__kind", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["firm", "list"], name="target_membership_once"),
            models.CheckConstraint(condition=Q(control_proof=False) | ~Q(proof_source=""), name="target_control_proof_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.firm_id}:{self.list_id}"

    @property
    def counts(self) -> bool:
        """Whether the firm may be called a member of the list."""
        return not self.parent or self.control_proof


class TargetNode(models.Model):
    """A node of the chain packs that a target firm makes."""

    firm = models.ForeignKey(TargetFirm, on_delete=models.PROTECT, related_name="nodes")
    node = models.CharField(_("环节"), max_length=60, db_index=True)
    source = models.CharField(_("来源"), max_length=100)

    class Meta:
        ordering: ClassVar = ["node"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["firm", "node"], name="target_node_once")]

    def __str__(self) -> str:
        return f"{self.firm_id}:{self.node}"


class Telling(models.Model):
    """What one source told of one column of a firm on a day. Nothing is overwritten: the latest day counts, the others stay to be seen."""

    firm = models.ForeignKey(TargetFirm, on_delete=models.PROTECT, related_name="tellings")
    column = models.CharField(max_length=20)
    num = models.BigIntegerField(null=True)
    text = models.CharField(max_length=100, blank=True)
    list = models.ForeignKey(FirmList, on_delete=models.PROTECT, related_name="+", null=True)
    source = models.CharField(_("来源"), max_length=100)
    told_on = models.DateField(_("来源日期"))

    class Meta:
        ordering: ClassVar = ["-told_on", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["firm", "column", "list"], condition=Q(list__isnull=False), name="target_telling_once_a_list")]

    def __str__(self) -> str:
        return f"{self.firm_id}:{self.column}"

    @property
    def value(self) -> int | str | bool:
        """As the firm's column keeps it."""
        if self.column == "hometown_tie":
            return bool(self.num)
        return self.text if self.num is None else self.num


class ApproachNote(Record):
    """What was done about a firm, in a line: no names, no telephone numbers."""

    firm = models.ForeignKey(TargetFirm, on_delete=models.PROTECT, related_name="notes")
    state = models.CharField(_("对接情况"), max_length=12, choices=Approach.choices)
    note = models.CharField(_("记事"), max_length=200)
    on = models.DateField(_("日期"))

    view_permission: ClassVar[str | None] = "chains.view_target"

    class Meta:
        ordering: ClassVar = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.firm_id}:{self.on}"


class NoTwin(Record):
    """Two firms of like names that somebody looked at and found to be two."""

    first = models.ForeignKey(TargetFirm, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(TargetFirm, on_delete=models.PROTECT, related_name="+")

    view_permission: ClassVar[str | None] = "chains.view_target"

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="no_twin_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="no_twin_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}:{self.second_id}"
