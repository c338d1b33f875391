"""Where the county's industries are concentrated and why they grew, from counts by region: quotients with bands, shift-share, relatedness."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.chains.engine import location
from diguan.chains.engine.basis import Vector, refused
from diguan.chains.engine.complexity import Complexity, complexity
from diguan.chains.engine.location import Quotients, ShiftShare
from diguan.chains.models import Places
from diguan.chains.queries import economy as queries
from diguan.chains.queries import economy_files as files
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts import files as kept
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal


@dataclass(frozen=True)
class Counted:
    """``values[year]`` is (regions, industries)."""

    regions: tuple[str, ...]
    industries: tuple[str, ...]
    values: Mapping[int, Any]


def read_places(name: str, content: bytes) -> Counted:
    """A sheet of region, year, industry and count (or output), one line each; what is not there is 0, for the sheet is a whole.

    Raises:
        Refusal: no such columns, a year or number that is none, or a line that stands twice.
    """
    cells, wrong = dict[tuple[str, int, str], float](), list[Message]()
    columns = {"region": ("region", "地区", "区域", "县"), "year": ("year", "年份", "年"), "industry": ("industry", "行业", "行业代码"), "count": ("count", "户数", "数值", "产值", "value")}
    for line, values in files.lines(name, content, columns):
        amount, year = files.amount(values["count"]), values["year"]
        key = (values["region"], int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0, values["industry"])
        if amount is None or not key[0] or not key[1] or not key[2] or key in cells:
            zh, en = ("同一地区、年份、行业写了两次", "one region, year and industry stand twice") if key in cells else ("地区、四位数的年份、行业和不小于 0 的数都要有", "region, year in four digits, industry and a number not below 0 are all needed")
            wrong.append(Message(f"{name} 第 {line} 行：{zh}", f"{name}, line {line}: {en}"))
            continue
        cells[key] = amount
    files.settle(wrong)
    if not cells:
        raise refused("no_rows", f"{name}：没有一行数据。", f"{name}: there are no rows.")
    regions, industries = tuple(sorted({key[0] for key in cells})), tuple(sorted({key[2] for key in cells}))
    rows, columns_ = ({word: place for place, word in enumerate(words)} for words in (regions, industries))
    found = {year: np.zeros((len(regions), len(industries))) for year in sorted({key[1] for key in cells})}
    for (region, when, industry), amount in cells.items():
        found[when][rows[region], columns_[industry]] = amount
    return Counted(regions, industries, found)


def counted(row: Places) -> Counted:
    """The counts of a kept row; read once for each file.

    Raises:
        Refusal: its file is gone.
    """
    return counts_of(row.upload.sha256, row.upload.name)


@functools.lru_cache(maxsize=2)
def counts_of(sha256: str, name: str) -> Counted:
    """The counts of a kept file.

    Raises:
        Refusal: it is gone.
    """
    path = kept.upload_path(sha256)
    if not path.exists():
        raise refused("file_gone", f"原文件“{name}”已不在磁盘上，请重新导入。", f"The file “{name}” is gone from the disk; import it again.")
    return read_places(name, path.read_bytes())


@dataclass(frozen=True)
class Located:
    """(n,) by ``industries``. ``hhi`` and ``krugman`` of the county's make-up; ``shifts`` None where there is one year alone; ``related`` None with ``no_related`` saying why."""

    row: Places
    years: tuple[int, ...]
    first: int
    last: int
    against: str
    industries: tuple[str, ...]
    local: Vector
    whole: Vector
    quotients: Quotients
    hhi: float
    krugman: float
    shifts: ShiftShare | None
    related: Complexity | None
    no_related: Message | None
    at: int
    regions: tuple[str, ...]


def located(person: Person, against: str = "", first: int = 0, last: int = 0) -> Located | None:
    """The county against another region of the sheet (``""``: all of them together), over two of its years; None where no counts were brought.

    Raises:
        access.Forbidden: no right to see it.
        Refusal: no such region or year, or nothing in the county in that year.
    """
    access.require(person, queries.VIEW)
    row = queries.places()
    if row is None:
        return None
    counts = counted(row)
    years = tuple(sorted(counts.values))
    last, first = last or years[-1], first or years[0]
    if last not in years or first not in years or (against and against not in counts.regions):
        raise refused("no_such_place", "表里没有这个地区或年份。", "The sheet has no such region or year.")
    at = counts.regions.index(row.home)
    local, whole = counts.values[last][at], _whole(counts.values[last], counts.regions, against)
    found = location.with_band(local, whole) if row.counts else _plain(local, whole)
    shifts = location.shift_share((counts.values[first][at], local), (_whole(counts.values[first], counts.regions, against), whole)) if first != last else None
    related, why = _related(counts.values[last], at, row)
    return Located(row, years, first, last, against, counts.industries, local, whole, found, location.hhi(local), location.krugman(local, whole), shifts, related, why, at, counts.regions)


def _whole(matrix: np.ndarray, regions: Sequence[str], against: str) -> Vector:
    return np.asarray(matrix[list(regions).index(against)] if against else matrix.sum(axis=0))


def _plain(local: Vector, whole: Vector) -> Quotients:
    found = location.quotients(local, whole)
    return Quotients(found, found, found, (found - 1) / (found + 1), np.zeros(len(local), dtype=bool))


def _related(matrix: np.ndarray, at: int, row: Places) -> tuple[Complexity | None, Message | None]:
    try:
        return related(matrix, at, firms=row.counts), None
    except Refusal as refusal:
        return None, refusal.reasons[0]


def related(matrix: np.ndarray, at: int, *, firms: bool) -> Complexity:
    """Relatedness over (regions, industries); regions of few firms are left out, the county (row ``at``) never.

    Raises:
        Refusal: too few regions or industries, or blocks that share nothing.
    """
    return complexity(matrix, min(queries.LEAST_FIRMS, float(matrix[at].sum())) if firms else 0.0)
