"""Writes of the county's own honours: one person enters them with the paper, another verifies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from diguan.enterprises.engine import name_key
from diguan.indicators.actions.parts import CONFLICT, refuse
from diguan.indicators.models import Honour
from diguan.indicators.queries.honours import ENTER, VERIFY
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action, told_of, write_at
from diguan.kernel.evidence.actions import said as reason_of
from diguan.kernel.messages import visible
from diguan.projects.actions import checking
from diguan.projects.actions.checking import Proof
from diguan.projects.models import CheckState

SHEET = "honour_proof"
EARLIEST = dt.date(1949, 10, 1)
LONGEST = 104
"""Letters of a name once its wide and joined ones are written out."""
FIELDS = ("kind", "name", "holder", "level", "issuer", "document", "issued", "valid_until")


@action(permission=ENTER, event="honour_entered")
def enter_honour(*, told: Mapping[str, Any], proof: Proof | None, by: Person) -> Done[Honour]:
    """Enter what the county, a park or an institution was awarded, with the paper; it counts once another person has verified it.

    Args:
        told: :data:`FIELDS`, of which ``document`` and ``valid_until`` may be missing.
        proof: the paper, by name and content.
        by: who enters it.

    Raises:
        Refusal: ``invalid`` (field named), ``bad_day``, ``told_already``.
    """
    values = told_of(Honour, {name: visible(value) if isinstance(value, str) else value for name, value in told.items()}, FIELDS)
    checking.past(values["issued"], "issued", EARLIEST)
    if values["valid_until"] is not None and values["valid_until"] < values["issued"]:
        raise refuse("bad_day", f"有效期至 {values['valid_until']} 早于授予日期 {values['issued']}", f"valid until {values['valid_until']} is before {values['issued']}", "valid_until")
    key, unit = _key(values["name"], values["holder"]), access.unit_of(by)
    kept = checking.kept(proof, unit, by, sheet=SHEET)  # last: nothing is kept of what is refused
    try:
        with transaction.atomic():
            row = Honour.objects.create(**values, key=key, proof=kept, entered_by=by, owner_unit_id=unit, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise refuse("told_already", "同一天授予的这一项已经登记过", "this one of that day is entered already", "name") from error
    return Done(row, after={**values, "proof": kept.sha256})


def _key(name: str, holder: str) -> str:
    """What an honour is known by; marks alone are no name, and letters that stand for whole sentences are none either."""
    keys = {"name": name_key(name), "holder": name_key(holder)}
    for field, key in keys.items():
        if not 0 < len(key) <= LONGEST:
            raise refuse("invalid", "这里没有能认的名字", "there is no name to be read here", field)
    return " ".join(keys.values())


@action(permission=VERIFY, event="honour_verified", on="honour")
def verify_honour(*, honour: Honour, version: int, by: Person) -> Done[Honour]:
    """Say that the paper shows it; who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``not_waiting``, ``conflict``.
    """
    checking.verified(honour, version, by)
    return Done(honour, before={"state": CheckState.ENTERED}, after={"state": honour.state})


@action(permission=VERIFY, event="honour_rejected", on="honour")
def reject_honour(*, honour: Honour, version: int, reason: str, by: Person) -> Done[Honour]:
    """Say that it does not hold, and why; of one that was verified, also a withdrawn one, who entered it cannot, and it never counted.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_row``, ``not_waiting``, ``conflict``.
    """
    before = honour.state
    if before == CheckState.VERIFIED:
        checking.undone(honour, version, reason, by, ended_at=clocks.now())
    else:
        checking.rejected(honour, version, reason, by)
    return Done(honour, before={"state": before}, after={"state": honour.state})


@action(permission=VERIFY, event="honour_withdrawn", on="honour")
def withdraw_honour(*, honour: Honour, version: int, on: dt.date, reason: str, by: Person) -> Done[Honour]:
    """Say that its issuer took it back on a day, and in which paper; until the day before it counts as it did.

    Raises:
        Refusal: ``not_waiting``: it is not verified, or withdrawn already; ``own_row``, ``bad_day``, ``invalid`` without a reason, ``conflict``.
    """
    decision = reason_of(reason)
    if honour.state != CheckState.VERIFIED or honour.withdrawn_on is not None:
        raise refuse("not_waiting", "只有已核实、没有撤销过的才能登记撤销", "only what is verified and was not withdrawn can be withdrawn")
    if honour.entered_by_id == by.pk:
        raise refuse("own_row", "自己录入的要由另一个人登记撤销", "who entered it does not withdraw it: ask somebody else")
    checking.past(on, "on", honour.issued)
    write_at(honour, version, {"withdrawn_on": on, "ended_at": clocks.now(), "decision": decision}, by=by, taken=CONFLICT)
    return Done(Honour.objects.get(pk=honour.pk), before={"withdrawn_on": None}, after={"withdrawn_on": on})
