"""Slow files begin first, so that no processor waits at the end for one that began last; no made-up example is held to a clock.

Two databases prove what reads or writes a database. Where PostgreSQL is named, a test that asks for none is left to the
part on SQLite: pytest-django refuses it every query on either, so its second run could say nothing new.
"""

from __future__ import annotations

import os

import hypothesis
import pytest

hypothesis.settings.register_profile("diguan", deadline=None)
hypothesis.settings.load_profile("diguan")
ASKS = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "django_db_setup", "live_server"}
"""The fixtures through which a test, or another fixture of it, reaches a database."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if os.environ.get("DIGUAN_DATABASE_URL", "").startswith("postgres"):
        left = [item for item in items if not _asks(item)]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if _asks(item)]


def _asks(item: pytest.Item) -> bool:
    """Whether it touches a database; what runs programs of its own must say so with the mark or a fixture."""
    return item.get_closest_marker("django_db") is not None or not ASKS.isdisjoint(getattr(item, "fixturenames", ()))
