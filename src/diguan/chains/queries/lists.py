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
    if not access.may(person, register.VIEW):
        return []
    seen = set(register.visible_coverages(person).filter(node__in=list(view.stands)).values_list("pk", flat=True))
    place = {node: at for at, node in enumerate(view.stands)}
    return sorted((row for row in view.rows if row.pk in seen), key=lambda row: (place[row.node], row.role, row.enterprise.name_key, row.pk))


def building(person: Person, view: ChainView) -> Sequence[Coverage]:
    """Of these, makers that are being built or have not begun to produce."""
    return [row for row in stands(person, view) if row.role == "make" and row.enterprise.production_status in GROWING]


def technique(person: Person, view: ChainView) -> Sequence[Capability]:
    """What the makers of the chain research, standardise and automate: claims verified and in force today that the person may see, by firm."""
    if not (access.may(person, capabilities.VIEW) and access.may(person, register.VIEW)):
        return []
    firms = sorted({row.enterprise_id for row in stands(person, view) if row.role == "make"})
    rows = capabilities.in_state(capabilities.visible_capabilities(person), "verified", clocks.today()).filter(kind__in=TECHNIQUE).select_related("enterprise")
    found = [row for part in chunks(firms) for row in rows.filter(enterprise__in=part)]
    return sorted(found, key=lambda row: (row.enterprise.name_key, TECHNIQUE.index(row.kind), row.name, row.pk))
