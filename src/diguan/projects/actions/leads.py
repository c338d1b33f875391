"""Writes of leads: registered by whoever heard of one; its course begins at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from dataclasses import fields as columns_of
from typing import Any

from diguan.enterprises import engine as names
from diguan.enterprises import queries as register
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions import About, moves
from diguan.projects.actions import fields
from diguan.projects.actions.numbers import numbered
from diguan.projects.models import Lead, LeadSource
from diguan.projects.models.leads import LEAD
from diguan.projects.queries import terms
from diguan.projects.queries.leads import CHANGE, FLOW, REVEAL
from diguan.ties.models import HometownPerson, Purpose
from diguan.ties.queries import people

TAKEN = Message("没保存上：别人先办过这条线索，您填的还在；请对照后再来", "Not saved: somebody acted on this lead first. Your entry is kept; compare and try again")
TEXTS = ("title", "firm_name", "contact_name", "contact_phone", "source_note", "told", "node", "industry", "region")


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
    referrer: HometownPerson | None = None
    source_note: str = ""
    told: str = ""
    node: str = ""
    industry: str = ""
    investment_fen: int | None = None
    land: int | None = None
    jobs: int | None = None


PERSONAL = ("contact_name", "contact_phone", "referrer")
REFERRED = (LeadSource.HOMETOWN_TIES, LeadSource.REFERRAL_BY_INVESTOR, LeadSource.CHAMBER, LeadSource.TOWN, LeadSource.CAMPAIGN, LeadSource.TALENT_ATTRACTION)
"""Ways by which somebody brought it who waits for an answer."""


@action(permission=CHANGE, event="lead_registered")
def register_lead(*, said: Said, by: Person, hold: bool = True) -> Done[Lead]:
    """Register a lead, by default held by whoever does it; the clock of its first response begins.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``.
    """
    values = checked(said)
    _require_referrer(said, by)
    unit = access.unit_of(by)
    more = standing(by if hold else None, said.source, referred=said.referrer is not None)
    row = numbered(Lead, "线索", lambda number: Lead.objects.create(number=number, **values, **more, owner_unit_id=unit, registered_unit_id=unit, created_by=by, changed_by=by))
    row.course = moves.start(moves.flow_named(FLOW), About(LEAD, str(row.pk), str(row), owner_unit=unit), by, clocks.today(), "")
    row.save(update_fields=["course"])
    return Done(row, after={name: value for name, value in told_of(said).items() if name not in PERSONAL}, personal={name: _shown(name, getattr(said, name)) for name in PERSONAL if getattr(said, name)})


@action(permission=CHANGE, event="lead_changed", on="lead")
def change_lead(*, lead: Lead, version: int, said: Said, by: Person) -> Done[Lead]:
    """Change what is told of a lead, as it was seen at ``version``.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``, ``conflict``.
    """
    values = checked(said)
    if said.referrer != lead.referrer:
        _require_referrer(said, by)
    before = {name: getattr(lead, name) for name in told_of(said) if getattr(lead, name) != values[name]}
    write_at(lead, version, values, by=by, taken=TAKEN)
    lead.refresh_from_db()
    told = {name: values[name] for name in before if name not in PERSONAL}
    return Done(lead, before={name: value for name, value in before.items() if name not in PERSONAL}, after=told, personal={name: _shown(name, values[name]) for name in before if name in PERSONAL})


@action(permission=REVEAL, event="lead_contact_revealed", on="lead")
def reveal_contact(*, lead: Lead, reason: str, by: Person) -> Done[Lead]:
    """Log that somebody looks at whom to call; only then may the page show it.

    Raises:
        Refusal: no reason, or there is no contact.
    """
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message("请写明为什么要看联系方式", "say why you need the contact")], "reason")
    if not lead.contact_name and not lead.contact_phone:
        raise Refusal("no_contact", [Message("这条线索没有留联系人", "no contact is kept with this lead")])
    return Done(lead)


def standing(holder: Person | None, source: str, *, referred: bool = False) -> dict[str, Any]:
    """What follows from the terms of today: whose it is and until when, and by when whoever referred it is answered."""
    day, of = clocks.today(), terms.in_force(clocks.today())
    held: dict[str, Any] = {"holder": holder, "held_since": day, "protected_until": of.protected_until(day, day)} if holder else {}
    return held | {"feedback_due": of.feedback_due(day) if referred or source in REFERRED else None}


def checked(said: Said) -> dict[str, Any]:
    """The columns of a lead from what was told.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``.
    """
    for name in TEXTS:
        fields.text(name, getattr(said, name), fields.column(Lead, name), needed=name in ("title", "firm_name"))
    if said.came_on > clocks.today():
        raise Refusal("bad_day", [Message(f"{said.came_on} 还没到", f"{said.came_on} is still to come")], "came_on")
    if said.source not in LeadSource.values:
        raise Refusal("invalid", [Message("没有这种线索来源", "there is no such source of leads")], "source")
    fields.credit_code("uscc", said.uscc)
    for name in ("investment_fen", "land", "jobs"):
        fields.figure(name, getattr(said, name), fields.MOST_JOBS if name == "jobs" else fields.MOST_FEN)
    return told_of(said) | keys(said)


def told_of(said: Said) -> dict[str, Any]:
    """The columns, by name; rows stay rows."""
    return {one.name: getattr(said, one.name) for one in columns_of(said)}


def _shown(name: str, value: Any) -> Any:
    """As an Event keeps it: a row by its number."""
    return value.pk if name == "referrer" and value is not None else value


def _require_referrer(said: Said, by: Person) -> None:
    """Only who agreed to introduce firms, and whom the person may see, is named as who referred it."""
    if said.referrer is not None and not people.visible_people(by, Purpose.INTRODUCE).filter(pk=said.referrer.pk).exists():
        raise Refusal("no_referrer", [Message("没有您看得到、同意引荐企业的这个人", "there is no such person whom you may see and who agreed to introduce firms")], "referrer")


def keys(said: Said) -> dict[str, str]:
    """What it is found by."""
    return {"name_key": names.name_key(said.firm_name), "core_key": register.core_of(said.firm_name), "pinyin_key": names.pinyin_key(said.firm_name), "phone_key": names.phone_key(said.contact_phone)}
