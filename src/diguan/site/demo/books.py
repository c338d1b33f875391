"""Workbooks and CSV as offices send them, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Font

from diguan.kernel.sheets.grid import letters

Cell = str | float | int | None
NOTE = "注：本表由演示程序生成，企业与数字均为虚构。"
_DAY = (2026, 10, 31, 0, 0, 0)
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def write_xlsx(path: Path, title: str, heads: list[str], body: Iterable[Sequence[Cell]], totals: Sequence[Cell]) -> None:
    """A sheet with a merged title, a line of units, headings, rows, a total, a note, and a hidden sheet behind it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "明细"
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(heads))
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(["填报单位：演示单位", *[None] * (len(heads) - 2), "单位见表头"])
    sheet.append(heads)
    hidden = book.create_sheet("填报说明")
    hidden.sheet_state = "hidden"
    hidden.append(["请勿删除本页"])
    path.write_bytes(_filled(book, [*body, totals, [NOTE]], first=4))


def _filled(book: Workbook, rows: Sequence[Sequence[Cell]], first: int) -> bytes:
    """The workbook's bytes with these rows from line ``first`` on, without the moment at which they were written.

    The rows go into the sheet's XML directly: openpyxl takes ten times as long for them.
    """
    saved, timeless = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(timeless, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(b"2026-10-31T00:00:00Z", content)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", "".join(_lines(rows, first)).encode() + b"</sheetData>")
            new.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return timeless.getvalue()


def _lines(rows: Sequence[Sequence[Cell]], first: int) -> Iterator[str]:
    columns = [letters(number) for number in range(max(map(len, rows)))]
    for line, row in enumerate(rows, start=first):
        cells = "".join(_xml(f"{column}{line}", value) for column, value in zip(columns, row, strict=False) if value is not None)
        yield f'<row r="{line}">{cells}</row>'


def _xml(place: str, value: Cell) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def write_csv(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """As an old desktop program saves it: GB18030, comma separated."""
    lines = [",".join("" if c is None else f'"{c}"' if "," in str(c) else str(c) for c in row) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
