"""What may be turned in a policy, and the policy with it turned: limits of comparisons, amounts, rates, caps, the budget.

A *knob* is one number of the typed tree with the text it is written as. Turning one makes a new tree; the document is not
touched. Nothing else of a policy is changed in a scenario: whoever wants another clause writes a draft.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from diguan.kernel.messages import Message
from diguan.kernel.rules import tree, values
from diguan.kernel.rules.tree import All, Benefit, Compare, Condition, Flat, Not, Policy, Rate, Step, Tiers

MOST = 6
"""Scenarios side by side: more do not fit on a page, nor into a head."""
_ORDERED = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class Knob:
    """One number. ``kind``: limit, amount, rate, cap, budget, places; ``clause`` the clause's place for a limit."""

    path: str
    kind: str
    value: tree.Value | int
    clause: int | None = None
    of: tree.Source | None = None
    op: str = ""


class BadTurn(ValueError):
    """A knob that is not there, or a value that does not fit it."""

    def __init__(self, path: str, message: Message) -> None:
        self.path, self.message = path, message
        super().__init__(f"{path}: {message}")


def knobs(policy: Policy) -> list[Knob]:
    """Every number that may be turned, in the order of the document.

    >>> [knob.path for knob in knobs(_example())]
    ['clause:scale:0', 'benefit:rate', 'benefit:cap', 'budget:amount']
    """
    found = [Knob(f"clause:{clause.id}:{number}", "limit", leaf.values[0], at, leaf.of, leaf.op)
             for at, clause in enumerate(policy.clauses) for number, leaf in enumerate(leaves(clause.condition)) if leaf.op in _ORDERED]
    found += _benefit_knobs(policy.benefit)
    if policy.budget is not None:
        found.append(Knob("budget:amount", "budget", policy.budget.amount_fen))
        if policy.budget.places is not None:
            found.append(Knob("budget:places", "places", policy.budget.places))
    return found


def _benefit_knobs(benefit: Benefit) -> list[Knob]:
    if isinstance(benefit, Flat):
        return [Knob("benefit:amount", "amount", benefit.amount_fen)]
    found = [Knob("benefit:rate", "rate", benefit.rate, of=benefit.of)] if isinstance(benefit, Rate) else []
    if isinstance(benefit, Tiers):
        for at, step in enumerate(benefit.steps):
            found.append(Knob(f"benefit:step:{at}:from", "limit", step.at_least, of=benefit.of))
            if step.amount_fen is not None:
                found.append(Knob(f"benefit:step:{at}:amount", "amount", step.amount_fen))
            else:
                found.append(Knob(f"benefit:step:{at}:rate", "rate", step.rate or Fraction(0), of=benefit.of))
    return [*found, Knob("benefit:cap", "cap", benefit.cap_fen)] if benefit.cap_fen is not None else found


def leaves(condition: Condition) -> Iterator[Compare]:
    """The comparisons of a condition, from left to right."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from leaves(condition.of)
    else:
        for part in condition.of:
            yield from leaves(part)


def turned(policy: Policy, texts: Mapping[str, str], name: str = "") -> Policy:
    """The policy with these knobs at these values, as a policy text writes them (empty: as it is); ``name`` becomes its id.

    Raises:
        BadTurn: no such knob, or a value that does not fit it, with the path.

    >>> turned(_example(), {"clause:scale:0": "20人", "budget:amount": "50万元"}).budget.amount_fen
    50000000
    """
    known = {knob.path: knob for knob in knobs(policy)}
    found = policy
    changes = {path: text.strip() for path, text in texts.items() if text.strip()}
    for path, text in sorted(changes.items()):
        if path not in known:
            raise BadTurn(path, Message(f"没有可调的 {path}", f"there is no {path} to turn"))
        found = at(found, known[path], parsed(known[path], text))
    mark = hashlib.sha256(f"{policy.digest}\0{sorted(changes.items())}".encode()).hexdigest()
    return replace(_sorted_steps(found), id=name or policy.id, sha256=mark if changes else policy.digest)


def parsed(knob: Knob, text: str) -> Any:
    """A value as the tree keeps it.

    Raises:
        BadTurn: it does not fit.
    """
    try:
        if knob.kind in ("amount", "cap", "budget"):
            return values.money_fen(text)
        if knob.kind == "places":
            return _places(text)
        assert isinstance(knob.of, tree.Read | tree.Ratio)
        if knob.kind == "rate":
            assert isinstance(knob.of, tree.Read)
            return values.rate(text, knob.of) * 100
        return values.parse(text, knob.of, None)
    except values.ValueProblem as problem:
        raise BadTurn(knob.path, problem.message) from problem


def _places(text: str) -> int:
    found = values.quantity(text, "")
    if found.denominator != 1 or found < 0:
        raise values.ValueProblem(f"{text!r} 应是不小于零的整数", f"{text!r} must be a whole number, 0 or more")
    return int(found)


def at(policy: Policy, knob: Knob, value: Any) -> Policy:
    """The policy with one knob at one value of the tree."""
    where, _, rest = knob.path.partition(":")
    if where == "clause":
        assert knob.clause is not None
        number = int(rest.rpartition(":")[2])
        clause = policy.clauses[knob.clause]
        changed = replace(clause, condition=_replaced(clause.condition, number, lambda leaf: replace(leaf, values=(value,))))
        return replace(policy, clauses=(*policy.clauses[:knob.clause], changed, *policy.clauses[knob.clause + 1:]))
    if where == "budget":
        assert policy.budget is not None
        return replace(policy, budget=replace(policy.budget, **{"amount_fen" if rest == "amount" else "places": value}))
    return replace(policy, benefit=_benefit_at(policy.benefit, rest, value))


def _replaced(condition: Condition, number: int, make: Callable[[Compare], Compare]) -> Condition:
    """The condition with its leaf of this number made anew."""
    if isinstance(condition, Compare):
        return make(condition)
    if isinstance(condition, Not):
        return Not(_replaced(condition.of, number, make))
    parts, seen = [], 0
    for part in condition.of:
        count = sum(1 for _leaf in leaves(part))
        parts.append(_replaced(part, number - seen, make) if seen <= number < seen + count else part)
        seen += count
    return All(tuple(parts)) if isinstance(condition, All) else tree.Any(tuple(parts))


def _benefit_at(benefit: Benefit, rest: str, value: Any) -> Benefit:
    if rest == "amount":
        assert isinstance(benefit, Flat)
        return replace(benefit, amount_fen=value)
    assert not isinstance(benefit, Flat)
    if rest == "cap":
        return replace(benefit, cap_fen=value)
    if isinstance(benefit, Rate):
        return replace(benefit, rate=value)
    _step, number, what = rest.split(":")
    field = {"from": "at_least", "amount": "amount_fen", "rate": "rate"}[what]
    steps = tuple(replace(step, **{field: value}) if at == int(number) else step for at, step in enumerate(benefit.steps))
    return replace(benefit, steps=steps)


def _sorted_steps(policy: Policy) -> Policy:
    """Steps stand lowest first, whatever was turned."""
    if not isinstance(policy.benefit, Tiers):
        return policy
    return replace(policy, benefit=replace(policy.benefit, steps=tuple(sorted(policy.benefit.steps, key=_from))))


def _from(step: Step) -> Fraction:
    return step.at_least


def without(policy: Policy, clause: int) -> Policy:
    """The policy as if one clause were not there: who it alone decides on."""
    return replace(policy, clauses=(*policy.clauses[:clause], *policy.clauses[clause + 1:]))


def _example() -> Policy:
    """A policy for the examples above."""
    from diguan.kernel.catalogue import FactSpec
    from diguan.kernel.periods import Day

    staff = FactSpec("employment.insured", "number", "人", "month")
    base = FactSpec("investment.equipment", "money", "元", "month")
    clause = tree.Clause("scale", tree.Cite("", "", (0, 0)), Compare(tree.Read(staff, tree.Word("all"), "latest"), ">=", (Fraction(10),)))
    return Policy("p", {"zh": "p"}, Day(2026, 1, 1), None, (clause,), Rate(tree.Read(base, tree.Word("year"), "sum"), Fraction(10), 100_000_00), "1",
                  tree.Origin("", "", ""), budget=tree.Budget(1_000_000_00))
