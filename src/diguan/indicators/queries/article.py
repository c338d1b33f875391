"""Figures that were printed of the county (``article.yaml`` of a pack), each held against the indicator that counts it.

```yaml
as_of: 2025-09-30                     # the day the printed figures speak of
source: {zh: …, en: …}                # where they were printed
figures:
- line: 37                            # their line in the list they were taken from
  title: {zh: 合同引资额, en: Contracted investment}
  said: 合同引资额120亿元              # the words as printed
  value: "120"                        # the number as printed, in quotes: its decimals are those it is judged at
  unit: {zh: 亿元, en: hundred million yuan}   # what stands behind the number; 万 and 亿 multiply
  compare: equal                      # equal | at_least | more_than | target (aimed at, need not be there yet)
  code: projects.contracted           # the indicator that counts it, with its period, and breakdown and part if it is one of them
  period: 2025-09
  dim: cluster
  group: 钟表
- line: 29
  …
  waits: finance                      # or the room that will bring the rows
- line: 18
  …
  listed: true                        # or it only numbers what the text itself lists: there is nothing to count
  note: {zh: …, en: …}                # what else is to be known
```
The last pack that has the file counts.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from diguan.indicators.engine import judging
from diguan.indicators.engine.terms import Book, Indicator, Source
from diguan.indicators.queries import VIEW, compute, register, snapshots
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel import access, dated, packs, periods
from diguan.kernel.access.models import Person
from diguan.kernel.dated import Entry
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.measures import COUNTED
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError

FILE = "article.yaml"
ROOMS: Mapping[str, Message] = {
    "finance": Message("银企对接", "finance"), "parks": Message("园区", "parks"), "costs": Message("要素成本", "costs"), "tourism": Message("文旅", "tourism"), "dialogue": Message("诉求和会客厅", "dialogue"),
    "indicators": Message("指标：目标、排名和措施", "indicators: targets, rankings, measures"), "enterprises": Message("企业库", "enterprises"), "projects": Message("招商项目", "projects"), "ties": Message("乡情", "ties"),
    "services": Message("政务服务", "services"), "chains": Message("产业链", "chains"), "outreach": Message("外出招商", "outreach"), "policies": Message("惠企政策", "policies")}
"""Whose rows a figure is counted from, or will be."""
MATCH, DIFFERS, AIM, NO_ROWS, LISTED, BEYOND = "match", "differs", "target", "no_rows", "listed", "beyond"
"""Our figure bears it out; it does not; it is aimed at; there are no rows yet; there is nothing to count; this person may not see the indicator."""
_KEYS = ("line", "title", "said", "value", "unit", "compare", "code", "period", "dim", "group", "waits", "listed", "note")


@dataclass(frozen=True)
class Printed:
    """One printed figure. ``code`` names the indicator that counts it, ``waits`` the room that will, both empty: it is only listed."""

    line: int
    title: Message
    said: str
    value: Decimal
    unit: Message
    compare: str
    code: str
    period: str
    dim: str
    group: str
    waits: str
    note: Message | None


@dataclass(frozen=True)
class Article:
    """All of them, in the order of their lines."""

    as_of: dt.date
    source: Message
    figures: tuple[Printed, ...]


@dataclass(frozen=True)
class Judged:
    """A printed figure with ours. ``ours`` is in the indicator's unit, ``printed`` as it would be printed; None where there is none."""

    said: Printed
    state: str
    one: Indicator | None = None
    cell: Cell | None = None
    ours: Decimal | None = None

    @property
    def printed(self) -> Decimal | None:
        """Ours in the unit and with the decimals that were printed."""
        return None if self.ours is None else judging.printed(self.ours, self.said.value, self.said.unit.zh)

    @property
    def short(self) -> Decimal | None:
        """How much is missing to what is aimed at, in the printed unit."""
        return None if self.state != AIM or self.printed is None else max(Decimal(0), self.said.value - self.printed)


def judged(person: Person, article: Article, found: Figures | None) -> list[Judged]:
    """Every printed figure against a snapshot (None: there is none), as far as this person may see the indicators.

    Raises:
        access.Forbidden: they may see none.
    """
    access.require(person, VIEW)
    known = register.book()
    allowed = {one.code for one in register.visible(person)}
    return [_judged(said, found, known, allowed) for said in article.figures]


def _judged(said: Printed, found: Figures | None, known: Book, allowed: set[str]) -> Judged:
    if not said.code:
        return Judged(said, NO_ROWS if said.waits else LISTED)
    if said.code not in allowed:
        return Judged(said, BEYOND)
    one = known.newest(said.code)
    cell = found.cell(said.code, said.period, said.dim, said.group) if found else None
    ours = cell.value(one) if cell else None
    if ours is None:
        return Judged(said, NO_ROWS, one, cell)
    if said.compare == judging.TARGET:
        return Judged(said, AIM, one, cell, ours)
    return Judged(said, MATCH if judging.agrees(ours, said.value, said.unit.zh, said.compare) else DIFFERS, one, cell, ours)


def room_of(row: Judged) -> Message | None:
    """The room whose rows a figure is counted from, or will be; None where nothing is counted."""
    name = row.said.waits or (_room(row.one) if row.one else row.said.code.partition(".")[0])
    return ROOMS.get(name)


def _room(one: Indicator) -> str:
    of = one.of if isinstance(one.of, Source) else register.book().newest(one.of.top).of
    return of.name.partition(".")[0] if isinstance(of, Source) and of.name in COUNTED else "enterprises"


def snapshot_of(day: dt.date) -> Run | None:
    """The newest whole snapshot of a day. Whoever reads it asks for the right."""
    rows = Run.objects.filter(kind=snapshots.KIND, as_of=day).order_by("-known_at", "-id").values_list("run_id", flat=True)[:runs.RECENT]
    return next((run for name in rows if (run := snapshots.named(name)) is not None), None)


# ── reading the file ─────────────────────────────────────────────────────────
def article() -> Article | None:
    """What was printed; None where no pack tells.

    Raises:
        PackError: a figure that cannot be used, with file and line.
    """
    found = list(packs.files(FILE))
    return _article(found[-1], found[-1].stat().st_mtime_ns, packs.folders()) if found else None


@functools.lru_cache(maxsize=4)
def _article(path: Path, _stamp: int, _folders: tuple[Path, ...]) -> Article:
    root = packs.read_yaml(path)
    if not isinstance(root, dict) or not isinstance(root.get("figures"), list):
        raise PackError(f"{path}:1", Message("这里应有 as_of、source 和 figures", "as_of, source and figures are expected here"))
    where = dated.at(str(path), root)
    dated.only(where, root, ("as_of", "source", "figures"))
    if not isinstance(root.get("as_of"), dt.date):
        raise PackError(where, Message("as_of 要写日期", "as_of is to be a day"))
    known = register.book()
    return Article(root["as_of"], dated.words(where, root, "source"), tuple(read(str(path), entry, known) for entry in root["figures"]))


def read(file: str, entry: Any, known: Book) -> Printed:
    """One figure.

    Raises:
        PackError: an unknown key, word, indicator, breakdown or room, a number that is none, with the nearest.
    """
    if not isinstance(entry, dict):
        raise PackError(file, Message("figures 的每项应是键值", "each of figures is to be a mapping"))
    where = dated.at(file, entry)
    dated.only(where, entry, _KEYS)
    if [bool(entry.get(key)) for key in ("code", "waits", "listed")].count(True) != 1:
        raise PackError(where, Message("code、waits、listed 只写一种", "one of code, waits and listed"))
    waits, code = str(entry.get("waits", "")), str(entry.get("code", ""))
    if waits:
        dated.among(where, "waits", waits, list(ROOMS))
    compare = str(entry.get("compare", judging.EQUAL))
    dated.among(where, "compare", compare, judging.COMPARES)
    period, dim, group = _place(where, entry, code, known) if code else ("", "", "")
    return Printed(dated.number(where, entry, "line", 1, 9999), dated.words(where, entry, "title"), _text(where, entry, "said"), _number(where, entry), dated.words(where, entry, "unit"), compare, code, period, dim, group, waits,
                   dated.words(where, entry, "note") if "note" in entry else None)


def _place(where: str, entry: Entry, code: str, known: Book) -> tuple[str, str, str]:
    """Period, breakdown and part, of an indicator that has them."""
    dated.among(where, "code", code, list(known.versions))
    one, period, dim, group = known.newest(code), str(entry.get("period", "")), str(entry.get("dim", "")), str(entry.get("group", ""))
    span, kind = compute.span_of(known, one), ""
    with contextlib.suppress(periods.PeriodError):
        kind = periods.parse(period).kind
    if kind != {"year": "year", "quarter": "quarter"}.get(span, "month"):
        raise PackError(where, Message(f"{code} 按 {span} 算，period 不能是 {period or '空'}", f"{code} is told by the {span}; period cannot be {period or 'empty'}"))
    if bool(dim) != bool(group):
        raise PackError(where, Message("dim 和 group 要一起写", "dim and group go together"))
    if dim:
        dated.among(where, "dim", dim, one.by)
    return period, dim, group


def _text(where: str, entry: Entry, key: str) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not found.strip():
        raise PackError(where, Message(f"{key} 要写文字", f"{key} is to be a text"))
    return found


def _number(where: str, entry: Entry) -> Decimal:
    """The number as printed: a text, for ``12.0`` is not ``12``."""
    found = entry.get("value")
    try:
        value = Decimal(found) if isinstance(found, str) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise PackError(where, Message(f"value 要写成带引号的数，印了几位写几位，现为 {found}", f"value is a number in quotes with the digits as printed, not {found}"))
    return value


