"""Whether a claim may be paid now, and if not why: the one judgement that drafting, approving, sending and the flow's gates share.

Performance first: without a check of the conditions that is verified by somebody who neither prepared the claim nor handed
the check in, nothing is ordered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import prefetch_related_objects

from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.evidence.queries import value_of
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.rules.scalar import SubjectFacts
from diguan.kernel.rules.windows import Coverage
from diguan.kernel.stages.models import Task
from diguan.kernel.stages.tree import ACTIVE
from diguan.policies.engine import payee as payees
from diguan.policies.engine.ledger import Sums
from diguan.policies.engine.payee import Payee
from diguan.policies.models import CLAIM, Claim, EntryKind, LedgerEntry, OrderState, PaymentLine
from diguan.policies.queries import ledgers, life, reviews

CONDITIONS, PAYEE, ACCOUNT = "conditions_check", "payee_check", "bank_account"
CONFIRMED, ORDERED = "intent_confirmed", "payment_ordered"
Papers = Mapping[tuple[str, str], list[Evidence]]


@dataclass(frozen=True)
class Payable:
    """One claim as it stands for payment: what is due, to which account, and what stands in the way."""

    claim: Claim
    due_fen: int
    payee: Payee
    source: Evidence | None
    holder: str
    task: Task | None
    problems: tuple[Message, ...]

    @property
    def ok(self) -> bool:
        """Whether it may be ordered now."""
        return not self.problems


def judge(claims: Sequence[Claim], day: dt.date, *, ordered: bool = False) -> dict[int, Payable]:
    """These claims by primary key. ``ordered``: they stand in an order already, so what that order reserves is not asked for again."""
    prefetch_related_objects(list(claims), "course__frozen", "enterprise__former_names")
    keys = [row.pk for row in claims]
    barred = {**life.bars_of(claims), **reviews.bars_of(claims)}
    told, live, tasks, papers, bounced = ledgers.sums_of(keys), ledgers.live_lines(keys), ledgers.tasks_of(claims), _papers(claims), _bounced(keys)
    found = {}
    for row in claims:
        due = row.amount_fen - told[row.pk].net - sum(fen for _line, fen in live.get(row.pk, []))
        one = _one(row, due, tasks.get(row.pk), papers, day, bounced.get(row.pk, set()) if not ordered else set(), ordered=ordered)
        found[row.pk] = replace(one, problems=(*one.problems, barred[row.pk])) if row.pk in barred else one
    return found


def _one(claim: Claim, due: int, task: Task | None, papers: Papers, day: dt.date, bounced: set[str], *, ordered: bool) -> Payable:
    source = _held(papers.get((str(claim.pk), ACCOUNT), []), day)
    payee = _payee(claim, source) if source else Payee()
    holder = _holder(claim, payee)
    problems = [*_stage(claim, task), *_conditions(claim, papers, day), *_payee_checked(claim, papers, day), *_account(claim, payee, source, holder, papers)]
    if due <= 0 and not ordered:
        problems.append(Message("核定的金额已付清或已开付款通知", "everything granted is paid or ordered"))
    if payee.account in bounced:
        problems.append(Message("这个账号银行退回过；请企业更正账户", "the bank returned money from this account; let the enterprise correct it"))
    return Payable(claim, due, payee, source, holder, task, tuple(problems))


# ── the stage ────────────────────────────────────────────────────────────────
def _stage(claim: Claim, task: Task | None) -> list[Message]:
    if claim.course is None or task is None:
        return [Message("还没有开始办理，或已经办结", "it has not begun, or it has ended")]
    if task.course.status != ACTIVE:
        flow = task.course.tree
        title = flow.status[task.course.status].label if task.course.status in flow.status else str
        return [Message(f"现在是“{title('zh')}”", f"it is “{title('en')}” now")]
    if task.key not in (CONFIRMED, ORDERED):
        return [Message(f"现在是“{task.step.label()}”，企业确认意愿和账户之后才能付款", f"it is “{task.step.label('en')}” now; it is paid after intent and account are confirmed")]
    return []


# ── the conditions ───────────────────────────────────────────────────────────
def preparers(claim: Claim) -> set[int]:
    """Who prepared a claim: whoever made it, and the officer in charge of it."""
    return {number for number in (claim.created_by_id, claim.officer_id) if number is not None}


def _conditions(claim: Claim, papers: Papers, day: dt.date) -> list[Message]:
    found = papers.get((str(claim.pk), CONDITIONS), [])
    held = _held(found, day)
    if held is None:
        return [Message("兑现条件的核查意见还没有另一个人核实", "the check of the conditions is not verified by a second person yet") if found
                else Message("兑现条件还没有核查", "the conditions are not checked")]
    if not value_of(held):
        return [Message("核查意见是：兑现条件没有达到", "the check says that the conditions are not met")]
    if held.verified_by_id in preparers(claim):
        return [Message("兑现条件是经办人自己核实的，请另一个人核实", "the conditions were verified by who prepared the claim: somebody else has to")]
    return []


def _payee_checked(claim: Claim, papers: Papers, day: dt.date) -> list[Message]:
    held = _held(papers.get((str(claim.pk), PAYEE), []), day)
    return [] if held is not None and value_of(held) else [Message("收款户名还没有核对", "the payee is not checked")]


def unverified(claims: Sequence[Claim], day: dt.date) -> dict[int, list[Message]]:
    """Of these claims those whose conditions or payee do not hold as verified, with what is wrong."""
    prefetch_related_objects(list(claims), "enterprise")
    papers = _papers(claims)
    found = {row.pk: [*_conditions(row, papers, day), *_payee_checked(row, papers, day)] for row in claims}
    return {number: reasons for number, reasons in found.items() if reasons}


def checks_waiting(claim: Claim) -> list[Evidence]:
    """The pieces of a claim's check that wait to be verified."""
    return [row for name in (CONDITIONS, PAYEE) for row in _papers([claim]).get((str(claim.pk), name), []) if row.state == EvidenceState.ENTERED]


def checks_of(claim: Claim) -> list[Evidence]:
    """Every piece of a claim's check that counts or waits, newest first; what they say is no secret of a person."""
    rows = Evidence.objects.filter(subject_kind=CLAIM, subject_id=str(claim.pk), entry__in=(CONDITIONS, PAYEE), state__in=(EvidenceState.ENTERED, EvidenceState.VERIFIED))
    return list(rows.select_related("entered_by", "verified_by", "upload").order_by("-id"))


# ── the account ──────────────────────────────────────────────────────────────
def _payee(claim: Claim, source: Evidence) -> Payee:
    return payees.of_claim(str(value_of(source) or ""), source.number, claim.enterprise.name)


def _holder(claim: Claim, payee: Payee) -> str:
    return payees.holder(payee, claim.enterprise.name, [one.name for one in claim.enterprise.former_names.all()])


def _account(claim: Claim, payee: Payee, source: Evidence | None, holder: str, papers: Papers) -> list[Message]:
    if source is None:
        return [Message("收款账户还没有核实", "the account is not verified")]
    found = payees.problems(payee)
    if payee.name and holder == payees.OTHER:
        found.append(Message(f"收款户名“{payee.name}”不是企业名称，也不是曾用名", f"the account's holder “{payee.name}” is neither the enterprise's name nor a former one"))
    if any(row.pk > source.pk and row.state == EvidenceState.ENTERED for row in papers.get((str(claim.pk), ACCOUNT), [])):
        found.append(Message("企业报了新的收款账户，还没有核实", "the enterprise has told a new account that is not verified yet"))
    return found


def _bounced(claims: Sequence[int]) -> dict[int, set[str]]:
    """By claim the accounts from which the bank returned money."""
    found: dict[int, set[str]] = {}
    for part in chunks(sorted(claims)):
        rows = LedgerEntry.objects.filter(claim__in=part, kind=EntryKind.RETURNED, reversal__isnull=True).values_list("claim_id", "line__account")
        for number, account in rows:
            found.setdefault(number, set()).add(account)
    return found


# ── evidence ─────────────────────────────────────────────────────────────────
def _papers(claims: Sequence[Claim]) -> Papers:
    """By claim and entry what was handed in and counts or waits, oldest first."""
    found: dict[tuple[str, str], list[Evidence]] = {}
    for part in chunks([str(row.pk) for row in claims]):
        rows = Evidence.objects.filter(subject_kind=CLAIM, subject_id__in=part, entry__in=(CONDITIONS, PAYEE, ACCOUNT), state__in=(EvidenceState.ENTERED, EvidenceState.VERIFIED))
        for row in rows.order_by("id"):
            found.setdefault((row.subject_id, row.entry), []).append(row)
    return found


def _held(rows: Sequence[Evidence], day: dt.date) -> Evidence | None:
    """The newest that is verified and in force, as gates see it."""
    return next((row for row in reversed(rows) if row.standing(day) == EvidenceState.VERIFIED and (row.issued is None or row.issued <= day)), None)


# ── facts for gates ──────────────────────────────────────────────────────────
_NOTHING = SubjectFacts({}, {}, Coverage({}))


def facts_of(subject_id: str, day: dt.date) -> SubjectFacts:
    """What this room knows of a claim: what its ledger says, and where it knows better than what was handed in.

    That the conditions are met and the payee is right verified evidence says; this says no where a preparer verified it, or
    where the account's holder is somebody else.
    """
    claim = Claim.objects.filter(pk=int(subject_id)).first() if subject_id.isascii() and subject_id.isdigit() else None
    if claim is None:
        return _NOTHING
    told = _told(claim, ledgers.sums_of([claim.pk])[claim.pk])
    papers = _papers([claim])
    checked, account = _held(papers.get((subject_id, CONDITIONS), []), day), _held(papers.get((subject_id, ACCOUNT), []), day)
    if checked is not None and checked.verified_by_id in preparers(claim):
        told["claim.conditions_verified"] = 0
    if account is None or _holder(claim, _payee(claim, account)) == payees.OTHER:
        told["claim.payee_matches"] = 0
    return SubjectFacts(told, {}, Coverage({}))


def _told(claim: Claim, told: Sums) -> dict[str, int | str]:
    sent = PaymentLine.objects.filter(claim=claim, live=True, order__state=OrderState.SENT).exists()
    return {"claim.payment_ordered": int(sent or 0 < told.net == claim.amount_fen), "claim.paid_in_full": int(0 < told.net == claim.amount_fen),
            "claim.clawback_demanded": int(told.demanded > 0), "claim.repaid_in_full": int(0 < told.demanded == told.repaid)}
