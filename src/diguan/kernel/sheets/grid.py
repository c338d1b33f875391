"""A file as cells: every visible sheet of a workbook, or the one of a CSV file.

Values come through calamine (ten times openpyxl's speed). It drops error cells and shows formulas by
their last result, so both are found in the sheet's XML first.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree import ElementTree as ET

import python_calamine as calamine

from diguan.kernel.sheets import guard

MAX_CELLS = 8_000_000
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"([^<>]*)>(\s*<(?:\w+:)?f[\s/>])?')
_PLAIN_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>(?!\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>)')
"""A cell that holds something; one that is only coloured is written closed in itself or with nothing between."""
_NAMED_COLUMN, _NAMED_ROW = re.compile(rb'r="([A-Z]{1,3})\d'), re.compile(rb'r="[A-Z]{1,3}(\d{1,7})"')
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_HIDDEN_ROW, _ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\s[^<>]*\bhidden="(?:1|true)"[^<>]*>'), re.compile(rb'\br="(\d{1,7})"')
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class Grid:
    """One sheet. ``rows[r][c]`` counts from 0; Excel shows row r + 1.

    ``formulas`` and ``failures`` (``#N/A`` and the like) are cells; ``merged`` are (top, left, bottom, right); ``hidden`` are rows.
    """

    name: str
    rows: list[list[Any]]
    formulas: set[tuple[int, int]] = field(default_factory=set)
    failures: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)

    def at(self, row: int, column: int) -> Any:
        """The cell's value; ``""`` for an empty one or one outside."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    @cached_property
    def width(self) -> int:
        """Cells in the longest row; asked for once the rows are there."""
        return max((len(row) for row in self.rows), default=0)


def letters(column: int) -> str:
    """Excel's name of a column counted from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell_name(row: int, column: int) -> str:
    """Excel's name of a cell counted from 0."""
    return f"{letters(column)}{row + 1}"


def _index(name: bytes) -> int:
    index = 0
    for letter in name:
        index = index * 26 + letter - 64
    return index - 1


def read(name: str, content: bytes) -> list[Grid]:
    """Every visible sheet of the file.

    Raises:
        guard.SheetRefused: the file cannot be used.
    """
    if guard.kind_of(name, content) == "csv":
        return [Grid(name, _csv_rows(content))]
    try:
        return _workbook(content)
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, ET.ParseError, KeyError) as error:
        raise guard.refuse("工作簿已损坏，打不开", "the workbook is damaged and cannot be opened") from error


def _csv_rows(content: bytes) -> list[list[Any]]:
    text = _decode(content)
    sample = text[:8192]
    delimiter = max(",\t;", key=sample.count)
    try:
        rows: list[list[Any]] = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error as error:
        raise guard.refuse("CSV 内容读不通，可能引号不成对", "the CSV cannot be read; perhaps a quote is not closed") from error
    if sum(map(len, rows)) > MAX_CELLS:
        raise _too_large()
    return rows


def _decode(content: bytes) -> str:
    # Excel's “Unicode text” is UTF-16 and says so in its first two bytes.
    for encoding in ("utf-16",) if content.startswith(guard.UTF16) else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text[:4096]):
            return text
    raise guard.refuse("CSV 的文字编码不是 UTF-8、UTF-16 或 GB18030", "the CSV is written in neither UTF-8 nor UTF-16 nor GB18030")


def _too_large(last: str = "") -> guard.SheetRefused:
    upto, upto_en = (f"（写到了 {last}）", f" (up to {last})") if last else ("", "")
    return guard.refuse(f"表格范围超过 {MAX_CELLS // 10_000} 万格{upto}；请删去多余的行列或拆开",
                        f"the sheet spans more than {MAX_CELLS:,} cells{upto_en}; delete what is not needed or split it")


def _workbook(content: bytes) -> list[Grid]:
    grids = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = _parts(archive)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for sheet in book.sheets_metadata:
            usable = sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet
            if not usable or sheet.name not in parts:
                continue
            grid = _scan(sheet.name, archive.read(parts[sheet.name]))
            values = book.get_sheet_by_name(sheet.name)
            grid.rows = values.to_python(skip_empty_area=False) if values.start is not None else []
            grid.merged = [(top, left, bottom, right)
                           for (top, left), (bottom, right) in values.merged_cell_ranges or ()]
            _place_failures(grid)
            grids.append(grid)
    if not grids:
        raise guard.refuse("工作簿里没有可见的工作表", "the workbook has no visible sheet")
    return grids


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Where each sheet's XML is, by the sheet's name."""
    names = {name.lower(): name for name in archive.namelist()}
    home = next(name for name in archive.namelist() if name.lower().endswith("workbook.xml"))
    folder = posixpath.dirname(home)
    relations = ET.fromstring(archive.read(names[f"{folder}/_rels/workbook.xml.rels".lower().lstrip("/")]))  # noqa: S314 (guard refuses DOCTYPE)
    targets = {node.get("Id"): node.get("Target", "") for node in relations}
    found = {}
    for node in ET.fromstring(archive.read(home)).iter():  # noqa: S314 (guard refuses DOCTYPE)
        if node.tag.endswith("}sheet"):
            target = targets.get(node.get(_REL), "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            if path.lower() in names:
                found[node.get("name", "")] = names[path.lower()]
    return found


def _scan(name: str, xml: bytes) -> Grid:
    """Find formulas, error cells and the extent, before calamine lays the sheet out in memory."""
    grid = Grid(name, [], hidden=_hidden(xml))
    if not _has_formula(xml) and b't="e"' not in xml:  # most sheets: only the extent is asked for
        _check_extent(*_extent(xml))
        return grid
    deepest = widest = -1
    for found in _CELL.finditer(xml):
        column, row, attributes, formula = found.groups()
        if attributes.endswith(b"/") and not formula:
            continue
        place = (int(row) - 1, _index(column))
        deepest, widest = max(deepest, place[0]), max(widest, place[1])
        if formula:
            grid.formulas.add(place)
        if b't="e"' in found.group(0):
            grid.failures.add(place)
    _check_extent(deepest + 1, widest + 1)
    if not grid.formulas and _has_formula(xml):
        raise guard.refuse("工作簿写法不常见且含公式；请把公式粘贴为数值，用 Excel 另存后再导入",
                           "an unusual workbook with formulas; paste them as values and save it with Excel")
    return grid


def _hidden(xml: bytes) -> set[int]:
    """Rows that Excel does not show: a filter's, or somebody's."""
    rows = _HIDDEN_ROW.findall(xml) if b"hidden=" in xml else []
    return {int(number[1]) - 1 for row in rows if (number := _ROW_NUMBER.search(row))}


def _has_formula(xml: bytes) -> bool:
    return (b"<f" in xml or b":f" in xml) and _ANY_FORMULA.search(xml) is not None


def _extent(xml: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell that holds something; of a sheet that is small enough anyway, up to any cell."""
    deep, wide = _last(_NAMED_ROW.findall(xml), int), _last(_NAMED_COLUMN.findall(xml), lambda name: _index(name) + 1)
    if deep * wide <= MAX_CELLS:
        return deep, wide
    cells = _PLAIN_CELL.findall(xml)
    return _last([row for _column, row in cells], int), _last([column for column, _row in cells], lambda name: _index(name) + 1)


def _last(names: list[bytes], number: Callable[[bytes], int]) -> int:
    return max(map(number, set(names)), default=0)


def _check_extent(deep: int, wide: int) -> None:
    if deep * wide > MAX_CELLS:
        raise _too_large(cell_name(deep - 1, wide - 1))


def _place_failures(grid: Grid) -> None:
    """Calamine leaves error cells empty; put a mark there so that the reader cannot take them for blank."""
    for row, column in grid.failures:
        while len(grid.rows) <= row:
            grid.rows.append([])
        line = grid.rows[row]
        line.extend([""] * (column + 1 - len(line)))
        line[column] = line[column] if line[column] not in ("", None) else "#N/A"
