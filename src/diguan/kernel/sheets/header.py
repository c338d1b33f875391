"""Where a table begins: finds the heading row or rows, the columns under them and their units."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from diguan.kernel import units
from diguan.kernel.messages import Message, nearest
from diguan.kernel.sheets import guard, values
from diguan.kernel.sheets.declare import Column, Sheet, heading_key
from diguan.kernel.sheets.grid import Grid, cell_name

SEARCHED_ROWS = 40
MOST_HEADER_ROWS = 3
_BRACKETS = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
_UNIT_NOTE = re.compile(r"(?:金额)?单位[:：]?(.+)")
_HARMLESS = frozenset({"必填", "必填项", "选填", "可不填", "18位", "文本", "文本格式", "数字", "required", "optional"})
_OTHER_NUMBER = re.compile(r"累计|同比|环比|上年|去年|同期|增减|增长|增速|计划|目标|预计|占比")
_UNIT_PARTS = re.compile(r"[、,，;；/ ]")


@dataclass(frozen=True)
class Found:
    """A declared column found in the file: where, under what words, and the unit those words name."""

    column: Column
    index: int
    heading: str
    unit: str = ""
    factor: Decimal = Decimal(1)
    problem: Message | None = None


@dataclass
class Header:
    """The heading rows ``top`` to ``bottom`` (from 0) of a grid and the columns in it."""

    grid: Grid
    top: int
    bottom: int
    found: dict[str, Found] = field(default_factory=dict)
    doubles: list[tuple[Column, int, int]] = field(default_factory=list)

    def cell(self, found: Found) -> str:
        return cell_name(self.bottom, found.index)


def split_heading(text: str) -> tuple[str, str]:
    """The key of a heading and the unit in it.

    >>> split_heading("入库税额（万元）"), split_heading("其中：女职工（人）"), split_heading("税额/万元")
    (('入库税额', '万元'), ('其中女职工', '人'), ('税额', '万元'))
    """
    plain, unit = unicodedata.normalize("NFKC", text), ""
    for whole in _BRACKETS.finditer(plain):
        inner = heading_key(whole.group(1))
        noted = _UNIT_NOTE.fullmatch(inner)
        inner = noted.group(1) if noted else inner
        if units.unit_factor(inner) is not None or noted or _looks_like_unit(inner):
            unit = inner
        elif inner not in _HARMLESS:
            continue
        plain = plain.replace(whole.group(0), "", 1)
    tail = re.fullmatch(r"(.+?)[/,，、:：\s]\s*(?:单位[:：]?)?(\S+)", plain.strip())
    if not unit and tail and units.unit_factor(tail.group(2)) is not None:
        plain, unit = tail.group(1), tail.group(2)
    return heading_key(plain), unit


def _looks_like_unit(text: str) -> bool:
    """A word in brackets that looks like a unit, known to us or not; an unknown one is reported."""
    return bool(re.fullmatch(r"[百千万亿]*(元|人|吨|亩|户|家|度|千瓦时|kwh|美元|港元|欧元|日元)|[百千万亿]+.{1,3}|[a-z$¥€%]{1,4}", text))


def _heading_rows(grid: Grid) -> list[list[str]]:
    """The first rows as words, merged cells filled with the words of their corner."""
    depth = min(len(grid.rows), SEARCHED_ROWS)
    width = grid.width
    rows = [[values.shown(value) for value in grid.rows[row]] + [""] * (width - len(grid.rows[row]))
            for row in range(depth)]
    for top, left, bottom, right in grid.merged:
        if top >= depth or left >= width:
            continue
        for row in range(top, min(bottom + 1, depth)):
            for column in range(left, min(right + 1, width)):
                rows[row][column] = rows[top][left]
    return rows


def _parents(grid: Grid) -> set[tuple[int, int]]:
    """Cells covered by a merged cell that spans columns but not the whole table: a heading over headings."""
    width = grid.width
    return {(row, column) for top, left, bottom, right in grid.merged
            if right > left and top < SEARCHED_ROWS and right - left + 1 < width
            for row in range(top, min(bottom, SEARCHED_ROWS) + 1) for column in range(left, min(right, width - 1) + 1)}


def _match(known: dict[str, Column], rows: list[list[str]], grid: Grid, top: int, bottom: int, parents: set[tuple[int, int]]) -> Header:
    header = Header(grid, top, bottom)
    for index in range(len(rows[top])):
        above = [rows[row][index] for row in range(max(top - 2, 0), top) if (row, index) in parents]
        words = [word for word in dict.fromkeys([rows[row][index] for row in range(top, bottom + 1)]) if word]
        column, unit = _lookup(known, words, [word for word in above if word not in words])
        if column is None:
            continue
        found = Found(column, index, " ".join(words), unit)
        if column.name in header.found:
            header.doubles.append((column, header.found[column.name].index, index))
        else:
            header.found[column.name] = found
    return header


def _lookup(known: dict[str, Column], words: list[str], above: list[str]) -> tuple[Column | None, str]:
    """All words joined first, then the lowest alone, unless a heading over it says that it is another number."""
    split = [split_heading(word) for word in words]
    unit = next((unit for _, unit in reversed([*map(split_heading, above), *split]) if unit), "")
    keys = ["".join(key for key, _ in split)] if split else []
    if len(split) > 1 and not any(_OTHER_NUMBER.search(word) for word in words[:-1]):
        keys.append(split[-1][0])
    if any(_OTHER_NUMBER.search(word) for word in above):
        keys = []
    return next(((known[key], unit) for key in keys if key in known), (None, ""))


def _score(header: Header) -> tuple[int, int, int, int]:
    found = header.found.values()
    return (sum(item.column.required for item in found), len(found), -(header.bottom - header.top), -header.top)


def find(sheet: Sheet, grids: list[Grid]) -> Header:
    """The heading rows of the one sheet that holds the table.

    Raises:
        guard.SheetRefused: no sheet has the required headings, or more than one has.
    """
    best = [header for header in (_best(sheet, grid) for grid in grids) if header is not None]
    whole = [header for header in best if all(column.name in header.found for column in sheet.required)]
    if len(whole) > 1:
        names = "、".join(header.grid.name for header in whole)
        raise guard.refuse(f"有 {len(whole)} 个工作表都像{sheet.label()}：{names}；请只留一个，或把其余隐藏",
                           f"{len(whole)} sheets look like {sheet.label('en')}: {names}; keep one or hide the others")
    if not whole:
        raise _no_header(sheet, grids, best)
    header = whole[0]
    _set_units(header)
    return header


def _best(sheet: Sheet, grid: Grid) -> Header | None:
    rows = _heading_rows(grid)
    parents = _parents(grid)
    known = {key: column for column in sheet.columns for key in column.keys}
    candidates = [_match(known, rows, grid, top, bottom, parents)
                  for top in range(len(rows))
                  for bottom in range(top, min(top + MOST_HEADER_ROWS, len(rows)))]
    return max(candidates, key=_score, default=None)


def _no_header(sheet: Sheet, grids: list[Grid], best: list[Header]) -> guard.SheetRefused:
    likest = max(best, key=_score, default=None)
    got = likest.found if likest else {}
    lacking = [column for column in sheet.required if column.name not in got]
    seen = {heading_key(text): text for grid in grids for row in _heading_rows(grid) for text in row if text and len(text) < 40}
    parts_zh, parts_en = [], []
    for column in lacking:
        close = [hit for key in column.keys if (hit := nearest(key, seen, 0.4))]
        label = column.headings[0] if column.headings else column.label()
        parts_zh.append(label + (f"（最接近的是“{seen[close[0]]}”）" if close else ""))
        parts_en.append(label + (f" (nearest seen: “{seen[close[0]]}”)" if close else ""))
    return guard.refuse(f"找不到{sheet.label()}的表头，缺少：{'、'.join(parts_zh)}；是不是选错了表？",
                        f"no heading row of {sheet.label('en')} found, missing: {', '.join(parts_en)}; is it another sheet?")


def _set_units(header: Header) -> None:
    """Give each number column its factor: by its heading, else by a ``单位：万元`` note above, else as declared."""
    notes = [part for row in _heading_rows(header.grid)[: header.bottom + 1] for text in dict.fromkeys(row)
             for part in _note_units(text)]
    for name, found in header.found.items():
        if found.column.type in ("money", "number"):
            header.found[name] = _with_unit(found, notes)


def _note_units(text: str) -> list[str]:
    """The units a title row names: ``单位：万元、人``."""
    noted = re.search(r"单位[:：]\s*([^()（）\s]+)", unicodedata.normalize("NFKC", text))
    return [part for part in _UNIT_PARTS.split(noted.group(1)) if units.unit_factor(part)] if noted else []


def _with_unit(found: Found, notes: list[str]) -> Found:
    base = units.unit_factor(found.column.unit)
    declared = base[0] if base else found.column.unit
    fitting = [note for note in notes if (units.unit_factor(note) or ("",))[0] == declared]
    written = found.unit or (fitting[0] if fitting else "") or found.column.unit
    known = units.unit_factor(written) if written else None
    problem = None
    if written and (known is None or (declared and known[0] != declared)) and written != declared:
        problem = Message(f"表头的单位“{written}”不认识或不合适，这一列以{declared or '无单位数'}计",
                          f"the heading's unit “{written}” is unknown or does not fit; the column is in {declared or 'plain numbers'}")
    factor = known[1] if known and problem is None else Decimal(1)
    return Found(found.column, found.index, found.heading, declared, factor, problem)


def unmatched(header: Header) -> list[str]:
    """The headings of columns the sheet does not know, as written."""
    known = {found.index for found in header.found.values()} | {index for _column, *places in header.doubles for index in places}
    rows = header.grid.rows[header.top:header.bottom + 1]
    words = {index: "".join(dict.fromkeys(str(row[index]).strip() for row in rows if index < len(row) and not values.is_blank(row[index])))
             for index in range(header.grid.width) if index not in known}
    return [word for word in words.values() if word]


def titles(header: Header) -> list[tuple[int, int, Any]]:
    """Non-empty cells above the heading rows: titles, notes of unit and period."""
    return [(row, column, value) for row in range(header.top) for column, value in enumerate(header.grid.rows[row])
            if not values.is_blank(value)]
