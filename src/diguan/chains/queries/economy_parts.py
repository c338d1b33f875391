"""What the gap ranking takes from the regional economy: how much hangs on a node's sector, and how near its classes are to what the county has."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from diguan.chains.queries import economy as queries
from diguan.chains.queries import shelf
from diguan.chains.queries.economy_places import counts_of, related
from diguan.kernel.refusals import Refusal


@dataclass(frozen=True)
class Parts:
    """What the gap score asks of the economy, by node; a node that is not named is not known."""

    relatedness: Mapping[str, float]
    reach: Mapping[str, float]


def parts() -> Parts:
    """Reach and relatedness of nodes where they are known, the same for whoever looks. A made-up table ranks nothing.

    Reach is the county's output lost if the node's sector went, over the largest such loss; relatedness the density of its classes around what the county has.
    """
    return Parts(_relatedness(), _reached())


def _reached() -> dict[str, float]:
    try:
        found = queries.of_county()
    except Refusal:
        return {}
    if found is None or found.row.example:
        return {}
    most = float(found.extraction.loss.max())
    loss = {code: float(each) / most for code, each in zip(found.table.codes, found.extraction.loss, strict=True)}
    return {key: loss[node.io_sector] for key, node in shelf.nodes().items() if node.io_sector in loss}


def _relatedness() -> dict[str, float]:
    row = queries.places()
    try:
        density = _density(row.upload.sha256, row.upload.name, row.home, row.counts) if row else {}
    except Refusal:
        return {}
    known = {key: [density[code] for code in node.codes if code in density] for key, node in shelf.nodes().items()}
    return {key: float(np.mean(each)) for key, each in known.items() if each}


@functools.lru_cache(maxsize=2)
def _density(sha256: str, name: str, home: str, firms: bool) -> dict[str, float]:
    """By industry, the relatedness density of the county in the newest year."""
    counts = counts_of(sha256, name)
    at = counts.regions.index(home)
    found = related(counts.values[max(counts.values)], at, firms=firms).density[at]
    return {code: float(each) for code, each in zip(counts.industries, found, strict=True) if np.isfinite(each)}
