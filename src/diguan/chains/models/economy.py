"""投入产出表、本县一年的产出、行业户数表、估计: what the pages of the regional economy rest on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class TableState(models.TextChoices):
    """A file that was read stands there to be looked at; it counts once somebody has taken it in."""

    DRAFT = "draft", _("待入库")
    KEPT = "kept", _("已入库")


class Proxy(models.TextChoices):
    """What the county's figures by sector are."""

    OUTPUT = "output", _("总产出")
    SALES = "sales", _("开票销售")
    JOBS = "jobs", _("从业人员")


class IoTable(Record):
    """One input–output table: the file as it came (``upload``; none: the example the product ships), and what it says of itself.

    ``off`` is the largest imbalance of a row or column, as a share of its sector's output. ``sectors`` maps a GB/T 4754 prefix
    (digits, or a section's letter) to a sector's code; empty where nobody brought it. One table at most is ``current``.
    """

    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("原文件"))
    example = models.BooleanField(_("示例"), default=False)
    name = models.CharField(_("表名"), max_length=200)
    year = models.PositiveSmallIntegerField(_("年份"))
    source = models.CharField(_("来源"), max_length=200)
    region = models.CharField(_("区域"), max_length=100, blank=True)
    level = models.CharField(_("层级"), max_length=10)
    unit = models.CharField(_("单位"), max_length=40)
    imports = models.CharField(_("进口处理"), max_length=10)
    size = models.PositiveIntegerField(_("部门数"))
    off = models.FloatField(_("最大不平衡"), default=0)
    sectors = models.JSONField(_("行业与部门对照"), default=dict)
    state = models.CharField(_("状态"), max_length=6, choices=TableState.choices, default=TableState.DRAFT)
    current = models.BooleanField(_("正在用"), default=False)

    view_permission: ClassVar[str | None] = "chains.view_economy"

    class Meta:
        ordering: ClassVar = ["-current", "-year", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="table_one_current"),
            models.CheckConstraint(condition=Q(current=False) | Q(state="kept"), name="table_current_is_kept"),
            models.CheckConstraint(condition=Q(example=True) | Q(upload__isnull=False), name="table_has_its_file"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class RegionYear(Record):
    """The county in one year, by the sectors of a table. Money is in the table's unit; NULL is not known.

    ``local`` maps a sector's code to its output, or to what stands in for it (``proxy``); ``whole`` the same of the table's
    region, empty where the table itself says it. ``income`` is household income from all sources, ``spending`` what households spend,
    ``living_here`` basis points of workers who live in the county. ``told`` and ``asked`` count the firms behind figures computed from facts. The newest counts.
    """

    table = models.ForeignKey(IoTable, on_delete=models.PROTECT, related_name="regions")
    name = models.CharField(_("区域"), max_length=100)
    year = models.PositiveSmallIntegerField(_("年份"))
    proxy = models.CharField(_("口径"), max_length=6, choices=Proxy.choices)
    local = models.JSONField(_("各部门数值"))
    whole = models.JSONField(_("上级区域各部门数值"), default=dict)
    income = models.FloatField(_("居民收入（全部来源）"), null=True, blank=True)
    spending = models.FloatField(_("居民消费"), null=True, blank=True)
    living_here = models.PositiveIntegerField(_("本地居住的从业者"), default=10_000)
    source = models.CharField(_("来源"), max_length=200)
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("原文件"))
    told = models.PositiveIntegerField(_("有数的企业"), null=True, blank=True)
    asked = models.PositiveIntegerField(_("登记的企业"), null=True, blank=True)

    view_permission: ClassVar[str | None] = "chains.view_economy"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(living_here__lte=10_000), name="region_living_here_is_a_share"),
            models.CheckConstraint(condition=Q(income__isnull=True) | Q(income__gt=0), name="region_income_above_0"),
            models.CheckConstraint(condition=Q(spending__isnull=True) | Q(spending__gte=0), name="region_spending_not_below_0"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class Places(Record):
    """行业户数表: counts (or output) of industries by region and year, for quotients, shift-share and relatedness. The newest counts."""

    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("原文件"))
    name = models.CharField(_("表名"), max_length=200)
    source = models.CharField(_("来源"), max_length=200)
    counts = models.BooleanField(_("数的是户数"), default=True)
    home = models.CharField(_("本县在表里叫什么"), max_length=100)
    regions = models.PositiveIntegerField(_("地区数"))
    industries = models.PositiveIntegerField(_("行业数"))
    years = models.JSONField(_("年份"), default=list)

    view_permission: ClassVar[str | None] = "chains.view_economy"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name


class EstimateKind(models.TextChoices):
    """What was estimated."""

    PROJECT = "project", _("项目")
    TOURISM = "tourism", _("文旅")


class Estimate(Record):
    """估计: what was put in, what came out and what it rests on, as it was on the day. Written once, never changed; its id is the number it is cited by."""

    kind = models.CharField(_("类别"), max_length=8, choices=EstimateKind.choices)
    title = models.CharField(_("名称"), max_length=100)
    table = models.ForeignKey(IoTable, on_delete=models.PROTECT, related_name="estimates")
    region = models.ForeignKey(RegionYear, on_delete=models.PROTECT, related_name="estimates", null=True, blank=True)
    node = models.CharField(_("环节"), max_length=60, blank=True)
    inputs = models.JSONField(_("填的数"))
    result = models.JSONField(_("结果"))
    basis = models.JSONField(_("依据"))

    view_permission: ClassVar[str | None] = "chains.view_economy"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.title
