"""What the writes of plans, targets and tables share: a refusal of one sentence, who came second, and who must be named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from diguan.indicators.queries import plans
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Refusal
from diguan.kernel.messages import Message

Values = Mapping[str, Any]
CONFLICT = Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again")
FIRST_YEAR, LAST_YEAR = 2000, 2199


def refuse(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal of one sentence."""
    return Refusal(code, [Message(zh, en)], field)


def answering(unit: Unit | None, owner: Person | None, what: Message) -> tuple[Unit, Person]:
    """The office that answers for something and the person who carries it out: both are named, and the person is in post there.

    Raises:
        Refusal: ``no_owner`` (field named): nobody answers for it; ``not_in_post``: the person holds no such post in that office.
    """
    if unit is None:
        raise refuse("no_owner", f"{what.zh}没有责任单位，不能下达：先定由谁负责", f"{what.en} has no office that answers for it: say first who does", "owner_unit")
    if owner is None:
        raise refuse("no_owner", f"{what.zh}没有责任人，不能下达：先定由谁来办", f"{what.en} has nobody who carries it out: say first who does", "owner")
    if not plans.of_unit(unit).filter(pk=owner.pk).exists():
        raise refuse("not_in_post", f"{owner.name}现在不在{unit.name}任职，或岗位不能填进展，请换一个人", f"{owner.name} holds no post in {unit.name} that may note progress: choose somebody else", "owner")
    return unit, owner


def a_year(year: int, field: str = "year") -> int:
    """Let pass a year.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise refuse("invalid", f"年度应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间", f"a year lies between {FIRST_YEAR} and {LAST_YEAR}", field)
    return year


def due(day: dt.date, year: int) -> dt.date:
    """Let pass a day by which something of a year's plan is due: not before that year, at most five years after it.

    Raises:
        Refusal: ``bad_day``.
    """
    if not year <= day.year <= year + 5:
        raise refuse("bad_day", f"完成时限 {day} 不在 {year} 年度方案的年份里，请核对年份", f"due on {day} does not fit a plan of {year}: check the year", "due_on")
    return day
