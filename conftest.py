"""Slow files begin first, so that no processor waits at the end for one that began last; no made-up example is held to a clock.

Two databases prove what reads or writes a database. Where PostgreSQL is named, a test that asks for none is left to the
part on SQLite: pytest-django refuses it every query on either, so its second run could say nothing new.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, monkeypatch_session: pytest.MonkeyPatch) -> Iterator[None]:
    """On SQLite the tests' database begins as a copy of one that was migrated; ``migrate`` then finds nothing to do."""
    from django.db import connection

    from diguan.kernel.tests import migrated

    if connection.vendor != "sqlite":
        yield
        return
    creation = connection.creation
    make = creation._create_test_db
    filled: list[sqlite3.Connection] = []  # a database in memory lives as long as somebody is connected to it

    def create(*args: object, **kwargs: object) -> str:
        name = make(*args, **kwargs)
        filled.append(sqlite3.connect(name, uri=True))
        with closing(sqlite3.connect(migrated.database())) as source:
            source.backup(filled[-1])
        return name

    monkeypatch_session.setattr(creation, "_create_test_db", create)
    yield
    for each in filled:
        each.close()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    """As ``monkeypatch``, for what holds as long as the session."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch
