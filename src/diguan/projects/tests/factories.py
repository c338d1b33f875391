"""Rows for the tests of this room and of those above it."""

from __future__ import annotations

from diguan.kernel.access.models import Unit
from diguan.kernel.tests.factories import unit_factory
from diguan.projects import engine
from diguan.projects.models import Project


def project_factory(name: str, unit: Unit | None = None, **values: str) -> Project:
    """A project that belongs to a unit, a new one unless given."""
    return Project.objects.create(name=name, name_key=engine.name_key(name), owner_unit=unit or unit_factory(), **values)
