"""Files as ugly as real ones, built for the tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from diguan.kernel import packs, periods, uscc
from diguan.kernel.factrow import FactRow
from diguan.kernel.sheets import check, shelf
from diguan.kernel.sheets.check import Checked

HEADS = ["序号", "统一社会信用代码", "企业名称", "入库税额（万元）"]


def code(number: int) -> str:
    """A valid synthetic credit code."""
    first = f"91430421MA{number:07d}"
    return first + uscc.check_character(first)


def body(count: int = 3) -> list[list[Any]]:
    return [[n, code(n), f"演示企业{n}", n * 1.5] for n in range(1, count + 1)]


def book(rows: Sequence[Sequence[Any]], *, merge: Sequence[str] = (), title: str = "明细", hidden: Sequence[int] = ()) -> Workbook:
    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    return made


def content(made: Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def xlsx(rows: Sequence[Sequence[Any]], **more: Any) -> bytes:
    return content(book(rows, **more))


def rewritten(data: bytes, changed: dict[str, bytes]) -> bytes:
    """The same workbook with parts replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in changed:
                new.writestr(part, old.read(part))
        for name, text in changed.items():
            new.writestr(name, text)
    return stream.getvalue()


def checked(data: bytes, *, sheet: str = "tax_monthly", period: str | None = "2026-08", name: str = "税务.xlsx") -> Checked:
    asked = periods.parse(period) if period else None
    return check.check_file(shelf.fact_sheets()[sheet], packs.catalogue(), name, data, asked)


def told(found: Checked) -> list[FactRow]:
    """The facts a file tells, row by row."""
    return [FactRow(row["subject"], row["subject_id"], row["fact"], periods.parse(row["period"]), row["state"], row["num"], row["text"]) for row in found.facts.to_pylist()]


def errors(data: bytes, **more: Any) -> list[tuple[str, str]]:
    return [(error.cell, error.message.zh) for error in checked(data, **more).errors]
