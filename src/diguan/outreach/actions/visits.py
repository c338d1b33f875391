"""Writes of visits: once by key, whatever is sent how often; follow-ups set, done, handed over."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action, told_of, write_at
from diguan.outreach.actions.told import CONFLICT, Values, queue, refuse
from diguan.outreach.models import Call, CallState, FollowState, FollowUp, Trip, TripState, VisitLog
from diguan.outreach.queries import rights, visits

FIELDS = ("party", "name", "visited_on", "said", "outcome", "next_step")
MOST_DAYS = 60
OLDEST = dt.timedelta(days=400)


def send_visit(*, key: uuid.UUID, values: Values, by: Person) -> tuple[VisitLog, bool]:
    """Write a visit down, unless this very entry has arrived before: then the row that is there, and False.

    Raises:
        Forbidden: the person may not write visits down.
        Refusal: ``key_taken``: another text came under this key; and those of :func:`log_visit`.
    """
    access.require(by, rights.LOG)
    found = visits.by_key(key)
    if found is None:
        try:
            with transaction.atomic():
                return log_visit(key=key, values=values, by=by), True
        except IntegrityError:  # the same entry, sent twice at once
            found = visits.by_key(key)
            if found is None:
                raise
    return _same(found, values, by), False


def _same(found: VisitLog, values: Values, by: Person) -> VisitLog:
    if found.created_by_id != by.pk or found.digest != visits.digest_of(values):
        raise refuse("key_taken", "这个编号下已经有另一份记录，没有存。请另写一份", "another entry arrived under this key; this one was not kept. Write it anew")
    return found


@action(permission=rights.LOG, event="visit_logged")
def log_visit(*, key: uuid.UUID, values: Values, by: Person) -> Done[VisitLog]:
    """Write a visit down under a key of the device; the call it belongs to is then made.

    Args:
        key: made by the device or the form, once for each entry.
        values: what ``FIELDS`` names, with ``trip`` and ``call`` where it was on a trip.
        by: who was there.

    Raises:
        Refusal: ``invalid``, ``bad_day``, ``not_yours`` (field named).
    """
    told = told_of(VisitLog, values, FIELDS)
    trip, call = _on(values, by)
    if told["visited_on"] > clocks.today():
        raise refuse("bad_day", "走访日期不能在今天以后", "a visit lies not after today", "visited_on")
    if told["visited_on"] < clocks.today() - OLDEST:
        raise refuse("bad_day", "走访日期太早了，请核对", "that day is too long ago: check it", "visited_on")
    row = VisitLog.objects.create(**told, key=key, digest=visits.digest_of(values), name_key=name_key(told["name"]), trip=trip, call=call, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    if call is not None:
        Call.objects.filter(pk=call.pk, state=CallState.PLANNED).update(state=CallState.MADE, changed_by=by, changed_at=clocks.now())
    return Done(row, after={**told, "trip": trip.pk if trip else None, "call": call.pk if call else None}, related=[trip] if trip else [])


def _on(values: Values, by: Person) -> tuple[Trip | None, Call | None]:
    """The trip and the call it belongs to, as far as they are this person's."""
    call, trip = values.get("call"), values.get("trip")
    trip = call.trip if call is not None else trip
    if trip is None:
        return None, None
    if trip not in visits.open_trips(by):
        raise refuse("not_yours", "这次外出不是您的，不能把走访记在上面", "this trip is not yours: nothing can be written to it", "trip")
    if trip.state == TripState.PLANNED and clocks.today() < trip.from_day:
        raise refuse("bad_day", f"这次外出 {trip.from_day} 才出发", f"this trip sets out on {trip.from_day}", "trip")
    return trip, call


@action(permission=rights.LOG, event="visit_corrected", on="visit")
def correct_visit(*, visit: VisitLog, values: Values, reason: str, by: Person) -> Done[VisitLog]:
    """Put another entry in the place of one that was wrong; the old one stays to be read.

    Raises:
        Refusal: ``invalid``: no reason; ``conflict``: corrected already.
    """
    if len(reason.strip()) < 2:
        raise refuse("invalid", "写明为什么更正", "say why it is corrected", "reason")
    queue(visit, by)
    if visit.corrections.exists():
        raise refuse("conflict", "已经更正过了，请在更正后的那份上改", "it has been corrected: correct the later entry")
    told = told_of(VisitLog, values, FIELDS)
    if told["visited_on"] > clocks.today():
        raise refuse("bad_day", "走访日期不能在今天以后", "a visit lies not after today", "visited_on")
    row = VisitLog.objects.create(**told, key=uuid.uuid4(), digest=visits.digest_of(told), name_key=name_key(told["name"]), trip=visit.trip, call=visit.call, corrects=visit,
                                  owner_unit_id=visit.owner_unit_id, created_by=by, changed_by=by)
    visit.follow_ups.update(visit=row)
    return Done(row, before={name: getattr(visit, name) for name in FIELDS}, after=told, related=[visit])


# ── follow-ups ───────────────────────────────────────────────────────────────
@action(permission=rights.LOG, event="follow_up_set", on="visit")
def set_follow_up(*, visit: VisitLog, what: str, owner: Person, days: int, by: Person) -> Done[FollowUp]:
    """Say who does what within so many working days from today.

    Raises:
        Refusal: ``invalid``, ``not_in_post`` (field named).
    """
    told = told_of(FollowUp, {"what": what}, ("what",))
    _days(days)
    _in_post(owner)
    due = clocks.due_after(clocks.today(), days, packs.calendar())
    row = FollowUp.objects.create(**told, visit=visit, trip=visit.trip, owner=owner, days=days, set_on=clocks.today(), due_on=due.day, owner_unit_id=visit.owner_unit_id, created_by=by, changed_by=by)
    return Done(row, after={**told, "owner": owner.pk, "due_on": due.day}, related=[visit])


@action(permission=rights.LOG, event="follow_up_ended")
def finish_follow_up(*, row: FollowUp, version: int, result: str, dropped: bool = False, by: Person) -> Done[FollowUp]:
    """Say what came of it, or why it is not followed any more.

    Raises:
        Forbidden: neither theirs nor their unit's.
        Refusal: ``invalid``, ``over``, ``conflict``.
    """
    _mine(row, by)
    told = told_of(FollowUp, {"result": result}, ("result",))
    if len(told["result"]) < 2:
        raise refuse("invalid", "写一句结果", "say in a sentence what came of it", "result")
    state = FollowState.DROPPED if dropped else FollowState.DONE
    write_at(row, version, {**told, "state": state, "done_on": clocks.today()}, by=by, taken=CONFLICT)
    return Done(FollowUp.objects.get(pk=row.pk), before={"state": row.state}, after={**told, "state": state})


@action(permission=rights.LOG, event="follow_up_handed_over")
def hand_over_follow_up(*, row: FollowUp, version: int, to: Person, reason: str, by: Person) -> Done[FollowUp]:
    """Give it to somebody else in post; its day stays.

    Raises:
        Forbidden: neither theirs nor their unit's.
        Refusal: ``invalid``, ``not_in_post``, ``over``, ``conflict``.
    """
    _mine(row, by)
    if len(reason.strip()) < 2:
        raise refuse("invalid", "写明为什么交给别人", "say why it is handed over", "reason")
    _in_post(to)
    write_at(row, version, {"owner": to}, by=by, taken=CONFLICT)
    return Done(FollowUp.objects.get(pk=row.pk), before={"owner": row.owner_id}, after={"owner": to.pk})


def _mine(row: FollowUp, by: Person) -> None:
    if row.owner_id != by.pk:
        access.require(by, rights.LOG, row)
    if row.state != FollowState.OPEN:
        raise refuse("over", f"这件事{row.get_state_display()}", "this is over")


def _days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise refuse("invalid", f"1 到 {MOST_DAYS} 个工作日", f"1 to {MOST_DAYS} working days", "days")


def _in_post(person: Person) -> None:
    if not rights.holders(rights.LOG).filter(pk=person.pk).exists():
        raise refuse("not_in_post", f"{person.name} 现在没有招商岗位，请换一个人", f"{person.name} holds no such post now: choose somebody else", "owner")
