"""异地商会: chambers of people from here in other places."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel.records import Record


class Chamber(Record):
    """One chamber. ``members`` NULL is not known; it is what the source says on its day, not a count of rows. The phone is masked as people's are."""

    name = models.CharField(_("商会名称"), max_length=100)
    name_key = KeyField(max_length=100, editable=False, unique=True)
    pinyin_key = KeyField(max_length=100, editable=False, db_index=True)
    region = models.CharField(_("所在地"), max_length=6, db_index=True)
    city = models.CharField(_("城市"), max_length=40, blank=True)
    founded = models.DateField(_("成立日期"), null=True, blank=True)
    members = models.PositiveIntegerField(_("会员数"), null=True, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    source = models.CharField(_("来源"), max_length=100)
    source_date = models.DateField(_("来源日期"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "ties.view_chamber"

    class Meta:
        ordering: ClassVar = ["name_key", "id"]

    def __str__(self) -> str:
        return self.name
