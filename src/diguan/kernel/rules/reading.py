"""Cells of data files: text or typed columns to exact storage integers, with what is wrong named."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.duck import Engine
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules.dataset import DataProblem, DatasetError
from diguan.kernel.units import MOST_PLACES

MOST_PROBLEMS = 20
WIDEST_SCALE = 10**MOST_PLACES
PERIOD_FORM = {"year": "2026", "quarter": "2026-Q1", "month": "2026-08", "day": "2026-08-31", "none": "all"}
KIND_ZH = {"year": "年", "quarter": "季度", "month": "月", "day": "日"}
NOTHING_TOLD = ("SELECT 0 AS line, '' AS uscc, '' AS fact, '' AS period, true AS value, NULL::VARCHAR AS fault, "
                "NULL::BIGINT AS num, NULL::VARCHAR AS text, NULL::VARCHAR AS shown WHERE false")
_DECIMAL = r"'[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)'"


@dataclass(frozen=True)
class Raw:
    """A table as the file holds it, with ``line``: the row as a spreadsheet counts (the heading is 1)."""

    file: str
    table: pa.Table
    typed: bool

    @property
    def columns(self) -> list[str]:
        return [name for name in self.table.column_names if name != "line"]


@dataclass(frozen=True)
class Cell:
    """SQL for a cell: its integer, its text, and whether there is anything in it."""

    num: str
    word: str
    filled: str
    typed: bool = False
    """Numbers come as storage integers, not as decimal text."""

    @property
    def shown(self) -> str:
        return f"coalesce({self.word}, CAST({self.num} AS VARCHAR))"

    def column(self, spec: FactSpec) -> str:
        return "value" if not self.typed else spec.stored_as


@dataclass(frozen=True)
class Checked:
    """SQL for what is wrong with a cell (NULL if nothing) and for what is stored."""

    fault: str
    num: str
    text: str


def quoted(name: str) -> str:
    """A column name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant in SQL."""
    return "'" + text.replace("'", "''") + "'"


def load(path: Path) -> Raw:
    """The file's rows, unchecked.

    Raises:
        DatasetError: it cannot be read as UTF-8 CSV or Parquet, or a row has another number of cells than the heading.
    """
    try:
        return _load_parquet(path) if path.suffix == ".parquet" else _load_csv(path)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError([DataProblem(str(path), None, "", Message(f"读不了这个文件：{error}", f"unreadable file: {error}"))]) from error


def _load_parquet(path: Path) -> Raw:
    # Not read_table: it would take folders called key=value for columns.
    table = pq.ParquetFile(path).read()
    for column in table.schema:
        if pa.types.is_floating(column.type):
            raise DatasetError([DataProblem(str(path), None, column.name, Message(
                "小数类型的列会丢失精度，应为 int64 或文本", "a floating point column loses digits; int64 or text is expected"))])
    return Raw(str(path), table.append_column("line", pa.array(range(2, len(table) + 2), pa.int64())), typed=True)


def _load_csv(path: Path) -> Raw:
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            heading = [name.strip() for name in next(reader, [])]
            for row in reader:
                if not row:
                    continue
                if len(row) != len(heading):
                    raise _wrong(path, reader.line_num, f"有 {len(row)} 格，表头有 {len(heading)} 格", f"{len(row)} cells, but the heading has {len(heading)}")
                lines.append(reader.line_num)
                rows.append(row)
    except UnicodeDecodeError as error:
        raise _wrong(path, None, "不是 UTF-8 文本", "this is not UTF-8 text") from error
    except csv.Error as error:
        raise _wrong(path, reader.line_num, f"CSV 格式不对：{error}", f"malformed CSV: {error}") from error
    if not heading:
        raise _wrong(path, None, "文件是空的", "the file is empty")
    twice = next((name for name in heading if heading.count(name) > 1), None)
    if twice is not None or "line" in heading:
        raise _wrong(path, 1, f"列名 {twice or 'line'} 不能用或重复", f"column {twice or 'line'} is reserved or repeated")
    columns = zip(*rows, strict=True) if rows else [()] * len(heading)
    data = {name: pa.array(list(column), pa.string()) for name, column in zip(heading, columns, strict=True)}
    return Raw(str(path), pa.table({**data, "line": pa.array(lines, pa.int64())}), typed=False)


def _wrong(path: Path, row: int | None, zh: str, en: str) -> DatasetError:
    return DatasetError([DataProblem(str(path), row, "", Message(zh, en))])


def require(raw: Raw, names: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    for name in names:
        if name in raw.columns:
            continue
        near = nearest(name, raw.columns, 0.6)
        zh, en = (f"，是否即 {near}？", f"; is it {near}?") if near else ("", "")
        raise DatasetError([DataProblem(raw.file, 1, name, Message(f"缺少列 {name}{zh}", f"column {name} is missing{en}"))])


def cell(raw: Raw, column: str) -> Cell:
    """A column of attributes: any type in Parquet, text in CSV."""
    name, kind = quoted(column), raw.table.schema.field(column).type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return Cell(f"CAST({name} AS BIGINT)", "NULL::VARCHAR", f"{name} IS NOT NULL", typed=True)
    if pa.types.is_date(kind):
        return Cell(f"CAST({name} - DATE '1970-01-01' AS BIGINT)", "NULL::VARCHAR", f"{name} IS NOT NULL", typed=True)
    word = f"trim(CAST({name} AS VARCHAR))"
    return Cell("NULL::BIGINT", word, f"coalesce({word}, '') <> ''")


def long_cell(raw: Raw) -> Cell:
    """The value of a long fact row: ``value`` as text, or ``num`` and ``text``."""
    if "value" in raw.columns:
        return replace(cell(raw, "value"), num="NULL::BIGINT", word="trim(CAST(value AS VARCHAR))", typed=False)
    require(raw, ["num", "text"])
    for name, fits in (("num", pa.types.is_integer), ("text", _is_text)):
        kind = raw.table.schema.field(name).type
        if not fits(kind) and not pa.types.is_null(kind):
            raise DatasetError([DataProblem(raw.file, 1, name, Message(f"列 {name} 的类型是 {kind}，应为 {_EXPECTED[name]}",
                                                                       f"column {name} is {kind}; {_EXPECTED[name]} is expected"))])
    return Cell("CAST(num AS BIGINT)", "trim(CAST(text AS VARCHAR))", "num IS NOT NULL OR text <> ''", typed=True)


_EXPECTED = {"num": "int64", "text": "string"}


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value)


def widen(engine: Engine, table: str, where: str, cell: Cell, spec: FactSpec) -> FactSpec:
    """The fact with room for the decimals it is written with; a number has up to four, whatever its unit keeps."""
    if spec.type != "number" or cell.typed or spec.scale >= WIDEST_SCALE:
        return spec
    (most,), = engine.rows(f"SELECT max({_places(cell.word)}) FROM {table} WHERE {where}")
    return spec if most is None or 10 ** int(str(most)) <= spec.scale else replace(spec, scale=WIDEST_SCALE)


def _places(word: str) -> str:
    return rf"length(rtrim(regexp_extract({word}, '\.([0-9]+)$', 1), '0'))"


def checked(spec: FactSpec, cell: Cell) -> Checked:
    """How a cell of this fact is judged and stored."""
    empty = f"WHEN NOT coalesce({cell.filled}, false) THEN 'empty'"
    if spec.numeric:
        return _checked_number(spec, cell, empty)
    if spec.type == "date":
        read = f"CAST(TRY_CAST({cell.word} AS DATE) - DATE '1970-01-01' AS BIGINT)"
        bad = f"{cell.num} IS NULL AND (NOT regexp_full_match({cell.word}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') OR {read} IS NULL)"
        bad += f" OR {cell.num} NOT BETWEEN -719162 AND 2932896"
        return Checked(f"CASE {empty} WHEN {bad} THEN 'date' END", f"coalesce({cell.num}, {read})", "NULL::VARCHAR")
    if spec.type == "bool":
        read = f"CASE lower({cell.word}) WHEN 'true' THEN 1 WHEN '1' THEN 1 WHEN 'false' THEN 0 WHEN '0' THEN 0 END"
        num = f"coalesce({cell.num}, {read})"
        return Checked(f"CASE {empty} WHEN {num} IS NULL OR {num} NOT IN (0, 1) THEN 'bool' END", f"CAST({num} AS BIGINT)", "NULL::VARCHAR")
    return Checked(f"CASE WHEN coalesce({cell.word}, '') = '' THEN 'text' END", "NULL::BIGINT", cell.word)


def _checked_number(spec: FactSpec, cell: Cell, empty: str) -> Checked:
    if cell.typed:
        negative = f"WHEN {cell.num} < 0 THEN 'negative'" if spec.non_negative else ""
        return Checked(f"CASE WHEN {cell.num} IS NULL THEN 'whole' {negative} END", cell.num, "NULL::VARCHAR")
    exact = f"TRY_CAST({cell.word} AS DECIMAL(38,4))"
    most = 2 if spec.type == "money" else MOST_PLACES
    limit = (2**63 - 1) // spec.scale
    negative = f"WHEN {exact} < 0 THEN 'negative'" if spec.non_negative else ""
    fault = (f"CASE {empty} WHEN NOT regexp_full_match({cell.word}, {_DECIMAL}) THEN 'number' "
             f"WHEN {_places(cell.word)} > {most} THEN 'places' WHEN {exact} IS NULL OR abs({exact}) > {limit} THEN 'big' {negative} END")
    return Checked(fault, f"CASE WHEN abs({exact}) <= {limit} THEN TRY_CAST({exact} * {spec.scale} AS BIGINT) END", "NULL::VARCHAR")


def value_problem(raw: Raw, row: int, column: str, fault: str, shown: str | None, spec: FactSpec) -> DataProblem:
    """The sentence for a fault that :func:`checked` found."""
    most = 2 if spec.type == "money" else MOST_PLACES
    limit = Decimal(2**63 - 1) / spec.scale
    zh, en = {
        "empty": ("值为空；不知道就不要写这一行，确知没有写 absent", "the value is empty; leave the row out if unknown, write absent if there is none"),
        "text": ("值为空，应为文本", "the value is empty; text is expected"),
        "whole": ("应为以存储单位计的 int64 整数（金额为分）", "an int64 in the storage unit (money in fen) is expected"),
        "number": (f"不是数，应为{_unit(spec)}的十进制数", f"no number; a decimal number{' of ' + spec.unit if spec.unit else ''} is expected"),
        "places": (f"小数位太多，最多 {most} 位", f"too many decimals; at most {most}"),
        "big": (f"超出范围，绝对值不得超过 {limit}", f"out of range; at most {limit}"),
        "negative": ("不能是负数", "cannot be negative"),
        "date": ("不是日期，应形如 2026-08-31", "no date; one like 2026-08-31 is expected"),
        "bool": ("应为 true 或 false", "true or false is expected"),
    }[fault]
    return DataProblem(raw.file, row, column, Message(f"{spec.name}“{shown or ''}”：{zh}", f"{spec.name} “{shown or ''}”: {en}"))


def _unit(spec: FactSpec) -> str:
    return f"以{spec.unit}计" if spec.unit else ""
