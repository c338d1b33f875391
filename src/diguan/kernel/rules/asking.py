"""Which facts to obtain where nothing stands in the way but what nobody told: the smallest set that could settle it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from diguan.kernel import periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.periods import Day, Period
from diguan.kernel.rules import scalar, tree, windows
from diguan.kernel.rules.scalar import SubjectFacts, Verdict

Need = tuple[tree.Compare, int]
"""A comparison nobody can judge yet, and the verdict it would have to get."""
Way = frozenset[Need]
_MOST_WAYS = 128
"""Ways kept while alternatives multiply; those that need the fewest facts are."""
MOST_PERIODS = 36
"""Periods asked of one fact: the last of them, where more are untold."""


def ask(policy: tree.Policy, verdict: Verdict, facts: SubjectFacts, as_of: Day) -> list[str]:
    """The facts to obtain, in the order of the document; none where a clause is false.

    Every clause that is open must come true. Of an ``any`` one part is enough: the one that needs the fewest facts
    together with the other clauses. Of equals the one whose facts somebody delivers, then the first in the document.
    A set is no way out where one fact would have to be two things at once.
    """
    if verdict.status != tree.UNDECIDED:
        return []
    open_ = _Open(facts, as_of)
    clauses = [open_.ways(clause.condition, tree.TRUE) for clause, finding in zip(policy.clauses, verdict.findings, strict=True)
               if finding.verdict == tree.UNKNOWN]
    ways = [Way()]
    for found in sorted(clauses, key=len):  # what must be asked anyway first: it decides the alternatives
        ways = open_.together(ways, found)
    order = {fact.name: at for at, fact in enumerate(policy.facts)}
    untold = {fact.name for fact in policy.facts if not fact.sources}
    sets = [open_.facts(way) for way in ways if len(ways) == 1 or open_.can_be(way)] or [open_.facts(way) for way in ways]
    wanted = min(sets, key=lambda names: (len(names), len(names & untold), sorted(order[name] for name in names)), default=frozenset())
    return sorted(wanted, key=order.__getitem__)


@dataclass(frozen=True)
class Missing:
    """One fact to obtain: for which periods (``all`` for an attribute), and which open clauses read it."""

    fact: FactSpec
    periods: tuple[Period, ...]
    clauses: tuple[tree.Clause, ...]


def missing(policy: tree.Policy, verdict: Verdict, facts: SubjectFacts, as_of: Day) -> list[Missing]:
    """What :func:`ask` names, with the periods nobody has told us of; a latest value is asked for the last whole period."""
    asked = set(ask(policy, verdict, facts, as_of))
    open_ = [clause for clause, finding in zip(policy.clauses, verdict.findings, strict=True) if finding.verdict == tree.UNKNOWN]
    found = []
    for spec in (fact for fact in policy.facts if fact.name in asked):
        readers = tuple(clause for clause in open_ if any(spec in source.facts for source in tree.sources_of(clause.condition)))
        parts = {part for clause in readers for source in tree.sources_of(clause.condition) if spec in source.facts
                 for part in _untold(spec, source, facts, as_of)}
        found.append(Missing(spec, tuple(sorted(parts)[-MOST_PERIODS:]), readers))
    return found


def _untold(spec: FactSpec, source: tree.Source, facts: SubjectFacts, as_of: Day) -> list[Period]:
    if source.window is None:
        return [periods.ALL]
    parts = scalar.untold(source, facts, as_of).get(spec, [])
    window = windows.resolve(source.window, spec.period, as_of)
    if periods.ALL in parts or (parts and isinstance(source, tree.Read) and source.agg == "latest"):
        return [_last(spec.period, min(window.end, as_of))]
    return parts


def _last(kind: str, day: Day) -> Period:
    """The last whole period of a kind ended by a day."""
    found = periods.of_day(day, kind)
    return found if found.end <= day else periods.of_day(periods.previous_day(found.start), kind)


class _Open:
    """The open comparisons of one enterprise on one day."""

    def __init__(self, facts: SubjectFacts, as_of: Day) -> None:
        self._facts, self._as_of = facts, as_of
        self._names: dict[tree.Source, frozenset[str]] = {}

    def ways(self, condition: tree.Condition, wanted: int) -> list[Way]:
        """The smallest sets of comparisons that could give the condition the verdict; none if it has the other for certain."""
        if isinstance(condition, tree.Compare):
            found = scalar.compare(condition, self._facts, self._as_of)
            return [Way({(condition, wanted)})] if found == tree.UNKNOWN else [Way()] if found == wanted else []
        if isinstance(condition, tree.Not):
            return self.ways(condition.of, tree.FALSE if wanted == tree.TRUE else tree.TRUE)
        parts = [self.ways(part, wanted) for part in condition.of]
        if isinstance(condition, tree.All) is (wanted == tree.TRUE):
            found_all = [Way()]
            for part in parts:
                found_all = self.together(found_all, part)
            return found_all
        return self._smallest(way for part in parts for way in part)

    def together(self, ways: list[Way], more: list[Way]) -> list[Way]:
        """Every way of one with every way of the other."""
        return self._smallest(way | other for way in ways for other in more)

    def _smallest(self, ways: Iterable[Way]) -> list[Way]:
        """Without those that hold another one, and without those that cannot be; the first of equals stays first."""
        kept: list[Way] = []
        found = list(dict.fromkeys(ways))
        if len(found) < 2:
            return found
        possible = [way for way in found if self.can_be(way)] or found
        for way in sorted(possible, key=lambda way: len(self.facts(way))):
            if len(kept) < _MOST_WAYS and not any(other <= way for other in kept):
                kept.append(way)
        return kept

    def facts(self, way: Way) -> frozenset[str]:
        """The facts nobody has told that the comparisons of a way read."""
        return frozenset().union(*[self._names.get(compare.of) or self._name(compare.of) for compare, _wanted in way])

    def _name(self, source: tree.Source) -> frozenset[str]:
        found = self._names[source] = frozenset(self._missing(source))
        return found

    def _missing(self, source: tree.Source) -> Iterator[str]:
        if isinstance(source, tree.Read):
            yield source.fact.name
            return
        for side in source.sides:
            if scalar.see(side, self._facts, self._as_of).state != scalar.VALUE:
                yield side.fact.name

    def can_be(self, way: Way) -> bool:
        """Whether each read could give one value that all comparisons of it want."""
        if len({compare.of for compare, _wanted in way}) == len(way):
            return True
        by_read: dict[tree.Source, list[Need]] = defaultdict(list)
        for need in way:
            by_read[need[0].of].append(need)
        return all(len(needs) == 1 or any(self._meets(seen, needs) for seen in self._values(needs)) for needs in by_read.values())

    def _meets(self, seen: Fraction | str | None, needs: list[Need]) -> bool:
        """Whether a value (None: known not to exist) gives every comparison the verdict it needs."""
        return all(scalar.judged(compare, seen, self._as_of) == wanted for compare, wanted in needs)

    def _values(self, needs: list[Need]) -> Iterator[Fraction | str | None]:
        """Values that stand for all there could be: each limit, one between each two, one beyond, and none at all."""
        of = needs[0][0].of
        if not (isinstance(of, tree.Read) and of.agg in ("sum", "count")):
            yield None
        limits = [value for compare, _wanted in needs for value in compare.values]
        if any(isinstance(value, str) for value in limits):
            yield from dict.fromkeys([*map(str, limits), *(f"{value}0" for value in limits), "\0"])
            return
        numbers = sorted({scalar.number(value, self._as_of) for value in limits})
        if of.type == "bool":
            yield from (Fraction(0), Fraction(1))
            return
        between = [(low + high) / 2 for low, high in pairwise(numbers)]
        known = scalar.see(of, self._facts, self._as_of).value
        floor = known if isinstance(known, Fraction) and isinstance(of, tree.Read) and of.agg in ("sum", "count", "max") else None
        for number in [*numbers, *between, *(numbers[:1] and [numbers[0] - 1, numbers[-1] + 1]), Fraction(0)]:
            if floor is None or number >= floor:
                yield number
