"""Limits and the assumption about the way: dated data of the packs (``outreach.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diguan.kernel import dated
from diguan.kernel.dated import Dated, Entry
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError
from diguan.outreach.engine import limits, travel

_TRAVEL = {"speed_kmh": (5, 300), "detour_percent": (0, 200), "doors_minutes": (0, 120), "unknown_minutes": (0, 600)}


@dataclass(frozen=True)
class Terms(Dated):
    """What is in force: limits, and how coordinates become minutes."""

    limits: limits.Limits
    travel: travel.Assumption


def known() -> Sequence[Terms]:
    """Every entry, oldest first.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return dated.known("outreach.yaml", _read)


def in_force(day: dt.date) -> Terms | None:
    """What holds on a day; of several the one that began last."""
    return dated.in_force(known(), day)


def assumption(day: dt.date) -> travel.Assumption:
    """How coordinates become minutes on a day; the latest one known where none is in force."""
    found = known()
    of = dated.in_force(found, day) or (found[-1] if found else None)
    return of.travel if of else travel.Assumption(60, 30, 15, 60)


def _read(where: str, entry: Entry) -> Terms:
    span, way = dated.span(where, entry, ("per_day", "travel")), entry.get("travel")
    if not isinstance(way, dict):
        raise PackError(where, Message("travel 要写路程假设", "travel is to say how the way is reckoned"))
    dated.only(where, way, tuple(_TRAVEL))
    return Terms(*span, _per_day(where, entry.get("per_day")), travel.Assumption(*(dated.number(where, way, name, *bounds) for name, bounds in _TRAVEL.items())))


def _per_day(where: str, found: Any) -> dict[str, dict[str, int]]:
    if not isinstance(found, dict):
        raise PackError(where, Message("per_day 要按类别写限额", "per_day is to hold limits by kind"))
    dated.only(where, found, limits.KINDS)
    read: dict[str, dict[str, int]] = {}
    for kind, by_region in found.items():
        if kind == "__line__":
            continue
        if not isinstance(by_region, dict):
            raise PackError(where, Message(f"{kind} 要按地区写，其他地方写 default", f"{kind} is to be by region, default for everywhere else"))
        for code in by_region:
            if code not in ("__line__", "default") and not (isinstance(code, str) and code.isdigit() and len(code) in (2, 4, 6)):
                raise PackError(where, Message(f"{code} 不是行政区划代码的开头，要加引号写 2、4 或 6 位", f"{code} does not begin a region code: quote 2, 4 or 6 digits"))
        read[kind] = {"" if code == "default" else code: 100 * dated.number(where, by_region, code, 1, 100_000) for code in by_region if code != "__line__"}
    return read
