"""Commitments 告知承诺: a promise in the place of a paper, counted from acceptance, checked by the bureau that needs it, never by who made it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from diguan.kernel import clocks, packs
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft
from diguan.kernel.stages.models import Task, Waiver
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.services.engine import caseterms
from diguan.services.engine.caseflow import ACCEPT, SUBJECT
from diguan.services.models import Case, Commitment
from diguan.services.queries import case_terms as terms
from diguan.services.queries.case_terms import COMMITMENT, HANDLE
from diguan.services.queries.cases import Ask

FAILED = "services.commitment_failed"
"""The kind of notice that tells the applicant and whoever leads that a promise did not hold."""


def promise(case: Case, asks: Sequence[Ask], names: Collection[str], by: Person) -> list[Evidence]:
    """Take promises in the place of these papers, inside an action; each is a piece of evidence with the words as they were put.

    Raises:
        Refusal: ``no_commitment``: no promise will do for one of them, it is given already, or a promise was declined.
    """
    may = {ask.entry.id: ask for ask in asks if ask.may_promise}
    beyond = sorted(set(names) - may.keys())
    if beyond:
        raise Refusal("no_commitment", [Message(f"不能用告知承诺代替：{'、'.join(beyond)}", f"no commitment will do for: {', '.join(beyond)}")], beyond[0])
    offices = {task.key: task.owner_unit or case.owner_unit for task in Task.objects.filter(course=case.course_id).select_related("owner_unit")}
    return [_promised(case, may[name], offices[case.promisable[name]["matter"]], by) for name in sorted(set(names))]


def _promised(case: Case, ask: Ask, office: Unit | None, by: Person) -> Evidence:
    told, unit = case.promisable[ask.entry.id], office.pk if office else None
    words = caseterms.commitment(Message(ask.entry.label(), ask.entry.label("en")), office.name if office else "", told["days"])
    row = evidence.put(entry=COMMITMENT, about=About(SUBJECT, str(case.pk), case.uscc, unit), paper=Paper(value=words.zh), by=by)
    Commitment.objects.create(case=case, entry=ask.entry.id, matter=told["matter"], unit_id=unit, evidence=row, days=told["days"])
    return row


def decline(case: Case, items: Collection[str], words: str, by: Person) -> None:
    """Say of promises before acceptance that the paper is needed all the same, inside an action."""
    for row in case.commitments.filter(entry__in=items, state=Commitment.State.UNVERIFIED).select_related("evidence"):
        evidence.settle(evidence=row.evidence, version=row.evidence.version, holds=False, reason=words, by=by)
        _write(row, row.version, Commitment.State.DECLINED, words, by)


def stand(case: Case, task: Task, by: Person) -> list[str]:
    """What was promised lets the acceptance pass, inside an action: the day until which each is checked counts from today."""
    rows = list(case.commitments.filter(state=Commitment.State.UNVERIFIED))
    for row in rows:
        Commitment.objects.filter(pk=row.pk).update(due=clocks.due_after(clocks.today(), row.days, packs.calendar()).day)
    Waiver.objects.bulk_create([Waiver(task=task, target=ACCEPT, item=row.entry, reason="告知承诺", by=by) for row in rows])
    return [row.entry for row in rows]


@action(permission=HANDLE, event="commitment_checked", on="commitment")
def check_commitment(*, commitment: Commitment, version: int, holds: bool, reason: str, by: Person) -> Done[Case]:
    """Say what was found when a promise was looked into. Where it does not hold the paper is owed, and nothing is given out before it is there.

    Args:
        commitment: of an accepted case, of the officer's office.
        version: as it was read.
        holds: whether what was promised is so.
        reason: what was looked at, and what was found.
        by: somebody else than who handed the promise in.

    Raises:
        ChangedMeanwhile: somebody has checked it.
        Refusal: ``not_accepted``, ``own_evidence``, ``invalid`` without words.
    """
    words, case = evidence.said(reason, 300), commitment.case
    if commitment.due is None:
        raise Refusal("not_accepted", [Message("受理以后才核查", "it is checked once the case is accepted")])
    if commitment.state != Commitment.State.UNVERIFIED:
        raise _changed(commitment, version)
    evidence.settle(evidence=commitment.evidence, version=commitment.evidence.version, holds=holds, reason=words, by=by)
    _write(commitment, version, Commitment.State.HOLDS if holds else Commitment.State.FAILED, words, by)
    if not holds:
        _tell(case, commitment, words, by)
    return Done(case, after={"entry": commitment.entry, "holds": holds}, related=[commitment.evidence])


def _write(row: Commitment, version: int, state: str, words: str, by: Person) -> None:
    changed = Commitment.objects.filter(pk=row.pk, version=version, state=Commitment.State.UNVERIFIED).update(
        state=state, checked_by=by, checked_on=clocks.today(), reason=words, version=version + 1)
    if not changed:
        raise _changed(row, version)


def _changed(row: Commitment, version: int) -> ChangedMeanwhile:
    row.refresh_from_db()
    return ChangedMeanwhile(version, row.version, Message(str(Commitment.State(row.state).label), row.state))


def _tell(case: Case, row: Commitment, words: str, by: Person) -> None:
    entry, plain, about = dictionary.known()[row.entry], case.plain, ("case_commitment", str(row.pk))
    over = case.course is not None and case.course.ended_at is not None
    then = Message("结果已经发出，由核查单位依法处理，直至撤销。", "The results were given out: the office that checked deals with them by law, up to revoking them.") if over else Message(
        "请补交材料，交齐之前不发结果。", "Please hand the paper in; nothing is given out before.")
    title = Message(f"告知承诺核查不实：{case.number}", f"A commitment does not hold: case {plain}")
    body = Message(f"“{entry.label()}”的告知承诺核查不实：{words}。{then.zh}", f"The commitment for “{entry.label('en')}” does not hold: {words}. {then.en}")
    drafts = [Draft(FAILED, about, title, body, person=person, link=case.address) for person in terms.leading(case, [by])]
    notices.write(drafts=drafts + ([Draft(FAILED, about, title, body, uscc=case.uscc, link=case.address)] if case.uscc else []), by=by)
