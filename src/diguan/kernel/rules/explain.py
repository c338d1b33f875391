"""A verdict as the command line and pages tell it: per clause what was seen, what was asked, how far apart."""

from __future__ import annotations

import datetime as dt
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
        "clauses": [_clause(clause, finding, as_of, sources or {}) for clause, finding in zip(policy.clauses, verdict.findings, strict=True)],
        "ask": asking.ask(policy, verdict, facts, as_of),
    }


def _clause(clause: tree.Clause, finding: scalar.Finding, as_of: Day, sources: dict[str, str]) -> dict[str, Any]:
    single = clause.condition if isinstance(clause.condition, tree.Compare) else None
    facts = [fact.name for source in tree.sources_of(clause.condition) for fact in source.facts]
    limits = [told(value, single.of, as_of) for value in single.values] if single else []
    return {
        "id": clause.id,
        "verdict": tree.VERDICT_WORDS[finding.verdict],
        "observed": told(finding.observed, single.of, as_of) if single and finding.observed is not None else None,
        "threshold": limits[0] if len(limits) == 1 else limits or None,
        "gap": _gap(single, finding, as_of),
        "unit": unit_of(single.of) if single else None,
        "cite": {"article": clause.cite.article, "quote": clause.cite.quote},
        "source": [sources.get(name, name) for name in dict.fromkeys(facts)],
    }


def _gap(single: tree.Compare | None, finding: scalar.Finding, as_of: Day) -> int | float | None:
    if single is None or single.op not in tree.ORDERED or finding.verdict != tree.FALSE or not isinstance(finding.observed, Fraction):
        return None
    return _number(scalar.gap(single, finding.observed, as_of) * _factor(single.of))


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
    return _number(number * _factor(of))


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else round(float(value), 6)
