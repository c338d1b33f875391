"""kill -9 at any point of opening or confirming a list leaves whole claims: all or none opened, each confirmed or untouched."""

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
DRIVER = Path(__file__).with_name("claim_kill_driver.py")


def test_a_list_killed_at_any_step_is_whole_and_doing_it_again_finishes_it(tmp_path: Path) -> None:
    folder = county.pack(tmp_path / "pack")
    path = folder / f"policies/{county.POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace("amount: 4万元", "amount: 90万元"), "utf-8")
    environment = {**os.environ, "DIGUAN_DATA": str(migrated.into(tmp_path)), "DJANGO_SETTINGS_MODULE": "diguan.site.settings", "DIGUAN_PACKS": f"base,{folder}", "DIGUAN_TODAY": "2026-10-31"}
    environment.pop("DIGUAN_DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-W", "ignore", str(DRIVER), "13"], env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert sum(result["killed"] for result in results) > 8
    assert {result["claims"] for result in results} == {0, 3}
    assert any(0 < result["confirmed"] < 3 for result in results)
    for result in results:
        assert (result["half"], result["chains"], result["opened"]) == (0, 0, int(result["claims"] > 0)), result
    assert (results[-1]["killed"], results[-1]["confirmed"]) == (False, 3)
