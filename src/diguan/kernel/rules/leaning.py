"""What a judgement leans on: which of its facts somebody told of themselves, unverified."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from diguan.kernel import periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.periods import Day, Period
from diguan.kernel.rules import tree, windows
from diguan.kernel.rules.scalar import SubjectFacts


def leans_on(policy: tree.Policy, facts: SubjectFacts, told: Mapping[str, Collection[Period]], as_of: Day) -> list[FactSpec]:
    """Of the facts a policy reads, those that it reads from one of these periods, in the order of the document.

    Args:
        policy: the document.
        facts: what is known of the enterprise.
        told: by fact, the periods whose value in use comes from the source in question (``all`` for an attribute).
        as_of: the day of judgement.
    """
    reads = [source for clause in policy.clauses for source in tree.sources_of(clause.condition)]
    if not isinstance(policy.benefit, tree.Flat):
        reads.append(policy.benefit.of)
    found = {fact.name for source in reads for fact in source.facts
             if any(_reads(source, fact, period, facts, as_of) for period in told.get(fact.name, ()))}
    return [fact for fact in policy.facts if fact.name in found]


def _reads(source: tree.Source, fact: FactSpec, period: Period, facts: SubjectFacts, as_of: Day) -> bool:
    if source.window is None:
        return period == periods.ALL
    window = windows.resolve(source.window, fact.period, as_of)
    spans = [window]
    if isinstance(source, tree.Read) and source.agg == "growth":
        spans.append(windows.year_earlier(window))
    if period.end > as_of or not any(span.holds(period.start, period.end) for span in spans):
        return False
    if isinstance(source, tree.Read) and source.agg == "latest":
        return all(row.end <= period.end for row in facts.rows.get(fact.name, ()) if row.end <= as_of and window.holds(row.start, row.end))
    return True
