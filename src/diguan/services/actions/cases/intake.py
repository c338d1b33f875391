"""Until a case is accepted: opened with one form and one set of papers, supplemented, corrected once, accepted; what was let follow is verified later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.clocks import PAUSE, RESUME
from diguan.kernel.clocks import Entry as ClockDeed
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.messages import Message
from diguan.kernel.stages import document, shelf
from diguan.kernel.stages.actions import ledger, moves
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.models import Task, Waiver
from diguan.services.actions import commitments
from diguan.services.actions.cases.shared import case_of, course_of, tell
from diguan.services.engine.caseflow import ACCEPT, CORRECTION, SUBJECT
from diguan.services.models import Case, LifeEventVersion, Touch, TouchKind
from diguan.services.queries import cases
from diguan.services.queries.case_terms import COMMITMENT
from diguan.services.queries.cases import HANDLE, OPEN, RESULT, View

CORRECT = "services.case_correction"
"""The kind of notice that tells an enterprise what to correct."""


# ── opened ───────────────────────────────────────────────────────────────────
@action(permission=OPEN, event="case_opened")
def open_case(*, life_event: LifeEventVersion, answers: Mapping[str, str], papers: Mapping[str, Paper], by: Person, uscc: str = "", applicant: str = "", online: bool = True,
              promised: Collection[str] = (), reason: str = "") -> Done[Case]:
    """Open one case for everything the answers call for; what is given now is kept, the rest may follow until it is accepted.

    Args:
        life_event: the version in force; the case keeps it.
        answers: question → answer; every question that is put has to be answered.
        papers: dictionary id → what is filled in or handed in.
        by: the enterprise's agent, or the window on its behalf.
        uscc: whose case it is; empty where the enterprise is only being founded, which the window alone enters.
        applicant: who applies, where there is no enterprise yet.
        online: whether it came by the page; else somebody stood at the window, which is a trip.
        promised: dictionary ids of papers in whose place a commitment is made (告知承诺).
        reason: goes into the Event.

    Raises:
        access.Forbidden: the right does not reach that enterprise.
        Refusal: ``no_enterprise``, ``no_applicant``, ``unanswered``, ``no_matter`` (one that is called for is not in force), ``nothing_asked``, ``no_commitment``, ``invalid``, ``open_already``.
    """
    draft = _draft(life_event, answers)
    row = _new(draft, uscc.strip().upper(), _applicant(uscc.strip().upper(), applicant), by)
    given = _put(row, papers, set(draft.asked), by, row.owner_unit_id) + (commitments.promise(row, View(by, row, clocks.today()).asks, promised, by) if promised else [])
    Touch.objects.create(case=row, kind=TouchKind.ONLINE if online else TouchKind.VISIT, day=clocks.today(), what="提交申请", by=by)
    return Done(row, after={"life_event": draft.picture.document.id, "number": life_event.number, "answers": dict(draft.picture.situation.answers), "matters": row.matters, "papers": sorted(papers), **({"promised": sorted(promised)} if promised else {})},
                related=[row.course, *given] if row.course else given, personal=evidence.personal_of(given))


def _applicant(uscc: str, name: str) -> str:
    if not uscc:
        if not 2 <= len(name.strip()) <= 200:
            raise Refusal("no_applicant", [Message("请写申请人，2 到 200 字", "name the applicant, in 2 to 200 characters")], "applicant")
        return name.strip()
    firm = Enterprise.objects.filter(uscc=uscc).first()
    if firm is None:
        raise Refusal("no_enterprise", [Message(f"名录里没有 {uscc}", f"the register has no {uscc}")], "uscc")
    return firm.name


def _draft(version: LifeEventVersion, answers: Mapping[str, str]) -> cases.Draft:
    draft = cases.draft(version, answers, clocks.today())
    if draft is None:
        raise Refusal("no_matter", [Message("这件事的文件读不出来了，请联系政务服务部门", "the document of this life event can no longer be read")])
    open_ = draft.picture.chosen.open_questions
    if open_:
        raise Refusal("unanswered", [Message(f"还有 {len(open_)} 个问题没有回答", f"{len(open_)} questions are not answered")], open_[0])
    if draft.picture.missing:
        raise Refusal("no_matter", [Message(f"这些事项现在没有在用的版本：{'、'.join(draft.picture.missing)}", f"no version in force of: {', '.join(draft.picture.missing)}")])
    if not draft.works:
        raise Refusal("no_matter", [Message("按这些情况没有要办的事项", "these answers call for no matter")])
    return draft


def _new(draft: cases.Draft, uscc: str, applicant: str, by: Person) -> Case:
    chosen, event = draft.picture.chosen, draft.version.life_event
    row = Case.objects.create(
        life_event=draft.version, uscc=uscc, applicant=applicant, answers=dict(draft.picture.situation.answers), matters=[work.key for work in draft.works], promisable=dict(draft.promisable), year=clocks.today().year, day=clocks.today(),
        days_before=chosen.days_before, trips_before=chosen.trips_before, owner_unit_id=event.owner_unit_id or access.unit_of(draft.version.published_by), created_by=by, changed_by=by)
    flow = document.parse(draft.text.encode(), f"case {row.pk}", shelf.names())
    title = f"{draft.picture.document.label()} {applicant}"
    row.course = moves.start(flow, moves.About(SUBJECT, str(row.pk), title, uscc=uscc, owner_unit=row.owner_unit_id), by, clocks.today(), "")
    Case.objects.filter(pk=row.pk).update(course=row.course)
    access.require(by, OPEN, row)
    return row


def _put(case: Case, papers: Mapping[str, Paper], asked: set[str], by: Person, unit: int | None) -> list[Evidence]:
    beyond = sorted(papers.keys() - asked)
    if beyond:
        raise Refusal("nothing_asked", [Message(f"这件事不用交：{'、'.join(beyond)}", f"not asked for: {', '.join(beyond)}")], beyond[0])
    about = About(SUBJECT, str(case.pk), case.uscc, unit)
    return [evidence.put(entry=name, about=about, paper=paper, by=by) for name, paper in papers.items()]


# ── until it is accepted ─────────────────────────────────────────────────────
@action(permission=OPEN, event="case_supplemented", on="case")
def supplement(*, case: Case, papers: Mapping[str, Paper], by: Person, promised: Collection[str] = (), reason: str = "") -> Done[Case]:
    """Give what is still asked for; where the window asked for a correction, its clock runs on from here. What might follow is given until the delivery.

    Raises:
        Refusal: ``accepted`` already, and nothing is owed, ``nothing_asked``, ``no_commitment``, ``invalid``.
    """
    given = take_in(case, papers, promised, by, case.owner_unit_id)
    return Done(case, after={"papers": sorted(papers), **({"promised": sorted(promised)} if promised else {})}, related=given, personal=evidence.personal_of(given))


def take_in(case: Case, papers: Mapping[str, Paper], promised: Collection[str], by: Person, unit: int | None) -> list[Evidence]:
    """Keep what is handed in of what is still asked for, in the name of an office, inside an action; a clock that waited for it runs on.

    Raises:
        Refusal: as :func:`supplement`.
    """
    view = View(by, case, clocks.today())
    if view.ended or (view.accepted and not any(ask.owed for ask in view.asks)):
        raise Refusal("accepted", [Message("已经受理了，没有要补的", "it has been accepted, and nothing is owed")])
    given = _put(case, papers, {ask.entry.id for ask in view.asks if (ask.owed if view.accepted else not ask.settled)}, by, unit)
    if promised and not view.accepted:
        given += commitments.promise(case, view.asks, promised, by)
    if not given:
        raise Refusal("nothing_asked", [Message("没有交上来的内容", "nothing was given")])
    if view.waits_for_correction and all(ask.tolerant for ask in View(by, case, clocks.today()).to_give):  # what may follow keeps no clock waiting
        task = view.tasks[ACCEPT]
        ledger.add(task, ACCEPT, ClockDeed(RESUME, clocks.today()), task.version, by, reason="")
    return given


@action(permission=HANDLE, event="case_correction_asked", on="task")
def ask_correction(*, task: Task, version: int, items: Sequence[str], reason: str, by: Person) -> Done[Case]:
    """Tell the applicant, once and for all, what is missing or wrong; until it comes the term of acceptance stands still.

    What was handed in under these items does not hold any more.

    Raises:
        ChangedMeanwhile: the task is not as it was read.
        Refusal: ``accepted``, ``asked_once`` (the law allows it once), ``too_late`` (after five days it counts as accepted), ``invalid``.
    """
    case = case_of(task)
    view = _before_acceptance(case, by)
    words = evidence.said(reason, 300)
    known = {ask.entry.id for ask in view.asks if not ask.settled}  # what the county holds is not the applicant's to correct
    if not items or set(items) - known:
        raise Refusal("invalid", [Message("请勾选要补正的内容", "choose what is to be corrected")], "items")
    if view.correction:
        raise Refusal("asked_once", [Message("补正只能一次告知，已经告知过了", "what is missing is told once, and that was done")])
    if any(line.late for line in view.lines if line.task.key == ACCEPT):
        raise Refusal("too_late", [Message("受理时限已过，按规定视为受理", "the term of acceptance has passed: it counts as accepted")])
    for row in _waiting(case):
        if row.entry in items:
            evidence.settle(evidence=row, version=row.version, holds=False, reason=words, by=by)
    commitments.decline(case, items, words, by)
    ledger.add(task, ACCEPT, ClockDeed(PAUSE, clocks.today(), basis=CORRECTION), version, by, reason=words)
    entries = [ask.entry for ask in view.asks if ask.entry.id in items]
    told = Message("、".join(entry.label() for entry in entries), ", ".join(entry.label("en") for entry in entries))
    tell(case, CORRECT, Message(f"要补正：{case.number}", f"To be corrected: case {case.plain}"), Message(f"请补正 {told.zh}：{words}", f"Please correct {told.en}: {words}"), by)
    return Done(case, after={"items": list(items)}, related=[case.course] if case.course else [])


@action(permission=HANDLE, event="case_accepted", on="task")
def accept_case(*, task: Task, version: int, verified: Sequence[int], tolerated: Sequence[str] = (), by: Person, reason: str = "") -> Done[Case]:
    """Accept: the papers that were looked at hold, those that may follow later are let pass with a reason, and every matter that waits for nothing begins.

    Args:
        task: the acceptance.
        version: as it was read.
        verified: the ids of the evidence that was looked at and holds; who entered one cannot say so.
        tolerated: dictionary ids that may follow (容缺).
        by: somebody of the window.
        reason: why what is tolerated may follow.

    Raises:
        GateClosed: something is missing.
        ChangedMeanwhile: the task is not as it was read.
        Refusal: ``accepted``, ``not_of_this``, ``not_tolerant``, ``own_evidence``.
    """
    case = case_of(task)
    view = _before_acceptance(case, by)
    seen = _verify(case, verified, by)
    promised = commitments.stand(case, task, by)
    if tolerated:
        words = evidence.said(reason, 300)
        if set(tolerated) - {ask.entry.id for ask in view.asks if ask.tolerant and not ask.promised}:
            raise Refusal("not_tolerant", [Message("有的材料不能容缺", "some of these papers may not follow later")], "tolerated")
        Waiver.objects.bulk_create([Waiver(task=task, target=ACCEPT, item=name, reason=words, by=by) for name in dict.fromkeys(tolerated)])
    if view.waits_for_correction:
        ledger.add(task, ACCEPT, ClockDeed(RESUME, clocks.today()), version, by, reason="")
        version += 1
    moves.finish(course_of(case), [Tick(task, version)], by, clocks.today(), reason)
    return Done(case, after={"verified": len(verified), "tolerated": list(tolerated), **({"promised": promised} if promised else {})}, related=[course_of(case), *seen])


@action(permission=HANDLE, event="case_papers_verified", on="case")
def verify_papers(*, case: Case, pieces: Sequence[int], holds: bool = True, reason: str = "", by: Person) -> Done[Case]:
    """Papers that followed after acceptance hold, or are sent back with the reason; before everything has followed nothing is given out.

    Args:
        case: an accepted one that has not ended.
        pieces: the ids of the evidence that was looked at.
        holds: whether they do; who entered one cannot say so.
        reason: why they do not.
        by: somebody of the leading office.

    Raises:
        Refusal: ``not_accepted`` yet, or ended; ``not_of_this`` (nothing chosen, or it waits no more), ``own_evidence``, ``invalid`` without a reason.
    """
    view = View(by, case, clocks.today())
    if not view.accepted or view.ended:
        raise Refusal("not_accepted", [Message("受理之后、办结之前才这样核对", "this is done between the acceptance and the end")])
    seen = _verify(case, list(dict.fromkeys(pieces)), by, holds=holds, reason=reason)
    if not seen:
        raise Refusal("not_of_this", [Message("请勾选材料", "choose the papers")])
    if not holds:
        known = {ask.entry.id: ask.entry for ask in view.asks}
        names = Message("、".join(known[row.entry].label() for row in seen if row.entry in known), ", ".join(known[row.entry].label("en") for row in seen if row.entry in known))
        tell(case, CORRECT, Message(f"要重交：{case.number}", f"To be handed in again: case {case.plain}"), Message(f"请重交 {names.zh}：{reason.strip()}", f"Please hand in again {names.en}: {reason.strip()}"), by)
    return Done(case, after={"pieces": len(seen), "hold": holds}, related=seen)


def _verify(case: Case, numbers: Sequence[int], by: Person, *, holds: bool = True, reason: str = "") -> list[Evidence]:
    rows = {row.pk: row for row in _waiting(case)}
    if set(numbers) - set(rows):
        raise Refusal("not_of_this", [Message("有的材料已经不在待核之列，请刷新再办", "some papers no longer wait to be verified: read the page again")])
    for number in numbers:
        evidence.settle(evidence=rows[number], version=rows[number].version, holds=holds, reason=reason, by=by)
    return [rows[number] for number in numbers]


def _before_acceptance(case: Case, by: Person) -> View:
    view = View(by, case, clocks.today())
    if view.accepted:
        raise Refusal("accepted", [Message("已经受理了", "it has been accepted")])
    return view


def _waiting(case: Case) -> list[Evidence]:
    """What was handed in and nobody has looked at; results are their bureau's word, a promise is checked by itself."""
    rows = Evidence.objects.filter(subject_kind=SUBJECT, subject_id=str(case.pk), state="entered")
    return list(rows.exclude(entry__in=(RESULT, COMMITMENT)).order_by("id"))
