"""What was answered to a request that carried an Idempotency-Key."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from diguan.kernel import clocks


class KeptAnswer(models.Model):
    """The answer to a write that succeeded, by person and key; ``asked`` is the digest of everything that was asked."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(default=clocks.now, db_index=True)

    scope_unit: ClassVar[str | None] = None
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "person"
    view_permission: ClassVar[str | None] = None

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "key"], name="kept_answer_key_once")]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.key}"
