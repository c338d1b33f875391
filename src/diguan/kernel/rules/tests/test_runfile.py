"""A result written over another one is never a mixture of the two."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from diguan.kernel.rules import runfile

pytestmark = pytest.mark.one_database

OLD, NEW = (runfile.Outcome(name, {"as_of": str(dt.date(2026, 6, day))}, pa.table({"run_id": [name]}), ())
            for name, day in (("old", 1), ("new", 2)))


class Killed(BaseException):
    """Stands for the power going off."""


@pytest.mark.parametrize("step", [1, 2])
def test_a_kill_while_a_result_is_replaced_leaves_one_run_or_none(tmp_path, monkeypatch, step):
    folder = tmp_path / "out"
    runfile.write(OLD, folder)
    moves, move = [], Path.replace

    def until(self, target):
        moves.append(target)
        if len(moves) == step:
            raise Killed
        return move(self, target)

    monkeypatch.setattr(Path, "replace", until)
    with pytest.raises(Killed):
        runfile.write(NEW, folder)
    assert not (folder / "run.json").exists()


def test_a_result_replaced_in_peace_is_the_new_one(tmp_path):
    runfile.write(OLD, tmp_path / "out")
    runfile.write(NEW, tmp_path / "out")
    assert '"run_id": "new"' in (tmp_path / "out" / "run.json").read_text("utf-8")
