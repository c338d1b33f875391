"""Record 名录: the abstract row that has an owner unit, a visibility and a maker.

``access`` reads three class attributes of any model to decide who may touch its rows:

* ``scope_unit``: ORM path to the unit that owns the row (``""`` when the row is itself a unit);
* ``scope_uscc``: ORM path to the credit code the row is about, for enterprise people, or None;
* ``scope_person``: ORM path to the person the row belongs to, for scope ``own`` of staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeVar

from django.conf import settings
from django.db import models

from diguan.kernel import clocks

CHUNK = 500
"""So many values at a time fit into one query of every database."""
T = TypeVar("T")


def chunks(found: Sequence[T]) -> Iterator[Sequence[T]]:
    """The sequence in parts that fit into one query."""
    for start in range(0, len(found), CHUNK):
        yield found[start:start + CHUNK]


class Visibility(models.TextChoices):
    """Who may *see* a row beyond the scope of their role; it never widens who may change it."""

    SCOPED = "scoped", "按职责范围"
    COUNTY = "county", "全县可见"


class Record(models.Model):
    """A row with an owner. Written by actions only."""

    owner_unit = models.ForeignKey(
        "kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, verbose_name="归口单位"
    )
    visibility = models.CharField("可见范围", max_length=12, choices=Visibility.choices, default=Visibility.SCOPED)
    created_at = models.DateTimeField("建立时间", default=clocks.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    changed_at = models.DateTimeField("修改时间", default=clocks.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)

    scope_unit: ClassVar[str | None] = "owner_unit"
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "created_by"
    view_permission: ClassVar[str | None] = None

    class Meta:
        abstract = True
