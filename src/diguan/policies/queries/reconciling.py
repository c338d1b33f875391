"""Whatever does not add up: ledger against lines, stages, vouchers, and money on its way whose conditions hold no longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.evidence.models import EvidenceState
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.stages.tree import ACTIVE
from diguan.policies.engine import ledger
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import Claim, LedgerEntry, OrderState, PaymentLine
from diguan.policies.queries import ledgers, payable
from diguan.policies.queries.ledgers import VIEW

UNDER_WAY = ("payment_ordered", "paid", "clawback", "clawed_back")
"""The stages in which money is, was or is about to be out."""


@dataclass(frozen=True)
class Fault:
    """One thing that does not add up, and whose."""

    claim: Claim
    what: Message


def faults(person: Person) -> list[Fault]:
    """Every claim the person may see whose ledger, lines and stage do not agree.

    Raises:
        Forbidden: they may not see payments.
    """
    access.require(person, VIEW)
    return check(ledgers.visible_claims(person))


def check(claims: QuerySet[Claim]) -> list[Fault]:
    """As :func:`faults`, of these claims; what ``diguan doctor`` asks."""
    rows = list(claims.select_related("enterprise", "course__frozen").order_by("id"))
    touched = [row for row in rows if row.course_id is not None]
    lapsed = _lapsed(rows, clocks.today())
    told, live, at, orders, papers = ledgers.sums_of(row.pk for row in rows), ledgers.live_lines(row.pk for row in rows), ledgers.stages_of(touched), _by_line(rows), _papers(rows)
    return [Fault(row, what) for row in rows
            for what in [*ledger.broken(told[row.pk], row.amount_fen), *_open(row, told[row.pk], live.get(row.pk, [])), *_stage(told[row.pk], row, at.get(row.pk, ""), live.get(row.pk, [])),
                         *orders.get(row.pk, []), *papers.get(row.pk, []), *lapsed.get(row.pk, [])]]


def _open(claim: Claim, told: Sums, live: Sequence[tuple[PaymentLine, int]]) -> list[Message]:
    """No line pays more than it has, and all open ones together no more than is outstanding."""
    waiting = sum(fen for _line, fen in live)
    found = [Message(f"明细 {line.pk} 已付的多于它的金额", f"line {line.pk} has paid more than its amount") for line, fen in live if fen < 0]
    if waiting > told.net * -1 + claim.amount_fen:
        found.append(Message("待付的多于还没付的", "more is ordered than is outstanding"))
    return found


def _stage(told: Sums, claim: Claim, at: str, live: Sequence[tuple[PaymentLine, int]]) -> list[Message]:
    """The stage says what the ledger says."""
    held = claim.course is not None and claim.course.status != ACTIVE
    sent = any(line.order.state == OrderState.SENT for line, _fen in live)
    rules = (
        (at == "paid" and told.net != claim.amount_fen, "环节是已拨付，台账没有付足", "the stage says paid, the ledger does not"),
        (at == "payment_ordered" and told.net == claim.amount_fen and not held, "台账已付足，环节还没有转入已拨付", "the ledger says paid in full, the stage does not yet"),
        (at == "payment_ordered" and not sent and told.net != claim.amount_fen, "环节是已开付款通知，国库却没有要付的", "the stage says ordered, yet nothing is at the treasury"),
        (at and at != "payment_ordered" and sent, "付款通知已送国库，环节却不在“已开付款通知”", "an order is at the treasury, the stage is another one"),
        (at and at not in (*UNDER_WAY, "intent_confirmed") and told.net > 0, "环节还没到付款，台账已有支付", "money is out before the stage of payment"),
        (at == "clawed_back" and told.owed != 0, "环节是已追回，台账还有没退缴的", "the stage says clawed back, the ledger has money owed"))
    return [Message(zh, en) for wrong, zh, en in rules if wrong]


def _by_line(claims: Sequence[Claim]) -> dict[int, list[Message]]:
    """Entries whose line is another claim's, and payments on an order that was never sent."""
    found: dict[int, list[Message]] = {}
    for part in chunks([row.pk for row in claims]):
        rows = LedgerEntry.objects.filter(claim__in=part, line__isnull=False).order_by("id")
        for number, key in rows.exclude(line__claim=F("claim")).values_list("claim_id", "id"):
            found.setdefault(number, []).append(Message(f"台账第 {key} 条的明细是另一笔兑现的", f"the line of entry {key} is another claim's"))
        for number, key in rows.filter(line__order__sent_on__isnull=True).values_list("claim_id", "id"):
            found.setdefault(number, []).append(Message(f"台账第 {key} 条在付款通知送出之前", f"entry {key} is of an order that was never sent"))
    return found


def _papers(claims: Sequence[Claim]) -> dict[int, list[Message]]:
    """Money whose voucher does not count any longer and that nobody has reversed."""
    found: dict[int, list[Message]] = {}
    for part in chunks([row.pk for row in claims]):
        rows = LedgerEntry.objects.filter(claim__in=part, voucher__isnull=False, reversal__isnull=True).exclude(kind=ledger.REVERSED)
        for number, key in rows.exclude(voucher__state=EvidenceState.VERIFIED).order_by("id").values_list("claim_id", "id"):
            found.setdefault(number, []).append(Message(f"台账第 {key} 条的凭证已不算数", f"the voucher of entry {key} counts no longer"))
    return found


def _lapsed(claims: Sequence[Claim], day: dt.date) -> dict[int, list[Message]]:
    """Claims whose money is at the treasury while their conditions or their account are verified no longer: withdrawn since, or ended."""
    keys = {row.pk for row in claims}
    sent = set(PaymentLine.objects.filter(live=True, order__state=OrderState.SENT).order_by("claim_id").values_list("claim_id", flat=True))
    found = payable.unverified([row for row in claims if row.pk in sent & keys], day)
    return {number: [Message(f"付款通知已送国库，但{one.zh}", f"an order is at the treasury, yet {one.en}") for one in reasons] for number, reasons in found.items()}
