"""The nouns of this room: matters and life events, each with versions that never change once they are published."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel import clocks
from diguan.kernel.records import Record


class MatterState(models.TextChoices):
    """Where a matter stands; which of its versions is in force follows from the day."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    RETIRED = "retired", _("已取消")


class Matter(Record):
    """One matter (政务服务事项) of a bureau. What lists show is copied from its newest version; ``version`` counts changes of the row."""

    key = KeyField(_("事项标识"), max_length=60, unique=True)
    name = models.CharField(_("事项名称"), max_length=200)
    name_key = KeyField(max_length=200, editable=False, db_index=True)
    catalog_code = models.CharField(_("基本编码"), max_length=12, blank=True)
    task_code = KeyField(_("实施编码"), max_length=31, null=True, blank=True, unique=True)
    kind = models.CharField(_("事项类型"), max_length=20)
    bureau = models.CharField(_("实施主体"), max_length=60)
    case_type = models.CharField(_("办件类型"), max_length=10)
    statutory_days = models.PositiveSmallIntegerField(_("法定办结时限"), null=True)
    promised_days = models.PositiveSmallIntegerField(_("承诺办结时限"), null=True)
    visits = models.PositiveSmallIntegerField(_("到办事现场次数"), null=True)
    is_fee = models.BooleanField(_("是否收费"), default=False)
    provisional = models.BooleanField(_("暂录待核"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=MatterState.choices, default=MatterState.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_matter"

    class Meta:
        ordering: ClassVar = ["bureau", "name_key", "id"]

    def __str__(self) -> str:
        return self.name


class MatterVersion(models.Model):
    """What a matter says from a day on. A draft may change; a published one is frozen, and its digest says so."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    published = models.BooleanField(default=False)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    origin = models.CharField(_("来源"), max_length=200, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=clocks.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    published_at = models.DateTimeField(null=True)

    scope_unit: ClassVar[str | None] = "matter__owner_unit"
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "drafted_by"

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "number"], name="matter_version_number"),
            models.UniqueConstraint(fields=["matter"], condition=Q(published=False), name="matter_one_draft"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")), name="matter_version_days"),
            models.CheckConstraint(condition=Q(published=False, published_by=None, published_at=None) | Q(published=True, published_by__isnull=False, published_at__isnull=False), name="matter_version_published"),
        ]

    def __str__(self) -> str:
        return f"{self.matter} {self.number}"


class LifeEvent(Record):
    """One life event (一件事), known by its key; visible to the whole county, for only what is published gets here."""

    key = KeyField(_("标识"), max_length=60, unique=True)
    title = models.JSONField(_("名称"))
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_life_event"

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.title["zh"])


class LifeEventVersion(models.Model):
    """One document of a life event as it was published; never changed. The version in force is the newest that has begun and not ended."""

    life_event = models.ForeignKey(LifeEvent, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    origin = models.CharField(_("来源"), max_length=200, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["life_event", "number"], name="life_event_version_number")]

    def __str__(self) -> str:
        return f"{self.life_event} {self.number}"
