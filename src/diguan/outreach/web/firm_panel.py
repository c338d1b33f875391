"""The card on an enterprise's, a lead's and a project's page: who went to see this firm, and who is about to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from diguan.enterprises.models import Enterprise
from diguan.outreach.queries import visits
from diguan.outreach.web.tables import outcome_status
from diguan.projects.models import Lead, Project

MOST = 5


def of_enterprise(person: Any, row: Enterprise) -> dict[str, Any] | None:
    """Of a firm of the register."""
    return _of(person, row.name)


def of_lead(person: Any, row: Lead) -> dict[str, Any] | None:
    """Of the firm of a lead."""
    return _of(person, row.firm_name)


def of_project(person: Any, row: Project) -> dict[str, Any] | None:
    """Of a project's investor."""
    return _of(person, row.investor)


def _of(person: Any, name: str) -> dict[str, Any] | None:
    """Visits to a firm of this name and calls that are planned, as far as the person may read them; None where there are none."""
    made, planned = visits.made_to(person, name), visits.planned_to(person, name)
    rows = list(made[:MOST + 1])
    if not rows and not planned:
        return None
    return {"visits": [(one, outcome_status(one)) for one in rows[:MOST]], "planned": planned,
            "all": f"{reverse('outreach:visits')}?{urlencode({'q': name})}" if len(rows) > MOST else ""}
