"""The file that comes back: the same sheet with each error marked in its cell, and a list in front."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.worksheet import Worksheet

from diguan.kernel.sheets import values
from diguan.kernel.sheets.check import Checked
from diguan.kernel.sheets.reader import CellError

RED = PatternFill("solid", fgColor="FFC7CE")
AMBER = PatternFill("solid", fgColor="FFEB9C")
LIST_NAME, COLUMN_NAME = "错误清单", "错误说明"
KEEPS_LOOK_TO = 300_000
MOST_COMMENTS = 2_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def put_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Write words as words: a cell that begins with = + - @ stays text, also after the file is saved anew."""
    cell = sheet.cell(row, column)
    try:
        cell.value = _CONTROL.sub("", text)
    except IllegalCharacterError:
        cell.value = ""
    if text:
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(_DANGEROUS)


def marked(name: str, content: bytes, checked: Checked) -> bytes:
    """The workbook with errors red, warnings yellow, a column of explanations and a first sheet that lists them.

    A large file comes back without its colours and widths, a CSV file as .xlsx.
    """
    grid = checked.read.header.grid
    big = len(grid.rows) * grid.width > KEEPS_LOOK_TO
    if content.startswith(b"PK") and not big:
        book = load_workbook(io.BytesIO(content), keep_links=False)
        sheet = book[grid.name]
        _disarm(book)
    else:
        book = Workbook()
        sheet = book.active
        sheet.title = re.sub(r"[\\/?*\[\]:]", "_", grid.name)[:31] or "表"
        _copy(sheet, grid.rows)
    problems = [*checked.errors, *checked.warnings]
    _mark(sheet, problems, grid.width + 1, checked.read.header.bottom + 1)
    _list(book, problems, sheet.title)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _disarm(book: Any) -> None:
    """Show formulas as their words: the file goes on to other people."""
    for sheet in book.worksheets:
        # Only cells that are there: a sheet may be coloured down to its millionth row.
        for cell in [cell for cell in sheet._cells.values() if isinstance(cell, Cell)]:
            if cell.data_type == "f":
                put_text(sheet, cell.row, cell.column, cell.value if isinstance(cell.value, str) else "={…}")
            elif cell.data_type == "s" and str(cell.value).startswith(_DANGEROUS):
                cell.quotePrefix = True
            if cell.hyperlink is not None:
                cell.hyperlink = None


def _copy(sheet: Worksheet, rows: list[list[Any]]) -> None:
    for number, line in enumerate(rows, start=1):
        for column, value in enumerate(line, start=1):
            if isinstance(value, str):
                if value:
                    put_text(sheet, number, column, value)
            else:
                sheet.cell(number, column).value = value


def _mark(sheet: Worksheet, problems: Iterable[CellError], explained: int, header_row: int) -> None:
    by_cell: dict[str, list[CellError]] = {}
    by_row: dict[int, list[str]] = {}
    for problem in problems:
        by_cell.setdefault(problem.cell, []).append(problem)
        by_row.setdefault(problem.row, []).append(f"{problem.cell}：{problem.message.zh}")
    for number, (name, found) in enumerate(by_cell.items()):
        cell = sheet[name]
        cell.fill = AMBER if all(problem.warning for problem in found) else RED
        if number < MOST_COMMENTS and isinstance(cell, Cell):  # not one hidden behind a merged corner
            note = Comment("\n".join(str(problem.message) for problem in found), "Diguan")
            note.width, note.height = 320, 90
            cell.comment = note
    put_text(sheet, header_row, explained, COLUMN_NAME)
    sheet.cell(header_row, explained).font = Font(bold=True)
    for row, words in by_row.items():
        put_text(sheet, row, explained if row != header_row else explained + 1, "；".join(words))


def _list(book: Any, problems: list[CellError], sheet_name: str) -> None:
    listing = book.create_sheet(LIST_NAME, 0)
    book.active = 0
    for column, head in enumerate(("工作表", "行", "单元格", "列", "内容", "性质", "说明", "In English"), start=1):
        put_text(listing, 1, column, head)
        listing.cell(1, column).font = Font(bold=True)
    for number, problem in enumerate(problems, start=2):
        texts = (sheet_name, None, problem.cell, problem.column, values.shown(problem.value),
                 "提示" if problem.warning else "错误", problem.message.zh, problem.message.en)
        for column, text in enumerate(texts, start=1):
            if text:
                put_text(listing, number, column, text)
        listing.cell(number, 2).value = problem.row
    for letter, width in zip("ABCDEFGH", (14, 6, 8, 22, 22, 6, 60, 60), strict=True):
        listing.column_dimensions[letter].width = width
        for cell in listing[letter]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    listing.freeze_panes = "A2"
