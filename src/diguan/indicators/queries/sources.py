"""What a snapshot's figures rest on: the deliveries it read, as files for SQL; the firms of a filter; the totals a figure is made of and their periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from diguan.enterprises.queries import visible_enterprises
from diguan.indicators.engine import spans, tables, terms
from diguan.indicators.engine.terms import Book, Indicator, Over, Source
from diguan.indicators.queries import facts
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.duck import Engine
from diguan.kernel.facts import projections, runs
from diguan.kernel.facts import series as fact_series
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.records import chunks
from diguan.kernel.rules.reading import literal

NOW, THEN, TOP, BOTTOM = "now", "then", "top", "bottom"
ONLY = ""
Total = tuple[str, Indicator, str]
"""One number a figure is made of: its role, the indicator it is of, the period."""


# ── the totals of a figure ───────────────────────────────────────────────────
def leaves(one: Indicator, known: Book, day: dt.date) -> list[Indicator]:
    """What an indicator is folded from in the end: itself, or above and below."""
    return [known.at(one.of.top, day), known.at(one.of.bottom, day)] if isinstance(one.of, Over) else [one]


def totals(one: Indicator, known: Book, day: dt.date, cell: Cell) -> list[Total]:
    """What a figure is made of: itself, now and then, or above and below. A ratio has no change: the loader lets none have one."""
    if isinstance(one.of, Over):
        pair = leaves(one, known, day)
        narrowed = terms.of_both(one.of, *map(source_of, pair))
        return [(role, replace(each, of=of), cell.period) for role, each, of in zip((TOP, BOTTOM), pair, narrowed, strict=True)]
    if one.change:
        return [(NOW, one, cell.period), (THEN, one, spans.before(cell.span, cell.period, one.change))]
    return [(ONLY, one, cell.period)]


def source_of(one: Indicator) -> Source:
    """What one that is no ratio is folded from: the loader lets no ratio be divided again."""
    assert isinstance(one.of, Source)
    return one.of


def where_of(of: Source, dim: str, group: str) -> terms.Where:
    """The filter of a source, narrowed to one part of a breakdown."""
    return (*of.where, (dim, (group,))) if dim else of.where


def steps_of(of: Source, period: str) -> tuple[str, ...]:
    """The fact's own periods a figure of a period is folded from."""
    steps = spans.parts(of.span, period, packs.catalogue()[of.name].period)
    return steps[-1:] if of.fold == terms.LAST else steps


# ── what it read ─────────────────────────────────────────────────────────────
def told_by(run: Run) -> list[Batch]:
    """The batches of enterprises a snapshot read."""
    return [row for row in runs.told(run) if row.subject == facts.SUBJECT]


def projected(run: Run, name: str) -> str:
    """A file of the projection of what a snapshot read, as SQL writes it; an empty text where it read nothing."""
    found = told_by(run)
    return literal(str(projections.projection(found, packs.catalogue()) / name)) if found else ""


def classed(run: Run, where: terms.Where) -> tuple[pa.Table, tables.Classes]:
    """Every firm a snapshot knew by its class in the attributes a filter names, and the classes."""
    path = projections.projection(told_by(run), packs.catalogue()) / projections.FACTS
    return facts.classed(path, sorted({name for name, _values in where}))


def members(run: Run, where: terms.Where, of: Source, period: str) -> pa.Table:
    """The firms (``subject_id``) that are in a filter, by what a snapshot's register said; of a ratio's side those that were told of the other one."""
    if not told_by(run):
        return pa.table({"subject_id": pa.array([], pa.string())})
    firms, classes = classed(run, where)
    inside = tables.mask(classes, where)[firms.column("class").to_numpy()] == 1
    found = firms.filter(pa.array(inside)).select(["subject_id"])
    return found if of.beside is None else found.filter(pc.is_in(found.column("subject_id"), told_of(run, of.beside, period)))


def told(run: Run, of: Source, period: str) -> str:
    """What a snapshot read of a fact in a period of a figure, as SQL: ``subject_id``, ``period`` (the fact's own), ``num``; nothing where it read nothing."""
    path, listed = projected(run, projections.FACTS), ", ".join(literal(step) for step in steps_of(of, period))
    if not path:
        return "SELECT '' AS subject_id, '' AS period, 0 AS num WHERE false"
    return f"SELECT subject_id, period, num FROM read_parquet({path}) WHERE subject = '{facts.SUBJECT}' AND fact = {literal(of.name)} AND period IN ({listed}) AND state = 'value' AND num IS NOT NULL"


def told_of(run: Run, of: Source, period: str) -> pa.Array:
    """The firms that were told of a fact in a period of it."""
    with Engine() as engine:
        return engine.arrow(f"SELECT DISTINCT subject_id FROM ({told(run, of, period)})").column("subject_id").combine_chunks()


def firms_seen(person: Person, keys: Collection[str]) -> dict[str, str]:
    """Of these firms those whose facts this person may see, with their names; none for who may see no facts."""
    if not access.may(person, fact_series.VIEW):
        return {}
    own = set(access.usccs_of(person)) if access.scope(person, fact_series.VIEW) is access.Scope.OWN else None
    return {uscc: name for part in chunks(sorted(keys)) for uscc, name in visible_enterprises(person).filter(uscc__in=part).order_by().values_list("uscc", "name") if own is None or uscc in own}
