"""Payment orders: drafted by one person, approved by another, sent to the treasury; cancelled or recalled with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import access, clocks, money
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, action
from diguan.kernel.evidence.actions import said as said_why
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.policies import queries
from diguan.policies.actions import entries
from diguan.policies.actions.entries import named, no
from diguan.policies.engine import payee as payees
from diguan.policies.models import (
    Claim,
    EntryKind,
    OrderState,
    PaymentLine,
    PaymentOrder,
    PaymentResult,
    PaymentSequence,
    ResultState,
)
from diguan.policies.queries import ledgers, payable
from diguan.policies.queries.payable import CONFIRMED, ORDERED, Payable

ORDER = "policies.order_payment"
APPROVE = "policies.approve_payment"
SEND = "policies.send_payment"
REVEAL = "evidence.reveal_evidence"
MOST = 500
MOST_TOLD = 20


# ── drafting ─────────────────────────────────────────────────────────────────
@action(permission=ORDER, event="payment_order_drafted")
def draft_order(*, policy: str, claims: Sequence[Claim], by: Person, notes: Mapping[int, str] | None = None, reason: str = "") -> Done[PaymentOrder]:
    """Draft an order for everything that is due of these claims, all or nothing.

    Args:
        policy: the policy they are all of.
        claims: at the stage ``intent_confirmed``, conditions verified, account verified.
        notes: by claim, why the account bears a former name of the enterprise.
        by: who drafts; cannot approve it later.
        reason: goes into the trace.

    Raises:
        access.Forbidden: the right does not reach one of the claims.
        Refusal: ``nothing_chosen``, ``too_many``, ``other_policy``, ``not_payable`` (each claim with its reason), ``ordered_already``, ``over_budget``, ``budget_unknown``.
    """
    rows, told = _reached(policy, claims, by), dict(notes or {})
    entries.queue(rows)
    found = payable.judge(rows, clocks.today())
    _refuse_unpayable(rows, found, told)
    order = PaymentOrder.objects.create(policy=policy, entered_by=by, created_by=by, changed_by=by, owner_unit_id=access.unit_of(by), **_number())
    lines = _write_lines(order, rows, found, told)
    entries.post_granted(rows, by)
    _within_budget(policy)
    return Done(order, after={"number": order.number, "policy": policy, **entries.told_of(lines)}, related=rows)


def _reached(policy: str, claims: Sequence[Claim], by: Person) -> list[Claim]:
    """The claims as they are now, each once."""
    keys = sorted({row.pk for row in claims})
    if not keys:
        raise no("nothing_chosen", "没有选兑现；至少选一笔", "no claim was chosen; choose one at least", "claims")
    if len(keys) > MOST:
        raise no("too_many", f"一份付款通知最多 {MOST} 笔，分开拟", f"an order holds {MOST} claims at most: draft several", "claims")
    rows = list(access.visible(Claim.objects.filter(pk__in=keys), by, ORDER).select_related("course__frozen", "enterprise").order_by("id"))
    if len(rows) != len(keys):
        raise access.Forbidden(ORDER, title_of(ORDER))
    strange = [row for row in rows if row.policy != policy]
    if strange:
        raise no("other_policy", f"{strange[0].enterprise.name} 的这笔属于另一项政策；一份付款通知只付一项政策", f"the claim of {strange[0].enterprise.name} is of another policy; an order is for one", "claims")
    return rows


def _refuse_unpayable(rows: Sequence[Claim], found: Mapping[int, Payable], notes: Mapping[int, str]) -> None:
    reasons = [one for row in rows for one in named(row.enterprise.name, [*found[row.pk].problems, *_unexplained(found[row.pk], notes.get(row.pk, ""))])]
    if reasons:
        raise Refusal("not_payable", reasons[:MOST_TOLD])


def _unexplained(one: Payable, note: str) -> list[Message]:
    if one.holder != payees.FORMER or len(note.strip()) >= 2:
        return []
    return [Message(f"收款户名“{one.payee.name}”是曾用名，请写明为什么还付到这个户名", f"the account bears the former name “{one.payee.name}”: say why it is still paid to")]


def _number() -> dict[str, int]:
    """The next number of the year. The row stays locked until the end, so no two read the same."""
    year = clocks.today().year
    PaymentSequence.objects.get_or_create(year=year)
    PaymentSequence.objects.filter(year=year).update(last=F("last") + 1)
    return {"year": year, "serial": PaymentSequence.objects.values_list("last", flat=True).get(year=year)}


def _write_lines(order: PaymentOrder, rows: Sequence[Claim], found: Mapping[int, Payable], notes: Mapping[int, str]) -> list[PaymentLine]:
    before = dict.fromkeys((row.pk for row in rows), 0)
    for number in PaymentLine.objects.filter(claim__in=[row.pk for row in rows]).values_list("claim_id", flat=True):
        before[number] += 1
    try:
        with transaction.atomic():
            return [_line(order, row, found[row.pk], before[row.pk] + 1, notes.get(row.pk, "")) for row in rows]
    except IntegrityError as error:
        raise no("ordered_already", "有一笔别人刚开了付款通知，没有重复开；请重新打开再拟", "somebody has just ordered one of these; nothing was ordered twice. Open it again") from error


def _line(order: PaymentOrder, claim: Claim, one: Payable, instalment: int, note: str) -> PaymentLine:
    assert one.source is not None  # without an account nothing is payable
    return PaymentLine.objects.create(
        order=order, claim=claim, instalment=instalment, payee=one.payee.name, account=one.payee.account, bank=one.payee.bank, source=one.source, note=note.strip()[:200],
        amount_fen=one.due_fen)


def _within_budget(policy: str) -> None:
    """What is out and ordered stays within the budget of the text in force; without a text nobody knows it, so nothing is ordered."""
    found = queries.library().policies.get(policy)
    if found is None:
        raise no("budget_unknown", "政策文件不在政策库里或读不了，核不了预算；先把文件修好", "the policy's document is not in the library or cannot be read, so its budget is unknown: put the document right first")
    if found.budget is None:
        return
    limit, spent = found.budget.amount_fen, ledgers.spent(policy)
    if spent > limit:
        raise no("over_budget", f"付出和待付共 {money.exact(spent)} 元，超过预算 {money.exact(limit)} 元", f"{money.exact(spent)} yuan paid and ordered exceed the budget of {money.exact(limit)}")


# ── approving ────────────────────────────────────────────────────────────────
@action(permission=APPROVE, event="payment_order_approved", on="order")
def approve_order(*, order: PaymentOrder, version: int, by: Person, reason: str = "") -> Done[PaymentOrder]:
    """Approve a draft; who drafted it cannot. Every claim is judged again.

    Raises:
        Refusal: ``own_order``, ``changed_meanwhile``, ``wrong_state``, ``not_payable``, ``over_budget``, ``budget_unknown``.
    """
    if order.entered_by_id == by.pk:
        raise no("own_order", "自己拟的付款通知要由另一个人审批", "who drafted an order does not approve it: ask somebody else")
    row = entries.take_order(order, version, [OrderState.DRAFTED], by, state=OrderState.APPROVED, approved_by=by, approved_at=clocks.now())
    lines = _still_payable(row)
    _within_budget(row.policy)
    return Done(row, before={"state": OrderState.DRAFTED.value}, after={"state": row.state, **entries.told_of(lines)}, related=[one.claim for one in lines])


def _still_payable(order: PaymentOrder) -> list[PaymentLine]:
    """The lines of an order, each of whose claims may still be paid to the same account.

    Raises:
        Refusal: ``not_payable``.
    """
    lines = list(order.lines.select_related("claim__course__frozen", "claim__enterprise").order_by("claim_id"))
    claims = [one.claim for one in lines]
    entries.queue(claims)
    found = payable.judge(claims, clocks.today(), ordered=True)
    reasons = [text for one in lines for text in named(one.claim.enterprise.name, [*found[one.claim_id].problems, *_other_account(one, found[one.claim_id])])]
    if reasons:
        raise Refusal("not_payable", reasons[:MOST_TOLD])
    return lines


def _other_account(line: PaymentLine, one: Payable) -> Iterable[Message]:
    if (one.payee.account, one.payee.name, one.payee.bank) != (line.account, line.payee, line.bank):
        yield Message("收款账户在拟稿之后换了，请撤销后重新拟", "the account has changed since the draft: cancel it and draft anew")


# ── sending ──────────────────────────────────────────────────────────────────
@action(permission=SEND, event="payment_order_sent", on="order")
def send_order(*, order: PaymentOrder, version: int, by: Person, reason: str = "") -> Done[PaymentOrder]:
    """Send an approved order to the treasury: every claim's course passes to ``payment_ordered``, or nothing does.

    Raises:
        Refusal: ``changed_meanwhile``, ``wrong_state``, ``not_payable``, ``over_budget``, ``budget_unknown``, or ``gate_closed`` with whose gate and why.
    """
    row = entries.take_order(order, version, [OrderState.APPROVED], by, state=OrderState.SENT, sent_by=by, sent_at=clocks.now(), sent_on=clocks.today())
    lines = _still_payable(row)
    _within_budget(row.policy)
    tasks = ledgers.tasks_of([one.claim for one in lines])
    for one in lines:
        entries.post(EntryKind.ORDERED, one.claim, one.amount_fen, f"ordered:{one.pk}", by, line=one)
        task = tasks[one.claim_id]
        if task.key == CONFIRMED:
            entries.move_on(task, ORDERED, by, one.claim.enterprise.name)
    return Done(row, before={"state": OrderState.APPROVED.value}, after={"state": row.state, **entries.told_of(lines)}, related=[one.claim for one in lines])


@action(permission=SEND, event="payment_order_exported", on="order")
def export_order(*, order: PaymentOrder, by: Person, reason: str = "") -> Done[PaymentOrder]:
    """Log that the list for the treasury, accounts in full, was taken out.

    Raises:
        Refusal: ``wrong_state``: it was not sent.
    """
    if order.state not in (OrderState.SENT, OrderState.CLOSED):
        raise no("wrong_state", "审批并送出之后才能导出付款清单", "the list is exported once the order is approved and sent")
    return Done(order, after={"number": order.number, "lines": order.lines.count()})


@action(permission=REVEAL, event="payment_account_revealed", on="line")
def reveal_account(*, line: PaymentLine, reason: str, by: Person) -> Done[PaymentLine]:
    """Log that ``by`` looks at an account number in full; only then may a page show it.

    Raises:
        Refusal: no reason given.
    """
    said_why(reason)
    return Done(line, after={"order": line.order_id, "claim": line.claim_id}, related=[line.order])


# ── taking back ──────────────────────────────────────────────────────────────
@action(permission=ORDER, event="payment_order_cancelled", on="order")
def cancel_order(*, order: PaymentOrder, version: int, reason: str, by: Person) -> Done[PaymentOrder]:
    """Cancel an order that was not sent yet, with a reason; its claims may be ordered again.

    Raises:
        Refusal: ``changed_meanwhile``, ``wrong_state``, or no reason.
    """
    return _take_back(order, version, [OrderState.DRAFTED, OrderState.APPROVED], entries.said(reason), by)


@action(permission=APPROVE, event="payment_order_recalled", on="order")
def recall_order(*, order: PaymentOrder, version: int, reason: str, by: Person) -> Done[PaymentOrder]:
    """Send a draft back, or recall from the treasury what it has not paid; those claims go back to ``intent_confirmed``.

    What is paid stays paid. While results wait to be booked it is not known what is paid, so nothing is recalled.

    Raises:
        Refusal: ``changed_meanwhile``, ``wrong_state``, ``results_wait``, or no reason.
    """
    return _take_back(order, version, [OrderState.DRAFTED, OrderState.APPROVED, OrderState.SENT], entries.said(reason), by)


def _take_back(order: PaymentOrder, version: int, states: Sequence[str], words: str, by: Person) -> Done[PaymentOrder]:
    before = order.state
    row = entries.take_order(order, version, states, by, ended_at=clocks.now())
    lines = list(row.lines.filter(live=True).select_related("claim__course__frozen", "claim__enterprise").order_by("claim_id"))
    entries.queue(one.claim for one in lines)
    if PaymentResult.objects.filter(line__order=row, state=ResultState.ENTERED).exists():
        raise no("results_wait", "还有支付结果没有复核，先复核或驳回", "results wait to be booked: book or reject them first")
    told = ledgers.line_sums(one.pk for one in lines)
    PaymentLine.objects.filter(pk__in=[one.pk for one in lines]).update(live=False, version=F("version") + 1)
    sent = row.state == OrderState.SENT
    for one in lines if sent else ():
        entries.unorder(one, told[one.pk], by, words)
    paid = sent and ledgers_paid(row)
    PaymentOrder.objects.filter(pk=row.pk).update(state=OrderState.CLOSED if paid else OrderState.CANCELLED)
    row.refresh_from_db()
    for one in lines if sent else ():
        entries.follow(one.claim, by, words)
    return Done(row, before={"state": before}, after={"state": row.state, **_left(lines, told)}, related=[one.claim for one in lines])


def ledgers_paid(order: PaymentOrder) -> bool:
    """Whether anything was ever paid on an order."""
    return any(one.paid for one in ledgers.line_sums(order.lines.order_by("id").values_list("id", flat=True)).values())


def _left(lines: Sequence[PaymentLine], told: Mapping[int, Any]) -> dict[str, Any]:
    return {"released": [{"line": one.pk, "claim": one.claim_id, "fen": one.amount_fen - told[one.pk].paid} for one in lines]}
