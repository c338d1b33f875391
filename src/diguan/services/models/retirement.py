"""The end of a matter or a life event (停用): from a day on no case begins with it; those under way go on."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel import clocks


class Retirement(models.Model):
    """A matter or a life event is retired from ``day`` on, with every version up to ``after``; a version that is published later undoes it. Never changed."""

    matter = models.ForeignKey("services.Matter", on_delete=models.PROTECT, related_name="retirements", null=True)
    life_event = models.ForeignKey("services.LifeEvent", on_delete=models.PROTECT, related_name="retirements", null=True)
    after = models.PositiveIntegerField()
    day = models.DateField(_("停用日期"))
    reason = models.CharField(_("为什么停用"), max_length=300)
    basis = models.CharField(_("依据"), max_length=300, blank=True)
    successor = models.CharField(_("改办哪个"), max_length=60, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clocks.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(matter__isnull=False, life_event=None) | Q(matter=None, life_event__isnull=False), name="retirement_of_one"),
            models.CheckConstraint(condition=~Q(basis="") | ~Q(successor=""), name="retirement_has_ground"),
            models.UniqueConstraint(fields=["matter", "after"], name="retirement_matter_once"),
            models.UniqueConstraint(fields=["life_event", "after"], name="retirement_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.matter or self.life_event} {self.day}"
