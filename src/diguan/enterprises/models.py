"""The nouns of the register: an enterprise, the names it bore, its titles, its contacts."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record

# Written where the office knows that there is none: known not to exist, which is not "nobody told us".
NONE_WORD = "无"


class KeyField(models.CharField):
    """A text that is sorted and searched by code point on every database."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        """As CharField, with collation C on PostgreSQL; SQLite compares bytes anyway."""
        found = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            found["collation"] = "C"
        return found


class BusinessStatus(models.TextChoices):
    """登记状态, in the words the register uses; the word itself is the fact's value."""

    ACTIVE = "存续", _("存续")
    SUSPENDED = "停业", _("停业")
    DEREGISTERED = "注销", _("注销")
    REVOKED = "吊销", _("吊销")


class ProductionStatus(models.TextChoices):
    """生产状态; the word itself is the fact's value."""

    PRODUCING = "在产", _("在产")
    BUILDING = "在建", _("在建")
    STOPPED = "停产", _("停产")
    NOT_STARTED = "未投产", _("未投产")


class TitleKind(models.TextChoices):
    """荣誉资质 that rules ask about; any other title keeps its own words."""

    HIGH_TECH = "high_tech_enterprise", _("高新技术企业")
    SRED_SME = "sred_sme", _("专精特新中小企业")
    LITTLE_GIANT = "little_giant", _("专精特新“小巨人”企业")
    SINGLE_CHAMPION = "single_champion", _("制造业单项冠军")
    ABOVE_SCALE = "above_scale", _("规上工业企业")
    OTHER = "other", _("其他资质")


# The words under which a title is kept, whatever language the page speaks.
TITLE_NAMES: dict[str, str] = {
    TitleKind.HIGH_TECH.value: "高新技术企业", TitleKind.SRED_SME.value: "专精特新中小企业", TitleKind.LITTLE_GIANT.value: "专精特新“小巨人”企业",
    TitleKind.SINGLE_CHAMPION.value: "制造业单项冠军", TitleKind.ABOVE_SCALE.value: "规上工业企业",
}


class Enterprise(Record):
    """One enterprise. ``registered_region`` and ``place_region`` are told separately, never derived.

    ``""`` in a text field and NULL elsewhere mean unknown; ``无`` in park, cluster or town means known to
    be none. ``version`` counts changes, for "someone else saved first".
    """

    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("企业名称"), max_length=200)
    name_key = KeyField(max_length=200, db_index=True, editable=False)
    pinyin_key = KeyField(max_length=200, db_index=True, editable=False)
    core_key = KeyField(max_length=200, db_index=True, editable=False)
    registered_region = models.CharField(_("登记地"), max_length=6, blank=True, db_index=True)
    registered_authority = models.CharField(_("登记机关"), max_length=100, blank=True)
    place_region = models.CharField(_("经营地"), max_length=6, blank=True)
    town = models.CharField(_("所在乡镇"), max_length=60, blank=True, db_index=True)
    address = models.CharField(_("经营地址"), max_length=200, blank=True)
    address_key = KeyField(max_length=200, db_index=True, editable=False, default="")
    industry = models.CharField(_("行业代码"), max_length=4, blank=True, db_index=True)
    cluster = models.CharField(_("产业集群"), max_length=40, blank=True, db_index=True)
    park = models.CharField(_("所在园区"), max_length=60, blank=True, db_index=True)
    business_status = models.CharField(_("登记状态"), max_length=8, blank=True, choices=BusinessStatus.choices)
    production_status = models.CharField(_("生产状态"), max_length=8, blank=True, choices=ProductionStatus.choices)
    established = models.DateField(_("成立日期"), null=True, blank=True)
    registered_capital_fen = models.BigIntegerField(_("注册资本"), null=True, blank=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True)
    person_key = KeyField(max_length=60, db_index=True, editable=False, default="")
    service_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("服务专员"))
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_uscc: ClassVar[str | None] = "uscc"
    view_permission: ClassVar[str | None] = "enterprises.view_enterprise"

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(registered_capital_fen__isnull=True) | Q(registered_capital_fen__gte=0),
                name="enterprise_capital_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class FormerName(models.Model):
    """曾用名. ``until`` is the last day it was borne, where known."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="former_names")
    name = models.CharField(_("曾用名"), max_length=200)
    name_key = KeyField(max_length=200, db_index=True, editable=False)
    pinyin_key = KeyField(max_length=200, db_index=True, editable=False)
    core_key = KeyField(max_length=200, db_index=True, editable=False)
    until = models.DateField(_("用到"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-until", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enterprise", "name_key"], name="former_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Title(models.Model):
    """荣誉资质: granted on a day, to a day, or withdrawn before it."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="titles")
    kind = models.CharField(_("类别"), max_length=24, choices=TitleKind.choices)
    name = models.CharField(_("名称"), max_length=100)
    issuer = models.CharField(_("发证机关"), max_length=100, blank=True)
    issued = models.DateField(_("发证日期"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    withdrawn_on = models.DateField(_("取消日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("取消原因"), max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-issued", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enterprise", "kind", "name", "issued"], name="title_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("issued")),
                name="title_ends_after_issue"),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=models.F("issued")),
                name="title_withdrawn_after_issue"),
        ]

    def __str__(self) -> str:
        return self.name

    def holds(self, day: dt.date) -> bool:
        """Whether it is held on ``day``; the day of withdrawal no longer counts."""
        ended = self.valid_until is not None and self.valid_until < day
        withdrawn = self.withdrawn_on is not None and self.withdrawn_on <= day
        return self.issued <= day and not ended and not withdrawn


class Contact(models.Model):
    """联系人. The phone number is shown masked; the whole of it only against a reason, logged."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(_("姓名"), max_length=60)
    role = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    phone_key = KeyField(max_length=30, db_index=True, editable=False, default="")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class ContactView(models.Model):
    """Somebody saw a full phone number: who, when, why."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="views")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))
    reason = models.CharField(_("理由"), max_length=200)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.contact_id}:{self.viewer_id}"


class CapabilityState(models.TextChoices):
    """How far a claim is believed; expired is not kept, it follows from the day."""

    CLAIMED = "claimed", _("待核实")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


class Capability(Record):
    """能力: one claim of what an enterprise can do, entered by one person and verified by another.

    ``kind`` and ``details`` are declared in :mod:`diguan.enterprises.engine.capabilities`; ``key`` makes it the same
    claim when it is told again. ``proof`` is the file, ``document`` the number of the paper it stands in. Whoever
    enters a claim anew puts it back to claimed; ``entered_by`` is that person, ``created_by`` the first one.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="capabilities")
    kind = models.CharField(_("能力类别"), max_length=20, db_index=True)
    name = models.CharField(_("名称"), max_length=100)
    key = KeyField(max_length=400, editable=False)
    details = models.JSONField(_("内容"), default=dict)
    issuer = models.CharField(_("出具单位"), max_length=100)
    document = models.CharField(_("文号或证书号"), max_length=100, blank=True)
    issued = models.DateField(_("出具日期"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True, db_index=True)
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("凭证文件"))
    state = models.CharField(_("状态"), max_length=10, choices=CapabilityState.choices, default=CapabilityState.CLAIMED, db_index=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("填报人"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核实人"))
    decided_on = models.DateField(_("核实日期"), null=True, blank=True)
    decision = models.CharField(_("驳回或撤回原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_uscc: ClassVar[str | None] = "enterprise__uscc"
    view_permission: ClassVar[str | None] = "enterprises.view_capability"

    class Meta:
        ordering: ClassVar = ["-issued", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enterprise", "kind", "key"], name="capability_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("issued")), name="capability_ends_after_issue"),
            models.CheckConstraint(
                condition=~Q(state="verified") | (Q(decided_by__isnull=False) & ~Q(decided_by=models.F("entered_by"))
                                                  & (Q(created_by__isnull=True) | ~Q(decided_by=models.F("created_by")))),
                name="capability_verified_by_another"),
        ]

    def __str__(self) -> str:
        return self.name

    def standing(self, day: dt.date) -> str:
        """Its state on a day: the one kept, or ``expired`` where it was verified and has ended."""
        if self.state == CapabilityState.VERIFIED and self.valid_until is not None and self.valid_until < day:
            return "expired"
        return str(self.state)

    def counts(self, day: dt.date) -> bool:
        """Whether it is believed on a day: verified, issued by then, not ended."""
        return self.issued <= day and self.standing(day) == CapabilityState.VERIFIED
