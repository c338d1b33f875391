"""Dated terms of a pack file: a list of entries, each of which holds between two days, says where it comes from and whether anybody confirmed it.

```yaml
- effective_from: 2026-01-01
  effective_to: 2026-12-31             # the last day; left out: still
  source: {zh: 某办法第 3 条, en: Article 3 of some measures}
  provisional: true                    # nobody has held it against the official text
  some_days: 5                         # what a room's own reader makes of the rest
```
The last pack that has the file replaces it whole.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from diguan.kernel import packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

KEYS = ("effective_from", "effective_to", "source", "provisional")
Entry = Mapping[str, Any]
Span = tuple[dt.date, "dt.date | None", Message, bool]


@dataclass(frozen=True)
class Dated:
    """What holds between two days (the last included, None: still), where it comes from, and whether nobody has confirmed it yet."""

    effective_from: dt.date
    effective_to: dt.date | None
    source: Message
    provisional: bool

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


T = TypeVar("T", bound=Dated)
Reader = Callable[[str, Entry], T]
"""Makes one entry: ``read(where, entry)``, ``where`` its file and line."""


def known(name: str, read: Reader[T]) -> Sequence[T]:
    """Every entry of a pack file, oldest first. Read again when the file changes.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    found: Sequence[T] = _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files(name))[-1:], packs.folders(), read)
    return found


def in_force(found: Sequence[T], day: dt.date) -> T | None:
    """Of these, oldest first, the one of a day; of several the one that began last."""
    return next((one for one in reversed(found) if one.holds(day)), None)


@functools.lru_cache(maxsize=32)
def _known(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...], read: Reader[Any]) -> Sequence[Any]:
    return sorted((read(at(str(path), entry), entry) for path, _stamp in stamped for entry in packs.entries(path)), key=lambda one: one.effective_from)


# ── for readers ──────────────────────────────────────────────────────────────
def at(file: str, entry: Entry) -> str:
    """Where an entry, or a part of one, stands: file and line."""
    return f"{file}:{entry.get('__line__', 1)}"


def inside(where: str, part: Entry) -> str:
    """Where a part of the entry at ``where`` stands."""
    return at(where.rpartition(":")[0], part)


def span(where: str, entry: Entry, keys: Collection[str]) -> Span:
    """The first fields of a :class:`Dated`; ``keys`` are all that the entry may hold besides.

    Raises:
        PackError: an unknown key, a wrong day, no source.
    """
    only(where, entry, (*KEYS, *keys))
    first, last = entry.get("effective_from"), entry.get("effective_to")
    if not isinstance(first, dt.date) or not (last is None or (isinstance(last, dt.date) and last >= first)):
        raise PackError(where, Message("effective_from 要写日期，effective_to 不写或不早于它", "effective_from is to be a day, effective_to none or not before it"))
    return first, last, words(where, entry, "source"), entry.get("provisional") is True


def words(where: str, entry: Entry, key: str) -> Message:
    """A text in both languages.

    Raises:
        PackError: one is missing.
    """
    found = entry.get(key)
    if not (isinstance(found, dict) and found.get("zh") and found.get("en")):
        raise PackError(where, Message(f"{key} 要写明：{{zh: …, en: …}}", f"{key} is to be told in both: {{zh: …, en: …}}"))
    return Message(found["zh"], found["en"])


def number(where: str, entry: Entry, key: str, least: int, most: int) -> int:
    """A whole number within bounds.

    Raises:
        PackError: it is none, or outside of them.
    """
    found = entry.get(key)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise PackError(where, Message(f"{key} 应是 {least} 到 {most} 的整数，现为 {found}", f"{key} is to be a whole number from {least} to {most}, not {found}"))
    return found


def only(where: str, entry: Entry, keys: Sequence[str]) -> None:
    """Let pass what holds no other keys than these.

    Raises:
        PackError: an unknown one, with the nearest.
    """
    for key in entry:
        if key not in ("__line__", *keys):
            near = nearest(str(key), keys, 0)
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {near}", f"unknown key {key}, nearest {near}"))


def among(where: str, key: str, word: str, known: Collection[str]) -> str:
    """The word, which is one of those there are.

    Raises:
        PackError: it is none; the nearest is named.
    """
    if word not in known:
        near = nearest(word, known, 0)
        raise PackError(where, Message(f"{key} 里的 {word} 没有，最接近的是 {near}", f"{key}: there is no {word}, the nearest is {near}"))
    return word
