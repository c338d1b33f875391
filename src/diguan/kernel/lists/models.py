"""The saved view: one person's name for a set of filters of one list."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks


class SavedView(models.Model):
    """``path`` is the list's address, ``query`` the filters and the sort as they stand in it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    path = models.CharField(max_length=200)
    name = models.CharField(_("名称"), max_length=40)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField(default=clocks.now, editable=False)

    scope_unit: ClassVar[str | None] = None
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "person"
    view_permission: ClassVar[str | None] = None

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "path", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name
