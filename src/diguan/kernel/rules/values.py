"""Values as policies write them: quantities with units, dates, codes, words; checked against the fact."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

from diguan.kernel import units
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.messages import Message
from diguan.kernel.packs import Codes
from diguan.kernel.rules.tree import AsOf, Ratio, Read, Source, Value

_AS_OF = re.compile(r"as_of(?:\s*([+-])\s*(\d{1,4})\s*months?)?")
_BOOLS = {"true": True, "false": False}


class ValueProblem(ValueError):
    """A value that does not fit; ``nearest`` is the nearest valid one."""

    def __init__(self, zh: str, en: str, nearest: str | None = None) -> None:
        self.message, self.nearest = Message(zh, en), nearest
        super().__init__(str(self.message))


def quantity(text: str, unit: str, *, needs_unit: bool = False) -> Fraction:
    """An exact number in the display unit; ``unit`` '' takes none.

    >>> quantity("10万元", "元"), quantity("3%", "%")
    (Fraction(100000, 1), Fraction(3, 1))

    Raises:
        ValueProblem: no number, or another unit.
    """
    try:
        number, written = units.parse_number(text)
    except units.UnitError as error:
        raise ValueProblem(f"{text!r} 不是数", f"{text!r} is no number") from error
    if not written:
        if needs_unit:
            raise ValueProblem(f"{text!r} 要写单位（{unit}）", f"{text!r} needs its unit ({unit})", unit)
        return Fraction(number)
    found = units.unit_factor(written)
    if found is None or found[0] != unit:
        raise ValueProblem(f"单位 {written} 用不上，这里是 {unit or '没有单位的数'}",
                           f"unit {written} does not fit, {unit or 'no unit'} is expected", unit or None)
    return Fraction(number) * Fraction(found[1])


def money_fen(text: str) -> int:
    """Whole fen of an amount written with its unit."""
    fen = quantity(text, "元", needs_unit=True) * 100
    if fen.denominator != 1 or fen < 0:
        raise ValueProblem(f"{text!r} 应是不小于零、精确到分的金额", f"{text!r} must be a non-negative amount in whole fen")
    return int(fen)


def date(text: str) -> dt.date:
    """An ISO date."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueProblem(f"{text!r} 不是日期，应写成 2026-06-30", f"{text!r} is no date, write 2026-06-30")


def share(text: str) -> Fraction:
    """A percentage in units of one: 3% is 3/100."""
    number = quantity(text, "%") if text.strip().endswith(("%", "％")) else quantity(text, "") * 100
    return number / 100


def pair(text: str, above: str, below: str) -> Fraction:
    """``10万元/亩``: so much of one display unit per one of another.

    >>> pair("10万元/亩", "元", "亩")
    Fraction(100000, 1)
    """
    top, slash, bottom = text.rpartition("/")
    if not slash:
        raise ValueProblem(f"{text!r} 应写成 10{above}/{below}", f"{text!r}: write 10{above}/{below}")
    divisor = quantity(bottom if re.match(r"\s*[\d.]", bottom) else f"1{bottom.strip()}", below)
    if divisor == 0:
        raise ValueProblem(f"{text!r} 的分母是零", f"{text!r} divides by zero")
    return quantity(top, above) / divisor


def rate(text: str, of: Read) -> Fraction:
    """Yuan per display unit of the base: a share of money, or ``2000 元/人`` of a number."""
    return pair(text, "元", of.fact.unit) if "/" in text else share(text)


def parse(text: str, of: Source, codes: Codes | None, *, prefix: bool = False) -> Value:
    """A value to compare a source with.

    Raises:
        ValueProblem: it does not fit the source's type.
    """
    if isinstance(of, Ratio):
        return share(text) if of.type == "percent" else pair(text, of.a.unit, of.b.unit)
    if of.type == "percent":
        return share(text if text.strip().endswith(("%", "％")) else f"{text}%")  # a growth is told in %
    if of.type == "count":
        return quantity(text, "")
    return of_type(text, of.fact, codes, prefix=prefix)


def distance(text: str, of: Source) -> Fraction:
    """How far a source is from a value, in its own unit; between dates in days.

    Raises:
        ValueProblem: it is no number of that unit.
    """
    if of.type == "date":
        return quantity(text, "天")
    found = parse(text, of, None)
    assert isinstance(found, Fraction)  # only numbers and dates are compared by order
    return found


def of_type(text: str, fact: FactSpec, codes: Codes | None, *, prefix: bool = False) -> Value:
    """A value of the fact's own type."""
    if fact.type == "money":
        return quantity(text, "元", needs_unit=True)
    if fact.type == "number":
        return quantity(text, fact.unit)
    if fact.type == "bool":
        if text not in _BOOLS:
            raise ValueProblem(f"{text!r} 应是 true 或 false", f"{text!r} must be true or false")
        return _BOOLS[text]
    if fact.type == "date":
        found = _AS_OF.fullmatch(text.strip())
        return AsOf(int(f"{found[1] or '+'}{found[2] or 0}")) if found else date(text)
    if fact.type in ("region", "industry"):
        return _code(text, fact.type, codes, prefix=prefix)
    if not text:
        raise ValueProblem("值是空的", "the value is empty")
    return text


def _code(text: str, kind: str, codes: Codes | None, *, prefix: bool) -> str:
    longest = 6 if kind == "region" else 4
    section = kind == "industry" and re.fullmatch(r"[A-T]", text)
    if not (section or re.fullmatch(rf"\d{{1,{longest}}}", text)) or (not prefix and kind == "region" and len(text) != longest):
        near = codes and (codes.nearest_region(text) if kind == "region" else codes.nearest_industry(text))
        raise ValueProblem(f"{text!r} 不是{'区划' if kind == 'region' else '行业'}代码", f"{text!r} is no {kind} code", near or None)
    if codes is not None and not _listed(text, codes.regions if kind == "region" else codes.industries, kind):
        near = codes.nearest_region(text) if kind == "region" else codes.nearest_industry(text)
        raise ValueProblem(f"没有代码 {text}", f"no such {kind} code {text}", near)
    return text


def _listed(text: str, table: object, kind: str) -> bool:
    """Listed itself or a prefix of a listed code; where a group's members are not listed, its group decides."""
    known = list(table)  # type: ignore[call-overload]
    if any(code.startswith(text) for code in known):
        return True
    group = 4 if kind == "region" else 2
    siblings = [code for code in known if code[:group] == text[:group] and not code.endswith("00")]
    if kind == "region":
        return not siblings and any(code[:2] == text[:2] for code in known)
    return len(text) >= 2 and any(code[:2] == text[:2] for code in known)


def check_read(read: Read) -> None:
    """The aggregation fits the fact's type.

    Raises:
        ValueProblem: sum or growth of what is no number, max or min of words.
    """
    fact, agg = read.fact, read.agg
    if agg == "growth" and read.window is not None and read.window.name == "all":
        raise ValueProblem("growth 不能配 all：没有去年同期", "growth over all has no year earlier")
    if agg in ("sum", "growth") and not fact.numeric:
        raise ValueProblem(f"{fact.name} 不是数，不能 {agg}", f"{fact.name} is no number, it has no {agg}")
    if agg in ("max", "min") and not (fact.numeric or fact.type == "date"):
        raise ValueProblem(f"{fact.name} 不能取 {agg}", f"{fact.name} has no {agg}")
