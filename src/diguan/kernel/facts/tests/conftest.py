"""The kernel alone: no room has told it which enterprises there are."""

from __future__ import annotations

import pytest

from diguan.kernel.sheets import declare


@pytest.fixture(autouse=True)
def no_register(monkeypatch):
    monkeypatch.setattr(declare, "_SUBJECTS", {})
