"""Reads of the ledger: entries a person may see, sums of claims, lines and policies, and where each claim is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.records import chunks
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course, Task, TaskState
from diguan.policies.engine import ledger
from diguan.policies.engine.ledger import Sums
from diguan.policies.models import Claim, LedgerEntry, OrderState, PaymentLine, PaymentResult, ResultState

VIEW = "policies.view_payment"


def entries(person: Person) -> QuerySet[LedgerEntry]:
    """The entries a person may see, newest first."""
    rows = access.visible(LedgerEntry.objects.all(), person, VIEW)
    return rows.select_related("claim__enterprise", "line__order", "entered_by", "verified_by", "voucher__upload", "reverses", "reversal").order_by("-id")


def visible_claims(person: Person) -> QuerySet[Claim]:
    """The claims whose payments a person may see."""
    return access.visible(Claim.objects.all(), person, VIEW)


def ledger_of(person: Person, claim: Claim) -> list[LedgerEntry]:
    """One claim's entries, first to last; none for who may not see them."""
    return list(entries(person).filter(claim=claim).order_by("id"))


# ── sums ─────────────────────────────────────────────────────────────────────
def sums_of(claims: Iterable[int]) -> dict[int, Sums]:
    """The sums of these claims by primary key. Asked by checks, so no right is judged."""
    return _sums("claim_id", sorted(set(claims)))


def line_sums(lines: Iterable[int]) -> dict[int, Sums]:
    """The sums of these lines by primary key."""
    return _sums("line_id", sorted(set(lines)))


def _sums(by: str, keys: Sequence[int]) -> dict[int, Sums]:
    told: dict[int, list[tuple[str, str, int]]] = {key: [] for key in keys}
    for part in chunks(keys):
        rows = LedgerEntry.objects.filter(**{f"{by}__in": part}).order_by().values_list(by, "kind", "reverses__kind").annotate(fen=Sum("fen"))
        for key, kind, back, fen in rows:
            told[key].append((kind, back or "", fen))
    return {key: ledger.sums(found) for key, found in told.items()}


def live_lines(claims: Iterable[int]) -> dict[int, list[tuple[PaymentLine, int]]]:
    """By claim the lines that are still to be paid, each with what is open of it: of what was sent what is ordered, else its amount."""
    rows: list[PaymentLine] = []
    for part in chunks(sorted(set(claims))):
        rows += PaymentLine.objects.filter(claim__in=part, live=True).select_related("order").order_by("id")
    told = line_sums(row.pk for row in rows)
    found: dict[int, list[tuple[PaymentLine, int]]] = {}
    for row in rows:
        found.setdefault(row.claim_id, []).append((row, (told[row.pk].ordered or row.amount_fen) - told[row.pk].paid))
    return found


def paid_of(claim: Claim) -> int:
    """What has reached the enterprise of one claim and stayed there: paid less returned, in fen."""
    return sums_of([claim.pk])[claim.pk].net


# ── where claims are ─────────────────────────────────────────────────────────
def stages_of(claims: Sequence[Claim]) -> dict[int, str]:
    """The stage of each claim's course, by the claim's primary key; empty of one without a course."""
    courses = [row.course for row in claims if row.course is not None]
    at = {number: found for part in chunks(courses) for number, found in stages.progress_of(part).items()}
    return {row.pk: at[row.course_id].at[-1] if row.course_id in at and at[row.course_id].at else "" for row in claims}


def tasks_of(claims: Sequence[Claim]) -> dict[int, Task]:
    """The open task of each claim's course, by the claim's primary key."""
    found: dict[int, Task] = {}
    of = {row.course_id: row.pk for row in claims if row.course_id}
    for part in chunks(sorted(of)):
        for task in Task.objects.filter(course__in=part, state=TaskState.OPEN).select_related("course__frozen").order_by("id"):
            found[of[task.course_id]] = task
    return found


# ── the whole ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Total:
    """One policy's money: the sums of its ledger, what its claims are granted in all, and what is ordered and not paid."""

    policy: str
    claims: int
    granted: int
    waiting: int
    sums: Sums

    @property
    def outstanding(self) -> int:
        """Granted and not paid."""
        return self.granted - self.sums.net


def totals(person: Person) -> list[Total]:
    """Every policy with claims the person may see, by id.

    Raises:
        Forbidden: they may not see payments.
    """
    access.require(person, VIEW)
    return totals_of(visible_claims(person))


def totals_of(claims: QuerySet[Claim]) -> list[Total]:
    """As :func:`totals`, of these claims: what was refused or withdrawn without money counts no longer."""
    rows = list(claims.select_related("course").order_by("policy", "id"))
    told = sums_of(row.pk for row in rows)
    live = live_lines(row.pk for row in rows)
    found: dict[str, list[Claim]] = {}
    for row in rows:
        if counts(row.course, told[row.pk]):
            found.setdefault(row.policy, []).append(row)
    return [Total(name, len(each), sum(row.amount_fen for row in each), sum(fen for row in each for line, fen in live.get(row.pk, []) if line.order.state == OrderState.SENT),
                  sum((told[row.pk] for row in each), Sums())) for name, each in found.items()]


def counts(course: Course | None, told: Sums) -> bool:
    """Whether a claim's amount is still spoken for: it is under way, or money has gone out for it."""
    return course is None or course.ended_at is None or told.net > 0


def committed(policies: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """By policy what its claims bind in fen, what was repaid taken off, and how many they are."""
    wanted = set(policies)
    rows = list(Claim.objects.filter(policy__in=sorted(wanted)).select_related("course").order_by("id"))
    told = sums_of(row.pk for row in rows)
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        bound = _bound(row, told[row.pk])
        fen, count = found.get(row.policy, (0, 0))
        found[row.policy] = (fen + bound, count + bool(bound))
    return found


def _bound(claim: Claim, told: Sums) -> int:
    ended = claim.course is not None and claim.course.ended_at is not None
    return (told.net if ended else claim.amount_fen) - told.repaid


def spent(policy: str) -> int:
    """What of a policy's money is out and was not repaid, and what is ordered and still to be paid, drafts included."""
    keys = list(Claim.objects.filter(policy=policy).order_by("id").values_list("id", flat=True))
    told = sum((one.kept for one in sums_of(keys).values()), 0)
    return told + sum(fen for each in live_lines(keys).values() for _line, fen in each)


def waiting_of(lines: Iterable[int]) -> dict[int, int]:
    """By line what was entered and waits to be booked, in fen."""
    found: dict[int, int] = {}
    for part in chunks(sorted(set(lines))):
        rows = PaymentResult.objects.filter(line__in=part, state=ResultState.ENTERED).order_by().values_list("line_id").annotate(fen=Sum("fen"))
        found |= dict(rows)
    return found
