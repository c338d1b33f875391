"""The single-enterprise face: one policy, one enterprise's facts, a day → a verdict with reasons.

``design: rules §4``, to the letter. Every number is exact. Three values: true, false, unknown.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from diguan.kernel.facts.catalogue import FactSpec
from diguan.kernel.periods import Day, Period
from diguan.kernel.rules import tree, windows
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN
from diguan.kernel.rules.windows import Window

Stored = int | str
VALUE, ABSENT, UNTOLD, PART = "value", "absent", "unknown", "part"
_EPOCH = Day(1970, 1, 1)
_TESTS = {"!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class Coverage(Protocol):
    """What every subject's data are complete for."""

    def gaps(self, fact: str, window: Window, kind: str) -> Sequence[Period]: ...
    def touches(self, fact: str, window: Window) -> bool: ...


@dataclass(frozen=True)
class Row:
    """One dated row; ``value`` in storage units, None where it says absent."""

    start: Day
    end: Day
    value: Stored | None


@dataclass(frozen=True)
class SubjectFacts:
    """What is known of one enterprise. ``absent`` names the attributes known not to exist."""

    attributes: Mapping[str, Stored]
    rows: Mapping[str, Sequence[Row]]
    coverage: Coverage
    absent: frozenset[str] = frozenset()
    scales: Mapping[str, int] = field(default_factory=dict)
    memo: dict[tuple[object, ...], Seen] = field(default_factory=dict, repr=False, compare=False)
    """What reads gave, shared by every policy judged over this enterprise; the facts above never change."""
    judged: dict[tuple[int, Day], tuple[tree.Condition, Finding]] = field(default_factory=dict, repr=False, compare=False)
    """What conditions gave, shared by policies that ask the same; each is kept beside its answer, so its number stays its own."""

    def scale(self, fact: FactSpec) -> int:
        return self.scales.get(fact.name, fact.scale)


@dataclass(frozen=True)
class Seen:
    """What a read gives: ``part`` is the known part of a total or extreme that is not fully covered."""

    state: str
    value: Fraction | str | None = None


@dataclass(frozen=True)
class Finding:
    """One clause: verdict, and where there is one number to show, what was observed (display units)."""

    verdict: int
    observed: Fraction | str | None = None


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


def judge(policy: tree.Policy, facts: SubjectFacts, as_of: Day) -> Verdict:
    """Judge one enterprise. The caller asks first whether the policy is in force."""
    findings = tuple(_clause(clause, condition, facts, as_of) for clause, condition in zip(policy.clauses, policy.conditions, strict=True))
    verdicts = {finding.verdict for finding in findings}
    status = tree.INELIGIBLE if FALSE in verdicts else tree.UNDECIDED if UNKNOWN in verdicts else tree.ELIGIBLE
    amount = None if status == tree.INELIGIBLE else amount_fen(policy.benefit, facts, as_of)
    return Verdict(status, findings, amount, status != tree.INELIGIBLE and amount is None)


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


def _clause(clause: tree.Clause, condition: tree.Condition, facts: SubjectFacts, as_of: Day) -> Finding:
    known = facts.judged.get((id(condition), as_of))
    if known is None:
        single = condition.of if isinstance(condition, tree.Not) else condition
        observed = observe(single, facts, as_of) if isinstance(single, tree.Compare) else None
        known = facts.judged[id(condition), as_of] = (condition, Finding(_condition(condition, facts, as_of), observed))
    finding = known[1]
    return Finding(FALSE, finding.observed) if finding.verdict == UNKNOWN and clause.on_missing == "fail" else finding


def _condition(condition: tree.Condition, facts: SubjectFacts, as_of: Day) -> int:
    if isinstance(condition, tree.Compare):
        return compare(condition, facts, as_of)
    if isinstance(condition, tree.Not):
        return (FALSE, TRUE, UNKNOWN)[_condition(condition.of, facts, as_of)]
    found = {_condition(part, facts, as_of) for part in condition.of}
    decisive, other = (FALSE, TRUE) if isinstance(condition, tree.All) else (TRUE, FALSE)
    return decisive if decisive in found else UNKNOWN if UNKNOWN in found else other


def compare(leaf: tree.Compare, facts: SubjectFacts, as_of: Day) -> int:
    """One comparison: TRUE, FALSE or UNKNOWN."""
    seen = see(leaf.of, facts, as_of)
    if leaf.op == "exists":
        assert isinstance(leaf.of, tree.Read)  # the loader refuses exists on a ratio
        return _exists(leaf.of, seen, facts, as_of)
    if seen.state == ABSENT:
        return FALSE
    if seen.state == PART:
        return _part(leaf, seen, as_of)
    if seen.state != VALUE:
        return UNKNOWN
    assert seen.value is not None
    return _bit(_holds(leaf, seen.value, as_of))


def judged(leaf: tree.Compare, seen: Fraction | str | None, as_of: Day) -> int:
    """What a comparison would say of a value (display units), or of what is known not to exist (None)."""
    if leaf.op == "exists":
        return _bit(seen is not None)
    return FALSE if seen is None else _bit(_holds(leaf, seen, as_of))


def observe(leaf: tree.Compare, facts: SubjectFacts, as_of: Day) -> Fraction | str | None:
    """The observed value of a comparison, None where there is none."""
    seen = see(leaf.of, facts, as_of)
    return seen.value if seen.state == VALUE else None


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


def _holds(leaf: tree.Compare, seen: Fraction | str, as_of: Day) -> bool:
    return _worded(leaf.op, seen, leaf.values) if isinstance(seen, str) else _ordered(leaf.op, seen, limits_of(leaf, as_of))


def _worded(op: str, seen: str, limits: Sequence[tree.Value]) -> bool:
    words = [str(limit) for limit in limits]
    if op == "starts_with":
        return seen.startswith(tuple(words))
    return (seen not in words) if op == "!=" else (seen in words)


def limits_of(leaf: tree.Compare, as_of: Day) -> Sequence[Fraction]:
    """The limits as numbers on a day."""
    return leaf.numbers or [number(value, as_of) for value in leaf.values]


def _ordered(op: str, x: Fraction, k: Sequence[Fraction]) -> bool:
    if op == "between":
        return k[0] <= x <= k[1]
    if op in ("in", "="):
        return x in k
    limit = k[0]  # cross-multiplied: comparing two fractions as such takes five times as long
    return _TESTS[op](x.numerator * limit.denominator, limit.numerator * x.denominator)


def see(read: tree.Source, facts: SubjectFacts, as_of: Day) -> Seen:
    """What a read or ratio gives for this enterprise on this day; reads are remembered, since policies ask the same things."""
    key = (read.key, as_of)
    found = facts.memo.get(key)
    if found is None:
        found = facts.memo[key] = _ratio(read, facts, as_of) if isinstance(read, tree.Ratio) else _see(read, facts, as_of)
    return found


def _see(read: tree.Read, facts: SubjectFacts, as_of: Day) -> Seen:
    if read.window is None:
        return _attribute(read.fact, facts)
    window = windows.resolve(read.window, read.fact.period, as_of)
    if read.agg == "growth":
        return _growth(read.fact, window, facts, as_of)
    if read.agg == "latest":
        return _latest(read.fact, window, facts, as_of)
    return _aggregate(read.fact, read.agg or "any", window, facts, as_of)


def _attribute(fact: FactSpec, facts: SubjectFacts) -> Seen:
    if fact.name in facts.attributes:
        return Seen(VALUE, _shown(facts.attributes[fact.name], fact, facts))
    return Seen(ABSENT if fact.name in facts.absent else UNTOLD)


def _shown(value: Stored, fact: FactSpec, facts: SubjectFacts) -> Fraction | str:
    return value if isinstance(value, str) else Fraction(value, facts.scale(fact) if fact.numeric else 1)


def _inside(fact: FactSpec, window: Window, facts: SubjectFacts, as_of: Day) -> list[Row]:
    return [row for row in facts.rows.get(fact.name, ()) if row.end <= as_of and window.holds(row.start, row.end)]


def _covered(fact: FactSpec, window: Window, facts: SubjectFacts, as_of: Day) -> bool:
    return not _open_periods(fact, window, facts, as_of)


def _open_periods(fact: FactSpec, window: Window, facts: SubjectFacts, as_of: Day) -> list[Period]:
    gaps = facts.coverage.gaps(fact.name, window, fact.period)
    if not gaps or window.empty:
        return []
    fills = [row for row in facts.rows.get(fact.name, ())
             if row.end <= as_of and not (fact.period == "day" and row.value is not None)]
    return [part for part in gaps if not any(row.start <= part.start and part.end <= row.end for row in fills)]


def untold(source: tree.Source, facts: SubjectFacts, as_of: Day) -> dict[FactSpec, list[Period]]:
    """Of each fact a read asks for, the periods nobody has told us of, oldest first; none for an attribute."""
    if source.window is None:
        return {fact: [] for fact in source.facts if fact.name not in facts.attributes and fact.name not in facts.absent}
    found: dict[FactSpec, list[Period]] = {}
    for fact in source.facts:
        window = windows.resolve(source.window, fact.period, as_of)
        spans = [windows.year_earlier(window), window] if isinstance(source, tree.Read) and source.agg == "growth" else [window]
        open_ = [part for span in spans for part in _open_periods(fact, span, facts, as_of)]
        if open_:
            found[fact] = open_
    return found


def _aggregate(fact: FactSpec, agg: str, window: Window, facts: SubjectFacts, as_of: Day) -> Seen:
    found = [_shown(row.value, fact, facts) for row in _inside(fact, window, facts, as_of) if row.value is not None]
    covered = _covered(fact, window, facts, as_of)
    if agg == "any":
        return Seen(VALUE if found else ABSENT if covered else UNTOLD)
    if agg in ("sum", "count"):
        total = sum(found, Fraction(0)) if agg == "sum" else Fraction(len(found))
        if covered:
            return Seen(VALUE, total)
        grows = agg == "count" or fact.non_negative
        return Seen(PART, total if grows else None)
    extreme = (max if agg == "max" else min)(found) if found else None
    if covered:
        return Seen(VALUE, extreme) if found else Seen(ABSENT)
    return Seen(PART, extreme)


def _latest(fact: FactSpec, window: Window, facts: SubjectFacts, as_of: Day) -> Seen:
    rows = _inside(fact, window, facts, as_of)
    if not rows:
        # A longer absent row speaks of the window without lying in it: that too is coverage.
        told = any(row.value is None and row.end <= as_of and window.touches(row.start, row.end) for row in facts.rows.get(fact.name, ()))
        return Seen(ABSENT if told or facts.coverage.touches(fact.name, window) else UNTOLD)
    last = max(row.end for row in rows)
    found = [_shown(row.value, fact, facts) for row in rows if row.end == last and row.value is not None]
    return Seen(VALUE, max(found)) if found else Seen(ABSENT)


def _total(fact: FactSpec, word: tree.Word, facts: SubjectFacts, as_of: Day) -> Seen:
    return see(tree.Read(fact, word, "sum"), facts, as_of)


def _growth(fact: FactSpec, window: Window, facts: SubjectFacts, as_of: Day) -> Seen:
    now = _aggregate(fact, "sum", window, facts, as_of)
    before = _aggregate(fact, "sum", windows.year_earlier(window), facts, as_of)
    if before.state == VALUE and before.value <= 0:  # type: ignore[operator]
        return Seen(ABSENT)
    if now.state != VALUE or before.state != VALUE:
        return Seen(UNTOLD)
    return Seen(VALUE, now.value / before.value - 1)  # type: ignore[operator]


def _ratio(of: tree.Ratio, facts: SubjectFacts, as_of: Day) -> Seen:
    a, b = (_total(fact, of.window, facts, as_of) for fact in of.facts)
    if b.state == VALUE and b.value <= 0:  # type: ignore[operator]
        return Seen(ABSENT)
    if a.state != VALUE or b.state != VALUE:
        return Seen(UNTOLD)
    return Seen(VALUE, a.value / b.value)  # type: ignore[operator]


def _exists(read: tree.Read, seen: Seen, facts: SubjectFacts, as_of: Day) -> int:
    if seen.state != PART:
        return {VALUE: TRUE, ABSENT: FALSE}.get(seen.state, UNKNOWN)
    assert read.window is not None
    window = windows.resolve(read.window, read.fact.period, as_of)
    told = any(row.value is not None for row in _inside(read.fact, window, facts, as_of))
    return TRUE if told else UNKNOWN


def _part(leaf: tree.Compare, seen: Seen, as_of: Day) -> int:
    """What the known part of a total or extreme already decides."""
    assert isinstance(leaf.of, tree.Read)
    if not isinstance(seen.value, Fraction):
        return UNKNOWN
    limits = limits_of(leaf, as_of)
    if leaf.of.agg in ("sum", "count"):
        return _floor(leaf.op, seen.value, limits)
    up, down = ((">", ">="), ("<", "<=")) if leaf.of.agg == "max" else (("<", "<="), (">", ">="))
    holds = leaf.op in (*up, *down) and _ordered(leaf.op, seen.value, limits)
    if leaf.op in up and holds:
        return TRUE
    return FALSE if leaf.op in down and not holds else UNKNOWN


def _floor(op: str, part: Fraction, limits: Sequence[Fraction]) -> int:
    """The total is at least ``part``: decided where no larger total could change the answer."""
    if op in (">", ">="):
        return TRUE if _ordered(op, part, limits) else UNKNOWN
    if op in ("<", "<="):
        return UNKNOWN if _ordered(op, part, limits) else FALSE
    if op == "!=":
        return TRUE if part > limits[0] else UNKNOWN
    beyond = part > max(limits) or (op == "between" and limits[0] > limits[1])
    return FALSE if beyond else UNKNOWN


def amount_fen(benefit: tree.Benefit, facts: SubjectFacts, as_of: Day) -> int | None:
    """The amount in fen; None where its base is not known."""
    if isinstance(benefit, tree.Flat):
        return rounded(Fraction(benefit.amount_fen), benefit.rounding)
    seen = see(benefit.of, facts, as_of)
    if seen.state in (UNTOLD, PART):
        return None
    return amount_on(benefit, seen.value if isinstance(seen.value, Fraction) else Fraction(0))


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
