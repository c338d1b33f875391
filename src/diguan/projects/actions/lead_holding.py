"""Whose a lead is: claimed, offered and taken, given by the office, let go. Of two at once exactly one has it, the other is told who."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from diguan.kernel import access, clocks, events
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.projects.actions.lead_notices import end_notices, end_offer, tell_offer
from diguan.projects.actions.lead_work import words_of
from diguan.projects.actions.leads import TAKEN
from diguan.projects.models import Handover, HandoverState, Lead
from diguan.projects.queries import leads, terms
from diguan.projects.queries.leads import ASSIGN, CHANGE, VIEW


@action(permission=CHANGE, event="lead_claimed")
def claim_lead(*, lead: Lead, by: Person) -> Done[Lead]:
    """Take a lead that is nobody's, or whose protection is over. Of two at once one has it.

    Raises:
        access.Forbidden: the person may not see it.
        Refusal: ``held_already`` with who has it and until when; ``yours``; ``not_now`` where it has ended.
    """
    access.require(by, VIEW, lead)
    open_rows = Lead.objects.filter(pk=lead.pk, course__ended_at__isnull=True).values("pk")
    before = lead.holder.name if lead.holder else ""
    free = Q(holder__isnull=True) | (Q(protected_until__lt=clocks.today()) & ~Q(holder=by))
    hit = Lead.objects.filter(free, pk__in=open_rows).update(**held(by, _since(lead, by)), changed_by=by, changed_at=clocks.now(), version=F("version") + 1)
    if hit != 1:
        raise _not_free(lead, by)
    _settle(lead, by)
    return Done(lead, before={"holder": before}, after={"holder": by.name, "protected_until": lead.protected_until})


@action(permission=CHANGE, event="lead_offered", on="lead")
def offer_lead(*, lead: Lead, version: int, to: Person, note: str = "", by: Person) -> Done[Lead]:
    """Offer a lead one holds to somebody else; it stays one's own until they take it.

    Raises:
        Refusal: ``not_yours``, ``not_a_taker``, ``offered_already``, ``conflict``, ``not_now``.
    """
    if lead.holder_id != by.pk:
        raise Refusal("not_yours", [Message("只有持有人能交出去；本单位负责人可以直接划转", "only who holds it offers it; whoever leads the office may assign it")])
    _require_taker(by, to)
    _require_open(lead)
    write_at(lead, version, {}, by=by, taken=TAKEN)
    try:
        with transaction.atomic():
            row = Handover.objects.create(lead=lead, giver=by, taker=to, note=note.strip()[:200], offered_on=clocks.today(), owner_unit_id=lead.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("offered_already", [Message("已经交给一个人了，等对方接；要换人先收回", "it is offered to somebody already; take that back first")]) from error
    tell_offer(lead, row.pk, to, by)
    lead.refresh_from_db()
    return Done(lead, after={"to": to.name}, related=[row])


@action(permission=CHANGE, event="lead_handed_over")
def accept_lead(*, handover: Handover, by: Person) -> Done[Lead]:
    """Take a lead that was offered to oneself.

    Raises:
        Refusal: ``not_offered``: to somebody else, taken back, or the lead is no longer the giver's.
    """
    lead = handover.lead
    _decide(handover, HandoverState.ACCEPTED, by, Q(taker=by))
    open_rows = Lead.objects.filter(pk=lead.pk, course__ended_at__isnull=True, holder=handover.giver_id).values("pk")
    if Lead.objects.filter(pk__in=open_rows).update(**held(by), changed_by=by, changed_at=clocks.now(), version=F("version") + 1) != 1:
        raise _not_offered()
    _settle(lead, by)
    return Done(lead, before={"holder": handover.giver.name}, after={"holder": by.name, "protected_until": lead.protected_until}, related=[handover])


@action(permission=CHANGE, event="lead_offer_closed")
def close_offer(*, handover: Handover, by: Person) -> Done[Lead]:
    """Say no to an offer (who was asked) or take it back (who made it); the lead stays where it is.

    Raises:
        Refusal: ``not_offered``: it is neither to nor from this person, or was answered.
    """
    state = HandoverState.DECLINED if handover.taker_id == by.pk else HandoverState.WITHDRAWN
    _decide(handover, state, by, Q(taker=by) | Q(giver=by))
    return Done(handover.lead, after={"offer": state}, related=[handover])


@action(permission=ASSIGN, event="lead_assigned", on="lead")
def assign_lead(*, lead: Lead, version: int, to: Person, reason: str, by: Person) -> Done[Lead]:
    """Give a lead to somebody, whoever holds it: by whoever leads the office, with a reason.

    Raises:
        Refusal: ``conflict``, ``not_a_taker``, ``invalid``, ``not_now``.
    """
    words_of(reason, "reason", 200)
    before = lead.holder.name if lead.holder else ""
    if to != by:
        _require_taker(by, to)
    _require_open(lead)
    write_at(lead, version, held(to), by=by, taken=TAKEN)
    _settle(lead, by)
    return Done(lead, before={"holder": before}, after={"holder": to.name})


@action(permission=CHANGE, event="lead_released", on="lead")
def release_lead(*, lead: Lead, version: int, reason: str, by: Person) -> Done[Lead]:
    """Let go of a lead one holds; anybody who sees it may take it.

    Raises:
        Refusal: ``not_yours``, ``conflict``, ``invalid``, ``not_now``.
    """
    words_of(reason, "reason", 200)
    if lead.holder_id != by.pk:
        raise Refusal("not_yours", [Message("这条线索不在您手里", "this lead is not yours")])
    _require_open(lead)
    write_at(lead, version, {"holder": None, "protected_until": None}, by=by, taken=TAKEN)
    _settle(lead, by)
    return Done(lead, before={"holder": by.name}, after={"holder": ""})


# ── parts ────────────────────────────────────────────────────────────────────
def held(by: Person, since: dt.date | None = None) -> dict[str, Any]:
    """The columns of a lead that somebody holds from today: whose, whose office's, until when protected. ``since``: a holding of theirs that goes on."""
    day = clocks.today()
    return {"holder": by, "held_since": since or day, "protected_until": terms.in_force(day).protected_until(since or day, day), "owner_unit_id": access.unit_of(by)}


def _since(lead: Lead, by: Person) -> dt.date | None:
    """Since when it was theirs, of whoever let it go last: taking it back is no new holding, or its protection would never end."""
    kind, key = events.key_of(lead)
    last = events.Event.objects.filter(root_type=kind, root_id=key, verb__in=("lead_claimed", "lead_handed_over", "lead_assigned", "lead_released")).order_by("-seq").first()
    theirs = last is not None and last.verb == "lead_released" and last.actor_id == by.pk
    return Lead.objects.values_list("held_since", flat=True).get(pk=lead.pk) if theirs else None


def _settle(lead: Lead, by: Person) -> None:
    """Whoever had it is not reminded of it any more, and offers of it are off."""
    for number in Handover.objects.filter(lead=lead, state=HandoverState.OFFERED).values_list("pk", flat=True):
        end_offer(number, by)
    Handover.objects.filter(lead=lead, state=HandoverState.OFFERED).update(state=HandoverState.WITHDRAWN, decided_on=clocks.today())
    end_notices(lead, by)
    lead.refresh_from_db()


def _decide(handover: Handover, state: HandoverState, by: Person, who: Q) -> None:
    if Handover.objects.filter(who, pk=handover.pk, state=HandoverState.OFFERED).update(state=state, decided_on=clocks.today(), changed_by=by, changed_at=clocks.now()) != 1:
        raise _not_offered()
    end_offer(handover.pk, by)


def _require_taker(by: Person, to: Person) -> None:
    if not leads.takers(by).filter(pk=to.pk).exists():
        raise Refusal("not_a_taker", [Message("要选另一个在岗、跟进线索的人", "choose somebody else in post who follows leads")], "to")


def _require_open(lead: Lead) -> None:
    if lead.course is None or lead.course.ended_at is not None:
        raise Refusal("not_now", [Message("这条线索已经了结", "this lead has ended")])


def _not_offered() -> Refusal:
    return Refusal("not_offered", [Message("没办成：已经收回、答复过，或线索换了人", "not done: it was taken back or answered, or the lead is somebody else's by now")])


def _not_free(lead: Lead, by: Person) -> Refusal:
    now = Lead.objects.select_related("holder", "owner_unit", "course").get(pk=lead.pk)
    if now.course is None or now.course.ended_at is not None:
        return Refusal("not_now", [Message("这条线索已经了结", "this lead has ended")])
    if now.holder is None or now.holder_id == by.pk:
        return Refusal("yours", [Message("这条线索已经在您手里；写进展就能续保护期", "this lead is yours already; news renew its protection")])
    office = f"（{now.owner_unit.name}）" if now.owner_unit else ""
    return Refusal("held_already", [Message(f"没认领成：{now.holder.name}{office}持有，保护到 {now.protected_until}", f"not claimed: {now.holder.name} {office} holds it, protected until {now.protected_until}")])
