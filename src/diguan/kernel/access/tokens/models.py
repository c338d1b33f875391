"""One personal API token, kept by its digest."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks


class ApiToken(models.Model):
    """``digest`` is the SHA-256 of the token; ``start`` its first characters, by which its person knows it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("名称"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    created_at = models.DateTimeField(default=clocks.now, editable=False)
    last_day = models.DateField(_("有效期至"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    scope_unit: ClassVar[str | None] = None
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "person"
    view_permission: ClassVar[str | None] = None

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.start}…"

    @property
    def live(self) -> bool:
        """Whether it opens anything today."""
        return self.revoked_at is None and self.last_day >= clocks.today()
