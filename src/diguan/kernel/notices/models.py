"""The notice, its way by each channel, and the rounds in which notices were sent."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class State(models.TextChoices):
    """How far a notice has come; withdrawn before anybody was told."""

    QUEUED = "queued", _("待送达")
    DELIVERED = "delivered", _("已送达")
    OPENED = "opened", _("已打开")
    ACTED = "acted", _("已办")
    REFUSED = "refused", _("不办")
    WITHDRAWN = "withdrawn", _("已撤回")


class Channel(models.TextChoices):
    """By which way it goes: the inbox on these pages, or a file that others send on."""

    PAGE = "page", _("网页")
    FILE = "file", _("短信或省平台")


class Way(models.TextChoices):
    """How far a notice has come by one channel; skipped where it was read before its turn."""

    QUEUED = "queued", _("待送")
    HANDED = "handed", _("已交出，等回执")
    DELIVERED = "delivered", _("已送达")
    FAILED = "failed", _("没有送到")
    SKIPPED = "skipped", _("不用送")


class RoundKind(models.TextChoices):
    """What a round did."""

    PAGE = "page", _("送进收件箱")
    FILE = "file", _("交出一份文件")
    RECEIPT = "receipt", _("收到一份回执")


class Notice(Record):
    """One message to one recipient: an enterprise by its credit code, or a person.

    ``kind`` and the pair ``about`` say what it is about; ``spell`` counts the times that became true for this recipient. ``addressee``
    and ``place`` are what stood on the envelope. ``ended_at``: since when what it says no longer holds. ``text`` is the short message.
    """

    kind = models.CharField(max_length=60)
    about_kind = models.SlugField(max_length=40)
    about_id = models.CharField(max_length=100)
    uscc = models.CharField(max_length=18, blank=True, db_index=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices", null=True)
    spell = models.PositiveIntegerField(default=1)
    addressee = models.CharField(_("收件人"), max_length=200)
    place = models.CharField(_("所在乡镇"), max_length=60, blank=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    body_zh = models.TextField()
    body_en = models.TextField()
    text = models.CharField(max_length=140, blank=True)
    link = models.CharField(max_length=300, blank=True)
    run = models.ForeignKey("kernel.Run", on_delete=models.PROTECT, related_name="+", null=True)
    token = models.CharField(max_length=32, editable=False, db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    ended_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.SlugField(max_length=40, blank=True)
    reason_text = models.CharField(max_length=200, blank=True)

    scope_uscc: ClassVar[str | None] = "uscc"
    scope_person: ClassVar[str | None] = "person"
    view_permission: ClassVar[str | None] = "notices.view_notice"

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=(~Q(uscc="") & Q(person__isnull=True)) | (Q(uscc="") & Q(person__isnull=False)),
                                   name="notice_one_recipient"),
            models.UniqueConstraint(fields=["kind", "about_kind", "about_id", "uscc", "spell"], condition=Q(person__isnull=True),
                                    name="notice_once_a_spell"),
            models.UniqueConstraint(fields=["kind", "about_kind", "about_id", "uscc"], condition=Q(person__isnull=True, ended_at__isnull=True),
                                    name="notice_one_holds"),
            models.UniqueConstraint(fields=["kind", "about_kind", "about_id", "person"], condition=Q(person__isnull=False, ended_at__isnull=True),
                                    name="notice_one_holds_for_a_person"),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "about_kind", "about_id", "state"], name="notice_about")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about_id} {self.uscc or self.person_id}"

    @property
    def holds(self) -> bool:
        """Whether what it says is still so."""
        return self.ended_at is None


class Round(Record):
    """One round of sending or of answers: one command, one Event, and the notices it touched as related rows."""

    kind = models.CharField(max_length=10, choices=RoundKind.choices)
    count = models.PositiveIntegerField(default=0)
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True)

    view_permission: ClassVar[str | None] = "notices.view_notice"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Dispatch(models.Model):
    """A notice's way by one channel; ``round`` is the one that put it there, ``note`` why it failed."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="dispatches")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=Way.choices, default=Way.QUEUED)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="dispatches", null=True)
    at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["notice", "channel"], name="dispatch_once_a_channel")]
        indexes: ClassVar = [models.Index(fields=["channel", "state"], name="dispatch_due")]

    def __str__(self) -> str:
        return f"{self.notice_id}:{self.channel} {self.state}"
