"""Slow files begin first, so that no processor waits at the end for one that began last; no made-up example is held to a clock."""

from __future__ import annotations

import hypothesis
import pytest

hypothesis.settings.register_profile("diguan", deadline=None)
hypothesis.settings.load_profile("diguan")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
