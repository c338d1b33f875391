"""协议 and 承诺: what was signed with an investor, in its own money and in fen, and what the county promised in it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel.records import Record
from diguan.projects.models.checked import Checked
from diguan.projects.models.projects import Project


class AgreementKind(models.TextChoices):
    """What an agreement is to the count of investment (``engine/counting.py``)."""

    FRAMEWORK = "framework", _("框架协议")
    CONTRACT = "contract", _("正式合同")
    SUPPLEMENT = "supplement", _("增资协议")
    REPLACEMENT = "replacement", _("变更投资方")
    AMENDMENT = "amendment", _("修订协议")


class Agreement(Checked):
    """One signed paper. ``minor`` is its amount in minor units of ``currency`` as the paper says; ``amount_fen`` the same in fen.

    Of another currency than yuan ``rate`` (0.00000001 yuan for one unit), its day and its source are kept. ``total_fen``: the whole
    investment after what is added. ``replaces``: the agreement whose place it takes. ``no_promises``: the county promised nothing in it.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("项目"))
    kind = models.CharField(_("协议类别"), max_length=12, choices=AgreementKind.choices, db_index=True)
    number = models.CharField(_("协议编号"), max_length=60)
    signed_on = models.DateField(_("签订日期"), db_index=True)
    counterparty = models.CharField(_("签约方"), max_length=200)
    counterparty_core = KeyField(max_length=200, editable=False)
    counterparty_uscc = models.CharField(_("签约方信用代码"), max_length=18, blank=True)
    currency = models.CharField(_("币种"), max_length=3, default="CNY")
    minor = models.BigIntegerField(_("合同金额"), null=True, blank=True)
    rate = models.BigIntegerField(_("折算汇率"), null=True, blank=True)
    rate_on = models.DateField(_("汇率日期"), null=True, blank=True)
    rate_source = models.CharField(_("汇率出处"), max_length=120, blank=True)
    amount_fen = models.BigIntegerField(_("折合人民币"), null=True, blank=True)
    rounded = models.BooleanField(_("折算时四舍五入到分"), default=False)
    total_fen = models.BigIntegerField(_("增资后总投资"), null=True, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True, verbose_name=_("替换哪份协议"))
    no_promises = models.BooleanField(_("协议里县里没有承诺"), default=False)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("作废人"))
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    scope_unit: ClassVar[str | None] = "project__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_agreement"

    class Meta(Checked.Meta):
        ordering: ClassVar = ["-signed_on", "-id"]
        constraints: ClassVar = [
            *Checked.Meta.constraints,
            models.CheckConstraint(condition=Q(minor__isnull=True, amount_fen__isnull=True) | Q(minor__gt=0, amount_fen__gt=0), name="agreement_amount_positive"),
            models.CheckConstraint(condition=Q(kind__in=("framework", "amendment")) | Q(minor__isnull=False), name="agreement_has_amount"),
            models.CheckConstraint(
                condition=Q(currency="CNY", rate__isnull=True) & (Q(minor__isnull=True) | Q(minor=F("amount_fen"))) | ~Q(currency="CNY") & (Q(minor__isnull=True) | Q(rate__gt=0, rate_on__isnull=False)),
                name="agreement_rate_of_other_money"),
            models.CheckConstraint(condition=~Q(kind="supplement") | Q(total_fen__gt=0), name="agreement_supplement_says_the_whole"),
            models.CheckConstraint(condition=~Q(kind="replacement") | Q(replaces__isnull=False), name="agreement_replacement_of_one"),
            models.CheckConstraint(condition=~Q(state="void") | (Q(voided_by__isnull=False, voided_at__isnull=False) & ~Q(decision="")), name="agreement_void_with_reason"),
            models.UniqueConstraint(fields=["project", "number"], condition=~Q(state__in=("rejected", "void")), name="agreement_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.counterparty}"


class PromiseKind(models.TextChoices):
    """What the county promises."""

    LAND = "land", _("土地")
    FACTORY = "factory", _("厂房")
    ENERGY = "energy", _("水电气等要素")
    FISCAL = "fiscal", _("税收或财政支持")
    OTHER = "other", _("其他")


class ReviewConclusion(models.TextChoices):
    """What the fair-competition review came to."""

    WAITING = "", _("待审查")
    PASSED = "passed", _("通过")
    FAILED = "failed", _("不通过")
    EXEMPT = "exempt", _("适用例外规定")


class Promise(Record):
    """承诺: one thing the county promises in an agreement, and its fair-competition review by another person.

    A favour in taxes or money without a legal basis can never pass (公平竞争审查条例; ``packs/base/fair_competition.yaml``).
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="promises", verbose_name=_("协议"))
    kind = models.CharField(_("承诺类别"), max_length=10, choices=PromiseKind.choices)
    text = models.CharField(_("承诺内容"), max_length=300)
    legal_basis = models.CharField(_("法律依据"), max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    conclusion = models.CharField(_("公平竞争审查结论"), max_length=10, choices=ReviewConclusion.choices, default="", blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("审查人"))
    reviewed_on = models.DateField(_("审查日期"), null=True, blank=True)
    review_note = models.CharField(_("审查意见"), max_length=300, blank=True)
    review_proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("审查表"))
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "agreement__project__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_agreement"

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(conclusion="") | (Q(reviewed_by__isnull=False, reviewed_on__isnull=False, review_proof__isnull=False) & ~Q(reviewed_by=F("entered_by"))), name="promise_reviewed_by_another"),
            models.CheckConstraint(condition=~Q(kind="fiscal", legal_basis="") | Q(conclusion__in=("", "failed")), name="promise_of_money_has_a_basis"),
        ]

    def __str__(self) -> str:
        return self.text[:40]
