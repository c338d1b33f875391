"""What was said in public of cases getting quicker (``published.yaml`` of the packs): others' figures, held against what is counted here."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.kernel import packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

DAYS, TRIPS = IDS = ("case_days_cut", "case_trips_cut")
_KEYS = ("id", "less_by", "said", "as_of", "source", "leaves_open", "provisional")


@dataclass(frozen=True)
class Published:
    """One such figure: so many per cent less, in whose words, of which day, by which source, and what it does not say."""

    id: str
    less_by: int
    said: str
    as_of: dt.date
    source: str
    leaves_open: Message
    provisional: bool

    @property
    def share(self) -> float:
        """As a share: 0.6 is 60 % less."""
        return self.less_by / 100

    def gap(self, basis_points: int | None) -> int | None:
        """How far a counted reduction falls short of it, in basis points; below 0 where it is passed, None where nothing was counted."""
        return None if basis_points is None else self.less_by * 100 - basis_points


def known() -> Mapping[str, Published]:
    """The figures of the packs by id; read again when a file changes.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files("published.yaml")))


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...]) -> Mapping[str, Published]:
    return {one.id: one for path, _stamp in stamped for entry in packs.entries(path) for one in [_read(path, entry)]}


def _read(path: Path, entry: Mapping[str, Any]) -> Published:
    where = f"{path}:{entry.get('__line__', 1)}"
    for key in entry:
        if key not in ("__line__", *_KEYS):
            raise PackError(where, Message(f"不认识的键 {key}，最近的是 {nearest(str(key), _KEYS, 0)}", f"unknown key {key}, nearest {nearest(str(key), _KEYS, 0)}"))
    name, less, day, words = (entry.get(key) for key in ("id", "less_by", "as_of", "leaves_open"))
    if name not in IDS:
        raise PackError(where, Message(f"没有这个指标：{name}；有：{'、'.join(IDS)}", f"no such figure: {name}; there are {', '.join(IDS)}"))
    if isinstance(less, bool) or not isinstance(less, int) or not 0 < less <= 100:
        raise PackError(where, Message(f"less_by 应是 1 到 100 的整数（%），现为 {less}", f"less_by must be a whole number from 1 to 100 (%), not {less}"))
    if not isinstance(day, dt.date) or not entry.get("said") or not entry.get("source"):
        raise PackError(where, Message("要有 said、source 和 as_of（日期）", "needs said, source and as_of (a day)"))
    if not (isinstance(words, dict) and words.get("zh") and words.get("en")):
        raise PackError(where, Message("leaves_open 要写 {zh: …, en: …}", "leaves_open is to be {zh: …, en: …}"))
    return Published(str(name), less, str(entry["said"]), day, str(entry["source"]), Message(words["zh"], words["en"]), bool(entry.get("provisional", False)))
