"""The demo's ledger of the year that runs: what was signed and what arrived from February to October 2026, and how far those projects are.

How many and how much stands in ``demo.yaml`` under ``promotion_now``; everything is invented. Who is still talked about stands in ``talks.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction

from diguan.site.demo import accounts, investment, pipeline
from diguan.site.demo.pipeline import CONSTRUCTION, CONTRACT, NOT_MADE, REGISTERED, SITED

if TYPE_CHECKING:
    from diguan.projects.models import Project

FIRST, LAST = dt.date(2026, 2, 3), dt.date(2026, 10, 16)
"""What is opened thirty days before the first is of this year too."""
AIMS: Mapping[str, int] = {CONSTRUCTION: 4, SITED: 6, REGISTERED: 10}
"""How many get how far, those signed first the furthest; the others stand at their contract."""


def prepare(params: Mapping[str, Any]) -> int:
    """Sign them, pay, and move each as far as it is to get, one piece a project; how many there are."""
    said = params.get("promotion_now")
    if said is None:
        return 0
    first, second = accounts.known("invest"), accounts.known("invest2")
    plans = investment.plans(said, params["seed"], params["brands"], FIRST, LAST, known=params["promotion"]["new_projects"])
    rows = [_signed(plan, first, second) for plan in plans]
    aims = _aims(rows)
    firms = pipeline.firms_of([row for row in rows if aims[row.pk] != CONTRACT])
    cast = pipeline.Cast(first, second, accounts.known("leader"))
    for place, row in enumerate(rows):
        if row.chain_chief_id is None:
            with transaction.atomic():
                pipeline.Walk(cast, row, place, aims[row.pk], firms.get(row.pk), None).go()
    return len(rows)


def _signed(plan: investment.Plan, first: Any, second: Any) -> Project:
    """A project with its contract and its slips, made in one piece where it is not there."""
    from diguan.projects.models import Project

    row = Project.objects.select_related("course__frozen").filter(name=plan.name).first()
    if row is None:
        with transaction.atomic():
            made = investment.signed(plan, first, second)
            investment.money(plan, made, first, second, LAST)
        row = Project.objects.select_related("course__frozen").get(pk=made.pk)
    return row


def _aims(rows: Sequence[Project]) -> dict[int, str]:
    """How far each gets: of what nobody here makes none gets past its contract."""
    left = [aim for aim, count in AIMS.items() for _turn in range(count)]
    return {row.pk: CONTRACT if row.node in NOT_MADE or not left else left.pop(0) for row in rows}
