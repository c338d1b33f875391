"""对接: an officer introduces a supplier and a buyer of one node; neither learns who the other is before both have consented."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.chains.models.coverage import Coverage, Role
from diguan.kernel import clocks
from diguan.kernel.records import Record


class IntroductionState(models.TextChoices):
    """How far it is. Beyond the day to which consent was asked an agreed one opens nothing, whether or not the clock has been."""

    ASKED = "asked", _("等企业答复")
    AGREED = "agreed", _("双方同意")
    DECLINED = "declined", _("有一方不同意")
    WITHDRAWN = "withdrawn", _("有一方撤回同意")
    EXPIRED = "expired", _("到期")
    ENDED = "ended", _("专班结束")


OPEN = (IntroductionState.ASKED, IntroductionState.AGREED)


class Introduction(Record):
    """One proposal that a supplier and a buyer of one node meet, for a purpose, until a day.

    ``supply`` and ``need`` are the rows of coverage it came of. ``proposed_fen``: fen a year, told to neither before both have consented.
    ``answer_by``: the last day to answer; ``until``: the last day on which each may see the other.
    """

    node = models.CharField(_("环节"), max_length=60, db_index=True)
    supply = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="introduced_as_supplier", verbose_name=_("供方"))
    need = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="introduced_as_buyer", verbose_name=_("需方"))
    proposed_fen = models.BigIntegerField(_("建议金额"))
    purpose = models.CharField(_("为什么对接"), max_length=200)
    answer_by = models.DateField(_("最晚答复"))
    until = models.DateField(_("同意到哪天"))
    state = models.CharField(_("状态"), max_length=10, choices=IntroductionState.choices, default=IntroductionState.ASKED, db_index=True)
    made_on = models.DateField(_("提出"))
    agreed_on = models.DateField(_("双方同意"), null=True, blank=True)
    ended_on = models.DateField(_("结束"), null=True, blank=True)
    end_reason = models.CharField(_("为什么结束"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "chains.view_introduction"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["supply", "need"], condition=Q(state__in=("asked", "agreed")), name="introduced_once_at_a_time"),
            models.CheckConstraint(condition=Q(proposed_fen__gt=0), name="introduction_of_some_amount"),
            models.CheckConstraint(condition=~Q(supply=F("need")), name="introduction_of_two_rows"),
            models.CheckConstraint(condition=Q(until__gte=F("answer_by")), name="introduction_answered_before_it_ends"),
            models.CheckConstraint(condition=~Q(state="agreed") | Q(agreed_on__isnull=False), name="introduction_agreed_on_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.node}:{self.supply_id}-{self.need_id}"

    def opens(self, day: dt.date) -> bool:
        """Whether each side may see the other on a day: both consented, nobody took it back, its day not past."""
        return self.state == IntroductionState.AGREED and self.until >= day

    def waits(self, day: dt.date) -> bool:
        """Whether it may still be answered on a day."""
        return self.state == IntroductionState.ASKED and self.answer_by >= day


class Answer(models.TextChoices):
    """What one side said."""

    WAITING = "", _("等答复")
    CONSENTED = "consented", _("同意")
    DECLINED = "declined", _("不同意")
    WITHDRAWN = "withdrawn", _("撤回同意")


class IntroductionSide(models.Model):
    """One firm's part: its answer, and whom the other may call once both have consented. The contact is emptied when consent is taken back or the time is over."""

    introduction = models.ForeignKey(Introduction, on_delete=models.PROTECT, related_name="sides")
    role = models.CharField(_("哪一方"), max_length=4, choices=Role.choices)
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="introduction_sides")
    answer = models.CharField(_("答复"), max_length=10, choices=Answer.choices, default=Answer.WAITING, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("答复人"))
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=30, blank=True)

    scope_unit: ClassVar[str | None] = "introduction__owner_unit"
    scope_uscc: ClassVar[str | None] = "enterprise__uscc"
    scope_person: ClassVar[str | None] = None

    class Meta:
        ordering: ClassVar = ["introduction", "role"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["introduction", "role"], name="introduction_side_once"),
            models.CheckConstraint(condition=Q(answer="") | (Q(answered_by__isnull=False) & Q(answered_at__isnull=False)), name="introduction_answered_by_somebody"),
            models.CheckConstraint(condition=Q(answer="consented") | (Q(contact_name="") & Q(contact_phone="")), name="introduction_contact_while_consented"),
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id}:{self.role}"

    @property
    def other_role(self) -> Role:
        """The other side's."""
        return Role.USE if self.role == Role.MAKE else Role.MAKE


class OrderState(models.TextChoices):
    """How far an outcome is believed."""

    CLAIMED = "claimed", _("待核实")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("已驳回")


class IntroductionOrder(models.Model):
    """成交: an invoice that came of an introduction, entered by one person and verified by another. ``amount_fen`` as the invoice says, tax included."""

    introduction = models.ForeignKey(Introduction, on_delete=models.PROTECT, related_name="orders")
    amount_fen = models.BigIntegerField(_("发票金额"))
    invoice = models.CharField(_("发票号码"), max_length=40)
    invoiced_on = models.DateField(_("开票日期"))
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("发票"))
    state = models.CharField(_("状态"), max_length=10, choices=OrderState.choices, default=OrderState.CLAIMED, db_index=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    entered_at = models.DateTimeField(default=clocks.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核实人"))
    decided_on = models.DateField(_("核实日期"), null=True)
    decision = models.CharField(_("驳回原因"), max_length=200, blank=True)

    scope_unit: ClassVar[str | None] = "introduction__owner_unit"
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "entered_by"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice"], condition=~Q(state="rejected"), name="introduction_invoice_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="introduction_order_of_some_amount"),
            models.CheckConstraint(condition=Q(state="claimed") | (Q(decided_by__isnull=False) & Q(decided_on__isnull=False) & ~Q(decided_by=F("entered_by"))), name="introduction_order_decided_by_another"),
        ]

    def __str__(self) -> str:
        return self.invoice
