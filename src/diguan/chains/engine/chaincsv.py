"""The twin of a chain file for spreadsheets: one CSV, or a workbook of two sheets; nothing is lost on either way. The lines are those of :mod:`chaintable`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from diguan.chains.engine import chainfile, chaintable
from diguan.chains.engine.chain import Chain
from diguan.chains.engine.chainfile import ChainReader, Read
from diguan.chains.engine.chainparts import Codes
from diguan.chains.engine.chaintable import CHAIN, EDGE, EVIDENCE, HEADINGS, LISTS, NODE, SHEETS, SOURCE, USED, WORDS
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules import nodes
from diguan.kernel.rules.conditions import Refused
from diguan.kernel.rules.nodes import DocumentErrors, Problem
from diguan.kernel.sheets.grid import Grid, letters
from diguan.kernel.sheets.grid import read as read_grids
from diguan.kernel.sheets.guard import SheetRefused

_KNOWN = {word: name for name, zh in HEADINGS.items() for word in (name, zh)}
_HEAD_WITHIN, _HEAD_NEEDS = 20, 3
_SHORT_HEADING = re.compile(r"\d{4}\.\d")


# ── out ───────────────────────────────────────────────────────────────────
def as_csv(chain: Chain) -> bytes:
    """The chain as one CSV (UTF-8 with the mark by which Excel knows it)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS.values())
    for line in chaintable.lines(chain):
        writer.writerow([_text(line.get(name, "")) for name in HEADINGS])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(chain: Chain) -> bytes:
    """The chain as a workbook: nodes on the first sheet, edges on the second."""
    book = Workbook()
    book.remove(book.active)
    for title, sorts in SHEETS.items():
        sheet, columns = book.create_sheet(title), chaintable.columns(sorts)
        sheet.append([HEADINGS[name] for name in columns])
        for line in chaintable.lines(chain, sorts):
            sheet.append([line.get(name) for name in columns])
        for cell in (cell for row in sheet for cell in row if isinstance(cell.value, str)):
            cell.data_type = "s"  # words are words: “#N/A” is no failed formula
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# ── in ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class _Cell(nodes.Node):
    """A node of a document that stood in a table: ``line`` is its row there."""

    sheet: str = ""
    column: str = ""
    names: str = ""


class _Reader(ChainReader):
    """Names sheet and column besides the row."""

    def refuse(self, node: nodes.Node, zh: str, en: str, nearest: str | None = None) -> Refused:
        self.problems.append(self._at(node, zh, en, nearest))
        return Refused()

    def warn(self, node: nodes.Node, zh: str, en: str, near: str | None = None) -> None:
        self.warnings.append(self._at(node, zh, en, near))

    def _at(self, node: nodes.Node, zh: str, en: str, near: str | None) -> Problem:
        if not isinstance(node, _Cell):
            return Problem(self.name, node.line, Message(zh, en), near)
        at = (f"{node.column} 列（{node.names}）：", f"column {node.column} ({node.names}): ") if node.column else ("", "")
        return Problem(f"{self.name}“{node.sheet}”" if node.sheet else self.name, node.line, Message(at[0] + zh, at[1] + en), near)


def read(file: str, content: bytes, codes: Codes) -> Read:
    """The chain in a CSV or workbook; ``lines`` of the answer are rows.

    Raises:
        DocumentErrors: anything wrong in it, all of it, each with its row and column; nothing is half read.
    """
    reader = _Reader(file, Catalogue(()), None)
    if len(content) > nodes.MOST_BYTES:
        raise DocumentErrors([Problem(file, 1, Message("文件超过 1 MB", "the file is larger than 1 MB"))])
    try:
        grids = read_grids(file, content)
    except SheetRefused as error:
        raise DocumentErrors([Problem(file, 1, error.message)]) from error
    table = _Table(reader)
    for grid in grids:
        table.take(grid, grid.name if len(grids) > 1 else "")
    root = table.root()
    if reader.problems:  # what a wrong cell makes of its neighbours is not told besides
        raise DocumentErrors(reader.problems)
    return chainfile.build(reader, root, codes)


@dataclass
class _Table:
    """Lines on their way to a document."""

    reader: _Reader
    head: dict[str, nodes.Node] = field(default_factory=dict)
    sources: dict[str, nodes.Node] = field(default_factory=dict)
    parts: dict[str, list[nodes.Node]] = field(default_factory=lambda: {NODE: [], EDGE: []})
    last: dict[str, nodes.Node] | None = None
    proofs: list[nodes.Node] = field(default_factory=list)
    seen: bool = False

    def take(self, grid: Grid, sheet: str) -> None:
        """The lines of one sheet; a sheet without a line of headings is somebody's notes."""
        top = next((row for row in range(min(len(grid.rows), _HEAD_WITHIN)) if _is_head(grid, row)), None)
        if top is None:
            return
        self.seen, self.last = True, None
        columns = self._columns(grid, top, sheet)
        for row in range(top + 1, len(grid.rows)):
            cells = {name: _Cell(row + 1, text=_text(grid.at(row, at)).strip(), sheet=sheet, column=letters(at), names=HEADINGS[name]) for at, name in columns.items()}
            told = {name: cell for name, cell in cells.items() if cell.text}
            for at, name in columns.items():
                if (row, at) in grid.failures:
                    self.reader.refuse(cells[name], "单元格里是公式错误", "the cell holds a formula that failed")
            if told:
                self._line(_Cell(row + 1, keys={}, sheet=sheet), told)

    def _columns(self, grid: Grid, top: int, sheet: str) -> dict[int, str]:
        found: dict[int, str] = {}
        for at in range(grid.width):
            word = _text(grid.at(top, at)).strip()
            here = _Cell(top + 1, text=word, sheet=sheet, column=letters(at), names=word)
            if word in _KNOWN and _KNOWN[word] not in found.values():
                found[at] = _KNOWN[word]
            elif word in _KNOWN:
                self.reader.refuse(here, "这一列有两个", "this column is there twice")
            elif word:
                self.reader.refuse(here, f"不认识的列 {word}", f"unknown column {word}", nearest(word, _KNOWN, 0.4))
        return found

    def _line(self, at: _Cell, told: Mapping[str, _Cell]) -> None:
        sort = self._word("row", told["row"]) if "row" in told else None
        if sort is None:
            if "row" not in told:
                self.reader.refuse(at, f"缺少“行”：{'、'.join(WORDS['row'].values())} 之一", f"the row's sort is missing: one of {', '.join(WORDS['row'])}")
            return
        for name in told.keys() - {"row", *USED[sort]}:
            self.reader.refuse(told[name], f"“{WORDS['row'][sort]}”行不填这一列", f"a row of sort {sort} does not fill this column")
        keys = _document(self.reader, {name: self._cell(name, cell) for name, cell in told.items() if name in USED[sort]})
        self._place(sort, at, keys)

    def _place(self, sort: str, at: _Cell, keys: dict[str, nodes.Node]) -> None:
        node = _Cell(at.line, keys=keys, sheet=at.sheet)
        if sort == EVIDENCE:
            self._prove(node)
            return
        self.last = None
        if sort == CHAIN and self.head:
            self.reader.refuse(at, "“链”行只有一行", "there is one row of sort chain")
        elif sort == CHAIN:
            self.head = {"": at, **keys}
        elif sort == SOURCE:
            self._source(at, keys)
        else:
            self.parts[sort].append(node)
            self.last = keys

    def _source(self, at: _Cell, keys: Mapping[str, nodes.Node]) -> None:
        name = keys["id"].text if "id" in keys else None
        if not name:
            self.reader.refuse(at, "来源要有编号", "a source needs an id")
        elif name in self.sources:
            self.reader.refuse(keys["id"], f"来源编号 {name} 重复", f"the source id {name} is used twice")
        else:
            self.sources[name] = keys.get("name", at)

    def _prove(self, node: _Cell) -> None:
        if self.last is None:
            self.reader.refuse(node, "“依据”行要写在它所证明的环节或连线下面", "a row of evidence stands below the node or edge it proves")
            return
        before = self.last["evidence"].items or () if "evidence" in self.last else ()
        self.last["evidence"] = _Cell(node.line, items=(*before, node), sheet=node.sheet)

    def _cell(self, name: str, cell: _Cell) -> _Cell:
        """The cell in the words of a document."""
        word = self._word(name, cell) if name in WORDS else cell.text
        return _Cell(cell.line, text=word or next(iter(WORDS[name])), sheet=cell.sheet, column=cell.column, names=cell.names)

    def _word(self, name: str, cell: _Cell) -> str | None:
        """A word of a closed list, in either language; a wrong one is told."""
        text = (cell.text or "").lower()
        found = next((word for word, zh in WORDS[name].items() if text in (word, zh)), None)
        if found is None:
            known = list(WORDS[name].values())
            self.reader.refuse(cell, f"{cell.text!r} 不在 {'、'.join(known)} 之中", f"{cell.text!r} is none of {', '.join(WORDS[name])}", nearest(text, [*known, *WORDS[name]], 0.3))
        return found

    def root(self) -> nodes.Node:
        """The whole document."""
        if not self.seen:
            self.reader.refuse(nodes.Node(1), f"找不到表头：要有 {'、'.join(list(HEADINGS.values())[:4])} 等列", "no row of headings: 行 (row), 编号 (id), 名称 (name_zh) and so on")
        elif not self.head:
            self.reader.refuse(nodes.Node(1), "缺少“链”行，写明编号、名称、版本、适用地区和许可", "there is no row of sort chain, which says id, names, version, region and licence")
        line = self.head[""].line if self.head else 1
        keys = {name: part for name, part in self.head.items() if name}
        return nodes.Node(line, keys={**keys, "sources": nodes.Node(line, keys=self.sources), "nodes": nodes.Node(line, items=tuple(self.parts[NODE])), "edges": nodes.Node(line, items=tuple(self.parts[EDGE]))})


def _is_head(grid: Grid, row: int) -> bool:
    words = [_text(grid.at(row, at)).strip() for at in range(grid.width)]
    return any(_KNOWN.get(word) == "row" for word in words) and sum(word in _KNOWN for word in words) >= _HEAD_NEEDS


def _document(reader: _Reader, cells: Mapping[str, _Cell]) -> dict[str, nodes.Node]:
    """A line's cells under the keys of a document: names in two languages are one mapping, lists are lists."""
    found: dict[str, nodes.Node] = {}
    for name, cell in cells.items():
        key, _, language = name.rpartition("_")
        if name in LISTS:
            found[name] = _list(reader, name, cell)
        elif language in ("zh", "en") and key:
            pair = found.setdefault(key, _Cell(cell.line, keys={}, sheet=cell.sheet))
            assert pair.keys is not None
            pair.keys[language] = cell
        else:
            found[name] = cell
    return found


def _list(reader: _Reader, name: str, cell: _Cell) -> nodes.Node:
    """``4030:0.5；3399`` as codes with weights, anything else as words."""
    words = [word.strip() for word in re.split("[;；]", cell.text or "") if word.strip()]
    if name == "hs":  # a spreadsheet takes 9114.90 for a number
        words = [word + "0" if _SHORT_HEADING.fullmatch(word) else word for word in words]
    parts = [re.split("[:：]", word, maxsplit=1) for word in words]
    if name != "gbt4754" or all(len(part) == 1 for part in parts):
        return _same(cell, items=tuple(_same(cell, text=word) for word in words))
    keys: dict[str, nodes.Node] = {}
    for code, *weight in parts:
        if code.strip() in keys:
            reader.refuse(cell, f"行业代码 {code.strip()} 写了两次", f"the industry code {code.strip()} is written twice")
        keys[code.strip()] = _same(cell, text=weight[0].strip() if weight else "1")
    return _same(cell, keys=keys)


def _same(cell: _Cell, *, text: str | None = None, items: tuple[nodes.Node, ...] | None = None, keys: dict[str, nodes.Node] | None = None) -> _Cell:
    return _Cell(cell.line, text, items, keys, cell.sheet, cell.column, cell.names)


def _text(value: Any) -> str:
    """A cell's value as a document would have it: 4030, not 4030.0."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.9f}".rstrip("0")
    return str("" if value is None else value)
