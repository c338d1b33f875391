"""The terms of leads that are no gates, dated (``packs/*/promotion.yaml``): feedback, news, and for how long a lead is somebody's."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.kernel import clocks, packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

FILE = "promotion.yaml"
_DAYS = ("feedback_days", "progress_days", "protection_days", "protection_most")
_KEYS = ("effective_from", "effective_to", "source", "provisional", *_DAYS)
MOST_DAYS = 730


@dataclass(frozen=True)
class Terms:
    """What holds between two days (the last included, None: still). Feedback and progress are working days, protection calendar days."""

    effective_from: dt.date
    effective_to: dt.date | None
    source: Message
    provisional: bool
    feedback_days: int
    progress_days: int
    protection_days: int
    protection_most: int

    def feedback_due(self, start: dt.date) -> dt.date:
        """The last day to answer the referrer of a lead that was registered on ``start``."""
        return clocks.due_after(start, self.feedback_days, packs.calendar()).day

    def progress_due(self, start: dt.date) -> dt.date:
        """The last day for the next news after those of ``start``."""
        return clocks.due_after(start, self.progress_days, packs.calendar()).day

    def protected_until(self, held_since: dt.date, news: dt.date) -> dt.date:
        """The last day of protection, renewed by news of a day; never past the limit of one holding."""
        return min(news + dt.timedelta(days=self.protection_days), held_since + dt.timedelta(days=self.protection_most))


def known() -> Sequence[Terms]:
    """Every entry, oldest first: those of the last pack that has the file, which replaces it whole. Read again when the file changes.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files(FILE))[-1:], packs.folders())


def in_force(day: dt.date) -> Terms:
    """The terms of a day, of several the one that began last; before the first the first.

    Raises:
        PackError: there is none at all.
    """
    found = known()
    if not found:
        raise PackError(FILE, Message("没有一条线索时限", "there are no terms of leads"))
    return next((one for one in reversed(found) if one.effective_from <= day and (one.effective_to is None or day <= one.effective_to)), found[0])


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Sequence[Terms]:
    return sorted((read(f"{path}:{entry.get('__line__', 1)}", entry) for path, _stamp in stamped for entry in packs.entries(path)), key=lambda one: one.effective_from)


def read(where: str, entry: Mapping[str, Any]) -> Terms:
    """One entry; ``where`` is its file and line.

    Raises:
        PackError: an unknown key, a wrong day or number, no source.
    """
    for key in entry:
        if key not in ("__line__", *_KEYS):
            near = nearest(str(key), _KEYS, 0)
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {near}", f"unknown key {key}, nearest {near}"))
    first, last, words = entry.get("effective_from"), entry.get("effective_to"), entry.get("source")
    if not isinstance(first, dt.date) or not (last is None or (isinstance(last, dt.date) and last >= first)):
        raise PackError(where, Message("effective_from 要写日期，effective_to 不写或不早于它", "effective_from is to be a day, effective_to none or not before it"))
    if not (isinstance(words, dict) and words.get("zh") and words.get("en")):
        raise PackError(where, Message("source 要写明出处：{zh: …, en: …}", "source is to name where it comes from: {zh: …, en: …}"))
    days = [_number(where, entry, name) for name in _DAYS]
    if days[3] < days[2]:
        raise PackError(where, Message("protection_most 不能小于 protection_days", "protection_most is not below protection_days"))
    return Terms(first, last, Message(words["zh"], words["en"]), entry.get("provisional") is True, *days)


def _number(where: str, entry: Mapping[str, Any], name: str) -> int:
    found = entry.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= MOST_DAYS:
        raise PackError(where, Message(f"{name} 应是 1 到 {MOST_DAYS} 的整数，现为 {found}", f"{name} is to be a whole number from 1 to {MOST_DAYS}, not {found}"))
    return found
