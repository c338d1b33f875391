"""Writes of this room. Pages, imports and the command line all come through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message
from diguan.ties import engine, queries
from diguan.ties.models import Tie

# What a person may fill in; keys, version and owner are ours.
FIELDS = ("name", "note")
Values = Mapping[str, Any]


@action(permission=queries.CHANGE, event="tie_created")
def create_tie(*, values: Values, by: Person, reason: str = "") -> Done[Tie]:
    """Register a tie; it belongs to the unit of whoever does it.

    Raises:
        Refusal: ``invalid`` or ``name_taken`` (field named).
    """
    told = _told(values)
    try:
        with transaction.atomic():
            row = Tie.objects.create(**told, name_key=engine.name_key(told["name"]), owner_unit_id=_unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise _taken(told["name"]) from error
    return Done(row, after=told)


@action(permission=queries.CHANGE, event="tie_changed", on="tie")
def change_tie(*, tie: Tie, version: int, values: Values, by: Person, reason: str = "") -> Done[Tie]:
    """Change a tie as somebody saw it at ``version``.

    Raises:
        Refusal: ``invalid``, ``name_taken`` (field named), or ``conflict``: someone else saved first, nothing was written.
    """
    told = _told(values)
    before = {name: getattr(tie, name) for name in FIELDS}
    try:
        with transaction.atomic():
            # A conditional UPDATE is the lock on every database; its row count says who came first.
            hit = Tie.objects.filter(pk=tie.pk, version=version).update(
                **told, name_key=engine.name_key(told["name"]), version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    except IntegrityError as error:
        raise _taken(told["name"]) from error
    if hit != 1:
        raise Refusal("conflict", [Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again")])
    return Done(Tie.objects.get(pk=tie.pk), before=before, after=told)


def _told(values: Values) -> dict[str, Any]:
    return {name: _one(Tie._meta.get_field(name), values.get(name)) for name in FIELDS}


def _one(field: Any, value: Any) -> Any:
    """What is told of one field, as the model keeps it; nothing told is NULL or an empty text."""
    if isinstance(value, str):
        value = value.strip()
    if value in (None, ""):
        if not field.blank:
            raise Refusal("invalid", [Message("没有填", "this is missing")], field=field.name)
        return None if field.null else ""
    if isinstance(value, str) and (len(value) > (field.max_length or len(value)) or "\x00" in value):
        raise Refusal("invalid", [Message(f"最多 {field.max_length} 个字，不能有看不见的字符", f"at most {field.max_length} characters, none invisible")], field=field.name)
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise Refusal("invalid", [Message("填得不对", "this cannot be used")], field=field.name) from error


def _taken(name: str) -> Refusal:
    return Refusal("name_taken", [Message(f"“{name}”已经登记过", f"“{name}” is registered already")], field="name")


def _unit_of(person: Person) -> int | None:
    return next((grant.unit_id for grant in access.granted(person) if queries.CHANGE in grant.role.permissions), None)
