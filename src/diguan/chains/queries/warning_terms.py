"""When a series is said to fall: dated thresholds of the packs (``warnings.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.chains.engine.warning import KINDS, LEAST_FIRMS, Line
from diguan.kernel import packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

_KEYS = ("effective_from", "effective_to", "source", "provisional", "least_firms", "joined_months", "series")
_LINE_KEYS = ("fact", "kind", "year_fall", "before_fall")


@dataclass(frozen=True)
class Terms:
    """The thresholds in force between two days (the last included, None: still)."""

    effective_from: dt.date
    effective_to: dt.date | None
    source: Message
    provisional: bool
    least_firms: int
    joined: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def facts(self) -> list[str]:
        """Which facts they speak of."""
        return [line.fact for line in self.lines]


def known() -> Sequence[Terms]:
    """Every entry, oldest first: those of the last pack that has the file, which replaces it whole. Read again when the file changes.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files("warnings.yaml"))[-1:], packs.folders())


def in_force(day: dt.date) -> Terms | None:
    """The thresholds of a day; of several the one that began last."""
    return next((one for one in reversed(known()) if one.effective_from <= day and (one.effective_to is None or day <= one.effective_to)), None)


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Sequence[Terms]:
    return sorted((_read(path, entry) for path, _stamp in stamped for entry in packs.entries(path)), key=lambda one: one.effective_from)


def _read(path: Path, entry: Mapping[str, Any]) -> Terms:
    where = f"{path}:{entry.get('__line__', 1)}"
    _only(where, entry, _KEYS)
    first, last, words = entry.get("effective_from"), entry.get("effective_to"), entry.get("source")
    if not isinstance(first, dt.date) or not (last is None or (isinstance(last, dt.date) and last >= first)):
        raise PackError(where, Message("effective_from 要写日期，effective_to 不写或不早于它", "effective_from is to be a day, effective_to none or not before it"))
    if not (isinstance(words, dict) and words.get("zh") and words.get("en")):
        raise PackError(where, Message("source 要写明出处：{zh: …, en: …}", "source is to name where it comes from: {zh: …, en: …}"))
    joined = entry.get("joined_months") or []
    if not isinstance(joined, list) or any(each not in range(1, 13) for each in joined) or joined != list(range(joined[0], joined[0] + len(joined)) if joined else []):
        raise PackError(where, Message("joined_months 要写同一年里连着的月份，如 [1, 2]", "joined_months are months of one year that follow each other, like [1, 2]"))
    lines = entry.get("series")
    if not isinstance(lines, list) or len(lines) < 2 or not all(isinstance(one, dict) for one in lines):
        raise PackError(where, Message("series 要写两项以上", "series is to hold two or more"))
    return Terms(first, last, Message(words["zh"], words["en"]), entry.get("provisional") is True, _number(where, entry, "least_firms", LEAST_FIRMS, 1000), tuple(joined), tuple(_line(path, one) for one in lines))


def _line(path: Path, entry: Mapping[str, Any]) -> Line:
    where = f"{path}:{entry.get('__line__', 1)}"
    _only(where, entry, _LINE_KEYS)
    spec = packs.catalogue().get(str(entry.get("fact")))
    if spec is None or spec.period != "month" or not spec.numeric or spec.subject != "enterprise":
        near = nearest(str(entry.get("fact")), [name for name, one in packs.catalogue().items() if one.period == "month" and one.numeric], 0)
        raise PackError(where, Message(f"{entry.get('fact')} 不是按月的数字事实，最接近的是 {near}", f"{entry.get('fact')} is no monthly figure, the nearest is {near}"))
    if entry.get("kind") not in KINDS:
        raise PackError(where, Message("kind 只能是 flow（一个月的量）或 stock（月末的数）", "kind is flow (of a month) or stock (at its end)"))
    return Line(spec.name, entry["kind"], *(100 * _number(where, entry, name, 0, 100) for name in _LINE_KEYS[2:]))


def _number(where: str, entry: Mapping[str, Any], name: str, least: int, most: int) -> int:
    found = entry.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise PackError(where, Message(f"{name} 应是 {least} 到 {most} 的整数，现为 {found}", f"{name} is to be a whole number from {least} to {most}, not {found}"))
    return found


def _only(where: str, entry: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in entry:
        if key not in ("__line__", *keys):
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {nearest(str(key), keys, 0)}", f"unknown key {key}, nearest {nearest(str(key), keys, 0)}"))
