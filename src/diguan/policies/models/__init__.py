"""The nouns of what follows a match: one firm's claim on one policy. Its way is a course of the flow ``policy_claim``."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
