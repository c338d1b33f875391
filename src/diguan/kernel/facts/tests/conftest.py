"""The kernel alone: no room has told it which enterprises there are."""

from __future__ import annotations

import pytest

from diguan.kernel.sheets import declare
from diguan.kernel.tests.factories import person_factory


@pytest.fixture(autouse=True)
def no_register(monkeypatch):
    monkeypatch.setattr(declare, "_SUBJECTS", {})


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path


@pytest.fixture
def clerk():
    return person_factory("data_clerk")
