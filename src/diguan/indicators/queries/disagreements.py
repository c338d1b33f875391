"""Two sources that tell one fact of the same firms: their figures side by side, and the firms that make the difference. Never averaged."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diguan.indicators.engine import spans, tables
from diguan.indicators.engine.terms import FACT, Indicator, Source
from diguan.indicators.queries import VIEW, facts, register, sources
from diguan.kernel import access, packs
from diguan.kernel.access.models import Person
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.duck import Engine
from diguan.kernel.facts import projections
from diguan.kernel.facts import series as fact_series
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules.reading import literal

MONTHS = 24
"""So many months back two sources are held against each other."""
_STEPS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Pair:
    """One fact in one period by two sources, of the firms both tell of: ``first`` stands before ``second`` in the catalogue and is the one used.

    ``firms`` both tell of, ``differ`` of them differently; the sums are in storage units, None where they are of fewer than three firms.
    """

    spec: FactSpec
    period: str
    first: str
    second: str
    firms: int
    differ: int
    one: int | None
    other: int | None

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return f"{self.spec.name}/{self.period}/{self.first}/{self.second}"

    @property
    def by(self) -> int | None:
        """How much more the second tells than the first."""
        return None if self.one is None or self.other is None else self.other - self.one


@dataclass(frozen=True)
class Firm:
    """One firm that two sources tell differently of, in storage units."""

    uscc: str
    name: str
    one: int
    other: int

    @property
    def pk(self) -> str:
        """As lists ask it."""
        return self.uscc

    @property
    def by(self) -> int:
        """How much more the second tells than the first."""
        return self.other - self.one


@dataclass(frozen=True)
class Explained:
    """The firms behind a pair, the largest difference first, as far as they may be seen; ``hidden`` ones come to ``rest`` (None: fewer than three firms)."""

    pair: Pair
    firms: tuple[Firm, ...]
    hidden: int
    rest: int | None


def several() -> dict[str, FactSpec]:
    """Dated numbers of enterprises that more than one source tells."""
    return {name: spec for name, spec in packs.catalogue().items() if spec.subject == facts.SUBJECT and spec.numeric and spec.period in _STEPS and len(spec.sources) > 1}


def pairs(person: Person, run: Run) -> list[Pair]:
    """Every fact and period of the last two years that two sources tell of the same firms, by what a snapshot read; the newest first.

    Raises:
        access.Forbidden: they may see no indicators.
    """
    access.require(person, VIEW)
    path, known = sources.projected(run, projections.SERIES), several()
    if not path or not known:
        return []
    months = spans.months(run.as_of, MONTHS)
    texts = sorted({text for span in _STEPS for text in spans.spelled(span, months)})
    every = access.may(person, fact_series.VIEW) and access.scope(person, fact_series.VIEW) is not access.Scope.OWN

    def told(firms: int, differ: int) -> bool:
        """A difference that one or two firms make is theirs: only who may see them is told."""
        return firms >= tables.LEAST and (every or not 0 < differ < tables.LEAST)

    found = [Pair(known[fact], period, first, second, firms, differ, *((one, other) if told(firms, differ) else (None, None))) for fact, period, first, second, firms, differ, one, other in _pairs(path, tuple(known), tuple(texts))]
    return sorted(found, key=lambda pair: pair.period, reverse=True)


_PAIRS = """
WITH told AS (SELECT fact, period, source, place, subject_id, num FROM read_parquet({path}) WHERE current AND subject = {subject} AND state = 'value' AND num IS NOT NULL AND fact IN ({facts}) AND period IN ({periods}))
SELECT a.fact, a.period, a.source, b.source, count(*), count(*) FILTER (WHERE a.num <> b.num), sum(a.num), sum(b.num)
FROM told a JOIN told b ON a.fact = b.fact AND a.period = b.period AND a.subject_id = b.subject_id AND a.place < b.place GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, min(a.place), min(b.place)
"""
_FIRMS = """
SELECT a.subject_id, a.num, b.num FROM read_parquet({path}) a JOIN read_parquet({path}) b ON a.subject_id = b.subject_id AND a.num <> b.num
WHERE a.current AND b.current AND a.subject = {subject} AND b.subject = {subject} AND a.state = 'value' AND b.state = 'value' AND a.fact = {fact} AND b.fact = {fact} AND a.period = {period} AND b.period = {period}
AND a.source = {first} AND b.source = {second} ORDER BY abs(b.num - a.num) DESC, 1
"""


@functools.lru_cache(maxsize=8)
def _pairs(path: str, names: Sequence[str], periods: Sequence[str]) -> tuple[tuple[str, str, str, str, int, int, int, int], ...]:
    """A projection's name says what is in it: its answer is kept."""
    with Engine() as session:
        rows = session.rows(_PAIRS.format(path=path, subject=literal(facts.SUBJECT), facts=_listed(names), periods=_listed(periods)))
    return tuple((fact, period, first, second, int(firms), int(differ), int(one), int(other)) for fact, period, first, second, firms, differ, one, other in rows)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in words)


def explained(person: Person, run: Run, pair: Pair) -> Explained:
    """The firms that make the difference of a pair.

    Raises:
        access.Forbidden: they may see no indicators.
    """
    access.require(person, VIEW)
    if pair.by is None:
        return Explained(pair, (), 0, None)
    with Engine() as session:
        rows = session.rows(_FIRMS.format(path=sources.projected(run, projections.SERIES), subject=literal(facts.SUBJECT), fact=literal(pair.spec.name), period=literal(pair.period),
                                          first=literal(pair.first), second=literal(pair.second)))
    names = sources.firms_seen(person, [uscc for uscc, _one, _other in rows])
    firms = tuple(Firm(uscc, names[uscc], int(one), int(other)) for uscc, one, other in rows if uscc in names)
    hidden = len(rows) - len(firms)
    if 0 < hidden < tables.LEAST:  # beside the whole the others would tell what they come to
        return Explained(pair, (), hidden, None)
    return Explained(pair, firms, hidden, pair.by - sum(firm.by for firm in firms))


def of_indicator(person: Person, run: Run, one: Indicator, period: str) -> list[Pair]:
    """Pairs whose sources tell different figures of the facts an indicator is folded from, in the fact's periods that make up one of its own."""
    known = register.book()
    folded = [each.of for each in sources.leaves(one, known, run.as_of) if isinstance(each.of, Source) and each.of.kind == FACT]
    wanted = {(of.name, step) for of in folded for step in sources.steps_of(of, period)}
    return [pair for pair in pairs(person, run) if (pair.spec.name, pair.period) in wanted and pair.differ]
