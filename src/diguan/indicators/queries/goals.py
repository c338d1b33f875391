"""Where targets stand: the figure of the snapshot, the distance in words, and an estimate of the year's end. Nothing here is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from diguan.indicators import queries
from diguan.indicators.engine import figures, forecast, gaps, tables, terms
from diguan.indicators.engine.forecast import Cannot, Forecast
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.models import Target
from diguan.indicators.queries import plans, register, snapshots
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.messages import Message

MET, SHORT, NO_ROWS, UNTOLD, OTHER_UNIT, HIDDEN = "met", "short", "no_rows", "untold", "other_unit", "hidden"
FLOW, LEVEL, NEITHER = "flow", "level", ""
_NOT_CARRIED = Cannot(Message("按月、按季或全年的数不向年底推算", "figures of one month, quarter or year are not carried to the year's end"))


@dataclass(frozen=True)
class Standing:
    """One target beside its figure. ``found`` is in the indicator's unit; None with ``state`` saying why there is none. ``gap`` says it in words."""

    row: Target
    one: Indicator | None
    state: str
    gap: Message
    cell: Cell | None = None
    found: Decimal | None = None
    ending: Forecast | Cannot | None = None

    @property
    def pk(self) -> int:
        """As lists ask it."""
        return self.row.pk

    @property
    def partial(self) -> bool:
        """Whether the figure rests on a part of what should have been told."""
        return self.cell is not None and self.cell.state == tables.PARTIAL


def value_of(row: Target) -> Decimal:
    """A target in its unit."""
    return Decimal(row.value) / figures.scale(row.unit)


def whole_by_year(person: Person, codes: Iterable[str]) -> dict[tuple[str, int], Decimal]:
    """Targets of whole indicators, by code and year, in their unit, as far as the person may see them; of several the first that was set."""
    rows = plans.visible_targets(person).filter(indicator__in=list(codes), dim="", dropped_why="").order_by("-id") if access.may(person, plans.VIEW) else ()
    return {(row.indicator, row.year): value_of(row) for row in rows}


def standings(person: Person, rows: Iterable[Target]) -> list[Standing]:
    """These targets beside the snapshot pages speak from; a figure this person may not see is not told."""
    found = snapshots.figures(person) if access.may(person, queries.VIEW) else None
    seen = {one.code for one in register.visible(person)} if access.may(person, queries.VIEW) else set()
    known = register.book()
    return [_standing(row, known.newest(row.indicator) if row.indicator in known.versions else None, found, seen) for row in rows]


def _standing(row: Target, one: Indicator | None, found: Figures | None, seen: set[str]) -> Standing:
    if one is None:
        return Standing(row, None, NO_ROWS, _no_rows(row))
    if one.code not in seen:
        return Standing(row, one, HIDDEN, Message("您的岗位看不到这个指标的数", "your post does not include this indicator's figures"))
    if not figures.alike(row.unit, one.unit):
        return Standing(row, one, OTHER_UNIT, Message(f"目标按{row.unit}定，指标按{one.unit}算，不能相比：请改目标", f"the target is in {row.unit}, the indicator in {one.unit}: they are not compared; change the target"))
    cells = [cell for cell in found.series(one.code, row.dim, row.group) if cell.period[:4] == str(row.year)] if found else []
    cell = next((each for each in reversed(cells) if each.num is not None), None)
    value = cell.value(one) if cell else None
    if cells and cells[-1].state == tables.FEW:
        return Standing(row, one, UNTOLD, Message("不足 3 户，不显示", "fewer than 3 firms, not told"), cells[-1])
    if cell is None or value is None or found is None:
        return Standing(row, one, UNTOLD, Message(f"{row.year} 年还没有数：没人告诉过我们", f"no figure of {row.year} yet: nobody has told us"), cells[-1] if cells else None)
    goal = gaps.Goal(value_of(row), row.direction)
    ending = ahead(one, found.series(one.code, row.dim, row.group), row.year, terms.source_of(one, found.book, found.run.as_of).span)
    return Standing(row, one, MET if goal.met(value) else SHORT, _gap(one, goal, value, ending, cell), cell, value, ending)


def _no_rows(row: Target) -> Message:
    waits = f"：{row.awaits}" if row.awaits else ""
    return Message(f"还没有记录{waits}", f"no rows yet{waits and ': the indicator is not built yet'}")


def _gap(one: Indicator, goal: gaps.Goal, value: Decimal, ending: Forecast | Cannot, cell: Cell) -> Message:
    def words(found: Decimal) -> Message:
        return figures.words(one.unit, found)

    def apart(found: Decimal) -> Message:
        return figures.apart(one.unit, found)

    said = [gaps.distance(goal, value, words, apart)]
    if cell.state == tables.PARTIAL:
        said.append(Message("数据不全，不往年底推", "data are not whole: nothing is carried to the year's end"))
    elif cell.period[5:] != "12" and len(cell.period) == len("2026-01"):
        said.append(gaps.ending(ending, words, one.unit in figures.COUNTS))
    return gaps.joined(*said)


# ── the year's end ───────────────────────────────────────────────────────────
def ahead(one: Indicator, cells: Sequence[Cell], year: int, span: str) -> Forecast | Cannot:
    """Where the year's figure would end, in the indicator's unit, from whole months of one version of its definition.

    Args:
        one: the indicator.
        cells: all its months, oldest first.
        year: whose end is asked for.
        span: what it is told over in the end (of a ratio, what its top is).
    """
    kind = kind_of(one, span)
    if kind == NEITHER:
        return _NOT_CARRIED
    whole = {cell.period: float(value) for cell in cells if cell.state == tables.WHOLE and (value := cell.value(one)) is not None}
    last = max((period for period in whole if period[:4] == str(year)), default="")
    if not last:
        return Cannot(Message("今年还没有一个整月的数", "there is no whole month of this year yet"))
    version = next(cell.version for cell in cells if cell.period == last)
    same = {cell.period for cell in cells if cell.version == version}
    whole = {period: value for period, value in whole.items() if period in same}
    return _flow(whole, year, int(last[5:])) if kind == FLOW else _level(one, whole, cells, last)


def kind_of(one: Indicator, span: str) -> str:
    """Whether it adds up from January, stands at a level, or is neither and is not carried on."""
    if span in ("quarter", "year"):
        return NEITHER
    if one.is_share or span == "day":
        return LEVEL
    if span == "to_date":
        return FLOW
    return LEVEL if isinstance(one.of, terms.Source) and one.of.fold == terms.LAST else NEITHER


def _flow(whole: dict[str, float], year: int, month: int) -> Forecast | Cannot:
    past = [(whole[f"{before}-{month:02d}"], whole[f"{before}-12"]) for before in range(year - 10, year) if f"{before}-{month:02d}" in whole and f"{before}-12" in whole]
    return forecast.flow(whole[f"{year}-{month:02d}"], month, past)


def _level(one: Indicator, whole: dict[str, float], cells: Sequence[Cell], last: str) -> Forecast | Cannot:
    points = [whole.get(cell.period) for cell in cells if cell.period <= last]
    share = not one.change and (one.is_share and one.unit == "%")
    return forecast.level(points, 12 - int(last[5:]), least=-math.inf if one.change else 0, most=100 if share and not _above_whole(points) else math.inf)


def _above_whole(points: Sequence[float | None]) -> bool:
    """Whether this percentage is no share of a whole: some month was above 100."""
    return any(point is not None and point > 100 for point in points)
