"""The nouns of what follows a match: one firm's claim on one policy. Its way is a course of the flow ``policy_claim``.

What became of a claim while its policy is held up is a :class:`ClaimHold`; that it is judged differently by now a :class:`ClaimReview`.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks
from diguan.kernel.records import Record

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
