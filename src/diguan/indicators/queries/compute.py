"""Every indicator of the packs, month by month, as of a day and as known at an instant: what a snapshot keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from diguan.indicators.engine import folds, spans, tables, terms
from diguan.indicators.engine.tables import Table
from diguan.indicators.engine.terms import Book, Indicator, Over, Source
from diguan.indicators.queries import facts, register
from diguan.indicators.queries.facts import Both, Cubes, Pair
from diguan.kernel import packs, periods
from diguan.kernel.facts.models import Batch
from diguan.kernel.measures import COUNTED, Asked, Line
from diguan.kernel.messages import Message

MONTHS = 36
"""So many months a snapshot goes back; what a year before was is read besides."""
CELLS = pa.schema([("code", pa.string()), ("version", pa.int16()), ("span", pa.string()), ("period", pa.string()), ("dim", pa.string()), ("grp", pa.string()), ("num", pa.int64()), ("den", pa.int64()),
                   ("firms", pa.int64()), ("told", pa.int64()), ("expected", pa.int64()), ("state", pa.int8())])
LINES = pa.schema([("measure", pa.string()), ("key", pa.string()), ("label", pa.string()), ("num", pa.int64()), ("of", pa.int64()), ("on", pa.date32()), ("until", pa.date32()),
                   ("groups", pa.map_(pa.string(), pa.string()))])


@dataclass(frozen=True)
class Read:
    """What all indicators are folded from, read once: facts by classes, lines by measure."""

    book: Book
    as_of: dt.date
    known_at: dt.datetime | None
    cubes: Cubes
    lines: Mapping[str, tuple[Line, ...]]
    columns: dict[str, folds.Lines] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The months that are told, and two years before them for what they are held against."""
        return spans.months(self.as_of, MONTHS + 24)

    def column_of(self, name: str) -> folds.Lines:
        """The lines of a measure by column."""
        if name not in self.columns:
            self.columns[name] = folds.by_column(self.lines[name], COUNTED[name].groups)
        return self.columns[name]


def read(delivered: Sequence[Batch], as_of: dt.date, known_at: dt.datetime | None, lines: Mapping[str, tuple[Line, ...]], known: Book | None = None, summing: facts.Summing | None = None) -> Read:
    """Read the facts behind every indicator once; ``lines`` were read already (:func:`lines_of`); ``summing`` sums in DuckDB's stead."""
    known = known or register.book()
    sources = [one.of for each in known.versions.values() for one in each if isinstance(one.of, Source) and one.of.kind == terms.FACT]
    wanted = {name for of in sources for name, _values in of.where} | {name for each in known.versions.values() for one in each for name in one.by if name in register.attributes()}
    return Read(known, as_of, known_at, facts.cubes(delivered, {of.name for of in sources}, wanted, _pairs(known, as_of), summing), lines)


def _pairs(known: Book, as_of: dt.date) -> dict[Pair, None]:
    """What means of firms' own ratios are asked of, each once."""
    asked = [one.of for each in known.versions.values() for one in each if isinstance(one.of, Over)]
    return {_pair(known, of, as_of): None for of in asked if of.mean or _beside(known, of, as_of)}


def _ends(known: Book, of: Over, as_of: dt.date) -> tuple[Source, Source]:
    """What stands above and below a ratio."""
    top, bottom = (terms.source_of(known.at(code, as_of), known, as_of) for code in (of.top, of.bottom))
    return top, bottom


def _beside(known: Book, of: Over, as_of: dt.date) -> bool:
    """Whether a ratio is of the firms that were told of both its facts."""
    return terms.of_both(of, *_ends(known, of, as_of))[0].beside is not None


def _pair(known: Book, of: Over, as_of: dt.date) -> Pair:
    top, bottom = _ends(known, of, as_of)
    texts = [text for text in spans.spelled(top.span, spans.months(as_of, MONTHS + 24)) if spans.bounds(top.span, text)[1] <= as_of]
    return Pair(top.name, bottom.name, tuple((text, _steps(top, text), _steps(bottom, text)) for text in texts))


def _steps(of: Source, text: str) -> tuple[str, ...]:
    found = spans.parts(of.span, text, packs.catalogue()[of.name].period)
    return found[-1:] if of.fold == terms.LAST else found


def lines_of(as_of: dt.date, known_at: dt.datetime | None, known: Book | None = None) -> dict[str, tuple[Line, ...]]:
    """The lines of every measure an indicator is folded from, in order of their keys and days. Asks no right: they are the county's."""
    versions = (known or register.book()).versions
    names = {one.of.name for each in versions.values() for one in each if isinstance(one.of, Source) and one.of.kind == terms.MEASURE}
    return {name: tuple(sorted(COUNTED[name].read(Asked(as_of, known_at)), key=_order)) for name in sorted(names)}


def _order(one: Line) -> tuple[str, dt.date, dt.date, int, int, str]:
    return (one.key, one.on or dt.date.min, one.until or dt.date.max, one.num if one.num is not None else -1, one.of if one.of is not None else -1, one.label)


# ── one indicator ────────────────────────────────────────────────────────────
def table(found: Read, one: Indicator) -> Table:
    """One version of an indicator over all months, by its own breakdowns; its figures refused where it divides different cohorts."""
    if isinstance(one.of, Over):
        day = found.as_of
        if one.of.mean:
            made = _means(found, one.of, one.by)
        elif _beside(found.book, one.of, day):
            made = tables.over(*(_of_both(found, one.of, one.by, side) for side in (lambda both: both.top, lambda both: both.bottom)))
        else:
            made = tables.over(*(_source(found, of, one.by) for of in _ends(found.book, one.of, day)))
        made = tables.refused(made) if refusal(found.book, one, day) else made
    else:
        made = _source(found, one.of, one.by)
    span = span_of(found.book, one)
    return tables.change(made, lambda text: spans.before(span, text, one.change)) if one.change else made


def _means(found: Read, of: Over, by: Sequence[str]) -> Table:
    """The mean of firms' own ratios, of those that pass both filters."""
    made = _of_both(found, of, by, lambda both: both.ratio)
    return replace(made, den=np.maximum(made.firms, 1) * tables.MILLION, state=np.where((made.state < tables.UNKNOWN) & (made.firms == 0), tables.UNKNOWN, made.state).astype(np.int8))


def _of_both(found: Read, of: Over, by: Sequence[str], side: Callable[[Both], tables.Cube]) -> Table:
    """One number of a ratio of two facts, of the firms that were told of both."""
    top, bottom = _ends(found.book, of, found.as_of)
    pair = _pair(found.book, of, found.as_of)
    cube = side(found.cubes.both[pair]) if pair in found.cubes.both else _empty(found)
    return tables.of_fact(cube, found.cubes.classes, (*top.where, *bottom.where), by, terms.SUM, {text: (text,) for text, *_steps in pair.spans})


def _empty(found: Read) -> tables.Cube:
    return tables.Cube((), np.zeros(0, np.bool_), *(np.zeros((0, len(found.cubes.classes.sizes)), np.int64) for _ in range(3)))


def refusal(book: Book, one: Indicator, day: dt.date) -> Message | None:
    """Why an indicator gives no figure on a day; None: it gives one."""
    if not isinstance(one.of, Over):
        return None
    top, bottom = _ends(book, one.of, day)
    return terms.refusal(top, bottom, one.of.part, {of.name: title_of(of) for of in (top, bottom)})


def title_of(of: Source) -> Message:
    """What a source is called."""
    if of.kind == terms.MEASURE:
        return COUNTED[of.name].title
    spec = packs.catalogue()[of.name]
    return Message(spec.label("zh"), spec.label("en"))


def span_of(book: Book, one: Indicator) -> str:
    """The span an indicator is told for."""
    return terms.source_of(one, book, one.effective_from).span


def _source(found: Read, of: Source | Over, by: Sequence[str]) -> Table:
    assert isinstance(of, Source)  # the loader lets no ratio be divided again
    texts = spans.spelled(of.span, found.months)
    if of.kind == terms.FACT:
        step = packs.catalogue()[of.name].period
        cube = found.cubes.of.get(of.name) or _empty(found)
        closed = {text: spans.parts(of.span, text, step) for text in texts if spans.bounds(of.span, text)[1] <= found.as_of}
        return tables.of_fact(cube, found.cubes.classes, of.where, by, of.fold, closed)
    return folds.of_lines(found.column_of(of.name), of.where, by, of.fold, of.span, {text: spans.bounds(of.span, text) for text in texts}, found.as_of,
                          firms=COUNTED[of.name].firms, each=of.each)


# ── all of them ──────────────────────────────────────────────────────────────
def cells(found: Read, only: Iterable[str] | None = None) -> pa.Table:
    """Every indicator's figures in the months told, each period by the version in force at its end; in order of code, breakdown, part, period."""
    parts = [_cells(found, found.book.versions[code]) for code in sorted(only if only is not None else found.book.versions)]
    return pa.concat_tables([CELLS.empty_table(), *parts]).combine_chunks()


def _cells(found: Read, versions: Sequence[Indicator]) -> pa.Table:
    made = []
    first = found.months[-MONTHS]
    for at, one in enumerate(versions):
        span, until = span_of(found.book, one), versions[at + 1].effective_from if at + 1 < len(versions) else dt.date.max
        since = one.effective_from if at else dt.date.min
        whole = table(found, one)
        rows = [row for row, text in enumerate(whole.periods) if since <= spans.bounds(span, text)[1] < until and spans.bounds(span, text)[1] >= periods.parse(first).start]
        made.append(_flat(one, span, whole, rows))
    return pa.concat_tables(made)


def _flat(one: Indicator, span: str, whole: Table, rows: Sequence[int]) -> pa.Table:
    """A table as cells, part by part; figures that are not to be told are not kept either."""
    count, parts = len(rows), len(whole.parts)
    state = whole.state[rows].T.reshape(-1)
    hidden = state >= tables.UNKNOWN

    def column(values: tables.Numbers) -> pa.Array:
        return pa.array(values[rows].T.reshape(-1), pa.int64())

    def told(values: tables.Numbers) -> pa.Array:
        return pa.array(values[rows].T.reshape(-1), pa.int64(), mask=hidden)

    names = [(dim, group) for dim, group in whole.parts for _row in rows]
    few = state == tables.FEW
    return pa.table([
        pa.repeat(pa.scalar(one.code, pa.string()), count * parts), pa.repeat(pa.scalar(one.version, pa.int16()), count * parts), pa.repeat(pa.scalar(span, pa.string()), count * parts),
        pa.array([whole.periods[row] for _part in whole.parts for row in rows], pa.string()), pa.array([dim for dim, _group in names], pa.string()), pa.array([group for _dim, group in names], pa.string()),
        told(whole.num), told(whole.den), pa.array(whole.firms[rows].T.reshape(-1), pa.int64(), mask=few), column(whole.told), column(whole.expected), pa.array(state, pa.int8())], schema=CELLS)


def flat_lines(lines: Mapping[str, Sequence[Line]]) -> pa.Table:
    """Lines as a snapshot keeps them."""
    rows = [(name, one.key, one.label, one.num, one.of, one.on, one.until, sorted(one.groups.items())) for name, each in sorted(lines.items()) for one in each]
    return pa.table([pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), LINES, strict=True)], schema=LINES) if rows else LINES.empty_table()


def from_flat(flat: pa.Table) -> dict[str, tuple[Line, ...]]:
    """The lines a snapshot kept, by measure."""
    found: dict[str, list[Line]] = {}
    for row in flat.to_pylist():
        found.setdefault(row["measure"], []).append(Line(row["key"], row["label"], row["num"], row["on"], row["until"], row["of"], dict(row["groups"])))
    return {name: tuple(each) for name, each in found.items()}
