"""The row writes of payments, inside an action's transaction: locks, entries, and the course that follows the ledger.

Commands that touch one order queue at its row, then at the courses of its claims in the order of the claims: so sums are read
after the lock and no two commands lock each other out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.models import Course, Task
from diguan.kernel.stages.refusals import GateClosed
from diguan.kernel.stages.tree import ACTIVE
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import Claim, EntryKind, LedgerEntry, OrderState, PaymentLine, PaymentOrder
from diguan.policies.queries import ledgers
from diguan.policies.queries.payable import CONFIRMED, ORDERED

PAID, CLAWBACK, CLAWED_BACK = "paid", "clawback", "clawed_back"


def no(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal ready to raise."""
    return Refusal(code, [Message(zh, en)], field)


def said(reason: str) -> str:
    """A reason worth the name.

    Raises:
        Refusal: there is none.
    """
    if len(reason.strip()) < 2:
        raise no("invalid", "请写明原因", "say why", "reason")
    return reason.strip()[:200]


# ── locks ────────────────────────────────────────────────────────────────────
def take_order(order: PaymentOrder, version: int | None, states: Sequence[str], by: Person, **values: Any) -> PaymentOrder:
    """Queue at an order that is in one of these states, at the version that was read (None: whichever), and write to it.

    Raises:
        Refusal: ``changed_meanwhile`` or ``wrong_state``.
    """
    rows = PaymentOrder.objects.filter(pk=order.pk, state__in=states)
    rows = rows if version is None else rows.filter(version=version)
    if not rows.update(**values, version=F("version") + 1, changed_by=by, changed_at=clocks.now()):
        found = PaymentOrder.objects.get(pk=order.pk)
        word = OrderState(found.state).label
        if version is not None and found.version != version:
            raise no("changed_meanwhile", f"没办成：您看到的是第 {version} 版，现在是第 {found.version} 版（{word}），请重新打开再办",
                     f"not done: you read version {version}, version {found.version} is there now ({found.state}); open it again")
        raise no("wrong_state", f"{found.number} 现在是“{word}”，不能这样办", f"{found.number} is {found.state} now: this cannot be done")
    order.refresh_from_db()
    return order


def queue(claims: Iterable[Claim]) -> None:
    """Queue at the courses of these claims, whatever their status: what the bank did is booked also of a claim that is suspended."""
    for number in sorted({row.course_id for row in claims if row.course_id is not None}):
        Course.objects.filter(pk=number).update(moves=F("moves") + 1)


# ── vouchers ─────────────────────────────────────────────────────────────────
def verify(paper: Evidence, by: Person) -> None:
    """Let a paper hold that money is booked on: what waits is verified by this, what does not hold stops it.

    Raises:
        Refusal: ``own_evidence``, ``changed_meanwhile``, ``not_waiting``.
    """
    if paper.state == EvidenceState.ENTERED:
        papers.settle(evidence=paper, version=paper.version, holds=True, by=by)
    elif paper.state != EvidenceState.VERIFIED:
        raise no("not_waiting", "凭证已驳回或撤回，不能入账", "the paper was rejected or withdrawn: nothing can be booked on it")


def drop(paper: Evidence, reason: str, by: Person) -> None:
    """Let a paper that nobody has verified count for nothing: withdrawn by who entered it, rejected by anybody else."""
    state = EvidenceState.WITHDRAWN if paper.entered_by_id == by.pk else EvidenceState.REJECTED
    Evidence.objects.filter(pk=paper.pk, state=EvidenceState.ENTERED).update(
        state=state, decision=reason, version=F("version") + 1, changed_by=by, changed_at=clocks.now(),
        **({"verified_by": by, "decided_at": clocks.now()} if state == EvidenceState.REJECTED else {}))


# ── entries ──────────────────────────────────────────────────────────────────
def post(kind: str, claim: Claim, fen: int, key: str, by: Person, *, line: PaymentLine | None = None, day: dt.date | None = None, voucher: Evidence | None = None,
         verified_by: Person | None = None, entered_by: int | None = None, reverses: LedgerEntry | None = None, reason: str = "") -> LedgerEntry:
    """Write one entry, once.

    Raises:
        Refusal: ``booked_already``: the same is in the ledger.
    """
    try:
        with transaction.atomic():
            return LedgerEntry.objects.create(
                claim=claim, line=line, kind=kind, fen=fen, day=day or clocks.today(), voucher=voucher, entered_by_id=entered_by or by.pk, verified_by=verified_by,
                reverses=reverses, reason=reason[:200], key=key[:200])
    except IntegrityError as error:
        raise no("booked_already", "这一笔已经入账，没有重复入", "this is in the ledger already; it was not booked twice") from error


def post_granted(claims: Sequence[Claim], by: Person) -> None:
    """What was granted, once for each claim."""
    there = set(LedgerEntry.objects.filter(claim__in=[row.pk for row in claims], kind=EntryKind.GRANTED).values_list("claim_id", flat=True))
    for row in claims:
        if row.pk not in there:
            post(EntryKind.GRANTED, row, row.amount_fen, f"granted:{row.pk}", by)


def unorder(line: PaymentLine, told: Sums, by: Person, reason: str) -> None:
    """Take what is open of a sent line out of the ledger: the entry is reversed, and what was paid is ordered anew."""
    entry = LedgerEntry.objects.filter(line=line, kind=EntryKind.ORDERED, reversal__isnull=True).get()
    post(EntryKind.REVERSED, line.claim, entry.fen, f"reversed:{entry.pk}", by, line=line, reverses=entry, reason=reason)
    if told.paid:
        post(EntryKind.ORDERED, line.claim, told.paid, f"ordered:{line.pk}:rest:{entry.pk}", by, line=line, reason=reason)


def settle_lines(lines: Iterable[PaymentLine]) -> None:
    """Lines of which nothing is open are not live any longer; lines that a reversal opened again are."""
    rows = list(lines)
    told = ledgers.line_sums(row.pk for row in rows)
    for row in rows:
        live = told[row.pk].paid < told[row.pk].ordered
        if live != row.live:
            PaymentLine.objects.filter(pk=row.pk).update(live=live, version=F("version") + 1)
            row.live = live


def close_if_done(order: PaymentOrder) -> None:
    """An order none of whose lines is live is closed; one that a reversal opened again is sent."""
    live = PaymentLine.objects.filter(order=order, live=True).exists()
    if live != (order.state == OrderState.SENT) and order.state in (OrderState.SENT, OrderState.CLOSED):
        state, ended = (OrderState.SENT, None) if live else (OrderState.CLOSED, clocks.now())
        PaymentOrder.objects.filter(pk=order.pk).update(state=state, ended_at=ended)
        order.refresh_from_db()


# ── the course follows ───────────────────────────────────────────────────────
def follow(claim: Claim, by: Person, reason: str = "") -> str:
    """Bring a claim's course one step nearer to where its ledger is; answers the stage it went to, empty where it stayed.

    A claim that is suspended stays where it is and goes on when it is settled later.

    Raises:
        GateClosed: the gate of the next stage is closed.
    """
    task = stages.current(Course(pk=claim.course_id)) if claim.course_id else None
    if task is None or task.course.status != ACTIVE:
        return ""
    to = _target(claim, task.key)
    if to:
        _go(task, to, by, reason)
    return to


def _target(claim: Claim, at: str) -> str:
    told = ledgers.sums_of([claim.pk])[claim.pk]
    if at == CLAWBACK:
        return PAID if not told.demanded else CLAWED_BACK if told.demanded == told.repaid else ""
    if at not in (CONFIRMED, ORDERED, PAID):
        return ""
    # One that somebody sent back while its money was out goes on again.
    sent = PaymentLine.objects.filter(claim=claim, live=True, order__state=OrderState.SENT).exists()
    full = 0 < told.net == claim.amount_fen
    to = PAID if full else ORDERED if sent else CONFIRMED
    return "" if to == at else ORDERED if (at, to) == (CONFIRMED, PAID) else to


def _go(task: Task, to: str, by: Person, reason: str) -> None:
    if to in task.step.back:
        moves.send_back(task, to, task.version, by, clocks.today(), reason or "付款没有完成")
    else:
        moves.move(task, to, task.version, by, clocks.today(), reason)


def move_on(task: Task, to: str, by: Person, name: str) -> None:
    """Pass a gate; a closed one says whose it is.

    Raises:
        Refusal: ``gate_closed`` and what else a move refuses, each sentence beginning with the enterprise.
    """
    try:
        moves.move(task, to, task.version, by, clocks.today(), "")
    except GateClosed as closed:
        raise Refusal(closed.code, named(name, closed.reasons)) from closed


def named(name: str, reasons: Iterable[Message]) -> list[Message]:
    """Reasons that begin with whose they are."""
    return [Message(f"{name}：{one.zh}", f"{name}: {one.en}") for one in reasons]


def told_of(lines: Sequence[PaymentLine]) -> Mapping[str, Any]:
    """What an Event says of an order's lines: no account, no person."""
    return {"lines": [{"line": row.pk, "claim": row.claim_id, "fen": row.amount_fen} for row in lines], "fen": sum(row.amount_fen for row in lines)}
