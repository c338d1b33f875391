"""What a figure lacks: which months of which source have not come whole, who owes them and by when. Nothing is made up for them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass

from diguan.indicators.engine import spans, tables, terms
from diguan.indicators.engine.terms import Indicator, Source
from diguan.indicators.queries import facts, register, sources
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel import clocks, packs, remember
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.duck import Engine
from diguan.kernel.facts import coverage, projections, store
from diguan.kernel.facts.requests import queries as requests
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules.reading import literal
from diguan.kernel.sheets import shelf
from diguan.kernel.sheets.declare import Sheet


@dataclass(frozen=True)
class Owed:
    """One fact in one of its periods that no delivery is complete for: ``firms`` were told of (0: nothing has come).

    ``unit`` is the office that answers for the source, empty where the packs name none; ``due`` its day, None where no sheet has one.
    """

    spec: FactSpec
    period: str
    source: str
    unit: str
    due: dt.date | None
    firms: int

    @property
    def late(self) -> bool:
        """Whether its day has passed."""
        return self.due is not None and self.due < clocks.today()


def owed(run: Run, one: Indicator, cells: Iterable[Cell]) -> list[Owed]:
    """What these figures of an indicator lack, the newest period first; nothing where they are whole. Whoever shows it has shown the figures."""
    lacking = [cell for cell in cells if cell.state in (tables.PARTIAL, tables.UNKNOWN) and spans.bounds(cell.span, cell.period)[1] <= run.as_of]
    if not lacking or not sources.told_by(run):
        return []
    found: dict[tuple[str, str], Owed] = {}
    for each in sources.leaves(one, register.book(), run.as_of):
        if isinstance(each.of, Source) and each.of.kind == terms.FACT:
            found.update({(item.spec.name, item.period): item for item in _of_fact(run, each, each.of, lacking)})
    return sorted(found.values(), key=lambda item: (item.period, item.spec.name), reverse=True)


def _of_fact(run: Run, one: Indicator, of: Source, lacking: Iterable[Cell]) -> list[Owed]:
    spec, told = packs.catalogue()[of.name], _told(sources.projected(run, projections.FACTS), of.name)
    whole = {period.text for fact, period in store.covered(sources.told_by(run)).periods if fact == of.name}
    first = min({*told, *whole}, default="")
    texts = {step for cell in lacking for text in _periods(cell, one) for step in sources.steps_of(of, text)}
    return [_owed(spec, step, told.get(step, 0)) for step in sorted(texts) if step not in whole and first and step >= first]


def _periods(cell: Cell, one: Indicator) -> list[str]:
    return [cell.period, *([spans.before(cell.span, cell.period, one.change)] if one.change else [])]


def _owed(spec: FactSpec, step: str, firms: int) -> Owed:
    sheet = _sheet(spec)
    source = sheet.source if sheet else spec.sources[0]
    unit = remember.while_reading(("indicators.unit", source), lambda: requests.unit_for(source))
    return Owed(spec, step, source, str(unit) if unit else "", coverage.due_of(sheet, step) if sheet else None, firms)


def _sheet(spec: FactSpec) -> Sheet | None:
    """The sheet that is to bring a fact, of those with a day by which it is due."""
    return next((sheet for sheet in shelf.fact_sheets().values() if sheet.due_day and sheet.source in spec.sources and any(column.fact == spec.name for column in sheet.facts)), None)


@functools.lru_cache(maxsize=128)
def _told(path: str, fact: str) -> dict[str, int]:
    """Of how many firms a fact was told in each of its periods: a projection's name says what is in it."""
    with Engine() as session:
        rows = session.rows(f"SELECT period, count(*) FROM read_parquet({path}) WHERE subject = '{facts.SUBJECT}' AND fact = {literal(fact)} AND state = 'value' AND num IS NOT NULL GROUP BY 1")
    return {period: int(count) for period, count in rows}
