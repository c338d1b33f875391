"""kill -9 at any point of a match leaves the old result, none, or the new one: all or nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.one_database, pytest.mark.slow]
DRIVER = Path(__file__).with_name("kill_driver.py")


def test_a_match_killed_at_any_step_leaves_all_or_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-W", "ignore", str(DRIVER), str(tmp_path)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    for over, allowed in ((True, {"2026-06-29", "none", "2026-06-30"}), (False, {"none", "2026-06-30"})):
        found = [result for result in results if result["over"] is over]
        assert len([result for result in found if result["killed"]]) > 12
        assert {result["left"] for result in found} <= allowed
        assert (found[0]["left"], found[-1]["left"]) == ("2026-06-29" if over else "none", "2026-06-30")
        assert not found[-1]["killed"]
