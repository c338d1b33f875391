"""A policy on its way and its claims, for tests: through the actions, by several people, as it is in a county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace

from diguan.enterprises.models import Enterprise
from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.evidence.actions import About as Subject
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.tests.factories import evidence_factory
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules import tree
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.actions import moves
from diguan.kernel.stages.actions.moves import About
from diguan.kernel.stages.models import Course
from diguan.kernel.tests.factories import person_factory
from diguan.policies import queries
from diguan.policies.actions import life as actions
from diguan.policies.models import CLAIM, Claim
from diguan.policies.queries import members

REVIEW = {"number": "演示公竞审〔2026〕1号", "issued": dt.date(2025, 12, 18)}
"""As the document of the kiln county says it."""


def people() -> SimpleNamespace:
    """Everybody a policy needs on its way."""
    roles = {"officer": "policy_officer", "second": "policy_officer", "leader": "leader", "clerk": "data_clerk"}
    return SimpleNamespace(**{name: person_factory(role, from_day=dt.date(2026, 1, 1)) for name, role in roles.items()})


def hand_in(policy_id: str, entry: str, who: SimpleNamespace, value: str = "true", **more: object) -> None:
    """One piece, entered by the clerk and verified by the officer."""
    evidence_factory(entry, Subject("policy", policy_id), who.clerk, who.officer, value, **more)


def go(course: Course, to: str, by: Person, **more: object) -> Course:
    """Pass one gate."""
    task = stages.current(course)
    assert task is not None
    return actions.pass_stage(task=task, to=to, version=task.version, by=by, **more)  # type: ignore[arg-type]


def review_of(policy_id: str) -> dict[str, object]:
    """Number and day of the review as a policy's document says them."""
    found = queries.library().policies[policy_id].review
    assert found is not None
    return {"number": found.record, "issued": found.date}


def reviewed(course: Course, who: SimpleNamespace, review: Mapping[str, object] = REVIEW) -> None:
    """Through both reviews, and with the text handed in."""
    hand_in(course.subject_id, "fair_competition_review", who, **review)
    go(course, "fair_competition_reviewed", who.second)
    hand_in(course.subject_id, "legality_review", who)
    go(course, "legality_reviewed", who.officer)
    hand_in(course.subject_id, "policy_text", who)
    if course.subject_id not in queries.library().policies and not Evidence.objects.filter(subject_id=course.subject_id, entry="legal_basis").exists():
        hand_in(course.subject_id, "legal_basis", who, "县级财政预算支出（演示）")


def published(policy_id: str, who: SimpleNamespace, review: Mapping[str, object] = REVIEW) -> Course:
    """A policy that has been published."""
    course = actions.begin_life(policy_id=policy_id, title="清洁窑炉用气补助", by=who.officer)
    reviewed(course, who, review)
    go(course, "published", who.leader)
    return Course.objects.get(pk=course.pk)


def claim_factory(run: Run, policy_id: str, uscc: str, by: Person, *, officer: Person | None = None) -> Claim:
    """One firm's claim as the run has it, at its first stage."""
    policy, firm = queries.library().policies[policy_id], Enterprise.objects.get(uscc=uscc)
    fen = members.stood(run, policy, tree.ELIGIBLE).get(uscc) or 0
    row = Claim.objects.create(policy=policy_id, policy_version=policy.digest, enterprise=firm, delivery="fast", amount_fen=fen, match=run.run_id,
                               officer=officer, created_by=by, changed_by=by)
    row.course = moves.start(moves.flow_named(CLAIM), About(CLAIM, str(row.pk), f"{policy.label()} {firm.name}", uscc=uscc), by, clocks.today(), "")
    row.save()
    return row
