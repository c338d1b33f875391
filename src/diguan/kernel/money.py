"""Money and shares in words, and back. Stored whole: money in fen 分, shares in basis points.

Below ten thousand yuan the unit is 元, below a hundred million 万元 with one decimal at most, above
亿元 with two; the minus sign is − and a thousands comma divides.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from diguan.kernel import units

WAN = 10_000
YI = 100_000_000
_PLACES = {"元": 2, "万元": 1, "亿元": 2}
_YUAN = {"元": 1, "万元": WAN, "亿元": YI}


def unit_for(fen: int) -> str:
    """元, 万元 or 亿元: the unit in which an amount of this size is read.

    >>> unit_for(128_600), unit_for(42_600_000), unit_for(28_600_000_000)
    ('元', '万元', '亿元')
    """
    yuan = abs(fen) / 100
    # An amount that rounding would lift to the next unit is shown in that unit: not 10,000.0 万元.
    if yuan < WAN:
        return "元"
    return "万元" if round(yuan / WAN, 1) < WAN else "亿元"


def digits(value: Decimal, places: int) -> str:
    """A number with thousands commas, at most ``places`` decimals, no trailing zeros, − for minus.

    >>> digits(Decimal("-1756.30"), 2)
    '−1,756.3'
    """
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if rounded < 0 else text


def figure(fen: int, unit: str | None = None) -> tuple[str, str]:
    """The figure and its unit apart, for a tile or a column of one unit.

    >>> figure(42_600_000)
    ('42.6', '万元')
    """
    unit = unit or unit_for(fen)
    return digits(Decimal(fen) / 100 / _YUAN[unit], _PLACES[unit]), unit


def words(fen: int, language: str = "zh", unit: str | None = None) -> str:
    """An amount in words.

    >>> words(128_600), words(42_600_000), words(28_600_000_000), words(-3_500_000)
    ('1,286 元', '42.6 万元', '2.86 亿元', '−3.5 万元')
    >>> words(42_600_000, "en")
    '426,000 yuan'
    """
    if not language.startswith("zh"):
        return f"{_yuan(fen)} yuan" if abs(fen) < YI * 100 else f"{_millions(fen)} million yuan"
    number, unit = figure(fen, unit)
    return f"{number} {unit}"


def _yuan(fen: int) -> str:
    """English has no ten thousands: from there on whole yuan."""
    return digits(Decimal(fen) / 100, 2 if abs(fen) < WAN * 100 else 0)


def exact(fen: int) -> str:
    """To the fen, for a tooltip or a file.

    >>> exact(42_600_001)
    '426000.01'
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def span(low: int, high: int, language: str = "zh") -> str:
    """A range in one unit, that of its upper end.

    >>> span(1_756_300_000, 2_468_900_000)
    '1,756.3–2,468.9 万元'
    >>> span(1_756_300_000, 2_468_900_000, "en")
    '17,563,000–24,689,000 yuan'
    """
    if low == high:
        return words(low, language)
    if not language.startswith("zh"):
        small = abs(high) < YI * 100
        return f"{_yuan(low)}–{_yuan(high)} yuan" if small else f"{_millions(low)}–{_millions(high)} million yuan"
    unit = unit_for(high)
    return f"{figure(low, unit)[0]}–{figure(high, unit)[0]} {unit}"


def parse(text: str, unit: str = "元") -> int:
    """Fen from what a person typed; ``unit`` is meant when none is written.

    >>> parse("852", unit="万元"), parse("1,286.5 元"), parse("2.86亿元")
    (852000000, 128650, 28600000000)

    Raises:
        units.UnitError: no number, an unknown unit, or a fraction of a fen.
    """
    number, written = units.parse_number(text)
    found = units.unit_factor(written or unit)
    if found is None or found[0] != "元":
        raise units.UnitError(text)
    fen = number * found[1] * 100
    if fen != fen.to_integral_value():
        raise units.UnitError(text)
    return int(fen)


def percent(basis_points: int) -> str:
    """A share with one decimal, two where the second says something.

    >>> percent(412), percent(300), percent(271), percent(-50)
    ('4.12%', '3%', '2.71%', '−0.5%')
    """
    return f"{digits(Decimal(basis_points) / 100, 2)}%"


def _millions(fen: int) -> str:
    return digits(Decimal(fen) / 100 / 1_000_000, 2)
