"""Year targets as the dispatch sheet and the cockpit read them: whoever keeps targets answers here; where nobody does, there are none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from diguan.indicators.engine import tables
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import screens, snapshots
from diguan.indicators.queries.snapshots import Cell
from diguan.kernel.access.models import Person
from diguan.kernel.facts.runs import Run


@dataclass(frozen=True)
class Goal:
    """What an indicator is to come to by the year's end, in its unit, and who answers for it."""

    value: Decimal
    owner: str


Tell = Callable[[Person, int], Mapping[str, Goal]]
_TELLERS: list[Tell] = []


def teller(tell: Tell) -> Tell:
    """Declare the function that tells a year's targets by indicator code, as far as a person may see them."""
    _TELLERS.append(tell)
    return tell


def of_year(person: Person, year: int) -> dict[str, Goal]:
    """Every target of a year by indicator code; empty where nobody set one."""
    return {code: goal for tell in _TELLERS for code, goal in tell(person, year).items()}


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
        return self.goal.value - self.value if self.one.direction != "down" else self.value - self.goal.value

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
    made = []
    for code, goal in set_.items():
        cell = found.cell(code)
        value = cell.value(found.book.newest(code)) if cell else None
        if cell is not None and value is not None and cell.period.startswith(str(day.year)):
            made.append(Standing(found.book.newest(code), goal, cell, value, expected(cell, goal)))
    return found.run, made


def expected(cell: Cell, goal: Goal) -> Decimal | None:
    """What time alone would have brought by the figure's own day."""
    if cell.span not in ("to_date", "year"):
        return None
    end = screens.ends(cell)
    return goal.value * end.timetuple().tm_yday / dt.date(end.year, 12, 31).timetuple().tm_yday
