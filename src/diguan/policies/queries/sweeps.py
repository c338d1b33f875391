"""A threshold moved over its values: how many would pass and what it would cost at each, from one look at every firm.

Everybody is judged once with the clause as it stands; what the other clauses say of a firm does not depend on its limit, and
what the clause's fact says of it is looked up once. So every point is what a match with that limit gives (a test holds them
equal), without running it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from diguan.kernel.facts.runs import Run
from diguan.kernel.periods import Day
from diguan.kernel.rules import reads, scalar, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.tree import FALSE, UNKNOWN, Compare, Policy
from diguan.policies.engine import scenarios
from diguan.policies.engine.scenarios import Knob
from diguan.policies.queries import simulations

MOST_POINTS = 32


@dataclass(frozen=True)
class Point:
    """One value of the limit: how many are entitled and undecided, their money in fen, and how many amounts are not known."""

    value: Fraction
    eligible: int
    unknown: int
    low_fen: int
    more_fen: int
    open: int

    @property
    def high_fen(self) -> int:
        return self.low_fen + self.more_fen


def sweepable(policy: Policy) -> list[Knob]:
    """The limits that can be moved: those of a clause that is one comparison by order of a number."""
    found = [knob for knob in scenarios.knobs(policy) if knob.clause is not None]
    return [knob for knob in found if isinstance(policy.clauses[knob.clause or 0].condition, Compare) and isinstance(knob.value, Fraction)]


def sweep(of: Run, policy: Policy, knob: Knob, grid: Sequence[Fraction] = ()) -> list[Point]:
    """The points in order of the limit; without a ``grid``, the values that occur, thinned out, and the limit as it stands."""
    return points(simulations.data_of(of, [policy]), policy, knob, of.as_of, grid)


def points(data: Dataset, policy: Policy, knob: Knob, as_of: Day, grid: Sequence[Fraction] = ()) -> list[Point]:
    """:func:`sweep` over a dataset."""
    assert knob.clause is not None
    firms = list(_in_question(data, policy, knob.clause, as_of))
    if not grid:
        grid = thinned(_seen(policy, knob.clause, firms, as_of), knob.value)
    return [_point(policy, knob, value, firms, as_of) for value in sorted(set(grid))]


Firm = tuple[SubjectFacts, bool, int | None]
"""What is known of a firm, whether another clause leaves it undecided, and its amount."""


def _in_question(data: Dataset, policy: Policy, clause: int, as_of: Day) -> Any:
    """Those whom no other clause shuts out."""
    from diguan.kernel.rules import sets

    rows = sets.judge([policy], data, as_of, everybody=True)[0].rows
    mask = ~(3 << 2 * clause)
    for ent, code in zip(rows.column("ent").to_pylist(), rows.column("code").to_pylist(), strict=True):
        letters = [(code & mask) >> 2 * at & 3 for at in range(len(policy.clauses))]
        if FALSE not in letters:
            facts = data.subject_facts(data.ids[ent])
            yield facts, UNKNOWN in letters, scalar.amount_fen(policy.benefit, facts, as_of)


def _seen(policy: Policy, clause: int, firms: Sequence[Firm], as_of: Day) -> list[Fraction]:
    condition = policy.clauses[clause].condition
    assert isinstance(condition, Compare)
    read = (reads.see(condition.of, facts, as_of) for facts, _open, _fen in firms)
    return [seen.value for seen in read if seen.state == reads.VALUE and isinstance(seen.value, Fraction)]


def thinned(found: Sequence[Fraction], limit: Any) -> list[Fraction]:
    """The values that occur and the limit as it stands; of many, so many evenly by rank and rounded to two digits.

    >>> [int(value) for value in thinned([Fraction(n) for n in (3, 1, 1, 2)], Fraction(5))]
    [1, 2, 3, 5]
    >>> [int(value) for value in thinned([Fraction(1234 * n) for n in range(1, 99)], Fraction(5000))][:4]
    [1200, 4900, 5000, 8600]
    """
    known = sorted(set(found))
    if len(known) > MOST_POINTS:
        known = [_brief(known[round(at * (len(known) - 1) / (MOST_POINTS - 1))]) for at in range(MOST_POINTS)]
    return sorted({*known, limit})


def _brief(value: Fraction) -> Fraction:
    """Two digits of it: a limit that somebody might write."""
    return Fraction(f"{float(value):.1e}")


def _point(policy: Policy, knob: Knob, value: Fraction, firms: Sequence[Firm], as_of: Day) -> Point:
    clause = scenarios.at(policy, knob, value).clauses[knob.clause or 0]
    counts = {"eligible": 0, "unknown": 0, "low_fen": 0, "more_fen": 0, "open": 0}
    for facts, undecided, fen in firms:
        verdict = scalar.find(clause, facts, as_of).verdict
        if verdict == FALSE:
            continue
        sure = verdict == tree.TRUE and not undecided
        counts["eligible" if sure else "unknown"] += 1
        counts["low_fen" if sure else "more_fen"] += fen or 0
        counts["open"] += fen is None
    return Point(value, **counts)
