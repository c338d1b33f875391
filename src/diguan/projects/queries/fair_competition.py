"""What the law says of promises to one firm: dated reference data of the packs (``fair_competition.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError


@dataclass(frozen=True)
class Provision:
    """What is said of a kind of promise from a day on (to ``until``, None: still). ``basis_needed``: without a legal basis it cannot pass."""

    kind: str
    since: dt.date
    until: dt.date | None
    basis_needed: bool
    says: Message
    source: Message
    provisional: bool


def provisions(day: dt.date) -> dict[str, Provision]:
    """What holds on a day, by kind of promise; of several the one that began last."""
    found: dict[str, Provision] = {}
    for one in _known(tuple((path, path.stat().st_mtime_ns) for path in packs.files("fair_competition.yaml"))[-1:], packs.folders()):
        if one.since <= day and (one.until is None or day <= one.until):
            found[one.kind] = one
    return found


@functools.lru_cache(maxsize=4)
def _known(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Sequence[Provision]:
    return sorted((_read(path, entry) for path, _stamp in stamped for entry in packs.entries(path)), key=lambda one: one.since)


_KEYS = {"kind", "effective_from", "effective_to", "basis_needed", "says", "source", "provisional", "__line__"}
_KINDS = ("land", "factory", "energy", "fiscal", "other")


def _read(path: Path, entry: Any) -> Provision:
    where = f"{path}:{entry.get('__line__', 1)}"
    if odd := sorted(set(entry) - _KEYS):
        raise PackError(where, Message(f"不认识 {odd[0]}", f"{odd[0]} is not known here"))
    since, until, says, source = (entry.get(name) for name in ("effective_from", "effective_to", "says", "source"))
    if entry.get("kind") not in _KINDS or not isinstance(since, dt.date) or not (until is None or isinstance(until, dt.date)):
        raise PackError(where, Message(f"kind 要是 {'、'.join(_KINDS)} 之一，effective_from 要写日期", f"kind is one of {', '.join(_KINDS)}, effective_from a day"))
    if not all(isinstance(words, dict) and words.get("zh") and words.get("en") for words in (says, source)):
        raise PackError(where, Message("says 和 source 都要写 {zh: …, en: …}", "says and source are both {zh: …, en: …}"))
    return Provision(entry["kind"], since, until, entry.get("basis_needed") is True, Message(says["zh"], says["en"]), Message(source["zh"], source["en"]), entry.get("provisional") is True)
