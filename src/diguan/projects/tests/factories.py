"""Rows for the tests of this room and of those above it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.kernel.access.models import Person
from diguan.projects.actions import leads, projects
from diguan.projects.models import Lead, LeadSource, Project


def lead_factory(by: Person, firm: str = "深圳样例机芯有限公司", **values: Any) -> Lead:
    """A lead that this person registered and holds."""
    said = leads.Said(**{"title": f"{firm}想来看看", "firm_name": firm, "source": LeadSource.HOMETOWN_TIES, "came_on": dt.date(2026, 10, 26)} | values)
    return leads.register_lead(said=said, by=by)


def project_factory(by: Person, name: str = "样例机芯项目", **values: Any) -> Project:
    """A project this person opened by itself, without a lead."""
    said = projects.Said(**{"name": name, "investor": "深圳样例机芯有限公司", "source": LeadSource.CHAIN_TEAM} | values)
    return projects.open_project(said=said, by=by)
