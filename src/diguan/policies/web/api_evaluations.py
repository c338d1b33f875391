"""Routes of evaluations: what their pages show, to whom the pages show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from diguan.kernel.api import paging
from diguan.kernel.api.problems import READS
from diguan.kernel.api.versions import told
from diguan.kernel.facts.runs import Run
from diguan.kernel.shell import asking, or_404
from diguan.policies.queries import evaluated

router = Router(tags=["policies"])


class EstimateOut(Schema):
    """A difference with its 95% interval, in the outcome's unit; ``left``: firms compared with, ``right``: firms that crossed or received."""

    estimate: float
    low: float
    high: float
    p: float
    left: int
    right: int


class MethodOut(Schema):
    """What one method says. ``level``: refused, doubt (a check failed: no cause is claimed), open (zero is in the interval), shown. ``warnings`` are codes."""

    level: str
    refused: str
    warnings: list[str]
    effect: EstimateOut | None


class EvaluationOut(Schema):
    """An evaluation: the question, who received by what, and both methods: at the threshold, before and after."""

    run_id: str
    match: str
    as_of: dt.date
    known_at: dt.datetime
    result_sha256: str
    policy: str
    fact: str
    agg: str
    before: str
    after: str
    limit: str
    received_by: str
    threshold: MethodOut
    change: MethodOut


class EvaluationPage(Schema):
    items: list[EvaluationOut]
    next: str | None


def _out(run: Run) -> EvaluationOut:
    found, question = evaluated.told(run), evaluated.question_of(run)
    return EvaluationOut(run_id=run.run_id, match=run.inputs["match"], as_of=run.as_of, known_at=run.known_at, result_sha256=run.result_sha256, policy=question.policy, fact=question.fact,
                         agg=question.agg, before=question.before, after=question.after, limit=question.limit, received_by=run.inputs["received"]["by"],
                         threshold=_method("threshold", found["threshold"]), change=_method("change", found["change"]))


def _method(name: str, found: Mapping[str, Any]) -> MethodOut:
    effect = found.get("effect")
    return MethodOut(level=evaluated.level(name, found), refused=found["refused"], warnings=list(found.get("warnings", ())), effect=EstimateOut(**effect) if effect else None)


@router.get("/evaluations", response={200: EvaluationPage, **READS}, url_name="evaluations")
def list_evaluations(request: HttpRequest, asked: Query[paging.Paging]) -> HttpResponse:
    """The evaluations whose files are whole, newest first."""
    part = paging.of_list(evaluated.recent(asking(request)), lambda run: (-run.pk,), asked)
    return told(EvaluationPage(items=[_out(run) for run in part.rows], next=part.next))


@router.get("/evaluations/{run_id}", response={200: EvaluationOut, **READS}, url_name="evaluation")
def one_evaluation(request: HttpRequest, run_id: str) -> HttpResponse:
    """One evaluation."""
    return told(_out(or_404(evaluated.find(asking(request), run_id))))
