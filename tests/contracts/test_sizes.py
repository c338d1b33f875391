"""The kernel stays small: no file above 400 lines (tests and migrations aside)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.tree import SOURCE, plant, sources

pytestmark = pytest.mark.one_database

MOST_LINES = 400


def too_long(root: Path) -> list[str]:
    """Files of the kernel that should be two, its tests left aside."""
    return [f"{source.relative}: {source.lines} lines" for source in sources(root)
            if source.room == "kernel" and source.lines > MOST_LINES]


def test_no_file_of_the_kernel_is_longer_than_a_person_reads_in_one_go() -> None:
    assert too_long(SOURCE) == []


def test_a_planted_long_file_is_named(tmp_path: Path) -> None:
    root = plant(tmp_path, {"kernel/stages/board.py": "x = 1\n" * 401, "kernel/clocks.py": "x = 1\n" * 400, "site/cli.py": "x = 1\n" * 900})
    assert too_long(root) == ["kernel/stages/board.py: 401 lines"]
