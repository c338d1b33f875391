"""Nothing reads the wall clock but ``kernel/clocks.py``: every other instant is given or asked from there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.contracts.tree import SOURCE, dotted, plant, sources

pytestmark = pytest.mark.one_database

CLOCK = "kernel/clocks.py"
READS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "timezone.localdate",
    "timezone.localtime", "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime",
    "functions.Now", "models.functions.Now", "Timestamp.now", "Timestamp.today",
}  # fmt: skip
BARE = {"Now", "localdate", "CurrentTimestamp"}


def reads_the_clock(node: ast.AST) -> str | None:
    """The clock a node reads, called or handed over as a default, or None."""
    if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
        return node.arg
    if isinstance(node, ast.Attribute):
        name = dotted(node)
        return next((clock for clock in READS if name == clock or name.endswith(f".{clock}")), None)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BARE:
        return node.func.id
    return None


def clocks_are_asked(root: Path) -> list[str]:
    """Every reading of the wall clock outside the kernel's clock."""
    return [
        f"{source.relative}:{getattr(node, 'lineno', 1)}: {clock} reads the wall clock; ask kernel.clocks"
        for source in sources(root)
        if source.relative != CLOCK
        for node in ast.walk(source.tree)
        if (clock := reads_the_clock(node))
    ]


def test_nothing_reads_the_wall_clock_but_the_kernels_clock():
    assert clocks_are_asked(SOURCE) == []


@pytest.mark.parametrize(
    "line",
    [
        "x = dt.datetime.now(dt.UTC)",
        "x = date.today()",
        "x = timezone.now()",
        "made = models.DateTimeField(default=timezone.now)",
        "made = models.DateTimeField(auto_now_add=True)",
        "x = time.time()",
        "x = Now()",
    ],
)
def test_a_planted_wall_clock_is_caught(tmp_path, line):
    root = plant(tmp_path, {"enterprises/queries.py": f"import x\n{line}\n", CLOCK: "x = timezone.now()\n"})
    (problem,) = clocks_are_asked(root)
    assert problem.startswith("enterprises/queries.py:2")


def test_measuring_a_duration_is_free(tmp_path):
    assert clocks_are_asked(plant(tmp_path, {"kernel/jobs.py": "x = time.monotonic()\ny = date(2026, 1, 1)\n"})) == []
