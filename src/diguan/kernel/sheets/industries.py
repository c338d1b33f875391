"""The full GB/T 4754 table, from the file an office has to the ``industries.csv`` of its pack."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from diguan.kernel import packs, places
from diguan.kernel.places import Nesting
from diguan.kernel.sheets import guard
from diguan.kernel.sheets.declare import Column, Sheet
from diguan.kernel.sheets.reader import Row, read_file

_LEVELS = {"section": 1, "division": 2, "group": 3, "class": 4}
SHEET = Sheet(
    name="industries", key="name", title={"zh": "国民经济行业分类", "en": "Industries of GB/T 4754"},
    columns=(
        Column("code", headings=("代码", "行业代码", "code")), Column("name", headings=("类别名称", "名称", "行业名称", "name"), required=True),
        Column("parent", headings=("上级代码", "上级", "parent")),
        Column("section", headings=("门类",)), Column("division", headings=("大类",)), Column("group", headings=("中类",)), Column("class", headings=("小类",)),
    ),
)


def read(name: str, content: bytes) -> tuple[dict[str, str], list[Nesting]]:
    """Read the table: names by code, and the rows to look at.

    Two layouts are known: ``代码, 名称`` (and ``上级代码``), or one column for each level (门类, 大类, 中类, 小类) beside
    the name, as the standard is printed; there Excel's lost leading zeros are put back.

    Raises:
        guard.SheetRefused: the file is no such table.
    """
    found = read_file(SHEET, packs.catalogue(), name, content)
    if not {"code", *_LEVELS} & set(found.header.found):
        raise guard.refuse("找不到代码列：要有“代码”，或“门类、大类、中类、小类”", "no column of codes: 代码, or 门类, 大类, 中类, 小类")
    return places.check_industries(entry for row in found.rows for entry in _entries(row))


def _entries(row: Row) -> Iterator[tuple[int, str, str, str]]:
    """The codes of a row: its own, or one for every level that is filled."""
    name, values = row.values.get("name") or "", row.values
    if values.get("code"):
        yield row.number, values["code"], name, values.get("parent") or ""
        return
    filled = [(values[level], width) for level, width in _LEVELS.items() if values.get(level)]
    for code, width in filled:
        yield row.number, code.zfill(width) if code.isdigit() else code, name, ""
    if not filled:
        yield row.number, "", name, ""


def as_csv(table: Mapping[str, str]) -> bytes:
    """The table as a pack's ``industries.csv``: columns code and name, by code."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("code", "name"), *sorted(table.items())])
    return out.getvalue().encode("utf-8")
