"""What is done about a lead: the first response, the judgement, news, the answer to whoever referred it, and how it ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.models import Course, Task
from diguan.kernel.stages.tree import ACTIVE
from diguan.projects.actions.lead_notices import end_notices
from diguan.projects.actions.leads import TAKEN
from diguan.projects.models import Handover, HandoverState, Lead, Progress
from diguan.projects.queries import terms
from diguan.projects.queries.leads import CHANGE, DORMANT, DUPLICATE, FOLLOWING, LOST, REGISTERED, RESPONDED, takers

LATEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class News:
    """What was done on a day, and what comes next: a step, its day and who does it, all three or none."""

    on: dt.date
    what: str
    next_step: str = ""
    next_on: dt.date | None = None
    next_by: Person | None = None


# ── its clock ────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="lead_responded", on="lead")
def respond(*, lead: Lead, version: int, news: News, by: Person) -> Done[Lead]:
    """The first response (首次联系): what was done; stops its clock of one working day.

    Raises:
        GateClosed: nobody holds it.
        Refusal: ``conflict``, ``not_now``, ``invalid`` (field named), ``bad_day``.
    """
    task = _at(lead, REGISTERED)
    _tell(lead, version, news, by)
    moves.move(task, RESPONDED, task.version, by, clocks.today(), "")
    return _done(lead, by, before={"stage": REGISTERED}, after={"stage": RESPONDED, "on": news.on, "what": news.what})


@action(permission=CHANGE, event="lead_judged", on="lead")
def judge(*, lead: Lead, version: int, opinion: str, by: Person) -> Done[Lead]:
    """The judgement (研判意见): what to make of it; from now on it is followed.

    Raises:
        GateClosed: the person is in none of the roles that judge.
        Refusal: ``conflict``, ``not_now``, ``invalid``.
    """
    task = _at(lead, RESPONDED)
    words = words_of(opinion, "opinion", 500)
    write_at(lead, version, {"judgement": words, "progress_due": terms.in_force(clocks.today()).progress_due(clocks.today())}, by=by, taken=TAKEN)
    moves.move(task, FOLLOWING, task.version, by, clocks.today(), "")
    return _done(lead, by, before={"stage": RESPONDED}, after={"stage": FOLLOWING, "judgement": words})


@action(permission=CHANGE, event="lead_progress_told", on="lead")
def tell_progress(*, lead: Lead, version: int, news: News, by: Person) -> Done[Lead]:
    """News: what was done and what comes next; keeps the lead alive and protected for another while, up to the limit.

    Raises:
        Refusal: ``conflict``, ``not_now`` where it has ended or is laid aside, ``invalid`` (field named), ``bad_day``.
    """
    _going(lead)
    _tell(lead, version, news, by)
    return _done(lead, by, after={"on": news.on, "what": news.what, "next_step": news.next_step, "next_on": news.next_on})


@action(permission=CHANGE, event="lead_step_done", on="lead")
def finish_step(*, lead: Lead, progress: Progress, version: int, on: dt.date, by: Person) -> Done[Lead]:
    """Say that the next step somebody had put down is done.

    Raises:
        Refusal: ``conflict``, ``not_this_lead``, ``not_now`` where there was none or it is done, ``bad_day``.
    """
    if progress.lead_id != lead.pk:
        raise Refusal("not_this_lead", [Message("这一步不是这条线索的", "this step is another lead's")])
    if not progress.next_step or progress.done_on is not None:
        raise Refusal("not_now", [Message("这一步已经办成，或者没有下一步", "this step is done, or there was none")])
    if not progress.on <= on <= clocks.today():
        raise Refusal("bad_day", [Message(f"应在 {progress.on} 到今天之间", f"between {progress.on} and today")], "on")
    write_at(progress, version, {"done_on": on}, by=by, taken=TAKEN)
    return Done(lead, after={"step": progress.next_step, "done_on": on})


@action(permission=CHANGE, event="referrer_answered", on="lead")
def give_feedback(*, lead: Lead, version: int, on: dt.date, what: str, by: Person) -> Done[Lead]:
    """Note that whoever referred the lead was told how it stands (答复引荐人).

    Raises:
        Refusal: ``conflict``, ``invalid``, ``bad_day``.
    """
    words = words_of(what, "what", 480)
    _past(on, "on")
    write_at(lead, version, {"feedback_on": on}, by=by, taken=TAKEN)
    Progress.objects.create(lead=lead, on=on, what=f"答复引荐人：{words}", owner_unit_id=lead.owner_unit_id, created_by=by, changed_by=by)
    return _done(lead, by, after={"feedback_on": on, "what": words})


# ── laid aside, lost, one of two ─────────────────────────────────────────────
@action(permission=CHANGE, event="lead_laid_aside", on="lead")
def lay_aside(*, lead: Lead, version: int, reason: str, by: Person) -> Done[Lead]:
    """Lay it aside (搁置) for a reason; its news are not awaited until it is taken up again. Protection runs on.

    Raises:
        Refusal: ``conflict``, ``no_way``, ``invalid``.
    """
    return _status(lead, version, DORMANT, reason, by, {"progress_due": None})


@action(permission=CHANGE, event="lead_taken_up", on="lead")
def take_up(*, lead: Lead, version: int, reason: str, by: Person) -> Done[Lead]:
    """Take up again what was laid aside.

    Raises:
        Refusal: ``conflict``, ``no_way``, ``invalid``.
    """
    return _status(lead, version, ACTIVE, reason, by, {"progress_due": terms.in_force(clocks.today()).progress_due(clocks.today())})


@action(permission=CHANGE, event="lead_lost", on="lead")
def lose(*, lead: Lead, version: int, reason: str, by: Person) -> Done[Lead]:
    """It comes to nothing (流失), and why; this ends it.

    Raises:
        Refusal: ``conflict``, ``no_way``, ``invalid``.
    """
    return _status(lead, version, LOST, reason, by, {"progress_due": None})


@action(permission=CHANGE, event="lead_duplicate", on="lead")
def mark_duplicate(*, lead: Lead, version: int, of: Lead, reason: str, by: Person) -> Done[Lead]:
    """Say that it is the same as another lead; this ends it, what is known is followed there.

    Raises:
        Refusal: ``conflict``, ``no_way``, ``not_that_one``, ``invalid``.
    """
    if of.pk == lead.pk or of.duplicate_of_id is not None:
        raise Refusal("not_that_one", [Message("要选另一条线索，而且它自己不是重复的", "choose another lead that is itself no duplicate")], "of")
    return _status(lead, version, DUPLICATE, reason, by, {"progress_due": None, "duplicate_of": of}, after={"of": of.number})


# ── parts ────────────────────────────────────────────────────────────────────
def _at(lead: Lead, stage: str) -> Task:
    """The open stage, where it is this one.

    Raises:
        Refusal: ``not_now``: it is at another, or has ended.
    """
    course = _going(lead)
    task = stages.current(course)
    if task is None or task.key != stage:
        raise Refusal("not_now", [Message("线索已经不在这一步，请重新打开", "the lead is no longer at this step: open it again")])
    return task


def _going(lead: Lead) -> Course:
    """Its course as it is now.

    Raises:
        Refusal: ``not_now``: it has ended, or is laid aside.
    """
    course = Course.objects.select_related("frozen").get(lead=lead.pk)
    if course.ended_at is not None:
        raise Refusal("not_now", [Message("这条线索已经了结", "this lead has ended")])
    if course.status != ACTIVE:
        raise Refusal("not_now", [Message("这条线索搁置着，先重新跟进", "this lead is laid aside: take it up first")])
    return course


def _tell(lead: Lead, version: int, news: News, by: Person) -> None:
    """Keep news, and what follows from them: when the next are due, until when it is protected."""
    what = words_of(news.what, "what", 500)
    _past(news.on, "on")
    _next(news, by)
    of, day = terms.in_force(clocks.today()), clocks.today()
    values: dict[str, Any] = {"progress_due": of.progress_due(day)}
    if lead.holder_id is not None and lead.held_since is not None:
        values["protected_until"] = max(of.protected_until(lead.held_since, day), lead.protected_until or day)
    write_at(lead, version, values, by=by, taken=TAKEN)
    Progress.objects.create(lead=lead, on=news.on, what=what, next_step=news.next_step.strip(), next_on=news.next_on, next_by=news.next_by, owner_unit_id=lead.owner_unit_id, created_by=by, changed_by=by)


def _next(news: News, by: Person) -> None:
    given = [bool(news.next_step.strip()), news.next_on is not None, news.next_by is not None]
    if any(given) and not all(given):
        raise Refusal("invalid", [Message("下一步要写全：做什么、哪天、谁办；没有就都不填", "a next step needs what, when and who; leave all empty where there is none")], ("next_step", "next_on", "next_by")[given.index(False)])
    words_of(news.next_step or "——", "next_step", 200)
    if news.next_on is not None and not clocks.today() <= news.next_on <= clocks.today() + LATEST:
        raise Refusal("bad_day", [Message("下一步应在今天以后、一年以内", "the next step is from today on, within a year")], "next_on")
    if news.next_by is not None and news.next_by != by and not takers(by).filter(pk=news.next_by.pk).exists():
        raise Refusal("invalid", [Message("这个人现在不跟进线索", "this person does not follow leads now")], "next_by")


def _past(day: dt.date, field: str) -> None:
    if not clocks.today() - LATEST <= day <= clocks.today():
        raise Refusal("bad_day", [Message("应在一年以内、今天以前", "within the last year, not after today")], field)


def words_of(text: str, field: str, most: int) -> str:
    """The words without what surrounds them.

    Raises:
        Refusal: ``invalid``: none, or too many.
    """
    words = text.strip()
    if not 2 <= len(words) <= most or "\x00" in words:
        raise Refusal("invalid", [Message(f"要写，2 到 {most} 个字", f"needed, 2 to {most} characters")], field)
    return words


def _status(lead: Lead, version: int, to: str, reason: str, by: Person, values: dict[str, Any], after: dict[str, Any] | None = None) -> Done[Lead]:
    words = words_of(reason, "reason", 200)
    write_at(lead, version, values, by=by, taken=TAKEN)
    course = Course.objects.select_related("frozen").get(lead=lead.pk)
    if course.ended_at is not None:
        raise Refusal("not_now", [Message("这条线索已经了结", "this lead has ended")])
    before = moves.set_status(course, to, course.version, by, clocks.today(), words)
    if to in (LOST, DUPLICATE):
        Handover.objects.filter(lead=lead, state=HandoverState.OFFERED).update(state=HandoverState.WITHDRAWN, decided_on=clocks.today())
    return _done(lead, by, before={"status": before}, after={"status": to, **(after or {})})


def _done(lead: Lead, by: Person, *, after: dict[str, Any], before: dict[str, Any] | None = None) -> Done[Lead]:
    end_notices(lead, by)
    lead.refresh_from_db()
    return Done(lead, before=before or {}, after=after)
