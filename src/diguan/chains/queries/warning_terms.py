"""When a series is said to fall: dated thresholds of the packs (``warnings.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from diguan.chains.engine.warning import KINDS, LEAST_FIRMS, Line
from diguan.kernel import dated, packs
from diguan.kernel.dated import Dated, Entry
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

_LINE_KEYS = ("fact", "kind", "year_fall", "before_fall")


@dataclass(frozen=True)
class Terms(Dated):
    """The thresholds in force between two days."""

    least_firms: int
    joined: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def facts(self) -> list[str]:
        """Which facts they speak of."""
        return [line.fact for line in self.lines]


def known() -> Sequence[Terms]:
    """Every entry, oldest first.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return dated.known("warnings.yaml", _read)


def in_force(day: dt.date) -> Terms | None:
    """The thresholds of a day; of several the one that began last."""
    return dated.in_force(known(), day)


def _read(where: str, entry: Entry) -> Terms:
    span = dated.span(where, entry, ("least_firms", "joined_months", "series"))
    joined = entry.get("joined_months") or []
    if not isinstance(joined, list) or any(each not in range(1, 13) for each in joined) or joined != list(range(joined[0], joined[0] + len(joined)) if joined else []):
        raise PackError(where, Message("joined_months 要写同一年里连着的月份，如 [1, 2]", "joined_months are months of one year that follow each other, like [1, 2]"))
    lines = entry.get("series")
    if not isinstance(lines, list) or len(lines) < 2 or not all(isinstance(one, dict) for one in lines):
        raise PackError(where, Message("series 要写两项以上", "series is to hold two or more"))
    return Terms(*span, dated.number(where, entry, "least_firms", LEAST_FIRMS, 1000), tuple(joined), tuple(_line(dated.inside(where, one), one) for one in lines))


def _line(where: str, entry: Entry) -> Line:
    dated.only(where, entry, _LINE_KEYS)
    spec = packs.catalogue().get(str(entry.get("fact")))
    if spec is None or spec.period != "month" or not spec.numeric or spec.subject != "enterprise":
        near = nearest(str(entry.get("fact")), [name for name, one in packs.catalogue().items() if one.period == "month" and one.numeric], 0)
        raise PackError(where, Message(f"{entry.get('fact')} 不是按月的数字事实，最接近的是 {near}", f"{entry.get('fact')} is no monthly figure, the nearest is {near}"))
    if entry.get("kind") not in KINDS:
        raise PackError(where, Message("kind 只能是 flow（一个月的量）或 stock（月末的数）", "kind is flow (of a month) or stock (at its end)"))
    return Line(spec.name, entry["kind"], *(100 * dated.number(where, entry, name, 0, 100) for name in _LINE_KEYS[2:]))
