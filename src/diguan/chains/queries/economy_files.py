"""The files of the regional economy: a table, the industries of its sectors, the county's figures by sector, counts by region; and sales the county was told."""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np

from diguan.chains.engine import example, leontief, tablefile
from diguan.chains.engine.basis import Vector, refused
from diguan.chains.engine.table import Table, column_gaps, imbalances, row_gaps, without_imports
from diguan.chains.models import IoTable
from diguan.enterprises.models import Enterprise
from diguan.kernel import packs, places
from diguan.kernel.facts import batches, files
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import grid
from diguan.kernel.sheets.guard import SheetRefused

FEN = {"元": 100, "千元": 100_000, "万元": 1_000_000, "百万元": 100_000_000, "亿元": 10_000_000_000}
"""Units of money that can be turned into one another."""
MOST_OFF = 0.01
"""A table that misses by more than this share of a sector's output is not taken in."""
ANY = math.inf
SALES = "revenue.sales"
MOST_NAMED = 8


def fen_per(unit: str) -> int | None:
    """How many fen one unit of a table's money is; None where it is no Chinese money we know."""
    return FEN.get(unit)


# ── tables ───────────────────────────────────────────────────────────────────
def read_table(name: str, content: bytes, *, source: str = "", region: str = "", level: str = "nation") -> Table:
    """The table of a file, whether it balances or not (:func:`faults` tells).

    Raises:
        Refusal: no such form, or cells that are no numbers.
    """
    return tablefile.read(name, content, tolerance=ANY, source=source, region=region, level=level)


def faults(table: Table) -> list[Message]:
    """Every row and column that does not balance, each with how much it misses."""
    return imbalances(table)


def check_model(row: IoTable) -> None:
    """That a table makes a model.

    Raises:
        Refusal: it makes none.
    """
    leontief.multipliers(leontief.model(without_imports(table_of(row))))


def off(table: Table) -> float:
    """The largest imbalance as a share of its sector's output, counted as the engine does."""
    floor = np.maximum(np.abs(table.output), float(np.abs(table.output).mean()) * 1e-3)
    return float(max((np.abs(gaps) / floor).max() for gaps in (row_gaps(table), column_gaps(table))))


def table_of(row: IoTable) -> Table:
    """The table of a kept row, with its imbalance among its notes. Read once for each file.

    Raises:
        Refusal: its file is gone from the disk.
    """
    if row.upload is None:
        return example.table()
    return _table(row.upload.sha256, row.upload.name, row.source, row.region, row.level, row.off)


@functools.lru_cache(maxsize=4)
def _table(sha256: str, name: str, source: str, region: str, level: str, missing: float) -> Table:
    path = files.upload_path(sha256)
    if not path.exists():
        raise refused("file_gone", f"表的原文件“{name}”已不在磁盘上，请重新导入。", f"The table's file “{name}” is gone from the disk; import it again.")
    table = read_table(name, path.read_bytes(), source=source, region=region, level=level)
    if missing <= 1e-6:
        return table
    note = Message(f"表不平衡：最大的一处差其部门总产出的 {missing:.2%}。", f"The table does not balance: at worst it misses by {missing:.2%} of a sector's output.")
    return replace(table, basis=table.basis.noting(note))


# ── sectors of industries ────────────────────────────────────────────────────
def example_sectors() -> dict[str, str]:
    """The industries of the example's sectors."""
    return read_sectors("example_sectors.csv", resources.files("diguan.chains.engine").joinpath("data", "example_sectors.csv").read_bytes(), example.table().codes)


def read_sectors(name: str, content: bytes, codes: Sequence[str]) -> dict[str, str]:
    """Two columns, ``prefix`` of GB/T 4754 (digits or a section's letter) and ``sector``.

    Raises:
        Refusal: no such columns, a prefix that is none or stands twice, or a sector the table does not have, with its line.
    """
    found, wrong = dict[str, str](), list[Message]()
    for line, values in lines(name, content, {"prefix": ("prefix", "行业代码", "代码前缀"), "sector": ("sector", "部门代码", "部门")}):
        prefix, sector = values["prefix"].upper(), values["sector"]
        problem = _prefix_problem(prefix, sector, found, codes)
        if problem:
            wrong.append(Message(f"{name} 第 {line} 行：{problem.zh}", f"{name}, line {line}: {problem.en}"))
        found[prefix] = sector
    settle(wrong)
    return found


def _prefix_problem(prefix: str, sector: str, found: Mapping[str, str], codes: Sequence[str]) -> Message | None:
    if not (prefix in places.SECTIONS or (prefix.isascii() and prefix.isdigit() and 2 <= len(prefix) <= 4)):
        return Message(f"“{prefix}”不是行业门类字母，也不是 2–4 位行业代码", f"“{prefix}” is neither a section's letter nor a code of 2 to 4 digits")
    if prefix in found:
        return Message(f"“{prefix}”写了两次", f"“{prefix}” stands twice")
    if sector not in codes:
        return Message(f"表中没有部门“{sector}”", f"the table has no sector “{sector}”")
    return None


def sector_of(industry: str, sectors: Mapping[str, str]) -> str | None:
    """The sector of an industry by its longest prefix, then its section; None where none is told.

    >>> sector_of("3854", {"38": "C", "C": "B"}), sector_of("3311", {"38": "C", "C": "B"}), sector_of("", {"C": "B"})
    ('C', 'B', None)
    """
    if not industry:
        return None
    for length in range(len(industry), 0, -1):
        if industry[:length] in sectors:
            return sectors[industry[:length]]
    section = places.section_of(industry) if places.industry_well_formed(industry) else None
    return sectors.get(section) if section else None


# ── the county by sector ─────────────────────────────────────────────────────
@dataclass(frozen=True)
class Local:
    """The county by sector code, in the table's unit (or persons); ``told`` of ``asked`` firms where it was added up, ``beyond`` firms whose industry has no sector."""

    local: Mapping[str, float]
    whole: Mapping[str, float]
    told: int | None = None
    asked: int | None = None
    beyond: int = 0
    part: int = 0


def read_region(name: str, content: bytes, table: Table, *, money: bool, unit: str) -> Local:
    """A sheet of sector code, the county's figure, and maybe the larger region's (``whole``); money in ``unit``, turned into the table's.

    Raises:
        Refusal: unknown sectors, one twice, values that are none or below 0, nothing above 0, a unit that cannot be turned into the table's.
    """
    factor = _factor(unit, table.basis.unit) if money else 1.0
    local, whole, wrong = dict[str, float](), dict[str, float](), list[Message]()
    for line, values in lines(name, content, {"code": ("code", "部门代码", "代码"), "local": ("local", "本地", "本县", "数值"), "whole": ("whole", "上级", "上级区域", "全国", "全省")}, optional=("whole",)):
        problem = _region_problem(values, local, table.codes)
        if problem:
            wrong.append(Message(f"{name} 第 {line} 行：{problem.zh}", f"{name}, line {line}: {problem.en}"))
            continue
        for word, kept in (("local", local), ("whole", whole)):
            if values[word]:
                kept[values["code"]] = (amount(values[word]) or 0.0) * factor
    settle(wrong)
    _check_whole(local, whole, table.codes)
    return Local(local, whole)


def _region_problem(values: Mapping[str, str], before: Mapping[str, float], codes: Sequence[str]) -> Message | None:
    code = values["code"]
    if code not in codes:
        return Message(f"表中没有部门“{code}”", f"the table has no sector “{code}”")
    if code in before:
        return Message(f"部门“{code}”写了两次", f"sector “{code}” stands twice")
    wrong = next((text for text in (values["local"], values["whole"] or "0") if amount(text) is None), None)
    return None if wrong is None else Message(f"“{wrong}”应为不小于 0 的数，没有请填 0", f"“{wrong}” should be a number not below 0; write 0 for none")


def _check_whole(local: Mapping[str, float], whole: Mapping[str, float], codes: Sequence[str]) -> None:
    missing = [code for code in codes if code not in local]
    if missing:
        raise refused("sectors_missing", f"缺 {len(missing)} 个部门：{'、'.join(missing[:MOST_NAMED])}；没有的请填 0。", f"{len(missing)} sectors are missing: {', '.join(missing[:MOST_NAMED])}; write 0 where there is none.")
    if sum(local.values()) <= 0:
        raise refused("empty_region", "本县没有任何产出，无法本地化。", "The county has no output at all: nothing to bring to it.")
    if whole and set(whole) != set(local):
        raise refused("whole_in_part", "上级区域的数要么每个部门都填，要么都不填。", "Give the larger region's figure for every sector or for none.")


def _factor(unit: str, into: str) -> float:
    """What an amount is multiplied with to come into the table's unit."""
    if unit == into:
        return 1.0
    if unit not in FEN or into not in FEN:
        raise refused("other_unit", f"表的单位是“{into}”，“{unit}”换算不过去；请用表的单位填。", f"The table is in “{into}”; “{unit}” cannot be turned into it. Give the figures in the table's unit.")
    return FEN[unit] / FEN[into]


def sales_of(table: IoTable, unit: str, year: int) -> Local:
    """Invoiced sales of a year that the county was told, by the sectors of a table. Firms that told nothing are counted, never taken as 0.

    Raises:
        Refusal: no industries for the table's sectors, a unit that is no Chinese money, or nobody told anything of the year.
    """
    if not table.sectors:
        raise refused("no_sectors", "这张表没有“行业与部门对照”，不能按企业行业归到部门；请先导入对照文件。", "This table has no list of the industries of its sectors: import that first.")
    factor = 1 / (fen_per(unit) or 0) if fen_per(unit) else _factor("元", unit)
    told = _told(year)
    sums, beyond, asked, part = defaultdict[str, float](float), 0, 0, 0
    for uscc, industry in Enterprise.objects.exclude(business_status__in=("注销", "吊销")).values_list("uscc", "industry"):
        asked += 1
        fen, months = told.get(uscc, (None, 0))
        sector = sector_of(industry, table.sectors)
        if fen is None:
            continue
        beyond += sector is None
        part += months < 12
        if sector is not None:
            sums[sector] += max(float(fen), 0.0) * factor
    if not any(sums.values()):
        raise refused("nobody_told", f"没有企业有 {year} 年的开票销售收入，算不出本县的产出。", f"No enterprise has invoiced sales of {year}: the county's output cannot be added up.")
    codes = table_of(table).codes
    return Local({code: sums.get(code, 0.0) for code in codes}, {}, len(told), asked, beyond, part)


def _told(year: int) -> dict[str, tuple[int, int]]:
    """(fen, months told) of each enterprise that told any month of a year."""
    from diguan.kernel.facts import duck, projections

    visible = [row for row in batches.visible_batches() if row.subject == "enterprise"]
    if not visible:
        return {}
    path = str(projections.projection(visible, packs.catalogue()) / projections.FACTS)
    with duck.connect() as database:
        rows = database.execute("SELECT subject_id, sum(num)::BIGINT, count(*) FROM read_parquet(?) WHERE subject = 'enterprise' AND fact = ? AND state = 'value' "
                                "AND length(period) = 7 AND period LIKE ? GROUP BY subject_id", [path, SALES, f"{year}-%"]).fetchall()
    return {subject: (fen, months) for subject, fen, months in rows}


# ── lines of a small sheet ───────────────────────────────────────────────────
def lines(name: str, content: bytes, columns: Mapping[str, Sequence[str]], optional: Sequence[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """(line from 1, values by column) of the first sheet whose first line with words names these columns."""
    try:
        sheet = grid.read(name, content)[0]
    except SheetRefused as error:
        raise Refusal("bad_file", [Message(f"{name}：{error.message.zh}", f"{name}: {error.message.en}")]) from error
    rows = [(number, [_text(cell) for cell in row]) for number, row in enumerate(sheet.rows, 1)]
    rows = [(number, row) for number, row in rows if any(row)]
    head = rows[0][1] if rows else []
    at = {word: next((place for place, cell in enumerate(head) if cell.lower() in names), None) for word, names in columns.items()}
    lacking = [columns[word][:2] for word, place in at.items() if place is None and word not in optional]
    if lacking:
        words = "、".join(" 或 ".join(names) for names in lacking)
        raise refused("no_columns", f"{name}：第一行应写明列名，缺 {words}。", f"{name}: the first line names the columns; missing: {'; '.join(' or '.join(names) for names in lacking)}.")
    return [(number, {word: row[place] if place is not None and place < len(row) else "" for word, place in at.items()}) for number, row in rows[1:]]


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str("" if cell is None else cell).strip()


def amount(text: str) -> float | None:
    try:
        found = float(text.replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def settle(wrong: Sequence[Message]) -> None:
    if wrong:
        rest = len(wrong) - MOST_NAMED
        more = [Message(f"另有 {rest} 处错误。", f"{rest} more faults.")] if rest > 0 else []
        raise Refusal("bad_file", [*wrong[:MOST_NAMED], *more])


def vector(values: Mapping[str, float], codes: Sequence[str]) -> Vector:
    """(n,) in the table's order."""
    return np.array([float(values[code]) for code in codes])


