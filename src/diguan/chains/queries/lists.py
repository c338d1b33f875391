"""Reads of a chain's lists: who stands where, who is building, and what its firms research; narrowed to what the person may see."""

from __future__ import annotations

from collections.abc import Sequence

from diguan.chains.models import Coverage
from diguan.chains.queries import coverage as register
from diguan.chains.queries.maps import GROWING, ChainView
from diguan.enterprises.models import Capability
from diguan.enterprises.queries import capabilities
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.records import chunks

TECHNIQUE = ("joint_rd", "core_task", "standard", "robot")
"""Which claims of the capability register tell of people and technique."""


def stands(person: Person, view: ChainView) -> Sequence[Coverage]:
    """The chain's verified rows that the person may see, by node, makers first; none for who may not see who stands where."""
    seen = register.seen_at(person, view.stands)
    place = {node: at for at, node in enumerate(view.stands)}
    return sorted((row for row in view.rows if row.pk in seen), key=lambda row: (place[row.node], row.role, row.enterprise.name_key, row.pk))


def building(rows: Sequence[Coverage]) -> Sequence[Coverage]:
    """Of these, makers that are being built or have not begun to produce."""
    return [row for row in rows if row.role == "make" and row.enterprise.production_status in GROWING]


def technique(person: Person, rows: Sequence[Coverage]) -> Sequence[Capability]:
    """What the makers among these research, standardise and automate: claims verified and in force today that the person may see, by firm."""
    if not access.may(person, capabilities.VIEW):
        return []
    firms = sorted({row.enterprise_id for row in rows if row.role == "make"})
    claims = capabilities.in_state(capabilities.visible_capabilities(person), "verified", clocks.today()).filter(kind__in=TECHNIQUE).select_related("enterprise")
    found = [row for part in chunks(firms) for row in claims.filter(enterprise__in=part)]
    return sorted(found, key=lambda row: (row.enterprise.name_key, TECHNIQUE.index(row.kind), row.name, row.pk))
