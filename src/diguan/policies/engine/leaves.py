"""One comparison as the fields of a form, and back; every field that says the same keeps what was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from diguan.kernel import units

Data: TypeAlias = Any
FIELDS = ("fact", "divisor", "over", "agg", "op", "value", "high", "unit")
LISTS = ("in", "starts_with")
"""Operators that take many values."""
_SPLIT = re.compile(r"\s*[、，；,;\n]\s*")
_QUANTITY = re.compile(r"\s*([+-]?[\d.,]+)\s*([^\d\s.,].*?)\s*")


def fields_of(leaf: Mapping[str, Data]) -> dict[str, str]:
    """A comparison as fields; a quantity is told apart into number and unit where both ends have the same.

    >>> sorted((name, text) for name, text in fields_of({"fact": "tax.paid", "op": "between", "value": ["3万元", "5万元"]}).items() if text)
    [('fact', 'tax.paid'), ('high', '5'), ('op', 'between'), ('unit', '万元'), ('value', '3')]
    """
    ratio = leaf.get("ratio")
    above, below = (str(ratio[0]), str(ratio[1])) if isinstance(ratio, list) and len(ratio) == 2 else (_text(leaf.get("fact")), "")
    op, value = _text(leaf.get("op")), leaf.get("value", "")
    parts = [_text(part) for part in value] if isinstance(value, list) else [_text(value)]
    found = {"fact": above, "divisor": below, "over": _text(leaf.get("over")), "agg": _text(leaf.get("agg")), "op": op, "high": "", "unit": ""}
    if op == "between" and len(parts) == 2:
        split = [_split(part) for part in parts]
        if split[0][1] == split[1][1]:
            return found | {"value": split[0][0], "high": split[1][0], "unit": split[0][1]}
        return found | {"value": parts[0], "high": parts[1]}
    if op in LISTS or len(parts) != 1:
        return found | {"value": "、".join(parts)}
    number, unit = _split(parts[0])
    return found | {"value": number, "unit": unit}


def leaf_of(fields: Mapping[str, str], old: Mapping[str, Data] | None = None) -> dict[str, Data]:
    """The comparison that fields say; what says the same as before is written as before.

    >>> leaf_of({"fact": "tax.paid", "over": "previous_year", "agg": "sum", "op": ">=", "value": "200", "unit": "万元"})
    {'fact': 'tax.paid', 'over': 'previous_year', 'agg': 'sum', 'op': '>=', 'value': '200万元'}
    """
    given = {name: str(fields.get(name, "") or "").strip() for name in FIELDS}
    if old is not None and given == fields_of(old):
        return dict(old)
    found: dict[str, Data] = {"ratio": [given["fact"], given["divisor"]]} if given["divisor"] else {"fact": given["fact"]}
    found |= {name: given[name] for name in ("over", "agg") if given[name]}
    found["op"] = given["op"]
    value = _value(given)
    return found if value is None else found | {"value": value}


def _value(given: Mapping[str, str]) -> Data:
    op, unit = given["op"], given["unit"]
    if op == "exists" or not given["value"]:
        return None
    if op == "between":
        return [_with(given["value"], unit), _with(given["high"], unit)]
    if op not in LISTS:
        return _with(given["value"], unit)
    parts = [_with(part, unit) for part in _SPLIT.split(given["value"]) if part]
    return parts if op == "in" or len(parts) > 1 else parts[0]


def _with(number: str, unit: str) -> str:
    """A number with the unit chosen beside it; one that brings its own keeps it."""
    return f"{number}{unit}" if unit and re.fullmatch(r"[+-]?[\d.,]+", number) else number


def _split(text: str) -> tuple[str, str]:
    found = _QUANTITY.fullmatch(text)
    if found is None or units.unit_factor(found[2]) is None:
        return text, ""
    return found[1], found[2]


def _text(value: Data) -> str:
    return value if isinstance(value, str) else ""
