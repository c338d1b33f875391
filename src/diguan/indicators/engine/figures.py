"""Figures in words in both languages, by their unit; and how a target keeps them."""

from __future__ import annotations

from decimal import Decimal

from diguan.kernel import money, units
from diguan.kernel.messages import Message

COUNTS = frozenset({"户", "家", "个", "项", "件", "人", "台", "次", "天"})
"""Units of what is counted whole."""
_ENGLISH = {"户": "firms", "家": "firms", "个": "", "条": "", "次": "", "宗": "", "项": "", "位": "", "只": "pieces", "个百分点": "percentage points"}
"""Measure words that English has none for, or another than the list of units."""
_FIRMS = frozenset({"户", "家", "个"})


def scale(unit: str) -> int:
    """So many storage units make one: fen of a yuan, basis points of a percent.

    >>> scale("元"), scale("%"), scale("元/亩"), scale("户"), scale("亩")
    (100, 100, 100, 1, 10000)
    """
    return 100 if unit.startswith("元/") else units.scale_of(unit)


def alike(one: str, other: str) -> bool:
    """Whether figures in two units may be held against each other as they are.

    >>> alike("户", "家"), alike("元", "%")
    (True, False)
    """
    return one == other or {one, other} <= _FIRMS


def words(unit: str, found: Decimal) -> Message:
    """A figure with its unit.

    >>> words("元", Decimal("42930000")).zh, words("%", Decimal("62.63")).en, words("户", Decimal(33)).en
    ('4,293 万元', '62.6%', '33 firms')
    """
    if unit == "%":
        return _twice(money.digits(found, 1) + "%")
    if unit == "元" or unit.startswith("元/"):
        fen, per = int((found * 100).to_integral_value()), unit[2:]
        return Message(*(money.words(fen, language) + (f"/{name}" if per else "") for language, name in (("zh", per), ("en", english(per)))))
    shown = money.digits(found, 2)
    return Message(f"{shown} {unit}".strip(), f"{shown} {english(unit)}".strip())


def apart(unit: str, found: Decimal) -> Message:
    """A difference: of two percentages it is percentage points.

    >>> apart("%", Decimal("12.5")).zh, apart("户", Decimal(2)).zh
    ('12.5 个百分点', '2 户')
    """
    return words("个百分点", Decimal(money.digits(found, 1))) if unit == "%" else words(unit, found)


def english(unit: str) -> str:
    """A unit in English, as far as it is known.

    >>> english("亩"), english("户"), english("元/亩"), english("某种单位")
    ('mu', 'firms', 'yuan/mu', '某种单位')
    """
    if unit in _ENGLISH:
        return _ENGLISH[unit]
    if unit not in units.UNITS and "/" in unit:
        return "/".join(map(english, unit.split("/")))
    return units.UNITS[unit].name_en if unit in units.UNITS else unit


def _twice(text: str) -> Message:
    return Message(text, text)
