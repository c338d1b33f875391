"""A claim moves: the office passes a gate or sends it back, the firm gives it up. Each names the version it has read."""

from __future__ import annotations

from django.db.models import F

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import said
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.messages import Message
from diguan.kernel.stages import gates
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.stages.refusals import no
from diguan.policies.actions import claim_notices
from diguan.policies.actions import claims as opening
from diguan.policies.models import CLAIM, Claim
from diguan.policies.queries import claims, life
from diguan.policies.queries.claims import ANSWER, HANDLE, OFFICE_STEPS, Seen

REASONED = (claims.REFUSED, claims.UPHELD, claims.OBJECTED)
"""Steps nobody is taken to without being told why."""
ONWARDS = (claims.CONFIRMED, claims.PUBLICISED, claims.UNOBJECTED, claims.SETTLED, claims.INTENT)
"""Steps towards the money."""


@action(permission=HANDLE, event="claim_passed", on="claim")
def pass_step(*, claim: Claim, to: str, seen: Seen, by: Person, reason: str = "") -> Done[Course]:
    """Pass the gate to the next stage; ``seen`` is the open stage as it was read.

    Raises:
        access.Forbidden: the right does not reach this claim.
        GateClosed: something is missing; its ``answer`` says what.
        ChangedMeanwhile: somebody moved it first.
        Refusal: ``no_way``, ``held``, ``ended``, ``policy_barred``, ``objection_waits`` (no claim is unobjected while one stands against it), or ``invalid`` without a reason where one is needed.
    """
    if to not in OFFICE_STEPS:
        raise no("no_way", "这一步不在这里办：付款、拨付、追回在付款环节办", "this step is not done here: payment and clawback are the business of payments", "to")
    if to in REASONED:
        said(reason)
    return _passed(claim, to, seen, by, reason=reason)


@action(permission=HANDLE, event="claim_passed", on="claim")
def put_on_notice(*, claim: Claim, seen: Seen, by: Person) -> Done[Course]:
    """Verify the notice that somebody else entered and put the claim on public notice: one deed.

    Raises:
        access.Forbidden, GateClosed, ChangedMeanwhile, Refusal: as :func:`pass_step`; ``own_evidence``.
    """
    return _passed(claim, claims.PUBLICISED, seen, by, verifying=(claims.NOTICE,))


def _passed(claim: Claim, to: str, seen: Seen, by: Person, *, reason: str = "", verifying: tuple[str, ...] = ()) -> Done[Course]:
    task = _task(claim, seen)
    _require_alive(claim, to)
    verified, before = verify_waiting(claim, verifying, by), task.key
    answer = moves.move(task, to, seen.version, by, clocks.today(), reason)
    Claim.objects.filter(pk=claim.pk, officer=None).update(officer=by)
    claim_notices.moved(claim, to, by, reason.strip())
    waived = [item.id for item in answer.items if item.waived]
    more = {"waived": waived} if waived else {}
    return Done(task.course, before={"stage": before}, after={"stage": to, **more, **({"verified": [row.entry for row in verified]} if verified else {})}, related=[claim, *verified])


def _require_alive(claim: Claim, to: str) -> None:
    """Nothing goes on to the money under a policy that is held up, unless it was said of the claim that it does; a refusal may."""
    words = life.barred_claim(claim) if to in ONWARDS else None
    if words is not None:
        raise Refusal("policy_barred", [words])
    against = claims.objection_items([claim]) if to == claims.UNOBJECTED else {}
    if against:
        raise Refusal("objection_waits", gates.Answer(tuple(against.values())).reasons)


@action(permission=HANDLE, event="claim_sent_back", on="claim")
def send_back(*, claim: Claim, to: str, seen: Seen, reason: str, by: Person) -> Done[Course]:
    """Go back to an earlier stage that the flow names, with a reason; after a review this takes the refusal back.

    Raises:
        access.Forbidden, ChangedMeanwhile, Refusal: as :func:`pass_step`; ``open_already`` where another claim has begun meanwhile,
            ``over_budget`` or ``excluded`` where its money is promised otherwise by now.
    """
    task = _task(claim, seen)
    if task.key in claims.PAYMENT_STAGES:
        raise no("no_way", "付款通知已开，退回在付款环节办", "a payment order is out: it is taken back by payments", "to")
    before, words = task.key, said(reason, 500)
    _only_verifier_reopens(task, by)
    if before == claims.REVIEW:
        opening.require_free(claim)
    moves.send_back(task, to, seen.version, by, clocks.today(), words)
    claim_notices.moved(claim, to if before == claims.REVIEW else "", by, words)
    return Done(task.course, before={"stage": before}, after={"stage": to}, related=[claim])


def _only_verifier_reopens(task: Task, by: Person) -> None:
    """A review is decided by somebody else than who refused."""
    refused = Passage.objects.filter(course=task.course, target=claims.REFUSED).order_by("-id").first()
    if task.key == claims.REVIEW and refused is not None and refused.by_id == by.pk:
        raise Refusal("own_decision", [Message("不予兑现是您办的，复核请另一个人来", "the refusal was yours: somebody else has to review it")])


@action(permission=ANSWER, event="claim_withdrawn", on="claim")
def withdraw_claim(*, claim: Claim, version: int, reason: str, by: Person) -> Done[Course]:
    """The firm gives its claim up, with a reason; its money is free for others. ``version`` is that of the claim.

    Raises:
        access.Forbidden: it is not the person's enterprise.
        ChangedMeanwhile: the claim moved or was held meanwhile.
        Refusal: ``no_way`` from where no claim can be given up (an order is out, it is paid), ``invalid`` without a reason.
    """
    words = said(reason, 500)
    take(claim, version, by)
    course = _course(claim)
    before = stages.progress(course).at
    moves.set_status(course, claims.WITHDRAWN, course.version, by, clocks.today(), words)
    claim_notices.silence(claim, by)
    return Done(course, before={"stage": before[0] if before else ""}, after={"status": claims.WITHDRAWN}, related=[claim])


@action(permission=HANDLE, event="claim_answer_checked", on="claim")
def confirm_intent(*, claim: Claim, seen: Seen, by: Person) -> Done[Course]:
    """Verify what the firm confirmed (its intent and its account, and what else it handed in) and pass on to payment: one deed.

    Raises:
        access.Forbidden: the right does not reach the claim or its evidence.
        GateClosed: something was not handed in.
        ChangedMeanwhile, Refusal: as :func:`pass_step`.
    """
    steps = _course(claim).tree.step
    return _passed(claim, claims.INTENT, seen, by, verifying=steps[claims.INTENT].gate.evidence)


def verify_waiting(claim: Claim, entries: tuple[str, ...], by: Person) -> list[Evidence]:
    """Verify what waits of these for a claim, inside an action. Who entered one is refused.

    Raises:
        access.Forbidden, Refusal: as :func:`diguan.kernel.evidence.actions.verify`.
    """
    rows = Evidence.objects.filter(subject_kind=CLAIM, subject_id=str(claim.pk), entry__in=entries, state=EvidenceState.ENTERED).order_by("id") if entries else ()
    return [evidence.settle(evidence=row, version=row.version, holds=True, by=by) for row in rows]


def take(claim: Claim, version: int, by: Person) -> None:
    """Take a claim as it was read: whoever comes second with the same version is told so.

    Raises:
        Refusal: ``changed_meanwhile``.
    """
    if not Claim.objects.filter(pk=claim.pk, version=version).update(version=F("version") + 1, changed_by=by, changed_at=clocks.now()):
        raise Refusal("changed_meanwhile", [Message("没办成：这件兑现刚有变化，请重新打开再办，您填的还在", "not done: this claim changed a moment ago; open it again. What you entered is kept")])


def _task(claim: Claim, seen: Seen) -> Task:
    """The stage somebody read; that it is still the open one is judged by the lock."""
    course = _course(claim)
    row = Task.objects.filter(pk=seen.task, course=course).first()
    if row is None or stages.current(course) is None:
        raise Refusal("ended", [Message("这件兑现已经办结，或您看到的不是这一件，请重新打开", "this claim has ended, or what you read is another: open it again")])
    row.course = course
    return row


def _course(claim: Claim) -> Course:
    assert claim.course_id is not None
    return Course.objects.select_related("frozen").get(pk=claim.course_id)
