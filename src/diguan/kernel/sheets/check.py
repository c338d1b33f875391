"""From rows to facts: duplicates, unknown subjects, periods, and the fact rows a batch will hold."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from diguan.kernel import packs, periods
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.factrow import SCHEMA
from diguan.kernel.messages import Message
from diguan.kernel.sheets import guard
from diguan.kernel.sheets.declare import Column, Sheet, heading_key, subjects
from diguan.kernel.sheets.reader import ABSENT, TOTAL, CellError, Read, Row, cells_of, read_file
from diguan.kernel.sheets.values import shown


@dataclass
class Checked:
    """A file after all checks; ``ok`` means that it may be committed.

    ``facts`` are the rows of a batch (``factrow.SCHEMA``), ``rows`` how many the file has. ``notes`` are sentences about
    the file as a whole; ``payload`` is whatever a record sheet's commit needs.
    """

    read: Read
    facts: pa.Table = field(default_factory=SCHEMA.empty_table)
    errors: list[CellError] = field(default_factory=list)
    warnings: list[CellError] = field(default_factory=list)
    changes: Mapping[str, int] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)
    payload: Any = None
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        self.rows = len(self.read.rows)

    @property
    def ok(self) -> bool:
        return not self.errors and bool(self.rows)

    @property
    def rejected(self) -> int:
        """Rows that hold an error; all of them where the error is outside the rows."""
        wrong = {error.row for error in self.errors}
        inside = sum(row.number in wrong for row in self.read.rows)
        return inside if inside or not wrong else self.rows

    @cached_property
    def periods(self) -> list[periods.Period]:
        """The periods its facts are of."""
        return sorted(map(periods.parse, self.facts["period"].unique().to_pylist()))

    @cached_property
    def subjects(self) -> set[str]:
        """The ids its rows are about."""
        return {row.values[self.read.sheet.key] for row in self.read.rows if row.values.get(self.read.sheet.key)}

    def light(self) -> Checked:
        """The same without the cells of its rows, which are most of what it holds: all that a commit asks."""
        header = self.read.header
        top = replace(header, grid=replace(header.grid, rows=header.grid.rows[:header.bottom + 1]))
        found = replace(self, read=replace(self.read, header=top, rows=[]))
        found.rows, found.subjects = self.rows, self.subjects
        return found


def check(read: Read, catalogue: Catalogue) -> Checked:
    """Check what only the whole file shows and make its fact rows.

    Raises:
        guard.SheetRefused: the file has no rows, or no period is known for them.
    """
    if not read.rows and not read.errors:
        raise guard.refuse("表头下面没有数据行", "there are no rows below the headings")
    _check_periods(read)
    duplicates(read)
    _check_subjects(read)
    _check_codes(read)
    facts = SCHEMA.empty_table() if read.errors else _facts(read, catalogue)
    ordered = list(cells_of(read))
    return Checked(read, facts, [error for error in ordered if not error.warning],
                   [error for error in ordered if error.warning])


def check_file(sheet: Sheet, catalogue: Catalogue, name: str, content: bytes,
               period: periods.Period | None = None) -> Checked:
    """Read and check a fact sheet.

    Raises:
        guard.SheetRefused: the file as a whole is no such sheet.
    """
    return check(read_file(sheet, catalogue, name, content, period), catalogue)


def period_of(read: Read, row: Row) -> periods.Period | None:
    """The period a row is about: its own, or the file's."""
    column = read.sheet.period_column
    if column is not None and row.values.get(column.name) is not None:
        own: periods.Period = row.values[column.name]
        return own
    if read.sheet.period == "none":
        return periods.ALL
    return read.period if read.period is not None and read.period.kind == read.sheet.period else None


def _fits(sheet: Sheet, period: periods.Period) -> bool:
    """A file may be asked for as one period of the sheet's kind, or as a longer one with a column for each row's."""
    longer = {"day": ("day", "month", "quarter", "year"), "month": ("month", "quarter", "year"),
              "quarter": ("quarter", "year"), "year": ("year",)}
    return period.kind in longer.get(sheet.period, (period.kind,))


def _check_periods(read: Read) -> None:
    column = read.sheet.period_column
    if read.period is not None and not _fits(read.sheet, read.period):
        raise guard.refuse(f"{read.sheet.label()}按{read.sheet.period}填报，{read.period.text} 不是这样的期间",
                           f"{read.sheet.label('en')} is by {read.sheet.period}, {read.period.text} is not such a period")
    for row in read.rows:
        own = row.values.get(column.name) if column else None
        if own is not None and read.period is not None and not read.period.contains(own):
            read.report(row, column.name if column else read.sheet.key, Message(
                f"这一行是 {own.text}，要导入的却是 {read.period.text}",
                f"this row is of {own.text}, the import asks for {read.period.text}"))
        elif period_of(read, row) is None:
            if column is None or column.name not in read.header.found:  # the whole file lacks it
                raise guard.refuse("表里没有写所属期，请指定，如 2026-08（命令行用 --period 2026-08）", "the file names no period; give one, say 2026-08 (on the command line --period 2026-08)")
            if not row.broken:
                read.report(row, column.name, Message("没有写所属期", "the period is missing"))


def duplicates(read: Read) -> None:
    """Report every row that repeats another's key and period; both are named."""
    zh, en = ("（同一代码）", "(same code)") if read.sheet.period == "none" else ("（同一代码、同一期间）", "(same code, same period)")
    seen: dict[tuple[Any, Any], Row] = {}
    for row in read.rows:
        key = row.values.get(read.sheet.key)
        if key is None:
            continue
        first = seen.setdefault((key, period_of(read, row)), row)
        if first is not row:
            pair = Message(f"第 {first.number} 行和第 {row.number} 行重复{zh}", f"rows {first.number} and {row.number} repeat each other {en}")
            read.report(first, read.sheet.key, pair)
            read.report(row, read.sheet.key, pair)


def all_known(sheet: Sheet, ids: set[str]) -> bool:
    """Whether the register knows every one of these subjects."""
    known = subjects(sheet.subject)
    return known is None or ids <= known(ids).keys()


def _check_subjects(read: Read) -> None:
    known = subjects(read.sheet.subject)
    if known is None:
        return
    ids = {row.values[read.sheet.key] for row in read.rows if row.values.get(read.sheet.key)}
    names = known(ids)
    for row in read.rows:
        code = row.values.get(read.sheet.key)
        if code is None:
            if row.values.get("name") and TOTAL_NAME(row.values["name"]):
                continue
        elif code not in names:
            read.report(row, read.sheet.key, Message("企业库里没有这个信用代码；请先登记企业，或核对代码",
                                                     "the register has no such credit code; register the enterprise or check the code"))
        elif row.values.get("name") and names[code] and heading_key(row.values["name"]) not in map(heading_key, names[code]):
            read.report(row, "name", Message(f"名称与企业库不同（库内：{sorted(names[code])[0]}）",
                                             f"the name differs from the register's ({sorted(names[code])[0]})"), warning=True)


def _check_codes(read: Read) -> None:
    """Names that are totals, and region and industry codes the packs do not list."""
    coded = [column for column in read.sheet.columns if column.type in ("region", "industry")]
    for row in read.rows:
        if TOTAL_NAME(row.values.get("name") or ""):
            read.report(row, "name", Message("这像是合计行，却带着信用代码；合计不能当数据导入",
                                             "this looks like a total with a credit code; a total is no data"))
        for column in coded:
            _check_code(read, row, column)


def _check_code(read: Read, row: Row, column: Column) -> None:
    """A region or industry in whatever way it is written, as the code by which rules know it."""
    told, tables = row.values.get(column.name), packs.codes()
    if not isinstance(told, str):  # empty, or known not to exist
        return
    region = column.type == "region"
    code = row.values[column.name] = tables.region_of(told) if region else tables.industry_of(told)
    wrong = tables.region_problem(code) if region else tables.industry_problem(code)
    if wrong is not None:
        read.report(row, column.name, wrong)
    elif not region and (strange := tables.industry_warning(code)) is not None:
        read.report(row, column.name, strange, warning=True)


def TOTAL_NAME(name: str) -> bool:  # noqa: N802
    """Whether a firm's name is in truth the word for a total."""
    return bool(TOTAL.fullmatch(heading_key(name)))


def _facts(read: Read, catalogue: Catalogue) -> pa.Table:
    """The facts of rows without an error, one declared column after the other."""
    columns = [column for column in read.sheet.facts if column.name in read.header.found]
    told = [(row.values, period) for row in read.rows if (period := period_of(read, row)) is not None]
    pick = operator.itemgetter(read.sheet.key, *(column.name for column in columns))  # a million cells: row by row, as they lie in memory
    if not columns or not told:
        return SCHEMA.empty_table()
    ids, *cells = zip(*(pick(values) for values, _period in told), strict=True)
    about = pa.table([pa.array(ids, pa.string()), pa.array([period.text for _values, period in told], pa.string()),
                      pa.array([period.start for _values, period in told], pa.date32()), pa.array([period.end for _values, period in told], pa.date32())],
                     names=["subject_id", "period", "period_start", "period_end"])
    return pa.concat_tables([_facts_of(read.sheet.subject, column.fact, about, values, numeric=catalogue[column.fact].stored_as == "num")
                             for column, values in zip(columns, cells, strict=True)])


def _facts_of(subject: str, fact: str, about: pa.Table, cells: Sequence[Any], *, numeric: bool) -> pa.Table:
    """What one column tells; ``about`` is whose and when each row is."""
    held = about.take(pa.array([at for at, value in enumerate(cells) if value is not None], pa.int32()))
    told = [None if value is ABSENT else value for value in cells if value is not None]
    nothing = pa.nulls(len(told), pa.string())
    found: dict[str, Any] = {
        **{name: held[name] for name in held.column_names}, "subject": pa.repeat(subject, len(told)), "fact": pa.repeat(fact, len(told)),
        "state": pa.array(["absent" if value is None else "value" for value in told], pa.string()),
        "num": pa.array([value if value is None or type(value) is int else _as_number(value) for value in told], pa.int64()) if numeric else nothing.cast(pa.int64()),
        "text": nothing if numeric else pa.array([None if value is None else str(value) for value in told], pa.string())}
    return pa.table([found[name] for name in SCHEMA.names], schema=SCHEMA)


def _as_number(value: Any) -> int:
    return value.toordinal() - _DAY_ZERO if hasattr(value, "toordinal") else int(value)


def of_records(read: Read, *, changes: Mapping[str, int], notes: Sequence[Message], payload: Any) -> Checked:
    """A record sheet after all checks: what was reported in it told apart, in the order of its cells."""
    ordered = list(cells_of(read))
    return Checked(read, errors=[one for one in ordered if not one.warning], warnings=[one for one in ordered if one.warning], changes=changes, notes=list(notes), payload=payload)


_DAY_ZERO = periods.Day(1970, 1, 1).toordinal()


_UNTOLD = frozenset(heading_key(word) for word in ("序号", "编号", "No.", "备注"))


def unread(read: Read) -> list[Message]:
    """Headings of the file that are no column of the sheet: nobody shall think that they were taken in."""
    grid, taken = read.header.grid, {found.index for found in read.header.found.values()} | {index for _column, _first, index in read.header.doubles}
    heads = [shown(grid.at(read.header.bottom, index)) for index in range(grid.width) if index not in taken]
    strange = [head for head in heads if head and heading_key(head) not in _UNTOLD]
    return [Message(f"这些列没有读：{'、'.join(strange)}", f"columns that were not read: {', '.join(strange)}")] if strange else []
