"""kill -9 at any point of a match leaves a whole run or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diguan.kernel.tests import migrated
from diguan.policies.tests import county

pytestmark = [pytest.mark.one_database, pytest.mark.slow]
DRIVER = Path(__file__).with_name("kill_driver.py")


def test_a_match_killed_at_any_step_leaves_a_whole_run_or_none(tmp_path: Path) -> None:
    environment = {**os.environ, "DIGUAN_DATA": str(migrated.into(tmp_path)), "DJANGO_SETTINGS_MODULE": "diguan.site.settings",
                   "DIGUAN_PACKS": f"base,{county.pack(tmp_path / 'pack')}"}  # one policy: every match has the same steps
    environment.pop("DIGUAN_DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-W", "ignore", str(DRIVER), "1"], env=environment, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    killed = [result for result in results if result["killed"]]
    assert len(killed) > 25
    assert not results[-1]["killed"]
    assert results[-1]["runs"] == 1
    for result in results:
        assert result["runs"] in (0, 1), result
        assert (result["whole"], result["damaged"], result["strays"], result["chains"]) == (True, [], 0, 0), result
