"""Writes of calls: added by hand or from the target firms, changed, dropped, their contact looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from diguan.chains.models import TargetFirm
from diguan.chains.queries import targets as register
from diguan.enterprises.engine import name_key
from diguan.kernel import access, uscc
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, told_of, write_at
from diguan.outreach.actions.told import CONFLICT, Values, refuse
from diguan.outreach.models import Call, CallState, Trip
from diguan.outreach.queries import planning, rights

FIELDS = ("party", "name", "uscc", "place", "worth", "minutes", "opens", "closes", "shut", "questions", "contact_name", "contact_phone")
PERSONAL = ("contact_name", "contact_phone")
USUAL = {"party": "firm", "worth": 100, "minutes": 90, "opens": 540, "closes": 1050}
MOST = 60
"""Calls of one trip."""


@action(permission=rights.CHANGE, event="call_added", on="trip")
def add_call(*, trip: Trip, values: Values, target: TargetFirm | None = None, by: Person) -> Done[Trip]:
    """Add somebody to call on; where in the plan is settled later.

    Raises:
        Refusal: ``trip_closed``, ``too_many``, ``invalid``, ``bad_hours``, ``called_twice`` (field named).
    """
    _writable(trip, 1)
    call = _add(trip, _told(trip, values), target, by)
    return Done(trip, after=_plain(call), personal=_personal(call))


@action(permission=rights.CHANGE, event="targets_taken", on="trip")
def add_targets(*, trip: Trip, firms: Sequence[TargetFirm], by: Person) -> Done[Trip]:
    """Take target firms as calls, each worth its score of the target list, in thousandths; those there already are left.

    Raises:
        Forbidden: the person may not see target firms.
        Refusal: ``trip_closed``, ``too_many``, ``nothing_chosen``.
    """
    access.require(by, register.VIEW)
    scores = {firm.pk: score for firm, score in planning.candidates(by, trip)}
    chosen = [firm for firm in dict.fromkeys(firms) if firm.pk in scores]
    _writable(trip, len(chosen))
    if not chosen:
        raise refuse("nothing_chosen", "没有选目标企业，或选的都在名单里了", "no target firm was chosen, or all are there already")
    there = set(trip.calls.values_list("name_key", flat=True))
    added = [_add(trip, {**USUAL, "name": firm.name, "uscc": firm.uscc, "worth": scores[firm.pk]}, firm, by) for firm in chosen if name_key(firm.name) not in there]
    return Done(trip, after={"calls": [call.name for call in added]}, related=chosen)


@action(permission=rights.CHANGE, event="call_changed", on="call")
def change_call(*, call: Call, version: int, values: Values, by: Person) -> Done[Trip]:
    """Change a call that has not been made, as somebody saw it at ``version``.

    Raises:
        Refusal: as :func:`add_call`; ``call_over``; ``conflict``.
    """
    _open(call)
    before, was = _plain(call), _personal(call)
    told = _told(call.trip, values)
    try:
        with transaction.atomic():
            write_at(call, version, {**told, "name_key": name_key(told["name"])}, by=by, taken=CONFLICT)
    except IntegrityError as error:
        raise _twice(told["name"]) from error
    now = Call.objects.select_related("trip").get(pk=call.pk)
    return Done(now.trip, before=before, after=_plain(now), personal={"before": was, "after": _personal(now)})


@action(permission=rights.CHANGE, event="call_dropped", on="call")
def drop_call(*, call: Call, version: int, reason: str, by: Person) -> Done[Trip]:
    """Say why a call was not made; it leaves the plan.

    Raises:
        Refusal: ``call_over``, ``invalid``, ``conflict``.
    """
    _open(call)
    if len(reason.strip()) < 2:
        raise refuse("invalid", "写明为什么没去成", "say why it was not made", "reason")
    write_at(call, version, {"state": CallState.DROPPED, "why_dropped": reason.strip()[:200], "day": None, "at": None}, by=by, taken=CONFLICT)
    return Done(call.trip, after={"call": call.name, "state": CallState.DROPPED})


@action(permission=rights.REVEAL, event="call_contact_revealed", on="call")
def reveal_contact(*, call: Call, reason: str, by: Person) -> Done[Trip]:
    """Log that somebody looks at whom to ask for and the full telephone number; only then may the page show it.

    Raises:
        Refusal: ``invalid``: no reason, or there is no contact.
    """
    if len(reason.strip()) < 2:
        raise refuse("invalid", "写明为什么要看完整的联系方式", "say why you need it in full", "reason")
    if not (call.contact_name or call.contact_phone):
        raise refuse("invalid", "没有登记联系人", "no contact is kept")
    return Done(call.trip, after={"call": call.pk})


def _add(trip: Trip, told: Values, target: TargetFirm | None, by: Person) -> Call:
    try:
        with transaction.atomic():
            return Call.objects.create(**told, name_key=name_key(told["name"]), trip=trip, target=target, owner_unit_id=trip.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise _twice(told["name"]) from error


def _twice(name: str) -> Refusal:
    return refuse("called_twice", f"“{name}”已经在这次外出的名单里", f"“{name}” is on this trip's list already", "name")


def _writable(trip: Trip, more: int) -> None:
    if not trip.open:
        raise refuse("trip_closed", f"这次外出{trip.get_state_display()}，不能再加拜访", "this trip is over: no call can be added")
    if trip.calls.count() + more > MOST:
        raise refuse("too_many", f"一次外出最多 {MOST} 个拜访", f"{MOST} calls a trip at most")


def _open(call: Call) -> None:
    if call.state != CallState.PLANNED or not call.trip.open:
        raise refuse("call_over", f"这个拜访{call.get_state_display()}，不能再改", "this call is over: it cannot be changed")


def _told(trip: Trip, values: Values) -> dict[str, Any]:
    told = told_of(Call, {**values, **{name: values.get(name) or usual for name, usual in USUAL.items()}}, FIELDS)
    if told["opens"] >= told["closes"] or told["closes"] > 1440:
        raise refuse("bad_hours", "“到几点止”要晚于“从几点起”", "it closes after it opens", "closes")
    if not 10 <= told["minutes"] <= 600:
        raise refuse("bad_hours", "时长在 10 到 600 分钟之间", "a call takes 10 to 600 minutes", "minutes")
    if not 0 <= told["worth"] <= 1000:
        raise refuse("invalid", "重要程度在 0 到 1000 之间", "worth is 0 to 1000", "worth")
    if told["uscc"] and not uscc.valid(told["uscc"]):
        raise refuse("invalid", "不是统一社会信用代码，请核对", "no credit code: check it", "uscc")
    told["shut"] = _shut(trip, told["shut"])
    return told


def _shut(trip: Trip, text: str) -> str:
    parts = [each.strip() for each in text.replace("，", ",").replace("、", ",").split(",") if each.strip()]
    if not all(each.isascii() and each.isdigit() and int(each) < trip.days for each in parts):
        raise refuse("bad_hours", "哪几天不行没填对", "the days it is closed cannot be read", "shut")
    return ",".join(str(day) for day in sorted({int(each) for each in parts}))


def _plain(call: Call) -> dict[str, Any]:
    return {"call": call.pk, **{name: getattr(call, f"{name}_id" if name == "place" else name) for name in FIELDS if name not in PERSONAL}}


def _personal(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in PERSONAL if getattr(call, name)}
