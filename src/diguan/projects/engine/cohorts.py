"""A ratio takes two figures of one cohort; of two cohorts it is refused, with the reason (domain.md §0.9: 42.93 ÷ 120 is no rate of arrival)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from diguan.kernel.messages import Message


@dataclass(frozen=True)
class Cohort:
    """Which projects a figure is of: the rule that picks them, on which day, and whom it picked."""

    rule: str
    title: Message
    members: frozenset[int]
    as_of: dt.date


@dataclass(frozen=True)
class Figure:
    """A figure: ``num`` in its unit (fen for 元; None: nobody knows) and the cohort it is of."""

    name: str
    title: Message
    num: int | None
    unit: str
    cohort: Cohort


@dataclass(frozen=True)
class Ratio:
    """The answer in basis points, half up; None where the denominator is 0 or one of the two is not known."""

    top: Figure
    bottom: Figure
    points: int | None


@dataclass(frozen=True)
class Refused:
    """No ratio: why, and which projects only one of the two has."""

    top: Figure
    bottom: Figure
    reasons: tuple[Message, ...]
    only_top: frozenset[int] = frozenset()
    only_bottom: frozenset[int] = frozenset()


def ratio(top: Figure, bottom: Figure) -> Ratio | Refused:
    """One figure over another of the same cohort and unit.

    >>> day = dt.date(2025, 9, 30)
    >>> signed = Cohort("signed", Message("签约项目", "signed"), frozenset({1, 2}), day)
    >>> funded = Cohort("funded", Message("到资项目", "funded"), frozenset({2, 3}), day)
    >>> fen = Message("元", "yuan")
    >>> ratio(Figure("in_place", fen, 30, "元", signed), Figure("contracted", fen, 120, "元", signed)).points
    2500
    >>> no = ratio(Figure("in_place", fen, 4293, "元", funded), Figure("contracted", fen, 12000, "元", signed))
    >>> isinstance(no, Refused), sorted(no.only_top), sorted(no.only_bottom)
    (True, [3], [1])
    """
    reasons = tuple(_reasons(top, bottom))
    if reasons:
        return Refused(top, bottom, reasons, top.cohort.members - bottom.cohort.members, bottom.cohort.members - top.cohort.members)
    if top.num is None or not bottom.num:
        return Ratio(top, bottom, None)
    return Ratio(top, bottom, (2 * top.num * 10_000 + bottom.num) // (2 * bottom.num))


def _reasons(top: Figure, bottom: Figure) -> list[Message]:
    one, other, found = top.cohort, bottom.cohort, []
    if top.unit != bottom.unit:
        found.append(Message(f"单位不同：一个是{top.unit}，一个是{bottom.unit}", "the two are of different units"))
    if one.as_of != other.as_of:
        found.append(Message(f"时点不同：{one.as_of} 和 {other.as_of}", f"as of two days: {one.as_of} and {other.as_of}"))
    if one.rule != other.rule:
        found.append(Message(f"口径不同：分子是“{one.title.zh}”，分母是“{other.title.zh}”", f"two cohorts: above “{one.title.en}”, below “{other.title.en}”"))
    if one.members != other.members:
        more, less = len(one.members - other.members), len(other.members - one.members)
        found.append(Message(f"不是同一批项目：{more} 个只在分子里，{less} 个只在分母里", f"not the same projects: {more} only above, {less} only below"))
    return found
