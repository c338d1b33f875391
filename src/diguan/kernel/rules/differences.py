"""What is told of one enterprise at two times, where it differs, and which difference turns a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diguan.kernel.catalogue import FactSpec
from diguan.kernel.periods import ALL, Day, Period, of_day, within
from diguan.kernel.rules import scalar, tree
from diguan.kernel.rules.scalar import ABSENT, UNTOLD, VALUE, Stored, SubjectFacts
from diguan.kernel.rules.windows import Coverage

NEW, CORRECTED, WITHDRAWN = "new", "corrected", "withdrawn"


@dataclass(frozen=True)
class Told:
    """What is told of one fact and period: a value in storage units, known to be absent, or unknown."""

    state: str
    value: Stored | None = None


@dataclass(frozen=True)
class Change:
    """One fact and period told differently; ``period`` is empty for an attribute."""

    fact: FactSpec
    period: str
    before: Told
    after: Told

    @property
    def kind(self) -> str:
        """New (nobody had told us), corrected, or withdrawn (nobody tells us any more)."""
        return NEW if self.before.state == UNTOLD else WITHDRAWN if self.after.state == UNTOLD else CORRECTED


def changes(policy: tree.Policy, before: SubjectFacts, after: SubjectFacts) -> list[Change]:
    """Everything the policy reads that is told differently, in the order of the document, then by time."""
    return [change for fact in policy.facts for change in _of_fact(fact, before, after)]


def decisive(policy: tree.Policy, before: SubjectFacts, after: SubjectFacts, as_of: Day) -> frozenset[str]:
    """The facts without whose change the status would not be what it is; empty where only several together turn it."""
    now = scalar.judge(policy, after, as_of).status
    changed = dict.fromkeys(change.fact.name for change in changes(policy, before, after))
    return frozenset(name for name in changed if scalar.judge(policy, _without(after, before, name), as_of).status != now)


def _of_fact(fact: FactSpec, before: SubjectFacts, after: SubjectFacts) -> Iterator[Change]:
    if fact.period == "none":
        old, new = _attribute(fact.name, before), _attribute(fact.name, after)
        if old != new:
            yield Change(fact, "", old, new)
        return
    told, tells = _by_period(fact, before), _by_period(fact, after)
    for period in sorted({*told, *tells}):
        old, new = told.get(period, Told(UNTOLD)), tells.get(period, Told(UNTOLD))
        if old != new:
            yield Change(fact, period.text, old, new)


def _attribute(name: str, facts: SubjectFacts) -> Told:
    if name in facts.attributes:
        return Told(VALUE, facts.attributes[name])
    return Told(ABSENT if name in facts.absent else UNTOLD)


def _by_period(fact: FactSpec, facts: SubjectFacts) -> Mapping[Period, Told]:
    """Every period of the fact's kind that something is known of: rows, and what a complete delivery leaves out."""
    found: dict[Period, Told] = {}
    for period in _coverage(facts).of(fact.name):
        if period != ALL and fact.period != "day":
            found.update(dict.fromkeys(within(period.start, period.end, fact.period), Told(ABSENT)))
    for row in facts.rows.get(fact.name, ()):
        found[_period(row, fact)] = Told(ABSENT) if row.value is None else Told(VALUE, row.value)
    return found


def _period(row: scalar.Row, fact: FactSpec) -> Period:
    """A row's period; an absent row may span more than one of the fact's kind."""
    exact = of_day(row.start, fact.period)
    return exact if exact.end == row.end else Period(row.start, row.end, "span")


def _without(after: SubjectFacts, before: SubjectFacts, name: str) -> SubjectFacts:
    """``after``, but with this one fact as it was told ``before``."""
    attributes = {key: value for key, value in after.attributes.items() if key != name}
    rows = {key: value for key, value in after.rows.items() if key != name}
    absent = after.absent - {name}
    if name in before.attributes:
        attributes[name] = before.attributes[name]
    if name in before.rows:
        rows[name] = before.rows[name]
    if name in before.absent:
        absent |= {name}
    return SubjectFacts(attributes, rows, _Swapped(_coverage(after), _coverage(before), name), absent, after.scales)


def _coverage(facts: SubjectFacts) -> Coverage:
    assert isinstance(facts.coverage, Coverage)  # facts of a dataset; those of an example are never compared
    return facts.coverage


class _Swapped(Coverage):
    """One coverage, with a single fact's taken from another."""

    def __init__(self, most: Coverage, other: Coverage, name: str) -> None:
        super().__init__({})
        self._most, self._other, self._name = most, other, name

    def of(self, fact: str) -> tuple[Period, ...]:
        return (self._other if fact == self._name else self._most).of(fact)
