"""Units: what a number is written in, and the integer unit it is stored in.

Money is stored in fen, shares in basis points, people and days whole, electricity in 0.01 kWh,
land in 0.0001 mu. A unit not listed here is stored as it is written (scale 1).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_PREFIX = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10**4),
           "百万": Decimal(10**6), "千万": Decimal(10**7), "亿": Decimal(10**8)}
_QUANTITY = re.compile(r"([+-]?(?:\d[\d,]*\.?\d*|\.\d+))\s*([^\d\s].*)?")
MOST_PLACES = 4


class UnitError(ValueError):
    """A quantity that is no number, or whose unit is not the fact's."""


@dataclass(frozen=True)
class Unit:
    """A unit a fact may be declared in. ``scale`` storage units make one of it."""

    name: str
    scale: int
    name_en: str


# The fact's own (display) units. Others are multiples of these, by prefix: 万元, 千瓦时, 万人 …
UNITS = {unit.name: unit for unit in (
    Unit("元", 100, "yuan"),
    Unit("%", 100, "%"),
    Unit("人", 1, "people"),
    Unit("天", 1, "days"),
    Unit("工作日", 1, "working days"),
    Unit("家", 1, "enterprises"),
    Unit("件", 1, "pieces"),
    Unit("项", 1, "items"),
    Unit("台", 1, "units"),
    Unit("次", 1, "times"),
    Unit("月", 1, "months"),
    Unit("年", 1, "years"),
    Unit("kWh", 100, "kWh"),
    Unit("亩", 10_000, "mu"),
    Unit("平方米", 100, "m²"),
    Unit("立方米", 100, "m³"),
    Unit("吨", 10_000, "tonnes"),
    Unit("吨标准煤", 10_000, "tce"),
    Unit("美元", 100, "US dollars"),
)}
_SYNONYMS = {"％": "%", "度": "kWh", "千瓦时": "kWh", "KWh": "kWh", "kwh": "kWh", "人次": "次", "户": "家", "日": "天",
             "m2": "平方米", "㎡": "平方米", "m3": "立方米", "个": "件"}


def unit_factor(text: str) -> tuple[str, Decimal] | None:
    """Split a written unit into a declared unit and a factor; None if unknown.

    >>> unit_factor("万元"), unit_factor("kWh")
    (('元', Decimal('10000')), ('kWh', Decimal('1')))
    """
    text = unicodedata.normalize("NFKC", text).strip() if text != "％" else "%"
    for prefix in sorted(_PREFIX, key=len, reverse=True):
        if not text.startswith(prefix):
            continue
        rest = text[len(prefix):]
        rest = _SYNONYMS.get(rest, rest)
        if rest in UNITS:
            return rest, _PREFIX[prefix]
    return None


def parse_number(text: str) -> tuple[Decimal, str]:
    """Read ``5000000 元``, ``3%``, ``1,286.5`` into an exact number and the unit text ('' if none).

    Raises:
        UnitError: the text does not begin with a number.
    """
    cleaned = unicodedata.normalize("NFKC", str(text)).replace("−", "-").strip()
    found = _QUANTITY.fullmatch(cleaned)
    if found is None:
        raise UnitError(text)
    try:
        return Decimal(found.group(1).replace(",", "")), (found.group(2) or "").strip()
    except InvalidOperation as error:
        raise UnitError(text) from error


def scale_of(unit: str) -> int:
    """Storage units in one declared unit; 1 where the unit is not listed."""
    return UNITS[unit].scale if unit in UNITS else 1
