"""A verdict as the command line and pages tell it: per clause what was seen, what was asked, how far apart."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from diguan.kernel.periods import Day
from diguan.kernel.rules import asking, scalar, tree
from diguan.kernel.rules.scalar import SubjectFacts

POINTS = "基点"
_EPOCH = Day(1970, 1, 1)


def explain(policy: tree.Policy, facts: SubjectFacts, as_of: Day, sources: dict[str, str] | None = None) -> dict[str, Any]:
    """The document of ``diguan explain``: numbers in ``unit``, money in fen (分), ratios in basis points (基点), growth in %."""
    verdict = scalar.judge(policy, facts, as_of)
    return {
        "policy": policy.id,
        "as_of": as_of.isoformat(),
        "status": tree.STATUS_WORDS[verdict.status],
        "amount_fen": verdict.amount_fen,
        "amount_unknown": verdict.amount_unknown,
        "clauses": [_clause(line, finding, as_of, sources) for line, finding in zip(_lines(policy, as_of), verdict.findings, strict=True)],
        "ask": asking.ask(policy, verdict, facts, as_of),
    }


@dataclass(frozen=True)
class _Line:
    """What is told of a clause whoever is asked about: everything but verdict, observed value, gap and sources."""

    id: str
    article: str
    quote: str
    single: tree.Compare | None
    facts: tuple[str, ...]
    threshold: Any
    unit: str | None
    factor: int
    plain: bool
    """Whether what is observed is told as a number as it is."""
    limits: tuple[tuple[int, int], ...]
    """Of an ordered comparison, numerator and denominator of each limit."""


@functools.lru_cache(maxsize=2048)
def _lines(policy: tree.Policy, as_of: Day) -> tuple[_Line, ...]:
    return tuple(_line(clause, as_of) for clause in policy.clauses)


def _line(clause: tree.Clause, as_of: Day) -> _Line:
    single = clause.condition if isinstance(clause.condition, tree.Compare) else None
    limits = [told(value, single.of, as_of) for value in single.values] if single else []
    facts = dict.fromkeys(fact.name for source in tree.sources_of(clause.condition) for fact in source.facts)
    ordered = single is not None and single.op in tree.ORDERED
    return _Line(clause.id, clause.cite.article, clause.cite.quote, single, tuple(facts), limits[0] if len(limits) == 1 else limits or None,
                 unit_of(single.of) if single else None, _factor(single.of) if single else 1, single is not None and single.of.type not in ("bool", "date"),
                 tuple(limit.as_integer_ratio() for limit in scalar.limits_of(single, as_of)) if single and ordered else ())


def _clause(line: _Line, finding: scalar.Finding, as_of: Day, sources: dict[str, str] | None) -> dict[str, Any]:
    verdict, seen = finding
    threshold, facts = line.threshold, line.facts
    return {
        "id": line.id,
        "verdict": tree.VERDICT_WORDS[verdict],
        "observed": None if seen is None else _observed(line, seen, as_of),
        "threshold": list(threshold) if isinstance(threshold, list) else threshold,
        "gap": _gap(line, seen, as_of) if verdict == tree.FALSE and line.limits and seen is not None else None,
        "unit": line.unit,
        "cite": {"article": line.article, "quote": line.quote},
        "source": [sources.get(name, name) for name in facts] if sources else list(facts),
    }


def _observed(line: _Line, seen: Fraction | str, as_of: Day) -> Any:
    if line.single is None or isinstance(seen, str):
        return None if line.single is None else seen
    return _shown(seen, line.factor) if line.plain else told(seen, line.single.of, as_of)


def _gap(line: _Line, seen: Fraction | str, as_of: Day) -> int | float | None:
    if line.single is None or isinstance(seen, str):
        return None
    if len(line.limits) > 1:
        return _shown(scalar.gap(line.single, seen, as_of), line.factor)
    (limit, under), bottom = line.limits[0], seen.denominator
    return _number(abs(limit * bottom - seen.numerator * under) * line.factor, under * bottom)


def unit_of(of: tree.Source) -> str | None:
    """The unit of observed, threshold and gap."""
    if of.type == "percent":
        return POINTS if isinstance(of, tree.Ratio) else "%"
    if isinstance(of, tree.Ratio):
        return f"{'分' if of.a.type == 'money' else of.a.unit}/{of.b.unit}"
    if of.type in ("money", "date"):
        return "分" if of.type == "money" else "天"
    return of.fact.unit or None if of.type == "number" else None


def _factor(of: tree.Source) -> int:
    if of.type == "percent":
        return 10_000 if isinstance(of, tree.Ratio) else 100
    return 100 if (of.a.type if isinstance(of, tree.Ratio) else of.type) == "money" else 1


def told(value: Any, of: tree.Source, as_of: Day) -> Any:
    """A value as JSON holds it: dates ISO, money in fen, ratios in basis points, growth in %."""
    if isinstance(value, str):
        return value
    if isinstance(of, tree.Read) and of.type == "bool":
        return bool(value)
    number = scalar.number(value, as_of)
    if isinstance(of, tree.Read) and of.type == "date":
        return (_EPOCH + dt.timedelta(days=int(number))).isoformat()
    return _shown(number, _factor(of))


def _shown(value: Fraction, factor: int) -> int | float:
    return _number(value.numerator * factor, value.denominator)


def _number(above: int, below: int) -> int | float:
    whole, left = divmod(above, below)
    return round(above / below, 6) if left else whole
