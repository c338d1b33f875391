"""Writes of leads: registered by whoever heard of one; its course begins at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from diguan.enterprises import engine as names
from diguan.enterprises import queries as register
from diguan.kernel import access, clocks, uscc
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions import About, moves
from diguan.projects.actions.numbers import numbered
from diguan.projects.models import Lead, LeadSource
from diguan.projects.models.leads import LEAD
from diguan.projects.queries.leads import CHANGE, FLOW

MOST_FEN = 10**15
"""Ten trillion yuan: above it a unit was mistaken."""


@dataclass(frozen=True)
class Said:
    """What is told of a lead when it is registered. Fen, 0.0001 mu; None or empty is not known."""

    title: str
    firm_name: str
    source: str
    came_on: dt.date
    uscc: str = ""
    region: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    source_note: str = ""
    told: str = ""
    node: str = ""
    industry: str = ""
    investment_fen: int | None = None
    land: int | None = None
    jobs: int | None = None


PERSONAL = ("contact_name", "contact_phone")


@action(permission=CHANGE, event="lead_registered")
def register_lead(*, said: Said, by: Person, hold: bool = True) -> Done[Lead]:
    """Register a lead, by default held by whoever does it; the clock of its first response begins.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``.
    """
    values = checked(said)
    unit = access.unit_of(by)
    held: Mapping[str, Any] = {"holder": by, "held_since": clocks.today()} if hold else {}
    row = numbered(Lead, "线索", lambda number: Lead.objects.create(number=number, **values, **held, owner_unit_id=unit, created_by=by, changed_by=by))
    row.course = moves.start(moves.flow_named(FLOW), About(LEAD, str(row.pk), str(row), owner_unit=unit), by, clocks.today(), "")
    row.save(update_fields=["course"])
    return Done(row, after={name: value for name, value in asdict(said).items() if name not in PERSONAL}, personal={name: getattr(said, name) for name in PERSONAL if getattr(said, name)})


def checked(said: Said) -> dict[str, Any]:
    """The columns of a lead from what was told.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``.
    """
    _words(said)
    if said.came_on > clocks.today():
        raise Refusal("bad_day", [Message(f"{said.came_on} 还没到", f"{said.came_on} is still to come")], "came_on")
    if said.source not in LeadSource.values:
        raise Refusal("invalid", [Message("没有这种线索来源", "there is no such source of leads")], "source")
    if said.uscc and not uscc.valid(said.uscc):
        raise Refusal("invalid", [Message("不是有效的统一社会信用代码", "not a valid unified social credit code")], "uscc")
    for name in ("investment_fen", "land", "jobs"):
        if (number := getattr(said, name)) is not None and not 0 <= number <= MOST_FEN:
            raise Refusal("invalid", [Message("不能是负数，也不能太大；请核对单位", "neither negative nor that large: check the unit")], name)
    return asdict(said) | {"name_key": names.name_key(said.firm_name), "core_key": register.core_of(said.firm_name)}


def _words(said: Said) -> None:
    for name in ("title", "firm_name", "contact_name", "contact_phone", "source_note", "told", "node", "industry", "region"):
        text, most = getattr(said, name), getattr(Lead._meta.get_field(name), "max_length", 0)
        needed = name in ("title", "firm_name")
        if (needed and len(text.strip()) < 2) or len(text) > most or "\x00" in text:
            raise Refusal("invalid", [Message(f"{'要填，' if needed else ''}最多 {most} 个字", f"{'needed, ' if needed else ''}{most} characters at most")], name)
