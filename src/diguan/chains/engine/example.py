"""The example table the product ships: six sectors, balanced, made up. Its mark goes into every result and every export."""

from __future__ import annotations

from functools import cache
from importlib import resources

from diguan.chains.engine.table import Table
from diguan.chains.engine.tablefile import read

FILE = "example_table.csv"
HOUSEHOLD_INCOME = 2200.0
"""From all sources, in the table's unit; made up like the rest."""


@cache
def table() -> Table:
    """The example, competitive: imports are still in its flows."""
    return read(FILE, resources.files("diguan.chains.engine").joinpath("data", FILE).read_bytes())
