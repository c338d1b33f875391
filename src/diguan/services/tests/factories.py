"""Rows for the tests of this room and of those above it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.kernel.access.models import Person, Unit
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.services import actions
from diguan.services.actions.life_events import publish_life_event
from diguan.services.engine import fields
from diguan.services.models import LifeEvent, Matter

FIRST = dt.date(2026, 1, 1)


def content_factory(**told: Any) -> dict[str, Any]:
    """A content that may be published as it is."""
    plain = {"name": "公司设立登记", "kind": "行政确认", "exercise_level": "县级", "bureau": "县市监局", "legal_basis": ["中华人民共和国公司法"], "service_object": "法人", "case_type": fields.PROMISED,
             "promised_days": 3, "statutory_days": 5, "visits": 0, "handling_form": [fields.ONLINE], "provisional": True,
             "results": [{"name": "营业执照", "kind": "出证"}], "requirements": [{"meaning": "business_licence"}, {"meaning": "company_name", "quality": "D"}]}
    return {**fields.blank(), **plain, **told}


def draft_factory(key: str = "company_registration", unit: Unit | None = None, by: Person | None = None, **told: Any) -> Matter:
    """A matter with a draft alone, of a bureau, a new one unless given."""
    unit = unit or unit_factory()
    return actions.create_matter(key=key, content=content_factory(**{"bureau": unit.name, **told}), valid_from=FIRST, by=by or person_factory("service_officer"))


def matter_factory(key: str = "company_registration", unit: Unit | None = None, **told: Any) -> Matter:
    """A matter that is published."""
    row = draft_factory(key, unit, **told)
    return actions.publish_matter(matter=row, version=row.version, by=person_factory("service_officer"))


EVENT = """id: {key}
title: {{zh: 开办企业, en: Starting a business}}
valid_from: 2026-01-01
questions: [site]
matters:
  - {{matter: {first}, before: {{days: 3, trips: 2}}}}
  - {{matter: {second}, when: {{site: lease}}, before: {{days: 2, trips: 1}}}}
edges:
  - {{from: {first}, to: {second}, kind: data, evidence: 用执照上的名称}}
before: {{sequential: true, source: 演示}}
"""


def life_event_factory(key: str = "start_business", first: str = "company_registration", second: str = "seal_record") -> LifeEvent:
    """A published life event over two matters, which have to be there."""
    return publish_life_event(text=EVENT.format(key=key, first=first, second=second), by=person_factory("service_officer"))
