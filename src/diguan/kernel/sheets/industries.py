"""The full GB/T 4754 table, from the file an office has to the ``industries.csv`` of its pack."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diguan.kernel import packs, places
from diguan.kernel.messages import Message
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


WHOLE = {"门类": (20,), "大类": (97,), "中类": (473,), "小类": (1381, 1382)}
"""How many codes GB/T 4754-2017 has of each level; its amendment of 2019 added a class."""
_ENGLISH = {"门类": "sections", "大类": "divisions", "中类": "groups", "小类": "classes"}


@dataclass(frozen=True)
class Table:
    """A table of the standard: names by code, the rows to look at, and how many codes came with a section letter (C4030), now taken off."""

    names: Mapping[str, str]
    odd: list[Nesting]
    padded: int

    def missing(self) -> list[Message]:
        """Why the table is not the whole standard; nothing where it is."""
        found = []
        for width, (level, counts) in enumerate(WHOLE.items(), start=1):
            there = sum(len(code) == width for code in self.names)
            if there not in counts:
                found.append(Message(f"{level}有 {there} 个，标准有 {counts[0]} 个", f"there are {there} {_ENGLISH[level]}, the standard has {counts[0]:,}"))
        lost = [code for code in self.names if any(parent not in self.names for parent in places.industry_parents(code))]
        if lost:
            found.append(Message(f"{len(lost)} 个代码缺上级，如 {lost[0]}", f"{len(lost)} codes lack what is above them, as {lost[0]}"))
        return found

    @property
    def usable(self) -> bool:
        """Whether a pack may hold it."""
        return bool(self.names) and not any(row.left_out for row in self.odd)


def read(name: str, content: bytes) -> Table:
    """Read the table.

    Two layouts are known: ``代码, 名称`` (and ``上级代码``), or one column for each level (门类, 大类, 中类, 小类) beside
    the name, as the standard is printed; there Excel's lost leading zeros are put back. A row of the 2011 edition cannot be used.

    Raises:
        guard.SheetRefused: the file is no such table.
    """
    found = read_file(SHEET, packs.catalogue(), name, content)
    if not {"code", *_LEVELS} & set(found.header.found):
        raise guard.refuse("找不到代码列：要有“代码”，或“门类、大类、中类、小类”", "no column of codes: 代码, or 门类, 大类, 中类, 小类")
    rows = [entry for row in found.rows for entry in _entries(row)]
    names, odd = places.check_industries(rows)
    old = [row for entry in rows if (row := _of_2011(*entry[:3]))]
    again = {row.line for row in old}
    return Table(names, sorted([*old, *(row for row in odd if row.line not in again)], key=lambda row: row.line), sum(places.normal_industry(raw) != raw.strip() for _line, raw, _name, _parent in rows))


def _of_2011(line: int, raw: str, name: str) -> Nesting | None:
    code, retired = places.normal_industry(raw), packs.codes().retired
    now = packs.edition_2011().get((code, name.strip())) or retired.get(code, ("", ""))[1]
    return Nesting(line, code, Message(f"{code} {name} 是 2011 年版的写法，2017 年版为 {now}", f"{code} {name} is of the 2011 edition; in 2017 it is {now}"), left_out=True) if now else None


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
