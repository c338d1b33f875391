"""Writes of agreements: entered with the signed paper, verified by another, made void with a reason; nothing in one is edited."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction

from diguan.enterprises import queries as register
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action, write_at
from diguan.kernel.evidence.actions import said as reason_of
from diguan.projects.actions import checking, fields
from diguan.projects.actions.checking import CHANGED, Proof
from diguan.projects.actions.fields import no
from diguan.projects.engine import currency as money
from diguan.projects.models import Agreement, AgreementKind, CheckState, Project, ProjectKind
from diguan.projects.queries import agreements as queries
from diguan.projects.queries.agreements import ENTER, VERIFY

AMOUNT_OPEN = (AgreementKind.FRAMEWORK, AgreementKind.AMENDMENT)
"""What may leave the amount open."""


@dataclass(frozen=True)
class Said:
    """What a signed paper says. ``minor``: minor units of ``currency``; ``rate``: 0.00000001 yuan for one unit; ``total_fen``: the whole after what is added, fen."""

    kind: str
    number: str
    signed_on: dt.date
    counterparty: str
    counterparty_uscc: str = ""
    currency: str = money.CNY
    minor: int | None = None
    rate: int | None = None
    rate_on: dt.date | None = None
    rate_source: str = ""
    total_fen: int | None = None
    no_promises: bool = False


@action(permission=ENTER, event="agreement_entered", on="project")
def enter_agreement(*, project: Project, said: Said, proof: Proof | None, by: Person, replaces: Agreement | None = None) -> Done[Agreement]:
    """Enter a signed agreement with its paper; it counts once another person has verified it.

    Raises:
        Refusal: ``invalid``, ``bad_day`` (field named), ``entered_already``.
    """
    values = _checked(said, project, replaces)
    if replaces is not None and not access.may(by, ENTER, replaces):
        raise no("invalid", "被替换的协议不归您录入：它会少计，要由管它的单位来办", "the agreement that is replaced is not yours to enter: less of it would count", "replaces")
    try:
        with transaction.atomic():
            row = Agreement.objects.create(
                **values, project=project, replaces=replaces, counterparty_core=register.core_of(said.counterparty), proof=checking.kept(proof, project.owner_unit_id, by),
                entered_by=by, owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise no("entered_already", "这个项目已经有这个编号的协议", "this project has an agreement of that number already", "number") from error
    return Done(row, after=_told(row), related=[project])


def _told(row: Agreement) -> dict[str, Any]:
    return {"project": row.project_id, "kind": row.kind, "number": row.number, "signed_on": row.signed_on, "currency": row.currency, "minor": row.minor, "rate": row.rate, "amount_fen": row.amount_fen,
            "total_fen": row.total_fen, "proof": row.proof.sha256 if row.proof else ""}


def _checked(said: Said, project: Project, replaces: Agreement | None) -> dict[str, Any]:
    values = asdict(said)
    values |= checking.words({name: values[name] for name in ("number", "counterparty", "counterparty_uscc", "rate_source")}, Agreement, ("number", "counterparty"))
    if said.kind not in AgreementKind.values:
        raise no("invalid", "没有这种协议", "there is no such kind of agreement", "kind")
    fields.credit_code("counterparty_uscc", said.counterparty_uscc)
    checking.past(said.signed_on, "signed_on")
    _money(said, values)
    _whole(said, project)
    _replaced(said, project, replaces)
    return values


def _money(said: Said, values: dict[str, Any]) -> None:
    """The amount in fen, worked out from what the paper says."""
    if said.currency not in money.DIGITS:
        raise no("invalid", f"不认识币种 {said.currency}；认识的有 {'、'.join(money.DIGITS)}", f"no such currency: {said.currency}", "currency")
    if said.minor is None:
        if said.kind not in AMOUNT_OPEN:
            raise no("invalid", "要填金额", "the amount is needed", "minor")
        values |= {"rate": None, "rate_on": None, "rate_source": ""}
        return
    checking.amount(said.minor, "minor")
    if said.currency == money.CNY:
        values |= {"amount_fen": said.minor, "rate": None, "rate_on": None, "rate_source": ""}
        return
    if said.rate is None or not 0 < said.rate <= 10**6 * money.RATE:
        raise no("invalid", "外币合同要填折算汇率：1 单位外币合多少人民币", "a contract in foreign money needs the rate: yuan for one unit", "rate")
    if said.rate_on is None or len(said.rate_source.strip()) < 2:
        raise no("invalid", "要写汇率是哪一天的、出自哪里", "say of which day the rate is and where it is from", "rate_on" if said.rate_on is None else "rate_source")
    checking.past(said.rate_on, "rate_on")
    fen, rounded = money.fen_of(said.minor, said.currency, said.rate)
    checking.amount(fen, "minor")
    values |= {"amount_fen": fen, "rounded": rounded}


def _whole(said: Said, project: Project) -> None:
    """Added investment counts by what the whole is more than before, so the whole has to be said."""
    adds = said.kind == AgreementKind.SUPPLEMENT or (said.kind == AgreementKind.CONTRACT and project.kind == ProjectKind.ADDED)
    if adds and said.total_fen is None:
        raise no("invalid", "增资要写增资后的总投资：只有比原来多出来的才计入", "added investment needs the whole after it: only what is more than before counts", "total_fen")
    if said.total_fen is not None:
        checking.amount(said.total_fen, "total_fen")


def _replaced(said: Said, project: Project, replaces: Agreement | None) -> None:
    if (said.kind == AgreementKind.REPLACEMENT) != (replaces is not None):
        raise no("invalid", "变更投资方要选被替换的协议，其他协议不选", "a changed investor names the agreement that it replaces, other agreements name none", "replaces")
    if replaces is not None and (replaces.state not in queries.LIVE or replaces.signed_on > said.signed_on):
        raise no("invalid", "被替换的协议要还有效，而且签得更早", "what is replaced holds still and was signed before", "replaces")


@action(permission=ENTER, event="agreement_proof_replaced", on="agreement")
def replace_proof(*, agreement: Agreement, version: int, proof: Proof | None, by: Person) -> Done[Agreement]:
    """Another scan of the paper, while nobody has verified it.

    Raises:
        Refusal: ``verified_already``, ``conflict``, ``invalid``.
    """
    before = agreement.proof.sha256 if agreement.proof else ""
    checking.proved(agreement, version, proof, agreement.project.owner_unit_id, by)
    return Done(agreement, before={"proof": before}, after={"proof": agreement.proof.sha256 if agreement.proof else ""}, related=[agreement.project])


@action(permission=VERIFY, event="agreement_verified", on="agreement")
def verify_agreement(*, agreement: Agreement, version: int, by: Person) -> Done[Agreement]:
    """Say that the paper says so; who entered it cannot. What the county promises must have been told by then.

    Raises:
        Refusal: ``own_row``, ``promises_unknown``, ``not_waiting``, ``conflict``.
    """
    if not agreement.no_promises and not agreement.promises.exists():
        raise no("promises_unknown", "还没有登记县里在协议里的承诺；没有承诺也要写明没有", "what the county promises in it was not entered; that it promises nothing has to be said too")
    checking.verified(agreement, version, by)
    return Done(agreement, before={"state": CheckState.ENTERED}, after={"state": agreement.state, "amount_fen": agreement.amount_fen}, related=[agreement.project])


@action(permission=VERIFY, event="agreement_rejected", on="agreement")
def reject_agreement(*, agreement: Agreement, version: int, reason: str, by: Person) -> Done[Agreement]:
    """Say that it does not hold, and why.

    Raises:
        Refusal: ``invalid`` without a reason, ``not_waiting``, ``conflict``.
    """
    checking.rejected(agreement, version, reason, by)
    return Done(agreement, before={"state": CheckState.ENTERED}, after={"state": agreement.state}, related=[agreement.project])


@action(permission=VERIFY, event="agreement_voided", on="agreement")
def void_agreement(*, agreement: Agreement, version: int, reason: str, by: Person) -> Done[Agreement]:
    """Make a verified agreement void: it counts for nothing from now on, and what was known before stays known. Who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``not_verified``, ``invalid`` without a reason, ``conflict``.
    """
    decision = reason_of(reason)
    if agreement.state != CheckState.VERIFIED:
        raise no("not_verified", "只有已核实的才作废；待核实的请驳回", "only what was verified is made void; reject what waits")
    if agreement.entered_by_id == by.pk:
        raise no("own_row", "自己录入的要由另一个人作废", "who entered it does not make it void: ask somebody else")
    write_at(agreement, version, {"state": CheckState.VOID, "decision": decision, "voided_by": by, "voided_at": clocks.now()}, by=by, taken=CHANGED)
    agreement.refresh_from_db()
    return Done(agreement, before={"state": CheckState.VERIFIED}, after={"state": agreement.state}, related=[agreement.project])
