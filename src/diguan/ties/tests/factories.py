"""Rows for the tests of this room and of those above it."""

from __future__ import annotations

from diguan.kernel.access.models import Unit
from diguan.kernel.tests.factories import unit_factory
from diguan.ties import engine
from diguan.ties.models import Tie


def tie_factory(name: str, unit: Unit | None = None, **values: str) -> Tie:
    """A tie that belongs to a unit, a new one unless given."""
    return Tie.objects.create(name=name, name_key=engine.name_key(name), owner_unit=unit or unit_factory(), **values)
