"""The rows behind a figure of a snapshot, as far as a person may see them; and how many more there are that they may not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from diguan.indicators.engine import folds, spans, tables, terms
from diguan.indicators.engine.terms import Book, Indicator, Source
from diguan.indicators.queries import snapshots, sources
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.duck import Engine
from diguan.kernel.facts import series as fact_series
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import COUNTED, opened
from diguan.kernel.messages import Message

ROLES: Mapping[str, Message] = {sources.ONLY: Message("", ""), sources.NOW: Message("本期", "this period"), sources.THEN: Message("对比的一期", "the period it is held against"), sources.TOP: Message("分子", "above"), sources.BOTTOM: Message("分母", "below")}


@dataclass(frozen=True)
class Row:
    """One record and what it counts for, in the storage unit; ``of`` what it is a part of, ``route`` where it is.

    Where a figure counts different ones, ``kind`` says which one it is, and a record of one that was counted already counts for nothing.
    """

    key: str
    label: str
    num: int | None
    of: int | None = None
    on: dt.date | None = None
    route: str = ""
    kind: str = ""

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return f"{self.key}/{self.kind}/{self.on}"


@dataclass(frozen=True)
class Side:
    """One number a figure is made of: its rows as far as they may be seen, and how many may not."""

    role: str
    indicator: Indicator
    source: Source
    period: str
    rows: tuple[Row, ...]
    hidden: int


def unit_of(of: Source) -> tuple[str, int]:
    """In which unit the rows of a source count, and how many storage units make one."""
    if of.kind == terms.MEASURE:
        unit = COUNTED[of.name].unit
        return ("", 1) if of.fold in (terms.COUNT, terms.DISTINCT, terms.KINDS) else (unit, 100 if unit == "元" else 1)
    spec = packs.catalogue()[of.name]
    return ("", 1) if of.fold == terms.COUNT else (spec.unit, spec.scale)


def sides(person: Person, run: Run, one: Indicator, cell: Cell, known: Book) -> list[Side]:
    """What a figure is made of: itself, or above and below, now and then.

    Raises:
        access.Forbidden: they may not see records of this kind.
    """
    return [Side(role, each, sources.source_of(each), text, *_rows(person, run, sources.source_of(each), text, cell.dim, cell.group)) for role, each, text in sources.totals(one, known, run.as_of, cell)]


def _rows(person: Person, run: Run, of: Source, period: str, dim: str, group: str) -> tuple[tuple[Row, ...], int]:
    where = sources.where_of(of, dim, group)
    return _of_lines(person, run, of, period, where) if of.kind == terms.MEASURE else _of_fact(person, run, of, period, where)


def _of_lines(person: Person, run: Run, of: Source, period: str, where: terms.Where) -> tuple[tuple[Row, ...], int]:
    measure = COUNTED[of.name]
    access.require(person, measure.permission)
    kept = snapshots.lines(run).get(of.name, ())
    first, last = spans.bounds(of.span, period)
    columns = folds.by_column(kept, measure.groups)
    taken = tables.passing(columns.groups, where, len(columns)) & folds.within(columns, of.span, first, min(last, run.as_of))
    lines = [one for one, counts in zip(kept, taken, strict=True) if counts]
    seen = opened(person, of.name, [one.key for one in lines])
    rows = [Row(one.key, one.label, one.num, one.of, one.on, measure.route, one.groups.get(of.each, "") if of.each else "") for one in lines if one.key in seen]
    return tuple(_once(rows, of.fold)), len(lines) - len(rows)


def _once(rows: Sequence[Row], fold: str) -> list[Row]:
    """Of a fold that counts different ones the first row of each, counting 1, then the others, counting nothing; what is of none counts for nothing."""
    if fold not in (terms.DISTINCT, terms.KINDS):
        return list(rows)
    found: list[Row] = []
    met = {""} if fold == terms.KINDS else set[str]()
    for row in sorted(rows, key=lambda row: (row.kind == "", row.kind)):
        name = row.kind if fold == terms.KINDS else row.key
        found.append(replace(row, num=int(name not in met)))
        met.add(name)
    return sorted(found, key=lambda row: not row.num)


def _of_fact(person: Person, run: Run, of: Source, period: str, where: terms.Where) -> tuple[tuple[Row, ...], int]:
    access.require(person, fact_series.VIEW)
    values = fact_values(run, of, period, where)
    names = sources.firms_seen(person, values)
    rows = [Row(uscc, names[uscc], num, route="enterprises:dossier") for uscc, num in values.items() if uscc in names]
    return tuple(sorted(rows, key=lambda row: (-(row.num or 0), row.key))), len(values) - len(rows)


def fact_values(run: Run, of: Source, period: str, where: terms.Where) -> dict[str, int]:
    """What each firm counts for, by credit code, in the fact's storage unit; of those nothing was told of none. Asks no right."""
    with Engine() as engine:
        rows = engine.run(f"SELECT subject_id, sum(num) FROM ({sources.told(run, of, period)}) JOIN members USING (subject_id) GROUP BY 1", members=sources.members(run, where, of, period)).fetchall()
    told = {uscc: int(num) for uscc, num in rows}
    return {uscc: 1 for uscc, num in told.items() if num > 0} if of.fold == terms.COUNT else told

