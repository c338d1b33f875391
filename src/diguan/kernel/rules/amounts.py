"""What a benefit pays, as a column of whole fen: exact integers from the base to the last rounding."""

from __future__ import annotations

import math
from fractions import Fraction

from diguan.kernel.rules import adapter, scalar, tree, verdicts
from diguan.kernel.rules.adapter import Expr
from diguan.kernel.rules.sights import Sight, Sights

ENOUGH = 2**64
"""Fen that no row can hold, however rounded."""


def amount(benefit: tree.Benefit, sights: Sights) -> Expr:
    """Fen for every enterprise, whatever its verdict; null where the base is not known."""
    if isinstance(benefit, tree.Flat):
        return _fixed(Fraction(benefit.amount_fen), benefit.rounding)
    sight = sights.of(benefit.of)
    nobody = adapter.constant(None, adapter.WIDE)
    nothing = _of_nothing(benefit)
    return adapter.when(sight.known, _worth(benefit, sight), adapter.when(sight.absent, nothing, nobody))


def _fixed(fen: Fraction, rounding: str) -> Expr:
    # Beyond ENOUGH an amount is refused, whatever it is.
    return adapter.constant(scalar.rounded(min(max(fen, Fraction(0)), Fraction(ENOUGH)), rounding), adapter.WIDE)


def _capped(fen: Fraction, benefit: tree.Rate | tree.Tiers) -> Expr:
    return _fixed(fen if benefit.cap_fen is None else min(fen, Fraction(benefit.cap_fen)), benefit.rounding)


def _of_nothing(benefit: tree.Rate | tree.Tiers) -> Expr:
    """The amount on a base of 0."""
    if isinstance(benefit, tree.Rate):
        return _capped(Fraction(0), benefit)
    reached = [step for step in benefit.steps if step.at_least <= 0]
    return _capped(Fraction(reached[-1].amount_fen or 0) if reached else Fraction(0), benefit)


def _worth(benefit: tree.Rate | tree.Tiers, sight: Sight) -> Expr:
    if isinstance(benefit, tree.Rate):
        return _share(sight, benefit.rate, benefit)
    found = _capped(Fraction(0), benefit)
    for step in benefit.steps:  # lowest first: the highest step reached is asked last, and so outermost
        pays = _share(sight, step.rate or Fraction(0), benefit) if step.amount_fen is None else _capped(Fraction(step.amount_fen), benefit)
        found = adapter.when(verdicts.holds(">=", sight, [step.at_least]), pays, found)
    return found


def _share(sight: Sight, rate: Fraction, benefit: tree.Rate | tree.Tiers) -> Expr:
    """``rate`` fen per display unit of the base, capped and rounded."""
    exact = rate * sight.unit
    value = adapter.wide(sight.value)
    above, below = value * adapter.exact(exact.numerator, value), adapter.exact(exact.denominator, value)
    below = below if sight.over is None else adapter.wide(sight.over) * below
    none, zero = adapter.constant(0, adapter.WIDE), _capped(Fraction(0), benefit)
    found = adapter.when(above > none, _rounded(above, below, exact.denominator if sight.over is None else None, benefit.rounding), zero)
    if benefit.cap_fen is None:
        return found
    full = above >= below * adapter.constant(min(benefit.cap_fen, ENOUGH), adapter.WIDE)
    return adapter.when(full, _capped(Fraction(benefit.cap_fen), benefit), found)


def _rounded(above: Expr, below: Expr, divisor: int | None, rounding: str) -> Expr:
    """``above / below`` rounded; both are positive. ``divisor`` is ``below`` where that is a constant."""
    grain = 100 if rounding.endswith("yuan") else 1
    if divisor is not None and math.lcm(divisor, grain) == 1:
        return above
    step = below * adapter.constant(grain, adapter.WIDE)
    two = adapter.constant(2, adapter.WIDE)
    if rounding.startswith("half_up"):
        parts = adapter.quotient(above * two + step, step * two)
    elif rounding.startswith("up"):
        parts = adapter.quotient(above + step - adapter.constant(1, adapter.WIDE), step)
    else:
        parts = adapter.quotient(above, step)
    return parts * adapter.constant(grain, adapter.WIDE)
