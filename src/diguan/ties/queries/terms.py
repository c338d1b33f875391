"""How strong each kind of tie counts and how long a consent may last: dated data of the packs (``ties.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.kernel import packs, periods
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError
from diguan.ties.engine.paths import Prices
from diguan.ties.models import TieKind

ON_RECORD = "on_record"
_NUMBERS = {"hops": (1, 6), "paths": (1, 20), "unverified": (0, 100), "stale": (0, 100), "stale_months": (1, 600), "longest_consent_months": (1, 120), "remind_days": (1, 180)}
_KEYS = ("effective_from", "effective_to", "source", "provisional", "strength", *_NUMBERS)
KINDS = (ON_RECORD, *TieKind.values)


@dataclass(frozen=True)
class Terms:
    """What holds between two days (the last included, None: still). ``strength`` is 1 to 100 by kind."""

    effective_from: dt.date
    effective_to: dt.date | None
    source: Message
    provisional: bool
    strength: Mapping[str, int]
    hops: int
    paths: int
    unverified: int
    stale: int
    stale_months: int
    longest_consent_months: int
    remind_days: int

    @property
    def prices(self) -> Prices:
        """What lies on a hop besides its strength."""
        return Prices(self.unverified, self.stale)

    def stale_before(self, day: dt.date) -> dt.date:
        """Sources of days before this one are old on ``day``."""
        return periods.add_months(day, -self.stale_months)

    def consent_until(self, given_on: dt.date) -> dt.date:
        """The last day a consent given on a day may name."""
        return periods.add_months(given_on, self.longest_consent_months)


def in_force(day: dt.date) -> Terms:
    """What holds on a day; of several entries the one that began last.

    Raises:
        PackError: the file cannot be used, or says nothing of that day.
    """
    stamped = tuple((path, path.stat().st_mtime_ns) for path in packs.files("ties.yaml"))[-1:]
    found = next((one for one in reversed(_known(stamped, packs.folders())) if one.effective_from <= day and (one.effective_to is None or day <= one.effective_to)), None)
    if found is None:
        raise PackError("ties.yaml", Message(f"没有 {day} 生效的一段", f"holds nothing in force on {day}"))
    return found


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Sequence[Terms]:
    return sorted((_read(path, entry) for path, _stamp in stamped for entry in packs.entries(path)), key=lambda one: one.effective_from)


def _read(path: Path, entry: Mapping[str, Any]) -> Terms:
    where = f"{path}:{entry.get('__line__', 1)}"
    _only(where, entry, _KEYS)
    first, last, words, strength = (entry.get(key) for key in ("effective_from", "effective_to", "source", "strength"))
    if not isinstance(first, dt.date) or not (last is None or (isinstance(last, dt.date) and last >= first)):
        raise PackError(where, Message("effective_from 要写日期，effective_to 不写或不早于它", "effective_from is to be a day, effective_to none or not before it"))
    if not (isinstance(words, dict) and words.get("zh") and words.get("en")):
        raise PackError(where, Message("source 要写明出处：{zh: …, en: …}", "source is to name where it comes from: {zh: …, en: …}"))
    if not isinstance(strength, dict):
        raise PackError(where, Message("strength 要按关系写强弱", "strength is to tell of every kind"))
    _only(where, strength, KINDS)
    return Terms(first, last, Message(words["zh"], words["en"]), entry.get("provisional") is True, {kind: _number(where, strength, kind, 1, 100) for kind in KINDS},
                 **{name: _number(where, entry, name, *span) for name, span in _NUMBERS.items()})


def _number(where: str, entry: Mapping[str, Any], name: str, least: int, most: int) -> int:
    found = entry.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise PackError(where, Message(f"{name} 应是 {least} 到 {most} 的整数，现为 {found}", f"{name} is to be a whole number from {least} to {most}, not {found}"))
    return found


def _only(where: str, entry: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in entry:
        if key not in ("__line__", *keys):
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {nearest(str(key), keys, 0)}", f"unknown key {key}, nearest {nearest(str(key), keys, 0)}"))
