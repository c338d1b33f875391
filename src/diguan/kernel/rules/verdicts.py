"""Clauses as columns: three values by Kleene, as two bits each of which one is set before the other: true 00, unknown 10, false 11.

So *and* is a bitwise or and *or* a bitwise and, of single conditions and of whole numbers full of them.

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
Letters = tuple[int, int, int]
"""What stands for false, unknown and true: bits that fall away, or under a ``not`` come, in that order."""
_FOLD: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Fraction], int]]] = {
    ">=": (operator.ge, math.ceil), ">": (operator.gt, math.floor), "<=": (operator.le, math.floor), "<": (operator.lt, math.ceil)}


def digit(clause: tree.Clause, at: int, sights: Sights) -> Expr:
    """The verdict of one clause as its two bits of a policy's number, at the place ``at``."""
    false, unknown = 3 * 4**at, 2 * 4**at
    return condition(clause.condition, sights, (false, false if clause.on_missing == "fail" else unknown, 0))


def near(clause: tree.Clause, sights: Sights) -> Flag:
    """Whether the clause, if it is false, is missed by a distance that is known."""
    if not tree.has_near_miss(clause):
        return False
    assert isinstance(clause.condition, tree.Compare)
    return sights.of(clause.condition.of).known


def condition(of: tree.Condition, sights: Sights, letters: Letters) -> Expr:
    """The verdict of a condition."""
    if isinstance(of, tree.Compare):
        return compare(of, sights, letters)
    if isinstance(of, tree.Not):
        return condition(of.of, sights, letters[::-1])
    parts = [condition(part, sights, letters) for part in of.of]
    return adapter.any_bits(parts) if isinstance(of, tree.All) == (letters[T] == 0) else adapter.shared_bits(parts)


def compare(leaf: tree.Compare, sights: Sights, letters: Letters) -> Expr:
    """The verdict of one comparison."""
    sight = sights.of(leaf.of)
    if leaf.op == "exists":
        assert isinstance(leaf.of, tree.Read)  # the loader refuses exists on a ratio
        return _chosen(letters, (adapter.either(sight.known, sights.told(leaf.of)), T), (sight.absent, F))
    if sight.textual:
        yes = _words(leaf.op, sight, [str(value) for value in leaf.values])
        return _chosen(letters, (adapter.both(sight.known, yes), T), (adapter.either(sight.known, sight.absent), F))
    limits = [scalar.number(value, sights.as_of) for value in leaf.values]
    true, false = adapter.whole(letters[T]), adapter.whole(letters[F])
    known = adapter.when(holds(leaf.op, sight, limits), true, false)
    return adapter.when(sight.known, known, adapter.when(sight.absent, false, _part(leaf.op, sight, limits, letters)))


def _chosen(letters: Letters, *cases: tuple[Flag, int]) -> Expr:
    found = adapter.whole(letters[U])
    for flag, verdict in reversed(cases):
        found = adapter.when(flag, adapter.whole(letters[verdict]), found)
    return found


def _words(op: str, sight: Sight, words: Sequence[str]) -> Flag:
    if sight.words is not None:
        inside = adapter.among(sight.value, _places(op, sight.words, words))
        return adapter.opposite(inside) if op == "!=" else inside
    if op == "starts_with":
        lengths = sorted({len(word) for word in words})
        return adapter.either(*[sight.value.left(length).isin([word for word in words if len(word) == length]) for length in lengths])
    return sight.value.notin(list(words)) if op == "!=" else sight.value.isin(list(words))


def _places(op: str, known: Sequence[str], words: Sequence[str]) -> list[tuple[int, int]]:
    """First and last place of every stretch of ``known`` whose texts are one of the words, or begin with one.

    >>> _places("starts_with", ["0131", "1311", "1312", "19", "20"], ["13", "1311", "20"]), _places("in", ["a", "b"], ["c"])
    ([(1, 2), (4, 4)], [])
    """
    begins, meant = tuple(words), frozenset(words)
    found: list[tuple[int, int]] = []
    for at, text in enumerate(known):
        if text.startswith(begins) if op == "starts_with" else text in meant:
            found.append((found.pop()[0] if found and found[-1][1] == at - 1 else at, at))
    return found


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


def _part(op: str, sight: Sight, limits: Sequence[Fraction], letters: Letters) -> Expr:
    """What the known part of a total or extreme already decides."""
    if not sight.part:
        return adapter.whole(letters[U])
    if sight.part == FLOOR and op not in tree.ORDERED[:4]:
        return _settled(op, sight, limits, letters)
    up, down = ((">", ">="), ("<", "<=")) if sight.part in (FLOOR, MAX) else (("<", "<="), (">", ">="))
    if op in up:
        return _chosen(letters, (holds(op, sight, limits), T))
    # Where nothing is told the comparison is null, and so unknown.
    return _chosen(letters, (adapter.opposite(holds(op, sight, limits)), F)) if op in down else adapter.whole(letters[U])


def _settled(op: str, sight: Sight, limits: Sequence[Fraction], letters: Letters) -> Expr:
    """A total of at least the known part, held against single values or a range."""
    if op == "!=":
        return _chosen(letters, (_ordered(">", sight, limits[0]), T))
    inverted = op == "between" and limits[0] > limits[1]
    return _chosen(letters, (adapter.either(inverted, _ordered(">", sight, max(limits))), F))
