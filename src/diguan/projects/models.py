"""The nouns of this room."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel.records import Record


class Project(Record):
    """One project, known by its name. ``version`` counts changes, for "someone else saved first"."""

    name = models.CharField(_("名称"), max_length=200)
    name_key = KeyField(max_length=200, editable=False, unique=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "projects.view_project"

    class Meta:
        ordering: ClassVar = ["name_key", "id"]

    def __str__(self) -> str:
        return self.name
