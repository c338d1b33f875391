"""kill -9 at any point of an import leaves all or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diguan.kernel.tests import migrated

pytestmark = [pytest.mark.one_database, pytest.mark.slow]
DRIVER = Path(__file__).with_name("kill_driver.py")


def test_an_import_killed_at_any_step_leaves_all_or_nothing(tmp_path):
    environment = {**os.environ, "DIGUAN_DATA": str(migrated.into(tmp_path)), "DJANGO_SETTINGS_MODULE": "diguan.site.settings"}
    environment.pop("DIGUAN_DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-W", "ignore", str(DRIVER), "0", "1"], env=environment, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    killed = [result for result in results if result["killed"]]
    assert len(killed) > 20
    assert not results[-1]["killed"]
    assert results[-1]["batches"] == ["committed"]
    for result in results:
        assert result["batches"] in ([], ["committed"]), result
        assert result["events"] == [1] * len(result["batches"]), result
        assert all(result["coverage"]), result
        assert (result["damaged"], result["strays"], result["chains"]) == ([], 0, 0), result
    assert killed[-1]["orphans"] >= 1  # a file nobody names is left, and found
