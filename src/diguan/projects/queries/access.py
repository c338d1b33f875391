"""Reads of access reviews: the standards of the packs, a review judged part by part, whether a pass still holds (fact ``project.access_passed``)."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from diguan.kernel import access, clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.evidence.models import EvidenceState
from diguan.projects.engine import access as engine
from diguan.projects.engine.access import Answers, Result, Standard
from diguan.projects.models import AccessReview, Project
from diguan.projects.queries.projects import teller, visible_projects

VIEW = "projects.view_review"
ENTER = "projects.enter_review"
VERIFY = "projects.verify_review"
DECIDE = "projects.decide_review"
FILE = "access.yaml"
FACT = "project.access_passed"
MU = 10_000
FEN_PER_WAN = 1_000_000


# ── standards ────────────────────────────────────────────────────────────────
def standards() -> Sequence[Standard]:
    """Every version of the packs; a later pack's replaces one of the same id.

    Raises:
        PackError: something in a file is wrong.
    """
    return _standards(tuple((path, path.stat().st_mtime_ns) for path in packs.files(FILE)))


@functools.lru_cache(maxsize=4)
def _standards(stamped: tuple[tuple[Path, int], ...]) -> Sequence[Standard]:
    found: dict[str, Standard] = {}
    for path, _stamp in stamped:
        for raw in packs.entries(path):
            one = engine.read(raw, f"{path.parent.name}/{path.name}")
            found[one.id] = one
    return tuple(found.values())


def standard_on(day: dt.date) -> Standard | None:
    """The standard of a day: of several in force the one that began last."""
    return max((one for one in standards() if one.in_force(day)), key=lambda one: one.start, default=None)


@functools.lru_cache(maxsize=64)
def _kept(text: str) -> Standard:
    return engine.read(json.loads(text), "kept")


def standard_of(review: AccessReview) -> Standard:
    """The standard a review was judged by, as it stood then."""
    return _kept(json.dumps(review.standard, ensure_ascii=False, sort_keys=True))


# ── reviews ──────────────────────────────────────────────────────────────────
def visible_reviews(person: Person) -> QuerySet[AccessReview]:
    """The reviews a person may see: those their right reaches of projects they see."""
    rows = access.visible(AccessReview.objects.all(), person, VIEW).filter(project__in=visible_projects(person).order_by().values("pk"))
    return rows.select_related("project__course", "entered_by", "verified_by", "decided_by", "minutes__upload")


def basis_of(project: Project) -> dict[str, Any]:
    """What of a project a review rests on; does it change, a pass no longer holds."""
    return {"industry": project.industry, "planned_fen": project.planned_fen, "land": project.land, "jobs": project.jobs, "investor": project.investor_key, "kind": project.kind}


def answers_of(said: Mapping[str, Any]) -> Answers:
    """What was filled in, as the engine takes it; figures are decimal text."""
    return Answers({name: Fraction(text) for name, text in said.get("inputs", {}).items()}, said.get("choices", {}), said.get("vetoes", {}), said.get("diligence", {}))


def first_answers(standard: Standard, project: Project, day: dt.date) -> dict[str, Any]:
    """What a review begins with: the project's own figures, and what the list of regulated industries says of its industry."""
    known = {"planned": (project.planned_fen, FEN_PER_WAN), "land": (project.land, MU), "jobs": (project.jobs, 1)}
    asked = [(one.id, *known[one.place]) for one in standard.inputs if one.place]
    inputs = {name: written(Fraction(number, scale)) for name, number, scale in asked if number is not None}
    return {"inputs": inputs, "choices": {}, "vetoes": engine.prefilled(standard, project.industry, day), "diligence": {}, "note": ""}


def written(value: Fraction) -> str:
    """A figure as decimal text, to six places; what the columns of a project hold is written exactly.

    >>> written(Fraction(36001, 10)), written(Fraction(50))
    ('3600.1', '50')
    """
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class ReviewView:
    """One review as a person sees it, judged by the standard it kept."""

    person: Person
    row: AccessReview

    @cached_property
    def standard(self) -> Standard:
        """What it is judged by."""
        return standard_of(self.row)

    @cached_property
    def result(self) -> Result:
        """Every part."""
        return engine.judge(self.standard, answers_of(self.row.answers), str(self.row.basis.get("industry", "")), self.row.day)

    @cached_property
    def stale(self) -> bool:
        """Whether it no longer speaks of the project as it is."""
        return is_stale(self.row, self.row.project)


def find(person: Person, number: int) -> ReviewView | None:
    """The review of this number, if the person may see it."""
    row = visible_reviews(person).filter(pk=number).first()
    return ReviewView(person, row) if row else None


def is_stale(review: AccessReview, project: Project) -> bool:
    """Whether the project changed since, in what the review rests on."""
    return bool(review.basis != basis_of(project))


def holds(review: AccessReview, project: Project, day: dt.date) -> bool:
    """Whether a decided review is a pass that still holds: its minutes verified and not taken back, the project as it was."""
    minutes = review.minutes
    return (review.decision == AccessReview.Decision.PASSED and review.decided_on is not None and review.decided_on <= day
            and minutes is not None and minutes.state == EvidenceState.VERIFIED and not is_stale(review, project))


@teller
def told(row: Project, day: dt.date) -> dict[str, int | str]:
    """The fact ``project.access_passed``: the newest review counts; one that is open again after a decision is no pass. None yet: nobody knows."""
    found = list(AccessReview.objects.filter(project=row).select_related("minutes").order_by("-id")[:2])
    if not found or (len(found) == 1 and found[0].state != AccessReview.State.DECIDED):
        return {}
    return {FACT: int(found[0].state == AccessReview.State.DECIDED and holds(found[0], row, day))}


def panel(person: Person, project: Project) -> dict[str, Any] | None:
    """What the project's page shows of its access reviews."""
    rows = list(visible_reviews(person).filter(project=project)[:5])
    return {"project": project, "reviews": [{"row": row, "holds": row.state == AccessReview.State.DECIDED and row is rows[0] and holds(row, project, clocks.today()), "stale": is_stale(row, project)} for row in rows],
            "may_start": access.may(person, ENTER, project) and not any(row.state != AccessReview.State.DECIDED for row in rows)}
