"""The single-enterprise face: one policy, one enterprise's facts, a day → a verdict with reasons.

``design: rules §4``, to the letter. Every number is exact. Three values: true, false, unknown.

A policy is made ready once for a day: each condition becomes a function that asks prepared reads (``reads``), shared
by equal conditions of all policies. Judging an enterprise then calls these functions; nothing of the tree is walked.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from diguan.kernel.periods import Day
from diguan.kernel.rules import tree
from diguan.kernel.rules.reads import (
    ABSENT,
    BARE,
    PART,
    UNTOLD,
    VALUE,
    Coverage,
    Finding,
    Reader,
    Row,
    Seen,
    Stored,
    SubjectFacts,
    reader,
    see,
    untold,
)
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN

__all__ = ["ABSENT", "PART", "UNTOLD", "VALUE", "Coverage", "Finding", "Row", "Seen", "Stored", "SubjectFacts", "Verdict", "amount_fen",
           "amount_on", "compare", "find", "gap", "judge", "judged", "limits_of", "near_miss", "number", "rounded", "see", "untold"]

_EPOCH = Day(1970, 1, 1)
_TESTS = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FLIPPED = (FALSE, TRUE, UNKNOWN)
_WORDED = ("text", "region", "industry")
Finder = Callable[[SubjectFacts], Finding]
Test = Callable[[Seen], bool]
Payer = Callable[[SubjectFacts], int | None]


@dataclass(frozen=True)
class Verdict:
    """One policy for one enterprise; amounts in fen, None where ineligible or not known."""

    status: int
    findings: tuple[Finding, ...]
    amount_fen: int | None
    amount_unknown: bool

    @property
    def code(self) -> int:
        """Two bits a clause, from the lowest."""
        return sum(finding.verdict << 2 * index for index, finding in enumerate(self.findings))

    @property
    def n_false(self) -> int:
        return sum(finding.verdict == FALSE for finding in self.findings)

    @property
    def n_unknown(self) -> int:
        return sum(finding.verdict == UNKNOWN for finding in self.findings)


class _Plan(NamedTuple):
    """A policy made ready for a day: what finds each clause, in file order, and what pays."""

    clauses: tuple[Finder, ...]
    pay: Payer


def judge(policy: tree.Policy, facts: SubjectFacts, as_of: Day) -> Verdict:
    """Judge one enterprise. The caller asks first whether the policy is in force."""
    plan = _plan(policy, as_of)
    findings = tuple([find(facts) for find in plan.clauses])
    verdicts = [finding.verdict for finding in findings]
    if FALSE in verdicts:
        return Verdict(tree.INELIGIBLE, findings, None, False)
    amount = plan.pay(facts)
    return Verdict(tree.UNDECIDED if UNKNOWN in verdicts else tree.ELIGIBLE, findings, amount, amount is None)


@functools.lru_cache(maxsize=2048)
def _plan(policy: tree.Policy, as_of: Day) -> _Plan:
    return _Plan(tuple(_clause(clause, as_of) for clause in policy.clauses), _payer(policy.benefit, as_of))


def near_miss(policy: tree.Policy, verdict: Verdict) -> int | None:
    """The clause an enterprise misses by a known distance, if that is all that is missing; else None."""
    if verdict.n_false != 1 or verdict.n_unknown:
        return None
    index = next(i for i, finding in enumerate(verdict.findings) if finding.verdict == FALSE)
    seen = verdict.findings[index].observed
    return index if tree.has_near_miss(policy.clauses[index]) and seen is not None else None


def gap(compare: tree.Compare, observed: Fraction, as_of: Day) -> Fraction:
    """The distance to the nearest limit of an ordered comparison, in display units."""
    limits = limits_of(compare, as_of)
    return min(abs(limit - observed) for limit in limits)


def _clause(clause: tree.Clause, as_of: Day) -> Finder:
    find = _finder(clause.condition, as_of)
    if clause.on_missing != "fail":
        return find

    def failing(facts: SubjectFacts) -> Finding:
        found = find(facts)
        return BARE[FALSE] if found.verdict == UNKNOWN else found  # what is unknown shows nothing
    return failing


@functools.lru_cache(maxsize=8192)
def _finder(condition: tree.Condition, as_of: Day) -> Finder:
    """A condition made ready for a day; equal conditions of all policies share it."""
    if isinstance(condition, tree.Compare):
        return _comparison(condition, as_of)
    find = _not(condition.of, as_of) if isinstance(condition, tree.Not) else _nested(condition, as_of)

    def remembered(facts: SubjectFacts) -> Finding:
        found: Finding | None = facts.memo.get(remembered)
        if found is None:
            found = facts.memo[remembered] = find(facts)
        return found
    return remembered


def _not(of: tree.Condition, as_of: Day) -> Finder:
    inner, single = _finder(of, as_of), isinstance(of, tree.Compare)

    def find(facts: SubjectFacts) -> Finding:
        verdict, observed = inner(facts)
        return Finding(_FLIPPED[verdict], observed if single else None)
    return find


def _nested(condition: tree.All | tree.Any, as_of: Day) -> Finder:
    parts = tuple(_finder(part, as_of) for part in condition.of)
    decisive, other = (FALSE, TRUE) if isinstance(condition, tree.All) else (TRUE, FALSE)

    def find(facts: SubjectFacts) -> Finding:
        found = other
        for part in parts:
            verdict = part(facts).verdict
            if verdict == decisive:
                return BARE[decisive]
            if verdict == UNKNOWN:
                found = UNKNOWN
        return BARE[found]
    return find


def _comparison(leaf: tree.Compare, as_of: Day) -> Finder:
    read = reader(leaf.of, as_of)
    if leaf.op == "exists":
        return _exists(read)
    holds = _test(leaf, as_of)

    def find(facts: SubjectFacts) -> Finding:
        seen = read(facts)
        if seen.state == VALUE:
            return seen.findings[TRUE if holds(seen) else FALSE]
        return BARE[FALSE if seen.state == ABSENT else _part(leaf, seen, holds, as_of) if seen.state == PART else UNKNOWN]
    return find


def _exists(read: Reader) -> Finder:
    """Of a partly covered period: true once a value row is known."""
    def find(facts: SubjectFacts) -> Finding:
        seen = read(facts)
        if seen.state == PART:
            return BARE[TRUE if seen.some else UNKNOWN]
        return seen.findings[TRUE] if seen.state == VALUE else BARE[FALSE if seen.state == ABSENT else UNKNOWN]
    return find


def find(clause: tree.Clause, facts: SubjectFacts, as_of: Day) -> Finding:
    """One clause outside a policy, a gate's: its verdict and what was observed."""
    return _clause(clause, as_of)(facts)


def compare(leaf: tree.Compare, facts: SubjectFacts, as_of: Day) -> int:
    """One comparison: TRUE, FALSE or UNKNOWN."""
    return _finder(leaf, as_of)(facts).verdict


def judged(leaf: tree.Compare, seen: Fraction | str | None, as_of: Day) -> int:
    """What a comparison would say of a value (display units), or of what is known not to exist (None)."""
    if leaf.op == "exists":
        return _bit(seen is not None)
    return FALSE if seen is None else _bit(_test(leaf, as_of)(Seen(VALUE, seen)))


def number(value: tree.Value, as_of: Day) -> Fraction:
    """A threshold as a number; dates are days since 1970-01-01."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, tree.AsOf):
        value = value.on(as_of)
    if isinstance(value, dt.date):
        return Fraction((value - _EPOCH).days)
    return Fraction(value)


def _bit(holds: bool) -> int:
    return TRUE if holds else FALSE


def _test(leaf: tree.Compare, as_of: Day) -> Test:
    """Whether a value meets a comparison."""
    if leaf.of.type in _WORDED:
        return _worded(leaf.op, tuple(str(value) for value in leaf.values))
    limits = limits_of(leaf, as_of)
    if leaf.op == "in":
        return lambda seen: seen.value in limits
    if leaf.op == "between":
        low, high = limits
        return lambda seen: low <= seen.value <= high  # type: ignore[operator]
    holds, (top, bottom) = _TESTS[leaf.op], limits[0].as_integer_ratio()
    return lambda seen: holds(seen.top * bottom, top * seen.bottom)  # cross-multiplied: a fifth of comparing fractions as such


def _worded(op: str, words: tuple[str, ...]) -> Test:
    if op == "starts_with":
        return lambda seen: seen.value.startswith(words)  # type: ignore[union-attr]
    return (lambda seen: seen.value not in words) if op == "!=" else (lambda seen: seen.value in words)


def limits_of(leaf: tree.Compare, as_of: Day) -> Sequence[Fraction]:
    """The limits as numbers on a day."""
    return leaf.numbers or [number(value, as_of) for value in leaf.values]


def _part(leaf: tree.Compare, seen: Seen, holds: Test, as_of: Day) -> int:
    """What the known part of a total or extreme already decides."""
    assert isinstance(leaf.of, tree.Read)
    if not isinstance(seen.value, Fraction):
        return UNKNOWN
    if leaf.of.agg in ("sum", "count"):
        return _floor(leaf, seen, holds, as_of)
    up, down = ((">", ">="), ("<", "<=")) if leaf.of.agg == "max" else (("<", "<="), (">", ">="))
    if leaf.op in up and holds(seen):
        return TRUE
    return FALSE if leaf.op in down and not holds(seen) else UNKNOWN


def _floor(leaf: tree.Compare, seen: Seen, holds: Test, as_of: Day) -> int:
    """The total is at least what is seen: decided where no larger total could change the answer."""
    if leaf.op in (">", ">="):
        return TRUE if holds(seen) else UNKNOWN
    if leaf.op in ("<", "<="):
        return UNKNOWN if holds(seen) else FALSE
    limits = limits_of(leaf, as_of)
    above = all(seen.top * limit.denominator > limit.numerator * seen.bottom for limit in limits)
    if leaf.op == "!=":
        return TRUE if above else UNKNOWN
    return FALSE if above or (leaf.op == "between" and limits[0] > limits[1]) else UNKNOWN


def amount_fen(benefit: tree.Benefit, facts: SubjectFacts, as_of: Day) -> int | None:
    """The amount in fen; None where its base is not known."""
    return _payer(benefit, as_of)(facts)


def _payer(benefit: tree.Benefit, as_of: Day) -> Payer:
    if isinstance(benefit, tree.Flat):
        fixed = rounded(Fraction(benefit.amount_fen), benefit.rounding)
        return lambda facts: fixed
    read, none = reader(benefit.of, as_of), Fraction(0)

    def pay(facts: SubjectFacts) -> int | None:
        seen = read(facts)
        if seen.state in (UNTOLD, PART):
            return None
        return amount_on(benefit, seen.value if isinstance(seen.value, Fraction) else none)
    return pay


def amount_on(benefit: tree.Rate | tree.Tiers, base: Fraction) -> int:
    """The amount in fen on a base in the fact's display unit."""
    fen = base * benefit.rate if isinstance(benefit, tree.Rate) else _tier(benefit.steps, base)
    if benefit.cap_fen is not None:
        fen = min(fen, Fraction(benefit.cap_fen))
    return rounded(max(fen, Fraction(0)), benefit.rounding)


def _tier(steps: Iterable[tree.Step], base: Fraction) -> Fraction:
    reached = [step for step in steps if step.at_least <= base]
    if not reached:
        return Fraction(0)
    top = reached[-1]
    return Fraction(top.amount_fen) if top.amount_fen is not None else base * (top.rate or 0)


def rounded(fen: Fraction, mode: str) -> int:
    """Round a non-negative amount.

    >>> rounded(Fraction(12345, 100), "half_up_to_fen"), rounded(Fraction(12345), "up_to_yuan")
    (123, 12400)
    """
    grain = 100 if mode.endswith("yuan") else 1
    parts = fen / grain
    if mode.startswith("half_up"):
        parts += Fraction(1, 2)
    whole = parts.numerator // parts.denominator
    return (whole + (mode.startswith("up") and parts != whole)) * grain
