"""What the treasury did: entered by one person on paper, booked by another into the ledger; a wrong entry is reversed, never edited."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import access, clocks, money
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.facts.models import Upload
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.policies.actions import entries
from diguan.policies.actions.entries import no, said
from diguan.policies.engine import ledger
from diguan.policies.models import (
    CLAIM,
    Claim,
    EntryKind,
    LedgerEntry,
    OrderState,
    Outcome,
    PaymentLine,
    PaymentResult,
    ResultState,
)
from diguan.policies.queries import ledgers

RECORD = "policies.record_payment"
VOUCHER = "payment_voucher"
SENT = (OrderState.SENT, OrderState.CLOSED)


@dataclass(frozen=True)
class Told:
    """What a paper of the treasury says of a line."""

    outcome: str
    fen: int
    day: dt.date
    number: str
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """One row of the treasury's file."""

    line: int
    told: Told


def key_of(line: int, told: Told) -> str:
    """What makes a result the same when it is told again: the line, what happened, and the number of the voucher.

    >>> key_of(3, Told("paid", 1, dt.date(2026, 1, 1), " No.０１ ")) == key_of(3, Told("paid", 9, dt.date(2026, 1, 2), "no.01"))
    True
    """
    return f"{line}:{told.outcome}:{unicodedata.normalize('NFKC', told.number).strip().lower()}"[:200]


# ── entering ─────────────────────────────────────────────────────────────────
@action(permission=RECORD, event="payment_result_entered", on="line")
def enter_result(*, line: PaymentLine, version: int, told: Told, file_name: str, content: bytes, by: Person, reason: str = "") -> Done[PaymentResult]:
    """Enter what the treasury did with a line, with its voucher as a file; it counts once another person has booked it.

    Raises:
        Refusal: ``changed_meanwhile``, ``entered_already``, ``invalid`` (field named), or what is wrong with the voucher.
    """
    entries.queue([line.claim])
    row = _take_line(line, version)
    _check(row, told)
    about = About(CLAIM, str(row.claim_id), row.claim.enterprise.uscc, row.claim.owner_unit_id)
    voucher = papers.put(entry=VOUCHER, about=about, paper=Paper(number=told.number, issued=told.day, file_name=file_name, content=content), by=by)
    found = _write(row, told, voucher, by)
    return Done(found, after=_said(found), related=[row.order, row.claim, voucher])


def _take_line(line: PaymentLine, version: int) -> PaymentLine:
    """Queue at a line as it was read: of two who enter at once one is told that the other was quicker."""
    if not PaymentLine.objects.filter(pk=line.pk, version=version).update(version=F("version") + 1):
        raise no("changed_meanwhile", "没办成：这一笔刚有别人登记过，请重新打开再办", "not done: somebody has just entered something for this line; open it again")
    return PaymentLine.objects.select_related("order", "claim__enterprise", "claim__course").get(pk=line.pk)


def problem(line: PaymentLine, told: Told, waiting: int, sums: ledger.Sums) -> tuple[str, str, str] | None:
    """What is wrong with a result: the field, and why in both languages. ``waiting``: entered as paid and not booked yet."""
    open_ = sums.ordered - sums.paid - waiting if line.live else 0
    if line.order.state not in SENT or line.order.sent_on is None:
        return "line", "这份付款通知还没有送出，不会有支付结果", "the order was not sent: there can be no result"
    if not line.order.sent_on <= told.day <= clocks.today():
        return "day", "日期要在付款通知送出之后、今天之前", "the day lies between the sending of the order and today"
    if told.fen <= 0:
        return "fen", "金额要大于零", "the amount is above zero"
    if told.outcome == Outcome.PAID and told.fen > open_:
        return "fen", f"这一笔还可支付 {money.exact(max(open_, 0))} 元，不能登记 {money.exact(told.fen)} 元", f"{money.exact(max(open_, 0))} yuan of this line are open, not {money.exact(told.fen)}"
    if told.outcome == Outcome.RETURNED and told.fen > sums.net + max(open_, 0):
        return "fen", f"这一笔最多退回 {money.exact(sums.net + max(open_, 0))} 元", f"{money.exact(sums.net + max(open_, 0))} yuan of this line can be returned at most"
    if told.outcome == Outcome.RETURNED and len(told.reason.strip()) < 2:
        return "reason", "银行退回要写原因", "a return says why"
    return ("number", "请写凭证号", "give the number of the voucher") if not told.number.strip() else None


def _check(line: PaymentLine, told: Told) -> None:
    wrong = problem(line, told, ledgers.waiting_of([line.pk]).get(line.pk, 0), ledgers.line_sums([line.pk])[line.pk])
    if wrong:
        raise no("invalid", wrong[1], wrong[2], wrong[0])


def _write(line: PaymentLine, told: Told, voucher: Evidence, by: Person) -> PaymentResult:
    try:
        with transaction.atomic():
            return PaymentResult.objects.create(
                line=line, outcome=told.outcome, fen=told.fen, day=told.day, number=told.number.strip()[:100], reason=told.reason.strip()[:200], voucher=voucher,
                key=key_of(line.pk, told), entered_by=by, created_by=by, changed_by=by, owner_unit_id=line.order.owner_unit_id)
    except IntegrityError as error:
        raise no("entered_already", "这张凭证的这一笔已经登记过，没有重复登记", "this voucher is entered for this line already; nothing was entered twice", "number") from error


def _said(row: PaymentResult) -> dict[str, object]:
    return {"line": row.line_id, "claim": row.line.claim_id, "outcome": row.outcome, "fen": row.fen, "day": row.day, "number": row.number}


@action(permission=RECORD, event="payment_results_imported", on="upload")
def import_results(*, answers: Sequence[Answer], upload: Upload, by: Person) -> Done[Upload]:
    """Enter the rows of the treasury's file, all or nothing; what is entered already is not entered again.

    Raises:
        Refusal: ``invalid`` with the line, where one cannot be.
    """
    keys = {key_of(one.line, one.told) for one in answers}
    there = set(PaymentResult.objects.filter(key__in=sorted(keys)).exclude(state=ResultState.REJECTED).values_list("key", flat=True))
    new = sorted((one for one in answers if key_of(one.line, one.told) not in there), key=lambda one: (one.line, one.told.outcome))
    entries.queue(row.claim for row in PaymentLine.objects.filter(pk__in=sorted({one.line for one in new})).select_related("claim"))
    made = [_import_one(one, upload, by) for one in new]
    return Done(upload, after={"file": upload.name, "entered": len(made), "same": len(answers) - len(made), "fen": sum(row.fen for row in made)},
                related=list({row.line.order_id: row.line.order for row in made}.values()))


def _import_one(one: Answer, upload: Upload, by: Person) -> PaymentResult:
    line = PaymentLine.objects.select_related("order", "claim__enterprise", "claim__course").get(pk=one.line)
    _check(line, one.told)
    voucher = Evidence.objects.create(
        entry=VOUCHER, subject_kind=CLAIM, subject_id=str(line.claim_id), uscc=line.claim.enterprise.uscc, upload=upload, number=one.told.number.strip()[:100],
        issued=one.told.day, entered_by=by, created_by=by, changed_by=by, owner_unit_id=line.claim.owner_unit_id or access.unit_of(by))
    PaymentLine.objects.filter(pk=line.pk).update(version=F("version") + 1)
    return _write(line, one.told, voucher, by)


# ── booking ──────────────────────────────────────────────────────────────────
@action(permission=RECORD, event="payment_result_booked", on="result")
def book_result(*, result: PaymentResult, version: int, by: Person, reason: str = "") -> Done[PaymentResult]:
    """Verify a result against its voucher and book it; who entered it, or sent the order, cannot.

    Raises:
        Refusal: ``own_result``, ``own_order``, ``changed_meanwhile``, ``not_waiting``, ``invalid``, ``booked_already``, ``breaks_ledger``, ``gate_closed``.
    """
    row = _decide(result, version, ResultState.BOOKED, "", by)
    line = PaymentLine.objects.select_related("order", "claim__enterprise", "claim__course").get(pk=row.line_id)
    if line.order.sent_by_id == by.pk:
        raise no("own_order", "这份付款通知是您送出的，请另一个人复核入账", "you sent this order: let somebody else book its results")
    order = entries.take_order(line.order, None, SENT, by)
    entries.queue([line.claim])
    line.refresh_from_db()
    _check(line, Told(row.outcome, row.fen, row.day, row.number, row.reason))
    entries.verify(row.voucher, by)
    _book(row, line, by)
    entries.settle_lines([line])
    entries.close_if_done(order)
    _holds(line.claim, line)
    stage = entries.follow(line.claim, by, row.reason)
    return Done(row, before={"state": ResultState.ENTERED.value}, after={**_said(row), "state": row.state, **({"stage": stage} if stage else {})}, related=[order, line.claim, row.voucher])


def _decide(result: PaymentResult, version: int, state: str, decision: str, by: Person) -> PaymentResult:
    if state == ResultState.BOOKED and result.entered_by_id == by.pk:
        raise no("own_result", "自己录入的要由另一个人复核入账", "who entered a result does not book it: ask somebody else")
    rows = PaymentResult.objects.filter(pk=result.pk, version=version, state=ResultState.ENTERED)
    if not rows.update(state=state, decided_by=by, decided_at=clocks.now(), decision=decision, version=F("version") + 1, changed_by=by, changed_at=clocks.now()):
        raise no("changed_meanwhile", "没办成：这条结果刚由别人复核或驳回，请重新打开再看", "not done: somebody has just decided on this result; open it again")
    return PaymentResult.objects.select_related("voucher", "line__order").get(pk=result.pk)


def _book(row: PaymentResult, line: PaymentLine, by: Person) -> None:
    """A return of more than was booked as paid says that the rest was paid out too before it came back."""
    told = ledgers.line_sums([line.pk])[line.pk]
    base = f"{row.outcome}:{row.pk}"
    out = row.fen - told.net if row.outcome == Outcome.RETURNED else 0
    if out > 0:
        _money(EntryKind.PAID, row, line, out, f"{base}:out", by)
    _money(row.outcome, row, line, row.fen, base, by)


def _money(kind: str, row: PaymentResult, line: PaymentLine, fen: int, key: str, by: Person) -> None:
    entries.post(kind, line.claim, fen, key, by, line=line, day=row.day, voucher=row.voucher, verified_by=by, entered_by=row.entered_by_id,
                 reason="" if kind == EntryKind.PAID and row.outcome == Outcome.RETURNED else row.reason)  # why it came back is no reason of its going out


@action(permission=RECORD, event="payment_result_rejected", on="result")
def reject_result(*, result: PaymentResult, version: int, reason: str, by: Person) -> Done[PaymentResult]:
    """Say that a result does not hold, and why; who entered it may take it back so.

    Raises:
        Refusal: ``changed_meanwhile``, or no reason.
    """
    words = said(reason)
    row = _decide(result, version, ResultState.REJECTED, words, by)
    entries.drop(row.voucher, words, by)
    PaymentLine.objects.filter(pk=row.line_id).update(version=F("version") + 1)
    return Done(row, before={"state": ResultState.ENTERED.value}, after={"state": row.state}, related=[row.line.order, row.voucher])


# ── reversing ────────────────────────────────────────────────────────────────
@action(permission=RECORD, event="ledger_entry_reversed", on="entry")
def reverse_entry(*, entry: LedgerEntry, reason: str, by: Person) -> Done[LedgerEntry]:
    """Take back an entry of paid, returned, demanded or repaid that was booked wrongly; who booked it cannot. The course follows.

    Raises:
        Refusal: ``own_entry``, ``no_reversal``, ``booked_already``, or ``breaks_ledger``: what rests on it has to be reversed first.
    """
    words = said(reason)
    if entry.kind not in (EntryKind.PAID, EntryKind.RETURNED, EntryKind.DEMANDED, EntryKind.REPAID):
        raise no("no_reversal", "只有支付、退回、追回和退缴可以冲销", "only paid, returned, demanded and repaid are reversed")
    if entry.verified_by_id == by.pk:
        raise no("own_entry", "自己复核入账的要由另一个人冲销", "who booked an entry does not reverse it: ask somebody else")
    line = PaymentLine.objects.select_related("order").get(pk=entry.line_id) if entry.line_id else None
    order = entries.take_order(line.order, None, [*SENT, OrderState.CANCELLED], by) if line else None
    claim = Claim.objects.select_related("course__frozen", "enterprise").get(pk=entry.claim_id)
    entries.queue([claim])
    back = entries.post(EntryKind.REVERSED, claim, entry.fen, f"reversed:{entry.pk}", by, line=line, voucher=entry.voucher, verified_by=by, entered_by=entry.verified_by_id,
                        reverses=entry, reason=words)
    if line is not None and order is not None:
        entries.settle_lines([line])
        entries.close_if_done(order)
    _holds(claim, line)
    stage = entries.follow(claim, by, words)
    return Done(back, after={"entry": entry.pk, "kind": entry.kind, "fen": entry.fen, **({"stage": stage} if stage else {})}, related=[claim, *([order] if order else [])])


def _holds(claim: Claim, line: PaymentLine | None) -> None:
    """What must hold after an entry.

    Raises:
        Refusal: ``breaks_ledger``.
    """
    told, at = ledgers.sums_of([claim.pk])[claim.pk], ledgers.stages_of([claim])[claim.pk]
    wrong = list(ledger.broken(told, claim.amount_fen))
    if at in (entries.CLAWBACK, entries.CLAWED_BACK) and told.net != claim.amount_fen:
        wrong.append(Message("这笔正在追回，先冲销追回的决定", "it is being clawed back: reverse the demand first"))
    if at == entries.CLAWED_BACK and told.owed:
        wrong.append(Message("这笔已经追回办结", "the clawback has ended"))
    if told.net + sum(fen for _line, fen in ledgers.live_lines([claim.pk]).get(claim.pk, [])) > claim.amount_fen:
        wrong.append(Message("加上待付的会超过核定金额", "with what is ordered it would exceed what was granted"))
    if line is not None and ledgers.line_sums([line.pk])[line.pk].net < 0:
        wrong.append(Message("这一笔退回的会多于支付的", "more would be returned on this line than paid"))
    if wrong:
        raise Refusal("breaks_ledger", [Message("入了账就对不上，没有入：", "the ledger would not add up, so nothing was booked:"), *wrong])


@action(permission=RECORD, event="claim_settled", on="claim")
def settle_claim(*, claim: Claim, by: Person, reason: str = "") -> Done[Claim]:
    """Let a claim's course go where its ledger is, where it could not at the time (it was suspended).

    Raises:
        Refusal: ``nothing_to_do``; ``gate_closed``.
    """
    entries.queue([claim])
    stage = entries.follow(claim, by, reason)
    if not stage:
        raise no("nothing_to_do", "环节和台账一致，不用流转", "stage and ledger agree: there is nothing to do")
    return Done(claim, after={"stage": stage})
