"""Writes of invitations and of guests who come to look."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from diguan.chains.models import TargetFirm
from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, told_of, write_at
from diguan.outreach.actions.told import CONFLICT, Values, queue, refuse
from diguan.outreach.models import GuestState, Invitation, SiteVisit, SiteVisitState, Trip
from diguan.outreach.queries import rights, visits

FIELDS = ("party", "name", "purpose", "invited_on")
VISIT_FIELDS = ("from_day", "to_day", "guests", "itinerary")
MOST_STAY = dt.timedelta(days=14)


@action(permission=rights.LOG, event="guest_invited")
def invite(*, values: Values, trip: Trip | None = None, target: TargetFirm | None = None, by: Person) -> Done[Invitation]:
    """Write down that somebody was asked to come.

    Raises:
        Refusal: ``invalid``, ``bad_day``, ``not_yours``, ``asked_already`` (field named).
    """
    told = told_of(Invitation, values, FIELDS)
    if told["invited_on"] > clocks.today():
        raise refuse("bad_day", "邀请日期不能在今天以后", "an invitation lies not after today", "invited_on")
    if trip is not None and trip not in visits.open_trips(by):
        raise refuse("not_yours", "这次外出不是您的", "this trip is not yours", "trip")
    if Invitation.objects.filter(name_key=name_key(told["name"]), state__in=(GuestState.ASKED, GuestState.ACCEPTED)).exists():
        raise _asked(told["name"])
    try:
        with transaction.atomic():
            row = Invitation.objects.create(**told, name_key=name_key(told["name"]), trip=trip, target=target, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise _asked(told["name"]) from error
    return Done(row, after=told, related=[trip] if trip else [])


def _asked(name: str) -> Refusal:
    return refuse("asked_already", f"“{name}”的邀请还没有结果，不用再邀一次", f"an invitation of “{name}” is still open", "name")


@action(permission=rights.LOG, event="invitation_answered", on="invitation")
def answer_invitation(*, invitation: Invitation, version: int, accepted: bool, answer: str, by: Person) -> Done[Invitation]:
    """Write down what they answered.

    Raises:
        Refusal: ``over``: they came or declined; ``invalid``; ``conflict``.
    """
    if invitation.state not in (GuestState.ASKED, GuestState.ACCEPTED):
        raise refuse("over", f"这次邀请{invitation.get_state_display()}", "this invitation is over")
    told = told_of(Invitation, {"answer": answer}, ("answer",))
    state = GuestState.ACCEPTED if accepted else GuestState.DECLINED
    if not accepted and invitation.site_visits.filter(state=SiteVisitState.PLANNED).exists():
        raise refuse("over", "已经排了考察，先把考察记成没来成", "a visit is planned: end it first")
    write_at(invitation, version, {"state": state, "answered_on": clocks.today(), **told}, by=by, taken=CONFLICT)
    return Done(Invitation.objects.get(pk=invitation.pk), before={"state": invitation.state}, after={"state": state, **told})


@action(permission=rights.LOG, event="site_visit_planned", on="invitation")
def plan_site_visit(*, invitation: Invitation, values: Values, host: Person, by: Person) -> Done[Invitation]:
    """Plan when they come, what they are shown and who receives them; whoever comes has accepted.

    Raises:
        Refusal: ``over``, ``planned_already``, ``invalid``, ``bad_day``, ``not_in_post`` (field named).
    """
    if invitation.state == GuestState.DECLINED:
        raise refuse("over", "他们说不来", "they declined")
    queue(invitation, by)
    if invitation.site_visits.filter(state=SiteVisitState.PLANNED).exists():
        raise refuse("planned_already", "已经排了一次考察，先把它办完", "a visit is planned already: end it first")
    told = told_of(SiteVisit, values, VISIT_FIELDS)
    if told["to_day"] < told["from_day"] or told["to_day"] - told["from_day"] > MOST_STAY:
        raise refuse("bad_day", "离开不能早于到达，最多两周", "they leave after they arrive, within two weeks", "to_day")
    if not 1 <= told["guests"] <= 200:
        raise refuse("invalid", "来 1 到 200 人", "1 to 200 people", "guests")
    if not rights.holders(rights.LOG).filter(pk=host.pk).exists():
        raise refuse("not_in_post", f"{host.name} 现在没有招商岗位，请换一个人接待", f"{host.name} holds no such post now", "host")
    SiteVisit.objects.create(**told, invitation=invitation, host=host, owner_unit_id=invitation.owner_unit_id, created_by=by, changed_by=by)
    if invitation.state == GuestState.ASKED:
        _now(invitation, GuestState.ACCEPTED, by)
    return Done(invitation, after={**told, "host": host.pk})


@action(permission=rights.LOG, event="site_visit_ended", on="invitation")
def end_site_visit(*, invitation: Invitation, visit: SiteVisit, version: int, came: bool, outcome: str, by: Person) -> Done[Invitation]:
    """Write down what came of it, or why they did not come.

    Raises:
        Refusal: ``over``, ``bad_day``: it has not begun; ``invalid``; ``conflict``.
    """
    if visit.state != SiteVisitState.PLANNED or visit.invitation_id != invitation.pk:
        raise refuse("over", "这次考察已经记过了", "this visit has been ended")
    if came and visit.from_day > clocks.today():
        raise refuse("bad_day", f"{visit.from_day} 才到", f"they arrive on {visit.from_day}")
    told = told_of(SiteVisit, {"outcome": outcome}, ("outcome",))
    if len(told["outcome"]) < 2:
        raise refuse("invalid", "写一句结果", "say in a sentence what came of it", "outcome")
    state = SiteVisitState.DONE if came else SiteVisitState.CANCELLED
    write_at(visit, version, {**told, "state": state}, by=by, taken=CONFLICT)
    if came:
        _now(invitation, GuestState.CAME, by)
    return Done(invitation, before={"visit": visit.pk, "state": visit.state}, after={"visit": visit.pk, "state": state, **told})


def _now(row: Invitation, state: Any, by: Person) -> None:
    Invitation.objects.filter(pk=row.pk).update(state=state, answered_on=row.answered_on or clocks.today(), version=row.version + 1, changed_by=by, changed_at=clocks.now())
