"""Writes of access reviews: begun, filled in, verified by another, met upon, decided by a leader who did not fill it in."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.evidence import actions as papers
from diguan.kernel.evidence.models import EvidenceState
from diguan.kernel.messages import Message
from diguan.kernel.stages.actions.moves import reached
from diguan.projects.actions import fields
from diguan.projects.engine import access as engine
from diguan.projects.engine.access import Standard
from diguan.projects.models import AccessReview, Project
from diguan.projects.queries import access as reviews
from diguan.projects.queries import joint
from diguan.projects.queries.access import DECIDE, ENTER, VERIFY, ReviewView

SUBJECT = "access_review"
"""The kind of subject the minutes of a review are evidence of."""
MINUTES = "access_minutes"
MOST = Fraction(10**12)
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")  # no exponent: 1e999999999 would be worked out digit by digit
State, Decision = AccessReview.State, AccessReview.Decision
TAKEN = Message("没保存上，您填的还在：别人先改了这份评审，请核对后再办", "Not saved, your entry is kept: somebody changed this review first, check and do it again")


@action(permission=ENTER, event="access_review_started", on="project")
def start_review(*, project: Project, by: Person, reason: str = "") -> Done[AccessReview]:
    """Begin an access review by the standard of today; what is known of the project, and what was answered the last time, is filled in.

    Raises:
        Refusal: ``no_standard``, ``open_already``: one is under way.
    """
    day = clocks.today()
    standard = reviews.standard_on(day)
    if standard is None:
        raise Refusal("no_standard", [Message("今天没有生效的准入标准", "no standard of access is in force today")])
    row = _opened(project, standard, day, by)
    return Done(row, after={"standard": standard.id, "sha256": standard.sha256}, related=[project])


def _opened(project: Project, standard: Standard, day: dt.date, by: Person) -> AccessReview:
    answers, last = reviews.first_answers(standard, project, day), AccessReview.objects.filter(project=project).order_by("-id").first()
    if last is not None:
        kept = {kind: {**last.answers.get(kind, {}), **answers[kind]} for kind in ("inputs", "choices", "vetoes", "diligence")}
        answers = answers | _known_to(standard, kept)
    try:
        with transaction.atomic():
            return AccessReview.objects.create(
                project=project, standard_name=standard.id, standard=_plain(standard), day=day, basis=reviews.basis_of(project), answers=answers, entered_by=by, enterers=[by.pk],
                owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("open_already", [Message("这个项目已有一份评审在办", "a review of this project is under way")]) from error


def _plain(standard: Standard) -> dict[str, Any]:
    return dict(json.loads(standard.text))


def _known_to(standard: Standard, said: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Of what was answered, what this standard still asks."""
    asked = {"inputs": {one.id for one in standard.inputs}, "choices": {one.id for one in standard.criteria}, "vetoes": {one.id for one in standard.vetoes}, "diligence": {one.id for one in standard.diligence}}
    return {kind: {name: text for name, text in said[kind].items() if name in names} for kind, names in asked.items()}


@action(permission=ENTER, event="access_review_answered", on="review")
def answer_review(*, review: AccessReview, version: int, answers: Mapping[str, Any], by: Person, reason: str = "") -> Done[AccessReview]:
    """Fill in a review; one that was verified has to be verified anew. A decided one stays: begin a new one.

    Args:
        review: the review as it was read.
        version: its version.
        answers: ``inputs`` (decimal text), ``choices``, ``vetoes``, ``diligence`` by id, and a ``note``.
        by: who fills it in.
        reason: goes into the Event.

    Raises:
        Refusal: ``decided``, ``invalid`` (field named), ``conflict``.
    """
    if review.state == State.DECIDED:
        raise Refusal("decided", [Message("已经决定的评审不能改，请另开一份", "a decided review stays as it is: begin a new one")])
    kept = checked(reviews.standard_of(review), answers)
    values = {"answers": kept, "basis": reviews.basis_of(review.project), "state": State.ENTERED, "entered_by": by, "verified_by": None, "met_on": None, "members": "", "minutes": None,
              "enterers": sorted({*review.enterers, by.pk})}
    before = review.answers
    write_at(review, version, values, by=by, taken=TAKEN)
    review.refresh_from_db()
    return Done(review, before={"answers": before}, after={"answers": kept}, related=[review.project])


def checked(standard: Standard, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as it is kept: only what the standard asks, figures as decimal text that is no negative.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    inputs = {one.id: _figure(f"input-{one.id}", text) for one in standard.inputs if (text := str(answers.get("inputs", {}).get(one.id, "")).strip().replace(",", ""))}
    choices = {one.id: str(said) for one in standard.criteria if (said := answers.get("choices", {}).get(one.id))}
    for one in standard.criteria:
        if one.id in choices and choices[one.id] not in {word.id for word in one.words}:
            raise Refusal("invalid", [Message("没有这个选项", "no such choice")], f"choice-{one.id}")
    vetoes, diligence = _looked(answers.get("vetoes", {}), [one.id for one in standard.vetoes]), _looked(answers.get("diligence", {}), [one.id for one in standard.diligence])
    return {"inputs": inputs, "choices": choices, "vetoes": vetoes, "diligence": diligence, "note": str(answers.get("note", ""))[:1000]}


def _looked(said: Mapping[str, str], asked: list[str]) -> dict[str, str]:
    """The yes and no among what was said; anything else is not known."""
    return {name: said[name] for name in asked if said.get(name) in (engine.YES, engine.NO)}


def _figure(field: str, text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise Refusal("invalid", [Message(f"{text[:30]} 不是数", f"{text[:30]} is no number")], field)
    fields.figure(field, Fraction(text), MOST)
    return text


@action(permission=VERIFY, event="access_review_verified", on="review")
def verify_review(*, review: AccessReview, version: int, by: Person, reason: str = "") -> Done[AccessReview]:
    """Say that what was filled in is true; nobody who filled in any of it can.

    Raises:
        Refusal: ``own_review``, ``not_waiting``, ``stale``, ``conflict``.
    """
    _another(review, by)
    if review.state != State.ENTERED:
        raise Refusal("not_waiting", [Message("这份评审不在待核实状态", "this review does not wait for verification")])
    _fresh(review)
    write_at(review, version, {"state": State.VERIFIED, "verified_by": by}, by=by, taken=TAKEN)
    review.refresh_from_db()
    return Done(review, before={"state": State.ENTERED}, after={"state": review.state}, related=[review.project])


def _another(review: AccessReview, by: Person) -> None:
    if by.pk in review.enterers or by.pk == review.entered_by_id:
        raise Refusal("own_review", [Message("您填报过这份评审，请另一个人来", "you filled in part of this review: ask somebody else")])


def _fresh(review: AccessReview) -> None:
    if reviews.is_stale(review, Project.objects.get(pk=review.project_id)):
        raise Refusal("stale", [Message("填报以后项目改过（行业、投资、用地、用工或投资方），请先核对填报再保存一次", "the project was changed since (industry, investment, land, jobs or investor): check what is filled in and save it again")])


@action(permission=ENTER, event="access_review_met", on="review")
def record_meeting(*, review: AccessReview, version: int, met_on: dt.date, members: str, minutes: papers.Paper, by: Person, reason: str = "") -> Done[AccessReview]:
    """Note the review meeting with its minutes, which another person verifies with the decision.

    Raises:
        Refusal: ``not_verified``, ``invalid`` (field named), ``bad_day``, ``conflict``.
    """
    if review.state != State.VERIFIED:
        raise Refusal("not_verified", [Message("填报核实以后才上会", "a meeting is held once the review is verified")])
    if not 2 <= len(members.strip()) <= 500:
        raise Refusal("invalid", [Message("请写参会单位和人员，最多 500 字", "say who took part, in 500 characters at most")], "members")
    kept = papers.put(entry=MINUTES, about=papers.About(SUBJECT, str(review.pk), owner_unit=review.owner_unit_id), paper=minutes, by=by)
    write_at(review, version, {"met_on": reached(met_on), "members": members.strip(), "minutes": kept}, by=by, taken=TAKEN)
    review.refresh_from_db()
    return Done(review, after={"met_on": met_on, "minutes": kept.pk}, related=[review.project, kept])


@action(permission=DECIDE, event="access_review_decided", on="review")
def decide_review(*, review: AccessReview, version: int, decision: str, by: Person, conditions: str = "", reason: str = "") -> Done[AccessReview]:
    """Pass, refuse or return a project on the minutes of the meeting; what is vetoed, below a minimum or not known cannot be passed.

    Raises:
        access.Forbidden: the right to verify the minutes is lacking.
        Refusal: ``own_review``, ``not_met``, ``not_passable`` (says why), ``stale``, ``invalid``, ``own_evidence``, ``conflict``.
    """
    _another(review, by)
    if review.state != State.VERIFIED or review.minutes is None or review.minutes.state not in (EvidenceState.ENTERED, EvidenceState.VERIFIED):
        raise Refusal("not_met", [Message("还没有评审会的纪要，不能决定", "there are no minutes of the meeting yet: nothing to decide on")])
    if decision not in Decision.values:
        raise Refusal("invalid", [Message("请选一个决定", "choose a decision")], "decision")
    if len(conditions) > 500 or (decision != Decision.PASSED and len(conditions.strip()) < 2):
        raise Refusal("invalid", [Message("不通过、退回要写明为什么、补什么，最多 500 字", "a refusal or return says why and what is wanted, in 500 characters at most")], "conditions")
    _passable(review, decision, by)
    if review.minutes.state == EvidenceState.ENTERED:
        papers.settle(evidence=review.minutes, version=review.minutes.version, holds=True, by=by)
    write_at(review, version, {"state": State.DECIDED, "decision": decision, "conditions": conditions.strip(), "decided_by": by, "decided_on": clocks.today()}, by=by, taken=TAKEN)
    review.refresh_from_db()
    return Done(review, before={"state": State.VERIFIED}, after={"decision": decision, "conditions": review.conditions}, related=[review.project])


def _passable(review: AccessReview, decision: str, by: Person) -> None:
    if decision != Decision.PASSED:
        return
    _fresh(review)
    problems = [*ReviewView(by, review).result.problems, *joint.in_the_way(review.project_id)]
    if problems:
        raise Refusal("not_passable", [Message("现在不能通过：", "it cannot be passed now:"), *problems], "decision")
