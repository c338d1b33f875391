"""What the cockpit shows, as data: chapters with their figures and pictures (``cockpit.yaml``), checked against the indicators.

```yaml
- chapter: front                     # the first page; every other is /indicators/cockpit/<chapter>/
  title: {zh: 驾驶舱, en: Cockpit}
  rooms: [parks]                     # rooms it speaks of; one that is not built is named on the page
  figures: [tax.to_date, …]          # on top, six at most
  columns:                           # three at most, each a list of pictures
    - - lines: tax.paid              # over the last months: one indicator by its largest parts (by), or several ([a, b])
        by: cluster
        months: 12
        only: [钟表, 陶瓷]           # of the breakdown these parts, in this order; left out: the largest
      - bars: [projects.signed, …]   # several indicators of one unit side by side, in the last period
        title: {zh: 招商漏斗, en: Funnel}
    - - parts: enterprises.producing # one indicator by the parts of a breakdown, as bars
        by: cluster
      - grid: enterprises.registered # the same as shaded fields, for parts that have a place
        by: town
    - - notes: lacking               # lacking: what was not delivered or is not whole; moved: what changed most in a year
```
A chapter of a later pack replaces the one of the same name, or comes behind the others.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.indicators.queries import register
from diguan.kernel import dated, packs
from diguan.kernel.dated import Entry
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError

FILE = "cockpit.yaml"
FRONT = "front"
LINES, BARS, PARTS, GRID, NOTES = KINDS = ("lines", "bars", "parts", "grid", "notes")
LACKING, MOVED = LISTS = ("lacking", "moved")
ROOMS = ("enterprises", "ties", "parks", "chains", "projects", "outreach", "policies", "finance", "services", "dialogue", "costs", "tourism")
"""The rooms of the plan (architecture.md §2), built or not."""
SIX, THREE, FOUR, LONGEST = 6, 3, 4, 36
"""Figures on top, columns, lines of one chart, months of one chart at most."""
_CHAPTER_KEYS = ("chapter", "title", "rooms", "figures", "columns")
_PICTURE_KEYS = (*KINDS, "by", "only", "months", "title", "names")


@dataclass(frozen=True)
class Picture:
    """One picture: its kind, the indicators (of ``notes`` the list's name), the breakdown and which of its parts (none: the largest), over how many months, its own title and names of its lines."""

    kind: str
    codes: tuple[str, ...]
    by: str
    only: tuple[str, ...]
    months: int
    title: Message | None
    names: tuple[Message, ...]


@dataclass(frozen=True)
class Chapter:
    """One page of the cockpit."""

    name: str
    title: Message
    rooms: tuple[str, ...]
    figures: tuple[str, ...]
    columns: tuple[tuple[Picture, ...], ...]


def board() -> Mapping[str, Chapter]:
    """The chapters by name, in their order. Read again when a file or the indicators change.

    Raises:
        PackError: one that cannot be used, with file, line and the nearest word.
    """
    stamped = tuple((path, path.stat().st_mtime_ns) for path in packs.files(FILE))
    return _board(stamped, tuple((code, each[-1].by, each[-1].unit) for code, each in register.book().versions.items()))


@functools.lru_cache(maxsize=4)
def _board(stamped: tuple[tuple[Path, int], ...], codes: tuple[tuple[str, tuple[str, ...], str], ...]) -> Mapping[str, Chapter]:
    known = {code: (by, unit) for code, by, unit in codes}
    found: dict[str, Chapter] = {}
    for path, _stamp in stamped:
        here: dict[str, Chapter] = {}
        for entry in packs.entries(path):
            where = dated.at(str(path), entry)
            one = _chapter(where, entry, known)
            if here.setdefault(one.name, one) is not one:
                raise PackError(where, Message(f"章 {one.name} 写了两次", f"chapter {one.name} is written twice"))
        found |= here
    return found


Known = Mapping[str, tuple[tuple[str, ...], str]]
"""Every code with its breakdowns and unit."""


def _chapter(where: str, entry: Entry, known: Known) -> Chapter:
    dated.only(where, entry, _CHAPTER_KEYS)
    name = entry.get("chapter")
    if not isinstance(name, str) or not name.replace("_", "").isalnum() or not name.isascii():
        raise PackError(where, Message(f"chapter 是一个英文词，用在网址里，现为 {name}", f"chapter is one word for its address, not {name}"))
    figures = _codes(where, entry, "figures", known, SIX)
    columns = entry.get("columns") or []
    if not isinstance(columns, list) or len(columns) > THREE or not all(isinstance(column, list) for column in columns):
        raise PackError(where, Message(f"columns 是最多 {THREE} 列，每列一串图", f"columns is a list of at most {THREE} lists of pictures"))
    rooms = tuple(dated.among(where, "rooms", str(room), ROOMS) for room in _list(where, entry, "rooms"))
    return Chapter(name, dated.words(where, entry, "title"), rooms, figures, tuple(tuple(_picture(where, one, known) for one in column) for column in columns))


def _picture(where: str, entry: Any, known: Known) -> Picture:
    if not isinstance(entry, dict):
        raise PackError(where, Message(f"每张图要写成键值，现为 {entry}", f"every picture is a mapping, not {entry}"))
    where = dated.inside(where, entry)
    dated.only(where, entry, _PICTURE_KEYS)
    kinds = [kind for kind in KINDS if kind in entry]
    if len(kinds) != 1:
        raise PackError(where, Message(f"每张图只写一种：{'、'.join(KINDS)}", f"one kind a picture: {', '.join(KINDS)}"))
    kind = kinds[0]
    codes = (dated.among(where, kind, str(entry[kind]), LISTS),) if kind == NOTES else _codes(where, entry, kind, known, FOUR if kind == LINES else SIX)
    if not codes:
        raise PackError(where, Message(f"{kind} 要写指标", f"{kind} is to name indicators"))
    by = _by(where, entry, kind, codes, known)
    if kind in (LINES, BARS) and len({known[code][1] for code in codes}) > 1:
        raise PackError(where, Message("一张图里的指标要是同一个单位", "the indicators of one picture have one unit"))
    months = dated.number(where, entry, "months", 2, LONGEST) if "months" in entry else 12
    only = tuple(map(str, _list(where, entry, "only"))) if by else ()
    return Picture(kind, codes, by, only, months, dated.words(where, entry, "title") if "title" in entry else None, _names(where, entry, len(codes)))


def _by(where: str, entry: Entry, kind: str, codes: Sequence[str], known: Known) -> str:
    """The breakdown of a picture that is cut into parts; none for the others."""
    by = entry.get("by")
    cut = kind in (PARTS, GRID) or (kind == LINES and by is not None)
    if cut != (by is not None) or (cut and len(codes) != 1):
        raise PackError(where, Message("parts 和 grid 要写 by，只写一个指标；lines 有 by 时也只写一个；bars、notes 不写", "parts and grid need by and one indicator; lines with by one too; bars and notes have none"))
    return dated.among(where, "by", str(by), known[codes[0]][0]) if by is not None else ""


def _names(where: str, entry: Entry, count: int) -> tuple[Message, ...]:
    names = _list(where, entry, "names")
    if names and (len(names) != count or not all(isinstance(one, dict) and one.get("zh") and one.get("en") for one in names)):
        raise PackError(where, Message("names 给每个指标一个短名：[{zh: …, en: …}, …]", "names gives each indicator a short one: [{zh: …, en: …}, …]"))
    return tuple(Message(one["zh"], one["en"]) for one in names)


def _codes(where: str, entry: Entry, key: str, known: Known, most: int) -> tuple[str, ...]:
    """The codes of indicators, each of which there is."""
    found = [entry[key]] if isinstance(entry.get(key), str) else _list(where, entry, key)
    if len(found) > most or len(set(map(str, found))) != len(found):
        raise PackError(where, Message(f"{key} 最多写 {most} 个指标，不重复", f"{key} names at most {most} indicators, none twice"))
    return tuple(dated.among(where, key, str(code), known) for code in found)


def _list(where: str, entry: Entry, key: str) -> list[Any]:
    found = entry.get(key) or []
    if not isinstance(found, list):
        raise PackError(where, Message(f"{key} 要写成列表", f"{key} is a list"))
    return found
