"""Writes of ties: recorded by one person with a source, verified by another, ended when they are no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.ties.actions import parts
from diguan.ties.actions.parts import Proof, invalid
from diguan.ties.models import KIND_ENDS, Chamber, HometownPerson, Tie, TiedFirm, TieKind, TieState
from diguan.ties.queries import people
from diguan.ties.queries import ties as queries
from diguan.ties.queries.ties import CHANGE, VERIFY

PROOF_SHEET = "tie_proof"
_DECIDED = Message("没办成：别人先办过这一条，请重新打开再办", "not done: somebody acted on this first; open it again")
Row = HometownPerson | TiedFirm | Chamber | Person


@dataclass(frozen=True)
class FirmName:
    """A firm as somebody names it."""

    name: str
    uscc: str = ""


End = HometownPerson | TiedFirm | Chamber | Person | FirmName


@action(permission=CHANGE, event="tie_recorded")
def record_tie(*, kind: str, one: End, other: End, source: str, source_date: dt.date, proof: Proof | Upload | None = None, by: Person) -> Done[Tie]:
    """Record that two are tied. Nobody is named in it who did not consent; a firm is named by code or name; who of the county knows somebody says so for themselves.

    Args:
        kind: a :class:`~diguan.ties.models.TieKind`.
        one: the first end, as the kind has it: the person, the member, who knows somebody.
        other: the second.
        source: who told it, or where it stands.
        source_date: when.
        proof: a picture or PDF, or none.
        by: who records it; verified by another.

    Raises:
        Refusal: ``invalid`` (field named), ``wrong_ends``, ``no_consent``, ``own_word`` or ``tied_already``.
    """
    if kind not in TieKind.values:
        raise invalid("kind", "请选关系", "choose the relation")
    words, day = _source(source), parts.past(source_date, "source_date")
    ends = (_row(one), _row(other))
    kinds = (_kind_of(ends[0]), _kind_of(ends[1]))
    if kinds not in KIND_ENDS[kind] or ends[0] == ends[1]:
        raise Refusal("wrong_ends", [Message(f"“{TieKind(kind).label}”不能连这两头", f"this relation does not join these two ends: {kind}")], field="kind")
    for row in ends:
        _may_stand(row, by)
    columns = {f"a_{kinds[0]}": ends[0], f"b_{kinds[1]}": ends[1]}
    pair = "|".join(sorted(f"{each}:{row.pk}" for each, row in zip(kinds, ends, strict=True)))
    try:
        with transaction.atomic():
            made = Tie.objects.create(kind=kind, **columns, pair=pair, source=words, source_date=day, proof=parts.kept(proof, PROOF_SHEET, access.unit_of(by), by), recorded_by=by,
                                     owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("tied_already", [Message("这两头的这种关系已经记过", "this relation of these two is on record already")]) from error
    return Done(made, after={"kind": kind, "ends": pair, "source_date": day}, related=_related(ends), personal={"source": words})


def _source(text: str) -> str:
    words = " ".join(text.split())
    if not 2 <= len(words) <= 100 or "\x00" in words:
        raise invalid("source", "请写谁说的、凭什么，2 到 100 字", "say in 2 to 100 characters who told it or where it stands")
    return words


def _row(end: End) -> Row:
    return parts.firm_at(end.name, end.uscc) if isinstance(end, FirmName) else end


def _kind_of(row: Row) -> str:
    return {HometownPerson: "person", TiedFirm: "firm", Chamber: "chamber", Person: "officer"}[type(row)]


def _may_stand(row: Row, by: Person) -> None:
    """Whether this end may be named by this person."""
    if isinstance(row, HometownPerson) and people.hometown_person(by, row.pk) is None:
        raise Refusal("no_consent", [Message("没有这个人，或本人的同意不在有效期内", "there is no such person, or their consent is not in force")], field="person")
    if isinstance(row, Person) and row.pk != by.pk:
        raise Refusal("own_word", [Message("县里的人认识谁，由本人自己记", "whom somebody of the county knows they record themselves")], field="with_me")


def _related(ends: tuple[Row, Row]) -> list[models.Model]:
    return [row for row in ends if isinstance(row, HometownPerson | Chamber)] + [row.enterprise for row in ends if isinstance(row, TiedFirm) and row.enterprise]


@action(permission=VERIFY, event="tie_verified", on="tie")
def verify_tie(*, tie: Tie, version: int, by: Person) -> Done[Tie]:
    """Say that it is so; who recorded it cannot.

    Raises:
        Refusal: ``own_claim``, ``not_waiting`` or ``conflict``.
    """
    return _decided(tie, version, by, TieState.VERIFIED, "")


@action(permission=VERIFY, event="tie_rejected", on="tie")
def reject_tie(*, tie: Tie, version: int, reason: str, by: Person) -> Done[Tie]:
    """Say that it is not, and why.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_claim``, ``not_waiting`` or ``conflict``.
    """
    return _decided(tie, version, by, TieState.REJECTED, parts.reason_of(reason))


def _decided(tie: Tie, version: int, by: Person, state: TieState, decision: str) -> Done[Tie]:
    if tie.recorded_by_id == by.pk:
        raise Refusal("own_claim", [Message("自己录入的不能自己核实，请另一个人来", "who entered it cannot decide on it: ask somebody else")])
    if tie.state != TieState.CLAIMED:
        raise Refusal("not_waiting", [Message("这条关系已经核实、驳回或结束过", "it was decided on or ended already")])
    write_at(tie, version, {"state": state, "verified_by": by, "decided_on": clocks.today(), "decision": decision}, by=by, taken=_DECIDED)
    return _done(tie)


@action(permission=CHANGE, event="tie_ended", on="tie")
def end_tie(*, tie: Tie, version: int, reason: str, by: Person) -> Done[Tie]:
    """Say that it is no more: sold the share, left the firm, recorded by mistake.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting`` or ``conflict``.
    """
    words = parts.reason_of(reason)
    if tie.state not in queries.OPEN:
        raise Refusal("not_waiting", [Message("这条关系已经驳回或结束过", "it was rejected or ended already")])
    write_at(tie, version, {"state": TieState.ENDED, "decision": words}, by=by, taken=_DECIDED)
    return _done(tie)


def _done(tie: Tie) -> Done[Tie]:
    before = tie.state
    now = Tie.objects.get(pk=tie.pk)
    related: Mapping[str, Any] = {f"{side}_{kind}": getattr(now, f"{side}_{kind}") for side in "ab" for kind in ("person", "chamber")}
    return Done(now, before={"state": before}, after={"state": now.state, "ends": now.pair}, related=[row for row in related.values() if row])
