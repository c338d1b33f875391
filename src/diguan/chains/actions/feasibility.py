"""Writing down whether the county could take in a node."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from diguan.chains.models import Feasibility, Room
from diguan.chains.queries import shelf
from diguan.enterprises.actions import too_long
from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message

TELL = "chains.tell_feasibility"
SOMEBODY_FIRST = Message("没保存上：别人先改过，请重新打开再办", "Not saved: somebody changed it first; open it again")
FIELDS = ("land", "energy", "environment", "note", "source", "told_on")


@action(permission=TELL, event="feasibility_told")
def tell_feasibility(*, node: str, version: int, told: Mapping[str, Any], by: Person, reason: str = "") -> Done[Feasibility]:
    """Say of a node what land, energy and environment allow, as somebody saw it at ``version`` (0: nobody has said anything yet).

    Raises:
        Refusal: ``invalid`` (field named) or ``conflict``: somebody said something first, nothing was written.
    """
    values = _checked(node, told)
    before = Feasibility.objects.filter(node=node).first()
    if before is None:
        return Done(_first(node, values, by), after=values)
    write_at(before, version, values, by=by, taken=SOMEBODY_FIRST)
    return Done(Feasibility.objects.get(pk=before.pk), before={name: getattr(before, name) for name in FIELDS}, after=values)


def _first(node: str, values: Mapping[str, Any], by: Person) -> Feasibility:
    try:
        with transaction.atomic():
            return Feasibility.objects.create(node=node, owner_unit=None, created_by=by, changed_by=by, **values)
    except IntegrityError as error:
        raise Refusal("conflict", [SOMEBODY_FIRST]) from error


def _checked(node: str, told: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(told.get(name) or "").strip() for name in FIELDS[:5]} | {"told_on": told.get("told_on")}
    if odd := shelf.node_problem(node):
        raise Refusal("invalid", [odd])
    for name in FIELDS[:3]:
        if values[name] and values[name] not in Room.values:
            raise Refusal("invalid", [Message("只能是 有余地、有条件、不行，或空着", "open, tight, closed, or left blank")], field=name)
    for name, problem in too_long(Feasibility, {name: values[name] for name in ("note", "source")}).items():
        raise Refusal("invalid", [problem], field=name)
    if not values["source"]:
        raise Refusal("invalid", [Message("来源没有填：谁说的、凭什么", "the source is missing: who says so")], field="source")
    day = values["told_on"]
    if not isinstance(day, dt.date) or day > clocks.today():
        raise Refusal("invalid", [Message("来源日期应是今天以前的一天", "the day of the source is a day up to today")], field="told_on")
    return values
