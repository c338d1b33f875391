"""可行性: whether a county could take in a node at all: land, energy, environment, as somebody said on a day."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class Room(models.TextChoices):
    """How much room there is for it."""

    OPEN = "open", _("有余地")
    TIGHT = "tight", _("有条件")
    CLOSED = "closed", _("不行")


SCORE = {Room.OPEN: 1.0, Room.TIGHT: 0.5, Room.CLOSED: 0.0}


class Feasibility(Record):
    """One node's: each of the three, blank where nobody knows, with who said so and when."""

    node = models.CharField(_("环节"), max_length=60, unique=True)
    land = models.CharField(_("土地和厂房"), max_length=6, choices=Room.choices, blank=True)
    energy = models.CharField(_("能源"), max_length=6, choices=Room.choices, blank=True)
    environment = models.CharField(_("环保"), max_length=6, choices=Room.choices, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    source = models.CharField(_("来源"), max_length=100)
    told_on = models.DateField(_("来源日期"))
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "chains.view_chain"

    class Meta:
        ordering: ClassVar = ["node"]

    def __str__(self) -> str:
        return self.node

    @property
    def score(self) -> float | None:
        """0 where one of them closes the door, else the mean; None while one that could close it is not known."""
        told = [self.land, self.energy, self.environment]
        if Room.CLOSED in told:
            return 0.0
        return sum(SCORE[Room(each)] for each in told) / len(told) if all(told) else None
