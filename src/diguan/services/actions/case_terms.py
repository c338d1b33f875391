"""Extensions of a case's steps: a bureau asks with reason and legal basis, somebody else who may approve grants or refuses; the applicant is told."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.clocks import EXTEND
from diguan.kernel.clocks import Entry as ClockDeed
from diguan.kernel.evidence.actions import said
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.stages.actions import ledger, locks
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.models import Task, TaskState
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.services.actions.cases import case_of
from diguan.services.models import Case, Extension
from diguan.services.queries import case_terms as terms
from diguan.services.queries.case_terms import DECIDE, HANDLE

ASKED, ANSWERED, EXTENDED = "services.extension_asked", "services.extension_answered", "services.case_extended"
"""The kinds of notice: to whoever may approve, to who asked, to the applicant."""


@action(permission=HANDLE, event="extension_asked", on="task")
def ask_extension(*, task: Task, version: int, days: int, basis: str, reason: str, by: Person) -> Done[Case]:
    """Ask that an open step be given more working days; nothing changes until somebody else grants it.

    Args:
        task: the step, of the asking office.
        version: as it was read.
        days: working days, at most what the law allows, once.
        basis: the article that allows it.
        reason: why it is needed; the applicant is told once it is granted.
        by: an officer of that office.

    Raises:
        ChangedMeanwhile: the step is not as it was read.
        Refusal: ``no_extension`` (the law knows none, it was extended already, or the term is over), ``too_long``, ``asked_already``, ``invalid``.
    """
    case = case_of(task)
    article, words = _article(basis), said(reason, 300)
    _allowed(task, days)
    if not Task.objects.filter(pk=task.pk, version=version, state=TaskState.OPEN).exists():
        raise locks.changed([Tick(task, version)], task.state)
    try:
        with transaction.atomic():
            row = Extension.objects.create(case=case, task=task, days=days, basis=article, reason=words, asked_by=by)
    except IntegrityError as error:
        raise Refusal("asked_already", [Message("这一步已有一份延期申请在等批准", "an extension of this step waits to be decided already")]) from error
    told = Message(f"{case}“{task.step.label()}”申请延长 {days} 个工作日：{words}", f"Case {case.plain}, {task.step.label('en')}: {days} more working days are asked for: {words}")
    notices.write(drafts=[Draft(ASKED, ("case_extension", str(row.pk)), Message(f"等您批延期：{case.number}", f"An extension to decide: case {case.plain}"), told, person=person, link=case.address)
                          for person in terms.officers(DECIDE, task.owner_unit_id) or terms.county_wide(DECIDE) if person != by], by=by)
    return Done(case, after={"matter": task.key, "days": days, "basis": article}, related=[task.course])


@action(permission=DECIDE, event="extension_decided", on="extension")
def decide_extension(*, extension: Extension, version: int, grant: bool, reason: str, by: Person) -> Done[Case]:
    """Grant or refuse what was asked; who asked does not decide. Granted, the step's clock runs longer and the applicant is told why.

    Raises:
        ChangedMeanwhile: somebody decided first, or the step moved meanwhile.
        Refusal: ``own_request``, ``no_extension``, ``too_long``, ``not_open`` (the step is done), ``invalid`` without a reason.
    """
    words = said(reason, 300)
    if extension.asked_by_id == by.pk:
        raise Refusal("own_request", [Message("自己申请的延期要由另一个人批准", "who asked for an extension does not decide on it")])
    task = Task.objects.select_related("course__frozen", "owner_unit").get(pk=extension.task_id)
    case = case_of(task)
    if not Extension.objects.filter(pk=extension.pk, version=version, state=Extension.State.ASKED).update(
            state=Extension.State.GRANTED if grant else Extension.State.REFUSED, decided_by=by, decided_at=clocks.now(), decision=words, version=version + 1):
        extension.refresh_from_db()
        raise ChangedMeanwhile(version, extension.version, Message(str(Extension.State(extension.state).label), extension.state))
    before = task.due
    if grant:
        _extend(task, extension, by)
    _tell(case, task, extension, grant, words, by)
    return Done(case, before={"due": before}, after={"matter": task.key, "granted": grant, "days": extension.days, "due": task.due}, related=[task.course])


def _extend(task: Task, extension: Extension, by: Person) -> None:
    if task.state != TaskState.OPEN:
        raise Refusal("not_open", [Message("这一步已经不在办，不用延期了", "the step is no longer open: it needs no extension")])
    _allowed(task, extension.days)
    ledger.add(task, task.key, ClockDeed(EXTEND, clocks.today(), extension.days, extension.basis), task.version, by, reason=extension.reason, asked_by=extension.asked_by)


def _allowed(task: Task, days: int) -> None:
    left = terms.room(task, clocks.today(), terms.clock_rows(task.course).get(task.pk, []))
    if left.why is not None:
        raise Refusal("no_extension", [left.why])
    if not 1 <= days <= left.days:
        raise Refusal("too_long", [Message(f"最多延长 {left.days} 个工作日", f"{left.days} working days at most")], "days")


def _article(text: str) -> str:
    if len(text.strip()) < 4:
        raise Refusal("invalid", [Message("请写明法律依据，到条", "name the law that allows it, with its article")], "basis")
    return text.strip()[:300]


def _tell(case: Case, task: Task, extension: Extension, grant: bool, words: str, by: Person) -> None:
    plain, step = case.plain, Message(task.step.label(), task.step.label("en"))
    said_ = Message("批准" if grant else "不批准", "granted" if grant else "refused")
    drafts = [Draft(ANSWERED, ("case_extension", str(extension.pk)), Message(f"延期{said_.zh}：{case.number}", f"Extension {said_.en}: case {plain}"),
                    Message(f"“{step.zh}”延长 {extension.days} 个工作日，{said_.zh}：{words}", f"{step.en}, {extension.days} more working days, {said_.en}: {words}"), person=extension.asked_by, link=case.address)]
    if grant and case.uscc:
        drafts.append(Draft(EXTENDED, ("case_extension", str(extension.pk)), Message(f"时限延长：{case.number}", f"More time is taken: case {plain}"), Message(
            f"“{step.zh}”延长 {extension.days} 个工作日" + (f"，最晚 {task.due}" if task.due else "") + f"。理由：{extension.reason}。依据：{extension.basis}",
            f"{step.en} takes {extension.days} more working days" + (f", until {task.due}" if task.due else "") + f". Reason: {extension.reason}. Basis: {extension.basis}"), uscc=case.uscc, link=case.address))
    notices.write(drafts=drafts, by=by)
