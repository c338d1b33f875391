"""Limits and the assumption about the way: dated data of the packs (``outreach.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.kernel import packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError
from diguan.outreach.engine import limits, travel

_KEYS = ("effective_from", "effective_to", "source", "provisional", "per_day", "travel")
_TRAVEL = ("speed_kmh", "detour_percent", "doors_minutes", "unknown_minutes")
_MOST = {"speed_kmh": 300, "detour_percent": 200, "doors_minutes": 120, "unknown_minutes": 600}


@dataclass(frozen=True)
class Terms:
    """What is in force: limits, and how coordinates become minutes."""

    limits: limits.Limits
    travel: travel.Assumption

    @property
    def source(self) -> Message:
        """Where the limits come from."""
        return Message(self.limits.source_zh, self.limits.source_en)


def known() -> Sequence[Terms]:
    """Every entry, oldest first: those of the last pack that has the file, which replaces it whole. Read again when the file changes.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files("outreach.yaml"))[-1:], packs.folders())


def in_force(day: dt.date) -> Terms | None:
    """What holds on a day; of several the one that began last."""
    found = limits.in_force([one.limits for one in known()], day)
    return next((one for one in known() if one.limits is found), None)


def assumption(day: dt.date) -> travel.Assumption:
    """How coordinates become minutes on a day; the latest one known where none is in force."""
    found = in_force(day) or (known()[-1] if known() else None)
    return found.travel if found else travel.Assumption(60, 30, 15, 60)


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Sequence[Terms]:
    return sorted((_read(path, entry) for path, _stamp in stamped for entry in packs.entries(path)), key=lambda one: one.limits.effective_from)


def _read(path: Path, entry: Mapping[str, Any]) -> Terms:
    where = f"{path}:{entry.get('__line__', 1)}"
    _only(where, entry, _KEYS)
    first, last, words = entry.get("effective_from"), entry.get("effective_to"), entry.get("source")
    if not isinstance(first, dt.date) or not (last is None or (isinstance(last, dt.date) and last >= first)):
        raise PackError(where, Message("effective_from 要写日期，effective_to 不写或不早于它", "effective_from is to be a day, effective_to none or not before it"))
    if not (isinstance(words, dict) and words.get("zh") and words.get("en")):
        raise PackError(where, Message("source 要写明出处：{zh: …, en: …}", "source is to name where it comes from: {zh: …, en: …}"))
    way = entry.get("travel")
    if not isinstance(way, dict):
        raise PackError(where, Message("travel 要写路程假设", "travel is to say how the way is reckoned"))
    _only(where, way, _TRAVEL)
    numbers = {name: _number(where, way.get(name), name, 0 if name != "speed_kmh" else 5, _MOST[name]) for name in _TRAVEL}
    return Terms(limits.Limits(first, last, words["zh"], words["en"], entry.get("provisional") is True, _per_day(where, entry.get("per_day"))),
                 travel.Assumption(numbers["speed_kmh"], numbers["detour_percent"], numbers["doors_minutes"], numbers["unknown_minutes"]))


def _per_day(where: str, found: Any) -> dict[str, dict[str, int]]:
    if not isinstance(found, dict):
        raise PackError(where, Message("per_day 要按类别写限额", "per_day is to hold limits by kind"))
    _only(where, found, limits.KINDS)
    read: dict[str, dict[str, int]] = {}
    for kind, by_region in found.items():
        if kind == "__line__":
            continue
        if not isinstance(by_region, dict):
            raise PackError(where, Message(f"{kind} 要按地区写，其他地方写 default", f"{kind} is to be by region, default for everywhere else"))
        for code in by_region:
            if code not in ("__line__", "default") and not (isinstance(code, str) and code.isdigit() and len(code) in (2, 4, 6)):
                raise PackError(where, Message(f"{code} 不是行政区划代码的开头，要加引号写 2、4 或 6 位", f"{code} does not begin a region code: quote 2, 4 or 6 digits"))
        read[kind] = {"" if code == "default" else code: 100 * _number(where, yuan, kind, 1, 100_000) for code, yuan in by_region.items() if code != "__line__"}
    return read


def _number(where: str, found: Any, name: str, least: int, most: int) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise PackError(where, Message(f"{name} 应是 {least} 到 {most} 的整数，现为 {found}", f"{name} is to be a whole number from {least} to {most}, not {found}"))
    return found


def _only(where: str, entry: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in entry:
        if key not in ("__line__", *keys):
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {nearest(str(key), keys, 0)}", f"unknown key {key}, nearest {nearest(str(key), keys, 0)}"))
