"""Reads of payment orders: the orders and lines a person may see, what may be ordered under a policy, how its budget stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from diguan.kernel import access
from diguan.kernel.access import Forbidden
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.policies import queries
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import (
    CLAIM,
    Claim,
    LedgerEntry,
    OrderState,
    PaymentLine,
    PaymentOrder,
    PaymentResult,
    ResultState,
)
from diguan.policies.queries import ledgers, payable
from diguan.policies.queries.ledgers import VIEW, Total
from diguan.policies.queries.payable import Payable

ORDER, APPROVE, SEND, RECORD, CLAW_BACK = (f"policies.{name}" for name in ("order_payment", "approve_payment", "send_payment", "record_payment", "claw_back"))


# ── orders ───────────────────────────────────────────────────────────────────
def require_office(person: Person) -> None:
    """Let pass who may see the payments of the office; an enterprise's agent sees its own claims' ledgers alone.

    Raises:
        Forbidden: they may not.
    """
    access.require(person, VIEW)
    if access.scope(person, VIEW) is access.Scope.OWN:
        raise Forbidden(VIEW, title_of(VIEW))


def orders(person: Person) -> QuerySet[PaymentOrder]:
    """The orders a person may see, newest first, each with how many lines it has and what they come to.

    Raises:
        Forbidden: as :func:`require_office`.
    """
    require_office(person)
    rows = access.visible(PaymentOrder.objects.all(), person, VIEW).annotate(count=Count("lines"), total=Sum("lines__amount_fen"))
    return rows.select_related("entered_by", "approved_by", "sent_by").order_by("-id")


def order(person: Person, number: int) -> PaymentOrder | None:
    """One order; None where there is none for this person."""
    return orders(person).filter(pk=number).first()


@dataclass(frozen=True)
class LineSeen:
    """A line with its sums, what is open of it, and what waits to be booked."""

    row: PaymentLine
    sums: Sums
    open_fen: int
    results: tuple[PaymentResult, ...]


def lines(rows: Sequence[PaymentLine]) -> list[LineSeen]:
    """Lines as pages show them; the caller has asked for the right."""
    keys = [row.pk for row in rows]
    told = ledgers.line_sums(keys)
    waiting: dict[int, list[PaymentResult]] = {}
    for one in PaymentResult.objects.filter(line__in=keys, state=ResultState.ENTERED).select_related("entered_by", "voucher__upload").order_by("id"):
        waiting.setdefault(one.line_id, []).append(one)
    return [LineSeen(row, told[row.pk], ((told[row.pk].ordered or row.amount_fen) - told[row.pk].paid) if row.live else 0, tuple(waiting.get(row.pk, ()))) for row in rows]


def lines_of(row: PaymentOrder) -> list[LineSeen]:
    """The lines of an order that the person may see already."""
    return lines(list(row.lines.select_related("claim__enterprise", "order").order_by("id")))


def line(person: Person, number: int) -> PaymentLine | None:
    """One line of an order the person may see."""
    require_office(person)
    rows = access.visible(PaymentLine.objects.all(), person, VIEW)
    return rows.filter(pk=number).select_related("order", "claim__enterprise").first()


def result(person: Person, number: int) -> PaymentResult | None:
    """One result of a line the person may see."""
    require_office(person)
    return access.visible(PaymentResult.objects.all(), person, VIEW).filter(pk=number).select_related("line__order", "line__claim").first()


# ── what may be ordered ──────────────────────────────────────────────────────
def payable_of(person: Person, policy: str, day: dt.date) -> list[Payable]:
    """The claims of a policy that are under way and that the person may order for: first what may be ordered, then the rest with its reasons.

    Raises:
        Forbidden: they may not draft orders.
    """
    access.require(person, ORDER)
    rows = access.visible(Claim.objects.filter(policy=policy, course__ended_at__isnull=True), person, ORDER)
    found = payable.judge(list(rows.select_related("course__frozen", "enterprise").order_by("enterprise__name_key", "id")), day)
    return sorted(found.values(), key=lambda one: not one.ok)


def policies_under_way(person: Person) -> list[tuple[str, int]]:
    """Policies with claims under way, and how many, by id."""
    rows = access.visible(Claim.objects.filter(course__ended_at__isnull=True), person, ORDER)
    return list(rows.order_by("policy").values_list("policy").annotate(count=Count("id")))


def claim(person: Person, number: int) -> Claim | None:
    """One claim whose ledger the person may see."""
    access.require(person, VIEW)
    rows = access.visible(Claim.objects.all(), person, VIEW)
    return rows.filter(pk=number).select_related("enterprise", "course__frozen").first()


def paid_of(claim: Claim) -> int:
    """What has reached the enterprise of one claim and stayed there, in fen."""
    return ledgers.paid_of(claim)


def papers_waiting(claim: Claim, entry: str) -> list[Evidence]:
    """Papers of a claim that were handed in and that no ledger entry rests on yet."""
    used = LedgerEntry.objects.filter(claim=claim, voucher__isnull=False).values("voucher")
    rows = Evidence.objects.filter(subject_kind=CLAIM, subject_id=str(claim.pk), entry=entry, state__in=(EvidenceState.ENTERED, EvidenceState.VERIFIED)).exclude(pk__in=used)
    return list(rows.select_related("entered_by", "upload").order_by("id"))


# ── budgets ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Budget:
    """One policy's money against its budget; ``limit`` is None where the text names none."""

    total: Total
    title: str
    limit: int | None

    @property
    def left(self) -> int | None:
        """What of the budget is granted to nobody."""
        return None if self.limit is None else self.limit - self.total.granted + self.total.sums.repaid


def budgets(person: Person, language: str) -> list[Budget]:
    """Every policy with claims, against its budget, by id.

    Raises:
        Forbidden: as :func:`require_office`.
    """
    require_office(person)
    known = queries.library().policies
    found = []
    for total in ledgers.totals(person):
        policy = known.get(total.policy)
        found.append(Budget(total, policy.label(language) if policy else total.policy, policy.budget.amount_fen if policy and policy.budget else None))
    return found


def unanswered(person: Person) -> int:
    """How many lines are at the treasury with nothing told of them yet, for who enters what the treasury did."""
    if not access.may(person, RECORD) or access.scope(person, VIEW) in (None, access.Scope.OWN):
        return 0
    orders = access.visible(PaymentOrder.objects.filter(state=OrderState.SENT), person, VIEW)
    told = PaymentResult.objects.filter(state=ResultState.ENTERED).values("line")
    return PaymentLine.objects.filter(order__in=orders, live=True).exclude(pk__in=told).count()


def to_do(person: Person) -> dict[str, int]:
    """How many orders wait to be approved or sent and results to be booked, of what this person may do."""
    rows = access.visible(PaymentOrder.objects.all(), person, VIEW) if access.scope(person, VIEW) not in (None, access.Scope.OWN) else PaymentOrder.objects.none()
    found = {}
    if access.may(person, APPROVE):
        found["approve"] = rows.filter(state=OrderState.DRAFTED).exclude(entered_by=person).count()
    if access.may(person, SEND):
        found["send"] = rows.filter(state=OrderState.APPROVED).count()
    if access.may(person, RECORD):
        found["book"] = access.visible(PaymentResult.objects.all(), person, VIEW).filter(state=ResultState.ENTERED).exclude(entered_by=person).exclude(line__order__sent_by=person).count()
    return found
