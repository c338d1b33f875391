"""The nouns of what follows a match: one firm's claim on one policy, and the money that goes out for it.

A claim's way is a course of the flow ``policy_claim``. What became of a claim while its policy is held up is a :class:`ClaimHold`; that it is judged differently by now a :class:`ClaimReview`.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks
from diguan.kernel.events import AppendOnlyModel
from diguan.kernel.records import Record
from diguan.policies.models.drafts import Draft, DraftVersion

__all__ = ["CLAIM", "Claim", "Delivery", "Draft", "DraftVersion"]
CLAIM = "policy_claim"
"""The kind of subject a claim is: of its course, its evidence and its facts."""


class Delivery(models.TextChoices):
    """How a policy reaches the enterprise; the words of a policy's ``delivery``."""

    AUTOMATIC = "automatic", _("免申即享")
    FAST = "fast", _("快申快享")
    APPLICATION = "application", _("申报")


class Claim(Record):
    """兑现: one enterprise under one policy, with the amount that was granted.

    ``policy_version`` is the digest of the text it is judged by; ``match`` and ``allocation`` are the runs it rests on
    (empty where no allocation was needed). ``attempt`` counts an enterprise's claims on one policy: a new one begins only
    when the one before has ended without money. Where a claim stands is the open task of its course, nothing here.
    """

    policy = models.SlugField(_("政策"), max_length=80)
    policy_version = models.CharField(_("政策版本"), max_length=64)
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="claims", verbose_name=_("企业"))
    attempt = models.PositiveSmallIntegerField(_("第几次"), default=1)
    delivery = models.CharField(_("兑现方式"), max_length=12, choices=Delivery.choices)
    amount_fen = models.BigIntegerField(_("核定金额（分）"))
    match = models.CharField(_("比对"), max_length=64)
    allocation = models.CharField(_("分配"), max_length=64, blank=True)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("经办人"))
    course = models.OneToOneField("kernel.Course", on_delete=models.PROTECT, related_name="claim", null=True, verbose_name=_("办理"))
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_uscc: ClassVar[str | None] = "enterprise__uscc"
    view_permission: ClassVar[str | None] = "policies.view_claim"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "enterprise", "attempt"], name="claim_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gte=0), name="claim_amount_not_negative"),
        ]
        indexes: ClassVar = [models.Index(fields=["policy", "policy_version"], name="claim_of_policy")]

    def __str__(self) -> str:
        return f"{self.policy} {self.enterprise_id}"


# ── money ────────────────────────────────────────────────────────────────────
class PaymentSequence(models.Model):
    """The last number given out in a year; it only grows."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class OrderState(models.TextChoices):
    """Where a payment order is."""

    DRAFTED = "drafted", _("待审批")
    APPROVED = "approved", _("已审批")
    SENT = "sent", _("已送国库")
    CLOSED = "closed", _("已办结")
    CANCELLED = "cancelled", _("已撤销")


class PaymentOrder(Record):
    """付款通知: what the treasury is asked to pay under one policy. Who drafted it cannot approve it; its number is given once."""

    year = models.PositiveSmallIntegerField(_("年度"))
    serial = models.PositiveIntegerField(_("序号"))
    policy = models.SlugField(_("政策"), max_length=80)
    state = models.CharField(_("状态"), max_length=10, choices=OrderState.choices, default=OrderState.DRAFTED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("拟稿人"))
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("审批人"))
    approved_at = models.DateTimeField(_("审批时间"), null=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("送出人"))
    sent_at = models.DateTimeField(_("送出时间"), null=True)
    sent_on = models.DateField(_("送出日期"), null=True)
    ended_at = models.DateTimeField(_("办结时间"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "policies.view_payment"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["year", "serial"], name="payment_order_number_once"),
            models.CheckConstraint(condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("entered_by")), name="payment_order_approved_by_another"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "sent", "closed"]) | models.Q(approved_by__isnull=False, approved_at__isnull=False), name="payment_order_approved"),
            models.CheckConstraint(condition=~models.Q(state__in=["sent", "closed"]) | models.Q(sent_by__isnull=False, sent_on__isnull=False), name="payment_order_sent"),
        ]
        indexes: ClassVar = [models.Index(fields=["policy", "state"], name="payment_order_of_policy")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the paper is called: 付〔2026〕12号."""
        return f"付〔{self.year}〕{self.serial}号"


class PaymentLine(models.Model):
    """One claim in a payment order. ``live``: it is still to be paid, in whole or in part; then nothing else may order that instalment."""

    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="lines", verbose_name=_("付款通知"))
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="payment_lines", verbose_name=_("兑现"))
    instalment = models.PositiveSmallIntegerField(_("第几笔"), default=1)
    payee = models.CharField(_("收款户名"), max_length=200)
    account = models.CharField(_("收款账号"), max_length=30)
    bank = models.CharField(_("开户行"), max_length=200)
    source = models.ForeignKey("kernel.Evidence", on_delete=models.PROTECT, related_name="+", verbose_name=_("收款账户材料"))
    note = models.CharField(_("户名说明"), max_length=200, blank=True)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    live = models.BooleanField(_("待付"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "order__owner_unit"
    scope_uscc: ClassVar[str | None] = "claim__enterprise__uscc"
    scope_person: ClassVar[str | None] = None
    view_permission: ClassVar[str | None] = "policies.view_payment"

    class Meta:
        ordering: ClassVar = ["order", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim", "instalment"], condition=models.Q(live=True), name="payment_line_live_once"),
            models.UniqueConstraint(fields=["order", "claim"], name="payment_line_of_order_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="payment_line_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}#{self.pk}"


class Outcome(models.TextChoices):
    """What the treasury says of a line."""

    PAID = "paid", _("已支付")
    RETURNED = "returned", _("银行退回")


class ResultState(models.TextChoices):
    """Where a result is: entered by one person, booked by another."""

    ENTERED = "entered", _("待复核")
    BOOKED = "booked", _("已入账")
    REJECTED = "rejected", _("已驳回")


class PaymentResult(Record):
    """支付结果: what one person says the treasury did with a line, on paper; another person books it into the ledger."""

    line = models.ForeignKey(PaymentLine, on_delete=models.PROTECT, related_name="results", verbose_name=_("明细"))
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome.choices)
    fen = models.BigIntegerField(_("金额（分）"))
    day = models.DateField(_("支付或退回日期"))
    number = models.CharField(_("凭证号"), max_length=100)
    voucher = models.ForeignKey("kernel.Evidence", on_delete=models.PROTECT, related_name="+", verbose_name=_("凭证"))
    key = models.CharField(max_length=200, editable=False)
    state = models.CharField(_("状态"), max_length=10, choices=ResultState.choices, default=ResultState.ENTERED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("复核人"))
    decided_at = models.DateTimeField(_("复核时间"), null=True)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    decision = models.CharField(_("驳回原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "policies.view_payment"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=~models.Q(state="rejected"), name="payment_result_once"),
            models.CheckConstraint(condition=models.Q(fen__gt=0), name="payment_result_positive"),
            models.CheckConstraint(
                condition=~models.Q(state="booked") | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("entered_by"))), name="payment_result_booked_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.outcome} {self.number}"


class EntryKind(models.TextChoices):
    """The kinds of ledger entries."""

    GRANTED = "granted", _("核定")
    ORDERED = "ordered", _("开付款通知")
    PAID = "paid", _("已支付")
    RETURNED = "returned", _("银行退回")
    REVERSED = "reversed", _("冲销")
    DEMANDED = "demanded", _("决定追回")
    REPAID = "repaid", _("退缴")


_TWO = ["paid", "returned", "demanded", "repaid"]


class LedgerEntry(AppendOnlyModel):
    """台账: one movement of one claim's money, never changed. A wrong one is taken back by a reversal of the same amount.

    Where money moves, who entered it and who verified it are two people, and a voucher says it. ``key`` makes it once.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="entries", verbose_name=_("兑现"))
    line = models.ForeignKey(PaymentLine, on_delete=models.PROTECT, related_name="entries", null=True, verbose_name=_("明细"))
    kind = models.CharField(_("事项"), max_length=10, choices=EntryKind.choices)
    fen = models.BigIntegerField(_("金额（分）"))
    day = models.DateField(_("日期"))
    voucher = models.ForeignKey("kernel.Evidence", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("凭证"))
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, related_name="reversal", null=True, verbose_name=_("冲销哪一笔"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("复核人"))
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    key = models.CharField(max_length=200, unique=True, editable=False)
    at = models.DateTimeField(_("入账时间"), default=clocks.now)

    scope_unit: ClassVar[str | None] = "claim__owner_unit"
    scope_uscc: ClassVar[str | None] = "claim__enterprise__uscc"
    scope_person: ClassVar[str | None] = None
    view_permission: ClassVar[str | None] = "policies.view_payment"

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(fen__gt=0), name="ledger_entry_positive"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=_TWO) | models.Q(verified_by__isnull=False, voucher__isnull=False), name="ledger_money_has_voucher"),
            models.CheckConstraint(condition=models.Q(verified_by__isnull=True) | ~models.Q(verified_by=models.F("entered_by")), name="ledger_entry_by_two"),
            models.CheckConstraint(condition=models.Q(kind="reversed", reverses__isnull=False) | (~models.Q(kind="reversed") & models.Q(reverses__isnull=True)), name="ledger_reversal_of_one"),
            models.CheckConstraint(condition=~models.Q(kind__in=["ordered", "paid", "returned"]) | models.Q(line__isnull=False), name="ledger_payment_has_line"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.kind} {self.fen}"
# ── a policy held up while its claims run ────────────────────────────────────
class ClaimHold(models.Model):
    """What an officer said of one open claim when its policy was suspended or ended: it goes on, or it is suspended with it.

    ``life`` is the policy's course, ``course_version`` the version of the claim's course as the command left it: what somebody
    changed since is not lifted with the policy. A row without ``lifted_at`` holds.
    """

    life = models.ForeignKey("kernel.Course", on_delete=models.PROTECT, related_name="+", verbose_name=_("政策全过程"))
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="holds", verbose_name=_("兑现"))
    goes_on = models.BooleanField(_("照原来的版本继续"))
    reason = models.CharField(_("理由"), max_length=300)
    course_version = models.PositiveIntegerField(editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("决定人"))
    at = models.DateTimeField(_("时间"), default=clocks.now)
    lifted_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["life", "claim"], condition=models.Q(lifted_at__isnull=True), name="claim_held_once")]

    def __str__(self) -> str:
        return f"{self.claim_id} {'goes on' if self.goes_on else 'held'}"


# ── a claim that is judged differently by now ────────────────────────────────
class ReviewState(models.TextChoices):
    """What became of a finding. ``lapsed``: a later match judges as the claim rests on again, or finds something else."""

    OPEN = "open", _("待复核")
    KEPT = "kept", _("维持原判")
    STOPPED = "stopped", _("不再兑现")
    CLAWBACK = "clawback", _("建议追回")
    LAPSED = "lapsed", _("不再成立")


class ClaimReview(Record):
    """复核: a match judges the firm of a claim differently from the match the claim rests on.

    ``changed`` names the facts that are told differently (fact, period, kind, before, after) and ``clauses`` those that turned;
    ``finding`` is the digest of what was found, so that the same finding never comes twice. While it is open nothing is ordered.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("兑现"))
    old_run = models.CharField(_("原比对"), max_length=64)
    new_run = models.CharField(_("新比对"), max_length=64)
    was_status = models.SmallIntegerField(_("原判"))
    now_status = models.SmallIntegerField(_("现判"))
    was_fen = models.BigIntegerField(_("原金额（分）"), null=True)
    now_fen = models.BigIntegerField(_("现金额（分）"), null=True)
    changed = models.JSONField(_("变了的事实"), default=list)
    clauses = models.JSONField(_("变了的条款"), default=list)
    finding = models.CharField(max_length=64, editable=False)
    paid = models.BooleanField(_("发现时已拨付"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=ReviewState.choices, default=ReviewState.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("决定人"))
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    decision = models.CharField(_("决定理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "policies.view_review"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim", "finding"], name="review_of_finding_once"),
            models.UniqueConstraint(fields=["claim"], condition=models.Q(state="open"), name="review_open_once"),
            models.CheckConstraint(condition=models.Q(state__in=["open", "lapsed"]) | models.Q(decided_by__isnull=False), name="review_decided_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.state}"
