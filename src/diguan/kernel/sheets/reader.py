"""Rows of a declared sheet: reads every cell, skips what is no data, checks totals, gathers errors by cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from diguan.kernel import periods, uscc
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import Message
from diguan.kernel.sheets import grid as grids
from diguan.kernel.sheets import header as headers
from diguan.kernel.sheets import values
from diguan.kernel.sheets.declare import Sheet, heading_key
from diguan.kernel.sheets.header import Found, Header

TOTAL = re.compile(r"(.{0,8})?(合计|总计|小计|共计|总额|汇总)[:：]?|total|subtotal|sum")
_NOTE = re.compile(r"(注|备注|说明|填表|填报|制表|审核|复核|负责人|单位负责人|联系|数据来源|打印|统计|经办人|note)")
_TENS = tuple(10**power for power in range(9))
_NUMBERS = frozenset({float, int})
_CODED = re.compile(r"[0-9A-Z]{8,}")  # a code, right or wrong, stands in rows and not in notes
MOST_NOTED = 4  # a line of notes fills no more of the declared columns than this
ABSENT = object()
"""The value of a cell that says 无: known not to exist."""


MOST_TOLD = 5_000


@dataclass(frozen=True)
class CellError:
    """One thing wrong, at the row and cell Excel shows. ``warning`` ones do not stop an import."""

    row: int
    column: str
    cell: str
    value: str
    message: Message
    warning: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "cell": self.cell, "value": self.value,
                "message": str(self.message)}


@dataclass
class Row:
    """One data row. ``values`` holds what was read by column name; None is an empty cell."""

    number: int
    values: dict[str, Any]
    places: Mapping[str, int]
    told: Mapping[str, Any]
    broken: bool = False

    def cell(self, column: str) -> str:
        """Excel's name of this row's cell in the column; ``places`` are the file's columns, counted from 0."""
        return grids.cell_name(self.number - 1, self.places.get(column, 0))

    def raw(self, column: str) -> str:
        """What is written in the column's cell, as a person sees it; ``told`` are the cells that hold something."""
        return values.shown(self.told.get(column))


@dataclass
class Read:
    """What was read of one file."""

    sheet: Sheet
    header: Header
    period: periods.Period | None
    rows: list[Row] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    warnings: list[CellError] = field(default_factory=list)
    skipped: list[tuple[int, Message]] = field(default_factory=list)

    def heading(self, column: str) -> str:
        found = self.header.found.get(column)
        return found.heading if found else self.sheet.column(column).label()

    def report(self, row: Row, column: str, message: Message, *, warning: bool = False) -> None:
        """Add an error (or a warning) at a row's cell; beyond :data:`MOST_TOLD` a file is only said to be wrong."""
        row.broken = row.broken or not warning
        told = self.warnings if warning else self.errors
        if len(told) > MOST_TOLD:
            return
        if len(told) == MOST_TOLD:
            message = Message(f"这样的问题太多，只列前 {MOST_TOLD} 处", f"too many of these; only the first {MOST_TOLD} are listed")
        told.append(CellError(row.number, self.heading(column), row.cell(column), row.raw(column), message, warning))


@dataclass
class _Total:
    number: int
    partial: bool
    sums: dict[str, Any]
    upto: int


class _Reader:
    def __init__(self, sheet: Sheet, header: Header, catalogue: Catalogue, asked: periods.Period | None) -> None:
        self.sheet, self.header, self.catalogue, self.grid = sheet, header, catalogue, header.grid
        self.read = Read(sheet, header, asked)
        self.totals: list[_Total] = []
        self.places = {name: found.index for name, found in header.found.items()}
        self.filled = [column for column in sheet.columns if column.filled or column.name == sheet.key]
        self.plain = {name: self._parts(found) for name, found in header.found.items()}
        self.headings = {heading_key(found.heading) for found in header.found.values()}

    def run(self) -> Read:
        self._check_header()
        self._find_period()
        for index in range(self.header.bottom + 1, len(self.grid.rows)):
            line = self._line(index)
            if not line and any(_is_words(values.shown(value)) for value in self.grid.rows[index] if not values.is_blank(value)):
                self._say(index, "说明文字", "a note")
            elif line and not self._skip(index, line):
                self.read.rows.append(self._row(index, line))
        for total in self.totals:
            self._check_total(total)
        self._tell_hidden()
        return self.read

    def _tell_hidden(self) -> None:
        """Rows that a filter hides are read like the others; whoever brings the file shall know."""
        hidden = [row for row in self.read.rows if row.number - 1 in self.grid.hidden]
        if hidden:
            self.read.report(hidden[0], self.sheet.key, Message(
                f"有 {len(hidden)} 行在 Excel 里是隐藏的（从第 {hidden[0].number} 行起），也读进来了；不要的请先删去",
                f"{len(hidden)} rows hidden in Excel (from row {hidden[0].number} on) were read too; delete those that are not meant"), warning=True)

    def _parts(self, found: Found) -> int:
        """Storage units in one unit of a column of numbers, a power of ten; 0 where its cells need more than multiplying."""
        if found.column.type not in ("money", "number") or found.problem or found.column.check or self.grid.formulas or self.grid.failures:
            return 0
        spec = self.catalogue.get(found.column.fact) if found.column.fact else None
        parts = found.factor * (spec.scale if spec else 100 if found.column.type == "money" else 1)
        return int(parts) if parts in _TENS else 0

    def _error(self, row: int, column: int, heading: str, message: Message) -> None:
        self.read.errors.append(CellError(row + 1, heading, grids.cell_name(row, column),
                                          values.shown(self.grid.at(row, column)), message))

    def _check_header(self) -> None:
        for found in self.header.found.values():
            if found.problem:
                self._error(self.header.bottom, found.index, found.heading, found.problem)
        for column, first, second in self.header.doubles:
            where = grids.cell_name(self.header.bottom, first)
            self._error(self.header.bottom, second, column.label(), Message(
                f"“{column.label()}”出现两次（另一处在 {where}）；只能有一列", f"column “{column.label('en')}” occurs twice (also at {where})"))

    def _find_period(self) -> None:
        """Compare the period named in the titles with the one asked for; take it where none was asked."""
        for row, column, value in headers.titles(self.header):
            if self.sheet.period == "month" and re.search(r"累计|\d\s*[-~至到]\s*\d{1,2}\s*月", values.shown(value)):
                self.read.warnings.append(CellError(row + 1, "", grids.cell_name(row, column), values.shown(value), Message(
                    "表头像是累计数；这张表要单月数，请核对", "the title speaks of cumulative numbers; this sheet wants single months"), True))
        if self.sheet.period == "none" or (self.sheet.period_column and self.sheet.period_column.name in self.header.found):
            return
        for row, column, value in headers.titles(self.header):
            named = period_in_words(values.shown(value), self.sheet.period)
            if named is None:
                continue
            if self.read.period is None:
                self.read.period = named
            elif not self.read.period.contains(named):
                self._error(row, column, "", Message(f"表头写的是 {named.text}，要导入的却是 {self.read.period.text}",
                                                     f"the title says {named.text}, the import asks for {self.read.period.text}"))
            return

    def _line(self, index: int) -> dict[str, tuple[Found, Any]]:
        """The mapped cells of a row that hold something."""
        line, cells, formulas = {}, self.grid.rows[index], self.grid.formulas
        for name, found in self.header.found.items():
            value = cells[found.index] if found.index < len(cells) else ""
            if type(value) in _NUMBERS or not values.is_blank(value) or (index, found.index) in formulas:
                line[name] = (found, value)
        return line

    def _skip(self, index: int, line: dict[str, tuple[Found, Any]]) -> bool:
        key = line.get(self.sheet.key)
        code = values.shown(key[1]) if key else ""
        if self.sheet.column(self.sheet.key).type == "uscc" and uscc.valid(uscc.normalise(code)):
            return False
        words = [values.shown(value) for value in self.grid.rows[index] if values.shown(value)]
        if any(TOTAL.fullmatch(word) for word in (heading_key(word) for word in words if _is_words(word))):
            self._total(index, line, words)
            return self._say(index, "合计行", "a total")
        if len(line) > 1 and all(heading_key(values.shown(value)) in self._heading_of(found) for found, value in line.values()):
            return self._say(index, "重复的表头", "the headings again")
        data = any(found.column.fact for found, _ in line.values()) or _CODED.fullmatch(uscc.normalise(code)) or len(line) > MOST_NOTED
        if words and not data and (_NOTE.match(heading_key(words[0])) or self._is_aside(line, words)):
            return self._say(index, "说明文字", "a note")
        return False

    def _is_aside(self, line: dict[str, tuple[Found, Any]], words: list[str]) -> bool:
        """One cell of Chinese words that is no firm's name: a section title or footnote."""
        only = next(iter(line))
        return len(line) == 1 and len(set(words)) == 1 and only == self.sheet.key and not re.search(r"[0-9A-Za-z]{8}", words[0])

    def _heading_of(self, found: Found) -> set[str]:
        return {heading_key(found.heading), *found.column.keys, headers.split_heading(found.heading)[0],
                heading_key(values.shown(self.grid.at(self.header.bottom, found.index)))}

    def _say(self, index: int, zh: str, en: str) -> bool:
        self.read.skipped.append((index + 1, Message(f"第 {index + 1} 行是{zh}，未计入", f"row {index + 1} is {en}, not counted")))
        return True

    def _row(self, index: int, line: dict[str, tuple[Found, Any]]) -> Row:
        told = {name: value for name, (_, value) in line.items()}
        row = Row(index + 1, dict.fromkeys(self.places), self.places, told)
        for name, (found, value) in line.items():
            quick = values.quick_number(value, self.plain[name]) if type(value) in _NUMBERS and self.plain[name] else None
            if quick is not None and quick >= 0:
                row.values[name] = quick
                continue
            try:
                row.values[name] = self._value(index, found, value)
            except values.ValueProblem as error:
                self.read.report(row, name, error.message)
        for column in self.filled:
            if row.values.get(column.name) is None and column.name not in line:
                self.read.report(row, column.name, Message(f"“{column.label()}”不能为空", f"“{column.label('en')}” must be filled"))
        return row

    def _value(self, index: int, found: Found, value: Any) -> Any:
        place = (index, found.index)
        if place in self.grid.failures:
            raise values.ValueProblem("这里是错误值（#N/A、#REF! 之类），不是数据", "an error value (#N/A, #REF! …) is no data")
        if place in self.grid.formulas:
            raise values.ValueProblem("这里是公式；请复制后“粘贴为数值”", "this is a formula; copy and paste it as a value")
        if value is None or found.problem:  # what is wrong with a heading is said once, at the heading
            return None
        read = self._typed(found, value)
        wrong = found.column.check(read) if found.column.check and read is not ABSENT else None
        if wrong:
            raise values.ValueProblem(wrong.zh, wrong.en)
        return read

    def _typed(self, found: Found, value: Any) -> Any:
        column = found.column
        if column.fact and isinstance(value, str) and unicodedata.normalize("NFKC", values.shown(value)) in values.ABSENT_WORDS:
            return ABSENT
        if column.type in ("money", "number"):
            return self._number(found, value)
        if column.type == "period":
            return values.period_of(value, self.sheet.period)
        if column.type == "choice":
            return values.choice_of(value, column.choices)
        readers = {"uscc": values.uscc_of, "date": values.day_of, "bool": values.bool_of}
        return readers.get(column.type, values.text_of)(value)

    def _number(self, found: Found, value: Any) -> int:
        spec = self.catalogue.get(found.column.fact) if found.column.fact else None
        scale = spec.scale if spec else (100 if found.column.type == "money" else 1)
        number = values.stored_number(value, unit=found.unit, factor=found.factor, scale=scale)
        if number < 0 and spec and spec.non_negative:
            raise values.ValueProblem(f"“{spec.label()}”不会是负数", f"“{spec.label('en')}” cannot be negative")
        return number

    def _total(self, index: int, line: dict[str, tuple[Found, Any]], words: list[str]) -> None:
        sums = {}
        for name, (found, value) in line.items():
            if found.column.type in ("money", "number") and not found.problem and (index, found.index) not in self.grid.formulas:
                try:
                    sums[name] = self._number(found, value)
                except values.ValueProblem:
                    continue
        partial = any("小计" in word or "subtotal" in word.lower() for word in words)
        self.totals.append(_Total(index, partial, sums, len(self.read.rows)))

    def _check_total(self, total: _Total) -> None:
        first = max((other.upto for other in self.totals if other.partial and other.upto < total.upto), default=0)
        rows = self.read.rows[first : total.upto] if total.partial else self.read.rows
        for name, said in total.sums.items():
            if any(row.broken for row in rows):
                return
            counted = sum(row.values[name] for row in rows if isinstance(row.values.get(name), int))
            if counted != said:
                found = self.header.found[name]
                spec = self.catalogue.get(found.column.fact)
                self.read.warnings.append(CellError(
                    total.number + 1, found.heading, grids.cell_name(total.number, found.index),
                    values.shown(self.grid.at(total.number, found.index)), _total_message(counted, said, spec, found), True))


def _total_message(counted: int, said: int, spec: Any, found: Found) -> Message:
    from decimal import Decimal

    scale = (spec.scale if spec else 100 if found.column.type == "money" else 1) * found.factor
    shown = [f"{(Decimal(number) / scale).normalize():f}" for number in (said, counted)]
    return Message(f"合计写的是 {shown[0]}，各行相加是 {shown[1]}", f"the total says {shown[0]}, the rows add up to {shown[1]}")


def _is_words(word: str) -> bool:
    return not re.fullmatch(r"[-+\d.,\s]+", word)


def period_in_words(text: str, kind: str) -> periods.Period | None:
    """The period a title names, None if it names none of the kind or a cumulative one.

    >>> period_in_words("衡阳县2026年8月税收入库明细表", "month").text
    '2026-08'
    """
    text = unicodedata.normalize("NFKC", text)
    forms = {"month": r"(?:19|20)\d\d\s*[年.\-/]\s*\d{1,2}\s*(?:月|(?=\D|$))", "year": r"(?:19|20)\d\d\s*年",
             "quarter": r"(?:19|20)\d\d\s*年?\s*(?:第?[一二三四1-4]季|[Qq][1-4])", "day": r"(?:19|20)\d\d\D\d{1,2}\D\d{1,2}"}
    found = re.search(forms.get(kind, "(?!)"), text)
    if found is None or (kind == "month" and re.match(r"\s*[-~至到]\s*\d", text[found.end():])):
        return None
    try:
        return values.period_of(found.group(0), kind)
    except values.ValueProblem:
        return None


def read_file(sheet: Sheet, catalogue: Catalogue, name: str, content: bytes,
              period: periods.Period | None = None) -> Read:
    """Read one file as one declared sheet.

    Raises:
        guard.SheetRefused: the file as a whole is no such sheet.
    """
    return _Reader(sheet, headers.find(sheet, grids.read(name, content)), catalogue, period).run()


def cells_of(read: Read) -> Iterator[CellError]:
    """Errors first, then warnings, each in the order of the rows."""
    yield from sorted(read.errors, key=lambda error: (error.row, error.cell))
    yield from sorted(read.warnings, key=lambda error: (error.row, error.cell))
