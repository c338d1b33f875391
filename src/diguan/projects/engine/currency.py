"""Money of other countries into fen: whole numbers from beginning to end.

Amounts are minor units (cents); the digits after the point of a currency are those of ISO 4217. A rate is 人民币 per one unit of the
currency in 0.00000001 yuan, so that the central parity per 100 yen has its place too.
"""

from __future__ import annotations

from decimal import Decimal

CNY = "CNY"
DIGITS = {CNY: 2, "USD": 2, "EUR": 2, "HKD": 2, "GBP": 2, "SGD": 2, "AUD": 2, "CAD": 2, "CHF": 2, "TWD": 2, "MOP": 2, "THB": 2, "JPY": 0, "KRW": 0, "VND": 0}
"""Digits after the point by ISO 4217, of the currencies contracts of the county are in."""
RATE = 10**8


def fen_of(minor: int, currency: str, rate: int) -> tuple[int, bool]:
    """An amount in fen, half up, and whether it had to be rounded.

    Args:
        minor: minor units of the currency.
        currency: ISO 4217, one of :data:`DIGITS`.
        rate: 0.00000001 yuan for one unit.

    >>> fen_of(100_000_000, "USD", 712_345_678), fen_of(1, "USD", 750_000_000), fen_of(1, "JPY", 4_850_000)
    ((712345678, False), (8, True), (5, True))
    """
    over = 10 ** DIGITS[currency] * RATE
    whole, rest = divmod(minor * rate * 100, over)
    return whole + (2 * rest >= over), bool(rest)


def minor_of(amount: Decimal, currency: str) -> int | None:
    """An amount as it is written in minor units; None where it has more digits than the currency.

    >>> minor_of(Decimal("12.50"), "USD"), minor_of(Decimal("12.5"), "JPY")
    (1250, None)
    """
    found = amount.scaleb(DIGITS[currency])
    return int(found) if found == found.to_integral_value() else None


def rate_of(written: Decimal, per: int = 1) -> int | None:
    """A rate as it is published, for one or for a hundred units; None where it has more than eight digits after the point.

    >>> rate_of(Decimal("7.1234")), rate_of(Decimal("4.7512"), 100)
    (712340000, 4751200)
    """
    found = written * RATE / per
    return int(found) if found == found.to_integral_value() else None


def words(minor: int, currency: str) -> str:
    """An amount in its own currency.

    >>> words(123_456_789, "USD"), words(5_000, "JPY")
    ('USD 1,234,567.89', 'JPY 5,000')
    """
    return f"{currency} {Decimal(minor).scaleb(-DIGITS[currency]):,.{DIGITS[currency]}f}"
