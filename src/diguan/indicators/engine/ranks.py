"""Places among peers when figures are printed with few digits and revised later: a rank is a range 位次区间 wherever the difference is within noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True)
class Value:
    """One peer's figure as it was printed; ``band`` is half the width of what it may truly be."""

    name: str
    value: Decimal
    band: Decimal


@dataclass(frozen=True)
class Place:
    """``best`` and ``worst`` are the first and last place a peer may truly hold, ``printed`` the one its printed figure gives; peers printed alike share it."""

    name: str
    printed: int
    best: int
    worst: int
    tied: int
    """So many other peers are printed with the very same figure."""

    @property
    def certain(self) -> bool:
        """Whether no digit that was not printed could move it."""
        return self.best == self.worst


def read(text: str) -> Decimal | None:
    """A figure as it is printed, its digits kept; None where it is none.

    >>> read("12.30"), read("1,286"), read("约 12"), read("1e5"), read("NaN")
    (Decimal('12.30'), Decimal('1286'), None, None, None)
    """
    plain = text.strip().replace(",", "").replace("，", "").replace("−", "-")
    if not plain or any(char not in "+-.0123456789" for char in plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def half_digit(value: Decimal) -> Decimal:
    """Half of one in the last printed place: what rounding alone leaves open.

    >>> half_digit(Decimal("12.3")), half_digit(Decimal("130"))
    (Decimal('0.05'), Decimal('0.5'))
    """
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # neither NaN nor infinite: ``read`` lets none through
    return Decimal(5).scaleb(min(exponent, 0) - 1)


def places(values: Sequence[Value], *, more_is_better: bool = True) -> list[Place]:
    """Each peer's place, in the order given.

    A peer is surely before another where its printed figure is better and the two bands do not overlap. Two printed alike
    are never told apart; where every band is nought, places are those of the printed figures.

    >>> found = places([Value("甲", Decimal("12.3"), Decimal("0.05")), Value("乙", Decimal("12.2"), Decimal("0.1")), Value("丙", Decimal("9.0"), Decimal("0.05"))])
    >>> [(one.printed, one.best, one.worst) for one in found]
    [(1, 1, 2), (2, 1, 2), (3, 3, 3)]
    """
    sign = 1 if more_is_better else -1
    spans = [(sign * one.value, one.band) for one in values]
    return [_place(one.name, at, spans) for at, one in enumerate(values)]


def _place(name: str, at: int, spans: Sequence[tuple[Decimal, Decimal]]) -> Place:
    mine = spans[at]
    others = [span for place, span in enumerate(spans) if place != at]
    return Place(name, 1 + sum(other[0] > mine[0] for other in others), 1 + sum(_before(other, mine) for other in others), len(spans) - sum(_before(mine, other) for other in others),
                 sum(other[0] == mine[0] for other in others))


def _before(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> bool:
    return one[0] > other[0] and one[0] - one[1] >= other[0] + other[1]
