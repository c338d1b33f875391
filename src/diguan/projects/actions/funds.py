"""Writes of the funds-in-place ledger: a line entered on a paper, verified by another; a wrong one reversed, never edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.enterprises import engine as names
from diguan.enterprises import queries as register
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence.actions import said as reason_of
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.projects.actions import checking, fields
from diguan.projects.actions.checking import Proof
from diguan.projects.actions.fields import no
from diguan.projects.models import CheckState, Fund, FundKind, FundOrigin, Project
from diguan.projects.queries import funds as queries
from diguan.projects.queries.funds import ENTER, IMPORT, VERIFY

MOST = 200
"""Lines that are verified at once."""


@dataclass(frozen=True)
class Said:
    """What a paper says of a payment; fen."""

    kind: str
    origin: str
    payer: str
    paid_on: dt.date
    amount_fen: int
    document: str
    payer_uscc: str = ""


@dataclass(frozen=True)
class Entry:
    """One row of a file: the project it names and what it says."""

    project: int
    said: Said


# ── entering ─────────────────────────────────────────────────────────────────
@action(permission=ENTER, event="fund_entered", on="project")
def enter_fund(*, project: Project, said: Said, proof: Proof | None, by: Person) -> Done[Fund]:
    """Enter a payment with its slip; it counts once another person has verified it.

    Raises:
        Refusal: ``invalid``, ``bad_day`` (field named), ``entered_already``: the paper stands in the ledger.
    """
    row = _written(project, said, by, checking.kept(proof, project.owner_unit_id, by))
    return Done(row, after=_told(row), related=[project])


def _written(project: Project, said: Said, by: Person, proof: Upload | None) -> Fund:
    values = checked(said)
    if (other := twin(values)) is not None:
        raise Refusal("entered_already", [taken(other, by)], "document")
    try:
        with transaction.atomic():
            return Fund.objects.create(**values, project=project, proof=proof, entered_by=by, owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("entered_already", [taken(twin(values), by)], "document") from error


def _told(row: Fund) -> dict[str, Any]:
    return {"project": row.project_id, "kind": row.kind, "origin": row.origin, "payer": row.payer, "paid_on": row.paid_on, "amount_fen": row.amount_fen, "document": row.document,
            "proof": row.proof.sha256 if row.proof else ""}


def checked(said: Said) -> dict[str, Any]:
    """The columns of a line from what was said.

    Raises:
        Refusal: ``invalid``, ``bad_day`` (field named).
    """
    texts = checking.words({"payer": said.payer, "payer_uscc": said.payer_uscc, "document": said.document}, Fund, ("payer", "document"))
    if said.kind not in FundKind.values:
        raise no("invalid", "没有这种到资类别", "there is no such kind of funds", "kind")
    if said.origin not in FundOrigin.values:
        raise no("invalid", "没有这种资金来源地", "there is no such origin", "origin")
    fields.credit_code("payer_uscc", texts["payer_uscc"])
    checking.past(said.paid_on, "paid_on")
    checking.amount(said.amount_fen, "amount_fen")
    return asdict(said) | texts | {"payer_key": names.name_key(texts["payer"]), "document_key": names.name_key(texts["document"])}


def twin(values: dict[str, Any]) -> Fund | None:
    """The live line that rests on the same paper, whatever kind of funds it was called and however its payer was spelled."""
    marks = set(marks_of(values["payer"], values["payer_uscc"]))
    rows = Fund.objects.filter(live=True, document_key=values["document_key"]).order_by("id")
    return next((row for row in rows if not marks.isdisjoint(marks_of(row.payer, row.payer_uscc))), None)


def marks_of(payer: str, code: str) -> list[tuple[str, str]]:
    """By what a payer is known as the same: the name, what of it is left without place and legal form, the code."""
    found = (("name", names.name_key(payer)), ("core", register.core_of(payer)), ("code", code))
    return [mark for mark in found if mark[1]]


def taken(other: Fund | None, by: Person) -> Message:
    """That the paper stands in the ledger already; where, only to who may see it."""
    seen = queries.fund(by, other.pk) if other is not None else None
    if seen is None:
        return Message("这张凭证已经登记过（在您看不到的项目里），一张凭证只算一次", "this paper is entered already, in a project you may not see; one counts once")
    return Message(f"这张凭证已经登记在 {seen.project.number} {seen.project.name}，一张凭证只算一次", f"this paper is entered already, in {seen.project.number}; one counts once")


@action(permission=IMPORT, event="funds_imported", on="upload")
def import_funds(*, entries: Sequence[Entry], upload: Upload, by: Person) -> Done[Upload]:
    """Enter the rows of a checked file, all or nothing. Each still needs its slip before it can be verified.

    Raises:
        access.Forbidden: a project is not within reach. Refusal: ``entered_already``, ``invalid``.
    """
    known = {row.pk: row for row in Project.objects.filter(pk__in={entry.project for entry in entries})}
    for row in known.values():
        access.require(by, ENTER, row)
    made = [_written(known[entry.project], entry.said, by, None) for entry in entries]
    return Done(upload, after={"file": upload.name, "rows": len(made), "fen": sum(row.amount_fen for row in made)}, related=list(known.values()))


@action(permission=ENTER, event="fund_proof_replaced", on="fund")
def attach_slip(*, fund: Fund, version: int, proof: Proof | None, by: Person) -> Done[Fund]:
    """The slip of a line, or a better scan of it, while nobody has verified it.

    Raises:
        Refusal: ``verified_already``, ``conflict``, ``invalid``.
    """
    before = fund.proof.sha256 if fund.proof else ""
    checking.proved(fund, version, proof, fund.project.owner_unit_id, by)
    return Done(fund, before={"proof": before}, after={"proof": fund.proof.sha256 if fund.proof else ""}, related=[fund.project])


# ── deciding ─────────────────────────────────────────────────────────────────
@action(permission=VERIFY, event="fund_verified", on="fund")
def verify_fund(*, fund: Fund, version: int, by: Person) -> Done[Fund]:
    """Say that the money arrived as the slip says, or that a reversal is right; who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``no_proof``, ``not_waiting``, ``conflict``.
    """
    return _verified(fund, version, by)


@action(permission=VERIFY, event="fund_verified")
def verify_funds(*, funds: Sequence[tuple[Fund, int]], by: Person) -> Done[Fund]:
    """Verify many lines, each as it was read, all or nothing.

    Raises:
        access.Forbidden: one is not within reach. Refusal: as :func:`verify_fund`, ``nothing_chosen``, ``too_many``.
    """
    if not funds:
        raise no("nothing_chosen", "先勾选要核实的", "tick what is to be verified")
    if len(funds) > MOST:
        raise no("too_many", f"一次最多核实 {MOST} 条", f"{MOST} at most at once")
    for fund, _version in funds:
        access.require(by, VERIFY, fund)
    first, *rest = [_verified(fund, version, by) for fund, version in funds]
    return Done(first.record, before=first.before, after=first.after, related=first.related, also=rest)


def _verified(fund: Fund, version: int, by: Person) -> Done[Fund]:
    checking.verified(fund, version, by)
    if fund.reverses_id is not None:
        Fund.objects.filter(pk=fund.reverses_id).update(live=False, version=F("version") + 1, changed_by=by, changed_at=clocks.now())
    return Done(fund, before={"state": CheckState.ENTERED}, after={"state": fund.state, "amount_fen": fund.amount_fen, "reverses": fund.reverses_id}, related=[fund.project])


@action(permission=VERIFY, event="fund_rejected", on="fund")
def reject_fund(*, fund: Fund, version: int, reason: str, by: Person) -> Done[Fund]:
    """Say that it does not hold, and why; its paper may then be entered anew.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting``, ``conflict``.
    """
    checking.rejected(fund, version, reason, by, live=False)
    return Done(fund, before={"state": CheckState.ENTERED}, after={"state": fund.state}, related=[fund.project])


@action(permission=ENTER, event="fund_reversed", on="fund")
def reverse_fund(*, fund: Fund, reason: str, by: Person) -> Done[Fund]:
    """Ask to take back a verified line: a row of the same amount that another person verifies. Until then the line counts.

    Raises:
        Refusal: ``invalid`` without a reason, ``no_reversal``, ``reversed_already``.
    """
    words = reason_of(reason)
    if fund.state != CheckState.VERIFIED or fund.reverses_id is not None:
        raise no("no_reversal", "只有已核实的到资可以冲销；待核实的请驳回", "only verified funds are reversed; reject what waits")
    same = {name: getattr(fund, name) for name in ("project", "kind", "origin", "payer", "payer_key", "payer_uscc", "paid_on", "amount_fen", "document", "document_key", "proof", "owner_unit_id")}
    try:
        with transaction.atomic():
            row = Fund.objects.create(**same, live=False, reverses=fund, reason=words, entered_by=by, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise no("reversed_already", "这一笔已经冲销，或冲销等人核实", "it is reversed already, or its reversal waits to be verified") from error
    return Done(row, after={"reverses": fund.pk, "amount_fen": fund.amount_fen}, related=[fund, fund.project])
