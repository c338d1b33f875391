"""Reads of snapshots: the one pages speak from, its figures, and what it names."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.db.models import QuerySet

from diguan.indicators.engine.terms import Book, Indicator, Over
from diguan.indicators.queries import VIEW, compute, register
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import Line, part_name
from diguan.kernel.rules import runfile

KIND = "snapshot"
ROWS = "snapshot_rows"


@dataclass(frozen=True)
class Cell:
    """One figure of a snapshot. ``num`` and ``den`` are None where it is not told; ``state`` says why (``engine/tables.py``)."""

    code: str
    version: int
    span: str
    period: str
    dim: str
    group: str
    num: int | None
    den: int | None
    firms: int | None
    told: int
    expected: int
    state: int

    def value(self, one: Indicator) -> Decimal | None:
        """The figure in the indicator's unit (a percentage as 12.34, money in yuan); None where it is not told."""
        if self.num is None or self.den is None:
            return None
        return in_unit(one, Decimal(self.num) / Decimal(self.den))


def in_unit(one: Indicator, found: Decimal) -> Decimal:
    """What was worked out in storage units, in the indicator's unit."""
    return found * 100 if one.unit == "%" else found * ratio_scale(one) if isinstance(one.of, Over) else found / one.scale


def ratio_scale(one: Indicator) -> Decimal:
    """What a ratio of storage units is multiplied with to be one of units: ``元/亩`` from fen over 0.0001 mu."""
    assert isinstance(one.of, Over)
    known = register.book()
    return Decimal(known.newest(one.of.bottom).scale) / Decimal(known.newest(one.of.top).scale)


@dataclass(frozen=True)
class Figures:
    """All figures of a snapshot, and the indicators as the packs have them now."""

    run: Run
    book: Book
    cells: Mapping[tuple[str, str, str], Mapping[str, Cell]]
    """(code, breakdown, part) → period → cell, in order of the periods."""

    def series(self, code: str, dim: str = "", group: str = "") -> Sequence[Cell]:
        """One indicator's figures, oldest first."""
        return list(self.cells.get((code, dim, group), {}).values())

    def cell(self, code: str, period: str = "", dim: str = "", group: str = "") -> Cell | None:
        """One figure; without a period the last that is told, else the last there is; None where the snapshot has none."""
        found = self.cells.get((code, dim, group), {})
        if period:
            return found.get(period)
        newest = list(reversed(list(found.values())))
        return next((one for one in newest if one.num is not None), newest[0] if newest else None)

    def groups(self, code: str, dim: str) -> list[str]:
        """The parts of a breakdown of an indicator."""
        return [group for each, name, group in self.cells if each == code and name == dim]


def current() -> Run | None:
    """The snapshot pages speak from. Whoever reads it asks for the right."""
    return runs.current(KIND)


def kept(person: Person) -> QuerySet[Run]:
    """Every snapshot, the newest first.

    Raises:
        access.Forbidden: the person may see none.
    """
    access.require(person, VIEW)
    return Run.objects.filter(kind=KIND).order_by("-as_of", "-known_at", "-id")


def named(run_id: str) -> Run | None:
    """One snapshot whose files are whole. Whoever shows it asks for the right."""
    return runs.whole(KIND, run_id)


def figures(person: Person, run: Run | None = None) -> Figures | None:
    """The figures of a snapshot, by default the one pages speak from, of the indicators this person may see; None before the first.

    Raises:
        access.Forbidden: they may see none.
    """
    access.require(person, VIEW)
    run = run or current()
    if run is None:
        return None
    known = register.book()
    allowed = {one.code for one in register.visible(person)}
    return Figures(run, known, {key: cells for key, cells in all_cells(run).items() if key[0] in allowed})


def all_cells(run: Run) -> Mapping[tuple[str, str, str], Mapping[str, Cell]]:
    """Everything a snapshot says, whoever may see it."""
    return _cells(run.folder / runfile.files_of(KIND)[0])


@functools.lru_cache(maxsize=4)
def _cells(path: Path) -> Mapping[tuple[str, str, str], Mapping[str, Cell]]:
    """A snapshot never changes: it is read once."""
    flat = pq.read_table(path)
    found: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for row in zip(*(flat.column(name).to_pylist() for name in flat.column_names), strict=True):
        one = Cell(*row)
        found.setdefault((one.code, one.dim, one.group), {})[one.period] = one
    return found


def lines(run: Run) -> Mapping[str, tuple[Line, ...]]:
    """The lines a snapshot was folded from, by measure. Whoever shows them narrows them to who may see the records."""
    return _lines(runs.runs_folder() / run.inputs["rows"] / runfile.files_of(ROWS)[0])


@functools.lru_cache(maxsize=4)
def _lines(path: Path) -> Mapping[str, tuple[Line, ...]]:
    return compute.from_flat(pq.read_table(path))


def refusals(known: Book, day: dt.date) -> list[dict[str, Any]]:
    """Which indicators give no figure on a day, and why; kept in a snapshot's manifest."""
    found = [(one, compute.refusal(known, one, day)) for each in known.versions.values() for one in each]
    return [{"code": one.code, "version": one.version, "zh": why.zh, "en": why.en} for one, why in found if why is not None]


def titles(dim: str) -> Mapping[str, str]:
    """A breakdown's name in both languages, where the catalogue has one."""
    spec = register.attributes().get(dim)
    return spec.title if spec else {}


def group_label(dim: str, group: str, language: str = "zh") -> str:
    """A part's name: the name behind a code, else the word itself. Files that are kept have the Chinese, as the words of the data are."""
    return packs.codes().names.get(group, group) if dim in ("industry", "place_region", "registered_region") else part_name(dim, group, language)

