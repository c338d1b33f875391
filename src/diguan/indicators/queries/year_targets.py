"""Year targets as the dispatch sheet reads them, each beside the last figure of its year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from diguan.indicators.engine import figures, tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import goals, plans, screens, snapshots
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.facts.runs import Run

FLOWS = ("元", "个", "户", "家", "件", "项", "次")
"""What adds up over a year; of days and percentages time alone brings nothing."""


@dataclass(frozen=True)
class Goal:
    """What an indicator, or one part of it, is to come to by the year's end, in its unit, who answers for it, what the target calls itself and its number."""

    code: str
    dim: str
    group: str
    value: Decimal
    unit: str
    down: bool
    owner: str
    title: str = ""
    number: int = 0


def of_year(person: Person, year: int) -> list[Goal]:
    """Every target of a year as far as a person may see them, what weighs most first."""
    if not access.may(person, plans.VIEW):
        return []
    rows = plans.visible_targets(person).filter(year=year).order_by("-weight", "id")
    return [Goal(row.indicator, row.dim, row.group, goals.value_of(row), row.unit, row.direction == "down", row.owner_unit.name if row.owner_unit else "", row.title, row.pk) for row in rows]


@dataclass(frozen=True)
class Standing:
    """A target with the year's last figure: ``expected`` is what time alone would have by the figure's day, for what flows in; None for a stock."""

    one: Indicator
    goal: Goal
    cell: Cell
    value: Decimal
    expected: Decimal | None

    @property
    def gap(self) -> Decimal:
        """What is missing, in the indicator's unit; nothing missing is 0 or less."""
        return self.value - self.goal.value if self.goal.down else self.goal.value - self.value

    @property
    def partial(self) -> bool:
        """Whether only a part of it is known."""
        return self.cell.state == tables.PARTIAL


def standings(person: Person, day: dt.date) -> tuple[Run | None, list[Standing]]:
    """The targets of a day's year against the snapshot pages speak from; what has no figure in that year is left out.

    Raises:
        access.Forbidden: the person may see no indicators.
    """
    set_ = of_year(person, day.year)
    found = snapshots.figures(person) if set_ else None
    if found is None:
        return None, []
    return found.run, [made for goal in set_ if (made := _standing(found, goal, str(day.year)))]


def _standing(found: Figures, goal: Goal, year: str) -> Standing | None:
    """None where there is no such indicator for this person, no figure of the year, or the units are not the same."""
    cell = found.cell(goal.code, "", goal.dim, goal.group)
    if cell is None or not cell.period.startswith(year):
        return None
    one = found.book.newest(goal.code)
    value = cell.value(one)
    return Standing(one, goal, cell, value, expected(cell, goal)) if value is not None and figures.alike(one.unit, goal.unit) else None


def expected(cell: Cell, goal: Goal) -> Decimal | None:
    """What time alone would have brought by the figure's own day."""
    if cell.span not in ("to_date", "year") or goal.unit not in FLOWS:
        return None
    end = screens.ends(cell)
    return goal.value * end.timetuple().tm_yday / dt.date(end.year, 12, 31).timetuple().tm_yday
