"""The county's matters and life events, taken from the packs; one matter has a second version in force, another a draft that waits."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from diguan.site.demo import accounts
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.services.models import Matter

TAKEN = dt.date(2025, 1, 6)
FROM = dt.date(2026, 9, 1)
NEXT = dt.date(2026, 12, 1)


def prepare() -> int:
    """Take in what is not there yet; answers how many matters and life events were."""
    from diguan.services.actions import packs, publish_matter
    from diguan.services.models import Matter

    first, second = accounts.known("service"), accounts.known("service2")
    with on(TAKEN):
        taken = packs.adopt(by=first) if not Matter.objects.filter(versions__number=2).exists() else 0
    faster = _drafted(Matter.objects.get(key="food_production_permit"), first, FROM, {"promised_days": 5, "conditions": ["有与生产的食品相适应的场所、设备和人员", "有保证食品安全的规章制度"]})
    if faster is not None:
        publish_matter(matter=faster, version=faster.version, by=second, reason="压减承诺时限（演示）")
    _drafted(Matter.objects.get(key="drainage_permit"), first, NEXT, {"promised_days": 3, "visits": 0, "visits_reason": ""})
    return taken


def _drafted(row: Matter, by: Any, first: dt.date, changes: dict[str, Any]) -> Matter | None:
    """A draft of a second version; None where there is one already."""
    from diguan.services.actions import draft_matter

    if row.versions.count() > 1:
        return None
    last = row.versions.get()
    return draft_matter(matter=row, version=row.version, content={**last.content, **changes}, valid_from=first, by=by)
