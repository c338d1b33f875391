"""Workbooks and CSV as offices send them, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

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
    for row in (heads, *body, totals, [NOTE]):
        sheet.append(row)
    hidden = book.create_sheet("填报说明")
    hidden.sheet_state = "hidden"
    hidden.append(["请勿删除本页"])
    path.write_bytes(_timeless(book))


def _timeless(book: Workbook) -> bytes:
    """The workbook's bytes without the moment at which they were written."""
    first, second = io.BytesIO(), io.BytesIO()
    book.save(first)
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MOMENT.sub(b"2026-10-31T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return second.getvalue()


def write_csv(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """As an old desktop program saves it: GB18030, comma separated."""
    lines = [",".join("" if c is None else f'"{c}"' if "," in str(c) else str(c) for c in row) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
