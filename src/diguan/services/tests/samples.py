"""How the contracts ask for this room's addresses: who may, and with which arguments (``tests/contracts/world.py``)."""

from __future__ import annotations

import itertools
from typing import Any

from diguan.services.models import LifeEvent, Matter
from diguan.services.tests.factories import draft_factory, life_event_factory, matter_factory

_number = itertools.count(1)


def matter(world: Any) -> dict[str, Any]:
    """A published matter."""
    return {"key": (Matter.objects.filter(key="sample_matter").first() or matter_factory("sample_matter")).key}


def _drafted(world: Any) -> dict[str, Any]:
    return {"key": draft_factory(f"sample_{next(_number)}", name="示例事项").key}


def event(world: Any) -> dict[str, Any]:
    """A published life event over two matters."""
    if not LifeEvent.objects.filter(key="sample_event").exists():
        second = Matter.objects.filter(key="sample_second").first() or matter_factory("sample_second", name="公章刻制备案")
        life_event_factory("sample_event", matter(world)["key"], second.key)
    return {"key": "sample_event"}


SAMPLES = {
    "services:life_events": ("service_officer", None),
    "services:life_event": ("service_officer", event),
    "services:life_event_picture": ("service_officer", event, {"query": "?site=lease", "gives": "part"}),
    "services:matters": ("service_officer", None),
    "services:matter_new": ("service_officer", None),
    "services:adopt": ("service_officer", None, {"gives": "deed"}),
    "services:matter": ("service_officer", matter),
    "services:matter_draft": ("service_officer", matter),
    "services:matter_publish": ("service_officer", _drafted, {"gives": "deed"}),
    "services:matter_drop": ("service_officer", _drafted, {"gives": "deed"}),
}
