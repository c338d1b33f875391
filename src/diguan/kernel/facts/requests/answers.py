"""What somebody types into an answer, read by the very rules of the sheets."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from diguan.kernel import periods
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.factrow import FactRow
from diguan.kernel.sheets import values

MOST = 100_000_000_000
"""No figure of one firm's one period is larger, in its unit: a thousand 亿 of yuan."""
_EPOCH = periods.Day(1970, 1, 1).toordinal()


def read_answer(subject_id: str, spec: FactSpec, period: str, text: str) -> FactRow | None:
    """One answer as a row of a batch; None where nothing is told. 无 says that there is none; a number may name its unit.

    >>> from diguan.kernel.catalogue import make_spec
    >>> read_answer("x", make_spec("", name="tax.paid", type="money", period="month"), "2026-08", "12.5万元").num
    12500000

    Raises:
        values.ValueProblem: it is no such value; the message says what was expected.
    """
    if values.is_blank(text):
        return None
    span = periods.parse(period)
    if unicodedata.normalize("NFKC", text).strip() in values.ABSENT_WORDS:
        return FactRow(spec.subject, subject_id, spec.name, span, state="absent")
    return FactRow(spec.subject, subject_id, spec.name, span, num=_number(spec, text))


def _number(spec: FactSpec, text: str) -> int:
    if spec.type == "bool":
        return values.bool_of(text)
    if spec.type == "date":
        return values.day_of(text).toordinal() - _EPOCH
    number = values.stored_number(text, unit=spec.unit, factor=Decimal(1), scale=spec.scale)
    if number < 0 and spec.non_negative:
        raise values.ValueProblem(f"“{spec.label()}”不会是负数", f"“{spec.label('en')}” cannot be negative")
    if abs(number) > MOST * spec.scale:
        raise values.ValueProblem(f"“{spec.label()}”大得不像真的；核对一下单位", f"“{spec.label('en')}” is too large to be true; check the unit")
    return number
