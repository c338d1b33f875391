"""Writes of chambers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from diguan.enterprises.engine import pinyin_key, tidy_phone
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.ties import engine
from diguan.ties.actions import parts
from diguan.ties.actions.parts import invalid
from diguan.ties.models import Chamber
from diguan.ties.queries.chambers import CHANGE, REVEAL

FIELDS = ("name", "region", "city", "founded", "members", "contact_name", "contact_phone", "source", "source_date", "note")
PERSONAL = ("contact_name", "contact_phone")
"""Of these what is about a natural person: Events keep it apart."""
Values = Mapping[str, Any]


@action(permission=CHANGE, event="chamber_kept")
def keep_chamber(*, values: Values, by: Person, reason: str = "") -> Done[Chamber]:
    """Register a chamber; it belongs to the unit of whoever does it.

    Raises:
        Refusal: ``invalid`` or ``name_taken`` (field named).
    """
    told = _told(values)
    try:
        with transaction.atomic():
            row = Chamber.objects.create(**told, **_keys(told), owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise _taken(told["name"]) from error
    return Done(row, after=_public(told), personal=_personal(told))


@action(permission=CHANGE, event="chamber_changed", on="chamber")
def change_chamber(*, chamber: Chamber, version: int, values: Values, by: Person, reason: str = "") -> Done[Chamber]:
    """Change a chamber as somebody saw it at ``version``. An empty phone leaves the number that is there.

    Raises:
        Refusal: ``invalid``, ``name_taken`` (field named), or ``conflict``.
    """
    told = _told({**values, "contact_phone": values.get("contact_phone") or chamber.contact_phone})
    before = {name: getattr(chamber, name) for name in FIELDS}
    try:
        with transaction.atomic():
            write_at(chamber, version, {**told, **_keys(told)}, by=by, taken=parts.CONFLICT)
    except IntegrityError as error:
        raise _taken(told["name"]) from error
    return Done(Chamber.objects.get(pk=chamber.pk), before=_public(before), after=_public(told), personal={"before": _personal(before), "after": _personal(told)})


@action(permission=REVEAL, event="chamber_revealed", on="chamber")
def reveal_chamber(*, chamber: Chamber, reason: str, by: Person) -> Done[Chamber]:
    """Note that ``by`` looks at the contact's whole number and why; only then may a page show it.

    Raises:
        Refusal: ``invalid`` without a reason.
    """
    parts.reason_of(reason)
    return Done(chamber, after={"shown": "contact_phone"})


def _told(values: Values) -> dict[str, Any]:
    told = parts.told(Chamber, FIELDS, values)
    told["region"] = parts.region_of(told["region"])
    told["contact_phone"] = tidy_phone(told["contact_phone"])
    if told["contact_phone"] and not 7 <= len(engine.phone_key(told["contact_phone"])) <= 15:
        raise invalid("contact_phone", "不是电话号码", "not a phone number")
    parts.past(told["source_date"], "source_date")
    if told["founded"] is not None:
        parts.past(told["founded"], "founded")
    if told["members"] is not None and not 0 < told["members"] <= 1_000_000:
        raise invalid("members", "会员数从 1 起；不知道就空着", "members begin with 1; leave it empty if it is not known")
    if not engine.name_key(told["name"]):
        raise invalid("name", "没有填", "this is missing")
    return told


def _keys(told: Values) -> dict[str, str]:
    return {"name_key": engine.name_key(told["name"]), "pinyin_key": pinyin_key(told["name"])[:100]}


def _public(told: Values) -> dict[str, Any]:
    return {name: told[name] for name in FIELDS if name not in PERSONAL}


def _personal(told: Values) -> dict[str, Any]:
    return {name: told[name] for name in PERSONAL if told[name]}


def _taken(name: str) -> Refusal:
    return Refusal("name_taken", [Message(f"“{name}”已经登记过", f"“{name}” is registered already")], field="name")
