"""People and claims for the tests of payments: one claim walked through the whole flow, and many set down where payments begin."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.evidence.actions import About as Subject
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.evidence.tests.factories import PDF, evidence_factory
from diguan.kernel.stages import actions as stages
from diguan.kernel.stages import queries
from diguan.kernel.stages.actions import About, moves
from diguan.kernel.stages.models import Course, Passage, Task, TaskState
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import checks, clawbacks, payments, results
from diguan.policies.actions.results import Told
from diguan.policies.engine import payee
from diguan.policies.models import CLAIM, Claim, LedgerEntry, PaymentLine, PaymentOrder, PaymentResult
from diguan.policies.queries import payable

POLICY = "equipment-upgrade-2026"
ACCOUNT = "18012345678901"


def cast() -> SimpleNamespace:
    """Everybody payments need: ``officer`` makes claims and drafts, ``checker`` checks, ``leader`` approves, ``sender`` and ``booker`` are the treasury's."""
    return SimpleNamespace(
        officer=person_factory("policy_officer"), checker=person_factory("policy_officer"), leader=person_factory("leader"), sender=person_factory("finance_officer"),
        booker=person_factory("finance_officer"), clerk=person_factory("data_clerk"))


def about(claim: Claim) -> Subject:
    """Whose evidence it is."""
    return Subject(CLAIM, str(claim.pk), claim.enterprise.uscc)


def claim_row(who: SimpleNamespace, fen: int = 1_000_000, policy: str = POLICY, enterprise: Enterprise | None = None, **more: Any) -> Claim:
    """A claim without a course."""
    firm = enterprise or enterprise_factory(business_status="存续")
    return Claim.objects.create(policy=policy, policy_version="v1", enterprise=firm, delivery="automatic", amount_fen=fen, match="m", created_by=who.officer,
                                changed_by=who.officer, **more)


def walked(who: SimpleNamespace, fen: int = 1_000_000, **more: Any) -> Claim:
    """A claim taken through the flow, gate by gate, to ``intent_confirmed``; its conditions are checked by nobody yet."""
    claim = claim_row(who, fen, **more)
    begun = clocks.today() - dt.timedelta(days=30)
    course = stages.start_course(flow="policy_claim", about=About(CLAIM, str(claim.pk), claim.enterprise.name, claim.enterprise.uscc), by=who.officer, day=begun)
    Claim.objects.filter(pk=claim.pk).update(course=course)
    _go(course, "confirmed", who.checker, begun)
    evidence_factory("publicity_notice", about(claim), who.clerk, who.checker)
    _go(course, "publicised", who.checker, begun)
    _go(course, "unobjected", who.checker, clocks.today())
    evidence_factory("intent_confirmation", about(claim), who.clerk, who.checker)
    bank(who, claim)
    _go(course, "intent_confirmed", who.checker, clocks.today())
    claim.refresh_from_db()
    return claim


def _go(course: Course, to: str, by: Person, day: dt.date) -> None:
    task = queries.current(course)
    stages.pass_gate(task=task, to=to, version=task.version, by=by, day=day)


def bank(who: SimpleNamespace, claim: Claim, *, name: str = "", account: str = ACCOUNT, at: str = "农业银行衡阳县支行", verified: bool = True) -> Evidence:
    """The account an enterprise tells."""
    text = payee.write(name or claim.enterprise.name, account, at)
    return evidence_factory("bank_account", about(claim), who.clerk, who.checker if verified else None, value=text)


def check(who: SimpleNamespace, claim: Claim, value: str = "true", by: Person | None = None) -> Evidence:
    """The conditions checked by the clerk and verified by another."""
    return evidence_factory("conditions_check", about(claim), who.clerk, by or who.checker, value=value)


def checked(who: SimpleNamespace, claim: Claim) -> Claim:
    """A claim that may be ordered."""
    check(who, claim)
    evidence_factory("payee_check", about(claim), who.clerk, who.checker)
    return claim


def ready(who: SimpleNamespace, fen: int = 1_000_000, *, unchecked: bool = False, **more: Any) -> Claim:
    """A claim set down at ``intent_confirmed`` with everything verified, as the flow would have left it; ``unchecked``: its account alone."""
    claim = claim_row(who, fen, **more)
    now, flow = clocks.now(), moves.flow_named("policy_claim")
    claim.course = Course.objects.create(flow=flow.id, frozen=moves.frozen_version(flow), subject_kind=CLAIM, subject_id=str(claim.pk), title=claim.enterprise.name,
                                         uscc=claim.enterprise.uscc, created_by=who.officer)
    claim.save()
    task = Task.objects.create(course=claim.course, key="intent_confirmed", state=TaskState.OPEN, opened_at=now)
    Passage.objects.create(course=claim.course, task=task, kind="passed", source="unobjected", target="intent_confirmed", day=clocks.today(), by=who.checker)
    text = payee.write(claim.enterprise.name, ACCOUNT, "农业银行衡阳县支行")
    found = (("bank_account", {"text": text}), ("conditions_check", {"num": 1}), ("payee_check", {"num": 1}))
    for entry, value in found[:1] if unchecked else found:
        Evidence.objects.create(entry=entry, subject_kind=CLAIM, subject_id=str(claim.pk), uscc=claim.enterprise.uscc, state=EvidenceState.VERIFIED,
                                entered_by=who.clerk, verified_by=who.checker, decided_at=now, **value)
    return claim


def drafted(who: SimpleNamespace, *claims: Claim, policy: str = POLICY) -> PaymentOrder:
    return payments.draft_order(policy=policy, claims=claims, by=who.officer)


def approved(who: SimpleNamespace, *claims: Claim) -> PaymentOrder:
    order = drafted(who, *claims)
    return payments.approve_order(order=order, version=order.version, by=who.leader)


def sent(who: SimpleNamespace, *claims: Claim) -> PaymentOrder:
    """An order at the treasury."""
    order = approved(who, *claims)
    return payments.send_order(order=order, version=order.version, by=who.sender)


def line_of(claim: Claim) -> PaymentLine:
    """The newest line of a claim."""
    return PaymentLine.objects.filter(claim=claim).latest("id")


def entered(who: SimpleNamespace, claim: Claim, fen: int, outcome: str = "paid", number: str = "", reason: str = "账号有误") -> PaymentResult:
    """A result of a claim's newest line, entered by the sender."""
    line = line_of(claim)
    told = Told(outcome, fen, clocks.today(), number or f"凭〔2026〕{PaymentResult.objects.count() + 1}号", reason if outcome == "returned" else "")
    return results.enter_result(line=line, version=line.version, told=told, file_name="凭证.pdf", content=PDF, by=who.sender)


def booked(who: SimpleNamespace, claim: Claim, fen: int, outcome: str = "paid", **more: Any) -> PaymentResult:
    """A result entered by one and booked by another."""
    row = entered(who, claim, fen, outcome, **more)
    return results.book_result(result=row, version=row.version, by=who.booker)


def stage(claim: Claim) -> str:
    """Where a claim's course is."""
    return queries.progress(Course.objects.get(pk=claim.course_id)).at[-1]


def world(who: SimpleNamespace, firm: Enterprise) -> SimpleNamespace:
    """Payments at every step for the contracts that walk pages: orders to approve and to send, a line to answer for, a result to book, claims to claw back."""
    at = iter(range(9, 30))  # behind what others have made of the same policy

    def claim() -> Claim:
        return ready(who, 1_000, enterprise=firm, attempt=next(at))

    drafted_, approved_, open_, waiting, paid, demanded = drafted(who, claim()), approved(who, claim()), claim(), claim(), claim(), claim()
    free, fresh, checking = claim(), ready(who, 1_000, enterprise=firm, attempt=18, unchecked=True), ready(who, 1_000, enterprise=firm, attempt=19, unchecked=True)
    checks.enter_check(claim=checking, met=True, matches=True, file_name="核查.pdf", content=PDF, by=who.checker)
    sent(who, open_)
    sent(who, waiting)
    for one in (paid, demanded):
        sent(who, one)
        booked(who, one, 1_000)
    decision = evidence_factory("clawback_decision", about(paid), who.clerk)
    clawbacks.demand_back(claim=demanded, fen=500, decision=evidence_factory("clawback_decision", about(demanded), who.clerk), reason="虚报", by=who.leader)
    entry = LedgerEntry.objects.get(claim=paid, kind="paid")
    return SimpleNamespace(drafted=drafted_, approved=approved_, open=line_of(open_), result=entered(who, waiting, 1_000), paid=paid, demanded=demanded, decision=decision, free=free, fresh=fresh, checking=checking, pieces=[piece.pk for piece in payable.checks_waiting(checking)],
                           returned=evidence_factory("return_voucher", about(demanded), who.clerk), entry=entry)
