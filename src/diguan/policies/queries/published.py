"""Reads of a policy's course, as far as publishing its text asks: whether and when it reached ``published``."""

from __future__ import annotations

import datetime as dt

from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.models import Course, Passage
from diguan.policies.queries.life import FLOW, KIND, PUBLISHED


def published_at(policy: str) -> dt.datetime | None:
    """When the policy's newest course last passed into ``published``, if it stands there or later and has not been ended by a status."""
    course = Course.objects.filter(flow=FLOW, subject_kind=KIND, subject_id=policy).select_related("frozen").order_by("-id").first()
    if course is None:
        return None
    order = [step.id for step in course.tree.steps]
    status = course.tree.status.get(course.status)
    reached = [order.index(key) >= order.index(PUBLISHED) for key in stages.progress(course).at if key in order]
    if PUBLISHED not in order or not reached or not all(reached) or (status is not None and status.final):
        return None
    passage = Passage.objects.filter(course=course, target=PUBLISHED).order_by("-id").first()
    return passage.at if passage else None
