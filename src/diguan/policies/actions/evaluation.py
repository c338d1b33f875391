"""Writes of evaluations: one is worked out in the background, beside any transaction; its files are written whole, then its row is made known."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job, Running, enqueue_once, job
from diguan.kernel.messages import Message
from diguan.kernel.rules import runfile
from diguan.policies.queries import evaluations, questions
from diguan.policies.queries.questions import EVALUATE, Asked, BadQuestion, Question

JOB = "policies.evaluate"
WHY = {
    "no_policy": ("没有政策 {given}", "there is no policy {given}"),
    "no_limit": ("这份政策没有可比的门槛 {given}", "this policy has no threshold {given} to compare at"),
    "no_agg": ("{given} 应是 sum（合计）或 latest（最近一次）", "{given} must be sum or latest"),
    "no_fact": ("{given} 不是带期间的数值事实", "{given} is no number with a period"),
    "no_period": ("{given} 应是一年 2025、一季 2025-Q3，或截至某月的十二个月 2025-09", "{given} must be a year 2025, a quarter 2025-Q3 or the twelve months up to 2025-09"),
    "cuts": ("{given} 会把这个事实的期间切开", "{given} cuts the periods of this fact"),
    "unlike": ("前后两段要一样长：{given} 和前一段不是同一种", "before and after must be alike: {given} is of another kind"),
    "overlap": ("后一段 {given} 要在前一段之后，不能重叠", "the period after, {given}, must follow the one before without overlap"),
    "no_match": ("没有这次比对 {given}，先比对一次", "there is no such match {given}: run one first"),
    "not_in_match": ("这次比对没有判断这份政策，换一次", "that match did not judge this policy: choose another"),
    "not_after": ("后一段要在享受政策之后，比对是 {given} 的；换一次更早的比对", "the period after must come after receipt, the match is of {given}: choose an earlier one"),
    "not_over": ("后一段还没有过完，最近的比对只到 {given}", "the period after is not over yet, the newest match is of {given}"),
}


def asked(question: Question) -> Asked:
    """The question with what it names.

    Raises:
        Refusal: it cannot be asked; ``field`` says where.
    """
    try:
        return questions.asked(question)
    except BadQuestion as problem:
        zh, en = WHY[problem.code]
        raise Refusal(problem.code, [Message(zh.format(given=problem.given), en.format(given=problem.given))], problem.field) from problem


def run_evaluation(*, question: Question, by: Person) -> Run:
    """Compare those who received with those who did not; the same inputs are the same run.

    A method that the data do not carry says so in the result: that too is an answer.

    Raises:
        access.Forbidden: the person may not evaluate.
        Refusal: the question cannot be asked.
    """
    access.require(by, EVALUATE)
    begun, of = time.monotonic(), asked(question)
    got = evaluations.receivers(of)
    manifest = evaluations.manifest(of, got)
    run_id = runfile.name_of(manifest)
    found = runs.whole(evaluations.KIND, run_id)
    if found is not None:
        return found
    rows, told = evaluations.settle(of, got, run_id)
    manifest_row = runs.publish(evaluations.KIND, run_id, manifest, told, rows, of=of.match, begun=begun)
    return record_evaluation(run_id=run_id, by=by, manifest={**manifest_row, "known_at": of.known.known_at})


@action(permission=EVALUATE, event="evaluation_run")
def record_evaluation(*, run_id: str, manifest: dict[str, Any], by: Person) -> Done[Run]:
    """Make a finished evaluation known; its files are durable already."""
    row = runs.record(run_id=run_id, kind=evaluations.KIND, manifest=manifest, by=by)
    return Done(row, after={"run": run_id, "policy": row.inputs["question"]["policy"], "match": row.inputs["match"], "sha256": row.result_sha256})


def ask_evaluation(*, question: Question, by: Person) -> Job:
    """Ask for an evaluation in the background; one that waits already is that one.

    Raises:
        access.Forbidden: the person may not evaluate.
        Refusal: the question cannot be asked.
    """
    access.require(by, EVALUATE)
    asked(question)
    return enqueue_once(JOB, {"question": asdict(question)}, by)


@job(JOB)
def evaluation_job(*, job: Running, by: Person, question: dict[str, str]) -> str:
    """:func:`run_evaluation` in the background; answers with the run's name."""
    return run_evaluation(question=Question(**question), by=by).run_id
