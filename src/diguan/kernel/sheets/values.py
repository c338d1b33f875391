"""What one cell says: exact numbers, days, periods, words. Nothing here goes through a float."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from diguan.kernel import periods, units, uscc
from diguan.kernel.messages import Message

BLANKS = frozenset({"", "-", "--", "---", "—", "——", "–", "/", "\\", "／", "…", "未知", "不详", "未报", "空"})
ABSENT_WORDS = frozenset({"无", "没有", "不适用"})
_FAILURES = re.compile(r"#?(NAN|N/A|NA|REF!?|VALUE!?|DIV/0!?|NAME\?|NULL!?|NUM!?|INF|-INF|INFINITY)", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?([eE][+-]?\d{1,3})?")
_NUMBER = re.compile(r"([+-]?[\d.,]+(?:[eE][+-]?\d{1,3})?)(.*)", re.DOTALL)
_YES = frozenset({"是", "有", "1", "true", "yes", "y", "√", "✓", "真"})
_NO = frozenset({"否", "0", "false", "no", "n", "×", "x", "假"})
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
_NEVER_BLANK = (float, int, dt.date)
MOST_SAFE = 2**53
MOST_QUICK = 10**15
MOST_DIGITS = 24  # products with unit factors stay within the 28 digits of exact decimals
_CHINESE_QUARTER = {"一": "1", "二": "2", "三": "3", "四": "4"}


class ValueProblem(ValueError):
    """A cell that cannot be read; ``message`` says what is wrong with it."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Message(zh, en)
        super().__init__(str(self.message))


def shown(value: Any) -> str:
    """The cell as a person would see it.

    >>> shown(3.0), shown("  a "), shown(dt.date(2026, 8, 31))
    ('3', 'a', '2026-08-31')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return str(value).strip()


def is_blank(value: Any) -> bool:
    """Whether the cell tells nothing: empty, a dash, or a word for not known."""
    if isinstance(value, str):
        return value == "" or _is_blank_text(value)
    return not isinstance(value, _NEVER_BLANK) and unicodedata.normalize("NFKC", shown(value)).strip() in BLANKS


@functools.lru_cache(maxsize=32_768)
def _is_blank_text(text: str) -> bool:
    return unicodedata.normalize("NFKC", text.strip()).strip() in BLANKS


def fail_on_failures(value: Any) -> None:
    """Refuse ``#N/A``, NaN and infinities, which are not the same as an empty cell.

    Raises:
        ValueProblem: it is one of them.
    """
    if (isinstance(value, float) and not math.isfinite(value)) or (
            isinstance(value, str) and _FAILURES.fullmatch(value.strip())):
        raise ValueProblem(f"这里是 {shown(value)}，不是数据；不知道就留空",
                           f"{shown(value)} is no value; leave the cell empty if it is not known")


def decimal_of(value: Any) -> tuple[Decimal, str]:
    """The exact number and the unit written behind it.

    A float is taken by its shortest spelling, which is what was typed.

    >>> decimal_of("１，２８６．５ 万元"), decimal_of(0.29)
    ((Decimal('1286.5'), '万元'), (Decimal('0.29'), ''))

    Raises:
        ValueProblem: it is no number.
    """
    fail_on_failures(value)
    if isinstance(value, (bool, dt.date | dt.time | dt.timedelta)):
        raise ValueProblem(f"这里应为数字，却是 {shown(value)}", f"a number is expected, not {shown(value)}")
    if isinstance(value, int | float):
        if abs(value) >= MOST_SAFE:
            raise ValueProblem("数字超过 15 位，Excel 已改动末尾；请以文本填写", "over 15 digits, Excel has altered the last ones; type it as text")
        return Decimal(repr(value)), ""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value))).replace("−", "-").lstrip("¥￥$'")
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    found = _NUMBER.fullmatch(text)
    if found is None or not any(map(str.isdigit, found.group(1))):
        raise ValueProblem(f"这里应为数字，却是“{shown(value)}”", f"a number is expected, not “{shown(value)}”")
    if _PLAIN.fullmatch(found.group(1)) is None:
        raise ValueProblem(f"数字写法有歧义：“{shown(value)}”（千分位逗号应每三位一个）",
                           f"ambiguous number “{shown(value)}” (thousands commas stand every three digits)")
    if len(found.group(1)) > MOST_DIGITS:
        raise ValueProblem("数字太长", "the number is too long")
    return Decimal(found.group(1).replace(",", "")), found.group(2)


def stored_number(value: Any, *, unit: str, factor: Decimal, scale: int) -> int:
    """The cell in storage units, exactly.

    Args:
        value: the cell.
        unit: the fact's declared unit (元, 人 …), '' if it has none.
        factor: declared units in one unit of the column (万元: 10000).
        scale: storage units in one declared unit.

    Raises:
        ValueProblem: no number, another unit, more decimals than the unit has, or beyond 64 bits.
    """
    whole = isinstance(value, float) and value.is_integer() and abs(value) < MOST_SAFE
    if whole and factor == (times := int(factor)):
        exact_whole = int(value) * times * scale  # most cells; the same as below without decimals
        if -(2**63) < exact_whole < 2**63:
            return exact_whole
    number, written = decimal_of(value)
    if written:
        known = units.unit_factor(written)
        if known is None or (unit and known[0] != unit):
            raise ValueProblem(f"单位“{written}”不对，这一列以{unit or '无单位数'}计", f"unit “{written}” does not fit, the column is in {unit or 'plain numbers'}")
        factor = known[1]
    exact = number * factor * scale
    if exact != exact.to_integral_value() and isinstance(value, float):
        # A result pasted as a value carries binary noise past the 15 digits Excel itself shows.
        exact = Decimal(format(value, ".15g")) * factor * scale
    if exact != exact.to_integral_value():
        # Nobody pays parts of a fen: who writes them counts in a larger unit than the column says.
        larger = Message("。填的若是万元，请在表头写上“（万元）”", ". If these are ten thousands of yuan, write （万元） into the heading") if unit == "元" else Message("", "")
        raise ValueProblem(f"小数位太多：{shown(value)}，最小单位是{_smallest(unit, scale)}{larger.zh}",
                           f"too many decimals in {shown(value)}; the smallest step is {_smallest(unit, scale)}{larger.en}")
    if not -(2**63) < exact < 2**63:
        raise ValueProblem("数字太大", "the number is too large")
    return int(exact)


def quick_number(value: float, parts: int) -> int | None:
    """The cell in ``parts`` (a power of ten) of its unit, where that is plain: what :func:`stored_number` gives, else None.

    Of two decimals of at most fifteen digits no two are the same float, so one that is this float is what was typed.

    >>> quick_number(0.29, 100), quick_number(1234.0, 100), quick_number(0.285, 100)
    (29, 123400, None)
    """
    whole = value * parts
    if not -MOST_QUICK < whole < MOST_QUICK:  # false for NaN too
        return None
    whole = round(whole)
    return whole if whole / parts == value else None


def _smallest(unit: str, scale: int) -> str:
    return "0.01 元（分）" if unit == "元" else f"{Decimal(1) / scale:f} {unit}".strip()


def day_of(value: Any) -> dt.date:
    """The day a cell names: a date cell, an Excel serial, or text such as 2026年8月31日 or 2026.08.31.

    Raises:
        ValueProblem: it names no day.
    """
    fail_on_failures(value)
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = _date_text(value)
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T?\d{2}:\d{2}(:\d{2})?)?", text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        if found:
            return dt.date(*(int(part) for part in found.groups()[:3]))
        if re.fullmatch(r"\d{5}", text) and int(text) in _SERIALS:
            return _EXCEL_EPOCH + dt.timedelta(days=int(text))
    except ValueError:
        pass
    raise ValueProblem(f"“{shown(value)}”不是日期；请写成 2026-08-31", f"“{shown(value)}” is no date; write 2026-08-31")


def _date_text(value: Any) -> str:
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", shown(value)))
    text = re.sub(r"[年月./\\]", "-", text).rstrip("日号-")
    return re.sub(r"-+", "-", text)


def period_of(value: Any, kind: str) -> periods.Period:
    """The period a cell names, of the kind asked for; a day stands for the month (quarter, year) it is in.

    >>> period_of("2026年8月", "month").text, period_of(202608.0, "month").text, period_of("2026.08.31", "month").text
    ('2026-08', '2026-08', '2026-08')

    Raises:
        ValueProblem: it names no period, or a longer or cumulative one.
    """
    return _period_of_text(value, kind) if isinstance(value, str) else _period_of(value, kind)


@functools.lru_cache(maxsize=4_096)
def _period_of_text(text: str, kind: str) -> periods.Period:
    return _period_of(text, kind)


def _period_of(value: Any, kind: str) -> periods.Period:
    fail_on_failures(value)
    if isinstance(value, float) and not value.is_integer():
        raise ValueProblem(f"“{shown(value)}”可能是 1 月也可能是 10 月；请写成 2026-10 这样的文本",
                           f"“{shown(value)}” may be January or October; write it as text like 2026-10")
    text = _date_text(value)
    if re.search(r"\d-\d{1,2}[-~至到]\d{1,2}(累计)?$", text) and re.search(r"[月至到~累]", shown(value)) and "日" not in shown(value):
        raise ValueProblem(f"“{shown(value)}”像是累计数；这张表要单期数", f"“{shown(value)}” looks cumulative; this sheet wants single periods")
    period = _period_by_form(text) or _period_of_day(value, kind)
    if period.kind == kind:
        return period
    order = ("day", "month", "quarter", "year")
    if order.index(period.kind) < order.index(kind):
        return periods.of_day(period.start, kind)
    raise ValueProblem(f"“{shown(value)}”的期间太长，这张表按{_KIND_ZH[kind]}填报", f"“{shown(value)}” is too long a period, the sheet is by {kind}")


_KIND_ZH = {"day": "日", "month": "月", "quarter": "季", "year": "年"}


def _period_by_form(text: str) -> periods.Period | None:
    text = re.sub(r"第?([一二三四1-4])季度?", lambda m: "Q" + _CHINESE_QUARTER.get(m[1], m[1]), text)
    text = re.sub(r"度$", "", text)
    found = re.fullmatch(r"(\d{4})-?(\d{1,2})(?:-?份)?", text)
    if found and (len(text) >= 6) and 1 <= int(found[2]) <= 12:
        return periods.parse(f"{found[1]}-{int(found[2]):02d}")
    found = re.fullmatch(r"(\d{4})-?[Qq]([1-4])", text)
    if found:
        return periods.parse(f"{found[1]}-Q{found[2]}")
    if re.fullmatch(r"(19|20)\d\d", text.rstrip("-")):
        return periods.parse(text.rstrip("-"))
    return None


def _period_of_day(value: Any, kind: str) -> periods.Period:
    try:
        return periods.of_day(day_of(value), kind)
    except ValueProblem as error:
        raise ValueProblem(f"“{shown(value)}”不是期间；请写成 2026-08", f"“{shown(value)}” is no period; write 2026-08") from error


def bool_of(value: Any) -> int:
    """1 or 0 for a yes or no in the words forms use.

    Raises:
        ValueProblem: it is neither.
    """
    fail_on_failures(value)
    text = unicodedata.normalize("NFKC", shown(value)).strip().lower()
    if text in _YES or text in _NO:
        return int(text in _YES)
    raise ValueProblem(f"“{shown(value)}”应为是或否", f"“{shown(value)}” should be 是 or 否 (yes or no)")


def uscc_of(value: Any) -> str:
    """A valid credit code.

    Raises:
        ValueProblem: wrong length, character or check digit.
    """
    fail_on_failures(value)
    if isinstance(value, float | int):
        raise ValueProblem("信用代码被 Excel 当作数字，末几位已丢失；请把该列设为文本重填",
                           "Excel took the code for a number and lost its last digits; set the column to text and retype it")
    code = uscc.normalise(shown(value))
    wrong = uscc.problem(code)
    if wrong:
        raise ValueProblem(wrong.zh, wrong.en)
    return code


def choice_of(value: Any, choices: Mapping[str, str]) -> str:
    """The stored value of a word.

    Raises:
        ValueProblem: the word is not among them.
    """
    fail_on_failures(value)
    from diguan.kernel.sheets.declare import heading_key

    key = heading_key(shown(value))
    if key not in choices:
        raise ValueProblem(f"“{shown(value)}”不在可填的词之中：{'、'.join(choices)}",
                           f"“{shown(value)}” is not one of: {', '.join(choices)}")
    return choices[key]


def text_of(value: Any) -> str:
    """The words of a cell, half-width digits and letters, inner spaces single.

    Raises:
        ValueProblem: it is ``#N/A`` or the like.
    """
    fail_on_failures(value)
    return re.sub(r"\s+", " ", shown(value)).strip()
