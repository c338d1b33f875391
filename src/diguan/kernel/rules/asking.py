"""Which facts to obtain where nothing stands in the way but what nobody told: the smallest set that could settle it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diguan.kernel.periods import Day
from diguan.kernel.rules import scalar, tree
from diguan.kernel.rules.scalar import SubjectFacts, Verdict

Facts = frozenset[str]
_MOST_WAYS = 64
"""Ways kept while alternatives multiply; the smallest are."""


def ask(policy: tree.Policy, verdict: Verdict, facts: SubjectFacts, as_of: Day) -> list[str]:
    """The facts to obtain, in the order of the document; none where a clause is false.

    Every clause that is open must come true. Of an ``any`` one part is enough: the one that needs the fewest facts
    together with the other clauses, the first of equals.
    """
    if verdict.n_false:
        return []
    ways = [frozenset[str]()]
    for clause, finding in zip(policy.clauses, verdict.findings, strict=True):
        if finding.verdict == tree.UNKNOWN:
            ways = _together(ways, _Open(facts, as_of).ways(clause.condition, tree.TRUE))
    wanted = min(ways, key=len, default=frozenset())
    return [fact.name for fact in policy.facts if fact.name in wanted]


class _Open:
    """The open comparisons of one enterprise on one day."""

    def __init__(self, facts: SubjectFacts, as_of: Day) -> None:
        self._facts, self._as_of = facts, as_of

    def ways(self, condition: tree.Condition, wanted: int) -> list[Facts]:
        """The smallest sets of facts that could give the condition the verdict; none if it has the other for certain."""
        if isinstance(condition, tree.Compare):
            found = scalar.compare(condition, self._facts, self._as_of)
            return [frozenset(self._missing(condition.of))] if found == tree.UNKNOWN else [frozenset()] if found == wanted else []
        if isinstance(condition, tree.Not):
            return self.ways(condition.of, tree.FALSE if wanted == tree.TRUE else tree.TRUE)
        parts = [self.ways(part, wanted) for part in condition.of]
        if isinstance(condition, tree.All) is (wanted == tree.TRUE):
            found_all = [frozenset[str]()]
            for part in parts:
                found_all = _together(found_all, part)
            return found_all
        return _smallest(way for part in parts for way in part)

    def _missing(self, source: tree.Source) -> Iterator[str]:
        for fact in source.facts:
            side = tree.Read(fact, source.window, "sum") if isinstance(source, tree.Ratio) else None
            if side is None or scalar.see(side, self._facts, self._as_of).state != scalar.VALUE:
                yield fact.name


def _together(ways: list[Facts], more: list[Facts]) -> list[Facts]:
    return _smallest(way | other for way in ways for other in more)


def _smallest(ways: Iterable[Facts]) -> list[Facts]:
    """Without those that hold another one; the first of equals stays first."""
    kept: list[Facts] = []
    for way in sorted(dict.fromkeys(ways), key=len):
        if len(kept) < _MOST_WAYS and not any(other <= way for other in kept):
            kept.append(way)
    return kept
