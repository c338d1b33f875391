"""Who helps an applicant with a case."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks


class CaseHelp(models.Model):
    """帮代办: an assistant who may see a case and supplement it for its applicant, for a purpose and until a day, once the applicant has consented.

    Where there is no enterprise yet that could consent by itself, ``paper`` says on what paper the applicant did, seen by ``consented_by``.
    """

    case = models.ForeignKey("services.Case", on_delete=models.PROTECT, related_name="helps")
    assistant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("帮办员"))
    purpose = models.CharField(_("帮什么"), max_length=200)
    until = models.DateField(_("到哪天"))
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("指派人"))
    assigned_at = models.DateTimeField(default=clocks.now)
    paper = models.CharField(_("书面同意"), max_length=200, blank=True)
    consented_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("同意人"))
    consented_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("结束人"))
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(_("为什么结束"), max_length=200, blank=True)

    scope_unit: ClassVar[str | None] = "case__owner_unit"
    scope_uscc: ClassVar[str | None] = "case__uscc"
    scope_person: ClassVar[str | None] = "assistant"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_assistant_of_case"),
            models.CheckConstraint(condition=Q(consented_by=None, consented_at=None) | Q(consented_by__isnull=False, consented_at__isnull=False), name="help_consented_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.assistant_id}"
