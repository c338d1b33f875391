"""Writes of what came of an introduction: an invoice entered by one person, verified by another. Nothing else is changed by it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from diguan.chains.models import Answer, Introduction, IntroductionOrder, IntroductionSide, OrderState
from diguan.chains.queries import introductions as queries
from diguan.chains.queries.introductions import ANSWER, INTRODUCE, VERIFY
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence.actions import keep_proof
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Forbidden

PROOF_SHEET = "introduction_invoice"
INVOICE = (8, 40)
"""How long an invoice's number may be."""


@action(permission=INTRODUCE, event="introduction_order_entered", on="introduction")
def enter_order(*, introduction: Introduction, amount_fen: int, invoice: str, invoiced_on: dt.date, proof: tuple[str, bytes], by: Person) -> Done[Introduction]:
    """Enter an invoice that came of an introduction, as the office was shown it; it counts once another person has verified it.

    Raises:
        Refusal: ``not_agreed``: the two never both consented; ``invalid`` (field named).
    """
    return _entered(introduction, amount_fen, invoice, invoiced_on, proof, by)


@action(permission=ANSWER, event="introduction_order_told", on="side")
def tell_order(*, side: IntroductionSide, amount_fen: int, invoice: str, invoiced_on: dt.date, proof: tuple[str, bytes], by: Person) -> Done[Introduction]:
    """As :func:`enter_order`, by one of the two firms while it still consents.

    Raises:
        Forbidden: it is not their enterprise's. Refusal: as :func:`enter_order`.
    """
    if side.enterprise.uscc not in access.usccs_of(by):
        raise Forbidden(ANSWER, title_of(ANSWER))
    if not IntroductionSide.objects.filter(pk=side.pk, answer=Answer.CONSENTED).exists():
        raise Refusal("not_agreed", [_NOT_AGREED])
    return _entered(side.introduction, amount_fen, invoice, invoiced_on, proof, by)


_NOT_AGREED = Message("双方没有都同意过，谈不上成交", "the two never both consented, so nothing came of it")


def _entered(row: Introduction, amount_fen: int, invoice: str, invoiced_on: dt.date, proof: tuple[str, bytes], by: Person) -> Done[Introduction]:
    row.refresh_from_db()
    if row.agreed_on is None:
        raise Refusal("not_agreed", [_NOT_AGREED])
    number = "".join(invoice.split()).upper()
    _check(row.agreed_on, amount_fen, number, invoiced_on)
    try:
        with transaction.atomic():
            kept = keep_proof(name=proof[0], content=proof[1], sheet=PROOF_SHEET, unit=row.owner_unit_id, by=by)
            made = IntroductionOrder.objects.create(introduction=row, amount_fen=amount_fen, invoice=number, invoiced_on=invoiced_on, proof=kept, entered_by=by)
    except IntegrityError as error:
        raise Refusal("invalid", [Message(f"发票 {number} 已经录过，一张发票只算一次", f"invoice {number} was entered already; one counts once")], "invoice") from error
    return Done(row, after={"invoice": number, "amount_fen": amount_fen, "invoiced_on": invoiced_on, "proof": made.proof.sha256}, related=[row.supply.enterprise, row.need.enterprise])


def _check(agreed_on: dt.date, amount_fen: int, number: str, day: dt.date) -> None:
    if not 0 < amount_fen <= 10**17:
        raise Refusal("invalid", [Message("发票金额要大于 0，也不能太大；请核对单位", "the amount is above 0 and not that large: check the unit")], "amount_fen")
    if not INVOICE[0] <= len(number) <= INVOICE[1] or not number.isascii() or not number.replace("-", "").isalnum():
        raise Refusal("invalid", [Message("发票号码是 8 到 40 位数字或字母", "an invoice's number has 8 to 40 digits or letters")], "invoice")
    if not agreed_on <= day <= clocks.today():
        raise Refusal("invalid", [Message(f"开票日期应在双方同意（{agreed_on}）以后、今天以前：早于对接的不是对接来的", f"invoiced between {agreed_on}, when both consented, and today: an earlier one did not come of it")], "invoiced_on")


@action(permission=VERIFY, event="introduction_order_verified", on="introduction")
def verify_order(*, introduction: Introduction, order: IntroductionOrder, by: Person) -> Done[Introduction]:
    """Say that the invoice is real and of these two; who entered it cannot. The rows of coverage stay as they are: whoever keeps them looks at them again.

    Raises:
        Refusal: ``own_claim``, ``not_waiting``.
    """
    return _decided(introduction, order, by, OrderState.VERIFIED)


@action(permission=VERIFY, event="introduction_order_rejected", on="introduction")
def reject_order(*, introduction: Introduction, order: IntroductionOrder, reason: str, by: Person) -> Done[Introduction]:
    """Say that it is not, and why; its number may then be entered anew.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_claim``, ``not_waiting``.
    """
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message("请写明原因", "say why")], field="reason")
    return _decided(introduction, order, by, OrderState.REJECTED, decision=reason.strip()[:200])


def _decided(row: Introduction, order: IntroductionOrder, by: Person, state: OrderState, **more: Any) -> Done[Introduction]:
    if order.introduction_id != row.pk or queries.visible_introductions(by).filter(pk=row.pk).first() is None:
        raise Forbidden(VERIFY, title_of(VERIFY))
    if order.entered_by_id == by.pk:
        raise Refusal("own_claim", [Message("自己录入的不能自己核实，请另一个人来", "who entered it cannot decide on it: ask somebody else")])
    # A conditional UPDATE is the lock; its row count says who came first.
    if not IntroductionOrder.objects.filter(pk=order.pk, state=OrderState.CLAIMED).update(state=state, decided_by=by, decided_on=clocks.today(), **more):
        raise Refusal("not_waiting", [Message("这张发票已经核实或驳回过", "this invoice was decided on already")])
    return Done(row, before={"order": order.invoice, "state": OrderState.CLAIMED}, after={"order": order.invoice, "state": state, "amount_fen": order.amount_fen}, related=[row.supply.enterprise, row.need.enterprise])
