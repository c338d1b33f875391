"""Clauses as columns: three values by Kleene, as numbers that least and greatest order: false 0, unknown 1, true 2.

The cases are those of :mod:`~diguan.kernel.rules.scalar`, one for one. No clause is ever divided: a ratio or growth
is judged by cross-multiplication, a threshold between two storage units by the whole number on its right side.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from diguan.kernel.rules import adapter, scalar, tree
from diguan.kernel.rules.adapter import Expr, Flag
from diguan.kernel.rules.sights import FLOOR, MAX, Sight, Sights

F, U, T = 0, 1, 2
_FOLD: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Fraction], int]]] = {
    ">=": (operator.ge, math.ceil), ">": (operator.gt, math.floor), "<=": (operator.le, math.floor), "<": (operator.lt, math.ceil)}


def clause(clause: tree.Clause, sights: Sights) -> Expr:
    """The verdict of one clause."""
    found = condition(clause.condition, sights)
    return adapter.when(found == U, adapter.letter(F), found) if clause.on_missing == "fail" else found


def near(clause: tree.Clause, sights: Sights) -> Flag:
    """Whether the clause, if it is false, is missed by a distance that is known."""
    if not tree.has_near_miss(clause):
        return False
    assert isinstance(clause.condition, tree.Compare)
    return sights.of(clause.condition.of).known


def condition(of: tree.Condition, sights: Sights) -> Expr:
    """The verdict of a condition."""
    if isinstance(of, tree.Compare):
        return compare(of, sights)
    if isinstance(of, tree.Not):
        return adapter.letter(T) - condition(of.of, sights)
    parts = [condition(part, sights) for part in of.of]
    return adapter.least(parts) if isinstance(of, tree.All) else adapter.greatest(parts)


def compare(leaf: tree.Compare, sights: Sights) -> Expr:
    """The verdict of one comparison."""
    sight = sights.of(leaf.of)
    if leaf.op == "exists":
        assert isinstance(leaf.of, tree.Read)  # the loader refuses exists on a ratio
        return _chosen((adapter.either(sight.known, sights.told(leaf.of)), T), (sight.absent, F))
    if sight.textual:
        yes = _words(leaf.op, sight.value, [str(value) for value in leaf.values])
        return _chosen((adapter.both(sight.known, yes), T), (adapter.either(sight.known, sight.absent), F))
    limits = [scalar.number(value, sights.as_of) for value in leaf.values]
    yes = holds(leaf.op, sight, limits)
    known = adapter.when(yes, adapter.letter(T), adapter.letter(F))
    return adapter.when(sight.known, known, adapter.when(sight.absent, adapter.letter(F), _part(leaf.op, sight, limits)))


def _chosen(*cases: tuple[Flag, int]) -> Expr:
    found = adapter.letter(U)
    for flag, letter in reversed(cases):
        found = adapter.when(flag, adapter.letter(letter), found)
    return found


def _words(op: str, value: Expr, words: Sequence[str]) -> Flag:
    if op == "starts_with":
        lengths = sorted({len(word) for word in words})
        return adapter.either(*[value.left(length).isin([word for word in words if len(word) == length]) for length in lengths])
    return value.notin(list(words)) if op == "!=" else value.isin(list(words))


def holds(op: str, sight: Sight, limits: Sequence[Fraction]) -> Flag:
    """Whether the value is so; null where there is none."""
    if op == "between":
        return adapter.both(_ordered(">=", sight, limits[0]), _ordered("<=", sight, limits[1]))
    if op in ("in", "="):
        return adapter.either(*[_equal(sight, limit) for limit in limits])
    return adapter.opposite(_equal(sight, limits[0])) if op == "!=" else _ordered(op, sight, limits[0])


def _ordered(op: str, sight: Sight, limit: Fraction) -> Flag:
    test, fold = _FOLD[op]
    if sight.over is None:
        return test(sight.value, adapter.whole(fold(limit / sight.unit), like=sight.value))
    return test(*_crossed(sight, limit))


def _equal(sight: Sight, limit: Fraction) -> Flag:
    if sight.over is not None:
        return operator.eq(*_crossed(sight, limit))
    exact = limit / sight.unit
    return sight.value == adapter.whole(int(exact), like=sight.value) if exact.denominator == 1 else False


def _crossed(sight: Sight, limit: Fraction) -> tuple[Expr, Expr]:
    exact, value, over = limit / sight.unit, adapter.wide(sight.value), adapter.wide(sight.over)
    return (value * adapter.exact(exact.denominator, value), over * adapter.exact(exact.numerator, over))


def _part(op: str, sight: Sight, limits: Sequence[Fraction]) -> Expr:
    """What the known part of a total or extreme already decides."""
    if not sight.part:
        return adapter.letter(U)
    if sight.part == FLOOR and op not in tree.ORDERED[:4]:
        return _settled(op, sight, limits)
    up, down = ((">", ">="), ("<", "<=")) if sight.part in (FLOOR, MAX) else (("<", "<="), (">", ">="))
    if op in up:
        return _chosen((holds(op, sight, limits), T))
    # Where nothing is told the comparison is null, and so unknown.
    return _chosen((adapter.opposite(holds(op, sight, limits)), F)) if op in down else adapter.letter(U)


def _settled(op: str, sight: Sight, limits: Sequence[Fraction]) -> Expr:
    """A total of at least the known part, held against single values or a range."""
    if op == "!=":
        return _chosen((_ordered(">", sight, limits[0]), T))
    inverted = op == "between" and limits[0] > limits[1]
    return _chosen((adapter.either(inverted, _ordered(">", sight, max(limits))), F))
