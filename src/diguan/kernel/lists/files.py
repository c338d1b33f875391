"""A list as a file: CSV, or a workbook whose figures are figures and whose texts stay texts."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from diguan.kernel import clocks
from diguan.kernel.declare import Text
from diguan.kernel.evidence import sniff
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Upload

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def download(body: bytes, media: str, name: str) -> HttpResponse:
    """A file as an answer that the browser keeps under this name; no name makes it a page."""
    return HttpResponse(body, content_type=media, headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"})


def streamed(pieces: Iterable[bytes], media: str, name: str) -> StreamingHttpResponse:
    """As :func:`download`, of a file that is made piece by piece while it is sent."""
    return StreamingHttpResponse(pieces, content_type=media, headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"})


def sent(kept: Upload | None) -> HttpResponse:
    """A file that was brought, as it came; always as a download. Whoever calls has seen to the rights.

    Raises:
        Http404: there is none, or it is gone from the disk.
    """
    path = files.upload_path(kept.sha256) if kept else None
    if kept is None or path is None or not path.exists():
        raise Http404
    content = path.read_bytes()
    return download(content, sniff.file_type(content) or "application/octet-stream", kept.name)


def heading(label: Text, kind: str) -> str:
    """A column's heading, with the unit of its figures."""
    unit = {"money": "（元）", "percent": "（%）"}.get(kind, "")
    return f"{label}{unit}"


def value(kind: str, value: Any) -> Any:
    """A value as a file holds it: amounts and shares as numbers in the heading's unit, days and instants as such."""
    if value is None or value == "":
        return None
    if kind in ("money", "percent"):
        return Decimal(value) / 100
    if kind == "status":
        return str(value[1])
    if isinstance(value, dt.datetime):
        return value.astimezone(clocks.COUNTY_TIME).replace(tzinfo=None, microsecond=0)
    return value if isinstance(value, int | float | dt.date) and not isinstance(value, bool) else str(value)


def csv_text(table: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[_harmless(_text(cell)) for cell in line] for line in table])
    return out.getvalue().encode("utf-8-sig")


def _text(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else "" if cell is None else cell


def _harmless(cell: Any) -> Any:
    # A spreadsheet would run a text that begins like a formula.
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r＝＋－＠" and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == ""
    return True


def xlsx(table: list[list[Any]], title: str, about: Sequence[tuple[str, str]]) -> bytes:
    """The rows under a head that stays, wide enough to read, and a second sheet that says what they are."""
    return workbook([(title, table)], about)


def workbook(tables: Sequence[tuple[str, list[list[Any]]]], about: Sequence[tuple[str, str]]) -> bytes:
    """As :func:`xlsx`, of several tables, each a sheet under its title."""
    book = Workbook(write_only=True)
    for title, table in tables:
        sheet = book.create_sheet(_sheet_name(title))
        sheet.freeze_panes = "A2"
        for index, column in enumerate(zip(*table[:200], strict=True), 1):
            sheet.column_dimensions[get_column_letter(index)].width = min(60, 3 + max(_width(cell) for cell in column))
        for line in table:
            sheet.append([_cell(sheet, value) for value in line])
    said = book.create_sheet(_("说明"))
    said.column_dimensions["A"].width, said.column_dimensions["B"].width = 16, 80
    for word, sentence in about:
        said.append([_cell(said, word), _cell(said, sentence)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_FORMATS = ((Decimal, "#,##0.00"), (dt.datetime, "yyyy-mm-dd hh:mm"), (dt.date, "yyyy-mm-dd"))


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins like a formula stays a text
    for kind, number_format in _FORMATS:
        if isinstance(value, kind):
            cell.number_format = number_format
            break
    return cell


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip() or "1"


def _width(cell: Any) -> int:
    text = str(_text(cell))
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
