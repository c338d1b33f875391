"""What any field of this room must be like: texts that fit, credit codes that are some, figures within reason."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from diguan.kernel import uscc
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

MOST_FEN = 10**15
"""Ten trillion yuan: above it a unit was mistaken."""
MOST_JOBS = 10_000_000
"""More than any firm has, and less than the column takes on every database."""


def no(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal of one sentence."""
    return Refusal(code, [Message(zh, en)], field)


def column(model: Any, name: str) -> int:
    """How many characters a column of text takes."""
    return model._meta.get_field(name).max_length or 0


def text(name: str, told: object, most: int, *, needed: bool = False) -> None:
    """Let pass a text that fits; one that is needed has two characters at least.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    if not isinstance(told, str) or (needed and len(told.strip()) < 2) or len(told) > most or "\x00" in told:
        raise no("invalid", f"{'要填，' if needed else ''}最多 {most} 个字", f"{'needed, ' if needed else ''}{most} characters at most", name)


def credit_code(name: str, told: str) -> None:
    """Let pass a valid unified social credit code, or none.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    if told and not uscc.valid(told):
        raise no("invalid", "不是有效的统一社会信用代码", "not a valid unified social credit code", name)


def figure(name: str, told: int | Fraction | None, most: int | Fraction) -> None:
    """Let pass a figure that is not negative and not beyond reason, or none.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    if told is not None and not 0 <= told <= most:
        raise no("invalid", "不能是负数，也不能太大；请核对单位", "neither negative nor that large: check the unit", name)
