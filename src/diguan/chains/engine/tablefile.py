"""A file into a table: the plain CSV (or sheet) of this project, and the workbook of the national bureau of statistics.

**Plain**: lines ``name``, ``year``, ``source``, ``unit``, ``region``, ``level``, ``imports`` and, where the figures are made up,
``example,yes``; then a line ``code,name,<sector>,<sector>…`` followed by columns ``use:<kind>``, ``imports`` (competitive tables),
``error`` and ``output``; then a line for each sector, then lines ``va:<kind>``, ``input:<kind>``, ``sat:<kind>`` whose sector columns are filled.

**Bureau** (2002 and later, products × products): the line of codes ends in TII, TVA and TI rows and TIU, TFU, IM and GO columns; what lies
around it does not matter. Codes may stand before or behind the names.

Every fault names file, sheet, cell and what was expected; all of them are told, nothing is half read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diguan.chains.engine.basis import COUNTY, DOMESTIC, INCLUDED, NATION, PROVINCE, REMOVED, Basis, Matrix, Vector
from diguan.chains.engine.table import DEPRECIATION, EXPORTS, HOUSEHOLD_USE, SURPLUS, TAXES, WAGES, Table, check
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import grid as sheets
from diguan.kernel.sheets.guard import SheetRefused

HEAD = ("name", "year", "source", "unit", "region", "level", "imports", "example")
NEEDED = ("name", "year", "source", "unit", "imports")
YES = ("yes", "true", "1", "是")
MOST_FAULTS = 20
MOST = 1e15
"""No figure of any table is larger, in any unit; one that is was mistyped or its unit is another."""
_YEAR = re.compile(r"(19|20)\d{2}")
_BUREAU_ROWS = {"VA001": WAGES, "VA002": TAXES, "VA003": DEPRECIATION, "VA004": SURPLUS}
_BUREAU_USE = {"FU101": "rural_households", "FU102": "urban_households", "FU103": "government", "FU201": "fixed_capital", "FU202": "inventories", "EX": EXPORTS}
_BUREAU_ERROR = ("ERR", "OTH")
_UNIT = re.compile(r"单位[:：]\s*(\S+)")


class _Faults:
    """Faults of one file as they are found; cells are counted from 0."""

    def __init__(self, file: str, sheet: str) -> None:
        self.where = (f"{file}“{sheet}”", f"{file} “{sheet}”") if sheet and sheet != file else (file, file)
        self.found: list[Message] = []

    def add(self, row: int, column: int, zh: str, en: str) -> None:
        cell = sheets.cell_name(row, column)
        self.found.append(Message(f"{self.where[0]} {cell} 格（第 {row + 1} 行第 {column + 1} 列）：{zh}", f"{self.where[1]}, cell {cell} (row {row + 1}, column {column + 1}): {en}"))

    def whole(self, zh: str, en: str) -> None:
        self.found.append(Message(f"{self.where[0]}：{zh}", f"{self.where[1]}: {en}"))

    def settle(self) -> None:
        if self.found:
            rest = len(self.found) - MOST_FAULTS
            more = [Message(f"另有 {rest} 处错误。", f"{rest} more faults.")] if rest > 0 else []
            raise Refusal("bad_table_file", [*self.found[:MOST_FAULTS], *more])


@dataclass
class _Cells:
    grid: sheets.Grid
    faults: _Faults

    def text(self, row: int, column: int) -> str:
        value = self.grid.at(row, column)
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str("" if value is None else value).strip()

    def number(self, row: int, column: int, what: str) -> float:
        value = self.grid.at(row, column)
        if (row, column) not in self.grid.failures:
            try:
                found = float(value if isinstance(value, (int, float)) else str(value).replace(",", "").strip())
                if abs(found) <= MOST:
                    return found
                if math.isfinite(found):
                    self.faults.add(row, column, f"{what}太大，请核对数和单位", f"{what} is too large: check figure and unit")
                    return math.nan
            except ValueError:
                pass
        seen = f"“{str(value)[:40]}”" if value not in ("", None) else ""
        self.faults.add(row, column, f"{what}应为数{f'，读到的是{seen}' if seen else '，却是空的（没有请填 0）'}", f"{what} should be a number, and is {seen or 'empty (write 0 for none)'}")
        return math.nan

    def once(self, found: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
        """(row, column) by the word that stands there; a word that stands twice is a fault: which one counts nobody could tell."""
        places: dict[str, tuple[int, int]] = {}
        for word, row, column in found:
            if word and places.setdefault(word, (row, column)) != (row, column):
                self.faults.add(row, column, f"“{word}”出现了两次", f"“{word}” stands twice")
        return places

    def across(self, row: int, first: int) -> dict[str, int]:
        """Columns by what stands in a row, from the column ``first`` on."""
        return {word: column for word, (_row, column) in self.once((self.text(row, column), row, column) for column in range(first, self.grid.width)).items()}

    def down(self, first: int, last: int, column: int) -> dict[str, int]:
        """Rows by what stands in a column, from row ``first`` to before ``last``."""
        return {word: row for word, (row, _column) in self.once((self.text(row, column), row, column) for row in range(first, last)).items()}

    def vector(self, places: Sequence[tuple[int, int]], what: str) -> Vector:
        return np.array([self.number(row, column, what) for row, column in places])


def read(file: str, content: bytes, *, tolerance: float = 1e-6, source: str = "", region: str = "", level: str = NATION) -> Table:
    """The table in a file of either form, told by its content. The last three are for the bureau's form, which does not say them.

    Raises:
        Refusal: no such form, cells that are no numbers, codes that differ between rows and columns, rows and columns that do not balance.
    """
    try:
        grids = sheets.read(file, content)
    except SheetRefused as error:
        raise Refusal("bad_table_file", [Message(f"{file}：{error.message.zh}", f"{file}: {error.message.en}")]) from error
    for each in grids:
        cells = _Cells(each, _Faults(file, each.name))
        if (corner := _bureau_corner(cells)) is not None:
            return check(_bureau(cells, corner, source or "国家统计局", region, level, file), tolerance)
        if (header := _plain_header(cells)) is not None:
            return check(_plain(cells, header), tolerance)
    faults = _Faults(file, grids[0].name if len(grids) == 1 else "")
    faults.whole("找不到投入产出表：既没有以 code,name 开头的部门行（通用格式），也没有 TIU、TII 代码（统计局格式）",
                 "no input–output table found: neither a line that begins with code,name (plain form) nor the codes TIU and TII (the bureau's form)")
    faults.settle()
    raise AssertionError


# ── the plain form ────────────────────────────────────────────────────────
def _plain_header(cells: _Cells) -> int | None:
    return next((row for row in range(min(len(cells.grid.rows), 60)) if (cells.text(row, 0), cells.text(row, 1)) == ("code", "name")), None)


def _plain(cells: _Cells, header: int) -> Table:
    columns = cells.across(header, 2)
    named = {name: at for name, at in columns.items() if name.startswith("use:") or name in ("imports", "error", "output")}
    sectors = {name: at for name, at in columns.items() if name not in named}
    rows = cells.down(header + 1, len(cells.grid.rows), 0)
    basis = _plain_head(cells, header)
    known = {name: row for name, row in rows.items() if name.partition(":")[0] in ("va", "input", "sat")}
    _same_codes(cells, header, sectors, {name: row for name, row in rows.items() if name not in known})
    if "output" not in named:
        cells.faults.add(header, cells.grid.width, "应有一列 output（总产出）", "a column output is expected")
    if not any(name.startswith("va:") for name in known):
        cells.faults.whole("应至少有一行 va:…（增加值）", "at least one line va:… (value added) is expected")
    if (basis.imports == INCLUDED) != ("imports" in named):
        cells.faults.whole("进口处理为 included 时应有 imports 列，否则不应有", "a column imports is expected with imports,included, and with nothing else")
    cells.faults.settle()
    codes = tuple(sectors)
    down = {name: [(rows[code], at) for code in codes] for name, at in named.items()}
    parts = {name: cells.vector([(row, sectors[code]) for code in codes], name) for name, row in known.items()}
    used = {name: cells.vector(places, name) for name, places in down.items()}
    flows = np.array([cells.vector([(rows[code], sectors[other]) for other in codes], f"流量 {code}") for code in codes])
    cells.faults.settle()
    return Table(codes, tuple(cells.text(rows[code], 1) for code in codes), flows, used["output"], _under("use", used), _under("va", parts), basis,
                 _under("input", parts), used.get("imports"), used.get("error"), _under("sat", parts))


def _under(prefix: str, parts: dict[str, Vector]) -> dict[str, Vector]:
    return {name.partition(":")[2]: vector for name, vector in parts.items() if name.startswith(prefix + ":")}


def _plain_head(cells: _Cells, header: int) -> Basis:
    said = {word: (row, cells.text(row, 1)) for word, row in cells.down(0, header, 0).items()}
    for word in NEEDED:
        if not said.get(word, (0, ""))[1]:
            cells.faults.add(said.get(word, (header, ""))[0], 0, f"表头应写明 {word}", f"the head should say {word}")
    for word, (row, _text) in said.items():
        if word not in HEAD:
            cells.faults.add(row, 0, f"不认识的表头“{word}”，可用：{'、'.join(HEAD)}", f"unknown head “{word}”; known are {', '.join(HEAD)}")
    _one_of(cells, said, "imports", (DOMESTIC, INCLUDED, REMOVED))
    _one_of(cells, said, "level", (NATION, PROVINCE, COUNTY))
    year = _YEAR.fullmatch(said.get("year", (0, ""))[1])
    if year is None and "year" in said:
        cells.faults.add(said["year"][0], 1, "年份应为四位数", "the year should have four digits")
    cells.faults.settle()
    text = {word: told[1] for word, told in said.items()}
    return Basis(text["name"], int(text["year"]), text["source"], text["unit"], text.get("region", ""), text.get("level", NATION), text["imports"], example=text.get("example", "").lower() in YES)


def _one_of(cells: _Cells, said: dict[str, tuple[int, str]], word: str, known: tuple[str, ...]) -> None:
    if word in said and said[word][1] and said[word][1] not in known:
        cells.faults.add(said[word][0], 1, f"{word} 应为 {'、'.join(known)} 之一", f"{word} should be one of {', '.join(known)}")


def _same_codes(cells: _Cells, header: int, across: dict[str, int], down: dict[str, int]) -> None:
    for code, at in across.items():
        if code not in down:
            cells.faults.add(header, at, f"部门“{code}”有列而没有行", f"sector “{code}” has a column and no row")
    for code, row in down.items():
        if code not in across:
            cells.faults.add(row, 0, f"“{code}”有行而没有列；不是部门的行应以 va:、input: 或 sat: 开头", f"“{code}” has a row and no column; a row that is no sector begins with va:, input: or sat:")


# ── the bureau's form ─────────────────────────────────────────────────────
def _bureau_corner(cells: _Cells) -> tuple[int, int] | None:
    """(row of the column codes, column of the row codes), or None where TIU and TII are not both there."""
    across = next(((row, at) for row in range(min(len(cells.grid.rows), 30)) for at in range(len(cells.grid.rows[row])) if cells.text(row, at) == "TIU"), None)
    if across is None:
        return None
    below = next(((row, at) for row in range(across[0] + 1, len(cells.grid.rows)) for at in range(min(6, across[1])) if cells.text(row, at) == "TII"), None)
    return None if below is None else (across[0], below[1])


def _bureau(cells: _Cells, corner: tuple[int, int], source: str, region: str, level: str, file: str) -> Table:
    header, at = corner
    columns, rows = cells.across(header, at + 1), cells.down(header + 1, len(cells.grid.rows), at)
    last, bottom = columns["TIU"], rows["TII"]
    down = {code: row for code, row in rows.items() if row < bottom}
    across = {code: column for code, column in columns.items() if column < last and (code in down or _coded(cells, header, column))}
    _same_codes(cells, header, across, down)
    _bureau_parts(cells, columns, rows, header, at)
    cells.faults.settle()
    codes = tuple(across)
    flows = np.array([cells.vector([(down[code], across[other]) for other in codes], f"流量 {code}") for code in codes])
    column = {word: cells.vector([(down[code], columns[word]) for code in codes], word) for word in (*_BUREAU_USE, "IM", "GO", *_BUREAU_ERROR) if word in columns}
    added = {kind: cells.vector([(rows[word], across[code]) for code in codes], word) for word, kind in _BUREAU_ROWS.items()}
    use = {kind: column[word] for word, kind in _BUREAU_USE.items()}
    use = {HOUSEHOLD_USE: use.pop("rural_households") + use.pop("urban_households"), **use}
    cells.faults.settle()
    error = next((column[word] for word in _BUREAU_ERROR if word in column), None)
    names = tuple(_bureau_name(cells, down[code], at) for code in codes)
    return Table(codes, names, flows, column["GO"], use, added, _bureau_basis(cells, header, source, region, level, file), imports=column["IM"], error=error)


def _coded(cells: _Cells, header: int, column: int) -> bool:
    return re.fullmatch(r"\d{1,6}", cells.text(header, column)) is not None


def _bureau_parts(cells: _Cells, columns: dict[str, int], rows: dict[str, int], header: int, at: int) -> None:
    for word in (*_BUREAU_USE, "IM", "GO"):
        if word not in columns:
            cells.faults.add(header, cells.grid.width, f"统计局格式应有代码为 {word} 的列", f"the bureau's form has a column {word}")
    for word in _BUREAU_ROWS:
        if word not in rows:
            cells.faults.add(len(cells.grid.rows), at, f"统计局格式应有代码为 {word} 的行", f"the bureau's form has a row {word}")


def _bureau_name(cells: _Cells, row: int, at: int) -> str:
    beside = [cells.text(row, column) for column in (at - 1, at + 1) if column >= 0]
    return next((text for text in beside if text and not re.fullmatch(r"[-+.\deE,]+", text)), cells.text(row, at))


def _bureau_basis(cells: _Cells, header: int, source: str, region: str, level: str, file: str) -> Basis:
    above: list[Any] = [cells.text(row, at) for row in range(header) for at in range(min(cells.grid.width, 12))]
    title = next((text for text in above if "投入产出" in text), file)
    unit = next((found[1] for text in above if (found := _UNIT.search(text))), "万元")
    year = _YEAR.search(title) or _YEAR.search(cells.grid.name) or _YEAR.search(file)
    if year is None:
        cells.faults.whole("标题、表名和文件名里都没有年份", "no year in the title, the sheet's or the file's name")
        cells.faults.settle()
    assert year is not None
    return Basis(title, int(year[0]), source, unit, region, level, INCLUDED)


# ── and out again ─────────────────────────────────────────────────────────
def rows(table: Table) -> list[list[str | float]]:
    """The plain form, line by line; read again it gives the same table, example mark and all."""
    basis, size = table.basis, len(table)
    head: list[list[str | float]] = [["name", basis.name], ["year", str(basis.year)], ["source", basis.source], ["unit", basis.unit], ["region", basis.region], ["level", basis.level], ["imports", basis.imports]]
    head += [["example", "yes"]] if basis.example else []
    columns: dict[str, Matrix | Vector] = {f"use:{kind}": vector for kind, vector in table.use.items()}
    columns |= {"imports": table.imports} if table.imports is not None and basis.imports == INCLUDED else {}
    columns |= {"error": table.error} if table.error is not None else {}
    columns["output"] = table.output
    body: list[list[str | float]] = [["code", "name", *table.codes, *columns]]
    body += [[table.codes[at], table.names[at], *map(float, table.flows[at]), *(float(vector[at]) for vector in columns.values())] for at in range(size)]
    parts = {f"{prefix}:{kind}": vector for prefix, group in (("va", table.value_added), ("input", table.inputs), ("sat", table.satellites)) for kind, vector in group.items()}
    tail: list[list[str | float]] = [[name, "", *map(float, vector)] for name, vector in parts.items()]
    return [*head, *body, *tail]
