"""Every fact that a room declares is in the catalogue as told by who keeps it, and every such fact has its room."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from diguan.kernel import packs
from diguan.kernel.catalogue import Catalogue, make_spec
from diguan.kernel.facts import declare
from diguan.kernel.facts.declare import REGISTRY

pytestmark = pytest.mark.one_database


def fact_faults(declared: Mapping[str, str], catalogue: Catalogue) -> list[str]:
    """A fact the catalogue does not know, or not from who keeps it, is told and heard by nobody; one without a room is never told."""
    keepers = {REGISTRY, *declared.values()}
    told = {(spec.name, source) for spec in catalogue.values() for source in spec.sources if source in keepers and spec.period == "none"}
    kept = set(declared.items())
    return [f"{name}: @fact without a line in facts.yaml (no period, sources: [{source}])" for name, source in sorted(kept - told)] + [
        f"{name}: a line in facts.yaml without its @fact (source {source})" for name, source in sorted(told - kept)]


def test_every_declared_fact_is_in_the_catalogue_and_the_other_way_round():
    assert fact_faults(declare.sources(), packs.catalogue()) == []


@pytest.mark.parametrize(("name", "period", "source", "faults"), [
    ("parks.rents", "none", REGISTRY, 0), ("parks.rent", "none", REGISTRY, 2), ("parks.rents", "month", REGISTRY, 1), ("parks.rents", "none", "tax_bureau", 1)])
def test_a_planted_slip_is_named(name, period, source, faults):
    spec = make_spec("here", name=name, type="bool", period=period, sources=(source,))
    assert len(fact_faults({"parks.rents": REGISTRY}, Catalogue([spec]))) == faults
