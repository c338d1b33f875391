"""What the writes of this room share: texts as the models keep them, days, files, firms at an end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, models, transaction

from diguan.enterprises.models import Enterprise
from diguan.kernel import clocks, packs, uscc
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Refusal, told_of
from diguan.kernel.evidence.actions import keep_proof
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.ties import engine
from diguan.ties.models import TiedFirm
from diguan.ties.queries import ties

EARLIEST = dt.date(1949, 10, 1)
CONFLICT = Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again")
Proof = tuple[str, bytes]


def told(model: type[models.Model], names: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """These columns as the model keeps them, texts on one line.

    Raises:
        Refusal: ``invalid`` at the first that is missing or cannot be used.
    """
    return told_of(model, {name: " ".join(value.split()) if isinstance(value, str) and "\x00" not in value else value for name, value in values.items()}, names)


def invalid(field: str, zh: str, en: str) -> Refusal:
    """A refusal at a field."""
    return Refusal("invalid", [Message(zh, en)], field=field)


def region_of(text: str, field: str = "region") -> str:
    """A region as its code, from code or name; empty stays empty.

    Raises:
        Refusal: ``invalid``: no such region.
    """
    code = packs.codes().region_of(text) if text else ""
    problem = packs.codes().region_problem(code) if code else None
    if problem:
        raise Refusal("invalid", [problem], field=field)
    return code


def code_of(text: str, field: str) -> str:
    """A credit code, checked; empty stays empty.

    Raises:
        Refusal: ``invalid``: it is none.
    """
    code = uscc.normalise(text) if text else ""
    problem = uscc.problem(code) if code else None
    if problem:
        raise Refusal("invalid", [problem], field=field)
    return code


def past(day: dt.date | None, field: str) -> dt.date:
    """A day that has come.

    Raises:
        Refusal: ``invalid``: none, or not yet.
    """
    if day is None or not EARLIEST <= day <= clocks.today():
        raise invalid(field, f"应在 {EARLIEST} 以后、今天以前", f"between {EARLIEST} and today")
    return day


def reason_of(text: str, field: str = "reason") -> str:
    """A reason worth the name.

    Raises:
        Refusal: ``invalid``.
    """
    words = text.strip()
    if len(words) < 2 or "\x00" in words:
        raise invalid(field, "请写明原因", "say why")
    return words[:200]


def kept(proof: Proof | Upload | None, sheet: str, unit: int | None, by: Person) -> Upload | None:
    """The file of a proof; one kept already stays what it is.

    Raises:
        Refusal: ``invalid`` at ``proof``.
    """
    if proof is None or isinstance(proof, Upload):
        return proof
    return keep_proof(name=proof[0], content=proof[1], sheet=sheet, unit=unit, by=by)


def firm_at(name: str, code: str) -> TiedFirm:
    """The firm of this code or name, made where nobody named it before; a firm known by name alone takes the code it is told now.

    Raises:
        Refusal: ``invalid`` (field named), or ``conflict``: somebody named it at the same moment.
    """
    code, words = code_of(code, "firm_uscc"), " ".join(name.split())
    if not code and not 2 <= len(words) <= 100:
        raise invalid("firm_name", "请写企业全称（2 到 100 字）或信用代码", "give the firm's whole name (2 to 100 characters) or its credit code")
    found = ties.firm_of(code, words)
    known = Enterprise.objects.filter(uscc=code).first() if code else None
    if found is not None:
        if code and not found.uscc:
            TiedFirm.objects.filter(pk=found.pk, uscc="").update(uscc=code, enterprise=known)
            found.refresh_from_db()
        return found
    words = words or (known.name if known else "")
    if not words:
        raise invalid("firm_name", "没有见过这个信用代码，请写企业全称", "this credit code is new: give the firm's whole name")
    try:
        with transaction.atomic():
            return TiedFirm.objects.create(name=words, name_key=engine.name_key(words), uscc=code, enterprise=known)
    except IntegrityError as error:
        raise Refusal("conflict", [CONFLICT]) from error
