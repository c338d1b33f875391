"""Writes of what a trip cost: entered, held against the limit of the day, decided by another where above it, reversed instead of edited."""

from __future__ import annotations

import datetime as dt

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, told_of
from diguan.kernel.messages import Message
from diguan.kernel.money import words
from diguan.outreach.actions.told import Values, queue, refuse
from diguan.outreach.engine import limits
from diguan.outreach.models import Expense, ExpenseKind, ExpenseState, Trip, TripState
from diguan.outreach.queries import rights, terms, trips

FIELDS = ("kind", "day", "region", "persons", "days", "amount_fen", "reason", "note")
AFTER_DAYS = 30
"""So long after its last day expenses of a trip are taken."""


@action(permission=rights.CHANGE, event="expense_entered", on="trip")
def enter_expense(*, trip: Trip, values: Values, by: Person) -> Done[Trip]:
    """Enter what was spent. Within the limit it counts at once; above it only with a reason, and only once a leader has approved.

    Raises:
        Refusal: ``invalid``, ``bad_day``, ``over_limit`` (the limit, its source and how much above).
    """
    told = told_of(Expense, {**values, "days": values.get("days") or 1}, FIELDS)
    _check(trip, told)
    queue(trip, by)
    of = terms.in_force(told["day"])
    team, used = trip.members.count() + 1, _used(trip, told)
    judged = limits.judge(of.limits if of else None, told["kind"], told["region"], told["persons"], told["days"], told["amount_fen"], team=team, used_fen=used)
    if judged.over and len(told["reason"]) < 2:
        raise _above(judged, told, of, team, used)
    state = ExpenseState.WAITING if judged.over else ExpenseState.KEPT
    if not judged.over:
        told["reason"] = ""
    row = Expense.objects.create(**told, trip=trip, state=state, allowed_fen=judged.allowed, limit_source=of.source.zh[:200] if of and judged.allowed is not None else "",
                                 owner_unit_id=trip.owner_unit_id, created_by=by, changed_by=by)
    return Done(trip, after={"expense": row.pk, **told, "state": state, "allowed_fen": judged.allowed})


def _used(trip: Trip, told: Values) -> int:
    """What other entries of the kind took of these days, in fen: so one cannot be split to stay within its limit. Of one above it what it was allowed."""
    first, end = told["day"], told["day"] + dt.timedelta(days=told["days"])
    taken = 0
    for row in trip.expenses.filter(kind=told["kind"]).exclude(state__in=(ExpenseState.REFUSED, ExpenseState.REVERSED)):
        both = (min(end, row.day + dt.timedelta(days=row.days)) - max(first, row.day)).days
        taken += min(row.amount_fen, row.allowed_fen if row.allowed_fen is not None else row.amount_fen) * max(0, both) // row.days
    return taken


def _above(judged: limits.Judged, told: Values, of: terms.Terms | None, team: int, used: int) -> Refusal:
    most, over, source = judged.allowed or 0, judged.over, of.source if of else Message("", "")
    return Refusal("over_limit", [Message(
        f"超限额 {words(over)}：{ExpenseKind(told['kind']).label} {told['persons']} 人 {told['days']} 天最多 {words(most)}（全队 {team} 人，这几天同类已记 {words(used)}；{source.zh}）。确实要超的写明原因，等领导批准后才算数",
        f"{words(over, 'en')} above the limit: {told['persons']} people, {told['days']} days, {words(most, 'en')} at most (a team of {team}, {words(used, 'en')} of the kind entered for these days; {source.en}). Give a reason; it counts once a leader has approved")], "amount_fen")


def _check(trip: Trip, told: Values) -> None:
    if trip.state == TripState.CANCELLED:
        raise refuse("trip_closed", "取消了的外出不能记费用", "a cancelled trip costs nothing")
    if told["amount_fen"] is None or not 0 < told["amount_fen"] <= 10**11:
        raise refuse("invalid", "金额要大于 0，也不能太大；请核对单位", "the amount is above 0 and not that large: check the unit", "amount_fen")
    if not 1 <= told["persons"] <= 50 or not 1 <= told["days"] <= trip.days:
        raise refuse("invalid", f"人数 1 到 50，天数 1 到 {trip.days}", f"1 to 50 people, 1 to {trip.days} days", "persons")
    if told["day"] > clocks.today() or not trip.from_day <= told["day"] <= trip.to_day:
        raise refuse("bad_day", "日期要在这次外出里，也不能在今天以后", "the day lies within the trip and not after today", "day")
    if (clocks.today() - trip.to_day).days > AFTER_DAYS:
        raise refuse("bad_day", f"外出结束超过 {AFTER_DAYS} 天，不能再记费用", f"more than {AFTER_DAYS} days after the trip nothing is entered", "day")
    if told["region"] not in {code for code, _name in trips.destinations()}:
        raise refuse("invalid", "没有这个地方", "no such place", "region")


@action(permission=rights.APPROVE, event="expense_decided", on="trip")
def decide_expense(*, trip: Trip, expense: Expense, approve: bool, reason: str = "", by: Person) -> Done[Trip]:
    """Approve or refuse an expense above its limit; who entered it does not decide on it.

    Raises:
        Refusal: ``own_entry``, ``invalid`` (refused without a reason), ``conflict``: it does not wait any more.
    """
    if expense.created_by_id == by.pk:
        raise refuse("own_entry", "自己录入的不能自己批", "who entered it does not approve it")
    if not approve and len(reason.strip()) < 2:
        raise refuse("invalid", "不批准的写明原因", "say why it is refused", "reason")
    state = ExpenseState.APPROVED if approve else ExpenseState.REFUSED
    hit = Expense.objects.filter(pk=expense.pk, trip=trip, state=ExpenseState.WAITING).update(state=state, decided_by=by, decided_on=clocks.today(), changed_by=by, changed_at=clocks.now())
    if hit != 1:
        raise refuse("conflict", "已经有人办过了", "somebody has decided already")
    return Done(trip, before={"expense": expense.pk, "state": ExpenseState.WAITING}, after={"expense": expense.pk, "state": state})


@action(permission=rights.CHANGE, event="expense_reversed", on="trip")
def reverse_expense(*, trip: Trip, expense: Expense, reason: str, by: Person) -> Done[Trip]:
    """Take a wrong entry out of the sums; the row stays, with why.

    Raises:
        Refusal: ``invalid``: no reason; ``trip_closed``; ``conflict``: reversed already.
    """
    if len(reason.strip()) < 2:
        raise refuse("invalid", "写明为什么冲销", "say why it is reversed", "reason")
    if not trip.open:
        raise refuse("trip_closed", "这次外出已结束，费用不能再冲销", "the trip is closed: its expenses stand")
    hit = Expense.objects.filter(pk=expense.pk, trip=trip).exclude(state=ExpenseState.REVERSED).update(state=ExpenseState.REVERSED, changed_by=by, changed_at=clocks.now())
    if hit != 1:
        raise refuse("conflict", "已经冲销过了", "reversed already")
    return Done(trip, before={"expense": expense.pk, "state": expense.state}, after={"expense": expense.pk, "state": ExpenseState.REVERSED})
