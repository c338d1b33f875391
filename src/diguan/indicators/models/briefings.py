"""Briefings 简报: what a snapshot said of a month, word for word, and who made, reviewed and signed it; and who wants to be told."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class BriefingState(models.TextChoices):
    """How far a briefing has come; signed is published."""

    DRAFT = "draft", _("起草")
    REVIEWED = "reviewed", _("已复核")
    SIGNED = "signed", _("已签发")


class Briefing(Record):
    """One edition of the briefing of a month (``2025-08``), composed from one snapshot.

    ``text`` is the document in both languages (``queries/compose.py``) and ``digest`` its digest: what is reviewed and signed is these bytes, however
    the template or the indicators change afterwards. ``why`` says why there is a further edition; ``partial_reason`` why it was
    signed though figures are not whole. ``version`` counts changes of the row, so that two do not decide at once.
    """

    month = models.CharField(_("月份"), max_length=7)
    edition = models.PositiveSmallIntegerField(_("版次"), default=1)
    snapshot = models.ForeignKey("kernel.Run", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=8, choices=BriefingState.choices, default=BriefingState.DRAFT)
    text = models.JSONField()
    digest = models.CharField(max_length=64)
    why = models.CharField(_("为什么出新版"), max_length=300, blank=True)
    partial_reason = models.CharField(_("数据不全仍签发的理由"), max_length=300, blank=True)
    returned = models.CharField(_("退回原因"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reviewed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    signed_at = models.DateTimeField(null=True)

    view_permission: ClassVar[str | None] = "indicators.view_briefing"

    class Meta:
        ordering: ClassVar = ["-month", "-edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "edition"], name="briefing_once_an_edition"),
            models.UniqueConstraint(fields=["month"], condition=~Q(state="signed"), name="briefing_one_open_a_month"),
            models.CheckConstraint(condition=Q(state="draft") | Q(reviewed_by__isnull=False), name="briefing_reviewed_by_somebody"),
            models.CheckConstraint(condition=~Q(state="signed") | Q(signed_by__isnull=False), name="briefing_signed_by_somebody"),
            models.CheckConstraint(condition=Q(signed_by__isnull=True) | (~Q(signed_by=models.F("created_by")) & ~Q(signed_by=models.F("reviewed_by"))), name="briefing_signed_by_a_third"),
            models.CheckConstraint(condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("created_by")), name="briefing_reviewed_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.month} #{self.edition}"

    @property
    def published(self) -> bool:
        """Whether it is signed."""
        return self.state == BriefingState.SIGNED

    def document(self, language: str) -> dict[str, Any]:
        """What it says in a language."""
        found: dict[str, Any] = self.text["zh" if language.startswith("zh") else "en"]
        return found

    @property
    def partial(self) -> list[dict[str, Any]]:
        """Which of its figures are not whole."""
        found: list[dict[str, Any]] = self.document("zh")["partial"]
        return found


class BriefingSubscription(Record):
    """Whether a person wants a notice when a briefing is published; without a row what their role says holds."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    wanted = models.BooleanField(default=True)

    scope_person: ClassVar[str | None] = "person"
    view_permission: ClassVar[str | None] = "indicators.view_briefing"

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.wanted}"
