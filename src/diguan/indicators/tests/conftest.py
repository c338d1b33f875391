from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Batches and runs of one test are no other's."""
    settings.DIGUAN_DATA = tmp_path
