"""The nouns of writing a policy: the draft, and the versions of it that were kept."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks
from diguan.kernel.events import AppendOnlyModel
from diguan.kernel.records import Record


class Draft(Record):
    """政策草稿: a policy document being written, with the source text it is read from.

    ``text`` is the YAML a pack holds, whatever is still missing in it; ``policy`` and ``title`` are what it calls itself.
    ``copied_from`` is the digest of the document it began as. ``saved`` counts its versions, ``published`` is the one in use.
    """

    policy = models.CharField(_("政策编号"), max_length=100, db_index=True)
    title = models.CharField(_("名称"), max_length=200)
    text = models.TextField(_("规则文本"))
    source = models.TextField(_("原文"))
    copied_from = models.CharField(_("抄自"), max_length=64, blank=True)
    saved = models.PositiveIntegerField(_("版次"), default=0)
    published = models.PositiveIntegerField(_("已发布的版次"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "policies.view_draft"

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.policy} #{self.pk}"


class DraftVersion(AppendOnlyModel):
    """草稿版本: a draft as somebody kept it; never changed. ``digest`` is that of the YAML, as runs and claims name a policy's text."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版次"))
    text = models.TextField(_("规则文本"))
    source = models.TextField(_("原文"))
    digest = models.CharField(_("摘要"), max_length=64, db_index=True)
    note = models.CharField(_("说明"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("保存人"))
    at = models.DateTimeField(_("保存时间"), default=clocks.now)

    class Meta:
        ordering: ClassVar = ["draft", "-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "number"], name="draft_version_once")]

    def __str__(self) -> str:
        return f"{self.draft_id}@{self.number}"
