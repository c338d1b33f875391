"""A figure of ours held against one that was printed, at the digits that were printed."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

EQUAL, LEAST, MORE, TARGET = "equal", "at_least", "more_than", "target"
COMPARES = (EQUAL, LEAST, MORE, TARGET)
"""As printed; so many or more (30 余); more than so many (超过 60%); what is aimed at and need not be there yet."""
_TIMES = (("万亿", 10**12), ("亿", 10**8), ("万", 10**4))


def times(unit: str) -> int:
    """By how much a printed number is to be multiplied to count in the unit behind.

    >>> times("亿元"), times("万只"), times("%"), times("家")
    (100000000, 10000, 1, 1)
    """
    return next((many for word, many in _TIMES if unit.startswith(word)), 1)


def printed(found: Decimal, said: Decimal, unit: str) -> Decimal:
    """A figure as it would be printed: in that unit, with as many decimals as were said, halves up.

    >>> printed(Decimal("299520"), Decimal("30"), "万只"), printed(Decimal("160.6214"), Decimal("160.62"), "%"), printed(Decimal("4293000000"), Decimal("42.93"), "亿元")
    (Decimal('30'), Decimal('160.62'), Decimal('42.93'))
    """
    return (found / times(unit)).quantize(Decimal(1).scaleb(int(said.as_tuple().exponent)), ROUND_HALF_UP)


def agrees(found: Decimal, said: Decimal, unit: str, compare: str) -> bool:
    """Whether our figure bears out the printed one.

    >>> agrees(Decimal("59.6"), Decimal("60"), "%", "equal"), agrees(Decimal("59.4"), Decimal("60"), "%", "equal")
    (True, False)
    >>> agrees(Decimal("30"), Decimal("30"), "批", "at_least"), agrees(Decimal("60"), Decimal("60"), "%", "more_than")
    (True, False)
    """
    if compare == EQUAL:
        return printed(found, said, unit) == said
    ours = found / times(unit)
    return ours > said if compare == MORE else ours >= said
