"""Where firms, hotels and stations are, and how long the way between them takes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.kernel.records import Record


class Place(Record):
    """An address. Coordinates in millionths of a degree, NULL where nobody told them; no person lives here."""

    name = models.CharField(_("地点"), max_length=100)
    name_key = models.CharField(max_length=100, editable=False, unique=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    region = models.CharField(_("所在地"), max_length=6, blank=True, db_index=True)
    lat_e6 = models.IntegerField(_("纬度"), null=True, blank=True)
    lon_e6 = models.IntegerField(_("经度"), null=True, blank=True)

    view_permission: ClassVar[str | None] = "outreach.view_trip"

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(lat_e6__isnull=True, lon_e6__isnull=True) | Q(lat_e6__gte=-90_000_000, lat_e6__lte=90_000_000, lon_e6__gte=-180_000_000, lon_e6__lte=180_000_000), name="place_on_the_globe"),
        ]

    def __str__(self) -> str:
        return self.name


class TravelTime(Record):
    """Minutes from one place to another as somebody told them, door to door; the latest telling counts."""

    origin = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="ways")
    target = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField(_("分钟"))
    source = models.CharField(_("来源"), max_length=100)

    view_permission: ClassVar[str | None] = "outreach.view_trip"

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "target"], name="travel_time_once"),
            models.CheckConstraint(condition=~Q(origin=F("target")), name="travel_time_of_two_places"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=2880), name="travel_time_of_some_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.origin_id}-{self.target_id}"
