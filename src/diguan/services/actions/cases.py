"""Writes of cases: opened once with one form and one set of papers, accepted, corrected once, carried through side by side, given out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.clocks import PAUSE, RESUME
from diguan.kernel.clocks import Entry as ClockDeed
from diguan.kernel.evidence import actions as evidence
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.messages import Message
from diguan.kernel.notices import actions as notices
from diguan.kernel.notices.kinds import Draft as NoticeDraft
from diguan.kernel.records import chunks
from diguan.kernel.rows import Prepared
from diguan.kernel.stages import document, shelf
from diguan.kernel.stages.actions import ledger, moves
from diguan.kernel.stages.actions.locks import Tick
from diguan.kernel.stages.models import Course, Task, Waiver
from diguan.services.actions import commitments
from diguan.services.engine.caseflow import ACCEPT, CORRECTION, DELIVER, SUBJECT
from diguan.services.models import Case, LifeEventVersion, Rating, Touch, TouchKind
from diguan.services.queries import cases
from diguan.services.queries.case_terms import COMMITMENT
from diguan.services.queries.cases import HANDLE, OPEN, RATE, RESULT, View

CORRECT, ENDED = "services.case_correction", "services.case_delivered"
"""The kinds of notice that tell an enterprise of its case."""
REACHED = frozenset({HANDLE})
"""What an action on a task has judged by the time its gate is: the gate does not ask the same again."""
MOST_AT_ONCE = 500


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
    if view.accepted and not any(ask.owed for ask in view.asks):
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
    _tell(case, CORRECT, Message(f"要补正：{case.number}", f"To be corrected: case {_plain(case)}"), Message(f"请补正 {told.zh}：{words}", f"Please correct {told.en}: {words}"), by)
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
        Waiver.objects.bulk_create([Waiver(task=task, target=ACCEPT, item=name, reason=words, by=by) for name in tolerated])
    if view.waits_for_correction:
        ledger.add(task, ACCEPT, ClockDeed(RESUME, clocks.today()), version, by, reason="")
        version += 1
    moves.finish(_course(case), [Tick(task, version)], by, clocks.today(), reason)
    return Done(case, after={"verified": len(verified), "tolerated": list(tolerated), **({"promised": promised} if promised else {})}, related=[_course(case), *seen])


@action(permission=HANDLE, event="case_papers_verified", on="case")
def verify_papers(*, case: Case, verified: Sequence[int], by: Person) -> Done[Case]:
    """Papers that followed after acceptance hold; before everything has followed nothing is given out.

    Raises:
        Refusal: ``not_accepted`` yet, ``not_of_this`` (nothing chosen, or it waits no more), ``own_evidence``.
    """
    if not View(by, case, clocks.today()).accepted:
        raise Refusal("not_accepted", [Message("受理时一并核对", "they are verified with the acceptance")])
    seen = _verify(case, verified, by)
    if not seen:
        raise Refusal("not_of_this", [Message("请勾选核对无误的材料", "choose the papers that hold")])
    return Done(case, after={"verified": len(seen)}, related=seen)


def _verify(case: Case, numbers: Sequence[int], by: Person) -> list[Evidence]:
    rows = {row.pk: row for row in _waiting(case)}
    if set(numbers) - set(rows):
        raise Refusal("not_of_this", [Message("有的材料已经不在待核之列，请刷新再办", "some papers no longer wait to be verified: read the page again")])
    for number in numbers:
        evidence.settle(evidence=rows[number], version=rows[number].version, holds=True, by=by)
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


# ── carried through ──────────────────────────────────────────────────────────
@action(permission=HANDLE, event="case_matter_done", on="task")
def finish_matter(*, task: Task, version: int, result: Paper | None = None, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Case]:
    """One bureau is done with its matter; its result goes into the pack that is given out at the end.

    Raises:
        GateClosed, ChangedMeanwhile: something is missing, or the task is not as it was read.
        Refusal: ``no_way``: the acceptance and the delivery are steps of their own; ``held``, ``bad_day``, ``invalid``.
    """
    _is_matter(task)
    case = case_of(task)
    about = About(SUBJECT, str(case.pk), case.uscc, access.unit_of(by))  # a result is its bureau's
    given = [evidence.put(entry=RESULT, about=about, paper=_titled(result, task), by=by)] if result else []
    moves.finish(_course(case), [Tick(task, version)], by, moves.reached(day), reason, rights=REACHED)
    return Done(case, after={"matter": task.key, "result": bool(given)}, related=[_course(case), *given])


@action(permission=HANDLE, event="case_matter_done")
def finish_matters(*, ticks: Sequence[Tick], numbers: Mapping[int, str] | None = None, issued: dt.date | None = None, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Case]:
    """Matters of many cases done at once, all or none: each judged as if it were alone, each with its Event on its own case. Files of results are given one by one.

    Args:
        ticks: the tasks as they were read, at most ``MOST_AT_ONCE``.
        numbers: task → the number of what it gives out, where it gives out something.
        issued: the day on which that was issued.
        by: somebody whose right reaches every one of them.
        day: when they were done, today by default.
        reason: goes into every Event.

    Raises:
        access.Forbidden: the right does not reach one of them.
        Refusal: ``no_way``, ``too_many``, ``held``, ``bad_day``; ``gate_closed`` and ``changed_meanwhile`` as :class:`OneOfMany`, which names the task.
    """
    if not ticks or len({tick.task.pk for tick in ticks}) != len(ticks):
        raise Refusal("no_way", [Message("请勾选要办结的环节", "choose the steps that are done")])
    if len(ticks) > MOST_AT_ONCE:
        raise Refusal("too_many", [Message(f"一次最多办结 {MOST_AT_ONCE} 项", f"at most {MOST_AT_ONCE} at once")])
    _reach(ticks, by)
    works = _works(ticks)
    moves.finish_all(works, by, moves.reached(day), reason, rights=REACHED)
    cases_of = {row.course_id: row for part in chunks([course.pk for course, _ticks in works]) for row in Case.objects.filter(course__in=part).order_by()}
    given = {tick.task.pk: _numbered(cases_of[course.pk], tick.task, words, issued, by) for course, each in works for tick in each if (words := (numbers or {}).get(tick.task.pk, ""))}
    first, *others = [Done(cases_of[course.pk], after={"matter": tick.task.key, "result": tick.task.pk in given}, related=[course, *([given[tick.task.pk]] if tick.task.pk in given else [])])
                      for course, each in works for tick in each]
    return replace(first, also=others)


def _numbered(case: Case, task: Task, number: str, issued: dt.date | None, by: Person) -> Evidence:
    """The result of a step by its number alone."""
    return evidence.put(entry=RESULT, about=About(SUBJECT, str(case.pk), case.uscc, access.unit_of(by)), paper=_titled(Paper(number=number, issued=issued), task), by=by)


def _reach(ticks: Sequence[Tick], by: Person) -> None:
    """Let pass whose right reaches every one of these tasks.

    Raises:
        access.Forbidden: it does not reach one.
    """
    keys = [tick.task.pk for tick in ticks]
    if sum(len(access.visible(Task.objects.filter(pk__in=part).order_by(), by, HANDLE).values_list("pk")) for part in chunks(keys)) != len(keys):
        raise access.Forbidden(HANDLE, title_of(HANDLE))


def _works(ticks: Sequence[Tick]) -> list[tuple[Course, list[Tick]]]:
    """The tasks by their course, in the order in which they were ticked."""
    found: dict[int, tuple[Course, list[Tick]]] = {}
    for tick in ticks:
        _is_matter(tick.task)
        found.setdefault(tick.task.course_id, (tick.task.course, []))[1].append(tick)
    return list(found.values())


def _is_matter(task: Task) -> None:
    if task.course.subject_kind != SUBJECT:
        raise Refusal("no_way", [Message("这不是办件的环节", "this is no step of a case")])
    if task.key in (ACCEPT, DELIVER):
        raise Refusal("no_way", [Message("受理和发证要在各自的页上办", "acceptance and delivery are done as such")])


def _titled(result: Paper, task: Task) -> Paper:
    return Paper(value=result.value or task.step.label(), number=result.number, issued=result.issued, valid_until=result.valid_until, file_name=result.file_name, content=result.content)


@action(permission=HANDLE, event="case_delivered", on="task")
def deliver(*, task: Task, version: int, kind: str = TouchKind.COURIER, by: Person, reason: str = "") -> Done[Case]:
    """Give everything out at once: the case ends. How it reached the applicant counts as a contact.

    Raises:
        GateClosed, ChangedMeanwhile: as :func:`finish_matter`. Refusal: ``no_way``, ``invalid``, ``papers_owed``: what was let follow, or did not hold, is not there.
    """
    case = case_of(task)
    if task.key != DELIVER:
        raise Refusal("no_way", [Message("这一步不是发证", "this step is not the delivery")])
    if kind not in TouchKind.values:
        raise Refusal("invalid", [Message("请选送达方式", "say how it is delivered")], "kind")
    owed = [ask.entry for ask in View(by, case, clocks.today()).asks if ask.owed]
    if owed:
        raise Refusal("papers_owed", [Message(f"还有材料没有补齐、核对，不能发结果：{'、'.join(entry.label() for entry in owed)}",
                                              f"nothing is given out before these are in and verified: {', '.join(entry.label('en') for entry in owed)}")])
    moves.finish(_course(case), [Tick(task, version)], by, clocks.today(), reason)
    Touch.objects.create(case=case, kind=kind, day=clocks.today(), what="送达结果", by=by)
    _tell(case, ENDED, Message(f"办好了：{case.number}", f"Done: case {_plain(case)}"),
          Message(f"{case} 的 {len(case.matters)} 个事项全部办结，结果已送出。", f"All {len(case.matters)} matters of case {_plain(case)} are done, the results are on their way."), by)
    return Done(case, after={"kind": kind}, related=[_course(case)])


@action(permission=HANDLE, event="case_touched", on="case")
def note_touch(*, case: Case, kind: str, what: str, by: Person, day: dt.date | None = None, reason: str = "") -> Done[Case]:
    """Note a contact that happened; a visit is a trip.

    Raises:
        Refusal: ``invalid`` with its field, ``bad_day``.
    """
    if kind not in TouchKind.values:
        raise Refusal("invalid", [Message("请选方式", "say how")], "kind")
    if not 2 <= len(what.strip()) <= 200:
        raise Refusal("invalid", [Message("请写为了什么，2 到 200 字", "say what for, in 2 to 200 characters")], "what")
    Touch.objects.create(case=case, kind=kind, day=moves.reached(day), what=what.strip(), by=by)
    return Done(case, after={"kind": kind})


@action(permission=RATE, event="case_rated", on="case")
def rate_case(*, case: Case, stars: int, words: str = "", by: Person) -> Done[Case]:
    """The applicant says how it was, once, after the end.

    Raises:
        Refusal: ``not_ended``, ``rated``, ``invalid``.
    """
    if not 1 <= stars <= 5 or len(words) > 500:
        raise Refusal("invalid", [Message("请选 1 到 5 星，意见最多 500 字", "1 to 5 stars, and up to 500 characters")], "stars")
    if _course(case).ended_at is None:
        raise Refusal("not_ended", [Message("办结之后才能评价", "it can be rated once it has ended")])
    if Rating.objects.filter(case=case).exists():
        raise Refusal("rated", [Message("已经评价过了", "it has been rated")])
    Rating.objects.create(case=case, stars=stars, words=words.strip(), by=by)
    return Done(case, after={"stars": stars})


# ── shared ───────────────────────────────────────────────────────────────────
def case_of(task: Task) -> Case:
    """The case of one of its steps.

    Raises:
        Refusal: ``no_way``: it is a step of something else.
    """
    if task.course.subject_kind != SUBJECT:
        raise Refusal("no_way", [Message("这不是办件的环节", "this is no step of a case")])
    case = Case.from_db("default", _CASE, _CASE_OF.rows(task.course_id)[0])
    case.course = task.course  # what may have changed of it is judged in its row, by the lock
    return case


_CASE = [field.attname for field in Case._meta.concrete_fields]
_CASE_OF = Prepared(lambda course: Case.objects.filter(course=course).order_by().values_list(*_CASE), 900_001)


def _plain(case: Case) -> str:
    """Its number for a sentence that is no Chinese."""
    return f"{case.year}-{case.pk}"


def _course(case: Case) -> Course:
    assert case.course is not None  # every case has one
    return case.course


def _tell(case: Case, kind: str, title: Message, body: Message, by: Person) -> None:
    if case.uscc:  # who founds one has no box yet
        notices.write(drafts=[NoticeDraft(kind, ("case", str(case.pk)), title, body, uscc=case.uscc)], by=by)
