"""Writes of a policy's life: begin it, pass its gates, send it back, suspend, resume, end it; and what then becomes of open claims.

The stages' own row writes do the moving (``kernel.stages.actions.moves``); one command is one Event on the course.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F

from diguan.kernel import access, clocks, money
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, action
from diguan.kernel.evidence.queries import holdings
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.actions.moves import About
from diguan.kernel.stages.models import Course, Passage, Task
from diguan.kernel.stages.refusals import ChangedMeanwhile, no
from diguan.kernel.stages.tree import ACTIVE, WAIT
from diguan.policies import queries
from diguan.policies.models import CLAIM, Claim, ClaimHold
from diguan.policies.queries import life
from diguan.policies.queries.papers import TEXT, round_began, text_of

BEGIN = "policies.begin_life"
MOVE = "policies.move_life"
HOLD = "policies.hold_life"
GO_ON, SUSPEND = "go_on", "suspend"
HELD, RESUMED = "policies.claim_held", "policies.claim_resumed"
"""The kinds of notice that tell an enterprise what becomes of its claim."""


# ── its way ──────────────────────────────────────────────────────────────────
@action(permission=BEGIN, event="life_begun")
def begin_life(*, policy_id: str, title: str, by: Person, owner_unit: int | None = None, day: dt.date | None = None, reason: str = "") -> Done[Course]:
    """Begin the life of a policy, in its draft; it belongs to the issuing office where that is known, else to who begins it.

    Args:
        policy_id: the id of its document, which may still be to come.
        title: what pages call it.
        by: who begins it.
        owner_unit: the office it belongs to; by default the unit that bears the issuer's name.
        day: when it was begun, by default today.
        reason: goes into the Event.

    Raises:
        access.Forbidden: the right does not reach that office.
        Refusal: ``invalid``, ``open_already``, ``bad_day``.
    """
    if not re.fullmatch(r"\w[\w.-]{0,79}", policy_id):
        raise no("invalid", f"政策编号只用文字、数字、. _ -，最多 80 字，现为 {policy_id}", f"a policy id is up to 80 letters, digits, . _ -: {policy_id}", "policy_id")
    if not title.strip():
        raise no("invalid", "请写政策名称", "give the policy's title", "title")
    owner = owner_unit or _issuing_office(policy_id) or access.unit_of(by)
    course = moves.start(moves.flow_named(life.FLOW), About(life.KIND, policy_id, title.strip(), owner_unit=owner), by, moves.reached(day), reason)
    access.require(by, BEGIN, course)
    return Done(course, after={"policy": policy_id, "version": course.frozen.sha256, "office": owner})


def _issuing_office(policy_id: str) -> int | None:
    policy = queries.library().policies.get(policy_id)
    if policy is None or not policy.issuer:
        return None
    return Unit.objects.filter(name=policy.issuer, active=True).order_by("id").values_list("pk", flat=True).first()


@action(permission=MOVE, event="life_moved", on="task")
def pass_stage(*, task: Task, to: str, version: int, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Course]:
    """Pass the gate to the next stage; of a publication ``day`` is the one on which the text was issued.

    Raises:
        GateClosed: something is missing; its ``answer`` says what.
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``bad_day`` (also where a public notice is said to have begun on a day its paper does not bear), ``wrong_subject``.
    """
    when = _order_of_days(_own(task.course), _issued(task.course, day) if to == life.PUBLISHED else moves.reached(day))
    _wait_begins(task.course, to, when)
    queue_at(task.course.subject_id)
    digest = text_of(task.course.subject_id).digest  # so that a later text is not taken for the one a step was taken on
    answer = moves.move(task, to, version, by, when, reason)
    waived = [item.id for item in answer.items if item.waived]
    return Done(task.course, before={"stage": task.key}, after={"stage": to, "day": when, "text": digest, **({"waived": waived} if waived else {})})


@action(permission=MOVE, event="life_sent_back", on="task")
def send_stage_back(*, task: Task, to: str, version: int, reason: str, by: Person) -> Done[Course]:
    """Go back to an earlier stage that the flow names, with a reason.

    Raises:
        ChangedMeanwhile: the stage is not as it was read.
        Refusal: ``no_way``, ``held``, ``invalid`` without a reason, ``wrong_subject``.
    """
    moves.send_back(task, to, version, by, _order_of_days(_own(task.course), clocks.today()), said(reason))
    return Done(task.course, before={"stage": task.key}, after={"stage": to})


def _own(course: Course) -> Course:
    """The course, if it is a policy's life: the right to move lives moves nothing else."""
    if (course.flow, course.subject_kind) != (life.FLOW, life.KIND):
        raise no("wrong_subject", "这不是一份政策的全过程", "this is not the life of a policy")
    return course


def _issued(course: Course, day: dt.date | None) -> dt.date:
    """The day a policy is published: the one its verified text was issued on, as the clock of extraction runs from there."""
    row = holdings([TEXT], [(life.KIND, course.subject_id)], clocks.today(), round_began(course.subject_id))[TEXT].row
    issued = row.issued if row else None
    if day is not None and issued is not None and day != issued:
        raise no("bad_day", f"文件是 {issued} 印发的，发布日期要写这一天，现为 {day}", f"the text was issued on {issued}: that is the day of publication, not {day}", "day")
    return moves.reached(day or issued)


def _order_of_days(course: Course, day: dt.date) -> dt.date:
    last = Passage.objects.filter(course=course).order_by("-id").values_list("day", flat=True).first()
    if last is not None and day < last:
        raise no("bad_day", f"{day} 早于上一步的日子 {last}：审查在前、印发在后；文件的印发日期写错了，就重交一份政策文件文本",
                 f"{day} is before the day of the step before, {last}: a text is reviewed first and issued then; if its day is wrong, hand its text in again", "day")
    return day


def _wait_begins(course: Course, to: str, day: dt.date) -> None:
    """A time that has to pass begins on a day gone by only where the papers say so: no public notice is shortened by a date alone."""
    steps = course.tree.step
    waits = to in steps and any(steps[name].gate.term is not None and steps[name].gate.term.kind == WAIT for name in steps[to].next)  # type: ignore[union-attr]
    if not waits or day >= clocks.today():
        return
    found = holdings(steps[to].gate.evidence, [(life.KIND, course.subject_id)], clocks.today(), round_began(course.subject_id))
    if any(one.row is None or one.row.issued is None or one.row.issued > day for one in found.values()):
        raise no("bad_day", f"从 {day} 起算要有那天或更早出具的材料；材料上没有写日期，就从今天起算", f"to count from {day} its papers must be of that day or before; where they bear no date it counts from today", "day")


def queue_at(policy_id: str) -> None:
    """Inside a transaction that keeps a text: queue at the policy's course, so that what is kept is before a publication or after it."""
    Course.objects.filter(flow=life.FLOW, subject_kind=life.KIND, subject_id=policy_id, ended_at__isnull=True).update(moves=F("moves") + 1)


def said(reason: str) -> str:
    """A reason worth the name.

    Raises:
        Refusal: there is none, or it is too long to keep.
    """
    if not 2 <= len(reason.strip()) <= 300:
        raise no("invalid", "请写明理由，2 到 300 字", "say why, in 2 to 300 characters", "reason")
    return reason.strip()


# ── held up, and what becomes of open claims ─────────────────────────────────
@action(permission=HOLD, event="life_held", on="course")
def hold_life(*, course: Course, to: str, version: int, reason: str, by: Person, claims: str = "") -> Done[Course]:
    """Suspend a policy, end it, or begin to claw its money back.

    Where claims are open it must be said what becomes of them: ``go_on`` under the version they were made by, or ``suspend``.
    Each firm is told; nothing is lost, and nothing of a suspended claim moves, so nothing is paid.

    Raises:
        GateClosed: something is missing, the role for one.
        ChangedMeanwhile: the status is not as it was read.
        Refusal: ``no_way``, ``say_of_claims``, ``invalid``, ``wrong_subject``.
    """
    words = said(reason)
    if to not in (life.SUSPENDED, life.EXPIRED, life.CLAWBACK):
        raise no("no_way", f"不能改为 {to}", f"it cannot become {to}", "to")
    before = moves.set_status(_own(course), to, version, by, clocks.today(), words)
    open_ = open_claims(course.subject_id) if to != life.CLAWBACK else []
    if open_ and claims not in (GO_ON, SUSPEND):
        raise no("say_of_claims", f"还有 {len(open_)} 件兑现在办，请选：照原来的版本继续办，还是一并暂缓",
                 f"{len(open_)} claims are under way: say whether they go on under the version they were made by, or are suspended too", "claims")
    held = [_hold(course, claim, claims == GO_ON, by, words) for claim in open_ if _still_open(claim)]
    _tell([(claim, _held_words(claim, course, claims == GO_ON, to)) for claim in held], HELD, by)
    return Done(course, before={"status": before}, after={"status": to, "claims": claims if open_ else "", "open": len(held)}, related=held)


def open_claims(policy_id: str) -> list[Claim]:
    """The claims of a policy that are neither ended nor held up for a reason of their own, by number."""
    rows = Claim.objects.filter(policy=policy_id, course__ended_at__isnull=True, course__status=ACTIVE)
    return list(rows.select_related("course__frozen", "enterprise").order_by("id"))


def _still_open(claim: Claim) -> bool:
    """Queue behind whoever moves the claim now; one that has ended or was held up meanwhile is left as it is."""
    if claim.course is None or not Course.objects.filter(pk=claim.course.pk, status=ACTIVE, ended_at__isnull=True).update(moves=F("moves") + 1):
        return False
    claim.course.refresh_from_db(fields=["version", "status", "moves"])
    return True


def _hold(course: Course, claim: Claim, goes_on: bool, by: Person, reason: str) -> Claim:
    assert claim.course is not None  # only such a claim is open
    if not goes_on:
        moves.set_status(claim.course, life.SUSPENDED, claim.course.version, by, clocks.today(), reason)
    ClaimHold.objects.create(life=course, claim=claim, goes_on=goes_on, reason=reason, course_version=claim.course.version, by=by)
    return claim


@action(permission=HOLD, event="life_resumed", on="course")
def resume_life(*, course: Course, version: int, reason: str, by: Person) -> Done[Course]:
    """Lift a suspension: the policy goes on where it was, and with it those of its claims that were suspended with it.

    A claim somebody has since changed the status of stays as they left it.

    Raises:
        ChangedMeanwhile: the status is not as it was read.
        Refusal: ``no_way``, ``invalid``, ``wrong_subject``.
    """
    words = said(reason)
    before = moves.set_status(_own(course), ACTIVE, version, by, clocks.today(), words)
    holds = list(ClaimHold.objects.filter(life=course, lifted_at__isnull=True).select_related("claim__course__frozen", "claim__enterprise").order_by("id"))
    lifted = [hold.claim for hold in holds if not hold.goes_on and _lift(hold, by, words)]
    ClaimHold.objects.filter(pk__in=[hold.pk for hold in holds]).update(lifted_at=clocks.now())
    _tell([(claim, _resumed_words(claim, course)) for claim in lifted], RESUMED, by)
    return Done(course, before={"status": before}, after={"status": ACTIVE, "lifted": len(lifted), "left": sum(not hold.goes_on for hold in holds) - len(lifted)},
                related=lifted)


def _lift(hold: ClaimHold, by: Person, reason: str) -> bool:
    course = hold.claim.course
    if course is None or (course.status, course.version) != (life.SUSPENDED, hold.course_version):
        return False
    try:
        with transaction.atomic():
            moves.set_status(course, ACTIVE, course.version, by, clocks.today(), reason)
    except ChangedMeanwhile:
        return False
    return True


def require_open(policy_id: str) -> None:
    """Inside the transaction that begins a claim or orders one: queue behind whoever holds this policy up now.

    Raises:
        Refusal: ``policy_barred``: its life lets nothing new begin. A policy without a course is let pass.
    """
    found = life.stands().get(policy_id)
    if found is None:
        return
    taken = Course.objects.filter(pk=found.course, status=ACTIVE).update(moves=F("moves") + 1)
    words = life.barred(policy_id)
    if words is not None or not taken:
        raise Refusal("policy_barred", [words or life.UNPUBLISHED])


# ── telling the firms ────────────────────────────────────────────────────────
def _tell(told: Sequence[tuple[Claim, tuple[Message, Message]]], kind: str, by: Person) -> None:
    """A notice to each firm; what it was told of this claim before no longer holds."""
    if not told:
        return
    numbers = Notice.objects.filter(kind__in=(HELD, RESUMED), about_kind=CLAIM, about_id__in=[str(claim.pk) for claim, _words in told], ended_at__isnull=True)
    notices.end(numbers=list(numbers.values_list("pk", flat=True)), by=by)
    notices.write(drafts=list(_drafts(told, kind)), by=by)


def _drafts(told: Iterable[tuple[Claim, tuple[Message, Message]]], kind: str) -> Iterable[Draft]:
    for claim, (title, body) in told:
        yield Draft(kind, (CLAIM, str(claim.pk)), title, body, uscc=claim.enterprise.uscc)


def _held_words(claim: Claim, course: Course, goes_on: bool, to: str) -> tuple[Message, Message]:
    what = Message("暂停执行", "suspended") if to == life.SUSPENDED else Message("失效", "no longer in force")
    fen = Message(money.words(claim.amount_fen, "zh"), money.words(claim.amount_fen, "en"))
    if goes_on:
        return (Message(f"政策{what.zh}，您的兑现照常办：{course.title}", f"Policy {what.en}, your claim goes on: {course.title}"),
                Message(f"《{course.title}》已{what.zh}。贵企业这一件（{fen.zh}）按申请时的版本继续办理。", f"“{course.title}” is {what.en}. Your claim ({fen.en}) goes on under the version it was made by."))
    return (Message(f"您的兑现暂缓办理：{course.title}", f"Your claim is suspended: {course.title}"),
            Message(f"《{course.title}》已{what.zh}，贵企业这一件（{fen.zh}）暂缓办理。已办的步骤和材料都保留，恢复后接着办。",
                    f"“{course.title}” is {what.en}; your claim ({fen.en}) is suspended. What was done and handed in is kept, and it goes on from there."))


def _resumed_words(claim: Claim, course: Course) -> tuple[Message, Message]:
    return (Message(f"您的兑现恢复办理：{course.title}", f"Your claim goes on again: {course.title}"),
            Message(f"《{course.title}》恢复执行，贵企业这一件（{money.words(claim.amount_fen, 'zh')}）从停下的地方接着办。",
                    f"“{course.title}” is in force again; your claim ({money.words(claim.amount_fen, 'en')}) goes on from where it stopped."))
