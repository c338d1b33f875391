"""Plans of the packs (``plans.yaml``): tasks and targets as data. What is read here is nobody's yet: whoever loads a plan says who answers for what.

```yaml
- code: year-2026                       # names it for good
  kind: year                            # actions | measures | year
  name: 2026 年度目标
  year: 2026
  source: 县政府工作报告（演示）          # the document; provisional: nobody has held it against the official text
  provisional: true
  tasks:                                # numbered as they stand
    - {section: 聚链成群, text: 新增投产企业 30 户, unit: watch-park, due_on: 2026-12-20}
  targets:
    - indicator: enterprises.producing  # a code of indicators.yaml; where none has it yet, awaits says what it waits for
      title: 钟表投产企业
      by: cluster                       # one part of one of the indicator's breakdowns
      group: 钟表
      value: 150 户                      # as people write it: 80%, 120 亿元
      unit: watch-park
      due_on: 2026-12-31
      task: 1                           # the number of the task it belongs to
```
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diguan.indicators.engine import figures
from diguan.indicators.models import PlanKind
from diguan.indicators.queries import register
from diguan.kernel import dated, packs, units
from diguan.kernel.dated import Entry
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

FILE = "plans.yaml"
_PLAN = ("code", "kind", "name", "year", "source", "provisional", "tasks", "targets")
_TASK = ("section", "text", "unit", "due_on")
_TARGET = ("indicator", "title", "by", "group", "value", "direction", "unit", "due_on", "task", "weight", "source", "provisional", "awaits")


@dataclass(frozen=True)
class PackedTask:
    """One task; ``unit`` is the code of the office that answers for it."""

    number: int
    section: str
    text: str
    unit: str
    due_on: dt.date


@dataclass(frozen=True)
class PackedTarget:
    """One target; ``value`` in storage units of ``measured_in``, ``unit`` the code of the office, ``task`` a number or 0."""

    indicator: str
    title: str
    dim: str
    group: str
    value: int
    measured_in: str
    direction: str
    unit: str
    due_on: dt.date
    task: int
    weight: int
    source: str
    provisional: bool
    awaits: str


@dataclass(frozen=True)
class PackedPlan:
    """One plan as a pack tells it."""

    code: str
    kind: str
    name: str
    year: int
    source: str
    provisional: bool
    tasks: tuple[PackedTask, ...]
    targets: tuple[PackedTarget, ...]


def packed() -> Mapping[str, PackedPlan]:
    """The plans of the packs by code; a pack later in the order replaces one of the same code.

    Raises:
        PackError: one that cannot be used, with file and line.
    """
    return _packed(tuple((path, path.stat().st_mtime_ns) for path in packs.files(FILE)), packs.folders())


@functools.lru_cache(maxsize=4)
def _packed(stamped: tuple[tuple[Path, int], ...], _folders: tuple[Path, ...]) -> Mapping[str, PackedPlan]:
    found = [read(dated.at(str(path), entry), entry) for path, _stamp in stamped for entry in packs.entries(path)]
    return {one.code: one for one in found}


def read(where: str, entry: Entry) -> PackedPlan:
    """One entry; ``where`` is its file and line.

    Raises:
        PackError: an unknown key or word, a wrong day or value, an unknown indicator that nothing is said of, a task that is not there.
    """
    dated.only(where, entry, _PLAN)
    kind = entry.get("kind")
    if kind not in PlanKind.values:
        raise PackError(where, Message(f"kind 写的是 {kind}，可用 {'、'.join(PlanKind.values)}", f"kind is {kind}; there are {', '.join(PlanKind.values)}"))
    source, provisional = _text(where, entry, "source"), entry.get("provisional") is True
    tasks = tuple(_task(dated.inside(where, one), number, one) for number, one in enumerate(_entries(where, entry, "tasks"), 1))
    targets = tuple(_target(dated.inside(where, one), one, source, provisional, len(tasks)) for one in _entries(where, entry, "targets"))
    return PackedPlan(_text(where, entry, "code"), str(kind), _text(where, entry, "name"), dated.number(where, entry, "year", 2000, 2199), source, provisional, tasks, targets)


def _task(where: str, number: int, entry: Entry) -> PackedTask:
    dated.only(where, entry, _TASK)
    return PackedTask(number, str(entry.get("section") or ""), _text(where, entry, "text"), _text(where, entry, "unit"), _day(where, entry))


def _target(where: str, entry: Entry, source: str, provisional: bool, tasks: int) -> PackedTarget:
    dated.only(where, entry, _TARGET)
    code, awaits = _text(where, entry, "indicator"), str(entry.get("awaits") or "")
    known = register.book().versions
    if code not in known and not awaits:
        near = nearest(code, known, 0)
        raise PackError(where, Message(f"没有指标 {code}，最接近的是 {near}；数据还没接入的，用 awaits 写明等什么", f"there is no indicator {code}, the nearest is {near}; where its data are still to come, awaits says what for"))
    value, measured_in = _value(where, entry)
    direction = entry.get("direction", "up")
    if direction not in ("up", "down"):
        raise PackError(where, Message("direction 是 up（不低于）或 down（不高于）", "direction is up (at least) or down (at most)"))
    return PackedTarget(code, _text(where, entry, "title"), str(entry.get("by") or ""), str(entry.get("group") or ""), value, measured_in, str(direction), _text(where, entry, "unit"), _day(where, entry),
                        dated.number(where, entry, "task", 1, tasks) if "task" in entry else 0, dated.number(where, entry, "weight", 1, 100) if "weight" in entry else 1,
                        str(entry.get("source") or source), entry.get("provisional", provisional) is True, awaits)


def _value(where: str, entry: Entry) -> tuple[int, str]:
    """A value as people write it, in storage units of its unit.

    Raises:
        PackError: it is none, or finer than its unit is kept.
    """
    try:
        return stored(str(entry.get("value", "")))
    except units.UnitError as error:
        raise PackError(where, Message(f"value 要写数和单位，如 150 户、80%、120 亿元，现为 {entry.get('value')}", f"value is a number with its unit (150 户, 80%, 120 亿元), not {entry.get('value')}")) from error


def stored(text: str) -> tuple[int, str]:
    """A value as people write it: in storage units, and its unit.

    >>> stored("150 户"), stored("80%"), stored("1.2 亿元"), stored("100 万元/亩")
    ((150, '户'), (8000, '%'), (12000000000, '元'), (100000000, '元/亩'))

    Raises:
        UnitError: no number, no unit, or finer than its unit is kept.
    """
    number, written = units.parse_number(text)
    if not written:
        raise units.UnitError(text)
    of, slash, per = written.partition("/")
    known = units.unit_factor(of)
    unit, factor = (known[0], known[1]) if known and (known[0] == "元" or known[1] != 1 or known[0] == of) else (of, 1)
    unit += slash + per
    found = number * factor * figures.scale(unit)
    if found != int(found):
        raise units.UnitError(text)
    return int(found), unit


def _entries(where: str, entry: Entry, key: str) -> Sequence[Entry]:
    found = entry.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise PackError(where, Message(f"{key} 要写成一条条的表", f"{key} is a list of entries"))
    return found


def _text(where: str, entry: Entry, key: str) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not found.strip():
        raise PackError(where, Message(f"要写 {key}", f"{key} is missing"))
    return found.strip()


def _day(where: str, entry: Entry) -> dt.date:
    found = entry.get("due_on")
    if not isinstance(found, dt.date):
        raise PackError(where, Message("due_on 要写日期", "due_on is to be a day"))
    return found
