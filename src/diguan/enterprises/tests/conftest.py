"""Every test here lives in October 2026 and in a data folder of its own; the same two hands do the work."""

from __future__ import annotations

import pytest

from diguan.enterprises.tests.factories import hand


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    settings.DIGUAN_TODAY = "2026-10-31"


@pytest.fixture
def clerk(db):
    return hand("data_clerk")


@pytest.fixture
def officer(db):
    return hand("policy_officer")
