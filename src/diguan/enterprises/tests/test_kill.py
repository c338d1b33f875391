"""kill -9 at any statement of a register's import leaves all of it or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diguan.kernel.tests import migrated

DRIVER = Path(__file__).with_name("kill_driver.py")
pytestmark = pytest.mark.slow


@pytest.mark.one_database
def test_a_register_killed_at_any_statement_is_in_whole_or_not_at_all(tmp_path):
    environment = {**os.environ, "DIGUAN_DATA": str(migrated.into(tmp_path)), "DJANGO_SETTINGS_MODULE": "diguan.site.settings"}
    environment.pop("DIGUAN_DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-W", "ignore", str(DRIVER), "0", "1"], env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    *killed, last = json.loads(done.stdout)
    before, after = ["西渡镇"], ["三湖镇"] * 3
    assert len(killed) > 20
    assert not last["killed"]
    assert (last["towns"], last["parts"]) == (after, [3, 3, 3, 1])
    assert all((one["towns"], one["parts"]) in ((before, [0, 0, 0, 0]), (after, [3, 3, 3, 1])) for one in killed)
